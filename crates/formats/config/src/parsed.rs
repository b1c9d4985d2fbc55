use palisade_model::{Level, Problem, Span};

/// What came of a document: a value, its problems, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// The value: there exactly when no problem is an error.
    pub value: Option<T>,
    /// Everything wrong, sorted by place, without repetitions.
    pub problems: Vec<Problem>,
}

impl<T> Parsed<T> {
    /// Joins what was read with what is wrong; an error takes the value away.
    pub fn new(value: Option<T>, mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        problems.dedup();
        let usable = problems.iter().all(|problem| problem.level < Level::Error);
        Self { value: value.filter(|_| usable), problems }
    }
}

fn sort_key(problem: &Problem) -> (Span, Level, &str, Option<&str>, Option<&str>) {
    (problem.span, problem.level, &problem.message, problem.label.as_deref(), problem.hint.as_deref())
}

/// A value and its place in the document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, found at `span`.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}
