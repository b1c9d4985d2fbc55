//! What a range of commits brings: content that stands in none of a commit's parents.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use gix::ObjectId;
use gix::objs::TreeRefIter;
use gix::revision::plumbing::Spec;
use palisade_model::RepoPath;

use super::History;
use super::commit::{CommitLinks, MAX_COMMIT_BYTES, tag_target};
use super::entry::ObjectKind;
use super::gap::{Flaw, HistoryGap, HistoryGaps};
use super::load::Decoder;
use crate::error::chain;
use crate::objects::MAX_DEPTH;
use crate::open::check_plain_below;
use crate::references::References;
use crate::{GitError, ObjectName};

/// Bytes of trees that are remembered, as they lie in memory.
const MAX_CACHED_BYTES: usize = 256 << 20;

/// Bytes of a tree.
const MAX_TREE_BYTES: usize = 64 << 20;

/// Tags that point to tags.
const MAX_TAG_CHAIN: usize = 16;

/// Paths of a blob that are judged differently.
const MAX_PLACES: usize = 64;

/// Pairs of a tree and those of the parents that are compared, in all: trees can name each other again and again.
const MAX_COMPARED: u64 = 50_000_000;

/// A blob that a range brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeBlob {
    /// Its name.
    pub name: ObjectName,
    /// Where the range brings it, by commit and path: of the paths that are judged alike the first. At least one.
    pub places: Vec<RangePlace>,
}

/// A path at which a range brings a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangePlace {
    /// The path.
    pub path: RepoPath,
    /// The earliest commit of the range that brings the blob there.
    pub commit: ObjectName,
}

/// A path that a range brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangePath {
    /// The path.
    pub path: RepoPath,
    /// What stands there; none when it is a submodule.
    pub blob: Option<ObjectName>,
    /// The earliest commit of the range that brings it.
    pub commit: ObjectName,
}

/// What a range of commits brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RangeObjects {
    /// The commits, the oldest first.
    pub commits: Vec<ObjectName>,
    /// Annotated tags that the range was given by.
    pub tags: Vec<ObjectName>,
    /// Blobs at paths at which none of the commit's parents has them, each once, by commit and path.
    pub blobs: Vec<RangeBlob>,
    /// Wanted paths beside the first of each blob: where it stands as well, and submodules; each once, by commit and path.
    pub other_paths: Vec<RangePath>,
    /// Whether the range goes back to where history was cut off when the repository was cloned.
    pub shallow: bool,
    /// What could not be read.
    pub gaps: HistoryGaps,
}

/// What to do with an object that no range can hold.
const NO_COMMIT: &str = "a range is of commits; a scan of the whole history looks at it";

/// Commits to begin at, and commits that are left out with all before them.
struct Ends {
    tips: Vec<ObjectId>,
    hidden: Vec<ObjectId>,
}

impl History {
    /// What a range of commits brings: terms as git-rev-list(1) takes them, with spaces between. A term is `A..B`, `A...B`, `REV`
    /// (everything that it leads to), `^REV`, `--remotes=NAME` (all branches followed of a remote), or `--not`, after which what is
    /// named is left out. `is_wanted` is asked of paths at which something stands that a commit has elsewhere too, and of those of submodules.
    /// `judged_as` gives the same to all paths under which one content says the same.
    ///
    /// # Errors
    /// When a term names nothing here, or all of them say only what to leave out.
    pub fn range(
        &self,
        spec: &str,
        is_wanted: &dyn Fn(&RepoPath) -> bool,
        judged_as: &dyn Fn(&RepoPath) -> Vec<u8>,
    ) -> Result<RangeObjects, GitError> {
        let refused = |detail: String| GitError::Revision { rev: spec.to_owned(), detail };
        let git = self.git.to_thread_local();
        let places = ["refs", "logs"]
            .into_iter()
            .flat_map(|name| [git.common_dir().join(name), git.git_dir().join(name)]);
        places.chain(self.folders.iter().cloned()).try_for_each(|folder| check_plain_below(&folder))?;
        self.references.check()?;
        let mut found = RangeObjects::default();
        let mut reader = RangeReader::new(self);
        let mut ends = Ends { tips: Vec::new(), hidden: Vec::new() };
        let mut leaves_out = false;
        for term in spec.split_ascii_whitespace() {
            if matches!(term, ".." | "...") {
                // `A..B` of two variables that are not set. Git takes it for what HEAD brings beyond HEAD: nothing, and no leak in it.
                return Err(refused(format!("`{term}` has neither of its ends")));
            }
            if term == "--not" {
                leaves_out = !leaves_out;
                continue;
            }
            let Ends { mut tips, mut hidden } = match term.strip_prefix("--remotes=") {
                Some(remote) => Ends {
                    tips: self.references.below(&git, &format!("refs/remotes/{remote}/")),
                    hidden: Vec::new(),
                },
                None => {
                    ends_of(&git, &self.references, &mut reader, &mut found.tags, term).map_err(refused)?
                }
            };
            if leaves_out {
                std::mem::swap(&mut tips, &mut hidden);
            }
            ends.tips.append(&mut tips);
            ends.hidden.append(&mut hidden);
        }
        if ends.tips.is_empty() {
            let detail =
                if spec.trim_ascii().is_empty() { "it is empty" } else { "it only says what to leave out" };
            return Err(refused(detail.to_owned()));
        }
        let mut commits = Vec::new();
        // What is hidden is never too much: it is always led to from the hidden ends.
        let walk = git.rev_walk(ends.tips).with_hidden(ends.hidden).all();
        for step in walk.map_err(|error| refused(chain(error.error())))? {
            match step {
                Ok(info) => commits.push(info.id),
                Err(error) => {
                    reader.gaps.push(Flaw::of(error.error()).at_file(format!("commits of {spec}")));
                    break;
                }
            }
        }
        let mut collected = Collected { is_wanted, judged_as, blobs: HashMap::new(), paths: HashSet::new() };
        reader.read(commits, &mut collected, &mut found);
        found.gaps = HistoryGaps::new(reader.gaps);
        Ok(found)
    }
}

/// The commits that one term of a range names.
fn ends_of(
    git: &gix::Repository,
    references: &References,
    reader: &mut RangeReader<'_>,
    tags: &mut Vec<ObjectName>,
    term: &str,
) -> Result<Ends, String> {
    let parsed = references.parse(git, term).map_err(|_| format!("`{term}` names no commit that is here"))?;
    let mut commit = |id| reader.peel(id, tags);
    Ok(match parsed {
        Spec::Include(id) => Ends { tips: vec![commit(id)?], hidden: Vec::new() },
        Spec::Exclude(id) => Ends { tips: Vec::new(), hidden: vec![commit(id)?] },
        Spec::Range { from, to } => Ends { tips: vec![commit(to)?], hidden: vec![commit(from)?] },
        Spec::Merge { theirs, ours } => {
            let (theirs, ours) = (commit(theirs)?, commit(ours)?);
            let bases = git.merge_bases_many(theirs, &[ours]).map_err(|error| chain(error.error()))?;
            Ends { tips: vec![theirs, ours], hidden: bases.into_iter().map(gix::Id::detach).collect() }
        }
        Spec::ExcludeParents(id) => {
            let id = commit(id)?;
            Ends { tips: vec![id], hidden: reader.links(id).map(|(_, parents)| parents).unwrap_or_default() }
        }
        Spec::IncludeOnlyParents(id) => {
            let id = commit(id)?;
            Ends {
                tips: reader.links(id).map(|(_, parents)| parents).unwrap_or_default(),
                hidden: Vec::new(),
            }
        }
    })
}

/// An entry of a tree.
#[derive(Clone, PartialEq, Eq)]
struct Entry {
    name: Vec<u8>,
    id: ObjectId,
    kind: EntryKind,
}

/// What an entry, and a tree that is remembered, take in memory beside names, about.
const OVERHEAD: usize = size_of::<Entry>() + 16;

impl Entry {
    const fn bytes(&self) -> usize {
        OVERHEAD + self.name.capacity()
    }
}

/// The first entry of a name among those of a tree, which are in order of their names.
fn entry_of<'e>(entries: &'e [Entry], name: &[u8]) -> Option<&'e Entry> {
    let at = entries.partition_point(|entry| entry.name.as_slice() < name);
    entries.get(at).filter(|entry| entry.name == name)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum EntryKind {
    File,
    Folder,
    Submodule,
}

/// A path, what stands there and of what kind it is.
type New = (Vec<u8>, ObjectId, EntryKind);

/// What was told of a range already.
struct Collected<'a> {
    is_wanted: &'a dyn Fn(&RepoPath) -> bool,
    judged_as: &'a dyn Fn(&RepoPath) -> Vec<u8>,
    /// Blobs by their place in the list, and how their paths are judged.
    blobs: HashMap<ObjectName, (usize, Vec<Vec<u8>>)>,
    paths: HashSet<RepoPath>,
}

impl Collected<'_> {
    /// Takes a path; what is lost of it.
    fn add(&mut self, new: RangePath, found: &mut RangeObjects) -> Option<HistoryGap> {
        if let Some(name) = new.blob {
            let kind = (self.judged_as)(&new.path);
            let place = RangePlace { path: new.path.clone(), commit: new.commit };
            let Some((at, kinds)) = self.blobs.get_mut(&name) else {
                self.blobs.insert(name, (found.blobs.len(), vec![kind]));
                found.blobs.push(RangeBlob { name, places: vec![place] });
                return None;
            };
            if let Some(blob) = found.blobs.get_mut(*at).filter(|_| !kinds.contains(&kind)) {
                if kinds.len() == MAX_PLACES {
                    return Some(Flaw::budget().at_object(name));
                }
                kinds.push(kind);
                blob.places.push(place);
            }
        }
        if (self.is_wanted)(&new.path) && self.paths.insert(new.path.clone()) {
            found.other_paths.push(new);
        }
        None
    }
}

pub(super) struct RangeReader<'a> {
    history: &'a History,
    commits: Decoder<'a>,
    trees: Decoder<'a>,
    cache: HashMap<ObjectId, Rc<Vec<Entry>>>,
    cached_bytes: usize,
    /// Bytes of commits and trees that were read, those read again counted again.
    read_bytes: u64,
    gaps: Vec<HistoryGap>,
    compared: u64,
}

impl<'a> RangeReader<'a> {
    pub(super) fn new(history: &'a History) -> Self {
        Self {
            history,
            commits: Decoder::new(history, usize::try_from(MAX_COMMIT_BYTES).unwrap_or(usize::MAX)),
            trees: Decoder::new(history, MAX_TREE_BYTES),
            cache: HashMap::new(),
            cached_bytes: 0,
            read_bytes: 0,
            gaps: Vec::new(),
            compared: 0,
        }
    }

    /// The commit that `id` leads to, or why there is none; tags on the way are added to `tags`.
    fn peel(&mut self, mut id: ObjectId, tags: &mut Vec<ObjectName>) -> Result<ObjectId, String> {
        let unread = |id: ObjectId| format!("{id} is not there, or cannot be read");
        for _ in 0..MAX_TAG_CHAIN {
            let number = self.history.catalogue.find_id(&id).ok_or_else(|| unread(id))?;
            let (kind, bytes) = self.commits.load(number).map_err(|_| unread(id))?;
            match kind {
                ObjectKind::Commit => return Ok(id),
                ObjectKind::Tag => {
                    tags.push(ObjectName(id));
                    let target = tag_target(&bytes).and_then(|target| ObjectId::from_hex(target).ok());
                    id = target.ok_or_else(|| unread(id))?;
                }
                ObjectKind::Blob => return Err(format!("{id} is the content of a file, and {NO_COMMIT}")),
                ObjectKind::Tree => return Err(format!("{id} is a folder, and {NO_COMMIT}")),
            }
        }
        Err(format!("{id} is a tag of more than {MAX_TAG_CHAIN} tags"))
    }

    /// Tree and parents of a commit.
    fn links(&mut self, id: ObjectId) -> Option<(ObjectId, Vec<ObjectId>)> {
        let number = self.history.catalogue.find_id(&id);
        let loaded = number
            .ok_or(Flaw::missing("a commit that is not there"))
            .and_then(|number| self.commits.load(number));
        self.read_bytes += loaded.as_ref().map_or(0, |(_, bytes)| bytes.len() as u64);
        let flaw = match loaded {
            Ok((ObjectKind::Commit, bytes)) => match CommitLinks::parse(&bytes) {
                Some(links) => {
                    let parents =
                        links.parents.iter().filter_map(|parent| ObjectId::from_hex(parent).ok()).collect();
                    return Some((ObjectId::from_hex(links.tree).ok()?, parents));
                }
                None => Flaw::damaged("a commit without a tree"),
            },
            Ok(_) => Flaw::damaged("not a commit"),
            Err(flaw) => flaw,
        };
        self.gaps.push(flaw.at_object(ObjectName(id)));
        None
    }

    /// `commits` are those of the range, each before its parents.
    fn read(&mut self, commits: Vec<ObjectId>, collected: &mut Collected<'_>, found: &mut RangeObjects) {
        let cut_off: HashSet<ObjectId> = self.history.cut_off().into_iter().collect();
        for id in commits.into_iter().rev() {
            let commit = ObjectName(id);
            found.commits.push(commit);
            let Some((tree, parents)) = self.links(id) else { continue };
            let is_cut_off = cut_off.contains(&id);
            found.shallow |= is_cut_off;
            let parents = if is_cut_off { Vec::new() } else { parents };
            let parents: Vec<ObjectId> =
                parents.into_iter().filter_map(|parent| Some(self.links(parent)?.0)).collect();
            let mut new = BTreeSet::new();
            self.compare(tree, &parents, &mut new);
            for (path, id, kind) in new {
                let Ok(path) = RepoPath::from_bytes(path) else { continue };
                let blob = (kind == EntryKind::File).then_some(ObjectName(id));
                self.gaps.extend(collected.add(RangePath { path, blob, commit }, found));
            }
        }
    }

    /// Adds to `new` the blobs and submodules in `tree` that stand at the same path in none of `others`.
    fn compare(&mut self, tree: ObjectId, others: &[ObjectId], new: &mut BTreeSet<New>) {
        let mut pending = vec![(Vec::new(), tree, others.to_vec(), 0)];
        while let Some((prefix, tree, others, depth)) = pending.pop() {
            self.compared += 1 + others.len() as u64;
            if others.contains(&tree) {
                continue;
            }
            if self.compared > MAX_COMPARED || depth > MAX_DEPTH {
                self.gaps.push(Flaw::budget().at_object(ObjectName(tree)));
                return;
            }
            let others: Vec<_> = others.into_iter().map(|other| self.tree(other)).collect();
            for entry in self.tree(tree).iter() {
                let same: Vec<&Entry> =
                    others.iter().filter_map(|other| entry_of(other, &entry.name)).collect();
                if same.iter().any(|other| other.id == entry.id) {
                    continue;
                }
                let path = [&prefix, entry.name.as_slice()].concat();
                if entry.kind == EntryKind::Folder {
                    let is_folder = |other: &&&Entry| other.kind == EntryKind::Folder;
                    let below = same.iter().filter(is_folder).map(|other| other.id).collect();
                    pending.push(([&path, b"/".as_slice()].concat(), entry.id, below, depth + 1));
                } else {
                    if entry.kind == EntryKind::File && self.history.catalogue.find_id(&entry.id).is_none() {
                        self.gaps
                            .push(Flaw::missing("a file that is not there").at_object(ObjectName(entry.id)));
                    }
                    new.insert((path, entry.id, entry.kind));
                }
            }
        }
    }

    /// The file that a commit has at `path`.
    pub(super) fn file(&mut self, commit: ObjectName, path: &RepoPath) -> Option<ObjectName> {
        let (mut tree, _) = self.links(commit.0)?;
        let mut parts = path.as_bytes().split(|byte| *byte == b'/').peekable();
        while let Some(part) = parts.next() {
            let entries = self.tree(tree);
            let entry = entry_of(&entries, part)?;
            match (entry.kind, parts.peek()) {
                (EntryKind::File, None) => return Some(ObjectName(entry.id)),
                (EntryKind::Folder, Some(_)) => tree = entry.id,
                _ => return None,
            }
        }
        None
    }

    /// Bytes of commits and trees that were read so far.
    pub(super) const fn read_bytes(&self) -> u64 {
        self.read_bytes
    }

    /// The entries of a tree in order of their names; none, and a gap, when it cannot be read.
    fn tree(&mut self, id: ObjectId) -> Rc<Vec<Entry>> {
        if let Some(entries) = self.cache.get(&id) {
            return Rc::clone(entries);
        }
        let entries = Rc::new(self.read_tree(id).unwrap_or_else(|flaw| {
            self.gaps.push(flaw.at_object(ObjectName(id)));
            Vec::new()
        }));
        let bytes: usize = entries.iter().map(Entry::bytes).sum();
        if self.cached_bytes + bytes > MAX_CACHED_BYTES {
            self.cache.clear();
            self.cached_bytes = 0;
        }
        self.cached_bytes += bytes + OVERHEAD;
        self.cache.insert(id, Rc::clone(&entries));
        entries
    }

    fn read_tree(&mut self, id: ObjectId) -> Result<Vec<Entry>, Flaw> {
        let number =
            self.history.catalogue.find_id(&id).ok_or(Flaw::missing("a folder that is not there"))?;
        let (kind, bytes) = self.trees.load(number)?;
        if kind != ObjectKind::Tree {
            return Err(Flaw::damaged("not a tree"));
        }
        self.read_bytes += bytes.len() as u64;
        let entries = TreeRefIter::from_bytes(&bytes, id.kind());
        let entry = |entry: gix::objs::tree::EntryRef<'_>| Entry {
            name: entry.filename.to_vec(),
            id: entry.oid.to_owned(),
            kind: match entry.mode {
                mode if mode.is_tree() => EntryKind::Folder,
                mode if mode.is_commit() => EntryKind::Submodule,
                _ => EntryKind::File,
            },
        };
        let mut entries = entries
            .map(|read| read.map(entry).map_err(|_| Flaw::damaged("its list of entries is damaged")))
            .collect::<Result<Vec<_>, _>>()?;
        // Git's order takes folders for names that end with `/`, and a hostile tree has any. Of one name the first stays the first.
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }
}
