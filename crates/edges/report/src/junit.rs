use std::collections::BTreeMap;
use std::fmt::Write;

use palisade_model::{Finding, ScanReport, is_unprintable};

use crate::facts::fact_lines;
use crate::findings::suppressed_by;

/// A scan as JUnit XML: one test case for each finding that counts and each blocking gap, failed or errored; one that passes when
/// there are none. Suppressed findings are skipped cases.
pub fn junit(report: &ScanReport) -> String {
    let failures = report.active_findings().count();
    let errors = report.blocking_gaps().count();
    let skipped = report.findings.len() - failures;
    let clean = failures + errors + skipped == 0;
    let tests = if clean { 1 } else { failures + errors + skipped };
    let counts =
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"");
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"palisade scan\" {counts}>\n"
    );
    let mut names = Names::default();
    for finding in &report.findings {
        xml.push_str(&case(finding, &mut names));
    }
    for gap in report.blocking_gaps() {
        let name = gap.path.as_ref().map_or_else(|| "the whole source".to_owned(), ToString::to_string);
        let name = names.own("coverage", name);
        let _ = writeln!(
            xml,
            "    <testcase classname=\"coverage\" name=\"{}\"><error type=\"{}\" message=\"{}\"/></testcase>",
            escaped(&name),
            gap.kind,
            escaped(&gap.detail)
        );
    }
    if clean {
        xml.push_str("    <testcase classname=\"palisade\" name=\"no findings\"/>\n");
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// Gives each case of a class a name of its own: readers such as GitLab take those of one name for one case, and show the last.
#[derive(Default)]
struct Names(BTreeMap<(String, String), u32>);

impl Names {
    fn own(&mut self, class: &str, name: String) -> String {
        let count =
            self.0.entry((class.to_owned(), name.clone())).and_modify(|count| *count += 1).or_insert(1);
        if *count == 1 { name } else { format!("{name} ({count})") }
    }
}

fn case(finding: &Finding, names: &mut Names) -> String {
    let start = finding.location.start;
    let place = format!("{}:{}:{}", finding.location.display_path(), start.line, start.column);
    // A line of a lockfile is about one package and may be about many flaws.
    let flaw = finding.package.as_ref().and_then(|package| package.advisories.first());
    let name = flaw.map_or_else(|| place.clone(), |flaw| format!("{place} {flaw}"));
    let name = names.own(finding.rule.as_str(), name);
    let outcome = match &finding.suppression {
        Some(suppression) => format!("<skipped message=\"{}\"/>", escaped(&suppressed_by(suppression))),
        None => format!(
            "<failure type=\"{}\" message=\"{}\">{}</failure>",
            finding.severity,
            escaped(&finding.title),
            escaped(&details(finding, &place))
        ),
    };
    format!("    <testcase classname=\"{}\" name=\"{}\">{outcome}</testcase>\n", finding.rule, escaped(&name))
}

fn details(finding: &Finding, place: &str) -> String {
    let mut lines = vec![place.to_owned(), finding.excerpt.text.clone(), finding.message.clone()];
    lines.extend(fact_lines(finding));
    lines.push(format!("fingerprint {}", finding.fingerprint));
    lines.join("\n")
}

/// Text for attributes and content; characters that XML 1.0 (section 2.2) cannot hold, or that mislead a reader, become U+FFFD.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut xml, c| {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' => xml.push_str("&#10;"),
            '\t' => xml.push_str("&#9;"),
            c if is_unprintable(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => xml.push('\u{fffd}'),
            c => xml.push(c),
        }
        xml
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_report_is_one_passed_test() {
        let xml = junit(&ScanReport::default());
        assert!(xml.contains("tests=\"1\" failures=\"0\" errors=\"0\""), "{xml}");
    }

    #[test]
    fn no_two_cases_of_a_class_have_one_name() {
        let mut names = Names::default();
        let given = ["a", "a", "b", "a"].map(|name| names.own("coverage", name.to_owned()));
        assert_eq!(given, ["a", "a (2)", "b", "a (3)"]);
        assert_eq!(names.own("other", "a".to_owned()), "a");
    }

    #[test]
    fn markup_and_controls_are_escaped() {
        assert_eq!(escaped("<a b=\"&\">\u{1}\n"), "&lt;a b=&quot;&amp;&quot;&gt;\u{fffd}&#10;");
    }
}
