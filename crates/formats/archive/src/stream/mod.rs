//! Compressed streams, one at a time and bounded.

mod bzip2;
mod expand;
mod gzip;
mod inflate;
mod lz4;
mod lzma;
mod lzw;
mod zstd;

use std::borrow::Cow;

pub(crate) use bzip2::Bunzip;
pub(crate) use expand::{Decoder, Expanded, Step, expand};
pub(crate) use inflate::Inflate;
pub(crate) use lzma::Unlzma;
pub(crate) use zstd::Unzstd;

use crate::format::{Format, ends_with};
use crate::member::{MemberKind, Trouble};
use crate::visit::{Flow, Visit};
use gzip::Gunzip;
use lz4::Unlz4;
use lzw::Unlzw;

const ENDS_EARLY: Trouble = Trouble::Damaged("it ends too early");
const TRAILING: Trouble = Trouble::Damaged("it is followed by bytes that are no further stream");
const CORRUPT: Trouble = Trouble::Damaged("its compressed data is corrupt");

/// Suffixes of compressed files and what stands in their place inside.
const SUFFIXES: &[(&[u8], &[u8])] = &[
    (b".gz", b""),
    (b".tgz", b".tar"),
    (b".svgz", b".svg"),
    (b".bz2", b""),
    (b".tbz2", b".tar"),
    (b".tbz", b".tar"),
    (b".xz", b""),
    (b".txz", b".tar"),
    (b".lzma", b""),
    (b".tlz", b".tar"),
    (b".zst", b""),
    (b".tzst", b".tar"),
    (b".lz4", b""),
    (b".z", b""),
    (b".taz", b".tar"),
];

/// Visits the one member of a compressed stream.
pub(crate) fn member(format: Format, name: &[u8], bytes: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    let mut inner = inner_name(name);
    let mut decoder: Box<dyn Decoder + '_> = match format {
        Format::Bzip2 => Box::new(Bunzip::new(bytes)),
        Format::Zstd => Box::new(Unzstd::new(bytes)),
        Format::Xz => Box::new(Unlzma::xz(bytes)),
        Format::Lzma => Box::new(Unlzma::alone(bytes)),
        Format::Lz4 => Box::new(Unlz4::new(bytes)),
        Format::Lzw => match Unlzw::new(bytes) {
            Ok(decoder) => Box::new(decoder),
            Err(trouble) => {
                visit.trouble(None, trouble);
                return Flow::Continue(());
            }
        },
        Format::Zlib => Box::new(Inflate::zlib(bytes)),
        _ => {
            let header = gzip::Header::parse(bytes);
            if let Some(name) = header.and_then(|header| header.name) {
                inner = Cow::Borrowed(name);
            }
            Box::new(Gunzip::new(bytes))
        }
    };
    visit.compressed(&inner, MemberKind::File, decoder.as_mut(), bytes.len(), &|_| None)
}

/// The last part of `name` without the suffix that tells of compression.
fn inner_name(name: &[u8]) -> Cow<'_, [u8]> {
    let name = name.rsplit(|byte| *byte == b'/').next().unwrap_or(name);
    for (suffix, inside) in SUFFIXES {
        if name.len() > suffix.len() && ends_with(name, suffix) {
            let stem = crate::fields::front(name, name.len() - suffix.len());
            return Cow::Owned([stem, inside].concat());
        }
    }
    Cow::Borrowed(name)
}

/// What comes after the end of a stream.
enum After {
    /// Nothing, or padding.
    Nothing,
    /// Another stream that begins with the same bytes.
    Stream,
    /// Something else.
    Other,
}

fn after(rest: &[u8], magic: &[u8]) -> After {
    if rest.starts_with(magic) {
        After::Stream
    } else if rest.iter().all(|byte| *byte == 0) {
        After::Nothing
    } else {
        After::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_names_its_member_after_itself() {
        for (name, inner) in [
            (&b"a/b.tar.gz"[..], &b"b.tar"[..]),
            (b"a/b.tgz", b"b.tar"),
            (b"B.TXZ", b"B.tar"),
            (b"x.log.zst", b"x.log"),
            (b"plain", b"plain"),
            (b".gz", b".gz"),
            (b"", b""),
        ] {
            assert_eq!(inner_name(name), inner);
        }
    }
}
