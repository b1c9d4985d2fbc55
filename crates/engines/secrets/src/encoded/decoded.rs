use palisade_model::Span;

/// What a region says, and the way back. Not `Debug`, because it holds what may be a secret.
#[derive(Default)]
pub(crate) struct Decoded {
    pub(crate) text: Vec<u8>,
    steps: Vec<Step>,
    /// Length of what was decoded.
    end: usize,
    /// What decoding cost beside the text, in bytes.
    pub(crate) work: usize,
    /// Whether there was more than is decoded.
    pub(crate) cut_short: bool,
}

/// Where a stretch of decoded text comes from. It reaches to the next step. Small, because a region may be nothing but escapes.
#[derive(Clone, Copy)]
struct Step {
    text: u32,
    original: u32,
    /// Encoded bytes for so many bytes of text, both counted from the step; none when all of the stretch comes from all of its
    /// encoded bytes.
    rate: Option<(u8, u8)>,
}

impl Decoded {
    /// Adds bytes that stand for themselves, from `original` on.
    pub(crate) fn literal(&mut self, bytes: &[u8], original: usize) {
        if !bytes.is_empty() {
            self.at_rate(self.text.len(), original, (1, 1));
            self.text.extend_from_slice(bytes);
            self.end = original + bytes.len();
        }
    }

    /// Adds text that stands for the `length` bytes from `original` on as a whole.
    pub(crate) fn escape(&mut self, text: &[u8], original: usize, length: usize) {
        let rate = u8::try_from(length).ok().filter(|_| text.len() == 1).map(|length| (length, 1));
        if !self.goes_on(text.is_empty(), original, rate) {
            self.step(self.text.len(), original, rate);
        }
        self.text.extend_from_slice(text);
        self.end = original + length;
    }

    /// Whether the last step says of an escape, whose text comes next, all that one of its own would.
    fn goes_on(&self, empty: bool, original: usize, rate: Option<(u8, u8)>) -> bool {
        let Some(last) = self.steps.last() else { return false };
        let since = self.text.len() - last.text as usize;
        match rate {
            Some((encoded, _)) => {
                last.rate == rate && last.original as usize + since * usize::from(encoded) == original
            }
            // What joins lines again where nothing was said since.
            None => last.rate.is_none() && since == 0 && empty,
        }
    }

    /// Begins a stretch in which `rate` = (encoded bytes, bytes of text) holds, at a place in the text to come.
    pub(crate) fn at_rate(&mut self, text: usize, original: usize, rate: (u8, u8)) {
        self.step(text, original, Some(rate));
    }

    fn step(&mut self, text: usize, original: usize, rate: Option<(u8, u8)>) {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.steps.push(Step { text: offset(text), original: offset(original), rate });
    }

    /// Sets the text of stretches begun by [`Self::at_rate`], which end at `end`.
    pub(crate) fn with_text(self, text: Vec<u8>, end: usize) -> Self {
        Self { text, end, ..self }
    }

    /// What decoding cost, in bytes.
    pub(crate) const fn cost(&self) -> usize {
        self.text.len() + self.work
    }

    /// The span of the encoded bytes that `span` of the text was decoded from.
    pub(crate) fn original(&self, span: Span) -> Span {
        let start = self.place(span.start, false);
        Span::new(start, self.place(span.end.max(1) - 1, true).max(start))
    }

    /// The first encoded byte of the byte `at` of the text, or one past its last.
    fn place(&self, at: usize, past: bool) -> usize {
        let next = self.steps.partition_point(|step| step.text as usize <= at);
        let Some(step) = next.checked_sub(1).and_then(|last| self.steps.get(last)) else { return 0 };
        let limit = self.steps.get(next).map_or(self.end, |step| step.original as usize);
        let (original, inside) = (step.original as usize, at - step.text as usize);
        let place = match (step.rate, past) {
            (Some((encoded, text)), false) => original + inside * usize::from(encoded) / usize::from(text),
            (Some((encoded, text)), true) => {
                original + ((inside + 1) * usize::from(encoded)).div_ceil(usize::from(text))
            }
            (None, false) => original,
            (None, true) => limit,
        };
        place.min(limit)
    }
}
