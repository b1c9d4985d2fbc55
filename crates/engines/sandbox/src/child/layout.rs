use std::collections::BTreeMap;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::CWD;
use rustix::mount::{OpenTreeFlags, open_tree};

use super::owners::Owners;
use crate::kernel::{ATTR_NODEV, ATTR_NOEXEC, ATTR_NOSUID, ATTR_RDONLY, mount_setattr};
use crate::spec::{HOME, TMP, WORKSPACE};
use crate::{Access, SandboxError, Spec};

/// What programs need of `/etc`, and nobody's secrets.
const ETC: [&str; 22] = [
    "alternatives",
    "ca-certificates",
    "ca-certificates.conf",
    "crypto-policies",
    "debian_version",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "magic",
    "mime.types",
    "os-release",
    "perl",
    "pki/ca-trust",
    "pki/java",
    "pki/tls/certs",
    "protocols",
    "python3",
    "services",
    "ssl/certs",
    "ssl/openssl.cnf",
    "timezone",
];

/// Beginnings of names in `/etc` with a version after them.
const ETC_VERSIONED: [&str; 2] = ["java", "python3."];

/// Devices every program may count on.
const DEVICES: [&str; 6] = ["full", "null", "random", "tty", "urandom", "zero"];

/// Folders of the system outside `/usr`; on most hosts links into it.
const SYSTEM: [&str; 6] = ["bin", "lib", "lib32", "lib64", "libx32", "sbin"];

const GROUP: &str = "root:x:0:\nbuild:x:1000:\nnogroup:x:65534:\n";
const HOSTS: &str = "127.0.0.1 localhost palisade\n::1 localhost palisade\n";
const NSSWITCH: &str = "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\n\
                        protocols: files\nservices: files\n";
const PASSWD: &str = "root:x:0:0:root:/root:/usr/sbin/nologin\n\
                      build:x:1000:1000:build:/home/build:/bin/sh\n\
                      nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";

/// A piece of the host that is seen inside.
#[derive(Debug)]
pub(super) struct Bind {
    host: PathBuf,
    pub(super) inside: PathBuf,
    attributes: u64,
    /// The job may read what only the owner of the folder may.
    lent: bool,
    source: Option<OwnedFd>,
}

/// What the new root is made of.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) folders: Vec<PathBuf>,
    pub(super) files: BTreeMap<PathBuf, &'static str>,
    /// Where the link is, and what it says.
    pub(super) links: BTreeMap<PathBuf, PathBuf>,
    /// Outer ones before inner ones.
    pub(super) binds: Vec<Bind>,
}

impl Bind {
    fn new(host: impl Into<PathBuf>, inside: impl Into<PathBuf>, attributes: u64) -> Self {
        Self { host: host.into(), inside: inside.into(), attributes, lent: false, source: None }
    }

    /// The mount, cloned and with its attributes set, not yet anywhere.
    pub(super) fn take_source(&mut self) -> Result<OwnedFd, SandboxError> {
        match self.source.take() {
            Some(source) => Ok(source),
            None => clone_tree(CWD, &self.host, self.attributes),
        }
    }
}

impl Layout {
    /// Looks at the host and decides. `writable_system` is for tests.
    pub(super) fn of(spec: &Spec, writable_system: bool) -> Self {
        let read_only = ATTR_NOSUID | ATTR_NODEV | if writable_system { 0 } else { ATTR_RDONLY };
        let mut layout = Self {
            folders: ["/dev/pts", "/dev/shm", "/proc", "/run", "/var", "/opt", "/root"]
                .map(PathBuf::from)
                .into(),
            files: generated(),
            links: BTreeMap::new(),
            binds: vec![
                Bind::new("/usr", "/usr", read_only),
                Bind::new(&spec.workspace, WORKSPACE, ATTR_NOSUID | ATTR_NODEV),
                Bind::new(&spec.home, HOME, ATTR_NOSUID | ATTR_NODEV),
                Bind::new(&spec.tmp, TMP, ATTR_NOSUID | ATTR_NODEV),
            ],
        };
        let fixed = [
            ("/dev/fd", "/proc/self/fd"),
            ("/dev/stdin", "/proc/self/fd/0"),
            ("/dev/stdout", "/proc/self/fd/1"),
            ("/dev/stderr", "/proc/self/fd/2"),
            ("/dev/ptmx", "pts/ptmx"),
            ("/etc/mtab", "/proc/self/mounts"),
            ("/var/tmp", TMP),
        ];
        layout.links.extend(fixed.map(|(at, to)| (at.into(), to.into())));
        let system = SYSTEM.map(|name| Path::new("/").join(name));
        system.iter().chain(&etc()).for_each(|path| layout.add_as_found(path, read_only));
        for device in DEVICES {
            let path = Path::new("/dev").join(device);
            layout.binds.push(Bind::new(&path, &path, ATTR_NOSUID | ATTR_NOEXEC));
        }
        for mount in &spec.mounts {
            let (attributes, lent) = match mount.access {
                Access::ReadOnly => (read_only, true),
                Access::ReadWrite => (ATTR_NOSUID | ATTR_NODEV, false),
            };
            layout.binds.push(Bind { lent, ..Bind::new(&mount.host, &mount.inside, attributes) });
        }
        layout.binds.sort_by(|a, b| a.inside.cmp(&b.inside));
        layout
    }

    /// Clones all sources now, for a job that is this user and group on the host.
    pub(super) fn open_sources(&mut self, job: (u32, u32)) -> Result<(), SandboxError> {
        let mut owners = Owners::of(job);
        for bind in &mut self.binds {
            let source = bind.take_source()?;
            if bind.lent {
                // Where it cannot be done, the job sees less.
                drop(owners.lend(&source));
            }
            bind.source = Some(source);
        }
        Ok(())
    }

    /// A link stays a link, anything else is mounted, what is missing is left out.
    fn add_as_found(&mut self, path: &Path, attributes: u64) {
        let Ok(metadata) = fs::symlink_metadata(path) else { return };
        if !metadata.is_symlink() {
            self.binds.push(Bind::new(path, path, attributes));
        } else if let Ok(target) = fs::read_link(path) {
            self.links.insert(path.to_owned(), target);
        }
    }
}

fn generated() -> BTreeMap<PathBuf, &'static str> {
    let files = [
        ("group", GROUP),
        ("hostname", "palisade\n"),
        ("hosts", HOSTS),
        ("nsswitch.conf", NSSWITCH),
        ("passwd", PASSWD),
        ("resolv.conf", ""),
    ];
    files.into_iter().map(|(name, text)| (Path::new("/etc").join(name), text)).collect()
}

fn etc() -> Vec<PathBuf> {
    let names = fs::read_dir("/etc").into_iter().flatten().flatten().map(|entry| entry.path());
    let versioned = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| ETC_VERSIONED.iter().any(|beginning| name.starts_with(beginning)))
    };
    let mut found: Vec<PathBuf> = names.filter(versioned).collect();
    found.extend(ETC.map(|name| Path::new("/etc").join(name)));
    found.sort();
    found
}

/// A private copy of the mounts at and below `host`.
pub(super) fn clone_tree(at: impl AsFd, host: &Path, attributes: u64) -> Result<OwnedFd, SandboxError> {
    let flags =
        OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    let tree = open_tree(at, host, flags)
        .map_err(|error| SandboxError::io(format!("take {} into the sandbox", host.display()), error))?;
    let hint = "Linux 5.12 or newer is needed";
    mount_setattr(&tree, attributes, true)
        .map_err(|error| SandboxError::unavailable("changing attributes of mounts", error, hint))?;
    Ok(tree)
}
