use std::cell::OnceCell;
use std::ops::Range;

use super::cursor::Cursor;
use super::statement::{MAX_NAME, is_of_name, slice, two_words, unquoted};
use crate::classify::{Form, Name, Promise, Quote, is_uuid, promise_of_stem, words};

/// Calls around a literal.
const MAX_CALLS: usize = 2;
/// Bytes in which the first argument of a call begins, whatever it is wrapped in.
const CALL: usize = 256;
/// Least and greatest length of what counts in a cell of a table, in bytes.
const LEAST_CELL: usize = 16;
const LONGEST_CELL: usize = 512;
/// The least length of a password in a cell, and of the second of two words on a line.
const LEAST_PASSWORD: usize = 8;
/// How far before a name its value begins, in bytes.
const MAX_BEFORE: usize = 512;
/// Longest name of what holds a value, such as `ParameterValue`.
const MAX_KEY: usize = 24;
/// Least length of a literal inside of unknown calls, in bytes.
const LEAST_DRAWN: usize = 24;

/// A literal, and how it is tied to its name.
pub(super) struct Value {
    pub(super) span: Range<usize>,
    pub(super) form: Form,
    pub(super) quote: Quote,
    /// Whether it counts in source code too, where a bare word is a name.
    pub(super) anywhere: bool,
}

/// A name, and what stands before and after it.
pub(super) struct Sentence<'t> {
    pub(super) text: &'t [u8],
    pub(super) lead: &'t [u8],
    pub(super) name: &'t [u8],
    /// Where the name begins.
    pub(super) start: usize,
    pub(super) cursor: Cursor<'t>,
    /// Whether the name itself is a literal.
    pub(super) quoted: bool,
    /// The name without a verb behind it.
    pub(super) promised: &'t [u8],
    /// What it promises, once that was asked.
    pub(super) promise: OnceCell<Option<Name>>,
}

impl Sentence<'_> {
    /// What the name promises. Few names are given anything, and this takes longer than what shows that.
    pub(super) fn promise(&self) -> Option<Name> {
        let promise = || promise_of_stem(self.promised).or_else(|| two_words(self.lead, self.promised));
        *self.promise.get_or_init(promise)
    }

    /// Whether the name promises little.
    fn is_weak(&self) -> bool {
        self.promise().is_none_or(|name| name.promise == Promise::Weak)
    }

    /// Whether the promise ends the name.
    fn ends(&self) -> bool {
        self.promise().is_some_and(|name| name.ends)
    }

    pub(super) fn value(&mut self, compared: bool) -> Option<Value> {
        if self.lead.ends_with(b"<") || self.lead.ends_with(b"&lt;") {
            return self.element();
        }
        let closers = self.cursor.rest().iter().take(4).take_while(|byte| b"\"'`]?\\".contains(byte)).count();
        let closing = self.cursor.rest().get(..closers).unwrap_or_default();
        self.quoted = closing.iter().any(|byte| b"\"'`".contains(byte));
        let literal_follows = self.cursor.clone();
        self.cursor.advance(closers);
        self.cursor.skip(2, |byte| byte == b'*');
        let spaces = self.cursor.skip_spaces();
        let pair = self.pair().or_else(|| self.pair_before()).or_else(|| self.cell());
        if let Some(value) = pair.or_else(|| self.stored()).or_else(|| self.next_element()) {
            return Some(value);
        }
        if let Some(value) = self.quoted.then(|| self.attribute()).flatten() {
            return Some(value);
        }
        if let Some(value) = self.quoted.then(|| self.serialized()).flatten() {
            return Some(value);
        }
        self.skip_array();
        // Names in running text: `one` or `other`.
        let prose = closing.contains(&b'`')
            && (self.cursor.rest().starts_with(b"or ") || self.cursor.rest().starts_with(b"is "));
        if prose {
            return None;
        }
        let form = if compared && self.cursor.eat(b"(") {
            Some(Form::Compared)
        } else if spaces == 0 && self.calls_without_literal() {
            return None;
        } else {
            self.tie()
        };
        match form {
            Some(form) => self.tied(form),
            // The name may be the last word of a literal only by the look of it: `password 'x'`.
            None if closers == 0 || spaces > 0 => self.beside(spaces),
            None => {
                self.cursor = literal_follows;
                None
            }
        }
    }

    /// Whether the name is that of a call in which no literal comes first.
    fn calls_without_literal(&self) -> bool {
        let rest = self.cursor.rest();
        let near = rest.get(..CALL.min(rest.len())).unwrap_or_default();
        near.starts_with(b"(") && memchr::memchr3(b'"', b'\'', b'`', near).is_none()
    }

    /// Skips what makes an array of a name, or takes one of it: `[]`, `[64]`.
    fn skip_array(&mut self) {
        let mut cursor = self.cursor.clone();
        if cursor.eat(b"[") {
            cursor.skip(16, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if cursor.eat(b"]") {
                self.cursor = cursor;
                self.cursor.skip_spaces();
            }
        }
    }

    /// `s:4:"name";s:8:"value";`, as PHP writes an array.
    fn serialized(&self) -> Option<Value> {
        let mut cursor = self.cursor.clone();
        if !cursor.eat(b";s:") || cursor.skip(4, |byte| byte.is_ascii_digit()) == 0 || !cursor.eat(b":") {
            return None;
        }
        let (span, quote) = cursor.quoted()?;
        Some(Value { span, form: Form::Pair, quote, anywhere: true })
    }

    /// `name: NAME` with `value: ...` beside or below it, as in Kubernetes, Azure and Terraform.
    fn pair(&mut self) -> Option<Value> {
        let mut cursor = self.cursor.clone();
        if self.quoted && cursor.eat(b"{") {
            return self.variable(cursor);
        }
        if self.quoted && cursor.eat(b":") {
            cursor.skip_spaces();
            // `"NAME": {"value": "..."}`
            if !cursor.eat(b"{") {
                return None;
            }
        } else {
            self.before_key()?;
            cursor.eat(b",");
        }
        cursor.skip_blank();
        self.skip_key_of_value(&mut cursor)?;
        if let Some((span, quote)) = cursor.quoted() {
            return Some(Value { span, form: Form::Pair, quote, anywhere: true });
        }
        let span = cursor.bare();
        let alone = ends_statement(cursor.line());
        alone.then_some(Value { span, form: Form::Pair, quote: Quote::Bare, anywhere: false })
    }

    /// What stands before the key that the name is given to, if that is one for names: `name: NAME`.
    fn before_key(&self) -> Option<&[u8]> {
        const KEYS: [&[u8]; 5] = [b"name", b"Name", b"key", b"Key", b"NAME"];
        let key = unquoted(self.lead.trim_ascii_end());
        let key = key.strip_suffix(b":").or_else(|| key.strip_suffix(b"="))?.trim_ascii_end();
        let key = key.strip_suffix(b"\"").or_else(|| key.strip_suffix(b"'")).unwrap_or(key);
        KEYS.iter().find_map(|word| key.strip_suffix(*word))
    }

    /// Skips the key of a value and what ties both together: `"ParameterValue": `.
    fn skip_key_of_value(&self, cursor: &mut Cursor<'_>) -> Option<()> {
        cursor.skip(1, |byte| matches!(byte, b'"' | b'\''));
        let start = cursor.at();
        let length = cursor.skip(MAX_KEY, |byte| byte.is_ascii_alphanumeric());
        let key = slice(self.text, start..start + length).to_ascii_lowercase();
        cursor.skip(1, |byte| matches!(byte, b'"' | b'\''));
        cursor.skip_spaces();
        let holds = key.ends_with(b"value") || key == b"val" || key == b"default";
        let tied = holds && (cursor.eat(b":") || cursor.eat(b"="));
        cursor.skip_spaces();
        tied.then_some(())
    }

    /// `"value": "...", "name": "NAME"`, also on two lines: not everyone names things first.
    fn pair_before(&self) -> Option<Value> {
        let end = self.start.checked_sub(self.lead.len() - self.before_key()?.len())?;
        let from = end.saturating_sub(MAX_BEFORE);
        let before = slice(self.text, from..end);
        let before = before.strip_suffix(b"\"").unwrap_or(before).trim_ascii_end();
        let before = before.strip_suffix(b",").unwrap_or(before);
        let line = memchr::memrchr2(b'\n', b'{', before).map_or(0, |at| at + 1);
        let mut cursor = Cursor::new(before.get(line..)?, from + line);
        // An item of a list begins with it.
        cursor.skip_spaces();
        cursor.eat(b"- ");
        self.skip_key_of_value(&mut cursor)?;
        let (value, quote) = match cursor.clone().quoted() {
            Some(literal) => {
                cursor.quoted()?;
                cursor.skip(2, |byte| matches!(byte, b'"' | b'\'' | b'\\'));
                literal
            }
            None => (cursor.bare(), Quote::Bare),
        };
        let anywhere = quote != Quote::Bare;
        cursor.line().is_empty().then_some(Value { span: value, form: Form::Pair, quote, anywhere })
    }

    /// `| NAME | value |`, a row of a table in Markdown.
    fn cell(&self) -> Option<Value> {
        let of_mark = |byte: &u8| matches!(byte, b' ' | b'\t' | b'`' | b'*' | b'"' | b'\'');
        let marks = self.lead.iter().rev().take_while(|byte| of_mark(byte)).count();
        let mut cursor = self.cursor.clone();
        let begins = self.lead.get(..self.lead.len() - marks)?.ends_with(b"|");
        if !begins || !cursor.eat(b"|") {
            return None;
        }
        cursor.skip(8, |byte| of_mark(&byte));
        let start = cursor.at();
        let length =
            cursor.skip(LONGEST_CELL, |byte| byte.is_ascii_graphic() && !of_mark(&byte) && byte != b'|');
        cursor.skip(8, |byte| of_mark(&byte));
        let literal = slice(self.text, start..start + length);
        let drawn = may_be_in_cell(literal, || self.promise());
        let closes = matches!(cursor.peek(), None | Some(b'|' | b'\r' | b'\n'));
        (drawn && closes).then_some(Value {
            span: start..start + length,
            form: form_of_cell(literal, Quote::Bare),
            quote: Quote::Bare,
            anywhere: true,
        })
    }

    /// `gh secret set NAME --body "value"`.
    fn stored(&self) -> Option<Value> {
        let lead = self.lead.trim_ascii_end();
        if !lead.ends_with(b"secret set") && !lead.ends_with(b"variable set") {
            return None;
        }
        let mut cursor = self.cursor.clone();
        if !cursor.eat(b"--body") && !cursor.eat(b"-b") {
            return None;
        }
        cursor.skip(1, |byte| byte == b'=');
        cursor.skip_spaces();
        let (span, quote) = cursor.clone().quoted().unwrap_or_else(|| (cursor.bare(), Quote::Bare));
        Some(Value { span, form: Form::Flag, quote, anywhere: true })
    }

    /// `variable "NAME" { ... default = "..." }`, from inside the braces.
    fn variable(&self, mut cursor: Cursor<'_>) -> Option<Value> {
        if !self.lead.trim_ascii_start().starts_with(b"variable") {
            return None;
        }
        for _ in 0..8 {
            cursor.skip_blank();
            if cursor.eat(b"default") {
                cursor.skip_spaces();
                cursor.eat(b"=");
                cursor.skip_spaces();
                let (span, quote) = cursor.quoted()?;
                return Some(Value { span, form: Form::Pair, quote, anywhere: true });
            }
            if cursor.peek() == Some(b'}') {
                return None;
            }
            cursor.until(b'\n')?;
        }
        None
    }

    /// What ties the name to a value.
    fn tie(&mut self) -> Option<Form> {
        const TIES: &[(&[u8], Form)] = &[
            (b"===", Form::Compared),
            (b"!==", Form::Compared),
            (b"==", Form::Compared),
            (b"!=", Form::Compared),
            (b":-", Form::Fallback),
            (b":=", Form::Assigned),
            (b"=>", Form::Assigned),
            (b"?=", Form::Assigned),
            (b"<-", Form::Assigned),
            (b"||", Form::Fallback),
            (b"??", Form::Fallback),
            (b"?:", Form::Fallback),
            (b"or ", Form::Fallback),
            (b"is ", Form::Beside),
        ];
        if let Some((word, form)) = TIES.iter().find(|(word, _)| self.cursor.rest().starts_with(word)) {
            self.cursor.advance(word.len());
            return Some(*form);
        }
        if self.quoted && self.cursor.peek() == Some(b')') {
            return self.looked_up();
        }
        let next = self.cursor.rest().get(1).copied();
        let form = match (self.cursor.peek()?, next) {
            (b'=', Some(b'~')) | (b':', Some(b':')) => return None,
            (b'=', _) => Form::Assigned,
            (b':', _) => Form::Colon,
            (b',', _) if self.quoted && (self.is_first_argument() || self.is_first_of_two()) => {
                Form::Argument
            }
            (b'(', _) if !self.quoted && self.ends() && !asks(self.name) && !is_macro(self.name) => {
                Form::Call
            }
            _ => return None,
        };
        self.cursor.advance(1);
        Some(form)
    }

    /// Whether the name is the first argument of a call, not one of a list of names.
    fn is_first_argument(&self) -> bool {
        const LISTS: &[&[u8]] = &[
            b"of",
            b"list",
            b"set",
            b"array",
            b"in",
            b"keys",
            b"fields",
            b"tuple",
            b"only",
            b"except",
            b"permit",
            b"values",
            b"any",
            b"all",
            b"include",
            b"contains",
            b"basic",
        ];
        let quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b':' | b'@');
        let prefix = self.lead.iter().rev().take_while(|byte| quote(byte)).count();
        let mut lead = self.lead.get(..self.lead.len() - prefix).unwrap_or_default().trim_ascii_end();
        if lead.is_empty() {
            lead = self.line_above(prefix);
        }
        let Some(callee) = lead.strip_suffix(b"(") else { return false };
        // In running text a space comes before what is in parentheses.
        if callee.ends_with(b" ") && !callee.ends_with(b"if ") {
            return false;
        }
        let lower = callee.to_ascii_lowercase();
        !LISTS.iter().any(|list| lower.ends_with(list) && !lower.ends_with(b".set") && lower != b"set")
    }

    /// Whether the name is the first of two literals in an array: `["NAME", "value"]`.
    fn is_first_of_two(&self) -> bool {
        let quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\');
        let prefix = self.lead.iter().rev().take_while(|byte| quote(byte)).count();
        let lead = self.lead.get(..self.lead.len() - prefix).unwrap_or_default();
        let Some(before) = lead.trim_ascii_end().strip_suffix(b"[") else { return false };
        // `values["NAME", "other"]` has a list of names.
        if before.last().is_some_and(|byte| is_of_name(*byte)) || self.is_weak() {
            return false;
        }
        let mut cursor = self.cursor.clone();
        cursor.advance(1);
        cursor.skip_blank();
        let literal = cursor.quoted().is_some();
        cursor.skip(4, |byte| quote(&byte));
        cursor.skip_blank();
        literal && cursor.peek() == Some(b']')
    }

    /// The end of the last line with something on it before the one that the name begins, which `prefix` bytes precede.
    fn line_above(&self, prefix: usize) -> &[u8] {
        let end = self.start.saturating_sub(prefix);
        let above = slice(self.text, end.saturating_sub(2 * MAX_NAME)..end).trim_ascii_end();
        above.rsplit(|byte| *byte == b'\n').next().unwrap_or_default()
    }

    /// `getenv("NAME") || "value"`.
    fn looked_up(&mut self) -> Option<Form> {
        self.cursor.skip(2, |byte| byte == b')');
        self.cursor.skip_spaces();
        let ties: [&[u8]; 4] = [b"||", b"??", b"?:", b"or "];
        ties.iter().any(|word| self.cursor.eat(word)).then_some(Form::Fallback)
    }

    /// The value behind a tie.
    fn tied(&mut self, form: Form) -> Option<Value> {
        let spread = self.cursor.skip_spaces() > 0;
        self.cursor.skip(2, |byte| byte == b'*');
        self.cursor.skip_spaces();
        if form == Form::Colon {
            self.skip_type();
        }
        if let Some(value) = (form == Form::Colon).then(|| self.block()).flatten() {
            return Some(value);
        }
        if matches!(self.cursor.rest(), [b'\r', b'\n', ..] | [b'\n', ..]) {
            let mut below = self.cursor.clone();
            below.skip_blank();
            // Only a literal that stands alone: else it is the next statement.
            let key = below.clone();
            let (span, quote) = below.quoted()?;
            let tail = below.rest().get(1..).unwrap_or_default().trim_ascii_start();
            let is_key = tail.starts_with(b":") || tail.starts_with(b"=");
            return (!is_key && key.peek() != Some(b'`')).then_some(Value {
                span,
                form,
                quote,
                anywhere: true,
            });
        }
        if form == Form::Colon && self.lead.ends_with(b"${") {
            return self.fallback();
        }
        self.skip_wrapping();
        let first = self.cursor.clone();
        if let Some(literal) = self.cursor.clone().quoted() {
            let second = if form == Form::Call { self.behind_user(first) } else { None };
            let (span, quote) = second.unwrap_or(literal);
            // In prose and shell a quote may close what was opened before the name: `"password="`.
            return Some(Value { span, form, quote, anywhere: true });
        }
        match form {
            Form::Assigned | Form::Colon => self.inside_calls(form).or_else(|| self.bare(form, spread)),
            Form::Fallback => self.fallback(),
            _ => None,
        }
    }

    /// The only word of a block below a key of YAML (1.2.2, 7.3.3 and 8.1): `NAME: >-`, or nothing more on the line.
    fn block(&self) -> Option<Value> {
        if self.quoted || !self.lead.iter().all(|byte| matches!(byte, b' ' | b'-')) {
            return None;
        }
        let mut cursor = self.cursor.clone();
        cursor.skip(3, |byte| matches!(byte, b'|' | b'>' | b'+' | b'-' | b'1'..=b'9'));
        let indent = below(&mut cursor)?;
        let start = cursor.at();
        let length = cursor.skip(LONGEST_CELL, |byte| byte.is_ascii_graphic());
        let span = start..start + length;
        let alone = cursor.line().is_empty() && below(&mut cursor).is_none_or(|next| next < indent);
        let opens = |byte: &u8| b"\"'#-&*![{|>`?".contains(byte);
        let word = slice(self.text, span.clone());
        let plain = !word.first().is_some_and(opens) && !word.ends_with(b":");
        (indent > self.lead.len() && alone && plain).then_some(Value {
            span,
            form: Form::Colon,
            quote: Quote::Bare,
            anywhere: false,
        })
    }

    /// The second literal of `checkPassword("user", "value")`, where the first is a plain word.
    fn behind_user(&self, mut cursor: Cursor<'_>) -> Option<(Range<usize>, Quote)> {
        // What comes behind a value that is only hashed is a salt.
        if unseals(self.name) {
            return None;
        }
        let (user, _) = cursor.quoted()?;
        // The quote may be escaped.
        cursor.skip(4, |byte| byte == b'\\');
        cursor.advance(1);
        let next = cursor.eat(b",") && cursor.skip_spaces() < 2;
        let plain = slice(self.text, user).iter().all(u8::is_ascii_lowercase);
        (next && plain).then(|| cursor.quoted()).flatten()
    }

    /// The long literal with letters and digits that a call or two turn into something else: `createKey(decode("..."))`.
    fn inside_calls(&self, form: Form) -> Option<Value> {
        let mut cursor = self.cursor.clone();
        for _ in 0..MAX_CALLS {
            let name = cursor.clone();
            let length = cursor.skip(MAX_NAME, |byte| is_of_name(byte) || byte == b':');
            let callee = name.rest().get(..length).unwrap_or_default();
            if length == 0 || !cursor.eat(b"(") || asks(callee) || unseals(callee) {
                return None;
            }
            if let Some((span, quote)) = cursor.clone().quoted() {
                let literal = slice(self.text, span.clone());
                let drawn = literal.len() >= LEAST_DRAWN
                    && literal.iter().any(u8::is_ascii_digit)
                    && literal.iter().any(u8::is_ascii_alphabetic);
                // Keys of tests for ciphers come by the hundred, and a UUID is the name of what is sought.
                let counts = drawn && !self.is_weak() && !is_uuid(literal);
                return counts.then_some(Value { span, form, quote, anywhere: true });
            }
        }
        None
    }

    /// Skips a type as in `password: &str = "..."`.
    fn skip_type(&mut self) {
        let of_type = |byte: &&u8| byte.is_ascii_alphanumeric() || b"&<>_.:|?[]' ".contains(byte);
        let rest = self.cursor.rest();
        let length = rest.iter().take(48).take_while(of_type).count();
        let after = rest.get(length..).unwrap_or_default();
        if length > 0
            && after.starts_with(b"=")
            && !after.starts_with(b"==")
            && !after.starts_with(b"=>")
            && !rest.starts_with(b"'")
        {
            self.cursor.advance(length + 1);
            self.cursor.skip_spaces();
        }
    }

    /// Skips what turns a literal into another type: `new String(`, `[]byte(`.
    fn skip_wrapping(&mut self) {
        const WRAPPINGS: &[&[u8]] = &[
            b"[]byte(",
            b"bytes(",
            b"new String(",
            b"String::from(",
            b"String(",
            b"Some(",
            b"Buffer.from(",
            b"Base64.decode(",
            b"Base64.getDecoder().decode(",
            b"base64.b64decode(",
            b"hex.DecodeString(",
            b"bytes.fromhex(",
            b"Hex.decode(",
            b"str(",
            b"SecretString(",
            b"SecretStr(",
            b"Secret(",
            b"to_string(",
            b"ConvertTo-SecureString -String ",
            b"ConvertTo-SecureString ",
            b"(ConvertTo-SecureString ",
            b"new SecureString(",
            b"aws.String(",
            b"pointer.String(",
            b"ptr.String(",
            b"pulumi.String(",
            b"Secret.fromString(",
            b"Secret.of(",
            b"new Secret(",
            b"&",
            b"(",
            b"$(echo ",
            b"Optional.of(",
            b"SecretValue.unsafePlainText(",
            b"SecretValue.plainText(",
        ];
        for _ in 0..2 {
            if !WRAPPINGS.iter().any(|wrapping| self.cursor.eat(wrapping)) {
                return;
            }
            self.cursor.skip_spaces();
        }
    }

    fn bare(&mut self, form: Form, spread: bool) -> Option<Value> {
        let mut span = self.cursor.bare();
        // `(password: x)`
        let closed = slice(self.text, span.clone()).iter().rev().take_while(|byte| **byte == b')').count();
        if closed > 0 && !slice(self.text, span.clone()).contains(&b'(') {
            span.end -= closed;
        }
        if span.is_empty() {
            return None;
        }
        let ended_by = self.cursor.peek().unwrap_or(b'\n');
        let ends_literal = matches!(ended_by, b'"' | b'\'' | b'`');
        if ends_literal {
            // A slash there escapes the quote behind it.
            let literal = slice(self.text, span.clone());
            span.end -= literal.iter().rev().take_while(|byte| **byte == b'\\').count();
        }
        let opened = |quote: u8| self.lead.iter().filter(|byte| **byte == quote).count() % 2 == 1;
        let value = |form, anywhere| Some(Value { span: span.clone(), form, quote: Quote::Bare, anywhere });
        if ends_literal {
            return if opened(ended_by) { value(Form::Inner, true) } else { None };
        }
        if !self.quoted && (opened(b'"') || opened(b'\'')) && !spread {
            return value(Form::Inner, true);
        }
        if matches!(ended_by, b';' | b'&') && !spread && form == Form::Assigned {
            return value(Form::Inner, false);
        }
        let shell =
            self.name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
        if shell && !spread && form == Form::Assigned && !self.quoted {
            return value(form, true);
        }
        let flow = matches!(ended_by, b',') && (self.quoted || self.lead.contains(&b'{'));
        let flag = self.name.starts_with(b"--") && form == Form::Assigned;
        (ends_statement(self.cursor.line()) || flow || flag)
            .then(|| value(if flag { Form::Flag } else { form }, false))
            .flatten()
    }

    /// `${NAME:-value}`.
    fn fallback(&mut self) -> Option<Value> {
        let span = self.cursor.until(b'}')?;
        let one_line = !slice(self.text, span.clone()).contains(&b'\n');
        (one_line && self.lead.ends_with(b"${")).then_some(Value {
            span,
            form: Form::Fallback,
            quote: Quote::Bare,
            anywhere: true,
        })
    }

    /// `NAME value` and nothing more on a line, as many programs are configured.
    fn second_word(&self) -> Option<Value> {
        // Tests say `PASS name`.
        let told = self.name.eq_ignore_ascii_case(b"pass");
        if self.quoted || told || !self.lead.trim_ascii().is_empty() || self.is_weak() || !self.ends() {
            return None;
        }
        let mut cursor = self.cursor.clone();
        let of_word = |byte: u8| byte.is_ascii_graphic() && !b"\"'`()[]{}<>=,;\\".contains(&byte);
        let start = cursor.at();
        let span = start..start + cursor.skip(LONGEST_CELL, of_word);
        let literal = slice(self.text, span.clone());
        let mixed = literal.iter().any(u8::is_ascii_digit) && literal.iter().any(u8::is_ascii_alphabetic);
        let chosen = literal.len() >= LEAST_PASSWORD && mixed;
        (chosen && cursor.line().is_empty()).then_some(Value {
            span,
            form: Form::Beside,
            quote: Quote::Bare,
            anywhere: false,
        })
    }

    /// A value right after the name, without a tie.
    fn beside(&mut self, spaces: usize) -> Option<Value> {
        if spaces == 0 {
            return None;
        }
        if self.name.starts_with(b"-") {
            let form = Form::Flag;
            if let Some((span, quote)) = self.cursor.clone().quoted() {
                return Some(Value { span, form, quote, anywhere: true });
            }
            let span = self.cursor.bare();
            return Some(Value { span, form, quote: Quote::Bare, anywhere: false });
        }
        let lead = self.lead.trim_ascii_start();
        let sets: [&[u8]; 6] = [b"ENV ", b"ARG ", b"setenv ", b"set ", b"setx ", b"define "];
        if sets.iter().any(|word| lead.starts_with(word))
            && lead.iter().filter(|byte| **byte == b' ').count() == 1
        {
            let span = self.cursor.bare();
            return (!span.is_empty()).then_some(Value {
                span,
                form: Form::Assigned,
                quote: Quote::Bare,
                anywhere: false,
            });
        }
        if let Some(value) = self.second_word() {
            return Some(value);
        }
        // `var password string = "..."`, `@password nvarchar(50) = '...'`
        let mut typed = self.cursor.clone();
        if typed.skip(24, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'(' | b')' | b'.' | b'*'))
            > 0
        {
            // An attribute of HTML has no space there: `id="password" type="text"`.
            if typed.skip_spaces() > 0 && !self.quoted && typed.eat(b"=") && typed.peek() != Some(b'=') {
                typed.skip_spaces();
                let (span, quote) = typed.quoted()?;
                return Some(Value { span, form: Form::Assigned, quote, anywhere: true });
            }
            return None;
        }
        let (span, quote) = self.cursor.clone().quoted()?;
        if self.name.eq_ignore_ascii_case(b"pass") || closed_before(self.lead) || self.is_weak() {
            return None;
        }
        Some(Value { span, form: Form::Beside, quote, anywhere: true })
    }
}

/// Goes to the first byte of the next line that is no space, if nothing but space is left on this one; says how many spaces come first.
fn below(cursor: &mut Cursor<'_>) -> Option<usize> {
    cursor.skip_spaces();
    cursor.eat(b"\r");
    let ended = cursor.eat(b"\n");
    let indent = cursor.skip(MAX_NAME, |byte| byte == b' ');
    (ended && !matches!(cursor.peek(), None | Some(b'\r' | b'\n'))).then_some(indent)
}

/// Whether a value in a cell of a table may be a credential. Tables tell of names more often than of values, so a machine must have drawn
/// it, or it must look like a password under a name that promises one.
pub(super) fn may_be_in_cell(literal: &[u8], promise: impl FnOnce() -> Option<Name>) -> bool {
    let has = |of: fn(&u8) -> bool| literal.iter().any(of);
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let cased = || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let chosen = || literal.len() >= LEAST_PASSWORD && cased();
    let is_password = |name: Name| name.promise == Promise::Password && name.ends;
    mixed && (literal.len() >= LEAST_CELL || (chosen() && promise().is_some_and(is_password)))
}

/// How a value in a cell is tied to its name: a short one as loosely as the second of two words.
pub(super) fn form_of_cell(literal: &[u8], quote: Quote) -> Form {
    if literal.len() < LEAST_CELL && quote == Quote::Bare { Form::Beside } else { Form::Pair }
}

/// Whether a function asks for what it is named after, or makes one, so that what it is given is something else: `deleteApiKey(id)`.
fn asks(name: &[u8]) -> bool {
    const VERBS: &[&str] = &[
        "create", "decrypt", "delete", "derive", "fetch", "find", "generate", "get", "list", "load",
        "lookup", "parse", "read", "remove", "request", "revoke", "sign", "verify",
    ];
    let last = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    words(last).first().is_some_and(|verb| VERBS.contains(&verb.as_str()))
}

/// Whether a name is that of a macro for one of the passes of a compiler or a test: `DUMMY_FUNCTION_PASS("name", ...)`.
fn is_macro(name: &[u8]) -> bool {
    name.ends_with(b"_PASS") && !name.iter().any(u8::is_ascii_lowercase)
}

/// Whether a function takes something else than what it gives back: a sealed value, or one that is only hashed.
fn unseals(name: &[u8]) -> bool {
    const STEMS: &[&[u8]] = &[b"crypt", b"seal", b"hash", b"digest", b"md5", b"verif", b"translat", b"uuid"];
    let lower = name.to_ascii_lowercase();
    names_sha(name) || STEMS.iter().any(|stem| lower.windows(stem.len()).any(|part| part == *stem))
}

/// Whether a name speaks of a digest of the SHA family. Three letters are in many words: what is `shared` is no digest.
pub(super) fn names_sha(name: &[u8]) -> bool {
    words(name).iter().any(|word| word.ends_with("sha"))
}

/// Whether the name ends a literal that was opened before it, so that the next quote closes it.
fn closed_before(lead: &[u8]) -> bool {
    lead.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// Whether nothing, a comment or a continuation follows a bare value on its line.
fn ends_statement(line: &[u8]) -> bool {
    matches!(line, [] | [b',' | b';' | b'}' | b']' | b')' | b'<'] | [b'#' | b'\\', ..] | [b'/', b'/', ..])
}
