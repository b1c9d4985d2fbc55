use palisade_model::{
    Confidence, Entry, Finding, Fingerprint, InlineMarker, LineIndex, Location, RepoPath, RuleId, Severity,
    Span,
};

use crate::candidate::{Candidate, Identity, InExamples};
use crate::engine::{ID, Mark, SecretsEngine};
use crate::excerpt::Masker;
use crate::file_kind;
use crate::marker::{Lines, Markers};
use crate::name;
use crate::place::Places;
use crate::view::View;

/// A finding, and the secret that it is about.
#[derive(Debug)]
pub struct Reported {
    /// The secret.
    pub mark: Mark,
    /// The finding.
    pub finding: Finding,
}

/// Turns the candidates of one view into findings.
pub(crate) struct Reporter<'a> {
    engine: &'a SecretsEngine,
    /// Where the entry lies, without secrets.
    path: RepoPath,
    members: Vec<String>,
    example: bool,
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
    pub(crate) fn new(
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
        let (path, members) = name::shown(engine, &entry.meta);
        let example = file_kind::is_example(entry.meta.path);
        let entry = entry.bytes;
        Self {
            engine,
            path,
            members,
            example,
            entry,
            view,
            masker,
            markers,
            lines,
            places,
            entry_places,
            alone,
        }
    }

    pub(crate) fn reported(&self, candidate: &Candidate) -> Option<Reported> {
        let rule = self.engine.rule(candidate)?;
        let secret = self.view.text.get(candidate.secret.start..candidate.secret.end)?;
        let number = self.places.get(candidate.secret.start).line;
        let line = self.lines.line_span(number);
        let above = (number > 1).then(|| self.lines.line_span(number - 1));
        let last = self.places.get(candidate.secret.end).line;
        let end = if last > number { self.lines.line_span(last).end } else { line.end };
        let mild = self.example && candidate.in_examples != InExamples::Same;
        let finding = Finding {
            engine: ID.to_owned(),
            rule: rule.info.id.clone(),
            title: rule.info.title.clone(),
            severity: if mild { Severity::Low } else { candidate.severity },
            confidence: if mild { Confidence::Low } else { candidate.confidence },
            message: if mild {
                "it lies among tests or examples".to_owned()
            } else {
                candidate.message.clone()
            },
            location: self.location(candidate.secret),
            encodings: candidate.encodings.clone(),
            excerpt: self.masker.excerpt(candidate, line, self.alone),
            form: candidate.form,
            asset: candidate.asset.clone(),
            fingerprint: fingerprint(self.engine, &rule.family, candidate, secret),
            marker: self.marker(&rule.info.id, Lines { first: line, above, end }),
            listed: self.engine.known.listed(&self.path, &self.view.text, candidate.secret, line),
            suppression: None,
            history: None,
            layer: None,
            package: None,
        };
        Some(Reported { mark: self.engine.mark(self.view, candidate), finding })
    }

    /// The marker that accepts a finding of `rule`. Its reason is what someone wrote beside secrets.
    fn marker(&self, rule: &RuleId, lines: Lines) -> Option<InlineMarker> {
        let marker = self.markers.marker(&self.view.text, rule, lines)?;
        Some(InlineMarker { reason: marker.reason.map(|reason| self.masker.repeated(&reason)) })
    }

    fn location(&self, secret: Span) -> Location {
        let bytes = self.view.original(self.entry, secret);
        let (start, end) = match &self.entry_places {
            Some(places) => (places.get(bytes.start), places.get(bytes.end)),
            None => (self.places.get(secret.start), self.places.get(secret.end)),
        };
        Location { path: self.path.clone(), members: self.members.clone(), start, end, bytes }
    }
}

pub(crate) fn fingerprint(
    engine: &SecretsEngine,
    family: &RuleId,
    candidate: &Candidate,
    secret: &[u8],
) -> Fingerprint {
    let prints = &engine.prints;
    match &candidate.identity {
        Identity::Token => prints.token(family, secret),
        Identity::Normalised(value) => prints.token(family, value),
        Identity::Guessable(key) => prints.guessable(family, key, secret),
        Identity::GuessableValue { key, value } => prints.guessable(family, key, value),
    }
}

fn ends(span: Span) -> [usize; 2] {
    [span.start, span.end]
}
