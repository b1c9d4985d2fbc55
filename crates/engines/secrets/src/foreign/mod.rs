//! Rules that were written for gitleaks, run as gitleaks runs them: over the whole text of a file, once one of their keywords
//! occurs anywhere in it.
//!
//! What an allowlist lets pass depends on who wrote it, see [`Standing`]. Entry points: [`ForeignRules::find`] for each text of an
//! entry, [`ForeignRules::find_by_path`] once for each entry, [`ForeignRules::allowance`] for what a built-in rule found.

mod allow;
mod composite;
mod defaults;
mod ending;
mod gate;
mod lazy;
mod report;
mod rule;
mod scene;
mod search;

use std::collections::{BTreeMap, BTreeSet};

use palisade_gitleaks::Configuration;
use palisade_model::{RuleId, RuleInfo, Span};

use crate::RuleError;
use crate::foreign::allow::Allow;
pub use crate::foreign::defaults::{built_in_rules, is_known_default};
use crate::foreign::gate::Gate;
pub(crate) use crate::foreign::report::{Allowances, candidates, member_path, path_finding};
use crate::foreign::rule::ForeignRule;
use crate::foreign::scene::Scene;

/// Whose word an allowlist is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The user named the file: what it allows is no finding.
    Named,
    /// The file lies in what is scanned: what it allows stays a finding, with the reason why it may not count.
    Found,
}

/// One configuration and where it comes from.
#[derive(Debug, Clone)]
pub struct ForeignSet {
    /// How the user knows it, such as `.gitleaks.toml`.
    pub name: String,
    /// What it says.
    pub configuration: Configuration,
    /// What its allowlists are worth.
    pub standing: Standing,
    /// Paths of its own files, as entries have them; its rules do not look at these.
    pub own_paths: BTreeSet<String>,
}

/// What is to be said of a finding that an allowlist lets pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// Which file allows it, and why.
    pub reason: String,
    /// Whose word it is.
    pub standing: Standing,
}

/// What a foreign rule found. Holds places, not the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignHit {
    /// Index of the rule, for [`ForeignRules::info`].
    pub rule: usize,
    /// The secret; empty when the file itself is the finding.
    pub secret: Span,
    /// All that the regex matched, without line feeds at its ends.
    pub whole: Span,
    /// Why it may not count; only of a set whose standing is [`Standing::Found`].
    pub allowed: Option<String>,
}

/// What was found in one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignFound {
    /// By rule, then place.
    pub hits: Vec<ForeignHit>,
    /// What was not looked at, each the detail of a blocking gap.
    pub gaps: Vec<String>,
}

/// A regex that reads well and cannot be compiled within its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignError {
    /// Index of the set.
    pub set: usize,
    /// Index of the file in the set's chain.
    pub file: usize,
    /// The place in it: the rule's id.
    pub span: Span,
    /// What is wrong: lower-case, no final stop.
    pub message: String,
}

/// All foreign rules of a scan, ready to be tried. Regexes are compiled when they are first needed, because most never are.
#[derive(Debug, Default)]
pub struct ForeignRules {
    sets: Vec<Set>,
    rules: Vec<ForeignRule>,
    gate: Gate,
}

/// What belongs to a configuration as a whole.
#[derive(Debug)]
struct Set {
    name: String,
    standing: Standing,
    own_paths: BTreeSet<String>,
    allow: Vec<Allow>,
    uses_default: bool,
    disabled: BTreeSet<RuleId>,
    default_allow: BTreeMap<RuleId, Vec<Allow>>,
}

impl ForeignRules {
    /// Makes the rules of `sets` ready. A rule whose name is among `taken`, the names of other rules, or in an earlier set is known as
    /// `gitleaks-NAME` instead.
    ///
    /// # Errors
    /// [`RuleError::Duplicate`] when that name is taken too, [`RuleError::TooManyKeywords`] when the keywords do not fit into one automaton.
    pub fn new(sets: Vec<ForeignSet>, taken: &BTreeSet<RuleId>) -> Result<Self, RuleError> {
        let mut taken = taken.clone();
        let mut made = Self::default();
        for (index, set) in sets.into_iter().enumerate() {
            let first = made.rules.len();
            let mut names = BTreeMap::new();
            for (offset, rule) in set.configuration.rules.iter().enumerate() {
                names.insert(rule.original.text.clone(), first + offset);
                let id = free_name(&rule.id, &taken)?;
                taken.insert(id.clone());
                made.rules.push(ForeignRule::new(rule, id, index, &set.name));
            }
            for (offset, rule) in set.configuration.rules.iter().enumerate() {
                if let Some(made) = made.rules.get_mut(first + offset) {
                    made.require(&rule.required, &names);
                }
            }
            made.sets.push(Set::new(set));
        }
        made.gate = Gate::new(made.rules.iter().map(ForeignRule::keywords))?;
        Ok(made)
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is neither a rule nor an allowlist.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// What reports need to know of a rule.
    pub fn info(&self, rule: usize) -> Option<&RuleInfo> {
        self.rules.get(rule).map(ForeignRule::info)
    }

    /// The rules in the order of their indices.
    pub fn infos(&self) -> impl Iterator<Item = &RuleInfo> {
        self.rules.iter().map(ForeignRule::info)
    }

    /// Compiles every regex. For the side that can tell the user; the side that scans compiles what it needs.
    ///
    /// # Errors
    /// Every rule with a regex that is too large.
    pub fn check(&self) -> Result<(), Vec<ForeignError>> {
        let wrong = |rule: &ForeignRule| {
            let message = rule.compile().err()?;
            Some(ForeignError { set: rule.set(), file: rule.file(), span: rule.span(), message })
        };
        let wrong: Vec<_> = self.rules.iter().filter_map(wrong).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// Tries every rule with a regex on `text`, the content of `path` or a decoded part of it. The path is written as reports show
    /// it, members of archives after `!`; when it is not known, rules that are for some paths only are tried too.
    pub fn find(&self, path: Option<&str>, text: &[u8]) -> ForeignFound {
        search::find(self, &Scene::new(path.unwrap_or_default(), text))
    }

    /// Tries every rule that is for paths alone; one with keywords needs one of them in `content`, as any other.
    pub fn find_by_path(&self, path: &str, content: &[u8]) -> Vec<ForeignHit> {
        search::find_by_path(self, &Scene::new(path, content))
    }

    /// Whether a rule for paths alone may be for a file of this last name.
    pub(crate) fn may_want_file(&self, name: &[u8]) -> bool {
        self.rules.iter().filter_map(ForeignRule::path_alone).any(|path| path.may_end_with(name))
    }

    /// Whether a rule for paths alone is for this one, whatever is in the file.
    pub(crate) fn wants_path(&self, path: &str) -> bool {
        let scene = Scene::new(path, b"");
        self.rules.iter().filter_map(ForeignRule::path_alone).any(|path| path.is_match(&scene))
    }

    /// What the rules and allowlists ask of a path, each with 1 where it is so: of one content they say the same under all paths of which
    /// this is the same.
    pub(crate) fn judged_as(&self, path: &str) -> Vec<u8> {
        let scene = Scene::new(path, b"");
        let of_sets = self.sets.iter().flat_map(Set::lists).flat_map(Allow::paths);
        let asked = self.rules.iter().flat_map(ForeignRule::paths).chain(of_sets);
        let owned = self.sets.iter().map(|set| set.own_paths.contains(path));
        asked.map(|regex| regex.is_match(&scene)).chain(owned).map(u8::from).collect()
    }

    /// Whether a configuration that stands on the built-in rules lets pass what the built-in `rule` found at `secret`.
    pub fn allowance(&self, rule: &RuleId, path: &str, text: &[u8], secret: Span) -> Option<Allowance> {
        if self.sets.is_empty() {
            return None;
        }
        let scene = Scene::new(path, text);
        let mut sets: Vec<&Set> = self.sets.iter().filter(|set| set.uses_default).collect();
        sets.sort_by_key(|set| set.standing);
        sets.into_iter().find_map(|set| set.allowance(rule, &scene, secret))
    }

    /// Whether what `rule`, foreign or built-in, found in `commit` is let pass for the commit alone. A list that asks for more than
    /// the commit (`condition = "AND"`) lets nothing pass here, because the text is gone by then.
    pub fn allows_commit(&self, rule: &RuleId, commit: &str) -> Option<Allowance> {
        let commit = commit.to_ascii_lowercase();
        let foreign = self.rules.iter().find(|foreign| foreign.info().id == *rule);
        self.sets.iter().enumerate().find_map(|(index, set)| {
            let of_rule = foreign.filter(|foreign| foreign.set() == index);
            let lists = match (of_rule, set.uses_default && foreign.is_none()) {
                (Some(foreign), _) => foreign.allow(),
                (None, true) => set.default_allow.get(rule).map_or(&[][..], Vec::as_slice),
                (None, false) => return None,
            };
            let allow = lists.iter().chain(&set.allow).find(|allow| allow.allows_commit(&commit))?;
            Some(set.allowed(allow))
        })
    }

    fn set(&self, rule: &ForeignRule) -> Option<&Set> {
        self.sets.get(rule.set())
    }
}

impl Set {
    fn new(set: ForeignSet) -> Self {
        let ForeignSet { name, configuration, standing, own_paths } = set;
        let Configuration { allowlists, uses_default, disabled, default_allowlists, .. } = configuration;
        let rules_of = |name: &str| built_in_rules(name).into_iter();
        let mut default_allow: BTreeMap<RuleId, Vec<Allow>> = BTreeMap::new();
        for (name, lists) in &default_allowlists {
            for rule in rules_of(name) {
                default_allow.entry(rule).or_default().extend(lists.iter().map(Allow::new));
            }
        }
        Self {
            allow: allowlists.iter().map(Allow::new).collect(),
            disabled: disabled.iter().flat_map(|name| rules_of(name)).collect(),
            default_allow,
            name,
            standing,
            own_paths,
            uses_default,
        }
    }

    /// Its allowlists, without those of rules of its own.
    fn lists(&self) -> impl Iterator<Item = &Allow> {
        self.allow.iter().chain(self.default_allow.values().flatten())
    }

    fn allowance(&self, rule: &RuleId, scene: &Scene<'_>, secret: Span) -> Option<Allowance> {
        if self.disabled.contains(rule) {
            let reason = format!("the rule is disabled in {}", self.name);
            return Some(Allowance { reason, standing: self.standing });
        }
        let own = self.default_allow.get(rule).map_or(&[][..], Vec::as_slice);
        let allow = self.allow.iter().chain(own).find(|allow| allow.allows(scene, secret, secret))?;
        Some(self.allowed(allow))
    }

    fn allowed(&self, allow: &Allow) -> Allowance {
        let reason = match allow.description() {
            Some(description) => format!("{}: {description}", self.name),
            None => format!("an allowlist of {}", self.name),
        };
        Allowance { reason, standing: self.standing }
    }
}

fn free_name(id: &RuleId, taken: &BTreeSet<RuleId>) -> Result<RuleId, RuleError> {
    if !taken.contains(id) {
        return Ok(id.clone());
    }
    let prefixed = RuleId::new(&format!("gitleaks-{id}")).filter(|prefixed| !taken.contains(prefixed));
    prefixed.ok_or_else(|| RuleError::Duplicate { rule: id.clone() })
}
