//! Packages of which nothing can be said, and why.

use std::collections::BTreeMap;

use palisade_advisory::Database;
use palisade_model::{Ecosystem, GapKind, Package, Timestamp};

use crate::path::label;

/// Packages that a gap lists by name.
const MAX_NAMED: usize = 5;

/// Why some packages could not be judged, and which.
#[derive(Default)]
pub(crate) struct Unjudged(BTreeMap<(GapKind, String), Vec<String>>);

impl Unjudged {
    /// Adds a package that could not be judged for this reason.
    pub(crate) fn add(&mut self, kind: GapKind, why: String, package: &Package) {
        self.0.entry((kind, why)).or_default().push(label(package));
    }

    /// One gap for each reason, with some of the packages by name.
    pub(crate) fn into_gaps(self) -> impl Iterator<Item = (GapKind, String)> {
        self.0.into_iter().map(|((kind, why), mut packages)| {
            packages.sort();
            packages.dedup();
            let named: Vec<_> = packages.iter().take(MAX_NAMED).map(String::as_str).collect();
            let more = match packages.len().saturating_sub(MAX_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            (kind, format!("{}{more}: {why}", named.join(", ")))
        })
    }
}

/// Why the silence of the advisories for an ecosystem means nothing; none when it does.
pub(crate) fn lack(database: &Database<'_>, ecosystem: &Ecosystem, oldest: Timestamp) -> Option<String> {
    match database.covers(ecosystem) {
        None => Some(uncovered(ecosystem)),
        Some(facts) if facts.feed.taken < oldest => Some(stale(ecosystem, facts.feed.taken)),
        Some(facts) if facts.feed.unread > 0 => Some(unread(ecosystem, facts.feed.unread)),
        Some(_) => None,
    }
}

fn uncovered(ecosystem: &Ecosystem) -> String {
    // What stands in the place of an ecosystem that OSV has no name for.
    if ecosystem.base().starts_with("unknown distribution") {
        return format!("nobody publishes advisories that we read for the {ecosystem}");
    }
    format!(
        "the database of advisories has no feed for {ecosystem}; run `palisade db update --ecosystem '{}'`",
        ecosystem.base()
    )
}

fn unread(ecosystem: &Ecosystem, count: u64) -> String {
    let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    format!("{records} of the advisories for {ecosystem} could not be read when the database was built")
}

fn stale(ecosystem: &Ecosystem, taken: Timestamp) -> String {
    let day: String = taken.to_string().chars().take(10).collect();
    let when = match taken == Timestamp::default() {
        true => format!("nothing tells when the advisories for {ecosystem} were taken"),
        false => format!("the advisories for {ecosystem} were taken on {day}, which is too long ago"),
    };
    format!("{when}; run `palisade db update --ecosystem '{}'`", ecosystem.base())
}
