use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use palisade_mask::Masker;
use palisade_model::{Job, JobId, JobRecord, Outcome, OutputRecord, RunId, SandboxRecord, Step, StepRecord};
use palisade_sandbox::{Access, Launcher, Mount, SandboxError, Spec, Tool, WORKSPACE, host_uid};
use palisade_tree::{SnapshotError, copy_tree};

use crate::environment::environment;
use crate::log::{LogPump, StoredLog, Watch};
use crate::outputs::{self, OutputError};
use crate::terminal::Terminal;

/// Where step scripts are seen inside.
const SCRIPTS: &str = "/run/palisade";

/// Why a job could not be run at all. Failures of the job itself are outcomes.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The sandbox could not be made.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The workspace could not be made.
    #[error(transparent)]
    Workspace(#[from] SnapshotError),
    /// A file of ours could not be written or read.
    #[error("cannot write `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl RunnerError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    /// Whether the machine lacks something: an isolation, or disk space.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Sandbox(SandboxError::Unavailable { .. })) || self.is_disk_full()
    }

    /// Whether the disk or a quota is full.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Sandbox(_) => false,
            Self::Workspace(error) => matches!(error, SnapshotError::StorageFull { .. }),
            Self::Io { source, .. } => {
                matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
        }
    }
}

/// The outputs of a job that this one needs.
#[derive(Debug, Clone)]
pub struct Laid {
    /// Where they were collected.
    pub folder: PathBuf,
    /// Which.
    pub outputs: Vec<OutputRecord>,
}

/// One job and everything it gets.
pub struct JobRun<'a> {
    /// The run it belongs to.
    pub run: &'a RunId,
    /// Its name.
    pub id: &'a JobId,
    /// What the plan says of it.
    pub job: &'a Job,
    /// The materialised snapshot, read-only.
    pub snapshot: &'a Path,
    /// Outputs of the jobs it needs, laid over the snapshot in this order.
    pub needs: &'a [Laid],
    /// A folder that does not exist yet, for its workspace; the caller removes it.
    pub scratch: &'a Path,
    /// A folder that does not exist yet, where its outputs are collected.
    pub collected: &'a Path,
    /// A folder that does not exist yet, for its step logs `N.log`, N from 1.
    pub logs: &'a Path,
    /// Host tools it may see.
    pub tools: &'a [Tool],
    /// Secrets it gets in its environment; `masker` knows them.
    pub secrets: &'a BTreeMap<String, String>,
    /// Knows what must not be shown.
    pub masker: &'a Masker,
    /// Starts sandboxes.
    pub launcher: &'a Launcher,
    /// A number no other job has that runs at the same time.
    pub slot: u32,
    /// Set by somebody else to end it.
    pub cancel: &'a AtomicBool,
    /// Told what happens.
    pub watch: &'a dyn Watch,
}

/// Runs the steps in order until one does not succeed, then collects the outputs.
pub fn run_job(run: &JobRun<'_>) -> Result<JobRecord, RunnerError> {
    create_folder(run.logs, 0o700)?;
    let workspace = match Workspace::prepare(run) {
        Err(RunnerError::Workspace(error @ SnapshotError::Obstructed { .. })) => {
            return Ok(unprepared(run, &error));
        }
        prepared => prepared?,
    };
    let deadline = Instant::now() + Duration::from_secs(run.job.timeout_seconds);
    let mut record = JobRecord {
        job: run.id.clone(),
        outcome: Outcome::Succeeded,
        detail: None,
        steps: Vec::new(),
        outputs: Vec::new(),
        sandbox: None,
    };
    for (index, step) in run.job.steps.iter().enumerate() {
        let done = run_step(run, &workspace, index, step, deadline)?;
        record.outcome = done.record.outcome;
        record.sandbox = Some(weaker(record.sandbox.take(), done.sandbox));
        record.steps.push(done.record);
        if !record.outcome.is_success() {
            record.detail = Some(format!("step `{}` {}", step.name, record.outcome));
            return Ok(record);
        }
    }
    collect_outputs(run, &workspace, &mut record)?;
    Ok(record)
}

/// The record of a job whose workspace cannot be made of the project and what other jobs left.
fn unprepared(run: &JobRun<'_>, error: &SnapshotError) -> JobRecord {
    JobRecord {
        job: run.id.clone(),
        outcome: Outcome::BadOutput,
        detail: Some(format!("an output of a job it needs does not fit into the project: {error}")),
        steps: Vec::new(),
        outputs: Vec::new(),
        sandbox: None,
    }
}

/// What held both of two steps in.
fn weaker(before: Option<SandboxRecord>, step: SandboxRecord) -> SandboxRecord {
    match before {
        None => step,
        Some(mut before) => {
            before.grade = before.grade.min(step.grade);
            before.guards.retain(|guard| step.guards.contains(guard));
            before
        }
    }
}

/// Opens an interactive shell where the first step of the job would start, on the terminal of this process. Nothing of it is
/// logged or masked: it is the user's own terminal.
pub fn open_shell(run: &JobRun<'_>) -> Result<Outcome, RunnerError> {
    let workspace = Workspace::prepare(run)?;
    let Some(step) = run.job.steps.first() else { return Ok(Outcome::Skipped) };
    let mut spec = workspace.spec(run, 0, step);
    spec.argv = vec!["/bin/sh".to_owned(), "-i".to_owned()];
    spec.env.insert("PS1".to_owned(), format!("{}$ ", run.id));
    spec.env.insert("TERM".to_owned(), "xterm-256color".to_owned());
    let mut terminal = Terminal::open().map_err(RunnerError::io(run.scratch))?;
    let theirs = terminal.take_theirs().map_err(RunnerError::io(run.scratch))?;
    let running = run.launcher.spawn_interactive(&spec, theirs)?;
    let ended = terminal.relay(|| running.wait(None, run.cancel)).map_err(RunnerError::io(run.scratch))?;
    Ok(ended?.outcome)
}

fn collect_outputs(
    run: &JobRun<'_>,
    workspace: &Workspace,
    record: &mut JobRecord,
) -> Result<(), RunnerError> {
    create_folder(run.collected, 0o700)?;
    match outputs::collect(&workspace.work, &run.job.outputs, run.collected) {
        Ok(outputs) => record.outputs = outputs,
        Err(OutputError::Io { source, .. }) => return Err(RunnerError::io(run.collected)(source)),
        Err(error) => {
            record.outcome = Outcome::BadOutput;
            record.detail = Some(error.to_string());
        }
    }
    Ok(())
}

struct StepDone {
    record: StepRecord,
    sandbox: SandboxRecord,
}

fn run_step(
    run: &JobRun<'_>,
    workspace: &Workspace,
    index: usize,
    step: &Step,
    job_deadline: Instant,
) -> Result<StepDone, RunnerError> {
    run.watch.step_started(run.id, &step.name);
    let started = Instant::now();
    let deadline = job_deadline.min(started + Duration::from_secs(step.timeout_seconds));
    let (reader, writer) = io::pipe().map_err(RunnerError::io(run.logs))?;
    let path = run.logs.join(format!("{}.log", index + 1));
    let file = File::create_new(&path).map_err(RunnerError::io(&path))?;
    let show = |line: &[u8]| run.watch.line(run.id, &step.name, line);
    let pump = LogPump::new(run.masker.clone(), file, run.job.limits.log_bytes, &show);

    let (ended, stored) = std::thread::scope(|scope| {
        let pumping = scope.spawn(|| pump.run(reader));
        let ended = run_in_sandbox(run, workspace, index, step, deadline, writer);
        let stored = pumping.join().unwrap_or_else(|_| Err(io::Error::other("the log writer panicked")));
        (ended, stored)
    });
    let (mut outcome, sandbox) = ended?;
    let StoredLog { digest, truncated } = stored.map_err(RunnerError::io(&path))?;
    if run.cancel.load(Ordering::Relaxed) && !outcome.is_success() {
        outcome = Outcome::Cancelled;
    }
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    run.watch.step_ended(run.id, &step.name, outcome, milliseconds);
    let record =
        StepRecord { name: step.name.clone(), outcome, milliseconds, log: digest, log_truncated: truncated };
    Ok(StepDone { record, sandbox })
}

/// Standard output and error go into one pipe, so that their lines keep their order.
fn run_in_sandbox(
    run: &JobRun<'_>,
    workspace: &Workspace,
    index: usize,
    step: &Step,
    deadline: Instant,
    writer: io::PipeWriter,
) -> Result<(Outcome, SandboxRecord), RunnerError> {
    let script = workspace.write_script(index, step)?;
    let mut spec = workspace.spec(run, index, step);
    spec.argv.push(script);
    let errors = writer.try_clone().map_err(RunnerError::io(&workspace.work))?;
    let running = match run.launcher.spawn(&spec, writer.into(), errors.into()) {
        Err(SandboxError::Command { program, .. }) => return Ok(missing_shell(run, step, &program)),
        other => other?,
    };
    let tools = run.tools.iter().flat_map(|tool| &tool.mounts).map(|mount| mount.display().to_string());
    let mut tools: Vec<String> = tools.collect();
    tools.sort();
    let sandbox = SandboxRecord { grade: running.grade(), guards: running.guards(), tools };
    let ended = running.wait(Some(deadline), run.cancel)?;
    Ok((ended.outcome, sandbox))
}

/// A step whose interpreter does not exist fails as in a shell: exit code 127.
fn missing_shell(run: &JobRun<'_>, step: &Step, program: &str) -> (Outcome, SandboxRecord) {
    run.watch.line(run.id, &step.name, format!("palisade: `{program}` is not in the sandbox").as_bytes());
    let sandbox = SandboxRecord {
        grade: palisade_model::IsolationGrade::Rlimit,
        guards: Vec::new(),
        tools: Vec::new(),
    };
    (Outcome::Failed(127), sandbox)
}

/// The folders of a job on the host.
struct Workspace {
    work: PathBuf,
    home: PathBuf,
    tmp: PathBuf,
    scripts: PathBuf,
}

impl Workspace {
    fn prepare(run: &JobRun<'_>) -> Result<Self, RunnerError> {
        let owner = host_uid(run.slot);
        create_folder(run.scratch, 0o711)?;
        let below = |name: &str| run.scratch.join(name);
        let workspace =
            Self { work: below("work"), home: below("home"), tmp: below("tmp"), scripts: below("steps") };
        copy_tree(run.snapshot, &workspace.work, owner)?;
        for laid in run.needs {
            palisade_tree::lay(&workspace.work, &laid.folder, &laid.outputs, owner)?;
        }
        for folder in [&workspace.home, &workspace.tmp] {
            create_folder(folder, 0o700)?;
            if let Some((user, group)) = owner {
                chown(folder, Some(user), Some(group)).map_err(RunnerError::io(folder))?;
            }
        }
        create_folder(&workspace.scripts, 0o755)?;
        Ok(workspace)
    }

    /// Puts the script where the job can read but not change it; returns its path inside.
    fn write_script(&self, index: usize, step: &Step) -> Result<String, RunnerError> {
        let name = format!("step-{}", index + 1);
        let path = self.scripts.join(&name);
        fs::write(&path, &step.run).map_err(RunnerError::io(&path))?;
        Ok(format!("{SCRIPTS}/{name}"))
    }

    fn spec(&self, run: &JobRun<'_>, index: usize, step: &Step) -> Spec {
        let read_only = |host: &Path, inside: &Path| Mount {
            host: host.to_owned(),
            inside: inside.to_owned(),
            access: Access::ReadOnly,
        };
        let tools = run.tools.iter().flat_map(|tool| &tool.mounts).map(|mount| read_only(mount, mount));
        let mut mounts: Vec<Mount> = tools.collect();
        mounts.push(read_only(&self.scripts, Path::new(SCRIPTS)));
        Spec {
            workspace: self.work.clone(),
            home: self.home.clone(),
            tmp: self.tmp.clone(),
            mounts,
            argv: step.shell.clone(),
            env: environment(run.run, run.id, step, run.tools, run.secrets),
            cwd: working_directory(&step.working_directory),
            limits: run.job.limits,
            name: group_name(run.run, run.slot, index),
            slot: run.slot,
        }
    }
}

fn working_directory(relative: &str) -> PathBuf {
    match relative {
        "." => PathBuf::from(WORKSPACE),
        relative => Path::new(WORKSPACE).join(relative),
    }
}

/// Begins with the run's name, by which its sandboxes are found and reaped after a crash.
fn group_name(run: &RunId, slot: u32, index: usize) -> String {
    format!("pal-{run}-{slot}-{index}")
}

fn create_folder(path: &Path, mode: u32) -> Result<(), RunnerError> {
    DirBuilder::new().mode(mode).recursive(true).create(path).map_err(RunnerError::io(path))
}
