use std::io::Read;

use ruzstd::decoding::errors::{FrameDecoderError, FrameHeaderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{CORRUPT, Decoder, ENDS_EARLY, Step, TRAILING};
use crate::budget::Limit;
use crate::fields;
use crate::member::Trouble;

/// The largest window that is held, in bytes; `zstd --ultra` goes as far.
const WINDOW: u64 = 128 << 20;

/// What a frame costs that expands to nothing.
const FRAME_WORK: u64 = 1 << 10;

/// An empty last block (RFC 8878, section 3.1.1.2) and a checksum that nobody reads.
const END_OF_FRAME: &[u8] = &[1, 0, 0, 0, 0, 0, 0];

/// Zstandard: frames one after another, whose contents are one. Their checksums are not compared.
pub(crate) struct Unzstd<'a> {
    rest: &'a [u8],
    decoder: FrameDecoder,
    in_frame: bool,
    trouble: Option<Trouble>,
}

impl<'a> Unzstd<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self { rest: bytes, decoder, in_frame: false, trouble: None }
    }

    fn begin(&mut self) -> Result<Step, Trouble> {
        while let [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] = self.rest {
            let len = fields::u32_le(self.rest, 4).and_then(|len| usize::try_from(len).ok());
            let end = len.and_then(|len| len.checked_add(8)).ok_or(ENDS_EARLY)?;
            self.rest = self.rest.get(end..).ok_or(ENDS_EARLY)?;
        }
        if self.rest.iter().all(|byte| *byte == 0) {
            return Ok(Step::End);
        }
        self.decoder.reset(&mut self.rest).map_err(|error| frame_trouble(&error))?;
        self.in_frame = true;
        Ok(Step::NextStream(FRAME_WORK))
    }

    /// Decodes one block. The decoder keeps back a window until a frame is over, so a frame that fails is brought to an end.
    fn block(&mut self) -> Result<(), Trouble> {
        if self.decoder.decode_blocks(&mut self.rest, BlockDecodingStrategy::UptoBlocks(1)).is_ok() {
            return Ok(());
        }
        let trouble = if self.rest.is_empty() { ENDS_EARLY } else { CORRUPT };
        self.trouble = Some(trouble);
        let end = self.decoder.decode_blocks(END_OF_FRAME, BlockDecodingStrategy::UptoBlocks(1));
        end.map(|_| ()).map_err(|_| CORRUPT)
    }
}

impl Decoder for Unzstd<'_> {
    fn decode(&mut self, chunk: &mut [u8]) -> Result<Step, Trouble> {
        if !self.in_frame {
            return self.begin();
        }
        if self.decoder.can_collect() == 0 {
            if !self.decoder.is_finished() {
                self.block()?;
                return Ok(Step::Produced(0));
            }
            self.in_frame = false;
            return self.trouble.take().map_or(Ok(Step::Produced(0)), Err);
        }
        self.decoder.read(chunk).map(Step::Produced).map_err(|_| CORRUPT)
    }
}

fn frame_trouble(error: &FrameDecoderError) -> Trouble {
    match error {
        FrameDecoderError::WindowSizeTooBig { .. }
        | FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig { .. }) => {
            Trouble::OverLimit(Limit::Window)
        }
        FrameDecoderError::DictNotProvided { .. } => Trouble::Unsupported("a zstd dictionary".into()),
        FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_)) => TRAILING,
        _ => CORRUPT,
    }
}
