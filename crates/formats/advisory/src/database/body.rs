//! Judging a version by compiled ranges.

use thiserror::Error;

use super::DatabaseError;
use super::bytes::Cursor;
use super::compiled::{commit, end, fingerprint, keys};
use crate::order::{self, Order};

/// Most fixed versions that are looked at: a record may name very many, and each is judged again.
const MAX_FIXED: usize = 64;

/// What an entry says of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// The version is affected.
    Affected(Affected),
    /// It is not, or the record was withdrawn.
    NotAffected,
    /// Nothing can be said: a gap, never "not affected".
    Incomparable(Incomparable),
}

/// How a version is affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// What says so.
    pub by: AffectedBy,
    /// Versions after it that the record calls fixed and that it does not call affected elsewhere, ascending, of the 64 nearest. The
    /// first is the nearest.
    pub fixed: Vec<String>,
    /// The last version of its range that is affected, when the record knows no fixed one.
    pub last_affected: Option<String>,
}

/// Which part of a record says that a version is affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AffectedBy {
    /// A range.
    Range {
        /// Where it begins; `0` is before everything.
        introduced: String,
        /// The fixed version that ends it.
        fixed: Option<String>,
    },
    /// The list of versions, or that of commits.
    List,
}

/// Why nothing can be said of a version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Incomparable {
    /// The version is none in the order of the range.
    #[error("the version cannot be compared: {0}")]
    Version(String),
    /// The range holds something that is no version in its order, or could not be read.
    #[error("the advisory's range cannot be compared: {0}")]
    Range(String),
    /// The record names neither ranges nor versions.
    #[error("the advisory names neither ranges nor versions")]
    NoVersions,
    /// The record knows commits only.
    #[error("the advisory knows commits, but no versions")]
    OnlyCommits,
    /// The commit is none of those that the record names, and which come before it is not known.
    #[error("the advisory does not name this commit, and its ancestors are not known")]
    Ancestry,
    /// The database is damaged at this place.
    #[error("the database is damaged: {0}")]
    Damaged(DatabaseError),
}

#[derive(Clone, Copy)]
struct Bound<'d> {
    text: &'d str,
    key: &'d [u8],
}

#[derive(Clone, Copy)]
struct Interval<'d> {
    start: Bound<'d>,
    until: Bound<'d>,
    end: u8,
}

impl Interval<'_> {
    fn holds(&self, key: &[u8]) -> bool {
        self.start.key <= key
            && match self.end {
                end::OPEN => true,
                end::LAST_AFFECTED => key <= self.until.key,
                _ => key < self.until.key,
            }
    }
}

enum Versions<'d> {
    Order(u8, Vec<Interval<'d>>),
    Incomparable(&'d str),
}

/// A compiled affected package, taken apart.
pub(super) struct Body<'d> {
    ranges: Vec<Versions<'d>>,
    has_git: bool,
    commits: Vec<(&'d str, u8)>,
    /// Eight bytes each.
    versions: &'d [u8],
    ecosystem: &'d str,
}

impl<'d> Body<'d> {
    /// `ecosystem` is that of the package's key.
    pub(super) fn read(bytes: &'d [u8], ecosystem: &'d str) -> Result<Self, DatabaseError> {
        let mut cursor = Cursor(bytes);
        let mut ranges = Vec::new();
        for _ in 0..cursor.count()? {
            ranges.push(range(&mut cursor)?);
        }
        let has_git = cursor.byte()? != 0;
        let mut commits = Vec::new();
        for _ in 0..cursor.count()? {
            let what = cursor.byte()?;
            commits.push((cursor.text()?, what));
        }
        let count = cursor.count()?;
        let versions =
            cursor.take(count.checked_mul(8).ok_or(DatabaseError::Damaged("has a list too long"))?)?;
        Ok(Self { ranges, has_git, commits, versions, ecosystem })
    }

    pub(super) fn judge(&self, version: &str) -> Judgement {
        match self.affected(version) {
            Err(reason) => Judgement::Incomparable(reason),
            Ok(None) => Judgement::NotAffected,
            Ok(Some((by, last_affected))) => {
                Judgement::Affected(Affected { by, last_affected, fixed: self.fixed_after(version) })
            }
        }
    }

    /// What says that `version` is affected, with the last affected version of that range. One part that says so is enough; if none
    /// does, one that cannot be compared leaves it open.
    fn affected(&self, version: &str) -> Result<Option<(AffectedBy, Option<String>)>, Incomparable> {
        let mut open = None;
        for range in &self.ranges {
            match self.interval(range, version) {
                Ok(Some(interval)) => return Ok(Some(told(&interval))),
                Ok(None) => {}
                Err(reason) => open = open.or(Some(reason)),
            }
        }
        if self.lists(version) {
            return Ok(Some((AffectedBy::List, None)));
        }
        match open {
            Some(reason) => Err(reason),
            None if self.ranges.is_empty() && self.versions.is_empty() => {
                Err(if self.has_git { Incomparable::OnlyCommits } else { Incomparable::NoVersions })
            }
            None if self.ranges.is_empty() => self.key(keys::ECOSYSTEM, version).map(|_| None),
            None => Ok(None),
        }
    }

    fn interval(&self, range: &Versions<'d>, version: &str) -> Result<Option<Interval<'d>>, Incomparable> {
        match range {
            Versions::Incomparable(reason) => Err(Incomparable::Range((*reason).to_owned())),
            Versions::Order(order, intervals) => {
                let key = self.key(*order, version)?;
                match intervals.iter().find(|interval| interval.holds(&key)) {
                    Some(interval) => Ok(Some(*interval)),
                    None => order::without_place(self.order(*order), version)
                        .map_or(Ok(None), |reason| Err(Incomparable::Version(reason))),
                }
            }
        }
    }

    fn key(&self, order: u8, version: &str) -> Result<Vec<u8>, Incomparable> {
        order::key(self.order(order), version).map_err(Incomparable::Version)
    }

    const fn order(&self, order: u8) -> Order<'d> {
        if order == keys::SEMVER { Order::Semver(self.ecosystem) } else { Order::Ecosystem(self.ecosystem) }
    }

    fn lists(&self, version: &str) -> bool {
        if self.versions.is_empty() {
            return false;
        }
        let wanted = fingerprint(self.ecosystem, version).to_le_bytes();
        self.versions.chunks_exact(8).any(|listed| listed == wanted)
    }

    fn fixed_after(&self, version: &str) -> Vec<String> {
        let mut fixed = Vec::new();
        for range in &self.ranges {
            let Versions::Order(order, intervals) = range else { continue };
            let Ok(key) = self.key(*order, version) else { continue };
            let after =
                |interval: &&Interval<'d>| interval.end == end::FIXED && interval.until.key > key.as_slice();
            fixed.extend(intervals.iter().filter(after).map(|interval| interval.until));
        }
        fixed.sort_by(|a, b| a.key.cmp(b.key).then_with(|| a.text.cmp(b.text)));
        fixed.dedup_by(|a, b| a.key == b.key);
        fixed.truncate(MAX_FIXED);
        fixed.retain(|bound| matches!(self.affected(bound.text), Ok(None)));
        fixed.into_iter().map(|bound| bound.text.to_owned()).collect()
    }

    pub(super) fn judge_commit(&self, hash: &str) -> Judgement {
        let hash = hash.trim().to_ascii_lowercase();
        let named: Vec<_> =
            self.commits.iter().filter(|(commit, _)| *commit == hash).map(|(_, what)| *what).collect();
        if named.contains(&commit::AFFECTED) {
            return Judgement::Affected(Affected {
                by: AffectedBy::List,
                fixed: Vec::new(),
                last_affected: None,
            });
        }
        if named.is_empty() {
            Judgement::Incomparable(Incomparable::Ancestry)
        } else {
            Judgement::NotAffected
        }
    }
}

fn told(interval: &Interval<'_>) -> (AffectedBy, Option<String>) {
    let until = || interval.until.text.to_owned();
    let fixed = (interval.end == end::FIXED).then(until);
    let last_affected = (interval.end == end::LAST_AFFECTED).then(until);
    (AffectedBy::Range { introduced: interval.start.text.to_owned(), fixed }, last_affected)
}

fn range<'d>(cursor: &mut Cursor<'d>) -> Result<Versions<'d>, DatabaseError> {
    let order = cursor.byte()?;
    if order == keys::NONE {
        return Ok(Versions::Incomparable(cursor.text()?));
    }
    if order > keys::NONE {
        return Err(DatabaseError::Damaged("has an unknown kind of range"));
    }
    let mut intervals = Vec::new();
    for _ in 0..cursor.count()? {
        let start = Bound { text: cursor.text()?, key: cursor.bytes()? };
        let until = Bound { text: cursor.text()?, key: cursor.bytes()? };
        let end = cursor.byte()?;
        if end > end::LIMIT {
            return Err(DatabaseError::Damaged("has an unknown end of a range"));
        }
        intervals.push(Interval { start, until, end });
    }
    Ok(Versions::Order(order, intervals))
}
