use std::fmt;

/// The way from commit to artifact as far as evidence proves it, and every reason why it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// What is proven, in the order of the path.
    pub links: Vec<Link>,
    /// What whoever relies on the artifact should know, though the gate let it pass.
    pub warnings: Vec<String>,
    /// Why the artifact is not proven; empty when it is.
    pub failures: Vec<Failure>,
}

/// One station of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which one, such as `commit`.
    pub label: &'static str,
    /// What is known of it, for people.
    pub value: String,
}

/// One reason why an artifact is not proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, such as `plan of the verdict`.
    pub what: &'static str,
    /// What it had to be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.what, self.expected, self.found)
    }
}

impl Chain {
    /// Whether nothing is missing and everything fits.
    pub fn is_proven(&self) -> bool {
        self.failures.is_empty()
    }

    pub(crate) fn link(&mut self, label: &'static str, value: impl Into<String>) {
        self.links.push(Link { label, value: value.into() });
    }

    pub(crate) fn fail(&mut self, what: &'static str, expected: impl Into<String>, found: impl Into<String>) {
        self.failures.push(Failure { what, expected: expected.into(), found: found.into() });
    }

    /// Fails unless `found` is `expected`.
    pub(crate) fn require(&mut self, what: &'static str, expected: &str, found: Option<&str>) {
        if found != Some(expected) {
            self.fail(what, expected, found.unwrap_or("none"));
        }
    }
}
