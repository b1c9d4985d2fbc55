//! Writes a scan as SARIF 2.1.0 (OASIS Standard, 27 March 2020).
//!
//! Pure: a [`ScanReport`] in, a JSON document out. Snippets are the findings' own masked excerpts; nothing here could show a secret,
//! because nothing here has seen one. Start at [`log`].

#![forbid(unsafe_code)]

mod descriptors;
mod prints;

use palisade_model::{Finding, Gap, Location, ScanReport, Source, Suppression, SuppressionKind};
use serde_json::{Value, json};

use crate::descriptors::{Descriptors, level, score};
use crate::prints::{Prints, with_prints};

/// The schema that the document names.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The SARIF log of one scan by Palisade `version`. Results are in the report's order, one for each finding, suppressed ones
/// included (section 3.27.23), and its rule is the advisory where it comes from one, so that a reader of the log sees a severity for
/// each flaw; gaps are tool execution notifications (3.58), and `executionSuccessful` is false when one of them
/// blocks. `source` becomes the run's `versionControlProvenance` (3.14.8) where its repository is known by a URI.
pub fn log(report: &ScanReport, version: &str, source: &Source) -> Value {
    let descriptors = Descriptors::of(report);
    let prints = Prints::of(&report.findings);
    let results: Vec<Value> = report
        .findings
        .iter()
        .zip(prints)
        .map(|(finding, prints)| with_prints(result(finding, &descriptors), prints))
        .collect();
    let gaps = report.engines.iter().flat_map(|engine| engine.coverage.gaps.iter());
    let clean = report.blocking_gaps().next().is_none();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Palisade",
                "version": version,
                "rules": descriptors.to_json(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "SRCROOT": { "description": { "text": "The scanned folder." } } },
            "invocations": [{
                "executionSuccessful": clean,
                "toolExecutionNotifications": gaps.map(notification).collect::<Vec<_>>(),
            }],
            "versionControlProvenance": provenance(source).into_iter().collect::<Vec<_>>(),
            "results": results,
        }],
    })
}

/// Section 3.23. The repository's URI is required, so a remote that is none, such as `git@host:path`, is left out.
fn provenance(source: &Source) -> Option<Value> {
    let Source::Git { commit, branch, remote: Some(remote) } = source else { return None };
    let (scheme, rest) = remote.split_once("://")?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    if !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) || !rest.bytes().all(plain) {
        return None;
    }
    let mut provenance = json!({ "repositoryUri": remote, "mappedTo": { "uriBaseId": "SRCROOT" } });
    let object = provenance.as_object_mut()?;
    object.extend(commit.as_ref().map(|commit| ("revisionId".to_owned(), json!(commit))));
    object.extend(branch.as_ref().map(|branch| ("branch".to_owned(), json!(branch))));
    Some(provenance)
}

fn result(finding: &Finding, descriptors: &Descriptors<'_>) -> Value {
    let (id, index) = descriptors.rule(finding);
    let mut result = json!({
        "ruleId": id,
        "level": level(finding.severity),
        "message": { "text": message(finding) },
        "locations": [location(finding)],
        "suppressions": finding.suppression.iter().map(suppression).collect::<Vec<_>>(),
        "properties": properties(finding),
    });
    if let (Some(index), Some(object)) = (index, result.as_object_mut()) {
        object.insert("ruleIndex".to_owned(), json!(index));
    }
    result
}

/// What is in an archive has no region in the file that SARIF's readers can open; its way is a logical location (3.33).
fn location(finding: &Finding) -> Value {
    let place = &finding.location;
    let artifact = json!({ "uri": uri(place), "uriBaseId": "SRCROOT" });
    if !place.members.is_empty() {
        let name = format!("{}:{}", place.display_path(), place.start.line);
        return json!({
            "physicalLocation": { "artifactLocation": artifact, "region": { "startLine": 1 } },
            "logicalLocations": [{ "fullyQualifiedName": name, "kind": "member" }],
        });
    }
    json!({ "physicalLocation": {
        "artifactLocation": artifact,
        "region": {
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.end.line,
            "endColumn": place.end.column,
        },
        "contextRegion": {
            "startLine": place.start.line,
            "endLine": place.start.line,
            "snippet": { "text": finding.excerpt.text },
        },
    }})
}

/// What SARIF has no words for, in those of our own JSON (3.8).
fn properties(finding: &Finding) -> Value {
    let mut properties = json!({
        "security-severity": score(finding),
        "confidence": finding.confidence,
        "form": finding.form,
    });
    if let Some(object) = properties.as_object_mut() {
        let mut add = |key: &str, value: Value| object.insert(key.to_owned(), value);
        if !finding.encodings.is_empty() {
            add("encodings", json!(finding.encodings));
        }
        if let Some(asset) = &finding.asset {
            add("asset", json!(asset));
        }
        if let Some(history) = &finding.history {
            add("history", json!(history));
        }
        if let Some(layer) = &finding.layer {
            add("layer", json!(layer));
        }
        if let Some(package) = &finding.package {
            add("rule", json!(finding.rule));
            add("package", json!(package));
        }
    }
    properties
}

fn message(finding: &Finding) -> String {
    let mut said = finding.title.clone();
    // The title is the advisory's, which does not say which version it is about here.
    if finding.package.as_ref().is_some_and(|package| !package.advisories.is_empty()) {
        said = format!("{said}: {}", finding.excerpt.text);
    }
    if !finding.message.is_empty() {
        said = format!("{said}: {}", finding.message);
    }
    match finding.history.is_some() {
        true => {
            format!("{said}. It stays in the history: removing the line is not a fix, rotate the secret.")
        }
        false => said,
    }
}

/// Section 3.35: a suppression in the source is `inSource`, one kept elsewhere is `external`.
fn suppression(suppression: &Suppression) -> Value {
    let kind = match suppression.kind {
        SuppressionKind::Inline => "inSource",
        SuppressionKind::Waiver
        | SuppressionKind::Baseline
        | SuppressionKind::IgnoreFile
        | SuppressionKind::Vex => "external",
    };
    json!({
        "kind": kind,
        "status": "accepted",
        "justification": suppression.reason,
        "properties": {
            "by": suppression.kind,
            "owner": suppression.owner,
            "until": suppression.until,
            "self_granted": suppression.self_granted,
        },
    })
}

fn notification(gap: &Gap) -> Value {
    let level = if gap.blocking { "error" } else { "note" };
    let mut notification = json!({
        "level": level,
        "descriptor": { "id": gap.kind },
        "message": { "text": gap.detail },
    });
    if let (Some(path), Some(object)) = (&gap.path, notification.as_object_mut()) {
        let location = json!({ "uri": percent_encoded(path.as_bytes()), "uriBaseId": "SRCROOT" });
        object.insert(
            "locations".to_owned(),
            json!([{ "physicalLocation": { "artifactLocation": location } }]),
        );
    }
    notification
}

fn uri(location: &Location) -> String {
    percent_encoded(location.path.as_bytes())
}

/// A relative URI reference (RFC 3986, section 3.3). A colon in the first part would read as a scheme, so it is encoded too.
fn percent_encoded(path: &[u8]) -> String {
    path.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(*byte))
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use palisade_model::{
        Confidence, Coverage, Digest, EngineReport, Excerpt, GapKind, Position, RepoPath, RuleId, RuleInfo,
        Severity, Span,
    };

    use super::*;
    use crate::prints::FINGERPRINT_KEY;

    fn report() -> ScanReport {
        let path = RepoPath::from_bytes("a b/ä:1.env").unwrap();
        let rule = RuleId::new("github-pat").unwrap();
        let info = RuleInfo {
            id: rule.clone(),
            title: "GitHub token".into(),
            severity: Severity::Critical,
            confidence: Confidence::High,
            cwe: vec![798],
            tags: vec!["vendor:github".into()],
            why: "Acts as its owner.".into(),
            fix: "Revoke it.".into(),
            source: Some("https://docs.github.com/".into()),
        };
        let location = Location {
            path: path.clone(),
            members: Vec::new(),
            start: Position { line: 3, column: 7 },
            end: Position { line: 3, column: 47 },
            bytes: Span::new(40, 80),
        };
        let excerpt = Excerpt { text: "TOKEN=ghp_••••4kQz".into(), mark_start: 6, mark_end: 18 };
        let fingerprint = "00112233445566778899aabbccddeeff".parse().unwrap();
        let finding = Finding {
            message: "checksum is valid".into(),
            suppression: Some(Suppression {
                kind: SuppressionKind::Waiver,
                reason: "a test account".into(),
                owner: None,
                until: Some("2027-01-01".into()),
                self_granted: true,
            }),
            ..Finding::of_rule("secrets", &info, location, excerpt, fingerprint)
        };
        let gaps = vec![Gap::new(Some(path), GapKind::Unreadable, "permission denied")];
        let engine = EngineReport {
            engine: "secrets".into(),
            version: "1".into(),
            rules: Digest::of(b""),
            rule_count: 1,
            work: None,
            coverage: Coverage { gaps, ..Coverage::default() },
        };
        ScanReport { engines: vec![engine], findings: vec![finding], rules: [(rule, info)].into() }
    }

    #[test]
    fn places_fingerprints_suppressions_and_gaps_are_where_readers_look() {
        let log = log(&report(), "1.2.3", &Source::Folder);
        let result = &log["runs"][0]["results"][0];
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%A4%3A1.env");
        assert_eq!(place["region"]["endColumn"], 47);
        assert_eq!(result["partialFingerprints"][FINGERPRINT_KEY], "00112233445566778899aabbccddeeff");
        assert_eq!(result["suppressions"][0]["kind"], "external");
        assert_eq!(result["ruleIndex"], 0);
        assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"], "9.5");
    }

    #[test]
    fn a_repository_is_named_where_it_has_a_uri() {
        let named = |remote: &str| {
            let commit = "0123456789".repeat(4).parse().ok();
            let source = Source::Git { commit, branch: Some("main".into()), remote: Some(remote.into()) };
            log(&report(), "1.2.3", &source)["runs"][0]["versionControlProvenance"].clone()
        };
        assert_eq!(named("https://example.com/a.git")[0]["repositoryUri"], "https://example.com/a.git");
        assert_eq!(named("https://example.com/a.git")[0]["branch"], "main");
        for no_uri in ["git@example.com:a.git", "/srv/a.git", "https://example.com/a b"] {
            assert_eq!(named(no_uri), json!([]), "{no_uri}");
        }
    }

    #[test]
    fn a_member_of_an_archive_is_a_logical_location() {
        let mut report = report();
        report.findings[0].location.members = vec!["b.zip".into(), "c.env".into()];
        let log = log(&report, "1.2.3", &Source::Folder);
        let location = &log["runs"][0]["results"][0]["locations"][0];
        assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "a b/ä:1.env!b.zip!c.env:3");
        assert_eq!(location["physicalLocation"]["region"], json!({ "startLine": 1 }));
    }
}
