use crc32fast::Hasher;

use super::{After, Decoder, ENDS_EARLY, Inflate, Step, TRAILING, after};
use crate::fields;
use crate::member::Trouble;

/// What a member costs that expands to nothing.
const MEMBER_WORK: u64 = 256;

const HAS_HEADER_CHECKSUM: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;

/// The header of a gzip member (RFC 1952, section 2.3).
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    /// The name of what was compressed, if it is there and not empty.
    pub(super) name: Option<&'a [u8]>,
    len: usize,
}

impl<'a> Header<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let flags = *bytes.get(3)?;
        let mut len = 10;
        if flags & HAS_EXTRA != 0 {
            len += 2 + usize::from(fields::u16_le(bytes, len)?);
        }
        let mut name = None;
        if flags & HAS_NAME != 0 {
            let end = memchr::memchr(0, bytes.get(len..)?)?;
            name = Some(fields::slice(bytes, len, end)).filter(|name| !name.is_empty());
            len += end + 1;
        }
        if flags & HAS_COMMENT != 0 {
            len += memchr::memchr(0, bytes.get(len..)?)? + 1;
        }
        if flags & HAS_HEADER_CHECKSUM != 0 {
            len += 2;
        }
        (len <= bytes.len()).then_some(Self { name, len })
    }
}

/// Gzip: members one after another, whose contents are one.
pub(super) struct Gunzip<'a> {
    place: Place<'a>,
    inflate: Inflate<'a>,
    checksum: Hasher,
    len: u32,
}

#[derive(Clone, Copy)]
enum Place<'a> {
    Header(&'a [u8]),
    Body,
}

impl<'a> Gunzip<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { place: Place::Header(bytes), inflate: Inflate::new(&[]), checksum: Hasher::new(), len: 0 }
    }

    fn begin(&mut self, bytes: &'a [u8]) -> Result<Step, Trouble> {
        let header = Header::parse(bytes).ok_or(ENDS_EARLY)?;
        self.inflate.restart(fields::rest(bytes, header.len));
        self.checksum.reset();
        self.len = 0;
        self.place = Place::Body;
        Ok(Step::NextStream(MEMBER_WORK))
    }

    fn end(&mut self) -> Result<Step, Trouble> {
        let trailer = self.inflate.rest();
        let checksum = fields::u32_le(trailer, 0).ok_or(ENDS_EARLY)?;
        let len = fields::u32_le(trailer, 4).ok_or(ENDS_EARLY)?;
        if checksum != self.checksum.clone().finalize() || len != self.len {
            return Err(Trouble::Damaged("its checksum does not match"));
        }
        let rest = fields::rest(trailer, 8);
        match after(rest, &[0x1f, 0x8b, 8]) {
            After::Nothing => Ok(Step::End),
            After::Stream => self.begin(rest),
            After::Other => Err(TRAILING),
        }
    }
}

impl Decoder for Gunzip<'_> {
    fn decode(&mut self, chunk: &mut [u8]) -> Result<Step, Trouble> {
        if let Place::Header(bytes) = self.place {
            return self.begin(bytes);
        }
        match self.inflate.decode(chunk)? {
            Step::Produced(count) => {
                let piece = fields::front(chunk, count);
                self.checksum.update(piece);
                // The length is stored modulo 2^32.
                self.len = self.len.wrapping_add(u32::try_from(count).unwrap_or(0));
                Ok(Step::Produced(count))
            }
            _ => self.end(),
        }
    }
}
