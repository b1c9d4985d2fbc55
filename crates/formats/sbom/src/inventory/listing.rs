use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{
    Ecosystem, Inventory, InventoryFile, Layer, Package, PackageEvidence, Purl, ReadingProblem, Relation,
    RepoPath, Scope, SourcePackage,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::bom::{Bom, BomLicence, BomScope, Component};
use crate::cyclonedx::shortened;
use crate::ecosystem;
use crate::fields::Problems;
use crate::inventory::{
    DISPLACED, ECOSYSTEM, EVIDENCE, FORMAT, HASHES, LAYER_CREATED_BY, LAYER_DIFF_ID, LAYER_INDEX, LICENCES,
    LINE, MEMBER, NAME, ORIGIN, OWNER, PATH, RECORD, RELATION, RUNS_ON_INSTALL, SCOPE, SOURCE_NAME,
    SOURCE_VERSION, WANTED,
};

/// The way from components to packages.
pub(super) struct Listing<'a> {
    bom: &'a Bom,
    problems: Problems,
    files: Vec<InventoryFile>,
    /// The record of each reference.
    records: BTreeMap<&'a str, usize>,
    /// Where the package of each component lies.
    places: BTreeMap<u32, (usize, u32)>,
}

impl<'a> Listing<'a> {
    pub(super) fn new(bom: &'a Bom) -> Self {
        let (problems, files) = (Problems::default(), Vec::new());
        Self { bom, problems, files, records: BTreeMap::new(), places: BTreeMap::new() }
    }

    pub(super) fn inventory(mut self, place: &RepoPath) -> (Inventory, Vec<ReadingProblem>) {
        let all = || (0_u32..).zip(&self.bom.components);
        for (_, component) in all() {
            if component.property(FORMAT).is_some()
                && let Some(file) = self.record(component)
            {
                self.records.insert(&component.reference, self.files.len());
                self.files.push(file);
            }
        }
        let mut theirs = Vec::new();
        for (index, component) in all() {
            match component.property(RECORD).and_then(|record| self.records.get(record)) {
                Some(record) => {
                    let record = *record;
                    if let Some(package) = self.own(component) {
                        self.add(index, record, package);
                    }
                }
                None if component.property(FORMAT).is_none() => theirs.push((index, component)),
                None => {}
            }
        }
        let foreign = self.files.len();
        let relations = Relations::of(self.bom);
        for (index, component) in theirs {
            let is_subject = self.bom.metadata.subject == Some(index);
            if let Some(mut package) = self.foreign(component, is_subject) {
                package.relation = relations.relation(index);
                if self.files.len() == foreign {
                    self.files.push(self.foreign_file(place));
                }
                self.add(index, foreign, package);
            }
        }
        self.edges();
        (Inventory { files: self.files }, self.problems.into_list())
    }

    fn foreign_file(&self, place: &RepoPath) -> InventoryFile {
        let format = self.bom.source.map_or("sbom", |source| source.family()).to_owned();
        InventoryFile {
            path: place.clone(),
            members: Vec::new(),
            format,
            layer: None,
            owner: None,
            packages: Vec::new(),
        }
    }

    fn add(&mut self, component: u32, file: usize, package: Package) {
        if let Some(file_there) = self.files.get_mut(file)
            && let Ok(at) = u32::try_from(file_there.packages.len())
        {
            self.places.insert(component, (file, at));
            file_there.packages.push(package);
        }
    }

    fn edges(&mut self) {
        for (index, component) in (0_u32..).zip(&self.bom.components) {
            let Some((file, at)) = self.places.get(&index) else { continue };
            let needs = component.depends_on.iter().filter_map(|needed| self.places.get(needed));
            let mut needs: Vec<u32> = needs.filter(|(other, _)| other == file).map(|(_, at)| *at).collect();
            needs.sort_unstable();
            needs.dedup();
            let package =
                self.files.get_mut(*file).and_then(|file| file.packages.get_mut(usize::try_from(*at).ok()?));
            if let Some(package) = package {
                package.dependencies = needs;
            }
        }
    }

    fn problem(&mut self, component: &Component, detail: &str) {
        self.problems.add(format!("component `{}` {detail}", shortened(&component.reference)));
    }

    fn record(&mut self, component: &Component) -> Option<InventoryFile> {
        let path = component.property(PATH).and_then(|path| path.parse().ok());
        let Some(path) = path else {
            self.problem(component, "is a record without a path");
            return None;
        };
        let members = component.properties.iter().filter(|property| property.name == MEMBER);
        let layer = layer(component);
        Some(InventoryFile {
            path,
            members: members.map(|property| property.value.clone()).collect(),
            format: component.property(FORMAT).unwrap_or_default().to_owned(),
            layer,
            owner: component.property(OWNER).and_then(|owner| owner.parse().ok()),
            packages: Vec::new(),
        })
    }

    /// A package that was written by this program.
    fn own(&mut self, component: &Component) -> Option<Package> {
        let Some(purl) = component.purl.clone() else {
            self.problem(component, "has no address");
            return None;
        };
        let name = component.property(NAME).unwrap_or(&component.name).to_owned();
        let evidence = self.word(component, EVIDENCE).unwrap_or(PackageEvidence::Declared);
        let mut package = Package::new(purl, name, evidence);
        let text = |name: &str| component.property(name).map(str::to_owned);
        package.version.clone_from(&component.version);
        package.wanted = text(WANTED);
        package.ecosystem = text(ECOSYSTEM).map(Ecosystem::new);
        let source = text(SOURCE_NAME).zip(text(SOURCE_VERSION));
        package.source = source.map(|(name, version)| SourcePackage { name, version });
        package.origin = self.word(component, ORIGIN).unwrap_or_default();
        package.scope = self.word(component, SCOPE).unwrap_or_default();
        package.relation = self.word(component, RELATION).unwrap_or_default();
        package.line = text(LINE).and_then(|line| line.parse().ok()).unwrap_or_default();
        package.hashes = self.word(component, HASHES).unwrap_or_else(|| component.hashes.clone());
        package.cpes.clone_from(&component.cpes);
        let licences = component.licences.iter().map(|licence| licence.text.clone());
        package.licences = self.word(component, LICENCES).unwrap_or_else(|| licences.collect());
        package.runs_on_install = component.property(RUNS_ON_INSTALL) == Some("true");
        package.displaced = self.word(component, DISPLACED);
        package.layer = layer(component);
        Some(package)
    }

    /// A value of ours in a property; one that cannot be read is a problem.
    fn word<T: DeserializeOwned>(&mut self, component: &Component, name: &str) -> Option<T> {
        let text = component.property(name)?;
        let word = serde_json::from_value(Value::String(text.to_owned()));
        let value = word.or_else(|_| serde_json::from_str(text)).ok();
        if value.is_none() {
            self.problem(component, &format!("has a property `{name}` that cannot be read"));
        }
        value
    }

    /// A component of another tool, if it is a package.
    fn foreign(&mut self, component: &Component, is_subject: bool) -> Option<Package> {
        let purl = match &component.purl {
            Some(purl) => purl.clone(),
            None if is_subject || !is_package(component) => return None,
            None => {
                self.problem(component, "has no address, so advisories cannot be looked up for it");
                let group = component.group.as_deref();
                Purl::new("generic", group, &component.name, component.version.as_deref()).ok()?
            }
        };
        // The subject is the product itself, and containers are what the packages lie in.
        if is_subject || matches!(purl.kind(), "oci" | "docker") {
            return None;
        }
        if let (Some(said), Some(addressed)) = (component.version.as_deref(), purl.version())
            && !is_same_version(said, addressed)
        {
            let (said, addressed) = (shortened(said), shortened(addressed));
            self.problem(component, &format!("says version `{said}`, its address `{addressed}`"));
        }
        Some(package_of(component, purl))
    }
}

/// Whether a component without an address should have one.
fn is_package(component: &Component) -> bool {
    match component.kind.as_str() {
        "library" | "framework" => true,
        // Records and projects are written as applications too.
        "application" => component.version.is_some(),
        _ => false,
    }
}

fn package_of(component: &Component, purl: Purl) -> Package {
    let name = name_of(component, &purl);
    let os = matches!(purl.kind(), "apk" | "deb" | "rpm" | "alpm");
    let evidence = if os { PackageEvidence::Installed } else { PackageEvidence::Locked };
    let mut package = Package::new(purl, name, evidence);
    package.version =
        component.version.clone().or(package.version).map(|version| with_epoch(version, &package.purl));
    package.wanted = component.extra.get("versionRange").and_then(|range| range.as_str().map(str::to_owned));
    package.ecosystem = ecosystem::of_purl(&package.purl);
    package.source = ecosystem::source_of(component, &package.purl);
    package.scope = match component.scope {
        _ if component.property("cdx:npm:package:development") == Some("true") => Scope::Dev,
        Some(BomScope::Excluded) => Scope::Dev,
        Some(BomScope::Optional) => Scope::Optional,
        _ => Scope::Prod,
    };
    package.hashes.clone_from(&component.hashes);
    package.cpes.clone_from(&component.cpes);
    let (concluded, declared): (Vec<&BomLicence>, Vec<&BomLicence>) =
        component.licences.iter().partition(|licence| licence.is_concluded());
    let licences = if declared.is_empty() { concluded } else { declared };
    package.licences = licences.into_iter().map(|licence| licence.text.clone()).collect();
    package.line = component.occurrences.iter().find_map(|occurrence| occurrence.line).unwrap_or_default();
    package
}

/// The name that advisories use: that of the address, which some writers spell otherwise than the registry; what the component itself
/// is called may be a title.
fn name_of(component: &Component, purl: &Purl) -> String {
    let (name, separator) = match (purl.kind(), purl.namespace()) {
        ("golang", Some(space)) => (module_of(component, purl, &format!("{space}/{}", purl.name())), "/"),
        ("npm" | "composer" | "swift", Some(space)) => (format!("{space}/{}", purl.name()), "/"),
        ("maven", Some(space)) => (format!("{space}:{}", purl.name()), ":"),
        ("generic", _) => (component.name.clone(), "/"),
        _ => (purl.name().to_owned(), "/"),
    };
    let grouped = component.group.as_ref().map(|group| format!("{group}{separator}{}", component.name));
    let spelled = grouped.into_iter().chain([component.name.clone()]);
    spelled.into_iter().find(|spelled| spelled.eq_ignore_ascii_case(&name)).unwrap_or(name)
}

/// The path of a Go module. Syft writes what stands behind three parts of it as the folder in the module, the major version too; the whole
/// is what it calls the component.
fn module_of(component: &Component, purl: &Purl, path: &str) -> String {
    let Some(folder) = purl.subpath() else { return path.to_owned() };
    let whole = format!("{path}/{folder}");
    if component.name.eq_ignore_ascii_case(&whole) {
        return whole;
    }
    let first = folder.split('/').next().unwrap_or_default();
    let major = purl.version().and_then(|version| version.trim_start_matches('v').split('.').next());
    let is_major =
        major.is_some_and(|major| first.strip_prefix('v') == Some(major) && !matches!(major, "0" | "1"));
    if is_major { format!("{path}/{first}") } else { path.to_owned() }
}

/// The version with the epoch that the address says beside it, as the type `rpm` wants it, if it has none.
fn with_epoch(version: String, purl: &Purl) -> String {
    let epoch = purl.qualifiers().get("epoch").filter(|_| matches!(purl.kind(), "deb" | "rpm"));
    match epoch {
        Some(epoch) if epoch != "0" && !version.contains(':') => format!("{epoch}:{version}"),
        _ => version,
    }
}

/// Whether two versions are spelled alike but for the epoch or the letters before the number, which some writers leave out.
fn is_same_version(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let text = text.split_once(':').map_or(text, |(_, rest)| rest);
        let number = text.strip_prefix('v').or_else(|| text.strip_prefix("go"));
        number.filter(|number| number.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(text).to_owned()
    };
    plain(one) == plain(other)
}

/// Who asks for what, as a graph says.
struct Relations {
    direct: BTreeSet<u32>,
    needed: BTreeSet<u32>,
}

impl Relations {
    fn of(bom: &Bom) -> Self {
        let (mut direct, mut needed) = (BTreeSet::new(), BTreeSet::new());
        for (index, component) in (0..).zip(&bom.components) {
            let is_project = bom.metadata.subject == Some(index) || component.purl.is_none();
            let into = if is_project { &mut direct } else { &mut needed };
            into.extend(component.depends_on.iter().copied());
        }
        Self { direct, needed }
    }

    fn relation(&self, index: u32) -> Relation {
        if self.direct.contains(&index) {
            Relation::Direct
        } else if self.needed.contains(&index) {
            Relation::Transitive
        } else {
            Relation::Unknown
        }
    }
}

/// The layer that brought it.
fn layer(component: &Component) -> Option<Layer> {
    let index = component.property(LAYER_INDEX)?.parse().ok()?;
    let diff_id = component.property(LAYER_DIFF_ID)?.to_owned();
    Some(Layer { index, diff_id, created_by: component.property(LAYER_CREATED_BY).map(str::to_owned) })
}
