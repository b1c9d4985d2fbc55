//! Texts and problems out of hostile records.

use palisade_model::{Reading, ReadingProblem, is_unprintable};

/// Bytes of a name, a version, a licence or another single value.
const MAX_FIELD: usize = 4096;

/// Problems that one record tells; one more says that there are others.
const MAX_PROBLEMS: usize = 100;

/// The value as text, if it may be one: not empty, not too long, UTF-8, without control characters.
pub(crate) fn text(value: &[u8]) -> Result<String, &'static str> {
    let text = std::str::from_utf8(value).map_err(|_| "is not UTF-8")?.trim();
    if text.is_empty() {
        return Err("is empty");
    }
    if text.len() > MAX_FIELD {
        return Err("is longer than 4096 bytes");
    }
    if text.chars().any(is_unprintable) {
        return Err("has control characters");
    }
    Ok(text.to_owned())
}

/// The same where a broken value is as good as none.
pub(crate) fn optional(value: Option<&[u8]>) -> Option<String> {
    text(value?).ok()
}

/// Adds a problem to `reading`, unless there are too many already.
pub(crate) fn problem(reading: &mut Reading, line: u32, detail: impl Into<String>) {
    let line = (line > 0).then_some(line);
    match reading.problems.len() {
        ..MAX_PROBLEMS => reading.problems.push(ReadingProblem { line, detail: detail.into() }),
        MAX_PROBLEMS => {
            let detail = "has more problems than are told".to_owned();
            reading.problems.push(ReadingProblem { line: None, detail });
        }
        _ => {}
    }
}

/// The lines of a text with their numbers from 1, without line ends of either kind.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    (1_u32..).zip(lines)
}

/// The part of `value` before the first `byte`, and the part behind it.
pub(crate) fn split_once(value: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = value.iter().position(|other| *other == byte)?;
    let (before, behind) = value.split_at(at);
    Some((before, behind.get(1..)?))
}
