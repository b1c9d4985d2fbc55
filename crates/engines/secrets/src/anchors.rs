use std::collections::BTreeMap;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, MatchKind};
use palisade_model::{Encoding, Span};

use crate::compile::{Rule, RuleError};
use crate::encoded::SEEDS;

/// Streams that are walked at once. One walk waits for the memory at every byte; four wait together.
const LANES: usize = 4;
/// Texts shorter than this are walked in one stream.
const MIN_LANES_TEXT: usize = 1024;

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
    automaton: DFA,
    keywords: Vec<Keyword>,
    longest: usize,
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
        let too_many = |message: String| RuleError::Keywords { message };
        if owners.len() > usize::from(u16::MAX) || rules.len() > usize::from(u16::MAX) {
            return Err(too_many(format!("{} of {} rules", owners.len(), rules.len())));
        }
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(owners.keys())
            .map_err(|error| too_many(error.to_string()))?;
        let longest = owners.keys().map(String::len).max().unwrap_or(0);
        let keyword = |(text, owners): (String, Vec<u16>)| Keyword {
            length: u32::try_from(text.len()).unwrap_or(u32::MAX),
            owners,
            seed: seeds.get(text.as_str()).copied(),
        };
        Ok(Self { automaton, keywords: owners.into_iter().map(keyword).collect(), longest })
    }

    /// Length of the longest keyword, in bytes.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
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
        let text = text.get(..within.end).unwrap_or(text);
        let mut found = Vec::new();
        let length = text.len().saturating_sub(within.start);
        if length < MIN_LANES_TEXT {
            self.walk(text, within.start, within.start, &mut found);
            return found;
        }
        let part = length / LANES;
        let lead = self.longest.saturating_sub(1);
        // The first lane begins at the start, the others a keyword's length before their part, so that none is missed between.
        let start = |lane: usize| within.start + lane * part;
        let begin =
            |lane: usize| start(lane).saturating_sub(if lane == 0 { 0 } else { lead }).max(within.start);
        let lane = |lane: usize| text.get(begin(lane)..).unwrap_or_default().get(..part).unwrap_or_default();
        let root = self.root();
        let mut states = [root; LANES];
        let mut anchors: [Vec<Anchor>; LANES] = Default::default();
        let [mut s0, mut s1, mut s2, mut s3] = states;
        let bytes = lane(0).iter().zip(lane(1)).zip(lane(2)).zip(lane(3)).enumerate();
        for (at, (((b0, b1), b2), b3)) in bytes {
            s0 = self.automaton.next_state(Anchored::No, s0, *b0);
            s1 = self.automaton.next_state(Anchored::No, s1, *b1);
            s2 = self.automaton.next_state(Anchored::No, s2, *b2);
            s3 = self.automaton.next_state(Anchored::No, s3, *b3);
            let special = self.automaton.is_special(s0)
                | self.automaton.is_special(s1)
                | self.automaton.is_special(s2)
                | self.automaton.is_special(s3);
            if special {
                states = [s0, s1, s2, s3];
                for (number, (state, anchors)) in states.iter().zip(&mut anchors).enumerate() {
                    self.note(*state, begin(number) + at + 1, start(number), anchors);
                }
            }
        }
        states = [s0, s1, s2, s3];
        for (number, (state, mut anchors)) in states.into_iter().zip(anchors).enumerate() {
            let end = if number + 1 == LANES { text.len() } else { start(number + 1) };
            let done = begin(number) + part;
            let rest = text.get(done..end).unwrap_or_default();
            self.walk_from(state, rest, done, start(number), &mut anchors);
            found.append(&mut anchors);
        }
        found
    }

    fn root(&self) -> StateID {
        // The automaton has an unanchored start, so this cannot fail.
        self.automaton.start_state(Anchored::No).unwrap_or_default()
    }

    fn walk(&self, text: &[u8], from: usize, after: usize, found: &mut Vec<Anchor>) {
        self.walk_from(self.root(), text.get(from..).unwrap_or_default(), from, after, found);
    }

    fn walk_from(
        &self,
        mut state: StateID,
        bytes: &[u8],
        offset: usize,
        after: usize,
        found: &mut Vec<Anchor>,
    ) {
        for (at, byte) in bytes.iter().enumerate() {
            state = self.automaton.next_state(Anchored::No, state, *byte);
            if self.automaton.is_special(state) {
                self.note(state, offset + at + 1, after, found);
            }
        }
    }

    /// Notes the keywords that end at `end`, if that is past `after`.
    fn note(&self, state: StateID, end: usize, after: usize, found: &mut Vec<Anchor>) {
        if end <= after || !self.automaton.is_match(state) {
            return;
        }
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        for index in 0..self.automaton.match_len(state) {
            let pattern = self.automaton.match_pattern(state, index).as_usize();
            found.push(Anchor { end, keyword: u16::try_from(pattern).unwrap_or(u16::MAX) });
        }
    }
}
