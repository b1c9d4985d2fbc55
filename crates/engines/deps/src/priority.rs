//! How bad a flaw is, and how likely to be used.

use std::cmp::Reverse;

use palisade_advisory::{Advisory, Cve, Database, DatabaseError, Rating, Share};
use palisade_model::{Exploitation, KnownExploited, Score, Severity, Timestamp};

use crate::matching::Hit;

/// Scales of ratings, the most telling first; words of a database come after them.
const SCALES: [&str; 3] = ["CVSS_V4", "CVSS_V3", "CVSS_V2"];

/// How bad a flaw is, by what its records say.
#[derive(Debug, Default)]
pub(crate) struct Rated {
    /// Every score, sorted.
    pub(crate) scores: Vec<Score>,
    /// The one that counts: the worst by the newest system that anybody used.
    pub(crate) counts: Option<Counting>,
}

/// The score that counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Counting {
    /// How telling its system is; more is more.
    weight: Reverse<usize>,
    pub(crate) severity: Severity,
    /// The base score in tenths, when the system has one.
    pub(crate) base_tenths: Option<u32>,
    /// Which system, and whose word.
    pub(crate) source: String,
}

impl Rated {
    fn add(&mut self, advisory: &str, ratings: &[Rating]) {
        for rating in ratings {
            let Some(severity) = rating.severity() else { continue };
            let cvss = rating.cvss().and_then(Result::ok);
            let base_tenths = cvss.map(|cvss| u32::from(cvss.base_score().tenths()));
            let source = format!("{} of {advisory}", rating.scale);
            let counting = Counting { weight: Reverse(rank(rating)), severity, base_tenths, source };
            let known = self.counts.as_ref();
            let is_worse = |known: &Counting| {
                (counting.weight, severity, base_tenths) > (known.weight, known.severity, known.base_tenths)
            };
            if known.is_none_or(is_worse) {
                self.counts = Some(counting);
            }
            let (advisory, vector) = (advisory.to_owned(), rating.value.clone());
            self.scores.push(Score { advisory, vector, base_tenths, severity });
        }
    }
}

/// What is said of how bad `hit` is. `advisories` are those of its entries, in their order. Where none of them says anything, other
/// records of the same flaw are asked: the Go database gives no severities, and the record of GitHub that it names as an alias does.
pub(crate) fn rated(hit: &Hit<'_>, advisories: &[Advisory]) -> Result<Rated, DatabaseError> {
    let mut rated = Rated::default();
    for ((entry, _), advisory) in hit.entries.iter().zip(advisories) {
        let own = entry.affected(advisory).map(|affected| affected.ratings.as_slice()).unwrap_or_default();
        rated.add(&advisory.id, if own.is_empty() { &advisory.ratings } else { own });
    }
    if rated.counts.is_none() {
        for advisory in hit.others()? {
            let of_packages = advisory.affected.iter().flat_map(|affected| &affected.ratings);
            let ratings: Vec<Rating> = advisory.ratings.iter().chain(of_packages).cloned().collect();
            rated.add(&advisory.id, &ratings);
        }
    }
    rated.scores.sort();
    rated.scores.dedup();
    Ok(rated)
}

fn rank(rating: &Rating) -> usize {
    SCALES.iter().position(|scale| *scale == rating.scale).unwrap_or(SCALES.len())
}

/// What is known of a flaw's use.
#[derive(Debug, Default)]
pub(crate) struct Priority {
    pub(crate) exploitation: Option<Exploitation>,
    pub(crate) known_exploited: Option<KnownExploited>,
}

/// Looks every name of a flaw up in the lists that the database holds.
pub(crate) fn priority(database: &Database<'_>, ids: &[&str]) -> Result<Priority, DatabaseError> {
    let mut priority = Priority::default();
    let day = database.epss_facts().and_then(|facts| facts.time).map(day).unwrap_or_default();
    for cve in ids.iter().filter_map(|id| id.parse::<Cve>().ok()) {
        let exploited = database.kev(cve)?.map(|kev| KnownExploited {
            added: kev.added,
            due: kev.due,
            ransomware: kev.ransomware,
        });
        priority.known_exploited = priority.known_exploited.or(exploited);
        let score = database.epss(cve)?.map(|score| Exploitation {
            probability: decimal(score.probability),
            percentile: decimal(score.percentile),
            date: day.clone(),
        });
        priority.exploitation = priority.exploitation.or(score);
    }
    Ok(priority)
}

fn day(time: Timestamp) -> String {
    time.to_string().chars().take_while(|c| *c != 'T').collect()
}

/// A share as EPSS writes it: five digits.
fn decimal(share: Share) -> String {
    let hundred_thousandths = share.billionths() / 10_000;
    format!("{}.{:05}", hundred_thousandths / 100_000, hundred_thousandths % 100_000)
}
