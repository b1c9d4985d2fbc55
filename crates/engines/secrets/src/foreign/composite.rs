use std::collections::BTreeMap;

use palisade_model::{LineIndex, Span};

use crate::foreign::ForeignRules;
use crate::foreign::rule::Companion;
use crate::foreign::scene::Scene;
use crate::foreign::search::{Searched, search};

/// What the companions of rules found in one text; each is tried once.
pub(crate) struct Companions<'a> {
    rules: &'a ForeignRules,
    scene: &'a Scene<'a>,
    lines: Option<LineIndex>,
    found: BTreeMap<usize, Searched>,
}

impl<'a> Companions<'a> {
    pub(crate) const fn new(rules: &'a ForeignRules, scene: &'a Scene<'a>) -> Self {
        Self { rules, scene, lines: None, found: BTreeMap::new() }
    }

    /// Keeps of `hits` those that have every companion near.
    pub(crate) fn keep(&mut self, required: &[Companion], hits: &mut Vec<(Span, Span)>) {
        for companion in required {
            self.try_once(companion.rule);
            if self.found.get(&companion.rule).is_some_and(|searched| searched.anywhere) {
                continue;
            }
            let places: Vec<_> = self.places(companion.rule);
            hits.retain(|(_, whole)| {
                let here = self.place(whole.start);
                places.iter().any(|other| is_near(companion, here, *other))
            });
        }
    }

    /// What kept companions from being tried whole.
    pub(crate) fn gaps(self) -> impl Iterator<Item = String> {
        self.found.into_values().filter_map(|searched| searched.gap)
    }

    fn try_once(&mut self, rule: usize) {
        if !self.found.contains_key(&rule) {
            self.found.insert(rule, search(self.rules, rule, self.scene));
        }
        if self.lines.is_none() {
            self.lines = Some(LineIndex::new(self.scene.text));
        }
    }

    fn places(&self, rule: usize) -> Vec<(u64, u64)> {
        let hits = self.found.get(&rule).map_or(&[][..], |searched| searched.hits.as_slice());
        hits.iter().map(|(_, whole)| self.place(whole.start)).collect()
    }

    /// Line and column in bytes, because counting characters would be slow on a long line. As in gitleaks 8.30 the line feed before
    /// a line is its first column, so that those of the first line are one less.
    fn place(&self, at: usize) -> (u64, u64) {
        let Some(lines) = &self.lines else { return (1, at as u64) };
        let line = lines.position(b"", at).line;
        let column = at - lines.line_span(line).start.min(at);
        (u64::from(line), column as u64 + u64::from(line > 1))
    }
}

fn is_near(companion: &Companion, one: (u64, u64), other: (u64, u64)) -> bool {
    companion.lines.is_none_or(|most| one.0.abs_diff(other.0) <= most)
        && companion.columns.is_none_or(|most| one.1.abs_diff(other.1) <= most)
}
