use std::collections::BTreeMap;

use palisade_model::ReadingProblem;
use saphyr_parser::{Event, Parser, ScalarStyle};

use super::{Kind, MAX_DEPTH, MAX_VALUES, Member, Tree, Value, line_number, text};

/// Most values that aliases repeat, all together.
const MAX_REPEATED: usize = 100_000;
/// Most bytes of text that aliases repeat, all together.
const MAX_REPEATED_TEXT: usize = 8 << 20;

/// Reads YAML, one value for each document. `<<` is resolved. When something is broken, what was read before it is kept. Tags are
/// passed over.
pub(crate) fn parse(bytes: &[u8]) -> Tree {
    let (text, problems) = text::decode(bytes);
    let mut builder = Builder { tree: Tree { roots: Vec::new(), problems }, ..Builder::default() };
    let mut parser = Parser::new_from_str(&text);
    let last = last_line(&text);
    let number = |line: usize| line_number(line).min(last);
    while let Some(event) = parser.next_event() {
        let outcome = match event {
            Ok((event, span)) => builder.take(event, number(span.start.line())),
            Err(error) => Err((error.info().to_owned(), number(error.marker().line()))),
        };
        if let Err((detail, line)) = outcome {
            let detail = format!("broken YAML: {detail}");
            builder.tree.problems.push(ReadingProblem { line: Some(line), detail });
            break;
        }
    }
    while !builder.stack.is_empty() {
        builder.close();
    }
    builder.tree
}

/// The last line of a text; the parser puts its end on one more, whether there is a break before it or not.
fn last_line(text: &str) -> u32 {
    let breaks = text.bytes().zip(text.bytes().skip(1).chain([0])).filter(|pair| match pair {
        (b'\r', next) => *next != b'\n',
        (byte, _) => *byte == b'\n',
    });
    line_number(breaks.count() + 1)
}

/// What is wrong and on which line.
type Broken = (String, u32);

/// What a value costs when it is repeated.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    values: usize,
    text: usize,
    depth: usize,
}

/// A list or table that has begun.
struct Frame {
    anchor: usize,
    value: Value,
    /// The key that waits for its value.
    key: Option<(String, u32)>,
    weight: Weight,
}

#[derive(Default)]
struct Builder {
    tree: Tree,
    stack: Vec<Frame>,
    anchors: BTreeMap<usize, (Value, Weight)>,
    values: usize,
    repeated: Weight,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: u32) -> Result<(), Broken> {
        match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Alias(anchor) => self.alias(anchor, line),
            Event::Scalar(text, style, anchor, tag) => {
                let weight = Weight { values: 1, text: text.len(), depth: 0 };
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let kind = if plain { plain_kind(&text) } else { Kind::Text(text.into_owned()) };
                self.count(line)?;
                self.finish(Value { line, kind }, weight, anchor);
                Ok(())
            }
            Event::SequenceStart(anchor, _) => self.open(Kind::List(Vec::new()), anchor, line),
            Event::MappingStart(anchor, _) => self.open(Kind::Table(Vec::new()), anchor, line),
            Event::SequenceEnd | Event::MappingEnd => {
                self.close();
                Ok(())
            }
        }
    }

    fn count(&mut self, line: u32) -> Result<(), Broken> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err((format!("more than {MAX_VALUES} values"), line));
        }
        Ok(())
    }

    fn open(&mut self, kind: Kind, anchor: usize, line: u32) -> Result<(), Broken> {
        self.count(line)?;
        if self.stack.len() >= MAX_DEPTH {
            return Err((format!("nested deeper than {MAX_DEPTH} levels"), line));
        }
        let weight = Weight { values: 1, text: 0, depth: 1 };
        self.stack.push(Frame { anchor, value: Value { line, kind }, key: None, weight });
        Ok(())
    }

    fn close(&mut self) {
        if let Some(frame) = self.stack.pop() {
            self.finish(merged(frame.value), frame.weight, frame.anchor);
        }
    }

    fn alias(&mut self, anchor: usize, line: u32) -> Result<(), Broken> {
        let Some((value, weight)) = self.anchors.get(&anchor) else {
            return Err(("an alias stands inside of what it repeats".to_owned(), line));
        };
        let weight = *weight;
        self.repeated.values += weight.values;
        self.repeated.text += weight.text;
        if self.repeated.values > MAX_REPEATED || self.repeated.text > MAX_REPEATED_TEXT {
            return Err(("aliases repeat more than is read".to_owned(), line));
        }
        if self.stack.len() + weight.depth > MAX_DEPTH {
            return Err((format!("nested deeper than {MAX_DEPTH} levels"), line));
        }
        let copy = Value { line, kind: value.kind.clone() };
        self.finish(copy, weight, 0);
        Ok(())
    }

    fn finish(&mut self, value: Value, weight: Weight, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), weight));
        }
        let Some(frame) = self.stack.last_mut() else {
            self.tree.roots.push(value);
            return;
        };
        frame.weight.values += weight.values;
        frame.weight.text += weight.text;
        frame.weight.depth = frame.weight.depth.max(weight.depth + 1);
        match (&mut frame.value.kind, frame.key.take()) {
            (Kind::List(items), _) => items.push(value),
            (Kind::Table(members), Some((key, line))) => members.push(Member { key, line, value }),
            (_, _) => frame.key = Some((value.scalar().unwrap_or_default().to_owned(), value.line)),
        }
    }
}

/// A table with the members of what stands under `<<`, which those of its own go before.
fn merged(mut table: Value) -> Value {
    let Kind::Table(members) = &mut table.kind else { return table };
    let Some(at) = members.iter().position(|member| member.key == "<<") else { return table };
    let sources = members.remove(at).value;
    let sources = if sources.is_list() { sources.items().to_vec() } else { vec![sources] };
    let mut known: std::collections::BTreeSet<String> =
        members.iter().map(|member| member.key.clone()).collect();
    for member in sources.iter().flat_map(Value::members) {
        if known.insert(member.key.clone()) {
            members.push(member.clone());
        }
    }
    table
}

/// What a scalar without quotes is, by the core schema of YAML 1.2.
fn plain_kind(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ if is_number(text) => Kind::Number(text.to_owned()),
        _ => Kind::Text(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_lines() {
        let tree = parse(b"\xef\xbb\xbfversion: 5.4\r\npackages:\r\n  /a/1.0.0:\r\n    dev: true\r\n    'x': [1.10, ~]\r\n---\r\nb: \"5\"\r\n");
        assert_eq!(tree.problems, []);
        let root = tree.root();
        assert_eq!(root.scalar_of("version"), Some("5.4"));
        let package = &root.members_of("packages")[0];
        assert_eq!((package.key.as_str(), package.line), ("/a/1.0.0", 3));
        assert!(package.value.flag("dev"));
        assert_eq!(package.value.get("x").unwrap().items()[0].scalar(), Some("1.10"));
        assert_eq!(tree.roots[1].text_of("b"), Some("5"));
        assert_eq!(tree.roots[1].get("b").unwrap().line, 7);
    }

    #[test]
    fn aliases_and_merges_repeat() {
        let tree = parse(b"a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\nc: *x\n");
        assert_eq!(tree.problems, []);
        assert_eq!(tree.root().at(&["b", "p"]).unwrap().scalar(), Some("1"));
        assert_eq!(tree.root().at(&["b", "q"]).unwrap().scalar(), Some("3"));
        assert_eq!(tree.root().at(&["c", "q"]).unwrap().scalar(), Some("2"));
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        let tree = parse(bomb.as_bytes());
        assert!(tree.problems[0].detail.contains("aliases repeat"), "{:?}", tree.problems);
        assert!(tree.root().members().len() > 3);
        assert!(!parse("[".repeat(100_000).as_bytes()).problems.is_empty());
        assert!(!parse("- ".repeat(100_000).as_bytes()).problems.is_empty());
    }

    #[test]
    fn what_stands_before_a_break_is_kept() {
        let tree = parse(b"a: 1\nb:\n  c: 2\n  d: [\n");
        assert_eq!(tree.root().at(&["b", "c"]).unwrap().scalar(), Some("2"));
        assert_eq!(tree.problems.len(), 1);
        assert_eq!(parse(b"a: 1\nb: '\xff'\n").problems[0].line, Some(2));
    }

    #[test]
    fn lines_lie_within_the_file() {
        for (text, line) in [("a:\n  b: {c", 2), ("a: [", 1), ("a:\r  b: [c", 2), ("a:\r\n  b: [", 2)] {
            let problems = parse(text.as_bytes()).problems;
            assert!(
                !problems.is_empty() && problems.iter().all(|problem| problem.line <= Some(line)),
                "{text}"
            );
        }
    }
}
