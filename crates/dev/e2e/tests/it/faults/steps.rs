//! Steps that fail, hang, shout, multiply, or leave something running.

use std::time::{Duration, Instant};

use super::site::Site;

/// A denied run, with what it says of the job; nothing is released and nothing stays.
#[track_caller]
fn assert_denied(site: &Site, said: &str) {
    site.call(&["run"]).expect(1).says(said).says("Nothing was released");
    assert!(site.releases().is_empty());
    site.assert_clean();
    site.assert_sound();
}

#[test]
fn exit_codes_and_signals() {
    assert_denied(&Site::with_step("exit 42"), "42");
    assert_denied(&Site::with_step("kill -SEGV $$"), "signal 11");
    assert_denied(&Site::with_step("no-such-program"), "127");
}

#[test]
fn a_step_that_hangs() {
    let pipeline =
        "version: 1\nname: slow\njobs:\n  build:\n    steps:\n      - run: sleep 600\n        timeout: 1s\n";
    let started = Instant::now();
    assert_denied(&Site::new(pipeline), "timed out");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_flood_of_output_is_cut_and_the_step_goes_on() {
    // More than any log may hold; what follows is dropped, the step itself is not stopped.
    let site = Site::with_step("head -c 80000000 /dev/zero | tr '\\0' 'x'; echo; test -d /workspace");
    site.call(&["run", "--quiet"]).expect(0);
    let run = site.newest().unwrap();
    let log = site.project.path(".palisade/runs").join(&run).join("logs/build/1.log");
    let bytes = std::fs::read(log).unwrap();
    assert!(bytes.len() < 80_000_000, "{} bytes were kept", bytes.len());
    assert!(bytes.ends_with(b"[palisade: the log is full, the rest of the output was dropped]\n"));
    site.assert_clean();
}

#[test]
fn a_fork_bomb_ends_at_its_limit() {
    let site = Site::with_step("while true; do sleep 600 & done");
    assert_denied(&site, "Cannot fork");
}

#[test]
fn what_a_step_leaves_running_dies_with_it() {
    let site = Site::with_step("setsid sleep 600 >/dev/null 2>&1 & (sleep 601 &) ; echo done");
    site.call(&["run"]).expect(0).says("done");
    site.assert_clean();
}
