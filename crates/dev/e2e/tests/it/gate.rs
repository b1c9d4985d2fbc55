//! `palisade gate`: decisions replay, errors deny, policies can be tested.

use std::fs;
use std::path::{Path, PathBuf};

use palisade_testkit::{Account, Answer, Project};
use serde_json::Value;

use crate::oracle;
use crate::places::{newest_run, refused, releases, small};
use crate::token;

/// A run that was denied, with a waived finding, one that counts, and a gap.
fn eventful(account: &Account) -> Project {
    let project = small();
    project.write("kept.env", format!("TOKEN={}\n", token::github(11)));
    let found = account.run(project.root(), ["scan", "--format", "json"]).expect(1).json();
    let fingerprint = found["findings"][0]["fingerprint"].as_str().unwrap();
    account
        .run(project.root(), ["waive", fingerprint, "--reason", "a test", "--until", "2199-01-01"])
        .expect(0);
    project.write("new.env", format!("TOKEN={}\n", token::github(12)));
    project.write("large.bin", vec![b'x'; 3000]);
    refused(account, &project, &["--max-file-size", "2kB"], 1);
    project
}

#[test]
fn a_decision_replays_anywhere_at_any_time() {
    let account = Account::new();
    for project in [small(), eventful(&account)] {
        account.run(project.root(), ["run", "--max-file-size", "2kB"]);
        let run = newest_run(&project);
        let stored: Value = serde_json::from_slice(&fs::read(run.join("verdict.json")).unwrap()).unwrap();
        let code = i32::from(stored["decision"] != "allowed");
        let input = run.join("gate-input.json");
        let here = account.run(project.root(), ["gate", "--format", "json"]).expect(code);
        assert_eq!(here.json()["verdict"], stored);
        let stranger = Account::new();
        let args =
            ["gate".as_ref(), "--format".as_ref(), "json".as_ref(), "--input".as_ref(), input.as_os_str()];
        for (zone, language) in [("Pacific/Kiritimati", "de_DE.UTF-8"), ("America/Caracas", "C")] {
            let there = stranger
                .call(stranger.home(), args)
                .env("TZ", zone)
                .env("LANG", language)
                .env("LC_ALL", language);
            assert_eq!(there.run().expect(code).bytes, here.bytes, "{zone}");
        }
    }
}

/// The clock of a decision is in its input: an input from another day gives another answer, whatever day it is.
#[test]
fn the_only_clock_is_in_the_question() {
    let account = Account::new();
    let project = eventful(&account);
    let path = newest_run(&project).join("gate-input.json");
    let mut input: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let until = input["waivers"][0]["until"].as_str().unwrap().to_owned();
    input["now"] = Value::String(format!("{until}T12:00:00Z"));
    let other = account.home().join("input.json");
    fs::write(&other, input.to_string()).unwrap();
    let answer = account.run(account.home(), ["gate", "--input", "input.json"]).expect(1);
    answer.says("expires on 2199-01-01");
    let answer = account.run(project.root(), ["gate"]).expect(1);
    assert!(!answer.stdout.contains("expires on"), "{answer}");
}

#[test]
fn a_waiver_may_end_in_the_far_future() {
    let account = Account::new();
    let project = small();
    project.write("kept.env", format!("TOKEN={}\n", token::github(13)));
    let found = account.run(project.root(), ["scan", "--format", "json"]).expect(1).json();
    let fingerprint = found["findings"][0]["fingerprint"].as_str().unwrap();
    account
        .run(project.root(), ["waive", fingerprint, "--reason", "a test", "--until", "9999-12-31"])
        .expect(0);
    account.run(project.root(), ["run"]).expect(0);
}

#[test]
fn the_question_is_as_its_schema_says() {
    let account = Account::new();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../docs/schemas/gate-input-v1.json")
        .canonicalize()
        .unwrap();
    for project in [small(), eventful(&account)] {
        account.run(project.root(), ["run", "--max-file-size", "2kB"]);
        let input = newest_run(&project).join("gate-input.json");
        oracle::schema(&schema, &input).expect(0);
        let mut broken: Value = serde_json::from_slice(&fs::read(&input).unwrap()).unwrap();
        broken["snapshot"].as_object_mut().unwrap().remove("tree").unwrap();
        let path = account.home().join("broken.json");
        fs::write(&path, broken.to_string()).unwrap();
        assert_ne!(oracle::schema(&schema, &path).code, 0, "the schema demands nothing");
        account.run(account.home(), ["gate".as_ref(), "--input".as_ref(), path.as_os_str()]).expect(2);
        let mut unknown: Value = serde_json::from_slice(&fs::read(&input).unwrap()).unwrap();
        unknown["surprise"] = Value::Bool(true);
        fs::write(&path, unknown.to_string()).unwrap();
        account.run(account.home(), ["gate".as_ref(), "--input".as_ref(), path.as_os_str()]).expect(2);
    }
}

/// A policy of one Rego file, used for a run that would pass without it.
fn under(rego: &str) -> Answer {
    let (account, project) = (Account::new(), small());
    let path = account.home().join("own.rego");
    fs::write(&path, rego).unwrap();
    let answer = account.run(project.root(), ["run".as_ref(), "--policy".as_ref(), path.as_os_str()]);
    let released = releases(&project);
    assert_eq!(released.is_empty(), answer.code != 0, "{rego}: {answer}");
    answer
}

#[test]
fn own_policies_are_asked_too() {
    under("package palisade.gate.own\nimport rego.v1\ndeny contains \"never on a Sunday\" if input.now != \"\"\n")
        .expect(1)
        .says("never on a Sunday")
        .says("Nothing was released.");
    under("package palisade.gate.own\nimport rego.v1\nwarn contains \"think again\" if input.now != \"\"\n")
        .expect(0)
        .says("think again");
}

#[test]
fn a_policy_that_fails_denies() {
    let rego = |rules: &str| format!("package palisade.gate.own\nimport rego.v1\n{rules}\n");
    for (what, rules) in [
        ("an error", "deny contains \"x\" if to_number(input.now) > 0"),
        ("undefined", "deny := x if { x := input.there.is.no.such.thing }"),
        ("another form", "deny := {\"a\": 1}"),
        ("a number", "deny contains 7"),
        ("conflict", "deny contains \"x\" if f(1) == 1\nf(x) := 1\nf(x) := 2"),
        (
            "endless",
            "deny contains \"x\" if { some a in numbers.range(1, 100000); some b in numbers.range(1, 100000); a + b < 0 }",
        ),
    ] {
        let answer = under(&rego(rules));
        assert_eq!(answer.code, 1, "{what}: {answer}");
        assert!(answer.stdout.contains("policy-error"), "{what}: {answer}");
    }
    for (what, rules) in [
        ("recursion", "deny contains x if { some x in deny }"),
        ("recursive function", "deny contains \"x\" if f(1)\nf(x) if f(x + 1)"),
        ("a syntax error", "deny contains"),
        (
            "the network",
            "deny contains \"x\" if http.send({\"method\": \"get\", \"url\": \"http://127.0.0.1/\"}).status_code == 1",
        ),
    ] {
        let answer = under(&rego(rules));
        assert!([1, 2].contains(&answer.code), "{what}: {answer}");
    }
    // A policy that says nothing at all would be one that never denies.
    under("package elsewhere\n").expect(2);
}

#[test]
fn policies_can_be_tested() {
    let account = Account::new();
    let default =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../policies/default").canonicalize().unwrap();
    let answer =
        account.run(account.home(), ["gate".as_ref(), "--test".as_ref(), default.as_os_str()]).expect(0);
    assert!(answer.stdout.contains(" 0 failed"), "{answer}");
    let own = account.home().join("gate");
    fs::create_dir(&own).unwrap();
    fs::write(
        own.join("a.rego"),
        "package palisade.gate.a\nimport rego.v1\ndeny contains \"x\" if input.y\n",
    )
    .unwrap();
    account.run(account.home(), ["gate", "--test", "gate"]).expect(2).says("there are no tests");
    let tests = "package palisade.gate.a_test\nimport rego.v1\nimport data.palisade.gate.a\n\
                 test_yes if count(a.deny) == 1 with input as {\"y\": true}\n\
                 test_no if count(a.deny) == 1 with input as {\"y\": false}\n";
    fs::write(own.join("a_test.rego"), tests).unwrap();
    let answer = account.run(account.home(), ["gate", "--test", "gate"]).expect(1);
    answer.says("1 passed, 1 failed").says("FAIL");
}

/// The examples in the documentation work as they stand.
#[test]
fn the_policy_in_the_documentation_works() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/policy.md")).unwrap();
    let account = Account::new();
    let folder = account.home().join("acme/gate");
    fs::create_dir_all(&folder).unwrap();
    let blocks: Vec<&str> =
        text.split("```rego\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    for block in &blocks {
        let name = block.lines().next().unwrap().strip_prefix("# gate/").unwrap();
        fs::write(folder.join(name), block).unwrap();
    }
    assert_eq!(blocks.len(), 2);
    account.run(account.home(), ["gate", "--test", "acme/gate"]).expect(0).says("2 passed");
    let policy: PathBuf = account.home().join("acme/policy.yaml");
    let yaml = text.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    fs::write(&policy, yaml).unwrap();
    fs::create_dir(account.home().join("acme/templates")).unwrap();
    fs::write(account.home().join("acme/templates/licences.yaml"), "steps:\n  - run: test -f LICENSE\n")
        .unwrap();
    let project = small();
    project.write("LICENSE", "Apache-2.0\n").commit("licence");
    account
        .run(project.root(), ["run".as_ref(), "--policy".as_ref(), policy.as_os_str()])
        .expect(0)
        .says("acme-2026.3");
}

/// A policy that is there and leads nowhere, here a link to itself, is not the same as none.
#[test]
fn a_policy_that_leads_nowhere_is_not_passed_over() {
    let (account, project) = (Account::new(), small());
    let policy = account.config().join("policy.yaml");
    fs::create_dir_all(policy.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("policy.yaml", &policy).unwrap();
    account.run(project.root(), ["plan"]).expect(2);
}

#[test]
fn a_decision_is_not_replayed_under_another_policy_unasked() {
    let (account, project) = (Account::new(), small());
    project.write("palisade.policy.yaml", "version: 1\nname: own\ngate: [own.rego]\n");
    project.write("own.rego", "package palisade.gate.own\n\nimport rego.v1\n\ndeny contains \"never\"\n");
    account.run(project.root(), ["run"]).expect(1).says("never");
    account.run(project.root(), ["gate"]).expect(1).says("never");
    let input = newest_run(&project).join("gate-input.json");
    account
        .run(project.root(), ["gate".as_ref(), "--input".as_ref(), input.as_os_str()])
        .expect(2)
        .says("decided");
}
