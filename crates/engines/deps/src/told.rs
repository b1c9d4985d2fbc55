use std::collections::BTreeMap;

use palisade_model::{
    AffectedPackage, Confidence, Excerpt, Finding, InventoryFile, LineIndex, Location, Package, Position,
    RepoPath, Severity, Span, printable,
};

use crate::fingerprint::Fingerprinter;
use crate::path::label;
use crate::rules::{Check, Rules};

/// Longest text of an excerpt, in characters.
const MAX_EXCERPT: usize = 200;

/// Where the lines of each record begin, by path and members.
pub(crate) type Lines = BTreeMap<(RepoPath, Vec<String>), LineIndex>;

/// Something to be told about a package.
pub(crate) struct Told<'a> {
    pub(crate) check: Check,
    pub(crate) file: &'a InventoryFile,
    pub(crate) package: &'a Package,
    /// What the fingerprint says of it besides the package.
    pub(crate) about: &'a str,
    /// One line that replaces the rule's title; none keeps it.
    pub(crate) title: Option<String>,
    pub(crate) message: String,
    /// None are the rule's.
    pub(crate) severity: Option<Severity>,
    pub(crate) confidence: Option<Confidence>,
    pub(crate) affected: AffectedPackage,
}

/// Makes findings.
pub(crate) struct Teller<'a> {
    pub(crate) engine: &'static str,
    pub(crate) rules: &'a Rules,
    pub(crate) prints: &'a Fingerprinter,
    pub(crate) lines: &'a Lines,
}

impl Teller<'_> {
    /// The finding; none for a check without a rule, which [`Rules::new`] refuses.
    pub(crate) fn finding(&self, told: Told<'_>) -> Option<Finding> {
        let info = self.rules.info(told.check)?;
        let fingerprint = self.prints.package(&info.id, &told.package.purl, told.about);
        let location = self.location(told.file, told.package);
        let plain = Finding::of_rule(self.engine, info, location, excerpt(told.package), fingerprint);
        Some(Finding {
            title: told.title.unwrap_or(plain.title),
            severity: told.severity.unwrap_or(plain.severity),
            confidence: told.confidence.unwrap_or(plain.confidence),
            message: told.message,
            layer: told.package.layer.as_ref().or(told.file.layer.as_ref()).cloned(),
            package: Some(Box::new(told.affected)),
            ..plain
        })
    }

    /// The line that tells of the package; the whole record when it has no lines.
    fn location(&self, file: &InventoryFile, package: &Package) -> Location {
        let key = (file.path.clone(), file.members.clone());
        let bytes = match self.lines.get(&key) {
            Some(lines) if package.line > 0 => lines.line_span(package.line),
            _ => Span::new(0, 0),
        };
        let start = Position { line: package.line.max(1), column: 1 };
        let width = u32::try_from(bytes.end - bytes.start).unwrap_or(u32::MAX);
        let end = Position { line: start.line, column: width.saturating_add(1) };
        Location { path: file.path.clone(), members: file.members.clone(), start, end, bytes }
    }
}

/// The package by name and version, never the record's own line: lockfiles hold addresses, and those hold credentials.
fn excerpt(package: &Package) -> Excerpt {
    let text: String = label(package).chars().take(MAX_EXCERPT).map(printable).collect();
    let mark_end = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    Excerpt { text, mark_start: 0, mark_end }
}
