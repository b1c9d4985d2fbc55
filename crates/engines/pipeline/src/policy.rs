use std::collections::{BTreeMap, BTreeSet};

use palisade_config::{Parsed, PolicyFile, Spanned, Stage, TemplateJob};
use palisade_model::{
    Before, Digest, Environment, IsolationGrade, Job, JobId, Origin, PolicyRef, Problem, ScanStage,
    Suppressions, Tolerance,
};

use crate::compile;

mod tighten;

/// The name of the policy that is in force when nobody gave one.
const DEFAULT_NAME: &str = "palisade/default";

/// The scans that no policy can leave out.
const ALWAYS: [&str; 2] = ["deps", "secrets"];

/// A mandatory job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MandatoryJob {
    /// Where it stands.
    pub(crate) before: Before,
    /// The job; it needs nothing yet.
    pub(crate) job: Job,
}

/// What `palisade verify` accepts; none is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectations {
    /// Repositories.
    pub source: Option<BTreeSet<String>>,
    /// Builders.
    pub builder: Option<BTreeSet<String>>,
}

/// Which licences packages may have, as SPDX names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Licences {
    /// Only these; none is any.
    pub allow: Option<BTreeSet<String>>,
    /// None of these.
    pub deny: BTreeSet<String>,
}

/// The policy in force: the organisation's, tightened by the repository's if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    name: String,
    digest: Digest,
    scans: BTreeMap<String, Origin>,
    jobs: BTreeMap<JobId, MandatoryJob>,
    mandatory: BTreeSet<String>,
    suppressions: Suppressions,
    environments: BTreeMap<String, Environment>,
    default_gate: bool,
    tools: Option<BTreeSet<String>>,
    isolation: Option<IsolationGrade>,
    verify: Expectations,
    licences: Licences,
    tolerances: Vec<Tolerance>,
}

impl Default for Policy {
    /// The embedded policy `palisade/default`: the scans for secrets and of dependencies are mandatory, a change may grant itself suppressions.
    fn default() -> Self {
        Self::basic(DEFAULT_NAME, Digest::of(DEFAULT_NAME.as_bytes()))
    }
}

impl Policy {
    /// The organisation's policy from its file and the job templates that the file names, by their paths as in
    /// [`PolicyFile::templates`]. `digest` is that of everything the policy says: file, templates, Rego modules. `engines` are the
    /// scanners there are. The problems' places are in the policy file.
    pub fn from_file(
        file: &PolicyFile,
        templates: &BTreeMap<String, TemplateJob>,
        digest: Digest,
        engines: &[&str],
    ) -> Parsed<Self> {
        let mut policy = Self::basic(&file.name, digest);
        let problems = policy.add_stages(file, Origin::Organisation, templates, engines);
        policy.suppressions = file.suppressions.as_ref().map_or(Suppressions::Own, |given| given.value);
        for (name, spec) in &file.environments {
            let protected = spec.protected.as_ref().is_some_and(|given| given.value);
            let approvals = spec.approvals.as_ref().map_or(0, |given| given.value);
            policy.environments.insert(name.clone(), Environment { protected, approvals });
        }
        policy.default_gate = file.default_gate.as_ref().is_none_or(|given| given.value);
        policy.tools = file.tools.as_ref().map(|given| given.value.clone());
        policy.isolation = file.isolation.as_ref().map(|given| given.value);
        policy.verify.source = file.verify.source.as_deref().map(values);
        policy.verify.builder = file.verify.builder.as_deref().map(values);
        policy.licences.allow = file.licences.allow.as_deref().map(values);
        policy.licences.deny = values(&file.licences.deny);
        policy.tolerances = file.tolerate.iter().map(|given| given.value.clone()).collect();
        Parsed::new(Some(policy), problems)
    }

    /// The same policy under another digest, for a caller who adds Rego modules to the embedded one.
    #[must_use]
    pub fn with_digest(self, digest: Digest) -> Self {
        Self { digest, ..self }
    }

    /// Name and digest.
    pub fn reference(&self) -> PolicyRef {
        PolicyRef { name: self.name.clone(), digest: self.digest }
    }

    /// Which suppressions count, unless a plan acts for a protected environment.
    pub const fn suppressions(&self) -> Suppressions {
        self.suppressions
    }

    /// The environments by name.
    pub const fn environments(&self) -> &BTreeMap<String, Environment> {
        &self.environments
    }

    /// Whether the embedded gate is asked besides the policy's own Rego modules.
    pub const fn default_gate(&self) -> bool {
        self.default_gate
    }

    /// Host tools that jobs may see; none is all that are found.
    pub const fn tools(&self) -> Option<&BTreeSet<String>> {
        self.tools.as_ref()
    }

    /// The least isolation that will do.
    pub const fn isolation(&self) -> Option<IsolationGrade> {
        self.isolation
    }

    /// What `palisade verify` accepts.
    pub const fn verify(&self) -> &Expectations {
        &self.verify
    }

    /// Which licences packages may have.
    pub const fn licences(&self) -> &Licences {
        &self.licences
    }

    /// Gaps that the organisation lives with for a while.
    pub fn tolerances(&self) -> &[Tolerance] {
        &self.tolerances
    }

    /// The mandatory stages, `scan:ENGINE` or `job:NAME`.
    pub(crate) fn mandatory_names(&self) -> BTreeSet<String> {
        self.mandatory.clone()
    }

    /// The mandatory scans, sorted by engine.
    pub(crate) fn scans(&self) -> Vec<ScanStage> {
        let stage =
            |(engine, origin): (&String, &Origin)| ScanStage { engine: engine.clone(), origin: *origin };
        self.scans.iter().map(stage).collect()
    }

    /// The mandatory jobs.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = (&JobId, &MandatoryJob)> {
        self.jobs.iter()
    }

    /// What every policy starts from: the scans of [`ALWAYS`] are mandatory.
    fn basic(name: &str, digest: Digest) -> Self {
        Self {
            name: name.to_owned(),
            digest,
            scans: ALWAYS.iter().map(|engine| ((*engine).to_owned(), Origin::Organisation)).collect(),
            jobs: BTreeMap::new(),
            mandatory: ALWAYS.iter().map(|engine| format!("scan:{engine}")).collect(),
            suppressions: Suppressions::Own,
            environments: BTreeMap::new(),
            default_gate: true,
            tools: None,
            isolation: None,
            verify: Expectations::default(),
            licences: Licences::default(),
            tolerances: Vec::new(),
        }
    }

    /// Adds the mandatory stages of `file`; one that is there already stays as it is.
    fn add_stages(
        &mut self,
        file: &PolicyFile,
        origin: Origin,
        templates: &BTreeMap<String, TemplateJob>,
        engines: &[&str],
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for entry in &file.mandatory {
            match &entry.stage {
                Stage::Scan(engine) if !engines.contains(&engine.as_str()) => {
                    problems.push(unknown_engine(engine, &entry.name, engines));
                }
                Stage::Scan(engine) => {
                    self.scans.entry(engine.clone()).or_insert(origin);
                }
                Stage::Job { id, .. } if self.jobs.contains_key(id) => {
                    let message = format!("the organisation already has `{}`", entry.name.value);
                    problems.push(Problem::error(message, entry.name.span).with_hint("give it another name"));
                }
                Stage::Job { id, template, before } => match templates.get(&template.value) {
                    Some(TemplateJob(body)) => {
                        let job = compile::job(body, &BTreeMap::new(), origin);
                        self.jobs.insert(id.clone(), MandatoryJob { before: *before, job });
                    }
                    None => {
                        let message = format!("there is no job template `{}`", template.value);
                        problems.push(Problem::error(message, template.span));
                    }
                },
            }
            self.mandatory.insert(entry.name.value.clone());
        }
        problems
    }
}

fn values(given: &[Spanned<String>]) -> BTreeSet<String> {
    given.iter().map(|text| text.value.clone()).collect()
}

fn unknown_engine(engine: &str, name: &Spanned<String>, engines: &[&str]) -> Problem {
    let problem = Problem::error(format!("there is no scan engine `{engine}`"), name.span);
    problem.with_hint(format!("known engines: {}", engines.join(", ")))
}
