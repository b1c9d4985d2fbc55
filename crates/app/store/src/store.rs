use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use palisade_model::{Digest, Plan, RunId, canonical};
use palisade_sys::{FileError, FileErrorKind, Files, Lock, Mode, is_temporary};
use serde::Serialize;

use crate::release::{PROOF_SUFFIX, STATEMENTS_SUFFIX};
use crate::{
    ArtifactEvidence, Journal, JournalEntry, MANIFEST_FILE, PLAN_FILE, Release, ReleaseManifest,
    StagedRelease,
};

/// The largest document or envelope that is read, in bytes.
const DOCUMENT_LIMIT: u64 = 256 << 20;

/// Something could not be kept or found again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another run works in this project.
    #[error("another run is going on in this project")]
    Busy,
    /// A file is not what we wrote.
    #[error("`{}` is damaged: {detail}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// An artifact changed between collection and release.
    #[error("`{name}` changed after it was collected: expected {expected}, found {found}")]
    Changed {
        /// The artifact.
        name: String,
        /// The digest that was decided on.
        expected: Digest,
        /// The digest of what is there.
        found: Digest,
    },
    /// A value cannot be written as JSON.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A value has no canonical form.
    #[error(transparent)]
    Canonical(#[from] canonical::CanonicalError),
}

/// A run found in the store.
#[derive(Debug, Clone)]
pub struct StoredRun {
    /// Its name.
    pub id: RunId,
    /// Its journal so far.
    pub journal: Vec<JournalEntry>,
}

/// The `.palisade` folder of a project.
#[derive(Clone)]
pub struct Store {
    files: Arc<dyn Files>,
    folder: PathBuf,
}

impl Store {
    /// The name of the folder in the project.
    pub const FOLDER: &str = ".palisade";

    /// The store of the project at `root`; nothing is created yet.
    pub fn new(files: Arc<dyn Files>, root: &Path) -> Self {
        Self { files, folder: root.join(Self::FOLDER) }
    }

    /// Where the ledger lies.
    pub fn ledger_folder(&self) -> PathBuf {
        self.folder.join("ledger")
    }

    /// Creates the folder, with an ignore file that keeps it out of commits. A symbolic link in its place is refused: the project
    /// may be a stranger's, and nothing of ours is written where he points.
    pub fn prepare(&self) -> Result<(), StoreError> {
        refuse_link(&self.folder)?;
        for part in ["runs", "evidence", "releases", "ledger"] {
            let folder = self.folder.join(part);
            refuse_link(&folder)?;
            self.files.create_folder(&folder, Mode::Shared)?;
        }
        match self.files.create(&self.folder.join(".gitignore"), b"*\n", Mode::Shared) {
            Err(error) if error.kind != FileErrorKind::Exists => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Takes the project for one run, until the value is dropped.
    pub fn lock(&self) -> Result<Box<dyn Lock>, StoreError> {
        self.files.try_lock(&self.folder.join("lock")).map_err(|error| match error.kind {
            FileErrorKind::Locked => StoreError::Busy,
            _ => error.into(),
        })
    }

    /// Starts the journal of a new run.
    pub fn create_run(&self, run: &RunId) -> Result<Journal, StoreError> {
        self.files.create_folder(&self.run_folder(run), Mode::Private)?;
        Ok(self.journal(run))
    }

    /// The journal of a run.
    pub fn journal(&self, run: &RunId) -> Journal {
        Journal::new(Arc::clone(&self.files), self.run_folder(run).join("journal.jsonl"))
    }

    /// The names of all runs, newest first.
    pub fn run_ids(&self) -> Result<Vec<RunId>, StoreError> {
        let names = match self.files.list(&self.folder.join("runs")) {
            Err(error) if error.kind == FileErrorKind::Missing => return Ok(Vec::new()),
            other => other?,
        };
        let ids = names.iter().rev().filter_map(|name| name.to_str()?.parse().ok());
        Ok(ids.collect())
    }

    /// A run with its journal; none when there is no such run. A run killed before its first line has an empty journal.
    pub fn run(&self, id: &RunId) -> Result<Option<StoredRun>, StoreError> {
        let journal = self.journal(id).read()?;
        let known = !journal.is_empty() || self.run_ids()?.contains(id);
        Ok(known.then(|| StoredRun { id: id.clone(), journal }))
    }

    /// The folder for a run's step logs.
    pub fn log_folder(&self, run: &RunId) -> PathBuf {
        self.run_folder(run).join("logs")
    }

    /// Keeps one of a run's documents, such as `gate-input.json`, as canonical JSON.
    pub fn put_document<T: Serialize>(&self, run: &RunId, name: &str, value: &T) -> Result<(), StoreError> {
        let bytes = canonical::to_vec(value)?;
        Ok(self.files.write(&self.run_folder(run).join(name), &bytes, Mode::Private)?)
    }

    /// One of a run's documents.
    pub fn document(&self, run: &RunId, name: &str) -> Result<Vec<u8>, StoreError> {
        Ok(self.files.read(&self.run_folder(run).join(name), DOCUMENT_LIMIT)?)
    }

    /// Keeps a signed envelope under its digest.
    pub fn put_evidence(&self, envelope: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(envelope);
        self.files.write(&self.evidence_path(&digest), envelope, Mode::Shared)?;
        Ok(digest)
    }

    /// A signed envelope.
    pub fn evidence(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        Ok(self.files.read(&self.evidence_path(digest), DOCUMENT_LIMIT)?)
    }

    /// Lays a release out beside the others, artifacts checked against the manifest; nobody takes it for one before it is published.
    /// What was begun before and never finished is removed first.
    pub fn stage(
        &self,
        manifest: &ReleaseManifest,
        plan: &Plan,
        contents: &[PathBuf],
    ) -> Result<StagedRelease, StoreError> {
        let folder = self.folder.join("releases").join(".staging");
        self.files.remove(&folder)?;
        let laid_out = self.lay_out(&folder, manifest, plan, contents);
        if laid_out.is_err() {
            // Left over, it is removed by the next run; the first error is the one to tell.
            let _ = self.files.remove(&folder);
        }
        laid_out?;
        Ok(StagedRelease { digest: manifest.digest()?, folder, manifest: manifest.clone() })
    }

    fn lay_out(
        &self,
        folder: &Path,
        manifest: &ReleaseManifest,
        plan: &Plan,
        contents: &[PathBuf],
    ) -> Result<(), StoreError> {
        self.files.create_folder(folder, Mode::Shared)?;
        for (artifact, content) in manifest.artifacts.iter().zip(contents) {
            let target = folder.join(&artifact.subject.name);
            if let Some(parent) = target.parent() {
                self.files.create_folder(parent, Mode::Shared)?;
            }
            place(content, &target, artifact.executable)
                .map_err(|error| FileError::from_write("copy to", &target, &error))?;
            check(&target, &artifact.subject.name, artifact.subject.digest)?;
        }
        self.files.write(&folder.join(PLAN_FILE), &canonical::to_vec(plan)?, Mode::Shared)?;
        Ok(self.files.write(&folder.join(MANIFEST_FILE), &canonical::to_vec(manifest)?, Mode::Shared)?)
    }

    /// Adds the evidence, in the order of the manifest, and puts the release in its place in one step.
    pub fn publish(
        &self,
        staged: StagedRelease,
        evidence: &[ArtifactEvidence],
    ) -> Result<Release, StoreError> {
        for (artifact, evidence) in staged.manifest.artifacts.iter().zip(evidence) {
            let target = staged.folder.join(&artifact.subject.name);
            self.files.write(&beside(&target, STATEMENTS_SUFFIX), &evidence.statements, Mode::Shared)?;
            self.files.write(&beside(&target, PROOF_SUFFIX), &evidence.proof, Mode::Shared)?;
        }
        let folder = self.folder.join("releases").join(format!("sha256-{}", staged.digest.hex()));
        self.files.remove(&folder)?;
        self.files.rename(&staged.folder, &folder)?;
        Ok(Release { digest: staged.digest, folder, manifest: staged.manifest })
    }

    /// Removes what a killed process left unfinished, everywhere but in the folders of runs. Only to be called by who holds the lock.
    pub fn discard_unfinished(&self) -> Result<(), StoreError> {
        self.files.remove(&self.folder.join("releases").join(".staging"))?;
        for folder in [self.folder.clone(), self.ledger_folder(), self.folder.join("evidence")] {
            self.discard_temporary(&folder)?;
        }
        Ok(())
    }

    /// Removes what a killed process left unfinished in the folder of `run`.
    pub fn discard_unfinished_of(&self, run: &RunId) -> Result<(), StoreError> {
        self.discard_temporary(&self.run_folder(run))
    }

    fn discard_temporary(&self, folder: &Path) -> Result<(), StoreError> {
        for name in self.files.list(folder)?.into_iter().filter(|name| is_temporary(name)) {
            self.files.remove(&folder.join(name))?;
        }
        Ok(())
    }

    /// Every release, sorted by digest.
    pub fn releases(&self) -> Result<Vec<Release>, StoreError> {
        self.read_releases()?.into_iter().collect()
    }

    /// The release that `run` left. One that was damaged since is nobody's, and keeps no run from being put in order.
    pub fn release_of(&self, run: &RunId) -> Result<Option<Release>, StoreError> {
        Ok(self.read_releases()?.into_iter().flatten().find(|release| release.manifest.run == *run))
    }

    fn read_releases(&self) -> Result<Vec<Result<Release, StoreError>>, StoreError> {
        let parent = self.folder.join("releases");
        let names = match self.files.list(&parent) {
            Err(error) if error.kind == FileErrorKind::Missing => return Ok(Vec::new()),
            other => other?,
        };
        let folders = names.iter().filter_map(|name| Some((name, name.to_str()?.strip_prefix("sha256-")?)));
        let releases = folders
            .filter_map(|(name, hex)| Some((parent.join(name), Digest::from_hex(hex).ok()?)))
            .map(|(folder, digest)| {
                let path = folder.join(MANIFEST_FILE);
                let bytes = self.files.read(&path, DOCUMENT_LIMIT)?;
                let manifest = serde_json::from_slice(&bytes)
                    .map_err(|error| StoreError::Corrupt { path, detail: error.to_string() })?;
                Ok(Release { digest, folder, manifest })
            });
        Ok(releases.collect())
    }

    fn run_folder(&self, run: &RunId) -> PathBuf {
        self.folder.join("runs").join(run.as_str())
    }

    fn evidence_path(&self, digest: &Digest) -> PathBuf {
        self.folder.join("evidence").join(format!("{}.json", digest.hex()))
    }
}

fn refuse_link(folder: &Path) -> Result<(), StoreError> {
    match fs::symlink_metadata(folder) {
        Ok(metadata) if !metadata.is_dir() => {
            let detail = "it is not a folder; move it away";
            Err(FileError::new("use", folder, FileErrorKind::NotAFile, detail).into())
        }
        _ => Ok(()),
    }
}

/// `NAME` with `suffix` at its end, beside `NAME`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

/// Copies an artifact, which may be large, and makes it durable.
fn place(from: &Path, to: &Path, executable: bool) -> io::Result<()> {
    fs::copy(from, to)?;
    let mode = if executable { 0o755 } else { 0o644 };
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    fs::File::open(to)?.sync_all()
}

fn check(path: &Path, name: &str, expected: Digest) -> Result<(), StoreError> {
    let fail = |error: io::Error| FileError::from_io("read", path, &error);
    let mut file = fs::File::open(path).map_err(fail)?;
    let mut hasher = palisade_model::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = io::Read::read(&mut file, &mut buffer).map_err(fail)?;
        if count == 0 {
            break;
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
    }
    let found = hasher.finish();
    if found == expected {
        Ok(())
    } else {
        Err(StoreError::Changed { name: name.to_owned(), expected, found })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use palisade_model::{PolicyRef, ReleaseSpec, Subject, Suppressions};
    use palisade_pipeline::Event;
    use palisade_sys::HostFiles;

    use super::*;
    use crate::ReleasedArtifact;

    fn store() -> (tempfile::TempDir, Store, RunId) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(Arc::new(HostFiles), folder.path());
        store.prepare().unwrap();
        store.prepare().unwrap();
        (folder, store, "20260102-030405-00000000".parse().unwrap())
    }

    fn plan() -> Plan {
        Plan {
            version: 1,
            name: "test".into(),
            pipeline: Digest::of(b""),
            policy: PolicyRef { name: "test".into(), digest: Digest::of(b"") },
            scans: Vec::new(),
            jobs: BTreeMap::new(),
            mandatory: BTreeSet::new(),
            suppressions: Suppressions::Own,
            tools: None,
            environments: BTreeMap::new(),
            release: ReleaseSpec::default(),
        }
    }

    fn entry() -> JournalEntry {
        JournalEntry { at: "2026-01-02T03:04:05Z".parse().unwrap(), what: Event::Cancelled }
    }

    #[test]
    fn a_torn_last_line_is_dropped_and_the_next_entry_stands_on_its_own() {
        let (folder, store, run) = store();
        let journal = store.create_run(&run).unwrap();
        journal.append(&entry()).unwrap();
        let path = folder.path().join(".palisade/runs").join(run.as_str()).join("journal.jsonl");
        let mut torn = fs::read(&path).unwrap();
        torn.extend_from_slice(br#"{"at":"2026-01-"#);
        fs::write(&path, torn).unwrap();
        assert_eq!(journal.read().unwrap(), [entry()]);
        assert_eq!(journal.recover().unwrap(), [entry()]);
        journal.append(&entry()).unwrap();
        assert_eq!(store.run(&run).unwrap().unwrap().journal, [entry(), entry()]);
    }

    #[test]
    fn a_run_killed_in_its_first_line_can_be_closed() {
        let (folder, store, run) = store();
        let journal = store.create_run(&run).unwrap();
        assert_eq!(store.run(&run).unwrap().unwrap().journal, []);
        let path = folder.path().join(".palisade/runs").join(run.as_str()).join("journal.jsonl");
        fs::write(path, br#"{"at":"2026-01-"#).unwrap();
        assert_eq!(journal.recover().unwrap(), []);
        journal.append(&entry()).unwrap();
        assert_eq!(store.run(&run).unwrap().unwrap().journal, [entry()]);
    }

    #[test]
    fn links_of_a_hostile_project_are_not_followed() {
        for part in ["", "runs", "ledger", "releases", "evidence"] {
            let folder = tempfile::tempdir().unwrap();
            let outside = folder.path().join("outside");
            fs::create_dir(&outside).unwrap();
            let link = folder.path().join("project/.palisade").join(part);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            let link = link.components().collect::<PathBuf>();
            std::os::unix::fs::symlink(&outside, &link).unwrap();
            let error =
                Store::new(Arc::new(HostFiles), &folder.path().join("project")).prepare().unwrap_err();
            assert!(error.to_string().contains("not a folder"), "{error}");
            assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
        }
    }

    #[test]
    fn what_a_killed_process_left_is_removed() {
        let (folder, store, run) = store();
        store.create_run(&run).unwrap();
        let ours = folder.path().join(".palisade");
        let places = ["", "ledger", "evidence", "releases/.staging", &format!("runs/{run}")];
        for place in places {
            fs::create_dir_all(ours.join(place)).unwrap();
            fs::write(ours.join(place).join(".palisade-7-0.tmp"), "half").unwrap();
        }
        store.discard_unfinished().unwrap();
        store.discard_unfinished_of(&run).unwrap();
        for place in places {
            assert!(!ours.join(place).join(".palisade-7-0.tmp").exists(), "{place}");
        }
    }

    #[test]
    fn a_damaged_journal_is_named() {
        let (folder, store, run) = store();
        store.create_run(&run).unwrap().append(&entry()).unwrap();
        let path = folder.path().join(".palisade/runs").join(run.as_str()).join("journal.jsonl");
        fs::write(path, "{\"at\":1}\n").unwrap();
        let message = store.run(&run).unwrap_err().to_string();
        assert!(message.contains("journal.jsonl") && message.contains("line 1"), "{message}");
    }

    #[test]
    fn one_run_at_a_time() {
        let (_folder, store, _) = store();
        let _held = store.lock().unwrap();
        assert!(matches!(store.lock(), Err(StoreError::Busy)));
    }

    #[test]
    fn a_release_appears_whole_or_not_at_all() {
        let (folder, store, run) = store();
        let content = folder.path().join("output");
        fs::write(&content, "artifact").unwrap();
        let artifact = |bytes: &[u8]| ReleasedArtifact {
            subject: Subject { name: "dist/app".into(), digest: Digest::of(bytes) },
            bytes: 8,
            executable: true,
        };
        let manifest = |bytes: &[u8]| ReleaseManifest {
            schema: ReleaseManifest::SCHEMA.into(),
            project: "test".into(),
            run: run.clone(),
            commit: None,
            tree: Digest::of(b""),
            plan: Digest::of(b""),
            artifacts: vec![artifact(bytes)],
        };
        let contents = [content];
        let evidence = [ArtifactEvidence { statements: b"s".to_vec(), proof: b"p".to_vec() }];
        let plan = plan();
        let refused = store.stage(&manifest(b"other"), &plan, &contents);
        assert!(matches!(refused, Err(StoreError::Changed { .. })));
        assert_eq!(store.releases().unwrap(), []);
        let staged = store.stage(&manifest(b"artifact"), &plan, &contents).unwrap();
        assert_eq!(store.releases().unwrap(), []);
        let release = store.publish(staged, &evidence).unwrap();
        assert_eq!(fs::read(release.folder.join("dist/app.intoto.jsonl")).unwrap(), b"s");
        assert_eq!(store.releases().unwrap(), [release]);
    }
}
