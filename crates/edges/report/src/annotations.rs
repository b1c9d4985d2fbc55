use std::fmt::Write;

use palisade_model::{Finding, ScanReport, Severity};

use crate::facts::fact_lines;
use crate::text::printable;

/// A scan as workflow commands of GitHub Actions: one annotation for each finding that counts and each blocking gap.
pub fn annotations(report: &ScanReport) -> String {
    let mut text = String::new();
    for finding in report.active_findings() {
        let _ = writeln!(text, "{}", finding_annotation(finding));
    }
    for gap in report.blocking_gaps() {
        let file = gap
            .path
            .as_ref()
            .map(|path| format!("file={},", property(&path.to_string())))
            .unwrap_or_default();
        let title = property(&format!("Not scanned ({})", gap.kind));
        let _ = writeln!(text, "::error {file}title={title}::{}", message(&gap.detail));
    }
    text
}

fn finding_annotation(finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    };
    let place = &finding.location;
    let lines = match place.members.is_empty() {
        true => format!(
            "line={},endLine={},col={},endColumn={},",
            place.start.line, place.end.line, place.start.column, place.end.column
        ),
        // They are lines of a member of an archive, which GitHub cannot show.
        false => String::new(),
    };
    format!(
        "::{command} file={},{lines}title={}::{}",
        property(&place.path.to_string()),
        property(&format!("{} [{}]", finding.title, finding.rule)),
        message(&said(finding)),
    )
}

fn said(finding: &Finding) -> String {
    let said = match finding.message.is_empty() {
        true => finding.fingerprint.to_string(),
        false => format!("{} ({})", finding.message, finding.fingerprint),
    };
    let member = (!finding.location.members.is_empty())
        .then(|| format!("{} line {}", finding.location.display_path(), finding.location.start.line));
    std::iter::once(said).chain(member).chain(fact_lines(finding)).collect::<Vec<_>>().join("; ")
}

/// Percent, line feed and carriage return end or change a command's message; other control characters are for the terminal on which
/// somebody reads the log.
fn message(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    lines.join("\n").replace('%', "%25").replace('\n', "%0A")
}

/// In a property colon and comma separate, too.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_start_another_command() {
        assert_eq!(message("a\n::set-env name=x::y%"), "a%0A::set-env name=x::y%25");
        assert_eq!(message("a\r\u{1b}[2J"), "a\\u{d}\\u{1b}[2J");
        assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
    }
}
