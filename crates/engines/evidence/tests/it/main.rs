//! A run's statements form a chain, and every way to break it is told.

#![cfg(test)]

use std::collections::BTreeMap;

use palisade_attest::{
    PROVENANCE, Predicate, Provenance, SCAN_RESULT, ScanResult, Statement, VERIFICATION_SUMMARY,
    VerificationResult, VerificationSummary,
};
use palisade_evidence::{
    Chain, Expectations, SignedStatement, check, project_uri, provenance, scan_result, verdict,
};
use palisade_model::{
    Actor, Builder, Coverage, Decision, Digest, EngineReport, EvidenceRef, Gap, GapKind, IsolationGrade,
    JobId, JobRecord, KeyProtection, Outcome, OutputRecord, PolicyRef, RunRecord, SandboxRecord, Severity,
    Snapshot, Source, StepRecord, Subject, Timestamp, TrustLevel, Verdict,
};
use serde_json::{Value, json};

const BUILDER: &str = "urn:palisade:builder:example";

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn artifact() -> Subject {
    Subject { name: "storefront.tar.gz".to_owned(), digest: digest("artifact") }
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_000_000 + seconds).unwrap()
}

fn record() -> RunRecord {
    let output = |subject| OutputRecord { subject, bytes: 8, executable: false };
    let map = Subject { name: "storefront.map".to_owned(), digest: digest("map") };
    let package = JobRecord {
        job: JobId::repository("package").unwrap(),
        outcome: Outcome::Succeeded,
        detail: None,
        steps: vec![StepRecord {
            name: "pack".to_owned(),
            outcome: Outcome::Succeeded,
            milliseconds: 5,
            log: digest("log"),
            log_truncated: false,
        }],
        outputs: vec![output(map), output(artifact())],
        sandbox: Some(SandboxRecord { grade: IsolationGrade::Cgroup, guards: vec![], tools: vec![] }),
    };
    let scan = EngineReport {
        engine: "secrets".to_owned(),
        version: "0.1.0".to_owned(),
        rules: digest("rules"),
        rule_count: 60,
        work: None,
        coverage: Coverage { looked_at: 214, bytes: 1_900_000, not_applicable: 0, gaps: vec![] },
    };
    RunRecord {
        run: "20260102-030405-ffffffff".parse().unwrap(),
        actor: Actor { name: "ada".to_owned() },
        builder: Builder {
            id: BUILDER.to_owned(),
            version: "0.1.0".to_owned(),
            key: KeyProtection::Passphrase,
        },
        started: later(0),
        finished: later(5),
        snapshot: Snapshot {
            tree: digest("tree"),
            files: 214,
            bytes: 1_900_000,
            source: Source::Git {
                commit: Some("8f3c2a18f3c2a18f3c2a18f3c2a18f3c2a18f3c2".parse().unwrap()),
                branch: Some("main".to_owned()),
                remote: Some("https://git.example/acme/storefront".to_owned()),
            },
            dirty: false,
            trust: TrustLevel::Local,
        },
        project: "storefront".to_owned(),
        plan: digest("plan"),
        pipeline: digest("pipeline"),
        policy: PolicyRef { name: "acme 1".to_owned(), digest: digest("policy") },
        parameters: BTreeMap::from([("job".to_owned(), "package".to_owned())]),
        scans: vec![scan],
        jobs: vec![package],
    }
}

fn signed(statement: Statement) -> SignedStatement {
    let envelope = Digest::of(&statement.to_json().unwrap());
    SignedStatement { statement, envelope }
}

fn judged(
    record: &RunRecord,
    decision: Decision,
    inputs: &[SignedStatement],
    time: Timestamp,
) -> SignedStatement {
    let input = |signed: &SignedStatement| EvidenceRef {
        predicate_type: signed.statement.predicate_type.clone(),
        digest: signed.envelope,
        subjects: signed.statement.subjects.iter().map(|subject| subject.digest).collect(),
    };
    let inputs: Vec<EvidenceRef> = inputs.iter().map(input).collect();
    let answer = Verdict {
        decision,
        denials: vec![],
        warnings: vec![],
        policy: record.policy.clone(),
        rules: 9,
        input: digest("input"),
    };
    signed(verdict(record, &answer, &[artifact()], &inputs, time).unwrap())
}

/// Both provenances, scan result and verdict of `record`.
fn evidence(record: &RunRecord) -> Vec<SignedStatement> {
    let mut list: Vec<SignedStatement> =
        record.jobs.iter().flat_map(|job| provenance(record, job).unwrap()).map(signed).collect();
    list.push(signed(scan_result(record, &[], &[artifact()]).unwrap()));
    let verdict = judged(record, Decision::Allowed, &list, later(6));
    list.push(verdict);
    list
}

fn failures(list: &[SignedStatement], expect: &Expectations) -> Vec<String> {
    check(&artifact(), list, expect).failures.iter().map(ToString::to_string).collect()
}

/// The failures after `change` was made to the predicate of type `kind` without telling the others, as by who holds the key.
fn after(kind: &str, change: impl Fn(&mut Value)) -> Vec<String> {
    let mut list = evidence(&record());
    for signed in list.iter_mut().filter(|signed| signed.statement.predicate_type == kind) {
        change(&mut signed.statement.predicate);
    }
    failures(&list, &Expectations::default())
}

fn says(failures: &[String], part: &str) {
    assert!(failures.iter().any(|failure| failure.contains(part)), "{part} is not in {failures:#?}");
}

#[test]
fn a_whole_chain_is_proven_whatever_the_order_and_what_lies_beside_it() {
    let mut list = evidence(&record());
    assert_eq!(list.len(), 4);
    list.reverse();
    let mut other = record();
    other.run = "20260102-030405-00000000".parse().unwrap();
    other.jobs[0].outputs.remove(1);
    list.extend(evidence(&other));
    let chain = check(&artifact(), &list, &Expectations::default());
    assert!(chain.is_proven(), "{:#?}", chain.failures);
    assert_eq!(chain.warnings, [""; 0]);
    let labels: Vec<&str> = chain.links.iter().map(|link| link.label).collect();
    assert_eq!(labels, ["source", "commit", "tree", "plan", "build", "artifact", "scan", "verdict"]);
    assert_eq!(chain.links[1].value, "8f3c2a18f3c2a18f3c2a18f3c2a18f3c2a18f3c2");
}

#[test]
fn each_missing_statement_is_named() {
    let list = evidence(&record());
    for (kind, reason) in [
        (PROVENANCE, "provenance: expected"),
        (SCAN_RESULT, "scan result: expected"),
        (VERIFICATION_SUMMARY, "verdict: expected"),
    ] {
        let rest: Vec<_> =
            list.iter().filter(|signed| signed.statement.predicate_type != kind).cloned().collect();
        let failures = failures(&rest, &Expectations::default());
        says(&failures, reason);
        says(&failures, "found none");
    }
    says(&failures(&[], &Expectations::default()), "found none");
}

#[test]
fn another_artifact_is_told_with_both_digests() {
    let other = Subject { name: "storefront.tar.gz".to_owned(), digest: digest("tampered") };
    let chain = check(&other, &evidence(&record()), &Expectations::default());
    let failure = &chain.failures[0];
    assert_eq!(failure.what, "subject of the provenance");
    assert_eq!(failure.expected, digest("tampered").to_string());
    assert!(failure.found.contains(&digest("artifact").to_string()));
}

#[test]
fn what_binds_the_statements_is_compared() {
    let wrong = || json!(digest("other").to_string());
    says(&after(SCAN_RESULT, |scan| scan["plan"] = wrong()), "plan of the scan result");
    says(&after(SCAN_RESULT, |scan| scan["tree"] = wrong()), "tree of the scan result");
    says(
        &after(SCAN_RESULT, |scan| scan["run"] = json!("20260102-030405-00000000")),
        "only results of other runs",
    );
    says(&after(VERIFICATION_SUMMARY, |vsa| vsa["urn:palisade:plan"] = wrong()), "plan of the verdict");
    says(&after(VERIFICATION_SUMMARY, |vsa| vsa["urn:palisade:tree"] = wrong()), "tree of the verdict");
    says(&after(VERIFICATION_SUMMARY, |vsa| vsa["urn:palisade:tree"] = json!(7)), "found none");
    says(
        &after(VERIFICATION_SUMMARY, |vsa| vsa["urn:palisade:run"] = json!("x")),
        "only verdicts of other runs",
    );
    says(&after(VERIFICATION_SUMMARY, |vsa| vsa["policy"]["digest"] = json!({})), "policy of the verdict");
    says(
        &after(VERIFICATION_SUMMARY, |vsa| vsa["verifier"]["id"] = json!("urn:x")),
        "verifier of the verdict",
    );
    says(
        &after(VERIFICATION_SUMMARY, |vsa| vsa["verificationResult"] = json!("FAILED")),
        "expected PASSED, found FAILED",
    );
    says(
        &after(VERIFICATION_SUMMARY, |vsa| vsa["verificationResult"] = json!("passed")),
        "form of a statement",
    );
    says(
        &after(VERIFICATION_SUMMARY, |vsa| vsa["resourceUri"] = json!("urn:palisade:project:other")),
        "resource of the verdict",
    );
    says(
        &after(PROVENANCE, |build| build["buildDefinition"]["externalParameters"] = json!({})),
        "project of the provenance",
    );
    says(&after(PROVENANCE, |build| build["buildDefinition"]["buildType"] = json!("urn:x")), "build type");
    says(
        &after(PROVENANCE, |build| build["buildDefinition"]["resolvedDependencies"] = json!([])),
        "plan of the provenance",
    );
    says(&after(PROVENANCE, |build| build["runDetails"]["metadata"] = json!({})), "run of the provenance");
}

#[test]
fn the_verdict_must_have_looked_at_this_very_evidence() {
    let looked = |keep: &dyn Fn(&SignedStatement) -> bool| {
        let mut list = evidence(&record());
        list.pop();
        let inputs: Vec<_> = list.iter().filter(|signed| keep(signed)).cloned().collect();
        list.push(judged(&record(), Decision::Allowed, &inputs, later(6)));
        failures(&list, &Expectations::default())
    };
    assert_eq!(looked(&|_| true), [""; 0]);
    says(&looked(&|signed| signed.statement.predicate_type != PROVENANCE), "this provenance");
    says(&looked(&|signed| signed.statement.predicate_type != SCAN_RESULT), "this scan result");
}

#[test]
fn a_later_denial_of_the_same_run_wins() {
    let mut list = evidence(&record());
    list.insert(0, judged(&record(), Decision::Denied, &list[..3], later(9)));
    says(&failures(&list, &Expectations::default()), "expected PASSED, found FAILED");
    list[0] = judged(&record(), Decision::Denied, &list[1..4], later(1));
    assert_eq!(failures(&list, &Expectations::default()), [""; 0]);
}

#[test]
fn a_later_denial_of_another_run_is_told() {
    let mut list = evidence(&record());
    let mut again = record();
    again.run = "20260109-030405-00000000".parse().unwrap();
    let warnings = |list: &[SignedStatement]| {
        let chain = check(&artifact(), list, &Expectations::default());
        assert!(chain.is_proven(), "{:#?}", chain.failures);
        chain.warnings
    };
    for (decision, time, told) in
        [(Decision::Allowed, 9, false), (Decision::Denied, 5, false), (Decision::Denied, 9, true)]
    {
        list.push(judged(&again, decision, &[], later(time)));
        let warnings = warnings(&list);
        let of_the_run = warnings.iter().filter(|warning| warning.contains("20260109-030405-00000000"));
        assert_eq!(of_the_run.count(), usize::from(told), "{decision:?} {time} {warnings:?}");
        list.pop();
    }
    // Another project that happens to have the same bytes has no say.
    again.project = "other".to_owned();
    list.push(judged(&again, Decision::Denied, &[], later(9)));
    assert_eq!(warnings(&list), [""; 0]);
}

#[test]
fn expectations_are_exact() {
    let list = evidence(&record());
    let met = Expectations {
        source: Some("https://git.example/acme/storefront".to_owned()),
        builder: Some(BUILDER.to_owned()),
        plan: Some(digest("plan")),
    };
    assert_eq!(failures(&list, &met), [""; 0]);
    let other = |change: &dyn Fn(&mut Expectations)| {
        let mut expect = met.clone();
        change(&mut expect);
        failures(&list, &expect)
    };
    says(
        &other(&|expect| expect.source = Some("git+https://git.example/acme/store".to_owned())),
        "source: expected https://git.example/acme/store, found",
    );
    says(&other(&|expect| expect.builder = Some(format!("{BUILDER}2"))), "builder: expected");
    says(&other(&|expect| expect.plan = Some(digest("x"))), "plan: expected");
}

#[test]
fn folders_have_the_projects_own_source_and_no_commit() {
    let mut record = record();
    record.snapshot.source = Source::Folder;
    let expect = Expectations { source: Some(project_uri("storefront")), ..Expectations::default() };
    let chain: Chain = check(&artifact(), &evidence(&record), &expect);
    assert!(chain.is_proven(), "{:#?}", chain.failures);
    assert_eq!(chain.links[1].value, "none");
}

#[test]
fn what_the_gate_let_pass_is_still_shown() {
    let mut record = record();
    record.snapshot.dirty = true;
    record.builder.key = KeyProtection::LocalUnprotected;
    record.scans[0].coverage.gaps = vec![Gap::new(None, GapKind::Unreadable, "x"); 1500];
    let list = evidence(&record);
    let chain = check(&artifact(), &list, &Expectations::default());
    assert!(chain.is_proven(), "{:#?}", chain.failures);
    assert_eq!(chain.warnings.len(), 3, "{:#?}", chain.warnings);
    let Predicate::Scan(ScanResult { engines, .. }) = list[2].statement.predicate().unwrap() else {
        panic!()
    };
    assert_eq!((engines[0].blocking_gaps, engines[0].gaps.len()), (1500, 1000));

    let mut list = list;
    list[2].statement.predicate["findings"]["active"] = json!({ "critical": 2, "low": 3 });
    let warnings = check(&artifact(), &list, &Expectations::default()).warnings;
    assert!(warnings.iter().any(|warning| warning.contains("2 active findings of severity critical")));
    assert!(!warnings.iter().any(|warning| warning.contains("low")));
    assert_eq!(Severity::High.name(), "high");
}

/// The fields that SLSA v1 requires, by the names it gives them.
#[test]
fn statements_have_the_form_of_slsa() {
    let list = evidence(&record());
    let value = |index: usize| -> Value {
        serde_json::from_slice(&list[index].statement.to_json().unwrap()).unwrap()
    };
    let build = value(1);
    assert_eq!(build["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(
        build["subject"],
        json!([{ "name": "storefront.tar.gz", "digest": { "sha256": digest("artifact").hex() } }])
    );
    assert_eq!(build["predicate"]["buildDefinition"]["externalParameters"]["job"], "package");
    assert_eq!(
        build["predicate"]["buildDefinition"]["externalParameters"]["parameters"],
        json!({ "job": "package" })
    );
    let commit = &build["predicate"]["buildDefinition"]["resolvedDependencies"][0];
    assert_eq!(commit["uri"], "git+https://git.example/acme/storefront");
    assert_eq!(commit["digest"]["gitCommit"], "8f3c2a18f3c2a18f3c2a18f3c2a18f3c2a18f3c2");
    assert_eq!(build["predicate"]["runDetails"]["metadata"]["startedOn"], later(0).to_string());
    assert_eq!(build["predicate"]["runDetails"]["byproducts"][0]["digest"]["sha256"], digest("log").hex());
    let summary = value(3);
    assert_eq!(summary["predicate"]["verificationResult"], "PASSED");
    assert_eq!(summary["predicate"]["verifiedLevels"], json!(["SLSA_BUILD_LEVEL_1"]));
    assert_eq!(summary["predicate"]["policy"]["uri"], "urn:palisade:policy:acme%201");
    let denied = judged(&record(), Decision::Denied, &[], later(0)).statement.predicate().unwrap();
    let Predicate::Summary(VerificationSummary { verification_result, verified_levels, .. }) = denied else {
        panic!()
    };
    assert_eq!(
        (verification_result, verified_levels),
        (VerificationResult::Failed, vec!["FAILED".to_owned()])
    );
    let Predicate::Provenance(Provenance { build_definition, .. }) = list[1].statement.predicate().unwrap()
    else {
        panic!()
    };
    assert_eq!(serde_json::to_value(build_definition).unwrap(), build["predicate"]["buildDefinition"]);
}
