use std::collections::BTreeMap;

use palisade_model::{Severity, Timestamp};
use serde::{Deserialize, Serialize};

use crate::cvss::{Cvss, CvssError};

/// One record of an advisory database, whatever format it came in. The words are those of OSV 1.7.5.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// The identifier, unique in its database: `GHSA-...`, `RUSTSEC-2021-0001`.
    pub id: String,
    /// What it warns of.
    #[serde(default)]
    pub kind: AdvisoryKind,
    /// When it was last changed, if that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
    /// When it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Timestamp>,
    /// When it was taken back. A record that was taken back matches nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
    /// The same thing in other databases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What a distribution's record is about: never the same thing, as one such record covers several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<String>,
    /// What is worth reading too: never the same thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<String>,
    /// One line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
    /// How bad it is, by everyone who says so, for all packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ratings: Vec<Rating>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<AffectedPackage>,
    /// Where to read on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Weaknesses, `CWE-79`, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cwes: Vec<String>,
}

impl Advisory {
    /// Whether it tells of a package made to do harm.
    pub fn is_malicious(&self) -> bool {
        self.kind == AdvisoryKind::Malicious
    }
}

/// What a record warns of. The order is that of urgency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdvisoryKind {
    /// The package does harm on purpose.
    Malicious,
    /// The package can be abused.
    #[default]
    Vulnerability,
    /// The package has a hole in what its language promises, without a known way to abuse it (RustSec).
    Unsound,
    /// Nobody looks after the package (RustSec).
    Unmaintained,
    /// Something else worth knowing (RustSec).
    Notice,
}

impl AdvisoryKind {
    /// Every kind.
    pub const ALL: &[Self] =
        &[Self::Malicious, Self::Vulnerability, Self::Unsound, Self::Unmaintained, Self::Notice];

    /// The kebab-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malicious => "malicious",
            Self::Vulnerability => "vulnerability",
            Self::Unsound => "unsound",
            Self::Unmaintained => "unmaintained",
            Self::Notice => "notice",
        }
    }
}

/// How bad something is, in somebody's words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rating {
    /// `CVSS_V2`, `CVSS_V3`, `CVSS_V4`, `Ubuntu` as in OSV; `severity` or `urgency` for a word of the database itself.
    pub scale: String,
    /// A CVSS vector, or a word.
    pub value: String,
    /// Who says it: the database, by the letters its identifiers begin with, or the source that the record names.
    pub by: String,
}

impl Rating {
    /// The vector, when it is one; none for words.
    pub fn cvss(&self) -> Option<Result<Cvss, CvssError>> {
        self.scale.starts_with("CVSS_").then(|| Cvss::parse(&self.value))
    }

    /// The band: that of the base score of a vector, or the meaning of a word. None when there is neither.
    pub fn severity(&self) -> Option<Severity> {
        match self.cvss() {
            Some(vector) => Some(vector.ok()?.severity()),
            None => severity_word(&self.value),
        }
    }
}

/// The words that GitHub, Ubuntu, Debian, Alpine and Red Hat use.
fn severity_word(word: &str) -> Option<Severity> {
    match word.to_ascii_lowercase().as_str() {
        "critical" => Some(Severity::Critical),
        "high" | "important" => Some(Severity::High),
        "moderate" | "medium" => Some(Severity::Medium),
        "low" => Some(Severity::Low),
        "negligible" | "unimportant" | "none" | "minimal" => Some(Severity::Info),
        _ => None,
    }
}

/// One package that a record is about, and which of its versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffectedPackage {
    /// The ecosystem as the record writes it, with its suffix; empty when the record names only repositories.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ecosystem: String,
    /// The name as the record writes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The package address, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// Ranges of affected versions; a version in any of them is affected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Range>,
    /// Affected versions one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// How bad it is in this package; takes the place of the record's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ratings: Vec<Rating>,
    /// What some ecosystems tell beyond versions.
    #[serde(default, skip_serializing_if = "Specifics::is_empty")]
    pub specifics: Specifics,
}

/// What the versions of a range are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RangeKind {
    /// Semantic versions.
    #[serde(rename = "SEMVER")]
    Semver,
    /// Versions in the ecosystem's own order.
    #[serde(rename = "ECOSYSTEM")]
    Ecosystem,
    /// Commits.
    #[serde(rename = "GIT")]
    Git,
    /// A kind that is not known here, or a range that could not be read: nothing can be said of it.
    #[serde(untagged)]
    Other(String),
}

/// A range, told by what happened along the line of versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// What its versions are.
    #[serde(rename = "type")]
    pub kind: RangeKind,
    /// The repository, for commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// In the order of the record, which means nothing.
    pub events: Vec<Event>,
}

/// Something that happened along the line of versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Affected from here on; `0` is before everything.
    Introduced(String),
    /// No longer affected from here on.
    Fixed(String),
    /// No longer affected after this one.
    LastAffected(String),
    /// The record says nothing from here on; `*` is no limit.
    Limit(String),
}

impl Event {
    /// The version or commit.
    pub fn version(&self) -> &str {
        match self {
            Self::Introduced(version)
            | Self::Fixed(version)
            | Self::LastAffected(version)
            | Self::Limit(version) => version,
        }
    }
}

/// What some ecosystems tell of an affected package beyond versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Specifics {
    /// Go: the packages of the module that hold it. None means all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<Import>,
    /// Go: ranges in the product's own versions, where those of the module are not known. Not used for matching.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_ranges: Vec<Range>,
    /// Rust: paths of functions that hold it, each with the requirements on versions in which it does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub functions: BTreeMap<String, Vec<String>>,
    /// Rust: only on these operating systems.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub os: Vec<String>,
    /// Rust: only on these processors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arch: Vec<String>,
    /// Rust: requirements on versions that are mended, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patched: Vec<String>,
    /// Rust: requirements on versions that never had it, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unaffected: Vec<String>,
    /// Debian: `unimportant`, `low`, `end-of-life` and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<String>,
}

impl Specifics {
    /// Whether nothing is told.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A Go package that holds a vulnerability.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its import path.
    pub path: String,
    /// Functions and methods; none means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<String>,
    /// Only on these operating systems.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goos: Vec<String>,
    /// Only on these processors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goarch: Vec<String>,
}

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// `ADVISORY`, `FIX`, `WEB` and so on, as in OSV.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its address.
    pub url: String,
}
