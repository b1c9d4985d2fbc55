use palisade_model::{Problem, Span};

use crate::generate::{Dice, Generator};

/// Whether a rule must find something in an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExampleKind {
    /// The rule finds exactly the marked secrets.
    Bad,
    /// The rule finds nothing.
    Good,
}

/// A `bad` or `good` block of a rule file, not yet expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What is expected of it.
    pub kind: ExampleKind,
    /// The file name it pretends to have.
    pub path: String,
    lines: Vec<Line>,
}

/// An example as the engine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    /// The content, without marker lines.
    pub text: String,
    /// The secrets to be found in it, by place.
    pub marks: Vec<Mark>,
    /// For each line of `text` its line in the rule file, from 1.
    pub lines: Vec<usize>,
}

/// A secret that an example promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Where it is in the expanded text; of a secret of several lines, its part on the first.
    pub span: Span,
    /// Its line in the rule file, from 1.
    pub line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    number: usize,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Token(Generator),
    MarkStart,
    MarkEnd,
}

/// A line of the rule file.
#[derive(Clone, Copy)]
pub(crate) struct SourceLine<'t> {
    /// From 1.
    pub(crate) number: usize,
    /// Its first byte in the rule file.
    pub(crate) start: usize,
    /// Without its line feed.
    pub(crate) text: &'t str,
}

impl SourceLine<'_> {
    fn span(&self) -> Span {
        Span::new(self.start, self.start + self.text.len())
    }
}

impl Example {
    pub(crate) fn read(
        kind: ExampleKind,
        path: String,
        span: Span,
        source: &[SourceLine<'_>],
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut lines = Vec::new();
        let mut marked = false;
        let mut source = source.iter().peekable();
        while let Some(line) = source.next() {
            if is_marker(line, kind) {
                problems.push(Problem::error("a line of marks has no line above it", line.span()));
                continue;
            }
            let marker = source.next_if(|next| is_marker(next, kind));
            let runs = marker.map(|marker| runs(marker.text)).unwrap_or_default();
            marked |= !runs.is_empty();
            lines.push(Line { number: line.number, pieces: pieces(line, &runs, problems) });
        }
        if kind == ExampleKind::Bad && !marked {
            let problem = Problem::error("a `bad` example marks no secret", span);
            problems.push(problem.with_hint("put `^` under each secret that must be found"));
        }
        Self { kind, path, lines }
    }

    /// Replaces the generators. The same seed gives the same text.
    pub fn expand(&self, seed: u64) -> Expanded {
        let mut text = String::new();
        let mut marks = Vec::new();
        let mut dice = Dice::new(seed);
        for line in &self.lines {
            let mut start = 0;
            for piece in &line.pieces {
                match piece {
                    Piece::Text(literal) => text.push_str(literal),
                    Piece::Token(generator) => text.push_str(&generator.generate(&mut dice)),
                    Piece::MarkStart => start = text.len(),
                    Piece::MarkEnd => {
                        marks.push(Mark { span: Span::new(start, text.len()), line: line.number });
                    }
                }
            }
            text.push('\n');
        }
        Expanded { text, marks, lines: self.lines.iter().map(|line| line.number).collect() }
    }
}

fn is_marker(line: &SourceLine<'_>, kind: ExampleKind) -> bool {
    let text = line.text.trim_end();
    kind == ExampleKind::Bad && text.contains('^') && text.bytes().all(|byte| matches!(byte, b' ' | b'^'))
}

/// The runs of `^` as half-open columns from 0.
fn runs(marker: &str) -> Vec<Span> {
    let mut runs: Vec<Span> = Vec::new();
    for (column, _) in marker.bytes().enumerate().filter(|(_, byte)| *byte == b'^') {
        match runs.last_mut() {
            Some(run) if run.end == column => run.end += 1,
            _ => runs.push(Span::new(column, column + 1)),
        }
    }
    runs
}

/// Cuts a line into literal text and generators, and puts the marks between them.
fn pieces(line: &SourceLine<'_>, runs: &[Span], problems: &mut Vec<Problem>) -> Vec<Piece> {
    let mut cutter = Cutter { line, runs, pieces: Vec::new(), text: String::new(), column: 0, problems };
    let mut rest = line.text;
    while let Some(character) = rest.chars().next() {
        rest = cutter.mark().take(rest, character);
    }
    cutter.finish()
}

struct Cutter<'a, 't> {
    line: &'a SourceLine<'t>,
    runs: &'a [Span],
    pieces: Vec<Piece>,
    text: String,
    column: usize,
    problems: &'a mut Vec<Problem>,
}

impl Cutter<'_, '_> {
    /// Notes the marks that end or start at this column.
    fn mark(&mut self) -> &mut Self {
        if self.runs.iter().any(|run| run.end == self.column) {
            self.push(Piece::MarkEnd);
        }
        if self.runs.iter().any(|run| run.start == self.column) {
            self.push(Piece::MarkStart);
        }
        self
    }

    /// Takes a generator or one character off the front of `rest`.
    fn take<'r>(&mut self, rest: &'r str, character: char) -> &'r str {
        let Some((inner, after)) = generator_at(rest) else {
            self.text.push(character);
            self.column += 1;
            return rest.get(character.len_utf8()..).unwrap_or_default();
        };
        let width = inner.chars().count() + 4;
        let inside = |column: usize| column > self.column && column < self.column + width;
        if self.runs.iter().any(|run| inside(run.start) || inside(run.end)) {
            let message = "mark begins or ends inside a generator";
            self.problems.push(Problem::error(message, self.line.span()));
        }
        match Generator::parse(inner) {
            Ok(generator) => self.push(Piece::Token(generator)),
            Err(problem) => self.problems.push(problem.at(self.line.span())),
        }
        self.column += width;
        after
    }

    fn push(&mut self, piece: Piece) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.text)));
        }
        self.pieces.push(piece);
    }

    fn finish(mut self) -> Vec<Piece> {
        self.mark();
        if self.runs.iter().any(|run| run.end > self.column) {
            self.problems
                .push(Problem::error("mark reaches past the end of the line above", self.line.span()));
        }
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(self.text));
        }
        self.pieces
    }
}

/// The inside of the generator that `text` starts with, and what follows it. `{{ x }}` and the like are templates, not ours.
fn generator_at(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("{{")?;
    inner.chars().next().filter(char::is_ascii_alphanumeric)?;
    inner.split_once("}}")
}
