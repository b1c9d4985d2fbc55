//! Values of a document that is written: what is large is made element by element, as it is written. As trees of values all of them
//! together would take many times the room of the text.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use palisade_model::{Digest, Hasher};
use serde::ser::{Error, Serialize, SerializeSeq, Serializer};
use serde_json::{Map, Value};

use crate::pieces;
use crate::read::SbomError;

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

    /// A piece of a document that was split; one that is broken cannot be written, as no value has an empty text.
    pub(crate) fn piece(piece: Result<&'a str, SbomError>) -> Self {
        Self::Text(piece.unwrap_or_default())
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

/// The bytes of a document: indented, with a final newline. One that is cut somewhere is none.
pub(crate) fn document(root: &impl Serialize) -> Result<Vec<u8>, SbomError> {
    let mut bytes = serde_json::to_vec_pretty(root).map_err(|error| unwritable(&error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The same of a tree of values, all of which can be written.
pub(crate) fn document_of(root: Map<String, Value>) -> Vec<u8> {
    format!("{:#}\n", Value::Object(root)).into_bytes()
}

/// The digest of a document without any space.
pub(crate) fn digest(root: &impl Serialize) -> Result<Digest, SbomError> {
    let mut output = BufWriter::new(Digesting(Hasher::new()));
    serde_json::to_writer(&mut output, root).map_err(|error| unwritable(&error))?;
    output.flush().map_err(|error| unwritable(&error))?;
    let Digesting(hasher) = output.into_parts().0;
    Ok(hasher.finish())
}

fn unwritable(error: &impl ToString) -> SbomError {
    SbomError::Unwritable(error.to_string())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_whole_is_not_written() {
        let list = |text| -> Members<'_> {
            let elements = move || pieces::elements(text).into_iter().flatten().map(Lazy::piece);
            [("a".to_owned(), Lazy::list(elements)), ("b".to_owned(), Lazy::Text("1"))].into_iter().collect()
        };
        let whole = document(&list("[1, [2]]")).unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&whole).unwrap(),
            serde_json::json!({"a": [1, [2]], "b": 1})
        );
        assert_eq!(whole, document_of(serde_json::from_slice(&whole).unwrap()));
        for broken in ["[1, [2}]", "[1, {\"c\"}]", "[1, 2", "[1, "] {
            assert!(matches!(document(&list(broken)), Err(SbomError::Unwritable(_))), "{broken}");
            assert!(matches!(digest(&list(broken)), Err(SbomError::Unwritable(_))), "{broken}");
        }
    }
}
