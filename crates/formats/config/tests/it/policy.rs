use palisade_config::{PolicyFile, Stage};
use palisade_model::{Before, GapKind, IsolationGrade, JobId, Suppressions};

use crate::told;

#[test]
fn reads_a_whole_file() {
    let file = PolicyFile::parse(
        b"
version: 1
name: acme/2026.3
mandatory:
  - stage: scan:secrets
  - stage: job:licence-check
    template: ./templates/licence-check.yaml
  - { stage: job:prepare, template: p.yaml, before: build }
suppressions: base
environments:
  production: { protected: true, approvals: 2 }
  staging:
gate: policies/
tools: [rustc, g++]
require: { isolation: cgroup }
verify: { source: [https://example.org/a], builder: me }
licences: { allow: [MIT, Apache-2.0], deny: AGPL-3.0-only }
tolerate:
  - { engine: deps, gap: data-missing, reason: no feed of ours yet, until: 2027-03-31, owner: sec }
",
    );
    let file = file.value.unwrap_or_else(|| panic!("{:?}", file.problems));
    assert_eq!(file.licences.allow.as_ref().unwrap().len(), 2);
    assert_eq!(file.licences.deny[0].value, "AGPL-3.0-only");
    let tolerance = &file.tolerate[0].value;
    assert_eq!((tolerance.engine.as_str(), tolerance.gap), ("deps", GapKind::DataMissing));
    assert_eq!(tolerance.until.to_string(), "2027-03-31");
    assert_eq!(file.mandatory[0].stage, Stage::Scan("secrets".into()));
    let Stage::Job { id, template, before } = &file.mandatory[1].stage else { panic!() };
    assert_eq!((id, *before), (&JobId::organisation("licence-check").unwrap(), Before::Release));
    assert_eq!(template.value, "templates/licence-check.yaml");
    assert!(matches!(file.mandatory[2].stage, Stage::Job { before: Before::Build, .. }));
    assert_eq!(file.templates().into_iter().collect::<Vec<_>>(), ["p.yaml", "templates/licence-check.yaml"]);
    assert_eq!(file.suppressions.unwrap().value, Suppressions::Base);
    assert_eq!(file.environments["production"].approvals.as_ref().unwrap().value, 2);
    assert_eq!(file.environments["staging"].protected, None);
    assert_eq!(file.gate[0].value, "policies");
    assert_eq!(file.tools.unwrap().value.len(), 2);
    assert_eq!(file.isolation.unwrap().value, IsolationGrade::Cgroup);
    assert_eq!(file.verify.builder.unwrap()[0].value, "me");
}

#[test]
fn tells_everything_that_is_wrong_at_once() {
    let text = "
version: 1
name: palisade/mine
mandatory:
  - stage: scan:secrets
  - stage: scan:secrets
  - { stage: scan:deps, template: x, before: release }
  - { stage: job:x }
  - { stage: job:org/x, template: x }
  - { stage: test }
  - { stage: job:y, template: ../x, before: releas }
suppresions: none
suppressions: bse
environments: { production: { protected: yes, approvals: -1, approval: 2 }, 'a b': {} }
gate: [/etc]
tools: [../sh]
require: { isolation: none }
verify: { source: [], buildr: x }
";
    let told = told(text, &PolicyFile::parse(text.as_bytes()));
    let messages: Vec<&str> = told.iter().map(|line| line.split(" (").next().unwrap()).collect();
    assert_eq!(
        messages,
        [
            "`palisade/mine` is reserved @ palisade/mine",
            "duplicate stage `scan:secrets` @ scan:secrets",
            "`template` is only for a `job:` stage @ template",
            "`before` is only for a `job:` stage @ before",
            "missing key `template` in a mandatory stage @ { stage: job:x }",
            "`job:org/x` is not a stage @ job:org/x",
            "`test` is not a stage @ test",
            "`../x` is not a relative path @ ../x",
            "unknown value `releas` @ releas",
            "unknown key `suppresions` in the policy file @ suppresions",
            "unknown value `bse` @ bse",
            "expected a boolean @ yes",
            "expected a whole number from 0 to 100 @ -1",
            "unknown key `approval` in environment `production` @ approval",
            "`a b` is not a name for an environment @ 'a b'",
            "`/etc` is not a relative path @ /etc",
            "`../sh` is not a name for a tool @ ../sh",
            "unknown value `none` @ none",
            "an empty list would accept nothing @ []",
            "unknown key `buildr` in `verify` @ buildr",
        ]
    );
    assert!(told[1].ends_with("(first given on line 5)"));
    assert!(told[10].ends_with("(did you mean `base`?)"));
}

#[test]
fn a_tolerated_gap_says_which_why_and_until_when() {
    let file = |entry: &str| {
        PolicyFile::parse(format!("version: 1\nname: a\ntolerate: [{entry}]\n").as_bytes()).value.is_some()
    };
    assert!(file("{ engine: deps, gap: data-missing, reason: r, until: 2027-01-01 }"));
    for bad in [
        "{ engine: deps, gap: data-missing, reason: r }",
        "{ engine: deps, gap: data-missing, until: 2027-01-01 }",
        "{ engine: deps, reason: r, until: 2027-01-01 }",
        "{ gap: data-missing, reason: r, until: 2027-01-01 }",
        "{ engine: deps, gap: noted, reason: r, until: 2027-01-01 }",
        "{ engine: deps, gap: all, reason: r, until: 2027-01-01 }",
        "{ engine: deps, gap: data-missing, reason: r, until: never }",
        "{ engine: deps, gap: data-missing, reason: '', until: 2027-01-01 }",
    ] {
        assert!(!file(bad), "{bad}");
    }
}
