//! Carries out the effects of the state machine and feeds it what comes of them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, Scope as ThreadScope};
use std::time::Duration;

use palisade_model::{Job, JobId, JobRecord, Outcome};
use palisade_pipeline::{Conclusion, Effect, Event, RunState};
use palisade_runner::{JobRun, Laid, RunnerError, run_job};
use palisade_tree::remove_snapshot;

use crate::FlowError;
use crate::deciding::decide;
use crate::recording::record;
use crate::releasing::release;
use crate::run::{Results, Run, RunOutcome};
use crate::scanning::scan;

/// How long a request to stop may go unnoticed.
const GLANCE: Duration = Duration::from_millis(50);

type JobEnd = Result<JobRecord, RunnerError>;

/// Stops the jobs when it is dropped, also by a panic: the thread scope waits for their threads.
struct StopJobs<'a>(&'a AtomicBool);

impl Drop for StopJobs<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs to the conclusion. An error stops every job before it is returned.
pub(crate) fn execute(run: &Run<'_>, mut state: RunState) -> Result<RunOutcome, FlowError> {
    let mut results = Results::default();
    let stop = AtomicBool::new(false);
    let (sender, receiver) = channel();
    let done = thread::scope(|scope| {
        let mut execution = Execution {
            run,
            state: &mut state,
            results: &mut results,
            stop: &stop,
            sender,
            scope,
            running: 0,
        };
        let _stop = StopJobs(&stop);
        execution.drive(&receiver)
    });
    let conclusion = done?;
    Ok(run.outcome(conclusion, results))
}

struct Execution<'scope, 'env, 'a> {
    run: &'scope Run<'a>,
    state: &'env mut RunState,
    results: &'env mut Results,
    stop: &'scope AtomicBool,
    sender: Sender<thread::Result<JobEnd>>,
    scope: &'scope ThreadScope<'scope, 'env>,
    running: usize,
}

impl<'scope> Execution<'scope, '_, '_>
where
    'scope: 'scope,
{
    fn drive(&mut self, receiver: &Receiver<thread::Result<JobEnd>>) -> Result<Conclusion, FlowError> {
        let mut events = VecDeque::from([self.run.beginning()]);
        loop {
            while let Some(event) = events.pop_front() {
                let effects = self.take_in(&event)?;
                if self.is_called_off() {
                    // What has happened is written down; nothing more is to happen.
                    events = VecDeque::from([Event::Cancelled]);
                    continue;
                }
                for effect in effects {
                    events.extend(self.carry_out(effect)?);
                }
                events.extend(self.state.doomed().first().map(skipped).filter(|_| events.is_empty()));
            }
            if let Some(conclusion) = self.state.conclusion().filter(|_| self.running == 0) {
                return Ok(conclusion.clone());
            }
            events.extend(self.wait(receiver)?);
        }
    }

    /// Whether the user or the system wants a run to stop that has not come to its end.
    fn is_called_off(&self) -> bool {
        self.run.context.cancelled() && self.state.conclusion().is_none()
    }

    /// Journal first, then state: what is not written down has not happened.
    fn take_in(&mut self, event: &Event) -> Result<Vec<Effect>, FlowError> {
        self.run.append(event)?;
        if let Event::JobEnded { record } = event {
            self.run.observer.job_ended(record);
            self.results.jobs.insert(record.job.clone(), (**record).clone());
        }
        self.state.advance(event).map_err(FlowError::bug)
    }

    fn carry_out(&mut self, effect: Effect) -> Result<Option<Event>, FlowError> {
        let done = match effect {
            Effect::Scan => scan(self.run, self.results).map(Some),
            Effect::StartJob(job) => self.start(job).map(|()| None),
            Effect::StopJobs => {
                self.stop.store(true, Ordering::Relaxed);
                Ok(None)
            }
            Effect::Record => record(self.run, self.results).map(Some),
            Effect::Decide => decide(self.run, self.results).map(Some),
            Effect::Release => release(self.run, self.results).map(Some),
        };
        match done {
            Err(FlowError::Cancelled) => Ok(Some(Event::Cancelled)),
            done => done,
        }
    }

    fn start(&mut self, id: JobId) -> Result<(), FlowError> {
        self.take_in(&Event::JobStarted { job: id.clone() })?;
        let (run, stop, sender) = (self.run, self.stop, self.sender.clone());
        let needs = laid(run, self.results, &id)?;
        self.running += 1;
        self.scope.spawn(move || {
            // A panic is a bug of ours; unheard, it would leave the run waiting for ever.
            let end = catch_unwind(AssertUnwindSafe(|| run_one(run, &id, &needs, stop)));
            // The receiver is gone only when the run has failed already.
            let _ = sender.send(end);
        });
        Ok(())
    }

    /// The next thing that happens: a job's end, or a wish to stop.
    fn wait(&mut self, receiver: &Receiver<thread::Result<JobEnd>>) -> Result<Option<Event>, FlowError> {
        match receiver.recv_timeout(GLANCE) {
            Ok(end) => {
                self.running -= 1;
                self.ended(end.map_err(|_| FlowError::bug("the thread of a job panicked"))?)
            }
            Err(RecvTimeoutError::Timeout) => Ok(self.is_called_off().then_some(Event::Cancelled)),
            Err(RecvTimeoutError::Disconnected) => Err(FlowError::bug("the job threads are gone")),
        }
    }
}

impl Execution<'_, '_, '_> {
    /// What the end of a job means: nothing once the run is over, and no error when it is being called off, because Ctrl-C may
    /// reach a helper that is just starting.
    fn ended(&self, end: JobEnd) -> Result<Option<Event>, FlowError> {
        if self.state.conclusion().is_some() {
            return Ok(None);
        }
        match end {
            Err(_) if self.run.context.cancelled() => Ok(Some(Event::Cancelled)),
            end => {
                let record = Box::new(end?);
                require_grade(self.run, &record)?;
                Ok(Some(Event::JobEnded { record }))
            }
        }
    }
}

/// What the policy asks of isolation holds for every step, not only for a trial beforehand.
fn require_grade(run: &Run<'_>, record: &JobRecord) -> Result<(), FlowError> {
    let least = run.planned.policy.policy.isolation();
    let grade = record.sandbox.as_ref().map(|sandbox| sandbox.grade);
    match (least, grade) {
        (Some(least), Some(grade)) if grade < least => Err(FlowError::Unavailable {
            message: format!("job `{}` was held by less than the policy requires", record.job),
            hint: Some("`palisade doctor` says what is missing".to_owned()),
        }),
        _ => Ok(()),
    }
}

fn skipped(job: &JobId) -> Event {
    let record = JobRecord {
        job: job.clone(),
        outcome: Outcome::Skipped,
        detail: Some("a job it needs did not succeed".to_owned()),
        steps: Vec::new(),
        outputs: Vec::new(),
        sandbox: None,
    };
    Event::JobEnded { record: Box::new(record) }
}

/// Opens a shell in the sandbox of `id`; the jobs it needs run first.
pub(crate) fn open_shell(run: &Run<'_>, id: &JobId) -> Result<Outcome, FlowError> {
    let mut results = Results::default();
    run.append(&run.beginning())?;
    for need in needed_in_order(run, id)? {
        let needs = laid(run, &results, &need)?;
        let record = run_one(run, &need, &needs, &run.context.cancel)?;
        require_grade(run, &record)?;
        run.observer.job_ended(&record);
        if !record.outcome.is_success() {
            return Ok(record.outcome);
        }
        results.jobs.insert(need, record);
    }
    let needs = laid(run, &results, id)?;
    let paths = JobPaths::new(run, id);
    let job = job(run, id)?;
    let outcome = palisade_runner::open_shell(&paths.job_run(run, id, job, &needs, &run.context.cancel));
    paths.clear();
    Ok(outcome?)
}

/// The jobs that `id` needs, each after those it needs itself.
fn needed_in_order(run: &Run<'_>, id: &JobId) -> Result<Vec<JobId>, FlowError> {
    let mut order = Vec::new();
    let mut open: Vec<JobId> = job(run, id)?.needs.iter().rev().cloned().collect();
    while let Some(next) = open.last().cloned() {
        let missing: Vec<JobId> =
            job(run, &next)?.needs.iter().filter(|need| !order.contains(*need)).cloned().collect();
        if missing.is_empty() {
            open.pop();
            if !order.contains(&next) {
                order.push(next);
            }
        } else {
            open.extend(missing);
        }
    }
    Ok(order)
}

fn job<'r>(run: &'r Run<'_>, id: &JobId) -> Result<&'r Job, FlowError> {
    run.planned
        .plan
        .jobs
        .get(id)
        .ok_or_else(|| FlowError::usage(format!("there is no job `{id}` in the plan")))
}

/// The collected outputs of the jobs that `id` needs.
fn laid(run: &Run<'_>, results: &Results, id: &JobId) -> Result<Vec<Laid>, FlowError> {
    let needs = job(run, id)?.needs.iter().filter_map(|need| results.jobs.get(need));
    let laid =
        needs.map(|record| Laid { folder: collected(run, &record.job), outputs: record.outputs.clone() });
    Ok(laid.collect())
}

fn run_one(run: &Run<'_>, id: &JobId, needs: &[Laid], stop: &AtomicBool) -> JobEnd {
    let Some(job) = run.planned.plan.jobs.get(id) else {
        return Err(RunnerError::Io { path: PathBuf::new(), source: std::io::Error::other("no such job") });
    };
    let paths = JobPaths::new(run, id);
    let end = run_job(&paths.job_run(run, id, job, needs, stop));
    paths.clear();
    end
}

/// Where a job's outputs are collected.
pub(crate) fn collected(run: &Run<'_>, id: &JobId) -> PathBuf {
    run.scratch.join("outputs").join(folder_name(id.as_str()))
}

/// The folder of a job: `org/licence` is no folder name, and `+` appears in no job's name.
pub(crate) fn folder_name(job: &str) -> String {
    job.replace('/', "+")
}

/// A number for a job that its neighbours do not have, neither those of this run nor, most likely, those of another.
fn slot(run: &Run<'_>, id: &JobId) -> u32 {
    let index = run.planned.plan.jobs.keys().position(|job| job == id).unwrap_or_default();
    let [high, low, ..] = *palisade_model::Digest::of(run.id.as_str().as_bytes()).as_bytes();
    (u32::from(u16::from_be_bytes([high, low])) + u32::try_from(index).unwrap_or_default())
        % palisade_sandbox::SLOTS
}

struct JobPaths {
    scratch: PathBuf,
    collected: PathBuf,
    logs: PathBuf,
    slot: u32,
}

impl JobPaths {
    fn new(run: &Run<'_>, id: &JobId) -> Self {
        Self {
            scratch: run.scratch.join("jobs").join(folder_name(id.as_str())),
            collected: collected(run, id),
            logs: run.store.log_folder(&run.id).join(folder_name(id.as_str())),
            slot: slot(run, id),
        }
    }

    fn job_run<'r>(
        &'r self,
        run: &'r Run<'_>,
        id: &'r JobId,
        job: &'r Job,
        needs: &'r [Laid],
        cancel: &'r AtomicBool,
    ) -> JobRun<'r> {
        JobRun {
            run: &run.id,
            id,
            job,
            snapshot: &run.tree,
            needs,
            scratch: &self.scratch,
            collected: &self.collected,
            logs: &self.logs,
            tools: &run.tools,
            secrets: &run.secrets,
            masker: &run.masker,
            launcher: &run.launcher,
            slot: self.slot,
            cancel,
            watch: run.observer,
        }
    }

    /// The workspace is of no use once the outputs are collected.
    fn clear(&self) {
        // Left over, it goes with the run's scratch folder.
        let _ = remove_snapshot(&self.scratch);
    }
}
