use palisade_evidence::verdict as verdict_statement;
use palisade_ledger::LedgerKind;
use palisade_model::{Decision, GATE_INPUT_SCHEMA, GateInput, GateRun, Subject, canonical};
use palisade_pipeline::Event;

use crate::FlowError;
use crate::recording::{append, builder, entry, sign};
use crate::releasing::artifacts;
use crate::run::{Results, Run};

/// Asks the gate, signs its answer and logs both.
pub(crate) fn decide(run: &Run<'_>, results: &mut Results) -> Result<Event, FlowError> {
    let input = gate_input(run, results);
    run.store.put_document(&run.id, "gate-input.json", &input)?;
    let mut verdict = run.planned.policy.gate.decide(&input);
    // The gate knows its own modules; the policy in force is more than those.
    verdict.policy = run.planned.plan.policy.clone();
    run.store.put_document(&run.id, "verdict.json", &verdict)?;

    let released: Vec<Subject> =
        artifacts(run, results)?.into_iter().map(|artifact| artifact.output.subject).collect();
    let record = results
        .record
        .clone()
        .ok_or_else(|| FlowError::bug("the gate was asked before the evidence was written"))?;
    let statement = verdict_statement(&record, &verdict, &released, &input.evidence, input.now)
        .map_err(FlowError::bug)?;
    let body = canonical::digest(&verdict)?;
    let subjects = released.iter().map(|subject| subject.digest).collect();
    let entries = [entry(run, LedgerKind::Verdict, subjects, body), sign(run, results, &statement)?];
    append(run, &entries, 1)?;

    if let Some(scan) = &results.scan {
        run.observer.decided(&verdict, scan);
    }
    let event = Event::Decided {
        allowed: verdict.decision == Decision::Allowed,
        incomplete: verdict.is_incomplete(),
    };
    results.verdict = Some(verdict);
    Ok(event)
}

fn gate_input(run: &Run<'_>, results: &Results) -> GateInput {
    let report = results.report();
    GateInput {
        schema: GATE_INPUT_SCHEMA.to_owned(),
        now: run.context.clock.now(),
        actor: run.context.actor.clone(),
        snapshot: run.materialised.snapshot.clone(),
        plan: run.planned.plan.clone(),
        plan_digest: run.planned.digest,
        environments: run.planned.plan.environments.clone(),
        run: GateRun {
            id: run.id.clone(),
            builder: builder(run),
            jobs: results.jobs.values().cloned().collect(),
        },
        findings: report.map(|report| report.findings.clone()).unwrap_or_default(),
        coverage: report.map(|report| report.engines.clone()).unwrap_or_default(),
        evidence: results.evidence.iter().map(|recorded| recorded.reference.clone()).collect(),
        waivers: results.scan.as_ref().map(|scan| scan.waivers.clone()).unwrap_or_default(),
    }
}
