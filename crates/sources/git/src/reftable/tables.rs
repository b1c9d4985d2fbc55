//! The references of a repository with all its work trees, by name.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use gix::ObjectId;

use super::stack::{Budget, Stack};
use super::table::{LogEntry, Target};
use crate::history::HistoryGap;

/// References that name another one, which are followed.
const MAX_SYMBOLIC: usize = 10;

/// Linked work trees whose references are read.
const MAX_WORK_TREES: usize = 10_000;

/// The references that a work tree has for itself, beside those outside `refs/` (gitrepository-layout(5), `refs`).
const OWN: [&[u8]; 3] = [b"refs/bisect/", b"refs/worktree/", b"refs/rewritten/"];

/// What a short name may stand for, in this order (gitrevisions(7)).
const RULES: [(&str, &str); 6] = [
    ("", ""),
    ("refs/", ""),
    ("refs/tags/", ""),
    ("refs/heads/", ""),
    ("refs/remotes/", ""),
    ("refs/remotes/", "/HEAD"),
];

/// All references of a repository.
#[derive(Debug)]
pub(crate) struct Tables {
    /// Those that all work trees share, and what the main one has for itself.
    common: Stack,
    /// What each linked work tree has for itself.
    linked: BTreeMap<Vec<u8>, Stack>,
    /// The linked work tree at hand; none for the main one.
    own: Option<Vec<u8>>,
}

impl Tables {
    /// Reads the tables below the git folder `common`, for the work tree whose own git folder is `git_dir`.
    pub(crate) fn read(common: &Path, git_dir: &Path, hash_bytes: usize) -> Self {
        let mut budget = Budget::default();
        let stack = Stack::read(&common.join("reftable"), "reftable", hash_bytes, &mut budget);
        let mut linked = BTreeMap::new();
        let work_trees = common.join("worktrees").read_dir().into_iter().flatten().filter_map(Result::ok);
        let mut work_trees: Vec<_> = work_trees.map(|entry| entry.path()).collect();
        work_trees.sort_unstable();
        for folder in work_trees.into_iter().take(MAX_WORK_TREES) {
            let tables = folder.join("reftable");
            let name = folder.file_name().unwrap_or_default();
            if tables.is_dir() {
                let label = format!("worktrees/{}/reftable", name.display());
                linked
                    .insert(name.as_bytes().to_vec(), Stack::read(&tables, &label, hash_bytes, &mut budget));
            }
        }
        let is_main = git_dir.canonicalize().ok() == common.canonicalize().ok();
        let name = git_dir.canonicalize().ok().and_then(|path| Some(path.file_name()?.as_bytes().to_vec()));
        Self { common: stack, linked, own: if is_main { None } else { name } }
    }

    /// What could not be read.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = &HistoryGap> {
        std::iter::once(&self.common).chain(self.linked.values()).flat_map(|stack| &stack.gaps)
    }

    /// What a reference names, which may be another reference.
    pub(crate) fn target(&self, name: &[u8]) -> Option<&Target> {
        let (stack, name) = self.place(name)?;
        stack.target(name)
    }

    /// The object that a reference leads to, and the last reference on the way.
    pub(crate) fn resolve(&self, name: &[u8]) -> Option<(Vec<u8>, ObjectId)> {
        let mut name = name;
        for _ in 0..MAX_SYMBOLIC {
            match self.target(name)? {
                Target::Object(id) => return Some((name.to_vec(), *id)),
                Target::Reference(next) => name = next,
                Target::Deleted => return None,
            }
        }
        None
    }

    /// The full name of the reference that a short name stands for.
    pub(crate) fn full_name(&self, short: &[u8]) -> Option<Vec<u8>> {
        let names = RULES.map(|(before, after)| [before.as_bytes(), short, after.as_bytes()].concat());
        names.into_iter().find(|name| self.target(name).is_some())
    }

    /// The changes of a reference, or of what it names when it has no log itself; the newest first.
    pub(crate) fn log<'s>(&'s self, name: &[u8]) -> Vec<&'s LogEntry> {
        let mut name = name;
        for _ in 0..MAX_SYMBOLIC {
            let Some((stack, own)) = self.place(name) else { break };
            let log: Vec<_> = stack.log(own).collect();
            match self.target(name) {
                Some(Target::Reference(next)) if log.is_empty() => name = next,
                _ => return log,
            }
        }
        Vec::new()
    }

    /// The references that all work trees share whose names begin with `prefix`, in order, with the objects that they lead to.
    pub(crate) fn below(&self, prefix: &[u8]) -> Vec<ObjectId> {
        let names = self.common.below(prefix);
        names.filter_map(|(name, _)| self.resolve(name)).map(|(_, id)| id).collect()
    }

    /// All objects that references of any work tree name.
    pub(crate) fn named(&self) -> Vec<ObjectId> {
        let all = self.stacks().flat_map(|(_, stack)| stack.below(b""));
        let objects = all.filter_map(|(_, target)| match target {
            Target::Object(id) => Some(*id),
            _ => None,
        });
        objects.collect()
    }

    /// All objects that logs name, in order.
    pub(crate) fn logged(&self) -> Vec<ObjectId> {
        let logs = self.stacks().flat_map(|(_, stack)| stack.logged().flat_map(|name| stack.log(name)));
        let mut ids: Vec<_> =
            logs.flat_map(|entry| [entry.old, entry.new]).filter(|id| !id.is_null()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Calls `visit` for all that tables say, also what later ones take back: the path from the git folder of a file that git would
    /// have for it, and what would stand in it.
    pub(crate) fn for_each_text(&self, visit: &mut dyn FnMut(&[u8], &[u8])) {
        for (folder, stack) in self.stacks() {
            stack.for_each_text(&mut |name, text| visit(&[folder.as_slice(), name].concat(), text));
        }
    }

    /// Each stack and the folder that it speaks of.
    fn stacks(&self) -> impl Iterator<Item = (Vec<u8>, &Stack)> {
        let linked = self.linked.iter();
        let linked = linked.map(|(name, stack)| ([b"worktrees/", name.as_slice(), b"/"].concat(), stack));
        std::iter::once((Vec::new(), &self.common)).chain(linked)
    }

    /// Where a reference is kept, and how it is called there (git-worktree(1), "Refs").
    fn place<'s, 'n>(&'s self, name: &'n [u8]) -> Option<(&'s Stack, &'n [u8])> {
        if let Some(name) = name.strip_prefix(b"main-worktree/") {
            return Some((&self.common, name));
        }
        if let Some(rest) = name.strip_prefix(b"worktrees/") {
            let slash = rest.iter().position(|byte| *byte == b'/')?;
            let (tree, name) = rest.split_at_checked(slash)?;
            return Some((self.linked.get(tree)?, name.get(1..)?));
        }
        let is_own = !name.starts_with(b"refs/") || OWN.iter().any(|prefix| name.starts_with(prefix));
        match &self.own {
            Some(own) if is_own => Some((self.linked.get(own)?, name)),
            _ => Some((&self.common, name)),
        }
    }
}
