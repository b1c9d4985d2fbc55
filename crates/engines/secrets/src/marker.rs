use memchr::memmem;
use palisade_model::{InlineMarker, RuleId, Span};

const OURS: &[u8] = b"palisade:allow";
/// Other tools' markers. They are recognised, so that a report can say why they do not count, but they give no reason.
const OTHERS: &[&[u8]] = &[b"gitleaks:allow", b"pragma: allowlist secret"];
/// What may stand before a marker that is alone on its line.
const COMMENT_OPENERS: &[u8] = b" \t#/*-;%<!'\"(.";

/// The places of all markers in a text, found once.
pub(crate) struct Markers {
    ours: Vec<usize>,
    others: Vec<usize>,
}

impl Markers {
    pub(crate) fn new(text: &[u8]) -> Self {
        let mut others: Vec<_> = OTHERS.iter().flat_map(|marker| memmem::find_iter(text, marker)).collect();
        others.sort_unstable();
        Self { ours: memmem::find_iter(text, OURS).collect(), others }
    }

    /// The marker for a finding of `rule` on the line `line`, or alone on the line `above`.
    pub(crate) fn marker(
        &self,
        text: &[u8],
        rule: &RuleId,
        line: Span,
        above: Option<Span>,
    ) -> Option<InlineMarker> {
        let alone = above.filter(|above| is_alone(text, *above));
        let spans = [Some(line), alone];
        let own =
            |span: &Span| within(&self.ours, *span).find_map(|at| read(text, rule, Span::new(at, span.end)));
        let foreign = |span: &Span| within(&self.others, *span).next().is_some();
        spans
            .iter()
            .flatten()
            .find_map(own)
            .or_else(|| spans.iter().flatten().any(foreign).then_some(InlineMarker { reason: None }))
    }
}

fn within(places: &[usize], span: Span) -> impl Iterator<Item = usize> {
    let first = places.partition_point(|at| *at < span.start);
    places.get(first..).unwrap_or_default().iter().copied().take_while(move |at| *at < span.end)
}

/// Whether a line holds nothing but a comment that begins with a marker.
fn is_alone(text: &[u8], line: Span) -> bool {
    let line = text.get(line.start..line.end).unwrap_or_default();
    let openers = line.iter().take_while(|byte| COMMENT_OPENERS.contains(byte)).count();
    let rest = line.get(openers..).unwrap_or_default();
    rest.starts_with(OURS) || OTHERS.iter().any(|marker| rest.starts_with(marker))
}

/// Reads `palisade:allow RULE reason="..."`; none when it names another rule.
fn read(text: &[u8], rule: &RuleId, span: Span) -> Option<InlineMarker> {
    let rest = text.get(span.start..span.end)?.strip_prefix(OURS)?;
    let rest = rest.strip_prefix(b" ").or_else(|| rest.strip_prefix(b"\t"))?.trim_ascii_start();
    let end = rest.iter().position(|byte| !is_name(*byte)).unwrap_or(rest.len());
    let (name, rest) = rest.split_at_checked(end)?;
    if name != b"*" && name != rule.as_str().as_bytes() {
        return None;
    }
    Some(InlineMarker { reason: reason(rest) })
}

fn is_name(byte: u8) -> bool {
    byte == b'*' || byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn reason(rest: &[u8]) -> Option<String> {
    let quoted = rest.trim_ascii_start().strip_prefix(b"reason=\"")?;
    let end = memchr::memchr(b'"', quoted)?;
    let text = String::from_utf8_lossy(quoted.get(..end)?).replace(char::is_control, " ");
    let reason = text.trim();
    (!reason.is_empty()).then(|| reason.to_owned())
}

#[cfg(test)]
mod tests {
    use palisade_model::LineIndex;

    use super::*;

    fn marker(text: &str, line: u32) -> Option<Option<String>> {
        let lines = LineIndex::new(text.as_bytes());
        let above = (line > 1).then(|| lines.line_span(line - 1));
        let rule = RuleId::new("github-pat").unwrap();
        let found =
            Markers::new(text.as_bytes()).marker(text.as_bytes(), &rule, lines.line_span(line), above);
        found.map(|marker| marker.reason)
    }

    #[test]
    fn counts_only_for_its_rule_and_line() {
        let because = Some(Some("fixture".to_owned()));
        assert_eq!(marker("key # palisade:allow github-pat reason=\"fixture\"", 1), because);
        assert_eq!(marker("key /* palisade:allow * reason=\"fixture\" */", 1), because);
        assert_eq!(marker("<!-- palisade:allow * reason=\"fixture\" -->\nkey", 2), because);
        assert_eq!(marker("other # palisade:allow * reason=\"fixture\"\nkey", 2), None);
        assert_eq!(marker("key # palisade:allow jwt reason=\"fixture\"", 1), None);
        assert_eq!(marker("key # palisade:allow github-pat-2 reason=\"x\"", 1), None);
        assert_eq!(marker("key # palisade:allowed * reason=\"x\"", 1), None);
        assert_eq!(marker("# palisade:allow * reason=\"x\"\n\nkey", 3), None);
    }

    #[test]
    fn a_marker_without_reason_gives_none() {
        for text in ["k # palisade:allow *", "k # palisade:allow * reason=\" \"", "k // gitleaks:allow"] {
            assert_eq!(marker(text, 1), Some(None), "{text}");
        }
        assert_eq!(marker("# pragma: allowlist secret\nkey", 2), Some(None));
    }
}
