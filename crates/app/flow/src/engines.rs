//! Which engines there are, and what the one for dependencies is told.

use std::io;
use std::path::PathBuf;

use palisade_advisory::Database;
use palisade_deps::{Advisories, DepsEngine, DepsSetting, LicenceRules};
use palisade_model::Timestamp;
use palisade_pipeline::Licences;
use palisade_rulefile::RuleFile;
use palisade_sbom::licence::{Expression, check_entry};
use palisade_sys::MappedFile;
use serde::{Deserialize, Serialize};

use crate::advisories::{oldest_feed, usable_database};
use crate::worker::{RuleTexts, ShippedRules};
use crate::{Context, FlowError};

/// A scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineName {
    /// Looks for packages, and for what is wrong with them.
    Deps,
    /// Looks at the configuration and permissions of container images.
    Image,
    /// Looks for leaked secrets.
    Secrets,
}

impl EngineName {
    /// All of them, by name.
    pub const ALL: &[Self] = &[Self::Deps, Self::Image, Self::Secrets];

    /// The name, as in policies and results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deps => "deps",
            Self::Image => "image",
            Self::Secrets => "secrets",
        }
    }
}

/// Everything that decides what the engine for dependencies says, besides entries and rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DepsRequest {
    /// The file with the advisories, or why there is none and what mends it; none when they are not asked.
    database: Option<Result<PathBuf, String>>,
    /// Feeds that were taken before are stale.
    oldest: Timestamp,
    allow: Vec<String>,
    deny: Vec<String>,
}

impl DepsRequest {
    /// With the database in use, or the reason for none, under what policy says of licences. Fails when policy names one that nothing
    /// can have.
    pub(crate) fn new(context: &Context, licences: &Licences) -> Result<Self, FlowError> {
        let (database, oldest) = (Some(usable_database(context)), oldest_feed(context));
        let allow: Vec<String> = licences.allow.iter().flatten().cloned().collect();
        let deny: Vec<String> = licences.deny.iter().cloned().collect();
        allow.iter().chain(&deny).try_for_each(|name| require_licence(name))?;
        Ok(Self { database, oldest, allow, deny })
    }

    /// The packages alone are wanted.
    pub(crate) fn of_packages() -> Self {
        Self { database: None, oldest: Timestamp::default(), allow: Vec::new(), deny: Vec::new() }
    }

    /// The database as memory; to be called while files can still be opened.
    pub(crate) fn map(&self) -> io::Result<Option<MappedFile>> {
        self.database
            .as_ref()
            .and_then(|database| database.as_ref().ok())
            .map(|path| MappedFile::open(path))
            .transpose()
    }

    /// Builds the engine; with rules of ours it fails by our fault only.
    pub(crate) fn engine<'d>(
        &self,
        shipped: &ShippedRules,
        salt: &[u8],
        database: Option<&'d [u8]>,
    ) -> io::Result<DepsEngine<'d>> {
        let advisories = match (&self.database, database.map(Database::open)) {
            (None, _) => Advisories::NotAsked,
            (_, Some(Ok(database))) => Advisories::Known { database, oldest: self.oldest },
            (_, Some(Err(error))) => {
                Advisories::Missing(format!("the database of advisories {error}; run `palisade db update`"))
            }
            (Some(missing), None) => Advisories::Missing(missing.clone().err().unwrap_or_default()),
        };
        let setting = DepsSetting {
            salt: salt.to_vec(),
            advisories,
            licences: LicenceRules { allow: self.allow.clone(), deny: self.deny.clone() },
        };
        DepsEngine::new(parsed(&shipped.deps)?, setting).map_err(io::Error::other)
    }
}

/// An entry that matches nothing is a typing error, and among what is denied it would let everything pass.
fn require_licence(name: &str) -> Result<(), FlowError> {
    let Err(error) = check_entry(name) else { return Ok(()) };
    let meant = Expression::of_declared(name).ok();
    let hint = match meant.as_ref().and_then(Expression::single) {
        Some(licence) => format!("SPDX calls it `{licence}`"),
        None => {
            "name one licence as SPDX does, such as `GPL-3.0-only`, or the beginning of several, as `GPL-*`"
                .to_owned()
        }
    };
    Err(FlowError::usage_with_hint(format!("the policy's `licences`: {error}"), hint))
}

/// Rules of ours; with a bad one it is our fault.
pub(crate) fn parsed(texts: &RuleTexts) -> io::Result<Vec<RuleFile>> {
    let rules = texts.iter().map(|(name, text)| {
        let (rule, problems) = RuleFile::parse(name, text);
        rule.ok_or_else(|| io::Error::other(format!("rule {name}: {problems:?}")))
    });
    rules.collect()
}
