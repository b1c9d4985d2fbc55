//! A user with a project and a copy of the program that nobody else runs, so that what it leaves can be told from everything else.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use palisade_testkit::{Account, Answer, Project, palisade};
use serde_json::Value;

use super::remains::Remains;

/// One job, one artifact: as little as a run can be.
pub(super) const TINY: &str = "\
version: 1
name: tiny
jobs:
  build:
    steps:
      - run: echo content > out.txt
    outputs: [out.txt]
release:
  artifacts: [out.txt]
";

pub(super) struct Site {
    pub(super) account: Account,
    pub(super) project: Project,
    program: PathBuf,
    /// Releases that were found whole; they never change.
    verified: RefCell<BTreeSet<PathBuf>>,
}

impl Site {
    /// With this pipeline file, not under git.
    pub(super) fn new(pipeline: &str) -> Self {
        let project = Project::empty();
        project.write("palisade.yaml", pipeline);
        Self::of(project)
    }

    pub(super) fn of(project: Project) -> Self {
        let account = Account::new();
        let program = account.home().join("palisade-under-test");
        // A debug build is large; the file keeps its content when cargo puts a new one in its place.
        fs::hard_link(palisade(), &program).or_else(|_| fs::copy(palisade(), &program).map(drop)).unwrap();
        Self { account, project, program, verified: RefCell::default() }
    }

    /// The first step of the only job is this script.
    pub(super) fn with_step(script: &str) -> Self {
        let indented = script.replace('\n', "\n          ");
        let steps = format!("      - name: it\n        run: |\n          {indented}\n");
        Self::new(&format!("version: 1\nname: step\njobs:\n  build:\n    steps:\n{steps}"))
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).current_dir(self.project.root()).env_clear().env("HOME", self.account.home());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    pub(super) fn call(&self, args: &[&str]) -> Answer {
        Answer::of(&mut self.command(args), b"")
    }

    /// Starts `palisade run` and comes back at once. What it says goes to files.
    pub(super) fn start(&self, prepare: impl FnOnce(&mut Command)) -> Started<'_> {
        let mut command = self.command(&["run"]);
        let file = |name: &str| fs::File::create(self.account.home().join(name)).unwrap();
        command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
        prepare(&mut command);
        Started { site: self, child: command.spawn().unwrap() }
    }

    /// The names of all runs, oldest first.
    pub(super) fn runs(&self) -> Vec<String> {
        names(&self.project.path(".palisade/runs"))
    }

    pub(super) fn journal(&self, run: &str) -> Vec<Value> {
        let path = self.project.path(".palisade/runs").join(run).join("journal.jsonl");
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The run whose journal was written to last; names tell runs of one second not apart.
    pub(super) fn newest(&self) -> Option<String> {
        let written = |run: &String| {
            let path = self.project.path(".palisade/runs").join(run).join("journal.jsonl");
            fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
        };
        self.runs().into_iter().max_by_key(written)
    }

    /// The last event of the newest run.
    pub(super) fn last_event(&self) -> String {
        let run = self.newest().expect("there was a run");
        let journal = self.journal(&run);
        let last = journal.last().unwrap_or_else(|| panic!("the journal of {run} is empty"));
        last["what"]["event"].as_str().unwrap().to_owned()
    }

    pub(super) fn releases(&self) -> Vec<PathBuf> {
        let folder = self.project.path(".palisade/releases");
        let names = names(&folder).into_iter().filter(|name| name.starts_with("sha256-"));
        names.map(|name| folder.join(name)).collect()
    }

    /// Nothing of any run is left within three seconds but what lies in `.palisade`.
    #[track_caller]
    pub(super) fn assert_nothing_runs(&self) {
        let end = Instant::now() + Duration::from_secs(3);
        loop {
            let remains = Remains::of(self);
            if remains.processes.is_empty() && remains.mounts.is_empty() {
                return;
            }
            assert!(Instant::now() < end, "still there: {remains:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// As [`Self::assert_nothing_runs`], and control groups and scratch folders are gone too.
    #[track_caller]
    pub(super) fn assert_clean(&self) {
        self.assert_nothing_runs();
        let remains = Remains::of(self);
        assert!(remains.groups.is_empty() && remains.scratch.is_empty(), "still there: {remains:?}");
    }

    /// Lets another run put in order what the killed ones left.
    #[track_caller]
    pub(super) fn clear(&self) {
        self.assert_nothing_runs();
        self.project.write("palisade.yaml", TINY);
        self.call(&["run"]).expect(0);
        self.assert_clean();
    }

    /// The ledger stands up to every check, and each release verifies, seen from an empty folder.
    #[track_caller]
    pub(super) fn assert_sound(&self) {
        if self.project.path(".palisade/ledger/checkpoint").exists() {
            self.call(&["ledger", "verify"]).expect(0);
        }
        let empty = tempfile::tempdir().unwrap();
        for release in self.releases() {
            if !self.verified.borrow_mut().insert(release.clone()) {
                continue;
            }
            let manifest: Value =
                serde_json::from_slice(&fs::read(release.join("manifest.json")).unwrap()).unwrap();
            for artifact in manifest["artifacts"].as_array().unwrap() {
                let path = release.join(artifact["subject"]["name"].as_str().unwrap());
                let mut verify = self.command(&["verify", path.to_str().unwrap()]);
                Answer::of(verify.current_dir(empty.path()), b"").expect(0);
            }
        }
    }
}

/// A run that goes on.
pub(super) struct Started<'a> {
    site: &'a Site,
    pub(super) child: Child,
}

impl Started<'_> {
    pub(super) fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// Waits until `done`; fails when the run ends or a minute passes before.
    #[track_caller]
    pub(super) fn wait_until(&mut self, what: &str, mut done: impl FnMut(&Site) -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !done(self.site) {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the run ended ({status}) before {what}\n{}", self.said());
            }
            assert!(Instant::now() < end, "no {what} within a minute\n{}", self.said());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Its exit code, 128 + N for signal N, and how long it took from now.
    pub(super) fn end(&mut self) -> (i32, Duration) {
        use std::os::unix::process::ExitStatusExt;
        let started = Instant::now();
        let status = self.child.wait().unwrap();
        (status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap(), started.elapsed())
    }

    pub(super) fn said(&self) -> String {
        let text = |name: &str| {
            let bytes = fs::read(self.site.account.home().join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        text("stdout") + &text("stderr")
    }
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The names in a folder, sorted; none when it is not there.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
