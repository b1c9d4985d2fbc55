//! The rules as documents: chosen, listed, explained, and checked by whoever writes them.

mod bench;
mod chain;
mod check;
mod choice;

use palisade_model::Level;
use palisade_rulefile::RuleFile;

use crate::error::BadDocument;
use crate::{FlowError, RuleTexts};

pub use bench::{RuleCost, bench_rules};
pub use check::{LintedRule, RuleFailure, TestedRules, lint_rules, test_rules};
pub use choice::RuleChoice;
pub(crate) use choice::{RuleSet, choose};

/// Every rule, sorted by name.
pub fn rules(texts: &RuleTexts) -> Result<Vec<RuleFile>, FlowError> {
    let mut rules: Vec<RuleFile> =
        texts.iter().map(|(name, text)| rule(name, text)).collect::<Result<_, _>>()?;
    rules.sort_by(|a, b| a.info.id.cmp(&b.info.id));
    Ok(rules)
}

/// The rule called `id`.
pub fn explain(texts: &RuleTexts, id: &str) -> Result<RuleFile, FlowError> {
    let rules = rules(texts)?;
    let names: Vec<&str> = rules.iter().map(|rule| rule.info.id.as_str()).collect();
    let near = palisade_config::nearest(id, names).map(|near| format!("did you mean `{near}`?"));
    let unknown = FlowError::Usage {
        message: format!("there is no rule `{id}`"),
        hint: Some(near.unwrap_or_else(|| "`palisade rules` lists them".to_owned())),
    };
    rules.into_iter().find(|rule| rule.info.id.as_str() == id).ok_or(unknown)
}

/// Reads the rule file `name`, which may be a path: the id is its stem.
fn rule(name: &str, text: &str) -> Result<RuleFile, FlowError> {
    let file_name = name.rsplit('/').next().unwrap_or(name);
    let (rule, problems) = RuleFile::parse(file_name, text);
    let errors = problems.into_iter().filter(|problem| problem.level == Level::Error).collect();
    rule.ok_or_else(|| {
        FlowError::Document(Box::new(BadDocument {
            name: name.to_owned(),
            text: text.to_owned(),
            problems: errors,
        }))
    })
}
