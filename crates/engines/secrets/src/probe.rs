use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use palisade_model::{Engine, Entry, EntryMeta, RuleId, Sink, Span};
use palisade_rulefile::RuleFile;

use crate::{RuleError, SecretsEngine};

/// One rule by itself, to see what it costs.
#[derive(Debug)]
pub struct RuleProbe {
    rule: RuleId,
    engine: SecretsEngine,
    keywords: AhoCorasick,
    window: usize,
}

/// Where a rule is to be tried in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeWindows {
    anchors: u64,
    windows: Vec<Span>,
}

/// What a rule did in one text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleTry {
    /// How often a keyword occurred.
    pub anchors: u64,
    /// Windows around them.
    pub windows: u64,
    /// Bytes in the windows.
    pub window_bytes: u64,
    /// Findings.
    pub matches: u64,
}

impl RuleProbe {
    /// Makes `rule` ready.
    ///
    /// # Errors
    /// Those of [`SecretsEngine::new`].
    pub fn new(rule: RuleFile) -> Result<Self, RuleError> {
        let keywords = AhoCorasickBuilder::new().ascii_case_insensitive(true).build(&rule.matcher.keywords);
        let keywords =
            keywords.map_err(|_| RuleError::TooManyKeywords { keywords: rule.matcher.keywords.len() })?;
        let (id, window) = (rule.info.id.clone(), rule.matcher.window);
        Ok(Self { rule: id, engine: SecretsEngine::new(vec![rule], b"probe")?, keywords, window })
    }

    /// The rule's name.
    pub const fn rule(&self) -> &RuleId {
        &self.rule
    }

    /// Finds the rule's keywords in `text`, and the windows around them, merged where they touch.
    pub fn windows(&self, text: &[u8]) -> ProbeWindows {
        let mut found = ProbeWindows { anchors: 0, windows: Vec::new() };
        for hit in self.keywords.find_overlapping_iter(text) {
            found.anchors += 1;
            let start = hit.start().saturating_sub(self.window);
            let end = hit.end().saturating_add(self.window).min(text.len());
            match found.windows.last_mut() {
                Some(last) if start <= last.end => {
                    *last = Span::new(last.start.min(start), last.end.max(end));
                }
                _ => found.windows.push(Span::new(start, end)),
            }
        }
        found
    }

    /// Tries the rule in `windows` of `entry`, each as a text of its own.
    pub fn attempt(&self, entry: &Entry<'_>, windows: &ProbeWindows) -> RuleTry {
        let mut tried = RuleTry { anchors: windows.anchors, ..RuleTry::default() };
        for window in &windows.windows {
            let bytes = entry.bytes.get(window.start..window.end).unwrap_or_default();
            let mut sink = Sink::new();
            let meta = EntryMeta { size: bytes.len() as u64, ..entry.meta };
            self.engine.entry(&Entry { meta, bytes }, &mut sink);
            tried.windows += 1;
            tried.window_bytes += bytes.len() as u64;
            tried.matches += sink.into_parts().0.len() as u64;
        }
        tried
    }
}
