//! `kill -9` at any moment: nothing goes on, nothing is half-released, and the next run works.
//!
//! `PALISADE_E2E_KILLS` says how many random moments are tried, `PALISADE_E2E_SEED` which.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use super::remains::Remains;
use super::site::{Site, names};

/// Several short jobs, some at the same time, with two artifacts.
const SEVERAL: &str = "\
version: 1
name: several
jobs:
  one:
    steps:
      - run: sleep 0.1; mkdir dist; echo one > dist/one.txt
    outputs: [dist/]
  two:
    steps:
      - run: sleep 0.05; (sleep 0.2; echo late) & echo two > two.txt
    outputs: [two.txt]
  last:
    needs: [one, two]
    steps:
      - run: sleep 0.05; cat dist/one.txt two.txt > all.txt
    outputs: [all.txt]
release:
  artifacts: [all.txt, dist/one.txt]
";

pub(super) fn number(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is not a number")),
        Err(_) => otherwise,
    }
}

/// xorshift64* (Vigna 2016): the same moments for the same seed.
struct Moments(u64);

impl Moments {
    fn below(&mut self, most: Duration) -> Duration {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let fraction = (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f64 / f64::from(1 << 24);
        most.mul_f64(fraction)
    }
}

/// What must hold at once when a run was killed.
#[track_caller]
fn assert_nothing_half_done(site: &Site) {
    site.assert_nothing_runs();
    site.assert_sound();
}

/// What must hold after the next run.
#[track_caller]
fn assert_put_in_order(site: &Site, killed: Option<&String>) -> Duration {
    let ended = killed.is_some_and(|run| has_conclusion(site, run));
    let releases = site.releases().len();
    let started = Instant::now();
    let next = site.call(&["run"]).expect(0);
    let took = started.elapsed();
    assert_eq!(site.releases().len(), releases + 1, "{next}");
    site.assert_clean();
    site.assert_sound();
    assert_no_leavings(site);
    let Some(killed) = killed else { return took };
    let said = next.stderr.contains(&format!("run {killed} had been killed"));
    assert_eq!(said, !ended, "{killed}: {next}");
    let listed = site.call(&["runs"]).expect(0).stdout;
    let line =
        listed.lines().find(|line| line.starts_with(killed.as_str())).unwrap_or_else(|| panic!("{listed}"));
    let released = site
        .releases()
        .iter()
        .any(|release| fs::read_to_string(release.join("manifest.json")).unwrap().contains(killed.as_str()));
    assert!(line.contains(if released { "released sha256:" } else { "killed" }), "{line}");
    took
}

fn has_conclusion(site: &Site, run: &str) -> bool {
    site.journal(run).iter().any(|entry| entry["what"]["event"] == "released")
}

/// Neither a temporary file nor a staging folder.
#[track_caller]
fn assert_no_leavings(site: &Site) {
    let store = site.project.path(".palisade");
    let mut folders =
        vec![store.clone(), store.join("ledger"), store.join("evidence"), store.join("releases")];
    folders.extend(site.runs().iter().map(|run| store.join("runs").join(run)));
    for folder in folders {
        let odd = |name: &String| name.ends_with(".tmp") || name == ".staging";
        assert_eq!(names(&folder).into_iter().find(odd), None, "{}", folder.display());
    }
}

#[test]
fn killed_at_random_moments() {
    let count = number("PALISADE_E2E_KILLS", 8);
    let seed = number("PALISADE_E2E_SEED", 20_260_102);
    let mut moments = Moments(seed.max(1));
    let site = Site::new(SEVERAL);
    let started = Instant::now();
    site.call(&["run"]).expect(0);
    let mut whole = started.elapsed();
    let mut stations = BTreeSet::new();
    for turn in 0..count {
        let before = site.runs();
        let run = site.start(|_| {});
        let moment = moments.below(whole);
        std::thread::sleep(moment);
        drop(run);
        let killed = site.runs().into_iter().find(|run| !before.contains(run));
        let station = killed.as_ref().map_or_else(Vec::new, |run| site.journal(run));
        let station = station.last().map_or("nothing".to_owned(), |last| last["what"]["event"].to_string());
        println!("turn {turn} of seed {seed}: killed after {moment:?}, last event {station}");
        stations.insert(station);
        assert_nothing_half_done(&site);
        whole = (whole + assert_put_in_order(&site, killed.as_ref())) / 2;
    }
    println!("the last events were {stations:?}");
    assert!(stations.len() >= 3 || count < 8, "the moments are all alike: {stations:?}");
}

#[test]
fn killed_at_each_event() {
    for event in ["started", "scanned", "job-started", "job-ended", "recorded", "decided", "released"] {
        let site = Site::new(SEVERAL);
        let mut run = site.start(|_| {});
        run.wait_until(event, |site| {
            let newest = site.newest().unwrap_or_default();
            site.journal(&newest).iter().any(|entry| entry["what"]["event"] == event)
        });
        drop(run);
        let killed = site.newest();
        assert_nothing_half_done(&site);
        assert_put_in_order(&site, killed.as_ref());
    }
}

#[test]
fn control_groups_and_workspaces_of_a_dead_run_are_removed_by_the_next() {
    let site = Site::with_step("sleep 600 & sleep 600");
    let mut run = site.start(|_| {});
    run.wait_until("the sleep", |site| {
        Remains::of(site).processes.iter().any(|line| line.contains("sleep 600"))
    });
    let grouped = !Remains::of(&site).groups.is_empty();
    drop(run);
    site.assert_nothing_runs();
    let left = Remains::of(&site);
    assert_eq!(left.scratch.len(), 1, "nobody was there to remove it");
    assert_eq!(!left.groups.is_empty(), grouped);
    site.clear();
}
