//! Maven and NuGet: intervals in brackets.

use super::{Condition, Flaw, Parsed, bound};
use crate::{Comparator, Scheme};

/// What an interval asks for, as texts.
pub(crate) type Bounds<'a> = Vec<(Comparator, &'a str)>;

pub(super) fn parse(scheme: Scheme, text: &str) -> Parsed {
    let text = text.trim();
    if !text.starts_with(['[', '(']) {
        return match scheme {
            // Maven only recommends such a version.
            Scheme::Maven => {
                bound(scheme, Comparator::Equal, text)?;
                Ok(vec![Vec::new()])
            }
            _ => parse_least(scheme, text),
        };
    }
    let conditions = |bounds: Bounds<'_>| -> Result<Vec<Condition>, Flaw> {
        bounds.into_iter().map(|(comparator, text)| bound(scheme, comparator, text)).collect()
    };
    bounds(text)?.into_iter().map(conditions).collect()
}

/// A version alone is the least one; NuGet knows `1.*` as well.
fn parse_least(scheme: Scheme, text: &str) -> Parsed {
    let least = match text.split_once('*') {
        Some((before, "" | "-*")) => match before.trim_end_matches(['.', '-']) {
            "" => "0",
            before => before,
        },
        Some(_) => return Err("something follows the wildcard".into()),
        None => text,
    };
    Ok(vec![vec![bound(scheme, Comparator::GreaterOrEqual, least)?]])
}

/// Intervals with commas between them.
pub(crate) fn bounds(text: &str) -> Result<Vec<Bounds<'_>>, &'static str> {
    let mut intervals = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let lower = match rest.chars().next() {
            Some('[') => Comparator::GreaterOrEqual,
            Some('(') => Comparator::Greater,
            _ => return Err("an interval does not begin with a bracket"),
        };
        let (interval, after) = rest.split_at(rest.find([']', ')']).ok_or("an interval does not end")?);
        let upper = if after.starts_with(']') { Comparator::LessOrEqual } else { Comparator::Less };
        let inside = interval.trim_start_matches(['[', '(']).trim();
        let exact = lower == Comparator::GreaterOrEqual && upper == Comparator::LessOrEqual;
        intervals.push(match inside.split_once(',') {
            None if exact && !inside.is_empty() => vec![(Comparator::Equal, inside)],
            None => return Err("a single version needs square brackets"),
            Some((from, to)) => [(lower, from.trim()), (upper, to.trim())]
                .into_iter()
                .filter(|(_, version)| !version.is_empty())
                .collect(),
        });
        rest = after.trim_start_matches([']', ')']).trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    if intervals.is_empty() { Err("there is nothing") } else { Ok(intervals) }
}
