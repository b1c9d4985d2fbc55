use memchr::memmem;
use palisade_model::{InlineMarker, RuleId, Span};

const OURS: &[u8] = b"palisade:allow";
/// What other tools' users write on a line that may pass: Gitleaks, Betterleaks, TruffleHog, Kingfisher.
const OTHERS: &[&str] =
    &["gitleaks:allow", "betterleaks:allow", "trufflehog:ignore", "kingfisher:ignore", "kingfisher:allow"];
/// Those of them that count on every line of what was found.
const ON_ANY_LINE: &[&str] = &["gitleaks:allow", "betterleaks:allow"];
/// The beginning of what detect-secrets and ripsecrets read: `pragma: allowlist secret` for the line, `pragma: allowlist nextline
/// secret` alone on the line above.
const PRAGMA: &[u8] = b"pragma:";
const THIS_LINE: &str = "pragma: allowlist secret";
const NEXT_LINE: &str = "pragma: allowlist nextline secret";
/// What may stand before a marker that is alone on its line.
const COMMENT_OPENERS: &[u8] = b" \t#/*-;%<!'\"(.";

/// Lines of a text that a finding has to do with.
#[derive(Clone, Copy)]
pub(crate) struct Lines {
    /// The line that it begins on.
    pub(crate) first: Span,
    /// The line above that.
    pub(crate) above: Option<Span>,
    /// Where the line ends that it ends on.
    pub(crate) end: usize,
}

/// The places of all markers in a text, found once.
pub(crate) struct Markers {
    ours: Vec<usize>,
    /// With what they say of the line they are on.
    others: Vec<(usize, &'static str)>,
    /// Where a marker for the line below begins.
    next_line: Vec<usize>,
}

impl Markers {
    pub(crate) fn new(text: &[u8]) -> Self {
        let find = |name: &'static str| memmem::find_iter(text, name).map(move |at| (at, name));
        let mut others: Vec<_> = OTHERS.iter().flat_map(|name| find(name)).collect();
        let mut next_line = Vec::new();
        for at in memmem::find_iter(text, PRAGMA) {
            match pragma(text.get(at..).unwrap_or_default()) {
                Some(THIS_LINE) => others.push((at, THIS_LINE)),
                Some(_) => next_line.push(at),
                None => {}
            }
        }
        others.sort_unstable();
        Self { ours: memmem::find_iter(text, OURS).collect(), others, next_line }
    }

    /// The marker for a finding of `rule` on one of its lines, or alone on the line above. One that gives a reason goes before one
    /// that does not; another tool's marker is reason enough, because that tool asks for no other.
    pub(crate) fn marker(&self, text: &[u8], rule: &RuleId, lines: Lines) -> Option<InlineMarker> {
        let alone = lines.above.filter(|above| is_alone(text, *above, OURS));
        let own_lines = Span::new(lines.first.start, lines.end);
        let mut own = [Some(own_lines), alone].into_iter().flatten().flat_map(|span| {
            within(&self.ours, span, |at| *at).filter_map(|at| read(text, rule, rest_of_line(text, *at)))
        });
        let own = own.next();
        if own.as_ref().is_some_and(|marker| marker.reason.is_some()) {
            return own;
        }
        self.foreign(text, lines).map(marked).or(own)
    }

    fn foreign(&self, text: &[u8], Lines { first, above, end }: Lines) -> Option<&'static str> {
        let here = within(&self.others, first, |(at, _)| *at).next().map(|(_, name)| *name);
        let all = within(&self.others, Span::new(first.start, end), |(at, _)| *at);
        let here = here.or_else(|| all.map(|(_, name)| *name).find(|name| ON_ANY_LINE.contains(name)));
        let next = |above: &Span| {
            within(&self.next_line, *above, |at| *at).next().is_some() && is_alone(text, *above, PRAGMA)
        };
        here.or_else(|| above.filter(next).map(|_| NEXT_LINE))
    }
}

/// From `start` to the end of its line.
fn rest_of_line(text: &[u8], start: usize) -> Span {
    let rest = text.get(start..).unwrap_or_default();
    Span::new(start, start + memchr::memchr(b'\n', rest).unwrap_or(rest.len()))
}

/// Another tool's marker, whose name is reason enough.
fn marked(name: &str) -> InlineMarker {
    InlineMarker { reason: Some(format!("marked `{name}`")) }
}

/// The marker in `lines`, which are all that a foreign rule matched.
pub(crate) fn on_any_line(lines: &[u8]) -> Option<String> {
    let name = ON_ANY_LINE.iter().find(|name| memmem::find(lines, name.as_bytes()).is_some())?;
    marked(name).reason
}

/// What `pragma:` at the start of `text` says. The words may be joined by `-`, and `whitelist` is the older spelling.
fn pragma(text: &[u8]) -> Option<&'static str> {
    let rest = text.strip_prefix(PRAGMA)?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let joined = |rest: &'_ [u8]| matches!(rest.first(), Some(b' ' | b'-'));
    let (list, is_older) = match rest.strip_prefix(b"allowlist") {
        Some(rest) => (rest, false),
        None => (rest.strip_prefix(b"whitelist")?, true),
    };
    let rest = list.get(1..).filter(|_| joined(list))?;
    if rest.starts_with(b"secret") {
        return Some(THIS_LINE);
    }
    let next = rest.strip_prefix(b"nextline").filter(|_| !is_older)?;
    let rest = next.get(1..).filter(|_| joined(next))?;
    rest.starts_with(b"secret").then_some(NEXT_LINE)
}

/// Of sorted places, those in `span`.
fn within<T>(places: &[T], span: Span, start: impl Fn(&T) -> usize) -> impl Iterator<Item = &T> {
    let first = places.partition_point(|place| start(place) < span.start);
    places.get(first..).unwrap_or_default().iter().take_while(move |place| start(place) < span.end)
}

/// Whether a line holds nothing but a comment that begins with `marker`.
fn is_alone(text: &[u8], line: Span, marker: &[u8]) -> bool {
    let line = text.get(line.start..line.end).unwrap_or_default();
    let openers = line.iter().take_while(|byte| COMMENT_OPENERS.contains(byte)).count();
    line.get(openers..).unwrap_or_default().starts_with(marker)
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
        let first = lines.line_span(line);
        let lines = Lines { first, above, end: first.end };
        let found = Markers::new(text.as_bytes()).marker(text.as_bytes(), &rule, lines);
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
    fn a_marker_of_ours_without_reason_gives_none() {
        for text in ["k # palisade:allow *", "k # palisade:allow * reason=\" \""] {
            assert_eq!(marker(text, 1), Some(None), "{text}");
        }
    }

    #[test]
    fn other_tools_markers_are_their_own_reason() {
        let names = OTHERS.iter().chain([&THIS_LINE]);
        for name in names {
            let because = Some(Some(format!("marked `{name}`")));
            assert_eq!(marker(&format!("key # {name}"), 1), because);
            assert_eq!(
                marker(&format!("key # {name} palisade:allow *"), 1),
                because,
                "the one with a reason"
            );
            assert_eq!(marker(&format!("# {name}\nkey"), 2), None, "that tool reads it on the line alone");
            assert_eq!(marker(&format!("key\n# {name}"), 1), None);
        }
        let both = marker("key # gitleaks:allow palisade:allow * reason=\"fixture\"", 1);
        assert_eq!(both, Some(Some("fixture".to_owned())));
    }

    /// The spellings are those of `detect_secrets/filters/allowlist.py`.
    #[test]
    fn pragmas_are_read_as_detect_secrets_does() {
        let this = Some(Some(format!("marked `{THIS_LINE}`")));
        for text in
            ["k # pragma: allowlist secret", "k //pragma:whitelist-secret", "k # pragma: allowlist-secret x"]
        {
            assert_eq!(marker(text, 1), this, "{text}");
        }
        for text in
            ["k # pragma: allowlist", "k # pragma: allowlistsecret", "k # pragma: once", "k # pragma:"]
        {
            assert_eq!(marker(text, 1), None, "{text}");
        }
        let next = Some(Some(format!("marked `{NEXT_LINE}`")));
        assert_eq!(marker("# pragma: allowlist nextline secret\nkey", 2), next);
        assert_eq!(marker("  // pragma: allowlist-nextline-secret\nkey", 2), next);
        assert_eq!(
            marker("a = 1 # pragma: allowlist nextline secret\nkey", 2),
            None,
            "not alone on its line"
        );
        assert_eq!(marker("# pragma: allowlist nextline secret\n\nkey", 3), None);
        assert_eq!(marker("key # pragma: allowlist nextline secret", 1), None, "not for its own line");
        assert_eq!(marker("# pragma: whitelist nextline secret\nkey", 2), None);
    }
}
