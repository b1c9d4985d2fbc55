//! The part of Starlark that module files of Bazel are written in: names for texts and lists, sums of them, and calls.

use std::collections::{BTreeMap, BTreeSet};

/// Lists within lists.
const MAX_DEPTH: usize = 16;
/// Texts of one list, and bytes of one text; sums of sums grow fast.
const MAX_TEXTS: usize = 20_000;
const MAX_TEXT: usize = 4096;

/// Texts with the lines they stand on.
type Texts = Vec<(u32, String)>;

/// A call of an extension: `extension.name(key = value)`.
pub(super) struct Call {
    pub(super) line: u32,
    pub(super) name: String,
    pub(super) arguments: BTreeMap<String, Texts>,
}

/// What a module file says of Maven and of other modules.
pub(super) struct Module {
    /// Calls of the extension for Maven.
    pub(super) calls: Vec<Call>,
    /// Plain calls that are about modules: `bazel_dep`, and those that override one.
    pub(super) modules: Vec<Call>,
    /// It ends within parentheses.
    pub(super) is_cut: bool,
}

/// Reads the calls of extensions that are called `maven`, under whatever name the module gives them.
pub(super) fn read(text: &str) -> Module {
    let mut reader = Reader { tokens: tokens(text), at: 0, known: BTreeMap::new() };
    let mut names: BTreeSet<String> = BTreeSet::from(["maven".to_owned()]);
    let mut module = Module { calls: Vec::new(), modules: Vec::new(), is_cut: reader.is_cut() };
    let is_rules =
        |token: &Token| matches!(token, Token::Text(text) if text.starts_with("@rules_jvm_external"));
    let is_loaded = reader.tokens.iter().any(|(_, token)| is_rules(token));
    while let Some((line, token)) = reader.next() {
        let Token::Word(word) = token else { continue };
        if reader.takes('=') {
            if reader.is_use_of_maven() {
                names.insert(word);
            } else {
                let value = reader.sum(MAX_DEPTH);
                reader.known.insert(word, value);
            }
        } else if reader.takes('.')
            && let Some((_, Token::Word(name))) = reader.next()
            && reader.takes('(')
        {
            let arguments = reader.arguments();
            if names.contains(&word) {
                module.calls.push(Call { line, name, arguments });
            }
        } else if reader.takes('(') {
            let arguments = reader.arguments();
            // The macro of workspaces, before there were modules.
            if word == "maven_install" && is_loaded {
                module.calls.push(Call { line, name: word, arguments });
            } else if word == "bazel_dep" || word.ends_with("_override") {
                module.modules.push(Call { line, name: word, arguments });
            }
        }
    }
    module
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

struct Reader {
    tokens: Vec<(u32, Token)>,
    at: usize,
    known: BTreeMap<String, Value>,
}

/// A text or a list of them.
#[derive(Debug, Clone, Default)]
struct Value {
    texts: Texts,
    is_text: bool,
}

impl Reader {
    fn next(&mut self) -> Option<(u32, Token)> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn takes(&mut self, sign: char) -> bool {
        let is_it = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(is_it);
        is_it
    }

    fn is_cut(&self) -> bool {
        let count = |sign| self.tokens.iter().filter(|(_, token)| *token == Token::Sign(sign)).count();
        count('(') > count(')')
    }

    /// `use_extension("...", "maven")`.
    fn is_use_of_maven(&self) -> bool {
        let ahead: Vec<&Token> = self.tokens.iter().skip(self.at).take(5).map(|(_, token)| token).collect();
        matches!(
            ahead.as_slice(),
            [Token::Word(call), Token::Sign('('), Token::Text(_), Token::Sign(','), Token::Text(name)]
                if call == "use_extension" && name == "maven"
        )
    }

    /// `key = value, ...)`; values without a key are passed over.
    fn arguments(&mut self) -> BTreeMap<String, Texts> {
        let mut arguments = BTreeMap::new();
        while self.peek().is_some() && !self.takes(')') {
            let key = match (self.peek().cloned(), self.tokens.get(self.at + 1)) {
                (Some(Token::Word(key)), Some((_, Token::Sign('=')))) => {
                    self.at += 2;
                    Some(key)
                }
                _ => None,
            };
            let before = self.at;
            let value = self.sum(MAX_DEPTH);
            if let Some(key) = key {
                arguments.insert(key, value.texts);
            }
            // What is no value here is passed over sign by sign.
            self.at += usize::from(self.at == before);
        }
        arguments
    }

    fn sum(&mut self, depth: usize) -> Value {
        let mut sum = self.term(depth);
        while self.takes('+') {
            let term = self.term(depth);
            match (sum.texts.last_mut(), term.texts.first()) {
                (Some((_, left)), Some((_, right))) if sum.is_text && term.is_text => {
                    if left.len() + right.len() <= MAX_TEXT {
                        left.push_str(right);
                    }
                }
                _ => {
                    sum.is_text = false;
                    sum.texts.extend(term.texts);
                    sum.texts.truncate(MAX_TEXTS);
                }
            }
        }
        sum
    }

    fn term(&mut self, depth: usize) -> Value {
        match self.peek().cloned() {
            Some(Token::Text(text)) => {
                let line = self.tokens.get(self.at).map_or(0, |(line, _)| *line);
                self.at += 1;
                Value { texts: vec![(line, text)], is_text: true }
            }
            Some(Token::Word(word)) => {
                self.at += 1;
                let is_call = self.takes('(');
                if matches!(word.as_str(), "True" | "False") && !is_call {
                    let line = self.tokens.get(self.at - 1).map_or(0, |(line, _)| *line);
                    return Value { texts: vec![(line, word)], is_text: true };
                }
                if is_call {
                    self.arguments_within(depth);
                }
                self.known.get(&word).filter(|_| !is_call).cloned().unwrap_or_default()
            }
            Some(Token::Sign('[')) if depth > 0 => {
                self.at += 1;
                self.list(depth - 1)
            }
            _ => Value::default(),
        }
    }

    /// A call within a value tells nothing.
    fn arguments_within(&mut self, depth: usize) {
        if depth > 0 {
            let mut open = 1_usize;
            while let (true, Some((_, token))) = (open > 0, self.next()) {
                match token {
                    Token::Sign('(') => open += 1,
                    Token::Sign(')') => open -= 1,
                    _ => {}
                }
            }
        }
    }

    fn list(&mut self, depth: usize) -> Value {
        let mut list = Value::default();
        while self.peek().is_some() && !self.takes(']') {
            let before = self.at;
            let value = self.sum(depth);
            if list.texts.len() + value.texts.len() <= MAX_TEXTS {
                list.texts.extend(value.texts);
            }
            self.at += usize::from(self.at == before);
        }
        list
    }
}

/// Words, texts and signs, without comments.
fn tokens(text: &str) -> Vec<(u32, Token)> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut chars = text.chars().peekable();
    while let Some(first) = chars.next() {
        let begin = line;
        let token = match first {
            '\n' => {
                line += 1;
                continue;
            }
            '#' => {
                while chars.next_if(|next| *next != '\n').is_some() {}
                continue;
            }
            '"' | '\'' => {
                let mut word = String::new();
                while let Some(next) = chars.next_if(|next| *next != first) {
                    line += u32::from(next == '\n');
                    word.push(if next == '\\' { chars.next().unwrap_or(next) } else { next });
                }
                chars.next();
                Token::Text(word)
            }
            first if first.is_alphanumeric() || first == '_' => {
                let mut word = String::from(first);
                while let Some(next) = chars.next_if(|next| next.is_alphanumeric() || *next == '_') {
                    word.push(next);
                }
                Token::Word(word)
            }
            first if first.is_whitespace() => continue,
            first => Token::Sign(first),
        };
        tokens.push((begin, token));
    }
    tokens
}
