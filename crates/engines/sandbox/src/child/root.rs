//! The file system inside, made from nothing.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, mkdirat, openat, statat, symlinkat};
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
    for folder in &layout.folders {
        make_folder(&root, folder)?;
    }
    for (path, text) in &layout.files {
        write_file(&root, path, text)?;
    }
    for (path, target) in &layout.links {
        let parent = make_folder(&root, parent(path))?;
        symlinkat(target, &parent, name(path)).map_err(|error| refused("link", path, error))?;
    }
    for bind in &mut layout.binds {
        place(&root, bind)?;
    }
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

fn place(root: &OwnedFd, bind: &mut Bind) -> Result<(), SandboxError> {
    let source = bind.take_source()?;
    let kind = fstat(&source).map(|stat| FileType::from_raw_mode(stat.st_mode));
    let is_folder = kind.map_err(|error| refused("look at", &bind.inside, error))? == FileType::Directory;
    let point = if is_folder { make_folder(root, &bind.inside)? } else { make_file(root, &bind.inside)? };
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(&source, "", &point, "", flags).map_err(|error| refused("mount onto", &bind.inside, error))
}

/// The folder at `path`, made with all folders above it, and reached without following any link.
fn make_folder(root: &OwnedFd, path: &Path) -> Result<OwnedFd, SandboxError> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let open = |at: BorrowedFd<'_>, part: &Path| openat(at, part, flags, Mode::empty());
    let mut folder = open(root.as_fd(), Path::new(".")).map_err(|error| refused("open", path, error))?;
    for part in path.components() {
        let Component::Normal(part) = part else { continue };
        match mkdirat(&folder, part, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(refused("make the folder", path, error)),
        }
        let next = open(folder.as_fd(), Path::new(part));
        folder = next.map_err(|error| refused("enter the folder", path, error))?;
    }
    Ok(folder)
}

fn make_file(root: &OwnedFd, path: &Path) -> Result<OwnedFd, SandboxError> {
    let folder = make_folder(root, parent(path))?;
    let failed = |error| refused("make the file", path, error);
    let create = OFlags::CREATE | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::EXCL;
    match openat(&folder, name(path), create, Mode::from_raw_mode(0o644)) {
        Ok(_) | Err(Errno::EXIST) => {}
        Err(error) => return Err(failed(error)),
    }
    openat(&folder, name(path), OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
        .map_err(failed)
}

fn write_file(root: &OwnedFd, path: &Path, text: &str) -> Result<(), SandboxError> {
    let folder = make_folder(root, parent(path))?;
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::EXCL | OFlags::CLOEXEC;
    let file = openat(&folder, name(path), flags, Mode::from_raw_mode(0o644));
    let file = file.map_err(|error| refused("write", path, error))?;
    File::from(file).write_all(text.as_bytes()).map_err(|error| refused("write", path, error))
}

fn exists(root: &OwnedFd, path: &Path) -> bool {
    statat(root, path, AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn name(path: &Path) -> &std::ffi::OsStr {
    path.file_name().unwrap_or_default()
}

fn refused(doing: &str, path: &Path, error: impl Into<io::Error>) -> SandboxError {
    SandboxError::io(format!("{doing} {} in the sandbox", path.display()), error)
}
