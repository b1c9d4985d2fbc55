use std::collections::BTreeMap;

use palisade_model::{LineIndex, Position};

/// Positions of many offsets in one pass, because counting columns from the start of a very long line for each would be quadratic.
pub(crate) struct Places {
    positions: BTreeMap<usize, Position>,
}

impl Places {
    /// Looks up `offsets`, in any order, in `text`.
    pub(crate) fn new(text: &[u8], lines: &LineIndex, offsets: impl Iterator<Item = usize>) -> Self {
        let mut positions: BTreeMap<_, _> = offsets.map(|at| (at, Position { line: 1, column: 1 })).collect();
        let mut last = (0, Position { line: 1, column: 1 });
        for (at, position) in &mut positions {
            *position = after(text, lines, last, *at);
            last = (*at, *position);
        }
        Self { positions }
    }

    /// The position of an offset that was asked for.
    pub(crate) fn get(&self, at: usize) -> Position {
        self.positions.get(&at).copied().unwrap_or(Position { line: 1, column: 1 })
    }
}

/// The position of `at`, which is not before `known`.
fn after(text: &[u8], lines: &LineIndex, known: (usize, Position), at: usize) -> Position {
    let (from, position) = known;
    let between = text.get(from..at).unwrap_or_default();
    if memchr::memchr(b'\n', between).is_some() {
        return lines.position(text, at);
    }
    let columns: usize =
        between.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum();
    let column = position.column.saturating_add(u32::try_from(columns).unwrap_or(u32::MAX));
    Position { line: position.line, column }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_the_line_index(text in "[a\nß€]{0,60}", offsets in proptest::collection::vec(0..200_usize, 0..9)) {
            let lines = LineIndex::new(text.as_bytes());
            let offsets: Vec<_> = offsets.into_iter().filter(|at| text.is_char_boundary(*at)).collect();
            let places = Places::new(text.as_bytes(), &lines, offsets.iter().copied());
            for at in offsets {
                prop_assert_eq!(places.get(at), lines.position(text.as_bytes(), at));
            }
        }
    }
}
