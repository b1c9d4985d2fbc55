use palisade_model::Span;

/// What a region says, and the way back.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    pub(crate) text: Vec<u8>,
    steps: Vec<Step>,
    /// Length of what was decoded.
    end: usize,
}

/// Where a stretch of decoded text comes from. It reaches to the next step.
#[derive(Debug, Clone, Copy)]
struct Step {
    text: usize,
    original: usize,
    /// Encoded bytes for so many bytes of text, both counted from the step; none when all of the stretch comes from all of its
    /// encoded bytes.
    rate: Option<(usize, usize)>,
}

impl Decoded {
    /// Adds bytes that stand for themselves, from `original` on.
    pub(crate) fn literal(&mut self, bytes: &[u8], original: usize) {
        if !bytes.is_empty() {
            self.steps.push(Step { text: self.text.len(), original, rate: Some((1, 1)) });
            self.text.extend_from_slice(bytes);
            self.end = original + bytes.len();
        }
    }

    /// Adds text that stands for the `length` bytes from `original` on as a whole.
    pub(crate) fn escape(&mut self, text: &[u8], original: usize, length: usize) {
        self.steps.push(Step { text: self.text.len(), original, rate: None });
        self.text.extend_from_slice(text);
        self.end = original + length;
    }

    /// Begins a stretch in which `rate` = (encoded bytes, bytes of text) holds, at a place in the text to come.
    pub(crate) fn at_rate(&mut self, text: usize, original: usize, rate: (usize, usize)) {
        self.steps.push(Step { text, original, rate: Some(rate) });
    }

    /// Sets the text of stretches begun by [`Self::at_rate`], which end at `end`.
    pub(crate) fn with_text(self, text: Vec<u8>, end: usize) -> Self {
        Self { text, end, ..self }
    }

    /// The span of the encoded bytes that `span` of the text was decoded from.
    pub(crate) fn original(&self, span: Span) -> Span {
        let start = self.place(span.start, false);
        Span::new(start, self.place(span.end.max(1) - 1, true).max(start))
    }

    /// The first encoded byte of the byte `at` of the text, or one past its last.
    fn place(&self, at: usize, past: bool) -> usize {
        let next = self.steps.partition_point(|step| step.text <= at);
        let Some(step) = next.checked_sub(1).and_then(|last| self.steps.get(last)) else { return 0 };
        let limit = self.steps.get(next).map_or(self.end, |step| step.original);
        match (step.rate, past) {
            (Some((encoded, text)), false) => (step.original + (at - step.text) * encoded / text).min(limit),
            (Some((encoded, text)), true) => {
                (step.original + ((at + 1 - step.text) * encoded).div_ceil(text)).min(limit)
            }
            (None, false) => step.original,
            (None, true) => limit,
        }
    }
}
