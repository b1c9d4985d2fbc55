//! Cargo's version requirements, as RustSec uses them: a set of ranges that are not affected, turned round into events.
//!
//! RustSec reads `patched` and `unaffected` as plain intervals, in which prereleases count like other versions, and not as Cargo
//! resolves requirements. One requirement is one interval, intervals do not overlap.

use crate::advisory::Event;
use crate::order::{self, Order};

#[derive(Debug, Clone, PartialEq, Eq)]
struct Core {
    major: u64,
    minor: u64,
    patch: u64,
    pre: String,
}

impl Core {
    fn text(&self) -> String {
        let Self { major, minor, patch, pre } = self;
        let dash = if pre.is_empty() { "" } else { "-" };
        format!("{major}.{minor}.{patch}{dash}{pre}")
    }

    /// The lowest version above this one, by the rules of semver 11: prereleases come before the release, and one with more parts
    /// comes after.
    fn next(&self) -> Self {
        if self.pre.is_empty() {
            return Self { patch: self.patch.saturating_add(1), pre: "0".to_owned(), ..self.clone() };
        }
        Self { pre: format!("{}.0", self.pre), ..self.clone() }
    }
}

/// Versions from `start` on, which are before `end`.
struct Interval {
    start: Option<Core>,
    end: Option<Core>,
}

/// What the affected versions are when those of `requirements` are not. The error says why they cannot be told.
pub(crate) fn affected(requirements: &[String]) -> Result<Vec<Event>, String> {
    let mut intervals = Vec::new();
    for requirement in requirements {
        let interval = interval(requirement).map_err(|reason| format!("`{requirement}`: {reason}"))?;
        let key = |bound: &Option<Core>| {
            bound.as_ref().map(|core| order::key(Order::Semver("crates.io"), &core.text())).transpose()
        };
        intervals.push((key(&interval.start)?.unwrap_or_default(), key(&interval.end)?, interval));
    }
    intervals.sort_by(|a, b| a.0.cmp(&b.0));
    let mut events = Vec::new();
    let mut reached = Some(Vec::new());
    let mut open = Some("0".to_owned());
    for (start, end, interval) in intervals {
        if end.as_ref().is_some_and(|end| *end <= start) {
            return Err("a requirement that no version meets".to_owned());
        }
        if reached.is_none_or(|reached| reached > start || (open.is_none() && start.is_empty())) {
            return Err("requirements that overlap".to_owned());
        }
        if let (Some(from), Some(until)) = (open.take(), interval.start) {
            events.push(Event::Introduced(from));
            events.push(Event::Fixed(until.text()));
        }
        open = interval.end.map(|core| core.text());
        reached = end;
    }
    events.extend(open.map(Event::Introduced));
    Ok(events)
}

fn interval(requirement: &str) -> Result<Interval, String> {
    let mut interval = Interval { start: None, end: None };
    let parts: Vec<_> = requirement.split(',').map(str::trim).collect();
    if parts == ["*"] {
        return Ok(interval);
    }
    for part in &parts {
        let (operator, partial) = comparator(part)?;
        let core = partial.core();
        let (start, end) = match operator {
            ">" => (Some(core.next()), None),
            ">=" => (Some(core), None),
            "<" => (None, Some(core)),
            "<=" => (None, Some(core.next())),
            _ if parts.len() > 1 => return Err("bounds both sides and does not stand alone".to_owned()),
            "=" => (Some(core.clone()), Some(core.next())),
            "~" => (Some(core), Some(partial.tilde_end())),
            _ => (Some(core), Some(partial.caret_end())),
        };
        if (start.is_some() && interval.start.is_some()) || (end.is_some() && interval.end.is_some()) {
            return Err("has two bounds of one side".to_owned());
        }
        interval.start = interval.start.or(start);
        interval.end = interval.end.or(end);
    }
    Ok(interval)
}

struct Partial {
    major: u64,
    minor: Option<u64>,
    patch: Option<u64>,
    pre: String,
}

impl Partial {
    fn core(&self) -> Core {
        let (minor, patch) = (self.minor.unwrap_or(0), self.patch.unwrap_or(0));
        Core { major: self.major, minor, patch, pre: self.pre.clone() }
    }

    fn tilde_end(&self) -> Core {
        match self.minor {
            None => first_of(self.major.saturating_add(1), 0, 0),
            Some(minor) => first_of(self.major, minor.saturating_add(1), 0),
        }
    }

    fn caret_end(&self) -> Core {
        match (self.major, self.minor, self.patch) {
            (0, Some(0), Some(patch)) => first_of(0, 0, patch.saturating_add(1)),
            (0, Some(minor), _) => first_of(0, minor.saturating_add(1), 0),
            (major, _, _) => first_of(major.saturating_add(1), 0, 0),
        }
    }
}

/// The lowest of all versions that begin so.
fn first_of(major: u64, minor: u64, patch: u64) -> Core {
    Core { major, minor, patch, pre: "0".to_owned() }
}

fn comparator(part: &str) -> Result<(&'static str, Partial), String> {
    let operator =
        [">=", "<=", ">", "<", "=", "~", "^"].into_iter().find(|operator| part.starts_with(operator));
    let operator = operator.unwrap_or("");
    let version = part.strip_prefix(operator).unwrap_or(part).trim();
    let version = version.split_once('+').map_or(version, |(version, _)| version);
    let (numbers, pre) = version.split_once('-').unwrap_or((version, ""));
    let mut parts = numbers.split('.').map(|number| {
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse::<u64>().ok().filter(|_| is_number).ok_or_else(|| format!("`{number}` is no number"))
    });
    let major = parts.next().ok_or("there is no version")??;
    let (minor, patch) = (parts.next().transpose()?, parts.next().transpose()?);
    if parts.next().is_some() {
        return Err("a version has more than three numbers".to_owned());
    }
    Ok((operator, Partial { major, minor, patch, pre: pre.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::affected;
    use crate::advisory::Event::{self, Fixed, Introduced};

    fn events(requirements: &[&str]) -> Result<Vec<Event>, String> {
        affected(&requirements.iter().map(|&requirement| requirement.to_owned()).collect::<Vec<_>>())
    }

    fn from(version: &str) -> Event {
        Introduced(version.to_owned())
    }

    fn to(version: &str) -> Event {
        Fixed(version.to_owned())
    }

    #[test]
    fn what_is_between_the_requirements_is_affected() {
        assert_eq!(events(&[]).unwrap(), [from("0")]);
        assert_eq!(events(&[">= 1.2.3"]).unwrap(), [from("0"), to("1.2.3")]);
        assert_eq!(events(&[">= 1.2.3", "< 1.0.0"]).unwrap(), [from("1.0.0"), to("1.2.3")]);
        assert_eq!(
            events(&["^1.2.3", ">= 2.1.0-rc.1", "< 0.5"]).unwrap(),
            [from("0.5.0"), to("1.2.3"), from("2.0.0-0"), to("2.1.0-rc.1")]
        );
        assert_eq!(events(&["= 1.0.0"]).unwrap(), [from("0"), to("1.0.0"), from("1.0.1-0")]);
        assert_eq!(events(&["<= 1.0.0-rc.1"]).unwrap(), [from("1.0.0-rc.1.0")]);
        assert_eq!(events(&["> 1"]).unwrap(), [from("0"), to("1.0.1-0")]);
        assert_eq!(events(&["0.3.2"]).unwrap(), [from("0"), to("0.3.2"), from("0.4.0-0")]);
        assert_eq!(events(&["*"]).unwrap(), []);
    }

    #[test]
    fn what_cannot_be_an_interval_is_refused() {
        for bad in [
            vec!["1.*"],
            vec!["^1.0, < 1.5"],
            vec![">= 1, >= 2"],
            vec![">= 2.0, < 1.0"],
            vec![">= 1.0", "< 1.5"],
            vec![""],
            vec!["< 1.0", "< 2.0"],
            vec!["*", "*"],
            vec![">= 1.0.0.0"],
        ] {
            assert!(events(&bad).is_err(), "{bad:?}");
        }
    }
}
