//! Rust: Cargo's lockfile and manifest. What programs built with `cargo auditable` tell is read with the other binaries.

mod cargo_lock;
mod cargo_toml;
mod links;

use palisade_model::{PackageEvidence, PackageOrigin, Purl};

use crate::facts::{clean_url, git_at, with_origin};
use crate::format::Format;
use crate::sheet::{Added, Sheet};
use crate::text::file_name;

pub(crate) use cargo_toml::Manifest;
pub(crate) use links::link;

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "cargo-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "Cargo.lock",
        read: Some(cargo_lock::read),
    },
    Format {
        name: "cargo-toml",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "Cargo.toml",
        read: Some(cargo_toml::read),
    },
    Format {
        name: "cargo-config",
        evidence: PackageEvidence::Declared,
        recognises: |path| {
            // Older projects have it without an ending, and Cargo prefers that one.
            let folder = path.strip_suffix("/config.toml").or_else(|| path.strip_suffix("/config"));
            folder.is_some_and(|folder| file_name(folder) == ".cargo")
        },
        read: Some(cargo_toml::read_config),
    },
];

/// What OSV calls the ecosystem.
pub(crate) const ECOSYSTEM: &str = "crates.io";

/// Addresses of the index of crates.io, in the forms of lockfiles.
const CRATES_IO: [&str; 3] = [
    "registry+https://github.com/rust-lang/crates.io-index",
    "registry+https://index.crates.io",
    "sparse+https://index.crates.io",
];

/// Adds a crate, or finds it again.
pub(crate) fn put<'s>(
    sheet: &'s mut Sheet,
    line: u32,
    name: &str,
    version: Option<&str>,
    origin: PackageOrigin,
) -> Option<Added<'s>> {
    let purl = Purl::new("cargo", None, name, version).map(|purl| with_origin(purl, &origin));
    let ecosystem = (!matches!(origin, PackageOrigin::Local { .. })).then_some(ECOSYSTEM);
    let added = sheet.add_as(line, purl, name, ecosystem)?;
    added.package.origin = origin;
    Some(added)
}

/// What Cargo writes as the source of a package; none is a folder of the project.
fn source(text: Option<&str>) -> PackageOrigin {
    let Some(text) = text else { return PackageOrigin::Local { path: String::new() } };
    if CRATES_IO.contains(&text.trim_end_matches('/')) {
        return PackageOrigin::Default;
    }
    if let Some(address) = text.strip_prefix("git+") {
        let (url, commit) = address.split_once('#').unwrap_or((address, ""));
        return git_at(url, Some(commit));
    }
    if let Some(path) = text.strip_prefix("path+") {
        return PackageOrigin::Local { path: path.to_owned() };
    }
    let url = text.strip_prefix("registry+").or_else(|| text.strip_prefix("sparse+")).unwrap_or(text);
    PackageOrigin::Registry { url: clean_url(url) }
}
