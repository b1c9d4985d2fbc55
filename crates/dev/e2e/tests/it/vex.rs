//! VEX: statements written, checked, explained, and applied to findings.

use palisade_testkit::{Account, Answer, Project, python};
use serde_json::Value;

use crate::shop::{FLAW, FLAWED, informed, shop};

fn scan(account: &Account, project: &Project, args: &[&str]) -> Answer {
    account.run(project.root(), [&["scan", "--engine", "deps", "--format", "json"][..], args].concat())
}

fn state(account: &Account, project: &Project, product: &str, args: &[&str], file: &str) {
    let fixed = ["vex", "new", "--vulnerability", FLAW, "--product", product, "--into", file];
    account.run(project.root(), [&fixed[..], args].concat()).expect(0);
}

const NOT_AFFECTED: [&str; 4] =
    ["--status", "not_affected", "--justification", "vulnerable_code_not_in_execute_path"];

/// What suppresses the one finding.
fn suppression(answer: &Answer) -> Value {
    let findings = answer.json()["findings"].clone();
    assert_eq!(findings.as_array().unwrap().len(), 1, "a suppressed finding stays: {answer}");
    findings[0]["suppression"].clone()
}

#[test]
fn a_statement_of_the_project_lets_a_finding_pass_and_stays_to_be_seen() {
    let (account, project) = (informed(), shop().committed());
    assert_eq!(suppression(&scan(&account, &project, &[]).expect(1)), Value::Null);
    state(&account, &project, FLAWED, &NOT_AFFECTED, "palisade.vex.json");
    let found = suppression(&scan(&account, &project, &[]).expect(0));
    assert_eq!((&found["kind"], &found["self_granted"]), (&"vex".into(), &true.into()));
    for said in ["not_affected", "vulnerable_code_not_in_execute_path", "palisade.vex.json statement 1"] {
        assert!(found["reason"].as_str().unwrap().contains(said), "{said}: {found}");
    }
    let human = account.run(project.root(), ["scan", "--engine", "deps"]).expect(0);
    assert!(human.stdout.contains("VEX, self-granted"), "{human}");
    let sarif = account.run(project.root(), ["scan", "--format", "sarif"]).expect(0).json();
    assert_eq!(sarif["runs"][0]["results"][0]["suppressions"][0]["properties"]["by"], "vex");
    for format in ["junit", "github", "gitlab", "html"] {
        account.run(project.root(), ["scan", "--format", format]).expect(0);
    }
}

/// OpenVEX lets a statement name the product with the package as its part, by any name that the product has.
#[test]
fn a_product_may_be_the_project_with_the_package_as_its_part() {
    let account = informed();
    for product in ["shop", "pkg:generic/shop"] {
        let project = shop().committed();
        let args = [&NOT_AFFECTED[..], &["--subcomponent", "pkg:npm/left-example"]].concat();
        state(&account, &project, product, &args, "palisade.vex.json");
        scan(&account, &project, &[]).expect(0);
    }
    for (product, part) in
        [("shop", "pkg:npm/right-example"), ("pkg:npm/shop@9.9.9", FLAWED), ("other", FLAWED)]
    {
        let project = shop().committed();
        let args = [&NOT_AFFECTED[..], &["--subcomponent", part]].concat();
        state(&account, &project, product, &args, "palisade.vex.json");
        let answer = scan(&account, &project, &[]).expect(1).json();
        let unused = &answer["vex"]["unused"][0];
        assert_eq!((&unused["file"], &unused["statement"]), (&"palisade.vex.json".into(), &1.into()));
        assert!(unused["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{product}");
        let human = account.run(project.root(), ["scan", "--engine", "deps"]).expect(1);
        assert!(human.stdout.contains("palisade.vex.json statement 1"), "{human}");
    }
}

#[test]
fn what_is_under_investigation_or_affected_counts() {
    let account = informed();
    for args in
        [&["--status", "under_investigation"][..], &["--status", "affected", "--action", "update to 1.0.1"]]
    {
        let project = shop().committed();
        state(&account, &project, FLAWED, args, "palisade.vex.json");
        let answer = scan(&account, &project, &[]).expect(1);
        assert_eq!(suppression(&answer), Value::Null);
        assert_eq!(answer.json()["vex"]["passed_over"][0]["status"], args[1]);
        let verbose = account.run(project.root(), ["scan", "--engine", "deps", "-v"]).expect(1);
        assert!(verbose.stdout.contains("lets nothing pass"), "{verbose}");
        let brief = account.run(project.root(), ["scan", "--engine", "deps"]).expect(1);
        assert!(!brief.stdout.contains("lets nothing pass"), "{brief}");
    }
}

#[test]
fn a_file_that_the_user_names_counts_and_is_not_the_change_s_own_unless_it_lies_in_it() {
    let (account, project) = (informed(), shop().committed());
    state(&account, &project, FLAWED, &["--status", "fixed"], "../vendor.json");
    let found = suppression(&scan(&account, &project, &["--vex", "../vendor.json"]).expect(0));
    assert_eq!((&found["kind"], &found["self_granted"]), (&"vex".into(), &false.into()));
    let cyclonedx = [&NOT_AFFECTED[..], &["--type", "cyclonedx-1.6"]].concat();
    state(&account, &project, FLAWED, &cyclonedx, "inside.json");
    let found = suppression(&scan(&account, &project, &["--vex", "inside.json"]).expect(0));
    assert_eq!(found["self_granted"], true);
    // A project in a part of a repository: what lies beside it there is the change's own word too.
    let whole = shop();
    whole.write("part/palisade.yaml", whole.read("palisade.yaml"));
    std::fs::rename(whole.path("web"), whole.path("part/web")).unwrap();
    let whole = whole.committed();
    state(&account, &whole, FLAWED, &NOT_AFFECTED, "beside.json");
    let found = suppression(&scan(&account, &whole, &["part", "--vex", "beside.json"]).expect(0));
    assert_eq!(found["self_granted"], true);
    scan(&account, &project, &["--vex", "missing.json"]).expect(2);
    for (name, bytes) in
        [("empty", &b""[..]), ("text", b"hello"), ("bill", b"{\"spdxVersion\": \"SPDX-2.3\"}")]
    {
        project.write(name, bytes);
        scan(&account, &project, &["--vex", name]).expect(2);
    }
}

/// Policy `base` asks what the target branch says; the change may not grant itself anything.
#[test]
fn policy_may_ask_the_base_alone() {
    let (account, project) = (informed(), shop().committed());
    let policy = account.home().join("policy.yaml");
    std::fs::write(&policy, "version: 1\nname: strict\nsuppressions: base\n").unwrap();
    let judge = |project: &Project| {
        account.call(project.root(), ["scan", "--engine", "deps"]).env("PALISADE_POLICY", &policy).run()
    };
    state(&account, &project, FLAWED, &NOT_AFFECTED, "palisade.vex.json");
    judge(&project).expect(1);
    project.commit("state it");
    let clone = project.cloned();
    judge(&clone).expect(0);
    account.run(clone.root(), ["scan", "--engine", "deps"]).expect(0);
    std::fs::remove_file(clone.path("palisade.vex.json")).unwrap();
    account.run(clone.root(), ["scan", "--engine", "deps"]).expect(1);
}

#[test]
fn a_defective_statement_suppresses_nothing_and_is_told() {
    let (account, project) = (informed(), shop());
    project.write(
        "palisade.vex.json",
        format!(
            r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x:1", "author": "Ada", "timestamp": "2026-01-01T00:00:00Z",
"version": 1, "statements": [
{{"vulnerability": {{"name": "{FLAW}"}}, "products": [{{"@id": "{FLAWED}"}}], "status": "not_affected"}}]}}"#
        ),
    );
    let answer = scan(&account, &project, &[]).expect(1);
    assert!(answer.stderr.contains("neither a justification nor an impact"), "{answer}");
    let check = account.run(project.root(), ["vex", "check", "palisade.vex.json"]).expect(1);
    assert!(check.stdout.contains("palisade.vex.json:3: statement 1"), "{check}");
}

#[test]
fn statements_are_written_alike_but_for_the_time_and_added_to_a_document() {
    const READ: &str = "\
import json, sys
document = json.load(open(sys.argv[1]))
assert document['@context'].startswith('https://openvex.dev/ns'), document
print(document['version'], [(s['vulnerability']['name'], s['status'], s['products'][0]['@id']) for s in document['statements']])
";
    let (account, project) = (Account::new(), Project::empty());
    state(&account, &project, FLAWED, &NOT_AFFECTED, "vex.json");
    state(&account, &project, "pkg:npm/b@1", &["--status", "affected", "--action", "wait"], "vex.json");
    let read = python(READ, &["vex.json"], project.root()).expect(0);
    let expected =
        format!("2 [('{FLAW}', 'not_affected', '{FLAWED}'), ('{FLAW}', 'affected', 'pkg:npm/b@1')]");
    assert_eq!(read.stdout.trim(), expected);
    account.run(project.root(), ["vex", "check", "vex.json"]).expect(0).says("0 faults");
    let wrong = |args: &[&str]| {
        let fixed = ["vex", "new", "--vulnerability", FLAW, "--product", FLAWED];
        account.run(project.root(), [&fixed[..], args].concat()).expect(2);
    };
    wrong(&["--status", "not_affected"]);
    wrong(&["--status", "affected"]);
    wrong(&["--status", "fixed", "--justification", "component_not_present"]);
    wrong(&["--status", "perhaps"]);
    wrong(&["--status", "not_affected", "--justification", "because"]);
    project.write("text", "hello");
    wrong(&["--status", "fixed", "--into", "text"]);
    account.run(project.root(), ["vex", "check", "text"]).expect(2);
    account.run(project.root(), ["vex", "check", "missing"]).expect(2);
}

#[test]
fn an_explanation_says_of_each_statement_why() {
    let (account, project) = (Account::new(), shop().committed());
    state(&account, &project, "pkg:npm/left-example@2.0.0", &NOT_AFFECTED, "vex.json");
    state(&account, &project, "shop", &[&NOT_AFFECTED[..], &["--subcomponent", FLAWED]].concat(), "vex.json");
    let args = ["vex", "explain", "vex.json", "--vulnerability", FLAW, "--package", FLAWED];
    let human = account.run(project.root(), args).expect(0);
    for said in
        ["not_affected by statement 2", "statement 1", "it is about version 2.0.0, not 1.0.0", "decides"]
    {
        assert!(human.stdout.contains(said), "{said}: {human}");
    }
    let json = account.run(project.root(), [&args[..], &["--format", "json"]].concat()).expect(0).json();
    assert_eq!(json["suppresses"], true);
    assert_eq!(json["statements"][0]["decides"], false);
    let other = ["vex", "explain", "vex.json", "--vulnerability", "CVE-1", "--package", FLAWED];
    account.run(project.root(), other).expect(0).says("no statement applies");
    account
        .run(project.root(), ["vex", "explain", "vex.json", "--vulnerability", "CVE-1", "--package", "left"])
        .expect(2);
}

#[test]
fn a_run_takes_the_statements_of_what_it_builds() {
    const JOB: &str = "jobs:\n  build:\n    steps:\n      - run: cp web/package-lock.json out.json\n    outputs: [out.json]\n";
    let account = informed();
    let project = shop();
    let head = String::from_utf8(project.read("palisade.yaml")).unwrap();
    project.write("palisade.yaml", format!("{head}{JOB}"));
    let project = project.committed();
    let run = || account.run(project.root(), ["run"]);
    run().expect(1).says(FLAW);
    state(&account, &project, FLAWED, &NOT_AFFECTED, "palisade.vex.json");
    project.commit("state it");
    run().expect(0);
    let newest = crate::places::newest_run(&project);
    let input: Value =
        serde_json::from_slice(&std::fs::read(newest.join("gate-input.json")).unwrap()).unwrap();
    let about_flaw = |finding: &&Value| finding["package"]["advisories"][0] == FLAW;
    let finding = input["findings"].as_array().unwrap().iter().find(about_flaw).unwrap();
    assert_eq!(finding["suppression"]["kind"], "vex");
    account.run(project.root(), ["gate"]).expect(0);
}

/// CycloneDX VEX about a component that it describes with `named`, such as `"cpe": "..."`, and versions of it.
fn told(named: &str, versions: &str) -> String {
    format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,
"metadata":{{"timestamp":"2026-01-01T00:00:00Z","authors":[{{"name":"Ada"}}]}},
"components":[{{"type":"library","bom-ref":"a","name":"left-example",{named}}}],
"vulnerabilities":[{{"id":"{FLAW}","analysis":{{"state":"not_affected","justification":"code_not_reachable"}},
"affects":[{{"ref":"a","versions":[{versions}]}}]}}]}}"#
    )
}

#[test]
fn ranges_and_names_by_cpe_are_evaluated_where_they_can_be() {
    let (account, project) = (informed(), Project::empty());
    let cpe = "cpe:2.3:a:left:left-example:1.0.0:*:*:*:*:node.js:*:*";
    let component =
        serde_json::json!({ "type": "library", "name": "left-example", "purl": FLAWED, "cpe": cpe });
    let bill = |component: &Value| serde_json::json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [component] });
    project.write("bom.json", bill(&component).to_string());
    let mut plain = component;
    plain.as_object_mut().unwrap().remove("cpe");
    project.write("plain.json", bill(&plain).to_string());
    let scan = |sbom: &str, vex: &str| {
        project.write("vex.json", vex);
        account.run(project.root(), ["scan", "--sbom", sbom, "--vex", "vex.json", "-v"])
    };
    let address = format!(r#""purl":"{}""#, FLAWED.split('@').next().unwrap());
    scan("bom.json", &told(&address, r#"{"range":"vers:npm/>=0.9|<1.0.1"}"#)).expect(0);
    scan("bom.json", &told(&address, r#"{"range":"vers:npm/<1.0.0"}"#)).expect(1).says("not 1.0.0");
    scan("bom.json", &told(&address, r#"{"range":"vers:deb/<2"}"#)).expect(1).says("cannot be evaluated");
    let by_cpe = r#""cpe":"cpe:2.3:a:left:left-example:*:*:*:*:*:*:*:*""#;
    scan("bom.json", &told(by_cpe, "")).expect(0);
    scan("plain.json", &told(by_cpe, "")).expect(1).says("by CPE only");
    scan("bom.json", &told(&by_cpe.replace("left-example:*", "left-example:2"), "")).expect(1);
}
