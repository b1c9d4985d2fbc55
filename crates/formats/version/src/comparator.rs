use std::cmp::Ordering;
use std::fmt;

/// How a version has to stand to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparator {
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
}

impl Comparator {
    /// The sign as VERS has it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether an order satisfies it.
    pub const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// Takes the sign that a text begins with, in any spelling that an ecosystem has.
    pub(crate) fn take(rest: &mut &str) -> Option<Self> {
        const SIGNS: [(&str, Comparator); 14] = [
            ("===", Comparator::Equal),
            ("==", Comparator::Equal),
            ("=<", Comparator::LessOrEqual),
            ("=>", Comparator::GreaterOrEqual),
            ("=", Comparator::Equal),
            ("!==", Comparator::NotEqual),
            ("!=", Comparator::NotEqual),
            ("<>", Comparator::NotEqual),
            ("<<", Comparator::Less),
            (">>", Comparator::Greater),
            ("<=", Comparator::LessOrEqual),
            (">=", Comparator::GreaterOrEqual),
            ("<", Comparator::Less),
            (">", Comparator::Greater),
        ];
        let (comparator, after) =
            SIGNS.iter().find_map(|(sign, comparator)| Some((*comparator, rest.strip_prefix(sign)?)))?;
        *rest = after;
        Some(comparator)
    }
}

impl fmt::Display for Comparator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.sign())
    }
}
