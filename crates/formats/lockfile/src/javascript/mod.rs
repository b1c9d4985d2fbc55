//! JavaScript: npm, Yarn, pnpm, Bun, Deno, Bower and LibMan.

mod asked;
mod bower;
mod bun_lock;
mod deno_json;
mod deno_lock;
mod file;
mod libman;
mod links;
mod npm_lock;
mod package_json;
mod pnpm_lock;
mod request;
mod yarn_berry;
mod yarn_classic;

use std::collections::BTreeSet;

use palisade_model::{Package, PackageEvidence, PackageOrigin, Purl, PurlError};

use self::file::{File, usual_url};
use crate::facts::{git, is_git, with_origin};
use crate::folders::joined;
use crate::format::Format;
use crate::graph::Limits;
use crate::sheet::{Added, Sheet};
use crate::text::file_name;

pub(crate) use links::link;
pub(crate) use package_json::Manifest;

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "npm-package-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| matches!(file_name(path), "package-lock.json" | "npm-shrinkwrap.json"),
        read: Some(npm_lock::read),
    },
    Format {
        name: "npm-hidden-lock",
        evidence: PackageEvidence::Installed,
        recognises: |path| is_at(path, "node_modules/.package-lock.json"),
        read: Some(npm_lock::read_installed),
    },
    Format {
        name: "yarn-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "yarn.lock",
        read: Some(yarn_classic::read_either),
    },
    Format {
        name: "pnpm-installed-lock",
        evidence: PackageEvidence::Installed,
        recognises: |path| is_at(path, "node_modules/.pnpm/lock.yaml"),
        read: Some(pnpm_lock::read_installed),
    },
    Format {
        name: "pnpm-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| {
            let name = file_name(path);
            name == "pnpm-lock.yaml" || (name.starts_with("pnpm-lock.") && name.ends_with(".yaml"))
        },
        read: Some(pnpm_lock::read),
    },
    Format {
        name: "bun-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "bun.lock",
        read: Some(bun_lock::read),
    },
    Format {
        name: "deno-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "deno.lock",
        read: Some(deno_lock::read),
    },
    Format {
        name: "deno-json",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "deno.json" | "deno.jsonc"),
        read: Some(deno_json::read),
    },
    Format {
        name: "npm-installed-package",
        evidence: PackageEvidence::Installed,
        recognises: package_json::is_installed,
        read: Some(package_json::read_installed),
    },
    Format {
        name: "package-json",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "package.json",
        read: Some(package_json::read),
    },
    Format {
        name: "pnpm-workspace",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "pnpm-workspace.yaml",
        read: Some(package_json::read_catalogs),
    },
    Format {
        name: "yarn-settings",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == ".yarnrc.yml",
        read: Some(package_json::read_catalogs),
    },
    Format {
        name: "bun-binary-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "bun.lockb",
        read: None,
    },
    Format {
        name: "pnpm-shrinkwrap",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "shrinkwrap.yaml",
        read: Some(pnpm_lock::read),
    },
    Format {
        name: "bower",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "bower.json" | ".bower.json"),
        read: Some(bower::read),
    },
    Format {
        name: "libman",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "libman.json",
        read: Some(libman::read),
    },
    Format {
        name: "vscode-extension",
        evidence: PackageEvidence::Installed,
        recognises: |path| path.ends_with(".vsix"),
        read: None,
    },
    Format {
        name: "chrome-extension",
        evidence: PackageEvidence::Installed,
        recognises: |path| {
            path.ends_with(".crx") || (path.contains("/Extensions/") && file_name(path) == "manifest.json")
        },
        read: None,
    },
];

/// What yarn.lock is where a later version than the first has written it: its name is the same.
pub(crate) static YARN_BERRY: Format = Format {
    name: "yarn-berry-lock",
    evidence: PackageEvidence::Locked,
    recognises: |_| false,
    read: Some(yarn_classic::read_either),
};

/// What a lockfile keeps for the manifests that lie around it.
#[derive(Debug, Default)]
pub(crate) struct Lock {
    /// Names, with the range they are asked for by (`name@range`) or alone, and the package that each one got.
    pub(crate) requests: std::collections::BTreeMap<String, u32>,
    /// Folders of the project whose manifests it covers, from its own folder; empty for that folder.
    pub(crate) covers: BTreeSet<String>,
    /// Folders that are packages of it, because the project asks for them by their place.
    pub(crate) folders: BTreeSet<String>,
    /// Whether it says itself what the project asks for.
    pub(crate) knows_direct: bool,
    /// Whether it says itself what each package is for.
    pub(crate) knows_scopes: bool,
    /// Workspaces among its packages, and edges to what is optional.
    pub(crate) limits: Limits,
    /// Whether Yarn 2 or later has written it.
    pub(crate) is_berry: bool,
}

/// What the family's records keep for each other.
#[derive(Debug)]
pub(crate) enum Companion {
    Manifest(Manifest),
    Lock(Lock),
}

fn is_at(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// Needs of a record that are looked up in folders; the largest monorepos have a tenth of it.
const MAX_NEEDS: usize = 500_000;
/// Folders above one that are searched for a package.
const MAX_CLIMB: usize = 32;

/// Tells when nothing is left of [`MAX_NEEDS`].
fn note_limit(sheet: &mut Sheet, left: usize) {
    if left == 0 {
        sheet.problem(0, "there are more needs than are looked up");
    }
}

/// What OSV calls the ecosystem.
const ECOSYSTEM: &str = "npm";

/// Where packages come from when nothing else is said.
const REGISTRIES: [&str; 2] = ["https://registry.npmjs.org/", "https://registry.yarnpkg.com/"];

fn sheet(evidence: PackageEvidence) -> Sheet {
    Sheet::new("npm", Some(ECOSYSTEM), evidence)
}

/// The address of an npm package.
fn purl(name: &str, version: Option<&str>) -> Result<Purl, PurlError> {
    let scoped = name.strip_prefix('@').and_then(|_| name.split_once('/'));
    let (scope, last) = scoped.map_or((None, name), |(scope, last)| (Some(scope), last));
    Purl::new("npm", scope, last, version)
}

/// The folders that packages of a lockfile are, from the lockfile's own.
fn local_folders(packages: &[Package]) -> BTreeSet<String> {
    let folder = |package: &Package| match &package.origin {
        PackageOrigin::Local { path } if package.displaced.is_none() => {
            joined("", path.split(['#', ':']).next()?)
        }
        _ => None,
    };
    packages.iter().filter_map(folder).filter(|folder| !folder.is_empty()).collect()
}

/// Adds a package, or finds it again.
fn put<'s>(
    sheet: &'s mut Sheet,
    line: u32,
    name: &str,
    version: Option<&str>,
    origin: PackageOrigin,
) -> Option<Added<'s>> {
    let purl = purl(name, version).map(|purl| with_origin(purl, &origin));
    let ecosystem = (!matches!(origin, PackageOrigin::Local { .. })).then_some(ECOSYSTEM);
    let added = sheet.add_as(line, purl, name, ecosystem)?;
    added.package.origin = origin;
    Some(added)
}

/// Where the file of a package at `address` comes from, by what npm, Yarn and pnpm write there. Of a file that is another package's or another
/// version's the whole address is told.
fn resolved(name: &str, version: Option<&str>, address: &str) -> PackageOrigin {
    if let Some(path) = ["file:", "link:", "portal:", "workspace:", "exec:"]
        .iter()
        .find_map(|kind| address.strip_prefix(kind))
    {
        return PackageOrigin::Local { path: path.to_owned() };
    }
    if is_git(address) {
        return git(address);
    }
    let is_web =
        |scheme: &str| address.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
    if !is_web("http://") && !is_web("https://") {
        return PackageOrigin::Local { path: address.to_owned() };
    }
    let url = usual_url(address);
    if let Some(file) = File::of(&url) {
        return if file.is_of(name, version) { file.origin() } else { PackageOrigin::Registry { url } };
    }
    if REGISTRIES.iter().any(|registry| url.starts_with(registry)) {
        return PackageOrigin::Registry { url };
    }
    match url.find(&format!("/download/{name}/")) {
        Some(at) => PackageOrigin::Registry { url: url.split_at(at).0.to_owned() },
        None => PackageOrigin::Url { url },
    }
}
