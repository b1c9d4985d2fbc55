//! The reports of Gitleaks 8, for tools that read those: same keys and columns in the same order. They have no place for suppressed
//! findings, which Gitleaks leaves out too, and none for gaps.

use palisade_model::{Finding, RuleInfo, ScanReport};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::text::{json_for_terminals, printable};

/// What stands where Gitleaks shows the secret.
const REDACTED: &str = "REDACTED";

/// The columns of the CSV report.
const COLUMNS: [&str; 16] = [
    "RuleID",
    "Commit",
    "File",
    "SymlinkFile",
    "Secret",
    "Match",
    "StartLine",
    "EndLine",
    "StartColumn",
    "EndColumn",
    "Author",
    "Message",
    "Date",
    "Email",
    "Fingerprint",
    "Tags",
];

/// One finding of the JSON report.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Leak<'a> {
    #[serde(rename = "RuleID")]
    rule_id: &'a str,
    description: &'a str,
    start_line: u32,
    end_line: u32,
    start_column: u32,
    end_column: u32,
    /// The masked line.
    r#match: &'a str,
    secret: &'static str,
    file: String,
    symlink_file: &'static str,
    commit: &'a str,
    /// Not known here: nothing in a report has seen the secret.
    entropy: u8,
    author: &'a str,
    email: &'a str,
    date: String,
    message: &'a str,
    tags: Vec<String>,
    fingerprint: String,
}

/// The findings that count, as JSON.
pub fn gitleaks_json(report: &ScanReport) -> Result<String, serde_json::Error> {
    let leaks: Vec<Leak<'_>> = leaks(report).collect();
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(b" ");
    leaks.serialize(&mut Serializer::with_formatter(&mut bytes, formatter))?;
    bytes.push(b'\n');
    Ok(json_for_terminals(&String::from_utf8_lossy(&bytes)))
}

/// The same as CSV (RFC 4180, with line feeds as Gitleaks writes them), always with its head. A cell that a spreadsheet would take
/// for a formula has a `'` before it (OWASP, "CSV Injection"); control characters become their escapes.
pub fn gitleaks_csv(report: &ScanReport) -> String {
    let head = COLUMNS.map(str::to_owned);
    let rows = leaks(report).map(|leak| cells(&leak));
    let row = |cells: [String; 16]| cells.map(|text| cell(&printable(&text))).join(",") + "\n";
    std::iter::once(head).chain(rows).map(row).collect()
}

fn leaks(report: &ScanReport) -> impl Iterator<Item = Leak<'_>> {
    report.active_findings().map(|finding| leak(finding, report.rules.get(&finding.rule)))
}

fn leak<'a>(finding: &'a Finding, rule: Option<&RuleInfo>) -> Leak<'a> {
    let place = &finding.location;
    let commit = finding.history.as_ref().and_then(|history| history.first.as_ref());
    let file = place.display_path();
    let id = commit.map(|commit| commit.id.as_str()).unwrap_or_default();
    let before = if id.is_empty() { String::new() } else { format!("{id}:") };
    Leak {
        rule_id: finding.rule.as_str(),
        description: &finding.title,
        start_line: place.start.line,
        end_line: place.end.line,
        start_column: place.start.column,
        // Gitleaks counts to the last character, we to one past it.
        end_column: place.end.column.saturating_sub(1).max(1),
        r#match: &finding.excerpt.text,
        secret: REDACTED,
        symlink_file: "",
        commit: id,
        entropy: 0,
        author: commit.map(|commit| commit.author.as_str()).unwrap_or_default(),
        email: commit.map(|commit| commit.email.as_str()).unwrap_or_default(),
        date: commit.map(|commit| commit.time.to_string()).unwrap_or_default(),
        message: commit.map(|commit| commit.subject.as_str()).unwrap_or_default(),
        tags: tags(finding, rule),
        fingerprint: format!("{before}{file}:{}:{}", finding.rule, place.start.line),
        file,
    }
}

/// The rule's tags, the names of the advisory, and how the finding was decoded in the words of Gitleaks.
fn tags(finding: &Finding, rule: Option<&RuleInfo>) -> Vec<String> {
    let mut tags = rule.map(|rule| rule.tags.clone()).unwrap_or_default();
    tags.extend(finding.package.iter().flat_map(|package| package.advisories.clone()));
    tags.extend(finding.encodings.iter().map(|encoding| format!("decoded:{}", encoding.name())));
    if !finding.encodings.is_empty() {
        tags.push(format!("decode-depth:{}", finding.encodings.len()));
    }
    tags
}

fn cells(leak: &Leak<'_>) -> [String; 16] {
    [
        leak.rule_id.to_owned(),
        leak.commit.to_owned(),
        leak.file.clone(),
        leak.symlink_file.to_owned(),
        leak.secret.to_owned(),
        leak.r#match.to_owned(),
        leak.start_line.to_string(),
        leak.end_line.to_string(),
        leak.start_column.to_string(),
        leak.end_column.to_string(),
        leak.author.to_owned(),
        leak.message.to_owned(),
        leak.date.clone(),
        leak.email.to_owned(),
        leak.fingerprint.clone(),
        leak.tags.join(" "),
    ]
}

fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    match text.contains([',', '"', '\r', '\n']) || text.starts_with(' ') {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=\"a\",1", "\"'=\"\"a\"\",1\""),
            ("a=1", "a=1"),
            ("", ""),
        ];
        for (text, written) in cases {
            assert_eq!(cell(text), written, "{text:?}");
        }
    }
}
