use serde::{Deserialize, Serialize};

/// A half-open range of byte offsets in one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to, not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// A place for people: line and column, both counted from 1, columns in Unicode scalar values. Bytes that are not UTF-8 count one
/// column each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// Finds lines in a document without rescanning it for every question.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<usize>,
    len: usize,
}

impl LineIndex {
    /// Indexes the line feeds of `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1));
        Self { starts, len: bytes.len() }
    }

    /// The position of byte `offset` of the indexed `bytes`; past the end it is the end.
    pub fn position(&self, bytes: &[u8], offset: usize) -> Position {
        let offset = offset.min(self.len);
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = bytes.get(start..offset).unwrap_or_default();
        Position { line: to_u32(line), column: to_u32(columns(before) + 1) }
    }

    /// The bytes of line `line` (from 1), without its line feed.
    pub fn line_span(&self, line: u32) -> Span {
        let index = (line.max(1) - 1) as usize;
        let start = self.starts.get(index).copied().unwrap_or(self.len);
        let end = self.starts.get(index + 1).map_or(self.len, |next| next - 1);
        Span::new(start, end.max(start))
    }
}

fn columns(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_unicode_columns_from_one() {
        let text = "a\nßx\r\n\nlast".as_bytes();
        let index = LineIndex::new(text);
        let at = |offset| index.position(text, offset);
        assert_eq!(at(0), Position { line: 1, column: 1 });
        assert_eq!(at(4), Position { line: 2, column: 2 });
        assert_eq!(at(7), Position { line: 3, column: 1 });
        assert_eq!(at(99), Position { line: 4, column: 5 });
        assert_eq!(&text[index.line_span(4).start..index.line_span(4).end], b"last");
        assert_eq!(index.line_span(3), Span::new(7, 7));
    }

    #[test]
    fn bytes_that_are_not_utf8_count_one_column_each() {
        let bytes = b"\xff\xfex";
        assert_eq!(LineIndex::new(bytes).position(bytes, 2), Position { line: 1, column: 3 });
    }
}
