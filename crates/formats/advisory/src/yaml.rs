//! YAML as a tree of texts: OSV has no numbers, and a version that nobody quoted must not become one.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

const MAX_DEPTH: usize = 64;
/// Values, counting what aliases repeat.
const MAX_VALUES: usize = 2_000_000;
/// Bytes, counting what aliases repeat.
const MAX_TEXT: usize = 64 << 20;

/// The one document of `text`. The error says what is wrong, with the line.
pub(crate) fn value(text: &str) -> Result<Value, String> {
    let mut tree = Tree::default();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| error.to_string())?;
        documents += u32::from(matches!(event, Event::DocumentStart(_)));
        if documents > 1 {
            return Err("there is more than one document".to_owned());
        }
        tree.take(event).map_err(|reason| format!("{reason} in line {}", span.start.line()))?;
    }
    tree.root.ok_or_else(|| "there is no document".to_owned())
}

enum Open {
    List(Vec<Value>),
    Object { fields: Map<String, Value>, key: Option<String> },
}

/// What a value costs.
#[derive(Clone, Copy, Default)]
struct Weight {
    values: usize,
    text: usize,
}

struct Frame {
    open: Open,
    anchor: usize,
    /// What the tree weighed before.
    before: Weight,
}

#[derive(Default)]
struct Tree {
    stack: Vec<Frame>,
    anchors: BTreeMap<usize, (Value, Weight)>,
    total: Weight,
    root: Option<Value>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>) -> Result<(), &'static str> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let weight = Weight { values: 1, text: text.len() };
                self.charge(weight)?;
                let is_null = style == ScalarStyle::Plain && matches!(text.as_ref(), "" | "~" | "null");
                let value = if is_null { Value::Null } else { Value::String(text.into_owned()) };
                self.finish(value, anchor, weight)
            }
            Event::Alias(anchor) => {
                let (value, weight) =
                    self.anchors.get(&anchor).ok_or("an alias repeats what is not complete")?.clone();
                self.charge(weight)?;
                self.finish(value, 0, weight)
            }
            Event::SequenceStart(anchor, _) => self.begin(Open::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => {
                self.begin(Open::Object { fields: Map::new(), key: None }, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => Ok(()),
        }
    }

    fn charge(&mut self, weight: Weight) -> Result<(), &'static str> {
        self.total.values += weight.values;
        self.total.text += weight.text;
        if self.total.values > MAX_VALUES || self.total.text > MAX_TEXT {
            return Err("there are too many values, counting what aliases repeat");
        }
        Ok(())
    }

    fn begin(&mut self, open: Open, anchor: usize) -> Result<(), &'static str> {
        if self.stack.len() >= MAX_DEPTH {
            return Err("it is nested too deep");
        }
        self.stack.push(Frame { open, anchor, before: self.total });
        self.charge(Weight { values: 1, text: 0 })
    }

    fn end(&mut self) -> Result<(), &'static str> {
        let frame = self.stack.pop().ok_or("something ends that did not begin")?;
        let value = match frame.open {
            Open::List(list) => Value::Array(list),
            Open::Object { fields, .. } => Value::Object(fields),
        };
        let weight = Weight {
            values: self.total.values - frame.before.values,
            text: self.total.text - frame.before.text,
        };
        self.finish(value, frame.anchor, weight)
    }

    fn finish(&mut self, value: Value, anchor: usize, weight: Weight) -> Result<(), &'static str> {
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), weight));
        }
        match self.stack.last_mut().map(|frame| &mut frame.open) {
            None => self.root = Some(value),
            Some(Open::List(list)) => list.push(value),
            Some(Open::Object { key: key @ None, .. }) => {
                let Value::String(text) = value else { return Err("a key is no text") };
                *key = Some(text);
            }
            Some(Open::Object { fields, key }) => {
                if let Some(key) = key.take()
                    && fields.insert(key, value).is_some()
                {
                    return Err("a key stands twice");
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::value;

    #[test]
    fn versions_stay_as_they_are_written() {
        let read = value("versions:\n- 1.10\n- '2.0'\n- 1e3\nnone: ~\n").unwrap();
        assert_eq!(read, json!({"versions": ["1.10", "2.0", "1e3"], "none": null}));
    }

    #[test]
    fn aliases_are_followed_as_far_as_the_budget_goes() {
        assert_eq!(value("a: &x [1, 2]\nb: *x\n").unwrap(), json!({"a": ["1", "2"], "b": ["1", "2"]}));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let below = format!("*a{}", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![below; 10].join(", ")));
        }
        assert!(value(&bomb).unwrap_err().contains("too many values"));
        assert!(value(&"[".repeat(100)).unwrap_err().contains("too deep"));
    }
}
