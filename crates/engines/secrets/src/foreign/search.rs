use std::cell::LazyCell;

use palisade_model::Span;
use regex::bytes::Regex;

use crate::foreign::composite::Companions;
use crate::foreign::rule::ForeignRule;
use crate::foreign::scene::Scene;
use crate::foreign::{ForeignFound, ForeignHit, ForeignRules, Set, Standing};

/// Most matches of one rule that are looked at in one text.
const MAX_MATCHES: usize = 20_000;
/// Most findings of one rule in one text.
const MAX_HITS: usize = 1000;

/// How far apart two secrets of one line are looked for.
const LINE_REACH: usize = 512;

/// What one rule found: secret and whole match of each.
#[derive(Default)]
pub(crate) struct Searched {
    pub(crate) hits: Vec<(Span, Span)>,
    /// Whether the rule is for paths alone and the path is one of them.
    pub(crate) anywhere: bool,
    /// Why it was not tried, or not to the end.
    pub(crate) gap: Option<String>,
}

pub(crate) fn find(rules: &ForeignRules, scene: &Scene<'_>) -> ForeignFound {
    let mut found = ForeignFound::default();
    if rules.rules.is_empty() {
        return found;
    }
    let mut companions = Companions::new(rules, scene);
    for index in rules.gate.open(scene.text) {
        let Some(rule) = rules.rules.get(index).filter(|rule| !rule.silent) else { continue };
        let mut searched = search(rules, index, scene);
        found.gaps.extend(searched.gap.take());
        if !searched.hits.is_empty() {
            companions.keep(&rule.required, &mut searched.hits);
        }
        let judged = searched.hits.into_iter().map(|(secret, whole)| {
            let allowed = allowed(rules, rule, scene, secret, whole).map(|allowed| allowed.reason);
            ForeignHit { rule: index, secret, whole, allowed }
        });
        found.hits.extend(judged);
    }
    found.gaps.extend(companions.gaps());
    drop_generic(rules, scene, &mut found.hits);
    found.gaps.sort();
    found.gaps.dedup();
    found
}

/// A rule with `generic` in its name says less than any other, as in gitleaks: what another one finds on the same line is not
/// reported twice.
fn drop_generic(rules: &ForeignRules, scene: &Scene<'_>, hits: &mut Vec<ForeignHit>) {
    let is_generic = |hit: &ForeignHit| rules.rules.get(hit.rule).is_some_and(ForeignRule::is_generic);
    let (mut generic, mut special): (Vec<_>, Vec<_>) = std::mem::take(hits).into_iter().partition(is_generic);
    special.sort_by_key(|hit| hit.secret.start);
    generic.retain(|hit| {
        let secret = scene.get(hit.secret);
        let first = special.partition_point(|other| other.secret.start + LINE_REACH < hit.secret.start);
        let near = special.iter().skip(first);
        let mut near =
            near.take_while(|other| other.secret.start < hit.secret.start.saturating_add(LINE_REACH));
        !near.any(|other| {
            let (start, end) =
                (hit.secret.start.min(other.secret.start), hit.secret.start.max(other.secret.start));
            memchr::memchr(b'\n', scene.get(Span::new(start, end))).is_none()
                && memchr::memmem::find(scene.get(other.secret), secret).is_some()
        })
    });
    hits.extend(special);
    hits.extend(generic);
    hits.sort_by_key(|hit| (hit.rule, hit.secret));
}

pub(crate) fn find_by_path(rules: &ForeignRules, scene: &Scene<'_>) -> Vec<ForeignHit> {
    let nothing = Span::new(0, 0);
    let mut hits = Vec::new();
    let open = LazyCell::new(|| rules.gate.open(scene.text));
    for (index, rule) in rules.rules.iter().enumerate() {
        if !rule.path_alone().is_some_and(|path| path.is_match(scene)) || is_own(rules, rule, scene) {
            continue;
        }
        if !rule.keywords().is_empty() && !open.contains(&index) {
            continue;
        }
        match allowed(rules, rule, scene, nothing, nothing) {
            Some(allowance) if allowance.standing == Standing::Named => {}
            allowance => hits.push(ForeignHit {
                rule: index,
                secret: nothing,
                whole: nothing,
                allowed: allowance.map(|allowance| allowance.reason),
            }),
        }
    }
    hits
}

/// What the regex of a rule finds that nobody named by the user allows; companions are not looked at.
pub(crate) fn search(rules: &ForeignRules, index: usize, scene: &Scene<'_>) -> Searched {
    let mut searched = Searched::default();
    let Some(rule) = rules.rules.get(index) else { return searched };
    let elsewhere = !scene.path.is_empty() && rule.path.as_ref().is_some_and(|path| !path.is_match(scene));
    let Some(regex) = rule.regex.as_ref().filter(|_| !elsewhere && !is_own(rules, rule, scene)) else {
        searched.anywhere = rule.regex.is_none() && !elsewhere;
        return searched;
    };
    let regex = match regex.get() {
        Ok(regex) => regex,
        Err(message) => {
            searched.gap = Some(format!("rule {} was not tried: {message}", rule.info().id));
            return searched;
        }
    };
    let mut looked_at = 0;
    for (secret, whole) in matches(rule, regex, scene.text) {
        looked_at += 1;
        if looked_at > MAX_MATCHES || searched.hits.len() >= MAX_HITS {
            let id = &rule.info().id;
            searched.gap = Some(format!("rule {id} matches too often; the rest was not looked at"));
            break;
        }
        let random = rule.entropy.is_none_or(|more_than| entropy(scene.get(secret)) > more_than);
        let dropped = || {
            let allowance = allowed(rules, rule, scene, secret, whole);
            allowance.is_some_and(|allowance| allowance.standing == Standing::Named)
        };
        if random && !dropped() {
            searched.hits.push((if secret.start < secret.end { secret } else { whole }, whole));
        }
    }
    searched
}

/// Secret and whole match, in order.
fn matches<'t>(
    rule: &ForeignRule,
    regex: &'t Regex,
    text: &'t [u8],
) -> Box<dyn Iterator<Item = (Span, Span)> + 't> {
    let span = |found: regex::bytes::Match<'_>| Span::new(found.start(), found.end());
    let filled = |(_, whole): &(Span, Span)| whole.start < whole.end;
    if !rule.has_groups {
        let whole = move |found| trimmed(text, span(found));
        return Box::new(regex.find_iter(text).map(whole).map(|whole| (whole, whole)).filter(filled));
    }
    let group = rule.secret_group;
    let secret = move |captures: &regex::bytes::Captures<'t>, whole: Span| match group {
        // A group that took no part is judged as an empty secret: it has no entropy and nothing that could be allowed.
        Some(group) => captures.get(group).map_or(Span::new(whole.start, whole.start), span),
        None => {
            let groups = captures.iter().skip(1).flatten();
            groups.map(span).find(|group| group.start < group.end).unwrap_or(whole)
        }
    };
    let both = move |captures: regex::bytes::Captures<'t>| {
        let whole = captures.get(0).map_or(Span::new(0, 0), |found| trimmed(text, span(found)));
        (secret(&captures, whole), whole)
    };
    Box::new(regex.captures_iter(text).map(both).filter(filled))
}

/// Line feeds at both ends are no part of a match.
fn trimmed(text: &[u8], span: Span) -> Span {
    let bytes = text.get(span.start..span.end).unwrap_or_default();
    let start = bytes.iter().take_while(|byte| **byte == b'\n').count();
    let end = bytes.iter().rev().take_while(|byte| **byte == b'\n').count();
    Span::new(span.start + start, (span.end - end).max(span.start + start))
}

/// The first allowlist that lets it pass, those of the set first.
fn allowed(
    rules: &ForeignRules,
    rule: &ForeignRule,
    scene: &Scene<'_>,
    secret: Span,
    whole: Span,
) -> Option<super::Allowance> {
    let set = rules.set(rule)?;
    let allow = set.allow.iter().chain(rule.allow()).find(|allow| allow.allows(scene, secret, whole))?;
    Some(set.allowed(allow))
}

/// Whether the text is the configuration itself, whose regexes and examples look like secrets.
fn is_own(rules: &ForeignRules, rule: &ForeignRule, scene: &Scene<'_>) -> bool {
    rules.set(rule).is_some_and(|set: &Set| set.own_paths.contains(scene.path))
}

/// Shannon entropy as gitleaks counts it: of characters, over the number of bytes.
fn entropy(secret: &[u8]) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    for chunk in secret.utf8_chunks() {
        let invalid = chunk.invalid().iter().map(|_| '\u{fffd}');
        for character in chunk.valid().chars().chain(invalid) {
            *counts.entry(character).or_insert(0_u32) += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "secrets are shorter than 2^52 bytes")]
    let length = secret.len() as f64;
    counts.into_values().map(|count| f64::from(count) / length).map(|share| -share * share.log2()).sum()
}
