use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use palisade_model::{CommitId, Finding, IgnoreEntry, IgnoredPlace, RepoPath, RuleId};

/// What other tools were told to ignore in one revision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ignored {
    /// Findings by their place. Paths start where those of findings do.
    pub places: Vec<IgnoredPlace>,
    /// Whole files.
    pub files: FilePatterns,
    /// Entries that name secrets. Which findings have those secrets only the engine can say, and does in [`Finding::listed`].
    pub secrets: BTreeSet<IgnoreEntry>,
}

impl Ignored {
    /// Every entry that names a finding in any content. One for a commit is for a history alone.
    pub(crate) fn entries(&self) -> BTreeSet<IgnoreEntry> {
        let places = self.places.iter().filter(|place| place.commit.is_none());
        places.map(|place| &place.entry).chain(&self.secrets).cloned().collect()
    }
}

/// A pattern that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad pattern: {message}")]
pub struct PatternError {
    /// Which, counted from 0.
    pub index: usize,
    /// Why.
    pub message: String,
}

/// Patterns of files as in `.gitignore`: the last that matches decides, and one with `!` takes a file out again.
#[derive(Clone)]
pub struct FilePatterns {
    patterns: Vec<(IgnoreEntry, String)>,
    /// Where paths start, seen from where the patterns do; empty, or with a final `/`.
    prefix: Vec<u8>,
    matcher: Gitignore,
}

impl FilePatterns {
    /// Makes patterns ready for paths that start in the folder `prefix` below the patterns' own: empty, or with a final `/`.
    ///
    /// # Errors
    /// The first that is no pattern.
    pub fn new(patterns: Vec<(IgnoreEntry, String)>, prefix: &[u8]) -> Result<Self, PatternError> {
        let error = |index, error: ignore::Error| PatternError { index, message: error.to_string() };
        let mut builder = GitignoreBuilder::new("");
        for (index, (_, pattern)) in patterns.iter().enumerate() {
            builder.add_line(None, pattern).map_err(|refused| error(index, refused))?;
        }
        let matcher = builder.build().map_err(|refused| error(0, refused))?;
        Ok(Self { patterns, prefix: prefix.to_vec(), matcher })
    }

    /// The pattern that ignores the file at `path`.
    pub(crate) fn matching(&self, path: &RepoPath) -> Option<&IgnoreEntry> {
        if self.patterns.is_empty() {
            return None;
        }
        let whole = [self.prefix.as_slice(), path.as_bytes()].concat();
        match self.matcher.matched_path_or_any_parents(Path::new(OsStr::from_bytes(&whole)), false) {
            Match::Ignore(glob) => {
                let written =
                    self.patterns.iter().rfind(|(_, pattern)| pattern.trim_end() == glob.original());
                written.map(|(entry, _)| entry)
            }
            Match::None | Match::Whitelist(_) => None,
        }
    }
}

impl Default for FilePatterns {
    fn default() -> Self {
        Self { patterns: Vec::new(), prefix: Vec::new(), matcher: Gitignore::empty() }
    }
}

impl fmt::Debug for FilePatterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.patterns).finish()
    }
}

impl PartialEq for FilePatterns {
    fn eq(&self, other: &Self) -> bool {
        (&self.patterns, &self.prefix) == (&other.patterns, &other.prefix)
    }
}

impl Eq for FilePatterns {}

/// Ignored places, by line.
pub(crate) struct Places<'a> {
    places: BTreeMap<u32, Vec<&'a IgnoredPlace>>,
    rules: &'a BTreeSet<RuleId>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(ignored: &'a Ignored, rules: &'a BTreeSet<RuleId>) -> Self {
        let mut places: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for place in &ignored.places {
            places.entry(place.line).or_default().push(place);
        }
        Self { places, rules }
    }

    /// The entries for the place of `finding`, and in a history for any path it had.
    pub(crate) fn matching(&self, finding: &Finding) -> impl Iterator<Item = &'a IgnoreEntry> {
        let here = self.places.get(&finding.location.start.line);
        let here = here
            .into_iter()
            .flatten()
            .filter(|place| self.fits(place, finding) && is_at(finding, &place.path));
        here.map(|place| &place.entry).collect::<Vec<_>>().into_iter()
    }

    fn fits(&self, place: &IgnoredPlace, finding: &Finding) -> bool {
        let is_ours = RuleId::new(&place.rule).is_some_and(|rule| self.rules.contains(&rule));
        let rule = !is_ours || place.rule == finding.rule.as_str();
        rule && place.commit.as_ref().is_none_or(|commit| is_in(finding, commit))
    }
}

/// Whether a finding is in the file `path`. Gitleaks writes the way into an archive as we do.
fn is_at(finding: &Finding, path: &RepoPath) -> bool {
    if finding.location.members.is_empty() {
        let moved = finding.history.iter().flat_map(|history| &history.paths);
        return std::iter::once(&finding.location.path).chain(moved).any(|had| had == path);
    }
    let members = finding.location.members.iter().map(String::as_bytes);
    let parts: Vec<&[u8]> = std::iter::once(finding.location.path.as_bytes()).chain(members).collect();
    parts.join(&b'!') == path.as_bytes()
}

/// Whether a finding is in `commit`, as far as it is known where in the history it is.
fn is_in(finding: &Finding, commit: &CommitId) -> bool {
    let Some(history) = &finding.history else { return true };
    let mut known = [&history.first, &history.last].into_iter().flatten().peekable();
    known.peek().is_none() || known.any(|known| known.id == *commit)
}
