use std::collections::BTreeMap;

use palisade_model::{Encoding, Span};

use crate::automaton::{Automaton, Hit, TooManyWords};
use crate::compile::{Rule, RuleError};
use crate::encoded::SEEDS;

/// A keyword in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Anchor {
    /// One past its last byte.
    pub(crate) end: u32,
    /// Which keyword.
    pub(crate) keyword: u16,
}

/// One automaton over the keywords of all rules: how most text is found to be of no interest, at the speed of one pass.
pub(crate) struct Anchors {
    automaton: Automaton,
    keywords: Vec<Keyword>,
}

struct Keyword {
    length: u32,
    /// The rules that have it.
    owners: Vec<u16>,
    /// The encoding that it begins.
    seed: Option<Encoding>,
}

impl Anchors {
    pub(crate) fn new(rules: &[Rule]) -> Result<Self, RuleError> {
        let mut owners: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        for (index, rule) in (0_u16..).zip(rules) {
            for keyword in &rule.keywords {
                let owners = owners.entry(keyword.to_ascii_lowercase()).or_default();
                if owners.last() != Some(&index) {
                    owners.push(index);
                }
            }
        }
        let seeds: BTreeMap<&str, Encoding> = SEEDS.iter().copied().collect();
        for seed in seeds.keys() {
            owners.entry((*seed).to_owned()).or_default();
        }
        let too_many = |_| RuleError::TooManyKeywords { keywords: owners.len() };
        let words: Vec<_> = owners.keys().map(|word| word.as_bytes()).collect();
        if rules.len() > usize::from(u16::MAX) {
            return Err(too_many(TooManyWords));
        }
        let automaton = Automaton::new(&words).map_err(too_many)?;
        let keyword = |(text, owners): (String, Vec<u16>)| Keyword {
            length: u32::try_from(text.len()).unwrap_or(u32::MAX),
            owners,
            seed: seeds.get(text.as_str()).copied(),
        };
        Ok(Self { automaton, keywords: owners.into_iter().map(keyword).collect() })
    }

    /// Length of the longest keyword, in bytes.
    pub(crate) const fn longest(&self) -> usize {
        self.automaton.longest()
    }

    /// The place of `anchor`.
    pub(crate) fn span(&self, anchor: Anchor) -> Span {
        let length = self.keywords.get(usize::from(anchor.keyword)).map_or(0, |keyword| keyword.length);
        Span::new(anchor.end.saturating_sub(length) as usize, anchor.end as usize)
    }

    /// Indices of the rules that are to be tried around `anchor`.
    pub(crate) fn owners(&self, anchor: Anchor) -> &[u16] {
        self.keywords.get(usize::from(anchor.keyword)).map_or(&[], |keyword| &keyword.owners)
    }

    /// The encoding that `anchor` begins, if it does.
    pub(crate) fn seed(&self, anchor: Anchor) -> Option<Encoding> {
        self.keywords.get(usize::from(anchor.keyword)).and_then(|keyword| keyword.seed)
    }

    /// All keywords that lie whole in `within`, in the order of their ends. The text has at most 4 GiB.
    pub(crate) fn find(&self, text: &[u8], within: Span) -> Vec<Anchor> {
        let hits =
            self.automaton.find(text.get(within.start..within.end.min(text.len())).unwrap_or_default());
        let anchor = |hit: Hit| Anchor {
            end: u32::try_from(within.start + hit.end).unwrap_or(u32::MAX),
            keyword: hit.word,
        };
        hits.into_iter().map(anchor).collect()
    }
}
