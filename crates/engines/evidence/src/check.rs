use palisade_attest::{
    PROVENANCE, Predicate, Provenance, ResourceDescriptor, SCAN_RESULT, ScanResult, Statement,
    VERIFICATION_SUMMARY, VerificationResult, VerificationSummary,
};
use palisade_model::{Digest, Severity, Subject};
use serde_json::Value;

use crate::Chain;
use crate::names::{BUILD_TYPE, COMMIT, PLAN, PLAN_FIELD, POLICY, RUN_FIELD, TREE, TREE_FIELD, project_uri};

/// How many provenance statements of one artifact are tried.
const MAX_BUILDS: usize = 64;

/// A statement whose signature a trusted key made.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedStatement {
    /// The statement.
    pub statement: Statement,
    /// The digest of its envelope, by which verdicts name it.
    pub envelope: Digest,
}

/// What whoever relies on the artifact asks for beyond the chain itself. None asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectations {
    /// The repository, with or without `git+` before it, or a project's URI.
    pub source: Option<String>,
    /// The builder's id.
    pub builder: Option<String>,
    /// The plan's digest.
    pub plan: Option<Digest>,
}

struct Evidence<'a> {
    builds: Vec<(&'a Digest, Provenance)>,
    scans: Vec<(&'a Digest, ScanResult)>,
    verdicts: Vec<VerificationSummary>,
}

/// Walks commit, tree, plan, build, scan and verdict of `artifact`. Of several builds of the same bytes the one with the fewest failures
/// is told; statements about other things are passed over.
pub fn check(artifact: &Subject, evidence: &[SignedStatement], expect: &Expectations) -> Chain {
    let mut unreadable = Chain::default();
    let known = read(artifact, evidence, &mut unreadable);
    let chains = known.builds.iter().take(MAX_BUILDS).map(|build| walk(artifact, build, &known, expect));
    let best = chains.min_by_key(|chain| chain.failures.len());
    let mut chain = best.unwrap_or_else(|| without_build(artifact, evidence));
    chain.failures.append(&mut unreadable.failures);
    chain
}

/// The statements of known types that speak of the artifact.
fn read<'a>(artifact: &Subject, evidence: &'a [SignedStatement], chain: &mut Chain) -> Evidence<'a> {
    let mut known = Evidence { builds: Vec::new(), scans: Vec::new(), verdicts: Vec::new() };
    for SignedStatement { statement, envelope } in evidence {
        if !statement.speaks_of(&artifact.digest) {
            continue;
        }
        match statement.predicate() {
            Ok(Predicate::Provenance(build)) => known.builds.push((envelope, build)),
            Ok(Predicate::Scan(scan)) => known.scans.push((envelope, scan)),
            Ok(Predicate::Summary(summary)) => known.verdicts.push(summary),
            Ok(Predicate::Other { .. }) => {}
            Err(error) => {
                chain.fail("form of a statement", statement.predicate_type.clone(), error.to_string())
            }
        }
    }
    known
}

fn without_build(artifact: &Subject, evidence: &[SignedStatement]) -> Chain {
    let mut chain = Chain::default();
    let of_type = |signed: &&SignedStatement| signed.statement.predicate_type == PROVENANCE;
    let others: Vec<String> = evidence
        .iter()
        .filter(of_type)
        .flat_map(|signed| &signed.statement.subjects)
        .map(|subject| subject.digest.to_string())
        .take(3)
        .collect();
    match others.as_slice() {
        [] => chain.fail("provenance", format!("a signed {PROVENANCE} statement"), "none"),
        list => chain.fail("subject of the provenance", artifact.digest.to_string(), list.join(", ")),
    }
    chain
}

/// What provenance says and the other statements must repeat.
struct Build<'a> {
    run: &'a str,
    tree: Option<Digest>,
    plan: Option<Digest>,
    policy: Option<Digest>,
    project: Option<String>,
}

fn walk(
    artifact: &Subject,
    build: &(&Digest, Provenance),
    known: &Evidence<'_>,
    expect: &Expectations,
) -> Chain {
    let mut chain = Chain::default();
    let (envelope, provenance) = build;
    let facts = walk_build(artifact, provenance, expect, &mut chain);
    let verdict = latest_verdict(&known.verdicts, facts.run);
    let inputs: Vec<Digest> = verdict
        .iter()
        .flat_map(|verdict| &verdict.input_attestations)
        .filter_map(ResourceDescriptor::sha256)
        .collect();
    walk_scan(known, &facts, &inputs, &mut chain);
    let Some(verdict) = verdict else {
        let found = if known.verdicts.is_empty() { "none" } else { "only verdicts of other runs" };
        chain.fail(
            "verdict",
            format!("a signed {VERIFICATION_SUMMARY} statement of run {}", facts.run),
            found,
        );
        return chain;
    };
    walk_verdict(verdict, &facts, &mut chain);
    warn_of_later_denials(&known.verdicts, verdict, &mut chain);
    chain.require("verifier of the verdict", &provenance.run_details.builder.id, Some(&verdict.verifier.id));
    if !inputs.contains(envelope) {
        chain.fail(
            "attestations the verdict looked at",
            format!("this provenance, {envelope}"),
            listed(&inputs),
        );
    }
    chain
}

fn listed(digests: &[Digest]) -> String {
    let names: Vec<String> = digests.iter().map(Digest::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn walk_build<'a>(
    artifact: &Subject,
    provenance: &'a Provenance,
    expect: &Expectations,
    chain: &mut Chain,
) -> Build<'a> {
    let definition = &provenance.build_definition;
    let details = &provenance.run_details;
    let dependency = |name: &str| {
        definition.resolved_dependencies.iter().find(|found| found.name.as_deref() == Some(name))
    };
    let digest = |name| dependency(name).and_then(ResourceDescriptor::sha256);
    let run = details.metadata.invocation_id.as_deref().unwrap_or_default();
    let project = definition.external_parameters.get("project").and_then(Value::as_str).map(project_uri);
    let facts = Build { run, tree: digest(TREE), plan: digest(PLAN), policy: digest(POLICY), project };
    let source = dependency(TREE).and_then(|tree| tree.uri.as_deref());
    let commit = dependency(COMMIT).and_then(ResourceDescriptor::git_commit);

    chain.link("source", source.unwrap_or("unknown"));
    chain.link("commit", commit.map_or_else(|| "none".to_owned(), |commit| commit.to_string()));
    chain.link("tree", shown(facts.tree.as_ref()));
    chain.link("plan", shown(facts.plan.as_ref()));
    let job = definition.external_parameters.get("job").and_then(Value::as_str).unwrap_or("?");
    chain.link("build", format!("job {job} of run {run} by {}", details.builder.id));
    chain.link("artifact", format!("{} {}", artifact.name, artifact.digest));

    chain.require("build type of the provenance", BUILD_TYPE, Some(&definition.build_type));
    for (what, digest) in [
        ("tree of the provenance", facts.tree),
        ("plan of the provenance", facts.plan),
        ("policy of the provenance", facts.policy),
    ] {
        if digest.is_none() {
            chain.fail(what, "a sha256 digest", "none");
        }
    }
    if facts.project.is_none() {
        chain.fail("project of the provenance", "a name", "none");
    }
    if run.is_empty() {
        chain.fail("run of the provenance", "an invocation id", "none");
    }
    warn_of_build(definition.internal_parameters.get("snapshot"), &definition.internal_parameters, chain);
    meet(expect, source, &details.builder.id, facts.plan, chain);
    facts
}

fn shown(digest: Option<&Digest>) -> String {
    digest.map_or_else(|| "unknown".to_owned(), Digest::to_string)
}

fn warn_of_build(snapshot: Option<&Value>, internal: &serde_json::Map<String, Value>, chain: &mut Chain) {
    if snapshot.and_then(|snapshot| snapshot.get("dirty")).and_then(Value::as_bool) == Some(true) {
        chain.warnings.push("built from a tree that differs from the commit".to_owned());
    }
    if internal.get("keyProtection").and_then(Value::as_str) == Some("local-unprotected") {
        chain.warnings.push("signed with a key that was not encrypted".to_owned());
    }
}

fn meet(expect: &Expectations, source: Option<&str>, builder: &str, plan: Option<Digest>, chain: &mut Chain) {
    let bare = |uri: &str| uri.strip_prefix("git+").unwrap_or(uri).to_owned();
    if let Some(expected) = &expect.source {
        chain.require("source", &bare(expected), source.map(bare).as_deref());
    }
    if let Some(expected) = &expect.builder {
        chain.require("builder", expected, Some(builder));
    }
    if let Some(expected) = &expect.plan {
        require_digest("plan", Some(*expected), plan, chain);
    }
}

fn require_digest(what: &'static str, expected: Option<Digest>, found: Option<Digest>, chain: &mut Chain) {
    // Nothing to compare with is told where it is missing.
    if let Some(expected) = expected {
        chain.require(what, &expected.to_string(), found.map(|digest| digest.to_string()).as_deref());
    }
}

fn walk_scan(known: &Evidence<'_>, facts: &Build<'_>, inputs: &[Digest], chain: &mut Chain) {
    let of_run = || known.scans.iter().filter(|(_, scan)| scan.run.as_str() == facts.run);
    let judged = of_run().find(|(envelope, _)| inputs.contains(envelope));
    let Some((envelope, scan)) = judged.or_else(|| of_run().next()) else {
        let found = if known.scans.is_empty() { "none" } else { "only results of other runs" };
        chain.fail("scan result", format!("a signed {SCAN_RESULT} statement of run {}", facts.run), found);
        return;
    };
    chain.link("scan", scan_line(scan));
    require_digest("tree of the scan result", facts.tree, Some(scan.tree), chain);
    require_digest("plan of the scan result", facts.plan, Some(scan.plan), chain);
    if judged.is_none() && !known.verdicts.is_empty() {
        chain.fail(
            "attestations the verdict looked at",
            format!("this scan result, {envelope}"),
            listed(inputs),
        );
    }
    warn_of_scan(scan, chain);
}

fn scan_line(scan: &ScanResult) -> String {
    let engines: Vec<&str> = scan.engines.iter().map(|engine| engine.engine.as_str()).collect();
    let sum = |counts: &std::collections::BTreeMap<Severity, u64>| counts.values().sum::<u64>();
    let gaps: u64 = scan.engines.iter().map(|engine| engine.blocking_gaps).sum();
    format!(
        "{}: {} findings, {} suppressed, {gaps} blocking gaps",
        engines.join(", "),
        sum(&scan.findings.active),
        sum(&scan.findings.suppressed),
    )
}

fn warn_of_scan(scan: &ScanResult, chain: &mut Chain) {
    for (severity, count) in scan.findings.active.iter().rev() {
        if *severity >= Severity::High && *count > 0 {
            chain.warnings.push(format!("the scan has {count} active findings of severity {severity}"));
        }
    }
    for engine in scan.engines.iter().filter(|engine| engine.blocking_gaps > 0) {
        let gaps = engine.blocking_gaps;
        chain.warnings.push(format!("the scan by {} has {gaps} blocking gaps", engine.engine));
    }
    if scan.engines.is_empty() {
        chain.warnings.push("nothing was scanned".to_owned());
    }
}

/// Of several verdicts about one run the last counts.
fn latest_verdict<'a>(verdicts: &'a [VerificationSummary], run: &str) -> Option<&'a VerificationSummary> {
    let of_run = |verdict: &&VerificationSummary| field(verdict, RUN_FIELD) == Some(run);
    let rank = |verdict: &&VerificationSummary| {
        (verdict.time_verified, verdict.verification_result == VerificationResult::Failed)
    };
    verdicts.iter().filter(of_run).max_by_key(rank)
}

/// A denial in another run of the same project does not undo what the gate let pass, but whoever relies on that should know.
fn warn_of_later_denials(
    verdicts: &[VerificationSummary],
    relied_on: &VerificationSummary,
    chain: &mut Chain,
) {
    let denied_later = |other: &&VerificationSummary| {
        other.verification_result == VerificationResult::Failed
            && other.time_verified > relied_on.time_verified
            && other.resource_uri == relied_on.resource_uri
    };
    for denial in verdicts.iter().filter(denied_later) {
        let run = field(denial, RUN_FIELD).unwrap_or("unknown");
        chain.warnings.push(format!("run {run} denied the same artifact later, on {}", denial.time_verified));
    }
}

fn walk_verdict(verdict: &VerificationSummary, facts: &Build<'_>, chain: &mut Chain) {
    let policy = verdict.policy.uri.as_deref().unwrap_or("an unnamed policy");
    let result = verdict.verification_result.name();
    let digest = shown(verdict.policy.sha256().as_ref());
    chain.link("verdict", format!("{result} by {policy} ({digest}) on {}", verdict.time_verified));
    chain.require("verdict", VerificationResult::Passed.name(), Some(result));
    if let Some(project) = &facts.project {
        chain.require("resource of the verdict", project, Some(&verdict.resource_uri));
    }
    let digest = |name| field(verdict, name).and_then(|text| text.parse().ok());
    require_digest("tree of the verdict", facts.tree, digest(TREE_FIELD), chain);
    require_digest("plan of the verdict", facts.plan, digest(PLAN_FIELD), chain);
    require_digest("policy of the verdict", facts.policy, verdict.policy.sha256(), chain);
}

fn field<'a>(verdict: &'a VerificationSummary, name: &str) -> Option<&'a str> {
    verdict.extensions.get(name).and_then(Value::as_str)
}
