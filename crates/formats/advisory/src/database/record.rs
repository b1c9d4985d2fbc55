use std::fmt;
use std::io::Read;

use flate2::read::DeflateDecoder;

use super::DatabaseError;
use super::body::{Body, Incomparable, Judgement};
use super::bytes::{Cursor, Table};
use super::layout::{Layout, Section};
use super::search::{string, width};
use crate::advisory::{Advisory, AdvisoryKind, AffectedPackage};
use crate::reading::MAX_RECORD;

/// Most bytes of a block: one record over the length of a block.
pub(super) const MAX_BLOCK: usize = 2 * MAX_RECORD;

/// One record, known by its row.
#[derive(Clone, Copy)]
pub struct Record<'d> {
    layout: Layout<'d>,
    index: usize,
    id: &'d str,
    feed: &'d str,
    group: u32,
    kind: AdvisoryKind,
    is_withdrawn: bool,
    block: u32,
    offset: u32,
    length: u32,
}

impl PartialEq for Record<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.index, self.id, self.feed) == (other.index, other.id, other.feed)
    }
}

impl Eq for Record<'_> {}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("id", &self.id).field("feed", &self.feed).finish()
    }
}

impl<'d> Record<'d> {
    pub(super) fn read(layout: Layout<'d>, index: usize) -> Result<Self, DatabaseError> {
        let mut row = Table::new(layout.section(Section::Records), width::RECORD).row(index)?;
        let (id, feed) = (string(layout, &mut row)?, string(layout, &mut row)?);
        let group = row.u32()?;
        let flags = row.u32()?;
        let kind = AdvisoryKind::ALL.get((flags & 0xff) as usize).copied();
        let kind = kind.ok_or(DatabaseError::Damaged("has a record of an unknown kind"))?;
        let (block, offset, length) = (row.u32()?, row.u32()?, row.u32()?);
        let is_withdrawn = flags & 0x100 != 0;
        Ok(Self { layout, index, id, feed, group, kind, is_withdrawn, block, offset, length })
    }

    /// Its identifier.
    pub const fn id(&self) -> &'d str {
        self.id
    }

    /// Its place among all records, by identifier.
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The name of its feed.
    pub const fn feed(&self) -> &'d str {
        self.feed
    }

    /// What it warns of.
    pub const fn kind(&self) -> AdvisoryKind {
        self.kind
    }

    /// Whether it was taken back.
    pub const fn is_withdrawn(&self) -> bool {
        self.is_withdrawn
    }

    /// The number of its group: equal for records of the same thing.
    pub const fn group_number(&self) -> u32 {
        self.group
    }

    /// Everything that tells of the same thing.
    ///
    /// # Errors
    /// When the database is damaged at that place.
    pub fn group(&self) -> Result<Group<'d>, DatabaseError> {
        Group::read(self.layout, self.group)
    }

    /// The whole record, unpacked: for printing.
    ///
    /// # Errors
    /// When the database is damaged at that place.
    pub fn advisory(&self) -> Result<Advisory, DatabaseError> {
        self.advisory_in(&block(self.layout, self.block as usize)?)
    }

    pub(super) const fn block(&self) -> usize {
        self.block as usize
    }

    /// The record in its unpacked block.
    pub(super) fn advisory_in(&self, block: &[u8]) -> Result<Advisory, DatabaseError> {
        let json = block.get(self.offset as usize..).and_then(|rest| rest.get(..self.length as usize));
        let json = json.ok_or(DatabaseError::Damaged("points outside a block"))?;
        serde_json::from_slice(json).map_err(|_| DatabaseError::Damaged("has a record that cannot be read"))
    }
}

/// An unpacked block.
pub(super) fn block(layout: Layout<'_>, index: usize) -> Result<Vec<u8>, DatabaseError> {
    let mut row = Table::new(layout.section(Section::Blocks), width::BLOCK).row(index)?;
    let offset =
        usize::try_from(row.u64()?).map_err(|_| DatabaseError::Damaged("has a block outside itself"))?;
    let (compressed, length) = (row.u32()? as usize, row.u32()? as usize);
    let bytes = layout.section(Section::Details).get(offset..).and_then(|rest| rest.get(..compressed));
    let bytes = bytes.ok_or(DatabaseError::Damaged("has a block outside itself"))?;
    if length > MAX_BLOCK {
        return Err(DatabaseError::Damaged("has a block too long"));
    }
    unpack(bytes, length)
}

/// The `length` bytes that were packed into `bytes`.
pub(super) fn unpack(bytes: &[u8], length: usize) -> Result<Vec<u8>, DatabaseError> {
    let mut unpacked = Vec::new();
    let read = DeflateDecoder::new(bytes).take(length as u64 + 1).read_to_end(&mut unpacked);
    if read.is_err() || unpacked.len() != length {
        return Err(DatabaseError::Damaged("has a block that cannot be unpacked"));
    }
    Ok(unpacked)
}

/// Identifiers and records of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'d> {
    /// All identifiers, those of records and those that are only aliases, sorted.
    pub ids: Vec<&'d str>,
    /// The records, by identifier.
    pub records: Vec<Record<'d>>,
}

impl<'d> Group<'d> {
    pub(super) fn read(layout: Layout<'d>, number: u32) -> Result<Self, DatabaseError> {
        let mut row = Table::new(layout.section(Section::Groups), width::GROUP).row(number as usize)?;
        let members = Table::new(layout.section(Section::Members), width::MEMBER);
        let names = Table::new(layout.section(Section::Names), width::NAME);
        let (first, count) = (row.u32()?, row.u32()?);
        let mut records = Vec::new();
        for index in first..first.saturating_add(count) {
            records.push(Record::read(layout, members.row(index as usize)?.u32()? as usize)?);
        }
        let (first, count) = (row.u32()?, row.u32()?);
        let mut ids = Vec::new();
        for index in first..first.saturating_add(count) {
            let name = members.row(index as usize)?.u32()?;
            ids.push(string(layout, &mut names.row(name as usize)?)?);
        }
        Ok(Self { ids, records })
    }
}

/// What one record says of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'d> {
    /// The record.
    pub record: Record<'d>,
    ecosystem: &'d str,
    name: &'d str,
    affected: u32,
    body: &'d [u8],
}

impl<'d> Entry<'d> {
    /// `key` is that of the package.
    pub(super) fn read(layout: Layout<'d>, mut row: Cursor<'d>, key: &'d str) -> Result<Self, DatabaseError> {
        let (ecosystem, name) =
            key.split_once('\0').ok_or(DatabaseError::Damaged("has a package without ecosystem"))?;
        let record = Record::read(layout, row.u32()? as usize)?;
        let affected = row.u32()?;
        let (offset, length) = (row.u32()? as usize, row.u32()? as usize);
        let body = layout.section(Section::Bodies).get(offset..).and_then(|rest| rest.get(..length));
        let body = body.ok_or(DatabaseError::Damaged("points at ranges that are not there"))?;
        Ok(Self { record, ecosystem, name, affected, body })
    }

    /// The ecosystem that the record names, with its suffix.
    pub const fn ecosystem(&self) -> &'d str {
        self.ecosystem
    }

    /// The package's normalised name.
    pub const fn name(&self) -> &'d str {
        self.name
    }

    /// What the record says of `version`, by OSV's rules: it is affected when any range holds it or the list names it. A withdrawn
    /// record affects nothing.
    pub fn judge(&self, version: &str) -> Judgement {
        self.judged(|body| body.judge(version))
    }

    /// What the record says of a commit. Only commits that it names can be judged, as ancestors are not known here.
    pub fn judge_commit(&self, hash: &str) -> Judgement {
        self.judged(|body| body.judge_commit(hash))
    }

    fn judged(&self, judge: impl FnOnce(&Body<'d>) -> Judgement) -> Judgement {
        if self.record.is_withdrawn {
            return Judgement::NotAffected;
        }
        match Body::read(self.body, self.ecosystem) {
            Ok(body) => judge(&body),
            Err(error) => Judgement::Incomparable(Incomparable::Damaged(error)),
        }
    }

    /// The affected package in `advisory`, which is that of this entry's record: ratings of its own, imports, functions.
    pub fn affected<'a>(&self, advisory: &'a Advisory) -> Option<&'a AffectedPackage> {
        advisory.affected.get(self.affected as usize)
    }
}
