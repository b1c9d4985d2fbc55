use palisade_model::{Problem, Span};

use crate::example::{Example, ExampleKind, SourceLine};
use crate::rule::lines_with_offsets;

const MAX_EXAMPLES: usize = 64;

/// What follows the header.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) why: String,
    pub(crate) fix: String,
    pub(crate) examples: Vec<Example>,
}

/// A fence that is open: its length, and the example it holds, if it holds one.
struct Fence<'t> {
    ticks: usize,
    block: Option<Block<'t>>,
}

struct Block<'t> {
    kind: ExampleKind,
    path: String,
    span: Span,
    lines: Vec<SourceLine<'t>>,
}

impl Body {
    /// Reads the body, which starts at byte `from` of the rule file `text`; its examples only if they are wanted.
    pub(crate) fn read(text: &str, from: usize, with_examples: bool, problems: &mut Vec<Problem>) -> Self {
        let first = text.get(..from).unwrap_or_default().matches('\n').count() + 1;
        let mut reader =
            BodyReader { body: Self::default(), with_examples, fixing: false, fence: None, problems };
        for (index, (at, line)) in lines_with_offsets(text, from).enumerate() {
            let text = line.strip_suffix('\n').unwrap_or(line);
            reader.line(SourceLine { number: first + index, start: at, text });
        }
        reader.finish(Span::new(from.min(text.len()), text.len()))
    }
}

struct BodyReader<'p, 't> {
    body: Body,
    with_examples: bool,
    fixing: bool,
    fence: Option<Fence<'t>>,
    problems: &'p mut Vec<Problem>,
}

impl<'t> BodyReader<'_, 't> {
    fn line(&mut self, line: SourceLine<'t>) {
        let ticks = line.text.bytes().take_while(|byte| *byte == b'`').count();
        match self.fence.take() {
            Some(fence) if ticks >= fence.ticks && line.text.trim_end().len() == ticks => match fence.block {
                Some(block) => self.example(block),
                None => self.prose(line.text),
            },
            Some(mut fence) => {
                match &mut fence.block {
                    Some(block) => block.lines.push(line),
                    None => self.prose(line.text),
                }
                self.fence = Some(fence);
            }
            None if ticks >= 3 => self.open(ticks, line),
            None if line.text.trim_end() == "## Fix" => self.fixing = true,
            None => self.prose(line.text),
        }
    }

    fn open(&mut self, ticks: usize, line: SourceLine<'t>) {
        let mut words = line.text.trim_start_matches('`').split_whitespace();
        let kind = match words.next() {
            Some("bad") => ExampleKind::Bad,
            Some("good") => ExampleKind::Good,
            _ => {
                self.prose(line.text);
                self.fence = Some(Fence { ticks, block: None });
                return;
            }
        };
        let span = Span::new(line.start, line.start + line.text.len());
        let mut path = "example.txt".to_owned();
        for word in words {
            match word.strip_prefix("path=").filter(|path| !path.is_empty()) {
                Some(given) => given.clone_into(&mut path),
                None => self.problems.push(
                    Problem::error("unknown word after the kind of example", span)
                        .with_hint("only `path=NAME` may follow `bad` or `good`"),
                ),
            }
        }
        self.fence = Some(Fence { ticks, block: Some(Block { kind, path, span, lines: Vec::new() }) });
    }

    fn prose(&mut self, line: &str) {
        let part = if self.fixing { &mut self.body.fix } else { &mut self.body.why };
        part.push_str(line.trim_end());
        part.push('\n');
    }

    fn example(&mut self, block: Block<'t>) {
        if !self.with_examples {
            return;
        }
        let example = Example::read(block.kind, block.path, block.span, &block.lines, self.problems);
        if self.body.examples.len() == MAX_EXAMPLES {
            self.problems.push(Problem::error("more than 64 examples", block.span));
        } else if self.body.examples.len() < MAX_EXAMPLES {
            self.body.examples.push(example);
        }
    }

    fn finish(mut self, whole: Span) -> Body {
        if self.fence.is_some() {
            self.problems
                .push(Problem::error("a fenced block is not closed", Span::new(whole.end, whole.end)));
        }
        for part in [&mut self.body.why, &mut self.body.fix] {
            *part = part.trim().to_owned();
        }
        let has = |kind| {
            !self.with_examples || self.body.examples.iter().any(|example: &Example| example.kind == kind)
        };
        let missing = [
            (self.body.why.is_empty(), "no text that says what the rule finds and why it matters"),
            (!self.fixing, "no section `## Fix`"),
            (self.fixing && self.body.fix.is_empty(), "section `## Fix` is empty"),
            (!has(ExampleKind::Bad), "no `bad` example"),
            (!has(ExampleKind::Good), "no `good` example"),
        ];
        let missing = missing.into_iter().filter(|(missing, _)| *missing);
        self.problems.extend(missing.map(|(_, message)| Problem::error(message, whole)));
        self.body
    }
}
