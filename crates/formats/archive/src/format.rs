use crate::fields;

/// What a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Zip, and what is zip inside: jar, wheel, Office documents.
    Zip,
    /// Tar in any of its dialects.
    Tar,
    /// One or more gzip members (RFC 1952).
    Gzip,
    /// One or more bzip2 streams.
    Bzip2,
    /// One or more Zstandard frames (RFC 8878).
    Zstd,
    /// One or more xz streams.
    Xz,
    /// The old `.lzma` stream, known by its name only.
    Lzma,
    /// A zlib stream (RFC 1950). Never recognised: its two first bytes are too little for files of any kind.
    Zlib,
    /// LZ4 frames, of today's form or the old one.
    Lz4,
    /// The stream of `compress`, `.Z`.
    Lzw,
    /// A package of Debian.
    Deb,
    /// A package of RPM.
    Rpm,
    /// Cpio in one of its forms of text.
    Cpio,
    /// A SQLite 3 database.
    Sqlite,
    /// The log beside a SQLite 3 database, `-wal`.
    SqliteWal,
    /// A Jupyter notebook, known by its name, or by its first key when it has none.
    Notebook,
}

/// What container `bytes` called `name` are, by their first bytes and by the name only where bytes cannot tell.
///
/// Costs a few comparisons; looks at no more than the first 512 bytes, and at the last ones for a zip that begins as something else.
pub fn recognise(name: &[u8], bytes: &[u8]) -> Option<Format> {
    let format = match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Format::Zip,
        [0x1f, 0x8b, 8, ..] => Format::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Format::Zstd,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Format::Xz,
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Format::Bzip2,
        [b'S', b'Q', b'L', b'i', b't', b'e', b' ', b'f', b'o', b'r', b'm', b'a', b't', b' ', b'3', 0, ..] => {
            Format::Sqlite
        }
        [0x37, 0x7f, 0x06, 0x82 | 0x83, 0x00, 0x2d, 0xe2, 0x18, ..] => Format::SqliteWal,
        [0x04, 0x22, 0x4d, 0x18, ..] | [0x02, 0x21, 0x4c, 0x18, ..] => Format::Lz4,
        [0x1f, 0x9d, 0x89..=0x90, ..] => Format::Lzw,
        [b'!', b'<', ..] if crate::ar::is_package(bytes) => Format::Deb,
        [0xed, 0xab, 0xee, 0xdb, 3, ..] => Format::Rpm,
        [b'0', b'7', b'0', b'7', b'0', ..] if crate::cpio::is_header(bytes) => Format::Cpio,
        _ if fields::slice(bytes, 257, 5) == b"ustar" => Format::Tar,
        _ if crate::zip::ends_one(bytes) => Format::Zip,
        _ => return by_name(name, bytes),
    };
    Some(format)
}

/// A format that holds other content and is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unopened {
    /// A 7z archive.
    SevenZip,
    /// A RAR archive, of version 4 or 5.
    Rar,
    /// A PDF document.
    Pdf,
    /// A pack of git objects (gitformat-pack(5)), by itself or in a bundle (gitformat-bundle(5)).
    GitPack,
}

/// What format that is not opened `bytes` are in, by their first bytes.
pub fn recognise_unopened(bytes: &[u8]) -> Option<Unopened> {
    match bytes {
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(Unopened::SevenZip),
        [b'R', b'a', b'r', b'!', 0x1a, 7, 0, ..] | [b'R', b'a', b'r', b'!', 0x1a, 7, 1, 0, ..] => {
            Some(Unopened::Rar)
        }
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(Unopened::Pdf),
        [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, ..] => Some(Unopened::GitPack),
        [b'#', b' ', b'v', b'2' | b'3', rest @ ..] if rest.starts_with(b" git bundle\n") => {
            Some(Unopened::GitPack)
        }
        _ => None,
    }
}

fn by_name(name: &[u8], bytes: &[u8]) -> Option<Format> {
    let Some((&last, _)) = name.split_last() else { return nameless(bytes) };
    match last.to_ascii_lowercase() {
        b'b' if ends_with(name, b".ipynb") => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let first = bytes.iter().take(512).find(|byte| !byte.is_ascii_whitespace());
            (first == Some(&b'{')).then_some(Format::Notebook)
        }
        b'r' if ends_with(name, b".tar") => {
            crate::tar::is_header(fields::front(bytes, 512)).then_some(Format::Tar)
        }
        // Properties, a dictionary size, an expanded size: any such bytes are a stream, so the usual properties are asked for.
        b'a' | b'z' if ends_with(name, b".lzma") || ends_with(name, b".tlz") => {
            matches!(bytes, [0x5d, 0, 0, ..]).then_some(Format::Lzma)
        }
        _ => None,
    }
}

/// What has no name, such as an object of a git database, is looked at more closely: a notebook begins with its cells or with its
/// metadata.
fn nameless(bytes: &[u8]) -> Option<Format> {
    if crate::tar::is_header(fields::front(bytes, 512)) {
        return Some(Format::Tar);
    }
    if is_lzma_header(bytes) {
        return Some(Format::Lzma);
    }
    let inner = fields::front(bytes, 512).trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
    let keys: [&[u8]; 4] = [b"\"cells\"", b"\"metadata\"", b"\"nbformat", b"\"worksheets\""];
    keys.iter().any(|key| inner.starts_with(key)).then_some(Format::Notebook)
}

/// Whether `bytes` begin as those programs write it: the usual properties, a dictionary whose size is a power of two or one and a half
/// of it, and an expanded size that is unknown or below 256 GiB. Such a header is hardly anything else.
fn is_lzma_header(bytes: &[u8]) -> bool {
    let Some(([0x5d, dictionary @ ..], rest)) = bytes.split_first_chunk::<5>() else { return false };
    let (dictionary, size) =
        (u32::from_le_bytes(*dictionary), rest.first_chunk().map(|size| u64::from_le_bytes(*size)));
    let usual = dictionary.is_power_of_two() || (dictionary % 3 == 0 && (dictionary / 3).is_power_of_two());
    usual && dictionary >= 4096 && size.is_some_and(|size| size == u64::MAX || size < 1 << 38)
}

pub(crate) fn ends_with(name: &[u8], end: &[u8]) -> bool {
    name.len() >= end.len() && fields::rest(name, name.len() - end.len()).eq_ignore_ascii_case(end)
}
