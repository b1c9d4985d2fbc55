//! The ranges of an affected package, made into intervals between comparable keys once and for all.

use std::cmp::Ordering;

use palisade_model::Digest;

use super::bytes::Writer;
use crate::advisory::{AffectedPackage, Event, Range, RangeKind};
use crate::order::{self, Order};

/// How an interval ends.
pub(super) mod end {
    pub(in crate::database) const OPEN: u8 = 0;
    pub(in crate::database) const FIXED: u8 = 1;
    pub(in crate::database) const LAST_AFFECTED: u8 = 2;
    pub(in crate::database) const LIMIT: u8 = 3;
}

/// What the keys of a range are.
pub(super) mod keys {
    pub(in crate::database) const SEMVER: u8 = 0;
    pub(in crate::database) const ECOSYSTEM: u8 = 1;
    /// There are none; the reason follows.
    pub(in crate::database) const NONE: u8 = 2;
}

/// What a commit is in its range.
pub(super) mod commit {
    pub(in crate::database) const AFFECTED: u8 = 0;
    pub(in crate::database) const NOT_AFFECTED: u8 = 1;
}

/// A version with its key.
#[derive(Debug, Clone)]
struct Keyed {
    text: String,
    /// Empty: before everything.
    key: Vec<u8>,
}

#[derive(Debug)]
struct Interval {
    start: Keyed,
    end: u8,
    until: Keyed,
}

/// The bytes that [`super::body`] reads.
pub(super) fn compiled(package: &AffectedPackage, ecosystem: &str) -> Vec<u8> {
    let mut body = Writer::default();
    let (git, ranges): (Vec<_>, Vec<_>) =
        package.ranges.iter().partition(|range| range.kind == RangeKind::Git);
    body.count(ranges.len());
    for range in ranges {
        write_range(&mut body, range, ecosystem);
    }
    let mut commits: Vec<_> = git.iter().flat_map(|range| &range.events).filter_map(listed_commit).collect();
    commits.sort();
    commits.dedup();
    body.byte(u8::from(!git.is_empty()));
    body.count(commits.len());
    for (commit, what) in commits {
        body.byte(what);
        body.bytes(commit.as_bytes());
    }
    let mut versions: Vec<_> =
        package.versions.iter().map(|version| fingerprint(ecosystem, version)).collect();
    versions.sort_unstable();
    versions.dedup();
    body.count(versions.len());
    for version in versions {
        body.u64(version);
    }
    body.0
}

/// Half of a digest of the version's key, so that equal versions are one however they are written; of its text when it has no key.
pub(super) fn fingerprint(ecosystem: &str, version: &str) -> u64 {
    let mut named = match order::key(Order::Ecosystem(ecosystem), version) {
        Ok(key) => key,
        Err(_) => version.trim().as_bytes().to_vec(),
    };
    named.push(0);
    let digest = Digest::of(&named);
    digest.as_bytes().first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn listed_commit(event: &Event) -> Option<(String, u8)> {
    let what = match event {
        Event::Introduced(_) | Event::LastAffected(_) => commit::AFFECTED,
        Event::Fixed(_) | Event::Limit(_) => commit::NOT_AFFECTED,
    };
    let commit = event.version().trim().to_ascii_lowercase();
    (commit != "0" && commit != "*").then_some((commit, what))
}

fn write_range(body: &mut Writer, range: &Range, ecosystem: &str) {
    let (tag, order) = match &range.kind {
        RangeKind::Semver => (keys::SEMVER, Order::Semver(ecosystem)),
        RangeKind::Ecosystem => (keys::ECOSYSTEM, Order::Ecosystem(ecosystem)),
        RangeKind::Git | RangeKind::Other(_) => {
            let what = if let RangeKind::Other(what) = &range.kind { what } else { "commits" };
            body.byte(keys::NONE);
            return body.bytes(what.as_bytes());
        }
    };
    match intervals(&range.events, order) {
        Err(reason) => {
            body.byte(keys::NONE);
            body.bytes(reason.as_bytes());
        }
        Ok(intervals) => {
            body.byte(tag);
            body.count(intervals.len());
            for interval in intervals {
                for bound in [&interval.start, &interval.until] {
                    body.bytes(bound.text.as_bytes());
                    body.bytes(&bound.key);
                }
                body.byte(interval.end);
            }
        }
    }
}

struct KeyedEvent<'e> {
    event: &'e Event,
    key: Vec<u8>,
}

/// The intervals that OSV's evaluation walks through, in ascending order. The error says why there are none.
fn intervals(events: &[Event], order: Order<'_>) -> Result<Vec<Interval>, String> {
    let mut limits = Vec::new();
    let mut steps = Vec::new();
    let mut is_limited = false;
    for event in events {
        let version = event.version().trim();
        match event {
            Event::Limit(_) => {
                is_limited = true;
                limits.push((version != "*").then(|| order::key(order, version)).transpose()?);
            }
            Event::Introduced(_) if version == "0" => steps.push(KeyedEvent { event, key: Vec::new() }),
            _ => steps.push(KeyedEvent { event, key: order::key(order, version)? }),
        }
    }
    if steps.is_empty() {
        return Err("a range without events".to_owned());
    }
    let walked = walked(steps);
    if !is_limited || limits.contains(&None) {
        return Ok(walked);
    }
    let limit = limits.into_iter().flatten().max().unwrap_or_default();
    let text = events.iter().find(|event| {
        matches!(event, Event::Limit(version) if order::key(order, version.trim()).is_ok_and(|key| key == limit))
    });
    let limit =
        Keyed { text: text.map(|event| event.version().trim().to_owned()).unwrap_or_default(), key: limit };
    Ok(walked.into_iter().filter_map(|interval| before(interval, &limit)).collect())
}

/// What of `interval` lies before `limit`.
fn before(interval: Interval, limit: &Keyed) -> Option<Interval> {
    if interval.start.key >= limit.key {
        return None;
    }
    let is_inside = match interval.end {
        end::OPEN => false,
        end::LAST_AFFECTED => interval.until.key < limit.key,
        _ => interval.until.key <= limit.key,
    };
    Some(if is_inside { interval } else { Interval { end: end::LIMIT, until: limit.clone(), ..interval } })
}

/// Sorted by version. Of events at one version, what ends an open interval comes first, then what begins one, then what ends that:
/// so `fixed 2` and `introduced 2` after `introduced 1` leave no hole, and `introduced 2` and `last_affected 2` alone are one version.
fn walked(mut steps: Vec<KeyedEvent<'_>>) -> Vec<Interval> {
    steps.sort_by(|a, b| a.key.cmp(&b.key).then_with(|| a.event.cmp(b.event)));
    let mut intervals = Vec::new();
    let mut open: Option<Keyed> = None;
    for group in steps.chunk_by(|a, b| a.key == b.key) {
        let was_open = open.is_some();
        let fixed = group.iter().find(|step| matches!(step.event, Event::Fixed(_)));
        let introduced = group.iter().find(|step| matches!(step.event, Event::Introduced(_)));
        let last = group.iter().find(|step| matches!(step.event, Event::LastAffected(_)));
        if let Some(step) = fixed.filter(|_| was_open) {
            close(&mut open, end::FIXED, step, &mut intervals);
        }
        if let Some(step) = introduced
            && open.is_none()
        {
            open = Some(keyed(step));
        }
        if let Some(step) = fixed.filter(|_| !was_open) {
            close(&mut open, end::FIXED, step, &mut intervals);
        }
        if let Some(step) = last {
            close(&mut open, end::LAST_AFFECTED, step, &mut intervals);
        }
    }
    if let Some(start) = open {
        intervals.push(Interval {
            start,
            end: end::OPEN,
            until: Keyed { text: String::new(), key: Vec::new() },
        });
    }
    intervals
}

fn keyed(step: &KeyedEvent<'_>) -> Keyed {
    Keyed { text: step.event.version().trim().to_owned(), key: step.key.clone() }
}

fn close(open: &mut Option<Keyed>, end: u8, step: &KeyedEvent<'_>, intervals: &mut Vec<Interval>) {
    let Some(start) = open.take() else { return };
    // Between a version and itself lies nothing.
    if end == end::FIXED && start.key.cmp(&step.key) == Ordering::Equal {
        return;
    }
    intervals.push(Interval { start, end, until: keyed(step) });
}
