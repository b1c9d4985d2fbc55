//! Ctrl-C and SIGTERM: the run stops at once, clears up and says so.

use std::os::unix::process::CommandExt;
use std::time::Duration;

use rustix::process::{Signal, kill_process, kill_process_group};

use super::remains::Remains;
use super::site::{Site, Started};

/// A step that does not listen, with a grandchild in the background.
const STUBBORN: &str = "trap '' INT TERM; (trap '' INT TERM; sleep 601) & sleep 600 & wait; wait";

/// A run whose step runs.
fn stubborn(site: &Site) -> Started<'_> {
    let mut run = site.start(|command| {
        command.process_group(0);
    });
    run.wait_until("the step", |site| {
        let processes = Remains::of(site).processes;
        ["sleep 600", "sleep 601"].iter().all(|sleep| processes.iter().any(|line| line.contains(sleep)))
    });
    run
}

#[track_caller]
fn assert_cancelled(site: &Site, run: &mut Started<'_>, code: i32) {
    let (found, took) = run.end();
    assert_eq!(found, code, "{}", run.said());
    assert!(took < Duration::from_secs(3), "it took {took:?}");
    assert!(run.said().contains("nothing was released"), "{}", run.said());
    assert_eq!(site.last_event(), "cancelled");
    assert!(site.releases().is_empty());
    site.assert_clean();
}

#[test]
fn ctrl_c_to_the_program() {
    let site = Site::with_step(STUBBORN);
    let mut run = stubborn(&site);
    kill_process(run.pid(), Signal::INT).unwrap();
    assert_cancelled(&site, &mut run, 130);
    site.project.write("palisade.yaml", super::site::TINY);
    let next = site.call(&["run"]).expect(0);
    assert!(!next.stderr.contains("killed"), "{next}");
}

#[test]
fn ctrl_c_to_the_process_group() {
    let site = Site::with_step(STUBBORN);
    let mut run = stubborn(&site);
    kill_process_group(run.pid(), Signal::INT).unwrap();
    assert_cancelled(&site, &mut run, 130);
}

#[test]
fn terminated() {
    let site = Site::with_step(STUBBORN);
    let mut run = stubborn(&site);
    kill_process(run.pid(), Signal::TERM).unwrap();
    assert_cancelled(&site, &mut run, 143);
}

#[test]
fn a_second_ctrl_c_does_not_wait() {
    let site = Site::with_step(STUBBORN);
    let mut run = stubborn(&site);
    kill_process(run.pid(), Signal::INT).unwrap();
    std::thread::sleep(Duration::from_millis(10));
    let _ = kill_process(run.pid(), Signal::INT);
    let (code, took) = run.end();
    assert_eq!(code, 130, "{}", run.said());
    assert!(took < Duration::from_secs(3), "it took {took:?}");
    site.clear();
}

/// At any moment: whatever the run was doing, it ends as cancelled, or it was done already.
#[test]
fn ctrl_c_at_many_moments() {
    let site = Site::new(super::site::TINY);
    for moment in [0, 5, 20, 50, 100, 200, 300, 400, 600, 900] {
        let releases = site.releases().len();
        let mut run = site.start(|command| {
            command.process_group(0);
        });
        // Not before it listens, which is when the project's folder or the run's is there.
        run.wait_until("the run", |site| site.project.path(".palisade/lock").exists());
        std::thread::sleep(Duration::from_millis(moment));
        let _ = kill_process_group(run.pid(), Signal::INT);
        let (code, _) = run.end();
        match site.releases().len() - releases {
            0 => assert_eq!((code, site.last_event().as_str()), (130, "cancelled"), "{}", run.said()),
            _ => assert_eq!((code, site.last_event().as_str()), (0, "released"), "{}", run.said()),
        }
        site.assert_clean();
        site.assert_sound();
    }
}
