use palisade_model::{Confidence, Encoding, Form, Severity, Span};

use crate::candidate::{Candidate, Hit, Identity, InExamples, Scope, Shown};
use crate::checksum::{self, Verdict};
use crate::compile::{Method, Rule, SecretRegex};
use crate::filter;
use crate::profile::Profile;
use crate::rules::Scene;
use crate::windows::Window;

/// Bytes around a window that a rule may look at to judge what it finds in it.
const MARGIN: usize = 1024;

/// All that trying a rule in `window` can depend on: this part of a text of `length` bytes.
pub(crate) fn context(window: Span, length: usize) -> Span {
    Span::new(window.start.saturating_sub(MARGIN), window.end.saturating_add(MARGIN).min(length))
}

/// Tries a rule in a window. The result depends on the bytes of [`context`] alone, whatever text they stand in.
pub(crate) fn try_rule(rules: &[Rule], window: Window, text: &[u8]) -> Vec<Candidate> {
    let Some(rule) = rules.get(usize::from(window.rule)) else { return Vec::new() };
    let around = context(window.span(), text.len());
    let Some(near) = text.get(around.start..around.end) else { return Vec::new() };
    let inner = Span::new(window.span().start - around.start, window.span().end - around.start);
    let candidates: Vec<_> = match &rule.method {
        Method::Regex(lazy) => {
            let SecretRegex { regex, group } = lazy.get();
            matches(regex, *group, near, inner, |secret| judge(rule, window.rule, near, secret))
        }
        Method::Function(function) => {
            let hits = function(&Scene::new(near), inner).into_iter();
            hits.filter_map(|hit| judge_hit(rule, window.rule, near, hit)).collect()
        }
        Method::Foreign => Vec::new(),
    };
    candidates.into_iter().map(|candidate| candidate.moved_by(around.start as i64)).collect()
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
fn judge(rule: &Rule, index: u16, text: &[u8], secret: Span) -> Option<Candidate> {
    let bytes = text.get(secret.start..secret.end)?;
    let bounded = !rule.boundary || filter::is_bounded(text, secret);
    let random = rule.entropy.is_none_or(|least| filter::entropy(bytes) >= least);
    if !bounded || !random {
        return None;
    }
    let placeholder = filter::is_placeholder(bytes);
    let (form, message) = match rule.checksum.map(|checksum| checksum::check(checksum, bytes)) {
        Some(Verdict::Valid(message)) => (Form::Valid, message),
        _ if placeholder => return None,
        Some(Verdict::Unknown(message)) => (Form::Unknown, message),
        Some(Verdict::Impossible) => (Form::Impossible, "its form says that nobody issued it".to_owned()),
        None => (Form::Unknown, "it fits the format and is no placeholder".to_owned()),
    };
    let impossible = form == Form::Impossible;
    Some(Candidate {
        rule: index,
        secret,
        identity: Identity::Token,
        shown: Shown::Ends,
        severity: if impossible { Severity::Low } else { rule.info.severity },
        confidence: if impossible { Confidence::Low } else { rule.info.confidence },
        profile: if impossible { Profile::Paranoid } else { Profile::of(rule.info.confidence) },
        scope: Scope::Anywhere,
        in_examples: InExamples::Same,
        form,
        asset: None,
        encodings: Vec::new(),
        message,
    })
}

/// The same for what the function of a rule found; functions know placeholders themselves.
fn judge_hit(rule: &Rule, index: u16, text: &[u8], hit: Hit) -> Option<Candidate> {
    let bounded = !rule.boundary || filter::is_bounded(text, hit.secret);
    let confidence = hit.confidence.unwrap_or(rule.info.confidence);
    let secret = text.get(hit.secret.start..hit.secret.end).unwrap_or_default();
    let profile = hit.profile.unwrap_or(Profile::of(confidence));
    bounded.then(|| Candidate {
        rule: index,
        secret: hit.secret,
        identity: hit.identity,
        shown: hit.shown,
        severity: hit.severity.unwrap_or(rule.info.severity),
        confidence,
        profile: match (filter::is_typed_in_a_row(secret), filter::has_row(secret)) {
            (true, _) => Profile::Paranoid,
            (_, true) => profile.max(Profile::Balanced),
            _ => profile,
        },
        scope: hit.scope,
        in_examples: hit.in_examples,
        form: Form::Unknown,
        asset: hit.asset,
        encodings: Vec::new(),
        message: hit.message.to_owned(),
    })
}

/// What was found in decoded text, as something found in the text around it.
pub(crate) fn rewrapped(
    candidate: Candidate,
    encoding: Encoding,
    decoded: &[u8],
    secret: Span,
) -> Option<Candidate> {
    let value = decoded.get(candidate.secret.start..candidate.secret.end)?.to_vec();
    let identity = match candidate.identity {
        Identity::Token => Identity::Normalised(value),
        Identity::Guessable(key) => Identity::GuessableValue { key, value },
        known => known,
    };
    let encodings = std::iter::once(encoding).chain(candidate.encodings).collect();
    Some(Candidate { secret, identity, shown: Shown::Nothing, encodings, ..candidate })
}
