use palisade_model::canonical::{self, CanonicalError};
use palisade_model::{Digest, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The form of manifests that this program writes and reads.
pub const MANIFEST_FORMAT: u32 = 1;

/// Which database is to be used: what is signed. It holds off a mirror that keeps back news (freeze) or brings back what is old
/// (rollback); see [`accept`](Self::accept).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_FORMAT`].
    pub format: u32,
    /// Grows with each database of one publisher.
    pub sequence: u64,
    /// When the database was built.
    pub built: Timestamp,
    /// From then on it is stale.
    pub expires: Timestamp,
    /// The file.
    pub database: ManifestFile,
    /// The names of its feeds with the time that each was taken.
    pub feeds: Vec<ManifestFeed>,
    /// Files that make this database of an older one.
    #[serde(default)]
    pub deltas: Vec<ManifestDelta>,
}

/// A file that a manifest vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Its name beside the manifest.
    pub name: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// A feed of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFeed {
    /// Its name.
    pub name: String,
    /// When it was taken.
    pub taken: Timestamp,
    /// Its records.
    pub records: u64,
}

/// A file that makes the manifest's database of an older one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestDelta {
    /// The digest of the older database.
    pub from: Digest,
    /// The file.
    pub file: ManifestFile,
}

/// Why a manifest, or a file that it speaks of, is refused.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// It is not a manifest.
    #[error("is no manifest: {0}")]
    Form(#[from] serde_json::Error),
    /// It cannot be written canonically.
    #[error("cannot be written: {0}")]
    Canonical(#[from] CanonicalError),
    /// It is of another version of this program.
    #[error("has format {0}, which this program does not read")]
    Format(u32),
    /// A name leads out of the folder.
    #[error("names the file `{0}`, which is no plain name")]
    Name(String),
    /// It is older than what was used before.
    #[error(
        "has sequence number {offered}, but {known} was used already: somebody offers an old database again"
    )]
    Rollback {
        /// Of this one.
        offered: u64,
        /// Of the one before.
        known: u64,
    },
    /// Another one of the same number was used before.
    #[error("has sequence number {0} like the one before, but says something else")]
    Fork(u64),
    /// Its time is over.
    #[error("was good until {0} only: the database is stale, or somebody keeps back newer ones")]
    Expired(Timestamp),
    /// It is from the future.
    #[error("was built at {0}, which is to come: the clock is wrong")]
    Future(Timestamp),
    /// The file is another.
    #[error("the file is not the one that the manifest speaks of: {0}")]
    File(&'static str),
}

/// How far clocks may differ, in seconds.
const CLOCK_SKEW: i64 = 24 * 60 * 60;

impl Manifest {
    /// Reads the bytes that [`canonical`](Self::canonical) wrote. Unknown fields are refused.
    ///
    /// # Errors
    /// When it is not a manifest of this format, or names a file elsewhere.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_slice(bytes)?;
        if manifest.format != MANIFEST_FORMAT {
            return Err(ManifestError::Format(manifest.format));
        }
        let files = manifest.deltas.iter().map(|delta| &delta.file).chain([&manifest.database]);
        for file in files {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            if file.name.is_empty() || file.name.starts_with('.') || !file.name.bytes().all(is_plain) {
                return Err(ManifestError::Name(file.name.clone()));
            }
        }
        Ok(manifest)
    }

    /// The bytes that are signed: RFC 8785.
    ///
    /// # Errors
    /// None that is known.
    pub fn canonical(&self) -> Result<Vec<u8>, ManifestError> {
        Ok(canonical::to_vec(self)?)
    }

    /// Whether it may be used at `now` after `previous`, which was used last. Its signature has been checked before.
    ///
    /// # Errors
    /// When its time is over or still to come, or it is older than `previous`, or another of the same number.
    pub fn accept(&self, previous: Option<&Self>, now: Timestamp) -> Result<(), ManifestError> {
        if let Some(previous) = previous {
            if self.sequence < previous.sequence {
                return Err(ManifestError::Rollback { offered: self.sequence, known: previous.sequence });
            }
            if self.sequence == previous.sequence && self.database.digest != previous.database.digest {
                return Err(ManifestError::Fork(self.sequence));
            }
        }
        if now >= self.expires {
            return Err(ManifestError::Expired(self.expires));
        }
        if self.built.as_second() > now.as_second().saturating_add(CLOCK_SKEW) {
            return Err(ManifestError::Future(self.built));
        }
        Ok(())
    }

    /// Whether there is a delta from the database of that digest.
    pub fn delta_from(&self, digest: &Digest) -> Option<&ManifestDelta> {
        self.deltas.iter().find(|delta| delta.from == *digest)
    }
}

impl ManifestFile {
    /// What a manifest says of these bytes.
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), digest: Digest::of(bytes), size: bytes.len() as u64 }
    }

    /// Whether `bytes` are the file.
    ///
    /// # Errors
    /// When they have another length or digest.
    pub fn check(&self, bytes: &[u8]) -> Result<(), ManifestError> {
        if bytes.len() as u64 != self.size {
            return Err(ManifestError::File("another length"));
        }
        if Digest::of(bytes) != self.digest {
            return Err(ManifestError::File("another digest"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use palisade_model::Timestamp;

    use super::{MANIFEST_FORMAT, Manifest, ManifestError, ManifestFile};

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn manifest(sequence: u64, content: &[u8]) -> Manifest {
        Manifest {
            format: MANIFEST_FORMAT,
            sequence,
            built: time("2026-01-10T00:00:00Z"),
            expires: time("2026-01-17T00:00:00Z"),
            database: ManifestFile::of("advisories.db", content),
            feeds: Vec::new(),
            deltas: Vec::new(),
        }
    }

    #[test]
    fn an_old_one_and_a_stale_one_are_refused() {
        let (old, new) = (manifest(4, b"old"), manifest(5, b"new"));
        let now = time("2026-01-11T00:00:00Z");
        assert!(new.accept(None, now).is_ok());
        assert!(new.accept(Some(&old), now).is_ok());
        assert!(new.accept(Some(&new), now).is_ok());
        assert!(matches!(old.accept(Some(&new), now), Err(ManifestError::Rollback { offered: 4, known: 5 })));
        assert!(matches!(manifest(5, b"other").accept(Some(&new), now), Err(ManifestError::Fork(5))));
        assert!(matches!(new.accept(None, time("2026-01-17T00:00:00Z")), Err(ManifestError::Expired(_))));
        assert!(matches!(new.accept(None, time("2026-01-01T00:00:00Z")), Err(ManifestError::Future(_))));
    }

    #[test]
    fn only_its_own_file_passes() {
        let file = ManifestFile::of("a", b"content");
        assert!(file.check(b"content").is_ok());
        assert!(file.check(b"Content").is_err());
        assert!(file.check(b"content ").is_err());
    }

    #[test]
    fn it_is_read_as_it_was_written_and_nothing_else_is() {
        let bytes = manifest(1, b"x").canonical().unwrap();
        assert_eq!(Manifest::parse(&bytes).unwrap(), manifest(1, b"x"));
        let text = String::from_utf8(bytes).unwrap();
        for (from, to) in [
            ("advisories.db", "../advisories.db"),
            ("advisories.db", ".hidden"),
            ("\"format\":1", "\"format\":2"),
            ("\"feeds\":[]", "\"feeds\":[],\"more\":1"),
        ] {
            let changed = text.replace(from, to);
            assert_ne!(changed, text);
            assert!(Manifest::parse(changed.as_bytes()).is_err(), "{to}");
        }
    }
}
