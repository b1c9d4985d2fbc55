//! The reports by which GitLab shows findings in a merge request. One file holds findings of one type, so there are three formats.

mod identifiers;
mod location;

use palisade_model::{Digest, Finding, Gap, GapKind, RuleInfo, ScanReport, Severity};
use serde_json::{Map, Value, json};

use crate::ScanOrigin;
use crate::facts::facts;
use crate::gitlab::identifiers::{identifiers, vectors};
use crate::gitlab::location::System;
use crate::origin::seconds;
use crate::text::plural;

/// The version of GitLab's schemas that is written.
const SCHEMA_VERSION: &str = "15.0.7";
/// Longest name and solution that the schemas allow, in characters.
const MAX_NAME: usize = 255;
const MAX_SOLUTION: usize = 7000;

/// A type of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GitlabReport {
    /// Secrets, wherever they were found.
    SecretDetection,
    /// Packages of a source or a bill of materials.
    DependencyScanning,
    /// Packages and the configuration of an image.
    ContainerScanning,
}

impl GitlabReport {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SecretDetection, Self::DependencyScanning, Self::ContainerScanning];

    /// As GitLab calls it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::SecretDetection => "secret_detection",
            Self::DependencyScanning => "dependency_scanning",
            Self::ContainerScanning => "container_scanning",
        }
    }

    /// The format that writes it.
    pub const fn format(self) -> &'static str {
        match self {
            Self::SecretDetection => "gitlab",
            Self::DependencyScanning => "gitlab-dependencies",
            Self::ContainerScanning => "gitlab-containers",
        }
    }

    /// The one that `finding` stands in.
    fn of(finding: &Finding, origin: &ScanOrigin<'_>) -> Self {
        match (&finding.package, origin.image) {
            _ if finding.engine == "secrets" => Self::SecretDetection,
            (_, Some(_)) => Self::ContainerScanning,
            (Some(_), None) => Self::DependencyScanning,
            (None, None) => Self::SecretDetection,
        }
    }
}

/// How many findings that count stand in a report of none of these types, for each of the others.
pub fn gitlab_elsewhere(
    report: &ScanReport,
    origin: &ScanOrigin<'_>,
    written: &[GitlabReport],
) -> Vec<(GitlabReport, u64)> {
    let count = |kind: GitlabReport| {
        report.active_findings().filter(|finding| GitlabReport::of(finding, origin) == kind).count() as u64
    };
    let others = GitlabReport::ALL.into_iter().filter(|kind| !written.contains(kind));
    others.map(|kind| (kind, count(kind))).filter(|(_, count)| *count > 0).collect()
}

/// The findings that count and are of the type of `kind`, as a report of GitLab; those of other types are counted in its messages.
/// Suppressed ones are left out: GitLab would take them for open. The scan is a `failure` when a gap forbids calling it clean.
pub fn gitlab(report: &ScanReport, origin: &ScanOrigin<'_>, kind: GitlabReport) -> Value {
    let blocked = report.blocking_gaps().next().is_some();
    let program = json!({
        "id": "palisade",
        "name": "Palisade",
        "version": origin.version,
        "vendor": { "name": "Palisade" },
    });
    let system = System::of(report);
    let findings = report.active_findings().filter(|finding| GitlabReport::of(finding, origin) == kind);
    let found: Vec<Value> = findings
        .map(|finding| {
            let location = location::location(finding, origin, kind, &system);
            vulnerability(finding, report.rules.get(&finding.rule), location)
        })
        .collect();
    let mut document = json!({
        "version": SCHEMA_VERSION,
        "schema": format!(
            "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v{SCHEMA_VERSION}/dist/{}-report-format.json",
            kind.kind().replace('_', "-")
        ),
        "scan": {
            "analyzer": program,
            "scanner": program,
            "type": kind.kind(),
            "start_time": seconds(origin.started),
            "end_time": seconds(origin.ended),
            "status": if blocked { "failure" } else { "success" },
            "messages": messages(report, origin, kind),
        },
        "vulnerabilities": found,
    });
    if let (GitlabReport::DependencyScanning, Some(object)) = (kind, document.as_object_mut()) {
        // Required, and about all packages: GitLab reads those from a bill of materials today.
        object.insert("dependency_files".to_owned(), json!([]));
    }
    document
}

fn messages(report: &ScanReport, origin: &ScanOrigin<'_>, kind: GitlabReport) -> Vec<Value> {
    let gaps = report.engines.iter().flat_map(|engine| &engine.coverage.gaps).map(message);
    let elsewhere = gitlab_elsewhere(report, origin, &[kind]).into_iter().map(|(other, count)| {
        let value =
            format!("{} of another type: see `--format {}`", plural(count, "finding"), other.format());
        json!({ "level": "info", "value": value })
    });
    gaps.chain(elsewhere).collect()
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

fn vulnerability(finding: &Finding, rule: Option<&RuleInfo>, location: Value) -> Value {
    let why = rule.map(|rule| rule.why.as_str()).unwrap_or_default();
    let mut vulnerability = json!({
        "id": id(finding),
        "name": finding.title.chars().take(MAX_NAME).collect::<String>(),
        "description": format!("{}\n\n{why}", finding.message).trim(),
        "severity": severity(finding),
        "solution": solution(finding, rule).chars().take(MAX_SOLUTION).collect::<String>(),
        "identifiers": identifiers(finding, rule),
        "links": links(finding, rule),
        "location": location,
        "details": details(finding),
    });
    let vectors = vectors(finding);
    if let (false, Some(object)) = (vectors.is_empty(), vulnerability.as_object_mut()) {
        object.insert("cvss_vectors".to_owned(), json!(vectors));
    }
    vulnerability
}

/// What can be done about a flaw that no version is known to mend.
const NO_VERSION: &str = "No mended version is known. Replace the package, or take out what uses it; if the flaw cannot be reached in your product, say so in a VEX document or a waiver with a reason and an end.";

fn solution<'a>(finding: &'a Finding, rule: Option<&'a RuleInfo>) -> &'a str {
    let fix = finding.package.as_ref().and_then(|package| package.fix.as_ref());
    match (fix, rule) {
        (Some(fix), _) => &fix.advice,
        // The rule speaks of a version that the finding names.
        (None, _) if finding.rule.as_str() == "known-vulnerability" => NO_VERSION,
        (None, Some(rule)) => &rule.fix,
        (None, None) => "",
    }
}

/// Where to read on: of the advisory where there is one, else of the rule.
fn links(finding: &Finding, rule: Option<&RuleInfo>) -> Vec<Value> {
    let references = finding.package.iter().flat_map(|package| &package.references);
    let references: Vec<&String> = references.chain(rule.and_then(|rule| rule.source.as_ref())).collect();
    let is_web = |url: &&&String| url.starts_with("https://");
    references.iter().filter(is_web).map(|url| json!({ "url": url })).collect()
}

/// A UUID (RFC 9562, section 5.8) made of fingerprint and place: the same finding has the same one in every scan.
fn id(finding: &Finding) -> String {
    let place = &finding.location;
    let key = format!("{} {} {}", finding.fingerprint, place.display_path(), place.bytes.start);
    let hex: Vec<char> = Digest::of(key.as_bytes()).hex().chars().collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().iter().collect::<String>();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

fn details(finding: &Finding) -> Map<String, Value> {
    let field = |name: &str, value: &str| {
        (name.replace(' ', "_"), json!({ "type": "text", "name": name, "value": value }))
    };
    let fingerprint = finding.fingerprint.to_string();
    let own = [("fingerprint", fingerprint), ("line", finding.excerpt.text.clone())];
    own.into_iter().chain(facts(finding)).map(|(name, value)| field(name, &value)).collect()
}

fn severity(finding: &Finding) -> &'static str {
    match finding.severity {
        _ if finding.package.as_ref().is_some_and(|package| package.severity_unknown) => "Unknown",
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}
