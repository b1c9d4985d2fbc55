use std::fmt;

use crate::LayerName;

/// A place in a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The module's name.
    pub module: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.module, self.line, self.column)
    }
}

/// Why modules are not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not Rego, or Rego with an error that shows before it runs.
    #[error("{place}: {message}")]
    Rego {
        /// Where.
        place: Place,
        /// What is wrong.
        message: String,
    },
    /// The interpreter refuses the modules without saying where.
    #[error("cannot compile the {layer} policy: {message}")]
    Compile {
        /// Whose.
        layer: LayerName,
        /// What it says.
        message: String,
    },
    /// A function that is not known.
    #[error("{place}: no function `{name}` (it is neither defined here nor a builtin of the gate)")]
    UnknownFunction {
        /// Where it is called.
        place: Place,
        /// Its name.
        name: String,
    },
    /// A function whose answer is not the same every time.
    #[error(
        "{place}: `{name}` is not available to a policy, because a verdict must come out the same every time (the clock is `input.now`)"
    )]
    Undetermined {
        /// Where it is called.
        place: Place,
        /// Its name.
        name: String,
    },
    /// A function that calls itself, directly or not.
    #[error("{place}: function `{name}` calls itself")]
    Recursion {
        /// Where it is defined.
        place: Place,
        /// Its name.
        name: String,
    },
    /// An expression that is too deep to be evaluated safely.
    #[error("{place}: nested more than {limit} levels deep")]
    TooDeep {
        /// Where the rule starts.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// A rule with a name that the gate asks for, in a package that it never asks.
    #[error(
        "{place}: `{rule}` in package `{package}` would never be asked (move it to package `palisade.gate` or below)"
    )]
    Misplaced {
        /// Where it is.
        place: Place,
        /// Its name.
        rule: String,
        /// Its package.
        package: String,
    },
    /// Nothing that could deny.
    #[error(
        "the {layer} policy has no rule `deny`, `warn` or `require_approval` in package `palisade.gate` or below"
    )]
    NoRules {
        /// Whose.
        layer: LayerName,
    },
    /// A policy that replaces the default and can't deny.
    #[error("a policy that replaces the default one needs a rule `deny` in package `palisade.gate` or below")]
    NoDeny,
    /// More modules than are read.
    #[error("{count} policy modules, the limit is {limit}")]
    TooManyModules {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// More rules than are read.
    #[error("the {layer} policy has {count} rules, the limit is {limit}")]
    TooManyRules {
        /// Whose.
        layer: LayerName,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Two modules of one name.
    #[error("two policy modules are named `{module}`")]
    SameName {
        /// The name.
        module: String,
    },
    /// Data that is no object, or has a key that belongs to the rules.
    #[error("policy data must be an object without the key `palisade`")]
    Data,
    /// The interpreter panicked or did not come to an end while compiling.
    #[error("the {layer} policy can't be compiled: the interpreter {how}")]
    Crashed {
        /// Whose.
        layer: LayerName,
        /// What it did.
        how: &'static str,
    },
}

/// Why a stored input is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// Over the limit.
    #[error("gate input has {size} bytes, the limit is {limit}")]
    TooLarge {
        /// Its size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// Not JSON, or not of the form of docs/schemas/gate-input-v1.json.
    #[error("not a gate input (palisade/gate-input/v1): {0}")]
    Form(String),
    /// A field that is not described, or one that is missing.
    #[error("not a gate input (palisade/gate-input/v1): a field is unknown or missing at `{0}`")]
    Field(String),
}

/// An error of the interpreter taken apart: it writes `--> MODULE:LINE:COLUMN`, the source line, a caret, and `error: MESSAGE`.
pub(crate) fn located(text: &str) -> (Option<Place>, String) {
    let place = text.lines().find_map(|line| place(line.strip_prefix("--> ")?));
    let message = text.split_once("error: ").map_or(text, |(_, message)| message);
    (place, one_line(message))
}

/// The same in one line, `MODULE:LINE:COLUMN: MESSAGE`.
pub(crate) fn described(text: &str) -> String {
    match located(text) {
        (Some(place), message) => format!("{place}: {message}"),
        (None, message) => message,
    }
}

fn place(text: &str) -> Option<Place> {
    let (rest, column) = text.rsplit_once(':')?;
    let (module, line) = rest.rsplit_once(':')?;
    Some(Place { module: module.to_owned(), line: line.parse().ok()?, column: column.parse().ok()? })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_name_may_hold_colons() {
        let text = "\n--> C:/gate.rego:12:3\n   |\n12 | x\n   |   ^\nerror: use of undefined\n variable";
        let place = Place { module: "C:/gate.rego".into(), line: 12, column: 3 };
        assert_eq!(located(text), (Some(place), "use of undefined variable".into()));
        assert_eq!(located("plain"), (None, "plain".into()));
    }
}
