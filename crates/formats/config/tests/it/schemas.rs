//! The published JSON Schemas list exactly the keys that the readers accept.

use std::collections::BTreeSet;
use std::path::Path;

use palisade_config::{JobSpec, PipelineFile, PolicyFile, StepSpec, TemplateJob};
use serde_json::Value;

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/schemas").join(name);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap()
}

/// Compares the keys of the closed mapping at `pointer`.
fn assert_keys(schema: &Value, pointer: &str, keys: &[&str]) {
    let mapping = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
    let listed: BTreeSet<&str> =
        mapping["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(listed, keys.iter().copied().collect(), "{pointer}");
    assert_eq!(mapping["additionalProperties"], false, "{pointer}");
}

/// Whether every `$ref` leads somewhere.
fn assert_references(root: &Value, value: &Value) {
    match value {
        Value::Object(entries) => {
            if let Some(Value::String(reference)) = entries.get("$ref") {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(root.pointer(pointer).is_some(), "{reference}");
            }
            entries.values().for_each(|value| assert_references(root, value));
        }
        Value::Array(items) => items.iter().for_each(|value| assert_references(root, value)),
        _ => {}
    }
}

#[test]
fn pipeline_schema_lists_the_keys_of_the_reader() {
    let schema = schema("pipeline-v1.json");
    assert_references(&schema, &schema);
    assert_keys(&schema, "", PipelineFile::KEYS);
    assert_keys(&schema, "/properties/release", PipelineFile::RELEASE_KEYS);
    assert_keys(&schema, "/$defs/job", JobSpec::KEYS);
    assert_keys(&schema, "/$defs/step", StepSpec::KEYS);
}

#[test]
fn policy_schema_lists_the_keys_of_the_reader() {
    let schema = schema("policy-v1.json");
    assert_references(&schema, &schema);
    assert_keys(&schema, "", PolicyFile::KEYS);
    assert_keys(&schema, "/$defs/stage", PolicyFile::STAGE_KEYS);
    assert_keys(&schema, "/$defs/environment", PolicyFile::ENVIRONMENT_KEYS);
    assert_keys(&schema, "/properties/require", PolicyFile::REQUIRE_KEYS);
    assert_keys(&schema, "/properties/verify", PolicyFile::VERIFY_KEYS);
}

#[test]
fn a_template_has_the_keys_of_a_job_but_those_that_policy_decides() {
    let without: Vec<&str> =
        JobSpec::KEYS.iter().copied().filter(|key| !["needs", "environment"].contains(key)).collect();
    assert_eq!(without, TemplateJob::KEYS);
}
