use palisade_model::{Problem, Span};

use crate::reader::Reader;
use crate::tree::{Kind, Node};

/// The entries of a mapping with known keys.
pub(crate) struct Fields<'n> {
    pairs: &'n [(Node, Node)],
    place: String,
    owner: Span,
}

impl<'n> Fields<'n> {
    pub(crate) const fn new(pairs: &'n [(Node, Node)], place: String, owner: Span) -> Self {
        Self { pairs, place, owner }
    }

    /// The value of `key`, if it is given.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.pair(key).map(|(_, value)| value)
    }

    /// The place of `key` itself, if it is given.
    pub(crate) fn key_span(&self, key: &str) -> Option<Span> {
        self.pair(key).map(|(key, _)| key.span)
    }

    /// The value of `key`; without one a problem is noted.
    pub(crate) fn require(&self, reader: &mut Reader<'_>, key: &str) -> Option<&'n Node> {
        let value = self.get(key);
        if value.is_none() {
            reader.note(Problem::error(format!("missing key `{key}` in {}", self.place), self.owner));
        }
        value
    }

    /// Checks `version: 1`.
    pub(crate) fn version_one(&self, reader: &mut Reader<'_>) {
        let Some(node) = self.require(reader, "version") else { return };
        let problem = match &node.kind {
            Kind::Scalar { text, plain: true } if text == "1" => return,
            _ => Problem::error("unsupported version", node.span),
        };
        reader.note(problem.with_hint("this Palisade reads `version: 1`"));
    }

    fn pair(&self, key: &str) -> Option<&'n (Node, Node)> {
        self.pairs.iter().find(|(name, _)| matches!(&name.kind, Kind::Scalar { text, .. } if text == key))
    }
}
