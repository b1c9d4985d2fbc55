//! One change along the whole path: plan, scan, build, evidence, gate, release.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use palisade_mask::{Masker, Secret};
use palisade_model::{
    Digest, Inventory, IsolationGrade, JobId, JobRecord, Outcome, Plan, RunId, RunRecord, ScanReport,
    Snapshot, Timestamp, Verdict,
};
use palisade_pipeline::{Conclusion, Event, RunState, Scope};
use palisade_sandbox::{Launcher, Tool, detect_tools, probe};
use palisade_store::{Journal, JournalEntry, Release, Store};
use palisade_sys::Lock;
use palisade_tree::remove_snapshot;
use palisade_trust::Signer;

use crate::execution::execute;
use crate::keys::load_or_generate;
use crate::plan::{Planned, compile_tree};
use crate::project::{PIPELINE_FILE, Project};
use crate::recording::{Recorded, require_sound_ledger};
use crate::snapshot::{Materialised, materialise};
use crate::source::Folder;
use crate::suppress::TriagedScan;
use crate::{Context, Exit, FlowError, recovery};

/// Told what happens in a run while it happens. Calls about jobs come from several threads at once.
pub trait Observer: palisade_runner::Watch {
    /// What is wrong with documents, but not wrong enough to stop.
    fn remarks(&self, planned: &Planned);
    /// An earlier run was found dead and put in order.
    fn recovered(&self, run: &RunId);
    /// Keys were made, because there were none.
    fn keys_made(&self, folder: &Path);
    /// What is going to happen.
    fn planned(&self, plan: &Plan, digest: Digest, snapshot: &Snapshot);
    /// The scanners are done.
    fn scanned(&self, scan: &TriagedScan);
    /// A job is over.
    fn job_ended(&self, record: &JobRecord);
    /// Statements were signed and written to the ledger, whose size went up and whose root is now this.
    fn recorded(&self, statements: usize, before: u64, after: u64, root: &Digest);
    /// The gate has spoken.
    fn decided(&self, verdict: &Verdict, scan: &TriagedScan);
}

/// What the user chose for a run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// How much of the plan.
    pub scope: Scope,
    /// Secrets for the steps' environment, by name.
    pub secrets: BTreeMap<String, Secret>,
    /// The largest file that is looked at, in bytes.
    pub max_file_bytes: u64,
}

impl RunOptions {
    /// What the user chose, as provenance tells it: names, never values of secrets.
    pub(crate) fn parameters(&self) -> BTreeMap<String, String> {
        let names: Vec<&str> = self.secrets.keys().map(String::as_str).collect();
        let mut parameters = BTreeMap::from([("max-file-size".to_owned(), self.max_file_bytes.to_string())]);
        if !names.is_empty() {
            parameters.insert("secrets".to_owned(), names.join(","));
        }
        parameters
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct RunOutcome {
    /// Its name.
    pub run: RunId,
    /// How it ended.
    pub conclusion: Conclusion,
    /// The scan, if there was one.
    pub scan: Option<TriagedScan>,
    /// What became of the jobs, sorted by name.
    pub jobs: Vec<JobRecord>,
    /// The gate's answer, if it was asked.
    pub verdict: Option<Verdict>,
    /// The release, if there is one.
    pub release: Option<Release>,
}

impl RunOutcome {
    /// A run that was called off before anything happened.
    fn cancelled(run: RunId) -> Self {
        let conclusion = Conclusion::Cancelled;
        Self { run, conclusion, scan: None, jobs: Vec::new(), verdict: None, release: None }
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        match &self.conclusion {
            Conclusion::Released { .. } | Conclusion::JobSucceeded => Exit::Done,
            Conclusion::Denied { incomplete: true } => Exit::Incomplete,
            Conclusion::Denied { incomplete: false } | Conclusion::JobFailed => Exit::Denied,
            Conclusion::Cancelled | Conclusion::Interrupted => Exit::Interrupted,
            Conclusion::Errored { .. } => Exit::Bug,
        }
    }
}

/// Everything a run in progress has at hand.
pub(crate) struct Run<'a> {
    pub(crate) context: &'a Context,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) options: &'a RunOptions,
    /// The project's folder.
    pub(crate) root: PathBuf,
    pub(crate) id: RunId,
    pub(crate) started: Timestamp,
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) signer: Signer,
    pub(crate) planned: Planned,
    pub(crate) materialised: Materialised,
    pub(crate) scratch: PathBuf,
    /// The snapshot on disk.
    pub(crate) tree: PathBuf,
    pub(crate) launcher: Launcher,
    pub(crate) tools: Vec<Tool>,
    pub(crate) masker: Masker,
    pub(crate) secrets: BTreeMap<String, String>,
}

/// Runs the project that `folder` lies in.
pub fn run(
    context: &Context,
    folder: &Path,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<RunOutcome, FlowError> {
    let project = Project::find(folder)?;
    let (store, _lock) = open_store(context, &project, observer)?;
    let prepared = Prepared::new(context, &store)?;
    let carry_out = || {
        let run = prepared.run(context, &project, store.clone(), options, observer)?;
        let state = RunState::new(&run.planned.plan, options.scope.clone(), slots())
            .map_err(|error| unknown_job(&run.planned.plan, &error.0))?;
        require_sound_ledger(&run)?;
        execute(&run, state)
    };
    match carry_out() {
        Err(FlowError::Cancelled) => {
            prepared.close(context, &store, Event::Cancelled)?;
            Ok(RunOutcome::cancelled(prepared.id.clone()))
        }
        Err(error) => {
            // The run's own error is worth more than one about writing it down.
            let _ = prepared.close(context, &store, Event::Errored { reason: error.to_string() });
            Err(error)
        }
        done => done,
    }
}

/// Opens a shell where the first step of `job` would start, after the jobs it needs.
pub fn shell(
    context: &Context,
    folder: &Path,
    job: &JobId,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Outcome, FlowError> {
    let project = Project::find(folder)?;
    let (store, _lock) = open_store(context, &project, observer)?;
    let prepared = Prepared::new(context, &store)?;
    let outcome = prepared
        .run(context, &project, store.clone(), options, observer)
        .and_then(|run| crate::execution::open_shell(&run, job));
    let last = match &outcome {
        Ok(_) | Err(FlowError::Cancelled) => Event::Cancelled,
        Err(error) => Event::Errored { reason: error.to_string() },
    };
    let closed = prepared.close(context, &store, last);
    outcome.and_then(|outcome| closed.map(|()| outcome))
}

/// The project's store, taken for this run, with what dead runs left put in order.
fn open_store(
    context: &Context,
    project: &Project,
    observer: &dyn Observer,
) -> Result<(Store, Box<dyn Lock>), FlowError> {
    let store = Store::new(context.files.clone(), &project.root);
    store.prepare()?;
    let lock = store.lock()?;
    for run in recovery::recover(context, &store)? {
        observer.recovered(&run);
    }
    Ok((store, lock))
}

/// A run's name and scratch folder, which is removed at the end whatever happens.
struct Prepared {
    id: RunId,
    started: Timestamp,
    scratch: Scratch,
}

struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left over, it is removed when the next run recovers this one.
        let _ = remove_snapshot(&self.0);
    }
}

impl Prepared {
    /// The run's folder in the store comes first: by it the scratch folder is found after a crash.
    fn new(context: &Context, store: &Store) -> Result<Self, FlowError> {
        let started = context.clock.now();
        let mut random = [0; 4];
        context.random.fill(&mut random).map_err(FlowError::bug)?;
        let id = RunId::new(started, random);
        store.create_run(&id)?;
        let scratch = context.scratch(id.as_str());
        context.files.create_folder(&scratch, palisade_sys::Mode::Private)?;
        Ok(Self { id, started, scratch: Scratch(scratch) })
    }

    /// Writes down how it ended, where nobody else did.
    fn close(&self, context: &Context, store: &Store, last: Event) -> Result<(), FlowError> {
        Ok(store.journal(&self.id).append(&JournalEntry { at: context.clock.now(), what: last })?)
    }

    fn run<'a>(
        &self,
        context: &'a Context,
        project: &Project,
        store: Store,
        options: &'a RunOptions,
        observer: &'a dyn Observer,
    ) -> Result<Run<'a>, FlowError> {
        let scratch = &self.scratch.0;
        let folder = Folder::open(&project.root)?;
        let tree = scratch.join("snapshot");
        let materialised = materialise(context, &folder, &tree)?;
        let planned = compile_tree(context, &tree)?;
        observer.remarks(&planned);
        let (signer, made) = load_or_generate(context)?;
        if made {
            observer.keys_made(&context.folders.config);
        }
        require_isolation(context, &planned)?;
        let secrets: Vec<Secret> = options.secrets.values().cloned().collect();
        let run = Run {
            context,
            observer,
            options,
            root: project.root.clone(),
            id: self.id.clone(),
            started: self.started,
            journal: store.journal(&self.id),
            store,
            signer,
            tools: allowed_tools(context, &planned.plan),
            planned,
            materialised,
            scratch: scratch.clone(),
            tree,
            launcher: Launcher::new(context.program.clone()),
            masker: Masker::new(&secrets)
                .map_err(|_| FlowError::usage("the secrets are too large to be masked"))?,
            secrets: environment(&options.secrets)?,
        };
        run.store.put_document(&run.id, "plan.json", &run.planned.plan)?;
        observer.planned(&run.planned.plan, run.planned.digest, &run.materialised.snapshot);
        Ok(run)
    }
}

impl Run<'_> {
    /// The first event.
    pub(crate) fn beginning(&self) -> Event {
        Event::Started {
            run: self.id.clone(),
            at: self.started,
            project: self.planned.plan.name.clone(),
            plan: self.planned.digest,
            tree: self.materialised.snapshot.tree,
            scope: self.options.scope.clone(),
        }
    }

    /// Writes an event to the journal.
    pub(crate) fn append(&self, event: &Event) -> Result<(), FlowError> {
        Ok(self.journal.append(&JournalEntry { at: self.context.clock.now(), what: event.clone() })?)
    }

    /// The result of a run that ended as `conclusion`.
    pub(crate) fn outcome(&self, conclusion: Conclusion, results: Results) -> RunOutcome {
        let Results { scan, jobs, verdict, release, .. } = results;
        RunOutcome {
            run: self.id.clone(),
            conclusion,
            scan,
            jobs: jobs.into_values().collect(),
            verdict,
            release,
        }
    }
}

/// What a run has yielded so far.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) scan: Option<TriagedScan>,
    pub(crate) inventory: Inventory,
    pub(crate) jobs: BTreeMap<JobId, JobRecord>,
    pub(crate) evidence: Vec<Recorded>,
    pub(crate) record: Option<RunRecord>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) release: Option<Release>,
}

impl Results {
    pub(crate) fn report(&self) -> Option<&ScanReport> {
        self.scan.as_ref().map(|scan| &scan.report)
    }
}

/// How many jobs run at one time.
fn slots() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What the policy asks of the host is had before anything runs.
fn require_isolation(context: &Context, planned: &Planned) -> Result<(), FlowError> {
    if planned.policy.policy.isolation() != Some(IsolationGrade::Cgroup) {
        return Ok(());
    }
    match probe(&Launcher::new(context.program.clone())).grade {
        IsolationGrade::Cgroup => Ok(()),
        IsolationGrade::Rlimit => Err(FlowError::Unavailable {
            message: "the policy requires limits held by control groups, which this host does not give"
                .to_owned(),
            hint: Some("`palisade doctor` says what is missing".to_owned()),
        }),
    }
}

fn unknown_job(plan: &Plan, job: &JobId) -> FlowError {
    let names: Vec<&str> = plan.jobs.keys().map(JobId::as_str).collect();
    FlowError::usage_with_hint(
        format!("there is no job `{job}` in {PIPELINE_FILE}"),
        format!("its jobs are {}", names.join(", ")),
    )
}

/// The toolchains found on the host that the plan's policy allows.
fn allowed_tools(context: &Context, plan: &Plan) -> Vec<Tool> {
    let found = detect_tools(&context.folders.home, &context.search_path);
    match &plan.tools {
        None => found,
        Some(allowed) => found.into_iter().filter(|tool| allowed.contains(tool.name)).collect(),
    }
}

fn environment(secrets: &BTreeMap<String, Secret>) -> Result<BTreeMap<String, String>, FlowError> {
    let text = |(name, secret): (&String, &Secret)| match std::str::from_utf8(secret.expose()) {
        Ok(value) => Ok((name.clone(), value.to_owned())),
        Err(_) => Err(FlowError::usage(format!("the secret `{name}` is not UTF-8"))),
    };
    secrets.iter().map(text).collect()
}
