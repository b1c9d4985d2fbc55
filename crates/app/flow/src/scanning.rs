use std::io;

use palisade_pipeline::Event;
use palisade_secrets::Profile;

use crate::FlowError;
use crate::rules::{RuleChoice, choose};
use crate::run::{Results, Run};
use crate::scan::ARCHIVE_DEPTH;
use crate::source::Folder;
use crate::suppress::Grounds;
use crate::worker::{ScanSetting, Target, WorkerLimits, scan_in_worker};

/// Scans the snapshot in the worker and applies the suppressions that count.
pub(crate) fn scan(run: &Run<'_>, results: &mut Results) -> Result<Event, FlowError> {
    let grounds = Grounds::read(run.context, &run.tree, &Folder::open(&run.root)?, Some(b""))?;
    let limits = WorkerLimits { max_file_bytes: run.options.max_file_bytes, archive_depth: ARCHIVE_DEPTH };
    let rules = choose(run.context, &RuleChoice::default(), Some(&run.tree))?.set;
    let setting = ScanSetting {
        salt: &run.planned.salt,
        known: grounds.known(),
        limits,
        profile: Profile::default(),
        beside: &[],
        rules: &rules,
    };
    let target = Target::Listed(run.materialised.listing.clone());
    let answer = scan_in_worker(run.context, &run.tree, target, &setting, &mut io::empty())?;
    let scan = grounds.suppress(run.context, answer, run.planned.plan.suppressions);
    run.store.put_document(&run.id, "scan.json", &scan.report)?;
    run.observer.scanned(&scan);
    let event = Event::Scanned {
        active: scan.report.active_findings().count() as u64,
        gaps: scan.report.blocking_gaps().count() as u64,
    };
    results.scan = Some(scan);
    Ok(event)
}
