//! Cpio, in the three forms of today that are text: the portable one (POSIX.1-1988) and the newer ones of System V, with and without a
//! checksum. They hold the files of RPM packages and of the first root of Linux.

use std::borrow::Cow;

use crate::fields;
use crate::member::{MemberKind, Trouble};
use crate::visit::{Flow, Visit};

/// The name behind the last member.
const TRAILER: &[u8] = b"TRAILER!!!";
const NEW_HEADER: usize = 110;
const OLD_HEADER: usize = 76;
/// Longest name that is believed.
const MAX_NAME: usize = 4096;

/// Whether `bytes` begin with a header.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    Header::parse(bytes).is_some()
}

struct Header {
    /// Bytes of the header, and what it and data are filled up to.
    length: usize,
    align: usize,
    mode: u64,
    size: usize,
    name: usize,
}

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let magic = bytes.get(..6)?;
        let (length, align, radix) = match magic {
            b"070701" | b"070702" => (NEW_HEADER, 4, 16),
            b"070707" => (OLD_HEADER, 1, 8),
            _ => return None,
        };
        let field = |at: usize, len: usize| {
            let digits = fields::slice(bytes, at, len);
            let whole = digits.len() == len && digits.iter().all(u8::is_ascii_hexdigit);
            u64::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| whole)?, radix).ok()
        };
        let (mode, size, name) = match length {
            NEW_HEADER => (field(14, 8)?, field(54, 8)?, field(94, 8)?),
            _ => (field(18, 6)?, field(65, 11)?, field(59, 6)?),
        };
        let name = usize::try_from(name).ok().filter(|name| (1..=MAX_NAME).contains(name))?;
        Some(Self { length, align, mode, size: usize::try_from(size).ok()?, name })
    }

    fn kind(&self) -> Option<MemberKind> {
        match self.mode & 0o170_000 {
            0o100_000 => Some(MemberKind::File),
            0o120_000 => Some(MemberKind::Symlink),
            _ => None,
        }
    }
}

pub(crate) fn members(bytes: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    let mut at = 0_usize;
    loop {
        let Some(header) = Header::parse(fields::rest(bytes, at)) else {
            // Behind a trailer there may be filler, and another archive, as in a first root of Linux.
            let rest = fields::rest(bytes, at);
            match rest.iter().position(|byte| *byte != 0) {
                None if at > 0 => return Flow::Continue(()),
                Some(filler) if filler > 0 && Header::parse(fields::rest(rest, filler)).is_some() => {
                    at += filler;
                    continue;
                }
                // Most often a compressed archive follows one of microcode.
                Some(filler) if at > 0 => {
                    return visit.member(
                        b"rest",
                        MemberKind::File,
                        Cow::Borrowed(fields::rest(rest, filler)),
                    );
                }
                _ => {
                    visit.trouble(None, Trouble::Damaged("one of its headers is not whole"));
                    return Flow::Continue(());
                }
            }
        };
        let name_at = at + header.length;
        let name = fields::slice(bytes, name_at, header.name - 1);
        let data_at = (name_at + header.name).next_multiple_of(header.align);
        let data = fields::slice(bytes, data_at, header.size);
        if let Some(kind) = header.kind().filter(|_| name != TRAILER) {
            visit.member(name, kind, Cow::Borrowed(data))?;
        }
        if data.len() < header.size {
            visit.trouble(Some(name), Trouble::Damaged("it ends too early"));
            return Flow::Continue(());
        }
        at = (data_at + header.size).next_multiple_of(header.align);
    }
}
