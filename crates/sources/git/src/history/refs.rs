//! What a repository's references name: branches, tags, notes, stashes, whatever else is under `refs/`, the heads of all work trees,
//! and what its logs of references remember.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use palisade_sys::beneath::open_host_regular_followed;

use super::History;
use super::gap::{Flaw, HistoryGap, HistoryGapKind};
use crate::error::chain;
use crate::open::check_plain_below;

/// Bytes of all logs together.
const MAX_LOG_BYTES: u64 = 256 << 20;

/// Files and folders of logs.
const MAX_LOG_FILES: usize = 100_000;

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
        let mut named = Named::default();
        if git.config_snapshot().string("extensions.refStorage").is_some_and(|kind| **kind != *b"files") {
            let flaw = Flaw {
                kind: HistoryGapKind::Noted,
                detail: "references are kept in a form that is not read".into(),
            };
            named.gaps.push(flaw.at_file("refs"));
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
        named.by_logs = logged(&[git.common_dir(), git.git_dir()]);
        named
    }

    /// The commits at which history was cut off (gitrepository-layout(5), `shallow`).
    pub(crate) fn cut_off(&self) -> Vec<ObjectId> {
        let bytes = read_at_most(&self.git.to_thread_local().common_dir().join("shallow"), MAX_LOG_BYTES);
        bytes.split(|byte| *byte == b'\n').filter_map(|line| ObjectId::from_hex(line).ok()).collect()
    }
}

/// Commits checked out in linked work trees without a branch; those on a branch are named by it.
fn heads_of_work_trees(common: &Path) -> Vec<ObjectId> {
    let work_trees = fs::read_dir(common.join("worktrees")).into_iter().flatten().filter_map(Result::ok);
    let heads =
        work_trees.take(MAX_WORK_TREES).map(|entry| read_at_most(&entry.path().join("HEAD"), MAX_HEAD_BYTES));
    heads.filter_map(|head| ObjectId::from_hex(head.trim_ascii()).ok()).collect()
}

/// Objects that logs of references name: each line begins with the old and the new one (gitrepository-layout(5), `logs`).
fn logged(folders: &[&Path]) -> Vec<ObjectId> {
    let mut pending: Vec<PathBuf> = folders.iter().map(|folder| folder.join("logs")).collect();
    pending.dedup();
    let (mut ids, mut files, mut left) = (Vec::new(), 0, MAX_LOG_BYTES);
    while let Some(path) = pending.pop() {
        files += 1;
        if files > MAX_LOG_FILES || left == 0 {
            break;
        }
        if let Ok(entries) = fs::read_dir(&path) {
            let entries = entries.filter_map(Result::ok).filter(|entry| !entry.path().is_symlink());
            pending.extend(entries.map(|entry| entry.path()));
            continue;
        }
        let log = read_at_most(&path, left);
        left -= log.len() as u64;
        for line in log.split(|byte| *byte == b'\n') {
            ids.extend(line.split(|byte| *byte == b' ').take(2).filter_map(|id| ObjectId::from_hex(id).ok()));
        }
    }
    ids.retain(|id| !id.is_null());
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn read_at_most(path: &Path, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok((file, _)) = open_host_regular_followed(path) {
        // What cannot be read names nothing.
        let _ = file.take(limit).read_to_end(&mut bytes);
    }
    bytes
}
