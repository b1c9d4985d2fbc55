//! For whoever writes rules: do the examples hold, and what is unwise.

use std::collections::BTreeMap;
use std::path::PathBuf;

use palisade_model::{LineIndex, RuleId};
use palisade_rulefile::RuleFile;
use palisade_secrets::{Lint, check_examples, lint};

use super::choice::{bad_rule, key_span, rule_paths, rule_text};
use super::{RuleChoice, choose, rule};
use crate::error::BadDocument;
use crate::{Context, FlowError, RuleTexts};

/// Rule files whose examples were tried.
#[derive(Debug, Clone)]
pub struct TestedRules {
    /// How many rules.
    pub rules: usize,
    /// How many examples.
    pub examples: usize,
    /// Configurations of gitleaks: they have no examples, but could be read and compiled.
    pub foreign: usize,
    /// What failed, by file and line.
    pub failures: Vec<RuleFailure>,
    /// What is odd about configurations of gitleaks.
    pub remarks: Vec<BadDocument>,
}

/// An example that a rule fails.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleFailure {
    /// The rule file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What was expected and what happened instead.
    pub message: String,
}

/// Something that works and is unwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LintedRule {
    /// The rule file.
    pub file: String,
    /// The line in it, from 1.
    pub line: u32,
    /// The rule.
    pub rule: RuleId,
    /// What is unwise.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Runs the examples of the rules at `paths`, files or folders; of the built-in ones when there is none.
pub fn test_rules(
    context: &Context,
    built_in: &RuleTexts,
    paths: &[PathBuf],
) -> Result<TestedRules, FlowError> {
    let (texts, foreign) = texts(context, built_in, paths)?;
    let choice = RuleChoice { files: foreign.clone(), no_builtin: false, built_in: built_in.clone() };
    let remarks = choose(context, &choice, None)?.remarks;
    let mut tested =
        TestedRules { rules: 0, examples: 0, foreign: foreign.len(), failures: Vec::new(), remarks };
    for (file, text) in texts {
        let rule = rule(&file, &text)?;
        let failures = check_examples(&rule);
        let failures = failures.map_err(|error| bad_rule(&file, &text, "regex", &error.to_string()))?;
        tested.rules += 1;
        tested.examples += rule.examples.len();
        tested.failures.extend(failures.into_iter().map(|failure| RuleFailure {
            file: file.clone(),
            line: failure.line,
            message: failure.message,
        }));
    }
    tested.failures.sort();
    Ok(tested)
}

/// What is unwise about the rules at `paths`; about the built-in ones when there is none.
pub fn lint_rules(
    context: &Context,
    built_in: &RuleTexts,
    paths: &[PathBuf],
) -> Result<Vec<LintedRule>, FlowError> {
    let (texts, _) = texts(context, built_in, paths)?;
    let mut by_id = BTreeMap::new();
    for (file, text) in texts {
        let rule = rule(&file, &text)?;
        by_id.insert(rule.info.id.clone(), (file, text, rule));
    }
    let rules: Vec<&RuleFile> = by_id.values().map(|(_, _, rule)| rule).collect();
    let place = |found: Lint| {
        let (file, text, _) = by_id.get(&found.rule)?;
        let at = key_span(text, found.key).start;
        let line = LineIndex::new(text.as_bytes()).position(text.as_bytes(), at).line;
        let Lint { rule, message, hint, .. } = found;
        Some(LintedRule { file: file.clone(), line, rule, message, hint: hint.to_owned() })
    };
    let mut linted: Vec<LintedRule> = lint(&rules).into_iter().filter_map(place).collect();
    linted.sort();
    Ok(linted)
}

type Texts = Vec<(String, String)>;

/// Path and text of rule files, and the configurations of gitleaks beside them.
fn texts(
    context: &Context,
    built_in: &RuleTexts,
    paths: &[PathBuf],
) -> Result<(Texts, Vec<PathBuf>), FlowError> {
    if paths.is_empty() {
        let own = |(name, text): &(&str, &str)| {
            (format!("{}.md", name.trim_end_matches(".md")), (*text).to_owned())
        };
        return Ok((built_in.iter().map(own).collect(), Vec::new()));
    }
    let (ours, foreign): (Vec<_>, Vec<_>) = rule_paths(context, paths)?
        .into_iter()
        .partition(|path| path.extension().is_some_and(|extension| extension == "md"));
    let read = |path: PathBuf| Ok((path.display().to_string(), rule_text(context, &path)?));
    Ok((ours.into_iter().map(read).collect::<Result<_, FlowError>>()?, foreign))
}
