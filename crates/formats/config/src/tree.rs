//! YAML as nodes with exact places, under limits that no document can stretch.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use palisade_model::{LineIndex, Problem, Span};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use crate::reader::shown;

/// Largest document in bytes.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting of lists and mappings.
pub(crate) const MAX_DEPTH: usize = 32;
/// Most nodes, counting those that aliases repeat.
pub(crate) const MAX_NODES: usize = 10_000;
/// Most aliases.
pub(crate) const MAX_ALIASES: usize = 64;
/// Most bytes of text in all nodes together, counting those that aliases repeat.
const MAX_TEXT: usize = 2 << 20;

/// One value of a document. An alias gives a copy of what it names, at the alias's own place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text; plain when its type follows from how it looks.
    Scalar {
        text: String,
        plain: bool,
    },
    Sequence(Vec<Node>),
    /// Keys are scalars and differ.
    Mapping(Vec<(Node, Node)>),
}

/// The document's text, if its bytes are text that a reader may go through.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the file is larger than {MAX_BYTES} bytes");
        return Err(Problem::error(message, Span::new(0, 0)));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(
            Problem::error("the file is UTF-16, not UTF-8", Span::new(0, 2)).with_hint("save it as UTF-8")
        );
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let start = error.valid_up_to();
        let end = start + error.error_len().unwrap_or(bytes.len() - start);
        Problem::error("the file is not UTF-8", Span::new(start, end)).with_label("this is not UTF-8")
    })?;
    if let Some(at) = text.find('\0') {
        return Err(Problem::error("the file contains a NUL character", Span::new(at, at + 1)));
    }
    if let Some(span) = directive(text) {
        return Err(Problem::error("YAML directives are not supported", span).with_hint("remove the line"));
    }
    if text.starts_with('\u{feff}') {
        return Err(Problem::error("the file begins with a byte order mark", Span::new(0, 3))
            .with_hint("save it as UTF-8 without a byte order mark"));
    }
    Ok(text)
}

/// The first line that begins with `%`. Nothing else in a mapping can begin so at the edge, and saphyr-parser 0.3 loses count of
/// characters in a directive that is not ASCII, which would put all later places wrong.
fn directive(text: &str) -> Option<Span> {
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        if line.starts_with('%') {
            return Some(Span::new(start, start + line.trim_end_matches(['\n', '\r']).len()));
        }
        start += line.len();
    }
    None
}

/// Reads the one document in `text`, which has gone through [`text_of`]. None when it can't be read on; the reason is the last of the problems.
pub(crate) fn parse(text: &str) -> (Option<Node>, Vec<Problem>) {
    let mut builder = Builder::new(text);
    let outcome = builder.run(text);
    let Builder { root, mut problems, .. } = builder;
    match outcome {
        Ok(()) => (root, problems),
        Err(problem) => {
            problems.push(problem);
            (None, problems)
        }
    }
}

/// Turns the parser's offsets, counted in characters, into bytes.
struct Offsets {
    starts: Option<Vec<usize>>,
    len: usize,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let starts = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Self { starts, len: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        match &self.starts {
            None => character.min(self.len),
            Some(starts) => starts.get(character).copied().unwrap_or(self.len),
        }
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        let start = self.byte(span.start.index());
        Span::new(start, self.byte(span.end.index()).max(start))
    }
}

/// What a node costs, with everything below it. A scalar has depth 0.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    text: usize,
    aliases: usize,
    depth: usize,
}

impl AddAssign for Weight {
    fn add_assign(&mut self, below: Self) {
        self.nodes += below.nodes;
        self.text += below.text;
        self.aliases += below.aliases;
        self.depth = self.depth.max(below.depth + 1);
    }
}

enum Collection {
    Sequence(Vec<Node>),
    Mapping { pairs: Vec<(Node, Node)>, seen: BTreeMap<String, Span>, key: Option<Node> },
}

/// A list or mapping that has begun.
struct Frame {
    anchor: usize,
    start: usize,
    /// Where the last node in it ends.
    end: usize,
    collection: Collection,
    weight: Weight,
}

struct Builder<'a> {
    text: &'a str,
    offsets: Offsets,
    lines: LineIndex,
    stack: Vec<Frame>,
    anchors: BTreeMap<usize, (Node, Weight)>,
    total: Weight,
    root: Option<Node>,
    documents: usize,
    problems: Vec<Problem>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            offsets: Offsets::new(text),
            lines: LineIndex::new(text.as_bytes()),
            stack: Vec::new(),
            anchors: BTreeMap::new(),
            total: Weight::default(),
            root: None,
            documents: 0,
            problems: Vec::new(),
        }
    }

    fn run(&mut self, text: &str) -> Result<(), Problem> {
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| self.syntax_problem(&error))?;
            let span = self.offsets.span(span);
            self.take(event, span)?;
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => self.document(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                let tagged = self.is_tagged_string(tag.as_deref(), span);
                self.scalar(text.into_owned(), style, tagged, anchor, span)
            }
            Event::SequenceStart(anchor, tag) => {
                self.is_tagged_string(tag.as_deref(), span);
                self.open(anchor, span, Collection::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.is_tagged_string(tag.as_deref(), span);
                let empty = Collection::Mapping { pairs: Vec::new(), seen: BTreeMap::new(), key: None };
                self.open(anchor, span, empty)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
        }
    }

    fn document(&mut self, span: Span) -> Result<(), Problem> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        Err(Problem::error("the file holds more than one YAML document", span)
            .with_label("the second begins here")
            .with_hint("keep one document in a file"))
    }

    /// `!!str` is the only tag that says something here.
    fn is_tagged_string(&mut self, tag: Option<&Tag>, span: Span) -> bool {
        let Some(tag) = tag else { return false };
        let string = tag.is_yaml_core_schema() && tag.suffix == "str";
        if !string {
            self.problems.push(
                Problem::error(format!("tag {} is not supported", shown(&tag.to_string())), self.head(span))
                    .with_hint("remove the tag"),
            );
        }
        string
    }

    fn scalar(
        &mut self,
        text: String,
        style: ScalarStyle,
        tagged: bool,
        anchor: usize,
        span: Span,
    ) -> Result<(), Problem> {
        let weight = Weight { nodes: 1, text: text.len(), aliases: 0, depth: 0 };
        self.charge(weight, span)?;
        let plain = style == ScalarStyle::Plain && !tagged;
        if text.contains('\0') {
            self.problems.push(Problem::error("a NUL character is not allowed here", self.head(span)));
        }
        let node = Node { span: self.trim(span), kind: Kind::Scalar { text, plain } };
        self.finish(node, weight, anchor);
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Problem> {
        let Some((node, weight)) = self.anchors.get(&anchor) else {
            return Err(Problem::error("an alias stands inside of what it repeats", span)
                .with_label("this would never end"));
        };
        let copy = Node { span, kind: node.kind.clone() };
        let weight = Weight { aliases: weight.aliases + 1, ..*weight };
        self.charge(weight, span)?;
        self.finish(copy, weight, 0);
        Ok(())
    }

    fn open(&mut self, anchor: usize, span: Span, collection: Collection) -> Result<(), Problem> {
        let weight = Weight { nodes: 1, depth: 1, ..Weight::default() };
        self.charge(weight, span)?;
        self.stack.push(Frame { anchor, start: span.start, end: span.start, collection, weight });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Problem> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let kind = match frame.collection {
            Collection::Sequence(items) => Kind::Sequence(items),
            Collection::Mapping { pairs, .. } => Kind::Mapping(pairs),
        };
        let bracket = self.text.get(span.start..span.end).is_some_and(|text| text.starts_with([']', '}']));
        let end = if bracket { span.start + 1 } else { frame.end };
        let span = Span::new(frame.start, end.max(frame.start));
        self.finish(Node { span, kind }, frame.weight, frame.anchor);
        Ok(())
    }

    /// Refuses what would go over a limit, before it is made.
    fn charge(&mut self, weight: Weight, span: Span) -> Result<(), Problem> {
        self.total += weight;
        let exceeded = if self.stack.len() + weight.depth > MAX_DEPTH {
            format!("nested deeper than {MAX_DEPTH} levels")
        } else if self.total.nodes > MAX_NODES {
            format!("more than {MAX_NODES} values, counting what aliases repeat")
        } else if self.total.aliases > MAX_ALIASES {
            format!("more than {MAX_ALIASES} aliases")
        } else if self.total.text > MAX_TEXT {
            format!("more than {MAX_TEXT} bytes of text, counting what aliases repeat")
        } else {
            return Ok(());
        };
        Err(Problem::error(exceeded, self.head(span)))
    }

    fn finish(&mut self, node: Node, weight: Weight, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), weight));
        }
        let Some(mut frame) = self.stack.pop() else {
            self.root = Some(node);
            return;
        };
        frame.weight += weight;
        frame.end = frame.end.max(node.span.end);
        match &mut frame.collection {
            Collection::Sequence(items) => items.push(node),
            Collection::Mapping { key: key @ None, .. } => *key = Some(node),
            Collection::Mapping { pairs, seen, key } => {
                let name = key.take().and_then(|key| Some((self.key_text(&key, seen)?, key)));
                if let Some((text, key)) = name {
                    seen.insert(text, key.span);
                    pairs.push((key, node));
                }
            }
        }
        self.stack.push(frame);
    }

    /// The text of a key that may be used, given those before it.
    fn key_text(&mut self, key: &Node, seen: &BTreeMap<String, Span>) -> Option<String> {
        let Kind::Scalar { text, plain } = &key.kind else {
            self.problems.push(Problem::error("a key must be text", self.head(key.span)));
            return None;
        };
        if *plain && text == "<<" {
            self.problems.push(
                Problem::error("merge keys (`<<`) are not supported", key.span)
                    .with_hint("write the keys out, or repeat a whole value with an alias"),
            );
            return None;
        }
        if let Some(first) = seen.get(text) {
            let line = self.lines.position(self.text.as_bytes(), first.start).line;
            self.problems.push(
                Problem::error(format!("duplicate key {}", shown(text)), self.head(key.span))
                    .with_label(format!("first given on line {line}")),
            );
            return None;
        }
        Some(text.clone())
    }

    fn syntax_problem(&self, error: &ScanError) -> Problem {
        let start = self.offsets.byte(error.marker().index());
        let end = self.offsets.byte(error.marker().index() + 1);
        Problem::error(format!("not valid YAML: {}", error.info()), self.head(Span::new(start, end)))
    }

    /// `span` without white space at its end: the parser ends block scalars where the next token begins.
    fn trim(&self, span: Span) -> Span {
        let inside = self.text.get(span.start..span.end).unwrap_or_default();
        let content = inside.trim_end_matches([' ', '\t', '\r', '\n']);
        Span::new(span.start, span.start + content.len())
    }

    /// The part of `span` on its first line.
    fn head(&self, span: Span) -> Span {
        head(self.text, span)
    }
}

/// The part of `span` on its first line, for a caret.
pub(crate) fn head(text: &str, span: Span) -> Span {
    let inside = text.get(span.start..span.end).unwrap_or_default();
    let line = inside.split(['\n', '\r']).next().unwrap_or_default();
    Span::new(span.start, span.start + line.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn only_problem(text: &str) -> (String, String) {
        let (_, problems) = parse(text);
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        (problem.message.clone(), text.get(problem.span.start..problem.span.end).unwrap().to_owned())
    }

    fn is_accepted(text: &str) -> bool {
        let (root, problems) = parse(text);
        root.is_some() && problems.is_empty()
    }

    fn place<'t>(text: &'t str, node: &Node) -> &'t str {
        text.get(node.span.start..node.span.end).unwrap()
    }

    #[test]
    fn places_are_exact_whatever_the_line_ends_and_characters() {
        let text = "# é€😀\r\nä: [x, \"ß\"]\r\nb: |\r\n  one\r\n  two\r\n\r\n# c\r\nc:\r\n  - {k: v}\r\n";
        let (root, _) = parse(text);
        let Kind::Mapping(pairs) = root.unwrap().kind else { panic!() };
        let places: Vec<_> =
            pairs.iter().map(|(key, value)| (place(text, key), place(text, value))).collect();
        assert_eq!(places, [("ä", "[x, \"ß\"]"), ("b", "one\r\n  two"), ("c", "- {k: v}")]);
    }

    #[test]
    fn every_limit_holds_and_one_less_passes() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_accepted(&nested(MAX_DEPTH)));
        assert!(is_accepted(&format!("{}x{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))));
        assert_eq!(only_problem(&nested(MAX_DEPTH + 1)).0, "nested deeper than 32 levels");
        let items = |count: usize| "- x\n".repeat(count);
        assert!(is_accepted(&items(MAX_NODES - 1)));
        assert!(only_problem(&items(MAX_NODES)).0.starts_with("more than 10000 values"));
        let aliases = |count: usize| format!("- &a x\n{}", "- *a\n".repeat(count));
        assert!(is_accepted(&aliases(MAX_ALIASES)));
        assert_eq!(only_problem(&aliases(MAX_ALIASES + 1)), ("more than 64 aliases".into(), "*a".into()));
        let deep = format!("- &a {}\n- {}*a{}\n", nested(20), "[".repeat(12), "]".repeat(12));
        assert_eq!(only_problem(&deep).0, "nested deeper than 32 levels");
        assert!(text_of(&vec![b'#'; MAX_BYTES]).is_ok());
        assert!(text_of(&vec![b'#'; MAX_BYTES + 1]).is_err());
    }

    #[test]
    fn aliases_cannot_blow_a_document_up() {
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let below = vec![format!("*a{}", level - 1); 9].join(", ");
            laughs.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert_eq!(only_problem(&laughs).0, "more than 64 aliases");
        let text = format!("- &a {}\n- [*a, *a, *a]\n", "x".repeat(1 << 19));
        assert!(is_accepted(&text));
        let text = format!("- &a {}\n- [*a, *a, *a, *a]\n", "x".repeat(1 << 19));
        assert!(only_problem(&text).0.starts_with("more than 2097152 bytes"));
    }

    #[test]
    fn refuses_what_hides_meaning() {
        let cases = [
            ("a: 1\n\"a\": 2\n", "duplicate key `a`", "\"a\""),
            ("a: 1\n---\nb: 2\n", "the file holds more than one YAML document", "---"),
            ("a: &x [*x]\n", "an alias stands inside of what it repeats", "*x"),
            ("<<: {a: b}\n", "merge keys (`<<`) are not supported", "<<"),
            ("a: !ruby/object x\n", "tag `!ruby/object` is not supported", "!ruby/object x"),
            ("a: !!binary aGk=\n", "tag `tag:yaml.org,2002:!binary` is not supported", "!!binary aGk="),
            ("? [a]\n: b\n", "a key must be text", "[a]"),
            ("a: \"x\\0y\"\n", "a NUL character is not allowed here", "\"x\\0y\""),
        ];
        for (text, message, at) in cases {
            assert_eq!(only_problem(text), (message.to_owned(), at.to_owned()), "{text}");
        }
        assert!(is_accepted("\"<<\": 1\na: !!str 1\n"));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused_at_their_place() {
        let problem = |bytes: &[u8]| text_of(bytes).unwrap_err();
        assert_eq!(problem(b"a: \xff\n").span, Span::new(3, 4));
        assert_eq!(problem(b"a: \xe2\x82").span, Span::new(3, 5), "a sequence cut short at the end");
        assert_eq!(problem(b"a\0b").span, Span::new(1, 2));
        assert_eq!(problem(b"\xef\xbb\xbfa: b").message, "the file begins with a byte order mark");
        assert_eq!(problem(b"# c\r%YAML 1.1\r\n---\n").span, Span::new(4, 13));
        assert_eq!(problem(b"\xff\xfea\0").message, "the file is UTF-16, not UTF-8");
    }

    #[test]
    fn invalid_syntax_is_one_problem_at_its_place() {
        let at = |text: &str| {
            let (_, problems) = parse(text);
            assert_eq!(problems.len(), 1, "{text}");
            LineIndex::new(text.as_bytes()).position(text.as_bytes(), problems[0].span.start)
        };
        let position = |line, column| palisade_model::Position { line, column };
        assert_eq!(at("é: b\nc: d: e\n"), position(2, 5));
        assert_eq!(at("a: 'open\n"), position(1, 4));
        assert_eq!(at("a:\n  - x\n - y\n"), position(3, 2));
        assert_eq!(at("a: [1\n"), position(2, 1));
        assert_eq!(at("a: *nope\n"), position(1, 4));
    }

    fn nodes<'n>(node: &'n Node, all: &mut Vec<&'n Node>) {
        all.push(node);
        match &node.kind {
            Kind::Scalar { .. } => {}
            Kind::Sequence(items) => items.iter().for_each(|item| nodes(item, all)),
            Kind::Mapping(pairs) => pairs.iter().for_each(|(key, value)| {
                nodes(key, all);
                nodes(value, all);
            }),
        }
    }

    proptest! {
        /// The place of a plain scalar on one line holds exactly its text; every place lies inside on character borders.
        #[test]
        fn plain_scalars_are_where_their_places_say(
            parts in prop::collection::vec(
                prop::sample::select(&[
                    "a", "é", "b: ", "- ", "? ", "[", "]", "{", "}", ",", ":", " ", "\n", "\n  ", "\r\n", "\r", "\t", "'", "\"",
                    "|\n  x\n", ">-\n  y\n", "# €\n", "😀", "x y", "~", "\u{85}", "\u{2028}", "\u{feff}", "---\n", "!t ", "%",
                ][..]),
                0..24,
            ),
        ) {
            let text = parts.concat();
            if text_of(text.as_bytes()).is_err() {
                return Ok(());
            }
            let (root, problems) = parse(&text);
            for problem in &problems {
                prop_assert!(text.get(problem.span.start..problem.span.end).is_some());
            }
            let mut all = Vec::new();
            root.iter().for_each(|root| nodes(root, &mut all));
            for node in all {
                let source = text.get(node.span.start..node.span.end);
                prop_assert!(source.is_some());
                let source = source.unwrap();
                if let Kind::Scalar { text: value, plain: true } = &node.kind
                    && !source.contains(['\n', '\r', '!'])
                    && !value.is_empty()
                {
                    prop_assert_eq!(source, value);
                }
            }
        }
    }
}
