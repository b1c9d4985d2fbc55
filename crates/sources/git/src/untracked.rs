//! Files of the work tree that the index does not know and no ignore file excludes.

use std::ffi::OsStr;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use gix::bstr::ByteSlice;
use gix::glob::pattern::Case;
use gix::ignore::Search;
use palisade_model::{Gap, GapKind, RepoPath};
use palisade_sys::beneath::{file_type, names, open_folder, open_host_regular_followed, open_regular, stat};
use rustix::fs::FileType;

use crate::compare::Seen;
use crate::objects::{MAX_DEPTH, MAX_TREE_ENTRIES, Tracked, Tree};
use crate::worktree::seen_as;

/// Bytes of one ignore file that are read; patterns behind are not applied, so more is taken in, not less.
const MAX_IGNORE_FILE: u64 = 1 << 20;

/// What the walk found.
#[derive(Default)]
pub(crate) struct Untracked {
    pub(crate) files: Vec<Seen>,
    pub(crate) gaps: Vec<Gap>,
}

/// Walks the work tree at `root`. `common_dir` holds `info/exclude`; files below what the index calls a submodule are left out.
pub(crate) fn find(root: &Path, root_fd: BorrowedFd<'_>, common_dir: &Path, index: &Tree) -> Untracked {
    let mut walk = Walk { root, index, ignores: Search::default(), entries: 0, found: Untracked::default() };
    if let Ok((file, _)) = open_host_regular_followed(&common_dir.join("info/exclude")) {
        walk.add_ignores(file, b"");
    }
    match names(root_fd) {
        Ok(inside) => walk.folder(root_fd, inside, &[], 0),
        Err(error) => {
            let detail = format!("the work tree cannot be read: {error}");
            walk.found.gaps.push(Gap::new(None, GapKind::Unreadable, detail));
        }
    }
    walk.found
}

struct Walk<'a> {
    root: &'a Path,
    index: &'a Tree,
    ignores: Search,
    entries: usize,
    found: Untracked,
}

impl Walk<'_> {
    /// Walks `folder`, whose path ends with `/` or is empty.
    fn folder(&mut self, folder: BorrowedFd<'_>, inside: Vec<Vec<u8>>, prefix: &[u8], depth: usize) {
        let outer = self.ignores.patterns.len();
        if let Ok((file, _)) = open_regular(folder, b".gitignore") {
            self.add_ignores(file, prefix);
        }
        for name in inside {
            let left_out = name.eq_ignore_ascii_case(b".git") || (depth == 0 && name == b".palisade");
            if left_out || self.entries > MAX_TREE_ENTRIES {
                continue;
            }
            // Parts come from the file system and are never empty, `.` or `..`.
            if let Ok(path) = RepoPath::from_bytes([prefix, &name].concat()) {
                self.entry(folder, &name, path, depth);
            }
        }
        self.ignores.patterns.truncate(outer);
    }

    fn entry(&mut self, folder: BorrowedFd<'_>, name: &[u8], path: RepoPath, depth: usize) {
        let stat = match stat(folder, name) {
            Ok(stat) => stat,
            Err(error) => return self.gap(path, GapKind::Unreadable, format!("cannot be read: {error}")),
        };
        let is_folder = file_type(&stat) == FileType::Directory;
        let tracked = self.index.get(&path);
        let known =
            if is_folder { matches!(tracked, Some(Tracked::Submodule { .. })) } else { tracked.is_some() };
        if known || self.excludes(path.as_bytes(), is_folder) {
            return;
        }
        self.entries += 1;
        if self.entries > MAX_TREE_ENTRIES {
            let detail = format!("more than {MAX_TREE_ENTRIES} files that are neither tracked nor ignored");
            return self.found.gaps.push(Gap::new(None, GapKind::BudgetHit, detail));
        }
        if is_folder {
            return self.subfolder(folder, name, path, depth + 1);
        }
        match seen_as(path, &stat) {
            Ok(seen) => self.found.files.push(seen),
            Err(gap) => self.found.gaps.push(gap),
        }
    }

    fn subfolder(&mut self, parent: BorrowedFd<'_>, name: &[u8], path: RepoPath, depth: usize) {
        let prefix = [path.as_bytes(), b"/"].concat();
        if self.is_own_repository(&path, &prefix) {
            return self.gap(path, GapKind::Noted, "a git repository of its own".to_owned());
        }
        if depth >= MAX_DEPTH {
            let detail = format!("folder is nested deeper than {MAX_DEPTH} levels");
            return self.gap(path, GapKind::BudgetHit, detail);
        }
        let opened = open_folder(parent, name).and_then(|fd| Ok((names(fd.as_fd())?, fd)));
        match opened {
            Ok((inside, fd)) => self.folder(fd.as_fd(), inside, &prefix, depth),
            Err(error) => {
                self.gap(path, GapKind::Unreadable, format!("folder cannot be read: {error}"));
            }
        }
    }

    /// Whether git would add `path` as a submodule: it is a repository and nothing in it is tracked here.
    fn is_own_repository(&self, path: &RepoPath, prefix: &[u8]) -> bool {
        let next = self.index.range(path.clone()..).map(|(path, _)| path.as_bytes());
        let tracked_below =
            next.take_while(|next| next.starts_with(path.as_bytes())).any(|next| next.starts_with(prefix));
        let dot_git = self.root.join(OsStr::from_bytes(prefix)).join(".git");
        !tracked_below && dot_git.symlink_metadata().is_ok() && gix::discover::is_git(&dot_git).is_ok()
    }

    fn excludes(&self, path: &[u8], is_folder: bool) -> bool {
        self.ignores
            .pattern_matching_relative_path(path.as_bstr(), Some(is_folder), Case::Sensitive)
            .is_some_and(|found| !found.pattern.is_negative())
    }

    /// Adds the patterns of an ignore file that lies in the folder `prefix`. One that cannot be read excludes nothing.
    fn add_ignores(&mut self, file: std::fs::File, prefix: &[u8]) {
        let mut bytes = Vec::new();
        if file.take(MAX_IGNORE_FILE).read_to_end(&mut bytes).is_ok() {
            // To git a line ends in `\n` or `\r\n`, the last one too.
            let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').map(without_return).collect();
            let source = Path::new(OsStr::from_bytes(prefix)).join(".gitignore");
            let root = Some(Path::new(""));
            // Fails only for a source without a parent folder.
            let _ = self.ignores.add_patterns_buffer(&lines.join(&b'\n'), source, root, Default::default());
        }
    }

    fn gap(&mut self, path: RepoPath, kind: GapKind, detail: String) {
        self.found.gaps.push(Gap::new(Some(path), kind, detail));
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
