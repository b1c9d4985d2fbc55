//! Where the database in use lies, and whether it may be used.

use std::path::{Path, PathBuf};

use palisade_advisory::{Manifest, ManifestError};
use palisade_attest::{Envelope, Statement};
use palisade_evidence::AdvisorySource;
use palisade_model::{Subject, Timestamp};
use palisade_sys::{FileErrorKind, MappedFile, Mode};
use palisade_trust::{PublicKeys, Signer, Verifier};

use crate::keys::public_keys;
use crate::{Context, FlowError};

/// What is signed of a database.
pub(super) const DATABASE_STATEMENT: &str = "urn:palisade:advisory-database:v1";

/// The signed manifest, beside the file that it names.
pub(super) const MANIFEST_FILE: &str = "manifest.dsse.json";

/// The publisher's public key, when it is not the user's own.
const KEY_FILE: &str = "publisher.pub";

/// The largest manifest that is read, in bytes.
pub(super) const MANIFEST_LIMIT: u64 = 4 << 20;

/// How long a feed and a database are good for.
pub(super) const MAX_AGE_HOURS: i64 = 14 * 24;

/// The command that mends a missing or stale database.
const MEND: &str = "run `palisade db update`, or `palisade db build` with feeds that you have";

/// The folder of the database in use.
pub(super) struct Place<'a> {
    context: &'a Context,
    folder: PathBuf,
    /// Who may read what is put there.
    mode: Mode,
}

/// Why there is no database to be used.
pub(super) enum Unusable {
    /// There is none.
    Missing,
    /// There is one, and something is wrong with it.
    Wrong(String),
}

impl<'a> Place<'a> {
    pub(super) fn of(context: &'a Context) -> Self {
        Self { context, folder: context.folders.data.join("advisories"), mode: Mode::Private }
    }

    /// A folder to publish from, which a server of another account has to read.
    pub(super) fn at(context: &'a Context, folder: &Path) -> Self {
        Self { context, folder: folder.to_owned(), mode: Mode::Shared }
    }

    /// Where the publisher's keys lie.
    pub(super) fn key(&self) -> PathBuf {
        self.folder.join(KEY_FILE)
    }

    /// The publisher's keys as they were given, when it is not the user.
    pub(super) fn publisher(&self) -> Result<Option<Vec<u8>>, FlowError> {
        match self.context.files.read(&self.key(), MANIFEST_LIMIT) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind == FileErrorKind::Missing => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The database that is there, if it is whole: what comes after it has a higher number.
    pub(super) fn previous(&self) -> Result<Option<(Manifest, MappedFile)>, FlowError> {
        let Ok(manifest) = self.manifest() else { return Ok(None) };
        let Ok(bytes) = MappedFile::open(&self.database(&manifest)) else { return Ok(None) };
        Ok(Some((manifest, bytes)))
    }

    pub(super) fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// The keys that may sign: the publisher's, or the user's own.
    pub(super) fn keys(&self) -> Result<PublicKeys, FlowError> {
        match self.publisher()? {
            Some(bytes) => parse_keys(&bytes),
            None => Ok(public_keys(self.context)?.public),
        }
    }

    /// The manifest in use, its signature checked, whether stale or not.
    pub(super) fn manifest(&self) -> Result<Manifest, Unusable> {
        let wrong = |error: FlowError| Unusable::Wrong(error.to_string());
        let bytes = match self.context.files.read(&self.folder.join(MANIFEST_FILE), MANIFEST_LIMIT) {
            Ok(bytes) => bytes,
            Err(error) if error.kind == FileErrorKind::Missing => return Err(Unusable::Missing),
            Err(error) => return Err(wrong(error.into())),
        };
        let keys = self.keys().map_err(wrong)?;
        read_manifest(&bytes, keys).map_err(Unusable::Wrong)
    }

    /// The file that `manifest` names.
    pub(super) fn database(&self, manifest: &Manifest) -> PathBuf {
        self.folder.join(&manifest.database.name)
    }

    /// Puts a database in use: file first, manifest last, the one before is removed. `keys` are those of a publisher who is not the
    /// user.
    pub(super) fn install(
        &self,
        manifest: &Manifest,
        envelope: &[u8],
        database: &[u8],
        keys: Option<&[u8]>,
    ) -> Result<(), FlowError> {
        let files = &self.context.files;
        files.create_folder(&self.folder, self.mode)?;
        let _lock = files.lock(&self.folder.join("lock"))?;
        let before = self.manifest().ok().map(|before| self.database(&before));
        let path = self.database(manifest);
        files.write(&path, database, self.mode)?;
        match keys {
            Some(keys) => files.write(&self.key(), keys, Mode::Private)?,
            None => match files.remove(&self.key()) {
                Err(error) if error.kind != FileErrorKind::Missing => return Err(error.into()),
                _ => {}
            },
        }
        files.write(&self.folder.join(MANIFEST_FILE), envelope, self.mode)?;
        match before.filter(|before| *before != path) {
            Some(before) => Ok(files.remove(&before)?),
            None => Ok(()),
        }
    }
}

/// A published database came, and no key to check it by.
pub(super) fn nobody_known() -> FlowError {
    FlowError::usage_with_hint(
        "nobody's key is known for this database",
        "name the publisher's public keys with --key",
    )
}

/// Public keys as `palisade key` writes them.
pub(super) fn parse_keys(bytes: &[u8]) -> Result<PublicKeys, FlowError> {
    let text = String::from_utf8_lossy(bytes);
    PublicKeys::parse(&text).map_err(|error| FlowError::usage(format!("the publisher's key: {error}")))
}

/// Signs `manifest`.
pub(super) fn sign_manifest(signer: &Signer, manifest: &Manifest) -> Result<Vec<u8>, FlowError> {
    let predicate = serde_json::to_value(manifest).map_err(FlowError::bug)?;
    let subject = Subject { name: manifest.database.name.clone(), digest: manifest.database.digest };
    let statement =
        Statement { subjects: vec![subject], predicate_type: DATABASE_STATEMENT.to_owned(), predicate };
    let envelope = signer.sign_statement(&statement).map_err(FlowError::bug)?;
    Ok(envelope.to_json())
}

/// The manifest in `bytes`, which one of `keys` must have signed.
pub(super) fn read_manifest(bytes: &[u8], keys: PublicKeys) -> Result<Manifest, String> {
    let envelope = Envelope::parse(bytes).map_err(|error| format!("its manifest: {error}"))?;
    let statement =
        Verifier::new(keys).verify_envelope(&envelope).map_err(|error| format!("its manifest: {error}"))?;
    if statement.predicate_type != DATABASE_STATEMENT {
        return Err("its manifest is a statement about something else".to_owned());
    }
    let predicate = serde_json::to_vec(&statement.predicate).map_err(|error| error.to_string())?;
    let manifest = Manifest::parse(&predicate).map_err(|error| format!("its manifest {error}"))?;
    let named = statement.subjects.iter().any(|subject| subject.digest == manifest.database.digest);
    if named { Ok(manifest) } else { Err("its manifest speaks of another file".to_owned()) }
}

/// The database to be used now, or why there is none and what mends it: lower-case, no final stop. The digest of the file was
/// checked when it was put in use, and is by `palisade db verify`.
pub(crate) fn usable_database(context: &Context) -> Result<PathBuf, String> {
    let place = Place::of(context);
    let manifest = match place.manifest() {
        Ok(manifest) => manifest,
        Err(Unusable::Missing) => return Err(format!("there is no database of advisories; {MEND}")),
        Err(Unusable::Wrong(why)) => {
            return Err(format!("the database of advisories cannot be used: {why}; {MEND}"));
        }
    };
    if let Err(error) = fresh(&manifest, context.clock.now()) {
        return Err(format!("the database of advisories {error}; {MEND}"));
    }
    let path = place.database(&manifest);
    match path.metadata() {
        Ok(meta) if meta.len() == manifest.database.size => Ok(path),
        Ok(_) => Err(format!("the database of advisories has another length than its manifest says; {MEND}")),
        Err(error) => Err(format!("the database of advisories cannot be read: {error}; {MEND}")),
    }
}

/// What evidence says of the database in use; none when there is none to be used.
pub(crate) fn advisory_source(context: &Context) -> Option<AdvisorySource> {
    usable_database(context).ok()?;
    let manifest = Place::of(context).manifest().ok()?;
    Some(AdvisorySource { digest: manifest.database.digest, built: manifest.built })
}

/// Feeds that were taken before are stale: an advisory should reach its readers within days.
pub(crate) fn oldest_feed(context: &Context) -> Timestamp {
    let now = context.clock.now();
    now.checked_sub(jiff::Span::new().hours(MAX_AGE_HOURS)).unwrap_or(now)
}

fn fresh(manifest: &Manifest, now: Timestamp) -> Result<(), ManifestError> {
    manifest.accept(None, now)
}
