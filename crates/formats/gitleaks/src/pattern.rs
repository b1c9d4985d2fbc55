use palisade_model::{Problem, Span};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::translate::{Fault, translate};

/// Longest regex, in bytes.
const MAX: usize = 64 * 1024;

/// A regex of the syntax of RE2, checked, and the same in the syntax of the Rust crate `regex`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    source: String,
    text: String,
    groups: usize,
    matches_empty: bool,
    weight: u64,
    span: Span,
}

/// Where the characters of a regex lie in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quoted {
    /// The whole value.
    pub(crate) span: Span,
    /// Its first character, when each byte of the value is a byte of the file.
    pub(crate) start: Option<usize>,
}

impl Quoted {
    fn place(self, within: Span) -> Span {
        match self.start {
            Some(start) => {
                let at = |offset: usize| (start + offset).min(self.span.end);
                Span::new(at(within.start), at(within.end))
            }
            None => self.span,
        }
    }
}

impl Pattern {
    /// Reads `source`, which lies at `quoted`.
    pub(crate) fn parse(source: &str, quoted: Quoted) -> Result<Self, Problem> {
        let wrong = |fault: Fault| {
            let problem = Problem::error(fault.message, quoted.place(fault.span));
            match fault.hint {
                Some(hint) => problem.with_hint(hint),
                None => problem,
            }
        };
        if source.len() > MAX {
            return Err(Problem::error("regex is longer than 64 KiB", quoted.span));
        }
        let translated = translate(source).map_err(wrong)?;
        let parsed = ParserBuilder::new().utf8(false).nest_limit(200).build().parse(&translated.text);
        let hir = parsed.map_err(|error| wrong(translated.fault(&error)))?;
        let properties = hir.properties();
        Ok(Self {
            source: source.to_owned(),
            text: translated.text,
            groups: properties.explicit_captures_len(),
            matches_empty: properties.minimum_len().is_none_or(|least| least == 0),
            weight: weight(&hir),
            span: quoted.span,
        })
    }

    /// As written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// For `regex::bytes`, with Unicode on, which is its default.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many groups capture.
    pub const fn groups(&self) -> usize {
        self.groups
    }

    /// Whether it may match the empty text.
    pub const fn matches_empty(&self) -> bool {
        self.matches_empty
    }

    /// About how many states it takes when it is compiled.
    pub(crate) const fn weight(&self) -> u64 {
        self.weight
    }

    /// Its place in the file.
    pub const fn span(&self) -> Span {
        self.span
    }

    /// Whether it names the backslash, so that its author thought of paths as Windows writes them.
    pub fn names_backslash(&self) -> bool {
        self.source.contains(r"\\")
    }
}

fn weight(hir: &Hir) -> u64 {
    let sum = |parts: &[Hir]| parts.iter().fold(0_u64, |sum, part| sum.saturating_add(weight(part)));
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(Class::Bytes(class)) => class.ranges().len() as u64,
        HirKind::Class(Class::Unicode(class)) => 2 * class.ranges().len() as u64,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            weight(&repetition.sub).saturating_mul(u64::from(times))
        }
        HirKind::Capture(capture) => weight(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}
