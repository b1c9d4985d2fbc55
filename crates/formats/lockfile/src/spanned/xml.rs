use std::borrow::Cow;

use palisade_model::ReadingProblem;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::text;

/// Elements within elements.
const MAX_DEPTH: usize = 128;
/// Elements of one document.
const MAX_ELEMENTS: usize = 1_000_000;

/// Problems that are kept.
const MAX_PROBLEMS: usize = 1000;
/// Attributes of one element; those beyond are of no format that is read.
const MAX_ATTRIBUTES: usize = 256;

/// An element of a document with the line it begins on. Prefixes of names are left out.
#[derive(Debug, Default, Clone)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// From 1.
    pub(crate) line: u32,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Self>,
    /// Its own text, trimmed, without that of its children.
    pub(crate) text: String,
}

impl Element {
    /// The first child called `name`.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children called `name`.
    pub(crate) fn named<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child called `name`, if there is any.
    pub(crate) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The value of an attribute; names are compared without case, as build files are read by tools that do so.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// This element and everything below it, in the order of the document.
    pub(crate) fn descendants(&self) -> Vec<&Self> {
        let (mut found, mut open) = (Vec::new(), vec![self]);
        while let Some(element) = open.pop() {
            found.push(element);
            open.extend(element.children.iter().rev());
        }
        found
    }
}

/// Reads a document as far as it can be read: an element that is not closed ends where the trouble is. No entity is expanded but those
/// of characters and the five of XML itself (XML 1.0, section 4.6); a document type is passed over.
pub(crate) fn read(bytes: &[u8]) -> (Option<Element>, Vec<ReadingProblem>) {
    let (text, problems) = decode(bytes);
    let mut tree = Tree { text: &text, problems, ..Tree::default() };
    tree.fill();
    if tree.root.is_none() && tree.problems.is_empty() {
        tree.problem("is no XML document: it has no element");
    }
    (tree.root, tree.problems)
}

/// Latin-1 when the declaration says so, else as every other record.
fn decode(bytes: &[u8]) -> (Cow<'_, str>, Vec<ReadingProblem>) {
    let head = bytes.get(..bytes.len().min(200)).unwrap_or_default().to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head).into_owned();
    let declaration = head.split_once("?>").map_or("", |(declaration, _)| declaration);
    let latin =
        ["iso-8859-1", "windows-1252", "latin1", "us-ascii"].iter().any(|name| declaration.contains(name));
    if latin && std::str::from_utf8(bytes).is_err() {
        return (Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()), Vec::new());
    }
    text::decode(bytes)
}

#[derive(Default)]
struct Tree<'t> {
    text: &'t str,
    open: Vec<Element>,
    root: Option<Element>,
    problems: Vec<ReadingProblem>,
    count: usize,
    line: u32,
    counted: usize,
}

impl Tree<'_> {
    fn fill(&mut self) {
        let mut reader = Reader::from_str(self.text);
        loop {
            let begin = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let event = reader.read_event();
            self.advance(begin);
            let goes_on = match event {
                Ok(Event::Start(start)) => self.start(&start),
                Ok(Event::Empty(start)) => {
                    let goes_on = self.start(&start);
                    self.end();
                    goes_on
                }
                Ok(Event::End(_)) => {
                    self.end();
                    true
                }
                Ok(Event::Text(text)) => self.push_text(&text.xml10_content()),
                Ok(Event::CData(text)) => self.push_text(&text.xml10_content()),
                Ok(Event::GeneralRef(reference)) => self.reference(&reference),
                Ok(Event::Eof) => {
                    if !self.open.is_empty() {
                        self.problem("ends within an element");
                    }
                    false
                }
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => true,
                Err(error) => {
                    let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                    self.advance(at);
                    self.problem(&format!("is not well-formed XML: {error}"));
                    false
                }
            };
            if !goes_on {
                break;
            }
        }
        while !self.open.is_empty() {
            self.end();
        }
    }

    /// Counts lines up to `position`, which never goes back.
    fn advance(&mut self, position: usize) {
        let passed = self.text.as_bytes().get(self.counted..position).unwrap_or_default();
        let breaks = u32::try_from(passed.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX);
        self.line = self.line.max(1).saturating_add(breaks);
        self.counted = self.counted.max(position.min(self.text.len()));
    }

    fn start(&mut self, start: &BytesStart<'_>) -> bool {
        self.count += 1;
        if self.open.len() >= MAX_DEPTH || self.count > MAX_ELEMENTS {
            self.problem("nests deeper or has more elements than are read");
            return false;
        }
        let mut attributes = Vec::new();
        for attribute in start.attributes().with_checks(false).take(MAX_ATTRIBUTES) {
            let pair = attribute.ok().and_then(|attribute| {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned();
                Some((attribute.key.local_name().as_ref().to_owned(), value))
            });
            match pair {
                Some(pair) => attributes.push(pair),
                None => self.problem("an attribute can not be read"),
            }
        }
        let name = start.local_name().as_ref().to_owned();
        if !is_name(&name) {
            self.problem("an element has a name that is none");
        }
        self.open.push(Element { name, line: self.line, attributes, ..Element::default() });
        true
    }

    fn end(&mut self) {
        let Some(mut element) = self.open.pop() else { return };
        element.text = element.text.trim().to_owned();
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None if self.root.is_none() => self.root = Some(element),
            None => self.problem("has more than one element at the top"),
        }
    }

    fn push_text(&mut self, text: &str) -> bool {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        } else if !text.trim().is_empty() {
            self.problem("has text outside of its element");
        }
        true
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> bool {
        let name = reference.xml10_content();
        let char = match name.as_ref() {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "apos" => Some('\''),
            "quot" => Some('"'),
            _ => reference.resolve_char_ref().ok().flatten(),
        };
        match char {
            Some(char) => self.push_text(char.encode_utf8(&mut [0; 4])),
            None => {
                self.problem("an entity is not expanded");
                self.push_text(&format!("&{name};"))
            }
        }
    }

    fn problem(&mut self, detail: &str) {
        // More are told by nobody, and a document may have one for each of its bytes.
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        self.problems.push(ReadingProblem { line: Some(self.line.max(1)), detail: detail.to_owned() });
    }
}

/// Whether `text` may be the name of an element, a little wider than XML 1.0, section 2.3 has it.
fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_alphabetic() || c == '_' || !c.is_ascii());
    begins && text.chars().all(|c| c.is_alphanumeric() || "-._".contains(c) || !c.is_ascii())
}
