//! Texts that are one value and nothing else, as files are that are named after a credential: `db_password.txt`, `.vault_pass`.

use palisade_model::Span;

use crate::candidate::{Candidate, Scope};
use crate::compile::Rule;
use crate::reading::Matchers;

/// Largest text that is looked at, in bytes.
const MAX_TEXT: usize = 1024;

/// The rule that judges a value, and a statement that asks it to.
const RULE: &str = "generic-assignment";
const BEFORE: &[u8] = b"password = \"";
const AFTER: &[u8] = b"\"\n";

/// The only value of a text, if it could be a credential. Whether it counts is for the file's name to say.
pub(crate) fn find(matchers: &Matchers, text: &[u8]) -> Option<Candidate> {
    let span = only_value(text)?;
    let statement = [BEFORE, text.get(span.start..span.end)?, AFTER].concat();
    let judged = |rule: &Rule| rule.info.id.as_str() == RULE;
    let candidate = matchers.statement(&statement).into_iter().find(|candidate| {
        let whole = candidate.secret == Span::new(BEFORE.len(), BEFORE.len() + span.end - span.start);
        whole && matchers.rules.get(usize::from(candidate.rule)).is_some_and(judged)
    })?;
    Some(Candidate {
        secret: span,
        scope: Scope::Named,
        message: "the file is named after a credential and holds this alone".to_owned(),
        ..candidate
    })
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
