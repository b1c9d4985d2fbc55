//! Python: pip, Pipenv, Poetry, PDM, uv, the standard lockfile, setuptools, Conda, and installed distributions.

mod conda;
mod conda_lock;
mod conda_recipe;
mod installed;
mod links;
mod packed;
mod pdm_lock;
mod pipenv;
mod poetry_lock;
mod pylock;
mod pyproject;
mod requirement;
mod requirements;
mod setup_cfg;
mod setup_py;
mod uv_lock;

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Scope};

use crate::facts::{clean_url, with_origin};
use crate::format::{Format, Parsed};
use crate::record;
use crate::sheet::{Added, Sheet};
use crate::text::file_name;

pub(crate) use links::link;
pub(crate) use packed::{is_packed, read_packed};

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "pip-requirements-in",
        evidence: PackageEvidence::Declared,
        recognises: |path| requirements::is_one(path, ".in"),
        read: Some(requirements::read),
    },
    Format {
        name: "pip-requirements",
        evidence: PackageEvidence::Declared,
        // Rye calls what it pins `requirements.lock`, some `requirements.frozen`.
        recognises: |path| {
            [".txt", ".frozen"].iter().any(|ending| requirements::is_one(path, ending))
                || matches!(file_name(path), "requirements.lock" | "requirements-dev.lock")
        },
        read: Some(requirements::read),
    },
    Format {
        name: "pipfile-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "Pipfile.lock",
        read: Some(pipenv::read_lock),
    },
    Format {
        name: "pipfile",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "Pipfile",
        read: Some(pipenv::read_pipfile),
    },
    Format {
        name: "poetry-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "poetry.lock",
        read: Some(poetry_lock::read),
    },
    Format {
        name: "pdm-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| {
            let name = file_name(path);
            name == "pdm.lock" || (name.starts_with("pdm.") && name.ends_with(".lock"))
        },
        read: Some(pdm_lock::read),
    },
    Format {
        name: "uv-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "uv.lock" || path.ends_with(".py.lock"),
        read: Some(uv_lock::read),
    },
    Format {
        name: "pylock",
        evidence: PackageEvidence::Locked,
        recognises: |path| {
            let name = file_name(path);
            name == "pylock.toml" || (name.starts_with("pylock.") && name.ends_with(".toml"))
        },
        read: Some(pylock::read),
    },
    Format {
        name: "pyproject",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "pyproject.toml",
        read: Some(pyproject::read),
    },
    Format {
        name: "uv-settings",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "uv.toml",
        read: Some(pyproject::read_uv_settings),
    },
    Format {
        name: "setup-cfg",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "setup.cfg",
        read: Some(setup_cfg::read),
    },
    Format {
        name: "setup-py",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "setup.py",
        read: Some(setup_py::read),
    },
    Format {
        name: "conda-meta",
        evidence: PackageEvidence::Installed,
        recognises: |path| {
            let mut parts = path.rsplit('/');
            parts.next().is_some_and(|name| name.ends_with(".json")) && parts.next() == Some("conda-meta")
        },
        read: Some(conda::read_meta),
    },
    Format {
        name: "conda-environment",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "environment.yml" | "environment.yaml"),
        read: Some(conda::read_environment),
    },
    Format {
        name: "python-distribution",
        evidence: PackageEvidence::Installed,
        recognises: installed::is_one,
        read: Some(installed::read),
    },
    Format {
        name: "conda-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| matches!(file_name(path), "conda-lock.yml" | "conda-lock.yaml"),
        read: Some(conda_lock::read),
    },
    Format {
        name: "conda-recipe",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "meta.yaml" | "recipe.yaml"),
        read: Some(conda_recipe::read),
    },
    Format {
        name: "pixi-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "pixi.lock",
        read: Some(conda_lock::read_pixi),
    },
];

/// What OSV calls the ecosystem.
const ECOSYSTEM: &str = "PyPI";

/// What the family's records keep for each other.
#[derive(Debug)]
pub(crate) enum Companion {
    Manifest(Manifest),
    Lock(Lock),
}

/// What a project asks for: normalised names and what for.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    pub(crate) requests: BTreeMap<String, Scope>,
    /// What it says apart to come from elsewhere, by normalised names.
    pub(crate) elsewhere: BTreeSet<String>,
    /// The indexes that it names.
    pub(crate) indexes: Vec<NamedIndex>,
    /// What its users may ask for besides.
    pub(crate) extras: BTreeSet<String>,
}

/// A place that packages may come from, as a record names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedIndex {
    pub(crate) line: u32,
    /// Its address without credentials, or a host alone.
    pub(crate) url: String,
    /// Whether who answers is believed without a certificate.
    pub(crate) is_trusted: bool,
}

impl NamedIndex {
    fn of(line: u32, url: &str) -> Self {
        Self { line, url: clean_url(url), is_trusted: false }
    }
}

/// What a lockfile says for the manifests around it.
#[derive(Debug, Default)]
pub(crate) struct Lock {
    /// Folders below its own whose manifests it covers.
    pub(crate) covers: BTreeSet<String>,
    pub(crate) knows_direct: bool,
    pub(crate) knows_scopes: bool,
    /// The packages that are of groups, by index; extras of the manifest are among them.
    pub(crate) groups: BTreeMap<u32, BTreeSet<String>>,
}

fn sheet(evidence: PackageEvidence) -> Sheet {
    Sheet::new("pypi", Some(ECOSYSTEM), evidence)
}

/// A name as all ways to write it are compared (PEP 503).
pub(crate) fn normalised(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if text.ends_with('-') => {}
            '-' | '_' | '.' => text.push('-'),
            other => text.push(other.to_ascii_lowercase()),
        }
    }
    text
}

/// Adds a distribution, or finds it again.
fn put<'s>(
    sheet: &'s mut Sheet,
    line: u32,
    name: &str,
    version: Option<&str>,
    origin: PackageOrigin,
) -> Option<Added<'s>> {
    let purl = Purl::new("pypi", None, &normalised(name), version).map(|purl| with_origin(purl, &origin));
    let ecosystem = (!matches!(origin, PackageOrigin::Local { .. })).then_some(ECOSYSTEM);
    let added = sheet.add_as(line, purl, name, ecosystem)?;
    added.package.origin = origin;
    Some(added)
}

/// Adds the project itself, which no index knows.
fn put_itself(sheet: &mut Sheet, line: u32, name: &str, version: &str) -> Option<u32> {
    let mut added = put(sheet, line, name, Some(version), PackageOrigin::Local { path: String::new() })?;
    added.direct();
    Some(added.index)
}

/// A package index by its address.
fn index(url: &str) -> PackageOrigin {
    let url = clean_url(url);
    match url.trim_end_matches('/') {
        "https://pypi.org/simple" | "https://pypi.python.org/simple" | "https://pypi.org" => {
            PackageOrigin::Default
        }
        other => PackageOrigin::Registry { url: other.to_owned() },
    }
}

/// A manifest, read.
fn declared(sheet: Sheet, manifest: Manifest) -> Parsed {
    (sheet.done(), Some(record::Companion::Python(Companion::Manifest(manifest))))
}

/// Versions of one package in one record that others are connected to; forks for platforms make two or three.
const MAX_VERSIONS: usize = 32;

/// The indexes of each normalised name.
fn by_name(packages: &[palisade_model::Package]) -> BTreeMap<String, Vec<u32>> {
    let mut names: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (index, package) in (0..).zip(packages) {
        let named = names.entry(normalised(&package.name)).or_default();
        if named.len() < MAX_VERSIONS {
            named.push(index);
        }
    }
    names
}

/// What a group of dependencies of this name is for, by custom.
fn group_scope(group: &str) -> Scope {
    match group {
        "default" | "main" | "" => Scope::Prod,
        "test" | "tests" | "testing" => Scope::Test,
        _ => Scope::Dev,
    }
}

/// The packages of a lockfile that need others by name, connected.
fn connect(packages: &mut [palisade_model::Package], needs: &[(u32, Vec<String>)]) {
    let names = by_name(packages);
    for (from, wanted) in needs {
        let targets = wanted.iter().filter_map(|name| names.get(&normalised(name))).flatten();
        if let Some(package) = packages.get_mut(*from as usize) {
            package.dependencies.extend(targets.filter(|target| *target != from));
            package.dependencies.sort_unstable();
            package.dependencies.dedup();
        }
    }
}
