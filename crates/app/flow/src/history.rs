//! What earlier runs left: their conclusions and logs.

use std::path::{Path, PathBuf};

use palisade_model::{JobRecord, RunId, Timestamp};
use palisade_pipeline::{Conclusion, Event};
use palisade_store::{Store, StoreError, StoredRun};

use crate::project::Project;
use crate::{Context, FlowError, recovery};

/// The largest log that is read, in bytes: a full one with its closing line.
const LOG_LIMIT: u64 = 256 << 20;

/// A stored run in short.
#[derive(Debug, Clone)]
pub struct RunSummary {
    /// Its name.
    pub run: RunId,
    /// When it started; none when it was killed before that was written down.
    pub started: Option<Timestamp>,
    /// How it ended; none while it goes on, or when its process is gone.
    pub conclusion: Option<Conclusion>,
    /// What became of its jobs, in the order in which they ended.
    pub jobs: Vec<JobRecord>,
}

/// A stored log.
#[derive(Debug, Clone)]
pub struct StepLog {
    /// The job.
    pub job: String,
    /// The step.
    pub step: String,
    /// What it wrote, masked when it was stored.
    pub text: Vec<u8>,
}

/// The runs of the project that `folder` lies in, newest first.
pub fn runs(context: &Context, folder: &Path) -> Result<Vec<RunSummary>, FlowError> {
    let store = store(context, folder)?;
    let mut runs = Vec::new();
    for id in store.run_ids()? {
        match store.run(&id) {
            Ok(Some(run)) => runs.push(summary(&store, &run)?),
            Ok(None) => {}
            Err(StoreError::Corrupt { detail, .. }) => runs.push(unreadable(id, &detail)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(runs)
}

/// A run whose journal is damaged.
fn unreadable(run: RunId, detail: &str) -> RunSummary {
    let reason = format!("its journal is damaged: {detail}");
    RunSummary { run, started: None, conclusion: Some(Conclusion::Errored { reason }), jobs: Vec::new() }
}

/// The logs of a run, the newest when none is named; of one job if one is named.
pub fn logs(
    context: &Context,
    folder: &Path,
    run: Option<&str>,
    job: Option<&str>,
) -> Result<(RunId, Vec<StepLog>), FlowError> {
    let store = store(context, folder)?;
    let run = find(&store, run)?;
    let summary = summary(&store, &run)?;
    let wanted: Vec<&JobRecord> =
        summary.jobs.iter().filter(|record| job.is_none_or(|job| record.job.as_str() == job)).collect();
    if let Some(job) = job.filter(|_| wanted.is_empty()) {
        return Err(FlowError::usage(format!("run {} has no finished job `{job}`", run.id)));
    }
    let mut logs = Vec::new();
    for record in wanted {
        for (index, step) in record.steps.iter().enumerate() {
            let path = log_path(&store, &run.id, record.job.as_str(), index);
            let text = context.files.read(&path, LOG_LIMIT)?;
            if palisade_model::Digest::of(&text) != step.log {
                return Err(FlowError::Unavailable {
                    message: format!("the log `{}` was changed after the run", path.display()),
                    hint: None,
                });
            }
            logs.push(StepLog { job: record.job.to_string(), step: step.name.clone(), text });
        }
    }
    Ok((run.id, logs))
}

/// One of a run's stored documents; of the newest run that has it when none is named.
pub(crate) fn stored_document(
    context: &Context,
    project: &Project,
    run: Option<&str>,
    name: &str,
) -> Result<Vec<u8>, FlowError> {
    let store = Store::new(context.files.clone(), &project.root);
    if run.is_some() {
        return Ok(store.document(&find(&store, run)?.id, name)?);
    }
    let found = store.run_ids()?.into_iter().find_map(|id| store.document(&id, name).ok());
    found.ok_or_else(|| FlowError::usage(format!("no run of this project has a {name} yet")))
}

fn store(context: &Context, folder: &Path) -> Result<Store, FlowError> {
    Ok(Store::new(context.files.clone(), &Project::find(folder)?.root))
}

fn find(store: &Store, run: Option<&str>) -> Result<StoredRun, FlowError> {
    let id = match run {
        Some(text) => {
            text.parse().map_err(|_| FlowError::usage(format!("`{text}` is not the name of a run")))?
        }
        None => newest(store)?,
    };
    store.run(&id)?.ok_or_else(|| {
        FlowError::usage_with_hint(format!("there is no run {id}"), "`palisade runs` lists them")
    })
}

fn newest(store: &Store) -> Result<RunId, FlowError> {
    let newest = store.run_ids()?.into_iter().next();
    newest
        .ok_or_else(|| FlowError::usage_with_hint("this project has no runs yet", "`palisade run` makes one"))
}

fn summary(store: &Store, run: &StoredRun) -> Result<RunSummary, FlowError> {
    let started = run.journal.iter().find_map(|entry| match &entry.what {
        Event::Started { at, .. } => Some(*at),
        _ => None,
    });
    let ended = run.journal.iter().filter_map(|entry| match &entry.what {
        Event::JobEnded { record } => Some((**record).clone()),
        _ => None,
    });
    let conclusion = recovery::conclusion(store, run)?;
    Ok(RunSummary { run: run.id.clone(), started, conclusion, jobs: ended.collect() })
}

fn log_path(store: &Store, run: &RunId, job: &str, index: usize) -> PathBuf {
    store.log_folder(run).join(crate::execution::folder_name(job)).join(format!("{}.log", index + 1))
}
