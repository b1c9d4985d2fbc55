//! Texts that are a table or a list from end to end: rows of a spreadsheet below a header, accounts with their passwords. Such values have
//! their name far away, or only in the name of the file.

use std::borrow::Cow;

use palisade_model::Span;

use crate::candidate::{Candidate, Scope};
use crate::classify::{self, Promise};
use crate::reading::Matchers;

/// Longest header, in bytes.
const MAX_HEADER: usize = 4096;
/// Longest text that may be a list of accounts, in bytes.
const MAX_LIST: usize = 64 * 1024;
/// Values that are judged together, and what keeps them apart: more than the bytes around a value that speak for it.
const BATCH: usize = 256;
const APART: &[u8] = &[b'\n'; 160];
/// Candidates after which no more rows are read: the rest of a table says nothing new.
const MAX_CANDIDATES: usize = 200;
/// What separates the cells of a row (RFC 4180, and what spreadsheets write elsewhere).
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What a list of accounts keeps.
const PASSWORD: &[u8] = b"password";

/// The values in the columns of a table whose header promises credentials, and in a list of accounts.
pub(crate) fn find(matchers: &Matchers, text: &[u8]) -> Vec<Candidate> {
    let mut judge = Judge { matchers, text, values: Vec::new(), found: Vec::new() };
    if let Some(table) = Table::of(text) {
        judge.scope(Scope::Unquoted, "the header of its column says what it is", |judge| table.judge(judge));
    } else if let Some(passwords) = accounts(text) {
        judge.scope(Scope::Named, "the file is named after credentials and lists them", |judge| {
            passwords.into_iter().for_each(|password| judge.add(PASSWORD, password));
        });
    }
    judge.found
}

/// Judges values as if they were given to their names in a statement.
struct Judge<'a> {
    matchers: &'a Matchers,
    text: &'a [u8],
    values: Vec<(Cow<'a, [u8]>, Span)>,
    found: Vec<Candidate>,
}

impl<'a> Judge<'a> {
    /// Runs `fill`, and gives all that is found a scope and a message.
    fn scope(&mut self, scope: Scope, message: &str, fill: impl FnOnce(&mut Self)) {
        fill(self);
        self.settle();
        for candidate in &mut self.found {
            candidate.scope = scope;
            candidate.message = message.to_owned();
        }
    }

    fn add(&mut self, name: impl Into<Cow<'a, [u8]>>, value: Span) {
        self.values.push((name.into(), value));
        if self.values.len() == BATCH {
            self.settle();
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= MAX_CANDIDATES
    }

    fn settle(&mut self) {
        let mut statements = Vec::new();
        let mut places = Vec::new();
        for (name, span) in self.values.drain(..) {
            let value = self.text.get(span.start..span.end).unwrap_or_default();
            // Programs keep the digests of passwords.
            let Some(quote) = quote_for(value).filter(|_| !classify::is_sum(value) || !is_password(&name))
            else {
                continue;
            };
            statements.extend_from_slice(&name);
            statements.extend_from_slice(b" = ");
            statements.push(quote);
            let start = statements.len();
            statements.extend_from_slice(value);
            places.push((Span::new(start, statements.len()), span));
            statements.push(quote);
            statements.extend_from_slice(APART);
        }
        for candidate in self.matchers.statement(&statements) {
            let at = places.binary_search_by_key(&candidate.secret, |(there, _)| *there);
            let place = at.ok().and_then(|at| places.get(at));
            self.found.extend(place.map(|(_, secret)| Candidate { secret: *secret, ..candidate }));
        }
    }
}

/// Whether a name is that of a password.
fn is_password(name: &[u8]) -> bool {
    classify::promise(name).is_some_and(|name| name.promise == Promise::Password)
}

/// Quotes that a value can stand in as it is.
fn quote_for(value: &[u8]) -> Option<u8> {
    let plain = value.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'\\');
    [b'"', b'\''].into_iter().find(|quote| plain && !value.is_empty() && !value.contains(quote))
}

/// A table whose header promises something.
struct Table {
    separator: u8,
    /// How many cells a row has.
    width: usize,
    /// Which of them are promised, and by which name.
    promised: Vec<(usize, Vec<u8>)>,
    /// Where the first row begins.
    rows: usize,
}

impl Table {
    fn of(text: &[u8]) -> Option<Self> {
        let near = text.get(..text.len().min(MAX_HEADER))?;
        let end = memchr::memchr(b'\n', near)?;
        let header = near.get(..end)?.trim_ascii_end();
        let header = header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(header);
        // A table of Markdown begins so.
        if header.trim_ascii_start().starts_with(b"|") {
            return None;
        }
        let count = |separator: &u8| memchr::memchr_iter(*separator, header).count();
        let separator = SEPARATORS.into_iter().max_by_key(count).filter(|separator| count(separator) > 0)?;
        let names: Vec<_> = header.split(|byte| *byte == separator).map(name).collect::<Option<_>>()?;
        let promised = names.iter().enumerate().filter(|(_, name)| promises(name));
        let promised: Vec<_> = promised.map(|(at, name)| (at, name.clone())).collect();
        let table = Self { separator, width: names.len(), promised, rows: end + 1 };
        (!table.promised.is_empty() && table.row(text, table.rows).is_ok()).then_some(table)
    }

    fn judge(&self, judge: &mut Judge<'_>) {
        let mut at = self.rows;
        while at < judge.text.len() && !judge.is_full() {
            let (cells, next) = match self.row(judge.text, at) {
                Ok(row) => row,
                // On behind what was looked at, so that nothing is looked at again for each line.
                Err(odd) => {
                    let rest = judge.text.get(odd..).unwrap_or_default();
                    at = memchr::memchr(b'\n', rest).map_or(judge.text.len(), |end| odd + end + 1);
                    continue;
                }
            };
            for (column, name) in &self.promised {
                if let Some(cell) = cells.get(*column) {
                    judge.add(name.clone(), *cell);
                }
            }
            at = next;
        }
    }

    /// The cells of the row at `at`, without quotes, and where the next row begins; where it is odd if it has more or fewer than the header.
    fn row(&self, text: &[u8], mut at: usize) -> Result<(Vec<Span>, usize), usize> {
        let mut cells = Vec::with_capacity(self.width);
        loop {
            let (cell, end) = self.cell(text, at).ok_or(at)?;
            cells.push(cell);
            match text.get(end) {
                Some(byte) if *byte == self.separator && cells.len() < self.width => at = end + 1,
                Some(b'\n') | None if cells.len() == self.width => return Ok((cells, end + 1)),
                _ => return Err(end),
            }
        }
    }

    /// The cell at `at`, and where it ends: the place of a separator, of the end of the line, or of that of the text.
    fn cell(&self, text: &[u8], at: usize) -> Option<(Span, usize)> {
        let rest = text.get(at..)?;
        let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
        if let Some(inside) = rest.get(blanks..)?.strip_prefix(b"\"") {
            let (start, length) = (at + blanks + 1, closing(inside)?);
            let end = start + length + 1;
            let end = if text.get(end) == Some(&b'\r') { end + 1 } else { end };
            return Some((Span::new(start, start + length), end));
        }
        let ends = |byte: &u8| *byte == self.separator || *byte == b'\n';
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let cell = rest.get(..length)?;
        let start = at + length - cell.trim_ascii_start().len();
        Some((Span::new(start, (at + cell.trim_ascii_end().len()).max(start)), at + length))
    }
}

/// Whether the head of a column promises credentials. Tables of words and of sessions have tokens, too.
fn promises(head: &[u8]) -> bool {
    const OPENING: [&str; 6] = ["access", "api", "auth", "bot", "refresh", "secret"];
    let opens = || classify::words(head).iter().any(|word| OPENING.contains(&word.as_str()));
    classify::promise(head).is_some_and(|name| match name.promise {
        Promise::Password | Promise::Secret => name.ends,
        _ => name.ends && opens(),
    })
}

/// Where the quote is that closes a cell; two of them stand for one (RFC 4180, 2).
fn closing(inside: &[u8]) -> Option<usize> {
    let mut quotes = memchr::memchr_iter(b'"', inside).peekable();
    while let Some(at) = quotes.next() {
        if quotes.next_if_eq(&(at + 1)).is_none() {
            return Some(at);
        }
    }
    None
}

/// A cell of a header as a name; none if it is no such cell.
fn name(cell: &[u8]) -> Option<Vec<u8>> {
    let cell = cell.trim_ascii();
    let cell = cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")).unwrap_or(cell);
    let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b" _-./#".contains(byte) || *byte >= 128;
    let named = cell.len() <= 64 && cell.iter().all(of_name);
    named.then(|| cell.iter().map(|byte| if b" /#".contains(byte) { b'_' } else { *byte }).collect())
}

/// The passwords of a text each line of which is an account of one of the forms that programs read: `user:password` (rsync, Exim),
/// `user password` (JMX, racoon), `"user" "password"` (PgBouncer), `host user:password` (Postfix), `place user password` (davfs2) and
/// `client server secret addresses` (pppd).
fn accounts(text: &[u8]) -> Option<Vec<Span>> {
    if text.len() > MAX_LIST {
        return None;
    }
    let mut passwords = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let trimmed = line.trim_ascii();
        if !trimmed.is_empty() && !trimmed.starts_with(b"#") && !trimmed.starts_with(b";") {
            passwords.push(password(start + line.len() - line.trim_ascii_start().len(), trimmed)?);
        }
        start += line.len();
    }
    (!passwords.is_empty()).then_some(passwords)
}

/// The password in the line of an account that begins at `start`.
fn password(start: usize, line: &[u8]) -> Option<Span> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let spaces = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let word = word(rest.get(spaces..)?)?;
        words.push(Span::new(at + spaces + word.start, at + spaces + word.end));
        at += spaces + word.end + word.start;
        if words.len() > 4 {
            return None;
        }
    }
    let bytes = |span: Span| line.get(span.start..span.end).unwrap_or_default();
    // A key of YAML, an item of a list, or an assignment.
    let is_other =
        |word: &[u8]| word.ends_with(b":") || word.contains(&b'=') || word == b"-" || word == b"export";
    let assigns = |word: &Span| matches!(bytes(*word), b"=" | b":" | b":=" | b"=>");
    if words.first().is_none_or(|first| is_other(bytes(*first))) || words.iter().any(assigns) {
        return None;
    }
    let span = match words.as_slice() {
        [pair] => Span::new(pair.start + behind_user(bytes(*pair))?, pair.end),
        [place, pair] if bytes(*place).iter().any(|byte| b".@".contains(byte)) => {
            Span::new(pair.start + behind_user(bytes(*pair)).unwrap_or(0), pair.end)
        }
        [_, password] | [_, _, password] | [_, _, password, _] => *password,
        _ => return None,
    };
    Some(Span::new(start + span.start, start + span.end))
}

/// The first word of a line, without the quotes that it may have.
fn word(rest: &[u8]) -> Option<Span> {
    if let Some(inside) = rest.strip_prefix(b"\"") {
        return Some(Span::new(1, 1 + memchr::memchr(b'"', inside)?));
    }
    let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    Some(Span::new(0, end))
}

/// Where the password begins in `user:password`, or in `host:user:password`.
fn behind_user(pair: &[u8]) -> Option<usize> {
    let of_user = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-@*+".contains(byte);
    let user = pair.iter().take_while(|byte| of_user(byte)).count();
    let rest = pair.get(user..)?.strip_prefix(b":").filter(|_| user > 0)?;
    let second = rest.iter().take_while(|byte| of_user(byte)).count();
    let is_host = pair.get(..user)?.contains(&b'.') && second > 0 && rest.get(second) == Some(&b':');
    Some(if is_host { user + second + 2 } else { user + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(text: &str) -> Option<Vec<&str>> {
        let spans = accounts(text.as_bytes())?;
        spans.iter().map(|span| text.get(span.start..span.end)).collect()
    }

    fn cells<'t>(text: &'t str, names: &mut Vec<String>) -> Option<Vec<&'t str>> {
        let table = Table::of(text.as_bytes())?;
        let text_of = |span: &Span| text.get(span.start..span.end);
        names.extend(table.promised.iter().map(|(_, name)| String::from_utf8_lossy(name).into_owned()));
        let (row, _) = table.row(text.as_bytes(), table.rows).ok()?;
        table.promised.iter().map(|(column, _)| text_of(row.get(*column)?)).collect()
    }

    #[test]
    fn a_list_of_accounts_has_one_form_a_line() {
        let cases = [
            ("# comment\nbackup:fn3Xk9\n\nanna:hk2\n", vec!["fn3Xk9", "hk2"]),
            ("smtp.acme.io:anna:fn3Xk9\n", vec!["fn3Xk9"]),
            ("[mx.acme.io]:587 anna@acme.io:fn3Xk9\r\n", vec!["fn3Xk9"]),
            ("anna * fn3Xk9 *\n\"ops\" pptpd \"hk2 x\" 10.0.0.5\n", vec!["fn3Xk9", "hk2 x"]),
            ("\"app\" \"fn3Xk9\"\n", vec!["fn3Xk9"]),
            ("https://dav.acme.io/files anna fn3Xk9\n", vec!["fn3Xk9"]),
            ("controlRole fn3Xk9", vec!["fn3Xk9"]),
        ];
        for (text, expected) in cases {
            assert_eq!(passwords(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "# nothing\n",
            "one\n",
            "a b c d e\n",
            "kind: Secret\ndata:\n",
            "username = fn3Xk9\nhost = db1\n",
            "- one\n- two\n",
            "export A=\"fn3Xk9\"\n",
            "backup:fn3Xk9\nand then prose follows in a line\n",
        ] {
            assert_eq!(passwords(text), None, "{text}");
        }
    }

    #[test]
    fn a_header_says_which_column_is_promised() {
        let cases = [
            ("user,password\nanna,fn3Xk9\n", "fn3Xk9"),
            ("\"User\";\"Passwort\"\r\n\"a;b\";\"fn3Xk9\"\r\n", "fn3Xk9"),
            ("user, password\nanna, \"fn3Xk9\"\n", "fn3Xk9"),
            ("\u{feff}\"password\",\"user\"\r\n\"fn3Xk9\",\"anna\"\r\n", "fn3Xk9"),
            ("\u{feff}API key\tnote\nfn3Xk9\t\"two\nlines\"", "fn3Xk9"),
        ];
        for (text, expected) in cases {
            assert_eq!(cells(text, &mut Vec::new()), Some(vec![expected]), "{text}");
        }
        let mut names = Vec::new();
        assert_eq!(cells("id,Secret access key\n1,fn3Xk9\n", &mut names), Some(vec!["fn3Xk9"]));
        assert_eq!(names, ["Secret_access_key"]);
        let others = [
            "user,name\nanna,Anna\n",
            "sentence,token,pos\n1,fn3Xk9,NN\n",
            "user,password\nanna\n",
            "login(user, password)\nlogin(a, b)\n",
            "password\nfn3Xk9\n",
            "user,password",
        ];
        for text in others {
            assert_eq!(cells(text, &mut Vec::new()), None, "{text}");
        }
    }
}
