//! The ledger under appends, crashes and tampering, the last by somebody who holds its key.

#![cfg(test)]

mod vectors;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use palisade_attest::{
    Checkpoint, CheckpointRefused, CheckpointSigner, CheckpointVerifier, KeyName, LogProof, NoteKey,
    NoteSignature, SignedCheckpoint,
};
use palisade_ledger::{
    Ledger, LedgerEntry, LedgerError, LedgerKind, leaf_hash, proven_entry, verify_consistency,
    verify_inclusion,
};
use palisade_model::{Digest, RunId};
use palisade_sys::{FileError, FileErrorKind, Files, HostFiles, Lock, MemoryFiles, Mode, SeededRandom};
use proptest::prelude::*;

struct Key(Ed25519KeyPair, NoteKey);

fn key(seed: u8, name: &str) -> Key {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let ed25519 = pair.public_key().as_ref().try_into().unwrap();
    Key(pair, NoteKey { name: name.parse().unwrap(), ed25519 })
}

fn ours() -> Key {
    key(1, "log")
}

/// Names every log of a test alike, as somebody who holds the key would name a forged one.
fn random() -> SeededRandom {
    SeededRandom::new(1)
}

impl CheckpointVerifier for Key {
    fn verify_checkpoint<'a>(
        &self,
        signed: &'a SignedCheckpoint,
    ) -> Result<&'a Checkpoint, CheckpointRefused> {
        let note = signed.note();
        let key = UnparsedPublicKey::new(&ED25519, self.1.ed25519);
        let good =
            note.signatures_by(&self.1).any(|by| key.verify(note.text().as_bytes(), &by.bytes).is_ok());
        if good { Ok(signed.claimed()) } else { Err(CheckpointRefused("not signed".to_owned())) }
    }
}

impl CheckpointSigner for Key {
    fn key_name(&self) -> &KeyName {
        &self.1.name
    }

    fn sign_checkpoint(&self, checkpoint: &Checkpoint) -> Result<SignedCheckpoint, CheckpointRefused> {
        let bytes = self.0.sign(checkpoint.to_string().as_bytes()).as_ref().to_vec();
        let signature = NoteSignature { name: self.1.name.clone(), key_id: self.1.id(), bytes };
        Ok(SignedCheckpoint::new(checkpoint, vec![signature]).unwrap())
    }
}

fn entry(number: u64) -> LedgerEntry {
    let time = "2026-01-02T03:04:05Z".parse().unwrap();
    let body = Digest::of(&number.to_be_bytes());
    LedgerEntry::new(LedgerKind::Statement, time, RunId::new(time, [7; 4]), vec![body], body)
}

fn entries(numbers: impl IntoIterator<Item = u64>) -> Vec<LedgerEntry> {
    numbers.into_iter().map(entry).collect()
}

fn ledger(files: &dyn Files) -> Ledger<'_> {
    Ledger::open(files, "/ledger".into())
}

/// A log that grew in the given steps.
fn grown(steps: &[u64]) -> (MemoryFiles, Vec<Checkpoint>) {
    let files = MemoryFiles::new();
    let mut size = 0;
    let mut checkpoints = Vec::new();
    for step in steps {
        let known = checkpoints.last();
        let appended = ledger(&files).append(&entries(size..size + step), &ours(), &random(), known).unwrap();
        assert_eq!(appended.first_index, size);
        size += step;
        checkpoints.push(appended.checkpoint.claimed().clone());
    }
    (files, checkpoints)
}

/// A log with these entries and its own checkpoint, as somebody who holds the key would forge it.
fn forged(list: &[LedgerEntry]) -> MemoryFiles {
    let files = MemoryFiles::new();
    ledger(&files).append(list, &ours(), &random(), None).unwrap();
    files
}

fn verify(files: &dyn Files, known: &[Checkpoint]) -> Result<u64, LedgerError> {
    ledger(files).verify(&ours(), known).map(|report| report.checkpoint.size)
}

#[test]
fn grows_in_any_steps_to_the_same_log() {
    let (one, _) = grown(&[700]);
    let (many, known) = grown(&[1, 0, 2, 200, 53, 1, 255, 100, 88]);
    assert_eq!(ledger(&one).checkpoint().unwrap(), ledger(&many).checkpoint().unwrap());
    assert_eq!(verify(&one, &known), Ok(700));
    assert_eq!(verify(&many, &known), Ok(700));
    let read: Vec<LedgerEntry> =
        ledger(&many).entries(0..9999).unwrap().map(|entry| entry.unwrap().1).collect();
    assert_eq!(read, entries(0..700));
    let part: Vec<u64> = ledger(&many).entries(254..258).unwrap().map(|entry| entry.unwrap().0).collect();
    assert_eq!(part, [254, 255, 256, 257]);
}

#[test]
fn lies_in_the_layout_of_tlog_tiles_on_a_real_disk() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("ledger");
    let ledger = Ledger::open(&HostFiles, at.clone());
    ledger.append(&entries(0..250), &ours(), &random(), None).unwrap();
    ledger.append(&entries(250..300), &ours(), &random(), None).unwrap();
    assert_eq!(ledger.verify(&ours(), &[]).unwrap().checkpoint.size, 300);
    for (path, length) in [("tile/0/000", 8192), ("tile/0/001.p/44", 44 * 32), ("tile/1/000.p/1", 32)] {
        assert_eq!(std::fs::metadata(at.join(path)).unwrap().len(), length, "{path}");
    }
    assert!(at.join("tile/entries/000").is_file() && at.join("tile/entries/001.p/44").is_file());
    assert!(!at.join("tile/0/000.p").exists());
    let bundle = std::fs::read(at.join("tile/entries/000")).unwrap();
    let first = entry(0).to_json().unwrap();
    assert_eq!(bundle[..2], u16::try_from(first.len()).unwrap().to_be_bytes());
    assert_eq!(bundle[2..2 + first.len()], first);
    let tile = std::fs::read(at.join("tile/0/000")).unwrap();
    assert_eq!(tile[..32], *leaf_hash(&first).as_bytes());
}

#[test]
fn proofs_from_tiles_verify_at_every_size() {
    let (files, _) = grown(&[70]);
    let ledger = ledger(&files);
    let roots: Vec<Digest> = (0..=70).map(|size| ledger_root(&forged(&entries(0..size)))).collect();
    for size in 1..=70 {
        for index in 0..size {
            let proof = ledger.prove_inclusion(index, size).unwrap();
            let leaf = leaf_hash(&entry(index).to_json().unwrap());
            verify_inclusion(&leaf, index, size, &proof, &roots[size as usize]).unwrap();
        }
        for old in 0..=size {
            let proof = ledger.prove_consistency(old, size).unwrap();
            verify_consistency(old, &roots[old as usize], size, &roots[size as usize], &proof).unwrap();
        }
    }
    assert_eq!(ledger.prove_inclusion(70, 70), Err(LedgerError::OutOfRange { asked: 70, size: 70 }));
    assert_eq!(ledger.prove_inclusion(0, 71), Err(LedgerError::OutOfRange { asked: 71, size: 70 }));
}

fn ledger_root(files: &MemoryFiles) -> Digest {
    ledger(files).checkpoint().unwrap().unwrap().claimed().root
}

#[test]
fn large_proofs_cross_tiles_and_levels() {
    let (files, known) = grown(&[65_000, 1_500, 70]);
    let ledger = ledger(&files);
    let size = 66_570;
    let root = ledger_root(&files);
    for index in [0, 255, 256, 64_999, 65_535, 65_536, 66_559, size - 1] {
        let proof = ledger.prove_inclusion(index, size).unwrap();
        let leaf = leaf_hash(&entry(index).to_json().unwrap());
        verify_inclusion(&leaf, index, size, &proof, &root).unwrap();
    }
    for old in &known {
        let proof = ledger.prove_consistency(old.size, size).unwrap();
        verify_consistency(old.size, &old.root, size, &root, &proof).unwrap();
    }
}

#[test]
fn an_offline_proof_carries_its_entry() {
    let (files, _) = grown(&[300]);
    let text = ledger(&files).prove(259).unwrap().to_string();
    let proof = LogProof::parse(text.as_bytes()).unwrap();
    let (proven, checkpoint) = proven_entry(&proof, &ours()).unwrap();
    assert_eq!((proven, checkpoint.size), (entry(259), 300));

    assert!(proven_entry(&proof, &key(2, "log")).unwrap_err().contains("not signed"));
    let other = LogProof { extra: Some(entry(258).to_json().unwrap()), ..proof.clone() };
    assert!(proven_entry(&other, &ours()).unwrap_err().contains("root hash"));
    let other = LogProof { index: 258, ..proof.clone() };
    assert!(proven_entry(&other, &ours()).unwrap_err().contains("root hash"));
    assert!(proven_entry(&LogProof { extra: None, ..proof }, &ours()).is_err());
}

/// Every file below the ledger's folder.
fn all_files(files: &MemoryFiles) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::from("/ledger")];
    while let Some(folder) = folders.pop() {
        for name in files.list(&folder).unwrap() {
            let path = folder.join(name);
            match files.read(&path, u64::MAX) {
                Ok(bytes) => drop(found.insert(path, bytes)),
                Err(_) => folders.push(path),
            }
        }
    }
    found
}

#[test]
fn every_changed_byte_and_every_missing_file_is_found() {
    let (files, _) = grown(&[300]);
    let all = all_files(&files);
    assert_eq!(all.len(), 6, "{:?}", all.keys());
    assert_eq!(verify(&files, &[]), Ok(300));
    for (path, bytes) in &all {
        // Length prefixes, JSON, hashes, note lines: a prime step meets every kind of byte.
        let step = (bytes.len() / 25).max(1) | 1;
        for at in (0..bytes.len()).step_by(step).chain([0, 1, 2, bytes.len() - 1]) {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << (at % 8);
            files.write(path, &bad, Mode::Shared).unwrap();
            assert!(verify(&files, &[]).is_err(), "{} byte {at}", path.display());
        }
        for bad in [&bytes[..bytes.len() - 1], &[bytes, b"\0".as_slice()].concat(), b""] {
            files.write(path, bad, Mode::Shared).unwrap();
            assert!(verify(&files, &[]).is_err(), "{} of length {}", path.display(), bad.len());
        }
        files.remove(path).unwrap();
        assert!(verify(&files, &[]).is_err(), "{} removed", path.display());
        files.write(path, bytes, Mode::Shared).unwrap();
    }
    assert_eq!(verify(&files, &[]), Ok(300));
}

#[test]
fn each_kind_of_damage_names_its_place() {
    let (files, known) = grown(&[300]);
    let at = |path: &str| PathBuf::from("/ledger").join(path);
    let bundle = files.read(&at("tile/entries/000"), u64::MAX).unwrap();
    let length = bundle.len() / 256;
    let mut bad = bundle.clone();
    bad[17 * length + 20] ^= 1;
    files.write(&at("tile/entries/000"), &bad, Mode::Shared).unwrap();
    assert_eq!(
        verify(&files, &[]),
        Err(LedgerError::EntryChanged { index: 17, path: at("tile/entries/000") })
    );
    files.write(&at("tile/entries/000"), &bundle, Mode::Shared).unwrap();

    let upper = at("tile/1/000.p/1");
    files.write(&upper, &[0; 32], Mode::Shared).unwrap();
    let message = verify(&files, &[]).unwrap_err().to_string();
    assert!(message.starts_with("`/ledger/tile/1/000.p/1` is damaged"), "{message}");
    let error = ledger(&files).append(&entries(0..1), &ours(), &random(), None).unwrap_err();
    assert_eq!(error, LedgerError::Root { size: 300 });

    files.remove(&at("checkpoint")).unwrap();
    assert_eq!(verify(&files, &[]), Err(LedgerError::Missing { path: at("checkpoint") }));
    assert_eq!(verify(&files, &known), Err(LedgerError::RolledBack { stored: 0, known: 300 }));
    let error = ledger(&files).append(&entries(0..1), &ours(), &random(), None).unwrap_err();
    assert!(error.to_string().contains("it is missing, and there are entries"), "{error}");
}

#[test]
fn who_holds_the_key_cannot_change_what_a_known_checkpoint_covers() {
    let (_, known) = grown(&[100, 100, 100]);
    let honest = entries(0..320);
    let with = |change: &dyn Fn(&mut Vec<LedgerEntry>)| {
        let mut list = honest.clone();
        change(&mut list);
        let files = forged(&list);
        // Nothing but the known checkpoints gives the forgery away.
        assert_eq!(verify(&files, &[]), Ok(list.len() as u64));
        let appended = ledger(&files).append(&entries(900..901), &ours(), &random(), known.last());
        let result = verify(&files, &known);
        assert_eq!(appended.is_err(), result.is_err(), "append and verify agree");
        result
    };
    assert_eq!(with(&|_| ()), Ok(321));
    assert_eq!(with(&|list| list[310] = entry(5)), Ok(321));
    assert_eq!(with(&|list| list[150] = entry(5)), Err(LedgerError::Rewritten { from: 100, to: 200 }));
    assert_eq!(with(&|list| drop(list.remove(0))), Err(LedgerError::Rewritten { from: 0, to: 100 }));
    assert_eq!(with(&|list| list.swap(298, 299)), Err(LedgerError::Rewritten { from: 200, to: 300 }));
    assert_eq!(with(&|list| list.insert(200, entry(5))), Err(LedgerError::Rewritten { from: 200, to: 300 }));
    assert_eq!(with(&|list| list.truncate(299)), Err(LedgerError::RolledBack { stored: 299, known: 300 }));
    assert_eq!(with(&|list| list.clear()), Err(LedgerError::RolledBack { stored: 0, known: 300 }));
}

#[test]
fn other_logs_and_other_keys_are_refused() {
    let (files, known) = grown(&[5]);
    let stranger = key(2, "log");
    assert!(matches!(ledger(&files).verify(&stranger, &[]), Err(LedgerError::Checkpoint { .. })));
    assert!(matches!(
        ledger(&files).append(&entries(0..1), &stranger, &random(), None),
        Err(LedgerError::Checkpoint { .. })
    ));
    let other = Checkpoint { origin: "elsewhere".to_owned(), ..known[0].clone() };
    assert!(matches!(verify(&files, &[other]), Err(LedgerError::OtherLog { .. })));
}

#[test]
fn a_ledger_begun_anew_is_another_one() {
    let (files, known) = grown(&[5, 3]);
    let origin = ledger(&files).checkpoint().unwrap().unwrap().claimed().origin.clone();
    assert_eq!(known.iter().filter(|known| known.origin == origin).count(), 2);
    assert!(origin.starts_with("log/") && ours().1.name.speaks_for(&origin), "{origin}");

    // Removed: nothing is signed in its place, before or after.
    let empty = MemoryFiles::new();
    let error = ledger(&empty).append(&entries(0..9), &ours(), &random(), known.last()).unwrap_err();
    assert_eq!(error, LedgerError::RolledBack { stored: 0, known: 8 });
    assert_eq!(ledger(&empty).checkpoint(), Ok(None));

    // Replaced by one that tells the same, and more, under the same key.
    ledger(&empty).append(&entries(0..9), &ours(), &SeededRandom::new(2), None).unwrap();
    let found = ledger(&empty).checkpoint().unwrap().unwrap().claimed().origin.clone();
    let other = LedgerError::OtherLog { expected: origin, found };
    assert_eq!(verify(&empty, &known), Err(other.clone()));
    let error = ledger(&empty).append(&entries(9..10), &ours(), &random(), known.last()).unwrap_err();
    assert_eq!((error, verify(&empty, &[])), (other, Ok(9)));
}

/// Fails for good after a number of changes, like a process that was killed or a disk that is full.
struct Dying {
    files: MemoryFiles,
    left: AtomicU32,
}

impl Dying {
    fn step(&self, path: &Path) -> Result<(), FileError> {
        let lived = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        lived.map(drop).map_err(|_| FileError::new("write", path, FileErrorKind::Full, "no space left"))
    }
}

impl Files for Dying {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        self.files.read(path, limit)
    }
    fn mode(&self, path: &Path) -> Result<u32, FileError> {
        self.files.mode(path)
    }
    fn write(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
        self.step(path).and_then(|()| self.files.write(path, bytes, mode))
    }
    fn create(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
        self.step(path).and_then(|()| self.files.create(path, bytes, mode))
    }
    fn append(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
        self.step(path).and_then(|()| self.files.append(path, bytes, mode))
    }
    fn truncate(&self, path: &Path, length: u64) -> Result<(), FileError> {
        self.step(path).and_then(|()| self.files.truncate(path, length))
    }
    fn list(&self, folder: &Path) -> Result<Vec<OsString>, FileError> {
        self.files.list(folder)
    }
    fn create_folder(&self, folder: &Path, mode: Mode) -> Result<(), FileError> {
        self.step(folder).and_then(|()| self.files.create_folder(folder, mode))
    }
    fn rename(&self, from: &Path, to: &Path) -> Result<(), FileError> {
        self.step(from).and_then(|()| self.files.rename(from, to))
    }
    fn remove(&self, path: &Path) -> Result<(), FileError> {
        self.step(path).and_then(|()| self.files.remove(path))
    }
    fn try_lock(&self, path: &Path) -> Result<Box<dyn Lock>, FileError> {
        self.files.try_lock(path)
    }
    fn lock(&self, path: &Path) -> Result<Box<dyn Lock>, FileError> {
        self.files.lock(path)
    }
}

#[test]
fn a_crash_at_any_write_leaves_the_old_log_or_the_new_one() {
    for (before, added) in [(0, 1), (0, 300), (3, 5), (250, 6), (255, 2), (256, 1), (300, 300)] {
        let mut outcomes = Vec::new();
        for steps in 0.. {
            // Before the first append there is nothing at all.
            let (files, known) = if before == 0 { grown(&[]) } else { grown(&[before]) };
            let dying = Dying { files: files.clone(), left: AtomicU32::new(steps) };
            let added_entries = entries(before..before + added);
            let acknowledged =
                ledger(&dying).append(&added_entries, &ours(), &random(), known.last()).is_ok();
            let untouched = dying.left.load(Ordering::SeqCst) > 0;
            let size = match verify(&files, &known) {
                Err(LedgerError::Missing { .. }) if before == 0 => 0,
                result => result.unwrap(),
            };
            assert!(
                size == before + added || (size == before && !acknowledged),
                "{before}+{added} after {steps}"
            );
            outcomes.push(size);

            // Another append, of other entries and another length, mends what the crash left.
            let next = ledger(&files).append(&entries(500..507), &ours(), &random(), known.last()).unwrap();
            assert_eq!(next.first_index, size);
            assert_eq!(verify(&files, &known), Ok(size + 7));
            let last = ledger(&files).entries(size..size + 7).unwrap().map(|entry| entry.unwrap().1);
            assert_eq!(last.collect::<Vec<_>>(), entries(500..507));
            if acknowledged && untouched {
                break;
            }
        }
        assert!(outcomes.contains(&before) && outcomes.contains(&(before + added)), "both happened");
    }
}

#[test]
fn appends_from_several_threads_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("ledger");
    std::thread::scope(|scope| {
        for thread in 0..3_u64 {
            let at = at.clone();
            scope.spawn(move || {
                for number in 0..4 {
                    let list = entries([thread * 100 + number]);
                    Ledger::open(&HostFiles, at.clone()).append(&list, &ours(), &random(), None).unwrap();
                }
            });
        }
    });
    let ledger = Ledger::open(&HostFiles, at);
    assert_eq!(ledger.verify(&ours(), &[]).unwrap().checkpoint.size, 12);
    let mut bodies: Vec<Digest> = ledger.entries(0..12).unwrap().map(|entry| entry.unwrap().1.body).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn proofs_between_random_sizes_verify(steps in proptest::collection::vec(0..400_u64, 1..5), at: prop::sample::Index) {
        let (files, known) = grown(&steps);
        let last = known.last().unwrap();
        prop_assert_eq!(verify(&files, &known), Ok(last.size));
        for old in &known {
            let proof = ledger(&files).prove_consistency(old.size, last.size).unwrap();
            prop_assert_eq!(verify_consistency(old.size, &old.root, last.size, &last.root, &proof), Ok(()));
        }
        if last.size > 0 {
            let proof = ledger(&files).prove(at.index(last.size as usize) as u64).unwrap();
            prop_assert!(proven_entry(&proof, &ours()).is_ok());
        }
    }
}
