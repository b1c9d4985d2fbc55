use std::collections::BTreeSet;

use palisade_model::{Engine, Entry, EntryMeta, Finding, RepoPath, Sink};
use palisade_rulefile::{Example, ExampleKind, Expanded, RuleFile};

use crate::{RuleError, SecretsEngine};

/// An example that a rule fails.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExampleFailure {
    /// The line of the rule file, from 1.
    pub line: usize,
    /// What was expected and what happened instead. Shows generated text, which is no secret.
    pub message: String,
}

/// A secret's first and one past its last byte, or the end of its first line.
type Part = (usize, usize);

/// Runs the examples of `rule` against it alone: each `bad` one must yield exactly what it marks, each `good` one nothing.
///
/// # Errors
/// When the rule cannot be used at all.
pub fn check_examples(rule: &RuleFile) -> Result<Vec<ExampleFailure>, RuleError> {
    let engine = SecretsEngine::new(vec![rule.clone()], b"examples")?;
    let examples = rule.expanded_examples();
    Ok(examples.flat_map(|(example, expanded)| check(&engine, example, &expanded)).collect())
}

fn check(engine: &SecretsEngine, example: &Example, expanded: &Expanded) -> Vec<ExampleFailure> {
    let findings = match findings(engine, example, expanded) {
        Ok(findings) => findings,
        Err(message) => {
            let line = expanded.lines.first().copied().unwrap_or(1);
            return vec![ExampleFailure { line, message }];
        }
    };
    let found: BTreeSet<_> = findings.iter().map(|finding| part(finding, expanded)).collect();
    let wanted: BTreeSet<_> = expanded.marks.iter().map(|mark| (mark.span.start, mark.span.end)).collect();
    let missing = expanded.marks.iter().filter_map(|mark| {
        let span = (mark.span.start, mark.span.end);
        (!found.contains(&span)).then(|| missing(expanded, &found, span, mark.line))
    });
    let unwanted = findings.iter().filter(|finding| !wanted.contains(&part(finding, expanded)));
    let unwanted = unwanted.map(|finding| unwanted_failure(example, expanded, finding));
    missing.chain(unwanted).collect()
}

fn findings(engine: &SecretsEngine, example: &Example, expanded: &Expanded) -> Result<Vec<Finding>, String> {
    let path = RepoPath::from_bytes(example.path.as_str()).map_err(|error| error.to_string())?;
    let bytes = expanded.text.as_bytes();
    let meta = EntryMeta::file(&path, bytes.len() as u64);
    let mut sink = Sink::new();
    engine.entry(&Entry { meta, bytes }, &mut sink);
    Ok(sink.into_parts().0)
}

fn missing(expanded: &Expanded, found: &BTreeSet<Part>, span: Part, line: usize) -> ExampleFailure {
    let near = found.iter().find(|other| other.0 < span.1 && span.0 < other.1);
    let instead = near.map(|near| format!(", but `{}`", text(expanded, *near))).unwrap_or_default();
    ExampleFailure { line, message: format!("not found: `{}`{instead}", text(expanded, span)) }
}

fn unwanted_failure(example: &Example, expanded: &Expanded, finding: &Finding) -> ExampleFailure {
    let number = finding.location.start.line.saturating_sub(1) as usize;
    let line = expanded.lines.get(number).copied().unwrap_or(1);
    let kind = match example.kind {
        ExampleKind::Bad => "without a mark",
        ExampleKind::Good => "in a good example",
    };
    let shown = text(expanded, part(finding, expanded));
    ExampleFailure { line, message: format!("found {kind}: `{shown}` ({})", finding.message) }
}

/// Where a finding is, as marks say it: a secret of several lines ends with its first.
fn part(finding: &Finding, expanded: &Expanded) -> Part {
    let span = finding.location.bytes;
    let rest = expanded.text.as_bytes().get(span.start..).unwrap_or_default();
    let line_end = memchr::memchr(b'\n', rest).map_or(span.end, |at| span.start + at);
    (span.start, span.end.min(line_end))
}

fn text(expanded: &Expanded, part: Part) -> &str {
    expanded.text.get(part.0..part.1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_examples_are_seen() {
        let text = "+++\nid = \"acme\"\ntitle = \"Key\"\nseverity = \"high\"\nconfidence = \"high\"\ncwe = [798]\n\
                    tags = [\"vendor:acme\"]\nsince = \"0.1.0\"\nsource = \"https://acme.io/docs\"\n[match]\n\
                    keywords = [\"acme_\"]\nregex = 'acme_[0-9a-f]{8}'\n+++\nWhy.\n\n## Fix\nSo.\n\n\
                    ```bad\nacme_{{hex:8}} acme_{{hex:8}} acme_\n^^^^^^^^^^^^^^                ^^^^^\n```\n\
                    ```good\nacme_{{hex:8}}\n```\n";
        let (rule, problems) = RuleFile::parse("acme", text);
        assert_eq!(problems, []);
        let failures = check_examples(&rule.unwrap()).unwrap();
        let kinds: Vec<_> = failures
            .iter()
            .map(|failure| (failure.line, failure.message.split('`').next().unwrap_or_default()))
            .collect();
        assert_eq!(
            kinds,
            [(20, "not found: "), (20, "found without a mark: "), (24, "found in a good example: ")]
        );
    }
}
