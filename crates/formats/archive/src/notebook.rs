//! Jupyter notebooks (nbformat 3 and 4): the text of each cell and of each output, freed from JSON.
//!
//! Read as a stream, so that a notebook of a million empty cells takes no memory. Text that JSON breaks into an array of lines is
//! joined as nbformat says: as it stands. Pictures are left out; metadata too: its bytes stand in the file.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::member::MemberKind;
use crate::visit::{Flow, Visit};

pub(crate) fn members(bytes: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reading = Reading { visit, cell: 0, output: 0, flow: Flow::Continue(()) };
    // What is no notebook, or no JSON, hides nothing: its text stands in the file.
    let _ = serde_json::Deserializer::from_slice(bytes).deserialize_map(Notebook(&mut reading));
    reading.flow
}

/// Keys of an output that only say what kind of text it is.
const PLAIN: &[&str] =
    &["text", "data", "html", "svg", "javascript", "latex", "json", "name", "ename", "evalue", "traceback"];

/// Where in the notebook we are.
struct Reading<'r, 'v, 'f> {
    visit: &'r mut Visit<'v, 'f>,
    cell: u64,
    output: u64,
    flow: Flow,
}

impl Reading<'_, '_, '_> {
    fn text<E: Error>(&mut self, name: &str, text: String) -> Result<(), E> {
        if text.is_empty() {
            return Ok(());
        }
        self.flow = self.visit.member(name.as_bytes(), MemberKind::File, Cow::Owned(text.into_bytes()));
        if self.flow.is_break() { Err(E::custom("the budget is used up")) } else { Ok(()) }
    }
}

/// The notebook itself, or one of the worksheets of version 3.
struct Notebook<'n, 'r, 'v, 'f>(&'n mut Reading<'r, 'v, 'f>);

/// `cells`, `worksheets` or `outputs`.
struct Array<'n, 'r, 'v, 'f> {
    reading: &'n mut Reading<'r, 'v, 'f>,
    of: Of,
}

struct Element<'n, 'r, 'v, 'f> {
    reading: &'n mut Reading<'r, 'v, 'f>,
    of: Of,
}

#[derive(Clone, Copy)]
enum Of {
    Worksheets,
    Cells,
    Outputs,
}

struct Cell<'n, 'r, 'v, 'f>(&'n mut Reading<'r, 'v, 'f>);

/// All text within any JSON value, put behind the text that is there.
struct Text<'t> {
    text: &'t mut String,
    /// Put behind each text of an array.
    between: &'static str,
}

impl<'de> Visitor<'de> for Notebook<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notebook")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            let of = match &*key {
                "cells" => Of::Cells,
                "worksheets" => Of::Worksheets,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            map.next_value_seed(Array { reading: self.0, of })?;
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Array<'_, '_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Array<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element_seed(Element { reading: self.reading, of: self.of })?.is_some() {}
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Element<'_, '_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        match self.of {
            Of::Worksheets => json.deserialize_map(Notebook(self.reading)),
            Of::Cells => {
                self.reading.cell += 1;
                self.reading.output = 0;
                json.deserialize_map(Cell(self.reading))
            }
            Of::Outputs => {
                self.reading.output += 1;
                let mut text = String::new();
                Text { text: &mut text, between: "" }.deserialize(json)?;
                let name = format!("cell-{}/output-{}", self.reading.cell, self.reading.output);
                self.reading.text(&name, text)
            }
        }
    }
}

impl<'de> Visitor<'de> for Cell<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a cell")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match &*key {
                "source" | "input" => {
                    let mut text = String::new();
                    map.next_value_seed(Text { text: &mut text, between: "" })?;
                    let name = format!("cell-{}/source", self.0.cell);
                    self.0.text(&name, text)?;
                }
                "outputs" => map.next_value_seed(Array { reading: self.0, of: Of::Outputs })?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.text.push_str(text);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element_seed(Text { text: &mut *self.text, between: self.between })?.is_some() {
            self.text.push_str(self.between);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            if is_picture(&key) || key == "output_type" || key == "metadata" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push('\n');
            }
            if !PLAIN.contains(&&*key) && !key.contains('/') {
                self.text.push_str(&key);
                self.text.push_str(" = ");
            }
            // The lines of a traceback come without their ends.
            let between = if key == "traceback" { "\n" } else { "" };
            map.next_value_seed(Text { text: &mut *self.text, between })?;
        }
        Ok(())
    }
}

fn is_picture(key: &str) -> bool {
    (key.starts_with("image/") && key != "image/svg+xml") || matches!(key, "png" | "jpeg")
}
