use palisade_model::Span;

/// Bytes that a text has in common with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Where they begin in the other text.
    pub from: usize,
    /// Where they begin in this text.
    pub to: usize,
    /// How many they are.
    pub len: usize,
}

impl Copied {
    /// An offset of the other text that lies in the copy, as one of this text.
    pub(crate) fn moved(self, at: u32) -> u32 {
        let moved = (at as usize).saturating_sub(self.from).saturating_add(self.to);
        u32::try_from(moved).unwrap_or(u32::MAX)
    }
}

/// How a text is made from another: copies, and what was inserted between them.
pub(crate) struct Copies<'a> {
    copied: &'a [Copied],
    base_length: usize,
    length: usize,
}

impl<'a> Copies<'a> {
    /// `copied` in the order of `to`, not overlapping there.
    pub(crate) fn new(copied: &'a [Copied], base_length: usize, length: usize) -> Self {
        Self { copied, base_length, length }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Copied> {
        self.copied.iter().copied()
    }

    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    pub(crate) const fn base_length(&self) -> usize {
        self.base_length
    }

    /// What no copy covers. A seam between two copies is an empty insert.
    pub(crate) fn inserted(&self) -> impl Iterator<Item = Span> {
        let starts = std::iter::once(0).chain(self.copied.iter().map(|copy| copy.to + copy.len));
        let ends = self.copied.iter().map(|copy| copy.to).chain(std::iter::once(self.length));
        starts.zip(ends).map(|(start, end)| Span::new(start, end.max(start)))
    }

    /// The inserts and seams with `reach` bytes on either side; those that touch made one.
    pub(crate) fn fresh(&self, reach: usize) -> Vec<Span> {
        let mut fresh: Vec<Span> = Vec::new();
        for inserted in self.inserted() {
            // The very ends of the text are seams only when something was cut off there.
            let start = inserted.start.saturating_sub(reach);
            let end = inserted.end.saturating_add(reach).min(self.length);
            match fresh.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                _ => fresh.push(Span::new(start, end)),
            }
        }
        fresh
    }

    /// Where `span` is in the other text, if one copy covers all of it.
    pub(crate) fn source(&self, span: Span) -> Option<Span> {
        let after = self.copied.partition_point(|copy| copy.to <= span.start);
        let copy = self.copied.get(after.checked_sub(1)?)?;
        (span.end <= copy.to + copy.len)
            .then(|| Span::new(span.start - copy.to + copy.from, span.end - copy.to + copy.from))
    }
}
