//! Native ranges of an ecosystem as constraints.

use super::{Constraint, VersError};
use crate::requirement::{
    Partial, Sign, conan_bounds, interval_bounds, npm_parts, pessimistic_upper, take_sign,
};
use crate::scan::{is_number, take_while};
use crate::{Comparator, RequirementError, Scheme};

type Bounds = Vec<(Comparator, String)>;

/// None for everything.
pub(super) fn constraints(scheme: Scheme, text: &str) -> Result<Option<Vec<Constraint>>, VersError> {
    let text = text.trim();
    if text == "*" && scheme != Scheme::Conan {
        return Ok(None);
    }
    let bounds = match scheme {
        Scheme::Npm => text.split("||").map(npm).collect::<Result<Vec<_>, _>>(),
        Scheme::Cargo => text.split(',').map(npm).collect(),
        Scheme::Conan => text.split("||").map(conan_bounds).collect(),
        Scheme::Nginx => text.split(',').map(|part| nginx(part.trim())).collect(),
        Scheme::Openssl => {
            Ok(vec![text.split(',').map(|part| (Comparator::Equal, part.trim().to_owned())).collect()])
        }
        Scheme::Maven | Scheme::Nuget if text.starts_with(['[', '(']) => {
            interval_bounds(text).map(|intervals| {
                intervals
                    .into_iter()
                    .map(|all| {
                        all.into_iter().map(|(comparator, text)| (comparator, text.to_owned())).collect()
                    })
                    .collect()
            })
        }
        Scheme::Nuget => Ok(vec![vec![(Comparator::GreaterOrEqual, text.to_owned())]]),
        Scheme::Gem | Scheme::Pypi => text.split(',').map(|part| signed(scheme, part)).collect(),
        _ => text
            .split("||")
            .map(|all| {
                all.split([',', ' '])
                    .filter(|part| !part.is_empty())
                    .map(|part| signed(scheme, part))
                    .collect::<Result<Vec<_>, _>>()
                    .map(|all| all.concat())
            })
            .collect(),
    };
    let malformed = |detail| RequirementError::Malformed { scheme, text: text.to_owned(), detail };
    let bounds = bounds.map_err(malformed)?.concat();
    Ok(Some(bounds.into_iter().map(|(comparator, version)| Constraint { comparator, version }).collect()))
}

fn npm(text: &str) -> Result<Bounds, &'static str> {
    if let Some((from, to)) = text.split_once(" - ") {
        return Ok(vec![
            (Comparator::GreaterOrEqual, Partial::parse(from)?.floor()),
            (Comparator::LessOrEqual, Partial::parse(to)?.floor()),
        ]);
    }
    let mut all = Vec::new();
    for part in npm_parts(text) {
        let mut rest = part.as_str();
        let sign = take_while(&mut rest, |c| "<>=~^".contains(c));
        let partial = Partial::parse(rest)?;
        let given = partial.numbers.len();
        let open = rest.contains(['x', 'X', '*']) && !partial.numbers.is_empty();
        let place = match sign {
            "^" => Some(partial.caret_place()),
            "~" | "~>" => Some(given.saturating_sub(1).min(1)),
            // The public vectors let `>= 2.2.x` end with the branch, and `~0.8.0-pre` with the release itself.
            "" | "=" | ">=" if open && given < 3 => Some(given - 1),
            _ => None,
        };
        if sign == "~" && !partial.label.is_empty() && partial.number(2) == 0 {
            let release = partial.floor().trim_end_matches(partial.label.as_str()).to_owned();
            all.push((Comparator::GreaterOrEqual, partial.floor()));
            all.push((Comparator::Less, release.clone()));
            all.push((Comparator::GreaterOrEqual, release));
            all.push((Comparator::Less, partial.next(2)?));
            continue;
        }
        if let Some(place) = place {
            all.push((Comparator::GreaterOrEqual, partial.floor()));
            all.push((Comparator::Less, partial.next(place)?));
            continue;
        }
        let mut left = sign;
        let comparator = if sign.is_empty() {
            Comparator::Equal
        } else {
            Comparator::take(&mut left).ok_or("a sign is unknown")?
        };
        all.push((comparator, partial.floor()));
    }
    Ok(all)
}

/// `1.5.0+` is that and later ones, of its branch if that is a stable one: its second number is even. `0.7.52-0.8.39` is from one to the
/// other.
fn nginx(text: &str) -> Result<Bounds, &'static str> {
    if let Some((from, to)) = text.split_once('-') {
        return Ok(vec![
            (Comparator::GreaterOrEqual, from.to_owned()),
            (Comparator::LessOrEqual, to.to_owned()),
        ]);
    }
    let Some(least) = text.strip_suffix('+') else { return Ok(vec![(Comparator::Equal, text.to_owned())]) };
    let partial = Partial::parse(least)?;
    let mut all = vec![(Comparator::GreaterOrEqual, least.to_owned())];
    if partial.number(1).is_multiple_of(2) {
        all.push((Comparator::Less, partial.next(1)?));
    }
    Ok(all)
}

fn signed(scheme: Scheme, part: &str) -> Result<Bounds, &'static str> {
    let mut rest = part.trim();
    if scheme == Scheme::Pypi
        && let Some(version) = rest.strip_prefix("~=")
    {
        return pessimistic(scheme, version.trim());
    }
    let sign = take_sign(&mut rest);
    let version = rest.trim();
    let comparator = match sign {
        Sign::Pessimistic => return pessimistic(scheme, version),
        Sign::Comparator(comparator) => comparator,
        Sign::None => Comparator::Equal,
    };
    match version.strip_suffix(".*") {
        None => Ok(vec![(comparator, version.to_owned())]),
        Some(branch) if comparator == Comparator::Equal && branch.split('.').all(is_number) => {
            let upper =
                pessimistic_upper(Scheme::Gem, &format!("{branch}.0")).ok_or("a number is too large")?;
            Ok(vec![(Comparator::GreaterOrEqual, branch.to_owned()), (Comparator::Less, upper)])
        }
        Some(_) => Err("a wildcard is not after `==`"),
    }
}

fn pessimistic(scheme: Scheme, version: &str) -> Result<Bounds, &'static str> {
    let upper = pessimistic_upper(scheme, version).ok_or("the version has no number that can grow")?;
    Ok(vec![(Comparator::GreaterOrEqual, version.to_owned()), (Comparator::Less, upper)])
}
