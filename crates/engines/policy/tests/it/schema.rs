//! docs/schemas/gate-input-v1.json, held against the model by another implementation of JSON Schema.

use std::io::Write;
use std::process::{Command, Stdio};

use palisade_model::{Asset, CommitRef, Encoding, History, Timestamp};
use serde_json::Value;

use crate::sample::{clean, rich};

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

/// What is left out of a finding when there is nothing to say.
#[test]
fn a_finding_with_everything_is_valid() {
    let commit = CommitRef {
        id: "0123456789".repeat(4).parse().unwrap(),
        author: "Ada".into(),
        email: "ada@example.com".into(),
        time: Timestamp::UNIX_EPOCH,
        subject: "add".into(),
    };
    let mut input = rich();
    let finding = input.findings.first_mut().unwrap();
    finding.location.members = vec!["a.zip".into()];
    finding.encodings = vec![Encoding::Base64, Encoding::QuotedPrintable];
    finding.asset = Some(Asset { host: Some("db:1".into()), user: Some("u".into()), database: None });
    finding.history = Some(History {
        object: "0123456789".repeat(4),
        first: Some(commit.clone()),
        last: Some(commit),
        paths: vec![finding.location.path.clone()],
        more_paths: false,
        objects: 1,
        in_head: true,
        reachable: true,
    });
    assert_eq!(validate(&[serde_json::to_value(&input).unwrap()]), ["ok"]);
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
