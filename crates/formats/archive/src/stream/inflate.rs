use flate2::{Decompress, FlushDecompress, Status};

use super::{CORRUPT, Decoder, ENDS_EARLY, Step};
use crate::fields;
use crate::member::Trouble;

/// Raw deflate (RFC 1951).
pub(crate) struct Inflate<'a> {
    rest: &'a [u8],
    state: Decompress,
    outcome: Option<Result<Step, Trouble>>,
}

impl<'a> Inflate<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, state: Decompress::new(false), outcome: None }
    }

    /// Deflate in a zlib stream (RFC 1950).
    pub(crate) fn zlib(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, state: Decompress::new(true), outcome: None }
    }

    /// Begins again with other bytes.
    pub(crate) fn restart(&mut self, bytes: &'a [u8]) {
        self.state.reset(false);
        self.rest = bytes;
        self.outcome = None;
    }

    /// What it has not consumed.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl Decoder for Inflate<'_> {
    fn decode(&mut self, chunk: &mut [u8]) -> Result<Step, Trouble> {
        if let Some(outcome) = self.outcome.take() {
            return outcome;
        }
        let (consumed, produced) = (self.state.total_in(), self.state.total_out());
        let status = self.state.decompress(self.rest, chunk, FlushDecompress::None);
        let consumed = usize::try_from(self.state.total_in() - consumed).unwrap_or(0);
        let produced = usize::try_from(self.state.total_out() - produced).unwrap_or(0);
        self.rest = fields::rest(self.rest, consumed);
        self.outcome = match status {
            Ok(Status::StreamEnd) => Some(Ok(Step::End)),
            Err(_) => Some(Err(CORRUPT)),
            Ok(_) if consumed == 0 && produced == 0 => Some(Err(ENDS_EARLY)),
            Ok(_) => None,
        };
        Ok(Step::Produced(produced))
    }
}
