use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Actor, Builder, Digest, EngineReport, Environment, Finding, Fingerprint, JobRecord, Plan, PolicyRef,
    RunId, Snapshot, Timestamp, Waiver,
};

/// Name and version of the gate's input document; its JSON Schema is `docs/schemas/gate-input-v1.json`.
pub const GATE_INPUT_SCHEMA: &str = "palisade/gate-input/v1";

/// What the run did, as the gate sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateRun {
    /// Its name.
    pub id: RunId,
    /// What ran it, and how the key that signs is kept.
    pub builder: Builder,
    /// What became of each job.
    pub jobs: Vec<JobRecord>,
}

/// A signed statement that the gate may count on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRef {
    /// The predicate type URI.
    pub predicate_type: String,
    /// The digest of the DSSE envelope.
    pub digest: Digest,
    /// The digests of the subjects it speaks of.
    pub subjects: Vec<Digest>,
}

/// Everything a policy may look at. A verdict can be given again from this document alone, anywhere, at any time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateInput {
    /// [`GATE_INPUT_SCHEMA`].
    pub schema: String,
    /// The moment the gate asks about.
    pub now: Timestamp,
    /// Who asks.
    pub actor: Actor,
    /// The content.
    pub snapshot: Snapshot,
    /// The plan.
    pub plan: Plan,
    /// Its digest.
    pub plan_digest: Digest,
    /// The environments the plan acts for.
    pub environments: BTreeMap<String, Environment>,
    /// What the run did.
    pub run: GateRun,
    /// Every finding, suppressed ones included.
    pub findings: Vec<Finding>,
    /// What each scanner looked at.
    pub coverage: Vec<EngineReport>,
    /// Signed statements so far.
    pub evidence: Vec<EvidenceRef>,
    /// The waivers that were read, whether they count or not.
    pub waivers: Vec<Waiver>,
}

/// What an objection is about; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectionKind {
    /// Something is wrong.
    Policy,
    /// Something was not looked at.
    Gap,
    /// Somebody has to agree.
    Approval,
    /// The policy itself failed.
    Error,
}

/// One thing the gate says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objection {
    /// What it is about.
    pub kind: ObjectionKind,
    /// The policy rule's name, such as `secret-in-tree`.
    pub rule: String,
    /// For people.
    pub message: String,
    /// The findings it refers to, sorted.
    pub findings: Vec<Fingerprint>,
}

/// The gate's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// May go on.
    Allowed,
    /// May not.
    Denied,
}

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The answer: allowed exactly when `denials` is empty.
    pub decision: Decision,
    /// Every reason against, sorted.
    pub denials: Vec<Objection>,
    /// What does not decide, sorted.
    pub warnings: Vec<Objection>,
    /// The policy that decided.
    pub policy: PolicyRef,
    /// How many rules it has.
    pub rules: u32,
    /// The digest of the canonical JSON of the [`GateInput`].
    pub input: Digest,
}

impl Verdict {
    /// Whether the only objections are blocking gaps.
    pub fn is_incomplete(&self) -> bool {
        !self.denials.is_empty() && self.denials.iter().all(|denial| denial.kind == ObjectionKind::Gap)
    }
}
