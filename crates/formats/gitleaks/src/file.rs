use std::collections::BTreeSet;

use palisade_model::{Level, Problem, Span};

use crate::{Pattern, read};

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 4 << 20;
/// Most rules in one file.
pub const MAX_RULES: usize = 2000;
/// Most files in a chain of `extend`: the one named, and two more.
pub const MAX_FILES: usize = 3;

/// A word of the file and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The word, as written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// One configuration file, before anything it extends is looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GitleaksFile {
    /// `title`.
    pub title: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `minVersion`: the oldest gitleaks that it is meant for. It changes nothing.
    pub min_version: Option<String>,
    /// What it extends.
    pub base: Option<Base>,
    /// `extend.disabledRules`: rules of the base that do not count.
    pub disabled: Vec<Name>,
    /// `[[rules]]`, by id; of two with one id the last.
    pub rules: Vec<FileRule>,
    /// `[[allowlists]]`, or the old `[allowlist]`.
    pub allowlists: Vec<GlobalAllowlist>,
}

/// What a file extends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// `useDefault`, with its place: the rules that are built in.
    Default(Span),
    /// `path`: another file.
    File(Name),
}

/// A rule as one file has it; an extended file may add to it.
#[derive(Debug, Clone, PartialEq)]
pub struct FileRule {
    /// `id`: not empty.
    pub id: Name,
    /// `description`.
    pub description: Option<String>,
    /// `path`.
    pub path: Option<Pattern>,
    /// `regex`.
    pub regex: Option<Pattern>,
    /// `secretGroup`, if it is not 0, and its place.
    pub secret_group: Option<(usize, Span)>,
    /// `entropy`, if it is not 0: a secret must have more, in bits per byte.
    pub entropy: Option<f64>,
    /// `keywords`, in lower case.
    pub keywords: Vec<String>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `[[rules.allowlists]]`, or the old `[rules.allowlist]`.
    pub allowlists: Vec<Allowlist>,
    /// `[[rules.required]]`.
    pub required: Vec<Required>,
    /// `skipReport`, and its place when it is true.
    pub skip_report: Option<Span>,
}

/// An allowlist beside the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct GlobalAllowlist {
    /// `targetRules`: the rules it is for; all when empty.
    pub targets: Vec<Name>,
    /// What it allows.
    pub allowlist: Allowlist,
}

/// What is no finding. At least one of the four lists is not empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Allowlist {
    /// `description`.
    pub description: Option<String>,
    /// `condition`.
    pub condition: Condition,
    /// `commits`, in lower case.
    pub commits: BTreeSet<String>,
    /// `paths`.
    pub paths: Vec<Pattern>,
    /// `regexTarget`.
    pub regex_target: RegexTarget,
    /// `regexes`.
    pub regexes: Vec<Pattern>,
    /// `stopwords`, in lower case: parts of the secret.
    pub stopwords: BTreeSet<String>,
}

/// How many of an allowlist's lists must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Condition {
    /// One is enough.
    #[default]
    Any,
    /// All that are not empty.
    All,
}

/// What the regexes of an allowlist are tried on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RegexTarget {
    /// The secret.
    #[default]
    Secret,
    /// All that the rule's regex matched.
    Match,
    /// The lines of the match.
    Line,
}

/// Another rule that must find something near.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// `id` of the other rule.
    pub id: Name,
    /// `withinLines`: most lines between the two.
    pub within_lines: Option<u64>,
    /// `withinColumns`: most columns between the two.
    pub within_columns: Option<u64>,
}

impl Allowlist {
    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.paths.iter().chain(&self.regexes)
    }
}

impl GitleaksFile {
    /// All its regexes.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let of_rules = self.rules.iter().flat_map(|rule| {
            let own = rule.regex.iter().chain(&rule.path);
            own.chain(rule.allowlists.iter().flat_map(Allowlist::patterns))
        });
        of_rules.chain(self.allowlists.iter().flat_map(|list| list.allowlist.patterns()))
    }

    /// Reads `bytes`. Returns every problem with its place; the file is none when a problem is an error.
    pub fn parse(bytes: &[u8]) -> (Option<Self>, Vec<Problem>) {
        let mut problems = Vec::new();
        let file = read::file(bytes, &mut problems);
        let refused = problems.iter().any(|problem| problem.level == Level::Error);
        (file.filter(|_| !refused), problems)
    }
}
