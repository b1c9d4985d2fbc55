use maud::{DOCTYPE, Markup, html as markup};
use palisade_model::{EngineReport, Finding, RuleInfo, Source};

use crate::facts::facts;
use crate::findings::{Extent, idle, suppressed_by};
use crate::text::{bytes, plural, printable};
use crate::{ScanOrigin, ScanView};

/// Colours come from the reader's system; nothing is loaded from anywhere.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}\
table{border-collapse:collapse;width:100%}\
th,td{border-bottom:1px solid #8886;padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
pre{background:#8882;overflow-x:auto;padding:.6rem}\
details{border:1px solid #8886;border-radius:.3rem;margin:.6rem 0;padding:.4rem .8rem}\
summary{cursor:pointer}\
mark{background:#d226;color:inherit}\
dt{font-weight:600}dd{margin:0 0 .4rem 1.5rem;overflow-wrap:anywhere}\
.critical,.high,.gap{color:light-dark(#a00,#f88)}.medium{color:light-dark(#850,#fc6)}";

/// Loads nothing and runs nothing, whatever a hostile text would smuggle in (Content Security Policy Level 3).
const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/// A scan as one HTML page without scripts: findings, suppressed findings, coverage and gaps.
pub fn html(view: &ScanView<'_>, origin: &ScanOrigin<'_>) -> String {
    let (active, suppressed): (Vec<&Finding>, Vec<&Finding>) =
        view.report.findings.iter().partition(|finding| finding.suppression.is_none());
    let idle = idle(view);
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(CSP);
                meta name="viewport" content="width=device-width";
                meta name="referrer" content="no-referrer";
                title { "Palisade scan" }
                style { (STYLE) }
            }
            body {
                h1 { "Palisade scan" }
                (summary(view, origin, active.len(), suppressed.len()))
                h2 id="findings" { "Findings" }
                @if active.is_empty() { p { "None." } } @else { (overview(&active)) }
                @for finding in &active { (details(finding, view.report.rules.get(&finding.rule))) }
                h2 id="suppressed" { "Suppressed findings" }
                @if suppressed.is_empty() { p { "None." } } @else { (allowed(&suppressed)) }
                @if !idle.is_empty() {
                    h2 id="idle" { "Suppressions to look after" }
                    ul { @for line in &idle { li { (printable(line)) } } }
                }
                h2 id="coverage" { "Coverage" }
                (coverage(&view.report.engines, view.extent))
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

fn summary(view: &ScanView<'_>, origin: &ScanOrigin<'_>, active: usize, suppressed: usize) -> Markup {
    let gaps = view.report.blocking_gaps().count() as u64;
    markup! {
        p {
            strong { (plural(active as u64, "finding")) ", " (plural(gaps, "gap")) }
            @if suppressed > 0 { " (" (suppressed) " more suppressed)" }
        }
        dl {
            @for (label, value) in described(origin.source) { dt { (label) } dd { (printable(&value)) } }
            dt { "scanned" } dd { (origin.started) " to " (origin.ended) }
            dt { "by" } dd { "Palisade " (origin.version) }
        }
    }
}

fn described(source: &Source) -> Vec<(&'static str, String)> {
    match source {
        Source::Folder => vec![("source", "a folder without git".to_owned())],
        Source::Git { commit, branch, remote } => {
            let commit = commit.as_ref().map(|commit| ("commit", commit.to_string()));
            let branch = branch.clone().map(|branch| ("branch", branch));
            let remote = remote.clone().map(|remote| ("repository", remote));
            remote.into_iter().chain(branch).chain(commit).collect()
        }
    }
}

fn place(finding: &Finding) -> String {
    let start = finding.location.start;
    printable(&format!("{}:{}:{}", finding.location.display_path(), start.line, start.column))
}

/// As what it counts, and whether that is anybody's word.
fn severity(finding: &Finding) -> String {
    let is_unknown = finding.package.as_ref().is_some_and(|package| package.severity_unknown);
    format!("{}{}", finding.severity, if is_unknown { " (unknown)" } else { "" })
}

fn overview(findings: &[&Finding]) -> Markup {
    markup! {
        table {
            thead { tr { th { "Severity" } th { "Confidence" } th { "Rule" } th { "Finding" } th { "Place" } } }
            tbody {
                @for finding in findings {
                    tr {
                        td class=(finding.severity) { (severity(finding)) }
                        td { (finding.confidence) }
                        td { code { (finding.rule) } }
                        td { (printable(&finding.title)) }
                        td { (place(finding)) }
                    }
                }
            }
        }
    }
}

fn details(finding: &Finding, rule: Option<&RuleInfo>) -> Markup {
    let marked = |from: u32, to: u32| {
        let characters = finding.excerpt.text.chars().skip(from as usize);
        printable(&characters.take(to.saturating_sub(from) as usize).collect::<String>())
    };
    let (start, end) = (finding.excerpt.mark_start, finding.excerpt.mark_end);
    markup! {
        details {
            summary {
                span class=(finding.severity) { (severity(finding)) } ": "
                (printable(&finding.title)) " at " (place(finding))
            }
            pre { (marked(0, start)) mark { (marked(start, end)) } (marked(end, u32::MAX)) }
            dl {
                @if !finding.message.is_empty() { dt { "message" } dd { (printable(&finding.message)) } }
                @for (label, value) in facts(finding) { dt { (label) } dd { (printable(&value)) } }
                @if let Some(rule) = rule {
                    dt { "why" } dd { (printable(&rule.why.replace('\n', " "))) }
                    dt { "fix" } dd { (printable(&rule.fix.replace('\n', " "))) }
                    @if let Some(source) = rule.source.as_ref().filter(|source| source.starts_with("https://")) {
                        dt { "source" } dd { a href=(source) rel="noreferrer" { (printable(source)) } }
                    }
                }
                dt { "fingerprint" } dd { code { (finding.fingerprint) } }
            }
        }
    }
}

fn allowed(findings: &[&Finding]) -> Markup {
    markup! {
        table {
            thead { tr { th { "Rule" } th { "Finding" } th { "Place" } th { "Suppressed by" } } }
            tbody {
                @for finding in findings {
                    tr {
                        td { code { (finding.rule) } }
                        td { (printable(&finding.title)) }
                        td { (place(finding)) }
                        td { @if let Some(suppression) = &finding.suppression { (suppressed_by(suppression)) } }
                    }
                }
            }
        }
    }
}

fn coverage(engines: &[EngineReport], extent: Extent) -> Markup {
    markup! {
        @for engine in engines {
            p {
                (engine.engine) ": " (extent.count(engine.coverage.looked_at)) " looked at, "
                (bytes(engine.coverage.bytes)) ", " (plural(engine.rule_count as u64, "rule"))
            }
            @if !engine.coverage.gaps.is_empty() {
                table {
                    thead { tr { th { "Gap" } th { "Place" } th { "What happened" } } }
                    tbody {
                        @for gap in &engine.coverage.gaps {
                            tr {
                                td class=[gap.blocking.then_some("gap")] { (gap.kind) }
                                td { @if let Some(path) = &gap.path { (printable(&path.to_string())) } }
                                td { (printable(&gap.detail)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
