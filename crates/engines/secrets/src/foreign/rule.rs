use std::collections::BTreeMap;

use palisade_gitleaks::{Required, Rule};
use palisade_model::{Confidence, RuleId, RuleInfo, Severity, Span};

use crate::compile::GENERIC;
use crate::foreign::allow::{Allow, PathRegex};
use crate::foreign::lazy::LazyRegex;

const FIX: &str =
    "Revoke the credential where it was issued, make a new one, and keep it out of the repository.";

/// A rule of a foreign configuration.
#[derive(Debug)]
pub(crate) struct ForeignRule {
    info: RuleInfo,
    set: usize,
    file: usize,
    span: Span,
    pub(crate) path: Option<PathRegex>,
    pub(crate) regex: Option<LazyRegex>,
    /// Whether any group captures.
    pub(crate) has_groups: bool,
    pub(crate) secret_group: Option<usize>,
    pub(crate) entropy: Option<f64>,
    keywords: Vec<String>,
    allow: Vec<Allow>,
    pub(crate) required: Vec<Companion>,
    /// Whether it serves other rules only.
    pub(crate) silent: bool,
    generic: bool,
}

/// A rule that must find something near.
#[derive(Debug)]
pub(crate) struct Companion {
    pub(crate) rule: usize,
    pub(crate) lines: Option<u64>,
    pub(crate) columns: Option<u64>,
}

impl ForeignRule {
    /// `set` is the index of its configuration, `source` how the user knows that.
    pub(crate) fn new(rule: &Rule, id: RuleId, set: usize, source: &str) -> Self {
        Self {
            info: info(rule, id, source),
            set,
            file: rule.file,
            span: rule.original.span,
            path: rule.path.as_ref().map(PathRegex::new),
            has_groups: rule.regex.as_ref().is_some_and(|regex| regex.groups() > 0),
            regex: rule.regex.as_ref().map(LazyRegex::new),
            secret_group: rule.secret_group,
            entropy: rule.entropy,
            keywords: rule.keywords.clone(),
            allow: rule.allowlists.iter().map(Allow::new).collect(),
            required: Vec::new(),
            silent: rule.skip_report,
            generic: rule.original.text.to_lowercase().contains(GENERIC),
        }
    }

    /// Sets its companions; `names` knows the index of each rule of its set.
    pub(crate) fn require(&mut self, required: &[Required], names: &BTreeMap<String, usize>) {
        self.required = required
            .iter()
            .map(|required| Companion {
                // One that was disabled finds nothing.
                rule: names.get(&required.id.text).copied().unwrap_or(usize::MAX),
                lines: required.within_lines,
                columns: required.within_columns,
            })
            .collect();
    }

    pub(crate) const fn info(&self) -> &RuleInfo {
        &self.info
    }

    /// Whether its name says that it looks for anything.
    pub(crate) const fn is_generic(&self) -> bool {
        self.generic
    }

    pub(crate) const fn set(&self) -> usize {
        self.set
    }

    pub(crate) const fn file(&self) -> usize {
        self.file
    }

    pub(crate) const fn span(&self) -> Span {
        self.span
    }

    pub(crate) fn keywords(&self) -> &[String] {
        &self.keywords
    }

    pub(crate) fn allow(&self) -> &[Allow] {
        &self.allow
    }

    /// The regexes for paths of it and of its allowlists.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &PathRegex> {
        self.path.iter().chain(self.allow.iter().flat_map(Allow::paths))
    }

    /// The regex for paths of a rule that asks for nothing else in them.
    pub(crate) fn path_alone(&self) -> Option<&PathRegex> {
        let alone = self.regex.is_none() && !self.silent && self.required.is_empty();
        self.path.as_ref().filter(|_| alone)
    }

    /// Compiles all its regexes.
    pub(crate) fn compile(&self) -> Result<(), String> {
        let own = self.regex.iter().chain(self.path.iter().map(|path| &path.regex));
        let mut all = own.chain(self.allow.iter().flat_map(Allow::regexes));
        all.try_for_each(|regex| regex.get().map(drop))
    }
}

fn info(rule: &Rule, id: RuleId, source: &str) -> RuleInfo {
    let original = &rule.original.text;
    let title = rule.description.clone().unwrap_or_else(|| format!("Rule {original}"));
    let tags = std::iter::once(format!("gitleaks:{original}")).chain(rule.tags.iter().cloned());
    RuleInfo {
        id,
        title: title.split_whitespace().collect::<Vec<_>>().join(" "),
        severity: Severity::High,
        confidence: Confidence::Medium,
        cwe: vec![798],
        tags: tags.collect(),
        why: format!("The rule `{original}` of {source}, written for gitleaks."),
        fix: FIX.to_owned(),
        source: None,
    }
}
