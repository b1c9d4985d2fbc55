//! The file system inside, made from nothing.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, mkdirat, mknodat, openat, statat, symlinkat};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags, UnmountFlags,
    fsconfig_create, fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, mount_change, move_mount,
    unmount,
};
use rustix::process::{chdir, fchdir, pivot_root};

use super::layout::{Bind, Layout, clone_tree};
use crate::SandboxError;
use crate::kernel::{ATTR_NODEV, ATTR_NOEXEC, ATTR_NOSUID, ATTR_RDONLY, mount_setattr};
use crate::wire::Assignment;

/// Files of /proc that tell about the host's kernel memory, keys and timers, or act on it.
const MASKED: [&str; 8] = [
    "proc/kcore",
    "proc/key-users",
    "proc/keys",
    "proc/kmsg",
    "proc/latency_stats",
    "proc/sched_debug",
    "proc/sysrq-trigger",
    "proc/timer_list",
];

/// Parts of /proc that change the host for those who may.
const FROZEN: [&str; 7] =
    ["proc/acpi", "proc/asound", "proc/bus", "proc/fs", "proc/irq", "proc/scsi", "proc/sys"];

/// Makes the root that `layout` describes and moves into it.
pub(super) fn enter(assignment: &Assignment, mut layout: Layout) -> Result<(), SandboxError> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .map_err(|error| refused("keep mounts private", Path::new("/"), error))?;
    let root = filesystem("tmpfs", &[("size", "1m"), ("mode", "0755")], MountAttrFlags::empty())?;
    attach(&root, CWD, Path::new("/"))?;
    fill(&root, &mut layout)?;
    furnish_dev(&root, assignment)?;
    furnish_proc(&root)?;
    let pivot = |error| SandboxError::io("change the root", io::Error::from(error));
    fchdir(&root).map_err(pivot)?;
    // pivot_root(2): with both arguments `.` the old root ends up on top of the new one, and needs no folder to go to.
    pivot_root(".", ".").map_err(pivot)?;
    unmount(".", UnmountFlags::DETACH).map_err(pivot)?;
    chdir("/").map_err(pivot)?;
    mount_setattr(&root, ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV, false)
        .map_err(|error| refused("make the root read-only", Path::new("/"), error))
}

/// Everything in it that is a folder, a file, a link or a piece of the host.
fn fill(root: &OwnedFd, layout: &mut Layout) -> Result<(), SandboxError> {
    let mut building = Building { root: root.as_fd(), folders: BTreeMap::new() };
    for folder in &layout.folders {
        building.folder(folder)?;
    }
    for (path, text) in &layout.files {
        building.write(path, text)?;
    }
    for (path, target) in &layout.links {
        let (folder, name) = building.place(path)?;
        symlinkat(target, folder, name).map_err(|error| refused("link", path, error))?;
    }
    layout.binds.iter_mut().try_for_each(|bind| building.mount(bind))
}

fn furnish_dev(root: &OwnedFd, assignment: &Assignment) -> Result<(), SandboxError> {
    let no_exec = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let pts = [("newinstance", ""), ("ptmxmode", "0666"), ("mode", "0620")];
    attach(&filesystem("devpts", &pts, no_exec)?, root, Path::new("dev/pts"))?;
    // Without control groups nothing else counts what lies there.
    let size = (assignment.spec.limits.memory_bytes / 2).max(1 << 20).to_string();
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
    let shm = filesystem("tmpfs", &[("size", &size), ("mode", "1777")], attributes)?;
    attach(&shm, root, Path::new("dev/shm"))
}

fn furnish_proc(root: &OwnedFd) -> Result<(), SandboxError> {
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    attach(&filesystem("proc", &[], attributes)?, root, Path::new("proc"))?;
    for path in MASKED.map(Path::new).into_iter().filter(|path| exists(root, path)) {
        let null = clone_tree(CWD, Path::new("/dev/null"), ATTR_NOSUID | ATTR_NOEXEC | ATTR_RDONLY)?;
        attach(&null, root, path)?;
    }
    let read_only = ATTR_NOSUID | ATTR_NODEV | ATTR_NOEXEC | ATTR_RDONLY;
    for path in FROZEN.map(Path::new).into_iter().filter(|path| exists(root, path)) {
        attach(&clone_tree(root, path, read_only)?, root, path)?;
    }
    Ok(())
}

/// A new file system, mounted nowhere yet.
fn filesystem(
    kind: &str,
    options: &[(&str, &str)],
    attributes: MountAttrFlags,
) -> Result<OwnedFd, SandboxError> {
    let make = || {
        let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
        for (key, value) in options {
            match *value {
                "" => fsconfig_set_flag(&context, *key)?,
                value => fsconfig_set_string(&context, *key, value)?,
            }
        }
        fsconfig_create(&context)?;
        fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)
    };
    let hint = match kind {
        "proc" => {
            "in a container, /proc must not be masked (--security-opt systempaths=unconfined); else use the host"
        }
        _ => "Linux 5.12 or newer is needed, and a runtime that does not filter mount calls",
    };
    make().map_err(|error: Errno| SandboxError::unavailable(&format!("a fresh {kind}"), error, hint))
}

fn attach(mount: &OwnedFd, root: impl AsFd, at: &Path) -> Result<(), SandboxError> {
    move_mount(mount, "", root, at, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
        .map_err(|error| refused("mount onto", at, error))
}

/// The root while it is being made.
struct Building<'a> {
    root: BorrowedFd<'a>,
    /// Folders as they are seen now, so that none is walked to twice.
    folders: BTreeMap<PathBuf, OwnedFd>,
}

impl Building<'_> {
    /// The folder at `path`, made with all folders above it, and reached without following any link.
    fn folder(&mut self, path: &Path) -> Result<BorrowedFd<'_>, SandboxError> {
        if path.parent().is_none() {
            return Ok(self.root);
        }
        if !self.folders.contains_key(path) {
            let (above, name) = self.place(path)?;
            make_folder(above, name).map_err(|error| refused("make the folder", path, error))?;
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let folder = openat(above, name, flags, Mode::empty());
            let folder = folder.map_err(|error| refused("enter the folder", path, error))?;
            self.folders.insert(path.to_owned(), folder);
        }
        Ok(self.folders.get(path).map_or(self.root, OwnedFd::as_fd))
    }

    /// The folder that `path` is in, and its name there.
    fn place<'p>(&mut self, path: &'p Path) -> Result<(BorrowedFd<'_>, &'p OsStr), SandboxError> {
        let name = path.file_name().unwrap_or_default();
        Ok((self.folder(path.parent().unwrap_or(path))?, name))
    }

    fn write(&mut self, path: &Path, text: &str) -> Result<(), SandboxError> {
        let (folder, name) = self.place(path)?;
        let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::EXCL | OFlags::CLOEXEC;
        let file = openat(folder, name, flags, Mode::from_raw_mode(0o644));
        let file = file.map_err(|error| refused("write", path, error))?;
        File::from(file).write_all(text.as_bytes()).map_err(|error| refused("write", path, error))
    }

    fn mount(&mut self, bind: &mut Bind) -> Result<(), SandboxError> {
        let source = bind.take_source()?;
        let path = bind.inside.as_path();
        let kind = fstat(&source).map(|stat| FileType::from_raw_mode(stat.st_mode));
        let is_folder = kind.map_err(|error| refused("look at", path, error))? == FileType::Directory;
        let (folder, name) = self.place(path)?;
        let made = if is_folder { make_folder(folder, name) } else { make_file(folder, name) };
        made.map_err(|error| refused("make a place for", path, error))?;
        // Does not follow a link at the end either.
        move_mount(&source, "", folder, name, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
            .map_err(|error| refused("mount onto", path, error))?;
        // Whatever was there and below is covered now.
        self.folders.retain(|known, _| !known.starts_with(path));
        if is_folder {
            self.folders.insert(path.to_owned(), source);
        }
        Ok(())
    }
}

/// Makes a folder unless something is there.
fn make_folder(at: BorrowedFd<'_>, name: &OsStr) -> rustix::io::Result<()> {
    match mkdirat(at, name, Mode::from_raw_mode(0o755)) {
        Err(Errno::EXIST) => Ok(()),
        other => other,
    }
}

/// Makes an empty file unless something is there.
fn make_file(at: BorrowedFd<'_>, name: &OsStr) -> rustix::io::Result<()> {
    match mknodat(at, name, FileType::RegularFile, Mode::from_raw_mode(0o644), 0) {
        Err(Errno::EXIST) => Ok(()),
        other => other,
    }
}

fn exists(root: &OwnedFd, path: &Path) -> bool {
    statat(root, path, AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

fn refused(doing: &str, path: &Path, error: impl Into<io::Error>) -> SandboxError {
    SandboxError::io(format!("{doing} {} in the sandbox", path.display()), error)
}
