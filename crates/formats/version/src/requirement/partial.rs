//! npm, Cargo, Hex and pub: signs before semantic versions of which parts may be missing.

use super::{Condition, Flaw, Parsed, bound, implied};
use crate::scan::{is_number, take, take_while};
use crate::{Comparator, Scheme};

/// The lowest version of a release: what is below it is of earlier releases only.
const LOWEST: &str = "-0";

/// A version of which the later numbers may be missing or be wildcards.
pub(crate) struct Partial {
    /// Those that are given, at most three.
    pub(crate) numbers: Vec<u64>,
    /// `-label`, or nothing.
    pub(crate) label: String,
}

impl Partial {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut rest = text.trim().trim_start_matches('=').trim_start();
        let _ = take(&mut rest, "v") || take(&mut rest, "V");
        let rest = rest.split('+').next().unwrap_or_default();
        let (main, label) = rest.find('-').map_or((rest, ""), |place| rest.split_at(place));
        let mut numbers = Vec::new();
        let mut open = false;
        for (place, part) in main.split('.').enumerate() {
            match part {
                _ if place > 2 => return Err("a version has too many components"),
                "x" | "X" | "*" => open = true,
                "" if main.is_empty() => {}
                part if is_number(part) => {
                    let number = part.parse().map_err(|_| "a number is too large")?;
                    if !open {
                        numbers.push(number);
                    }
                }
                _ => return Err("a component is no number"),
            }
        }
        if label == "-" || !label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)) {
            return Err("a label is empty or has a character that none may have");
        }
        let label = if numbers.len() == 3 { label.to_owned() } else { String::new() };
        Ok(Self { numbers, label })
    }

    pub(crate) fn number(&self, place: usize) -> u64 {
        self.numbers.get(place).copied().unwrap_or(0)
    }

    fn is_full(&self) -> bool {
        self.numbers.len() == 3
    }

    /// Missing numbers filled with zeros.
    pub(crate) fn floor(&self) -> String {
        format!("{}.{}.{}{}", self.number(0), self.number(1), self.number(2), self.label)
    }

    /// The release after all that share the numbers up to `place`.
    pub(crate) fn next(&self, place: usize) -> Result<String, &'static str> {
        let mut numbers = [self.number(0), self.number(1), self.number(2)];
        for (at, number) in numbers.iter_mut().enumerate() {
            if at == place {
                *number = number.checked_add(1).ok_or("a number is too large")?;
            } else if at > place {
                *number = 0;
            }
        }
        Ok(numbers.map(|number| number.to_string()).join("."))
    }

    /// The first number that is not zero, or the last one that is given: what `^` keeps.
    pub(crate) fn caret_place(&self) -> usize {
        let given = self.numbers.len().saturating_sub(1);
        self.numbers.iter().position(|number| *number > 0).unwrap_or(given)
    }
}

/// npm and Cargo. Both take signs before partial versions; npm has alternatives and ranges with a hyphen, Cargo commas, and no sign means
/// `^` there.
pub(super) fn parse(scheme: Scheme, text: &str) -> Parsed {
    match scheme {
        Scheme::Cargo => {
            let mut all = Vec::new();
            for part in text.split(',') {
                if part.trim().is_empty() {
                    return Err("a part is empty".into());
                }
                add_condition(scheme, part.trim(), &mut all)?;
            }
            Ok(vec![all])
        }
        _ => {
            let alternatives: Vec<Vec<Condition>> =
                text.split("||").map(parse_npm_alternative).collect::<Result<_, Flaw>>()?;
            // An alternative that is everything leaves no others, nor what they say of pre-releases.
            let everything = |all: &Vec<Condition>| all.iter().all(is_everything);
            Ok(if alternatives.iter().any(everything) { vec![Vec::new()] } else { alternatives })
        }
    }
}

fn is_everything(condition: &Condition) -> bool {
    matches!(condition, Condition::Bound(Comparator::GreaterOrEqual, version) if version.as_str() == "0.0.0")
}

fn parse_npm_alternative(text: &str) -> Result<Vec<Condition>, Flaw> {
    let mut all = Vec::new();
    if let Some((from, to)) = text.split_once(" - ") {
        let (from, to) = (Partial::parse(from)?, Partial::parse(to)?);
        if !from.numbers.is_empty() {
            all.push(bound(Scheme::Npm, Comparator::GreaterOrEqual, &from.floor())?);
        }
        add_upper(Scheme::Npm, &to, &mut all)?;
        return Ok(all);
    }
    for part in npm_parts(text) {
        add_condition(Scheme::Npm, &part, &mut all)?;
    }
    Ok(all)
}

/// The conditions of an alternative, signs joined to the versions after them.
pub(crate) fn npm_parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let sign = take_while(&mut rest, |c| "<>=~^".contains(c));
        rest = rest.trim_start();
        let version = take_while(&mut rest, |c| !c.is_whitespace() && !"<>=~^".contains(c));
        rest = rest.trim_start();
        parts.push(format!("{sign}{version}"));
    }
    parts
}

/// `<=` of a partial version: what begins with it is included.
fn add_upper(scheme: Scheme, partial: &Partial, all: &mut Vec<Condition>) -> Result<(), Flaw> {
    match partial.numbers.len() {
        0 => {}
        3 => all.push(bound(scheme, Comparator::LessOrEqual, &partial.floor())?),
        given => all.push(bound(scheme, Comparator::Less, &(partial.next(given - 1)? + LOWEST))?),
    }
    Ok(())
}

fn add_condition(scheme: Scheme, part: &str, all: &mut Vec<Condition>) -> Result<(), Flaw> {
    let mut rest = part;
    let sign = take_while(&mut rest, |c| "<>=~^".contains(c));
    let partial = Partial::parse(rest)?;
    let given = partial.numbers.len();
    let mut push = |comparator, text: &str| -> Result<(), Flaw> {
        all.push(bound(scheme, comparator, text)?);
        Ok(())
    };
    let default_is_caret = scheme == Scheme::Cargo && !part.contains('*');
    match sign {
        "<" | ">" if given == 0 => push(Comparator::Less, "0.0.0-0"),
        "" | "=" | "<=" | ">=" | "~" | "~>" | "^" if given == 0 => Ok(()),
        "^" => caret(scheme, &partial, all),
        "" if default_is_caret => caret(scheme, &partial, all),
        "~" | "~>" => {
            push(Comparator::GreaterOrEqual, &partial.floor())?;
            push(Comparator::Less, &(partial.next(if given == 1 { 0 } else { 1 })? + LOWEST))
        }
        ">=" => push(Comparator::GreaterOrEqual, &partial.floor()),
        "<" if partial.is_full() => push(Comparator::Less, &partial.floor()),
        "<" => push(Comparator::Less, &(partial.floor() + LOWEST)),
        ">" if partial.is_full() => push(Comparator::Greater, &partial.floor()),
        ">" => push(Comparator::GreaterOrEqual, &partial.next(given - 1)?),
        "<=" => add_upper(scheme, &partial, all),
        "" | "=" if partial.is_full() => push(Comparator::Equal, &partial.floor()),
        "" | "=" => {
            push(Comparator::GreaterOrEqual, &partial.floor())?;
            push(Comparator::Less, &(partial.next(given - 1)? + LOWEST))
        }
        _ => Err("a sign is unknown".into()),
    }
}

fn caret(scheme: Scheme, partial: &Partial, all: &mut Vec<Condition>) -> Result<(), Flaw> {
    all.push(bound(scheme, Comparator::GreaterOrEqual, &partial.floor())?);
    all.push(bound(scheme, Comparator::Less, &(partial.next(partial.caret_place())? + LOWEST))?);
    Ok(())
}

/// Elixir: `and`, `or`, and `~>`, which keeps all but the last number.
pub(super) fn parse_hex(text: &str) -> Parsed {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .split(|word| *word == "or")
        .map(|words| {
            let mut all = Vec::new();
            for words in words.split(|word| *word == "and") {
                let part = words.concat();
                let mut rest = part.as_str();
                if take(&mut rest, "~>") {
                    let partial = Partial::parse(rest)?;
                    if partial.numbers.len() < 2 {
                        return Err("`~>` needs two numbers".into());
                    }
                    all.push(bound(Scheme::Hex, Comparator::GreaterOrEqual, &partial.floor())?);
                    all.push(implied(
                        Scheme::Hex,
                        Comparator::Less,
                        &(partial.next(partial.numbers.len() - 2)? + LOWEST),
                    )?);
                } else {
                    let comparator = Comparator::take(&mut rest).unwrap_or(Comparator::Equal);
                    all.push(bound(Scheme::Hex, comparator, rest)?);
                }
            }
            Ok(all)
        })
        .collect()
}

/// Dart: `any`, `^`, and signs. An upper bound that is a release leaves out what comes before it.
pub(super) fn parse_pub(text: &str) -> Parsed {
    let mut all = Vec::new();
    if text.trim() == "any" {
        return Ok(vec![all]);
    }
    let parts = npm_parts(text);
    let floor_of = |part: &str| {
        part.trim_start_matches(['>', '=', '^']).split('-').next().unwrap_or_default().to_owned()
    };
    for part in &parts {
        let mut rest = part.as_str();
        if take(&mut rest, "^") {
            let partial = Partial::parse(rest)?;
            let place = usize::from(partial.number(0) == 0);
            all.push(bound(Scheme::Pub, Comparator::GreaterOrEqual, rest)?);
            all.push(bound(Scheme::Pub, Comparator::Less, &(partial.next(place)? + LOWEST))?);
            continue;
        }
        let comparator = Comparator::take(&mut rest).unwrap_or(Comparator::Equal);
        let from_label = parts
            .iter()
            .any(|other| other.starts_with('>') && other.contains('-') && floor_of(other) == rest);
        let lowest = comparator == Comparator::Less && !rest.contains(['-', '+']) && !from_label;
        let text = if lowest { format!("{rest}{LOWEST}") } else { rest.to_owned() };
        all.push(bound(Scheme::Pub, comparator, &text)?);
    }
    if all.is_empty() { Err("there is nothing".into()) } else { Ok(vec![all]) }
}
