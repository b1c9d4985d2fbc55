use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, canonical};

/// The name of a job. The repository's are `[A-Za-z_][A-Za-z0-9_-]*`; the organisation's have the prefix `org/`, which no
/// repository can write.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(String);

impl JobId {
    /// A job of the repository; none when `text` has another form.
    pub fn repository(text: &str) -> Option<Self> {
        let mut bytes = text.bytes();
        let first = bytes.next()?;
        let head = first.is_ascii_alphabetic() || first == b'_';
        let tail = bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        (head && tail && text.len() <= 64).then(|| Self(text.to_owned()))
    }

    /// The organisation's job `text`; none when `text` has another form.
    pub fn organisation(text: &str) -> Option<Self> {
        Self::repository(text).map(|id| Self(format!("org/{}", id.0)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Who wrote a part of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The pipeline file.
    Repository,
    /// The organisation's policy.
    Organisation,
}

/// Which suppressions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Suppressions {
    /// Those of the change itself too; shown as self-granted.
    #[serde(rename = "self")]
    Own,
    /// Those already in the target revision.
    Base,
    /// None.
    None,
}

/// What a job may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Processes and threads at one time.
    pub processes: u64,
    /// Bytes of output kept for each step.
    pub log_bytes: u64,
    /// Size of any one file that the job writes, in bytes.
    pub disk_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const GIB: u64 = 1 << 30;
        Self { memory_bytes: 8 * GIB, processes: 4096, log_bytes: 64 << 20, disk_bytes: 32 * GIB }
    }
}

/// One command of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Name for people, unique in the job.
    pub name: String,
    /// The script.
    pub run: String,
    /// The interpreter and its arguments; the script's file name is added at the end.
    pub shell: Vec<String>,
    /// Environment: the file's, the job's and the step's own, merged.
    pub env: BTreeMap<String, String>,
    /// Wall clock limit in seconds.
    pub timeout_seconds: u64,
    /// Where it starts, relative to the workspace; `.` is the workspace.
    pub working_directory: String,
}

/// Steps that share one workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Who wrote it.
    pub origin: Origin,
    /// Jobs that must have succeeded before; their outputs are laid into the workspace.
    pub needs: BTreeSet<JobId>,
    /// In order.
    pub steps: Vec<Step>,
    /// Globs of files to keep, relative to the workspace.
    pub outputs: Vec<String>,
    /// Wall clock limit of all steps together in seconds.
    pub timeout_seconds: u64,
    /// The environment it acts for.
    pub environment: Option<String>,
    /// What it may use.
    pub limits: Limits,
}

/// Where an organisation's job stands on the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Before {
    /// Before every job of the repository.
    Build,
    /// After every job of the repository, before the gate.
    Release,
}

/// A scan that the control side runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanStage {
    /// The engine, such as `secrets`.
    pub engine: String,
    /// Who asked for it.
    pub origin: Origin,
}

/// An environment named in policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Whether dirty trees, unprotected keys and self-granted suppressions are refused.
    pub protected: bool,
    /// How many people other than the author must approve.
    pub approvals: u32,
}

/// Which policy was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRef {
    /// Its name.
    pub name: String,
    /// The digest of everything it says: document, templates and Rego modules.
    pub digest: Digest,
}

/// What a passing run leaves behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseSpec {
    /// Globs over the outputs of the repository's jobs.
    pub artifacts: Vec<String>,
}

/// Everything that will happen, decided before anything does. Equal input gives equal bytes on every machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Version of the pipeline language, now 1.
    pub version: u32,
    /// The project's name.
    pub name: String,
    /// The digest of the pipeline file.
    pub pipeline: Digest,
    /// The policy in force.
    pub policy: PolicyRef,
    /// Scans, mandatory ones included, sorted by engine.
    pub scans: Vec<ScanStage>,
    /// Jobs, mandatory ones included.
    pub jobs: BTreeMap<JobId, Job>,
    /// Names of mandatory stages, `scan:ENGINE` or `job:NAME`, sorted.
    pub mandatory: BTreeSet<String>,
    /// Which suppressions count.
    pub suppressions: Suppressions,
    /// Host tools the policy lets jobs see; none is all that `doctor` detects.
    pub tools: Option<BTreeSet<String>>,
    /// The environments that jobs name, as policy describes them.
    pub environments: BTreeMap<String, Environment>,
    /// What is released.
    pub release: ReleaseSpec,
}

impl Plan {
    /// The digest of the canonical JSON.
    pub fn digest(&self) -> Result<Digest, canonical::CanonicalError> {
        canonical::digest(self)
    }

    /// Whether an environment of the plan is protected.
    pub fn is_protected(&self) -> bool {
        self.environments.values().any(|environment| environment.protected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_repository_job_can_take_the_name_of_an_organisation_job() {
        assert_eq!(JobId::repository("org/licence"), None);
        assert_eq!(JobId::organisation("licence").unwrap().as_str(), "org/licence");
    }
}
