//! Commits in the order of time, trees in the order of what holds what, and what refers to them.

use std::collections::{BTreeMap, HashMap};

use super::catalogue::Catalogue;
use super::entry::ObjectKind;
use super::names::NameId;
use super::places::{Folders, Places};
use super::refs::Named;
use super::trace::{Gathered, HoldingSum, ItemSum, Trace, reach};
use super::trees::{CommitFact, Item, NOTHING, Notes};
use crate::ObjectName;

/// The commit checked out holds it.
pub(super) const IN_HEAD: u8 = 1;
/// A reference leads to it.
pub(super) const BY_REF: u8 = 2;
/// A log of references leads to it.
pub(super) const BY_LOG: u8 = 4;

/// First and last commit, as ranks; the first larger than the last when there is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span(pub(super) u32, pub(super) u32);

impl Span {
    pub(super) const NONE: Self = Self(u32::MAX, 0);

    pub(super) fn widen(&mut self, other: Self) {
        (self.0, self.1) = (self.0.min(other.0), self.1.max(other.1));
    }
}

/// Commits, tags and trees, and what is known of each.
pub(super) struct Graph<'a> {
    catalogue: &'a Catalogue,
    /// Commits in the order of time.
    commits: Vec<CommitFact>,
    trees: Trees,
    spans: Vec<Span>,
    flags: Vec<u8>,
    /// Trees, each after all that hold it.
    order: Vec<u32>,
    /// Whether it is the tree of a commit, or stands in no other tree.
    is_top: Vec<bool>,
    /// The commit checked out.
    head: Option<ObjectName>,
}

/// Trees and their subtrees, as they were noted.
struct Trees {
    notes: Vec<Vec<u32>>,
    /// For each object the place of its notes, counted through all lists.
    places: Vec<u32>,
}

impl Trees {
    fn new(notes: Vec<Vec<u32>>, count: u32) -> Self {
        let mut places = vec![NOTHING; count as usize];
        let mut list_start = 0usize;
        for list in &notes {
            let mut at = 0;
            while let Some([number, _, subtrees, ..]) = list.get(at..) {
                if let Some(place) = places.get_mut(*number as usize) {
                    *place = u32::try_from(list_start + at).unwrap_or(NOTHING);
                }
                at += 3 + 2 * *subtrees as usize;
            }
            list_start += list.len();
        }
        Self { notes, places }
    }

    /// The number of its holding, and its subtrees with their names.
    fn get(&self, number: u32) -> Option<(u32, &[[u32; 2]])> {
        let mut at = *self.places.get(number as usize).filter(|place| **place != NOTHING)? as usize;
        let list = self.notes.iter().find(|list| match at.checked_sub(list.len()) {
            Some(rest) => {
                at = rest;
                false
            }
            None => true,
        })?;
        let [_, holding, count, rest @ ..] = list.get(at..)? else { return None };
        Some((*holding, rest.get(..2 * *count as usize)?.as_chunks().0))
    }

    fn subtrees(&self, number: u32) -> impl Iterator<Item = u32> {
        self.get(number).map_or(&[][..], |(_, subtrees)| subtrees).iter().map(|[child, _]| *child)
    }
}

impl<'a> Graph<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, notes: Vec<Notes>, named: &Named) -> Self {
        let count = catalogue.len();
        let (mut commits, mut parents, mut tags, mut trees) =
            (Vec::new(), Vec::new(), BTreeMap::new(), Vec::new());
        for note in notes {
            commits.extend(note.commits);
            parents.extend(note.parents);
            tags.extend(note.tags);
            trees.push(note.trees);
        }
        commits.sort_unstable_by_key(|fact| (fact.time, catalogue.name_bytes(fact.number)));
        parents.sort_unstable();
        sort_seconds(&mut commits, &parents);
        let size = count as usize;
        let (spans, flags, trees) = (vec![Span::NONE; size], vec![0; size], Trees::new(trees, count));
        let (order, is_top, head) = (Vec::new(), vec![false; size], named.head.map(ObjectName));
        let mut graph = Self { catalogue, commits, trees, spans, flags, order, is_top, head };
        graph.mark_named(named, &parents, &tags);
        graph.enter_commits(named);
        graph.sort_trees();
        graph.hand_down();
        graph
    }

    fn mark_named(&mut self, named: &Named, parents: &[(u32, u32)], tags: &BTreeMap<u32, u32>) {
        for (ids, flag) in [(&named.by_refs, BY_REF), (&named.by_logs, BY_LOG)] {
            let mut pending: Vec<u32> = ids.iter().filter_map(|id| self.catalogue.find_id(id)).collect();
            while let Some(number) = pending.pop() {
                match self.flags.get_mut(number as usize) {
                    Some(flags) if *flags & flag == 0 => *flags |= flag,
                    _ => continue,
                }
                pending.extend(tags.get(&number).filter(|target| **target != NOTHING));
                pending.extend(parents_of(number, parents).iter().map(|(_, parent)| *parent));
            }
        }
    }

    /// What is known of a commit is known of its tree.
    fn enter_commits(&mut self, named: &Named) {
        let head = named.head.and_then(|head| self.catalogue.find_id(&head));
        for (fact, rank) in self.commits.iter().zip(0..) {
            let own = self.flags.get(fact.number as usize).copied().unwrap_or(0);
            let in_head = if Some(fact.number) == head { IN_HEAD } else { 0 };
            let tree = fact.tree as usize;
            if let (Some(flags), Some(span)) = (self.flags.get_mut(tree), self.spans.get_mut(tree)) {
                *flags |= own | in_head;
                span.widen(Span(rank, rank));
            }
            if let Some(is_top) = self.is_top.get_mut(tree) {
                *is_top = true;
            }
            if let Some(span) = self.spans.get_mut(fact.number as usize) {
                *span = Span(rank, rank);
            }
        }
    }

    /// Puts each tree after all trees that hold it. Trees in a loop, which only a damaged or hostile repository has, are left out.
    fn sort_trees(&mut self) {
        let count = self.trees.places.len();
        let is_tree =
            |number: &u32| self.trees.places.get(*number as usize).is_some_and(|place| *place != NOTHING);
        let mut holders = vec![0u32; count];
        let numbers = 0..u32::try_from(count).unwrap_or(NOTHING);
        let mut total = 0;
        for number in numbers.clone().filter(is_tree) {
            total += 1;
            for child in self.trees.subtrees(number) {
                if let Some(holders) = holders.get_mut(child as usize) {
                    *holders = holders.saturating_add(1);
                }
            }
        }
        let mut order = Vec::with_capacity(total);
        for number in numbers.filter(is_tree).filter(|number| holders.get(*number as usize) == Some(&0)) {
            order.push(number);
            if let Some(is_top) = self.is_top.get_mut(number as usize) {
                *is_top = true;
            }
        }
        let mut at = 0;
        while let Some(&number) = order.get(at) {
            at += 1;
            for child in self.trees.subtrees(number).filter(is_tree) {
                if let Some(holders) = holders.get_mut(child as usize) {
                    *holders -= 1;
                    if *holders == 0 {
                        order.push(child);
                    }
                }
            }
        }
        self.order = order;
    }

    /// What is known of a tree is known of its subtrees.
    fn hand_down(&mut self) {
        for &number in &self.order {
            let (flags, span) = (self.flags_of(number), self.span_of(number));
            for child in self.trees.subtrees(number) {
                let child = child as usize;
                if let (Some(child_flags), Some(child_span)) =
                    (self.flags.get_mut(child), self.spans.get_mut(child))
                {
                    *child_flags |= flags;
                    child_span.widen(span);
                }
            }
        }
    }

    pub(super) fn flags_of(&self, number: u32) -> u8 {
        self.flags.get(number as usize).copied().unwrap_or(0)
    }

    fn span_of(&self, number: u32) -> Span {
        self.spans.get(number as usize).copied().unwrap_or(Span::NONE)
    }

    pub(super) fn commit(&self, rank: u32) -> Option<ObjectName> {
        self.commits.get(rank as usize).map(|fact| self.catalogue.name(fact.number))
    }

    /// Something that stands in no tree: a commit, a tag, a blob that only a tag or a reference names, or nothing at all.
    pub(super) fn trace_object(&self, number: u32) -> Trace {
        let (flags, span) = (self.flags_of(number), self.span_of(number));
        let is_own = |rank: u32| self.commits.get(rank as usize).is_some_and(|fact| fact.number == number);
        let is_commit = is_own(span.0) || self.catalogue.kind(number) == Some(ObjectKind::Commit);
        let own = is_commit.then(|| self.catalogue.name(number));
        Trace {
            paths: Vec::new(),
            more_paths: false,
            first: own.or_else(|| self.first(span)),
            last: own.or_else(|| self.last(span)),
            ranks: (span.0, span.1),
            in_head: flags & IN_HEAD != 0,
            reach: reach(flags),
        }
    }

    /// The commit checked out.
    pub(super) const fn head(&self) -> Option<ObjectName> {
        self.head
    }

    pub(super) fn first(&self, span: Span) -> Option<ObjectName> {
        if span.0 > span.1 { None } else { self.commit(span.0) }
    }

    pub(super) fn last(&self, span: Span) -> Option<ObjectName> {
        if span.0 > span.1 { None } else { self.commit(span.1) }
    }

    /// Sums up, for each item, the trees that hold it.
    pub(super) fn gather(&self, holdings: &[super::trees::Holding]) -> Gathered {
        let leads = self.leading();
        let mut folders = Folders::default();
        let mut places = Places::new(self.flags.len());
        let mut sums: Vec<Option<HoldingSum>> = holdings.iter().map(|_| None).collect();
        let mut first_seen = Vec::new();
        for &number in &self.order {
            if leads.get(number as usize) != Some(&true) {
                continue;
            }
            if self.is_top.get(number as usize) == Some(&true) {
                places.add_top(number);
            }
            let Some((holding, subtrees)) = self.trees.get(number) else { continue };
            if let Some(sum) = sums.get_mut(holding as usize).filter(|_| holding != 0) {
                if sum.is_none() {
                    first_seen.push(holding);
                }
                let sum = sum.get_or_insert_default();
                sum.span.widen(self.span_of(number));
                sum.flags |= self.flags_of(number);
                sum.more |= places.collect(number, &mut sum.folders);
            }
            for [child, name] in subtrees {
                if leads.get(*child as usize) == Some(&true) {
                    places.hand_down(number, *child, NameId::from_word(*name), &mut folders);
                }
            }
        }
        let mut items: BTreeMap<Item, ItemSum> = BTreeMap::new();
        for holding in first_seen {
            let (Some(Some(sum)), Some(pairs)) = (sums.get(holding as usize), holdings.get(holding as usize))
            else {
                continue;
            };
            for (item, name) in pairs {
                items.entry(*item).or_default().add(sum, *name);
            }
        }
        Gathered { folders, items }
    }

    /// Trees that hold an item, or lead to one that does.
    fn leading(&self) -> Vec<bool> {
        let mut leads = vec![false; self.flags.len()];
        for &number in self.order.iter().rev() {
            let Some((holding, _)) = self.trees.get(number) else { continue };
            let below = |child: u32| leads.get(child as usize) == Some(&true);
            let leading = holding != 0 || self.trees.subtrees(number).any(below);
            if let Some(slot) = leads.get_mut(number as usize) {
                *slot = leading;
            }
        }
        leads
    }
}

/// The part of `parents`, which is in order, with the parents of one commit.
fn parents_of(commit: u32, parents: &[(u32, u32)]) -> &[(u32, u32)] {
    let start = parents.partition_point(|(child, _)| *child < commit);
    let own = parents.get(start..).unwrap_or_default();
    own.get(..own.partition_point(|(child, _)| *child == commit)).unwrap_or_default()
}

/// Puts commits of the same second, which a rebase makes many of, after their parents. `commits` are in the order of time.
fn sort_seconds(commits: &mut [CommitFact], parents: &[(u32, u32)]) {
    for second in commits.chunk_by_mut(|one, other| one.time == other.time).filter(|second| second.len() > 1)
    {
        let mut waiting: HashMap<u32, CommitFact> = second.iter().map(|fact| (fact.number, *fact)).collect();
        let mut ordered = Vec::with_capacity(second.len());
        for fact in second.iter() {
            let entered = waiting.remove(&fact.number);
            let mut path: Vec<_> =
                entered.map(|fact| (fact, parents_of(fact.number, parents))).into_iter().collect();
            while let Some((fact, left)) = path.last_mut() {
                let Some(((_, parent), rest)) = left.split_first() else {
                    ordered.push(*fact);
                    path.pop();
                    continue;
                };
                *left = rest;
                path.extend(waiting.remove(parent).map(|fact| (fact, parents_of(fact.number, parents))));
            }
        }
        for (place, fact) in second.iter_mut().zip(ordered) {
            *place = fact;
        }
    }
}
