use std::collections::BTreeMap;

use palisade_model::{Digest, Hasher, RuleId, RuleInfo};
use palisade_rulefile::RuleFile;

use crate::ImageCheckError;

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

impl Check {
    const ALL: [Self; 6] = [
        Self::NoHealthcheck,
        Self::PrivilegedPort,
        Self::RemoteAccessPort,
        Self::RunsAsRoot,
        Self::UnusualSetuid,
        Self::WorldWritable,
    ];

    const fn name(self) -> &'static str {
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

/// The rules, one for each check.
pub(crate) struct Rules {
    by_check: BTreeMap<Check, RuleInfo>,
    digest: Digest,
}

impl Rules {
    /// Takes over the rules; each check has to have one, and each rule a check.
    pub(crate) fn new(mut files: Vec<RuleFile>) -> Result<Self, ImageCheckError> {
        files.sort_by(|one, other| one.info.id.cmp(&other.info.id));
        let mut hasher = Hasher::new();
        let mut by_check = BTreeMap::new();
        for file in files {
            hasher.update(format!("{} {}\n", file.info.id, file.digest).as_bytes());
            let check = Check::ALL.into_iter().find(|check| check.name() == file.info.id.as_str());
            let check = check.ok_or_else(|| ImageCheckError::NoCheck { rule: file.info.id.clone() })?;
            by_check.insert(check, file.info);
        }
        match Check::ALL.into_iter().find(|check| !by_check.contains_key(check)) {
            Some(check) => Err(ImageCheckError::NoRule { check: check.name() }),
            None => Ok(Self { by_check, digest: hasher.finish() }),
        }
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
