//! docs/schemas/gate-input-v1.json, held against the model by another implementation of JSON Schema.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use palisade_model::{
    AffectedPackage, Asset, CommitRef, Confidence, Encoding, Exploitation, Finding, FixAdvice, Gap, GapKind,
    History, KnownExploited, Layer, Location, Relation, Scope, Score, Severity, Timestamp,
};
use serde_json::Value;

use crate::sample::{clean, finding, rich};

const SCHEMA: &str = include_str!("../../../../../docs/schemas/gate-input-v1.json");

/// Prints for each document of a list the place of the first thing wrong, or `ok`.
const VALIDATOR: &str = "
import json, sys
from jsonschema import Draft202012Validator as V
schema, documents = json.load(sys.stdin)
V.check_schema(schema)
for document in documents:
    error = next(V(schema).iter_errors(document), None)
    print('ok' if error is None else '/' + '/'.join(map(str, error.absolute_path)))
";

fn validate(documents: &[Value]) -> Vec<String> {
    let mut python = Command::new("python3")
        .args(["-c", VALIDATOR])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs python3 with the package jsonschema (`pip install jsonschema`)");
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let question = serde_json::to_vec(&(schema, documents)).unwrap();
    let sent = python.stdin.take().unwrap().write_all(&question);
    let output = python.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && sent.is_ok(),
        "this test needs python3 with the package jsonschema (`pip install jsonschema`): {errors}"
    );
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn documents() -> Vec<Value> {
    let mut folder = clean();
    folder.snapshot.source = palisade_model::Source::Folder;
    folder.plan.tools = None;
    [clean(), rich(), folder].iter().map(|input| serde_json::to_value(input).unwrap()).collect()
}

#[test]
fn the_models_inputs_are_valid() {
    assert_eq!(validate(&documents()), ["ok", "ok", "ok"]);
}

/// What is left out of findings and gaps when there is nothing to say: all of it is known to the schema, and nothing besides.
#[test]
fn a_finding_with_everything_is_valid() {
    let mut input = rich();
    *input.findings.first_mut().unwrap() = full_finding();
    let mut gap = Gap::new(None, GapKind::DataMissing, "there is no database of advisories");
    gap.blocking = false;
    gap.tolerated = Some("until 2026-03-09: no network yet".into());
    input.coverage.first_mut().unwrap().coverage.gaps.push(gap);
    let full = serde_json::to_value(&input).unwrap();
    let (finding, schema) = (&full["findings"][0], serde_json::from_str::<Value>(SCHEMA).unwrap());
    for (shown, known) in [
        (finding, "finding"),
        (&finding["package"], "affectedPackage"),
        (&finding["package"]["scores"][0], "score"),
        (&finding["layer"], "layer"),
        (&full["coverage"][0]["coverage"]["gaps"][2], "gap"),
    ] {
        let known: BTreeSet<_> = schema["$defs"][known]["properties"].as_object().unwrap().keys().collect();
        assert_eq!(shown.as_object().unwrap().keys().collect::<BTreeSet<_>>(), known);
    }
    assert_eq!(validate(std::slice::from_ref(&full)), ["ok"]);
    let broken: Vec<_> = objects(finding, "/findings/0".into())
        .iter()
        .map(|pointer| changed(&full, pointer, |object| drop(object.insert("extra".into(), 1.into()))))
        .collect();
    assert!(broken.len() > 12);
    for (result, document) in validate(&broken).iter().zip(&broken) {
        assert_ne!(result, "ok", "{document:#}");
    }
}

/// Every field is named, so that a new one stops this from compiling, and none is empty.
fn full_finding() -> Finding {
    let finding = finding(1, "deps", Severity::High, Confidence::High);
    let commit = CommitRef {
        id: "0123456789".repeat(4).parse().unwrap(),
        author: "Ada".into(),
        email: "ada@example.com".into(),
        time: Timestamp::UNIX_EPOCH,
        subject: "add".into(),
    };
    Finding {
        engine: finding.engine,
        rule: finding.rule,
        title: finding.title,
        severity: finding.severity,
        confidence: finding.confidence,
        message: finding.message,
        location: Location { members: vec!["a.zip".into()], ..finding.location.clone() },
        encodings: vec![Encoding::Base64, Encoding::QuotedPrintable],
        excerpt: finding.excerpt,
        form: finding.form,
        asset: Some(Asset { host: Some("db:1".into()), user: Some("u".into()), database: None }),
        fingerprint: finding.fingerprint,
        marker: None,
        // No result shows them.
        listed: Vec::new(),
        suppression: None,
        history: Some(History {
            object: "0123456789".repeat(4),
            first: Some(commit.clone()),
            last: Some(commit),
            paths: vec![finding.location.path],
            more_paths: false,
            objects: 1,
            in_head: true,
            reachable: true,
        }),
        layer: Some(Layer {
            index: 2,
            diff_id: format!("sha256:{}", "0".repeat(64)),
            created_by: Some("RUN make".into()),
        }),
        package: Some(Box::new(full_package())),
    }
}

fn full_package() -> AffectedPackage {
    AffectedPackage {
        purl: "pkg:cargo/smallvec@0.6.13".parse().unwrap(),
        scope: Scope::Prod,
        relation: Relation::Transitive,
        path: vec!["shop@1.0.0".into(), "smallvec@0.6.13".into()],
        advisories: vec!["RUSTSEC-2021-0003".into(), "CVE-2021-25900".into()],
        scores: vec![Score {
            advisory: "RUSTSEC-2021-0003".into(),
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into(),
            base_tenths: Some(98),
            severity: Severity::Critical,
        }],
        severity_source: Some("CVSS 3.1 of RUSTSEC-2021-0003".into()),
        base_tenths: Some(98),
        severity_unknown: true,
        exploitation: Some(Exploitation {
            probability: "0.5".into(),
            percentile: "0.9".into(),
            date: "2026-02-28".into(),
        }),
        known_exploited: Some(KnownExploited {
            added: "2026-01-01".into(),
            due: "2026-01-22".into(),
            ransomware: false,
        }),
        fix: Some(FixAdvice {
            version: "0.6.14".into(),
            same_branch: true,
            others: vec!["1.6.1".into()],
            advice: "cargo update -p smallvec --precise 0.6.14".into(),
        }),
        references: vec!["https://example.org/advisory".into()],
    }
}

/// Every object of the rich input in turn gets a field too many, and loses each of its fields.
#[test]
fn a_field_too_many_or_too_few_is_invalid_everywhere() {
    let rich = documents().remove(1);
    let mut broken = Vec::new();
    for pointer in objects(&rich, String::new()) {
        // Names are free in maps.
        if ["/environments", "/plan/environments", "/env", "/plan/jobs"]
            .iter()
            .any(|map| pointer.ends_with(map))
        {
            continue;
        }
        let keys: Vec<_> = rich.pointer(&pointer).unwrap().as_object().unwrap().keys().cloned().collect();
        broken.push(changed(&rich, &pointer, |object| drop(object.insert("extra".into(), 1.into()))));
        broken.extend(keys.iter().map(|key| changed(&rich, &pointer, |object| drop(object.remove(key)))));
    }
    assert!(broken.len() > 200);
    for (result, document) in validate(&broken).iter().zip(&broken) {
        assert_ne!(result, "ok", "{document:#}");
    }
}

fn objects(value: &Value, pointer: String) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let below = map.iter().flat_map(|(key, value)| {
                objects(value, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")))
            });
            let below: Vec<_> = below.collect();
            [pointer].into_iter().chain(below).collect()
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(at, value)| objects(value, format!("{pointer}/{at}")))
            .collect(),
        _ => Vec::new(),
    }
}

fn changed(value: &Value, pointer: &str, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Value {
    let mut value = value.clone();
    change(value.pointer_mut(pointer).unwrap().as_object_mut().unwrap());
    value
}
