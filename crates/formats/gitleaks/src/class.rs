//! Classes in brackets. The crate `regex` knows nested classes and set operations where RE2 has plain characters, so that every
//! character is written anew.

use palisade_model::Span;

use crate::translate::{Fault, Translator};

const POSIX: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// What stands between the brackets of a Perl class: ASCII only, and `\s` without the vertical tab.
pub(crate) const fn perl(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "0-9",
        'D' => "^0-9",
        'w' => "0-9A-Za-z_",
        'W' => "^0-9A-Za-z_",
        's' => r"\t\n\x0C\r\x20",
        'S' => r"^\t\n\x0C\r\x20",
        _ => return None,
    })
}

/// A class in brackets, at whose `[` we are.
pub(crate) fn class(translator: &mut Translator<'_>) -> Result<(), Fault> {
    let start = translator.at();
    translator.bump();
    translator.out.push('[');
    if translator.peek() == Some('^') {
        translator.bump();
        translator.out.push('^');
    }
    let mut first = true;
    loop {
        match translator.peek() {
            None => return Err(Fault::new("a class is not closed", Span::new(start, start + 1))),
            Some(']') if !first => break,
            Some(_) => item(translator)?,
        }
        first = false;
    }
    translator.bump();
    translator.out.push(']');
    Ok(())
}

fn item(translator: &mut Translator<'_>) -> Result<(), Fault> {
    let start = translator.at();
    let rest = translator.rest();
    if let Some((name, _)) = rest.strip_prefix("[:").and_then(|inner| inner.split_once(":]")) {
        return posix(translator, name);
    }
    let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next());
    if let Some(set) = escaped.and_then(perl) {
        translator.skip(2);
        translator.out.push('[');
        translator.out.push_str(set);
        translator.out.push(']');
        return Ok(());
    }
    if matches!(escaped, Some('p' | 'P')) {
        return unicode(translator);
    }
    let low = character(translator)?;
    let range = translator.rest();
    if !range.starts_with('-') || range.len() < 2 || range.starts_with("-]") {
        translator.literal(low);
        return Ok(());
    }
    translator.bump();
    let high = character(translator)?;
    if high < low {
        return Err(Fault::new("the range is the wrong way round", translator.since(start)));
    }
    translator.literal(low);
    translator.out.push('-');
    translator.literal(high);
    Ok(())
}

fn posix(translator: &mut Translator<'_>, name: &str) -> Result<(), Fault> {
    let start = translator.at();
    translator.skip(name.len() + 4);
    if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return Err(Fault::new("unknown class", translator.since(start))
            .hint("the classes are alnum, alpha, ascii, blank, cntrl, digit, graph, lower, print, punct, space, upper, \
                   word and xdigit"));
    }
    translator.out.push_str("[:");
    translator.out.push_str(name);
    translator.out.push_str(":]");
    Ok(())
}

fn character(translator: &mut Translator<'_>) -> Result<char, Fault> {
    let start = translator.at();
    match translator.peek() {
        Some('\\') => translator.escaped_character(start),
        _ => translator.bump().ok_or_else(|| Fault::new("a class is not closed", translator.since(start))),
    }
}

/// `\pL`, `\p{Greek}`, `\p{^Greek}`.
pub(crate) fn unicode(translator: &mut Translator<'_>) -> Result<(), Fault> {
    let start = translator.at();
    let rest = translator.rest();
    let negative = rest.starts_with(r"\P");
    let after = rest.get(2..).unwrap_or_default();
    let (name, length) = match after.strip_prefix('{') {
        Some(inner) => inner.split_once('}').map_or(("", 0), |(name, _)| (name, name.len() + 2)),
        None => {
            let length = after.chars().next().map_or(0, char::len_utf8);
            (after.get(..length).unwrap_or_default(), length)
        }
    };
    translator.skip(2 + length);
    let (name, negative) = match name.strip_prefix('^') {
        Some(name) => (name, !negative),
        None => (name, negative),
    };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Fault::new("not the name of a Unicode class", translator.since(start))
            .hint(r"write `\pL` or `\p{Greek}`"));
    }
    translator.out.push_str(if negative { r"\P{" } else { r"\p{" });
    translator.out.push_str(name);
    translator.out.push('}');
    Ok(())
}
