use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::pieces::{self, Members};
use crate::read::SbomError;

/// Members that have no word in ours, kept as the text of an object: as values they would take many times the room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra(Option<Box<str>>);

impl Extra {
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// All of them, sorted by name.
    pub fn members(&self) -> Map<String, Value> {
        // The text was written from such members.
        self.0.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// All of them as texts, for those of a whole document, which may be large.
    pub(crate) fn texts(&self) -> Members<'_> {
        // As above.
        self.0.as_deref().and_then(|text| pieces::members(text).ok()?).unwrap_or_default()
    }

    /// The value of one.
    pub fn get(&self, key: &str) -> Option<Value> {
        serde_json::from_str(self.texts().get(key)?).ok()
    }
}

impl From<Map<String, Value>> for Extra {
    fn from(members: Map<String, Value>) -> Self {
        if members.is_empty() {
            return Self::default();
        }
        Self(Some(Value::Object(members).to_string().into_boxed_str()))
    }
}

/// Members of a document as they come, each as text.
#[derive(Default)]
pub(crate) struct Texts(BTreeMap<String, String>);

impl Texts {
    /// Takes all members, each element of a list by itself; `each` sees the values.
    pub(crate) fn take(
        &mut self,
        members: Members<'_>,
        mut each: impl FnMut(&Value),
    ) -> Result<(), SbomError> {
        for (key, piece) in members {
            let Some(elements) = pieces::elements(piece) else {
                let value = pieces::value(piece)?;
                each(&value);
                self.0.insert(key, value.to_string());
                continue;
            };
            let mut list = List::default();
            for element in elements {
                let value = pieces::value(element?)?;
                each(&value);
                list.push(&value);
            }
            self.0.insert(key, list.text());
        }
        Ok(())
    }

    pub(crate) fn insert(&mut self, key: String, text: String) {
        self.0.insert(key, text);
    }
}

impl From<Texts> for Extra {
    fn from(Texts(texts): Texts) -> Self {
        if texts.is_empty() {
            return Self::default();
        }
        let mut whole =
            String::with_capacity(texts.iter().map(|(key, text)| key.len() + text.len() + 8).sum());
        for (key, text) in texts {
            whole.push(if whole.is_empty() { '{' } else { ',' });
            whole.push_str(&Value::String(key).to_string());
            whole.push(':');
            whole.push_str(&text);
        }
        whole.push('}');
        Self(Some(whole.into_boxed_str()))
    }
}

/// The text of a list as it grows.
#[derive(Default)]
pub(crate) struct List(String);

impl List {
    pub(crate) fn push(&mut self, value: &Value) {
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        self.0.push_str(&value.to_string());
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn text(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('[');
        }
        self.0.push(']');
        self.0
    }
}
