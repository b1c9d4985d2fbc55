use palisade_rulefile::{CheckRules, RuleCheck};

/// The rules, one for each check.
pub(crate) type Rules = CheckRules<Check>;

/// What this engine can find; each is the name of a rule file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    KnownVulnerability,
    MaliciousPackage,
    UnmaintainedPackage,
    UnsoundPackage,
    Notice,
    InstallScript,
    MissingHash,
    WrongSource,
    LicenceDenied,
    LicenceMissing,
    EndOfLife,
}

impl RuleCheck for Check {
    const ALL: &'static [Self] = &[
        Self::KnownVulnerability,
        Self::MaliciousPackage,
        Self::UnmaintainedPackage,
        Self::UnsoundPackage,
        Self::Notice,
        Self::InstallScript,
        Self::MissingHash,
        Self::WrongSource,
        Self::LicenceDenied,
        Self::LicenceMissing,
        Self::EndOfLife,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::KnownVulnerability => "known-vulnerability",
            Self::MaliciousPackage => "malicious-package",
            Self::UnmaintainedPackage => "unmaintained-package",
            Self::UnsoundPackage => "unsound-package",
            Self::Notice => "package-notice",
            Self::InstallScript => "package-install-script",
            Self::MissingHash => "lockfile-missing-hash",
            Self::WrongSource => "lockfile-wrong-source",
            Self::LicenceDenied => "licence-denied",
            Self::LicenceMissing => "licence-missing",
            Self::EndOfLife => "end-of-life-distribution",
        }
    }
}
