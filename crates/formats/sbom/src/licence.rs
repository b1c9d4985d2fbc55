//! Licences: SPDX expressions, what people write in their place, and whether a list allows them.
//!
//! The identifiers are those of the SPDX list, by way of the crate `spdx`.

mod judge;
mod parse;
mod spellings;

use std::fmt;

pub use judge::{Judgement, check_entry, judge};
pub use parse::LicenceError;

/// One licence in an expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Licence {
    id: String,
    or_later: bool,
    exception: Option<String>,
}

impl Licence {
    /// The identifier in the spelling of the SPDX list, or `LicenseRef-...`, maybe behind `DocumentRef-...:`. Old identifiers of the
    /// GNU licences are the new ones: `GPL-2.0` is `GPL-2.0-only`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether a `+` allows later versions too.
    pub const fn is_or_later(&self) -> bool {
        self.or_later
    }

    /// The exception behind `WITH`.
    pub fn exception(&self) -> Option<&str> {
        self.exception.as_deref()
    }

    /// Whether the document that speaks of it defines it, instead of the SPDX list.
    pub fn is_reference(&self) -> bool {
        self.id.starts_with("LicenseRef-") || self.id.starts_with("DocumentRef-")
    }
}

impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.id, if self.or_later { "+" } else { "" })?;
        self.exception.as_ref().map_or(Ok(()), |exception| write!(f, " WITH {exception}"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Node {
    Licence(Licence),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// An SPDX licence expression (SPDX 2.3, annex D).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expression(Node);

impl Expression {
    /// Reads one as the specification has it; identifiers in any case.
    ///
    /// # Errors
    /// When it is none, names a licence or exception that is not on the list, or is too long or too deep.
    pub fn parse(text: &str) -> Result<Self, LicenceError> {
        parse::expression(text).map(Self)
    }

    /// Reads what a package declares: an expression, or one of the many things that people write in its place, such as `Apache 2.0`,
    /// `MIT/X11`, `GPLv2+`, `License :: OSI Approved :: MIT License`.
    ///
    /// # Errors
    /// When it says nothing that can be told for certain, such as `BSD` or `GPL`.
    pub fn of_declared(text: &str) -> Result<Self, LicenceError> {
        spellings::expression(text).map(Self)
    }

    /// Every licence in it, in order, with repetitions.
    pub fn licences(&self) -> Vec<&Licence> {
        let mut found = Vec::new();
        collect(&self.0, &mut found);
        found
    }

    /// The licence that it is, when it is but one.
    pub fn single(&self) -> Option<&Licence> {
        match &self.0 {
            Node::Licence(licence) => Some(licence),
            _ => None,
        }
    }
}

fn collect<'a>(node: &'a Node, found: &mut Vec<&'a Licence>) {
    match node {
        Node::Licence(licence) => found.push(licence),
        Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| collect(part, found)),
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.0, f)
    }
}

fn show(node: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (parts, word) = match node {
        Node::Licence(licence) => return write!(f, "{licence}"),
        Node::All(parts) => (parts, " AND "),
        Node::Any(parts) => (parts, " OR "),
    };
    for (number, part) in parts.iter().enumerate() {
        f.write_str(if number == 0 { "" } else { word })?;
        if matches!(part, Node::Licence(_)) {
            show(part, f)?;
        } else {
            f.write_str("(")?;
            show(part, f)?;
            f.write_str(")")?;
        }
    }
    Ok(())
}
