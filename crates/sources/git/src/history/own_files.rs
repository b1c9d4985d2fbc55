//! What a git folder holds beside objects and references: its configuration, its hooks, messages that are being written, and what git
//! keeps of work that is not done. No object has it, and whoever copies the folder copies it.

use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use palisade_model::RepoPath;
use palisade_sys::beneath::open_host_regular;

use super::History;
use super::gap::{Flaw, HistoryGap, HistoryGaps};
use super::refs::{folders_with_references, sorted_entries};

/// Folders that are looked into (gitrepository-layout(5)). Files that lie beside them are looked at whatever they are called.
const FOLDERS: [&str; 9] = [
    "hooks",
    "info",
    "rebase-merge",
    "rebase-apply",
    "sequencer",
    "rr-cache",
    "branches",
    "remotes",
    "lost-found",
];

/// Files that are read elsewhere or hold no text.
const OTHERS: [&[u8]; 4] = [b"HEAD", b"packed-refs", b"index", b"shallow"];

/// How indexes that others build on are called (git-update-index(1), "Split index").
const SHARED_INDEX: &[u8] = b"sharedindex.";

/// Bytes of a file.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Bytes of all files.
const MAX_BYTES: u64 = 256 << 20;

/// Files and folders.
const MAX_ENTRIES: usize = 200_000;

/// Folders between that of all submodules and that of one: its name may have slashes.
const MAX_DEPTH: usize = 16;

/// Files on their way to be read, and what they may still take.
struct Walk<'a> {
    common: &'a Path,
    entries: usize,
    bytes: u64,
    gaps: Vec<HistoryGap>,
    visit: &'a mut dyn FnMut(&RepoPath, &[u8]),
}

impl History {
    /// Calls `visit` for every file of the git folder that is neither an object nor tells of references: configuration, hooks, messages and
    /// patches of work that is not done. Each is known by its path from the git folder, which is called `.git`. Links are not followed. Of
    /// a submodule's own repository in there only the configuration is read; that there is one is told with what was not looked at.
    pub fn for_each_own_file(&self, visit: &mut dyn FnMut(&RepoPath, &[u8])) -> HistoryGaps {
        let git = self.git.to_thread_local();
        let common = git.common_dir();
        let (folders, unlisted) = folders_with_references(common);
        let gaps = unlisted.into_iter().collect();
        let mut walk = Walk { common, entries: 0, bytes: 0, gaps, visit };
        for folder in folders {
            walk.files_of(&folder);
            FOLDERS.iter().for_each(|name| walk.below(folder.join(name)));
        }
        walk.submodules(&common.join("modules"), 0);
        HistoryGaps::new(walk.gaps)
    }
}

impl Walk<'_> {
    /// The files that lie right in a git folder.
    fn files_of(&mut self, folder: &Path) {
        for path in self.entries(folder) {
            let name = path.file_name().unwrap_or_default().as_bytes();
            if !OTHERS.contains(&name) && !name.starts_with(SHARED_INDEX) && is_file(&path) {
                self.file(&path);
            }
        }
    }

    /// What lies in a folder; nothing, and a gap, when it cannot be read.
    fn entries(&mut self, folder: &Path) -> Vec<PathBuf> {
        match sorted_entries(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                self.note(Flaw::of(&error), folder);
                Vec::new()
            }
        }
    }

    fn below(&mut self, start: PathBuf) {
        let mut pending = vec![start];
        while let Some(path) = pending.pop() {
            let Ok(kind) = path.symlink_metadata().map(|meta| meta.file_type()) else { continue };
            if kind.is_file() {
                self.file(&path);
            } else if kind.is_dir() && self.take_one(&path) {
                pending.extend(self.entries(&path).into_iter().rev());
            }
        }
    }

    /// The repositories of submodules, one below the other (gitrepository-layout(5), `modules`).
    fn submodules(&mut self, folder: &Path, depth: usize) {
        for path in self.entries(folder) {
            if !is_folder(&path) || !self.take_one(&path) {
                continue;
            }
            if path.join("HEAD").exists() && path.join("objects").exists() {
                self.below(path.join("config"));
                let flaw = Flaw::missing(
                    "a submodule's own repository, whose history is not looked at; scan it with `palisade scan --history`",
                );
                self.note(flaw, &path);
                self.submodules_below(&path.join("modules"), depth);
            } else {
                self.submodules_below(&path, depth);
            }
        }
    }

    fn submodules_below(&mut self, folder: &Path, depth: usize) {
        if depth < MAX_DEPTH {
            self.submodules(folder, depth + 1);
        } else if !self.entries(folder).is_empty() {
            self.note(Flaw::budget(), folder);
        }
    }

    fn file(&mut self, path: &Path) {
        if !self.take_one(path) {
            return;
        }
        match read(path, MAX_FILE_BYTES.min(MAX_BYTES - self.bytes)) {
            Ok(Some(bytes)) => {
                self.bytes += bytes.len() as u64;
                let name = [b".git/", path.strip_prefix(self.common).unwrap_or(path).as_os_str().as_bytes()];
                RepoPath::from_bytes(name.concat()).iter().for_each(|name| (self.visit)(name, &bytes));
            }
            Ok(None) => self.note(Flaw::too_large(), path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.gaps.push(Flaw::of(&error).at_file(self.label(path))),
        }
    }

    /// Whether one more file or folder is within the limit.
    fn take_one(&mut self, path: &Path) -> bool {
        self.entries += 1;
        if self.entries == MAX_ENTRIES {
            self.note(Flaw::budget(), path);
        }
        self.entries < MAX_ENTRIES
    }

    fn note(&mut self, flaw: Flaw, path: &Path) {
        self.gaps.push(flaw.noted().at_file(self.label(path)));
    }

    fn label(&self, path: &Path) -> String {
        path.strip_prefix(self.common).unwrap_or(path).display().to_string()
    }
}

fn is_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_file())
}

fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_dir())
}

/// What a file holds; none when it is over the limit.
fn read(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let (file, size) = open_host_regular(path)?;
    if size > limit {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}
