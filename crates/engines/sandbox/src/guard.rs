use serde::{Deserialize, Serialize};

/// Something that holds a job in. The names go into the run record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Guard {
    /// No capability, neither held nor to be had.
    Capabilities,
    /// No file descriptor but the three standard ones.
    CloseOnExec,
    /// Landlock on top of the mount namespace; the one guard that may be absent.
    Landlock,
    /// The memory limit.
    Memory,
    /// A mount namespace with a root made for the job.
    MountNamespace,
    /// A network namespace with nothing but its own loopback.
    NetNamespace,
    /// No privileges from files.
    NoNewPrivs,
    /// The first process inside cannot be looked into.
    NotDumpable,
    /// A process id namespace that dies as one.
    PidNamespace,
    /// The limit of processes.
    Processes,
    /// System and tools cannot be written.
    ReadOnly,
    /// The system call filter.
    Seccomp,
    /// A user namespace with one unprivileged user.
    UserNamespace,
}

impl Guard {
    pub(crate) const ALL: [Self; 13] = [
        Self::Capabilities,
        Self::CloseOnExec,
        Self::Landlock,
        Self::Memory,
        Self::MountNamespace,
        Self::NetNamespace,
        Self::NoNewPrivs,
        Self::NotDumpable,
        Self::PidNamespace,
        Self::Processes,
        Self::ReadOnly,
        Self::Seccomp,
        Self::UserNamespace,
    ];

    /// The name in records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Capabilities => "capabilities",
            Self::CloseOnExec => "close-on-exec",
            Self::Landlock => "landlock",
            Self::Memory => "memory",
            Self::MountNamespace => "mount-namespace",
            Self::NetNamespace => "net-namespace",
            Self::NoNewPrivs => "no-new-privs",
            Self::NotDumpable => "not-dumpable",
            Self::PidNamespace => "pid-namespace",
            Self::Processes => "processes",
            Self::ReadOnly => "read-only",
            Self::Seccomp => "seccomp",
            Self::UserNamespace => "user-namespace",
        }
    }
}
