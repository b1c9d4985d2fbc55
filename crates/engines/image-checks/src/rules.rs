use palisade_rulefile::{CheckRules, RuleCheck};

/// The rules, one for each check.
pub(crate) type Rules = CheckRules<Check>;

/// What this engine can find; each is the name of a rule file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    NoHealthcheck,
    PrivilegedPort,
    RemoteAccessPort,
    RunsAsRoot,
    UnusualSetuid,
    WorldWritable,
}

impl RuleCheck for Check {
    const ALL: &'static [Self] = &[
        Self::NoHealthcheck,
        Self::PrivilegedPort,
        Self::RemoteAccessPort,
        Self::RunsAsRoot,
        Self::UnusualSetuid,
        Self::WorldWritable,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::NoHealthcheck => "image-no-healthcheck",
            Self::PrivilegedPort => "image-privileged-port",
            Self::RemoteAccessPort => "image-remote-access-port",
            Self::RunsAsRoot => "image-runs-as-root",
            Self::UnusualSetuid => "image-unusual-setuid",
            Self::WorldWritable => "image-world-writable",
        }
    }
}
