//! A repository of which any file is what the input says: an error or an answer, never a panic.
#![no_main]

mod parts;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use palisade_git::{Asked, Copy, History, HistoryLimits, Object, Reader, Repository};

/// Files below `.git`.
const NAMES: &[&str] = &[
    "HEAD",
    "config",
    "index",
    "packed-refs",
    "shallow",
    "refs/heads/main",
    "logs/HEAD",
    "info/exclude",
    "objects/info/alternates",
    "objects/info/commit-graph",
    "objects/pack/multi-pack-index",
    "objects/pack/pack-0.idx",
    "objects/pack/pack-0.pack",
    "objects/01/01010101010101010101010101010101010101",
];

const LIMITS: HistoryLimits =
    HistoryLimits { max_object_bytes: 1 << 16, max_kept_bytes: 1 << 16, max_family_bytes: 1 << 22 };

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("room");
    for name in NAMES {
        std::fs::create_dir_all(git(folder.path(), name).parent().expect("below the folder")).expect("room");
    }
    std::fs::write(folder.path().join("file"), "text\n").expect("room");
    folder
});

struct Nothing;

impl Reader for Nothing {
    type State = ();

    fn whole(&self, object: &Object<'_>) {
        assert!(object.bytes.len() as u64 <= LIMITS.max_object_bytes);
    }

    fn changed(&self, object: &Object<'_>, _: &(), _: &[u8], _: &[Copy]) {
        self.whole(object);
    }
}

fn git(folder: &Path, name: &str) -> PathBuf {
    folder.join(".git").join(name)
}

fuzz_target!(|input: &[u8]| {
    let folder = FOLDER.path();
    for name in NAMES {
        let _ = std::fs::remove_file(git(folder, name));
    }
    std::fs::write(git(folder, "HEAD"), "ref: refs/heads/main\n").expect("room");
    std::fs::write(git(folder, "config"), "[core]\nrepositoryformatversion = 0\n").expect("room");
    for (name, bytes) in parts::named(NAMES, input, 4) {
        std::fs::write(git(folder, name), bytes).expect("room");
    }
    if let Ok(Some(repository)) = Repository::discover(folder) {
        let _ =
            (repository.branch(), repository.remote(), repository.target_commit(), repository.head_time());
        let _ = (repository.worktree_files(), repository.staged(), repository.hooks_path());
        let _ = repository.file_at("HEAD", &"file".parse().expect("a path"));
    }
    if let Ok(history) = History::open(folder) {
        history.read(&Nothing, &LIMITS);
        let all = Asked { name: &|_| true, last_name: &|_| true, path: &|_| true };
        history.survey_trees(&[], &all, &LIMITS);
        let _ = history.range("HEAD", &|_| true, &|_| Vec::new());
    }
});
