use std::borrow::Cow;
use std::collections::BTreeSet;
use std::error::Error;

use crate::error::chain;
use crate::{GitError, ObjectName};

/// Gaps that are told one by one.
const MAX_GAPS: usize = 10_000;

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum HistorySubject {
    /// An object.
    Object(ObjectName),
    /// A file or folder of the repository, as a path for people, such as `objects/pack/pack-1234.idx`.
    File(String),
}

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HistoryGapKind {
    /// Not there, though something refers to it.
    Missing,
    /// Cut short, overwritten, or contradicting itself.
    Damaged,
    /// An object over the limit, or made from one.
    TooLarge,
    /// The limit of work was reached before it.
    Budget,
    /// Worth saying, but nothing that holds content was left out.
    Noted,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HistoryGap {
    /// What it is.
    pub subject: HistorySubject,
    /// Why.
    pub kind: HistoryGapKind,
    /// What is wrong with it, for people.
    pub detail: Cow<'static, str>,
}

impl HistoryGap {
    pub(crate) fn into_error(self) -> GitError {
        let what = match self.subject {
            HistorySubject::Object(name) => format!("object {name}"),
            HistorySubject::File(file) => format!("`{file}`"),
        };
        GitError::Damaged { what, detail: self.detail.into_owned() }
    }
}

/// Gaps in order; those over the limit are only counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryGaps {
    /// In order, each once.
    pub list: Vec<HistoryGap>,
    /// How many more there are.
    pub more: u64,
}

impl HistoryGaps {
    pub(crate) fn new(gaps: impl IntoIterator<Item = HistoryGap>) -> Self {
        let all: BTreeSet<_> = gaps.into_iter().collect();
        let more = all.len().saturating_sub(MAX_GAPS) as u64;
        Self { list: all.into_iter().take(MAX_GAPS).collect(), more }
    }
}

/// What is wrong with an object, before it is known which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) kind: HistoryGapKind,
    pub(crate) detail: Cow<'static, str>,
}

impl Flaw {
    pub(crate) const fn damaged(detail: &'static str) -> Self {
        Self { kind: HistoryGapKind::Damaged, detail: Cow::Borrowed(detail) }
    }

    pub(crate) const fn missing(detail: &'static str) -> Self {
        Self { kind: HistoryGapKind::Missing, detail: Cow::Borrowed(detail) }
    }

    pub(crate) const fn too_large() -> Self {
        Self { kind: HistoryGapKind::TooLarge, detail: Cow::Borrowed("over the limit for one object") }
    }

    pub(crate) const fn budget() -> Self {
        Self { kind: HistoryGapKind::Budget, detail: Cow::Borrowed("more work than the limit allows") }
    }

    /// The same, worth saying only.
    pub(crate) fn noted(self) -> Self {
        Self { kind: HistoryGapKind::Noted, ..self }
    }

    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        Self { kind: HistoryGapKind::Damaged, detail: Cow::Owned(chain(error)) }
    }

    pub(crate) fn into_error(self, name: ObjectName) -> GitError {
        let what = format!("object {name}");
        match self.kind {
            HistoryGapKind::TooLarge => GitError::TooLarge { what, limit: "one object".to_owned() },
            _ => GitError::Damaged { what, detail: self.detail.into_owned() },
        }
    }

    pub(crate) fn at_object(self, name: ObjectName) -> HistoryGap {
        HistoryGap { subject: HistorySubject::Object(name), kind: self.kind, detail: self.detail }
    }

    pub(crate) fn at_file(self, file: impl Into<String>) -> HistoryGap {
        HistoryGap { subject: HistorySubject::File(file.into()), kind: self.kind, detail: self.detail }
    }
}
