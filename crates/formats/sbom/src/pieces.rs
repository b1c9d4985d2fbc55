//! A document as pieces of its text, so that only one of them is a tree of values at a time. Such a tree takes up to eighty times the room
//! of its text.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::cyclonedx::shortened;
use crate::read::SbomError;

/// Bytes that what is a tree of values at one time may take.
const LARGEST_PIECE: usize = 256 << 20;

/// Bytes that a value takes in its container, and an object before it has a member: the nodes of its tree are made for eleven.
const VALUE: usize = 32;
const OBJECT: usize = 640;
/// Bytes that a text takes besides its letters.
const TEXT: usize = 32;

/// How deep values may be nested, as other readers take no more.
const DEEPEST: usize = 127;

/// Members of an object, each with the text of its value.
pub(crate) type Members<'t> = BTreeMap<String, &'t str>;

/// Whether `text` is one value of JSON and nothing else, not nested too deeply.
pub(crate) fn check(text: &str) -> Result<(), SbomError> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| broken(&error))?;
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'{' | b'[' if !is_text => depth += 1,
            b'}' | b']' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(SbomError::Json(format!("it is nested deeper than {DEEPEST} levels")));
        }
    }
    Ok(())
}

/// What is left of the bytes that several pieces may take together as trees of values.
#[derive(Debug, Clone)]
pub(crate) struct Room(Cell<usize>);

impl Default for Room {
    fn default() -> Self {
        Self(Cell::new(LARGEST_PIECE))
    }
}

/// The value of a piece that is alone.
pub(crate) fn value(piece: &str) -> Result<Value, SbomError> {
    value_within(piece, &Room::default())
}

/// The value of a piece, in which no object has a member twice: of two lists of components the second would hide the first.
pub(crate) fn value_within(piece: &str, room: &Room) -> Result<Value, SbomError> {
    let Room(left) = room;
    let mut reader = serde_json::Deserializer::from_str(piece);
    let value = Unique { left }.deserialize(&mut reader);
    match value {
        Err(_) if left.get() == 0 => Err(SbomError::LargePiece),
        value => value.map_err(|error| broken(&error)),
    }
}

/// The members of an object, or none when the piece is something else.
pub(crate) fn members(piece: &str) -> Result<Option<Members<'_>>, SbomError> {
    let Some(mut rest) = opened(piece, '{') else { return Ok(None) };
    let mut members = Members::new();
    let mut left = LARGEST_PIECE;
    loop {
        rest = rest.trim_start_matches(is_between);
        if rest.starts_with('}') {
            return Ok(Some(members));
        }
        let (key, behind) = split(rest)?;
        let key: String = serde_json::from_str(key).map_err(|error| broken(&error))?;
        let behind = behind.trim_start().strip_prefix(':').ok_or_else(cut)?;
        let (value, behind) = split(behind)?;
        rest = behind;
        left = left.checked_sub(2 * VALUE + TEXT + key.len()).ok_or(SbomError::LargePiece)?;
        if members.contains_key(&key) {
            return Err(twice(&key));
        }
        members.insert(key, value);
    }
}

/// The values of members that are small together.
pub(crate) fn values(members: Members<'_>) -> Result<Map<String, Value>, SbomError> {
    values_within(members, &Room::default())
}

/// The values of members.
pub(crate) fn values_within(members: Members<'_>, room: &Room) -> Result<Map<String, Value>, SbomError> {
    members.into_iter().map(|(key, piece)| Ok((key, value_within(piece, room)?))).collect()
}

/// The elements of a list, or none when the piece is something else.
pub(crate) fn elements(piece: &str) -> Option<Elements<'_>> {
    opened(piece, '[').map(Elements)
}

/// The elements of a list, one after the other.
pub(crate) struct Elements<'t>(&'t str);

impl<'t> Iterator for Elements<'t> {
    type Item = Result<&'t str, SbomError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0 = self.0.trim_start_matches(is_between);
        if self.0.starts_with(']') {
            return None;
        }
        match split(self.0) {
            Ok((piece, rest)) => {
                self.0 = rest;
                Some(Ok(piece))
            }
            Err(error) => {
                self.0 = "]";
                Some(Err(error))
            }
        }
    }
}

fn opened(piece: &str, bracket: char) -> Option<&str> {
    piece.trim_start().strip_prefix(bracket)
}

/// What stands between two members or elements.
const fn is_between(letter: char) -> bool {
    matches!(letter, ' ' | '\n' | '\r' | '\t' | ',')
}

/// The value that the text begins with, and what is behind it.
fn split(text: &str) -> Result<(&str, &str), SbomError> {
    let text = text.trim_start();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => text.split_at_checked(values.byte_offset()).ok_or_else(cut),
        Some(Err(error)) => Err(broken(&error)),
        None => Err(cut()),
    }
}

fn broken(error: &serde_json::Error) -> SbomError {
    SbomError::Json(error.to_string())
}

fn cut() -> SbomError {
    SbomError::Json("it ends too early".to_owned())
}

fn twice(key: &str) -> SbomError {
    SbomError::Json(format!("the member `{}` is there twice", shortened(key)))
}

/// Reads a value, as long as there are bytes left for it.
struct Unique<'b> {
    left: &'b Cell<usize>,
}

impl Unique<'_> {
    fn take<E: de::Error>(&self, bytes: usize) -> Result<(), E> {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or(0));
        left.filter(|left| *left > 0).map(|_| ()).ok_or_else(|| E::custom("it takes too much memory"))
    }
}

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        self.take(VALUE).map(|()| Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        self.take(VALUE).map(|()| value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        self.take(VALUE).map(|()| value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        self.take(VALUE).map(|()| value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        self.take(VALUE).map(|()| value.into())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        self.take(VALUE + TEXT + value.len()).map(|()| value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        self.take(VALUE + TEXT)?;
        let mut list = Vec::new();
        while let Some(value) = elements.next_element_seed(Unique { left: self.left })? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.take(VALUE + OBJECT)?;
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            self.take(VALUE + TEXT + key.len())?;
            if map.contains_key(&key) {
                return Err(de::Error::custom(format!("the member `{}` is there twice", shortened(&key))));
            }
            let value = members.next_value_seed(Unique { left: self.left })?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}
