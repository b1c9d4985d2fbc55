//! What a run does next: (state, event) -> (state, effects).
//!
//! No IO and no clock. The caller writes each [`Event`] to its journal before it calls [`RunState::advance`], carries out the
//! [`Effect`]s and comes back with the events they end in. A state is the fold of its journal, so it can be had again at any time.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Digest, JobId, JobRecord, Outcome, Plan, RunId, Timestamp};
use serde::{Deserialize, Serialize};

/// How much of the plan a run carries out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Everything, from scan to release.
    Path,
    /// This job and what it needs; no scan, no gate, no release.
    Job(JobId),
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// The run exists: what it works on is decided.
    Started {
        /// Its name.
        run: RunId,
        /// When.
        at: Timestamp,
        /// The project's name.
        project: String,
        /// The plan's digest.
        plan: Digest,
        /// The snapshot's tree digest.
        tree: Digest,
        /// How much it carries out.
        scope: Scope,
    },
    /// The scanners are done; whatever they found is for the gate to judge.
    Scanned {
        /// Findings that no suppression covers.
        active: u64,
        /// Blocking gaps.
        gaps: u64,
    },
    /// A job was handed to a sandbox.
    JobStarted {
        /// Its name.
        job: JobId,
    },
    /// A job ended and nothing of it runs any more.
    JobEnded {
        /// What became of it.
        record: Box<JobRecord>,
    },
    /// The statements about scan and build are signed and in the ledger.
    Recorded {
        /// How many.
        statements: u64,
    },
    /// The gate has spoken, and its verdict is in the ledger.
    Decided {
        /// Whether it allowed the release.
        allowed: bool,
        /// Whether blocking gaps are the only objection.
        incomplete: bool,
    },
    /// The release is in its final place.
    Released {
        /// The digest of its manifest.
        release: Digest,
    },
    /// The person who started it called it off.
    Cancelled,
    /// It could not go on.
    Errored {
        /// Why.
        reason: String,
    },
    /// Its process is gone without a last word; written by a later one.
    Interrupted,
}

/// Something the caller has to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Run the plan's scans.
    Scan,
    /// Run this job; may be in parallel with others.
    StartJob(JobId),
    /// Kill every job that runs.
    StopJobs,
    /// Sign the statements about scan and build and append them to the ledger.
    Record,
    /// Ask the gate.
    Decide,
    /// Put the release in its place.
    Release,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "conclusion", rename_all = "kebab-case")]
pub enum Conclusion {
    /// Allowed, and the release is in its place.
    Released {
        /// The digest of its manifest.
        release: Digest,
    },
    /// The gate denied.
    Denied {
        /// Whether blocking gaps are the only objection.
        incomplete: bool,
    },
    /// Only one job was asked for, and it succeeded.
    JobSucceeded,
    /// Only one job was asked for, and it or one it needs did not succeed.
    JobFailed,
    /// Called off.
    Cancelled,
    /// Could not go on.
    Errored {
        /// Why.
        reason: String,
    },
    /// Its process was killed.
    Interrupted,
}

/// Where a run stands on the path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Station {
    Change,
    Scan,
    Build,
    Evidence,
    Gate,
    Release,
    Done(Conclusion),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JobState {
    Waiting,
    Running,
    Ended(Outcome),
}

/// An event that cannot happen in this state: our bug, or a journal that somebody else wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a run at station {station} cannot have the event {event}")]
pub struct IllegalEvent {
    station: String,
    event: String,
}

/// A job that the plan does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no job `{0}` in the plan")]
pub struct UnknownJob(pub JobId);

/// Everything that decides what a run does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunState {
    station: Station,
    scope: Scope,
    needs: BTreeMap<JobId, BTreeSet<JobId>>,
    jobs: BTreeMap<JobId, JobState>,
    slots: usize,
}

impl RunState {
    /// A run of `plan` that has not started. At most `slots` jobs run at one time.
    pub fn new(plan: &Plan, scope: Scope, slots: usize) -> Result<Self, UnknownJob> {
        let wanted = wanted_jobs(plan, &scope)?;
        let needs = plan
            .jobs
            .iter()
            .filter(|(id, _)| wanted.contains(id))
            .map(|(id, job)| (id.clone(), job.needs.clone()));
        let jobs = wanted.iter().map(|id| (id.clone(), JobState::Waiting)).collect();
        Ok(Self { station: Station::Change, scope, needs: needs.collect(), jobs, slots: slots.max(1) })
    }

    /// How it ended, once it has.
    pub fn conclusion(&self) -> Option<&Conclusion> {
        match &self.station {
            Station::Done(conclusion) => Some(conclusion),
            _ => None,
        }
    }

    /// Takes in what happened, says what to do. Every job of a `StartJob` is to be taken in as started before anything else. Jobs
    /// that can no longer run are [`Self::doomed`]: the caller takes them in as ended, skipped.
    pub fn advance(&mut self, event: &Event) -> Result<Vec<Effect>, IllegalEvent> {
        match (&self.station, event) {
            (Station::Done(_), _) => Err(self.illegal(event)),
            (_, Event::Cancelled) => Ok(self.stop(Conclusion::Cancelled)),
            (_, Event::Interrupted) => Ok(self.stop(Conclusion::Interrupted)),
            (_, Event::Errored { reason }) => Ok(self.stop(Conclusion::Errored { reason: reason.clone() })),
            (Station::Change, Event::Started { .. }) => Ok(self.begin()),
            (Station::Scan, Event::Scanned { .. }) => Ok(self.build()),
            (Station::Build, Event::JobStarted { job }) => self.job_started(job, event),
            (Station::Build, Event::JobEnded { record }) => self.job_ended(record, event),
            (Station::Evidence, Event::Recorded { .. }) => Ok(self.go(Station::Gate, Effect::Decide)),
            (Station::Gate, Event::Decided { allowed: true, .. }) => {
                Ok(self.go(Station::Release, Effect::Release))
            }
            (Station::Gate, Event::Decided { allowed: false, incomplete }) => {
                Ok(self.conclude(Conclusion::Denied { incomplete: *incomplete }))
            }
            (Station::Release, Event::Released { release }) => {
                Ok(self.conclude(Conclusion::Released { release: *release }))
            }
            _ => Err(self.illegal(event)),
        }
    }

    /// The jobs that wait for one that did not succeed.
    pub fn doomed(&self) -> Vec<JobId> {
        let failed = |job: &JobId| matches!(self.jobs.get(job), Some(JobState::Ended(outcome)) if !outcome.is_success());
        let doomed = |id: &JobId| self.is(id, JobState::Waiting) && self.needs_of(id).any(failed);
        self.jobs.keys().filter(|id| doomed(id)).cloned().collect()
    }

    fn begin(&mut self) -> Vec<Effect> {
        match self.scope {
            Scope::Path => self.go(Station::Scan, Effect::Scan),
            Scope::Job(_) => self.build(),
        }
    }

    fn build(&mut self) -> Vec<Effect> {
        self.station = Station::Build;
        self.next_jobs()
    }

    fn job_started(&mut self, job: &JobId, event: &Event) -> Result<Vec<Effect>, IllegalEvent> {
        let ready = self.is(job, JobState::Waiting) && self.is_ready(job);
        let illegal = self.illegal(event);
        let state = self.jobs.get_mut(job).filter(|_| ready).ok_or(illegal)?;
        *state = JobState::Running;
        Ok(Vec::new())
    }

    fn job_ended(&mut self, record: &JobRecord, event: &Event) -> Result<Vec<Effect>, IllegalEvent> {
        let expected = match record.outcome {
            Outcome::Skipped => self.doomed().contains(&record.job),
            _ => self.is(&record.job, JobState::Running),
        };
        let illegal = self.illegal(event);
        let state = self.jobs.get_mut(&record.job).filter(|_| expected).ok_or(illegal)?;
        *state = JobState::Ended(record.outcome);
        Ok(self.next_jobs())
    }

    /// Jobs to start now; when none is left, the next station.
    fn next_jobs(&mut self) -> Vec<Effect> {
        if self.jobs.values().all(|state| matches!(state, JobState::Ended(_))) {
            return self.built();
        }
        let running = self.jobs.values().filter(|state| **state == JobState::Running).count();
        let ready = self.jobs.keys().filter(|id| self.is(id, JobState::Waiting) && self.is_ready(id));
        ready.take(self.slots.saturating_sub(running)).cloned().map(Effect::StartJob).collect()
    }

    fn built(&mut self) -> Vec<Effect> {
        let succeeded = self.jobs.values().all(|state| *state == JobState::Ended(Outcome::Succeeded));
        match (&self.scope, succeeded) {
            (Scope::Path, _) => self.go(Station::Evidence, Effect::Record),
            (Scope::Job(_), true) => self.conclude(Conclusion::JobSucceeded),
            (Scope::Job(_), false) => self.conclude(Conclusion::JobFailed),
        }
    }

    fn is(&self, job: &JobId, state: JobState) -> bool {
        self.jobs.get(job) == Some(&state)
    }

    fn is_ready(&self, job: &JobId) -> bool {
        self.needs_of(job).all(|need| self.is(need, JobState::Ended(Outcome::Succeeded)))
    }

    fn needs_of(&self, job: &JobId) -> impl Iterator<Item = &JobId> {
        self.needs.get(job).into_iter().flatten()
    }

    fn go(&mut self, station: Station, effect: Effect) -> Vec<Effect> {
        self.station = station;
        vec![effect]
    }

    fn conclude(&mut self, conclusion: Conclusion) -> Vec<Effect> {
        self.station = Station::Done(conclusion);
        Vec::new()
    }

    fn stop(&mut self, conclusion: Conclusion) -> Vec<Effect> {
        self.station = Station::Done(conclusion);
        vec![Effect::StopJobs]
    }

    fn illegal(&self, event: &Event) -> IllegalEvent {
        IllegalEvent { station: format!("{:?}", self.station), event: format!("{event:?}") }
    }
}

/// The jobs of the scope: all, or one with everything it needs.
fn wanted_jobs(plan: &Plan, scope: &Scope) -> Result<BTreeSet<JobId>, UnknownJob> {
    let Scope::Job(job) = scope else {
        return Ok(plan.jobs.keys().cloned().collect());
    };
    let mut wanted = BTreeSet::new();
    let mut open = vec![job.clone()];
    while let Some(id) = open.pop() {
        let job = plan.jobs.get(&id).ok_or_else(|| UnknownJob(id.clone()))?;
        if wanted.insert(id) {
            open.extend(job.needs.iter().cloned());
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests;
