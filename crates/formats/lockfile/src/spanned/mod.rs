//! JSON, YAML, TOML, EDN and tables in braces as one kind of value that knows its lines.
//!
//! Each reader is bounded, keeps what it read before something broke, and says what broke.

pub(crate) mod braces;
pub(crate) mod edn;
pub(crate) mod json;
mod signs;
pub(crate) mod text;
pub(crate) mod toml;
pub(crate) mod xml;
pub(crate) mod yaml;

use palisade_model::ReadingProblem;

/// Deepest nesting of lists and tables.
pub(crate) const MAX_DEPTH: usize = 128;
/// Most values of one record, counting those that YAML aliases repeat.
pub(crate) const MAX_VALUES: usize = 4_000_000;

/// What a record holds: one value, or one for each YAML document, and what could not be read of it.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) roots: Vec<Value>,
    pub(crate) problems: Vec<ReadingProblem>,
}

impl Tree {
    /// The value, or that of the first YAML document; an empty table when there is none.
    pub(crate) fn root(&self) -> &Value {
        self.roots.first().unwrap_or(&NOTHING)
    }
}

static NOTHING: Value = Value { line: 1, kind: Kind::Null };

/// A value and the line it begins on, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) line: u32,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    /// Numbers and dates, as written.
    Number(String),
    Text(String),
    List(Vec<Value>),
    /// In the order of the record; a key that is repeated stands here each time.
    Table(Vec<Member>),
}

/// A key of a table with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) key: String,
    /// The line of the key.
    pub(crate) line: u32,
    pub(crate) value: Value,
}

impl Value {
    /// The member of that key; the last one if it is repeated, as most readers have it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().rev().find(|member| member.key == key).map(|member| &member.value)
    }

    /// The value below a chain of keys.
    pub(crate) fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The members of a table; none of anything else.
    pub(crate) fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Table(members) => members,
            _ => &[],
        }
    }

    /// The members of the table under `key`; none if there is none.
    pub(crate) fn members_of(&self, key: &str) -> &[Member] {
        self.get(key).map_or(&[], Self::members)
    }

    /// The values of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The values of the list under `key`; none if there is none.
    pub(crate) fn items_of(&self, key: &str) -> &[Self] {
        self.get(key).map_or(&[], Self::items)
    }

    /// The text of a text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text under `key`.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::text)
    }

    /// What is written, of a text, a number or a flag.
    pub(crate) fn scalar(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) | Kind::Number(text) => Some(text),
            Kind::Bool(flag) => Some(if *flag { "true" } else { "false" }),
            _ => None,
        }
    }

    /// What is written under `key`, of a text, a number or a flag.
    pub(crate) fn scalar_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::scalar)
    }

    /// Whether the flag under `key` is set.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| value.kind == Kind::Bool(true))
    }

    pub(crate) const fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }
}

/// A line number as records carry it.
pub(crate) fn line_number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}
