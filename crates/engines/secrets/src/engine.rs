use std::fmt;

use palisade_model::{
    Digest, Engine, Entry, EntryMeta, Finding, Fingerprint, GapKind, Hasher, LineIndex, Location, RepoPath,
    RuleId, RuleInfo, Sink, Span,
};
use palisade_rulefile::RuleFile;

use crate::anchors::Anchors;
use crate::candidate::{Candidate, Identity};
use crate::compile::{Rule, RuleError};
use crate::excerpt::Masker;
use crate::fingerprint::Fingerprinter;
use crate::known::{Known, KnownSecrets};
use crate::marker::Markers;
use crate::overlap;
use crate::place::Places;
use crate::rules::Scene;
use crate::search::{Found, search};
use crate::view::{View, views};

/// Most findings that one entry may have; more are a blocking gap.
pub const MAX_FINDINGS: usize = 1000;

const ID: &str = "secrets";

/// The engine that finds secrets.
pub struct SecretsEngine {
    /// Sorted by id.
    rules: Vec<Rule>,
    anchors: Anchors,
    prints: Fingerprinter,
    digest: Digest,
    known: Known,
}

impl SecretsEngine {
    /// Makes `rules` ready. `salt` is the project's public salt, which keys the fingerprints.
    ///
    /// # Errors
    /// A rule whose regex does not compile within its limits, that asks for a function there is not, or that is there twice.
    pub fn new(mut rules: Vec<RuleFile>, salt: &[u8]) -> Result<Self, RuleError> {
        rules.sort_by(|one, other| one.info.id.cmp(&other.info.id));
        let twice = rules.windows(2).find_map(|pair| match pair {
            [one, other] if one.info.id == other.info.id => Some(one.info.id.clone()),
            _ => None,
        });
        if let Some(rule) = twice {
            return Err(RuleError::Duplicate { rule });
        }
        let digest = rules_digest(&rules);
        let rules = rules.into_iter().map(Rule::compile).collect::<Result<Vec<_>, _>>()?;
        let (anchors, known) = (Anchors::new(&rules)?, Known::default());
        Ok(Self { anchors, rules, prints: Fingerprinter::new(salt), digest, known })
    }

    /// The same engine, which says of its findings where they are `known` from.
    #[must_use]
    pub fn with_known(self, known: KnownSecrets) -> Self {
        Self { known: Known::new(known), ..self }
    }

    /// The names of all rules, sorted.
    pub fn rule_ids(&self) -> impl Iterator<Item = &RuleId> {
        self.rules.iter().map(|rule| &rule.info.id)
    }

    fn scan(&self, entry: &Entry<'_>, view: &View<'_>, sink: &mut Sink) {
        let path = entry.meta.path;
        let found = search(&self.rules, &self.anchors, &Scene::new(&view.text, path));
        if found.candidates.is_empty() {
            return;
        }
        let masker = Masker::new(&view.text, &found.candidates);
        let Found { candidates, cut_short } = found;
        let mut settled = overlap::settle(&self.rules, candidates);
        if cut_short || settled.len() > MAX_FINDINGS {
            let detail = format!("more than {MAX_FINDINGS} findings; the rest was not looked at");
            sink.gap(path, GapKind::BudgetHit, detail);
            settled.truncate(MAX_FINDINGS);
        }
        let reporter = Reporter::new(self, entry, view, masker, &settled, cut_short);
        for candidate in &settled {
            if let Some(finding) = reporter.finding(candidate) {
                sink.finding(finding);
            }
        }
    }

    fn fingerprint(&self, family: &RuleId, identity: &Identity, secret: &[u8]) -> Fingerprint {
        match identity {
            Identity::Token => self.prints.token(family, secret),
            Identity::Normalised(secret) => self.prints.token(family, secret),
            Identity::Guessable(key_name) => self.prints.guessable(family, key_name, secret),
        }
    }
}

fn rules_digest(rules: &[RuleFile]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(concat!("palisade-secrets ", env!("CARGO_PKG_VERSION"), "\n").as_bytes());
    for rule in rules {
        hasher.update(format!("{} {}\n", rule.info.id, rule.digest).as_bytes());
    }
    hasher.finish()
}

impl fmt::Debug for SecretsEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretsEngine")
            .field("rules", &self.rules.len())
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

impl Engine for SecretsEngine {
    fn id(&self) -> &str {
        ID
    }

    fn rules_digest(&self) -> Digest {
        self.digest
    }

    fn rule_count(&self) -> usize {
        self.rules.len()
    }

    fn rule_info(&self, id: &RuleId) -> Option<RuleInfo> {
        let at = self.rules.binary_search_by(|rule| rule.info.id.cmp(id)).ok()?;
        self.rules.get(at).map(|rule| rule.info.clone())
    }

    fn wants(&self, _entry: &EntryMeta<'_>) -> bool {
        true
    }

    fn entry(&self, entry: &Entry<'_>, sink: &mut Sink) {
        for view in views(entry.bytes) {
            self.scan(entry, &view, sink);
        }
    }
}

/// Turns the candidates of one view into findings.
struct Reporter<'a> {
    engine: &'a SecretsEngine,
    path: &'a RepoPath,
    entry: &'a [u8],
    view: &'a View<'a>,
    masker: Masker<'a>,
    markers: Markers,
    lines: LineIndex,
    /// Of candidates, in the view's text.
    places: Places,
    /// The same in the entry, where its lines are others than those of the text.
    entry_places: Option<Places>,
    /// Whether not every secret is known, so that nothing around a finding may be shown.
    alone: bool,
}

impl<'a> Reporter<'a> {
    fn new(
        engine: &'a SecretsEngine,
        entry: &'a Entry<'a>,
        view: &'a View<'a>,
        masker: Masker<'a>,
        settled: &[Candidate],
        alone: bool,
    ) -> Self {
        let lines = LineIndex::new(&view.text);
        let spans = settled.iter().map(|candidate| candidate.secret);
        let places = Places::new(&view.text, &lines, spans.clone().flat_map(ends));
        let entry_places = (!view.has_lines_of_entry()).then(|| {
            let spans = spans.map(|span| view.original(entry.bytes, span));
            Places::new(entry.bytes, &LineIndex::new(entry.bytes), spans.flat_map(ends))
        });
        let markers = Markers::new(&view.text);
        let (path, entry) = (entry.meta.path, entry.bytes);
        Self { engine, path, entry, view, masker, markers, lines, places, entry_places, alone }
    }

    fn finding(&self, candidate: &Candidate) -> Option<Finding> {
        let rule = self.engine.rules.get(candidate.rule)?;
        let secret = self.view.text.get(candidate.secret.start..candidate.secret.end)?;
        let number = self.places.get(candidate.secret.start).line;
        let line = self.lines.line_span(number);
        let above = (number > 1).then(|| self.lines.line_span(number - 1));
        Some(Finding {
            engine: ID.to_owned(),
            rule: rule.info.id.clone(),
            title: rule.info.title.clone(),
            severity: candidate.severity,
            confidence: candidate.confidence,
            message: candidate.message.clone(),
            location: self.location(candidate.secret),
            excerpt: self.masker.excerpt(candidate, line, self.alone),
            encodings: Vec::new(),
            form: palisade_model::Form::Unknown,
            asset: None,
            history: None,
            fingerprint: self.engine.fingerprint(&rule.family, &candidate.identity, secret),
            marker: self.markers.marker(&self.view.text, &rule.info.id, line, above),
            listed: self.engine.known.listed(self.path, &self.view.text, candidate.secret, line),
            suppression: None,
        })
    }

    fn location(&self, secret: Span) -> Location {
        let bytes = self.view.original(self.entry, secret);
        let (start, end) = match &self.entry_places {
            Some(places) => (places.get(bytes.start), places.get(bytes.end)),
            None => (self.places.get(secret.start), self.places.get(secret.end)),
        };
        Location { path: self.path.clone(), members: Vec::new(), start, end, bytes }
    }
}

fn ends(span: Span) -> [usize; 2] {
    [span.start, span.end]
}
