use std::io::{Error, ErrorKind};

use lzma_rust2::{Action, LzmaStream, Status, StreamResult, XzStream, lzma_get_memory_usage_by_props};

use super::{CORRUPT, Decoder, ENDS_EARLY, Step};
use crate::budget::Limit;
use crate::fields;
use crate::member::Trouble;

/// The most memory for a dictionary and what goes with it, in KiB. `xz -9` takes 64 MiB.
const MEMORY_KIB: u32 = 128 << 10;

/// Xz streams, and LZMA with its old header or with none.
pub(crate) struct Unlzma<'a> {
    rest: &'a [u8],
    stream: Stream,
    /// All input was given and more was wanted.
    finishing: bool,
    outcome: Option<Result<Step, Trouble>>,
}

enum Stream {
    Xz(Box<XzStream>),
    Lzma(Box<LzmaStream>),
}

impl Stream {
    fn process(&mut self, input: &[u8], output: &mut [u8], action: Action) -> Result<StreamResult, Error> {
        match self {
            Self::Xz(stream) => stream.process(input, output, action),
            Self::Lzma(stream) => stream.process(input, output, action),
        }
    }

    fn total_out(&self) -> u64 {
        match self {
            Self::Xz(stream) => stream.total_out(),
            Self::Lzma(stream) => stream.total_out(),
        }
    }
}

impl<'a> Unlzma<'a> {
    /// Xz streams one after another.
    pub(crate) fn xz(bytes: &'a [u8]) -> Self {
        Self::new(bytes, Stream::Xz(Box::new(XzStream::new_mem_limit(true, MEMORY_KIB))))
    }

    /// One `.lzma` stream with its header of 13 bytes.
    pub(crate) fn alone(bytes: &'a [u8]) -> Self {
        Self::new(bytes, Stream::Lzma(Box::new(LzmaStream::new_mem_limit(MEMORY_KIB, None))))
    }

    /// LZMA as in a zip member (APPNOTE 5.8.8): a version of two bytes, the length of the properties, properties, raw data.
    /// `expanded` is the size of what comes out where no marker ends it.
    pub(crate) fn in_zip(bytes: &'a [u8], expanded: Option<u64>) -> Result<Self, Trouble> {
        let properties = *bytes.get(4).ok_or(ENDS_EARLY)?;
        let dictionary = fields::u32_le(bytes, 5).ok_or(ENDS_EARLY)?;
        if fields::u16_le(bytes, 2) != Some(5) {
            return Err(CORRUPT);
        }
        let memory = lzma_get_memory_usage_by_props(dictionary, properties).map_err(|_| CORRUPT)?;
        if memory > MEMORY_KIB {
            return Err(Trouble::OverLimit(Limit::Window));
        }
        let expanded = expanded.unwrap_or(u64::MAX);
        let stream = LzmaStream::new_with_props(expanded, properties, dictionary, None);
        let stream = stream.map_err(|error| trouble(&error))?;
        Ok(Self::new(fields::rest(bytes, 9), Stream::Lzma(Box::new(stream))))
    }

    fn new(rest: &'a [u8], stream: Stream) -> Self {
        Self { rest, stream, finishing: false, outcome: None }
    }
}

impl Decoder for Unlzma<'_> {
    fn decode(&mut self, chunk: &mut [u8]) -> Result<Step, Trouble> {
        if let Some(outcome) = self.outcome.take() {
            return outcome;
        }
        // The decoder drops what it has when it is told of an early end, so it hears of the end last.
        let action = if self.finishing { Action::Finish } else { Action::Run };
        let before = self.stream.total_out();
        match self.stream.process(self.rest, chunk, action) {
            Err(error) => {
                self.outcome = Some(Err(trouble(&error)));
                let produced = self.stream.total_out() - before;
                Ok(Step::Produced(usize::try_from(produced).unwrap_or(0)))
            }
            Ok(result) => {
                self.rest = fields::rest(self.rest, result.bytes_consumed);
                let moved = result.bytes_consumed > 0 || result.bytes_produced > 0;
                if result.status == Status::StreamEnd {
                    self.outcome = Some(Ok(Step::End));
                } else if !moved && self.finishing {
                    self.outcome = Some(Err(ENDS_EARLY));
                } else if !moved {
                    self.finishing = true;
                }
                Ok(Step::Produced(result.bytes_produced))
            }
        }
    }
}

fn trouble(error: &Error) -> Trouble {
    match error.kind() {
        ErrorKind::OutOfMemory => Trouble::OverLimit(Limit::Window),
        ErrorKind::UnexpectedEof => ENDS_EARLY,
        ErrorKind::Unsupported => Trouble::Unsupported("a filter or checksum of xz that is rare".into()),
        _ => CORRUPT,
    }
}
