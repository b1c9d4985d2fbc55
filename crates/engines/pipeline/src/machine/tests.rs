use palisade_model::{Job, Limits, Origin, PolicyRef, ReleaseSpec, Suppressions};
use proptest::prelude::*;

use super::*;

fn id(name: &str) -> JobId {
    JobId::repository(name).unwrap()
}

fn plan(jobs: &[(&str, &[&str])]) -> Plan {
    let job = |needs: &[&str]| Job {
        origin: Origin::Repository,
        needs: needs.iter().map(|need| id(need)).collect(),
        steps: Vec::new(),
        outputs: Vec::new(),
        timeout_seconds: 1,
        environment: None,
        limits: Limits::default(),
    };
    Plan {
        version: 1,
        name: "test".into(),
        pipeline: Digest::of(b""),
        policy: PolicyRef { name: "test".into(), digest: Digest::of(b"") },
        scans: Vec::new(),
        jobs: jobs.iter().map(|(name, needs)| (id(name), job(needs))).collect(),
        mandatory: BTreeSet::new(),
        suppressions: Suppressions::Own,
        tools: None,
        environments: BTreeMap::new(),
        release: ReleaseSpec::default(),
    }
}

fn started(scope: Scope) -> Event {
    let at = "2026-01-02T03:04:05Z".parse().unwrap();
    let digest = Digest::of(b"");
    Event::Started {
        run: RunId::new(at, [0; 4]),
        at,
        project: "test".into(),
        plan: digest,
        tree: digest,
        scope,
    }
}

fn ended(job: &JobId, outcome: Outcome) -> Event {
    let record = JobRecord {
        job: job.clone(),
        outcome,
        detail: None,
        steps: Vec::new(),
        outputs: Vec::new(),
        sandbox: None,
    };
    Event::JobEnded { record: Box::new(record) }
}

/// Plays the caller: carries out effects in an order chosen by `choices`, jobs in `failing` fail.
fn play(
    plan: &Plan,
    scope: Scope,
    slots: usize,
    failing: &BTreeSet<JobId>,
    choices: &[usize],
) -> (Vec<Event>, RunState) {
    let mut state = RunState::new(plan, scope.clone(), slots).unwrap();
    let mut journal = Vec::new();
    let mut running: Vec<JobId> = Vec::new();
    let mut next = vec![started(scope)];
    let mut choices = choices.iter().cycle();
    while let Some(event) = next.pop() {
        journal.push(event.clone());
        let effects = state.advance(&event).unwrap();
        for effect in effects {
            match effect {
                Effect::Scan => next.push(Event::Scanned { active: 0, gaps: 0 }),
                Effect::StartJob(job) => {
                    let event = Event::JobStarted { job: job.clone() };
                    assert_eq!(state.advance(&event), Ok(Vec::new()));
                    journal.push(event);
                    running.push(job);
                    assert!(running.len() <= slots);
                }
                Effect::Record => next.push(Event::Recorded { statements: 1 }),
                Effect::Decide => {
                    next.push(Event::Decided { allowed: failing.is_empty(), incomplete: false })
                }
                Effect::Release => next.push(Event::Released { release: Digest::of(b"r") }),
                Effect::StopJobs => running.clear(),
            }
        }
        if let Some(job) = state.doomed().first() {
            next.push(ended(job, Outcome::Skipped));
        } else if next.is_empty() && !running.is_empty() {
            let job = running.remove(choices.next().unwrap() % running.len());
            let outcome = if failing.contains(&job) { Outcome::Failed(1) } else { Outcome::Succeeded };
            next.push(ended(&job, outcome));
        }
    }
    (journal, state)
}

#[test]
fn a_passing_run_goes_the_whole_path() {
    let plan = plan(&[("compile", &[]), ("test", &["compile"]), ("package", &["test"])]);
    let (journal, state) = play(&plan, Scope::Path, 2, &BTreeSet::new(), &[0]);
    assert_eq!(state.conclusion(), Some(&Conclusion::Released { release: Digest::of(b"r") }));
    assert!(matches!(journal[1], Event::Scanned { .. }), "the scan comes before any job");
}

#[test]
fn one_job_runs_with_what_it_needs_and_nothing_else() {
    let plan = plan(&[("compile", &[]), ("test", &["compile"]), ("other", &[])]);
    let (journal, state) = play(&plan, Scope::Job(id("test")), 2, &BTreeSet::new(), &[0]);
    assert_eq!(state.conclusion(), Some(&Conclusion::JobSucceeded));
    let started = journal.iter().filter(|event| matches!(event, Event::JobStarted { .. })).count();
    assert_eq!(started, 2);
    assert!(RunState::new(&plan, Scope::Job(id("nothing")), 1).is_err());
}

#[test]
fn events_out_of_place_are_refused() {
    let plan = plan(&[("compile", &[]), ("test", &["compile"])]);
    let mut state = RunState::new(&plan, Scope::Path, 2).unwrap();
    let released = Event::Released { release: Digest::of(b"") };
    assert!(state.advance(&released).is_err(), "nothing is released before the gate");
    state.advance(&started(Scope::Path)).unwrap();
    state.advance(&Event::Scanned { active: 0, gaps: 0 }).unwrap();
    assert!(state.advance(&Event::JobStarted { job: id("test") }).is_err(), "its need has not ended");
    assert!(state.advance(&ended(&id("compile"), Outcome::Succeeded)).is_err(), "it was not started");
    assert!(state.advance(&ended(&id("compile"), Outcome::Skipped)).is_err(), "nothing dooms it");
    assert_eq!(state.advance(&Event::Cancelled), Ok(vec![Effect::StopJobs]));
    assert!(state.advance(&Event::Interrupted).is_err(), "a run ends once");
}

proptest! {
    /// Random graphs, failures and orders of completion.
    #[test]
    fn every_run_concludes_and_its_journal_gives_the_same_state_again(
        edges in proptest::collection::vec((0usize..8, 0usize..8), 0..16),
        failing in proptest::collection::btree_set(0usize..8, 0..3),
        slots in 1usize..4,
        choices in proptest::collection::vec(0usize..8, 1..20),
    ) {
        const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let needs = |job: usize| edges.iter().filter(move |(from, to)| *from == job && to < from).map(|(_, to)| NAMES[*to]);
        let needs: Vec<Vec<&str>> = (0..8).map(|job| needs(job).collect()).collect();
        let jobs: Vec<(&str, &[&str])> = NAMES.iter().copied().zip(needs.iter().map(Vec::as_slice)).collect();
        let plan = plan(&jobs);
        let failing: BTreeSet<JobId> = failing.iter().map(|job| id(NAMES[*job])).collect();

        let (journal, state) = play(&plan, Scope::Path, slots, &failing, &choices);
        prop_assert!(state.conclusion().is_some());
        let mut finished = BTreeSet::new();
        for event in &journal {
            match event {
                Event::JobStarted { job } => {
                    prop_assert!(plan.jobs[job].needs.is_subset(&finished), "{job} started before its needs succeeded");
                }
                Event::JobEnded { record } if record.outcome.is_success() => { finished.insert(record.job.clone()); }
                _ => {}
            }
        }
        let mut again = RunState::new(&plan, Scope::Path, slots).unwrap();
        for event in &journal {
            again.advance(event).unwrap();
        }
        prop_assert_eq!(again, state);
    }
}
