use super::{After, CORRUPT, Decoder, ENDS_EARLY, Step, TRAILING};
use crate::fields;
use crate::member::Trouble;

pub(crate) const MAGIC: &[u8] = &[0x04, 0x22, 0x4d, 0x18];
pub(crate) const LEGACY: &[u8] = &[0x02, 0x21, 0x4c, 0x18];
/// What is kept of what was given out before it is cut down to the window, in bytes.
const KEPT: usize = 1 << 20;
/// How far back a match may reach.
const WINDOW: usize = 64 << 10;
/// Largest block, expanded.
const MAX_BLOCK: usize = 4 << 20;
/// The same of the old form.
const MAX_LEGACY: usize = 8 << 20;
/// What a frame costs that expands to nothing.
const FRAME_WORK: u64 = 64;

/// LZ4 frames, in the form of today and the old one of Linux (lz4_Frame_format.md 1.6.4).
pub(crate) struct Unlz4<'a> {
    rest: &'a [u8],
    frame: Option<Frame>,
    /// The window, and behind it what was decoded and not given out.
    text: Vec<u8>,
    given: usize,
}

#[derive(Clone, Copy)]
struct Frame {
    legacy: bool,
    /// Whether blocks refer to those before them.
    linked: bool,
    block_sum: bool,
    content_sum: bool,
}

impl<'a> Unlz4<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, frame: None, text: Vec::new(), given: 0 }
    }

    fn begin(&mut self) -> Result<Step, Trouble> {
        if self.rest.starts_with(LEGACY) {
            self.rest = fields::rest(self.rest, 4);
            self.frame = Some(Frame { legacy: true, linked: false, block_sum: false, content_sum: false });
            return Ok(Step::NextStream(FRAME_WORK));
        }
        let flags = *self.rest.get(4).ok_or(ENDS_EARLY)?;
        if flags >> 6 != 1 {
            return Err(CORRUPT);
        }
        let bit = |at: u8| flags >> at & 1 == 1;
        let len = 4 + 2 + if bit(3) { 8 } else { 0 } + if bit(0) { 4 } else { 0 } + 1;
        self.rest = self.rest.get(len..).ok_or(ENDS_EARLY)?;
        self.frame = Some(Frame { legacy: false, linked: !bit(5), block_sum: bit(4), content_sum: bit(2) });
        Ok(Step::NextStream(FRAME_WORK))
    }

    /// Ends a frame; what comes next.
    fn end(&mut self) -> Result<Step, Trouble> {
        self.frame = None;
        let next = if self.rest.starts_with(LEGACY) { LEGACY } else { MAGIC };
        match super::after(self.rest, next) {
            After::Nothing => Ok(Step::End),
            After::Stream => self.begin(),
            After::Other => Err(TRAILING),
        }
    }

    /// Decodes a block; whether there was one.
    fn block(&mut self, frame: Frame) -> Result<bool, Trouble> {
        if frame.legacy
            && (self.rest.is_empty() || self.rest.starts_with(LEGACY) || self.rest.starts_with(MAGIC))
        {
            return Ok(false);
        }
        let size = fields::u32_le(self.rest, 0).ok_or(ENDS_EARLY)?;
        self.rest = fields::rest(self.rest, 4);
        if size == 0 {
            self.rest = fields::rest(self.rest, if frame.content_sum { 4 } else { 0 });
            return Ok(false);
        }
        let plain = !frame.legacy && size >> 31 == 1;
        let size =
            usize::try_from(if frame.legacy { size } else { size & 0x7fff_ffff }).map_err(|_| CORRUPT)?;
        let data = self.rest.get(..size).ok_or(ENDS_EARLY)?;
        self.rest = fields::rest(self.rest, size + if frame.block_sum { 4 } else { 0 });
        let window = if frame.linked { WINDOW } else { 0 };
        if self.text.len() > KEPT || window == 0 {
            self.text.drain(..self.text.len().saturating_sub(window));
        }
        self.given = self.text.len();
        if plain {
            self.text.extend_from_slice(data);
            return Ok(true);
        }
        let most = self.given + if frame.legacy { MAX_LEGACY } else { MAX_BLOCK };
        expand(data, &mut self.text, most)?;
        Ok(true)
    }
}

/// Appends what the sequences of `data` say to `text`, up to `most` bytes of it (lz4_Block_format.md).
fn expand(data: &[u8], text: &mut Vec<u8>, most: usize) -> Result<(), Trouble> {
    let mut at = 0;
    while let Some(token) = data.get(at) {
        at += 1;
        let literals = length(data, &mut at, token >> 4)?;
        text.extend_from_slice(data.get(at..).and_then(|rest| rest.get(..literals)).ok_or(CORRUPT)?);
        at += literals;
        if at >= data.len() {
            break;
        }
        let offset = usize::from(fields::u16_le(data, at).ok_or(CORRUPT)?);
        at += 2;
        let count = length(data, &mut at, token & 15)? + 4;
        let from = text.len().checked_sub(offset).filter(|_| offset > 0).ok_or(CORRUPT)?;
        if text.len() + count > most {
            return Err(CORRUPT);
        }
        // A match may reach into what it makes itself.
        let mut left = count;
        while left > 0 {
            let piece = left.min(text.len() - from);
            text.extend_from_within(from..from + piece);
            left -= piece;
        }
    }
    if text.len() > most { Err(CORRUPT) } else { Ok(()) }
}

fn length(data: &[u8], at: &mut usize, nibble: u8) -> Result<usize, Trouble> {
    let mut sum = usize::from(nibble);
    if nibble == 15 {
        loop {
            let byte = *data.get(*at).ok_or(CORRUPT)?;
            *at += 1;
            sum += usize::from(byte);
            if byte < 255 {
                break;
            }
        }
    }
    Ok(sum)
}

impl Decoder for Unlz4<'_> {
    fn decode(&mut self, chunk: &mut [u8]) -> Result<Step, Trouble> {
        if self.given == self.text.len() {
            let Some(frame) = self.frame else { return self.begin() };
            match self.block(frame) {
                Ok(true) if self.text.len() == self.given => return Ok(Step::NextStream(FRAME_WORK)),
                Ok(true) => {}
                Ok(false) => return self.end(),
                Err(trouble) => return Err(trouble),
            }
        }
        let piece = fields::rest(&self.text, self.given);
        let count = piece.len().min(chunk.len());
        for (to, from) in chunk.iter_mut().zip(piece) {
            *to = *from;
        }
        self.given += count;
        Ok(Step::Produced(count))
    }
}
