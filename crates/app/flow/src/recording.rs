use palisade_attest::{Envelope, Statement};
use palisade_evidence::{bill_of_materials, provenance, scan_result, vulnerabilities};
use palisade_ledger::{Appended, Ledger, LedgerEntry, LedgerError, LedgerKind};
use palisade_model::{Builder, Digest, EvidenceRef, RunRecord, Subject};
use palisade_pipeline::{Event, Scope};
use palisade_sbom::{Bom, BomFormat, BomSubject, CycloneDxVersion};

use crate::advisories::advisory_source;
use crate::releasing::artifacts;
use crate::run::{Results, Run};
use crate::{FlowError, checkpoints};

/// Names the trust domain of runs on somebody's own machine. Whose machine it was, the key says.
pub(crate) const LOCAL_BUILDER: &str = "urn:palisade:builder:local";

/// A statement that is signed, stored and in the ledger.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) reference: EvidenceRef,
    pub(crate) envelope: Envelope,
}

/// Writes, signs and logs the statements about scan and build.
pub(crate) fn record(run: &Run<'_>, results: &mut Results) -> Result<Event, FlowError> {
    let record = run_record(run, results);
    run.store.put_document(&run.id, "run.json", &record)?;
    let mut statements = Vec::new();
    for job in &record.jobs {
        statements.extend(provenance(&record, job).map_err(FlowError::bug)?);
    }
    let findings = results.report().map(|report| report.findings.as_slice()).unwrap_or_default();
    let released: Vec<Subject> =
        artifacts(run, results)?.into_iter().map(|artifact| artifact.output.subject).collect();
    statements.push(scan_result(&record, findings, &released).map_err(FlowError::bug)?);
    let bom = bill(run, results)?;
    let document: serde_json::Value = serde_json::from_slice(&bom).map_err(FlowError::bug)?;
    run.store.put_document(&run.id, "bom.cdx.json", &document)?;
    statements.push(bill_of_materials(&record, &bom, &released).map_err(FlowError::bug)?);
    let advisories = advisory_source(run.context);
    let known = vulnerabilities(&record, findings, advisories.as_ref(), &released);
    statements.push(known.map_err(FlowError::bug)?);
    let count = statements.len();
    let mut entries = Vec::new();
    for statement in statements {
        entries.push(sign(run, results, &statement)?);
    }
    append(run, &entries, count)?;
    results.record = Some(record);
    Ok(Event::Recorded { statements: count as u64 })
}

/// The bill of the snapshot's materials, CycloneDX 1.6. Its time is that of the run, so that a run's evidence agrees with itself.
fn bill(run: &Run<'_>, results: &Results) -> Result<Vec<u8>, FlowError> {
    let subject = BomSubject {
        kind: "application".to_owned(),
        name: run.planned.plan.name.clone(),
        version: None,
        purl: None,
        hashes: Vec::new(),
    };
    let bom = Bom::of_inventory(&results.inventory, &subject, run.context.version, run.started);
    let written = bom.write(BomFormat::CycloneDx(CycloneDxVersion::V1_6)).map_err(FlowError::bug)?;
    Ok(written.bytes)
}

/// Signs `statement` and stores its envelope; returns the ledger entry to be appended for it.
pub(crate) fn sign(
    run: &Run<'_>,
    results: &mut Results,
    statement: &Statement,
) -> Result<LedgerEntry, FlowError> {
    let envelope = run.signer.sign_statement(statement).map_err(FlowError::bug)?;
    let digest = run.store.put_evidence(&envelope.to_json())?;
    let subjects: Vec<Digest> = statement.subjects.iter().map(|subject| subject.digest).collect();
    let predicate_type = statement.predicate_type.clone();
    results.evidence.push(Recorded {
        reference: EvidenceRef { predicate_type, digest, subjects: subjects.clone() },
        envelope,
    });
    Ok(entry(run, LedgerKind::Statement, subjects, digest))
}

/// An entry of this run, now.
pub(crate) fn entry(run: &Run<'_>, kind: LedgerKind, subjects: Vec<Digest>, body: Digest) -> LedgerEntry {
    LedgerEntry::new(kind, run.context.clock.now(), run.id.clone(), subjects, body)
}

/// Refuses a ledger that is damaged or not what it was, before any work is put into a run that could not be recorded in it.
pub(crate) fn require_sound_ledger(run: &Run<'_>) -> Result<(), FlowError> {
    if run.options.scope != Scope::Path {
        return Ok(());
    }
    let ledger = Ledger::open(&*run.context.files, run.store.ledger_folder());
    let known = checkpoints::remembered(run.context, &run.root, &run.signer)?;
    match ledger.verify(&run.signer, known.as_slice()) {
        // There is none yet; the first append makes it, and refuses leftovers of another.
        Err(LedgerError::Missing { .. }) => Ok(()),
        checked => checked.map(drop).map_err(|error| checkpoints::told(run.context, &run.root, error)),
    }
}

/// Appends to the project's ledger, which must still hold everything that was ever acknowledged here. `statements` is how many of
/// the entries are statements, for the observer.
pub(crate) fn append(
    run: &Run<'_>,
    entries: &[LedgerEntry],
    statements: usize,
) -> Result<Appended, FlowError> {
    let ledger = Ledger::open(&*run.context.files, run.store.ledger_folder());
    let known = checkpoints::remembered(run.context, &run.root, &run.signer)?;
    let appended = ledger
        .append(entries, &run.signer, &*run.context.random, known.as_ref())
        .map_err(|error| checkpoints::told(run.context, &run.root, error))?;
    checkpoints::remember(run.context, &run.root, &appended.checkpoint)?;
    let checkpoint = appended.checkpoint.claimed();
    run.observer.recorded(statements, appended.first_index, checkpoint.size, &checkpoint.root);
    Ok(appended)
}

fn run_record(run: &Run<'_>, results: &Results) -> RunRecord {
    RunRecord {
        run: run.id.clone(),
        actor: run.context.actor.clone(),
        builder: builder(run),
        started: run.started,
        finished: run.context.clock.now(),
        snapshot: run.materialised.snapshot.clone(),
        project: run.planned.plan.name.clone(),
        plan: run.planned.digest,
        pipeline: run.planned.plan.pipeline,
        policy: run.planned.plan.policy.clone(),
        parameters: run.options.parameters(),
        scans: results.report().map(|report| report.engines.clone()).unwrap_or_default(),
        jobs: results.jobs.values().cloned().collect(),
    }
}

/// Who builds.
pub(crate) fn builder(run: &Run<'_>) -> Builder {
    Builder {
        id: LOCAL_BUILDER.to_owned(),
        version: run.context.version.to_owned(),
        key: run.signer.protection(),
    }
}
