//! What a repository's references name: branches, tags, notes, stashes, whatever else is under `refs/`, the heads of all work trees,
//! and what its logs of references remember.

use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use palisade_model::RepoPath;
use palisade_sys::beneath::open_host_regular_followed;

use super::History;
use super::gap::{Flaw, HistoryGap, HistoryGapKind, HistoryGaps};
use crate::error::chain;
use crate::open::check_plain_below;
use crate::references::{References, tables};

/// Bytes of all files that tell of references.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Files that tell of references.
const MAX_FILES: usize = 2_000_000;

/// What tells of references in a git folder (gitrepository-layout(5)), names first.
const PLACES: [&str; 4] = ["refs", "packed-refs", "HEAD", "logs"];

/// The folder with what git keeps of each linked work tree.
const WORK_TREES: &str = "worktrees";

/// Work trees whose HEAD is looked at.
const MAX_WORK_TREES: usize = 10_000;

/// Bytes of a file that names one object.
const MAX_HEAD_BYTES: u64 = 4096;

/// Objects that are named, by what.
#[derive(Default)]
pub(crate) struct Named {
    /// The commit checked out.
    pub(crate) head: Option<ObjectId>,
    pub(crate) by_refs: Vec<ObjectId>,
    pub(crate) by_logs: Vec<ObjectId>,
    pub(crate) gaps: Vec<HistoryGap>,
}

impl History {
    pub(crate) fn named(&self) -> Named {
        let git = self.git.to_thread_local();
        let mut named = match &self.references {
            References::Files => Named::default(),
            References::Tables(tables) => {
                let (by_refs, by_logs) = (tables.named(), tables.logged());
                Named { head: self.head, by_refs, by_logs, gaps: self.references.gaps() }
            }
            References::Unknown => Named { gaps: self.references.gaps(), ..Named::default() },
        };
        if !matches!(self.references, References::Files) {
            named.by_refs.extend(self.head);
            return named;
        }
        for folder in [git.common_dir().join("refs"), git.git_dir().join("refs")] {
            if let Err(error) = check_plain_below(&folder) {
                let flaw = Flaw { kind: HistoryGapKind::Noted, detail: error.to_string().into() };
                named.gaps.push(flaw.at_file("refs"));
                return named;
            }
        }
        let mut note = |error: &gix::Error| {
            let flaw = Flaw { kind: HistoryGapKind::Noted, detail: chain(error.error()).into() };
            named.gaps.push(flaw.at_file("refs"));
        };
        let head = git.head();
        named.by_refs.extend(head.as_ref().ok().and_then(gix::Head::id).map(gix::Id::detach));
        match head.and_then(|head| head.try_into_peeled_id()) {
            Ok(id) => named.head = id.map(gix::Id::detach),
            Err(error) => note(&error),
        }
        match git.references().and_then(|refs| refs.all().map(|all| all.collect::<Vec<_>>())) {
            Ok(all) => {
                for reference in all {
                    match reference {
                        Ok(reference) => named.by_refs.extend(reference.try_id().map(gix::Id::detach)),
                        Err(error) => note(&error),
                    }
                }
            }
            Err(error) => note(&error),
        }
        named.by_refs.extend(named.head);
        named.by_refs.extend(heads_of_work_trees(git.common_dir()));
        named.by_logs = logged(git.common_dir());
        named
    }

    /// Calls `visit` for every file that tells what references are called or were: loose ones, whose names are those of the files, lists
    /// of packed ones, HEADs and logs, those of linked work trees too. Each is known by its path from the git folder, which is called
    /// `.git`. What could not be looked at.
    pub fn for_each_reference_file(&self, visit: &mut dyn FnMut(&RepoPath, &[u8])) -> HistoryGaps {
        let git = self.git.to_thread_local();
        let common = git.common_dir();
        let Ok(nameless) = RepoPath::from_bytes(b".git/reftable".to_vec()) else {
            return HistoryGaps::default();
        };
        let (places, unlisted) = folders_with_references(common);
        let starts = places.into_iter().flat_map(|folder| PLACES.map(|place| folder.join(place))).collect();
        let mut show = |path: &[u8], bytes: &[u8]| match RepoPath::from_bytes([b".git/", path].concat()) {
            Ok(path) => visit(&path, bytes),
            // A table may call a reference what no file can be called.
            Err(_) => visit(&nameless, &[path, b"\n", bytes].concat()),
        };
        let mut gaps = files_below(common, starts, &mut |path, bytes| {
            show(path.strip_prefix(common).unwrap_or(path).as_os_str().as_bytes(), bytes);
        });
        let own;
        let tables = match &self.references {
            References::Tables(tables) => Some(&**tables),
            // Tables that are not in use may still hold what was.
            _ if has_tables(common) => {
                own = tables(&git);
                Some(&own)
            }
            _ => None,
        };
        gaps.extend(unlisted);
        if let Some(tables) = tables {
            tables.for_each_text(&mut show);
            gaps.extend(tables.gaps().cloned());
        }
        HistoryGaps::new(gaps)
    }

    /// The commits at which history was cut off (gitrepository-layout(5), `shallow`).
    pub(crate) fn cut_off(&self) -> Vec<ObjectId> {
        let bytes = read_at_most(&self.git.to_thread_local().common_dir().join("shallow"), MAX_FILE_BYTES);
        let bytes = bytes.unwrap_or_default();
        bytes.split(|byte| *byte == b'\n').filter_map(|line| ObjectId::from_hex(line).ok()).collect()
    }
}

/// Whether a git folder, or that of a linked work tree, has reftables.
fn has_tables(common: &Path) -> bool {
    folders_with_references(common).0.iter().any(|folder| folder.join("reftable").is_dir())
}

/// Commits checked out in linked work trees without a branch; those on a branch are named by it.
fn heads_of_work_trees(common: &Path) -> Vec<ObjectId> {
    let work_trees = fs::read_dir(common.join(WORK_TREES)).into_iter().flatten().filter_map(Result::ok);
    let heads =
        work_trees.take(MAX_WORK_TREES).map(|entry| read_at_most(&entry.path().join("HEAD"), MAX_HEAD_BYTES));
    heads.filter_map(|head| ObjectId::from_hex(head.ok()?.trim_ascii()).ok()).collect()
}

/// Objects that logs of references name: each line begins with the old and the new one (gitrepository-layout(5), `logs`).
fn logged(common: &Path) -> Vec<ObjectId> {
    let logs = folders_with_references(common).0.into_iter().map(|folder| folder.join("logs")).collect();
    let mut ids = Vec::new();
    // That some were left out is told by whoever reads them all.
    let _ = files_below(common, logs, &mut |_, log| {
        for line in log.split(|byte| *byte == b'\n') {
            ids.extend(line.split(|byte| *byte == b' ').take(2).filter_map(|id| ObjectId::from_hex(id).ok()));
        }
    });
    ids.retain(|id| !id.is_null());
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The git folder that all work trees share, then that of each linked one; what is wrong when these are not all.
pub(super) fn folders_with_references(common: &Path) -> (Vec<PathBuf>, Option<HistoryGap>) {
    let (linked, flaw) = match sorted_entries(&common.join(WORK_TREES)) {
        Ok(linked) => {
            let flaw = (linked.len() > MAX_WORK_TREES).then(Flaw::budget);
            (linked, flaw)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => (Vec::new(), None),
        Err(error) => (Vec::new(), Some(Flaw::of(&error))),
    };
    let folders = std::iter::once(common.to_owned()).chain(linked.into_iter().take(MAX_WORK_TREES));
    (folders.collect(), flaw.map(|flaw| flaw.at_file(WORK_TREES)))
}

/// What lies in a folder besides symbolic links.
pub(super) fn sorted_entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.filter_map(Result::ok);
    let entries = entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink()));
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort_unstable();
    Ok(paths)
}

/// Calls `visit` for every file that is or lies below one of `starts`, in order; what was not looked at.
fn files_below(
    common: &Path,
    mut starts: Vec<PathBuf>,
    visit: &mut dyn FnMut(&Path, &[u8]),
) -> Vec<HistoryGap> {
    starts.reverse();
    let (mut pending, mut files, mut left, mut gaps) = (starts, 0, MAX_FILE_BYTES, Vec::new());
    while let Some(path) = pending.pop() {
        let name = path.strip_prefix(common).unwrap_or(&path).display().to_string();
        match sorted_entries(&path) {
            Ok(entries) => {
                pending.extend(entries.into_iter().rev());
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                gaps.push(Flaw::of(&error).at_file(name));
                continue;
            }
        }
        files += 1;
        if files > MAX_FILES || left == 0 {
            gaps.push(Flaw::budget().at_file(name));
            break;
        }
        match read_at_most(&path, left) {
            Ok(bytes) => {
                left -= bytes.len() as u64;
                visit(&path, &bytes);
            }
            Err(error) => gaps.push(Flaw::of(&error).at_file(name)),
        }
    }
    gaps
}

fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, _) = open_host_regular_followed(path)?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
