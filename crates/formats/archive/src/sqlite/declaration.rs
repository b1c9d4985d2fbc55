//! What a `CREATE TABLE` says of a table's columns, read with forgiveness.

use std::borrow::Cow;
use std::iter::Peekable;

/// Most bytes of SQL that are read, most columns, and most columns of a key: what is beyond them is called by its number.
const MAX_SQL: usize = 256 << 10;
const MAX_COLUMNS: usize = 2000;
const MAX_KEY: usize = 64;

/// The columns of a table in the order of its rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Declaration {
    columns: Vec<String>,
    /// Places of the columns in the order of rows that are kept by their key, which begin with its columns (section 2.4).
    keyed: Vec<usize>,
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// Bare, a keyword or a name.
    Word(String),
    /// In quotes of any kind.
    Quoted(String),
    Mark(char),
}

impl Token {
    fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            Self::Mark(_) => None,
        }
    }
}

impl Declaration {
    /// What cannot be read has no columns; they then are called by their numbers.
    pub(super) fn parse(sql: &str) -> Self {
        let mut declaration = Self::default();
        let mut keys = Vec::new();
        for part in parts(&tokens(sql.chars().take(MAX_SQL))) {
            match part {
                [first, ..] if ["UNIQUE", "CHECK", "FOREIGN"].iter().any(|keyword| first.is(keyword)) => {}
                [first, ..] if first.is("CONSTRAINT") || first.is("PRIMARY") => keys.extend(key_names(part)),
                [first, rest @ ..] if !is_virtual(rest) => declaration.column_of(first, rest, &mut keys),
                _ => {}
            }
        }
        keys.truncate(MAX_KEY);
        let key: Vec<usize> = keys.iter().filter_map(|key| declaration.place(key)).collect();
        let others = (0..declaration.columns.len()).filter(|place| !key.contains(place));
        declaration.keyed = key.iter().copied().chain(others).collect();
        declaration
    }

    fn column_of(&mut self, name: &Token, rest: &[Token], keys: &mut Vec<String>) {
        let Some(name) = name.name() else { return };
        if rest.iter().any(|token| token.is("PRIMARY")) {
            keys.push(name.to_owned());
        }
        if self.columns.len() < MAX_COLUMNS {
            self.columns.push(name.to_owned());
        }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.eq_ignore_ascii_case(name))
    }

    /// The name of the value at `index` of a row; `is_keyed` where rows are kept by their key.
    pub(super) fn column(&self, index: usize, is_keyed: bool) -> Cow<'_, [u8]> {
        let place = if is_keyed { self.keyed.get(index).copied() } else { Some(index) };
        let name = place.and_then(|place| self.columns.get(place));
        name.map_or_else(|| format!("column{}", index + 1).into_bytes().into(), |name| name.as_bytes().into())
    }
}

/// The definitions between the outer parentheses, apart at their commas.
fn parts(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let Some(open) = tokens.iter().position(|token| *token == Token::Mark('(')) else { return parts };
    let mut depth = 0_usize;
    let mut start = open + 1;
    for (index, token) in tokens.iter().enumerate().skip(start) {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') if depth > 0 => depth -= 1,
            Token::Mark(',' | ')') if depth == 0 => {
                parts.extend(tokens.get(start..index));
                start = index + 1;
                if *token == Token::Mark(')') {
                    break;
                }
            }
            _ => {}
        }
    }
    parts
}

/// The names in the parentheses of `PRIMARY KEY (…)`.
fn key_names(part: &[Token]) -> Vec<String> {
    let Some(at) = part.iter().position(|token| token.is("PRIMARY")) else { return Vec::new() };
    let list = parts(part.get(at..).unwrap_or_default());
    list.iter().filter_map(|name| name.first()?.name().map(str::to_owned)).collect()
}

/// Whether a column is computed when it is read, and so not stored.
fn is_virtual(definition: &[Token]) -> bool {
    let is_computed = definition
        .windows(2)
        .any(|pair| matches!(pair, [word, open] if word.is("AS") && *open == Token::Mark('(')));
    is_computed && !definition.iter().any(|token| token.is("STORED"))
}

fn tokens(sql: impl Iterator<Item = char>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = sql.peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' | '`' | '\'' => tokens.push(Token::Quoted(quoted(&mut chars, char))),
            '[' => tokens.push(Token::Quoted(chars.by_ref().take_while(|char| *char != ']').collect())),
            '-' if chars.next_if_eq(&'-').is_some() => drop(chars.find(|char| *char == '\n')),
            '/' if chars.next_if_eq(&'*').is_some() => skip_comment(&mut chars),
            char if is_of_word(char) => {
                let mut word = String::from(char);
                while let Some(char) = chars.next_if(|char| is_of_word(*char)) {
                    word.push(char);
                }
                tokens.push(Token::Word(word));
            }
            char if char.is_whitespace() => {}
            char => tokens.push(Token::Mark(char)),
        }
    }
    tokens
}

fn is_of_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '$') || !char.is_ascii()
}

/// What stands up to the closing `quote`, which is doubled where it means itself.
fn quoted(chars: &mut Peekable<impl Iterator<Item = char>>, quote: char) -> String {
    let mut text = String::new();
    while let Some(char) = chars.next() {
        if char == quote && chars.next_if_eq(&quote).is_none() {
            break;
        }
        text.push(char);
    }
    text
}

fn skip_comment(chars: &mut Peekable<impl Iterator<Item = char>>) {
    while let Some(char) = chars.next() {
        if char == '*' && chars.next_if_eq(&'/').is_some() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(sql: &str, is_keyed: bool) -> Vec<String> {
        let declaration = Declaration::parse(sql);
        let names = (0..declaration.columns.len()).map(|index| declaration.column(index, is_keyed));
        names.map(|name| String::from_utf8(name.into_owned()).unwrap()).collect()
    }

    #[test]
    fn columns_are_read_from_any_way_of_writing_them() {
        let sql = "CREATE TABLE IF NOT EXISTS \"t (x)\" (\n  id INTEGER PRIMARY KEY, -- a, b\n  [my key] TEXT DEFAULT ',(',\n  \
                   `a``b` NUMERIC(10, 2) CHECK (x > 0), /* , c */ \"d\"\"e\" AS (id + 1), f INT GENERATED ALWAYS AS (id) STORED,\n  \
                   schlüssel, CONSTRAINT u UNIQUE (f), FOREIGN KEY (f) REFERENCES o(p)) STRICT";
        assert_eq!(columns(sql, false), ["id", "my key", "a`b", "f", "schlüssel"]);
    }

    #[test]
    fn rows_kept_by_their_key_begin_with_it() {
        assert_eq!(
            columns("CREATE TABLE t(a, b, c, d, PRIMARY KEY(C, a)) WITHOUT ROWID", true),
            ["c", "a", "b", "d"]
        );
        assert_eq!(columns("CREATE TABLE t(a, b PRIMARY KEY)", true), ["b", "a"]);
    }

    #[test]
    fn what_cannot_be_read_is_numbered() {
        assert_eq!(Declaration::parse("CREATE TABLE t").column(1, true).as_ref(), b"column2");
    }
}
