use palisade_model::{Finding, RuleInfo, Score};
use serde_json::{Value, json};

/// Most vectors that the schemas allow.
const MAX_VECTORS: usize = 10;
/// Lengths of a vector that they allow.
const VECTOR_LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;

/// What the finding is called elsewhere, by the first of which GitLab knows it again: the names of the advisory, our rule, weaknesses.
pub(super) fn identifiers(finding: &Finding, rule: Option<&RuleInfo>) -> Vec<Value> {
    let advisories = finding.package.iter().flat_map(|package| &package.advisories);
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
    advisories.map(|name| advisory(name)).chain([own]).chain(weaknesses).collect()
}

/// A name such as `CVE-2026-0001` is of the type `cve`.
fn advisory(name: &str) -> Value {
    let kind = name.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let mut identifier = json!({ "type": kind, "name": name, "value": name });
    if kind.is_empty() {
        identifier = json!({ "type": "advisory", "name": name, "value": name });
    }
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    if let (true, Some(object)) = (is_plain, identifier.as_object_mut()) {
        let url = match kind.as_str() {
            "cve" => format!("https://www.cve.org/CVERecord?id={name}"),
            "ghsa" => format!("https://github.com/advisories/{name}"),
            _ => format!("https://osv.dev/vulnerability/{name}"),
        };
        object.insert("url".to_owned(), json!(url));
    }
    identifier
}

/// The scores of the advisory in the systems that the schemas know, CVSS 2 and 3, the newer and higher first.
pub(super) fn vectors(finding: &Finding) -> Vec<Value> {
    let scores = finding.package.iter().flat_map(|package| &package.scores);
    let is_known = |score: &&Score| {
        let is_second = !score.vector.starts_with("CVSS:");
        score.base_tenths.is_some()
            && VECTOR_LENGTHS.contains(&score.vector.len())
            && (is_second || score.vector.starts_with("CVSS:3."))
    };
    let mut known: Vec<&Score> = scores.filter(is_known).collect();
    known.sort_by_key(|score| (score.vector.starts_with("CVSS:3."), score.base_tenths));
    let vectors = known.iter().rev().map(|score| json!({ "vendor": score.advisory, "vector": score.vector }));
    vectors.take(MAX_VECTORS).collect()
}
