use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use palisade_model::Span;

use crate::compile::{Rule, RuleError};

/// Longest window that is searched at once. Longer ones are cut into overlapping pieces, so that no regex sees a text so long that
/// it could be slow on it.
const MAX_WINDOW: usize = 64 * 1024;

/// One automaton over the keywords of all rules: how most text is found to be of no interest, at the speed of one pass.
pub(crate) struct Anchors {
    automaton: AhoCorasick,
    /// For each keyword the rules that have it.
    owners: Vec<Vec<usize>>,
}

impl Anchors {
    pub(crate) fn new(rules: &[Rule]) -> Result<Self, RuleError> {
        let mut keywords: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            for keyword in &rule.keywords {
                let owners = keywords.entry(keyword).or_default();
                if owners.last() != Some(&index) {
                    owners.push(index);
                }
            }
        }
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(keywords.keys())
            .map_err(|error| RuleError::Keywords { message: error.to_string() })?;
        Ok(Self { automaton, owners: keywords.into_values().collect() })
    }

    /// Where in `text` each rule is to be tried: windows around its anchors, merged, in order.
    pub(crate) fn windows(&self, rules: &[Rule], text: &[u8]) -> BTreeMap<usize, Vec<Span>> {
        let mut windows: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
        for hit in self.automaton.find_overlapping_iter(text) {
            for index in self.owners.get(hit.pattern().as_usize()).into_iter().flatten() {
                let reach = rules.get(*index).map_or(0, |rule| rule.window);
                let end = hit.end().saturating_add(reach).min(text.len());
                add(windows.entry(*index).or_default(), Span::new(hit.start().saturating_sub(reach), end));
            }
        }
        for (index, windows) in &mut windows {
            let reach = rules.get(*index).map_or(0, |rule| rule.window);
            *windows = windows.iter().flat_map(|window| pieces(*window, 2 * reach + 64)).collect();
        }
        windows
    }
}

/// Hits come in the order of their ends, so a window can only touch the last one or those that it swallows.
fn add(windows: &mut Vec<Span>, mut new: Span) {
    while let Some(last) = windows.pop_if(|last| new.start <= last.end) {
        new = Span::new(new.start.min(last.start), new.end.max(last.end));
    }
    windows.push(new);
}

/// Cuts a long window so that every stretch of `overlap` bytes lies whole in one piece.
fn pieces(window: Span, overlap: usize) -> impl Iterator<Item = Span> {
    let stride = MAX_WINDOW.max(2 * overlap) - overlap;
    let count = (window.end - window.start).saturating_sub(overlap).div_ceil(stride).max(1);
    (0..count).map(move |index| {
        let start = window.start + index * stride;
        let end = if index + 1 == count { window.end } else { start + stride + overlap };
        Span::new(start, end.min(window.end))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_stretch_lies_in_a_piece(len in 0..400_000_usize, overlap in 1..140_000_usize, at in any::<usize>()) {
            let window = Span::new(7, 7 + len);
            let all: Vec<_> = pieces(window, overlap).collect();
            prop_assert_eq!(all.first().map(|piece| piece.start), Some(window.start));
            prop_assert_eq!(all.last().map(|piece| piece.end), Some(window.end));
            let stretch = overlap.min(len);
            let start = 7 + if len > stretch { at % (len - stretch) } else { 0 };
            prop_assert!(all.iter().any(|piece| piece.start <= start && piece.end >= start + stretch));
        }

        #[test]
        fn merged_windows_are_apart_and_cover(ends in proptest::collection::vec((0..50_usize, 1..30_usize), 1..40)) {
            let mut at = 0;
            let mut windows = Vec::new();
            let mut all = Vec::new();
            for (step, reach) in ends {
                at += step;
                let new = Span::new(at.saturating_sub(reach), at + reach);
                all.push(new);
                add(&mut windows, new);
            }
            prop_assert!(windows.windows(2).all(|two| two[0].end < two[1].start));
            prop_assert!(all.iter().all(|new| windows.iter().any(|one| one.start <= new.start && one.end >= new.end)));
        }
    }
}
