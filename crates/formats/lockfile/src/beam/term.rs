//! Terms as Erlang and Elixir write them into files: tuples, lists, maps, atoms, texts. Nothing is evaluated.

use palisade_model::ReadingProblem;

/// Terms within terms.
const MAX_DEPTH: usize = 64;
/// Terms of one record.
const MAX_TERMS: usize = 2_000_000;

/// A term and the line it begins on, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) line: u32,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text, binary or not.
    Text(String),
    /// An atom or a number.
    Word(String),
    List(Vec<Term>),
    /// A tuple, or a key with its value.
    Tuple(Vec<Term>),
}

impl Term {
    /// What is written, of a text, an atom or a number.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) | Kind::Word(text) => Some(text),
            _ => None,
        }
    }

    /// The terms of a tuple.
    pub(super) fn tuple(&self) -> &[Self] {
        if let Kind::Tuple(terms) = &self.kind { terms } else { &[] }
    }

    /// The terms of a list or a map.
    pub(super) fn list(&self) -> &[Self] {
        if let Kind::List(terms) = &self.kind { terms } else { &[] }
    }

    /// The value under `key` in a list of pairs.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.list().iter().find_map(|pair| match pair.tuple() {
            [name, value] if name.word() == Some(key) => Some(value),
            _ => None,
        })
    }
}

/// Reads the terms of a file; what is broken ends them and is a problem.
pub(super) fn read(text: &str, comment: char) -> (Vec<Term>, Vec<ReadingProblem>) {
    let mut reader = Reader { rest: text, line: 1, comment, count: 0, problem: None };
    let mut terms = Vec::new();
    loop {
        reader.skip(&['.', ',']);
        if reader.rest.is_empty() {
            break;
        }
        match reader.term(0) {
            Some(term) => terms.push(term),
            None => break,
        }
        if reader.problem.is_some() {
            break;
        }
    }
    (terms, reader.problem.into_iter().collect())
}

struct Reader<'t> {
    rest: &'t str,
    line: u32,
    comment: char,
    count: usize,
    problem: Option<ReadingProblem>,
}

impl<'t> Reader<'t> {
    /// Steps over white space, comments and `separators`.
    fn skip(&mut self, separators: &[char]) {
        loop {
            let mut chars = self.rest.chars();
            match chars.next() {
                Some('\n') => self.line = self.line.saturating_add(1),
                Some(c) if c.is_whitespace() || c == '\u{feff}' || separators.contains(&c) => {}
                // In Elixir a map begins with the sign that begins a comment in Erlang.
                Some(c) if c == self.comment && !self.rest.starts_with("%{") => {
                    self.rest = self.rest.find('\n').map_or("", |at| self.rest.split_at(at).1);
                    continue;
                }
                _ => return,
            }
            self.rest = chars.as_str();
        }
    }

    fn take(&mut self, start: &str) -> bool {
        let rest = self.rest.strip_prefix(start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn broken(&mut self, detail: &str) {
        let detail = format!("broken term: {detail}");
        self.problem.get_or_insert(ReadingProblem { line: Some(self.line), detail });
    }

    fn term(&mut self, depth: usize) -> Option<Term> {
        self.count += 1;
        if depth > MAX_DEPTH || self.count > MAX_TERMS {
            self.broken("nests deeper or has more terms than are read");
            return None;
        }
        let line = self.line;
        let kind = if self.take("%{") {
            Kind::List(self.terms('}', depth))
        } else if self.take("[") {
            Kind::List(self.terms(']', depth))
        } else if self.take("{") {
            Kind::Tuple(self.terms('}', depth))
        } else if self.take("<<") {
            self.binary()?
        } else if self.rest.starts_with('"') {
            Kind::Text(self.quoted('"')?)
        } else if self.take(":\"") {
            self.rest = self.rest.get(0..)?;
            Kind::Word(self.until('"')?)
        } else if self.rest.starts_with('\'') {
            Kind::Word(self.quoted('\'')?)
        } else {
            self.word()?
        };
        let term = Term { line, kind };
        if self.problem.is_some() {
            return Some(term);
        }
        self.pair(term, depth)
    }

    /// `key: value` and `key => value` are pairs.
    fn pair(&mut self, key: Term, depth: usize) -> Option<Term> {
        let is_keyword = self.rest.starts_with(':') && !self.rest.starts_with("::");
        if is_keyword {
            self.take(":");
        } else {
            let before = (self.rest, self.line);
            self.skip(&[]);
            if !self.take("=>") {
                (self.rest, self.line) = before;
                return Some(key);
            }
        }
        self.skip(&[]);
        let line = key.line;
        let mut pair = vec![key];
        pair.extend(self.term(depth + 1));
        Some(Term { line, kind: Kind::Tuple(pair) })
    }

    fn terms(&mut self, end: char, depth: usize) -> Vec<Term> {
        let mut terms = Vec::new();
        loop {
            self.skip(&[',']);
            let mut chars = self.rest.chars();
            match chars.next() {
                Some(c) if c == end => {
                    self.rest = chars.as_str();
                    return terms;
                }
                Some(_) => {}
                None => {
                    self.broken("it ends within a list or a tuple");
                    return terms;
                }
            }
            let term = self.term(depth + 1);
            let is_end = term.is_none();
            terms.extend(term);
            if is_end || self.problem.is_some() {
                return terms;
            }
        }
    }

    fn binary(&mut self) -> Option<Kind> {
        self.skip(&[]);
        if !self.rest.starts_with('"') {
            self.broken("a binary that is no text");
            return None;
        }
        let text = self.quoted('"')?;
        self.take("/utf8");
        self.skip(&[]);
        if !self.take(">>") {
            self.broken("a binary that does not end");
        }
        Some(Kind::Text(text))
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        self.rest = self.rest.strip_prefix(quote)?;
        self.until(quote)
    }

    fn until(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => text.extend(chars.next()),
                c if c == quote => {
                    self.rest = chars.as_str();
                    return Some(text);
                }
                c => {
                    self.line = self.line.saturating_add(u32::from(c == '\n'));
                    text.push(c);
                }
            }
        }
        self.rest = "";
        self.broken("a text that does not end");
        None
    }

    fn word(&mut self) -> Option<Kind> {
        self.take(":");
        let is_end = |c: char| !(c.is_alphanumeric() || "_@.?!+-".contains(c));
        let at = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(at);
        // A point at the end ends the term.
        let word = word.trim_end_matches('.');
        if word.is_empty() {
            self.broken("a term was expected");
            return None;
        }
        self.rest = if word.len() == at { rest } else { self.rest.split_at(word.len()).1 };
        Some(Kind::Word(word.to_owned()))
    }
}
