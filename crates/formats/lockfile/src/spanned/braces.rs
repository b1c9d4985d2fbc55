//! Tables in braces, as Lua and Zig write data: `{ name = "x", ["a-b"] = { 1, 2 } }` and `.{ .name = "x", .@"a-b" = .{ 1, 2 } }`. Nothing
//! is evaluated; what would have to be is null.

use palisade_model::ReadingProblem;

use super::signs::Signs;
use super::{Kind, MAX_DEPTH, MAX_VALUES, Member, Tree, Value, text};

/// Reads the first table of a file, in which comments begin with `comment`, which is two signs. A table with keys keeps what has one.
pub(crate) fn parse(bytes: &[u8], comment: char) -> Tree {
    let (text, problems) = text::decode(bytes);
    let mut reader = Reader { signs: Signs::new(&text), comment, count: 0, problems };
    let root = loop {
        match reader.next() {
            Token::Open => {
                let line = reader.signs.line();
                break Value { line, kind: reader.table(MAX_DEPTH) };
            }
            Token::End => {
                reader.problem("holds no table");
                break Value { line: 1, kind: Kind::Null };
            }
            _ => {}
        }
    };
    Tree { roots: vec![root], problems: reader.problems }
}

enum Token {
    Open,
    Close,
    /// A text in quotes.
    Text(String),
    /// A name or a number.
    Word(String),
    Sign(char),
    End,
}

struct Reader<'t> {
    signs: Signs<'t>,
    comment: char,
    count: usize,
    problems: Vec<ReadingProblem>,
}

impl Reader<'_> {
    fn next(&mut self) -> Token {
        loop {
            let Some(first) = self.signs.take() else { return Token::End };
            let follows = self.signs.peek();
            match first {
                first if first == self.comment && follows == Some(first) => {
                    self.signs.skip_line();
                }
                '{' => return Token::Open,
                '}' => return Token::Close,
                '"' | '\'' => return Token::Text(self.string(first)),
                // The sign before a name or a table of Zig.
                '.' if follows.is_some_and(|next| next == '{' || next == '@' || is_word(&next)) => {}
                '@' if follows == Some('"') => {}
                first if is_word(&first) || first == '-' => {
                    let mut word = String::from(first);
                    word.extend(self.signs.take_while(|next| is_word(next) || *next == '.'));
                    return Token::Word(word);
                }
                first if first.is_whitespace() => {}
                sign => return Token::Sign(sign),
            }
        }
    }

    fn string(&mut self, quote: char) -> String {
        let mut string = String::new();
        loop {
            match self.signs.take() {
                Some(end) if end == quote => return string,
                Some('\\') => string.extend(self.signs.take()),
                Some(other) => string.push(other),
                None => {
                    self.problem("ends within a text");
                    return string;
                }
            }
        }
    }

    /// The rest of a table after its brace.
    fn table(&mut self, depth: usize) -> Kind {
        let (mut members, mut items) = (Vec::new(), Vec::new());
        let mut entry = Entry::default();
        loop {
            let token = self.next();
            let line = self.signs.line();
            self.count += 1;
            if self.count > MAX_VALUES || depth == 0 {
                self.problem("nests deeper or has more values than are read");
                self.signs.stop();
            }
            match token {
                Token::Open if depth > 0 => {
                    let kind = self.table(depth - 1);
                    entry.put(Value { line, kind });
                }
                Token::Text(text) => entry.put(Value { line, kind: Kind::Text(text) }),
                Token::Word(word) => entry.put(Value { line, kind: scalar(word) }),
                Token::Sign('=') => entry.key = entry.value.take(),
                Token::Sign('[' | ']') => {}
                Token::Sign(',' | ';') => std::mem::take(&mut entry).end(&mut members, &mut items),
                Token::Sign(_) => entry.is_unknown = true,
                Token::Close => break,
                Token::Open | Token::End => {
                    self.problem("ends within a table");
                    break;
                }
            }
        }
        entry.end(&mut members, &mut items);
        if members.is_empty() && !items.is_empty() { Kind::List(items) } else { Kind::Table(members) }
    }

    fn problem(&mut self, detail: &str) {
        // Each table that is open says that it ends too soon; once is enough.
        if self.problems.iter().all(|problem| problem.detail != detail) {
            self.problems.push(ReadingProblem { line: Some(self.signs.line()), detail: detail.to_owned() });
        }
    }
}

/// What stands between two commas.
#[derive(Default)]
struct Entry {
    key: Option<Value>,
    value: Option<Value>,
    /// Whether it is more than one value.
    is_unknown: bool,
}

impl Entry {
    fn put(&mut self, value: Value) {
        self.is_unknown |= self.value.is_some();
        self.value = Some(value);
    }

    fn end(self, members: &mut Vec<Member>, items: &mut Vec<Value>) {
        let Some(mut value) = self.value else { return };
        if self.is_unknown {
            value.kind = Kind::Null;
        }
        match self.key {
            Some(key) => {
                if let Some(name) = key.scalar() {
                    members.push(Member { key: name.to_owned(), line: key.line, value });
                }
            }
            None => items.push(value),
        }
    }
}

fn is_word(sign: &char) -> bool {
    sign.is_alphanumeric() || *sign == '_'
}

fn scalar(word: String) -> Kind {
    match word.as_str() {
        "nil" | "null" => Kind::Null,
        "true" => Kind::Bool(true),
        "false" => Kind::Bool(false),
        number if number.starts_with(|first: char| first.is_ascii_digit() || first == '-') => {
            Kind::Number(word)
        }
        _ => Kind::Text(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_notations_make_the_same_tables() {
        let lua = "-- why\nreturn {\n  name = \"x\",\n  [\"a-b\"] = { 'one', 'two' },\n  n = 1.5, t = true, c = f(1),\n}\n";
        let zig = "// why\n.{\n  .name = \"x\",\n  .@\"a-b\" = .{ \"one\", \"two\" },\n  .n = 1.5, .t = true, .c = f(1),\n}\n";
        for (text, comment) in [(lua, '-'), (zig, '/')] {
            let tree = parse(text.as_bytes(), comment);
            assert_eq!(tree.problems, []);
            let root = tree.root();
            assert_eq!(root.text_of("name"), Some("x"));
            let items: Vec<_> = root.items_of("a-b").iter().filter_map(Value::text).collect();
            assert_eq!(items, ["one", "two"]);
            assert_eq!((root.scalar_of("n"), root.flag("t")), (Some("1.5"), true));
            assert_eq!(root.get("c").map(|value| &value.kind), Some(&Kind::Null));
            assert_eq!(root.get("a-b").map(|value| value.line), Some(4));
        }
    }

    #[test]
    fn what_is_broken_or_too_deep_is_a_problem() {
        for text in ["", "x", "{ a = ", "{ a = \"b", &"{".repeat(100_000)] {
            assert!(!parse(text.as_bytes(), '-').problems.is_empty(), "{text:.9}");
        }
    }
}
