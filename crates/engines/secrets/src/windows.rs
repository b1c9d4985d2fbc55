use palisade_model::Span;

use crate::anchors::{Anchor, Anchors};
use crate::compile::Rule;

/// Longest window that is searched at once. Longer ones are cut into overlapping pieces, so that no regex sees a text so long that
/// it could be slow on it.
const MAX_WINDOW: usize = 64 * 1024;

/// Where one rule is to be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Window {
    /// Index of the rule.
    pub(crate) rule: u16,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Window {
    fn new(rule: u16, span: Span) -> Self {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { rule, start: offset(span.start), end: offset(span.end) }
    }

    pub(crate) const fn span(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }
}

/// Where in a text of `length` bytes each rule is to be tried: windows around its anchors, those that touch made one, in the order
/// of rules, then places.
pub(crate) fn windows(rules: &[Rule], anchors: &Anchors, found: &[Anchor], length: usize) -> Vec<Window> {
    let reach = |rule: u16| rules.get(usize::from(rule)).map_or(0, |rule| rule.window);
    let mut around = Vec::with_capacity(found.len());
    for anchor in found {
        let span = anchors.span(*anchor);
        for rule in anchors.owners(*anchor) {
            let reach = reach(*rule);
            let end = span.end.saturating_add(reach).min(length);
            around.push(Window::new(*rule, Span::new(span.start.saturating_sub(reach), end)));
        }
    }
    around.sort_unstable();
    let mut windows: Vec<Window> = Vec::new();
    let mut merged: Option<Window> = None;
    for next in around {
        match &mut merged {
            Some(last) if last.rule == next.rule && next.start <= last.end => {
                last.end = last.end.max(next.end)
            }
            _ => {
                windows.extend(merged.into_iter().flat_map(|whole| cut(whole, reach(whole.rule))));
                merged = Some(next);
            }
        }
    }
    windows.extend(merged.into_iter().flat_map(|whole| cut(whole, reach(whole.rule))));
    windows
}

fn cut(window: Window, reach: usize) -> impl Iterator<Item = Window> {
    pieces(window.span(), 2 * reach + 64).map(move |piece| Window::new(window.rule, piece))
}

/// Cuts a long window so that every stretch of `overlap` bytes lies whole in one piece.
fn pieces(window: Span, overlap: usize) -> impl Iterator<Item = Span> {
    let stride = MAX_WINDOW.max(2 * overlap) - overlap;
    let length = window.end - window.start;
    let count = length.saturating_sub(overlap).div_ceil(stride).max(1);
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
    }
}
