use std::collections::BTreeMap;

use palisade_attest::{
    BuildDefinition, BuildMetadata, BuilderInfo, Predicate, Provenance, ResourceDescriptor, RunDetails,
    Statement, StatementError,
};
use palisade_model::{JobRecord, RunRecord, StepRecord};
use serde_json::{Map, Value, json};

use crate::names::{BUILD_TYPE, COMMIT, PIPELINE, PIPELINE_FILE, PLAN, POLICY, TREE, policy_uri, source_uri};

/// How each output of `job` was built: one SLSA provenance statement an output, in the order of the record. None when it left none.
pub fn provenance(record: &RunRecord, job: &JobRecord) -> Result<Vec<Statement>, StatementError> {
    let predicate = Predicate::Provenance(Provenance {
        build_definition: BuildDefinition {
            build_type: BUILD_TYPE.to_owned(),
            external_parameters: external_parameters(record, job),
            internal_parameters: internal_parameters(record, job),
            resolved_dependencies: dependencies(record),
        },
        run_details: run_details(record, job),
    });
    job.outputs.iter().map(|output| Statement::new(vec![output.subject.clone()], &predicate)).collect()
}

/// Everything that whoever started the run could choose.
fn external_parameters(record: &RunRecord, job: &JobRecord) -> Map<String, Value> {
    fields([
        ("project", json!(record.project)),
        ("job", json!(job.job)),
        ("pipeline", json!({ "path": PIPELINE_FILE, "digest": { "sha256": record.pipeline.hex() } })),
        ("parameters", json!(record.parameters)),
    ])
}

/// What the organisation and the machine decided.
fn internal_parameters(record: &RunRecord, job: &JobRecord) -> Map<String, Value> {
    fields([
        ("actor", json!(record.actor.name)),
        ("keyProtection", json!(record.builder.key)),
        ("policy", json!({ "name": record.policy.name, "digest": { "sha256": record.policy.digest.hex() } })),
        ("sandbox", json!(job.sandbox)),
        ("snapshot", json!({ "dirty": record.snapshot.dirty, "trust": record.snapshot.trust })),
    ])
}

fn fields<const N: usize>(list: [(&str, Value); N]) -> Map<String, Value> {
    list.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn dependencies(record: &RunRecord) -> Vec<ResourceDescriptor> {
    let source = source_uri(record);
    let commit = record.snapshot.commit().map(|commit| ResourceDescriptor {
        name: Some(COMMIT.to_owned()),
        ..ResourceDescriptor::commit(source.clone(), commit)
    });
    let tree =
        ResourceDescriptor { uri: Some(source), ..ResourceDescriptor::named(TREE, &record.snapshot.tree) };
    let policy = ResourceDescriptor {
        uri: Some(policy_uri(&record.policy.name)),
        ..ResourceDescriptor::named(POLICY, &record.policy.digest)
    };
    let plan = ResourceDescriptor::named(PLAN, &record.plan);
    let pipeline = ResourceDescriptor::named(PIPELINE, &record.pipeline);
    commit.into_iter().chain([tree, plan, pipeline, policy]).collect()
}

fn run_details(record: &RunRecord, job: &JobRecord) -> RunDetails {
    RunDetails {
        builder: BuilderInfo {
            id: record.builder.id.clone(),
            version: BTreeMap::from([("palisade".to_owned(), record.builder.version.clone())]),
        },
        metadata: BuildMetadata {
            invocation_id: Some(record.run.as_str().to_owned()),
            started_on: Some(record.started),
            finished_on: Some(record.finished),
        },
        byproducts: job.steps.iter().map(step_log).collect(),
    }
}

fn step_log(step: &StepRecord) -> ResourceDescriptor {
    let annotations = BTreeMap::from([
        ("outcome".to_owned(), json!(step.outcome.to_string())),
        ("truncated".to_owned(), json!(step.log_truncated)),
    ]);
    ResourceDescriptor { annotations, ..ResourceDescriptor::named(format!("log:{}", step.name), &step.log) }
}
