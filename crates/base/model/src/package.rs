use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Location, Purl, RepoPath};

/// Where advisories name packages, as OSV writes it: `npm`, `crates.io`, `Debian:12`, `Alpine:v3.20`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ecosystem(String);

impl Ecosystem {
    /// Takes a name over as it is written.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first colon.
    pub fn base(&self) -> &str {
        self.0.split_once(':').map_or(self.as_str(), |(base, _)| base)
    }

    /// The part after the first colon: a release, or the address of a registry.
    pub fn suffix(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, suffix)| suffix)
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a package is needed for. The order is that of urgency: what is needed in several ways counts as the first of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// It runs in production, or nothing says that it does not.
    #[default]
    Prod,
    /// The product works without it, as far as its own records say.
    Optional,
    /// Somebody else has to bring it.
    Peer,
    /// It builds the product.
    Build,
    /// It tests the product.
    Test,
    /// It serves developers.
    Dev,
}

impl Scope {
    /// The kebab-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prod => "prod",
            Self::Optional => "optional",
            Self::Peer => "peer",
            Self::Build => "build",
            Self::Test => "test",
            Self::Dev => "dev",
        }
    }
}

/// Who asks for a package.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The project itself, maybe among others.
    Direct,
    /// Other packages only.
    Transitive,
    /// The record does not say.
    #[default]
    Unknown,
}

/// Where a package comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum PackageOrigin {
    /// The ecosystem's usual registry, or nothing is said.
    #[default]
    Default,
    /// A registry or index that the record names.
    Registry {
        /// Its address, or that of the file in it; without credentials.
        url: String,
    },
    /// A repository.
    Git {
        /// Its address, without credentials.
        url: String,
        /// The commit, when the record pins one.
        commit: Option<String>,
    },
    /// A file at an address.
    Url {
        /// The address, without credentials.
        url: String,
    },
    /// The project itself, or a folder or file beside it: no registry knows it.
    Local {
        /// The path as written.
        path: String,
    },
}

/// How sure it is that a package is in the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageEvidence {
    /// A record of what is installed.
    Installed,
    /// A lockfile: exactly this version will be installed.
    Locked,
    /// A manifest: the version is what it asks for.
    Declared,
    /// A compiled program tells it.
    Binary,
}

/// What speaks against the place that a record takes a package from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Displaced {
    /// Those that ask for it ask a registry, and this is another place.
    Asked,
    /// Most others of the record come from another registry, and no manifest names this one.
    Alone,
}

/// The package of a distribution that a package was built from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourcePackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A digest that a record gives of a package's file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PackageHash {
    /// The algorithm as CycloneDX writes it: `SHA-256`, `SHA-512`, `SHA-1`, `MD5`, `BLAKE2b-256`.
    pub algorithm: String,
    /// Lower-case hexadecimal digits.
    pub value: String,
}

/// One package, as one record tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its address, names normalised by the type's own rules, with the version if it is known.
    pub purl: Purl,
    /// Its name as the record writes it.
    pub name: String,
    /// Its exact version as the record writes it; none when the record does not pin one, and then `wanted` says what it asks for.
    pub version: Option<String>,
    /// The range that is asked for, as written, when no version is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// The advisories' name of its ecosystem; none when no public advisories know such packages.
    pub ecosystem: Option<Ecosystem>,
    /// What it was built from, in distributions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePackage>,
    /// Where it comes from.
    #[serde(default)]
    pub origin: PackageOrigin,
    /// What it is needed for.
    #[serde(default)]
    pub scope: Scope,
    /// Who asks for it.
    #[serde(default)]
    pub relation: Relation,
    /// What it needs: indexes into the packages of the same record, sorted, without repetition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<u32>,
    /// The first line that tells of it, from 1; 0 in a record without lines.
    pub line: u32,
    /// Digests of its file, as the record gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<PackageHash>,
    /// Its names in the dictionary of NIST (CPE), as a bill of materials gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cpes: Vec<String>,
    /// Licences as declared, in SPDX expressions where they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<String>,
    /// How sure it is that it is in the product.
    pub evidence: PackageEvidence,
    /// The layer of an image that brought it, where that is another than the record's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// Whether installing it runs code of its own, as far as the record says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub runs_on_install: bool,
    /// Why it may be that somebody edited the record to take it from elsewhere. Advisories are asked about it by its name and version all
    /// the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub displaced: Option<Displaced>,
}

impl Package {
    /// A package of which nothing is known but its address, its name and how it was met.
    pub fn new(purl: Purl, name: impl Into<String>, evidence: PackageEvidence) -> Self {
        Self {
            version: purl.version().map(str::to_owned),
            purl,
            name: name.into(),
            wanted: None,
            ecosystem: None,
            source: None,
            origin: PackageOrigin::Default,
            scope: Scope::Prod,
            relation: Relation::Unknown,
            dependencies: Vec::new(),
            line: 0,
            hashes: Vec::new(),
            cpes: Vec::new(),
            licences: Vec::new(),
            evidence,
            layer: None,
            runs_on_install: false,
            displaced: None,
        }
    }
}

/// Something in a record that could not be read. It takes packages from the inventory, so it is a blocking gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReadingProblem {
    /// The line, from 1; none for the whole record.
    pub line: Option<u32>,
    /// What is wrong, lower-case, no final stop, no secret.
    pub detail: String,
}

impl fmt::Display for ReadingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.detail),
            None => f.write_str(&self.detail),
        }
    }
}

/// What one record tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// In the order of the record.
    pub packages: Vec<Package>,
    /// What could not be read.
    pub problems: Vec<ReadingProblem>,
}

/// The layer of an image that brought something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Layer {
    /// Its place in the image, from 0.
    pub index: u32,
    /// The digest of its uncompressed content.
    pub diff_id: String,
    /// The instruction that made it, as the image's history tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
}

/// A record of packages and what it tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryFile {
    /// Where it lies.
    pub path: RepoPath,
    /// The way into it when it lies in an archive; see [`Location::members`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The format's name, such as `cargo-lock`.
    pub format: String,
    /// The layer that it was last changed in, when an image was scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// The package of a distribution that brought the record, as its own record names it, when an image was scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Purl>,
    /// Its packages.
    pub packages: Vec<Package>,
}

impl InventoryFile {
    /// The path as it is shown; see [`Location::display_path`].
    pub fn display_path(&self) -> String {
        Location::display_path_of(&self.path, &self.members)
    }
}

/// Everything that was found to be in a product, by record, sorted by place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// The records.
    pub files: Vec<InventoryFile>,
}

impl Inventory {
    /// Every package with its record, in order.
    pub fn packages(&self) -> impl Iterator<Item = (&InventoryFile, &Package)> {
        self.files.iter().flat_map(|file| file.packages.iter().map(move |package| (file, package)))
    }
}
