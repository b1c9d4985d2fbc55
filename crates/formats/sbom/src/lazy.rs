//! Values of a document that is written: what is large is made element by element, as it is written. As trees of values all of them
//! together would take many times the room of the text.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use palisade_model::{Digest, Hasher};
use serde::ser::{Error, Serialize, SerializeSeq, Serializer};
use serde_json::{Map, Value};

use crate::pieces;

/// A value that is written.
pub(crate) enum Lazy<'a> {
    /// This one.
    Value(Value),
    /// The one whose text this is, as a document had it.
    Text(&'a str),
    /// An object.
    Object(Members<'a>),
    /// A list.
    List(Elements<'a>),
}

/// Members of an object, which are written in order of their names.
pub(crate) type Members<'a> = BTreeMap<String, Lazy<'a>>;

/// Makes the elements of a list, the same each time.
pub(crate) type Elements<'a> = Box<dyn Fn() -> Box<dyn Iterator<Item = Lazy<'a>> + 'a> + 'a>;

impl<'a> Lazy<'a> {
    /// An object of small members.
    pub(crate) fn members(map: Map<String, Value>) -> Members<'a> {
        map.into_iter().map(|(key, value)| (key, Lazy::Value(value))).collect()
    }

    /// A list whose elements `make` makes.
    pub(crate) fn list<I>(make: impl Fn() -> I + 'a) -> Self
    where
        I: Iterator<Item = Self> + 'a,
    {
        Self::List(Box::new(move || Box::new(make())))
    }
}

impl Serialize for Lazy<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Text(piece) => serialize_text(piece, serializer),
            Self::Object(members) => serializer.collect_map(members),
            Self::List(elements) => serializer.collect_seq(elements()),
        }
    }
}

/// The value whose text `piece` is; of a list one element after the other is a tree of values.
fn serialize_text<S: Serializer>(piece: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let value = |piece| serde_json::from_str::<Value>(piece).map_err(S::Error::custom);
    let Some(elements) = pieces::elements(piece) else { return value(piece)?.serialize(serializer) };
    let mut list = serializer.serialize_seq(None)?;
    for element in elements {
        list.serialize_element(&value(element.map_err(S::Error::custom)?)?)?;
    }
    list.end()
}

/// The bytes of a document: indented, with a final newline.
pub(crate) fn document(root: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing JSON to memory cannot fail: its keys are texts.
    let _ = serde_json::to_writer_pretty(&mut bytes, root);
    bytes.push(b'\n');
    bytes
}

/// The digest of a document without any space.
pub(crate) fn digest(root: &impl Serialize) -> Digest {
    let mut output = BufWriter::new(Digesting(Hasher::new()));
    // As above.
    let _ = serde_json::to_writer(&mut output, root).map_err(io::Error::from).and_then(|()| output.flush());
    let Digesting(hasher) = output.into_parts().0;
    hasher.finish()
}

struct Digesting(Hasher);

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
