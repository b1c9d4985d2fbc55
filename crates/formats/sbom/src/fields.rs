//! Taking members out of JSON objects, with a word on every one that is not what it should be.

use palisade_model::ReadingProblem;
use serde_json::{Map, Value};

use crate::pieces;
use crate::read::SbomError;

/// The most problems that are named one by one.
const MOST_PROBLEMS: usize = 1000;

/// What could not be read so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<ReadingProblem>,
    more: usize,
}

impl Problems {
    pub(crate) fn add(&mut self, detail: impl Into<String>) {
        if self.list.len() < MOST_PROBLEMS {
            self.list.push(ReadingProblem { line: None, detail: detail.into() });
        } else {
            self.more += 1;
        }
    }

    pub(crate) fn into_list(mut self) -> Vec<ReadingProblem> {
        if self.more > 0 {
            let detail = format!("{} more problems are not named", self.more);
            self.list.push(ReadingProblem { line: None, detail });
        }
        self.list
    }
}

/// A JSON object whose members are taken one after the other; what is left has no word here.
pub(crate) struct Fields<'a> {
    pub(crate) rest: Map<String, Value>,
    place: String,
    pub(crate) problems: &'a mut Problems,
}

impl<'a> Fields<'a> {
    /// The object; a value of another kind is a problem, and none.
    pub(crate) fn of(value: Value, place: String, problems: &'a mut Problems) -> Option<Self> {
        match value {
            Value::Object(rest) => Some(Self { rest, place, problems }),
            other => {
                problems.add(format!("`{place}` is {} instead of an object", kind_of(&other)));
                None
            }
        }
    }

    /// The members of an object that is known to be one.
    pub(crate) const fn within(rest: Map<String, Value>, place: String, problems: &'a mut Problems) -> Self {
        Self { rest, place, problems }
    }

    /// Calls `each` with every object of the list that is the text `piece` of the document's member `key`, one after the other.
    pub(crate) fn each_of(
        key: &str,
        piece: &str,
        problems: &mut Problems,
        mut each: impl FnMut(Fields<'_>),
    ) -> Result<(), SbomError> {
        let Some(elements) = pieces::elements(piece) else {
            // Says what is wrong with it.
            let whole = Map::from_iter([(key.to_owned(), pieces::value(piece)?)]);
            Fields::root(whole, problems).list(key);
            return Ok(());
        };
        for (number, element) in elements.enumerate() {
            let value = pieces::value(element?)?;
            if let Some(fields) = Fields::of(value, format!("{key}[{number}]"), problems) {
                each(fields);
            }
        }
        Ok(())
    }

    /// The document itself.
    pub(crate) fn root(rest: Map<String, Value>, problems: &'a mut Problems) -> Self {
        Self { rest, place: String::new(), problems }
    }

    pub(crate) fn place_of(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }

    pub(crate) fn problem(&mut self, detail: &str) {
        let place = if self.place.is_empty() { "the document" } else { &self.place };
        self.problems.add(format!("`{place}` {detail}"));
    }

    fn wrong(&mut self, key: &str, value: &Value, wanted: &str) {
        let place = self.place_of(key);
        self.problems.add(format!("`{place}` is {} instead of {wanted}", kind_of(value)));
    }

    /// A text that is not empty.
    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        match self.rest.remove(key)? {
            Value::String(text) => Some(text).filter(|text| !text.is_empty()),
            Value::Null => None,
            other => {
                self.wrong(key, &other, "a text");
                None
            }
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn number(&mut self, key: &str) -> Option<u32> {
        match self.rest.remove(key)? {
            Value::Null => None,
            value => {
                let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
                if number.is_none() {
                    self.wrong(key, &value, "a whole number");
                }
                number
            }
        }
    }

    /// The elements of a list; none when it is missing.
    pub(crate) fn list(&mut self, key: &str) -> Vec<Value> {
        match self.rest.remove(key) {
            Some(Value::Array(list)) => list,
            None | Some(Value::Null) => Vec::new(),
            Some(other) => {
                self.wrong(key, &other, "a list");
                Vec::new()
            }
        }
    }

    /// The texts of a list.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for (number, value) in self.list(key).into_iter().enumerate() {
            match value {
                Value::String(text) => texts.push(text),
                other => self.wrong(&format!("{key}[{number}]"), &other, "a text"),
            }
        }
        texts
    }

    /// An object below this one.
    pub(crate) fn object(&mut self, key: &str) -> Option<Fields<'_>> {
        let value = self.rest.remove(key).filter(|value| !value.is_null())?;
        let place = self.place_of(key);
        Fields::of(value, place, self.problems)
    }

    /// Calls `each` with every object of a list.
    pub(crate) fn objects(&mut self, key: &str, mut each: impl FnMut(Fields<'_>)) {
        for (number, value) in self.list(key).into_iter().enumerate() {
            let place = format!("{}[{number}]", self.place_of(key));
            if let Some(fields) = Fields::of(value, place, self.problems) {
                each(fields);
            }
        }
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A member with a value, unless there is none.
pub(crate) fn put(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

/// A member with a list, unless it is empty.
pub(crate) fn put_list(map: &mut Map<String, Value>, key: &str, list: Vec<Value>) {
    put(map, key, Some(list).filter(|list| !list.is_empty()));
}
