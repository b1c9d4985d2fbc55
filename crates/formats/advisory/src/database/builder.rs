use std::collections::BTreeMap;

use palisade_model::Timestamp;
use thiserror::Error;

use super::aliases::Aliases;
use super::feed::{Facts, FeedFacts, FeedSource, TableFacts};
use super::layout::file;
use super::record::MAX_BLOCK;
use super::sections::{BLOCK, Sections};
use crate::advisory::Advisory;
use crate::exploited::{EpssScores, KevCatalog};

/// Why no database was built.
#[derive(Debug, Error)]
pub enum BuildError {
    /// A record names a feed that was not told of.
    #[error("record {id} belongs to the feed `{feed}`, which was not added")]
    UnknownFeed {
        /// The record.
        id: String,
        /// The feed.
        feed: String,
    },
    /// A record is too large.
    #[error("record {0} is larger than 64 MiB")]
    RecordTooLarge(String),
    /// A table outgrew its numbers.
    #[error("the database has over 4 GiB of {0}")]
    TooLarge(&'static str),
    /// A value could not be written.
    #[error("a record could not be written: {0}")]
    Write(#[from] serde_json::Error),
    /// The compressor failed.
    #[error("a block could not be compressed: {0}")]
    Compress(#[from] std::io::Error),
}

/// Collects records and compiles them. What it builds depends on what was added, not on the order.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    feeds: BTreeMap<String, FeedSource>,
    /// By identifier and feed.
    records: BTreeMap<(String, String), Stored>,
    kev: Option<KevCatalog>,
    epss: Option<EpssScores>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Stored {
    modified: Option<Timestamp>,
    json: Vec<u8>,
}

impl Builder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells of a feed; one of the same name is replaced.
    pub fn feed(&mut self, feed: FeedSource) -> &mut Self {
        self.feeds.insert(feed.name.clone(), feed);
        self
    }

    /// Adds a record of the feed called `feed`. Of several with one identifier in one feed, the one that was changed last stays.
    ///
    /// # Errors
    /// When the feed was not told of, or the record is too large.
    pub fn add(&mut self, feed: &str, advisory: &Advisory) -> Result<(), BuildError> {
        if !self.feeds.contains_key(feed) {
            return Err(BuildError::UnknownFeed { id: advisory.id.clone(), feed: feed.to_owned() });
        }
        let stored = Stored { modified: advisory.modified, json: serde_json::to_vec(advisory)? };
        if stored.json.len() > MAX_BLOCK - BLOCK {
            return Err(BuildError::RecordTooLarge(advisory.id.clone()));
        }
        let key = (advisory.id.clone(), feed.to_owned());
        if self.records.get(&key).is_none_or(|known| *known < stored) {
            self.records.insert(key, stored);
        }
        Ok(())
    }

    /// Takes the catalogue of exploited vulnerabilities. Of several, the one that was released last stays.
    pub fn kev(&mut self, catalog: KevCatalog) -> &mut Self {
        let rank =
            |catalog: &KevCatalog| (catalog.released, catalog.version.clone(), catalog.entries.clone());
        if self.kev.as_ref().is_none_or(|known| rank(known) < rank(&catalog)) {
            self.kev = Some(catalog);
        }
        self
    }

    /// Takes scores. Of several days, the last stays.
    pub fn epss(&mut self, scores: EpssScores) -> &mut Self {
        let rank = |scores: &EpssScores| (scores.date, scores.model.clone(), scores.scores.clone());
        if self.epss.as_ref().is_none_or(|known| rank(known) < rank(&scores)) {
            self.epss = Some(scores);
        }
        self
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The file, as built at `time`.
    ///
    /// # Errors
    /// When a table outgrows 4 GiB.
    pub fn build(&self, time: Timestamp) -> Result<Vec<u8>, BuildError> {
        let mut sections = Sections::default();
        let mut aliases = Aliases::default();
        let mut facts: BTreeMap<&str, FeedFacts> = self.feeds.values().map(new_facts).collect();
        for (index, ((id, feed), stored)) in self.records.iter().enumerate() {
            let advisory: Advisory = serde_json::from_slice(&stored.json)?;
            let glued: &[String] = if advisory.withdrawn.is_some() { &[] } else { &advisory.aliases };
            aliases.add(id, glued);
            if let Some(facts) = facts.get_mut(feed.as_str()) {
                count(facts, &advisory);
            }
            sections.add_packages(
                u32::try_from(index).map_err(|_| BuildError::TooLarge("records"))?,
                &advisory,
            )?;
            sections.add_record(feed, &advisory, &stored.json)?;
        }
        sections.close_block()?;
        sections.add_exploited(self.kev.as_ref(), self.epss.as_ref())?;
        let facts = self.facts(facts.into_values().collect());
        Ok(file(time.as_second(), &sections.finish(aliases.groups(), &facts)?))
    }

    fn facts(&self, feeds: Vec<FeedFacts>) -> Facts {
        let kev = self.kev.as_ref().map(|kev| TableFacts {
            version: kev.version.clone(),
            time: kev.released,
            rows: kev.entries.len() as u64,
        });
        let epss = self.epss.as_ref().map(|epss| TableFacts {
            version: epss.model.clone(),
            time: epss.date,
            rows: epss.scores.len() as u64,
        });
        Facts { feeds, kev, epss }
    }
}

fn new_facts(feed: &FeedSource) -> (&str, FeedFacts) {
    (
        feed.name.as_str(),
        FeedFacts { feed: feed.clone(), records: 0, newest: None, packages: BTreeMap::new() },
    )
}

fn count(facts: &mut FeedFacts, advisory: &Advisory) {
    facts.records += 1;
    facts.newest = facts.newest.max(advisory.modified);
    for package in &advisory.affected {
        let base = base(&package.ecosystem);
        if facts.feed.ecosystems.iter().any(|ecosystem| ecosystem == base) {
            *facts.packages.entry(package.ecosystem.clone()).or_default() += 1;
        }
    }
}

fn base(ecosystem: &str) -> &str {
    ecosystem.split_once(':').map_or(ecosystem, |(base, _)| base)
}
