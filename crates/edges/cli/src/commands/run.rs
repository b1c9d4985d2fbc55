use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use palisade_flow::{Conclusion, Context, Exit, FlowError, RunOptions, RunOutcome, RunSummary, Scope};
use palisade_mask::{SHORTEST, Secret};
use palisade_model::{JobId, Outcome};
use palisade_report::{printable, printable_bytes, release_lines, table};
use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::{Done, usage};
use crate::args::{FolderArgs, LogsArgs, RunArgs};
use crate::observer::Screen;
use crate::output::{CommandError, Output};

pub(super) fn run(context: &Context, output: &Output, args: &RunArgs) -> Done {
    let terminated = listen(context).map_err(crate::output::OutputError::from)?;
    let screen = Screen { output: *output, until: context.suggested_waiver_end() };
    let job = args.job.as_deref().or(args.shell.as_deref()).map(job_id).transpose()?;
    let scope = job.clone().map_or(Scope::Path, Scope::Job);
    let options = RunOptions { scope, secrets: secrets(&args.secrets)?, max_file_bytes: args.max_file_size };
    if let (Some(job), true) = (&job, args.shell.is_some()) {
        let outcome = palisade_flow::shell(context, &args.folder, job, &options, &screen)?;
        return Ok(match outcome {
            Outcome::Succeeded => Exit::Done,
            Outcome::Cancelled if terminated.load(Ordering::Relaxed) => Exit::Terminated,
            Outcome::Cancelled => Exit::Interrupted,
            _ => Exit::Denied,
        });
    }
    let outcome = palisade_flow::run(context, &args.folder, &options, &screen)?;
    show(output, &args.folder, &outcome)?;
    match outcome.exit() {
        Exit::Interrupted if terminated.load(Ordering::Relaxed) => Ok(Exit::Terminated),
        exit => Ok(exit),
    }
}

/// The first signal asks the run to stop and clear up, the second ends the process at once.
fn listen(context: &Context) -> std::io::Result<Arc<AtomicBool>> {
    let terminated = Arc::new(AtomicBool::new(false));
    flag::register_conditional_shutdown(SIGINT, i32::from(Exit::Interrupted.code()), context.cancel.clone())?;
    flag::register_conditional_shutdown(SIGTERM, i32::from(Exit::Terminated.code()), context.cancel.clone())?;
    flag::register(SIGINT, context.cancel.clone())?;
    flag::register(SIGTERM, context.cancel.clone())?;
    flag::register(SIGTERM, terminated.clone())?;
    Ok(terminated)
}

fn job_id(name: &str) -> Result<JobId, CommandError> {
    let id = match name.strip_prefix("org/") {
        Some(name) => JobId::organisation(name),
        None => JobId::repository(name),
    };
    id.ok_or_else(|| usage(&format!("`{name}` is not the name of a job"), "`palisade plan` lists the jobs"))
}

/// `NAME` from our environment, `NAME=@FILE` from a file without its last line feed.
fn secrets(given: &[String]) -> Result<BTreeMap<String, Secret>, CommandError> {
    given.iter().map(|text| secret(text)).collect()
}

fn secret(text: &str) -> Result<(String, Secret), CommandError> {
    let (name, file) = match text.split_once('=') {
        None => (text, None),
        Some((name, value)) => match value.strip_prefix('@') {
            Some(file) => (name, Some(file)),
            None => {
                return Err(usage(
                    "a secret's value does not belong on the command line",
                    "write NAME or NAME=@FILE",
                ));
            }
        },
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(plain) || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(usage(&format!("`{name}` is no name for a variable"), "letters, digits and underscores"));
    }
    let value = match file {
        Some(file) => std::fs::read_to_string(Path::new(file)).map_err(|error| FlowError::Usage {
            message: format!("cannot read the secret `{name}` from `{file}`: {error}"),
            hint: None,
        })?,
        None => std::env::var(name).map_err(|_| FlowError::Usage {
            message: format!("the environment has no variable `{name}` that is UTF-8"),
            hint: Some("export it, or write NAME=@FILE".to_owned()),
        })?,
    };
    let value = value.strip_suffix('\n').unwrap_or(&value);
    if value.trim().len() < SHORTEST {
        let message = format!("the secret `{name}` is shorter than {SHORTEST} bytes, too short to be masked");
        return Err(usage(&message, "pass it by `env` in the pipeline file if it is no secret"));
    }
    Ok((name.to_owned(), Secret::new(value)))
}

fn show(output: &Output, folder: &Path, outcome: &RunOutcome) -> Result<(), CommandError> {
    if output.is_json() {
        return Ok(output.emit(&json!({
            "schema": "palisade/run/v1",
            "run": outcome.run,
            "conclusion": outcome.conclusion,
            "exit": outcome.exit().code(),
            "jobs": outcome.jobs,
            "scan": outcome.scan.as_ref().map(|scan| &scan.report),
            "verdict": outcome.verdict,
            "release": outcome.release.as_ref().map(|release| json!({
                "digest": release.digest, "folder": release.folder, "manifest": release.manifest,
            })),
        }))?);
    }
    let text = match (&outcome.conclusion, &outcome.release) {
        (Conclusion::Released { .. }, Some(release)) => {
            let artifacts: Vec<String> =
                release.manifest.artifacts.iter().map(|artifact| artifact.subject.name.clone()).collect();
            release_lines(&shortened(&release.folder), &artifacts)
        }
        (Conclusion::Denied { .. }, _) => {
            let failed = outcome
                .jobs
                .iter()
                .filter(|job| !job.outcome.is_success() && job.outcome != Outcome::Skipped);
            let logs: Vec<String> =
                failed.map(|job| format!("palisade logs {} --job {}", outcome.run, job.job)).collect();
            let folder =
                if folder == Path::new(".") { String::new() } else { format!(" --dir {}", folder.display()) };
            let logs: String =
                logs.iter().map(|line| format!("logs      {}{}\n", line, printable(&folder))).collect();
            format!("{logs}Nothing was released.\n")
        }
        (Conclusion::Cancelled, _) => "cancelled; nothing was released\n".to_owned(),
        _ => String::new(),
    };
    Ok(output.show(&text)?)
}

/// From where the user stands, if the path lies below it.
fn shortened(path: &Path) -> std::path::PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_owned()
}

pub(super) fn runs(context: &Context, output: &Output, args: &FolderArgs) -> Done {
    let runs = palisade_flow::runs(context, &args.folder)?;
    if output.is_json() {
        let run = |run: &RunSummary| json!({ "run": run.run, "started": run.started, "conclusion": run.conclusion, "jobs": run.jobs });
        output.emit(
            &json!({ "schema": "palisade/runs/v1", "runs": runs.iter().map(run).collect::<Vec<_>>() }),
        )?;
    } else {
        let rows: Vec<Vec<String>> = runs.iter().map(row).collect();
        output.show(&table(&rows))?;
    }
    Ok(Exit::Done)
}

fn row(run: &RunSummary) -> Vec<String> {
    let conclusion = match &run.conclusion {
        None => "going on, or killed".to_owned(),
        Some(Conclusion::Released { release }) => format!("released {release}"),
        Some(Conclusion::Denied { incomplete: true }) => "denied: incomplete".to_owned(),
        Some(Conclusion::Denied { incomplete: false }) => "denied".to_owned(),
        Some(Conclusion::JobSucceeded) => "job succeeded".to_owned(),
        Some(Conclusion::JobFailed) => "job failed".to_owned(),
        Some(Conclusion::Cancelled) => "cancelled".to_owned(),
        Some(Conclusion::Errored { reason }) => format!("error: {}", printable(reason)),
        Some(Conclusion::Interrupted) => "killed".to_owned(),
    };
    vec![run.run.to_string(), conclusion]
}

pub(super) fn logs(context: &Context, output: &Output, args: &LogsArgs) -> Done {
    let (run, logs) = palisade_flow::logs(context, &args.dir, args.run.as_deref(), args.job.as_deref())?;
    if output.is_json() {
        let log = |log: &palisade_flow::StepLog| json!({ "job": log.job, "step": log.step, "text": String::from_utf8_lossy(&log.text) });
        output.emit(&json!({ "schema": "palisade/logs/v1", "run": run, "logs": logs.iter().map(log).collect::<Vec<_>>() }))?;
        return Ok(Exit::Done);
    }
    for log in logs {
        output.say(&format!("== {} / {}", log.job, printable(&log.step)));
        for line in log.text.split(|byte| *byte == b'\n') {
            output
                .show(&format!("{}\n", printable_bytes(&anstream::adapter::strip_bytes(line).into_vec())))?;
        }
    }
    Ok(Exit::Done)
}
