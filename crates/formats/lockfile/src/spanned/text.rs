use std::borrow::Cow;

use palisade_model::ReadingProblem;

use super::line_number;

/// The text of a record: without its byte order mark, UTF-16 decoded when a mark says so, bytes that are no UTF-8 replaced, which is a
/// problem.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Vec<ReadingProblem>) {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return decode_utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return decode_utf16(rest, u16::from_be_bytes);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), Vec::new()),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = line_number(before.iter().filter(|byte| **byte == b'\n').count() + 1);
            let problem = ReadingProblem { line: Some(line), detail: "is not UTF-8 here".to_owned() };
            (String::from_utf8_lossy(bytes), vec![problem])
        }
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (Cow<'_, str>, Vec<ReadingProblem>) {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut broken = !rest.is_empty();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|character| {
            character.unwrap_or_else(|_| {
                broken = true;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    let problem = ReadingProblem { line: None, detail: "has characters that are not UTF-16".to_owned() };
    (Cow::Owned(text), if broken { vec![problem] } else { Vec::new() })
}
