//! EDN, the data notation of Clojure, with what Clojure itself reads besides: metadata, quotes, characters, reader conditionals. Nothing is
//! evaluated; what would have to be is null.

use palisade_model::ReadingProblem;

use super::signs::Signs;
use super::{Kind, MAX_DEPTH, MAX_VALUES, Member, Tree, Value, text};

/// Reads all values of a file. Strings, symbols and keywords are texts, a keyword with its colon; lists, vectors and sets are lists. Keys
/// of maps that are no texts or numbers are passed over with what they stand for.
pub(crate) fn parse(bytes: &[u8]) -> Tree {
    let (text, problems) = text::decode(bytes);
    let mut reader = Reader { signs: Signs::new(&text), count: 0, problems };
    let mut roots = Vec::new();
    loop {
        match reader.next(MAX_DEPTH) {
            Item::Value(value) => roots.push(value),
            Item::Close(_) => reader.problem("a bracket closes what is not open"),
            Item::End => break,
        }
    }
    Tree { roots, problems: reader.problems }
}

enum Item {
    Value(Value),
    Close(char),
    End,
}

struct Reader<'t> {
    signs: Signs<'t>,
    count: usize,
    problems: Vec<ReadingProblem>,
}

impl Reader<'_> {
    fn next(&mut self, depth: usize) -> Item {
        loop {
            let Some(first) = self.signs.take() else { return Item::End };
            let line = self.signs.line();
            let kind = match first {
                ')' | ']' | '}' => return Item::Close(first),
                ';' => {
                    self.signs.skip_line();
                    continue;
                }
                // What is quoted stands for itself.
                '\'' | '`' | '@' => continue,
                '^' => {
                    self.discard(depth);
                    continue;
                }
                '~' => self.unknown(depth),
                '#' => match self.dispatch(depth) {
                    Some(kind) => kind,
                    None => continue,
                },
                '"' => Kind::Text(self.string()),
                '(' | '[' => Kind::List(self.items(depth, if first == '(' { ')' } else { ']' })),
                '{' => table(self.items(depth, '}'), ""),
                '\\' => Kind::Text(self.signs.take().into_iter().chain(self.word()).collect()),
                first if first.is_whitespace() || first == ',' => continue,
                first => scalar(std::iter::once(first).chain(self.word()).collect()),
            };
            self.count += 1;
            if self.count > MAX_VALUES {
                self.stop("has more values than are read");
            }
            return Item::Value(Value { line, kind });
        }
    }

    /// What follows `#`; none where the value stands behind it, or nothing.
    fn dispatch(&mut self, depth: usize) -> Option<Kind> {
        match self.signs.peek() {
            Some('_') => {
                self.signs.take();
                self.discard(depth);
                None
            }
            Some('{') => {
                self.signs.take();
                Some(Kind::List(self.items(depth, '}')))
            }
            Some('"') => {
                self.signs.take();
                Some(Kind::Text(self.string()))
            }
            Some(':') => Some(self.namespaced(depth)),
            // `##Inf` and its like.
            Some('#') => {
                self.signs.take();
                Some(Kind::Number(self.word().into_iter().collect()))
            }
            // Which branch counts depends on who reads it.
            Some('?') => {
                self.signs.take();
                Some(self.unknown(depth))
            }
            Some('(') => Some(self.unknown(depth)),
            Some('\'' | '^') => None,
            _ => {
                self.word();
                None
            }
        }
    }

    /// `#:name{:key 1}` is `{:name/key 1}`. What `#::` stands for depends on the file that it stands in.
    fn namespaced(&mut self, depth: usize) -> Kind {
        let word: String = self.word().into_iter().skip(1).collect();
        while self.signs.peek().is_some_and(|next| next.is_whitespace() || next == ',') {
            self.signs.take();
        }
        if self.signs.peek() != Some('{') {
            self.problem("a namespace stands before no map");
            return Kind::Null;
        }
        self.signs.take();
        let items = self.items(depth, '}');
        if word.is_empty() || word.starts_with(':') { Kind::Null } else { table(items, &word) }
    }

    fn discard(&mut self, depth: usize) {
        if depth == 0 {
            self.stop("nests deeper than is read");
        } else if let Item::Close(_) = self.next(depth - 1) {
            self.problem("a bracket closes before what it should hold");
        }
    }

    fn unknown(&mut self, depth: usize) -> Kind {
        self.discard(depth);
        Kind::Null
    }

    fn items(&mut self, depth: usize, close: char) -> Vec<Value> {
        let mut items = Vec::new();
        if depth == 0 {
            self.stop("nests deeper than is read");
            return items;
        }
        loop {
            match self.next(depth - 1) {
                Item::Value(value) => items.push(value),
                Item::Close(sign) => {
                    if sign != close {
                        self.problem("a bracket closes another one than it should");
                    }
                    return items;
                }
                Item::End => {
                    self.problem("ends within brackets");
                    return items;
                }
            }
        }
    }

    /// The rest of a text after its first quote.
    fn string(&mut self) -> String {
        let mut string = String::new();
        loop {
            match self.signs.take() {
                Some('"') => return string,
                Some('\\') => match self.signs.take() {
                    Some('n') => string.push('\n'),
                    Some('t') => string.push('\t'),
                    Some('r') => string.push('\r'),
                    other => string.extend(other),
                },
                Some(other) => string.push(other),
                None => {
                    self.problem("ends within a text");
                    return string;
                }
            }
        }
    }

    fn word(&mut self) -> Vec<char> {
        let is_part = |next: &char| !next.is_whitespace() && !"()[]{}\",;".contains(*next);
        self.signs.take_while(is_part).collect()
    }

    /// A problem after which nothing is read.
    fn stop(&mut self, detail: &str) {
        self.problem(detail);
        self.signs.stop();
    }

    fn problem(&mut self, detail: &str) {
        // One break makes others at each bracket that follows.
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(ReadingProblem { line: Some(self.signs.line()), detail: detail.to_owned() });
        }
    }
}

/// Problems of one file that are told.
const MAX_PROBLEMS: usize = 8;

fn scalar(word: String) -> Kind {
    match word.as_str() {
        "nil" => Kind::Null,
        "true" => Kind::Bool(true),
        "false" => Kind::Bool(false),
        number if number.starts_with(|first: char| first.is_ascii_digit()) => Kind::Number(word),
        _ => Kind::Text(word),
    }
}

/// A map of keys and values by turns, whose keys may have a namespace in common.
fn table(items: Vec<Value>, namespace: &str) -> Kind {
    let mut members = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        if let Some(text) = key.scalar() {
            members.push(Member { key: in_namespace(text, namespace), line: key.line, value });
        }
    }
    Kind::Table(members)
}

/// A key of a map with a namespace; one with a namespace of its own keeps it, and `_` stands for none.
fn in_namespace(key: &str, namespace: &str) -> String {
    let (colon, name) = key.strip_prefix(':').map_or(("", key), |name| (":", name));
    match name.split_once('/') {
        _ if namespace.is_empty() => key.to_owned(),
        Some(("_", name)) => format!("{colon}{name}"),
        Some(_) => key.to_owned(),
        None => format!("{colon}{namespace}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example values of the notation's own description, and what Clojure adds.
    #[test]
    fn all_kinds_of_values_are_read() {
        let text = r##"; why
{:a/b #{1 2.5}, "k" [nil true \newline "x\"y\n"], sym (f ^{:doc "m"} g #_ (not this) #inst "1985")
 [no key] 1 :re #"a\b" :code ~(str 1) :fn #(inc %)}"##;
        let tree = parse(text.as_bytes());
        assert_eq!(tree.problems, []);
        let root = tree.root();
        let list = |key: &str| root.items_of(key).iter().map(Value::scalar).collect::<Vec<_>>();
        assert_eq!(list(":a/b"), [Some("1"), Some("2.5")]);
        assert_eq!(list("k"), [None, Some("true"), Some("newline"), Some("x\"y\n")]);
        assert_eq!(list("sym"), [Some("f"), Some("g"), Some("1985")]);
        assert_eq!(root.get(":code").map(|value| &value.kind), Some(&Kind::Null));
        assert_eq!(root.get(":fn").map(|value| &value.kind), Some(&Kind::Null));
        assert_eq!(root.get(":fn").map(|value| value.line), Some(3));
    }

    #[test]
    fn what_is_broken_or_too_deep_is_a_problem() {
        for text in ["{:a [1", "[1}", ")", "\"a", "[~]"] {
            assert!(!parse(text.as_bytes()).problems.is_empty(), "{text}");
        }
        for open in ["[", "^", "#_", "~", "{"] {
            let deep = parse(open.repeat(100_000).as_bytes());
            assert!(!deep.problems.is_empty() && deep.problems.len() <= MAX_PROBLEMS, "{open}");
        }
    }
}
