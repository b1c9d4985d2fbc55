//! What is wrong with a pipeline file as a whole, though each entry is well-formed.

use std::collections::{BTreeMap, BTreeSet};

use palisade_config::{JobSpec, PipelineFile, Spanned, nearest};
use palisade_model::{JobId, Problem, Span};

use crate::overlap::Overlap;
use crate::policy::Policy;

/// Most jobs in a pipeline file.
const MAX_JOBS: usize = 256;
/// Most names for which near ones are searched: the search is the product of both lists.
const MAX_SUGGESTIONS: usize = 32;

/// The problems of `file` under `policy`.
pub(crate) fn problems(file: &PipelineFile, policy: &Policy) -> Vec<Problem> {
    if let Some((_, job)) = file.jobs.iter().nth(MAX_JOBS) {
        return vec![Problem::error(format!("a pipeline has at most {MAX_JOBS} jobs"), job.span)];
    }
    let mut problems = needs_problems(file);
    problems.extend(cycles(file).iter().filter_map(|cycle| cycle_problem(file, cycle)));
    problems.extend(environment_problems(file, policy));
    problems.extend(artifact_problems(file));
    problems
}

fn needs_problems(file: &PipelineFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (id, job) in &file.jobs {
        let mut seen = BTreeSet::new();
        for need in &job.needs {
            if need.value == id.as_str() {
                problems.push(Problem::error(format!("job `{id}` needs itself"), need.span));
            } else if !file.jobs.keys().any(|known| known.as_str() == need.value) {
                let suggest = problems.len() < MAX_SUGGESTIONS;
                problems.push(unknown_need(file, id, need, suggest));
            } else if !seen.insert(&need.value) {
                problems
                    .push(Problem::warning(format!("job `{id}` needs `{}` twice", need.value), need.span));
            }
        }
    }
    problems
}

fn unknown_need(file: &PipelineFile, id: &JobId, need: &Spanned<String>, suggest: bool) -> Problem {
    let name = need.value.escape_debug().take(64).collect::<String>();
    let problem = Problem::error(format!("job `{id}` needs `{name}`, which is not a job"), need.span);
    if need.value.starts_with("org/") {
        return problem
            .with_hint("the organisation's jobs are put in place by policy; leave them out of `needs`");
    }
    let others = file.jobs.keys().filter(|other| *other != id).map(JobId::as_str);
    match nearest(&need.value, others).filter(|_| suggest) {
        Some(near) => problem.with_label(format!("did you mean `{near}`?")),
        None => problem,
    }
}

/// Circles of needs, no job in more than one, each beginning with its least name.
fn cycles(file: &PipelineFile) -> Vec<Vec<&JobId>> {
    let mut graph: BTreeMap<&JobId, BTreeSet<&JobId>> =
        file.jobs.iter().map(|(id, job)| (id, known_needs(file, id, job))).collect();
    let mut cycles = Vec::new();
    loop {
        remove_settled(&mut graph);
        let Some(cycle) = walk(&graph) else { return cycles };
        for id in &cycle {
            graph.remove(id);
        }
        cycles.push(cycle);
    }
}

fn known_needs<'f>(file: &'f PipelineFile, id: &JobId, job: &JobSpec) -> BTreeSet<&'f JobId> {
    let known = |need: &Spanned<String>| {
        let name = JobId::repository(&need.value)?;
        file.jobs.get_key_value(&name).map(|(known, _)| known)
    };
    job.needs.iter().filter_map(known).filter(|need| *need != id).collect()
}

/// Takes away the jobs that need nothing in `graph`, until every one left needs another one left.
fn remove_settled(graph: &mut BTreeMap<&JobId, BTreeSet<&JobId>>) {
    loop {
        let left: BTreeSet<&JobId> = graph.keys().copied().collect();
        for needs in graph.values_mut() {
            needs.retain(|need| left.contains(need));
        }
        graph.retain(|_, needs| !needs.is_empty());
        if graph.len() == left.len() {
            return;
        }
    }
}

/// Follows the first need of each job until one comes again. Every job in `graph` needs one in `graph`.
fn walk<'f>(graph: &BTreeMap<&'f JobId, BTreeSet<&'f JobId>>) -> Option<Vec<&'f JobId>> {
    let mut path: Vec<&JobId> = Vec::new();
    let mut next = *graph.keys().next()?;
    loop {
        if let Some(start) = path.iter().position(|id| *id == next) {
            let mut cycle = path.split_off(start);
            let least = cycle.iter().enumerate().min_by_key(|(_, id)| **id).map_or(0, |(at, _)| at);
            cycle.rotate_left(least);
            return Some(cycle);
        }
        path.push(next);
        next = graph.get(next)?.first().copied()?;
    }
}

fn cycle_problem(file: &PipelineFile, cycle: &[&JobId]) -> Option<Problem> {
    let (first, second) = (cycle.first()?, cycle.get(1)?);
    let job = file.jobs.get(*first)?;
    let edge = job.needs.iter().find(|need| need.value == second.as_str()).map_or(job.span, |need| need.span);
    let names: Vec<String> = cycle.iter().chain([first]).map(|id| format!("`{id}`")).collect();
    let problem = Problem::error(format!("jobs need each other in a circle: {}", names.join(" -> ")), edge);
    Some(problem.with_label(format!("`{first}` needs `{second}` here")))
}

fn environment_problems(file: &PipelineFile, policy: &Policy) -> Vec<Problem> {
    let named = file.jobs.values().filter_map(|job| job.environment.as_ref());
    named
        .filter(|environment| !policy.environments().contains_key(&environment.value))
        .map(|environment| unknown_environment(environment, policy))
        .collect()
}

fn unknown_environment(environment: &Spanned<String>, policy: &Policy) -> Problem {
    let message = format!("the policy knows no environment `{}`", environment.value);
    // Where a policy names environments, a misspelt one would escape what it asks for.
    let problem = match policy.environments().is_empty() {
        true => Problem::warning(message, environment.span)
            .with_hint("without a policy for it, it is not protected"),
        false => Problem::error(message, environment.span),
    };
    match nearest(&environment.value, policy.environments().keys().map(String::as_str)) {
        Some(near) => problem.with_label(format!("did you mean `{near}`?")),
        None => problem,
    }
}

fn artifact_problems(file: &PipelineFile) -> Vec<Problem> {
    let mut overlap = Overlap::default();
    let outputs: BTreeSet<&str> =
        file.jobs.values().flat_map(|job| &job.body.outputs).map(|output| output.value.as_str()).collect();
    let unmatched = |span: Span, glob: &str| {
        Problem::warning(format!("no job has outputs that `{glob}` could match"), span)
            .with_hint("name the file in the `outputs` of the job that makes it")
    };
    let artifacts = file.artifacts.iter().flatten();
    artifacts
        .filter(|artifact| !outputs.iter().any(|output| overlap.possible(&artifact.value, output)))
        .map(|artifact| unmatched(artifact.span, &artifact.value))
        .collect()
}
