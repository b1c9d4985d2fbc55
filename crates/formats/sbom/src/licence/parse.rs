use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::licence::{Licence, Node};

/// The longest expression that is read, in bytes.
const LONGEST: usize = 8192;

/// How deep parentheses are nested at most.
const DEEPEST: u32 = 32;

/// Why a text is no licence expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenceError {
    /// There is nothing.
    #[error("there is no licence")]
    Empty,
    /// It is longer than is read.
    #[error("the expression is longer than {LONGEST} bytes")]
    TooLong,
    /// Its parentheses are nested too deeply.
    #[error("the expression has more than {DEEPEST} levels of parentheses")]
    TooDeep,
    /// Something stands where something else should.
    #[error("the expression is broken at byte {at}")]
    Syntax {
        /// The byte, from 0.
        at: usize,
    },
    /// An identifier is not on the SPDX list.
    #[error("`{0}` is no licence of the SPDX list")]
    UnknownLicence(String),
    /// An exception is not on the SPDX list.
    #[error("`{0}` is no exception of the SPDX list")]
    UnknownException(String),
    /// An expression stands where one licence should.
    #[error("`{0}` is more than one licence")]
    Several(String),
    /// What is declared may mean several licences, or none.
    #[error("`{0}` does not say which licence it is")]
    Unclear(String),
}

/// Old identifiers that the SPDX list has given up for an expression.
const REPLACED: [(&str, &str, Option<&str>); 10] = [
    ("BSD-2-Clause-FreeBSD", "BSD-2-Clause", None),
    ("BSD-2-Clause-NetBSD", "BSD-2-Clause", None),
    ("bzip2-1.0.5", "bzip2-1.0.6", None),
    ("GPL-2.0-with-autoconf-exception", "GPL-2.0-only", Some("Autoconf-exception-2.0")),
    ("GPL-2.0-with-bison-exception", "GPL-2.0-or-later", Some("Bison-exception-2.2")),
    ("GPL-2.0-with-classpath-exception", "GPL-2.0-only", Some("Classpath-exception-2.0")),
    ("GPL-2.0-with-font-exception", "GPL-2.0-only", Some("Font-exception-2.0")),
    ("GPL-2.0-with-GCC-exception", "GPL-2.0-or-later", Some("GCC-exception-2.0")),
    ("GPL-3.0-with-autoconf-exception", "GPL-3.0-only", Some("Autoconf-exception-3.0")),
    ("GPL-3.0-with-GCC-exception", "GPL-3.0-only", Some("GCC-exception-3.1")),
];

/// Licences whose versions the list names with `-only` and `-or-later`.
const GNU: [&str; 10] = [
    "AGPL-1.0", "AGPL-3.0", "GFDL-1.1", "GFDL-1.2", "GFDL-1.3", "GPL-1.0", "GPL-2.0", "GPL-3.0", "LGPL-2.0",
    "LGPL-2.1",
];

/// Names by their spelling in lower case.
type Names = BTreeMap<String, &'static str>;

fn licence_names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        let names = spdx::identifiers::LICENSES.iter().map(|licence| licence.name);
        names
            .filter(|name| !matches!(*name, "NOASSERTION" | "NONE"))
            .map(|name| (name.to_ascii_lowercase(), name))
            .collect()
    })
}

fn exception_names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        let names = spdx::identifiers::EXCEPTIONS.iter().map(|exception| exception.name);
        names.map(|name| (name.to_ascii_lowercase(), name)).collect()
    })
}

/// The licence with that identifier, in any case, with or without a `+` behind it.
pub(super) fn licence(word: &str) -> Result<Licence, LicenceError> {
    let plain = |id: &str| Licence { id: id.to_owned(), or_later: false, exception: None };
    if is_reference(word) {
        return Ok(plain(word));
    }
    let unknown = || LicenceError::UnknownLicence(word.to_owned());
    let (base, or_later) = word.strip_suffix('+').map_or((word, false), |base| (base, true));
    // Some old identifiers have the plus in themselves.
    let names = licence_names();
    let id = *names
        .get(&base.to_ascii_lowercase())
        .or_else(|| names.get(&word.to_ascii_lowercase()))
        .ok_or_else(unknown)?;
    let id = id.strip_suffix('+').unwrap_or(id);
    if let Some((_, new, exception)) = REPLACED.iter().find(|(old, ..)| *old == id) {
        return Ok(Licence { exception: exception.map(str::to_owned), ..plain(new) });
    }
    if GNU.contains(&id) || id == "LGPL-3.0" {
        return Ok(plain(&format!("{id}-{}", if or_later { "or-later" } else { "only" })));
    }
    if or_later && id.ends_with("-or-later") {
        return Ok(plain(id));
    }
    if or_later && id.ends_with("-only") {
        return Ok(plain(&format!("{}-or-later", id.trim_end_matches("-only"))));
    }
    Ok(Licence { or_later, ..plain(id) })
}

/// `LicenseRef-` and an identifier, maybe of another document.
fn is_reference(word: &str) -> bool {
    let good = |id: &str| {
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    };
    match word.split_once(':') {
        Some((document, licence)) => {
            document.strip_prefix("DocumentRef-").is_some_and(good)
                && licence.strip_prefix("LicenseRef-").is_some_and(good)
        }
        None => word.strip_prefix("LicenseRef-").is_some_and(good),
    }
}

/// The exception with that identifier, in any case.
fn exception(word: &str) -> Result<String, LicenceError> {
    if word.strip_prefix("AdditionRef-").is_some_and(|rest| !rest.is_empty()) {
        return Ok(word.to_owned());
    }
    let known = exception_names().get(&word.to_ascii_lowercase());
    known.map(|name| (*name).to_owned()).ok_or_else(|| LicenceError::UnknownException(word.to_owned()))
}

pub(super) fn expression(text: &str) -> Result<Node, LicenceError> {
    if text.len() > LONGEST {
        return Err(LicenceError::TooLong);
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(LicenceError::Empty);
    }
    let mut parser = Parser { tokens: &tokens, end: text.len() };
    let node = parser.any(0)?;
    match parser.tokens.first() {
        None => Ok(node),
        Some((at, _)) => Err(LicenceError::Syntax { at: *at }),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    With,
    Word(String),
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, LicenceError> {
    let mut tokens = Vec::new();
    let mut word: Option<(usize, String)> = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | ':') {
            word.get_or_insert_with(|| (at, String::new())).1.push(c);
            continue;
        }
        tokens.extend(word.take().map(|(at, word)| (at, token(word))));
        match c {
            '(' => tokens.push((at, Token::Open)),
            ')' => tokens.push((at, Token::Close)),
            c if c.is_ascii_whitespace() => {}
            _ => return Err(LicenceError::Syntax { at }),
        }
    }
    Ok(tokens)
}

fn token(word: String) -> Token {
    match word.as_str() {
        "AND" | "and" => Token::And,
        "OR" | "or" => Token::Or,
        "WITH" | "with" => Token::With,
        _ => Token::Word(word),
    }
}

struct Parser<'a> {
    tokens: &'a [(usize, Token)],
    end: usize,
}

impl Parser<'_> {
    /// Takes the next token if it is that one.
    fn take(&mut self, wanted: &Token) -> bool {
        match self.tokens.split_first() {
            Some(((_, token), rest)) if token == wanted => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn word(&mut self) -> Result<String, LicenceError> {
        match self.tokens.split_first() {
            Some(((_, Token::Word(word)), rest)) => {
                self.tokens = rest;
                Ok(word.clone())
            }
            Some(((at, _), _)) => Err(LicenceError::Syntax { at: *at }),
            None => Err(LicenceError::Syntax { at: self.end }),
        }
    }

    fn any(&mut self, depth: u32) -> Result<Node, LicenceError> {
        let mut parts = vec![self.all(depth)?];
        while self.take(&Token::Or) {
            parts.push(self.all(depth)?);
        }
        Ok(joined(parts, Node::Any))
    }

    fn all(&mut self, depth: u32) -> Result<Node, LicenceError> {
        let mut parts = vec![self.one(depth)?];
        while self.take(&Token::And) {
            parts.push(self.one(depth)?);
        }
        Ok(joined(parts, Node::All))
    }

    fn one(&mut self, depth: u32) -> Result<Node, LicenceError> {
        if depth > DEEPEST {
            return Err(LicenceError::TooDeep);
        }
        if self.take(&Token::Open) {
            let node = self.any(depth + 1)?;
            let at = self.tokens.first().map_or(self.end, |(at, _)| *at);
            return if self.take(&Token::Close) { Ok(node) } else { Err(LicenceError::Syntax { at }) };
        }
        let mut found = licence(&self.word()?)?;
        if self.take(&Token::With) {
            found.exception = Some(exception(&self.word()?)?);
        }
        Ok(Node::Licence(found))
    }
}

/// Several parts under one word; parts under the same word become parts of it.
pub(super) fn joined(parts: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    let mut flat = Vec::new();
    for part in parts {
        match (&part, join(Vec::new())) {
            (Node::All(inner), Node::All(_)) | (Node::Any(inner), Node::Any(_)) => flat.extend(inner.clone()),
            _ => flat.push(part),
        }
    }
    match <[Node; 1]>::try_from(flat) {
        Ok([one]) => one,
        Err(flat) => join(flat),
    }
}
