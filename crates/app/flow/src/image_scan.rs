//! Scanning a container image, in the worker.
//!
//! Layers come as a stream, the lowest first. What an engine wants of them is looked at as it comes, every version of a file, also those that a later
//! layer deletes; records of packages count only where the final root shows them, which is known at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;
use palisade_deps::{DepsEngine, EndedDistribution, Seen};
use palisade_image::{
    Choice, EntryId, FileMeta, Image, ImageEntry, ImageError, LayerInfo, WalkLimits, Walked,
};
use palisade_model::{
    Confidence, Digest, Engine, Entry, EntryKind, EntryMeta, Finding, Gap, GapKind, InventoryFile, Layer,
    Package, PackageHash, Purl, RepoPath, ScanReport, Severity, Sink,
};
use palisade_osdb::{Distribution, IDENTITY_FILES, Installed, Lifetime, Ownership, identify};
use palisade_sbom::vex::VexSubject;
use palisade_secrets::SecretsEngine;
use palisade_tree::{Offer, ScanLimits};

use crate::engines::EngineName;
use crate::image_flaws::FlawRules;

/// What the configuration of an image is known as.
const CONFIG: &str = "config.json";

/// Which image, and until when it is judged.
pub(crate) struct ImageTask<'a> {
    pub(crate) path: &'a Path,
    pub(crate) choice: &'a Choice,
    pub(crate) today: Date,
    pub(crate) limits: ScanLimits,
    pub(crate) version: &'a str,
}

/// The engines that look at an image; those that were not asked for are none.
pub(crate) struct ImageEngines<'a, 'd> {
    pub(crate) secrets: Option<&'a SecretsEngine>,
    pub(crate) deps: Option<&'a DepsEngine<'d>>,
    pub(crate) flaws: Option<&'a FlawRules>,
}

/// Scans the image. Says too how statements about exploitability may name it.
pub(crate) fn scan_image(
    task: &ImageTask<'_>,
    engines: &ImageEngines<'_, '_>,
) -> Result<(ScanReport, VexSubject), ImageError> {
    let image = Image::open(task.path, task.choice)?;
    let wants = |meta: &FileMeta<'_>| wants(engines, meta);
    let limits = WalkLimits { max_file_bytes: task.limits.max_file_bytes, ..WalkLimits::default() };
    let mut walk = image.walk(limits, &wants);
    let mut looking =
        Looking { task, engines, layers: image.layers(), records: Records::default(), report: None };
    looking.config(image.config_bytes());
    let mut entries = walk.by_ref().peekable();
    while let Some(first) = entries.peek() {
        let layer = first.layer;
        looking.layer(layer, &mut std::iter::from_fn(|| entries.next_if(|entry| entry.layer == layer)));
    }
    let walked = walk.finish();
    Ok((looking.finish(&image, &walked), subject(&image)))
}

/// By its name where it lies, and by the digests of manifest and configuration.
fn subject(image: &Image) -> VexSubject {
    let hash = |digest: Digest| PackageHash { algorithm: "SHA-256".to_owned(), value: digest.hex() };
    VexSubject {
        purls: Vec::new(),
        hashes: image.manifest().into_iter().chain(image.id()).map(hash).collect(),
        ids: image.name().map(str::to_owned).into_iter().collect(),
    }
}

fn meta<'a>(path: &'a RepoPath, kind: EntryKind, size: u64) -> EntryMeta<'a> {
    EntryMeta { path, kind, size, members: &[] }
}

fn wants(engines: &ImageEngines<'_, '_>, file: &FileMeta<'_>) -> bool {
    let meta = meta(file.path, file.kind, file.size);
    let of_system = || is_system_record(&file.path.to_string());
    engines.secrets.is_some_and(|engine| engine.wants(&meta))
        || engines.deps.is_some_and(|engine| engine.wants(&meta) || of_system())
}

fn is_system_record(path: &str) -> bool {
    IDENTITY_FILES.contains(&path) || palisade_osdb::recognise(path).is_some()
}

/// Records that were met, by the file they are of.
#[derive(Default)]
struct Records {
    /// Those of package managers of languages.
    seen: BTreeMap<EntryId, (Seen, u32)>,
    /// The newest version of each record of the system, by path.
    system: BTreeMap<String, SystemRecord>,
    /// For each package of the system, by record, name and version: the layer since which it is there.
    since: BTreeMap<(String, String, String), u32>,
    /// The files that were read as records of the system.
    read: BTreeSet<EntryId>,
    /// How many records were read, of all versions, and their bytes.
    looked_at: (u64, u64),
    /// What could not be read of records of the system.
    gaps: Vec<Gap>,
}

struct SystemRecord {
    id: EntryId,
    layer: u32,
    is_link: bool,
    bytes: Vec<u8>,
}

struct Looking<'a, 'd> {
    task: &'a ImageTask<'a>,
    engines: &'a ImageEngines<'a, 'd>,
    layers: &'a [LayerInfo],
    records: Records,
    report: Option<ScanReport>,
}

impl Looking<'_, '_> {
    fn info(&self, layer: u32) -> Option<&Layer> {
        self.layers.get(layer as usize).map(|info| &info.layer)
    }

    /// The configuration holds environment, labels and history.
    fn config(&mut self, bytes: &[u8]) {
        let Some(secrets) = self.engines.secrets.filter(|_| !bytes.is_empty()) else { return };
        let Ok(path) = RepoPath::from_bytes(CONFIG) else { return };
        let report = palisade_tree::scan_bytes(path, bytes, &[secrets], self.task.limits, self.task.version);
        self.merge(report, None);
    }

    /// Looks at the wanted files of one layer.
    fn layer(&mut self, layer: u32, entries: &mut dyn Iterator<Item = ImageEntry>) {
        let records = &mut self.records;
        let deps = self.engines.deps;
        let mut offers = entries.map(|entry| {
            if let Some(deps) = deps {
                records.note(deps, &entry);
            }
            Offer { path: entry.path, kind: entry.kind, size: entry.size, content: entry.content }
        });
        let Some(secrets) = self.engines.secrets else {
            offers.for_each(drop);
            return;
        };
        let report =
            palisade_tree::scan_entries(&mut offers, &[secrets], self.task.limits, self.task.version);
        let info = self.info(layer).cloned();
        self.merge(report, info.as_ref());
    }

    fn merge(&mut self, mut report: ScanReport, layer: Option<&Layer>) {
        for finding in &mut report.findings {
            finding.layer = layer.cloned();
        }
        for gap in report.engines.iter_mut().flat_map(|engine| &mut engine.coverage.gaps) {
            if let Some(layer) = layer {
                gap.detail = format!("layer {}: {}", layer.index, gap.detail);
            }
        }
        match &mut self.report {
            None => self.report = Some(report),
            Some(whole) => join(whole, report),
        }
    }

    /// Judges what the final root shows.
    fn finish(mut self, image: &Image, walked: &Walked) -> ScanReport {
        let mut engines: Vec<&dyn Engine> = Vec::new();
        let mut files = None;
        if let Some(deps) = self.engines.deps {
            self.require_something(image);
            files = Some(self.system_packages(deps, walked));
            self.hidden_records(deps, walked);
            let layers = self.layers;
            for (id, (seen, layer)) in std::mem::take(&mut self.records.seen) {
                if walked.is_visible(id) {
                    deps.gather(seen, layers.get(layer as usize).map(|info| &info.layer));
                }
            }
            engines.push(deps);
        }
        // Their last words; nothing more is offered.
        let last = palisade_tree::scan_entries(
            &mut std::iter::empty(),
            &engines,
            self.task.limits,
            self.task.version,
        );
        let mut report = self.report.take().unwrap_or_default();
        join(&mut report, last);
        for engine in &mut report.engines {
            if engine.engine == EngineName::Deps.as_str() {
                engine.coverage.gaps.append(&mut self.records.gaps);
                (engine.coverage.looked_at, engine.coverage.bytes) = self.records.looked_at;
            }
            engine.coverage.gaps.extend(walked.gaps().iter().cloned());
            engine.coverage.gaps.sort();
        }
        if let Some(rules) = self.engines.flaws {
            rules.report(image, walked, self.task.version, &mut report);
        }
        mark_deleted(&mut report.findings, walked);
        if let Some(files) = &files {
            report.findings.iter_mut().for_each(|finding| files.weigh(finding));
        }
        report.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()).then_with(|| a.engine.cmp(&b.engine)));
        report
    }
}

impl Looking<'_, '_> {
    /// Hands the packages of the system to the engine, each with the layer since which it is there, and says when the distribution's
    /// time is over. Returns which package a file belongs to.
    fn system_packages(&mut self, deps: &DepsEngine<'_>, walked: &Walked) -> SystemFiles {
        let system = std::mem::take(&mut self.records.system);
        let visible: Vec<(&str, &SystemRecord)> = system
            .iter()
            .filter(|(_, record)| walked.is_visible(record.id))
            .map(|(path, record)| (path.as_str(), record))
            .collect();
        let told = identity(&visible, walked, &system);
        let texts: Vec<_> = told.iter().map(|(name, record)| (*name, record.bytes.as_slice())).collect();
        let distribution = identify(&texts);
        let mut installed = Vec::new();
        for (path, record) in &visible {
            let Some(format) = palisade_osdb::recognise(path) else { continue };
            installed.push((
                *path,
                *record,
                format.name(),
                format.read(path, &record.bytes, distribution.as_ref()),
            ));
        }
        let read: Vec<_> = installed.iter().map(|(path, _, _, installed)| (*path, installed)).collect();
        let mut files = SystemFiles { ownership: Ownership::of(&read), since: Vec::new() };
        for (path, record, format, installed) in installed {
            let Ok(place) = RepoPath::from_bytes(path.as_bytes()) else { continue };
            self.problems(&place, format, &installed);
            let mut packages = installed.reading.packages;
            for package in &mut packages {
                package.layer = self.since(path, package).cloned();
                files.since.push(package.layer.as_ref().map_or(0, |layer| layer.index));
            }
            if !packages.is_empty() {
                let (format, layer) = (format.to_owned(), self.info(record.layer).cloned());
                deps.add(InventoryFile { path: place, members: Vec::new(), format, layer, packages });
            }
        }
        if let (Some(distribution), Some((name, record))) = (&distribution, told.first()) {
            self.ended(deps, distribution, name, record);
        }
        files
    }

    /// Any folder may be named as an image. One without a record of packages and without a distribution is none, or nothing is known
    /// of what it is made of.
    fn require_something(&mut self, image: &Image) {
        if image.config().is_none() && self.records.read.is_empty() && self.records.seen.is_empty() {
            let detail =
                "the folder is no OCI layout, and has no record of packages and no distribution of its own";
            self.records.gaps.push(Gap::new(None, GapKind::DataMissing, detail));
        }
    }

    /// A record may be called by a second name that was not known when its content came by. What then was not read is a gap.
    fn hidden_records(&mut self, deps: &DepsEngine<'_>, walked: &Walked) {
        for (name, file) in walked.second_names() {
            let Ok(path) = RepoPath::from_bytes(name.to_vec()) else { continue };
            let meta = meta(&path, EntryKind::File, file.size);
            let is_record = deps.wants(&meta) || palisade_osdb::recognise(&path.to_string()).is_some();
            let was_read =
                self.records.seen.contains_key(&file.content) || self.records.read.contains(&file.content);
            if is_record && !was_read {
                let detail = format!(
                    "is another name of `{}`, which was not read as a record of packages",
                    shown(file.path)
                );
                self.records.gaps.push(Gap::new(Some(path), GapKind::FormatUnsupported, detail));
            }
        }
    }

    fn since(&self, path: &str, package: &Package) -> Option<&Layer> {
        let layer = self.records.since.get(&key(path, package))?;
        self.info(*layer)
    }

    fn problems(&mut self, path: &RepoPath, format: &str, installed: &Installed) {
        let mut sink = Sink::new();
        for problem in &installed.reading.problems {
            let line = problem.line.map(|line| format!("line {line}: ")).unwrap_or_default();
            sink.gap(path, GapKind::ParseFailed, format!("{line}{} ({format})", problem.detail));
        }
        let (_, gaps) = sink.into_parts();
        self.records.gaps.extend(gaps);
    }

    fn ended(&self, deps: &DepsEngine<'_>, distribution: &Distribution, name: &str, record: &SystemRecord) {
        let Lifetime::Until(until) = distribution.lifetime else { return };
        let version = distribution.version_id.as_deref();
        let purl = Purl::new("generic", None, &distribution.id, version);
        if let (true, Ok(path), Ok(purl)) =
            (until < self.task.today, RepoPath::from_bytes(name.as_bytes()), purl)
        {
            let (layer, name) = (self.info(record.layer).cloned(), distribution.name.clone());
            deps.add_ended(EndedDistribution { path, layer, purl, name, until: until.to_string() });
        }
    }
}

/// Which package of the system a file belongs to.
struct SystemFiles {
    ownership: Ownership,
    /// The layer since which each package is there, in the order of the records.
    since: Vec<u32>,
}

impl SystemFiles {
    /// What a distribution ships in its packages is public: nobody leaks it. Files that another layer than the package's brought are
    /// somebody else's.
    fn weigh(&self, finding: &mut Finding) {
        if finding.engine != EngineName::Secrets.as_str() {
            return;
        }
        let owner = self.ownership.owner(finding.location.path.as_bytes());
        let since = owner.and_then(|owner| self.since.get(owner as usize));
        let layer = finding.layer.as_ref().map_or(0, |layer| layer.index);
        if since == Some(&layer) {
            finding.severity = Severity::Info;
            finding.confidence = Confidence::Low;
            finding.message = "it is part of a package of the distribution".to_owned();
        }
    }
}

/// The files that tell which distribution it is, links followed.
fn identity<'a>(
    visible: &[(&'a str, &'a SystemRecord)],
    walked: &Walked,
    system: &'a BTreeMap<String, SystemRecord>,
) -> Vec<(&'static str, &'a SystemRecord)> {
    let by_link = |name: &str| {
        let file = walked.resolve(name.as_bytes())?;
        let content = system.values().find(|record| record.id == file.content)?;
        Some(content)
    };
    let plain = |name: &str| visible.iter().find(|(path, _)| *path == name).map(|(_, record)| *record);
    IDENTITY_FILES
        .iter()
        .filter_map(|name| Some((*name, by_link(name).or_else(|| plain(name))?)))
        .filter(|(_, record)| !record.is_link)
        .collect()
}

fn shown(path: &[u8]) -> String {
    RepoPath::from_bytes(path)
        .map_or_else(|_| String::from_utf8_lossy(path).into_owned(), |path| path.to_string())
}

/// What a package of a record is told apart by.
fn key(path: &str, package: &Package) -> (String, String, String) {
    (path.to_owned(), package.name.clone(), package.version.clone().unwrap_or_default())
}

impl Records {
    fn note(&mut self, deps: &DepsEngine<'_>, entry: &ImageEntry) {
        let Ok(bytes) = &entry.content else { return };
        let path = entry.path.to_string();
        if is_system_record(&path) {
            self.read.insert(entry.id);
            self.count(bytes);
            self.note_since(&path, bytes, entry.layer);
            let is_link = entry.kind == EntryKind::Symlink;
            let record = SystemRecord { id: entry.id, layer: entry.layer, is_link, bytes: bytes.clone() };
            self.system.insert(path, record);
            return;
        }
        let meta = meta(&entry.path, entry.kind, entry.size);
        if deps.wants(&meta) {
            let seen = deps.read(&Entry { meta, bytes });
            self.seen.insert(entry.id, (seen, entry.layer));
            self.count(bytes);
        }
    }

    fn count(&mut self, bytes: &[u8]) {
        self.looked_at.0 += 1;
        self.looked_at.1 += bytes.len() as u64;
    }

    /// A package that was there before stays of its layer; one that is gone is forgotten.
    fn note_since(&mut self, path: &str, bytes: &[u8], layer: u32) {
        let Some(format) = palisade_osdb::recognise(path) else { return };
        let packages = format.read(path, bytes, None).reading.packages;
        let there: BTreeSet<_> = packages.iter().map(|package| key(path, package)).collect();
        self.since.retain(|known, _| known.0 != path || there.contains(known));
        for package in there {
            self.since.entry(package).or_insert(layer);
        }
    }
}

/// Adds what another part of the same image gave.
fn join(whole: &mut ScanReport, part: ScanReport) {
    whole.findings.extend(part.findings);
    whole.rules.extend(part.rules);
    for engine in part.engines {
        match whole.engines.iter_mut().find(|known| known.engine == engine.engine) {
            None => whole.engines.push(engine),
            Some(known) => {
                known.coverage.looked_at += engine.coverage.looked_at;
                known.coverage.bytes += engine.coverage.bytes;
                known.coverage.not_applicable += engine.coverage.not_applicable;
                known.coverage.gaps.extend(engine.coverage.gaps);
            }
        }
    }
}

/// Says of findings in files that the final root does not show that they can be read all the same.
fn mark_deleted(findings: &mut [Finding], walked: &Walked) {
    let places: BTreeSet<&[u8]> = findings.iter().map(|finding| finding.location.path.as_bytes()).collect();
    let shown: BTreeSet<(Vec<u8>, u32)> = walked
        .root()
        .filter(|file| places.contains(file.path))
        .map(|file| (file.path.to_vec(), file.layer))
        .collect();
    for finding in findings.iter_mut().filter(|finding| finding.package.is_none()) {
        let Some(layer) = &finding.layer else { continue };
        if !shown.contains(&(finding.location.path.as_bytes().to_vec(), layer.index)) {
            finding.message = format!("{}; {DELETED}", finding.message);
        }
    }
}

/// What is said of a file that is not in the final root.
const DELETED: &str = "a later layer deletes or replaces the file, but whoever has the image has it";
