/// How a command ends: the exit codes of docs/exit-codes.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// Done, nothing denied.
    Done,
    /// The only objection is blocking gaps.
    Incomplete,
    /// Denied: findings over the threshold, policy says no, verification failed, a step failed, an approval is missing.
    Denied,
    /// Something needed is unavailable: registry, ledger, disk space, an isolation that the host can't give.
    Unavailable,
    /// Not authenticated or not allowed.
    NotAllowed,
    /// Usage or configuration error.
    Usage,
    /// Our own bug.
    Bug,
    /// Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl Exit {
    /// Every value, in the order in which one wins over those before it when several hold at once.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Incomplete,
        Self::Denied,
        Self::Unavailable,
        Self::NotAllowed,
        Self::Usage,
        Self::Bug,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number for the operating system.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Denied => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Unavailable => 4,
            Self::NotAllowed => 5,
            Self::Bug => 70,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}
