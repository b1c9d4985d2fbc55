use std::borrow::Cow;
use std::ops::Range;

use palisade_model::ReadingProblem;
use toml_edit::{Array, Document, InlineTable, Item, Table, TomlError, Value as TomlValue};

use super::{Kind, MAX_DEPTH, Member, Tree, Value, line_number, text};

/// Broken blocks that are left out before reading ends.
const MAX_BROKEN: usize = 16;

/// Signs before values that a record may have. The parser takes some hundred bytes for each value, more than those of other formats;
/// the largest lockfiles have a tenth of it.
const MAX_SIGNS: usize = 2_000_000;

/// Reads TOML. A block, from one header to the next, that is broken is a problem and left out; the others are read.
pub(crate) fn parse(bytes: &[u8]) -> Tree {
    let (text, mut problems) = text::decode(bytes);
    let signs = text.bytes().filter(|byte| matches!(byte, b'=' | b',' | b'[' | b'{')).count();
    if signs > MAX_SIGNS {
        problems.push(ReadingProblem { line: None, detail: "has more values than are read".to_owned() });
        return Tree { roots: Vec::new(), problems };
    }
    let mut text = text;
    for _ in 0..MAX_BROKEN {
        match Document::parse(text.as_ref()) {
            Ok(document) => {
                let lines = Lines::new(&text);
                let root = lines.table(document.as_table(), 1, 0);
                return Tree { roots: vec![root], problems };
            }
            Err(error) => {
                let place = error.span().map_or(0, |span| span.start);
                problems.push(problem(&text, place, &error));
                text = Cow::Owned(without_block(&text, place));
            }
        }
    }
    problems.push(ReadingProblem { line: None, detail: "broken TOML in too many places".to_owned() });
    Tree { roots: Vec::new(), problems }
}

fn problem(text: &str, place: usize, error: &TomlError) -> ReadingProblem {
    let before = text.as_bytes().get(..place).unwrap_or_default();
    let line = line_number(before.iter().filter(|byte| **byte == b'\n').count() + 1);
    let first = error.message().lines().next().unwrap_or_default();
    ReadingProblem { line: Some(line), detail: format!("broken TOML: {first}") }
}

/// The text with the block around `place` emptied, lines kept.
fn without_block(text: &str, place: usize) -> String {
    let mut block = 0..0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') && at > 0 {
            if at > place {
                break;
            }
            block.start = at;
        }
        at += line.len();
        block.end = at;
    }
    let part = |range: Range<usize>| text.get(range).unwrap_or_default();
    let lines = part(block.clone()).matches('\n').count();
    [part(0..block.start), &"\n".repeat(lines), part(block.end..text.len())].concat()
}

/// A text and where each of its lines begins.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The line of a place; that of the parent when the value has none of its own, as tables that only dotted keys make.
    fn of(&self, span: Option<Range<usize>>, parent: u32) -> u32 {
        span.map_or(parent, |span| line_number(self.starts.partition_point(|start| *start <= span.start)))
    }

    fn table(&self, table: &Table, parent: u32, depth: usize) -> Value {
        let line = self.of(table.span(), parent);
        let pairs = table.iter().filter(|_| depth < MAX_DEPTH);
        let members = pairs.filter_map(|(key, item)| {
            let own = table.key(key).and_then(toml_edit::Key::span);
            let value = self.item(item, self.of(own.clone(), line), depth + 1)?;
            Some(Member { key: key.to_owned(), line: self.of(own, value.line), value })
        });
        Value { line, kind: Kind::Table(members.collect()) }
    }

    fn item(&self, item: &Item, parent: u32, depth: usize) -> Option<Value> {
        match item {
            Item::None => None,
            Item::Value(value) => Some(self.value(value, parent, depth)),
            Item::Table(table) => Some(self.table(table, parent, depth)),
            Item::ArrayOfTables(tables) => {
                let items = tables.iter().map(|table| self.table(table, parent, depth + 1)).collect();
                Some(Value { line: parent, kind: Kind::List(items) })
            }
        }
    }

    fn value(&self, value: &TomlValue, parent: u32, depth: usize) -> Value {
        let line = self.of(value.span(), parent);
        let kind = match value {
            TomlValue::String(text) => Kind::Text(text.value().clone()),
            TomlValue::Boolean(flag) => Kind::Bool(*flag.value()),
            TomlValue::Integer(_) | TomlValue::Float(_) | TomlValue::Datetime(_) => {
                let written = value.span().and_then(|span| self.text.get(span)).unwrap_or_default();
                Kind::Number(written.to_owned())
            }
            TomlValue::Array(array) => self.array(array, line, depth),
            TomlValue::InlineTable(table) => self.inline(table, line, depth),
        };
        Value { line, kind }
    }

    fn array(&self, array: &Array, line: u32, depth: usize) -> Kind {
        let items = array.iter().filter(|_| depth < MAX_DEPTH);
        Kind::List(items.map(|item| self.value(item, line, depth + 1)).collect())
    }

    fn inline(&self, table: &InlineTable, line: u32, depth: usize) -> Kind {
        let pairs = table.iter().filter(|_| depth < MAX_DEPTH);
        let members = pairs.map(|(key, value)| {
            let value = self.value(value, line, depth + 1);
            Member { key: key.to_owned(), line: value.line, value }
        });
        Kind::Table(members.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_values_than_memory_is_for_are_a_problem() {
        let list = |count: usize| parse(format!("a = [{}]", "1,".repeat(count)).as_bytes()).problems.len();
        assert_eq!((list(1000), list(MAX_SIGNS)), (0, 1));
    }

    #[test]
    fn values_know_their_lines() {
        let tree = parse(b"\xef\xbb\xbfa = 1\r\n[b]\r\nc = [\r\n 'x',\r\n 'y' ]\r\n[[d]]\r\ne = { f = 1.10 }\r\n[[d]]\r\nw = 2020-01-02\r\n");
        assert_eq!(tree.problems, []);
        let root = tree.root();
        assert_eq!(root.at(&["b", "c"]).unwrap().items()[1].line, 5);
        let blocks: Vec<u32> = root.get("d").unwrap().items().iter().map(|block| block.line).collect();
        assert_eq!(blocks, [6, 8]);
        assert_eq!(root.get("d").unwrap().items()[0].at(&["e", "f"]).unwrap().scalar(), Some("1.10"));
        assert_eq!(root.get("d").unwrap().items()[1].scalar_of("w"), Some("2020-01-02"));
    }

    #[test]
    fn a_broken_block_is_left_out() {
        let tree = parse(b"v = 1\n[[p]]\nn = 'a'\n[[p]]\nn = \n[[p]]\nn = 'c'\n");
        let names: Vec<_> =
            tree.root().items_of("p").iter().map(|p| (p.line, p.text_of("n").unwrap())).collect();
        assert_eq!(names, [(2, "a"), (6, "c")]);
        assert_eq!(tree.problems.len(), 1);
        assert_eq!(tree.problems[0].line, Some(5));
    }

    #[test]
    fn hopeless_texts_end() {
        for text in ["[[a]]\n=\n".repeat(100), "a = ".to_owned() + &"[".repeat(100_000), "=".to_owned()] {
            assert!(!parse(text.as_bytes()).problems.is_empty());
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_a_problem() {
        assert_eq!(parse(b"a = 1\nb = '\xff'\n").problems[0].line, Some(2));
    }
}
