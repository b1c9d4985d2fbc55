use std::collections::BTreeMap;

use palisade_attest::{
    Predicate, ResourceDescriptor, Statement, StatementError, SummaryVerifier, VerificationResult,
    VerificationSummary,
};
use palisade_model::{Decision, EvidenceRef, RunRecord, Subject, Timestamp, Verdict};
use serde_json::json;

use crate::names::{
    GATE_INPUT_FIELD, PLAN_FIELD, RUN_FIELD, TREE_FIELD, VERSION_FIELD, evidence_uri, policy_uri, project_uri,
};
use crate::scan::with_tree;

/// A build on one machine, by whoever owns it, is never more (SLSA v1.0, "Build levels").
const LOCAL_LEVEL: &str = "SLSA_BUILD_LEVEL_1";

/// How the gate judged the run's tree and `artifacts` at `time`, having looked at `inputs`: a SLSA verification summary.
pub fn verdict(
    record: &RunRecord,
    verdict: &Verdict,
    artifacts: &[Subject],
    inputs: &[EvidenceRef],
    time: Timestamp,
) -> Result<Statement, StatementError> {
    let (verification_result, level) = match verdict.decision {
        Decision::Allowed => (VerificationResult::Passed, LOCAL_LEVEL),
        Decision::Denied => (VerificationResult::Failed, "FAILED"),
    };
    let predicate = Predicate::Summary(VerificationSummary {
        verifier: SummaryVerifier { id: record.builder.id.clone() },
        time_verified: time,
        resource_uri: project_uri(&record.project),
        policy: ResourceDescriptor::located(policy_uri(&verdict.policy.name), &verdict.policy.digest),
        input_attestations: inputs
            .iter()
            .map(|input| ResourceDescriptor::located(evidence_uri(&input.digest), &input.digest))
            .collect(),
        verification_result,
        verified_levels: vec![level.to_owned()],
        slsa_version: Some("1.0".to_owned()),
        extensions: BTreeMap::from([
            (VERSION_FIELD.to_owned(), json!(record.builder.version)),
            (RUN_FIELD.to_owned(), json!(record.run)),
            (TREE_FIELD.to_owned(), json!(record.snapshot.tree)),
            (PLAN_FIELD.to_owned(), json!(record.plan)),
            (GATE_INPUT_FIELD.to_owned(), json!(verdict.input)),
        ]),
    });
    Statement::new(with_tree(record, artifacts), &predicate)
}
