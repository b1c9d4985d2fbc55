//! Conan 2: signs with blanks between them; `~` and `^` end before the first label of the next branch.

use super::{Condition, Flaw, Parsed, bound, implied};
use crate::scan::{take, take_while};
use crate::{Comparator, Scheme};

pub(super) fn parse(text: &str) -> Parsed {
    let text = text.trim();
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    text.split("||").map(parse_all).collect()
}

fn parse_all(text: &str) -> Result<Vec<Condition>, Flaw> {
    let condition = |(comparator, text): (Comparator, String)| {
        // Only `~` and `^` end so.
        if text.ends_with('-') {
            implied(Scheme::Conan, comparator, &text)
        } else {
            bound(Scheme::Conan, comparator, &text)
        }
    };
    bounds(text)?.into_iter().map(condition).collect()
}

/// What one alternative asks for, as texts.
pub(crate) fn bounds(text: &str) -> Result<Vec<(Comparator, String)>, &'static str> {
    let mut all = Vec::new();
    let mut rest = text.split(',').next().unwrap_or_default().trim();
    while !rest.is_empty() {
        let sign = take_while(&mut rest, |c| "<>=~^".contains(c));
        rest = rest.trim_start();
        let version = take_while(&mut rest, |c| !c.is_whitespace()).trim_end_matches('-');
        rest = rest.trim_start();
        if version.is_empty() {
            return Err("a sign has no version");
        }
        match sign {
            "" if version == "*" => all.push((Comparator::GreaterOrEqual, "0.0.0".to_owned())),
            "" => all.push((Comparator::Equal, version.to_owned())),
            "~" | "^" => {
                all.push((Comparator::GreaterOrEqual, version.to_owned()));
                all.push((
                    Comparator::Less,
                    upper(sign, version).ok_or("the version has no number that can grow")?,
                ));
            }
            sign => {
                let mut left = sign;
                let comparator =
                    Comparator::take(&mut left).filter(|_| left.is_empty()).ok_or("a sign is unknown")?;
                all.push((comparator, version.to_owned()));
            }
        }
    }
    Ok(all)
}

fn upper(sign: &str, version: &str) -> Option<String> {
    let mut rest = version;
    take(&mut rest, "v");
    let numbers: Vec<&str> = crate::scan::take_dotted(&mut rest);
    let last = numbers.len().checked_sub(1)?;
    let place = match sign {
        "~" => last.min(1),
        _ => numbers.iter().position(|number| !crate::scan::is_zero(number)).unwrap_or(last),
    };
    let next = super::operator::incremented(&numbers.get(..=place)?.join("."))?;
    Some(format!("{next}-"))
}
