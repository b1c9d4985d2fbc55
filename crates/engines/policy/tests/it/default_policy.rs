use palisade_model::{
    Confidence, Decision, GateInput, KeyProtection, ObjectionKind, Outcome, Severity, Verdict,
};
use palisade_policy::{Bundle, GatePolicy, Module, Organisation, default_policy, replay, test};

use crate::sample::{clean, finding, rich};

fn policy() -> GatePolicy {
    GatePolicy::compile("palisade/default", Organisation::Silent, None).unwrap()
}

fn decide(input: &GateInput) -> Verdict {
    policy().decide(input)
}

fn denied(input: &GateInput) -> Vec<String> {
    decide(input).denials.into_iter().map(|denial| denial.rule).collect()
}

fn with_tests(policy: String) -> Bundle {
    let tests = include_str!("../../../../../policies/default/gate_test.rego");
    let module = |name: &str, text| Module { name: name.into(), text };
    Bundle { modules: vec![module("gate.rego", policy), module("gate_test.rego", tests.into())], data: None }
}

fn source() -> String {
    default_policy().modules[0].text.clone()
}

#[test]
fn its_own_tests_hold() {
    let outcomes = test(with_tests(source())).unwrap();
    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(outcomes.len() >= 40);
}

/// Each rule that decides is taken out in turn; the tests must notice.
#[test]
fn its_own_tests_notice_every_rule_that_is_missing() {
    let source = source();
    let blocks: Vec<&str> = source.split("\n\n").collect();
    let intact = test(with_tests(format!("{source}\n\n{KEEP}"))).unwrap();
    assert!(intact.iter().all(|outcome| outcome.passed));
    let is_entry = |block: &&str| {
        block
            .lines()
            .any(|line| ["deny ", "warn ", "require_approval "].iter().any(|name| line.starts_with(name)))
    };
    let entries = blocks.iter().enumerate().filter(|(_, block)| is_entry(block));
    let mut seen = 0;
    for (at, entry) in entries {
        let mut rest = blocks.clone();
        rest.remove(at);
        let mutilated = format!("{}\n\n{KEEP}", rest.join("\n\n"));
        let outcomes = test(with_tests(mutilated)).unwrap();
        assert!(outcomes.iter().any(|outcome| !outcome.passed), "no test noticed the loss of\n{entry}");
        seen += 1;
    }
    assert_eq!(seen, policy().rules());
}

/// Keeps the entry rules defined when their only definition is gone.
const KEEP: &str = "require_approval contains 1 if false\n";

#[test]
fn a_clean_run_is_allowed() {
    let verdict = decide(&clean());
    assert_eq!((verdict.decision, verdict.denials, verdict.warnings), (Decision::Allowed, vec![], vec![]));
    assert_eq!(verdict.policy.name, "palisade/default");
    assert_eq!(verdict.policy.digest, policy().digest());
}

#[test]
fn the_models_own_spelling_meets_the_rules() {
    let mut input = clean();
    input.findings = vec![finding(7, "secrets", Severity::Low, Confidence::High)];
    assert_eq!(denied(&input), ["secret-in-tree"]);

    let mut input = clean();
    input.environments.get_mut("staging").unwrap().protected = true;
    input.run.builder.key = KeyProtection::LocalUnprotected;
    input.snapshot.dirty = true;
    assert_eq!(denied(&input), ["dirty-tree", "unprotected-key"]);

    let mut input = clean();
    input.run.jobs[0].outcome = Outcome::Failed(3);
    assert_eq!(denied(&input), ["job-failed"]);

    let mut input = clean();
    input.evidence.clear();
    assert_eq!(denied(&input), ["evidence-missing", "evidence-missing"]);

    let mut input = clean();
    input.environments.get_mut("staging").unwrap().approvals = 2;
    let verdict = decide(&input);
    assert_eq!(verdict.denials[0].kind, ObjectionKind::Approval);
    assert_eq!(verdict.decision, Decision::Denied);
}

#[test]
fn only_blocking_gaps_is_incomplete() {
    let mut input = clean();
    input.coverage = rich().coverage;
    let verdict = decide(&input);
    assert!(verdict.is_incomplete());
    assert!(verdict.denials[0].message.contains(r"a\xff.bin (unreadable)"), "{verdict:?}");
}

#[test]
fn an_input_that_contradicts_itself_is_denied() {
    let mut input = clean();
    input.plan.mandatory.clear();
    assert_eq!(decide(&input).denials[0].kind, ObjectionKind::Error);
    let mut input = clean();
    input.schema = "palisade/gate-input/v2".into();
    assert_eq!(decide(&input).denials[0].kind, ObjectionKind::Error);
}

#[test]
fn a_stored_input_gives_the_same_verdict() {
    let stored = serde_json::to_vec_pretty(&rich()).unwrap();
    assert_eq!(replay(&policy(), &stored).unwrap(), decide(&rich()));
}

#[test]
fn a_stored_input_with_a_field_too_many_or_too_few_is_refused() {
    for (pointer, key) in [("", "extra"), ("/findings/0", "extra"), ("/coverage/0/coverage/gaps/1", "extra")]
    {
        let mut stored = serde_json::to_value(rich()).unwrap();
        stored.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert(key.into(), 1.into());
        assert!(replay(&policy(), stored.to_string().as_bytes()).is_err(), "{pointer}");
    }
    for (pointer, key) in [("", "waivers"), ("/findings/0", "suppression"), ("/run/jobs/0", "detail")] {
        let mut stored = serde_json::to_value(rich()).unwrap();
        stored.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        assert!(replay(&policy(), stored.to_string().as_bytes()).is_err(), "{pointer}");
    }
    let twice =
        serde_json::to_string(&rich()).unwrap().replacen("{\"schema\"", "{\"schema\":\"x\",\"schema\"", 1);
    assert!(replay(&policy(), twice.as_bytes()).is_err());
}

#[test]
fn many_findings_stay_within_the_budget() {
    let mut input = clean();
    let one = finding(1, "code", Severity::Critical, Confidence::High);
    input.findings = (0..2000_u32)
        .map(|number| {
            let mut finding = one.clone();
            finding.location.start.line = number + 1;
            finding
        })
        .collect();
    assert_eq!(decide(&input).denials.len(), 2000);
}
