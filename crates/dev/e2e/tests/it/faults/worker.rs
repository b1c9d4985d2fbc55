//! The process that parses hostile bytes: held in, and never silently lost.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use super::site::{Site, TINY, names};

/// Processes of the site's program that were started as scan workers.
fn workers(site: &Site) -> Vec<u32> {
    let numbers = names(Path::new("/proc")).into_iter().filter_map(|name| name.parse().ok());
    let is_worker = |number: &u32| {
        let line = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        let expected = format!("{}\0__scan\0", site.program().display());
        line == expected.as_bytes()
    };
    numbers.filter(is_worker).collect()
}

/// Enough to keep a worker busy for seconds.
fn busy() -> Site {
    let site = Site::new(TINY);
    let line = "api_key = os.environ['API_KEY'] # token secret password = load('none')\n";
    for number in 0..40 {
        site.project.write(format!("source/{number}.py"), line.repeat(15_000));
    }
    site
}

fn status(worker: u32, key: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{worker}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.trim_start_matches(':').trim().to_owned()
}

#[test]
fn a_killed_worker_is_a_gap_and_never_clean() {
    let site = busy();
    let mut run = site.start(|_| {});
    run.wait_until("a confined worker", |site| {
        workers(site).iter().any(|worker| status(*worker, "Seccomp") == "2")
    });
    let worker = workers(&site)[0];
    assert_eq!(status(worker, "NoNewPrivs"), "1");
    assert_eq!(
        fs::read(format!("/proc/{worker}/environ")).unwrap_or_default(),
        b"",
        "its environment is empty"
    );
    kill_process(Pid::from_raw(worker.cast_signed()).unwrap(), Signal::KILL).unwrap();
    let (code, _) = run.end();
    let said = run.said();
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("the scan worker died"), "{said}");
    assert!(site.releases().is_empty());
    site.assert_clean();

    let mut scan = site.command(&["scan"]);
    let scan =
        scan.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let worker = loop {
        if let Some(worker) = workers(&site).first() {
            break *worker;
        }
    };
    kill_process(Pid::from_raw(worker.cast_signed()).unwrap(), Signal::KILL).unwrap();
    let ended = scan.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert_eq!(ended.status.code(), Some(3), "{said}");
    assert!(said.contains("the scan worker died"), "{said}");
}

#[test]
fn the_worker_ends_with_its_supervisor() {
    let site = busy();
    for signal in [Signal::KILL, Signal::INT] {
        let mut run = site.start(|_| {});
        run.wait_until("a worker", |site| !workers(site).is_empty());
        kill_process(run.pid(), signal).unwrap();
        let (code, took) = run.end();
        assert_eq!(code, if signal == Signal::INT { 130 } else { 137 }, "{}", run.said());
        assert!(took.as_secs() < 3, "{took:?}");
        site.assert_nothing_runs();
    }
    assert_eq!(site.last_event(), "cancelled");
    site.assert_clean();
}
