//! Python: version specifiers of PEP 440.

use super::operator::incremented;
use super::{Condition, Flaw, Parsed, bound, implied};
use crate::order::pep440_parts;
use crate::scan::{take, without_trailing_zeros};
use crate::{Comparator, Scheme};

pub(super) fn parse(text: &str) -> Parsed {
    let mut all = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        add(part, &mut all)?;
    }
    Ok(vec![all])
}

fn add(part: &str, all: &mut Vec<Condition>) -> Result<(), Flaw> {
    let mut rest = part;
    if take(&mut rest, "===") {
        all.push(Condition::Text(rest.trim().to_owned()));
        return Ok(());
    }
    if take(&mut rest, "~=") {
        let version = rest.trim();
        let lower = version.to_ascii_lowercase();
        let parts = pep440_parts(&lower).ok_or("`~=` needs a version of PEP 440")?;
        let (_, branch) = parts
            .release
            .split_last()
            .filter(|(_, branch)| !branch.is_empty())
            .ok_or("`~=` needs two numbers")?;
        all.push(bound(Scheme::Pypi, Comparator::GreaterOrEqual, version)?);
        all.extend(within(parts.epoch, &branch.join("."))?);
        return Ok(());
    }
    let comparator = Comparator::take(&mut rest).ok_or("a condition has no sign")?;
    let version = rest.trim();
    if let Some(branch) = version.strip_suffix(".*") {
        let (epoch, branch) = branch.split_once('!').unwrap_or(("", branch));
        let within = within(epoch, branch.strip_prefix('v').unwrap_or(branch))?;
        match comparator {
            Comparator::Equal => all.extend(within),
            Comparator::NotEqual => all.push(Condition::Outside(within.to_vec())),
            _ => return Err("a wildcard needs `==` or `!=`".into()),
        }
        return Ok(());
    }
    add_comparison(comparator, version, all)
}

fn add_comparison(comparator: Comparator, version: &str, all: &mut Vec<Condition>) -> Result<(), Flaw> {
    let condition = bound(Scheme::Pypi, comparator, version)?;
    let lower = version.to_ascii_lowercase();
    let Some(parts) = pep440_parts(&lower) else { return Err("a version is not one of PEP 440".into()) };
    // Builds of the version itself are not before or after it, nor are its after-releases and what came before it.
    let exclusive = match comparator {
        Comparator::Less => parts.pre.is_none() && parts.dev.is_none(),
        Comparator::Greater => true,
        _ if parts.local.is_none() && comparator != Comparator::GreaterOrEqual => {
            return add_without_local(comparator, version, all);
        }
        _ => false,
    };
    if exclusive && let Condition::Bound(_, version) = &condition {
        all.push(Condition::NotOfRelease(comparator, version.clone()));
    }
    all.push(condition);
    Ok(())
}

/// A version without a local part speaks of all its builds.
fn add_without_local(comparator: Comparator, version: &str, all: &mut Vec<Condition>) -> Result<(), Flaw> {
    // No local part stands above a number of its own with as many digits as a version may have.
    let last = format!("{version}+{}", "9".repeat(400));
    let from = bound(Scheme::Pypi, Comparator::GreaterOrEqual, version)?;
    let to = bound(Scheme::Pypi, Comparator::LessOrEqual, &last)?;
    match comparator {
        Comparator::NotEqual => all.push(Condition::Outside(vec![from, to])),
        Comparator::LessOrEqual => all.push(to),
        _ => all.extend([from, to]),
    }
    Ok(())
}

/// All versions of a branch, from its first development version to the next branch's.
fn within(epoch: &str, branch: &str) -> Result<[Condition; 2], Flaw> {
    let prefix = if epoch.is_empty() { String::new() } else { format!("{epoch}!") };
    let next = incremented(branch).ok_or("the version has no number that can grow")?;
    Ok([
        implied(Scheme::Pypi, Comparator::GreaterOrEqual, &format!("{prefix}{branch}.dev0"))?,
        implied(Scheme::Pypi, Comparator::Less, &format!("{prefix}{next}.dev0"))?,
    ])
}

/// Whether `<` or `>` leaves a version out although its order would not.
pub(super) fn is_excluded(comparator: Comparator, version: &str, bound: &str) -> bool {
    let (version, bound) = (version.to_ascii_lowercase(), bound.to_ascii_lowercase());
    let (Some(version), Some(bound)) = (pep440_parts(&version), pep440_parts(&bound)) else { return false };
    let plain = |number: &&str| number.trim_start_matches('0').to_owned();
    let release = |numbers: &[&str]| without_trailing_zeros(numbers).iter().map(plain).collect::<Vec<_>>();
    if plain(&version.epoch) != plain(&bound.epoch) || release(&version.release) != release(&bound.release) {
        return false;
    }
    let stage = |pre: Option<(u8, &str)>| pre.map(|(rank, number)| (rank, plain(&number)));
    let number = |part: Option<&str>| part.map(|number| plain(&number));
    if comparator == Comparator::Less {
        return match bound.post {
            Some(_) => version.dev.is_some() && number(version.post) == number(bound.post),
            None => version.pre.is_some() || version.dev.is_some(),
        };
    }
    let same_stage = stage(version.pre) == stage(bound.pre);
    let after_release = version.post.is_some() && bound.post.is_none() && bound.dev.is_none();
    let same_number = number(version.post) == number(bound.post) && number(version.dev) == number(bound.dev);
    same_stage && (after_release || (version.local.is_some() && same_number))
}
