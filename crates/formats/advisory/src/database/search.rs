use std::collections::BTreeSet;
use std::fmt;

use palisade_model::{Ecosystem, Timestamp};

use super::DatabaseError;
use super::bytes::{Cursor, Table};
use super::feed::{Facts, FeedFacts, TableFacts};
use super::layout::{Layout, Section};
use super::record::{Entry, Group, Record, block};
use crate::advisory::Advisory;
use crate::cve::Cve;
use crate::ecosystem::asked;
use crate::exploited::{EpssScore, Kev, Share};
use crate::name::normalised_name;

/// Widths of rows.
pub(super) mod width {
    pub(in crate::database) const PACKAGE: usize = 16;
    pub(in crate::database) const ENTRY: usize = 16;
    pub(in crate::database) const RECORD: usize = 36;
    pub(in crate::database) const BLOCK: usize = 16;
    pub(in crate::database) const NAME: usize = 12;
    pub(in crate::database) const GROUP: usize = 16;
    pub(in crate::database) const MEMBER: usize = 4;
    pub(in crate::database) const KEV: usize = 16;
    pub(in crate::database) const EPSS: usize = 16;
}

/// A compiled database, read in place: the file may be mapped into memory.
///
/// Opening reads the header and the list of feeds. What is looked at later is checked then; to know that all is as it was written,
/// [`verify`](Self::verify) or compare the digest of the file with that of its manifest.
#[derive(Clone)]
pub struct Database<'d> {
    pub(super) layout: Layout<'d>,
    ecosystems: BTreeSet<&'d str>,
    facts: Facts,
}

impl fmt::Debug for Database<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("built", &self.layout.built).field("facts", &self.facts).finish()
    }
}

impl<'d> Database<'d> {
    /// Checks the header, and that the sections lie within `file`.
    ///
    /// # Errors
    /// When `file` is no database, of another format, cut short, or its header is damaged.
    pub fn open(file: &'d [u8]) -> Result<Self, DatabaseError> {
        let layout = Layout::open(file)?;
        let facts = serde_json::from_slice(layout.section(Section::Feeds))
            .map_err(|_| DatabaseError::Damaged("has no list of feeds"))?;
        let mut cursor = Cursor(layout.section(Section::Ecosystems));
        let mut ecosystems = BTreeSet::new();
        for _ in 0..cursor.count()? {
            ecosystems.insert(cursor.text()?);
        }
        Ok(Self { layout, ecosystems, facts })
    }

    /// Reads the whole file once and compares the digests of its sections.
    ///
    /// # Errors
    /// Names the first section that is not as it was written.
    pub fn verify(&self) -> Result<(), DatabaseError> {
        self.layout.verify()
    }

    /// When it was built.
    pub fn built(&self) -> Timestamp {
        Timestamp::from_second(self.layout.built).unwrap_or_default()
    }

    /// Its feeds, by name.
    pub fn feeds(&self) -> &[FeedFacts] {
        &self.facts.feeds
    }

    /// The feed that covers `ecosystem`; of several the one that was taken last. None: finding nothing means nothing. See
    /// [`FeedFacts::covers`].
    pub fn covers(&self, ecosystem: &Ecosystem) -> Option<&FeedFacts> {
        self.facts.feeds.iter().filter(|facts| facts.covers(ecosystem)).max_by_key(|facts| facts.feed.taken)
    }

    /// Ecosystems that it knows packages of, sorted, with their suffixes.
    pub fn ecosystems(&self) -> impl Iterator<Item = &'d str> {
        self.ecosystems.iter().copied()
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.records().len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is said of the package `name`, by identifier within each ecosystem that is asked, the most exact first. `name` need not
    /// be normalised. A record that speaks of several of the ecosystems is given for the most exact only: what it says of
    /// `Debian:12` counts, not what it says of `Debian`.
    ///
    /// # Errors
    /// When the database is damaged at that place.
    pub fn lookup(&self, ecosystem: &Ecosystem, name: &str) -> Result<Vec<Entry<'d>>, DatabaseError> {
        let normalised = normalised_name(ecosystem.as_str(), name);
        let mut entries: Vec<Entry<'d>> = Vec::new();
        let mut told = BTreeSet::new();
        for asked in asked(ecosystem.as_str(), &self.ecosystems) {
            let known = entries.len();
            let more = self.entries(asked, &normalised)?;
            entries.extend(more.into_iter().filter(|entry| !told.contains(&entry.record.index())));
            told.extend(entries.iter().skip(known).map(|entry| entry.record.index()));
        }
        Ok(entries)
    }

    fn entries(&self, ecosystem: &str, name: &str) -> Result<Vec<Entry<'d>>, DatabaseError> {
        let packages = Table::new(self.layout.section(Section::Packages), width::PACKAGE);
        let wanted = [ecosystem.as_bytes(), b"\0", name.as_bytes()];
        let order = |mut row: Cursor<'d>| {
            Ok(self.string(&mut row)?.bytes().cmp(wanted.into_iter().flatten().copied()))
        };
        let Some(index) = packages.search(order)? else { return Ok(Vec::new()) };
        let mut row = packages.row(index)?;
        let key = self.string(&mut row)?;
        let (first, count) = (row.u32()?, row.u32()?);
        let table = Table::new(self.layout.section(Section::Entries), width::ENTRY);
        let mut entries = Vec::new();
        for index in first..first.saturating_add(count) {
            entries.push(Entry::read(self.layout, table.row(index as usize)?, key)?);
        }
        Ok(entries)
    }

    /// Every package that it knows, as ecosystem and normalised name, sorted.
    pub fn packages(&self) -> impl Iterator<Item = Result<(&'d str, &'d str), DatabaseError>> {
        let packages = Table::new(self.layout.section(Section::Packages), width::PACKAGE);
        (0..packages.len()).map(move |index| {
            let key = self.string(&mut packages.row(index)?)?;
            key.split_once('\0').ok_or(DatabaseError::Damaged("has a package without ecosystem"))
        })
    }

    /// The records called `id`: one for each feed that has it.
    ///
    /// # Errors
    /// When the database is damaged at that place.
    pub fn records_called(&self, id: &str) -> Result<Vec<Record<'d>>, DatabaseError> {
        let records = self.records();
        let name = |index| Record::read(self.layout, index).map(|record| record.id());
        let order = |mut row: Cursor<'d>| Ok(self.string(&mut row)?.cmp(id));
        let Some(found) = records.search(order)? else { return Ok(Vec::new()) };
        let mut first = found;
        while first > 0 && name(first - 1)? == id {
            first -= 1;
        }
        let mut called = Vec::new();
        while first < records.len() && name(first)? == id {
            called.push(Record::read(self.layout, first)?);
            first += 1;
        }
        Ok(called)
    }

    /// The record of that place, from 0, by identifier.
    ///
    /// # Errors
    /// When there is none, or the database is damaged at that place.
    pub fn record(&self, index: usize) -> Result<Record<'d>, DatabaseError> {
        Record::read(self.layout, index)
    }

    /// Every record with the name of its feed, unpacked, in order.
    pub fn advisories(&self) -> impl Iterator<Item = Result<(&'d str, Advisory), DatabaseError>> {
        let mut unpacked: Option<(usize, Vec<u8>)> = None;
        (0..self.len()).map(move |index| {
            let record = self.record(index)?;
            let kept = unpacked.take().filter(|(number, _)| *number == record.block());
            let bytes = match kept {
                Some((_, bytes)) => bytes,
                None => block(self.layout, record.block())?,
            };
            let advisory = record.advisory_in(&bytes);
            unpacked = Some((record.block(), bytes));
            Ok((record.feed(), advisory?))
        })
    }

    /// The group of an identifier, be it that of a record or an alias.
    ///
    /// # Errors
    /// When the database is damaged at that place.
    pub fn group(&self, id: &str) -> Result<Option<Group<'d>>, DatabaseError> {
        let names = Table::new(self.layout.section(Section::Names), width::NAME);
        let order = |mut row: Cursor<'d>| Ok(self.string(&mut row)?.cmp(id));
        let Some(index) = names.search(order)? else { return Ok(None) };
        let mut row = names.row(index)?;
        row.take(8)?;
        Group::read(self.layout, row.u32()?).map(Some)
    }

    /// The catalogue of exploited vulnerabilities that it holds.
    pub const fn kev_facts(&self) -> Option<&TableFacts> {
        self.facts.kev.as_ref()
    }

    /// The scores that it holds.
    pub const fn epss_facts(&self) -> Option<&TableFacts> {
        self.facts.epss.as_ref()
    }

    /// Whether `cve` is known to be exploited.
    ///
    /// # Errors
    /// When the database is damaged at that place.
    pub fn kev(&self, cve: Cve) -> Result<Option<Kev>, DatabaseError> {
        let table = Table::new(self.layout.section(Section::Kev), width::KEV);
        let Some(mut row) = by_cve(table, cve)? else { return Ok(None) };
        let json = self.string(&mut row)?;
        serde_json::from_str(json)
            .map(Some)
            .map_err(|_| DatabaseError::Damaged("has no such catalogue entry"))
    }

    /// How likely `cve` is exploited.
    ///
    /// # Errors
    /// When the database is damaged at that place.
    pub fn epss(&self, cve: Cve) -> Result<Option<EpssScore>, DatabaseError> {
        let table = Table::new(self.layout.section(Section::Epss), width::EPSS);
        let Some(mut row) = by_cve(table, cve)? else { return Ok(None) };
        Ok(Some(EpssScore { probability: Share(row.u32()?), percentile: Share(row.u32()?) }))
    }

    pub(super) fn all_kev(&self) -> impl Iterator<Item = Result<Kev, DatabaseError>> {
        let table = Table::new(self.layout.section(Section::Kev), width::KEV);
        (0..table.len()).map(move |index| {
            let kev = self.kev(Cve::unpacked(table.row(index)?.u64()?))?;
            kev.ok_or(DatabaseError::Damaged("has a catalogue out of order"))
        })
    }

    pub(super) fn all_epss(&self) -> impl Iterator<Item = Result<(Cve, EpssScore), DatabaseError>> {
        let table = Table::new(self.layout.section(Section::Epss), width::EPSS);
        (0..table.len()).map(move |index| {
            let mut row = table.row(index)?;
            let cve = Cve::unpacked(row.u64()?);
            Ok((cve, EpssScore { probability: Share(row.u32()?), percentile: Share(row.u32()?) }))
        })
    }

    fn records(&self) -> Table<'d> {
        Table::new(self.layout.section(Section::Records), width::RECORD)
    }

    fn string(&self, row: &mut Cursor<'d>) -> Result<&'d str, DatabaseError> {
        string(self.layout, row)
    }
}

/// The rest of the row of `cve`.
fn by_cve<'d>(table: Table<'d>, cve: Cve) -> Result<Option<Cursor<'d>>, DatabaseError> {
    let wanted = cve.packed();
    let Some(index) = table.search(|mut row| Ok(row.u64()?.cmp(&wanted)))? else { return Ok(None) };
    let mut row = table.row(index)?;
    row.take(8)?;
    Ok(Some(row))
}

/// The text whose offset and length stand next in `row`.
pub(super) fn string<'d>(layout: Layout<'d>, row: &mut Cursor<'d>) -> Result<&'d str, DatabaseError> {
    let (offset, length) = (row.u32()? as usize, row.u32()? as usize);
    let bytes = layout.section(Section::Strings).get(offset..).and_then(|rest| rest.get(..length));
    let bytes = bytes.ok_or(DatabaseError::Damaged("points at a text that is not there"))?;
    str::from_utf8(bytes).map_err(|_| DatabaseError::Damaged("has a text that is not UTF-8"))
}
