use std::collections::BTreeMap;

use palisade_model::{AffectedPackage, Confidence, Finding, RuleInfo, ScanReport, Severity};
use serde_json::{Value, json};

/// The reporting descriptors (section 3.49) of a log: a rule of ours, or an advisory, which stands in the place of the rule. A rule's
/// severity is all that GitHub shows and sorts by, and two results of one rule on one line are one to it. By name.
pub(crate) struct Descriptors<'a>(Vec<Descriptor<'a>>);

/// One of them: our rule, and the worst of the findings that go by its name.
struct Descriptor<'a> {
    id: &'a str,
    info: &'a RuleInfo,
    worst: &'a Finding,
}

/// The name that a finding's rule has in the log.
pub(crate) fn rule_id(finding: &Finding) -> &str {
    advisory(finding).map_or(finding.rule.as_str(), |(name, _)| name)
}

/// The advisory that a finding comes from: the name it goes by, and what is known.
fn advisory(finding: &Finding) -> Option<(&str, &AffectedPackage)> {
    let package = finding.package.as_deref()?;
    package.advisories.first().map(|name| (name.as_str(), package))
}

impl<'a> Descriptors<'a> {
    /// Those of every finding of `report`.
    pub(crate) fn of(report: &'a ScanReport) -> Self {
        let mut all: BTreeMap<&str, Descriptor<'_>> = BTreeMap::new();
        for finding in &report.findings {
            let Some(info) = report.rules.get(&finding.rule) else { continue };
            let id = rule_id(finding);
            let known = all.entry(id).or_insert(Descriptor { id, info, worst: finding });
            if tenths(finding) > tenths(known.worst) {
                *known = Descriptor { id, info, worst: finding };
            }
        }
        Self(all.into_values().collect())
    }

    /// The rule of a finding: its name, and its place in the log.
    pub(crate) fn rule<'f>(&self, finding: &'f Finding) -> (&'f str, Option<usize>) {
        let id = rule_id(finding);
        (id, self.0.binary_search_by(|known| known.id.cmp(id)).ok())
    }

    pub(crate) fn to_json(&self) -> Vec<Value> {
        let described = |one: &Descriptor<'_>| match advisory(one.worst) {
            Some((_, package)) => of_advisory(one.id, one.info, one.worst, package),
            None => of_rule(one.info),
        };
        self.0.iter().map(described).collect()
    }
}

fn of_rule(info: &RuleInfo) -> Value {
    describe(
        info,
        &About {
            id: info.id.as_str(),
            title: &info.title,
            text: &info.why,
            help: format!("{}\n\n{}", info.why, info.fix),
            severity: info.severity,
            score: decimal(middle(info.severity)),
            page: info.source.as_deref(),
        },
    )
}

/// `finding` is the worst of those that come from the advisory.
fn of_advisory(id: &str, info: &RuleInfo, finding: &Finding, package: &AffectedPackage) -> Value {
    describe(
        info,
        &About {
            id,
            title: &finding.title,
            text: &finding.title,
            help: help(info, finding, package),
            severity: finding.severity,
            score: score(finding),
            page: package.references.iter().find(|url| url.starts_with("https://")).map(String::as_str),
        },
    )
}

/// What a rule and an advisory say of themselves each in their own way.
struct About<'a> {
    id: &'a str,
    title: &'a str,
    text: &'a str,
    help: String,
    severity: Severity,
    score: String,
    page: Option<&'a str>,
}

fn describe(info: &RuleInfo, about: &About<'_>) -> Value {
    let mut rule = json!({
        "id": about.id,
        "name": info.id,
        "shortDescription": { "text": about.title },
        "fullDescription": { "text": about.text },
        "help": { "text": about.help, "markdown": about.help },
        "defaultConfiguration": { "level": level(about.severity) },
        "properties": {
            "tags": tags(info),
            "precision": precision(info.confidence),
            "security-severity": about.score,
        },
    });
    if let (Some(page), Some(object)) = (about.page, rule.as_object_mut()) {
        object.insert("helpUri".to_owned(), json!(page));
    }
    rule
}

/// What is known of the flaw, whatever package has it.
fn help(info: &RuleInfo, finding: &Finding, package: &AffectedPackage) -> String {
    let mut known = Vec::new();
    if let [_, others @ ..] = package.advisories.as_slice()
        && !others.is_empty()
    {
        known.push(format!("Also called {}.", others.join(", ")));
    }
    let severity = match (&package.severity_source, package.severity_unknown) {
        (Some(source), _) => format!("Severity: {}, by {source}.", finding.severity),
        (None, true) => format!("Severity: unknown; it counts as {}.", finding.severity),
        (None, false) => format!("Severity: {}.", finding.severity),
    };
    known.push(severity);
    if let Some(exploited) = &package.known_exploited {
        let ransomware = if exploited.ransomware { ", by ransomware too" } else { "" };
        known.push(format!(
            "Known to be exploited since {}{ransomware}; agencies of the United States have to mend it by {}.",
            exploited.added, exploited.due
        ));
    }
    if let Some(likely) = &package.exploitation {
        known.push(format!(
            "Probability of exploitation within 30 days (EPSS, {}): {}, percentile {}.",
            likely.date, likely.probability, likely.percentile
        ));
    }
    known.extend(package.references.clone());
    format!("{}\n\n{}\n\n{}", known.join("\n\n"), info.why, info.fix)
}

/// Each once, as the format asks for it (3.8.2).
fn tags(info: &RuleInfo) -> Vec<String> {
    let weaknesses = info.cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}"));
    let mut tags: Vec<String> = Vec::new();
    for tag in info.tags.iter().cloned().chain(std::iter::once("security".to_owned())).chain(weaknesses) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

pub(crate) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// `security-severity` of a finding: a decimal number from 0.0 to 10.0.
pub(crate) fn score(finding: &Finding) -> String {
    decimal(tenths(finding))
}

/// The CVSS base score in tenths, but not below what the severity stands for: what is exploited already is worse than its score.
fn tenths(finding: &Finding) -> u32 {
    let base = finding.package.as_ref().and_then(|package| package.base_tenths);
    match base {
        Some(base) => base.max(least(finding.severity)),
        None => middle(finding.severity),
    }
}

fn decimal(tenths: u32) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Where a severity begins on the scale of CVSS and of code hosts, in tenths.
const fn least(severity: Severity) -> u32 {
    match severity {
        Severity::Critical => 90,
        Severity::High => 70,
        Severity::Medium => 40,
        Severity::Low => 1,
        Severity::Info => 0,
    }
}

/// What stands for a severity without a score, in tenths: GitHub calls above 9.0 critical, from 7.0 high, from 4.0 medium.
const fn middle(severity: Severity) -> u32 {
    match severity {
        Severity::Critical => 95,
        Severity::High => 80,
        Severity::Medium => 55,
        Severity::Low => 30,
        Severity::Info => 5,
    }
}

const fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use palisade_model::{Confidence, RuleId};

    /// A file with a tag twice is refused by those who check it against the schema, such as GitHub.
    #[test]
    fn a_tag_is_said_once() {
        let info = RuleInfo {
            id: RuleId::new("acme-token").unwrap(),
            title: "Acme token".to_owned(),
            severity: Severity::High,
            confidence: Confidence::High,
            cwe: vec![798, 798],
            tags: ["vendor:acme", "security", "vendor:acme"].map(str::to_owned).to_vec(),
            source: None,
            why: String::new(),
            fix: String::new(),
        };
        assert_eq!(tags(&info), ["vendor:acme", "security", "external/cwe/cwe-798"]);
    }
}
