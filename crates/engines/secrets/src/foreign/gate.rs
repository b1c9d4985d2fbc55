use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

use crate::RuleError;

/// Knows from the keywords in a text which rules are to be tried on it.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    automaton: Option<AhoCorasick>,
    /// For each keyword the rules that have it.
    owners: Vec<Vec<usize>>,
    /// Rules without keywords.
    always: BTreeSet<usize>,
}

impl Gate {
    /// `keywords` of each rule, in lower case.
    pub(crate) fn new<'k>(keywords: impl Iterator<Item = &'k [String]>) -> Result<Self, RuleError> {
        let mut owners: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut always = BTreeSet::new();
        for (index, keywords) in keywords.enumerate() {
            // An empty keyword is in every text.
            if keywords.iter().all(String::is_empty) || keywords.iter().any(String::is_empty) {
                always.insert(index);
                continue;
            }
            for keyword in keywords {
                // The automaton folds the case of ASCII only.
                let spellings = BTreeSet::from([keyword.clone(), keyword.to_uppercase()]);
                let spellings = spellings.into_iter().map(|spelling| match spelling.is_ascii() {
                    true => spelling.to_ascii_lowercase(),
                    false => spelling,
                });
                for spelling in spellings.collect::<BTreeSet<_>>() {
                    owners.entry(spelling).or_default().push(index);
                }
            }
        }
        let automaton = AhoCorasickBuilder::new().ascii_case_insensitive(true).build(owners.keys());
        let automaton = automaton.map_err(|_| RuleError::TooManyKeywords { keywords: owners.len() })?;
        Ok(Self {
            automaton: (!owners.is_empty()).then_some(automaton),
            owners: owners.into_values().collect(),
            always,
        })
    }

    /// Indices of the rules to be tried on `text`, in order.
    pub(crate) fn open(&self, text: &[u8]) -> BTreeSet<usize> {
        let mut open = self.always.clone();
        let Some(automaton) = &self.automaton else { return open };
        let mut unseen: BTreeSet<usize> = (0..self.owners.len()).collect();
        for hit in automaton.find_overlapping_iter(text) {
            let keyword = hit.pattern().as_usize();
            if unseen.remove(&keyword) {
                open.extend(self.owners.get(keyword).into_iter().flatten());
            }
            if unseen.is_empty() {
                break;
            }
        }
        open
    }
}
