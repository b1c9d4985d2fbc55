//! The sections of a database in the making.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::builder::BuildError;
use super::bytes::Writer;
use super::compiled::compiled;
use super::feed::Facts;
use crate::advisory::{Advisory, AdvisoryKind, AffectedPackage, RangeKind};
use crate::exploited::{EpssScores, KevCatalog};
use crate::name::normalised_name;

/// A block is closed when it is as long.
pub(super) const BLOCK: usize = 32 << 10;

pub(super) fn packed(bytes: &[u8]) -> Result<Vec<u8>, BuildError> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// A place in the pool of texts, or in the compiled ranges.
type Place = (u32, u32);

/// Texts or bodies, each once.
#[derive(Default)]
struct Pool {
    bytes: Vec<u8>,
    places: BTreeMap<Vec<u8>, Place>,
}

impl Pool {
    fn place(&mut self, bytes: &[u8], of: &'static str) -> Result<Place, BuildError> {
        if let Some(place) = self.places.get(bytes) {
            return Ok(*place);
        }
        let offset = u32::try_from(self.bytes.len()).map_err(|_| BuildError::TooLarge(of))?;
        let place = (offset, u32::try_from(bytes.len()).map_err(|_| BuildError::TooLarge(of))?);
        self.bytes.extend(bytes);
        self.places.insert(bytes.to_vec(), place);
        Ok(place)
    }
}

struct PackageEntry {
    record: u32,
    affected: u32,
    body: Place,
}

struct RecordRow {
    id: Place,
    name: String,
    feed: Place,
    kind: AdvisoryKind,
    is_withdrawn: bool,
    block: u32,
    offset: u32,
    length: u32,
}

/// The sections in the making; in their final order when the last record has been seen.
#[derive(Default)]
pub(super) struct Sections {
    strings: Pool,
    bodies: Pool,
    packages: BTreeMap<(String, String), Vec<PackageEntry>>,
    records: Vec<RecordRow>,
    block: Vec<u8>,
    blocks: Writer,
    block_count: u32,
    details: Vec<u8>,
    kev: Writer,
    epss: Writer,
}

impl Sections {
    pub(super) fn add_packages(&mut self, record: u32, advisory: &Advisory) -> Result<(), BuildError> {
        for (index, package) in (0_u32..).zip(&advisory.affected) {
            for (key, of_key) in keyed(package) {
                let body = self.bodies.place(&compiled(&of_key, &key.0), "ranges")?;
                self.packages.entry(key).or_default().push(PackageEntry { record, affected: index, body });
            }
        }
        Ok(())
    }

    pub(super) fn add_record(
        &mut self,
        feed: &str,
        advisory: &Advisory,
        json: &[u8],
    ) -> Result<(), BuildError> {
        if self.block.len() >= BLOCK {
            self.close_block()?;
        }
        self.records.push(RecordRow {
            id: self.strings.place(advisory.id.as_bytes(), "texts")?,
            name: advisory.id.clone(),
            feed: self.strings.place(feed.as_bytes(), "texts")?,
            kind: advisory.kind,
            is_withdrawn: advisory.withdrawn.is_some(),
            block: self.block_count,
            offset: self.block.len() as u32,
            length: u32::try_from(json.len()).map_err(|_| BuildError::TooLarge("one record"))?,
        });
        self.block.extend(json);
        Ok(())
    }

    pub(super) fn close_block(&mut self) -> Result<(), BuildError> {
        if self.block.is_empty() {
            return Ok(());
        }
        let compressed = packed(&self.block)?;
        self.blocks.u64(self.details.len() as u64);
        self.blocks.u32(u32::try_from(compressed.len()).map_err(|_| BuildError::TooLarge("one block"))?);
        self.blocks.u32(u32::try_from(self.block.len()).map_err(|_| BuildError::TooLarge("one block"))?);
        self.details.extend(compressed);
        self.block_count += 1;
        self.block.clear();
        Ok(())
    }

    pub(super) fn add_exploited(
        &mut self,
        kev: Option<&KevCatalog>,
        epss: Option<&EpssScores>,
    ) -> Result<(), BuildError> {
        for (cve, kev) in kev.iter().flat_map(|catalog| &catalog.entries) {
            let place = self.strings.place(&serde_json::to_vec(kev)?, "texts")?;
            self.kev.u64(cve.packed());
            self.kev.u32(place.0);
            self.kev.u32(place.1);
        }
        for (cve, score) in epss.iter().flat_map(|scores| &scores.scores) {
            self.epss.u64(cve.packed());
            self.epss.u32(score.probability.billionths());
            self.epss.u32(score.percentile.billionths());
        }
        Ok(())
    }

    /// The sections in the order of the file.
    pub(super) fn finish(
        mut self,
        names: Vec<(String, u32)>,
        facts: &Facts,
    ) -> Result<Vec<Vec<u8>>, BuildError> {
        let ecosystems = self.ecosystems();
        let (packages, entries) = self.package_tables()?;
        let groups = self.group_tables(&names)?;
        Ok(vec![
            serde_json::to_vec(facts)?,
            ecosystems,
            packages,
            entries,
            self.bodies.bytes,
            groups.records,
            self.blocks.0,
            self.details,
            groups.names,
            groups.groups,
            groups.members,
            self.kev.0,
            self.epss.0,
            self.strings.bytes,
        ])
    }

    fn ecosystems(&self) -> Vec<u8> {
        let known: BTreeSet<&str> = self.packages.keys().map(|(ecosystem, _)| ecosystem.as_str()).collect();
        let mut section = Writer::default();
        section.count(known.len());
        known.iter().for_each(|name| section.bytes(name.as_bytes()));
        section.0
    }

    fn package_tables(&mut self) -> Result<(Vec<u8>, Vec<u8>), BuildError> {
        let (mut packages, mut entries) = (Writer::default(), Writer::default());
        let mut first = 0_u32;
        for ((ecosystem, name), of_package) in &self.packages {
            let key = self.strings.place(format!("{ecosystem}\0{name}").as_bytes(), "texts")?;
            let count = u32::try_from(of_package.len()).map_err(|_| BuildError::TooLarge("entries"))?;
            for number in [key.0, key.1, first, count] {
                packages.u32(number);
            }
            for entry in of_package {
                for number in [entry.record, entry.affected, entry.body.0, entry.body.1] {
                    entries.u32(number);
                }
            }
            first = first.checked_add(count).ok_or(BuildError::TooLarge("entries"))?;
        }
        Ok((packages.0, entries.0))
    }

    fn group_tables(&mut self, named: &[(String, u32)]) -> Result<GroupTables, BuildError> {
        let by_name: BTreeMap<&str, u32> =
            named.iter().map(|(name, group)| (name.as_str(), *group)).collect();
        let mut tables = Writer::default();
        let mut names_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (index, (name, group)) in (0_u32..).zip(named) {
            let place = self.strings.place(name.as_bytes(), "texts")?;
            for number in [place.0, place.1, *group] {
                tables.u32(number);
            }
            names_of.entry(*group).or_default().push(index);
        }
        let mut records = Writer::default();
        let mut records_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (index, record) in (0_u32..).zip(&self.records) {
            let group = by_name.get(record.name.as_str()).copied().unwrap_or_default();
            write_record(&mut records, record, group);
            records_of.entry(group).or_default().push(index);
        }
        let (mut groups, mut members) = (Writer::default(), Writer::default());
        let mut first = 0_u32;
        for (group, names) in &names_of {
            let of_group = records_of.get(group).map_or(&[] as &[u32], Vec::as_slice);
            for (list, count) in [(of_group, of_group.len() as u32), (names, names.len() as u32)] {
                groups.u32(first);
                groups.u32(count);
                list.iter().for_each(|member| members.u32(*member));
                first += count;
            }
        }
        Ok(GroupTables { records: records.0, names: tables.0, groups: groups.0, members: members.0 })
    }
}

struct GroupTables {
    records: Vec<u8>,
    names: Vec<u8>,
    groups: Vec<u8>,
    members: Vec<u8>,
}

fn write_record(records: &mut Writer, record: &RecordRow, group: u32) {
    for number in [record.id.0, record.id.1, record.feed.0, record.feed.1, group] {
        records.u32(number);
    }
    let kind = AdvisoryKind::ALL.iter().position(|kind| *kind == record.kind).unwrap_or_default();
    records.u32(kind as u32 | u32::from(record.is_withdrawn) << 8);
    for number in [record.block, record.offset, record.length] {
        records.u32(number);
    }
}

/// The keys that a package is found by, and what is said under them: its own, and that of each repository whose commits it names.
fn keyed(package: &AffectedPackage) -> BTreeMap<(String, String), Cow<'_, AffectedPackage>> {
    let mut keyed: BTreeMap<_, Cow<'_, AffectedPackage>> = BTreeMap::new();
    for range in package.ranges.iter().filter(|range| range.kind == RangeKind::Git) {
        let Some(repo) = &range.repo else { continue };
        let key = ("GIT".to_owned(), normalised_name("GIT", repo).into_owned());
        let of_repo = keyed.entry(key).or_insert_with(|| Cow::Owned(AffectedPackage::default()));
        of_repo.to_mut().ranges.push(range.clone());
    }
    if !package.name.is_empty() {
        let name = normalised_name(&package.ecosystem, &package.name);
        keyed.insert((package.ecosystem.clone(), name.into_owned()), Cow::Borrowed(package));
    }
    keyed
}
