//! Names that stand over their values: the heads of tables in Markdown, and the columns that SQL inserts into.

use std::ops::Range;

use super::cursor::Cursor;
use super::sentence::{form_of_cell, may_be_in_cell};
use super::statement::{MAX_LEAD, Reading, lead, slice};
use crate::classify::{Promise, Quote, is_sum, promise_of_stem};

/// How far behind a name its values are looked for, in bytes: less than a rule may look at behind its window.
const REACH: usize = 900;

/// A value, and what encloses it.
type Cell = (Range<usize>, Quote);

/// The values below a name that is the head of a column.
pub(super) fn column(text: &[u8], name: &Range<usize>) -> Vec<Reading> {
    let behind = Cursor::new(slice(text, name.end..name.end + REACH), name.end);
    let line = lead(text, name.start);
    let cells = match behind.rest().iter().find(|byte| !is_mark(byte)) {
        // Which column it is cannot be told where the line is longer.
        Some(b'|') if line.contains(&b'|') && line.len() < MAX_LEAD => below(line, behind),
        Some(b',' | b')') if is_insertion(line) => inserted(line, behind),
        _ => None,
    };
    let named = cells.and_then(|cells| Some((cells, promise_of_stem(slice(text, name.clone()))?)));
    let Some((cells, promise)) = named else { return Vec::new() };
    let reading = |(value, quote): Cell| {
        let literal = slice(text, value.clone());
        // Programs keep the digests of passwords.
        let is_digest = promise.promise == Promise::Password && is_sum(literal);
        let counts = !is_digest && (quote != Quote::Bare || may_be_in_cell(literal, || Some(promise)));
        counts.then(|| Reading {
            name: name.clone(),
            promise,
            value,
            form: form_of_cell(literal, quote),
            quote,
            anywhere: true,
        })
    };
    cells.into_iter().filter_map(reading).collect()
}

/// What stands around a name or value in a cell and is none of it.
fn is_mark(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'`' | b'*' | b'"' | b'\'')
}

/// The cells below the head of a column in a table of Markdown (GitHub Flavored Markdown 4.10), `before` which its line has this much.
fn below(before: &[u8], mut cursor: Cursor<'_>) -> Option<Vec<Cell>> {
    let column = memchr::memchr_iter(b'|', before).count();
    next_line(&mut cursor)?;
    let of_rule = |byte: &u8| matches!(byte, b'|' | b'-' | b':' | b' ');
    let rule = cursor.line();
    if !rule.contains(&b'-') || !rule.iter().all(of_rule) {
        return None;
    }
    let mut cells = Vec::new();
    while next_line(&mut cursor).is_some() {
        // What is cut off at the end is not read.
        let mut row = cursor.clone();
        if !row.line().contains(&b'|') || next_line(&mut row).is_none() {
            break;
        }
        cells.extend(cell(cursor.clone(), column));
    }
    Some(cells)
}

/// Goes to the start of the next line.
fn next_line(cursor: &mut Cursor<'_>) -> Option<()> {
    let end = memchr::memchr(b'\n', cursor.rest())?;
    cursor.advance(end + 1);
    Some(())
}

/// The word in a cell of the row that the cursor stands before, behind so many `|`.
fn cell(mut row: Cursor<'_>, column: usize) -> Option<Cell> {
    let line = row.line();
    let start = match column.checked_sub(1) {
        Some(last) => memchr::memchr_iter(b'|', row.rest()).nth(last)? + 1,
        None => 0,
    };
    let inside = row.rest().get(start..)?.split(|byte| matches!(byte, b'|' | b'\n' | b'\r')).next()?;
    row.advance(start + inside.iter().take_while(|byte| is_mark(byte)).count());
    let length = inside.trim_ascii().iter().filter(|byte| !is_mark(byte)).count();
    let value = row.rest().get(..length)?;
    (start <= line.len() && value.iter().all(u8::is_ascii_graphic)).then(|| (row.take(length), Quote::Bare))
}

/// Whether a line begins to insert something into a table.
fn is_insertion(line: &[u8]) -> bool {
    const WORD: &[u8] = b"insert";
    let line = line.trim_ascii_start();
    line.get(..WORD.len()).is_some_and(|head| head.eq_ignore_ascii_case(WORD)) && line.contains(&b'(')
}

/// The literals that are inserted into a column, `before` which the list of columns has this much (ISO 9075-2, 14.11).
fn inserted(before: &[u8], mut cursor: Cursor<'_>) -> Option<Vec<Cell>> {
    let list = before.rsplit(|byte| *byte == b'(').next()?;
    let column = memchr::memchr_iter(b',', list).count();
    cursor.until(b')')?;
    cursor.advance(1);
    cursor.skip_blank();
    if !cursor.eat_any_case(b"values") {
        return None;
    }
    let mut cells = Vec::new();
    loop {
        cursor.skip_blank();
        if !cursor.eat(b"(") {
            return Some(cells);
        }
        for index in 0.. {
            cursor.skip_blank();
            match literal(&mut cursor) {
                Some(cell) if index == column => cells.push(cell),
                Some(_) => {}
                None => return Some(cells),
            }
            cursor.skip_blank();
            if !cursor.eat(b",") {
                break;
            }
        }
        if !cursor.eat(b")") {
            return Some(cells);
        }
        cursor.skip_blank();
        cursor.eat(b",");
    }
}

/// The next value of a list, which may be a literal.
fn literal(cursor: &mut Cursor<'_>) -> Option<Cell> {
    if let Some(cell) = cursor.clone().quoted() {
        cursor.quoted()?;
        cursor.advance(1);
        return Some(cell);
    }
    let start = cursor.at();
    let length = cursor.skip(REACH, |byte| !matches!(byte, b',' | b')' | b'\'' | b'"' | b'\n'));
    (length > 0).then(|| (start..start + length, Quote::Bare))
}
