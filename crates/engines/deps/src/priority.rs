//! How bad a flaw is, and how likely to be used.

use palisade_advisory::{Advisory, Cve, Database, DatabaseError, Rating, Share};
use palisade_model::{Exploitation, KnownExploited, Score, Severity, Timestamp};

use crate::matching::Hit;

/// Scales of ratings, the most telling first; words of a database come after them.
const SCALES: [&str; 3] = ["CVSS_V4", "CVSS_V3", "CVSS_V2"];

/// Every score of `hit`, sorted, and the severity that counts with where it is from: the worst by the newest system that anybody used.
/// `advisories` are those of its entries, in their order.
pub(crate) fn severity(hit: &Hit<'_>, advisories: &[Advisory]) -> (Vec<Score>, Option<(Severity, String)>) {
    let mut scores = Vec::new();
    let mut best: Option<(usize, Severity, String)> = None;
    for ((entry, _), advisory) in hit.entries.iter().zip(advisories) {
        let own = entry.affected(advisory).map(|affected| affected.ratings.as_slice()).unwrap_or_default();
        let ratings = if own.is_empty() { advisory.ratings.as_slice() } else { own };
        for rating in ratings {
            let Some(severity) = rating.severity() else { continue };
            let rank = rank(rating);
            let better = best
                .as_ref()
                .is_none_or(|(known, worst, _)| rank < *known || rank == *known && severity > *worst);
            if better {
                best = Some((rank, severity, format!("{} of {}", rating.scale, advisory.id)));
            }
            scores.push(Score {
                advisory: advisory.id.clone(),
                vector: rating.value.clone(),
                base_tenths: rating
                    .cvss()
                    .and_then(Result::ok)
                    .map(|cvss| u32::from(cvss.base_score().tenths())),
                severity,
            });
        }
    }
    scores.sort();
    scores.dedup();
    (scores, best.map(|(_, severity, source)| (severity, source)))
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
