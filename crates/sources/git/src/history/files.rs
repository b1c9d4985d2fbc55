//! Where the files of wanted paths stand.
//!
//! What is known of a tree holds for all folders that it stands in: after a folder was renamed, the same tree stands in both. So the
//! commits of a path lie between the first and the last of its trees, and are looked for there.

use super::History;
use super::gap::{Flaw, HistoryGap};
use super::graph::{Graph, IN_HEAD, Span};
use super::names::{Asked, NameList};
use super::range::RangeReader;
use super::trace::{FileTrace, Gathered, PlaceSum, Trace, reach};
use super::trees::Item;
use crate::ObjectName;
use palisade_model::RepoPath;

/// Files of wanted paths that are told.
const MAX_FILES: usize = 50_000;

/// Commits in whose trees files are looked for, in all.
const MAX_LOOKS: u64 = 1_000_000;

/// Bytes of commits and trees that are read for it, in all. Those of few commits are remembered; folders may be wide.
const MAX_READ_BYTES: u64 = 16 << 30;

/// Looks for files in the trees of commits.
struct Finder<'a> {
    reader: RangeReader<'a>,
    graph: &'a Graph<'a>,
    looks: u64,
}

/// A commit by its rank, and what a file holds there.
type Seen = (u32, ObjectName);

impl History {
    /// The files whose paths are wanted.
    pub(super) fn trace_files(
        &self,
        found: &Gathered,
        graph: &Graph<'_>,
        names: &NameList,
        asked: &Asked<'_>,
        gaps: &mut Vec<HistoryGap>,
    ) -> Vec<FileTrace> {
        let mut finder = Finder { reader: RangeReader::new(self), graph, looks: 0 };
        let mut files = Vec::new();
        let sums = found.items.iter().filter(|(item, _)| matches!(item, Item::File(_)));
        for (_, sum) in sums {
            gaps.extend(sum.more.then(|| Flaw::budget().at_file("paths of files")));
            for ((folder, name), place) in &sum.places {
                let path = found.folders.path(*folder, *name, names).filter(|path| (asked.path)(path));
                files.extend(path.map(|path| (path, *place)));
            }
        }
        files.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        gaps.extend((files.len() > MAX_FILES).then(|| Flaw::budget().at_file("paths of files")));
        files.truncate(MAX_FILES);
        let files = files.into_iter().map(|(path, place)| finder.trace(path, place)).collect();
        gaps.extend(finder.is_spent().then(|| Flaw::budget().at_file("commits of files")));
        // What is damaged was told when the trees were read.
        files
    }
}

impl Finder<'_> {
    fn trace(&mut self, path: RepoPath, PlaceSum { span, flags }: PlaceSum) -> FileTrace {
        let first = self.seek(span.0..=span.1, &path);
        let last = first.and_then(|(first, _)| self.seek((first..=span.1).rev(), &path));
        let in_head = flags & IN_HEAD != 0 && self.is_in_head(&path);
        let ends = first.zip(last);
        let span = ends.map_or(Span::NONE, |((first, _), (last, _))| Span(first, last));
        let mut contents: Vec<_> = first.into_iter().chain(last).map(|(_, content)| content).collect();
        contents.dedup();
        let trace = Trace {
            paths: vec![path.clone()],
            more_paths: false,
            first: self.graph.first(span),
            last: self.graph.last(span),
            ranks: (span.0, span.1),
            in_head,
            reach: reach(flags),
        };
        FileTrace { path, trace, contents }
    }

    /// Whether no more is looked for.
    const fn is_spent(&self) -> bool {
        self.looks >= MAX_LOOKS || self.reader.read_bytes() >= MAX_READ_BYTES
    }

    /// The first of `ranks` whose commit has something at `path`.
    fn seek(&mut self, ranks: impl Iterator<Item = u32>, path: &RepoPath) -> Option<Seen> {
        for rank in ranks {
            if self.is_spent() {
                return None;
            }
            self.looks += 1;
            let content = self.graph.commit(rank).and_then(|commit| self.reader.file(commit, path));
            if let Some(content) = content {
                return Some((rank, content));
            }
        }
        None
    }

    fn is_in_head(&mut self, path: &RepoPath) -> bool {
        self.graph.head().is_some_and(|head| self.reader.file(head, path).is_some())
    }
}
