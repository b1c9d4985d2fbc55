//! Texts that are one value and nothing else, as files are that are named after a credential: `db_password.txt`, `.vault_pass`. Such a
//! value has nothing beside it that some rules for tokens ask for; here it needs nothing.

use palisade_model::{Confidence, Span};

use crate::candidate::{Candidate, Scope};
use crate::compile::{Method, Rule, Tier};
use crate::reading::Matchers;

/// Largest text that is looked at, in bytes.
const MAX_TEXT: usize = 1024;

/// The rule that judges a value, and a statement that asks it to.
const RULE: &str = "generic-assignment";
const BEFORE: &[u8] = b"password = \"";
const AFTER: &[u8] = b"\"\n";

/// The only value of a text: as a token of a vendor beside those that are `known`, and, if it could be a credential, as what counts
/// where the file's name says so.
pub(crate) fn find(matchers: &Matchers, text: &[u8], known: &[Candidate]) -> Vec<Candidate> {
    let Some(span) = only_value(text) else { return Vec::new() };
    let value = text.get(span.start..span.end).unwrap_or_default();
    let statement = [BEFORE, value, AFTER].concat();
    let whole = Span::new(BEFORE.len(), BEFORE.len() + value.len());
    let found = matchers.statement(&statement).into_iter().filter(|candidate| candidate.secret == whole);
    let told = |candidate: Candidate| {
        let rule = matchers.rules.get(usize::from(candidate.rule))?;
        if rule.info.id.as_str() == RULE {
            let message = "the file is named after a credential and holds this alone".to_owned();
            return Some(Candidate { secret: span, scope: Scope::Named, message, ..candidate });
        }
        let is_known = known.iter().any(|other| (other.rule, other.secret) == (candidate.rule, span));
        (is_token(rule) && !is_known).then_some(Candidate { secret: span, ..candidate })
    };
    found.filter_map(told).collect()
}

/// Whether what a rule finds is one vendor's by its own form.
fn is_token(rule: &Rule) -> bool {
    let by_form = matches!(rule.method, Method::Regex(_));
    by_form && rule.tier == Tier::Vendor && rule.info.confidence == Confidence::High
}

/// The one word of a text in which all other lines are empty or remarks.
fn only_value(text: &[u8]) -> Option<Span> {
    if text.len() > MAX_TEXT || !text.is_ascii() {
        return None;
    }
    let mut value = None;
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let word = line.trim_ascii();
        if !word.is_empty() && !word.starts_with(b"#") {
            let plain = word.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
            if value.is_some() || !plain {
                return None;
            }
            let before = line.len() - line.trim_ascii_start().len();
            value = Some(Span::new(start + before, start + before + word.len()));
        }
        start += line.len();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_is_a_value() {
        let cases = [
            ("hk2!correct", Some("hk2!correct")),
            ("# the database's\n\n  hk2!correct\r\n", Some("hk2!correct")),
            ("two words", None),
            ("two\nlines\n", None),
            ("\"quoted\"", None),
            ("# nothing\n", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let value = only_value(text.as_bytes()).and_then(|span| text.get(span.start..span.end));
            assert_eq!(value, expected, "{text}");
        }
    }
}
