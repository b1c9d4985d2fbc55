//! Measures reading a whole history: `history REPOSITORY [read] [trees]`.
//!
//! The reader does nothing, so that only the reading is measured. Prints sums, CPU seconds and the largest resident size.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measuring tool for maintainers")]

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use palisade_git::{Copy, History, HistoryLimits, Object, ObjectKind, ObjectName, Reader};

struct Nothing;

impl Reader for Nothing {
    type State = ();

    fn whole(&self, _: &Object<'_>) {}

    fn changed(&self, _: &Object<'_>, (): &(), _: &[u8], _: &[Copy]) {}
}

/// Picks one blob of 256.
#[derive(Default)]
struct Sample(Mutex<Vec<ObjectName>>);

impl Reader for Sample {
    type State = ();

    fn whole(&self, object: &Object<'_>) {
        if object.kind == ObjectKind::Blob && object.name.as_bytes().ends_with(&[7]) {
            self.0.lock().expect("a list").push(object.name);
        }
    }

    fn changed(&self, object: &Object<'_>, (): &(), _: &[u8], _: &[Copy]) {
        self.whole(object);
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = PathBuf::from(arguments.next().expect("a repository"));
    let parts: Vec<String> = arguments.collect();
    let asked = |part: &str| parts.is_empty() || parts.iter().any(|given| given == part);
    let mut clock = Clock::start();
    let history = History::open(&path).expect("a repository");
    clock.lap(&format!("{} objects listed", history.object_count()));
    if asked("read") {
        let survey = history.read(&Nothing, &HistoryLimits::default());
        clock.lap(&format!("{survey:#?}"));
    }
    if asked("trees") {
        let sample = Sample::default();
        history.read(&sample, &HistoryLimits::default());
        let wanted = sample.0.into_inner().expect("a list");
        clock.lap(&format!("{} blobs picked", wanted.len()));
        let survey = history.trace(&wanted, &HistoryLimits::default());
        let paths: usize = survey.objects.iter().map(|trace| trace.paths.len()).sum();
        let (trees, missing, gaps) = (survey.trees, survey.missing, survey.gaps.list.len());
        clock.lap(&format!("{trees} trees, {paths} paths, {missing} missing, {gaps} gaps"));
    }
}

struct Clock {
    start: Instant,
    cpu: f64,
}

impl Clock {
    fn start() -> Self {
        Self { start: Instant::now(), cpu: cpu_seconds() }
    }

    fn lap(&mut self, what: &str) {
        let (cpu, wall) = (cpu_seconds() - self.cpu, self.start.elapsed().as_secs_f64());
        println!("{what}\n  {cpu:.3} CPU-s, {wall:.3} s, largest resident size {} MB", peak_megabytes());
        *self = Self::start();
    }
}

/// User and system time of all threads so far (proc_pid_stat(5), fields 14 and 15, in hundredths of a second).
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("proc");
    let fields = stat.rsplit(')').next().expect("fields").split_whitespace().skip(11).take(2);
    fields.map(|field| field.parse::<u64>().expect("a number")).sum::<u64>() as f64 / 100.0
}

fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a size");
    line.split_whitespace().next().expect("a number").parse::<u64>().expect("a number") / 1024
}
