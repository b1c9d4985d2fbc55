//! Reads values out of nodes and collects what is wrong with them.

use palisade_model::{LineIndex, Problem, Span, printable};

use crate::fields::Fields;
use crate::parsed::{Parsed, Spanned};
use crate::scalar::{ScalarType, plain_type};
use crate::tree::{self, Kind, Node};

/// Goes through one document.
pub(crate) struct Reader<'a> {
    text: &'a str,
    lines: LineIndex,
    problems: Vec<Problem>,
}

/// Reads `bytes` as a YAML document with the root that `read` expects.
pub(crate) fn parse_document<T>(
    bytes: &[u8],
    read: impl FnOnce(&mut Reader<'_>, &Node) -> Option<T>,
) -> Parsed<T> {
    let text = match tree::text_of(bytes) {
        Ok(text) => text,
        Err(problem) => return Parsed::new(None, vec![problem]),
    };
    let (root, problems) = tree::parse(text);
    let broken = !problems.is_empty();
    let mut reader = Reader { text, lines: LineIndex::new(bytes), problems };
    let value = match &root {
        Some(root) => read(&mut reader, root),
        None if broken => None,
        None => {
            reader.problems.push(Problem::error("the file is empty", Span::new(0, 0)));
            None
        }
    };
    Parsed::new(value, reader.problems)
}

impl<'a> Reader<'a> {
    /// Notes `problem`, shown on the first line of its place.
    pub(crate) fn note(&mut self, mut problem: Problem) {
        problem.span = tree::head(self.text, problem.span);
        self.problems.push(problem);
    }

    /// Notes an error.
    pub(crate) fn error(&mut self, message: impl Into<String>, span: Span) {
        self.note(Problem::error(message, span));
    }

    /// The line on which `span` begins, from 1.
    pub(crate) fn line(&self, span: Span) -> u32 {
        self.lines.position(self.text.as_bytes(), span.start).line
    }

    /// Notes that `node` is of another type than `expected`, such as `a string`.
    pub(crate) fn mismatch(&mut self, node: &Node, expected: &str) {
        let found = found(node);
        let mut problem = Problem::error(format!("expected {expected}, found {found}"), node.span);
        if expected == "a string" && matches!(&node.kind, Kind::Scalar { text, .. } if !text.is_empty()) {
            problem = problem.with_hint("put it in quotes to make it a string");
        }
        self.note(problem);
    }

    /// The entries of a mapping whose keys are known. `place` says whose keys they are, such as ``job `test` ``; problems with
    /// the mapping as a whole point at `owner`. Nothing at all is an empty mapping.
    pub(crate) fn fields<'n>(
        &mut self,
        node: &'n Node,
        place: &str,
        owner: Span,
        keys: &'static [&'static str],
    ) -> Option<Fields<'n>> {
        let pairs = self.pairs(node, "a mapping")?;
        for (key, _) in pairs {
            let Kind::Scalar { text, .. } = &key.kind else { continue };
            if !keys.contains(&text.as_str()) {
                self.unknown_key(text, key.span, place, keys);
            }
        }
        Some(Fields::new(pairs, place.to_owned(), owner))
    }

    fn unknown_key(&mut self, key: &str, span: Span, place: &str, keys: &[&str]) {
        let problem = Problem::error(format!("unknown key {} in {place}", shown(key)), span);
        self.note(match nearest(key, keys.iter().copied()) {
            Some(near) => problem.with_label(format!("did you mean `{near}`?")),
            None => problem.with_hint(format!("known keys: {}", keys.join(", "))),
        });
    }

    /// The entries of a mapping with free keys.
    pub(crate) fn entries<'n>(&mut self, node: &'n Node) -> Vec<(Spanned<&'n str>, &'n Node)> {
        let pairs = self.pairs(node, "a mapping").unwrap_or_default();
        let entry = |(key, value): &'n (Node, Node)| match &key.kind {
            Kind::Scalar { text, .. } => Some((Spanned::new(text.as_str(), key.span), value)),
            _ => None,
        };
        pairs.iter().filter_map(entry).collect()
    }

    fn pairs<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n [(Node, Node)]> {
        match &node.kind {
            Kind::Mapping(pairs) => Some(pairs),
            _ if is_null(node) => Some(&[]),
            _ => {
                self.mismatch(node, expected);
                None
            }
        }
    }

    /// The items of a list; nothing at all is an empty list. `of` says of what, such as `strings`.
    pub(crate) fn items<'n>(&mut self, node: &'n Node, of: &str) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::Sequence(items) => Some(items),
            _ if is_null(node) => Some(&[]),
            _ => {
                self.mismatch(node, &format!("a list of {of}"));
                None
            }
        }
    }

    /// A string: text whose looks give it no other type.
    pub(crate) fn string<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.kind {
            Kind::Scalar { text, plain } if !plain || plain_type(text) == ScalarType::String => Some(text),
            _ => {
                self.mismatch(node, "a string");
                None
            }
        }
    }

    /// Text as written, whatever type its looks give it; nothing at all is not text.
    pub(crate) fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.kind {
            Kind::Scalar { text, .. } if !is_null(node) => Some(text),
            _ => {
                self.mismatch(node, "a string");
                None
            }
        }
    }

    /// A list of strings.
    pub(crate) fn strings<'n>(&mut self, node: &'n Node) -> Vec<Spanned<&'n str>> {
        let items = self.items(node, "strings").unwrap_or_default();
        items.iter().filter_map(|item| Some(Spanned::new(self.string(item)?, item.span))).collect()
    }

    /// A list of strings, or one string instead of a list of one.
    pub(crate) fn string_or_list<'n>(&mut self, node: &'n Node) -> Vec<Spanned<&'n str>> {
        match &node.kind {
            Kind::Scalar { .. } if type_of(node) == Some(ScalarType::String) => {
                self.string(node).map(|text| Spanned::new(text, node.span)).into_iter().collect()
            }
            _ => self.strings(node),
        }
    }
}

/// The type of a scalar; none for a list or mapping.
pub(crate) fn type_of(node: &Node) -> Option<ScalarType> {
    match &node.kind {
        Kind::Scalar { text, plain: true } => Some(plain_type(text)),
        Kind::Scalar { .. } => Some(ScalarType::String),
        _ => None,
    }
}

/// Whether `node` is nothing: `null`, `~`, or a key without a value.
pub(crate) fn is_null(node: &Node) -> bool {
    type_of(node) == Some(ScalarType::Null)
}

fn found(node: &Node) -> &'static str {
    match (&node.kind, type_of(node)) {
        (Kind::Sequence(_), _) => "a list",
        (Kind::Mapping(_), _) => "a mapping",
        (_, Some(ScalarType::Null)) => "nothing",
        (_, Some(ScalarType::Boolean)) => "a boolean",
        (_, Some(ScalarType::Integer | ScalarType::Float)) => "a number",
        _ => "a string",
    }
}

/// `text` in backticks, for a message: short, and without characters that could mislead a terminal.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut safe: String = text.chars().take(MOST).map(printable).collect();
    if text.chars().nth(MOST).is_some() {
        safe.push('…');
    }
    format!("`{safe}`")
}

/// The candidate that `text` was probably meant to be: at most a third of its characters away, and one in any case.
pub fn nearest<'c>(text: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let most = (text.chars().count() / 3).clamp(1, 3);
    let close = |candidate: &str| candidate.len().abs_diff(text.len()) <= 4 * most && !text.is_empty();
    candidates
        .into_iter()
        .filter(|candidate| close(candidate))
        .map(|candidate| (strsim::osa_distance(text, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, candidate)| candidate)
}
