//! A file with those that it extends, as one configuration.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Level, Problem, RuleId, Span};

use crate::file::{Allowlist, Base, FileRule, GitleaksFile, Name, Required};
use crate::id::rule_id;
use crate::table::shown;
use crate::{MAX_FILES, Pattern};

/// Everything that one file and those it extends say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Configuration {
    /// Rules that look for something, by their original ids.
    pub rules: Vec<Rule>,
    /// Allowlists for every rule.
    pub allowlists: Vec<Allowlist>,
    /// Whether the built-in rules are part of it.
    pub uses_default: bool,
    /// Built-in rules that do not count, by the names of this configuration.
    pub disabled: BTreeSet<String>,
    /// Allowlists for built-in rules, by the names of this configuration.
    pub default_allowlists: BTreeMap<String, Vec<Allowlist>>,
}

/// Most states of all regexes together, about. A file of a stranger must not take all memory with regexes that are each small
/// enough; gitleaks' own default configuration has 280,000.
const MAX_WEIGHT: u64 = 4_000_000;

/// A whole rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name here.
    pub id: RuleId,
    /// Its name in the file that first has it, and the place there.
    pub original: Name,
    /// That file, as an index into the chain.
    pub file: usize,
    /// What it finds.
    pub description: Option<String>,
    /// Paths that it is for. Without a regex the file itself is the finding.
    pub path: Option<Pattern>,
    /// What it finds in a text.
    pub regex: Option<Pattern>,
    /// The group that is the secret, from 1. None is the first group that is not empty, or else the whole match.
    pub secret_group: Option<usize>,
    /// A secret must have more, in bits per byte.
    pub entropy: Option<f64>,
    /// In lower case. Without one in the text the rule is not tried; when there are none it always is.
    pub keywords: Vec<String>,
    /// Free words.
    pub tags: Vec<String>,
    /// What is no finding of it.
    pub allowlists: Vec<Allowlist>,
    /// Rules that must find something near.
    pub required: Vec<Required>,
    /// Whether it only serves other rules.
    pub skip_report: bool,
}

/// A problem and the file of the chain that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainProblem {
    /// Index into the chain.
    pub file: usize,
    /// The problem, with its place in that file.
    pub problem: Problem,
}

/// Puts `chain` together: the file that was named, then the one it extends, and so on, [`MAX_FILES`] at most. A rule of a nearer
/// file changes the rule of the same id field by field, as in gitleaks: what it gives replaces, tags, keywords and allowlists are
/// added. `is_default` knows the names of the built-in rules, which `useDefault` stands for.
///
/// Returns every problem; the configuration is none when one is an error.
pub fn assemble(
    chain: &[GitleaksFile],
    is_default: &dyn Fn(&str) -> bool,
) -> (Option<Configuration>, Vec<ChainProblem>) {
    let mut assembly = Assembly {
        rules: BTreeMap::new(),
        dropped: BTreeSet::new(),
        configuration: Configuration::default(),
        is_default,
        problems: Vec::new(),
    };
    let files: Vec<(usize, &GitleaksFile)> = chain.iter().enumerate().take(MAX_FILES).collect();
    for (index, file) in &files {
        assembly.note_default(*index, file);
    }
    assembly.weigh(&files);
    for (index, file) in files.iter().rev() {
        assembly.add(*index, file);
    }
    for (index, file) in &files {
        assembly.target(*index, file);
    }
    assembly.finish()
}

struct Assembly<'a> {
    rules: BTreeMap<String, Rule>,
    /// Rules that a nearer file switched off.
    dropped: BTreeSet<String>,
    configuration: Configuration,
    is_default: &'a dyn Fn(&str) -> bool,
    problems: Vec<ChainProblem>,
}

impl Assembly<'_> {
    fn note(&mut self, file: usize, problem: Problem) {
        self.problems.push(ChainProblem { file, problem });
    }

    fn error(&mut self, file: usize, message: impl Into<String>, span: Span) {
        self.note(file, Problem::error(message, span));
    }

    /// The built-in rules come before every file, so it must be known first whether they are there at all.
    fn note_default(&mut self, index: usize, file: &GitleaksFile) {
        match &file.base {
            Some(Base::Default(span) | Base::File(Name { span, .. })) if index + 1 == MAX_FILES => {
                let problem =
                    Problem::warning("this `extend` is not followed: it is the third in a row", *span);
                self.note(index, problem.with_hint("gitleaks follows two"));
            }
            Some(Base::Default(_)) => self.configuration.uses_default = true,
            _ => {}
        }
    }

    fn weigh(&mut self, files: &[(usize, &GitleaksFile)]) {
        let mut sum = 0_u64;
        for (index, pattern) in
            files.iter().flat_map(|(index, file)| file.patterns().map(|found| (*index, found)))
        {
            sum = sum.saturating_add(pattern.weight());
            if sum > MAX_WEIGHT {
                let problem = Problem::error("the regexes are too large together", pattern.span());
                self.note(index, problem.with_hint("lower the bounds of their repetitions"));
                return;
            }
        }
    }

    fn add(&mut self, index: usize, file: &GitleaksFile) {
        for name in &file.disabled {
            let known = self.rules.remove(&name.text).is_some();
            let known_default = self.configuration.uses_default && (self.is_default)(&name.text);
            if known {
                self.dropped.insert(name.text.clone());
            }
            if known_default {
                self.configuration.disabled.insert(name.text.clone());
            }
            if !known && !known_default {
                let message = format!("there is no rule {} to disable", shown(&name.text));
                self.note(index, Problem::warning(message, name.span));
            }
        }
        for rule in &file.rules {
            self.add_rule(index, rule);
        }
        let everywhere = file.allowlists.iter().filter(|list| list.targets.is_empty());
        self.configuration.allowlists.extend(everywhere.map(|list| list.allowlist.clone()));
    }

    fn add_rule(&mut self, index: usize, rule: &FileRule) {
        let whole = match self.rules.remove(&rule.id.text) {
            Some(base) => self.changed(index, rule, base),
            None if self.configuration.uses_default && rule.regex.is_none() && rule.path.is_none() => {
                self.change_default(index, rule);
                return;
            }
            None => match new_rule(index, rule) {
                Some(whole) => whole,
                None => return self.error(index, "this id cannot be made a rule's name", rule.id.span),
            },
        };
        // A rule with a regex of its own under the name of a built-in one inherits nothing, but what it allows holds for both.
        if self.configuration.uses_default && (self.is_default)(&rule.id.text) {
            self.allow_default(&rule.id.text, &rule.allowlists);
        }
        self.check(index, rule, &whole);
        self.rules.insert(rule.id.text.clone(), whole);
    }

    /// A rule that takes all it does not say from a built-in one.
    fn change_default(&mut self, index: usize, rule: &FileRule) {
        if !(self.is_default)(&rule.id.text) {
            let message = format!("there is no built-in rule {} to change", shown(&rule.id.text));
            let hint = "`palisade rules` lists them; give it a `regex` to make it a rule of its own";
            return self.note(index, Problem::warning(message, rule.id.span).with_hint(hint));
        }
        let more = rule.entropy.is_some()
            || rule.secret_group.is_some()
            || !rule.keywords.is_empty()
            || !rule.required.is_empty()
            || rule.skip_report.is_some();
        if more {
            let problem =
                Problem::warning("of a change to a built-in rule only the allowlists count", rule.id.span);
            self.note(index, problem.with_hint("give it a `regex` to make it a rule of its own"));
        }
        self.allow_default(&rule.id.text, &rule.allowlists);
    }

    fn allow_default(&mut self, id: &str, allowlists: &[Allowlist]) {
        if !allowlists.is_empty() {
            let lists = self.configuration.default_allowlists.entry(id.to_owned()).or_default();
            lists.extend(allowlists.iter().cloned());
        }
    }

    fn changed(&mut self, index: usize, rule: &FileRule, mut base: Rule) -> Rule {
        if !rule.required.is_empty() || rule.skip_report.is_some() {
            let message = "`required` and `skipReport` of a rule that changes an extended one have no effect";
            let problem = Problem::warning(message, rule.id.span);
            self.note(index, problem.with_hint("as in gitleaks; say it where the rule is first"));
        }
        base.description = rule.description.clone().or(base.description);
        base.entropy = rule.entropy.or(base.entropy);
        base.secret_group = rule.secret_group.map(|(group, _)| group).or(base.secret_group);
        base.regex = rule.regex.clone().or(base.regex);
        base.path = rule.path.clone().or(base.path);
        base.tags.extend(rule.tags.iter().cloned());
        base.keywords.extend(rule.keywords.iter().cloned());
        base.allowlists.extend(rule.allowlists.iter().cloned());
        base
    }

    fn check(&mut self, index: usize, rule: &FileRule, whole: &Rule) {
        if whole.regex.is_none() && whole.path.is_none() {
            let problem = Problem::error("a rule needs `regex` or `path`", rule.id.span);
            self.note(index, problem.with_label("this one has neither"));
        }
        let groups = whole.regex.as_ref().map_or(usize::MAX, Pattern::groups);
        if let Some(group) = whole.secret_group.filter(|group| *group > groups) {
            let span = rule.secret_group.map_or(rule.id.span, |(_, span)| span);
            let message = format!("there is no group {group} in the regex, which has {groups}");
            self.error(index, message, span);
        }
    }

    /// Hands the allowlists for certain rules to these.
    fn target(&mut self, index: usize, file: &GitleaksFile) {
        for list in &file.allowlists {
            for name in &list.targets {
                let of_default = self.configuration.uses_default && (self.is_default)(&name.text);
                if of_default {
                    self.allow_default(&name.text, std::slice::from_ref(&list.allowlist));
                }
                match self.rules.get_mut(&name.text) {
                    Some(rule) => rule.allowlists.push(list.allowlist.clone()),
                    None if of_default => {}
                    None => self.no_target(index, name),
                }
            }
        }
    }

    fn no_target(&mut self, index: usize, name: &Name) {
        let message = format!("there is no rule {}", shown(&name.text));
        let lenient = index > 0 || self.configuration.uses_default || self.dropped.contains(&name.text);
        self.note(
            index,
            if lenient { Problem::warning(message, name.span) } else { Problem::error(message, name.span) },
        );
    }

    fn finish(mut self) -> (Option<Configuration>, Vec<ChainProblem>) {
        let rules = std::mem::take(&mut self.rules);
        for rule in rules.values() {
            for required in rule.required.iter().filter(|required| !rules.contains_key(&required.id.text)) {
                self.missing(rule, required);
            }
        }
        let mut names: BTreeMap<RuleId, &Rule> = BTreeMap::new();
        for rule in rules.values() {
            if let Some(other) = names.insert(rule.id.clone(), rule) {
                let ids = [&rule.original.text, &other.original.text].map(|id| shown(id));
                let message = format!("{} and {} are the same name here, `{}`", ids[0], ids[1], rule.id);
                let problem = Problem::error(message, rule.original.span);
                let hint = "names here are lower-case letters, digits and dashes; rename one of the rules";
                self.note(rule.file, problem.with_hint(hint));
            }
        }
        let refused = self.problems.iter().any(|found| found.problem.level == Level::Error);
        self.configuration.rules = rules.into_values().collect();
        ((!refused).then_some(self.configuration), self.problems)
    }

    fn missing(&mut self, rule: &Rule, required: &Required) {
        let message = format!("there is no rule {}", shown(&required.id.text));
        let span = required.id.span;
        if self.dropped.contains(&required.id.text) {
            let message = format!("{message} any more, so that {} finds nothing", shown(&rule.original.text));
            return self.note(rule.file, Problem::warning(message, rule.original.span));
        }
        let problem = Problem::error(message, span);
        self.note(rule.file, problem.with_hint("`required` names another rule by its `id`"));
    }
}

fn new_rule(file: usize, rule: &FileRule) -> Option<Rule> {
    Some(Rule {
        id: rule_id(&rule.id.text)?,
        original: rule.id.clone(),
        file,
        description: rule.description.clone(),
        path: rule.path.clone(),
        regex: rule.regex.clone(),
        secret_group: rule.secret_group.map(|(group, _)| group),
        entropy: rule.entropy,
        keywords: rule.keywords.clone(),
        tags: rule.tags.clone(),
        allowlists: rule.allowlists.clone(),
        required: rule.required.clone(),
        skip_report: rule.skip_report.is_some(),
    })
}
