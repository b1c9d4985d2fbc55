use palisade_model::Span;

use crate::anchors::{Anchor, Anchors};
use crate::compile::Rule;

/// Longest window that is searched at once. Longer ones are cut into overlapping pieces, so that no regex sees a text so long that
/// it could be slow on it.
const MAX_WINDOW: usize = 64 * 1024;

/// Windows that are held before those that touch are made one.
const MAX_LOOSE: usize = 64 * 1024;

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

/// Where in a text each rule is to be tried: windows around its anchors, those that touch made one.
pub(crate) struct Windows<'m> {
    rules: &'m [Rule],
    anchors: &'m Anchors,
    /// Length of the text.
    length: usize,
    around: Vec<Window>,
    /// How many there may be before those that touch are made one, so that anchors without number need little memory.
    most: usize,
}

impl<'m> Windows<'m> {
    /// For a text of `length` bytes.
    pub(crate) fn new(rules: &'m [Rule], anchors: &'m Anchors, length: usize) -> Self {
        Self { rules, anchors, length, around: Vec::new(), most: MAX_LOOSE }
    }

    pub(crate) fn add(&mut self, found: &[Anchor]) {
        for anchor in found {
            let span = self.anchors.span(*anchor);
            for rule in self.anchors.owners(*anchor) {
                let reach = self.reach(*rule);
                let end = span.end.saturating_add(reach).min(self.length);
                self.around.push(Window::new(*rule, Span::new(span.start.saturating_sub(reach), end)));
            }
            if self.around.len() >= self.most {
                self.merge();
                self.most = MAX_LOOSE.max(2 * self.around.len());
            }
        }
    }

    /// All of them, in the order of rules, then places.
    pub(crate) fn finish(mut self) -> Vec<Window> {
        self.merge();
        self.around.iter().flat_map(|whole| cut(*whole, self.reach(whole.rule))).collect()
    }

    fn reach(&self, rule: u16) -> usize {
        self.rules.get(usize::from(rule)).map_or(0, |rule| rule.window)
    }

    fn merge(&mut self) {
        self.around.sort_unstable();
        self.around.dedup_by(|next, last| {
            let touch = last.rule == next.rule && next.start <= last.end;
            if touch {
                last.end = last.end.max(next.end);
            }
            touch
        });
    }
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
