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
    /// A SQLite 3 database.
    Sqlite,
    /// A Jupyter notebook, known by its name, or by its first key when it has none.
    Notebook,
}

/// What container `bytes` called `name` are, by their first bytes and by the name only where bytes cannot tell.
///
/// Costs a few comparisons; looks at no more than the first 512 bytes.
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
        _ if fields::slice(bytes, 257, 5) == b"ustar" => Format::Tar,
        _ => return by_name(name, bytes),
    };
    Some(format)
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
    let inner = fields::front(bytes, 512).trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
    let keys: [&[u8]; 4] = [b"\"cells\"", b"\"metadata\"", b"\"nbformat", b"\"worksheets\""];
    keys.iter().any(|key| inner.starts_with(key)).then_some(Format::Notebook)
}

pub(crate) fn ends_with(name: &[u8], end: &[u8]) -> bool {
    name.len() >= end.len() && fields::rest(name, name.len() - end.len()).eq_ignore_ascii_case(end)
}
