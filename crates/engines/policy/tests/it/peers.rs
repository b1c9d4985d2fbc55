//! The default policy decided by OPA.

use std::collections::BTreeSet;
use std::process::Command;

use palisade_model::{Confidence, GateInput, KeyProtection, Outcome, Severity, Source};
use palisade_policy::{GatePolicy, Organisation, default_policy};
use serde_json::Value;

use crate::sample::{clean, finding, rich};

/// Inputs that differ in everything the default policy looks at, each bit of `seed` one thing.
fn input(seed: u32) -> GateInput {
    let is = |bit: u32| seed >> bit & 1 == 1;
    let mut input = if is(0) { rich() } else { clean() };
    if is(1) {
        let severity = Severity::ALL[seed as usize % Severity::ALL.len()];
        let confidence = Confidence::ALL[seed as usize % Confidence::ALL.len()];
        input.findings.push(finding(9, if is(2) { "secrets" } else { "code" }, severity, confidence));
    }
    let environment = input.plan.environments.get_mut("staging").unwrap();
    environment.protected = is(3);
    environment.approvals = if is(4) { seed % 4 } else { 0 };
    if is(5) {
        input.plan.environments.clear();
    }
    input.environments = if is(6) { input.plan.environments.clone() } else { Default::default() };
    if is(7) {
        input.plan.mandatory.insert("job:absent".into());
    }
    if is(8) {
        input.evidence.remove(seed as usize % 2);
    }
    if is(9) {
        input.coverage.clear();
    }
    if is(10) {
        input.run.jobs[0].outcome = Outcome::Failed(1);
    }
    if is(11) {
        input.run.builder.key = KeyProtection::LocalUnprotected;
        input.snapshot.dirty = true;
    }
    if is(12) {
        input.snapshot.source = Source::Folder;
    }
    input.plan_digest = input.plan.digest().unwrap();
    input
}

/// Rule, message and kind of every objection as OPA answers.
fn opa(folder: &std::path::Path, rule: &str) -> BTreeSet<String> {
    let output = Command::new("opa")
        .args([
            "eval",
            "--format",
            "json",
            "--strict-builtin-errors",
            "--data",
            "gate.rego",
            "--input",
            "input.json",
        ])
        .arg(format!("data.palisade.gate.{rule}"))
        .current_dir(folder)
        .output()
        .expect("this test needs opa (`go install github.com/open-policy-agent/opa@latest`)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let objections = answer["result"][0]["expressions"][0]["value"].as_array().unwrap().clone();
    objections.iter().map(|objection| objection["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
#[ignore = "needs opa; run by test --peers"]
fn peers_opa_decides_the_same() {
    let policy = GatePolicy::compile("palisade/default", Organisation::Silent, None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("gate.rego"), &default_policy().modules[0].text).unwrap();
    let mut seen = BTreeSet::new();
    for step in 0..40_u32 {
        // Each bit alone, each for a protected environment, then mixtures.
        let seed = match step {
            0..13 => 1 << step,
            13..26 => 1 << (step - 13) | 1 << 3,
            _ => step.wrapping_mul(2_654_435_761),
        };
        let input = input(seed);
        std::fs::write(folder.path().join("input.json"), serde_json::to_vec(&input).unwrap()).unwrap();
        let verdict = policy.decide(&input);
        let denials: BTreeSet<_> = verdict.denials.iter().map(|denial| denial.message.clone()).collect();
        let warnings: BTreeSet<_> = verdict.warnings.iter().map(|warning| warning.message.clone()).collect();
        let asked = &opa(folder.path(), "deny") | &opa(folder.path(), "require_approval");
        assert_eq!(denials, asked, "seed {seed}");
        assert_eq!(warnings, opa(folder.path(), "warn"), "seed {seed}");
        seen.extend(verdict.denials.into_iter().chain(verdict.warnings).map(|objection| objection.rule));
    }
    // A comparison in which rules never speak would say little.
    assert_eq!(seen.len(), 15, "{seen:?}");
}
