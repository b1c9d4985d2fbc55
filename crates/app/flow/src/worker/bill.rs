//! A bill of materials in the place of a folder.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use palisade_deps::DepsEngine;
use palisade_model::{
    Digest, Engine, Entry, EntryMeta, GapKind, InventoryFile, RepoPath, RuleId, RuleInfo, ScanReport, Sink,
};
use palisade_sbom::vex::VexSubject;
use palisade_sbom::{Bom, LARGEST, SbomError};
use palisade_tree::{ScanLimits, scan_bytes};

/// Judges the packages that the bill on `input` lists, and says what the bill is about.
pub(super) fn scan_bill(
    place: RepoPath,
    input: &mut impl Read,
    deps: &DepsEngine<'_>,
    version: &str,
) -> io::Result<(ScanReport, VexSubject)> {
    let mut bytes = Vec::new();
    // One more than is read tells that there is more.
    input.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    let engine = BillEngine { deps, subject: Mutex::default() };
    let limits = ScanLimits { max_file_bytes: u64::MAX, archive_depth: 0 };
    let report = scan_bytes(place, &bytes, &[&engine], limits, version);
    Ok((report, engine.subject.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// The engine for dependencies, told of packages by a bill.
struct BillEngine<'a, 'd> {
    deps: &'a DepsEngine<'d>,
    subject: Mutex<VexSubject>,
}

impl Engine for BillEngine<'_, '_> {
    fn id(&self) -> &str {
        self.deps.id()
    }

    fn rules_digest(&self) -> Digest {
        self.deps.rules_digest()
    }

    fn rule_count(&self) -> usize {
        self.deps.rule_count()
    }

    fn rule_info(&self, id: &RuleId) -> Option<RuleInfo> {
        self.deps.rule_info(id)
    }

    fn wants(&self, _entry: &EntryMeta<'_>) -> bool {
        true
    }

    fn entry(&self, entry: &Entry<'_>, sink: &mut Sink) {
        let place = entry.meta.path;
        let (bom, mut problems) = match palisade_sbom::read(entry.bytes) {
            Ok(read) => read,
            Err(error) => return sink.gap(place, kind_of(&error), error.to_string()),
        };
        let (inventory, more) = bom.to_inventory(place);
        problems.extend(more);
        for problem in problems {
            sink.gap(place, GapKind::ParseFailed, problem.detail);
        }
        if inventory.packages().next().is_none() {
            let detail = "the bill of materials lists no package, so nothing was looked at; a bill of the product's parts is needed";
            sink.gap(place, GapKind::DataMissing, detail);
        }
        for file in inventory.files {
            self.deps.add(placed(file, place));
        }
        *self.subject.lock().unwrap_or_else(PoisonError::into_inner) = subject(&bom);
    }

    fn finish(&self, sink: &mut Sink) {
        self.deps.finish(sink);
    }
}

const fn kind_of(error: &SbomError) -> GapKind {
    match error {
        SbomError::TooLarge(_) | SbomError::TooMany | SbomError::LargePiece | SbomError::LargeSet => {
            GapKind::BudgetHit
        }
        SbomError::Xml | SbomError::TagValue | SbomError::Unsupported(_) => GapKind::FormatUnsupported,
        SbomError::NotUtf8
        | SbomError::Json(_)
        | SbomError::Unknown
        | SbomError::NotExtensible(_)
        | SbomError::Unwritable(_) => GapKind::ParseFailed,
    }
}

/// The record as something that lies in the bill.
fn placed(file: InventoryFile, place: &RepoPath) -> InventoryFile {
    if file.path == *place {
        return file;
    }
    let mut members = vec![file.path.to_string()];
    members.extend(file.members);
    InventoryFile { path: place.clone(), members, ..file }
}

/// What the bill is about, as VEX statements may name it.
fn subject(bom: &Bom) -> VexSubject {
    let Some(component) = bom.subject() else { return VexSubject::default() };
    VexSubject {
        purls: component.purl.iter().cloned().collect(),
        hashes: component.hashes.clone(),
        ids: vec![component.name.clone()],
    }
}
