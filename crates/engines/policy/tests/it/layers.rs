use palisade_model::{Decision, Objection, ObjectionKind, Severity, Verdict};
use palisade_policy::{Bundle, GatePolicy, Module, Organisation, PolicyError};

use crate::sample::{clean, finding};

pub(crate) fn bundle(text: &str) -> Bundle {
    Bundle { modules: vec![Module { name: "own.rego".into(), text: text.into() }], data: None }
}

fn compile(organisation: Organisation, repository: Option<&str>) -> Result<GatePolicy, PolicyError> {
    GatePolicy::compile("acme", organisation, repository.map(bundle))
}

fn rules(objections: &[Objection]) -> Vec<&str> {
    objections.iter().map(|objection| objection.rule.as_str()).collect()
}

fn with_secret(policy: &GatePolicy) -> Verdict {
    let mut input = clean();
    input.findings = vec![finding(1, "secrets", Severity::High, palisade_model::Confidence::High)];
    policy.decide(&input)
}

const FRIDAY: &str = r#"package palisade.gate.acme
import rego.v1
deny contains {"rule": "not-on-sunday", "message": "come back tomorrow"} if time.weekday(time.parse_rfc3339_ns(input.now)) == "Sunday"
warn contains "be careful""#;

#[test]
fn own_rules_are_added_to_the_default() {
    let policy = compile(Organisation::Adds(bundle(FRIDAY)), None).unwrap();
    let verdict = with_secret(&policy);
    assert_eq!(rules(&verdict.denials), ["not-on-sunday", "secret-in-tree"]);
    assert_eq!(rules(&verdict.warnings), ["policy"]);
    let default = compile(Organisation::Silent, None).unwrap();
    assert_eq!(policy.rules(), default.rules() + 2);
    assert_ne!(policy.digest(), default.digest());
}

#[test]
fn an_organisation_may_replace_the_default() {
    let policy = compile(Organisation::Replaces(bundle(FRIDAY)), None).unwrap();
    assert_eq!(rules(&with_secret(&policy).denials), ["not-on-sunday"]);
    let toothless = "package palisade.gate\nwarn contains \"x\" if false";
    assert_eq!(compile(Organisation::Replaces(bundle(toothless)), None).unwrap_err(), PolicyError::NoDeny);
}

#[test]
fn a_repository_can_only_tighten() {
    // The same package and the same names as the default policy's own: inside one program this would make every secret vanish.
    let hostile = r#"package palisade.gate
import rego.v1
active := set()
secrets := set()
scanned contains "secrets"
deny := set()
warn contains "x" if false
"#;
    let policy = compile(Organisation::Silent, Some(hostile)).unwrap();
    assert_eq!(rules(&with_secret(&policy).denials), ["secret-in-tree"]);
    let strict = "package palisade.gate\ndeny contains \"never\"";
    let verdict = compile(Organisation::Silent, Some(strict)).unwrap().decide(&clean());
    assert_eq!(rules(&verdict.denials), ["policy"]);
}

#[test]
fn data_reaches_the_rules_of_its_side_alone() {
    let text = "package palisade.gate.acme\nimport rego.v1\ndeny contains data.acme.word if data.acme.word";
    let mut own = bundle(text);
    own.data = Some(serde_json::json!({"acme": {"word": "no"}}));
    let policy =
        compile(Organisation::Adds(own.clone()), Some(&text.replace("gate.acme", "gate.repo"))).unwrap();
    let verdict = policy.decide(&clean());
    assert_eq!(verdict.denials.len(), 1);
    for bad in [serde_json::json!({"palisade": {}}), serde_json::json!([1])] {
        own.data = Some(bad);
        assert_eq!(compile(Organisation::Adds(own.clone()), None).unwrap_err(), PolicyError::Data);
    }
}

#[test]
fn rules_that_would_never_be_asked_are_refused() {
    for (text, line) in [
        ("package main\ndeny contains \"x\"", 2),
        ("package palisade.gates\n\nrequire_approval contains {\"environment\": \"x\"}", 3),
        ("package palisade.gate.load_test\ndeny contains \"x\"", 2),
    ] {
        match compile(Organisation::Adds(bundle(text)), None) {
            Err(PolicyError::Misplaced { place, .. }) => assert_eq!(place.line, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let helpers = "package acme.lib\nx := 1";
    assert!(matches!(compile(Organisation::Adds(bundle(helpers)), None), Err(PolicyError::NoRules { .. })));
    let empty = Organisation::Adds(Bundle::default());
    assert!(matches!(compile(empty, None), Err(PolicyError::NoRules { .. })));
}

#[test]
fn a_rule_is_found_however_its_path_is_written() {
    for text in [
        "package palisade\ngate.deny contains \"no\"",
        "package palisade.gate\nacme.deny contains \"no\"",
        "package palisade.gate.acme.eu\ndeny := [\"no\"]",
        "package palisade[\"gate\"]\ndeny contains \"no\"",
    ] {
        let verdict = compile(Organisation::Silent, Some(text)).unwrap().decide(&clean());
        assert_eq!(verdict.denials.len(), 1, "{text}");
        assert_eq!(verdict.denials[0].kind, ObjectionKind::Policy, "{text}: {verdict:?}");
    }
}

#[test]
fn the_order_of_modules_does_not_matter() {
    let mut own = bundle("package palisade.gate.a\ndeny contains \"a\"");
    own.modules
        .push(Module { name: "b.rego".into(), text: "package palisade.gate.b\ndeny contains \"b\"".into() });
    let forth = compile(Organisation::Adds(own.clone()), None).unwrap();
    own.modules.reverse();
    let back = compile(Organisation::Adds(own.clone()), None).unwrap();
    assert_eq!(forth.decide(&clean()), back.decide(&clean()));
    own.modules[1].name = own.modules[0].name.clone();
    assert!(matches!(compile(Organisation::Adds(own), None), Err(PolicyError::SameName { .. })));
}

#[test]
fn no_rule_with_objections_is_allowed() {
    let quiet = "package palisade.gate.a\ndeny contains \"a\" if input.actor.name == \"eve\"";
    assert_eq!(
        compile(Organisation::Silent, Some(quiet)).unwrap().decide(&clean()).decision,
        Decision::Allowed
    );
}
