use std::cmp::Reverse;

use palisade_model::Confidence;

use crate::candidate::Candidate;
use crate::compile::{Method, Rule, Tier};

/// Leaves of candidates that overlap the one that says most: the more specific rule, then of one family or of nested secrets the
/// surer and longer. Two rules that are equally sure of the same secret both stay, and so do any two foreign rules: whoever wrote them
/// counts on each by its name.
pub(crate) fn settle(rules: &[Rule], mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by_key(|one| (one.secret.start, Reverse(one.secret.end), one.rule));
    let mut settled = Vec::with_capacity(candidates.len());
    let mut cluster: Vec<Candidate> = Vec::new();
    let mut end = 0;
    for candidate in candidates {
        if candidate.secret.start >= end {
            settle_cluster(rules, std::mem::take(&mut cluster), &mut settled);
        }
        end = end.max(candidate.secret.end);
        cluster.push(candidate);
    }
    settle_cluster(rules, cluster, &mut settled);
    settled.sort_by_key(|one| (one.secret.start, one.secret.end, one.rule));
    settled
}

fn settle_cluster(rules: &[Rule], mut cluster: Vec<Candidate>, settled: &mut Vec<Candidate>) {
    cluster.sort_by_key(|one| Reverse(rank(rules, one)));
    let first = settled.len();
    for candidate in cluster {
        let kept = settled.get(first..).unwrap_or_default();
        if !kept.iter().any(|better| beats(rules, better, &candidate)) {
            settled.push(candidate);
        }
    }
}

fn tier(rules: &[Rule], candidate: &Candidate) -> Option<Tier> {
    rules.get(usize::from(candidate.rule)).map(|rule| rule.tier)
}

fn is_foreign(rules: &[Rule], candidate: &Candidate) -> bool {
    let rule = rules.get(usize::from(candidate.rule));
    rule.is_some_and(|rule| matches!(rule.method, Method::Foreign))
}

fn length(candidate: &Candidate) -> usize {
    candidate.secret.end - candidate.secret.start
}

type Rank = (Option<Tier>, Reverse<usize>, Confidence, usize, Reverse<usize>, Reverse<u16>);

fn rank(rules: &[Rule], one: &Candidate) -> Rank {
    let plainness = Reverse(one.encodings.len());
    (tier(rules, one), plainness, one.confidence, length(one), Reverse(one.secret.start), Reverse(one.rule))
}

/// Whether `better`, which ranks no lower, makes `other` superfluous.
fn beats(rules: &[Rule], better: &Candidate, other: &Candidate) -> bool {
    let (outer, inner) = (better.secret, other.secret);
    if outer.start >= inner.end || inner.start >= outer.end {
        return false;
    }
    let family = |one: &Candidate| rules.get(usize::from(one.rule)).map(|rule| &rule.family);
    if family(better) == family(other) {
        return true;
    }
    // Of a wide match that holds another rule's secret the rest may be secret too.
    let shared = outer.end.min(inner.end) - outer.start.max(inner.start);
    if is_foreign(rules, other) && (is_foreign(rules, better) || shared * 2 <= length(other)) {
        return false;
    }
    let nested = outer.start <= inner.start && inner.end <= outer.end;
    tier(rules, better) != tier(rules, other)
        || (nested && (outer != inner || better.confidence > other.confidence))
}
