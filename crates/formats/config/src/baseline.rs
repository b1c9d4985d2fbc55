use std::collections::BTreeSet;

use palisade_model::{Baseline, Fingerprint, LineIndex, Problem, Span, is_unprintable};
use serde::Deserialize;

use crate::parsed::Parsed;

/// Largest baseline in bytes: about four hundred thousand findings.
const MAX_BYTES: usize = 16 << 20;
/// Longest reason in characters.
const MAX_REASON: usize = 200;

/// `palisade.baseline.json`, version 1.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineFile {
    version: u32,
    fingerprints: BTreeSet<Fingerprint>,
}

/// Reads a baseline. JSON is read to the first problem.
pub fn parse_baseline(bytes: &[u8]) -> Parsed<Baseline> {
    let whole = Span::new(0, 0);
    if bytes.len() > MAX_BYTES {
        let message = format!("the file is larger than {MAX_BYTES} bytes");
        return Parsed::new(None, vec![Problem::error(message, whole)]);
    }
    match serde_json::from_slice::<BaselineFile>(bytes) {
        Ok(BaselineFile { version: 1, fingerprints }) => {
            Parsed::new(Some(Baseline { fingerprints }), Vec::new())
        }
        Ok(_) => {
            let problem = Problem::error("unsupported version", whole);
            Parsed::new(None, vec![problem.with_hint("this Palisade reads version 1")])
        }
        Err(error) => {
            let problem = Problem::error(format!("not a baseline: {}", reason(&error)), place(bytes, &error));
            Parsed::new(None, vec![problem])
        }
    }
}

/// The bytes of a baseline: sorted, one fingerprint on a line, so that changes are easy to review.
pub fn write_baseline(baseline: &Baseline) -> String {
    let lines: Vec<String> =
        baseline.fingerprints.iter().map(|fingerprint| format!("    \"{fingerprint}\"")).collect();
    let list = if lines.is_empty() { String::new() } else { format!("\n{}\n  ", lines.join(",\n")) };
    format!("{{\n  \"version\": 1,\n  \"fingerprints\": [{list}]\n}}\n")
}

/// What serde says, without the place it adds. It may quote the document.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    reason.chars().filter(|c| !is_unprintable(*c)).take(MAX_REASON).collect()
}

/// The character at which reading stopped.
pub(crate) fn place(bytes: &[u8], error: &serde_json::Error) -> Span {
    let line = u32::try_from(error.line()).unwrap_or(u32::MAX);
    let span = LineIndex::new(bytes).line_span(line);
    let at = (span.start + error.column().saturating_sub(1)).min(span.end);
    let continues = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let start = (0..=at).rev().find(|at| !continues(*at)).unwrap_or(0);
    let end = (start + 1..=span.end).find(|at| !continues(*at)).unwrap_or(span.end.max(start));
    Span::new(start, end)
}
