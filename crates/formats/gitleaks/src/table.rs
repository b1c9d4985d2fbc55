//! Reads values out of TOML tables as forgivingly as gitleaks does: the case of keys does not matter, one value may stand for a
//! list of one, a list may be a text with commas, a number may be in quotes.

use palisade_model::{Problem, Span, printable};
use toml_edit::{Item, TableLike, Value};

use crate::Pattern;
use crate::file::Name;
use crate::pattern::Quoted;

/// A table with the places of its parts; every question that fails leaves a problem.
pub(crate) struct Table<'a, 'p> {
    text: &'a str,
    table: &'a dyn TableLike,
    /// What it is called in messages, such as `[[rules]]`.
    name: &'static str,
    span: Span,
    problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> Table<'a, 'p> {
    pub(crate) fn new(
        text: &'a str,
        table: &'a dyn TableLike,
        name: &'static str,
        span: Span,
        problems: &'p mut Vec<Problem>,
    ) -> Self {
        Self { text, table, name, span, problems }
    }

    pub(crate) const fn span(&self) -> Span {
        self.span
    }

    pub(crate) fn note(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(crate) fn error(&mut self, message: impl Into<String>, span: Span) {
        self.note(Problem::error(message, span));
    }

    fn get(&self, key: &str) -> Option<&'a Item> {
        self.table.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, item)| item)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The place of the value of `key`.
    pub(crate) fn place(&self, key: &str) -> Span {
        self.get(key).map_or(self.span, |item| self.item_place(item))
    }

    fn item_place(&self, item: &Item) -> Span {
        item.span().map_or(self.span, |range| Span::new(range.start, range.end))
    }

    fn value_place(&self, value: &Value) -> Span {
        value.span().map_or(self.span, |range| Span::new(range.start, range.end))
    }

    /// Warns of keys that nobody reads: gitleaks passes over them in silence.
    pub(crate) fn warn_unknown(&mut self, known: &[&str]) {
        let table = self.table;
        let unknown =
            table.iter().filter(|(name, _)| !known.iter().any(|key| key.eq_ignore_ascii_case(name)));
        for (name, _) in unknown {
            let range = table.key(name).and_then(toml_edit::Key::span);
            let span = range.map_or(self.span, |range| Span::new(range.start, range.end));
            let message = format!("unknown key {} in {}; it has no effect", shown(name), self.name);
            let problem = Problem::warning(message, span);
            self.problems.push(match nearest(name, known) {
                Some(near) => problem.with_label(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
    }

    fn mismatch(&mut self, key: &str, expected: &str, span: Span) {
        self.error(format!("`{key}` must be {expected}"), span);
    }

    pub(crate) fn string(&mut self, key: &str) -> Option<String> {
        let item = self.get(key)?;
        let text = match item.as_value() {
            Some(Value::String(text)) => Some(text.value().clone()),
            Some(Value::Integer(number)) => Some(number.value().to_string()),
            Some(Value::Float(number)) => Some(number.value().to_string()),
            Some(Value::Boolean(flag)) => Some(flag.value().to_string()),
            _ => None,
        };
        if text.is_none() {
            self.mismatch(key, "a string", self.item_place(item));
        }
        text
    }

    /// The string and its place.
    pub(crate) fn name(&mut self, key: &str) -> Option<Name> {
        let span = self.place(key);
        Some(Name { text: self.string(key)?, span })
    }

    /// The items of a list of strings.
    pub(crate) fn names(&mut self, key: &str) -> Vec<Name> {
        self.values(key)
            .into_iter()
            .filter_map(|(text, value)| Some(Name { text: text?, span: self.value_place(value) }))
            .collect()
    }

    pub(crate) fn strings(&mut self, key: &str) -> Vec<String> {
        self.names(key).into_iter().map(|name| name.text).collect()
    }

    fn values(&mut self, key: &str) -> Vec<(Option<String>, &'a Value)> {
        let Some(item) = self.get(key) else { return Vec::new() };
        match item.as_value() {
            Some(Value::Array(array)) => {
                let values: Vec<&Value> = array.iter().collect();
                for value in values.iter().filter(|value| value.as_str().is_none()) {
                    self.mismatch(key, "a list of strings", self.value_place(value));
                }
                values.into_iter().map(|value| (value.as_str().map(str::to_owned), value)).collect()
            }
            Some(value) if value.as_str().is_some() => {
                let parts = value.as_str().unwrap_or_default().split(',');
                parts.map(|part| (Some(part.to_owned()), value)).collect()
            }
            _ => {
                self.mismatch(key, "a list of strings", self.item_place(item));
                Vec::new()
            }
        }
    }

    pub(crate) fn boolean(&mut self, key: &str) -> Option<bool> {
        let item = self.get(key)?;
        let flag = item.as_bool().or_else(|| item.as_str().and_then(|text| text.parse().ok()));
        if flag.is_none() {
            self.mismatch(key, "true or false", self.item_place(item));
        }
        flag
    }

    /// An integer from 0.
    pub(crate) fn integer(&mut self, key: &str) -> Option<u64> {
        let item = self.get(key)?;
        let number = item.as_integer().or_else(|| item.as_str().and_then(|text| text.parse().ok()));
        let number = number.and_then(|number| u64::try_from(number).ok());
        if number.is_none() {
            self.mismatch(key, "an integer from 0", self.item_place(item));
        }
        number
    }

    pub(crate) fn number(&mut self, key: &str) -> Option<f64> {
        let item = self.get(key)?;
        #[expect(clippy::cast_precision_loss, reason = "nobody asks for more bits than a double counts")]
        let number = item
            .as_float()
            .or_else(|| item.as_integer().map(|number| number as f64))
            .or_else(|| item.as_str().and_then(|text| text.parse().ok()))
            .filter(|number| number.is_finite());
        if number.is_none() {
            self.mismatch(key, "a number", self.item_place(item));
        }
        number
    }

    /// A regex; an empty one is none.
    pub(crate) fn pattern(&mut self, key: &str) -> Option<Pattern> {
        let source = self.string(key)?;
        let quoted = self.quoted(self.place(key));
        self.parsed(&source, quoted)
    }

    pub(crate) fn patterns(&mut self, key: &str) -> Vec<Pattern> {
        let names = self.names(key);
        names.into_iter().filter_map(|name| self.parsed(&name.text, self.quoted(name.span))).collect()
    }

    fn parsed(&mut self, source: &str, quoted: Quoted) -> Option<Pattern> {
        if source.is_empty() {
            return None;
        }
        Pattern::parse(source, quoted).map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Where the content of the string at `span` begins, if it has no escapes.
    fn quoted(&self, span: Span) -> Quoted {
        let raw = self.text.get(span.start..span.end).unwrap_or_default();
        let delimiter = ["'''", "\"\"\"", "'", "\""].into_iter().find(|delimiter| raw.starts_with(delimiter));
        let start = delimiter.and_then(|delimiter| {
            let escaped = delimiter.starts_with('"') && raw.contains('\\');
            let inner = raw.get(delimiter.len()..).unwrap_or_default();
            let line_end = match inner {
                _ if delimiter.len() < 3 => 0,
                _ if inner.starts_with("\r\n") => 2,
                _ => usize::from(inner.starts_with('\n')),
            };
            (!escaped).then_some(span.start + delimiter.len() + line_end)
        });
        Quoted { span, start }
    }

    /// A table below this one.
    pub(crate) fn table(&mut self, key: &str, name: &'static str) -> Option<Table<'a, '_>> {
        let item = self.get(key)?;
        let span = self.item_place(item);
        match item.as_table_like() {
            Some(table) => Some(Table::new(self.text, table, name, span, self.problems)),
            None => {
                self.mismatch(key, "a table", span);
                None
            }
        }
    }

    /// The tables of a list of tables, or one table instead of a list of one.
    pub(crate) fn tables(&mut self, key: &str) -> Vec<(&'a dyn TableLike, Span)> {
        let Some(item) = self.get(key) else { return Vec::new() };
        let whole = self.item_place(item);
        let place = |range: Option<std::ops::Range<usize>>| {
            range.map_or(whole, |range| Span::new(range.start, range.end))
        };
        if let Some(tables) = item.as_array_of_tables() {
            return tables.iter().map(|table| (table as &dyn TableLike, place(table.span()))).collect();
        }
        if let Some(table) = item.as_table_like() {
            return vec![(table, whole)];
        }
        let inline = |value: &'a Value| {
            value.as_inline_table().map(|table| (table as &dyn TableLike, place(value.span())))
        };
        let values: Option<Vec<_>> = item.as_array().and_then(|array| array.iter().map(inline).collect());
        values.unwrap_or_else(|| {
            self.mismatch(key, "a list of tables", whole);
            Vec::new()
        })
    }

    /// The same document's `table`.
    pub(crate) fn other<'q>(
        &'q mut self,
        table: &'a dyn TableLike,
        name: &'static str,
        span: Span,
    ) -> Table<'a, 'q> {
        Table::new(self.text, table, name, span, self.problems)
    }
}

/// `text` in backticks, for a message: short, and without characters that could mislead a terminal.
pub(crate) fn shown(text: &str) -> String {
    let safe: String = text.chars().take(60).map(printable).collect();
    format!("`{safe}`")
}

/// The one of `known` that `word` was probably meant to be.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    if word.len() > 64 {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let near = known.iter().map(|known| (strsim::osa_distance(&word, &known.to_ascii_lowercase()), *known));
    near.filter(|(distance, known)| *distance <= 1 + known.len() / 4).min().map(|(_, known)| known)
}
