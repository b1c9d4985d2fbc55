use std::collections::{BTreeMap, BTreeSet};

use palisade_config::{JobBody, JobSpec, Parsed, PipelineFile, Shell, StepSpec};
use palisade_model::{
    Digest, Environment, Job, JobId, Limits, Origin, Plan, ReleaseSpec, Step, Suppressions,
};

use crate::policy::Policy;
use crate::{check, weave};

/// Version of the pipeline language.
const VERSION: u32 = 1;
/// Wall clock limit of a step that does not say, in seconds.
const STEP_TIMEOUT: u64 = 60 * 60;
/// Wall clock limit of a job that does not say, in seconds.
const JOB_TIMEOUT: u64 = 2 * 60 * 60;

/// The jobs of a plan.
pub(crate) type Jobs = BTreeMap<JobId, Job>;

/// Compiles `file`, whose bytes have the digest `pipeline_digest`, under `policy`. The plan is there exactly when no problem is an
/// error; the problems' places are in the pipeline file.
pub fn compile(file: &PipelineFile, pipeline_digest: Digest, policy: &Policy) -> Parsed<Plan> {
    compile_with(file, pipeline_digest, policy, weave::weave)
}

/// [`compile`] with the weaving handed in, so that a test can hand in a broken one.
fn compile_with(
    file: &PipelineFile,
    pipeline_digest: Digest,
    policy: &Policy,
    weave: fn(Jobs, &Policy) -> Jobs,
) -> Parsed<Plan> {
    let jobs = weave(expanded(file), policy);
    let problems = check::problems(file, policy);
    let environments = environments(&jobs, policy);
    let plan = Plan {
        version: VERSION,
        name: file.name.clone(),
        pipeline: pipeline_digest,
        policy: policy.reference(),
        scans: policy.scans(),
        jobs,
        mandatory: policy.mandatory_names(),
        suppressions: suppressions(&environments, policy),
        tools: policy.tools().cloned(),
        environments,
        release: ReleaseSpec { artifacts: artifacts(file) },
    };
    Parsed::new(Some(plan), problems)
}

/// The repository's jobs with every default filled in.
fn expanded(file: &PipelineFile) -> Jobs {
    let job = |(id, spec): (&JobId, &JobSpec)| (id.clone(), repository_job(file, spec));
    file.jobs.iter().map(job).collect()
}

fn repository_job(file: &PipelineFile, spec: &JobSpec) -> Job {
    let needs = spec.needs.iter().filter_map(|need| JobId::repository(&need.value));
    Job {
        needs: needs.filter(|need| file.jobs.contains_key(need)).collect(),
        environment: spec.environment.as_ref().map(|environment| environment.value.clone()),
        ..job(&spec.body, &file.env, Origin::Repository)
    }
}

/// A job that needs nothing and acts for no environment; its steps see `env` below their own.
pub(crate) fn job(body: &JobBody, env: &BTreeMap<String, String>, origin: Origin) -> Job {
    Job {
        origin,
        needs: BTreeSet::new(),
        steps: body.steps.iter().map(|spec| step(spec, env)).collect(),
        outputs: sorted(body.outputs.iter().map(|output| &output.value)),
        timeout_seconds: body.timeout_seconds.unwrap_or(JOB_TIMEOUT),
        environment: None,
        limits: Limits::default(),
    }
}

fn step(spec: &StepSpec, env: &BTreeMap<String, String>) -> Step {
    let mut merged = env.clone();
    merged.extend(spec.env.clone());
    Step {
        name: spec.name.clone(),
        run: spec.run.clone(),
        shell: argv(&spec.shell),
        env: merged,
        timeout_seconds: spec.timeout_seconds.unwrap_or(STEP_TIMEOUT),
        working_directory: spec.working_directory.clone(),
    }
}

/// The shells stop at the first command that fails, Bash also inside of pipes.
fn argv(shell: &Shell) -> Vec<String> {
    let words: &[&str] = match shell {
        Shell::Sh => &["sh", "-e"],
        Shell::Bash => &["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"],
        Shell::Python3 => &["python3"],
        Shell::Custom(argv) => return argv.clone(),
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The environments that jobs act for. One that policy does not know is unprotected, which `check` warns of.
fn environments(jobs: &Jobs, policy: &Policy) -> BTreeMap<String, Environment> {
    let names = jobs.values().filter_map(|job| job.environment.as_ref());
    names.map(|name| (name.clone(), policy.environments().get(name).cloned().unwrap_or_default())).collect()
}

/// What a change grants itself never counts on the way into a protected environment.
fn suppressions(environments: &BTreeMap<String, Environment>, policy: &Policy) -> Suppressions {
    let protected = environments.values().any(|environment| environment.protected);
    let least = if protected { Suppressions::Base } else { Suppressions::Own };
    policy.suppressions().max(least)
}

/// What the file says is released, or else what the jobs leave that no other job needs.
fn artifacts(file: &PipelineFile) -> Vec<String> {
    if let Some(artifacts) = &file.artifacts {
        return sorted(artifacts.iter().map(|artifact| &artifact.value));
    }
    let needed: BTreeSet<&str> =
        file.jobs.values().flat_map(|job| &job.needs).map(|need| need.value.as_str()).collect();
    let last = file.jobs.iter().filter(|(id, _)| !needed.contains(id.as_str()));
    sorted(last.flat_map(|(_, job)| &job.body.outputs).map(|output| &output.value))
}

fn sorted<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    texts.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

#[cfg(test)]
mod tests;
