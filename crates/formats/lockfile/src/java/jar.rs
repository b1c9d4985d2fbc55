//! Archives of classes: what their own records say of what is in them.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use palisade_archive::{Budget, MemberKind, members, recognise};
use palisade_model::{PackageEvidence, PackageHash, RepoPath};

use super::gradle_catalog::pinned;
use super::manifest::{main_section, properties};
use super::pom;
use crate::format::Format;
use crate::record::Record;
use crate::sheet::Sheet;
use crate::text::{file_name, hex};

/// Archives within archives that are opened.
const MAX_DEPTH: usize = 16;
/// Records of Maven in one archive.
const MAX_RECORDS: usize = 20_000;

const ENDINGS: &[&str] =
    &["jar", "war", "ear", "par", "sar", "rar", "kar", "nar", "far", "hpi", "jpi", "lpkg", "aar", "zap"];

static FORMAT: Format =
    Format { name: "java-archive", evidence: PackageEvidence::Installed, recognises: is_jar, read: None };

/// Whether a file of this name is an archive of classes, if it is a zip archive.
pub(crate) fn is_jar(path: &str) -> bool {
    let ending = file_name(path).rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Reads the archive `bytes` called `name` and the archives in it: a record for each. Nothing comes of files that are called otherwise.
pub(crate) fn read_jar(
    path: &RepoPath,
    members: &[String],
    name: &str,
    bytes: &[u8],
    budget: &mut Budget,
) -> Vec<Record> {
    let mut records = Vec::new();
    if is_jar(name) {
        open(path, members.to_vec(), name, bytes, budget, MAX_DEPTH, &mut records);
    }
    records
}

fn open(
    path: &RepoPath,
    way: Vec<String>,
    name: &str,
    bytes: &[u8],
    budget: &mut Budget,
    depth: usize,
    records: &mut Vec<Record>,
) {
    let mut jar = Jar::new(name);
    let Some(format) = recognise(name.as_bytes(), bytes) else {
        if !name.to_ascii_lowercase().ends_with(".rar") {
            jar.sheet.problem(0, "is no zip archive");
            records.push(jar.record(path, way, bytes));
        }
        return;
    };
    let place = records.len();
    members(format, name.as_bytes(), bytes, budget, &mut |budget, member| match member {
        Err(trouble) => jar.sheet.unread_member(&trouble),
        Ok(member) if member.kind == MemberKind::File => {
            let inner = String::from_utf8_lossy(&member.name).into_owned();
            if !is_jar(&inner) {
                jar.member(&inner, &member.bytes);
            } else if depth == 0 {
                jar.sheet.problem(0, "holds archives that are nested deeper than is opened");
            } else {
                let way = way.iter().cloned().chain([inner.clone()]).collect();
                open(path, way, &inner, &member.bytes, budget, depth - 1, records);
            }
        }
        Ok(_) => {}
    });
    records.insert(place, jar.record(path, way, bytes));
}

/// One archive, while its members pass by.
struct Jar {
    sheet: Sheet,
    file: String,
    manifest: BTreeMap<String, String>,
    /// Folder, group, artifact and version of each record of Maven.
    records: BTreeMap<String, Identity>,
    has_classes: bool,
}

#[derive(Default)]
struct Identity {
    group: Option<String>,
    artifact: Option<String>,
    version: Option<String>,
}

impl Jar {
    fn new(name: &str) -> Self {
        Self {
            sheet: Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Installed),
            file: file_name(name).to_owned(),
            manifest: BTreeMap::new(),
            records: BTreeMap::new(),
            has_classes: false,
        }
    }

    fn member(&mut self, name: &str, bytes: &[u8]) {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        match file {
            "MANIFEST.MF" if folder.eq_ignore_ascii_case("META-INF") => {
                let text = self.sheet.decode(bytes);
                self.manifest = main_section(&text);
            }
            "pom.properties" => self.pom_properties(folder, bytes),
            "pom.xml" if is_maven_folder(folder) => self.pom_xml(folder, bytes),
            _ => self.has_classes |= name.ends_with(".class"),
        }
    }

    fn pom_properties(&mut self, folder: &str, bytes: &[u8]) {
        let text = self.sheet.decode(bytes);
        let properties = properties(&text);
        let value = |key| properties.get(key).map(|value| (*value).to_owned());
        // Maven writes them when it packs the archive; the project beside them may have been filled with properties or be another's.
        let before = self.records.remove(folder);
        self.identity(folder, value("groupId"), value("artifactId"), value("version"));
        if let Some(before) = before {
            self.identity(folder, before.group, before.artifact, before.version);
        }
    }

    fn pom_xml(&mut self, folder: &str, bytes: &[u8]) {
        let pom = pom::parse(bytes);
        let is_broken = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
        let told = [Some(&pom.artifact), pom.group.as_ref(), pom.version.as_ref()];
        // What else is broken in it names no package.
        if pom.artifact.is_empty() || told.into_iter().flatten().any(|text| is_broken(text)) {
            for problem in &pom.problems {
                self.sheet.problem(0, &format!("{folder}/pom.xml: {}", problem.detail));
            }
        }
        let parent = pom.parent.map(|parent| parent.coordinates).unwrap_or_default();
        let version = pom.version.unwrap_or(parent.2);
        let artifact = Some(pom.artifact).filter(|artifact| !artifact.is_empty());
        self.identity(folder, Some(pom.group.unwrap_or(parent.0)), artifact, Some(version));
    }

    /// Takes over what a record says and none before it said.
    fn identity(
        &mut self,
        folder: &str,
        group: Option<String>,
        artifact: Option<String>,
        version: Option<String>,
    ) {
        if self.records.len() >= MAX_RECORDS {
            self.sheet.problem(0, "holds more records of Maven than are read");
            return;
        }
        let usable = |text: Option<String>| text.filter(|text| !text.is_empty() && !text.contains("${"));
        let known = self.records.entry(folder.to_owned()).or_default();
        known.group = known.group.take().or(usable(group));
        known.artifact = known.artifact.take().or(usable(artifact));
        known.version = known.version.take().or(usable(version));
    }

    fn record(mut self, path: &RepoPath, way: Vec<String>, bytes: &[u8]) -> Record {
        let by_file = name_and_version(&self.file);
        for identity in std::mem::take(&mut self.records).into_values() {
            let (Some(artifact), Some(version)) = (identity.artifact, identity.version) else { continue };
            let group = identity.group.or_else(|| self.group(&artifact)).unwrap_or_else(|| artifact.clone());
            self.sheet.add(0, &format!("{group}:{artifact}"), Some(&version));
        }
        if self.sheet.is_without_packages() {
            self.by_manifest(&by_file);
        }
        // Applications are made of what lies in them; their own classes are the project's.
        let is_application = [".war", ".ear"].iter().any(|end| self.file.to_ascii_lowercase().ends_with(end));
        if self.sheet.is_without_packages() && self.has_classes && !is_application {
            let sum = sha1(bytes);
            if let Some(added) = self.sheet.add(0, &format!("{0}:{0}", by_file.0), None) {
                added.package.hashes.push(PackageHash { algorithm: "SHA-1".to_owned(), value: sum });
            }
            self.sheet.problem(0, "does not tell what it is, neither in its records nor by its name");
        }
        let reading = self.sheet.done();
        let path = path.clone();
        Record::of(&FORMAT, path, way, reading)
    }

    /// What the file's name and the manifest say together; the name goes first, as titles are written for people.
    fn by_manifest(&mut self, (name, version): &(String, Option<String>)) {
        let told = ["plugin-version", "implementation-version", "bundle-version", "specification-version"];
        let told = told.iter().find_map(|key| self.manifest.get(*key));
        let usable = |text: &&String| pinned(text).is_some();
        let Some(version) = version.as_ref().or_else(|| told.filter(usable)).cloned() else { return };
        let name = self.manifest.get("short-name").filter(usable).unwrap_or(name).clone();
        let group = self.group(&name).unwrap_or_else(|| name.clone());
        self.sheet.add(0, &format!("{group}:{name}"), Some(&version));
    }

    /// The group that the manifest tells of.
    fn group(&self, artifact: &str) -> Option<String> {
        let is_group = |text: &&str| text.contains('.') && !text.contains([' ', '/', ':']);
        let told =
            |key: &str| self.manifest.get(key).map(|value| value.split(';').next().unwrap_or(value).trim());
        if let Some(group) =
            ["group-id", "implementation-vendor-id"].iter().find_map(|key| told(key)).filter(is_group)
        {
            return Some(group.to_owned());
        }
        let names = ["bundle-symbolicname", "automatic-module-name", "implementation-title"];
        let told = names.iter().find_map(|key| told(key).filter(is_group));
        told.or(Some(artifact).filter(|name| name.matches('.').count() > 1))
            .map(|name| group_of(name, artifact))
    }
}

/// The group of a name with dots in it: what stands before the artifact, else the whole of it.
fn group_of(name: &str, artifact: &str) -> String {
    let last = name.rsplit_once('.');
    // Houses of many groups, none of which is theirs alone.
    let houses = ["org.apache", "com.google", "org.eclipse", "com.github", "io.github"];
    let is_own = |group: &str| group.contains('.') && !houses.contains(&group);
    let dashed = |text: &str| text.replace(['-', '_', '.'], "").to_ascii_lowercase();
    match last {
        Some((before, last)) if is_own(before) && dashed(artifact).ends_with(&dashed(last)) => {
            before.to_owned()
        }
        _ => name.to_owned(),
    }
}

fn is_maven_folder(folder: &str) -> bool {
    folder == "META-INF/maven" || folder.starts_with("META-INF/maven/") || folder.contains("/META-INF/maven/")
}

/// Name and version of `name-1.0.jar`: the version begins after the first dash that a digit follows.
fn name_and_version(file: &str) -> (String, Option<String>) {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let stem =
        ["-sources", "-javadoc", "-tests"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    let is_begin = |at: &usize| {
        let after = stem.get(at + 1..).unwrap_or_default();
        after.starts_with(|c: char| c.is_ascii_digit())
    };
    let dashes = stem.match_indices('-').map(|(at, _)| at);
    // Bundles of OSGi have an underscore.
    let scores = stem.match_indices('_').map(|(at, _)| at);
    let scores = scores.filter(|at| stem.get(at + 1..).is_some_and(|rest| rest.contains('.')));
    let begin = dashes.chain(scores).find(is_begin);
    match begin.and_then(|at| Some((stem.get(..at)?, stem.get(at + 1..)?))) {
        Some((name, version)) if !name.is_empty() => (name.to_owned(), Some(version.to_owned())),
        _ => (stem.to_owned(), None),
    }
}

/// What indexes of public repositories know archives by.
fn sha1(bytes: &[u8]) -> String {
    hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref())
}
