//! A policy file: as the organisation's, and as the repository's on top of the embedded one, which it must not loosen.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use palisade_config::{Parsed, PipelineFile, PolicyFile, TemplateJob};
use palisade_model::{Digest, Level, Plan};
use palisade_pipeline::{Policy, compile};

const ENGINES: &[&str] = &["deps", "secrets"];

/// The organisation's policy that the input, read as the repository's, tries to loosen.
const ORGANISATION: &[u8] = b"version: 1
name: org
mandatory:
  - stage: scan:secrets
  - stage: job:licences
    template: licences.yaml
suppressions: base
environments:
  production: { protected: true, approvals: 2 }
tools: [rust, go]
require: { isolation: cgroup }
verify: { source: https://example.com/one, builder: [urn:a, urn:b] }
";

/// The plan of a small project under `policy`.
fn plan(policy: &Policy) -> Plan {
    let file = PipelineFile::parse(b"version: 1\nname: x\njobs: { a: { steps: [{ run: x }] } }\n").value;
    compile(&file.expect("a pipeline file"), Digest::of(b""), policy).value.expect("a plan")
}

fuzz_target!(|bytes: &[u8]| {
    let Parsed { value, problems } = PolicyFile::parse(bytes);
    let refused = problems.iter().any(|problem| problem.level == Level::Error);
    assert_eq!(value.is_none(), refused, "a value exactly when nothing is an error");
    for problem in &problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= bytes.len(), "{problem:?}");
    }
    // The same bytes as a job template.
    let template = TemplateJob::parse(bytes);
    assert_eq!(
        template.value.is_none(),
        template.problems.iter().any(|problem| problem.level == Level::Error)
    );
    let Some(file) = value else { return };

    let job = TemplateJob::parse(b"steps:\n  - run: \"true\"\n").value.expect("a template");
    let templates: BTreeMap<String, TemplateJob> =
        file.templates().into_iter().map(|path| (path.to_owned(), job.clone())).collect();
    let digest = Digest::of(bytes);
    let alone = Policy::from_file(&file, &templates, digest, ENGINES);
    assert_eq!(alone.value.is_none(), alone.problems.iter().any(|problem| problem.level == Level::Error));

    let organisation = PolicyFile::parse(ORGANISATION).value.expect("a policy");
    let own = BTreeMap::from([("licences.yaml".to_owned(), job)]);
    let before =
        Policy::from_file(&organisation, &own, Digest::of(ORGANISATION), ENGINES).value.expect("a policy");
    let mut after = before.clone();
    let problems = after.tighten(&file, &templates, digest, ENGINES);
    if problems.iter().any(|problem| problem.level == Level::Error) {
        assert_eq!(after, before, "an error must change nothing");
        return;
    }
    assert!(after.suppressions() >= before.suppressions());
    assert!(after.isolation() >= before.isolation());
    assert!(after.default_gate() >= before.default_gate());
    for (name, environment) in before.environments() {
        let now = &after.environments()[name];
        assert!(now.protected >= environment.protected && now.approvals >= environment.approvals);
    }
    let (Some(now), Some(then)) = (after.tools(), before.tools()) else {
        panic!("the list of tools is lost")
    };
    assert!(now.is_subset(then));
    let (Some(now), Some(then)) = (&after.verify().source, &before.verify().source) else {
        panic!("sources lost")
    };
    assert!(now.is_subset(then));
    let (Some(now), Some(then)) = (&after.verify().builder, &before.verify().builder) else {
        panic!("builders lost")
    };
    assert!(now.is_subset(then));
    let (before, after) = (plan(&before), plan(&after));
    assert!(before.mandatory.is_subset(&after.mandatory));
    assert!(before.jobs.keys().all(|job| after.jobs.contains_key(job)));
    assert!(before.scans.iter().all(|scan| after.scans.contains(scan)));
});
