//! Composer's constraints. A bound without a stability speaks of everything from the first development version of its release.

use super::partial::Partial;
use super::{Condition, Flaw, Parsed, bound};
use crate::scan::{take, take_while};
use crate::{Comparator, Scheme};

pub(super) fn parse(text: &str) -> Parsed {
    text.replace("||", "|").split('|').map(parse_all).collect()
}

fn parse_all(text: &str) -> Result<Vec<Condition>, Flaw> {
    let mut all = Vec::new();
    if let Some((from, to)) = text.split_once(" - ") {
        push(Comparator::GreaterOrEqual, from.trim(), &mut all)?;
        let (to, numbers) = (to.trim(), given(to));
        if to.contains('-') || numbers.len() > 2 {
            push(Comparator::LessOrEqual, to, &mut all)?;
        } else {
            push(Comparator::Less, &next(&numbers, numbers.len().saturating_sub(1))?, &mut all)?;
        }
        return Ok(all);
    }
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("an alternative is empty".into());
    }
    while !rest.is_empty() {
        let sign = take_while(&mut rest, |c| "<>=!^~".contains(c));
        rest = rest.trim_start();
        let version = take_while(&mut rest, |c| !c.is_whitespace() && !",<>=!^~".contains(c));
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        add(sign, version.split('@').next().unwrap_or_default(), &mut all)?;
    }
    Ok(all)
}

fn add(sign: &str, version: &str, all: &mut Vec<Condition>) -> Result<(), Flaw> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let numbers = given(version);
    let last = numbers.len().saturating_sub(1);
    match sign {
        "" if matches!(version, "*" | "x" | "X" | "") => Ok(()),
        "^" => {
            let place = numbers.iter().position(|number| *number > 0).unwrap_or(last);
            push(Comparator::GreaterOrEqual, version, all)?;
            push(Comparator::Less, &next(&numbers, place)?, all)
        }
        "~" => {
            push(Comparator::GreaterOrEqual, version, all)?;
            push(Comparator::Less, &next(&numbers, last.saturating_sub(1))?, all)
        }
        "" | "=" | "==" if version.ends_with(['*', 'x', 'X']) => {
            let branch: Vec<String> = numbers.iter().map(u64::to_string).collect();
            push(Comparator::GreaterOrEqual, &branch.join("."), all)?;
            push(Comparator::Less, &next(&numbers, last)?, all)
        }
        "" => push(Comparator::Equal, version, all),
        sign => {
            let mut rest = sign;
            let comparator =
                Comparator::take(&mut rest).filter(|_| rest.is_empty()).ok_or("a sign is unknown")?;
            push(comparator, version, all)
        }
    }
}

/// The numbers a version begins with.
fn given(version: &str) -> Vec<u64> {
    let mut rest = version.trim();
    take(&mut rest, "v");
    crate::scan::take_dotted(&mut rest).into_iter().filter_map(|number| number.parse().ok()).collect()
}

/// The release after all that share the numbers up to `place`.
fn next(numbers: &[u64], place: usize) -> Result<String, Flaw> {
    let partial = Partial { numbers: numbers.iter().copied().take(3).collect(), label: String::new() };
    if numbers.is_empty() {
        return Err("a version does not begin with a number".into());
    }
    Ok(partial.next(place.min(2))?)
}

fn push(comparator: Comparator, version: &str, all: &mut Vec<Condition>) -> Result<(), Flaw> {
    let opens = matches!(comparator, Comparator::GreaterOrEqual | Comparator::Less);
    let text = if opens && !version.contains('-') { format!("{version}-dev") } else { version.to_owned() };
    let condition = bound(Scheme::Composer, comparator, &text)
        .or_else(|_| bound(Scheme::Composer, comparator, version))?;
    all.push(condition);
    Ok(())
}
