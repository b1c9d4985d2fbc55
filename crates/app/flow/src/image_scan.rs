//! Scanning a container image, in the worker.
//!
//! Layers come as a stream, the lowest first. What an engine wants of them is looked at as it comes, every version of a file, also those that a later
//! layer deletes; records of packages count only where the final root shows them, which is known at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;
use palisade_deps::DepsEngine;
use palisade_image::{Choice, FileMeta, Image, ImageEntry, ImageError, LayerInfo, WalkLimits, Walked};
use palisade_image_checks::ImageChecks;
use palisade_model::{Digest, Engine, Finding, Layer, PackageHash, Purl, RepoPath, ScanReport};
use palisade_oci::Reference;
use palisade_sbom::vex::VexSubject;
use palisade_secrets::SecretsEngine;
use palisade_tree::{Offer, ScanLimits};

use crate::engines::EngineName;
use crate::image_records::{Records, is_system_record, meta};
use crate::image_system::{System, SystemFiles};

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
    pub(crate) checks: Option<&'a ImageChecks>,
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
    looking.late(&image, &walked, limits);
    Ok((looking.finish(&image, &walked), subject(&image)))
}

/// By its name where it lies, and by the digests of manifest and configuration.
fn subject(image: &Image) -> VexSubject {
    let hash = |digest: Digest| PackageHash { algorithm: "SHA-256".to_owned(), value: digest.hex() };
    VexSubject {
        purls: address(image).into_iter().collect(),
        hashes: image.manifest().into_iter().chain(image.id()).map(hash).collect(),
        ids: image.name().map(str::to_owned).into_iter().collect(),
    }
}

/// The address of an image whose name is one in a registry. A digest or a tag alone is none.
fn address(image: &Image) -> Option<Purl> {
    let name = image.name().filter(|name| name.contains(['/', ':']) && name.parse::<Digest>().is_err())?;
    let reference: Reference = name.parse().ok()?;
    let repository = format!("{}/{}", reference.registry(), reference.repository());
    let last = repository.rsplit('/').next()?;
    let digest = image.manifest().map(|digest| digest.to_string());
    let architecture = image.config().map_or("", |config| config.architecture.as_str());
    let purl = Purl::new("oci", None, last, digest.as_deref()).ok()?;
    let purl = purl.with_qualifier("arch", architecture).with_qualifier("repository_url", &repository);
    Some(purl.with_qualifier("tag", reference.tag().unwrap_or_default()))
}

fn wants(engines: &ImageEngines<'_, '_>, file: &FileMeta<'_>) -> bool {
    let meta = meta(file.path, file.kind, file.size);
    let of_system = || is_system_record(&file.path.to_string());
    engines.secrets.is_some_and(|engine| engine.wants(&meta))
        || engines.deps.is_some_and(|engine| engine.wants(&meta) || of_system())
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

    /// Reads once more what only a name that came by later calls a record, as where a store of packages is listed before the folders with
    /// hard links to it. Without such a file nothing is read again.
    fn late(&mut self, image: &Image, walked: &Walked, limits: WalkLimits) {
        let Some(deps) = self.engines.deps else { return };
        let late = self.records.late_names(deps, walked);
        if late.is_empty() {
            return;
        }
        let wants = |meta: &FileMeta<'_>| late.contains_key(&meta.id);
        for entry in image.walk(limits, &wants) {
            let mut entry = entry;
            for name in late.get(&entry.id).into_iter().flat_map(BTreeMap::values) {
                entry.path = name.clone();
                self.records.note(deps, &entry);
            }
        }
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
            files = Some(self.packages(deps, image, walked));
            engines.push(deps);
        }
        if let Some(checks) = self.engines.checks {
            checks.look(image.config(), image.layers(), walked);
            engines.push(checks);
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
        self.account(&mut report, image, walked);
        mark_deleted(&mut report.findings, walked);
        if let Some(files) = &files {
            report.findings.iter_mut().for_each(|finding| files.weigh(finding));
        }
        report.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()).then_with(|| a.engine.cmp(&b.engine)));
        report
    }

    /// Hands over all packages that the final root shows. Returns which package of the system a file belongs to.
    fn packages(&mut self, deps: &DepsEngine<'_>, image: &Image, walked: &Walked) -> SystemFiles {
        let system = System::read(&mut self.records, deps, self.layers, walked, self.task.today);
        let shown = self.records.gather(deps, self.layers, &system.files, walked);
        self.records.gaps.extend(system.unknown(&shown, image.config().is_none()));
        system.files
    }

    /// What each engine looked at, and what not.
    fn account(&mut self, report: &mut ScanReport, image: &Image, walked: &Walked) {
        for engine in &mut report.engines {
            let coverage = &mut engine.coverage;
            if engine.engine == EngineName::Deps.as_str() {
                coverage.gaps.append(&mut self.records.gaps);
                (coverage.looked_at, coverage.bytes) = self.records.looked_at;
            }
            if engine.engine == EngineName::Image.as_str() {
                coverage.looked_at = u64::from(image.config().is_some());
                coverage.bytes = image.config_bytes().len() as u64;
            }
            coverage.gaps.extend(walked.gaps().iter().cloned());
            coverage.gaps.sort();
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
