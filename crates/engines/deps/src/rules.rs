use std::collections::BTreeMap;

use palisade_model::{Digest, Hasher, RuleId, RuleInfo};
use palisade_rulefile::{RuleFile, Search};

use crate::DepsError;

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

impl Check {
    const ALL: [Self; 11] = [
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

    const fn name(self) -> &'static str {
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

/// The rules, one for each check.
pub(crate) struct Rules {
    by_check: BTreeMap<Check, RuleInfo>,
    digest: Digest,
}

impl Rules {
    /// Takes over the rules; each check has to have one, and each rule a check.
    pub(crate) fn new(files: Vec<RuleFile>) -> Result<Self, DepsError> {
        let mut by_check = BTreeMap::new();
        let mut digests: Vec<_> = files.iter().map(|file| (file.info.id.clone(), file.digest)).collect();
        digests.sort();
        for file in files {
            let check = Check::ALL.into_iter().find(|check| check.name() == file.info.id.as_str());
            match check.filter(|_| file.matcher.search == Search::Function) {
                Some(check) => by_check.insert(check, file.info),
                None => return Err(DepsError::NoCheck { rule: file.info.id }),
            };
        }
        if let Some(check) = Check::ALL.into_iter().find(|check| !by_check.contains_key(check)) {
            return Err(DepsError::NoRule { check: check.name() });
        }
        let mut hasher = Hasher::new();
        for (id, digest) in digests {
            hasher.update(format!("{id} {digest}\n").as_bytes());
        }
        Ok(Self { by_check, digest: hasher.finish() })
    }

    pub(crate) fn info(&self, check: Check) -> Option<&RuleInfo> {
        self.by_check.get(&check)
    }

    pub(crate) fn by_id(&self, id: &RuleId) -> Option<&RuleInfo> {
        self.by_check.values().find(|info| info.id == *id)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &RuleId> {
        self.by_check.values().map(|info| &info.id)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_check.len()
    }

    pub(crate) fn digest(&self) -> Digest {
        self.digest
    }
}
