use std::borrow::Cow;

use super::btree::varint;
use super::file::Encoding;
use crate::fields;

/// Most columns of a table, SQLite's own highest setting.
const MAX_COLUMNS: usize = 32_767;

/// One value of a row of a database.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Nothing, or the rowid where the column stands for it.
    Null,
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// As UTF-8, but for what was not valid before.
    Text(Cow<'a, [u8]>),
    /// Any bytes.
    Blob(&'a [u8]),
}

/// The values of a record (section 2.1), as many as are whole.
pub(super) fn values(payload: &[u8], encoding: Encoding) -> Vec<Value<'_>> {
    let mut values = Vec::new();
    let Some((header_len, mut at)) = varint(payload, 0) else { return values };
    let header = fields::front(payload, usize::try_from(header_len).unwrap_or(usize::MAX));
    let mut body = fields::rest(payload, header.len());
    while values.len() < MAX_COLUMNS
        && let Some((kind, len)) = varint(header, at)
        && let Some((value, rest)) = value(kind, body, encoding)
    {
        values.push(value);
        body = rest;
        at += len;
    }
    values
}

fn value(kind: u64, body: &[u8], encoding: Encoding) -> Option<(Value<'_>, &[u8])> {
    let len = match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        kind => (kind - 12) / 2,
    };
    let (bytes, rest) = body.split_at_checked(usize::try_from(len).ok()?)?;
    let value = match kind {
        0 => Value::Null,
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        1..=6 => Value::Integer(integer(bytes)),
        7 => Value::Real(f64::from_be_bytes(fields::array(bytes, 0)?)),
        kind if kind % 2 == 0 => Value::Blob(bytes),
        _ => Value::Text(text(bytes, encoding)),
    };
    Some((value, rest))
}

/// A big-endian number in two's complement.
fn integer(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |number, byte| (number << 8) | i64::from(*byte))
}

fn text(bytes: &[u8], encoding: Encoding) -> Cow<'_, [u8]> {
    let unit = match encoding {
        Encoding::Utf8 => return Cow::Borrowed(bytes),
        Encoding::Utf16Le => u16::from_le_bytes,
        Encoding::Utf16Be => u16::from_be_bytes,
    };
    let units = bytes.as_chunks().0.iter().map(|pair| unit(*pair));
    let decoded = char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER));
    Cow::Owned(decoded.collect::<String>().into_bytes())
}
