//! Maven: the order of `ComparableVersion` (Maven 3.9) as a key, and the order that Maven's reference of the POM describes, pair by pair.

use std::cmp::Ordering;

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{is_number, is_zero, take, take_while};

/// How what follows in a list stands to nothing: the sign of its first item that is not neutral.
const BELOW: u8 = 0x0F;
const END: u8 = 0x10;
const ABOVE: u8 = 0x11;
/// Items of one place: qualifiers stand below lists, lists below numbers.
const QUALIFIER: u8 = 0x02;
const LIST: u8 = 0x03;

/// Known qualifiers from the lowest; the empty one is the release.
const QUALIFIERS: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
const RELEASE: usize = 5;

enum Item {
    Number(String),
    Qualifier(String),
    List(Vec<Self>),
}

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    if text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("it is empty or has a blank or a control character");
    }
    encode_list(&parse(&text.to_lowercase()), key);
    Ok(true)
}

/// Maven compares item by item, and what one list lacks counts as nothing. That has circles: `3.7.0.rc` < `3.7` < `3.7.sp` by the
/// release, yet `3.7.sp` < `3.7.0.rc` by the third item. The key breaks them in favour of the release: what begins with a label of
/// pre-releases, zeros before it or not, stands below the version without it.
fn encode_list(items: &[Item], key: &mut Key) {
    let mut rest = items;
    while let Some(place) = rest.iter().position(|item| sign_of(item).is_ne()) {
        let (run, after) = rest.split_at(place + 1);
        let below = run.last().is_some_and(|item| sign_of(item).is_lt());
        key.tag(if below { BELOW } else { ABOVE });
        run.iter().for_each(|item| encode_item(item, key));
        rest = after;
    }
    key.tag(END);
}

fn encode_item(item: &Item, key: &mut Key) {
    match item {
        Item::Number(digits) => key.number(digits),
        Item::Qualifier(word) => {
            key.tag(QUALIFIER);
            match u8::try_from(rank(word)) {
                Ok(known) if usize::from(known) < QUALIFIERS.len() => key.tag(known),
                _ => {
                    key.tag(0x40);
                    key.text(word);
                }
            }
        }
        Item::List(list) => {
            key.tag(LIST);
            encode_list(list, key);
        }
    }
}

/// The place of a qualifier among the known ones, their count for one that is unknown.
fn rank(word: &str) -> usize {
    QUALIFIERS.iter().position(|known| *known == word).unwrap_or(QUALIFIERS.len())
}

/// How an item stands to nothing; a list as its first item that is not neutral does.
fn sign_of(item: &Item) -> Ordering {
    match item {
        Item::Number(digits) => (!is_zero(digits)).cmp(&false),
        Item::Qualifier(word) => rank(word).cmp(&RELEASE),
        Item::List(list) => list.iter().map(sign_of).find(|order| order.is_ne()).unwrap_or(Ordering::Equal),
    }
}

/// The lists of a version from the outermost, each holding the next as its last item in the end.
struct Lists(Vec<Vec<Item>>);

impl Lists {
    fn push(&mut self, item: Item) {
        if let Some(last) = self.0.last_mut() {
            last.push(item);
        }
    }

    /// Opens a list within the last one.
    fn open(&mut self) {
        self.0.push(Vec::new());
    }

    /// Adds a qualifier that ends its part: it opens a list, so that `.x` is `-x`.
    fn push_last_qualifier(&mut self, item: Item) {
        if self.0.last().is_some_and(|last| !last.is_empty()) {
            self.open();
        }
        self.push(item);
    }

    fn close(mut self) -> Vec<Item> {
        let mut inner: Option<Vec<Item>> = None;
        while let Some(mut list) = self.0.pop() {
            list.extend(inner.take().map(Item::List));
            normalise(&mut list);
            inner = Some(list);
        }
        inner.unwrap_or_default()
    }
}

fn parse(text: &str) -> Vec<Item> {
    let mut lists = Lists(vec![Vec::new()]);
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.starts_with(|c: char| c.is_ascii_digit());
        let token = take_while(&mut rest, |c| !matches!(c, '.' | '-') && c.is_ascii_digit() == digits);
        let numbered = rest.starts_with(|c: char| c.is_ascii_digit());
        let item = item(token, digits, numbered);
        if take(&mut rest, ".") {
            lists.push(item);
        } else if take(&mut rest, "-") {
            lists.push(item);
            lists.open();
        } else {
            if digits {
                lists.push(item);
            } else {
                lists.push_last_qualifier(item);
            }
            if !rest.is_empty() {
                lists.open();
            }
        }
    }
    lists.close()
}

fn item(token: &str, digits: bool, numbered: bool) -> Item {
    if digits || token.is_empty() {
        return Item::Number(token.to_owned());
    }
    Item::Qualifier(qualifier(token, numbered).to_owned())
}

fn qualifier(word: &str, numbered: bool) -> &str {
    match word {
        "a" if numbered => "alpha",
        "b" if numbered => "beta",
        "m" if numbered => "milestone",
        "cr" => "rc",
        "ga" | "final" | "release" => "",
        word => word,
    }
}

/// Takes from the end what means nothing, stepping over lists.
fn normalise(items: &mut Vec<Item>) {
    for place in (0..items.len()).rev() {
        let null = match items.get(place) {
            Some(Item::Number(digits)) => is_zero(digits),
            Some(Item::Qualifier(word)) => word.is_empty(),
            Some(Item::List(list)) => list.is_empty(),
            None => false,
        };
        if null {
            items.remove(place);
        } else if !matches!(items.get(place), Some(Item::List(_))) {
            break;
        }
    }
}

/// A token of the documented order, with the sign before it.
struct Token {
    sign: char,
    value: String,
    /// It stands for nothing, so that both versions have the same length.
    padding: bool,
}

/// The order by "Version Order Specification" of the POM reference. Every scanner of OSV's family follows it. Unlike Maven itself it tells
/// `.rc` and `-rc` apart, and it is no order of all versions: 1.0-rc < 1.0 < 1.0-sp, yet 1.0.0.rc1 > 1.0-sp.
pub(crate) fn compare_documented(left: &str, right: &str) -> Ordering {
    let (left, right) = (tokens(left), tokens(right));
    for place in 0..left.len().max(right.len()) {
        let order = match (left.get(place), right.get(place)) {
            (Some(left), Some(right)) => left.compare(right),
            (Some(left), None) => left.compare(&left.padding()),
            (None, Some(right)) => right.padding().compare(right),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

fn tokens(text: &str) -> Vec<Token> {
    let lower = text.to_lowercase();
    let mut tokens = Vec::new();
    let mut sign = ' ';
    for part in lower.split_inclusive(['.', '-']).chain(lower.ends_with(['.', '-']).then_some("")) {
        let body = part.trim_end_matches(['.', '-']);
        let mut rest = body;
        loop {
            let digits = rest.starts_with(|c: char| c.is_ascii_digit());
            let value = take_while(&mut rest, |c| c.is_ascii_digit() == digits);
            tokens.push(Token { sign, value: token_value(value, !rest.is_empty()), padding: false });
            if rest.is_empty() {
                break;
            }
            sign = '-';
        }
        sign = if part.ends_with('.') { '.' } else { '-' };
    }
    trim(&mut tokens);
    tokens
}

fn token_value(value: &str, followed: bool) -> String {
    let value = match value {
        "" => "0",
        digits if is_number(digits) && is_zero(digits) => "0",
        digits if is_number(digits) => digits.trim_start_matches('0'),
        word => qualifier(word, followed),
    };
    value.to_owned()
}

/// Takes tokens that mean nothing from the end, and before each hyphen.
fn trim(tokens: &mut Vec<Token>) {
    let mut end = tokens.len();
    while end > 1 {
        let last = end - 1;
        if tokens.get(last).is_some_and(|token| matches!(token.value.as_str(), "0" | "")) {
            tokens.remove(last);
            end = last;
        } else {
            let before = tokens.get(..end).unwrap_or_default();
            end = before.iter().rposition(|token| token.sign == '-').unwrap_or(0);
        }
    }
}

impl Token {
    fn padding(&self) -> Self {
        let number = self.value == "0" || (self.sign == '.' && self.value != "sp");
        let value = if number { "0" } else { "" };
        Self { sign: self.sign, value: value.to_owned(), padding: true }
    }

    fn compare(&self, other: &Self) -> Ordering {
        if self.sign != other.sign {
            return self.kind().cmp(&other.kind());
        }
        if self.value == other.value {
            return Ordering::Equal;
        }
        match (is_number(&self.value), is_number(&other.value)) {
            (true, true) => {
                self.value.len().cmp(&other.value.len()).then_with(|| self.value.cmp(&other.value))
            }
            (true, false) if !self.padding => Ordering::Greater,
            (false, true) if !other.padding => Ordering::Less,
            _ => {
                let known = |token: &Self| {
                    QUALIFIERS.iter().position(|known| *known == token.value).unwrap_or(QUALIFIERS.len())
                };
                known(self).cmp(&known(other)).then_with(|| self.value.cmp(&other.value))
            }
        }
    }

    /// `.qualifier` < `-qualifier` < `-number` < `.number`
    fn kind(&self) -> u8 {
        match (is_number(&self.value), self.sign) {
            (false, '.') => 0,
            (false, _) => 1,
            (true, '-') => 2,
            (true, _) => 3,
        }
    }
}
