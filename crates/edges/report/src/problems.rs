use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};
use palisade_model::{Level, Problem};

use crate::text::printable;

/// Problems of a document, each with its source line, a caret and advice, in the order they stand in the document. `name` is how
/// the reader knows the document; `text` is its content.
pub fn problems(name: &str, text: &str, problems: &[Problem]) -> String {
    let mut ordered: Vec<&Problem> = problems.iter().collect();
    ordered.sort_by_key(|problem| (problem.span.start, problem.span.end));
    let name = printable(name);
    let source = blanked(text);
    ordered.into_iter().map(|found| problem(&name, &source, found)).collect()
}

fn problem(name: &str, source: &str, problem: &Problem) -> String {
    let level = match problem.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
    };
    let message = printable(&problem.message);
    let label = problem.label.as_deref().map(printable);
    let hint = problem.hint.as_deref().map(printable);
    let annotation = AnnotationKind::Primary.span(in_bounds(source, problem)).label(label.as_deref());
    let mut group: Group<'_> = level
        .primary_title(message.as_str())
        .element(Snippet::source(source).path(name).annotation(annotation));
    if let Some(hint) = &hint {
        group = group.element(Title::HELP.message(hint.as_str()));
    }
    let rendered = Renderer::styled().decor_style(DecorStyle::Ascii).render(&[group]);
    format!("{rendered}\n\n")
}

/// The problem's span, moved to character borders inside the text.
fn in_bounds(text: &str, problem: &Problem) -> std::ops::Range<usize> {
    let start = text.floor_char_boundary(problem.span.start.min(text.len()));
    let end = text.ceil_char_boundary(problem.span.end.min(text.len()));
    start..end.max(start)
}

/// The text with control characters other than line feed and tab replaced byte for byte, so that spans still fit.
fn blanked(text: &str) -> String {
    let keep = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().map(|c| if keep(c) { c.to_string() } else { "?".repeat(c.len_utf8()) }).collect()
}

#[cfg(test)]
mod tests {
    use palisade_model::Span;

    use super::*;

    #[test]
    fn a_mistake_is_shown_with_its_line_a_caret_and_advice() {
        let text = "jobs:\n  package:\n    need: [test]\n";
        let found = Problem::error("unknown key `need` in job `package`", Span::new(21, 25))
            .with_label("did you mean `needs`?")
            .with_hint("keys of a job are needs, steps, outputs");
        let shown = anstream::adapter::strip_str(&problems("palisade.yaml", text, &[found])).to_string();
        assert!(shown.contains("error: unknown key `need` in job `package`"), "{shown}");
        assert!(shown.contains("--> palisade.yaml:3:5"), "{shown}");
        assert!(shown.contains("3 |     need: [test]\n  |     ^^^^ did you mean `needs`?"), "{shown}");
    }

    #[test]
    fn places_outside_the_text_and_escapes_in_it_do_no_harm() {
        let found = Problem::error("x", Span::new(500, 900));
        let shown = problems("f", "a\u{1b}[2Jä", &[found]);
        assert!(!anstream::adapter::strip_str(&shown).to_string().contains('\u{1b}'));
        assert!(shown.contains("a?[2J"), "{shown}");
    }
}
