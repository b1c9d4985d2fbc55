use std::fmt::Write;
use std::path::Path;

use palisade_model::{Digest, JobRecord, Outcome, Plan, ScanReport, Snapshot, Source};

use crate::text::{BOLD, DIM, GREEN, RED, bytes, plural, printable, styled};

/// What a run is about.
#[derive(Debug, Clone, Copy)]
pub struct RunHeader<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its digest.
    pub digest: Digest,
    /// The snapshot.
    pub snapshot: &'a Snapshot,
}

/// `storefront · 8f3c2a1 on main · clean · plan sha256:41d0…9ab2 (policy acme)`.
pub fn run_header(header: &RunHeader<'_>) -> String {
    let snapshot = header.snapshot;
    let (place, state) = match &snapshot.source {
        Source::Folder => ("not under git".to_owned(), None),
        Source::Git { commit: None, .. } => ("no commit yet".to_owned(), Some(snapshot.dirty)),
        Source::Git { commit: Some(commit), branch, .. } => {
            let branch =
                branch.as_ref().map_or("detached".to_owned(), |branch| format!("on {}", printable(branch)));
            (format!("{} {branch}", commit.short()), Some(snapshot.dirty))
        }
    };
    let state = state.map(|dirty| if dirty { " · dirty" } else { " · clean" }).unwrap_or_default();
    format!(
        "{} · {place}{state} · plan {} (policy {})\n",
        styled(BOLD, &header.plan.name),
        short(&header.digest),
        printable(&header.plan.policy.name),
    )
}

/// What the scanners did, one line for the findings and one for the coverage of each.
pub fn scan_lines(report: &ScanReport) -> String {
    let mut text = String::new();
    for (index, engine) in report.engines.iter().enumerate() {
        let of_engine = report.findings.iter().filter(|finding| finding.engine == engine.engine);
        let (active, allowed): (Vec<_>, Vec<_>) =
            of_engine.partition(|finding| finding.suppression.is_none());
        let coverage = &engine.coverage;
        let allowed =
            if allowed.is_empty() { String::new() } else { format!(" ({} allowed)", allowed.len()) };
        let _ = writeln!(
            text,
            "{:<10}{:<10}{}  {}  {}{allowed}",
            if index == 0 { "scan" } else { "" },
            engine.engine,
            plural(coverage.looked_at, "file"),
            bytes(coverage.bytes),
            plural(active.len() as u64, "finding"),
        );
        let _ = writeln!(
            text,
            "{:<10}{:<10}{} looked at, {} not applicable, {}",
            "",
            "coverage",
            coverage.looked_at,
            coverage.not_applicable,
            plural(coverage.blocking_gaps().count() as u64, "gap"),
        );
    }
    text
}

/// A line of a job's output, as it comes.
pub fn output_line(job: &str, step: &str, line: &str) -> String {
    let name = if job == step { job.to_owned() } else { format!("{job}/{}", printable(step)) };
    format!("{} {}\n", styled(DIM, &format!("          {name} |")), printable(line))
}

/// How a step ended.
pub fn step_line(job: &str, step: &str, outcome: Outcome, milliseconds: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let seconds = milliseconds as f64 / 1000.0;
    let name = if job == step { String::new() } else { format!("{}  ", printable(step)) };
    match outcome.is_success() {
        true => format!("build     {job:<10}{} {name}{seconds:.1} s\n", styled(GREEN, "✔")),
        false => format!("build     {job:<10}{} {name}{outcome}, {seconds:.1} s\n", styled(RED, "✘")),
    }
}

/// What a job left and what held it in; for one that did not succeed, why.
pub fn job_line(record: &JobRecord) -> String {
    let mut text = String::new();
    for output in &record.outputs {
        let name = printable(&output.subject.name);
        let _ =
            writeln!(text, "{:<20}{name}  {}  {}", "", bytes(output.bytes), short(&output.subject.digest));
    }
    match (&record.sandbox, &record.detail) {
        (_, Some(detail)) => {
            let _ = writeln!(text, "{:<10}{:<10}{}", "", record.job, printable(detail));
        }
        (Some(sandbox), None) => {
            let grade = match sandbox.grade {
                palisade_model::IsolationGrade::Cgroup => "cgroup",
                palisade_model::IsolationGrade::Rlimit => "rlimit",
            };
            // The others are in every sandbox; what may differ between hosts is shown.
            let telling = |guard: &&str| matches!(*guard, "seccomp" | "landlock");
            let guards = sandbox.guards.iter().map(String::as_str).filter(telling);
            let guards: Vec<&str> = std::iter::once(grade).chain(guards).collect();
            let line = format!("{:<20}sandbox {}, no network", "", guards.join("+"));
            let _ = writeln!(text, "{}", styled(DIM, &line));
        }
        (None, None) => {
            let _ = writeln!(text, "build     {:<10}{}", record.job, record.outcome);
        }
    }
    text
}

/// What was signed and where it was written down.
pub fn evidence_line(statements: usize, from: u64, to: u64, checkpoint: &Digest) -> String {
    let statements = plural(statements as u64, "statement");
    format!("evidence  {statements} signed, ledger {from} → {to}, checkpoint {}\n", short(checkpoint))
}

/// Where the release is, and how to check it.
pub fn release_lines(folder: &Path, artifacts: &[String]) -> String {
    let mut text = String::from("\n");
    if artifacts.is_empty() {
        let _ = writeln!(text, "release   {} (no artifacts)", printable(&folder.display().to_string()));
    }
    for (index, artifact) in artifacts.iter().enumerate() {
        let path = printable(&folder.join(artifact).display().to_string());
        let _ = writeln!(text, "{:<10}{path}", if index == 0 { "release" } else { "" });
    }
    for (index, artifact) in artifacts.iter().enumerate() {
        let path = printable(&folder.join(artifact).display().to_string());
        let _ = writeln!(text, "{:<10}palisade verify {path}", if index == 0 { "verify" } else { "" });
    }
    text
}

/// `sha256:41d0…9ab2`.
pub(crate) fn short(digest: &Digest) -> String {
    let hex = digest.hex();
    let (head, tail) = (hex.get(..4).unwrap_or_default(), hex.get(60..).unwrap_or_default());
    format!("sha256:{head}…{tail}")
}
