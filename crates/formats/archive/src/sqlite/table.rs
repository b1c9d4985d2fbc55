use std::borrow::Cow;
use std::cell::OnceCell;

use super::declaration::Declaration;
use super::record::Value;
use crate::fields;
use crate::format::recognise;
use crate::member::MemberKind;
use crate::visit::{Flow, Visit};

/// Text of a table that is handed over at once; a larger table comes in parts.
const PART: usize = 16 << 20;

/// Bytes of a table's or column's name on a line.
const MAX_NAME: usize = 128;

/// The shortest run of printable characters that makes a blob worth a look.
const TEXT_RUN: usize = 8;

/// The text of a table as it grows.
pub(super) struct Table<'a> {
    name: &'a [u8],
    sql: &'a str,
    /// Read from `sql` when there is a row.
    declaration: OnceCell<Declaration>,
    text: Vec<u8>,
    parts: usize,
    rows: u64,
}

impl<'a> Table<'a> {
    pub(super) const fn new(name: &'a [u8], sql: &'a str) -> Self {
        Self { name, sql, declaration: OnceCell::new(), text: Vec::new(), parts: 0, rows: 0 }
    }

    /// Adds a row. Values of a table without rowid are in the order of its key.
    pub(super) fn row(
        &mut self,
        id: Option<i64>,
        values: &[Value<'_>],
        is_keyed: bool,
        visit: &mut Visit<'_, '_>,
    ) -> Flow {
        self.rows += 1;
        for (index, value) in values.iter().enumerate() {
            let declaration = self.declaration.get_or_init(|| Declaration::parse(self.sql));
            let column = declaration.column(index, is_keyed).into_owned();
            match value {
                Value::Null => continue,
                Value::Integer(number) => self.line(&column, number.to_string().as_bytes(), b""),
                Value::Real(number) => self.line(&column, number.to_string().as_bytes(), b""),
                Value::Text(text) => self.line(&column, text, b"\""),
                Value::Blob(bytes) if std::str::from_utf8(bytes).is_ok() => self.line(&column, bytes, b"\""),
                Value::Blob(bytes) => self.blob(&column, id, bytes, visit)?,
            }
            if self.text.len() >= PART {
                self.flush(visit)?;
            }
        }
        Flow::Continue(())
    }

    /// Hands over what there is.
    pub(super) fn flush(&mut self, visit: &mut Visit<'_, '_>) -> Flow {
        if self.text.is_empty() {
            return Flow::Continue(());
        }
        self.parts += 1;
        let mut name = self.name.to_vec();
        if self.parts > 1 {
            name.extend_from_slice(format!(" ({})", self.parts).as_bytes());
        }
        visit.member(&name, MemberKind::File, Cow::Owned(std::mem::take(&mut self.text)))
    }

    fn line(&mut self, column: &[u8], value: &[u8], quote: &[u8]) {
        let (table, column) = (fields::front(self.name, MAX_NAME), fields::front(column, MAX_NAME));
        for piece in [table, b".", column, b" = ", quote, value, quote, b"\n"] {
            self.text.extend_from_slice(piece);
        }
    }

    /// Hands over a blob that is a container or has text in it.
    fn blob(&self, column: &[u8], id: Option<i64>, bytes: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
        if recognise(b"", bytes).is_none() && !has_text(bytes) {
            return Flow::Continue(());
        }
        let mut name = [self.name, b"/", fields::front(column, MAX_NAME), b"-"].concat();
        let row = id.unwrap_or_else(|| i64::try_from(self.rows).unwrap_or(i64::MAX));
        name.extend_from_slice(row.to_string().as_bytes());
        visit.member(&name, MemberKind::File, Cow::Borrowed(bytes))
    }
}

fn has_text(bytes: &[u8]) -> bool {
    bytes.split(|byte| !matches!(byte, b' '..=b'~')).any(|run| run.len() >= TEXT_RUN)
}
