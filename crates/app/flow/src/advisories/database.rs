//! What people do with databases of advisories.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use palisade_advisory::{
    Database, Delta, FeedFacts, MANIFEST_FORMAT, Manifest, ManifestDelta, ManifestFeed, ManifestFile,
    TableFacts,
};
use palisade_model::{Digest, Timestamp};
use palisade_sys::{MappedFile, Mode};

use super::compile::{CompileTask, Compiled, FeedTask, feeds_of};
use super::place::{
    MANIFEST_FILE, MANIFEST_LIMIT, MAX_AGE_HOURS, Place, Unusable, nobody_known, parse_keys, read_manifest,
    sign_manifest,
};
use crate::keys::load_or_generate;
use crate::worker::{Reply, Task, ask};
use crate::{Context, FlowError};

/// The largest database that is read, in bytes.
const DATABASE_LIMIT: u64 = 8 << 30;

/// The largest public key file, in bytes.
const KEY_LIMIT: u64 = 64 << 10;

/// Feeds to build of.
#[derive(Debug, Clone, Default)]
pub struct DatabaseSources {
    /// Files, folders and archives, each with the ecosystems that it covers if the user says so.
    pub paths: Vec<(PathBuf, Option<Vec<String>>)>,
    /// When they were taken; none is the newest change among their records.
    pub taken: Option<Timestamp>,
}

/// A database that was put in use or published.
#[derive(Debug, Clone)]
pub struct DatabaseReport {
    /// Where the file lies.
    pub path: PathBuf,
    /// What is signed of it.
    pub manifest: Manifest,
    /// What it holds.
    pub contents: DatabaseContents,
    /// What could not be read of its feeds.
    pub problems: Vec<String>,
    /// How much more of that there is.
    pub more_problems: usize,
}

/// What a database holds.
#[derive(Debug, Clone)]
pub struct DatabaseContents {
    /// Its feeds, by name.
    pub feeds: Vec<FeedFacts>,
    /// Records of all feeds.
    pub records: usize,
    /// The catalogue of what is exploited.
    pub exploited: Option<TableFacts>,
    /// The probabilities of exploitation.
    pub probabilities: Option<TableFacts>,
}

/// The difference between two databases: identifiers, with the name of their feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseDiff {
    /// In the second only.
    pub added: Vec<String>,
    /// In both, and not the same.
    pub changed: Vec<String>,
    /// Withdrawn in the second only.
    pub withdrawn: Vec<String>,
    /// In the first only.
    pub removed: Vec<String>,
}

/// Builds a database of `sources` and signs it with the user's key. It is put in use, or written to `out` to be published, where the
/// one before gets a delta.
pub fn build_database(
    context: &Context,
    sources: &DatabaseSources,
    out: Option<&Path>,
) -> Result<DatabaseReport, FlowError> {
    let is_to_come = |taken: &Timestamp| *taken > context.clock.now();
    if let Some(taken) = sources.taken.filter(is_to_come) {
        return Err(FlowError::usage(format!("the feeds cannot be of {taken}, which is to come")));
    }
    let compiled = compile(context, sources)?;
    let bytes = compiled.database().ok_or_else(|| FlowError::bug("the worker answered no database"))?;
    let (signer, _) = load_or_generate(context)?;
    let place = out.map_or_else(|| Place::of(context), |out| Place::at(context, out));
    let before = place.previous()?;
    let manifest = manifest(context, &bytes, before.as_ref().map(|(manifest, _)| manifest))?;
    let (manifest, deltas) = match (out, before) {
        (Some(_), Some((previous, old))) => with_delta(manifest, &previous, &old, &bytes)?,
        _ => (manifest, Vec::new()),
    };
    for (name, delta) in deltas {
        context.files.write(&place.folder().join(name), &delta, Mode::Shared)?;
    }
    place.install(&manifest, &sign_manifest(&signer, &manifest)?, &bytes, None)?;
    let contents = contents(&bytes)?;
    let path = place.database(&manifest);
    let Compiled { problems, more_problems, .. } = compiled;
    Ok(DatabaseReport { path, manifest, contents, problems, more_problems })
}

fn compile(context: &Context, sources: &DatabaseSources) -> Result<Compiled, FlowError> {
    let mut feeds = BTreeMap::new();
    let mut folders = Vec::new();
    for (path, ecosystems) in &sources.paths {
        let unreadable =
            |error: io::Error| FlowError::usage(format!("cannot read `{}`: {error}", path.display()));
        let whole = path.canonicalize().map_err(unreadable)?;
        for (name, path) in feeds_of(&whole).map_err(unreadable)? {
            let source = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let feed = FeedTask {
                path,
                name: name.clone(),
                source,
                ecosystems: ecosystems.clone(),
                taken: sources.taken,
            };
            if feeds.insert(name.clone(), feed).is_some() {
                return Err(FlowError::usage(format!("two of the feeds are called `{name}`")));
            }
        }
        folders.push(whole);
    }
    let task = CompileTask { feeds: feeds.into_values().collect(), built: context.clock.now() };
    let reply = ask(context, folders, Task::Compile(task), &mut io::empty());
    context.stop_if_cancelled()?;
    match reply {
        Ok(Reply::Compiled(compiled)) => Ok(compiled),
        Ok(Reply::Refused { message, hint }) if hint.is_empty() => Err(FlowError::usage(message)),
        Ok(Reply::Refused { message, hint }) => Err(FlowError::usage_with_hint(message, hint)),
        Ok(Reply::Scanned(_) | Reply::Documents(_) | Reply::Source(_)) => {
            Err(FlowError::bug("the worker answered something else"))
        }
        Err(error) => Err(FlowError::usage(format!("the feeds cannot be read: the worker died: {error}"))),
    }
}

/// What is to be signed of a database that follows `previous`.
fn manifest(context: &Context, bytes: &[u8], previous: Option<&Manifest>) -> Result<Manifest, FlowError> {
    let database = Database::open(bytes).map_err(FlowError::bug)?;
    let built = database.built();
    let life = jiff::Span::new().hours(MAX_AGE_HOURS);
    let digest = Digest::of(bytes).hex();
    let name = format!("advisories-{}.db", digest.chars().take(16).collect::<String>());
    let feed = |facts: &FeedFacts| ManifestFeed {
        name: facts.feed.name.clone(),
        taken: facts.feed.taken,
        records: facts.records,
    };
    Ok(Manifest {
        format: MANIFEST_FORMAT,
        sequence: previous.map_or(0, |previous| previous.sequence).saturating_add(1),
        built,
        expires: context.clock.now().checked_add(life).map_err(FlowError::bug)?,
        database: ManifestFile::of(&name, bytes),
        feeds: database.feeds().iter().map(feed).collect(),
        deltas: Vec::new(),
    })
}

type Deltas = Vec<(String, Vec<u8>)>;

fn with_delta(
    manifest: Manifest,
    previous: &Manifest,
    old: &[u8],
    new: &[u8],
) -> Result<(Manifest, Deltas), FlowError> {
    let delta = Delta::between(old, new).map_err(FlowError::bug)?;
    let short = |digest: &Digest| digest.hex().chars().take(16).collect::<String>();
    let name =
        format!("advisories-{}-{}.delta", short(&previous.database.digest), short(&manifest.database.digest));
    let file = ManifestFile::of(&name, &delta);
    let deltas = vec![ManifestDelta { from: previous.database.digest, file }];
    Ok((Manifest { deltas, ..manifest }, vec![(name, delta)]))
}

pub(super) fn contents(bytes: &[u8]) -> Result<DatabaseContents, FlowError> {
    let database = Database::open(bytes).map_err(damaged)?;
    Ok(DatabaseContents {
        feeds: database.feeds().to_vec(),
        records: database.len(),
        exploited: database.kev_facts().cloned(),
        probabilities: database.epss_facts().cloned(),
    })
}

fn damaged(error: impl std::fmt::Display) -> FlowError {
    FlowError::Denied {
        message: format!("the database of advisories {error}"),
        hint: Some("build or import it again".to_owned()),
    }
}

/// Takes over a database that somebody published in the folder `from`, if one of the keys in the file `key` signed it, it is no older
/// than the one in use, and its time is not over. A delta is used where it fits.
pub fn import_database(
    context: &Context,
    from: &Path,
    key: Option<&Path>,
) -> Result<DatabaseReport, FlowError> {
    let place = Place::of(context);
    let keys = match key {
        Some(key) => Some(context.files.read(key, KEY_LIMIT)?),
        None => place.publisher()?,
    };
    let trusted = match &keys {
        Some(keys) => parse_keys(keys)?,
        None => place.keys().map_err(|_| nobody_known())?,
    };
    let envelope = context.files.read(&from.join(MANIFEST_FILE), MANIFEST_LIMIT)?;
    let refused = |why: String| FlowError::Denied {
        message: format!("the database in `{}` is refused: {why}", from.display()),
        hint: None,
    };
    let manifest = read_manifest(&envelope, trusted).map_err(refused)?;
    let before = place.previous()?;
    let same_publisher = key.is_none();
    let known = before.as_ref().filter(|_| same_publisher).map(|(manifest, _)| manifest);
    manifest.accept(known, context.clock.now()).map_err(|error| refused(error.to_string()))?;
    let bytes =
        fetch_local(context, from, &manifest, before.as_ref()).map_err(|error| refused(error.to_string()))?;
    let contents = contents(&bytes)?;
    place.install(&manifest, &envelope, &bytes, keys.as_deref())?;
    let path = place.database(&manifest);
    Ok(DatabaseReport { path, manifest, contents, problems: Vec::new(), more_problems: 0 })
}

/// The bytes that `manifest` vouches for: made from the database before if the folder has a delta for it, else the whole file.
fn fetch_local(
    context: &Context,
    from: &Path,
    manifest: &Manifest,
    before: Option<&(Manifest, MappedFile)>,
) -> Result<Vec<u8>, FlowError> {
    let by_delta = before.and_then(|(previous, old)| {
        let delta = manifest.delta_from(&previous.database.digest)?;
        let bytes = context.files.read(&from.join(&delta.file.name), DATABASE_LIMIT).ok()?;
        delta.file.check(&bytes).ok()?;
        let made = Delta::apply(old, &bytes).ok()?;
        manifest.database.check(&made).ok().map(|()| made)
    });
    if let Some(made) = by_delta {
        return Ok(made);
    }
    let bytes = context.files.read(&from.join(&manifest.database.name), DATABASE_LIMIT)?;
    manifest.database.check(&bytes).map_err(|error| FlowError::usage(error.to_string()))?;
    Ok(bytes)
}

/// The database in use.
pub fn database_info(context: &Context) -> Result<DatabaseReport, FlowError> {
    let (place, manifest) = in_use(context)?;
    let path = place.database(&manifest);
    let bytes = MappedFile::open(&path).map_err(|error| damaged(format!("cannot be read: {error}")))?;
    Ok(DatabaseReport { contents: contents(&bytes)?, path, manifest, problems: Vec::new(), more_problems: 0 })
}

/// Checks the database in use: signature, digest of the file and of its parts, and that its time is not over. Returns it with what
/// is wrong; nothing is when that is empty.
pub fn verify_database(context: &Context) -> Result<(DatabaseReport, Vec<String>), FlowError> {
    let report = database_info(context)?;
    let bytes =
        MappedFile::open(&report.path).map_err(|error| damaged(format!("cannot be read: {error}")))?;
    let mut wrong = Vec::new();
    wrong.extend(report.manifest.database.check(&bytes).err().map(|error| error.to_string()));
    wrong.extend(
        Database::open(&bytes).and_then(|database| database.verify()).err().map(|error| error.to_string()),
    );
    wrong.extend(report.manifest.accept(None, context.clock.now()).err().map(|error| error.to_string()));
    Ok((report, wrong))
}

/// How the database `new` differs from `old`, both files.
pub fn diff_databases(old: &Path, new: &Path) -> Result<DatabaseDiff, FlowError> {
    let (old, new) = (records(old)?, records(new)?);
    let mut diff = DatabaseDiff::default();
    for (key, (digest, withdrawn)) in &new {
        let list = match old.get(key) {
            None => &mut diff.added,
            Some((_, false)) if *withdrawn => &mut diff.withdrawn,
            Some((before, _)) if before != digest => &mut diff.changed,
            Some(_) => continue,
        };
        list.push(key.clone());
    }
    diff.removed = old.keys().filter(|key| !new.contains_key(*key)).cloned().collect();
    Ok(diff)
}

/// Every record of a file: `ID (FEED)`, with a digest of what it says and whether it was withdrawn.
fn records(path: &Path) -> Result<BTreeMap<String, (Digest, bool)>, FlowError> {
    let unreadable =
        |error: io::Error| FlowError::usage(format!("cannot read `{}`: {error}", path.display()));
    let wrong =
        |error: palisade_advisory::DatabaseError| FlowError::usage(format!("`{}` {error}", path.display()));
    let bytes = MappedFile::open(path).map_err(unreadable)?;
    let database = Database::open(&bytes).map_err(wrong)?;
    let mut records = BTreeMap::new();
    for record in database.advisories() {
        let (feed, advisory) = record.map_err(wrong)?;
        let digest = Digest::of(&serde_json::to_vec(&advisory).map_err(FlowError::bug)?);
        records.insert(format!("{} ({feed})", advisory.id), (digest, advisory.withdrawn.is_some()));
    }
    Ok(records)
}

fn in_use(context: &Context) -> Result<(Place<'_>, Manifest), FlowError> {
    let place = Place::of(context);
    let hint = "`palisade db update` fetches one, `palisade db build` makes one of feeds that you have";
    match place.manifest() {
        Ok(manifest) => Ok((place, manifest)),
        Err(Unusable::Missing) => Err(FlowError::usage_with_hint("there is no database of advisories", hint)),
        Err(Unusable::Wrong(why)) => {
            Err(FlowError::Denied { message: format!("the database of advisories: {why}"), hint: None })
        }
    }
}
