//! Go: modules, workspaces, vendored packages, and the lockfiles of dep and Glide. Build information in programs is read with the other
//! binaries.

mod go_mod;
mod go_sum;
mod links;
mod old;
mod old_manifests;
mod vendor;

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageOrigin, Purl};

use crate::format::Format;
use crate::sheet::{Added, Sheet};
use crate::text::file_name;

pub(crate) use links::link;

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "go-mod",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "go.mod",
        read: Some(go_mod::read),
    },
    Format {
        name: "go-sum",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "go.sum",
        read: Some(go_sum::read),
    },
    Format {
        name: "go-work",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "go.work",
        read: Some(go_mod::read_work),
    },
    Format {
        name: "go-vendor-modules",
        evidence: PackageEvidence::Locked,
        recognises: |path| path == "vendor/modules.txt" || path.ends_with("/vendor/modules.txt"),
        read: Some(vendor::read),
    },
    Format {
        name: "go-dep-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "Gopkg.lock",
        read: Some(old::read_dep),
    },
    Format {
        name: "go-glide-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "glide.lock",
        read: Some(old::read_glide),
    },
    Format {
        name: "go-dep",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "Gopkg.toml",
        read: Some(old_manifests::read_dep),
    },
    Format {
        name: "go-glide",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "glide.yaml" | "glide.yml"),
        read: Some(old_manifests::read_glide),
    },
    Format {
        name: "go-godeps",
        evidence: PackageEvidence::Locked,
        recognises: |path| path == "Godeps/Godeps.json" || path.ends_with("/Godeps/Godeps.json"),
        read: Some(old::read_godep),
    },
    Format {
        name: "go-govendor",
        evidence: PackageEvidence::Locked,
        recognises: |path| path == "vendor/vendor.json" || path.ends_with("/vendor/vendor.json"),
        read: Some(old::read_govendor),
    },
    Format {
        name: "go-pins",
        evidence: PackageEvidence::Locked,
        recognises: |path| matches!(file_name(path), "vendor.conf" | "Godeps"),
        read: Some(old::read_pins),
    },
];

/// What OSV calls the ecosystem.
pub(crate) const ECOSYSTEM: &str = "Go";

/// What a module's records keep for each other.
#[derive(Debug)]
pub(crate) enum Companion {
    Module(Module),
    Work(Work),
}

/// What a go.mod says of itself.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// Whether it lists all modules that are needed, as since Go 1.17.
    pub(crate) is_complete: bool,
    /// Modules that it asks for, with those that another one stands in for.
    pub(crate) names: BTreeSet<String>,
    /// The places of those that stand in for others.
    pub(crate) replaced: BTreeSet<u32>,
}

/// What a go.work says of the modules in it.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// Folders of the modules, from its own.
    pub(crate) uses: Vec<String>,
    pub(crate) replacements: Replacements,
}

/// What stands in for modules, by their names and versions; without a version it is for all that have no entry of their own.
pub(crate) type Replacements = BTreeMap<(String, Option<String>), Replacement>;

/// A module, or a folder when no version is given.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
}

pub(crate) fn sheet(evidence: PackageEvidence) -> Sheet {
    Sheet::new("golang", Some(ECOSYSTEM), evidence)
}

/// The address of a module.
pub(crate) fn purl(name: &str, version: Option<&str>) -> Result<Purl, palisade_model::PurlError> {
    let (namespace, last) =
        name.rsplit_once('/').map_or((None, name), |(namespace, last)| (Some(namespace), last));
    Purl::new("golang", namespace, last, version)
}

/// Adds a module, or finds it again.
pub(crate) fn put<'s>(
    sheet: &'s mut Sheet,
    line: u32,
    name: &str,
    version: Option<&str>,
    origin: PackageOrigin,
) -> Option<Added<'s>> {
    let ecosystem = (!matches!(origin, PackageOrigin::Local { .. })).then_some(ECOSYSTEM);
    let added = sheet.add_as(line, purl(name, version), name, ecosystem)?;
    added.package.origin = origin;
    Some(added)
}

/// Adds the standard library by the version of the toolchain, such as `go1.22.3` or `1.22`; versions of one's own making have none.
pub(crate) fn put_standard_library(sheet: &mut Sheet, line: u32, toolchain: &str) -> Option<u32> {
    let version = toolchain.strip_prefix("go").unwrap_or(toolchain);
    let version = version
        .split([' ', '-', '+'])
        .next()
        .filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))?;
    put(sheet, line, "stdlib", Some(version), PackageOrigin::Default).map(|added| added.index)
}

/// Whether a replacement leads to a folder.
fn is_folder(path: &str) -> bool {
    path.starts_with("./")
        || path.starts_with("../")
        || path.starts_with('/')
        || matches!(path, "." | "..")
        || path.get(1..3).is_some_and(|drive| drive == ":\\" || drive == ":/")
}
