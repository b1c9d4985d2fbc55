use std::collections::BTreeMap;

use palisade_model::{Digest, Hasher, RuleId, RuleInfo};

use crate::{RuleFile, Search};

/// What an engine of functions can find. Each check is code, and everything else about it stands in the rule file of its name.
pub trait RuleCheck: Copy + Ord + 'static {
    /// All of the engine's checks.
    const ALL: &'static [Self];

    /// The name of its rule.
    fn name(self) -> &'static str;
}

/// Rules that do not fit an engine of functions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfitRules {
    /// A rule names no check of the engine, or is not matched by a function.
    #[error("rule `{rule}`: this engine has no check of that name")]
    NoCheck {
        /// The rule.
        rule: RuleId,
    },
    /// A check has no rule.
    #[error("there is no rule for the check `{check}`")]
    NoRule {
        /// The check.
        check: &'static str,
    },
}

/// The rules of an engine of functions, one for each of its checks.
#[derive(Debug, Clone)]
pub struct CheckRules<C> {
    by_check: BTreeMap<C, RuleInfo>,
    digest: Digest,
}

impl<C: RuleCheck> CheckRules<C> {
    /// Takes over the rules; each check has to have one, and each rule a check.
    pub fn new(mut files: Vec<RuleFile>) -> Result<Self, UnfitRules> {
        files.sort_by(|one, other| (&one.info.id, one.digest).cmp(&(&other.info.id, other.digest)));
        let mut hasher = Hasher::new();
        let mut by_check = BTreeMap::new();
        for file in files {
            hasher.update(format!("{} {}\n", file.info.id, file.digest).as_bytes());
            let check = C::ALL.iter().find(|check| check.name() == file.info.id.as_str());
            match check.filter(|_| file.matcher.search == Search::Function) {
                Some(check) => by_check.insert(*check, file.info),
                None => return Err(UnfitRules::NoCheck { rule: file.info.id }),
            };
        }
        match C::ALL.iter().find(|check| !by_check.contains_key(check)) {
            Some(check) => Err(UnfitRules::NoRule { check: check.name() }),
            None => Ok(Self { by_check, digest: hasher.finish() }),
        }
    }

    /// What reports say of a check; none only for one that [`RuleCheck::ALL`] leaves out.
    pub fn info(&self, check: C) -> Option<&RuleInfo> {
        self.by_check.get(&check)
    }

    /// The rule of this name.
    pub fn by_id(&self, id: &RuleId) -> Option<&RuleInfo> {
        self.by_check.values().find(|info| info.id == *id)
    }

    /// The names of the rules, in the order of the checks.
    pub fn ids(&self) -> impl Iterator<Item = &RuleId> {
        self.by_check.values().map(|info| &info.id)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.by_check.len()
    }

    /// The digest of all rule files, whatever the order they came in.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Two {
        Second,
        First,
    }

    impl RuleCheck for Two {
        const ALL: &'static [Self] = &[Self::Second, Self::First];

        fn name(self) -> &'static str {
            match self {
                Self::Second => "second",
                Self::First => "first",
            }
        }
    }

    fn rule(name: &str, matcher: &str) -> RuleFile {
        let text = format!(
            "+++\nid = \"{name}\"\ntitle = \"Title\"\nseverity = \"low\"\nconfidence = \"low\"\ncwe = []\ntags = [\"test\"]\n\
             since = \"0.1.0\"\nsource = \"https://example.com/\"\n[match]\n{matcher}\n+++\nWhy.\n\n## Fix\nMend it.\n"
        );
        let (rule, problems) = RuleFile::parse_without_examples(name, &text);
        rule.unwrap_or_else(|| panic!("{problems:?}"))
    }

    fn function(name: &str) -> RuleFile {
        rule(name, "function = true")
    }

    #[test]
    fn each_check_has_its_rule_whatever_the_order() {
        let rules = CheckRules::<Two>::new(vec![function("first"), function("second")]).unwrap();
        let turned = CheckRules::<Two>::new(vec![function("second"), function("first")]).unwrap();
        assert_eq!(rules.digest(), turned.digest());
        assert_eq!(rules.info(Two::First).unwrap().id.as_str(), "first");
        assert_eq!(rules.by_id(&RuleId::new("second").unwrap()), rules.info(Two::Second));
        assert_eq!((rules.count(), rules.ids().count()), (2, 2));
    }

    #[test]
    fn a_rule_without_a_check_and_a_check_without_a_rule_are_refused() {
        let refused = |files| CheckRules::<Two>::new(files).unwrap_err();
        assert_eq!(refused(vec![function("second")]), UnfitRules::NoRule { check: "first" });
        let third = vec![function("first"), function("second"), function("third")];
        assert_eq!(refused(third), UnfitRules::NoCheck { rule: RuleId::new("third").unwrap() });
        let pattern = rule("second", "keywords = [\"abc\"]\nregex = 'abc[0-9]'");
        assert_eq!(
            refused(vec![function("first"), pattern]),
            UnfitRules::NoCheck { rule: RuleId::new("second").unwrap() }
        );
    }
}
