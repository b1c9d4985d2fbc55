//! Header and sections.

use palisade_model::Digest;
use palisade_version::KEY_FORMAT;

use super::DatabaseError;
use super::bytes::{Cursor, Writer};

const MAGIC: &[u8; 8] = b"PALISADV";

/// Raised when the sections change their form, or names the form that they are searched by.
const SECTIONS: u32 = 2;

/// The form of the sections and that of the keys of versions.
pub(super) const FORMAT: u32 = SECTIONS << 16 | KEY_FORMAT;

/// What the sections hold, in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// JSON: feeds and the like.
    Feeds,
    /// Ecosystems that packages are known of: a count and texts, sorted.
    Ecosystems,
    /// Rows by package, sorted by key: key (offset, length), first entry, count of entries.
    Packages,
    /// Rows by package and record: record, affected package in it, place of the compiled ranges, length.
    Entries,
    /// Compiled ranges.
    Bodies,
    /// Rows sorted by identifier: see [`super::record`].
    Records,
    /// Rows of compressed blocks: offset, compressed length, length.
    Blocks,
    /// The compressed blocks.
    Details,
    /// Rows sorted by identifier, aliases too: identifier (offset, length), group.
    Names,
    /// Rows by group: first member, count of members, first name, count of names.
    Groups,
    /// Records, then names, in the order of the groups.
    Members,
    /// Rows sorted by CVE: CVE, place of the JSON in the pool, length.
    Kev,
    /// Rows sorted by CVE: CVE, probability, percentile.
    Epss,
    /// All texts.
    Strings,
}

impl Section {
    pub(super) const ALL: [Self; 14] = [
        Self::Feeds,
        Self::Ecosystems,
        Self::Packages,
        Self::Entries,
        Self::Bodies,
        Self::Records,
        Self::Blocks,
        Self::Details,
        Self::Names,
        Self::Groups,
        Self::Members,
        Self::Kev,
        Self::Epss,
        Self::Strings,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Feeds => "feeds",
            Self::Ecosystems => "ecosystems",
            Self::Packages => "packages",
            Self::Entries => "entries",
            Self::Bodies => "bodies",
            Self::Records => "records",
            Self::Blocks => "blocks",
            Self::Details => "details",
            Self::Names => "names",
            Self::Groups => "groups",
            Self::Members => "members",
            Self::Kev => "kev",
            Self::Epss => "epss",
            Self::Strings => "strings",
        }
    }
}

/// Magic, format, count of sections, time, length.
const FIXED: usize = 8 + 4 + 4 + 8 + 8;
/// Offset, length, digest.
const ROW: usize = 8 + 8 + 32;
const HEADER: usize = FIXED + Section::ALL.len() * ROW + 32;

/// The file of `sections`, in the order of [`Section::ALL`].
pub(super) fn file(built: i64, sections: &[Vec<u8>]) -> Vec<u8> {
    let mut header = Writer::default();
    header.0.extend(MAGIC);
    header.u32(FORMAT);
    header.u32(Section::ALL.len() as u32);
    header.0.extend(built.to_le_bytes());
    let length = HEADER + sections.iter().map(Vec::len).sum::<usize>();
    header.u64(length as u64);
    let mut offset = HEADER;
    for section in sections {
        header.u64(offset as u64);
        header.u64(section.len() as u64);
        header.0.extend(Digest::of(section).as_bytes());
        offset += section.len();
    }
    let digest = Digest::of(&header.0);
    header.0.extend(digest.as_bytes());
    let mut file = header.0;
    file.reserve_exact(length.saturating_sub(HEADER));
    sections.iter().for_each(|section| file.extend(section));
    file
}

/// The sections of a file whose header has been checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'d> {
    sections: [(&'d [u8], [u8; 32]); Section::ALL.len()],
    /// Seconds since 1970.
    pub(super) built: i64,
}

impl<'d> Layout<'d> {
    /// Checks the header's digest and that the sections fill the file. Reads nothing of the sections.
    pub(super) fn open(file: &'d [u8]) -> Result<Self, DatabaseError> {
        let mut cursor = Cursor(file);
        if cursor.take(MAGIC.len()).ok() != Some(MAGIC.as_slice()) {
            return Err(DatabaseError::Magic);
        }
        let found = cursor.u32()?;
        if found != FORMAT {
            return Err(DatabaseError::Format { found, expected: FORMAT });
        }
        let sealed = HEADER - 32;
        let header = file.get(..sealed).ok_or(DatabaseError::Damaged("ends within its header"))?;
        let seal = file.get(sealed..HEADER).ok_or(DatabaseError::Damaged("ends within its header"))?;
        if Digest::of(header).as_bytes() != seal || cursor.u32()? as usize != Section::ALL.len() {
            return Err(DatabaseError::Digest("header"));
        }
        let built = cursor.u64()?.cast_signed();
        if cursor.u64()? != file.len() as u64 {
            return Err(DatabaseError::Damaged("is not as long as it says"));
        }
        let mut sections = [(&[] as &[u8], [0; 32]); Section::ALL.len()];
        let mut expected = HEADER as u64;
        for section in &mut sections {
            let (offset, length) = (cursor.u64()?, cursor.u64()?);
            let digest = cursor.take(32)?.try_into().unwrap_or_default();
            let start = usize::try_from(offset).ok().filter(|_| offset == expected);
            let length = usize::try_from(length).ok();
            let bytes = start.zip(length).and_then(|(start, length)| file.get(start..)?.get(..length));
            let bytes = bytes.ok_or(DatabaseError::Damaged("has a section outside itself"))?;
            expected += bytes.len() as u64;
            *section = (bytes, digest);
        }
        Ok(Self { sections, built })
    }

    pub(super) fn section(&self, section: Section) -> &'d [u8] {
        self.sections.get(section as usize).map_or(&[], |(bytes, _)| bytes)
    }

    /// Reads everything once.
    pub(super) fn verify(&self) -> Result<(), DatabaseError> {
        for (section, (bytes, digest)) in Section::ALL.into_iter().zip(&self.sections) {
            if Digest::of(bytes).as_bytes() != digest {
                return Err(DatabaseError::Digest(section.name()));
            }
        }
        Ok(())
    }
}
