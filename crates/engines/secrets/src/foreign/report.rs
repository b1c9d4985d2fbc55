//! From hits to candidates and findings of the engine.

use std::collections::BTreeMap;

use palisade_model::{
    EntryMeta, Excerpt, Finding, Fingerprint, Form, InlineMarker, Location, Position, RuleInfo, Span,
};

use crate::candidate::{Candidate, Identity, InExamples, Scope, Shown};
use crate::compile::{Method, Rule};
use crate::filter;
use crate::foreign::scene::Scene;
use crate::foreign::{ForeignHit, ForeignRules, Standing};
use crate::marker;
use crate::profile::Profile;

/// A secret this long and this random was drawn by a machine; anything else somebody may have thought of.
const MIN_TOKEN: usize = 16;
const MIN_TOKEN_ENTROPY: f64 = 3.0;

/// Why candidates of one text may not count.
#[derive(Debug, Default)]
pub(crate) struct Allowances {
    reasons: BTreeMap<(u16, Span), String>,
}

impl Allowances {
    /// Drops of `candidates`, found by built-in rules, what files named by the user allow; notes what others would.
    pub(crate) fn judge(
        &mut self,
        foreign: &ForeignRules,
        rules: &[Rule],
        path: &str,
        text: &[u8],
        candidates: &mut Vec<Candidate>,
    ) {
        candidates.retain(|candidate| {
            let Some(rule) = rules.get(usize::from(candidate.rule)) else { return true };
            match foreign.allowance(&rule.info.id, path, text, candidate.secret) {
                Some(allowance) if allowance.standing == Standing::Named => false,
                Some(allowance) => {
                    self.reasons.insert((candidate.rule, candidate.secret), allowance.reason);
                    true
                }
                None => true,
            }
        });
    }

    /// Notes why each of `found` may not count, and gives the candidates.
    pub(crate) fn note(&mut self, found: Vec<(Candidate, Option<String>)>) -> Vec<Candidate> {
        let note = |(candidate, allowed): (Candidate, Option<String>)| {
            if let Some(reason) = allowed {
                self.reasons.insert((candidate.rule, candidate.secret), reason);
            }
            candidate
        };
        found.into_iter().map(note).collect()
    }

    /// `finding` with the reason why it may not count, in the place of a comment on its line.
    pub(crate) fn marked(&self, finding: Finding, candidate: &Candidate) -> Finding {
        let reason = self.reasons.get(&(candidate.rule, candidate.secret)).cloned();
        let marker = finding.marker.or_else(|| as_marker(reason));
        Finding { marker, ..finding }
    }
}

fn as_marker(reason: Option<String>) -> Option<InlineMarker> {
    reason.map(|reason| InlineMarker { reason: Some(reason) })
}

/// `hits` in `text` as candidates, each with the reason why it may not count. `places` knows for each foreign rule its place among
/// `rules`.
pub(crate) fn candidates(
    rules: &[Rule],
    places: &[usize],
    hits: Vec<ForeignHit>,
    text: &[u8],
) -> Vec<(Candidate, Option<String>)> {
    let made = |hit: ForeignHit| {
        let place = u16::try_from(*places.get(hit.rule)?).ok()?;
        let rule = rules.get(usize::from(place)).filter(|rule| matches!(rule.method, Method::Foreign))?;
        let marked = || marker::on_any_line(Scene::new("", text).lines(hit.whole));
        Some((candidate(rule, place, text, hit.secret), hit.allowed.or_else(marked)))
    };
    hits.into_iter().filter_map(made).collect()
}

fn candidate(rule: &Rule, place: u16, text: &[u8], secret: Span) -> Candidate {
    let bytes = text.get(secret.start..secret.end).unwrap_or_default();
    let token = bytes.len() >= MIN_TOKEN && filter::entropy(bytes) >= MIN_TOKEN_ENTROPY;
    Candidate {
        rule: place,
        secret,
        identity: if token { Identity::Token } else { Identity::Guessable(Vec::new()) },
        shown: if token { Shown::Ends } else { Shown::Nothing },
        severity: rule.info.severity,
        confidence: rule.info.confidence,
        profile: Profile::of(rule.info.confidence),
        scope: Scope::Anywhere,
        in_examples: InExamples::Same,
        form: Form::Unknown,
        asset: None,
        encodings: Vec::new(),
        message: "the rule's regex matches".to_owned(),
    }
}

/// The path of an entry as reports show it, members of archives after `!`.
pub(crate) fn member_path(meta: &EntryMeta<'_>) -> String {
    meta.members.iter().fold(meta.path.to_string(), |path, member| format!("{path}!{member}"))
}

/// The finding that an entry is there at all.
pub(crate) fn path_finding(
    engine: &str,
    info: &RuleInfo,
    meta: &EntryMeta<'_>,
    fingerprint: Fingerprint,
    allowed: Option<String>,
) -> Finding {
    let start = Position { line: 1, column: 1 };
    Finding {
        engine: engine.to_owned(),
        rule: info.id.clone(),
        title: info.title.clone(),
        severity: info.severity,
        confidence: info.confidence,
        message: "the rule is for files of this path".to_owned(),
        location: Location {
            path: meta.path.clone(),
            members: meta.members.to_vec(),
            start,
            end: start,
            bytes: Span::new(0, 0),
        },
        encodings: Vec::new(),
        excerpt: Excerpt { text: String::new(), mark_start: 0, mark_end: 0 },
        form: Form::Unknown,
        asset: None,
        listed: Vec::new(),
        fingerprint,
        marker: as_marker(allowed),
        suppression: None,
        history: None,
        layer: None,
        package: None,
    }
}
