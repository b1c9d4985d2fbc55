//! Inputs made of the model's own types.

use palisade_model::{
    Actor, Builder, Confidence, Coverage, Digest, EngineReport, Environment, EvidenceRef, Excerpt, Finding,
    GATE_INPUT_SCHEMA, Gap, GapKind, GateInput, GateRun, InlineMarker, IsolationGrade, Job, JobId, JobRecord,
    KeyProtection, Limits, Location, Origin, Outcome, OutputRecord, Plan, PolicyRef, Position, ReleaseSpec,
    RuleId, RunId, SandboxRecord, ScanStage, Severity, Snapshot, Source, Span, Step, StepRecord, Subject,
    Suppression, SuppressionKind, Suppressions, TrustLevel, Waiver,
};

pub(crate) fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// A run with nothing against it and every field filled.
pub(crate) fn clean() -> GateInput {
    let plan = plan();
    GateInput {
        schema: GATE_INPUT_SCHEMA.into(),
        now: "2026-03-01T12:00:00.123Z".parse().unwrap(),
        actor: Actor { name: "ada".into() },
        snapshot: snapshot(),
        plan_digest: plan.digest().unwrap(),
        environments: plan.environments.clone(),
        plan,
        run: run(),
        findings: Vec::new(),
        coverage: vec![coverage(Vec::new())],
        evidence: evidence(),
        waivers: Vec::new(),
    }
}

/// The same with something in every list and every optional field.
pub(crate) fn rich() -> GateInput {
    let mut input = clean();
    let suppression = |kind, self_granted| Suppression {
        kind,
        reason: "test key".into(),
        owner: Some("ada".into()),
        until: Some("2026-03-09".into()),
        self_granted,
    };
    let mut suppressed = finding(2, "secrets", Severity::High, Confidence::High);
    suppressed.suppression = Some(suppression(SuppressionKind::Inline, true));
    suppressed.marker = Some(InlineMarker { reason: Some("test key".into()) });
    input.findings = vec![finding(1, "secrets", Severity::Critical, Confidence::Medium), suppressed];
    input.findings.push(finding(3, "code", Severity::Low, Confidence::Low));
    let gap = Gap::new(Some("a\\xff.bin".parse().unwrap()), GapKind::Unreadable, "permission denied");
    input.coverage = vec![coverage(vec![Gap::new(None, GapKind::Noted, "submodule"), gap])];
    input.waivers = vec![Waiver {
        fingerprint: suppressed_fingerprint(),
        reason: "test key".into(),
        until: "2026-03-09".parse().unwrap(),
        owner: None,
    }];
    let outcomes = [
        Outcome::Failed(3),
        Outcome::Signalled(9),
        Outcome::TimedOut,
        Outcome::OutOfMemory,
        Outcome::OverLimit,
        Outcome::BadOutput,
        Outcome::Skipped,
        Outcome::Cancelled,
        Outcome::Errored,
    ];
    input.run.jobs.extend(outcomes.into_iter().enumerate().map(|(at, outcome)| JobRecord {
        job: JobId::repository(&format!("job{at}")).unwrap(),
        outcome,
        detail: Some("it broke".into()),
        steps: Vec::new(),
        outputs: Vec::new(),
        sandbox: None,
    }));
    input
}

fn suppressed_fingerprint() -> palisade_model::Fingerprint {
    palisade_model::Fingerprint::from_bytes([2; 16])
}

fn snapshot() -> Snapshot {
    Snapshot {
        tree: digest("tree"),
        files: 214,
        bytes: 1_900_000,
        source: Source::Git {
            commit: Some("8f3c2a1000000000000000000000000000000000".parse().unwrap()),
            branch: Some("main".into()),
            remote: Some("https://example.org/storefront.git".into()),
        },
        dirty: false,
        trust: TrustLevel::Local,
    }
}

fn plan() -> Plan {
    let step = Step {
        name: "compile".into(),
        run: "cc -o storefront main.c".into(),
        shell: vec!["sh".into(), "-eu".into()],
        env: [("LANG".into(), "C".into())].into(),
        timeout_seconds: 60,
        working_directory: ".".into(),
    };
    let job = |origin, environment| Job {
        origin,
        needs: [].into(),
        steps: vec![step.clone()],
        outputs: vec!["storefront".into()],
        timeout_seconds: 600,
        environment,
        limits: Limits::default(),
    };
    let compile = JobId::repository("compile").unwrap();
    let mut licence = job(Origin::Organisation, None);
    licence.needs = [compile.clone()].into();
    Plan {
        version: 1,
        name: "storefront".into(),
        pipeline: digest("pipeline"),
        policy: PolicyRef { name: "acme-2026.3".into(), digest: digest("policy") },
        scans: vec![ScanStage { engine: "secrets".into(), origin: Origin::Organisation }],
        jobs: [
            (compile, job(Origin::Repository, Some("staging".into()))),
            (JobId::organisation("licence").unwrap(), licence),
        ]
        .into(),
        mandatory: ["scan:secrets".into(), "job:licence".into()].into(),
        suppressions: Suppressions::Own,
        tools: Some(["rustup".into()].into()),
        environments: [("staging".into(), Environment::default())].into(),
        release: ReleaseSpec { artifacts: vec!["storefront".into()] },
    }
}

fn run() -> GateRun {
    let record = |job, outputs| JobRecord {
        job,
        outcome: Outcome::Succeeded,
        detail: None,
        steps: vec![StepRecord {
            name: "compile".into(),
            outcome: Outcome::Succeeded,
            milliseconds: 3100,
            log: digest("log"),
            log_truncated: false,
        }],
        outputs,
        sandbox: Some(SandboxRecord {
            grade: IsolationGrade::Cgroup,
            guards: vec!["landlock".into(), "seccomp".into()],
            tools: vec!["/opt/rustup".into()],
        }),
    };
    let output = OutputRecord {
        subject: Subject { name: "storefront".into(), digest: digest("storefront") },
        bytes: 16_384,
        executable: true,
    };
    GateRun {
        id: RunId::new("2026-03-01T11:59:00Z".parse().unwrap(), [1, 2, 3, 4]),
        builder: Builder {
            id: "urn:palisade:builder:local".into(),
            version: "0.1.0".into(),
            key: KeyProtection::Passphrase,
        },
        jobs: vec![
            record(JobId::repository("compile").unwrap(), vec![output]),
            record(JobId::organisation("licence").unwrap(), Vec::new()),
        ],
    }
}

fn coverage(gaps: Vec<Gap>) -> EngineReport {
    EngineReport {
        engine: "secrets".into(),
        version: "0.1.0".into(),
        rules: digest("rules"),
        rule_count: 71,
        work: None,
        coverage: Coverage { looked_at: 214, bytes: 1_900_000, not_applicable: 0, gaps },
    }
}

fn evidence() -> Vec<EvidenceRef> {
    let statement = |predicate_type: &str, subject| EvidenceRef {
        predicate_type: predicate_type.into(),
        digest: digest(predicate_type),
        subjects: vec![digest(subject)],
    };
    vec![
        statement("https://slsa.dev/provenance/v1", "storefront"),
        statement("urn:palisade:scan-result:v1", "tree"),
    ]
}

/// A finding named by `number`.
pub(crate) fn finding(number: u8, engine: &str, severity: Severity, confidence: Confidence) -> Finding {
    Finding {
        engine: engine.into(),
        rule: RuleId::new("github-pat").unwrap(),
        title: "GitHub personal access token".into(),
        severity,
        confidence,
        message: "checksum is valid".into(),
        location: Location {
            path: "deploy/env.sample".parse().unwrap(),
            members: Vec::new(),
            start: Position { line: u32::from(number), column: 14 },
            end: Position { line: u32::from(number), column: 54 },
            bytes: Span::new(60, 100),
        },
        excerpt: Excerpt { text: "GITHUB_TOKEN=ghp_****".into(), mark_start: 13, mark_end: 21 },
        encodings: Vec::new(),
        form: palisade_model::Form::default(),
        asset: None,
        history: None,
        layer: None,
        package: None,
        fingerprint: palisade_model::Fingerprint::from_bytes([number; 16]),
        marker: None,
        listed: Vec::new(),
        suppression: None,
    }
}
