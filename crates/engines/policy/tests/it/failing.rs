//! Everything that goes wrong is a denial, with its place.

use palisade_model::{Decision, ObjectionKind};
use palisade_policy::{GatePolicy, Organisation, PolicyError, test};

use crate::layers::bundle;
use crate::sample::clean;

fn compile(rules: &str) -> Result<GatePolicy, PolicyError> {
    let text = format!("package palisade.gate.own\nimport rego.v1\n{rules}");
    GatePolicy::compile("own", Organisation::Silent, Some(bundle(&text)))
}

/// The message of the one denial, which must be an error.
fn broken(rules: &str) -> String {
    let verdict = compile(rules).unwrap_or_else(|error| panic!("{rules}: {error}")).decide(&clean());
    assert_eq!(verdict.decision, Decision::Denied, "{rules}");
    assert_eq!(verdict.denials.len(), 1, "{rules}: {verdict:?}");
    assert_eq!(
        (verdict.denials[0].kind, verdict.denials[0].rule.as_str()),
        (ObjectionKind::Error, "policy-error")
    );
    verdict.denials[0].message.clone()
}

#[test]
fn errors_while_deciding_are_denials_with_their_place() {
    for (rules, place) in [
        ("deny contains \"x\" if {\n\tto_number(\"x\") == 1\n}", "own.rego:4:"),
        ("deny contains \"x\" if not f(1)\nf(x) if to_number(\"x\") == x", "own.rego:4:"),
        ("deny := {\"x\"} if input.actor.name == \"nobody\"", "own.rego:3:"),
        ("deny if true", "own.rego:3:"),
        ("\ndefault deny := false", "own.rego:4:"),
        ("deny contains {\"rule\": \"x\", \"msg\": \"y\"}", "own.rego:3:"),
        ("warn contains 1", "own.rego:3:"),
        ("require_approval contains \"please\"", "own.rego:3:"),
        ("deny contains x if true", "own.rego:3:"),
        ("deny contains x if not x", "own.rego:3:"),
        ("deny contains {\"rule\": \"x\", \"message\": m} if count(input.findings) == 0", "own.rego:3:"),
        ("deny := a\na := b\nb := a", "own.rego:"),
        ("deny contains \"x\" if p == 1\np := 1\np := 2", "own.rego:"),
    ] {
        let message = broken(rules);
        assert!(message.starts_with(place), "{rules}: {message}");
    }
}

#[test]
fn errors_that_show_before_are_refused_with_their_place() {
    for (rules, line) in [
        ("deny contains \"x\" if {", 3),
        ("\ndeny contains \"x\" if no_such_function(1)", 4),
        ("deny contains \"x\" if http.send({\"method\": \"get\", \"url\": \"http://localhost\"})", 3),
        ("deny contains \"x\" if opa.runtime().env.HOME", 3),
        ("deny contains \"x\" if time.now_ns() > 1", 3),
        ("deny contains \"x\" if rand.intn(\"a\", 2) == 1", 3),
        ("deny contains \"x\" if f(1) == 2\nf(x) := g(x)\ng(x) := f(x)", 4),
    ] {
        match compile(rules) {
            Err(
                PolicyError::Rego { place, .. }
                | PolicyError::UnknownFunction { place, .. }
                | PolicyError::Undetermined { place, .. }
                | PolicyError::Recursion { place, .. },
            ) => assert_eq!((place.module.as_str(), place.line), ("own.rego", line), "{rules}"),
            other => panic!("{rules}: {other:?}"),
        }
    }
}

#[test]
fn the_clock_and_the_hosts_time_zone_are_out_of_reach_by_any_name() {
    for rules in [
        "deny contains \"x\" if f(1) with f as time.now_ns\nf(x) := x",
        "deny contains \"x\" if abs(1) with abs as time.now_ns",
        "deny contains \"x\" if time.clock([1, \"Local\"])[0] == 1",
        "deny contains \"x\" if time.format([1, \"Local\"]) == \"x\"",
    ] {
        match compile(rules) {
            Ok(_) => drop(broken(rules)),
            Err(error) => println!("{rules}: {error}"),
        }
    }
    let fine = compile("deny contains \"x\" if time.clock([1, \"Europe/Paris\"])[0] == 7").unwrap();
    assert_eq!(fine.decide(&clean()).decision, Decision::Allowed);
}

#[test]
fn memory_is_bounded_where_one_call_could_take_it_all() {
    for rules in [
        "deny contains \"x\" if count(numbers.range(1, 1000000000000)) == 1",
        "deny contains \"x\" if count(numbers.range_step(1, 1e300, 2)) == 1",
        "deny contains \"x\" if count(numbers.range(1, 9007199254740993000)) == 1",
        "deny contains \"x\" if sprintf(\"%1000000000d\", [1]) == \"x\"",
        "deny contains \"x\" if a24 == \"x\"\na0 := \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\na8 := replace(a0, \"a\", a0)\n\
         a16 := replace(a8, \"a\", a8)\na24 := replace(a16, \"a\", a16)",
    ] {
        assert!(broken(rules).starts_with("own.rego:"), "{rules}");
    }
}

#[test]
fn long_chains_do_not_exhaust_the_stack() {
    let links: Vec<_> = (0..3000).map(|at| format!("r{at} := r{}", at + 1)).collect();
    let chain = format!("deny contains \"x\" if r0 == 2\n{}\nr3000 := 1", links.join("\n"));
    assert_eq!(compile(&chain).unwrap().decide(&clean()).decision, Decision::Allowed);

    let calls: Vec<_> = (0..3000).map(|at| format!("f{at}(x) := f{}(x)", at + 1)).collect();
    let chain = format!("deny contains \"x\" if f0(1) == 2\n{}\nf3000(x) := x", calls.join("\n"));
    assert_eq!(compile(&chain).unwrap().decide(&clean()).decision, Decision::Allowed);

    let sum = vec!["1"; 3_000].join("+\n");
    let sum: Vec<_> = sum.split('\n').collect();
    let lines: Vec<_> = sum.chunks(100).map(|chunk| chunk.concat()).collect();
    let deep = compile(&format!("deny contains \"x\" if {} == 0", lines.join("\n")));
    assert!(matches!(deep, Err(PolicyError::TooDeep { .. })), "{deep:?}");
    let nested = |depth| format!("deny contains \"x\" if {}1{} == 0", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(compile(&nested(14)).unwrap().decide(&clean()).decision, Decision::Allowed);
    let brackets = compile(&format!("deny contains \"x\" if {}1{}", "[".repeat(400), "]".repeat(400)));
    assert!(matches!(brackets, Err(PolicyError::TooDeep { .. })), "{brackets:?}");
}

#[test]
fn the_test_runner_tells_what_fails() {
    let text = r#"package own_test
import rego.v1
test_holds if 1 + 1 == 2
test_is_undefined if 1 + 1 == 3
test_is_false := false
test_breaks if to_number("x") == 1
test_twice if false
test_twice if true
test_prints if {
	print("seen", 7)
	false
}"#;
    let outcomes = test(bundle(text)).unwrap();
    let told: Vec<_> = outcomes.iter().map(|outcome| (outcome.name.as_str(), outcome.passed)).collect();
    assert_eq!(
        told,
        [
            ("data.own_test.test_breaks", false),
            ("data.own_test.test_holds", true),
            ("data.own_test.test_is_false", false),
            ("data.own_test.test_is_undefined", false),
            ("data.own_test.test_prints", false),
            ("data.own_test.test_twice", false),
        ]
    );
    assert!(outcomes[0].message.starts_with("own.rego:6:"), "{}", outcomes[0].message);
    assert!(outcomes[4].message.contains("seen 7"), "{}", outcomes[4].message);
}
