//! `palisade ledger`: an append-only log that notices when it is not what it was, also when the attacker holds the log key.

use std::fs;
use std::path::PathBuf;

use palisade_testkit::{Account, Project};

use crate::oracle;
use crate::places::{copy, list, releases, small};

const LEDGER: &str = ".palisade/ledger";

fn with_runs(account: &Account, count: usize) -> Project {
    let project = small();
    for _ in 0..count {
        account.run(project.root(), ["run"]).expect(0);
    }
    project
}

/// The newest tile of entries.
fn entries_tile(project: &Project) -> PathBuf {
    let mut tiles = list(&project.path(LEDGER).join("tile/entries/000.p"));
    tiles.sort_by_key(|path| path.file_name().unwrap().to_str().unwrap().parse::<u32>().unwrap());
    tiles.pop().expect("there is a tile")
}

/// The entries of a tile: each with its length before it, in two bytes (C2SP tlog-tiles, "Log entries").
fn split(tile: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    let mut rest = tile;
    while let [high, low, tail @ ..] = rest {
        let (entry, tail) = tail.split_at(usize::from(u16::from_be_bytes([*high, *low])));
        entries.push(entry.to_vec());
        rest = tail;
    }
    entries
}

fn join(entries: &[Vec<u8>]) -> Vec<u8> {
    let framed = |entry: &Vec<u8>| [&u16::try_from(entry.len()).unwrap().to_be_bytes()[..], entry].concat();
    entries.iter().flat_map(framed).collect()
}

#[test]
fn entries_cannot_be_rewritten_removed_reordered_or_cut_off() {
    let account = Account::new();
    let project = with_runs(&account, 2);
    let verify = || account.run(project.root(), ["ledger", "verify"]);
    verify().expect(0).says("14 entries");
    let tile = entries_tile(&project);
    let sound = fs::read(&tile).unwrap();
    let entries = split(&sound);
    assert_eq!(entries.len(), 14);
    assert_eq!(join(&entries), sound);
    let mut rewritten = entries.clone();
    rewritten[3] =
        String::from_utf8(entries[3].clone()).unwrap().replace("\"run\":\"20", "\"run\":\"21").into_bytes();
    assert_ne!(rewritten, entries);
    let mut removed = entries.clone();
    removed.remove(4);
    let mut reordered = entries.clone();
    reordered.swap(1, 2);
    let mut doubled = entries.clone();
    doubled.push(entries[0].clone());
    for (what, changed) in [
        ("rewritten", rewritten),
        ("removed", removed),
        ("reordered", reordered),
        ("cut off", entries[..9].to_vec()),
        ("added", doubled),
    ] {
        fs::write(&tile, join(&changed)).unwrap();
        let answer = verify();
        assert_eq!(answer.code, 1, "{what}: {answer}");
        assert!(answer.stdout.contains("error"), "{what}: {answer}");
        let next = account.run(project.root(), ["ledger", "verify", "--format", "json"]);
        assert_eq!(next.json()["sound"], false, "{what}");
    }
    fs::write(&tile, sound).unwrap();
    verify().expect(0);
    fs::remove_dir_all(project.path(LEDGER)).unwrap();
    verify().expect(1);
}

#[test]
fn a_run_does_not_append_to_a_ledger_that_was_changed() {
    let account = Account::new();
    let project = with_runs(&account, 1);
    let tile = entries_tile(&project);
    let mut entries = split(&fs::read(&tile).unwrap());
    entries.swap(0, 1);
    fs::write(&tile, join(&entries)).unwrap();
    crate::places::refused(&account, &project, &[], 4).says("ledger");
}

/// The log key is the attacker's: everything he writes is well signed. What he cannot change is what others remember.
struct Forged {
    account: Account,
    project: Project,
    proof: PathBuf,
}

/// A project whose ledger was replaced by a longer one, signed by the same keys, that tells another story.
fn forged() -> Forged {
    let account = Account::new();
    let project = with_runs(&account, 1);
    let proof = account.home().join("kept.tlog-proof");
    fs::copy(releases(&project)[0].join("out.txt.tlog-proof"), &proof).unwrap();
    let other = with_runs(&account, 2);
    fs::remove_dir_all(project.path(LEDGER)).unwrap();
    copy(&other.path(LEDGER), &project.path(LEDGER));
    Forged { account, project, proof }
}

impl Forged {
    fn forget_checkpoints(&self) {
        fs::remove_dir_all(self.account.state()).unwrap();
    }

    fn forget_releases(&self) {
        fs::remove_dir_all(self.project.path(".palisade/releases")).unwrap();
    }

    #[track_caller]
    fn verify(&self, args: &[&str], code: i32) {
        let root = self.project.root();
        self.account.run(root, [&["ledger", "verify"], args].concat()).expect(code);
    }
}

#[test]
fn a_ledger_rebuilt_with_the_log_key_contradicts_the_remembered_checkpoint() {
    let forged = forged();
    forged.forget_releases();
    forged.verify(&[], 1);
    crate::places::refused(&forged.account, &forged.project, &[], 4).says("ledger");
    forged.forget_checkpoints();
    // Nothing is left that could contradict: this is what made the difference.
    forged.verify(&[], 0);
}

#[test]
fn a_ledger_rebuilt_with_the_log_key_contradicts_a_release() {
    let forged = forged();
    forged.forget_checkpoints();
    forged.verify(&[], 1);
    let artifact = releases(&forged.project)[0].join("out.txt");
    let verify = ["verify".as_ref(), artifact.as_os_str()];
    forged.account.run(forged.project.root(), verify).expect(1).says("ledger: ");
}

#[test]
fn a_ledger_rebuilt_with_the_log_key_contradicts_a_checkpoint_that_was_kept() {
    let forged = forged();
    forged.forget_checkpoints();
    forged.forget_releases();
    forged.verify(&[], 0);
    forged.verify(&["--checkpoint", forged.proof.to_str().unwrap()], 1);
    // A bare checkpoint will do as well as a proof.
    let proof = fs::read_to_string(&forged.proof).unwrap();
    let (_, checkpoint) = proof.split_once("\n\n").unwrap();
    let bare = forged.account.home().join("kept.checkpoint");
    fs::write(&bare, checkpoint).unwrap();
    forged.verify(&["--checkpoint", bare.to_str().unwrap()], 1);
}

/// An older state, well signed at its time, is a rollback.
#[test]
fn a_ledger_set_back_to_an_earlier_state_is_noticed() {
    let account = Account::new();
    let project = with_runs(&account, 1);
    let earlier = account.home().join("earlier");
    copy(&project.path(LEDGER), &earlier);
    account.run(project.root(), ["run"]).expect(0);
    fs::remove_dir_all(project.path(LEDGER)).unwrap();
    copy(&earlier, &project.path(LEDGER));
    account.run(project.root(), ["ledger", "verify"]).expect(1);
    crate::places::refused(&account, &project, &[], 4).says("ledger");
}

#[test]
fn proofs_convince_an_independent_implementation() {
    let account = Account::new();
    let project = with_runs(&account, 3);
    let bench = tempfile::tempdir().unwrap();
    let export = account.run(project.root(), ["ledger", "export"]).expect(0);
    fs::write(bench.path().join("entries"), &export.bytes).unwrap();
    let count = export.stdout.lines().count() as u64;
    assert_eq!(count, 21);
    let prove = |index: u64| account.run(project.root(), ["ledger", "prove", &index.to_string()]);
    for index in 0..count {
        fs::write(bench.path().join("proof"), prove(index).expect(0).bytes).unwrap();
        oracle::proof(bench.path(), "entries", "proof", index).expect(0).says("sound");
    }
    // The oracle can say no.
    assert_ne!(oracle::proof(bench.path(), "entries", "proof", 0).code, 0);
    fs::write(bench.path().join("entries"), export.stdout.replacen("release", "Release", 1)).unwrap();
    assert_ne!(oracle::proof(bench.path(), "entries", "proof", count - 1).code, 0);
    let part = account.run(project.root(), ["ledger", "export", "--from", "2", "--to", "4"]).expect(0);
    let lines: Vec<&str> = export.stdout.lines().collect();
    assert_eq!(part.stdout.lines().collect::<Vec<_>>(), lines[2..4]);
    let shown = account.run(project.root(), ["ledger", "show"]).expect(0);
    assert_eq!(shown.stdout.lines().count() as u64, count);
    prove(count).expect(2);
}
