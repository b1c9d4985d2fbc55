use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Digest, EngineReport, JobId, PolicyRef, Snapshot, Subject, Timestamp};

/// The name of a run: `YYYYMMDD-HHMMSS-` in UTC, three hexadecimal digits of milliseconds and five random ones, so that names sort by
/// time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    /// The name of a run started at `start`.
    pub fn new(start: Timestamp, random: [u8; 4]) -> Self {
        let milliseconds = start.subsec_millisecond().unsigned_abs();
        let random = u32::from_be_bytes(random) & 0xf_ffff;
        Self(format!("{}-{milliseconds:03x}{random:05x}", start.strftime("%Y%m%d-%H%M%S")))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RunId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 15 => byte == b'-',
            0..15 => byte.is_ascii_digit(),
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        });
        if form && text.len() == 24 { Ok(Self(text.to_owned())) } else { Err("not the name of a run") }
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Who started a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The name; locally the account's.
    pub name: String,
}

/// How the statement key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyProtection {
    /// Made by a first run, not encrypted; refused for protected environments.
    LocalUnprotected,
    /// Encrypted with a passphrase.
    Passphrase,
}

/// What ran the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Builder {
    /// URI that names the trust domain.
    pub id: String,
    /// Version of Palisade.
    pub version: String,
    /// How the key that signs for it is kept.
    pub key: KeyProtection,
}

/// How a step or job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "is", content = "value", rename_all = "kebab-case")]
pub enum Outcome {
    /// Exit code 0.
    Succeeded,
    /// Exit code other than 0.
    Failed(i32),
    /// Ended by a signal of its own making.
    Signalled(i32),
    /// Over its wall clock limit.
    TimedOut,
    /// Over its memory limit.
    OutOfMemory,
    /// Over its output, process or disk limit.
    OverLimit,
    /// Declared outputs are missing, or of a kind that is not kept.
    BadOutput,
    /// Not started, because something it needs did not succeed.
    Skipped,
    /// The run was cancelled.
    Cancelled,
    /// We could not run it.
    Errored,
}

impl Outcome {
    /// Whether it ended well.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Succeeded)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded => f.write_str("succeeded"),
            Self::Failed(code) => write!(f, "failed with exit code {code}"),
            Self::Signalled(signal) => write!(f, "ended by signal {signal}"),
            Self::TimedOut => f.write_str("timed out"),
            Self::OutOfMemory => f.write_str("ran out of memory"),
            Self::OverLimit => f.write_str("went over a limit"),
            Self::BadOutput => f.write_str("left no acceptable outputs"),
            Self::Skipped => f.write_str("skipped"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Errored => f.write_str("could not be run"),
        }
    }
}

/// How resource limits are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IsolationGrade {
    /// rlimits, and a supervisor that sums up memory.
    Rlimit,
    /// Control groups.
    Cgroup,
}

/// What held a job in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SandboxRecord {
    /// How limits were held.
    pub grade: IsolationGrade,
    /// The guards in force, such as `seccomp` and `landlock`, sorted.
    pub guards: Vec<String>,
    /// Host folders mounted read-only besides the system's, sorted.
    pub tools: Vec<String>,
}

/// A file that a job left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputRecord {
    /// Path below the workspace and digest, computed outside the sandbox.
    #[serde(flatten)]
    pub subject: Subject,
    /// Size in bytes.
    pub bytes: u64,
    /// Whether it is executable.
    pub executable: bool,
}

/// What happened to a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRecord {
    /// Its name.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Wall clock time in milliseconds.
    pub milliseconds: u64,
    /// The digest of its stored, masked log.
    pub log: Digest,
    /// Whether the log was cut at its limit.
    pub log_truncated: bool,
}

/// What happened to a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobRecord {
    /// Its name.
    pub job: JobId,
    /// How it ended.
    pub outcome: Outcome,
    /// One line more, if there is something to say.
    pub detail: Option<String>,
    /// The steps that were started.
    pub steps: Vec<StepRecord>,
    /// What it left, sorted by name.
    pub outputs: Vec<OutputRecord>,
    /// What held it in; none when it was not started.
    pub sandbox: Option<SandboxRecord>,
}

/// Everything that happened in a run, as the control side saw it. Evidence is made from this alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Its name.
    pub run: RunId,
    /// Who started it.
    pub actor: Actor,
    /// What ran it.
    pub builder: Builder,
    /// When it started.
    pub started: Timestamp,
    /// When the last job ended.
    pub finished: Timestamp,
    /// On what.
    pub snapshot: Snapshot,
    /// The project's name.
    pub project: String,
    /// By which plan.
    pub plan: Digest,
    /// From which pipeline file.
    pub pipeline: Digest,
    /// Under which policy.
    pub policy: PolicyRef,
    /// What the person who started it chose on the command line, by option name; `externalParameters` of the provenance.
    pub parameters: std::collections::BTreeMap<String, String>,
    /// What the scanners did.
    pub scans: Vec<EngineReport>,
    /// What became of each job, sorted by name.
    pub jobs: Vec<JobRecord>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_names_sort_by_time_and_parse() {
        let early = RunId::new("2026-01-02T03:04:05.999Z".parse().unwrap(), [255; 4]);
        let late = RunId::new("2026-01-02T03:04:06Z".parse().unwrap(), [0; 4]);
        let later = RunId::new("2026-01-02T03:04:06.001Z".parse().unwrap(), [0; 4]);
        assert_eq!(early.as_str(), "20260102-030405-3e7fffff");
        assert!(late < later);
        assert!(early < late);
        assert_eq!(early.as_str().parse(), Ok(early));
        assert!("../../etc/passwd........".parse::<RunId>().is_err());
    }
}
