use std::io;

use palisade_pipeline::Event;
use palisade_secrets::Profile;

use crate::FlowError;
use crate::engines::{DepsRequest, EngineName};
use crate::rules::{RuleChoice, choose};
use crate::run::{Results, Run};
use crate::scan::ARCHIVE_DEPTH;
use crate::source::Folder;
use crate::suppress::Grounds;
use crate::worker::{ScanSetting, Target, WorkerLimits, scan_in_worker};

/// Scans the snapshot in the worker and applies the suppressions that count.
pub(crate) fn scan(run: &Run<'_>, results: &mut Results) -> Result<Event, FlowError> {
    let grounds = Grounds::read(run.context, &run.tree, &Folder::open(&run.root)?, Some(b""), &[])?;
    let limits = WorkerLimits { max_file_bytes: run.options.max_file_bytes, archive_depth: ARCHIVE_DEPTH };
    let policy = &run.planned.policy.policy;
    let deps = DepsRequest::new(run.context, policy.licences())?;
    let engines = planned_engines(run)?;
    let rules = choose(run.context, &RuleChoice::default(), Some(&run.tree))?.set;
    let setting = ScanSetting {
        salt: &run.planned.salt,
        known: grounds.known(),
        limits,
        profile: Profile::default(),
        beside: &[],
        rules: &rules,
        engines: &engines,
        deps: &deps,
        source: &run.materialised.snapshot.source,
    };
    let target = Target::Listed(run.materialised.listing.clone());
    let mut answer = scan_in_worker(run.context, &run.tree, target, &setting, &mut io::empty())?;
    let inventory = std::mem::take(&mut answer.inventory);
    answer.report.tolerate(policy.tolerances(), run.context.today());
    let scan = grounds.suppress(run.context, answer, &inventory, run.planned.plan.suppressions);
    run.store.put_document(&run.id, "scan.json", &scan.report)?;
    run.store.put_document(&run.id, "inventory.json", &inventory)?;
    run.observer.scanned(&scan);
    let event = Event::Scanned {
        active: scan.report.active_findings().count() as u64,
        gaps: scan.report.blocking_gaps().count() as u64,
    };
    results.scan = Some(scan);
    results.inventory = inventory;
    Ok(event)
}

/// The engines that the plan asks for.
fn planned_engines(run: &Run<'_>) -> Result<Vec<EngineName>, FlowError> {
    let named = |name: &str| EngineName::ALL.iter().copied().find(|engine| engine.as_str() == name);
    let scans = run.planned.plan.scans.iter();
    let unknown =
        |name: &str| FlowError::bug(format!("the plan asks for an engine `{name}` that is not there"));
    scans.map(|scan| named(&scan.engine).ok_or_else(|| unknown(&scan.engine))).collect()
}
