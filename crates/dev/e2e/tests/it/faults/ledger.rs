//! A ledger or a remembered checkpoint that is not what it was: no run goes on with it.

use std::fs;
use std::path::{Path, PathBuf};

use super::site::{Site, TINY, names};

/// Copies a folder as it is.
fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

/// The files below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

struct Damaged {
    site: Site,
    ledger: PathBuf,
    kept: PathBuf,
}

impl Damaged {
    fn new() -> Self {
        let site = Site::new(TINY);
        for _ in 0..2 {
            site.call(&["run"]).expect(0);
        }
        let (ledger, kept) = (site.project.path(".palisade/ledger"), site.account.home().join("kept"));
        copy(&ledger, &kept);
        Self { site, ledger, kept }
    }

    /// The run refuses, says `why`, and releases nothing; with the old ledger back it works.
    #[track_caller]
    fn assert_refused(&self, what: &str, why: &str) {
        let releases = self.site.releases();
        let refused = self.site.call(&["run"]);
        assert_eq!(refused.code, 4, "{what}: {refused}");
        assert!(refused.stderr.contains(why), "{what}: no {why:?} in {refused}");
        assert!(
            !refused.stdout.contains("build"),
            "{what}: it was found before any work was done: {refused}"
        );
        assert_eq!(self.site.releases(), releases, "{what}");
        assert_eq!(self.site.last_event(), "errored", "{what}");
        copy(&self.kept, &self.ledger);
    }

    /// The file of this layer that the current size rests on: the widest partial one.
    fn tile(&self, layer: &str) -> PathBuf {
        let folder = self.ledger.join("tile").join(layer);
        let widths = names(&folder.join("000.p"));
        let widest = widths.iter().map(|width| width.parse::<u32>().unwrap()).max().unwrap();
        folder.join("000.p").join(widest.to_string())
    }
}

#[test]
fn flipped_cut_and_removed_files() {
    let damaged = Damaged::new();
    for layer in ["entries", "0"] {
        let path = damaged.tile(layer);
        let whole = fs::read(&path).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, bytes).unwrap();
            damaged.assert_refused(&format!("byte {at} of {layer}"), "000.p");
        }
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        damaged.assert_refused(&format!("{layer} cut"), "000.p");
        fs::remove_file(&path).unwrap();
        damaged.assert_refused(&format!("{layer} removed"), "missing");
    }
    let checkpoint = damaged.ledger.join("checkpoint");
    let mut bytes = fs::read(&checkpoint).unwrap();
    let middle = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    bytes[middle] = b'9';
    fs::write(&checkpoint, bytes).unwrap();
    damaged.assert_refused("checkpoint changed", "checkpoint");
    fs::remove_file(&checkpoint).unwrap();
    damaged.assert_refused("checkpoint removed", "the ledger was rolled back");
    fs::remove_dir_all(&damaged.ledger).unwrap();
    damaged.assert_refused("all removed", "the ledger was rolled back");
    fs::remove_dir_all(&damaged.ledger).unwrap();
    damaged.assert_refused(
        "all removed",
        &format!("remove `{}/.local/state/palisade/checkpoints/", damaged.site.account.home().display()),
    );
    assert!(!files(&damaged.ledger).is_empty());
    damaged.site.call(&["run"]).expect(0);
    damaged.site.assert_sound();
}

#[test]
fn an_older_and_another_ledger() {
    let damaged = Damaged::new();
    let old = damaged.site.account.home().join("old");
    copy(&damaged.ledger, &old);
    damaged.site.call(&["run"]).expect(0);
    copy(&damaged.ledger, &damaged.kept);
    copy(&old, &damaged.ledger);
    damaged.assert_refused("an old copy", "the ledger was rolled back");

    // Of another project of the same user, longer than ours: the key is right, the history is not.
    let other = Site::new(TINY);
    for _ in 0..4 {
        let mut run = other.command(&["run"]);
        run.env("HOME", damaged.site.account.home());
        palisade_testkit::Answer::of(&mut run, b"").expect(0);
    }
    copy(&other.project.path(".palisade/ledger"), &damaged.ledger);
    damaged.assert_refused("another ledger", "the ledger is `");
    damaged.site.call(&["run"]).expect(0);
}

#[test]
fn a_damaged_remembered_checkpoint() {
    let damaged = Damaged::new();
    let folder = damaged.site.account.state().join("checkpoints");
    let path = folder.join(names(&folder).pop().unwrap());
    let whole = fs::read(&path).unwrap();
    for bytes in [b"".to_vec(), whole[..whole.len() - 5].to_vec(), b"nonsense".to_vec()] {
        fs::write(&path, bytes).unwrap();
        damaged.assert_refused("remembered checkpoint", "the checkpoint");
    }
    fs::write(&path, whole).unwrap();
    damaged.site.call(&["run"]).expect(0);
}
