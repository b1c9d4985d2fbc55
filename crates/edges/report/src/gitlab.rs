use palisade_model::{Digest, Finding, Gap, GapKind, RuleInfo, ScanReport, Severity, Source};
use serde_json::{Map, Value, json};

use crate::ScanOrigin;
use crate::facts::facts;
use crate::origin::seconds;

/// The version of GitLab's schema for secret detection reports that is written.
const SCHEMA_VERSION: &str = "15.0.7";
/// What stands for the commit where there is none; GitLab's own analyzer writes the same.
const NO_COMMIT: &str = "0000000";
/// Longest name and solution that the schema allows, in characters.
const MAX_NAME: usize = 255;
const MAX_SOLUTION: usize = 7000;

/// The findings that count, as a secret detection report of GitLab. Suppressed ones are left out: GitLab would take them for open. The
/// scan is a `failure` when a gap forbids calling it clean.
pub fn gitlab(report: &ScanReport, origin: &ScanOrigin<'_>) -> Value {
    let blocked = report.blocking_gaps().next().is_some();
    let gaps = report.engines.iter().flat_map(|engine| &engine.coverage.gaps);
    let program = json!({
        "id": "palisade",
        "name": "Palisade",
        "version": origin.version,
        "vendor": { "name": "Palisade" },
    });
    json!({
        "version": SCHEMA_VERSION,
        "schema": format!(
            "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v{SCHEMA_VERSION}/dist/secret-detection-report-format.json"
        ),
        "scan": {
            "analyzer": program,
            "scanner": program,
            "type": "secret_detection",
            "start_time": seconds(origin.started),
            "end_time": seconds(origin.ended),
            "status": if blocked { "failure" } else { "success" },
            "messages": gaps.map(message).collect::<Vec<_>>(),
        },
        "vulnerabilities": report
            .active_findings()
            .map(|finding| vulnerability(finding, report.rules.get(&finding.rule), origin.source))
            .collect::<Vec<_>>(),
    })
}

fn message(gap: &Gap) -> Value {
    let level = match gap.kind {
        GapKind::EngineCrashed => "fatal",
        _ if gap.blocking => "warn",
        _ => "info",
    };
    let place = gap.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
    json!({ "level": level, "value": format!("{}: {place}{}", gap.kind, gap.detail) })
}

fn vulnerability(finding: &Finding, rule: Option<&RuleInfo>, source: &Source) -> Value {
    let why = rule.map(|rule| rule.why.as_str()).unwrap_or_default();
    let solution = rule.map(|rule| rule.fix.as_str()).unwrap_or_default();
    let links: Vec<Value> = rule
        .and_then(|rule| rule.source.as_ref())
        .filter(|source| source.starts_with("https://"))
        .map(|source| json!({ "url": source }))
        .into_iter()
        .collect();
    json!({
        "id": id(finding),
        "name": finding.title.chars().take(MAX_NAME).collect::<String>(),
        "description": format!("{}\n\n{why}", finding.message).trim(),
        "severity": severity(finding.severity),
        "solution": solution.chars().take(MAX_SOLUTION).collect::<String>(),
        "identifiers": identifiers(finding, rule),
        "links": links,
        "location": location(finding, source),
        "details": details(finding),
    })
}

/// A UUID (RFC 9562, section 5.8) made of fingerprint and place: the same finding has the same one in every scan.
fn id(finding: &Finding) -> String {
    let place = &finding.location;
    let key = format!("{} {} {}", finding.fingerprint, place.display_path(), place.bytes.start);
    let hex: Vec<char> = Digest::of(key.as_bytes()).hex().chars().collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().iter().collect::<String>();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

fn identifiers(finding: &Finding, rule: Option<&RuleInfo>) -> Vec<Value> {
    let own = json!({
        "type": "palisade_rule_id",
        "name": format!("Palisade rule {}", finding.rule),
        "value": finding.rule,
    });
    let weakness = |number: &u32| {
        json!({
            "type": "cwe",
            "name": format!("CWE-{number}"),
            "value": number.to_string(),
            "url": format!("https://cwe.mitre.org/data/definitions/{number}.html"),
        })
    };
    let weaknesses = rule.into_iter().flat_map(|rule| &rule.cwe).map(weakness);
    std::iter::once(own).chain(weaknesses).collect()
}

/// The commit that brought the secret where that is known, else the one that is checked out.
fn location(finding: &Finding, source: &Source) -> Value {
    let place = &finding.location;
    let head = match source {
        Source::Git { commit: Some(commit), .. } => commit.as_str(),
        Source::Git { commit: None, .. } | Source::Folder => NO_COMMIT,
    };
    let commit = match finding.history.as_ref().and_then(|history| history.first.as_ref()) {
        Some(first) => json!({
            "sha": first.id,
            "author": first.author,
            "date": first.time.to_string(),
            "message": first.subject,
        }),
        None => json!({ "sha": head }),
    };
    json!({
        "file": place.display_path(),
        "start_line": place.start.line,
        "end_line": place.end.line,
        "commit": commit,
    })
}

fn details(finding: &Finding) -> Map<String, Value> {
    let field = |name: &str, value: &str| {
        (name.replace(' ', "_"), json!({ "type": "text", "name": name, "value": value }))
    };
    let fingerprint = finding.fingerprint.to_string();
    let own = [("fingerprint", fingerprint), ("line", finding.excerpt.text.clone())];
    own.into_iter().chain(facts(finding)).map(|(name, value)| field(name, &value)).collect()
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}
