//! Where objects and names stand: in which paths, from which commit to which, and whether anything still refers to them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gix::ObjectId;
use palisade_model::RepoPath;

use super::entry::ObjectKind;
use super::gap::{Flaw, HistoryGap, HistoryGaps};
use super::graph::{BY_LOG, BY_REF, Graph, IN_HEAD, Span};
use super::names::{Asked, NameId, NameList, NameTable};
use super::places::Folders;
use super::trees::{Item, NOTHING, TreeReader};
use super::walk::walk;
use super::{History, HistoryLimits};
use crate::ObjectName;

/// Paths that are told of one item.
const MAX_PATHS: usize = 1000;

/// Pairs of a folder and a name that are gathered for one item.
const MAX_PAIRS: usize = 4 * MAX_PATHS;

/// What still refers to an object, directly or through others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nothing: git will remove it some day.
    Nothing,
    /// Only a log of references (git-reflog(1)).
    Reflog,
    /// A reference of any kind: a branch, a tag, a note, a stash, a pull request, or a work tree's HEAD.
    Reference,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Its paths in order, at most 1000. A part that is no name for a file (`.`, `..` or nothing) is written with `%` for what it is.
    pub paths: Vec<RepoPath>,
    /// Whether there are more.
    pub more_paths: bool,
    /// The earliest commit whose tree holds it, by the committer's clock. Those of one second stand after their parents, then by name.
    pub first: Option<ObjectName>,
    /// The latest one.
    pub last: Option<ObjectName>,
    /// The numbers of these two among all commits in that order; the first larger than the last when there is none.
    pub ranks: (u32, u32),
    /// Whether the commit checked out holds it.
    pub in_head: bool,
    /// What still refers to it.
    pub reach: Reach,
}

/// Where a file of one path stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTrace {
    /// Its path.
    pub path: RepoPath,
    /// Where, with that one path. Without commits when nothing but trees without a commit hold it.
    pub trace: Trace,
    /// What it held in the first and in the last commit, each once.
    pub contents: Vec<ObjectName>,
}

/// What all trees tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeSurvey {
    /// Where the wanted objects stand, in the order asked.
    pub objects: Vec<Trace>,
    /// Where the wanted names stand, in order of the names.
    pub names: Vec<(Vec<u8>, Trace)>,
    /// The files of the wanted paths, in order of these.
    pub files: Vec<FileTrace>,
    /// Trees that were read.
    pub trees: u64,
    /// Objects that trees, commits or tags refer to and that are not there.
    pub missing: u64,
    /// Whether history was cut off when the repository was cloned.
    pub shallow: bool,
    /// Whether the repository was cloned without some objects.
    pub promisor: bool,
    /// What could not be read.
    pub gaps: HistoryGaps,
}

impl History {
    /// Reads all trees, commits and tags once. Tells where the `wanted` objects stand, asks of every name that a tree gives to
    /// something, once, whether it is wanted, and tells where those stand.
    pub fn survey_trees(
        &self,
        wanted: &[ObjectName],
        asked: &Asked<'_>,
        limits: &HistoryLimits,
    ) -> TreeSurvey {
        let numbers: Vec<u32> =
            wanted.iter().map(|name| self.catalogue.find_id(&name.0).unwrap_or(NOTHING)).collect();
        let items: HashMap<u32, u32> =
            numbers.iter().copied().zip(0..).filter(|(number, _)| *number != NOTHING).collect();
        let shallow: HashSet<_> = self.cut_off().into_iter().collect();
        let table = NameTable::new(asked);
        let reader = TreeReader::new(self, &table, &items, &shallow);
        let kinds = [ObjectKind::Tree, ObjectKind::Commit, ObjectKind::Tag];
        let (tally, mut gaps) = walk(self, &reader, &kinds, limits);
        let mut reading = reader.finish();
        let mut named = self.named();
        gaps.append(&mut reading.gaps);
        gaps.append(&mut named.gaps);
        gaps.extend(self.catalogue.gaps.iter().cloned());
        gaps.extend(table.is_full().then(|| Flaw::budget().at_file("names of files")));
        gaps.extend(self.missing(reading.first_missing, &named.by_refs));
        let names = table.into_list();
        let graph = Graph::new(&self.catalogue, reading.notes, &named);
        let found = graph.gather(&reading.holdings);
        let object = |number: &u32| found.trace(*number, items.get(number), &graph, &names);
        let files = self.trace_files(&found, &graph, &names, asked, &mut gaps);
        TreeSurvey {
            objects: numbers.iter().map(object).collect(),
            names: found.trace_names(&graph, &names),
            files,
            trees: tally.trees,
            missing: reading.missing,
            shallow: self.shallow,
            promisor: self.promisor,
            gaps: HistoryGaps::new(gaps),
        }
    }

    /// The gaps of what something refers to and is not here.
    fn missing(&self, first: Option<ObjectId>, by_refs: &[ObjectId]) -> Vec<HistoryGap> {
        let first = first.map(|id| (id, Flaw::missing("the first by name of the objects that are missing")));
        let gone = by_refs.iter().filter(|id| self.catalogue.find_id(id).is_none());
        let gone = gone.map(|id| (*id, Flaw::missing("a reference names it, and it is not here")));
        first.into_iter().chain(gone).map(|(id, flaw)| flaw.at_object(ObjectName(id))).collect()
    }

    /// Where the `wanted` objects stand, in the order asked.
    pub fn trace(&self, wanted: &[ObjectName], limits: &HistoryLimits) -> TreeSurvey {
        self.survey_trees(wanted, &Asked::NOTHING, limits)
    }
}

/// What all trees tell of the items.
pub(super) struct Gathered {
    pub(super) folders: Folders,
    pub(super) items: BTreeMap<Item, ItemSum>,
}

impl Gathered {
    /// Where the object `number` stands, which is the blob `item` if it was wanted.
    fn trace(&self, number: u32, item: Option<&u32>, graph: &Graph<'_>, names: &NameList) -> Trace {
        match item.and_then(|item| self.items.get(&Item::Blob(*item))) {
            Some(sum) => sum.trace(graph, &self.folders, names, graph.flags_of(number)),
            None => graph.trace_object(number),
        }
    }

    /// Where the wanted names stand, in order of the names.
    fn trace_names(&self, graph: &Graph<'_>, names: &NameList) -> Vec<(Vec<u8>, Trace)> {
        let named = self.items.iter().filter_map(|(item, sum)| match item {
            Item::Name(name) => Some((names.get(*name).to_vec(), sum.trace(graph, &self.folders, names, 0))),
            _ => None,
        });
        let mut named: Vec<_> = named.collect();
        named.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        named
    }
}

/// Of all trees with the same holding.
pub(super) struct HoldingSum {
    pub(super) span: Span,
    pub(super) flags: u8,
    pub(super) folders: BTreeSet<u32>,
    pub(super) more: bool,
}

impl Default for HoldingSum {
    fn default() -> Self {
        Self { span: Span::NONE, flags: 0, folders: BTreeSet::new(), more: false }
    }
}

pub(super) struct ItemSum {
    span: Span,
    flags: u8,
    pub(super) places: BTreeMap<(u32, NameId), PlaceSum>,
    pub(super) more: bool,
}

/// Of all trees that have it in one folder.
#[derive(Clone, Copy)]
pub(super) struct PlaceSum {
    pub(super) span: Span,
    pub(super) flags: u8,
}

impl Default for ItemSum {
    fn default() -> Self {
        Self { span: Span::NONE, flags: 0, places: BTreeMap::new(), more: false }
    }
}

impl ItemSum {
    pub(super) fn add(&mut self, sum: &HoldingSum, name: NameId) {
        self.span.widen(sum.span);
        self.flags |= sum.flags;
        self.more |= sum.more;
        for folder in &sum.folders {
            let place = (*folder, name);
            if self.places.len() >= MAX_PAIRS && !self.places.contains_key(&place) {
                self.more = true;
                return;
            }
            let sum_there = self.places.entry(place).or_insert(PlaceSum { span: Span::NONE, flags: 0 });
            sum_there.span.widen(sum.span);
            sum_there.flags |= sum.flags;
        }
    }

    fn trace(&self, graph: &Graph<'_>, folders: &Folders, names: &NameList, flags: u8) -> Trace {
        let flags = flags | self.flags;
        let all: BTreeSet<RepoPath> =
            self.places.keys().filter_map(|(folder, name)| folders.path(*folder, *name, names)).collect();
        Trace {
            more_paths: self.more || all.len() > MAX_PATHS,
            paths: all.into_iter().take(MAX_PATHS).collect(),
            first: graph.first(self.span),
            last: graph.last(self.span),
            ranks: (self.span.0, self.span.1),
            in_head: flags & IN_HEAD != 0,
            reach: reach(flags),
        }
    }
}

pub(super) const fn reach(flags: u8) -> Reach {
    if flags & BY_REF != 0 {
        Reach::Reference
    } else if flags & BY_LOG != 0 {
        Reach::Reflog
    } else {
        Reach::Nothing
    }
}
