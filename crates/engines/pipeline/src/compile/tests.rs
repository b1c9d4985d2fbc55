use palisade_config::{PolicyFile, TemplateJob};
use palisade_model::Level;
use proptest::prelude::*;

use super::*;

const ENGINES: &[&str] = &["secrets"];

fn digest() -> Digest {
    Digest::of(b"pipeline")
}

fn file(text: &str) -> PipelineFile {
    let parsed = PipelineFile::parse(text.as_bytes());
    parsed.value.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.problems))
}

fn template(text: &str) -> TemplateJob {
    TemplateJob::parse(text.as_bytes()).value.unwrap()
}

fn templates() -> BTreeMap<String, TemplateJob> {
    let text = "steps: [{ run: check, env: { STRICT: 1 } }]\noutputs: [report]\ntimeout: 5m\n";
    ["prepare", "licence", "local"].map(|name| (format!("t/{name}.yaml"), template(text))).into()
}

fn policy_file(text: &str) -> PolicyFile {
    let parsed = PolicyFile::parse(text.as_bytes());
    parsed.value.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.problems))
}

const POLICY: &str = "
version: 1
name: acme
mandatory:
  - stage: scan:secrets
  - stage: job:prepare
    template: t/prepare.yaml
    before: build
  - stage: job:licence
    template: t/licence.yaml
suppressions: base
environments:
  production: { protected: true, approvals: 2 }
  staging: {}
gate: policies/
tools: [rustc, go]
require: { isolation: rlimit }
verify: { source: [https://example.org/a, https://example.org/b] }
";

fn policy() -> Policy {
    let parsed = Policy::from_file(&policy_file(POLICY), &templates(), Digest::of(b"policy"), ENGINES);
    parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.problems))
}

fn tighten(text: &str) -> (Policy, Vec<String>) {
    let mut policy = policy();
    let text = format!("version: 1\nname: mine\n{text}");
    let problems = policy.tighten(&policy_file(&text), &templates(), Digest::of(b"mine"), ENGINES);
    (policy, problems.into_iter().map(|problem| problem.message).collect())
}

fn messages(text: &str) -> Vec<(String, String)> {
    let compiled = compile(&file(text), digest(), &policy());
    let errors = compiled.problems.iter().any(|problem| problem.level == Level::Error);
    assert_eq!(compiled.value.is_none(), errors);
    let place = |span: palisade_model::Span| text.get(span.start..span.end).unwrap().to_owned();
    compiled.problems.into_iter().map(|problem| (problem.message, place(problem.span))).collect()
}

const STOREFRONT: &str = "
version: 1
name: storefront
env: { LANG: C, MODE: file }
jobs:
  compile:
    steps:
      - run: cc -O2 -o storefront src/main.c
        env: { MODE: step }
    outputs: [storefront]
  test:
    needs: compile
    timeout: 10m
    steps:
      - { run: sh test/run.sh, shell: bash, timeout: 90s, working-directory: ./test/ }
  package:
    needs: [test, compile]
    environment: production
    steps: [{ name: tar, run: tar c storefront }]
    outputs: [storefront.tar.gz]
";

#[test]
fn fills_in_every_default() {
    let plan = compile(&file(STOREFRONT), digest(), &policy()).value.unwrap();
    let job = |name: &str| &plan.jobs[&JobId::repository(name).unwrap()];
    let compile = &job("compile").steps[0];
    assert_eq!(compile.name, "cc -O2 -o storefront src/main.c");
    assert_eq!(compile.env, [("LANG", "C"), ("MODE", "step")].map(|(k, v)| (k.into(), v.into())).into());
    assert_eq!((compile.timeout_seconds, job("compile").timeout_seconds), (3600, 7200));
    assert_eq!(compile.shell, ["sh", "-e"]);
    assert_eq!(job("test").timeout_seconds, 600);
    assert_eq!(
        (job("test").steps[0].timeout_seconds, &*job("test").steps[0].working_directory),
        (90, "test")
    );
    assert_eq!(plan.release.artifacts, ["storefront.tar.gz"], "the job that no other needs");
    assert_eq!(plan.suppressions, Suppressions::Base);
    assert_eq!(plan.environments["production"], Environment { protected: true, approvals: 2 });
    assert_eq!(plan.environments.len(), 1, "only what jobs name");
}

#[test]
fn the_repositorys_environment_variables_do_not_reach_the_organisations_jobs() {
    let plan = compile(&file(STOREFRONT), digest(), &policy()).value.unwrap();
    let licence = &plan.jobs[&JobId::organisation("licence").unwrap()];
    assert_eq!(licence.steps[0].env, BTreeMap::from([("STRICT".into(), "1".into())]));
}

#[test]
fn a_protected_environment_refuses_self_granted_suppressions() {
    let mut lax = policy_file(POLICY);
    lax.suppressions = None;
    let lax = Policy::from_file(&lax, &templates(), Digest::of(b"policy"), ENGINES).value.unwrap();
    let suppressions = |text: &str| compile(&file(text), digest(), &lax).value.unwrap().suppressions;
    assert_eq!(suppressions(STOREFRONT), Suppressions::Base);
    assert_eq!(suppressions(&STOREFRONT.replace("production", "staging")), Suppressions::Own);
}

#[test]
fn the_plan_does_not_depend_on_how_the_file_is_written() {
    let other = "
# The same, in another order and style.
name: 'storefront'
jobs: {
  package: { outputs: [storefront.tar.gz], needs: [compile, test], steps: [{ run: \"tar c storefront\", name: tar }],
             environment: production },
  test: { steps: [{ working-directory: test, timeout: 90, shell: bash, run: sh test/run.sh }], timeout: 600s, needs: [compile] },
  compile: { outputs: storefront, steps: [{ env: { MODE: step }, run: cc -O2 -o storefront src/main.c }] } }
env: { MODE: file, LANG: \"C\" }
version: 1
";
    let plan = |text: &str| compile(&file(text), Digest::of(b"same"), &policy()).value.unwrap();
    assert_eq!(plan(STOREFRONT).digest().unwrap(), plan(other).digest().unwrap());
}

#[test]
fn says_what_is_wrong_with_needs() {
    let text = "
version: 1
name: x
jobs:
  compile: { steps: [{ run: a }] }
  test: { needs: [compil], steps: [{ run: a }] }
  loop: { needs: loop, steps: [{ run: a }] }
  mine: { needs: [org/licence, compile, compile], steps: [{ run: a }] }
";
    let problems = compile(&file(text), digest(), &policy()).problems;
    assert_eq!(problems[0].label.as_deref(), Some("did you mean `compile`?"));
    assert_eq!(
        messages(text),
        [
            ("job `test` needs `compil`, which is not a job", "compil"),
            ("job `loop` needs itself", "loop"),
            ("job `mine` needs `org/licence`, which is not a job", "org/licence"),
            ("job `mine` needs `compile` twice", "compile"),
        ]
        .map(|(message, place)| (message.to_owned(), place.to_owned()))
    );
}

#[test]
fn names_each_cycle_once() {
    let text = "
version: 1
name: x
jobs:
  c: { needs: [b, z], steps: [{ run: a }] }
  b: { needs: [c], steps: [{ run: a }] }
  after: { needs: [b], steps: [{ run: a }] }
  z: { steps: [{ run: a }] }
  k: { needs: [m], steps: [{ run: a }] }
  l: { needs: [k], steps: [{ run: a }] }
  m: { needs: [l], steps: [{ run: a }] }
";
    assert_eq!(
        messages(text),
        [
            ("jobs need each other in a circle: `b` -> `c` -> `b`", "c"),
            ("jobs need each other in a circle: `k` -> `m` -> `l` -> `k`", "m"),
        ]
        .map(|(message, place)| (message.to_owned(), place.to_owned()))
    );
}

#[test]
fn warns_of_artifacts_that_nothing_makes_and_refuses_environments_that_a_policy_does_not_know() {
    let text = "
version: 1
name: x
release: { artifacts: [dist/*.gz, other] }
jobs:
  a: { environment: prodution, outputs: [dist], steps: [{ run: a }] }
";
    let compiled = compile(&file(text), digest(), &policy());
    assert!(compiled.value.is_none(), "a misspelt name must not escape the protection");
    let levels: Vec<_> = compiled.problems.iter().map(|problem| problem.level).collect();
    assert_eq!(levels, [Level::Warning, Level::Error]);
    let without = compile(&file(text), digest(), &Policy::default());
    assert_eq!(without.value.unwrap().environments["prodution"], Environment::default());
    assert_eq!(
        messages(text).into_iter().map(|(_, place)| place).collect::<Vec<_>>(),
        ["other", "prodution"]
    );
    assert_eq!(compiled.problems[1].label.as_deref(), Some("did you mean `production`?"));
}

#[test]
fn refuses_more_than_256_jobs() {
    let jobs = |count: usize| -> String {
        (0..count).map(|number| format!("  j{number}: {{ steps: [{{ run: a }}] }}\n")).collect()
    };
    let text = |count| format!("version: 1\nname: x\njobs:\n{}", jobs(count));
    assert!(compile(&file(&text(256)), digest(), &policy()).value.is_some());
    assert!(compile(&file(&text(257)), digest(), &policy()).value.is_none());
}

#[test]
fn a_policy_names_only_engines_and_templates_that_exist() {
    let parsed = Policy::from_file(&policy_file(POLICY), &BTreeMap::new(), digest(), &["deps", "code"]);
    assert!(parsed.value.is_none());
    let messages: Vec<_> = parsed.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "there is no scan engine `secrets`",
            "there is no job template `t/prepare.yaml`",
            "there is no job template `t/licence.yaml`"
        ]
    );
    assert_eq!(parsed.problems[0].hint.as_deref(), Some("known engines: deps, code"));
}

#[test]
fn an_organisation_can_replace_the_gate_but_not_drop_the_scans() {
    let text = "version: 1\nname: acme\ngate: [policies]\ndefault-gate: false\n";
    let policy =
        Policy::from_file(&policy_file(text), &BTreeMap::new(), digest(), &["secrets"]).value.unwrap();
    assert!(!policy.default_gate());
    let plan = compile(&file(STOREFRONT), digest(), &policy).value.unwrap();
    assert!(plan.mandatory.contains("scan:secrets") && plan.mandatory.contains("scan:deps"));
    assert_eq!(plan.scans.len(), 2);
}

#[test]
fn the_repositorys_policy_can_tighten() {
    let (tight, problems) = tighten(
        "mandatory: [{ stage: scan:secrets }, { stage: job:local, template: t/local.yaml, before: build }]
suppressions: none
environments: { production: { approvals: 3 }, staging: { protected: true }, demo: { approvals: 1 } }
gate: [mine.rego]
tools: [go]
require: { isolation: cgroup }
verify: { source: https://example.org/a, builder: [me] }
licences: { allow: MIT, deny: [AGPL-3.0-only] }
",
    );
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(tight.suppressions(), Suppressions::None);
    let environment =
        |name: &str| (tight.environments()[name].protected, tight.environments()[name].approvals);
    assert_eq!(
        [environment("production"), environment("staging"), environment("demo")],
        [(true, 3), (true, 0), (false, 1)]
    );
    assert_eq!(tight.tools().unwrap().len(), 1);
    assert_eq!(tight.isolation(), Some(palisade_model::IsolationGrade::Cgroup));
    assert_eq!(tight.verify().source.as_ref().unwrap().len(), 1);
    assert_eq!(tight.licences().deny.len() + tight.licences().allow.as_ref().map_or(0, BTreeSet::len), 2);
    assert_ne!(tight.reference().digest, policy().reference().digest);

    let plan = compile(&file(STOREFRONT), digest(), &tight).value.unwrap();
    let needs = |id: JobId| plan.jobs[&id].needs.iter().map(JobId::as_str).collect::<Vec<_>>();
    assert_eq!(needs(JobId::organisation("prepare").unwrap()), Vec::<&str>::new());
    assert_eq!(needs(JobId::organisation("local").unwrap()), ["org/prepare"]);
    assert_eq!(needs(JobId::repository("compile").unwrap()), ["org/local", "org/prepare"]);
    assert_eq!(
        needs(JobId::organisation("licence").unwrap()),
        ["compile", "org/local", "org/prepare", "package", "test"]
    );
    assert_eq!(plan.scans[0].origin, Origin::Organisation);
}

#[test]
fn the_repositorys_policy_cannot_loosen() {
    let cases = [
        "suppressions: self",
        "environments: { production: { protected: false } }",
        "environments: { production: { approvals: 1 } }",
        "tools: [rustc, curl]",
        "gate: [mine.rego]\ndefault-gate: false",
        "verify: { source: [https://example.org/a, https://evil.example] }",
        "mandatory: [{ stage: job:licence, template: t/local.yaml }]",
        "mandatory: [{ stage: scan:nothing }]",
        "tolerate: [{ engine: deps, gap: data-missing, reason: mine, until: 2999-01-01 }]",
    ];
    for case in cases {
        let (after, problems) = tighten(case);
        assert_eq!(problems.len(), 1, "{case}");
        assert_eq!(after, policy(), "{case}: an error changes nothing");
    }
}

#[test]
fn the_repositorys_policy_cannot_accept_less_isolation() {
    let mut strict = policy_file(POLICY);
    strict.isolation.as_mut().unwrap().value = palisade_model::IsolationGrade::Cgroup;
    let mut strict = Policy::from_file(&strict, &templates(), digest(), ENGINES).value.unwrap();
    let mine = policy_file("version: 1\nname: mine\nrequire: { isolation: rlimit }\n");
    assert_eq!(strict.tighten(&mine, &BTreeMap::new(), digest(), ENGINES).len(), 1);
}

/// What every plan owes to `POLICY`, said anew and not by the code that weaves: all that is wrong with `plan`.
fn broken_promises(plan: &Plan, file: &PipelineFile) -> Vec<String> {
    let mut broken = Vec::new();
    let mut promise = |kept: bool, what: &str| {
        if !kept {
            broken.push(what.to_owned());
        }
    };
    let names: Vec<&str> = plan.mandatory.iter().map(String::as_str).collect();
    promise(names == ["job:licence", "job:prepare", "scan:deps", "scan:secrets"], "mandatory names");
    promise(plan.scans.iter().any(|scan| scan.engine == "secrets"), "secrets scan");
    let repository: Vec<&JobId> = plan.jobs.keys().filter(|id| !id.as_str().starts_with("org/")).collect();
    promise(repository.iter().copied().eq(file.jobs.keys()), "the repository's jobs");
    promise(plan.jobs.len() == repository.len() + 2, "number of jobs");
    let prepare = JobId::organisation("prepare").unwrap();
    let licence = JobId::organisation("licence").unwrap();
    for id in [&prepare, &licence] {
        let Some(job) = plan.jobs.get(id) else {
            promise(false, "stage is there");
            continue;
        };
        promise(job.origin == Origin::Organisation, "origin");
        promise(job.steps.len() == 1 && job.steps[0].run == "check", "steps");
        promise(job.steps[0].env.get("STRICT").is_some_and(|value| value == "1"), "own environment");
        promise(job.steps[0].env.len() == 1, "no other environment");
        promise(job.outputs == ["report"] && job.timeout_seconds == 300, "body");
        promise(job.environment.is_none(), "acts for no environment");
    }
    let first = plan.jobs.get(&prepare).is_some_and(|job| job.needs.is_empty());
    promise(first, "prepare needs nothing");
    let all = |job: &Job| repository.iter().all(|id| job.needs.contains(*id)) && job.needs.contains(&prepare);
    promise(plan.jobs.get(&licence).is_some_and(all), "licence needs every job");
    for id in repository {
        let job = &plan.jobs[id];
        promise(job.origin == Origin::Repository, "repository origin");
        promise(job.needs.contains(&prepare), "build stage comes first");
        promise(!job.needs.contains(&licence), "release stage comes last");
    }
    broken
}

/// Job names, many of them hostile.
const NAMES: &[&str] = &[
    "a",
    "b",
    "c",
    "licence",
    "prepare",
    "secrets",
    "org",
    "org/licence",
    "org/prepare",
    "job:licence",
    "ORG",
    "",
];

fn any_name() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => prop::sample::select(&NAMES[..7]), 1 => prop::sample::select(NAMES)]
}

fn any_job() -> impl Strategy<Value = String> {
    let needs = prop::collection::vec(any_name(), 0..3);
    (needs, 0..40_u8, prop::bool::ANY).prop_map(|(needs, odd, environment)| {
        let needs: Vec<String> = needs.iter().map(|need| format!("\"{need}\"")).collect();
        let steps = if odd == 0 { "[]" } else { "[{ run: x, env: { STRICT: no } }]" };
        let environment = if environment { ", environment: production" } else { "" };
        format!("{{ needs: [{}], steps: {steps}, outputs: [report]{environment} }}", needs.join(", "))
    })
}

fn any_file() -> impl Strategy<Value = String> {
    prop::collection::btree_map(any_name(), any_job(), 0..4).prop_map(|jobs| {
        let jobs: Vec<String> = jobs.iter().map(|(name, job)| format!("  \"{name}\": {job}\n")).collect();
        format!("version: 1\nname: x\nenv: {{ STRICT: 0, MORE: 1 }}\njobs:\n{}", jobs.concat())
    })
}

/// How many of `count` generated files give a plan, and the first broken promise.
fn try_files(count: u32, weave: fn(Jobs, &Policy) -> Jobs) -> (u32, Result<(), String>) {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let policy = policy();
    let mut plans = 0;
    for _ in 0..count {
        let text = any_file().new_tree(&mut runner).unwrap().current();
        let Some(file) = PipelineFile::parse(text.as_bytes()).value else { continue };
        let Some(plan) = compile_with(&file, digest(), &policy, weave).value else { continue };
        plans += 1;
        let broken = broken_promises(&plan, &file);
        if !broken.is_empty() {
            return (plans, Err(format!("{broken:?}\n{text}")));
        }
    }
    (plans, Ok(()))
}

const FILES: u32 = 2000;

#[test]
fn whatever_the_repository_says_mandatory_stages_are_in_the_plan() {
    let (plans, outcome) = try_files(FILES, weave::weave);
    assert_eq!(outcome, Ok(()));
    assert!(plans > FILES / 10, "only {plans} of {FILES} files gave a plan");
}

/// Weaving that attaches release stages to the repository's jobs and so loses them when there are none.
fn drops_release_stage_without_jobs(jobs: Jobs, policy: &Policy) -> Jobs {
    let empty = jobs.is_empty();
    let mut woven = weave::weave(jobs, policy);
    woven.retain(|id, _| !(empty && id.as_str() == "org/licence"));
    woven
}

/// Weaving that lets a repository's job take the place of a mandatory one of the same name.
fn lets_a_namesake_replace_a_stage(jobs: Jobs, policy: &Policy) -> Jobs {
    let own = jobs.keys().find(|id| id.as_str() == "licence").cloned();
    let mut woven = weave::weave(jobs, policy);
    if let Some(job) = own.and_then(|id| woven.get(&id).cloned()) {
        woven.insert(JobId::organisation("licence").unwrap(), job);
    }
    woven
}

/// Weaving that leaves the repository's jobs with the needs they wrote.
fn forgets_the_build_stage(jobs: Jobs, policy: &Policy) -> Jobs {
    let original = jobs.clone();
    let mut woven = weave::weave(jobs, policy);
    woven.extend(original);
    woven
}

#[test]
fn the_weave_test_catches_seeded_faults() {
    for fault in [drops_release_stage_without_jobs, lets_a_namesake_replace_a_stage, forgets_the_build_stage]
    {
        let (_, outcome) = try_files(FILES, fault);
        assert!(outcome.is_err());
    }
}
