use bzip2::{Decompress, Status};

use super::{After, CORRUPT, Decoder, ENDS_EARLY, Step, TRAILING, after};
use crate::fields;
use crate::member::Trouble;

/// What a stream costs that expands to nothing: the tables of a block are made for each.
const STREAM_WORK: u64 = 64 << 10;

/// Bzip2: streams one after another, whose contents are one.
pub(crate) struct Bunzip<'a> {
    rest: &'a [u8],
    stream: Decompress,
    outcome: Option<Result<(), Trouble>>,
}

impl<'a> Bunzip<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, stream: Decompress::new(false), outcome: None }
    }

    fn end(&mut self) -> Result<Step, Trouble> {
        match after(self.rest, b"BZh") {
            After::Nothing => Ok(Step::End),
            After::Stream => {
                self.stream = Decompress::new(false);
                Ok(Step::NextStream(STREAM_WORK))
            }
            After::Other => Err(TRAILING),
        }
    }
}

impl Decoder for Bunzip<'_> {
    fn decode(&mut self, chunk: &mut [u8]) -> Result<Step, Trouble> {
        match self.outcome.take() {
            Some(Ok(())) => return self.end(),
            Some(Err(trouble)) => return Err(trouble),
            None => {}
        }
        let (consumed, produced) = (self.stream.total_in(), self.stream.total_out());
        let status = self.stream.decompress(self.rest, chunk);
        let consumed = usize::try_from(self.stream.total_in() - consumed).unwrap_or(0);
        let produced = usize::try_from(self.stream.total_out() - produced).unwrap_or(0);
        self.rest = fields::rest(self.rest, consumed);
        self.outcome = match status {
            Ok(Status::StreamEnd) => Some(Ok(())),
            Err(_) => Some(Err(CORRUPT)),
            Ok(_) if consumed == 0 && produced == 0 => Some(Err(ENDS_EARLY)),
            Ok(_) => None,
        };
        Ok(Step::Produced(produced))
    }
}
