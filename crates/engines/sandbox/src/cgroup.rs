//! Control groups: version 2 where memory and processes are delegated to us, version 1 where its controllers are mounted, and on
//! hybrid hosts both at once, since the version 2 tree still kills at one stroke.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use palisade_model::Limits;
use rustix::process::{Pid, Signal, kill_process};

use crate::spec::is_group_name;
use crate::{Guard, SandboxError};

/// Helper and first process count too.
const OWN_PROCESSES: u64 = 2;
/// How deep below a hierarchy's root groups of ours are looked for.
const MAX_DEPTH: u32 = 12;
/// How long killed processes may take to leave their group.
const LEAVE: Duration = Duration::from_secs(2);

/// One mounted hierarchy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Hierarchy {
    /// Where it is mounted.
    top: PathBuf,
    /// The group this process is in.
    own: PathBuf,
    /// Controllers of version 1, nothing for version 2.
    controllers: BTreeSet<String>,
}

/// The groups of one sandbox.
#[derive(Debug)]
pub(crate) struct Group {
    memory: Limited,
    processes: PathBuf,
    /// All folders made, some of them the same as those above.
    folders: BTreeSet<PathBuf>,
}

/// Where memory is limited.
#[derive(Debug)]
enum Limited {
    V1(PathBuf),
    V2(PathBuf),
}

/// What a group saw.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    pub(crate) peak: Option<u64>,
    pub(crate) out_of_memory: bool,
    pub(crate) refused_forks: bool,
}

impl Group {
    /// Makes groups called `name` and sets `limits`; none when the host does not let us. One of that name that is left over is
    /// killed and removed.
    pub(crate) fn create(
        name: &str,
        limits: &Limits,
        without: &BTreeSet<Guard>,
    ) -> Result<Option<Self>, SandboxError> {
        let hierarchies = hierarchies();
        let found = delegated(&hierarchies, name).or_else(|| classic(&hierarchies, name));
        let Some(group) = found else { return Ok(None) };
        let memory = if without.contains(&Guard::Memory) { u64::MAX } else { limits.memory_bytes };
        let processes = if without.contains(&Guard::Processes) { u64::MAX } else { limits.processes };
        match group.limit(memory, processes) {
            Ok(()) => Ok(Some(group)),
            Err(error) => {
                group.remove();
                Err(SandboxError::io(format!("set the limits of control group {name}"), error))
            }
        }
    }

    fn limit(&self, memory: u64, processes: u64) -> io::Result<()> {
        let page_multiple = (memory / 4096 * 4096).min(u64::MAX >> 1);
        match &self.memory {
            Limited::V1(folder) => {
                fs::write(folder.join("memory.limit_in_bytes"), page_multiple.to_string())?;
                write_if_there(&folder.join("memory.memsw.limit_in_bytes"), &page_multiple.to_string())?;
            }
            Limited::V2(folder) => {
                fs::write(folder.join("memory.max"), page_multiple.to_string())?;
                write_if_there(&folder.join("memory.swap.max"), "0")?;
                write_if_there(&folder.join("memory.oom.group"), "1")?;
            }
        }
        let most = processes.saturating_add(OWN_PROCESSES).min(1 << 22);
        fs::write(self.processes.join("pids.max"), most.to_string())
    }

    /// Moves a process in: into all folders, or none.
    pub(crate) fn add(&self, pid: u32) -> io::Result<()> {
        let enter = |folder: &Path| fs::write(folder.join("cgroup.procs"), pid.to_string());
        self.folders.iter().try_for_each(|folder| enter(folder)).inspect_err(|_| {
            // Out of those it got into, back to where they are.
            for parent in self.folders.iter().filter_map(|folder| folder.parent()) {
                drop(enter(parent));
            }
        })
    }

    /// What happened inside so far.
    pub(crate) fn usage(&self) -> Usage {
        let (events, peak) = match &self.memory {
            Limited::V1(folder) => {
                (folder.join("memory.oom_control"), folder.join("memory.max_usage_in_bytes"))
            }
            Limited::V2(folder) => (folder.join("memory.events"), folder.join("memory.peak")),
        };
        Usage {
            peak: fs::read_to_string(peak).ok().and_then(|text| text.trim().parse().ok()),
            out_of_memory: counter(&events, "oom_kill") > 0,
            refused_forks: counter(&self.processes.join("pids.events"), "max") > 0,
        }
    }

    /// Kills everything inside.
    pub(crate) fn kill(&self) {
        for folder in &self.folders {
            kill_members(folder);
        }
    }

    /// Removes the groups once they are empty.
    pub(crate) fn remove(&self) {
        for folder in &self.folders {
            remove(folder);
        }
    }
}

/// Removes the control groups left by sandboxes whose supervisor was killed: those whose name begins with `prefix`, which begins
/// with `pal-`. What still runs in them is killed first. Returns how many were removed.
///
/// # Errors
///
/// [`SandboxError::Invalid`] for a prefix that could match groups of others; [`SandboxError::Io`] for one that will not go.
pub fn reap(prefix: &str) -> Result<u32, SandboxError> {
    if !is_group_name(prefix) {
        return Err(SandboxError::Invalid(format!(
            "`{prefix}` is not the beginning of a group name of ours"
        )));
    }
    let mut removed = 0;
    for hierarchy in hierarchies() {
        let mut found = Vec::new();
        search(&hierarchy.top, prefix, MAX_DEPTH, &mut found);
        for folder in found {
            kill_members(&folder);
            if !remove(&folder) {
                let busy = io::Error::from(io::ErrorKind::ResourceBusy);
                return Err(SandboxError::io(format!("remove {}", folder.display()), busy));
            }
            removed += 1;
        }
    }
    Ok(removed)
}

/// Whether limits could be held by control groups; tries it.
pub(crate) fn is_available() -> bool {
    let name = format!("pal-probe-{}", std::process::id());
    let group = Group::create(&name, &Limits::default(), &BTreeSet::new()).ok().flatten();
    group.map(|group| group.remove()).is_some()
}

fn search(folder: &Path, prefix: &str, depth: u32, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)) {
            found.push(entry.path());
        } else if depth > 0 {
            search(&entry.path(), prefix, depth - 1, found);
        }
    }
}

/// Version 2 with the controllers delegated: the nearest group above us that hands memory and pids on, and lets us make a child.
/// Our own group cannot, since a group that hands controllers on has no processes of its own (cgroups(7)).
fn delegated(hierarchies: &[Hierarchy], name: &str) -> Option<Group> {
    let tree = hierarchies.iter().find(|hierarchy| hierarchy.controllers.is_empty())?;
    let above = tree.own.ancestors().take_while(|folder| folder.starts_with(&tree.top));
    let folder = above.filter(|folder| hands_on(folder)).find_map(|folder| make(&folder.join(name)))?;
    let folders = BTreeSet::from([folder.clone()]);
    Some(Group { memory: Limited::V2(folder.clone()), processes: folder, folders })
}

/// Version 1 controllers, and a version 2 group without controllers beside them if there is such a tree.
fn classic(hierarchies: &[Hierarchy], name: &str) -> Option<Group> {
    let with = |controller: &str| hierarchies.iter().find(|one| one.controllers.contains(controller));
    let memory = make(&with("memory")?.own.join(name))?;
    let Some(processes) = with("pids").and_then(|one| make(&one.own.join(name))) else {
        remove(&memory);
        return None;
    };
    let tree = hierarchies.iter().find(|one| one.controllers.is_empty());
    let tree = tree.and_then(|one| make(&one.own.join(name)));
    let folders = [memory.clone(), processes.clone()].into_iter().chain(tree).collect();
    Some(Group { memory: Limited::V1(memory), processes, folders })
}

fn hands_on(folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join("cgroup.subtree_control")).unwrap_or_default();
    let handed: BTreeSet<&str> = text.split_whitespace().collect();
    handed.contains("memory") && handed.contains("pids")
}

fn make(folder: &Path) -> Option<PathBuf> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            kill_members(folder);
            remove(folder);
            fs::create_dir(folder)
        }
        made => made,
    }
    .ok()
    .map(|()| folder.to_owned())
}

fn kill_members(folder: &Path) {
    let end = Instant::now() + LEAVE;
    let at_one_stroke = fs::write(folder.join("cgroup.kill"), "1").is_ok();
    while Instant::now() < end {
        let members = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
        if members.is_empty() {
            return;
        }
        if !at_one_stroke {
            let pids = members.lines().filter_map(|line| line.parse().ok().and_then(Pid::from_raw));
            for pid in pids {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        sleep(Duration::from_millis(5));
    }
}

/// Removes a group; true when it is gone. A group stays busy for a moment after its last process was reaped.
fn remove(folder: &Path) -> bool {
    let end = Instant::now() + LEAVE;
    loop {
        match fs::remove_dir(folder) {
            Ok(()) => return true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return true,
            Err(_) if Instant::now() >= end => return false,
            Err(_) => sleep(Duration::from_millis(1)),
        }
    }
}

fn write_if_there(file: &Path, text: &str) -> io::Result<()> {
    match fs::write(file, text) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn counter(file: &Path, key: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.find(|(name, _)| *name == key).and_then(|(_, count)| count.trim().parse().ok()).unwrap_or(0)
}

fn hierarchies() -> Vec<Hierarchy> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    parse(&mounts, &groups)
}

/// From the texts of proc(5) `mountinfo` and cgroups(7) `/proc/PID/cgroup`; sorted.
fn parse(mounts: &str, groups: &str) -> Vec<Hierarchy> {
    let mut all: Vec<Hierarchy> = mounts.lines().filter_map(|line| hierarchy(line, groups)).collect();
    all.sort();
    all
}

/// From one line of `mountinfo`.
fn hierarchy(line: &str, groups: &str) -> Option<Hierarchy> {
    let (left, right) = line.split_once(" - ")?;
    let mut left = left.split(' ').skip(3);
    let (root, top) = (Path::new(left.next()?), PathBuf::from(left.next()?));
    let mut right = right.split(' ');
    let (kind, options) = (right.next()?, right.nth(1)?);
    let controllers = match kind {
        "cgroup" if !options.contains("name=") => controllers(options),
        "cgroup2" => BTreeSet::new(),
        _ => return None,
    };
    let path = own_path(groups, &controllers)?;
    let own = path.strip_prefix(root).map_or_else(|_| top.clone(), |below| top.join(below));
    Some(Hierarchy { top, own, controllers })
}

/// Mount options of version 1 are controllers but for a few.
fn controllers(options: &str) -> BTreeSet<String> {
    const OTHERS: [&str; 6] = ["rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode"];
    let names = options.split(',').filter(|option| !option.contains('=') && !OTHERS.contains(option));
    names.map(str::to_owned).collect()
}

/// The group this process is in, in the hierarchy with these `controllers`.
fn own_path(groups: &str, controllers: &BTreeSet<String>) -> Option<PathBuf> {
    groups.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (names, path) = (fields.next()?, fields.next()?);
        let names: BTreeSet<&str> = names.split(',').filter(|name| !name.is_empty()).collect();
        names.iter().copied().eq(controllers.iter().map(String::as_str)).then(|| PathBuf::from(path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Line forms from proc(5) and cgroups(7).
    const MOUNTS: &str = "\
22 27 0:21 / /proc rw - proc proc rw
35 31 0:32 /docker/ab /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory
36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
";
    const GROUPS: &str = "4:memory:/docker/ab/job\n2:cpu,cpuacct:/\n1:name=systemd:/\n0::/user.slice/x\n";

    #[test]
    fn a_hybrid_host_is_understood() {
        let owns: Vec<_> = parse(MOUNTS, GROUPS).into_iter().map(|one| one.own).collect();
        let expected = [
            "/sys/fs/cgroup/cpu,cpuacct",
            "/sys/fs/cgroup/memory/job",
            "/sys/fs/cgroup/unified/user.slice/x",
        ];
        assert_eq!(owns, expected.map(PathBuf::from));
    }

    #[test]
    fn nonsense_is_no_hierarchy() {
        assert_eq!(parse("a - b\n - cgroup2\n", "0::/\n::\n"), []);
    }
}
