//! Signs before versions, with commas, blanks or words between them: RubyGems, distributions, Haskell, R and all that have no more.

use super::{Condition, Flaw, Parsed, bound};
use crate::scan::{take, take_digits};
use crate::{Comparator, Scheme};

pub(super) fn parse(scheme: Scheme, text: &str) -> Parsed {
    let text = text.trim();
    let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    if matches!(text, "" | "*" | "-any") {
        return Ok(vec![Vec::new()]);
    }
    text.split("||").map(|all| parse_all(scheme, all)).collect()
}

fn parse_all(scheme: Scheme, text: &str) -> Result<Vec<Condition>, Flaw> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let sign = take_sign(&mut rest);
        rest = rest.trim_start();
        let end = rest.find(|c: char| c == ',' || c == '&' || c.is_whitespace()).unwrap_or(rest.len());
        let (version, after) = rest.split_at(end);
        add(scheme, sign, version, &mut all)?;
        rest = after.trim_start_matches(|c: char| c == ',' || c == '&' || c.is_whitespace());
    }
    if all.is_empty() { Err("an alternative is empty".into()) } else { Ok(all) }
}

/// What stands before a version.
#[derive(Clone, Copy)]
pub(crate) enum Sign {
    None,
    Comparator(Comparator),
    /// `~>` and `^>=`: at least this, and the same but for the last number (RubyGems), or the same two first numbers (Haskell).
    Pessimistic,
}

pub(crate) fn take_sign(rest: &mut &str) -> Sign {
    if take(rest, "~>") || take(rest, "^>=") {
        return Sign::Pessimistic;
    }
    Comparator::take(rest).map_or(Sign::None, Sign::Comparator)
}

fn add(scheme: Scheme, sign: Sign, version: &str, all: &mut Vec<Condition>) -> Result<(), Flaw> {
    let comparator = match (sign, scheme) {
        (Sign::Pessimistic, _) => {
            let upper =
                pessimistic_upper(scheme, version).ok_or("the version has no number that can grow")?;
            // Versions before the upper bound are of its branch, not of this one.
            let upper = if scheme == Scheme::Gem { format!("{upper}.A") } else { upper };
            all.push(bound(scheme, Comparator::GreaterOrEqual, version)?);
            all.push(bound(scheme, Comparator::Less, &upper)?);
            return Ok(());
        }
        // Go's minimal version selection.
        (Sign::None, Scheme::Go) => Comparator::GreaterOrEqual,
        (Sign::None, _) => Comparator::Equal,
        (Sign::Comparator(comparator), _) => comparator,
    };
    if let Some(branch) = version.strip_suffix(".*") {
        let upper = incremented(branch).ok_or("the version has no number that can grow")?;
        let within = vec![
            bound(scheme, Comparator::GreaterOrEqual, branch)?,
            bound(scheme, Comparator::Less, &upper)?,
        ];
        match comparator {
            Comparator::Equal => all.extend(within),
            Comparator::NotEqual => all.push(Condition::Outside(within)),
            _ => return Err("a wildcard needs `==` or `!=`".into()),
        }
        return Ok(());
    }
    all.push(bound(scheme, comparator, version)?);
    Ok(())
}

/// What a version with `~>` has to stay below.
pub(crate) fn pessimistic_upper(scheme: Scheme, version: &str) -> Option<String> {
    let mut rest = version;
    let mut numbers = crate::scan::take_dotted(&mut rest);
    if scheme == Scheme::Hackage {
        numbers.resize(numbers.len().max(2), "0");
        numbers.truncate(2);
    } else if numbers.len() > 1 {
        numbers.pop();
    }
    incremented(&numbers.join("."))
}

/// The same with its last number larger by one.
pub(super) fn incremented(branch: &str) -> Option<String> {
    let (before, last) = branch.rsplit_once('.').map_or(("", branch), |(before, last)| (before, last));
    let mut rest = last;
    let number: u64 = take_digits(&mut rest).parse().ok()?;
    let next = number.checked_add(1)?;
    if !rest.is_empty() {
        return None;
    }
    Some(if before.is_empty() { next.to_string() } else { format!("{before}.{next}") })
}
