//! What a run may leave behind on the machine, looked for in the kernel's own files.

use std::fs;
use std::path::{Path, PathBuf};

use super::site::{Site, names};

#[derive(Debug)]
pub(super) struct Remains {
    /// Processes that run the site's copy of the program, or carry the name of one of its runs.
    pub(super) processes: Vec<String>,
    /// Mounts on or below the user's folders.
    pub(super) mounts: Vec<String>,
    /// Control groups of its runs, in every hierarchy.
    pub(super) groups: Vec<PathBuf>,
    /// Snapshots and workspaces.
    pub(super) scratch: Vec<String>,
}

impl Remains {
    pub(super) fn of(site: &Site) -> Self {
        let runs = site.runs();
        let home = site.account.home().to_str().unwrap();
        let mut marks = vec![site.program().to_str().unwrap().to_owned()];
        marks.extend(runs.iter().map(|run| format!("PALISADE_RUN={run}")));
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let mut groups = Vec::new();
        for run in &runs {
            search(Path::new("/sys/fs/cgroup"), &format!("pal-{run}"), 8, &mut groups);
        }
        Self {
            processes: processes(&marks),
            mounts: mounts.lines().filter(|line| line.contains(home)).map(str::to_owned).collect(),
            groups,
            scratch: names(&site.account.cache().join("scratch")),
        }
    }
}

/// Living processes whose command line or environment holds one of `marks`.
fn processes(marks: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for name in names(Path::new("/proc")).into_iter().filter(|name| name.parse::<u32>().is_ok()) {
        let folder = Path::new("/proc").join(&name);
        let text = |file: &str| {
            String::from_utf8_lossy(&fs::read(folder.join(file)).unwrap_or_default()).into_owned()
        };
        let command = text("cmdline");
        let all = format!("{command}\0{}", text("environ"));
        if marks.iter().any(|mark| all.contains(mark.as_str())) {
            found.push(format!("{name} {}", command.replace('\0', " ")));
        }
    }
    found
}

fn search(folder: &Path, prefix: &str, depth: u32, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            found.push(entry.path());
        } else if depth > 0 {
            search(&entry.path(), prefix, depth - 1, found);
        }
    }
}

/// What this module is worth: it sees a process, a control group's name and a folder that are there.
#[test]
fn what_is_there_is_seen() {
    let site = Site::with_step("sleep 600");
    let mut run = site.start(|_| {});
    run.wait_until("the sleep", |site| {
        Remains::of(site).processes.iter().any(|line| line.contains("sleep 600"))
    });
    let remains = Remains::of(&site);
    let helpers = remains.processes.iter().filter(|line| line.contains("__sandbox")).count();
    assert!(helpers >= 1, "{remains:?}");
    assert_eq!(remains.scratch.len(), 1, "{remains:?}");
    drop(run);
    site.clear();
}
