use std::sync::OnceLock;

use palisade_model::{RuleId, RuleInfo};
use palisade_rulefile::{Checksum, Matcher, RuleFile, Search};
use regex::bytes::{Regex, RegexBuilder};

use crate::rules::{Function, function};

/// Largest compiled program and lazy automaton of one rule, in bytes.
const REGEX_LIMIT: usize = 1024 * 1024;

/// A rule that can be read but not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The regex does not compile, or is too large.
    #[error("rule `{rule}`: {message}")]
    Regex {
        /// The rule.
        rule: RuleId,
        /// What the regex engine says.
        message: String,
    },
    /// The regex matches the empty text.
    #[error("rule `{rule}`: the regex matches the empty text")]
    MatchesNothing {
        /// The rule.
        rule: RuleId,
    },
    /// The rule asks for a function that this engine does not have.
    #[error("rule `{rule}`: this engine has no function of that name")]
    NoFunction {
        /// The rule.
        rule: RuleId,
    },
    /// Two rules have one id.
    #[error("rule `{rule}` is there twice")]
    Duplicate {
        /// The rule.
        rule: RuleId,
    },
    /// The keywords do not fit into one sieve.
    #[error("{keywords} keywords are too many")]
    TooManyKeywords {
        /// How many they are.
        keywords: usize,
    },
}

/// What the id of a foreign rule holds that looks for anything, as gitleaks has it.
pub(crate) const GENERIC: &str = "generic";

/// How specific a rule is; on overlap the more specific wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// Anything that looks like a credential.
    Generic,
    /// A format that many vendors use.
    Structure,
    /// One vendor's own format.
    Vendor,
}

/// A rule, ready to be tried.
pub(crate) struct Rule {
    pub(crate) info: RuleInfo,
    pub(crate) family: RuleId,
    pub(crate) tier: Tier,
    pub(crate) keywords: Vec<String>,
    pub(crate) window: usize,
    pub(crate) boundary: bool,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) entropy: Option<f64>,
    pub(crate) method: Method,
}

/// What is tried near an anchor.
pub(crate) enum Method {
    Regex(LazyRegex),
    Function(Function),
    /// Nothing: a foreign rule looks at whole texts.
    Foreign,
}

impl Rule {
    /// Finds the faults of its regex now.
    pub(crate) fn check(&self) -> Result<(), RuleError> {
        match &self.method {
            Method::Regex(regex) => regex.check(),
            Method::Function(_) | Method::Foreign => Ok(()),
        }
    }

    /// What the engine needs to know of a foreign rule.
    pub(crate) fn foreign(info: RuleInfo) -> Self {
        let generic = info.id.as_str().contains(GENERIC);
        Self {
            family: info.id.clone(),
            tier: if generic { Tier::Generic } else { Tier::Structure },
            info,
            keywords: Vec::new(),
            window: 0,
            boundary: false,
            checksum: None,
            entropy: None,
            method: Method::Foreign,
        }
    }

    pub(crate) fn compile(file: RuleFile) -> Result<Self, RuleError> {
        let RuleFile { info, family, matcher, .. } = file;
        let Matcher { keywords, search, window, boundary, checksum, entropy } = matcher;
        let method = match search {
            Search::Regex(text) => {
                Method::Regex(LazyRegex { rule: info.id.clone(), text, compiled: OnceLock::new() })
            }
            Search::Function => match function(info.id.as_str()) {
                Some(function) => Method::Function(function),
                None => return Err(RuleError::NoFunction { rule: info.id }),
            },
        };
        let tier = tier(&info);
        Ok(Self { info, family, tier, keywords, window, boundary, checksum, entropy, method })
    }
}

fn tier(info: &RuleInfo) -> Tier {
    match info.tags.first() {
        Some(tag) if tag.starts_with("vendor:") => Tier::Vendor,
        Some(tag) if tag == GENERIC => Tier::Generic,
        _ => Tier::Structure,
    }
}

/// A regex that is compiled when it is first wanted: most rules are never tried on most entries.
pub(crate) struct LazyRegex {
    rule: RuleId,
    text: String,
    compiled: OnceLock<SecretRegex>,
}

/// A compiled regex.
pub(crate) struct SecretRegex {
    pub(crate) regex: Regex,
    /// The group that is the secret; 0 is the whole match.
    pub(crate) group: usize,
}

impl LazyRegex {
    /// Compiles it now, so that its faults are known.
    pub(crate) fn check(&self) -> Result<(), RuleError> {
        let compiled = compile(&self.rule, &self.text)?;
        // Set before only by a check, to the same.
        let _ = self.compiled.set(compiled);
        Ok(())
    }

    /// The compiled regex.
    #[expect(clippy::panic, reason = "a rule that cannot be tried must not pass for one that finds nothing")]
    pub(crate) fn get(&self) -> &SecretRegex {
        self.compiled.get_or_init(|| match compile(&self.rule, &self.text) {
            Ok(compiled) => compiled,
            Err(error) => panic!("a shipped rule does not compile: {error}"),
        })
    }
}

/// What is wrong with a regex, in one line: the regex engine draws the regex with marks under it, and says what it is in the last.
fn said(error: &regex::Error) -> String {
    let drawn = error.to_string();
    let last = drawn.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).trim_end_matches('.').to_lowercase()
}

fn compile(rule: &RuleId, text: &str) -> Result<SecretRegex, RuleError> {
    let built = RegexBuilder::new(text)
        .unicode(false)
        .size_limit(REGEX_LIMIT)
        .dfa_size_limit(REGEX_LIMIT)
        .nest_limit(64)
        .build();
    let regex = built.map_err(|error| RuleError::Regex { rule: rule.clone(), message: said(&error) })?;
    if regex.is_match(b"") {
        return Err(RuleError::MatchesNothing { rule: rule.clone() });
    }
    let group = regex.capture_names().position(|name| name == Some("secret")).unwrap_or(0);
    Ok(SecretRegex { regex, group })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_in_one_line_what_is_wrong_with_a_regex() {
        let rule = RuleId::new("acme").unwrap();
        for (regex, message) in [
            ("acme_[0-9", "unclosed character class"),
            ("acme_(?=a)b", "look-around, including look-ahead and look-behind, is not supported"),
            ("(?:a{1000}){1000}", "compiled regex exceeds size limit of 1048576 bytes"),
        ] {
            let error = compile(&rule, regex).err().unwrap();
            assert_eq!(error.to_string(), format!("rule `acme`: {message}"));
        }
    }
}
