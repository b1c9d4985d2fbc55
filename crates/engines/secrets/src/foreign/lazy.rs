use std::sync::OnceLock;

use palisade_gitleaks::Pattern;
use regex::bytes::{Regex, RegexBuilder};

/// Largest compiled program of one foreign regex, in bytes.
const SIZE_LIMIT: usize = 10 * 1024 * 1024;

/// A regex that is compiled when it is first needed.
#[derive(Debug)]
pub(crate) struct LazyRegex {
    text: String,
    compiled: OnceLock<Result<Regex, String>>,
}

impl LazyRegex {
    pub(crate) fn new(pattern: &Pattern) -> Self {
        Self { text: pattern.text().to_owned(), compiled: OnceLock::new() }
    }

    /// The pattern.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The regex, or why it cannot be compiled.
    pub(crate) fn get(&self) -> Result<&Regex, String> {
        let compile = || {
            let built = RegexBuilder::new(&self.text).size_limit(SIZE_LIMIT).nest_limit(1000).build();
            built.map_err(|error| match error {
                regex::Error::CompiledTooBig(limit) => {
                    format!("a regex takes more than {limit} bytes when compiled")
                }
                error => error.to_string(),
            })
        };
        self.compiled.get_or_init(compile).as_ref().map_err(Clone::clone)
    }

    /// Whether it matches; one that cannot be compiled does not.
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        self.get().is_ok_and(|regex| regex.is_match(text))
    }
}
