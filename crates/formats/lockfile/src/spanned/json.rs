use palisade_model::ReadingProblem;

use super::{Kind, MAX_DEPTH, MAX_VALUES, Member, Tree, Value, text};

/// Reads JSON. Comments and commas before a closing bracket are taken as well, as some tools write them. When something is broken,
/// what was read before it is kept.
pub(crate) fn parse(bytes: &[u8]) -> Tree {
    let (text, problems) = text::decode(bytes);
    let mut reader = Reader { bytes: text.as_bytes(), text: &text, at: 0, line: 1, values: 0, problems };
    let root = reader.root();
    Tree { roots: root.into_iter().collect(), problems: reader.problems }
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    line: u32,
    values: usize,
    problems: Vec<ReadingProblem>,
}

/// Whether reading goes on after a value. A broken one has made its problem.
#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Broken,
}

impl<'a> Reader<'a> {
    fn root(&mut self) -> Option<Value> {
        if self.skip_blank() == Flow::Broken {
            return None;
        }
        let (value, flow) = self.value(0);
        if flow == Flow::On && self.skip_blank() == Flow::On && self.at < self.bytes.len() {
            self.broken("there is more text after the value");
        }
        value
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Steps over `byte` if it is next.
    fn accept(&mut self, byte: u8) -> bool {
        let met = self.peek() == Some(byte);
        self.at += usize::from(met);
        met
    }

    fn broken(&mut self, detail: &str) -> Flow {
        self.problems
            .push(ReadingProblem { line: Some(self.line), detail: format!("broken JSON: {detail}") });
        Flow::Broken
    }

    /// Steps over white space and comments.
    fn skip_blank(&mut self) -> Flow {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'/' => match self.bytes.get(self.at + 1) {
                    Some(b'/') => self.skip_line(),
                    Some(b'*') => {
                        if self.skip_comment() == Flow::Broken {
                            return Flow::Broken;
                        }
                    }
                    _ => return self.broken("a lone `/`"),
                },
                _ => break,
            }
        }
        Flow::On
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }

    fn skip_comment(&mut self) -> Flow {
        let rest = self.rest();
        let inner = rest.get(2..).unwrap_or_default();
        let Some(end) = inner.windows(2).position(|pair| pair == b"*/") else {
            return self.broken("a comment that does not end");
        };
        let comment = inner.get(..end).unwrap_or_default();
        self.line += super::line_number(comment.iter().filter(|byte| **byte == b'\n').count());
        self.at += end + 4;
        Flow::On
    }

    fn value(&mut self, depth: usize) -> (Option<Value>, Flow) {
        self.values += 1;
        if depth > MAX_DEPTH {
            return (None, self.broken(&format!("nested deeper than {MAX_DEPTH} levels")));
        }
        if self.values > MAX_VALUES {
            return (None, self.broken(&format!("more than {MAX_VALUES} values")));
        }
        let line = self.line;
        let (kind, flow) = match self.peek() {
            Some(b'{') => self.table(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => match self.string() {
                Ok(text) => (Kind::Text(text), Flow::On),
                Err(flow) => return (None, flow),
            },
            Some(_) => match self.word() {
                Some(kind) => (kind, Flow::On),
                None => return (None, self.broken("a value was expected")),
            },
            None => return (None, self.broken("it ends too early")),
        };
        (Some(Value { line, kind }), flow)
    }

    fn word(&mut self) -> Option<Kind> {
        let rest = self.rest();
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let end = rest.iter().position(|byte| !word(byte)).unwrap_or(rest.len());
        let text = self.text.get(self.at..self.at + end)?;
        let kind = match text {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            _ if text.parse::<f64>().is_ok_and(f64::is_finite) => Kind::Number(text.to_owned()),
            _ => return None,
        };
        self.at += end;
        Some(kind)
    }

    fn list(&mut self, depth: usize) -> (Kind, Flow) {
        self.at += 1;
        let mut items = Vec::new();
        let flow = self.list_items(depth, &mut items);
        (Kind::List(items), flow)
    }

    fn list_items(&mut self, depth: usize, items: &mut Vec<Value>) -> Flow {
        loop {
            if self.skip_blank() == Flow::Broken {
                return Flow::Broken;
            }
            if self.accept(b']') {
                return Flow::On;
            }
            let (value, flow) = self.value(depth + 1);
            items.extend(value);
            if flow == Flow::Broken || self.skip_blank() == Flow::Broken {
                return Flow::Broken;
            }
            if !self.accept(b',') && self.peek() != Some(b']') {
                return self.broken("`,` or `]` was expected");
            }
        }
    }

    fn table(&mut self, depth: usize) -> (Kind, Flow) {
        self.at += 1;
        let mut members = Vec::new();
        let flow = self.table_members(depth, &mut members);
        (Kind::Table(members), flow)
    }

    fn table_members(&mut self, depth: usize, members: &mut Vec<Member>) -> Flow {
        loop {
            if self.skip_blank() == Flow::Broken {
                return Flow::Broken;
            }
            if self.accept(b'}') {
                return Flow::On;
            }
            let line = self.line;
            let key = match self.string() {
                Ok(key) => key,
                Err(flow) => return flow,
            };
            if self.skip_blank() == Flow::Broken {
                return Flow::Broken;
            }
            if !self.accept(b':') {
                return self.broken("`:` was expected");
            }
            if self.skip_blank() == Flow::Broken {
                return Flow::Broken;
            }
            let (value, flow) = self.value(depth + 1);
            members.extend(value.map(|value| Member { key, line, value }));
            if flow == Flow::Broken || self.skip_blank() == Flow::Broken {
                return Flow::Broken;
            }
            if !self.accept(b',') && self.peek() != Some(b'}') {
                return self.broken("`,` or `}` was expected");
            }
        }
    }

    fn string(&mut self) -> Result<String, Flow> {
        if !self.accept(b'"') {
            return Err(self.broken("`\"` was expected"));
        }
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n')) else {
                return Err(self.broken("a text does not end"));
            };
            text.push_str(self.text.get(self.at..self.at + end).unwrap_or_default());
            self.at += end + 1;
            match rest.get(end) {
                Some(b'"') => return Ok(text),
                Some(b'\\') => match self.escape() {
                    Some(character) => text.push(character),
                    None => return Err(self.broken("an escape that is none")),
                },
                _ => return Err(self.broken("a text does not end in its line")),
            }
        }
    }

    /// The character of an escape; the backslash is behind us.
    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.escaped_unit()?,
            _ => return None,
        })
    }

    fn escaped_unit(&mut self) -> Option<char> {
        let first = self.hexadecimal()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if !self.rest().starts_with(b"\\u") {
            return Some(char::REPLACEMENT_CHARACTER);
        }
        self.at += 2;
        let second = self.hexadecimal()?;
        let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400);
        let whole = low.and_then(|low| char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low));
        Some(whole.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Value {
        let tree = parse(text.as_bytes());
        assert_eq!(tree.problems, [], "{text}");
        tree.root().clone()
    }

    #[test]
    fn values_know_their_lines() {
        let value = root(
            "// note\n{\"a\": [1,\n 2.5e3, /* two\nlines */ null,],\n\"b\": {\"c\": \"\\u00e9\\ud83d\\ude00\\n\"},}\n",
        );
        assert_eq!(
            value.get("a").unwrap().items().iter().map(|item| item.line).collect::<Vec<_>>(),
            [2, 3, 4]
        );
        assert_eq!(value.members().iter().map(|member| member.line).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(value.at(&["b", "c"]).unwrap().text(), Some("é😀\n"));
    }

    #[test]
    fn what_stands_before_a_break_is_kept() {
        let tree = parse(b"{\"a\": 1,\n\"b\": {\"c\": \"d\"\n\"e\": 2}}");
        assert_eq!(tree.root().at(&["b", "c"]).unwrap().text(), Some("d"));
        assert_eq!(tree.problems.len(), 1);
        assert_eq!(tree.problems[0].line, Some(3));
    }

    #[test]
    fn depth_is_bounded() {
        let tree = parse("[".repeat(1_000_000).as_bytes());
        assert!(tree.problems[0].detail.contains("nested deeper"), "{:?}", tree.problems);
    }

    #[test]
    fn marks_and_strange_bytes() {
        assert_eq!(parse(b"\xef\xbb\xbf{}\r\n").problems, []);
        let tree = parse(b"{\n\"a\": \"\xff\"}");
        assert_eq!(tree.problems[0].line, Some(2));
        let wide: Vec<u8> = "\u{feff}[1]".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(parse(&wide).root().items().len(), 1);
    }

    #[test]
    fn texts_that_are_no_json_are_problems() {
        for text in [
            "",
            "{",
            "[1 2]",
            "{a: 1}",
            "\"a",
            "\"\\x\"",
            "1 2",
            "nul",
            "/",
            "/* ",
            "{\"a\" 1}",
            "\"\n\"",
            "-",
            "inf",
        ] {
            assert_eq!(parse(text.as_bytes()).problems.len(), 1, "{text}");
        }
    }

    #[test]
    fn agrees_with_another_reader_on_plain_json() {
        let text = r#"{"a":[true,false,null,-1.5e-3,"x\\\"\/\b\f\n\r\t"],"b":{}, "b": 2}"#;
        let other: serde_json::Value = serde_json::from_str(text).unwrap();
        let value = root(text);
        assert_eq!(value.at(&["a"]).unwrap().items()[4].text(), other["a"][4].as_str());
        assert_eq!(value.scalar_of("b"), Some("2"));
        assert_eq!(value.members().len(), 3);
    }
}
