use std::collections::BTreeSet;

use palisade_model::Span;

use crate::anchors::Anchors;
use crate::candidate::{Candidate, Hit, Identity, Shown};
use crate::checksum::{self, Outcome};
use crate::compile::{Method, Rule};
use crate::filter;
use crate::rules::Scene;

/// Most candidates that one text may yield before the search in it is broken off.
const MAX_CANDIDATES: usize = 20_000;

/// What a search found, in the order of rules, then places.
pub(crate) struct Found {
    pub(crate) candidates: Vec<Candidate>,
    /// Whether it was broken off.
    pub(crate) cut_short: bool,
}

/// Tries every rule near its anchors.
pub(crate) fn search(rules: &[Rule], anchors: &Anchors, scene: &Scene<'_>) -> Found {
    let mut found = Found { candidates: Vec::new(), cut_short: false };
    for (index, windows) in anchors.windows(rules, scene.text) {
        let Some(rule) = rules.get(index) else { continue };
        // Pieces of a long window overlap, and show what lies in the overlap twice.
        let mut seen = BTreeSet::new();
        for window in windows {
            let candidates = match &rule.method {
                Method::Regex { regex, group } => matches(regex, *group, scene.text, window, |secret| {
                    judge(rule, index, scene.text, secret)
                }),
                Method::Function(function) => {
                    let hits = function(scene, window).into_iter();
                    hits.filter_map(|hit| judge_hit(rule, index, scene.text, hit)).collect()
                }
            };
            let fresh =
                candidates.into_iter().filter(|found| seen.insert((found.secret.start, found.secret.end)));
            found.candidates.extend(fresh);
            if found.candidates.len() > MAX_CANDIDATES {
                return Found { cut_short: true, ..found };
            }
        }
    }
    found
}

/// The matches in a window that `judge` accepts. After one that it refuses the search goes on at the next byte, because a shorter or
/// later match may overlap the refused one; but only as long as that stays linear in the window.
fn matches(
    regex: &regex::bytes::Regex,
    group: usize,
    text: &[u8],
    window: Span,
    judge: impl Fn(Span) -> Option<Candidate>,
) -> Vec<Candidate> {
    let haystack = text.get(..window.end).unwrap_or_default();
    let mut locations = regex.capture_locations();
    let mut accepted = Vec::new();
    let mut at = window.start;
    let mut patience = 4 * (window.end - window.start) + 4096;
    while at <= window.end {
        let Some(whole) = regex.captures_read_at(&mut locations, haystack, at) else { break };
        let (start, end) = locations.get(group).unwrap_or((whole.start(), whole.end()));
        let candidate = if start < end { judge(Span::new(start, end)) } else { None };
        let spent = whole.end() - at;
        at = match candidate {
            None if spent < patience => {
                patience -= spent;
                whole.start() + 1
            }
            _ => whole.end().max(at + 1),
        };
        accepted.extend(candidate);
    }
    accepted
}

/// Whether what the regex of a rule matched is a secret.
fn judge(rule: &Rule, index: usize, text: &[u8], secret: Span) -> Option<Candidate> {
    let bytes = text.get(secret.start..secret.end)?;
    let bounded = !rule.boundary || filter::is_bounded(text, secret);
    let random = rule.entropy.is_none_or(|least| filter::entropy(bytes) >= least);
    if !bounded || !random {
        return None;
    }
    let message = match rule.checksum.map(|checksum| checksum::check(checksum, bytes)) {
        Some(Outcome::Fails) => return None,
        Some(Outcome::Proves(message)) => message,
        Some(Outcome::Fits(message)) if !filter::is_placeholder(bytes) => message,
        None if !filter::is_placeholder(bytes) => "it fits the format and is no placeholder".to_owned(),
        _ => return None,
    };
    Some(Candidate {
        rule: index,
        secret,
        identity: Identity::Token,
        shown: Shown::Ends,
        severity: rule.info.severity,
        confidence: rule.info.confidence,
        message,
    })
}

/// The same for what the function of a rule found; functions know placeholders themselves.
fn judge_hit(rule: &Rule, index: usize, text: &[u8], hit: Hit) -> Option<Candidate> {
    let bounded = !rule.boundary || filter::is_bounded(text, hit.secret);
    bounded.then(|| Candidate {
        rule: index,
        secret: hit.secret,
        identity: hit.identity,
        shown: hit.shown,
        severity: hit.severity.unwrap_or(rule.info.severity),
        confidence: hit.confidence.unwrap_or(rule.info.confidence),
        message: hit.message.to_owned(),
    })
}
