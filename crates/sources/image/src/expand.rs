use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use palisade_oci::Compression;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The largest window of a zstd frame; `zstd -19` takes 8 MiB, and a layer that wants more cannot be read in bounded memory.
const WINDOW: u64 = 64 << 20;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A compressed stream, expanded as it is read.
pub(crate) enum Expand<R> {
    Plain(BufReader<R>),
    Gzip(Box<MultiGzDecoder<BufReader<R>>>),
    Zstd(Box<Zstd<BufReader<R>>>),
}

impl<R: Read> Expand<R> {
    /// Goes by the first bytes and not by what a media type claims: runtimes do so too.
    pub(crate) fn new(reader: R) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(64 << 10, reader);
        let start = reader.fill_buf()?;
        Ok(match compression(start) {
            Compression::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(reader))),
            Compression::Zstd => Self::Zstd(Box::new(Zstd::new(reader))),
            Compression::None => Self::Plain(reader),
        })
    }

    pub(crate) fn into_inner(self) -> R {
        match self {
            Self::Plain(reader) => reader.into_inner(),
            Self::Gzip(decoder) => decoder.into_inner().into_inner(),
            Self::Zstd(decoder) => decoder.reader.into_inner(),
        }
    }
}

/// How a stream that begins with `start` is compressed. A skippable frame may go before the first one of zstd.
fn compression(start: &[u8]) -> Compression {
    match start {
        start if start.starts_with(&GZIP) => Compression::Gzip,
        start if start.starts_with(&ZSTD) => Compression::Zstd,
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        _ => Compression::None,
    }
}

impl<R: Read> Read for Expand<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// Zstandard: frames one after another, whose contents are one (RFC 8878, section 3).
pub(crate) struct Zstd<R> {
    reader: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> Zstd<R> {
    fn new(reader: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self { reader, decoder, in_frame: false }
    }

    /// Begins the next frame; false at the end.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            if self.reader.fill_buf()?.is_empty() {
                return Ok(false);
            }
            let mut magic = [0; 4];
            self.reader.read_exact(&mut magic)?;
            if matches!(magic, [0x50..=0x5f, 0x2a, 0x4d, 0x18]) {
                let mut len = [0; 4];
                self.reader.read_exact(&mut len)?;
                let len = u64::from(u32::from_le_bytes(len));
                io::copy(&mut self.reader.by_ref().take(len), &mut io::sink())?;
                continue;
            }
            let mut frame = magic.chain(&mut self.reader);
            self.decoder.reset(&mut frame).map_err(io::Error::other)?;
            self.in_frame = true;
            return Ok(true);
        }
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame && !self.begin()? {
                return Ok(0);
            }
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            if self.decoder.is_finished() {
                self.in_frame = false;
            } else {
                let blocks = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.reader, blocks).map_err(io::Error::other)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Empty frames end in the checks of RFC 8878, section 3.1.1; the one here holds a raw block of three bytes.
    const FRAME: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, 0x19, 0, 0, b'a', b'b', b'c'];

    #[test]
    fn frames_one_after_another_are_one_stream_and_skippable_ones_nothing() {
        let skip: &[u8] = &[0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
        let bytes = [skip, FRAME, skip, FRAME].concat();
        let mut text = String::new();
        Expand::new(bytes.as_slice()).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "abcabc");
    }

    #[test]
    fn a_frame_that_is_cut_short_is_an_error() {
        let cut = FRAME.get(..FRAME.len() - 1).unwrap();
        assert!(Expand::new(cut).unwrap().read_to_end(&mut Vec::new()).is_err());
    }
}
