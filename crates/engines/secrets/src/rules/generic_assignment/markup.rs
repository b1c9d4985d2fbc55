//! Values in the elements and attributes of markup.

use std::ops::Range;

use super::cursor::Cursor;
use super::sentence::{Sentence, Value};
use crate::classify::{Form, Quote};

/// Longest tag that closes an element around a name, in bytes.
const MAX_TAG: usize = 24;

impl Sentence<'_> {
    /// The text of `<name ...>text</name>`.
    pub(super) fn element(&mut self) -> Option<Value> {
        // A property list calls the names of its values so, and S3 those of objects.
        if self.name == b"key" {
            return None;
        }
        let attributes =
            self.cursor.rest().iter().take(120).position(|byte| matches!(byte, b'>' | b'<' | b'\n'))?;
        let tag = self.cursor.rest().get(..attributes)?;
        let plain = tag.trim_ascii().is_empty() || (tag.starts_with(b" ") && tag.contains(&b'='));
        if self.cursor.rest().get(attributes) != Some(&b'>') || tag.ends_with(b"/") || !plain {
            return None;
        }
        self.cursor.advance(attributes + 1);
        self.text_of_element()
    }

    /// The text of the element behind `<name>NAME</name>`, if that is one for values, as Hadoop and JMeter write them.
    pub(super) fn next_element(&mut self) -> Option<Value> {
        const VALUES: [&[u8]; 3] = [b"<value>", b"<Value>", b"<stringProp name=\"Argument.value\">"];
        if !self.lead.ends_with(b">") || !self.cursor.rest().starts_with(b"</") {
            return None;
        }
        let mut cursor = self.cursor.clone();
        cursor.skip(MAX_TAG, |byte| byte != b'>');
        cursor.advance(1);
        cursor.skip_blank();
        if !VALUES.iter().any(|tag| cursor.eat(tag)) {
            return None;
        }
        self.cursor = cursor;
        self.text_of_element()
    }

    fn text_of_element(&mut self) -> Option<Value> {
        self.cursor.skip_blank();
        if self.cursor.rest().starts_with(b"<!--") {
            self.cursor.until(b'>')?;
            self.cursor.advance(1);
            self.cursor.skip_blank();
        }
        self.cursor.eat(b"<value>");
        if let Some(inner) = self.cursor.rest().strip_prefix(b"<![CDATA[") {
            self.cursor = Cursor::new(inner, self.cursor.at() + 9);
            return self.cursor.until(b']').map(markup);
        }
        let mut span = self.cursor.until(b'<')?;
        // `Key<Token> first, Map<..>` is a type, and what comes next opens another.
        if self.cursor.rest().get(1).is_some_and(|byte| !matches!(byte, b'/' | b'!')) {
            return None;
        }
        while span.end > span.start && self.text.get(span.end - 1).is_some_and(u8::is_ascii_whitespace) {
            span.end -= 1;
        }
        Some(markup(span))
    }

    /// `value="..."` after `key="NAME"`, or the text of an element with `name="NAME"`.
    pub(super) fn attribute(&mut self) -> Option<Value> {
        let mut cursor = self.cursor.clone();
        cursor.skip_blank();
        if cursor.eat_any_case(b"value")
            || cursor.eat_any_case(b"defaultValue")
            || cursor.eat_any_case(b"content")
        {
            cursor.skip_spaces();
            if cursor.eat(b"=") {
                cursor.skip_spaces();
                let (span, _) = cursor.quoted()?;
                return Some(markup(span));
            }
        }
        let named = self.lead.ends_with(b"name=\"")
            || self.lead.ends_with(b"key=\"")
            || self.lead.ends_with(b"id=\"");
        if named && self.cursor.eat(b">") {
            let nested = self.cursor.clone();
            self.cursor.skip_blank();
            if !self.cursor.eat(b"<value>") && !self.cursor.eat(b"<string>") {
                self.cursor = nested;
            }
            return self.text_of_element();
        }
        None
    }
}

fn markup(span: Range<usize>) -> Value {
    Value { span, form: Form::Markup, quote: Quote::Double, anywhere: true }
}
