use std::collections::BTreeMap;

use palisade_model::{Encoding, Span};

use crate::compile::{Rule, RuleError};
use crate::encoded::{may_begin, seeds};
pub(crate) use crate::sieve::Hit as Anchor;
use crate::sieve::{Sieve, TooManyWords};

/// Bytes that are searched at once, so that what is found in them does not add up.
const PART: usize = 256 * 1024;

/// One sieve over the keywords of all rules: how most text is found to be of no interest, at the speed of one pass.
pub(crate) struct Anchors {
    sieve: Sieve,
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
        let seeds: BTreeMap<&str, Encoding> = seeds().collect();
        for seed in seeds.keys() {
            owners.entry((*seed).to_owned()).or_default();
        }
        let too_many = |_| RuleError::TooManyKeywords { keywords: owners.len() };
        let words: Vec<_> = owners.keys().map(|word| word.as_bytes()).collect();
        if rules.len() > usize::from(u16::MAX) {
            return Err(too_many(TooManyWords));
        }
        let sieve = Sieve::new(&words).map_err(too_many)?;
        let keyword = |(text, owners): (String, Vec<u16>)| Keyword {
            length: u32::try_from(text.len()).unwrap_or(u32::MAX),
            owners,
            seed: seeds.get(text.as_str()).copied(),
        };
        Ok(Self { sieve, keywords: owners.into_iter().map(keyword).collect() })
    }

    /// Length of the longest keyword, in bytes.
    pub(crate) const fn longest(&self) -> usize {
        self.sieve.longest()
    }

    /// The place of `anchor`.
    pub(crate) fn span(&self, anchor: Anchor) -> Span {
        let length = self.keywords.get(usize::from(anchor.word)).map_or(0, |keyword| keyword.length);
        Span::new(anchor.end.saturating_sub(length) as usize, anchor.end as usize)
    }

    /// Indices of the rules that are to be tried around `anchor`.
    pub(crate) fn owners(&self, anchor: Anchor) -> &[u16] {
        self.keywords.get(usize::from(anchor.word)).map_or(&[], |keyword| &keyword.owners)
    }

    /// The encoding that `anchor` begins, if it does.
    pub(crate) fn seed(&self, anchor: Anchor) -> Option<Encoding> {
        self.keywords.get(usize::from(anchor.word)).and_then(|keyword| keyword.seed)
    }

    /// Gives `take` all keywords that lie whole in `within`, in parts, in order. What begins an encoding is left out where none can
    /// begin, which depends on [`crate::encoded::RUN_REACH`] bytes from its start on. The text has at most 4 GiB.
    pub(crate) fn find(&self, text: &[u8], within: Span, mut take: impl FnMut(&[Anchor])) {
        let lead = self.longest().saturating_sub(1);
        let mut found = Vec::new();
        let mut at = within.start;
        while at < within.end {
            let end = within.end.min(at + PART);
            let before = u32::try_from(at).unwrap_or(u32::MAX);
            let part = text.get(..end).unwrap_or_default();
            self.sieve.find(part, at.saturating_sub(lead).max(within.start), &mut found);
            found.retain(|anchor| (anchor.end > before) && self.is_of_use(text, *anchor));
            found.sort();
            take(&found);
            found.clear();
            at = end;
        }
    }

    fn is_of_use(&self, text: &[u8], anchor: Anchor) -> bool {
        let seed = self.seed(anchor);
        seed.is_none_or(|encoding| {
            !self.owners(anchor).is_empty() || may_begin(text, encoding, self.span(anchor))
        })
    }
}
