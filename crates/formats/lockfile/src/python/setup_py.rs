//! setup.py, without running it: only what stands in it as lists of texts is known.

use palisade_model::{PackageEvidence, Scope};

use super::requirement::{put_requirement, requirement};
use super::{Manifest, declared, normalised, put_itself, sheet};
use crate::format::Parsed;
use crate::sheet::Sheet;

const KEYWORDS: &[(&str, Scope)] = &[
    ("install_requires", Scope::Prod),
    ("extras_require", Scope::Optional),
    ("setup_requires", Scope::Build),
    ("tests_require", Scope::Test),
];

/// A word of Python, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a str),
    /// The content of a text, and whether it is one that only running tells.
    Text(&'a str, bool),
    Sign(char),
}

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let tokens = tokens(&text);
    let mut manifest = Manifest::default();
    own(&mut sheet, &tokens);
    for (keyword, scope) in KEYWORDS {
        let Some(at) = assigned(&tokens, keyword) else { continue };
        let place = match tokens.get(at) {
            // The value may have a name of its own, given further up.
            Some((_, Token::Name(name))) if *name != "None" => assigned(&tokens, name).unwrap_or(at),
            _ => at,
        };
        collect(&mut sheet, &mut manifest, &tokens, place, *scope);
    }
    declared(sheet, manifest)
}

/// Adds the project itself, when the call of `setup` has its name and version in plain words, or names of such.
fn own(sheet: &mut Sheet, tokens: &[(u32, Token<'_>)]) {
    let is_call =
        |window: &[(u32, Token<'_>)]| matches!(window, [(_, Token::Name("setup")), (_, Token::Sign('('))]);
    let Some(call) = tokens.windows(2).position(is_call) else { return };
    let arguments = tokens.get(call + 2..).unwrap_or_default();
    if let (Some((line, name)), Some((_, version))) =
        (argument(arguments, tokens, "name"), argument(arguments, tokens, "version"))
    {
        put_itself(sheet, line, name, version);
    }
}

/// The text that a call has for `keyword`, among the arguments that begin with `arguments`.
fn argument<'t>(
    arguments: &[(u32, Token<'t>)],
    tokens: &[(u32, Token<'t>)],
    keyword: &str,
) -> Option<(u32, &'t str)> {
    let mut depth = 1_usize;
    for (at, (line, token)) in arguments.iter().enumerate() {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return None;
        }
        let mut next = arguments.get(at + 1..)?.iter().map(|(_, token)| token);
        if depth != 1 || *token != Token::Name(keyword) || next.next() != Some(&Token::Sign('=')) {
            continue;
        }
        return match (next.next()?, next.next()?) {
            (Token::Text(text, false), Token::Sign(',' | ')')) => Some((*line, *text)),
            (Token::Name(name), Token::Sign(',' | ')')) => Some((*line, plain(tokens, name)?)),
            _ => None,
        };
    }
    None
}

/// The text that `name` stands for, when nothing is done with that.
fn plain<'t>(tokens: &[(u32, Token<'t>)], name: &str) -> Option<&'t str> {
    let at = assigned(tokens, name)?;
    match (tokens.get(at)?, tokens.get(at + 1)) {
        (_, Some((_, Token::Sign('+' | '%' | '.' | '[')))) => None,
        ((_, Token::Text(text, false)), _) => Some(*text),
        _ => None,
    }
}

/// The place behind the first `name =`.
fn assigned(tokens: &[(u32, Token<'_>)], name: &str) -> Option<usize> {
    let fits = |window: &[(u32, Token<'_>)]| matches!(window, [(_, Token::Name(own)), (_, Token::Sign('=')), (_, next)] if *own == name && *next != Token::Sign('='));
    tokens.windows(3).position(fits).map(|at| at + 2)
}

/// Adds the texts of the list or table that begins at `place`, of lists that are joined to it, and of texts that are split up; anything
/// else in it is a problem.
fn collect(
    sheet: &mut Sheet,
    manifest: &mut Manifest,
    tokens: &[(u32, Token<'_>)],
    place: usize,
    scope: Scope,
) {
    let mut depth = 0_usize;
    let mut unread = None;
    let mut at = place;
    while let Some((line, token)) = tokens.get(at) {
        let previous = at.checked_sub(1).and_then(|at| tokens.get(at)).map(|(_, token)| token);
        let call = split_call(tokens, at + 1);
        at += 1 + call.map_or(0, |call| call.length);
        let next = tokens.get(at).map(|(_, token)| token);
        let is_joined = next == Some(&Token::Sign('+'));
        match (token, call) {
            (Token::Sign('[' | '(' | '{'), _) => depth += 1,
            (Token::Sign(']' | ')' | '}'), _) => depth = depth.saturating_sub(1),
            (Token::Sign(',' | ':'), _) if depth > 0 => {}
            (Token::Sign('+'), _) if depth == 0 => continue,
            (Token::Text(_, false), None) if next == Some(&Token::Sign(':')) && depth > 0 => {}
            (Token::Text(text, false), Some(call)) if is_end(next) || is_joined => {
                for (line, part) in (*line..).zip(text.lines()) {
                    parts(part, call).for_each(|part| put(sheet, manifest, line, part, scope));
                }
            }
            (Token::Text(text, false), None) if depth > 0 && is_end(next) && is_start(previous) => {
                put(sheet, manifest, *line, text, scope);
            }
            (Token::Name("None"), _) if depth == 0 => break,
            _ => unread = unread.or(Some(*line)),
        }
        if depth == 0 && !is_joined {
            break;
        }
    }
    if let Some(line) = unread {
        sheet.problem(line, "asks for packages in a way that only running it would tell");
    }
}

fn put(sheet: &mut Sheet, manifest: &mut Manifest, line: u32, text: &str, scope: Scope) {
    if let Some(wanted) = requirement(text) {
        manifest.requests.entry(normalised(wanted.name)).or_insert(scope);
    }
    put_requirement(sheet, line, text, scope);
}

/// A text is split up into its words or its lines.
#[derive(Debug, Clone, Copy)]
struct SplitCall {
    /// In tokens.
    length: usize,
    by_words: bool,
}

/// What one line of a text is split up into.
fn parts(line: &str, call: SplitCall) -> impl Iterator<Item = &str> {
    let words = line.split_whitespace().filter(move |_| call.by_words);
    words.chain(Some(line).filter(|line| !call.by_words && !line.trim().is_empty()))
}

/// `.split()`, `.split("\n")` or `.splitlines()` from `place` on, maybe behind `.strip()`.
fn split_call(tokens: &[(u32, Token<'_>)], place: usize) -> Option<SplitCall> {
    let stripped =
        called(tokens, place).filter(|(name, ..)| *name == "strip").map_or(0, |(_, _, length)| length);
    let (name, argument, length) = called(tokens, place + stripped)?;
    let by_words = match (name, argument) {
        ("split", None) => true,
        ("split", Some("\\n")) | ("splitlines", None) => false,
        _ => return None,
    };
    Some(SplitCall { length: stripped + length, by_words })
}

/// The method that is called from `place` on, its argument if it is a text, and how many tokens that takes.
fn called<'t>(tokens: &[(u32, Token<'t>)], place: usize) -> Option<(&'t str, Option<&'t str>, usize)> {
    let mut words = tokens.get(place..)?.iter().map(|(_, token)| token);
    let (Token::Sign('.'), Token::Name(name), Token::Sign('(')) =
        (words.next()?, words.next()?, words.next()?)
    else {
        return None;
    };
    match (words.next()?, words.next()) {
        (Token::Sign(')'), _) => Some((*name, None, 4)),
        (Token::Text(text, _), Some(Token::Sign(')'))) => Some((*name, Some(*text), 5)),
        _ => None,
    }
}

/// Whether a text behind this word stands for itself.
fn is_start(previous: Option<&Token<'_>>) -> bool {
    matches!(previous, Some(Token::Sign(',' | '[' | '(' | '{' | ':')))
}

/// Whether nothing is done with the text before this word.
fn is_end(next: Option<&Token<'_>>) -> bool {
    matches!(next, None | Some(Token::Sign(',' | ']' | ')' | '}')))
}

/// The words of a program with their lines. Comments are left out.
fn tokens(text: &str) -> Vec<(u32, Token<'_>)> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\n' => {
                line += 1;
                1
            }
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => {
                let (length, content) = literal(rest, first);
                // What stands before the quote may change its meaning, as in f"…".
                let runs = match found.last() {
                    Some((_, Token::Name(prefix)))
                        if is_prefix(prefix) && text_before(text, rest).ends_with(*prefix) =>
                    {
                        let formatted = prefix.contains(['f', 'F']);
                        found.pop();
                        formatted
                    }
                    _ => false,
                };
                found.push((line, Token::Text(content, runs || content.contains('\\'))));
                line += crate::spanned::line_number(content.matches('\n').count());
                length
            }
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                found.push((line, Token::Name(rest.get(..end).unwrap_or_default())));
                end
            }
            c => {
                if !c.is_whitespace() {
                    found.push((line, Token::Sign(c)));
                }
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    found
}

fn is_prefix(word: &str) -> bool {
    word.len() <= 2 && word.chars().all(|c| "rRbBuUfF".contains(c))
}

fn text_before<'a>(text: &'a str, rest: &str) -> &'a str {
    text.get(..text.len() - rest.len()).unwrap_or_default()
}

/// The length of a text with its quotes, and what stands between them.
fn literal(rest: &str, quote: char) -> (usize, &str) {
    let triple = [quote; 3].iter().collect::<String>();
    let mark: &str = if rest.starts_with(&triple) { &triple } else { triple.get(..1).unwrap_or_default() };
    let inner = rest.get(mark.len()..).unwrap_or_default();
    let mut at = 0;
    let mut escaped = false;
    for (place, character) in inner.char_indices() {
        at = place;
        if !escaped && inner.get(place..).is_some_and(|from| from.starts_with(mark)) {
            return (mark.len() * 2 + place, inner.get(..place).unwrap_or_default());
        }
        if !escaped && character == '\n' && mark.len() == 1 {
            break;
        }
        escaped = !escaped && character == '\\';
        at = place + character.len_utf8();
    }
    (mark.len() + at, inner.get(..at).unwrap_or_default())
}
