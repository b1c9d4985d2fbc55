//! What is told of a secret's place in a history.

use std::collections::BTreeSet;

use palisade_git::{History, ObjectName, Reach};
use palisade_model::{CommitId, CommitRef, RepoPath, Timestamp};
use palisade_secrets::SecretsEngine;

/// Most paths that are listed of one secret.
const MAX_PATHS: usize = 100;

/// A commit with its number among all in the order of time.
pub(super) type Ranked = (u32, CommitRef);

/// What is told of a secret, gathered from all objects that hold it.
#[derive(Default)]
pub(super) struct Told {
    first: Option<Ranked>,
    last: Option<Ranked>,
    paths: BTreeSet<RepoPath>,
    pub(super) more_paths: bool,
    in_head: bool,
    reachable: bool,
}

impl Told {
    pub(super) fn add(
        &mut self,
        [first, last]: [Option<Ranked>; 2],
        paths: &[RepoPath],
        in_head: bool,
        reach: Reach,
    ) {
        self.first = self.first.take().into_iter().chain(first).min_by_key(|(rank, _)| *rank);
        self.last = self.last.take().into_iter().chain(last).max_by_key(|(rank, _)| *rank);
        self.paths.extend(paths.iter().cloned());
        self.in_head |= in_head;
        self.reachable |= reach == Reach::Reference;
    }

    pub(super) fn into_history(self, object: String, objects: u64) -> palisade_model::History {
        let more_paths = self.more_paths || self.paths.len() > MAX_PATHS;
        palisade_model::History {
            object,
            first: self.first.map(|(_, commit)| commit),
            last: self.last.map(|(_, commit)| commit),
            paths: self.paths.into_iter().take(MAX_PATHS).collect(),
            more_paths,
            objects,
            in_head: self.in_head,
            reachable: self.reachable,
        }
    }
}

pub(super) fn commit_ref(history: &History, engine: &SecretsEngine, name: ObjectName) -> Option<CommitRef> {
    let info = history.commit_info(name).ok()??;
    Some(CommitRef {
        id: name.to_string().parse::<CommitId>().ok()?,
        author: engine.concealed(&info.author_name),
        email: engine.concealed(&info.author_email),
        time: Timestamp::from_second(info.time).ok()?,
        subject: engine.concealed(&info.subject),
    })
}
