//! Cargo.toml: what a crate or a workspace asks for.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageOrigin, Reading, Scope};

use super::put;
use crate::facts::{clean_url, git_at};
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, toml};

/// What a manifest asks for.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    /// The crate's own name, if there is one.
    pub(crate) name: Option<String>,
    pub(crate) needs: Vec<Need>,
    /// What the workspace offers its members: the name in manifests and that in the registry.
    pub(crate) offers: Vec<Need>,
    /// Crates that come from elsewhere, whoever asks for them.
    pub(crate) patched: BTreeSet<String>,
    /// The indexes of registries by the names that Cargo's configuration gives them.
    pub(crate) registries: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(crate) struct Need {
    /// The name in the manifest.
    pub(crate) alias: String,
    /// The name in the registry.
    pub(crate) name: String,
    pub(crate) wanted: Option<String>,
    pub(crate) scope: Scope,
    /// Whether the workspace says what it is.
    pub(crate) inherits: bool,
    /// Where it is asked from.
    pub(crate) origin: PackageOrigin,
}

const SECTIONS: &[(&str, Scope)] = &[
    ("dependencies", Scope::Prod),
    ("build-dependencies", Scope::Build),
    ("build_dependencies", Scope::Build),
    ("dev-dependencies", Scope::Dev),
    ("dev_dependencies", Scope::Dev),
];

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let root = tree.root();
    let mut sheet = Sheet::new("cargo", Some(super::ECOSYSTEM), PackageEvidence::Declared);
    sheet.problems(tree.problems.clone());
    let own = root.get("package").or_else(|| root.get("project"));
    let name = own.and_then(|own| own.text_of("name")).map(str::to_owned);
    if let (Some(name), Some(own)) = (&name, own) {
        let origin = PackageOrigin::Local { path: String::new() };
        if let Some(mut added) = put(&mut sheet, own.line, name, own.text_of("version"), origin) {
            added.direct();
            added.package.licences.extend(own.text_of("license").map(str::to_owned));
        }
    }
    let mut manifest = Manifest { name, ..Manifest::default() };
    let targets = root.members_of("target").iter().map(|target| &target.value);
    for place in std::iter::once(root).chain(targets) {
        for (section, scope) in SECTIONS {
            for member in place.members_of(section) {
                manifest.needs.extend(put_need(&mut sheet, member, *scope));
            }
        }
    }
    for member in root.at(&["workspace", "dependencies"]).map_or(&[][..], Value::members) {
        manifest.offers.extend(put_need(&mut sheet, member, Scope::Prod));
    }
    manifest.patched = all_patched(root);
    (sheet.done(), Some(Companion::Rust(manifest)))
}

/// Cargo's configuration, which may patch crates as a manifest does (Cargo Book, "Configuration", `[patch]`). It names no packages: what
/// cannot be read in it takes nothing from the inventory. Replaced sources do not show in lockfiles.
pub(super) fn read_config(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let root = tree.root();
    let registries = root.members_of("registries").iter();
    let named =
        registries.filter_map(|member| Some((member.key.clone(), member.value.text_of("index")?.to_owned())));
    let manifest =
        Manifest { patched: all_patched(root), registries: named.collect(), ..Manifest::default() };
    (Reading::default(), Some(Companion::Rust(manifest)))
}

fn all_patched(root: &Value) -> BTreeSet<String> {
    let patches = root.members_of("patch").iter().map(|registry| &registry.value);
    patches.chain(root.get("replace")).flat_map(Value::members).map(patched).collect()
}

/// The name of what is patched, which older manifests write as `name:version`.
fn patched(member: &Member) -> String {
    let name = member.key.split(':').next().unwrap_or_default();
    member.value.text_of("package").unwrap_or(name).to_owned()
}

fn put_need(sheet: &mut Sheet, member: &Member, scope: Scope) -> Option<Need> {
    let entry = &member.value;
    let name = entry.text_of("package").unwrap_or(&member.key);
    let wanted = entry.text().or_else(|| entry.text_of("version"));
    let scope = if entry.flag("optional") { scope.max(Scope::Optional) } else { scope };
    let exact = wanted.and_then(|wanted| wanted.trim().strip_prefix('=')).map(str::trim);
    let version = exact.filter(|version| version.split('.').count() == 3 && !version.contains(','));
    let mut added = put(sheet, member.line, name, version, origin(entry))?;
    added.scope(scope);
    added.direct();
    if version.is_none() {
        added.package.wanted = wanted.map(str::to_owned);
    }
    Some(Need {
        alias: member.key.clone(),
        name: name.to_owned(),
        wanted: wanted.map(str::to_owned),
        scope,
        inherits: entry.flag("workspace"),
        origin: origin(entry),
    })
}

fn origin(entry: &Value) -> PackageOrigin {
    if let Some(path) = entry.text_of("path") {
        return PackageOrigin::Local { path: path.to_owned() };
    }
    if let Some(url) = entry.text_of("git") {
        return git_at(url, entry.text_of("rev"));
    }
    let registry = entry
        .text_of("registry-index")
        .map(clean_url)
        .or_else(|| entry.text_of("registry").map(str::to_owned));
    registry.map_or(PackageOrigin::Default, |url| PackageOrigin::Registry { url })
}
