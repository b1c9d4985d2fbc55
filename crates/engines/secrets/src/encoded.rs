//! Stretches of a text that are written in an encoding, and what they say.

use palisade_model::{Encoding, Span};

/// How far the text on either side of a region can decide whether it is one, in bytes.
pub(crate) const REACH: usize = 128;

/// A stretch of a text that looks encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Region {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) encoding: Encoding,
}

impl Region {
    pub(crate) const fn span(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }
}

/// What a region says, and the way back.
pub(crate) struct Decoded {
    pub(crate) text: Vec<u8>,
}

impl Decoded {
    /// The span of the encoded bytes that `span` of the text was decoded from.
    pub(crate) fn original(&self, span: Span) -> Span {
        span
    }
}

/// All that whether `region` is one can depend on, in a text of `length` bytes.
pub(crate) fn neighbourhood(region: Region, length: usize) -> Span {
    let span = region.span();
    Span::new(span.start.saturating_sub(REACH), span.end.saturating_add(REACH).min(length))
}

/// Every region that touches `within`, whole even where it reaches beyond, in order.
pub(crate) fn regions(_text: &[u8], _within: Span) -> Vec<Region> {
    Vec::new()
}

/// Decodes the bytes of a region; none when they say nothing.
pub(crate) fn decode(_encoding: Encoding, _bytes: &[u8]) -> Option<Decoded> {
    None
}
