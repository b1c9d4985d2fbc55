//! Headers of pack entries (gitformat-pack(5), "pack-*.pack files have the following format").

/// Most bytes a header can have: a size of ten bytes and the longest object name.
pub(crate) const MAX_HEADER_BYTES: usize = 48;

/// What kind of object it is. The reader of a history is never given trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// A tree.
    Tree,
    /// The content of a file or the target of a symbolic link.
    Blob,
    /// An annotated tag.
    Tag,
}

impl ObjectKind {
    pub(crate) fn from_word(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"commit" => Self::Commit,
            b"tree" => Self::Tree,
            b"blob" => Self::Blob,
            b"tag" => Self::Tag,
            _ => return None,
        })
    }
}

/// How an entry stores its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage<'a> {
    /// As it is.
    Whole(ObjectKind),
    /// As a delta of the entry that begins so many bytes before this one.
    Before(u64),
    /// As a delta of the object of that name.
    Named(&'a [u8]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntryHeader<'a> {
    pub(crate) storage: Storage<'a>,
    /// Bytes of the object or delta once inflated.
    pub(crate) size: u64,
    /// Bytes of the header.
    pub(crate) len: usize,
}

/// Reads the header at the beginning of `bytes`; none when there is no such header.
pub(crate) fn parse_header(bytes: &[u8], hash_bytes: usize) -> Option<EntryHeader<'_>> {
    let (&first, mut rest) = bytes.split_first()?;
    let mut size = u64::from(first & 0x0f);
    let mut more = first & 0x80 != 0;
    let mut shift = 4;
    while more {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        let part = u64::from(byte & 0x7f);
        let shifted = part.checked_shl(shift).filter(|shifted| shifted >> shift == part)?;
        size |= shifted;
        more = byte & 0x80 != 0;
        shift += 7;
    }
    let storage = match (first >> 4) & 7 {
        1 => Storage::Whole(ObjectKind::Commit),
        2 => Storage::Whole(ObjectKind::Tree),
        3 => Storage::Whole(ObjectKind::Blob),
        4 => Storage::Whole(ObjectKind::Tag),
        6 => Storage::Before(distance(&mut rest)?),
        7 => {
            let (name, after) = rest.split_at_checked(hash_bytes)?;
            rest = after;
            Storage::Named(name)
        }
        _ => return None,
    };
    Some(EntryHeader { storage, size, len: bytes.len() - rest.len() })
}

/// Seven bits a byte, the highest first, each further byte standing for one more than its bits say.
fn distance(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    loop {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value = value.checked_add(u64::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        value = value.checked_add(1)?.checked_mul(1 << 7)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_kind() {
        let whole = |kind, size, len| EntryHeader { storage: Storage::Whole(kind), size, len };
        assert_eq!(parse_header(&[0x15], 20), Some(whole(ObjectKind::Commit, 5, 1)));
        assert_eq!(parse_header(&[0xb5, 0x0a], 20), Some(whole(ObjectKind::Blob, 0xa5, 2)));
        let before = parse_header(&[0x61, 0x80, 0x00, 9], 20).unwrap();
        assert_eq!((before.storage, before.len), (Storage::Before(128), 3));
        let named = parse_header(&[0x72, 1, 2, 3], 2).unwrap();
        assert_eq!((named.storage, named.size, named.len), (Storage::Named(&[1, 2]), 2, 3));
    }

    #[test]
    fn refuses_what_is_cut_short_reserved_or_too_large() {
        for bytes in [&[][..], &[0x80], &[0x05], &[0x55], &[0x61], &[0x61, 0x80], &[0x71, 1]] {
            assert_eq!(parse_header(bytes, 20), None, "{bytes:?}");
        }
        assert_eq!(parse_header(&[0xff; 12], 20), None);
        assert_eq!(parse_header(&[&[0x61], [0xff; 11].as_slice()].concat(), 20), None);
    }
}
