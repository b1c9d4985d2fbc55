use std::collections::BTreeSet;
use std::sync::OnceLock;

use palisade_gitleaks::{Allowlist, Condition, RegexTarget};
use palisade_model::Span;

use crate::foreign::ending::Ending;
use crate::foreign::lazy::LazyRegex;
use crate::foreign::scene::Scene;

/// An allowlist, ready to be asked.
#[derive(Debug)]
pub(crate) struct Allow {
    description: Option<String>,
    condition: Condition,
    commits: BTreeSet<String>,
    paths: Vec<PathRegex>,
    target: RegexTarget,
    regexes: Vec<LazyRegex>,
    stopwords: BTreeSet<String>,
}

/// A regex for paths.
#[derive(Debug)]
pub(crate) struct PathRegex {
    pub(crate) regex: LazyRegex,
    pub(crate) names_backslash: bool,
    ending: OnceLock<Ending>,
}

impl PathRegex {
    pub(crate) fn new(pattern: &palisade_gitleaks::Pattern) -> Self {
        Self {
            regex: LazyRegex::new(pattern),
            names_backslash: pattern.names_backslash(),
            ending: OnceLock::new(),
        }
    }

    /// Whether it may match a path whose last part is `name`.
    pub(crate) fn may_end_with(&self, name: &[u8]) -> bool {
        let ending = || if self.names_backslash { Ending::Any } else { Ending::of(self.regex.text()) };
        self.ending.get_or_init(ending).may_be_of(name)
    }

    pub(crate) fn is_match(&self, scene: &Scene<'_>) -> bool {
        scene.paths(self.names_backslash).any(|path| !path.is_empty() && self.regex.is_match(path))
    }
}

impl Allow {
    pub(crate) fn new(list: &Allowlist) -> Self {
        Self {
            description: list.description.clone(),
            condition: list.condition,
            commits: list.commits.clone(),
            paths: list.paths.iter().map(PathRegex::new).collect(),
            target: list.regex_target,
            regexes: list.regexes.iter().map(LazyRegex::new).collect(),
            stopwords: list.stopwords.clone(),
        }
    }

    pub(crate) fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Its regexes for paths.
    pub(crate) fn paths(&self) -> &[PathRegex] {
        &self.paths
    }

    /// All its regexes.
    pub(crate) fn regexes(&self) -> impl Iterator<Item = &LazyRegex> {
        self.paths.iter().map(|path| &path.regex).chain(&self.regexes)
    }

    /// Whether it lets `secret` pass, which is part of the match `whole`; both are empty for a finding by path. The commit is not
    /// known here.
    pub(crate) fn allows(&self, scene: &Scene<'_>, secret: Span, whole: Span) -> bool {
        let by_path = || self.paths.iter().any(|path| path.is_match(scene));
        let by_regex = || {
            let target = match self.target {
                RegexTarget::Secret => scene.get(secret),
                RegexTarget::Match => scene.get(whole),
                RegexTarget::Line if whole.start < whole.end => scene.lines(whole),
                RegexTarget::Line => b"",
            };
            !target.is_empty() && self.regexes.iter().any(|regex| regex.is_match(target))
        };
        let by_word = || {
            let secret = String::from_utf8_lossy(scene.get(secret)).to_lowercase();
            !secret.is_empty() && self.stopwords.iter().any(|word| secret.contains(word.as_str()))
        };
        match self.condition {
            Condition::Any => by_path() || by_regex() || by_word(),
            Condition::All => {
                self.commits.is_empty()
                    && (self.paths.is_empty() || by_path())
                    && (self.regexes.is_empty() || by_regex())
                    && (self.stopwords.is_empty() || by_word())
            }
        }
    }

    /// Whether it lets all of `commit` pass, in lower case.
    pub(crate) fn allows_commit(&self, commit: &str) -> bool {
        let alone = self.paths.is_empty() && self.regexes.is_empty() && self.stopwords.is_empty();
        self.commits.contains(commit) && (self.condition == Condition::Any || alone)
    }
}
