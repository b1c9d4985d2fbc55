//! What could not be read of a history, as the gaps of a report.

use palisade_git::{HistoryGap, HistoryGapKind, HistoryGaps, HistorySubject};
use palisade_model::{Gap, GapKind};

pub(super) fn survey_gaps(gaps: &HistoryGaps) -> Vec<Gap> {
    let mut list: Vec<_> = gaps.list.iter().map(gap).collect();
    if gaps.more > 0 {
        list.push(Gap::new(
            None,
            GapKind::Unreadable,
            format!("{} more parts of the history were not read", gaps.more),
        ));
    }
    list
}

fn gap(gap: &HistoryGap) -> Gap {
    let kind = match gap.kind {
        HistoryGapKind::Missing => GapKind::DataMissing,
        HistoryGapKind::Damaged => GapKind::ParseFailed,
        HistoryGapKind::TooLarge | HistoryGapKind::Budget => GapKind::BudgetHit,
        HistoryGapKind::Noted => GapKind::Noted,
    };
    let subject = match &gap.subject {
        HistorySubject::Object(name) => format!("object {name}"),
        HistorySubject::File(file) => file.clone(),
    };
    Gap::new(None, kind, format!("{subject}: {}", gap.detail))
}

/// What a clone of a part of the history leaves unsaid.
pub(super) fn cut_off(shallow: bool) -> Option<Gap> {
    let detail = "the clone is shallow, older commits are not here; get them with `git fetch --unshallow`";
    shallow.then(|| Gap::new(None, GapKind::DataMissing, detail))
}

/// What a clone without some objects leaves unsaid.
pub(super) fn missing(count: u64, promisor: bool) -> Option<Gap> {
    let hint = if promisor { "; the clone is partial, fetch all with `git fetch --refetch`" } else { "" };
    let detail = match count {
        0 => return None,
        1 => format!("an object that something refers to is not here{hint}"),
        _ => format!("{count} objects that something refers to are not here{hint}"),
    };
    Some(Gap::new(None, GapKind::DataMissing, detail))
}
