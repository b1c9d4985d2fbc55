use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Digest, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::DatabaseError;
use super::builder::{BuildError, Builder};
use super::feed::{FeedSource, TableFacts};
use super::record::unpack;
use super::search::Database;
use super::sections::packed;
use crate::advisory::Advisory;
use crate::cve::Cve;
use crate::exploited::{EpssScore, EpssScores, Kev, KevCatalog, Share};

const MAGIC: &[u8; 8] = b"PALISADD";
/// Most bytes of an unpacked delta.
const MAX_BYTES: usize = 1 << 30;

/// Why a delta was not made or not applied.
#[derive(Debug, Error)]
pub enum DeltaError {
    /// One of the databases cannot be read.
    #[error("the database {0}")]
    Database(#[from] DatabaseError),
    /// The new database could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// It is no delta, or a damaged one.
    #[error("is no delta, or a damaged one")]
    Form,
    /// It is for another database.
    #[error("is for another database than this one")]
    Base,
    /// What it makes is not what it should: another version of this program made the database. Fetch the whole file.
    #[error("did not make the database that it should; fetch the whole file")]
    Result,
}

/// What makes a new database of an old one: the records that changed. The new one is built again from all records, so its bytes are
/// those of a full build; digests are checked on both sides.
#[derive(Debug)]
pub struct Delta;

type Key = (String, String);

#[derive(Serialize, Deserialize)]
struct Changes {
    from: Digest,
    to: Digest,
    built: Timestamp,
    feeds: Vec<FeedSource>,
    gone: BTreeSet<Key>,
    /// With the feed.
    changed: Vec<(String, Advisory)>,
    kev: Option<TableFacts>,
    kev_gone: BTreeSet<Cve>,
    kev_changed: Vec<Kev>,
    epss: Option<TableFacts>,
    epss_gone: BTreeSet<Cve>,
    /// With probability and percentile in thousand-millionths.
    epss_changed: Vec<(Cve, u32, u32)>,
}

impl Delta {
    /// What has to be done to the file `old` to make it `new`.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn between(old: &[u8], new: &[u8]) -> Result<Vec<u8>, DeltaError> {
        let (before, after) = (Database::open(old)?, Database::open(new)?);
        let changes = changes(old, new, &Content::of(&before)?, &Content::of(&after)?, &after)?;
        let json = serde_json::to_vec(&changes).map_err(BuildError::Write)?;
        let mut delta = MAGIC.to_vec();
        delta.extend((json.len() as u64).to_le_bytes());
        delta.extend(packed(&json)?);
        Ok(delta)
    }

    /// The new file.
    ///
    /// # Errors
    /// When the delta is damaged, is for another database, or makes another file than it should.
    pub fn apply(old: &[u8], delta: &[u8]) -> Result<Vec<u8>, DeltaError> {
        let (length, packed) = delta
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.split_first_chunk::<8>())
            .ok_or(DeltaError::Form)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok().filter(|length| *length <= MAX_BYTES);
        let json = unpack(packed, length.ok_or(DeltaError::Form)?).map_err(|_| DeltaError::Form)?;
        let changes: Changes = serde_json::from_slice(&json).map_err(|_| DeltaError::Form)?;
        if Digest::of(old) != changes.from {
            return Err(DeltaError::Base);
        }
        let (built, to) = (changes.built, changes.to);
        let new = Content::of(&Database::open(old)?)?.changed(changes)?.build(built)?;
        if Digest::of(&new) == to { Ok(new) } else { Err(DeltaError::Result) }
    }
}

/// All that a database holds.
struct Content {
    records: BTreeMap<Key, Advisory>,
    kev: BTreeMap<Cve, Kev>,
    epss: BTreeMap<Cve, EpssScore>,
}

impl Content {
    fn of(database: &Database<'_>) -> Result<Self, DatabaseError> {
        let mut records = BTreeMap::new();
        for advisory in database.advisories() {
            let (feed, advisory) = advisory?;
            records.insert((advisory.id.clone(), feed.to_owned()), advisory);
        }
        let kev = database.all_kev().map(|kev| kev.map(|kev| (kev.cve, kev))).collect::<Result<_, _>>()?;
        Ok(Self { records, kev, epss: database.all_epss().collect::<Result<_, _>>()? })
    }

    fn changed(mut self, changes: Changes) -> Result<Builder, BuildError> {
        let mut builder = Builder::new();
        for feed in changes.feeds {
            builder.feed(feed);
        }
        for key in &changes.gone {
            self.records.remove(key);
        }
        for (feed, advisory) in changes.changed {
            self.records.insert((advisory.id.clone(), feed), advisory);
        }
        for ((_, feed), advisory) in &self.records {
            builder.add(feed, advisory)?;
        }
        if let Some(facts) = changes.kev {
            self.kev.retain(|cve, _| !changes.kev_gone.contains(cve));
            self.kev.extend(changes.kev_changed.into_iter().map(|kev| (kev.cve, kev)));
            builder.kev(KevCatalog { version: facts.version, released: facts.time, entries: self.kev });
        }
        if let Some(facts) = changes.epss {
            self.epss.retain(|cve, _| !changes.epss_gone.contains(cve));
            let score = |probability, percentile| EpssScore {
                probability: Share(probability),
                percentile: Share(percentile),
            };
            let changed = changes.epss_changed.into_iter();
            self.epss
                .extend(changed.map(|(cve, probability, percentile)| (cve, score(probability, percentile))));
            builder.epss(EpssScores { model: facts.version, date: facts.time, scores: self.epss });
        }
        Ok(builder)
    }
}

fn changes(
    old: &[u8],
    new: &[u8],
    before: &Content,
    after: &Content,
    database: &Database<'_>,
) -> Result<Changes, DeltaError> {
    let (gone, changed) = differences(&before.records, &after.records);
    let (kev_gone, kev_changed) = differences(&before.kev, &after.kev);
    let (epss_gone, epss_changed) = differences(&before.epss, &after.epss);
    let scores = epss_changed.into_iter();
    Ok(Changes {
        from: Digest::of(old),
        to: Digest::of(new),
        built: database.built(),
        feeds: database.feeds().iter().map(|facts| facts.feed.clone()).collect(),
        gone,
        changed: changed.into_iter().map(|((_, feed), advisory)| (feed, advisory)).collect(),
        kev: database.kev_facts().cloned(),
        kev_gone,
        kev_changed: kev_changed.into_iter().map(|(_, kev)| kev).collect(),
        epss: database.epss_facts().cloned(),
        epss_gone,
        epss_changed: scores
            .map(|(cve, score)| (cve, score.probability.billionths(), score.percentile.billionths()))
            .collect(),
    })
}

/// The keys that are gone, and what is new or another.
fn differences<K: Ord + Clone, V: PartialEq + Clone>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> (BTreeSet<K>, Vec<(K, V)>) {
    let gone = before.keys().filter(|key| !after.contains_key(key)).cloned().collect();
    let changed = after.iter().filter(|(key, value)| before.get(key) != Some(value));
    (gone, changed.map(|(key, value)| (key.clone(), value.clone())).collect())
}
