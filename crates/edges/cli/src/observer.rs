use std::path::Path;

use palisade_flow::{Observer, Planned, TriagedScan};
use palisade_model::{Digest, JobId, JobRecord, Outcome, Plan, RunId, Snapshot, Verdict};
use palisade_report::{
    Extent, RunHeader, ScanView, evidence_line, job_line, output_line, printable_bytes, run_header, scan,
    scan_lines, step_line, verdict,
};

use crate::output::Output;

/// Shows a run while it goes on.
pub(crate) struct Screen {
    pub(crate) output: Output,
    /// The last day to suggest for a waiver.
    pub(crate) until: String,
}

impl Screen {
    fn show(&self, text: &str) {
        if !self.output.is_json() {
            // A closed pipe shows at the end, when the result is written.
            let _ = self.output.show(text);
        }
    }
}

impl palisade_flow::Watch for Screen {
    fn step_started(&self, _job: &JobId, _step: &str) {}

    fn line(&self, job: &JobId, step: &str, line: &[u8]) {
        if !self.output.quiet {
            self.show(&output_line(
                job.as_str(),
                step,
                &printable_bytes(&anstream::adapter::strip_bytes(line).into_vec()),
            ));
        }
    }

    fn step_ended(&self, job: &JobId, step: &str, outcome: Outcome, milliseconds: u64) {
        self.show(&step_line(job.as_str(), step, outcome, milliseconds));
    }
}

impl Observer for Screen {
    fn remarks(&self, planned: &Planned) {
        self.output.remarks(&planned.remarks);
    }

    fn recovered(&self, run: &RunId) {
        self.output.say(&format!("run {run} had been killed; what it left was removed"));
    }

    fn keys_made(&self, folder: &Path) {
        self.output.say(&format!(
            "made a pair of keys in {}, labelled local-unprotected; `palisade key protect` encrypts it",
            folder.display()
        ));
    }

    fn planned(&self, plan: &Plan, digest: Digest, snapshot: &Snapshot) {
        self.show(&run_header(&RunHeader { plan, digest, snapshot }));
        self.show("\n");
    }

    fn scanned(&self, scan: &TriagedScan) {
        self.output.remarks(&scan.remarks);
        self.show(&scan_lines(&scan.report));
    }

    fn job_ended(&self, record: &JobRecord) {
        self.show(&job_line(record));
    }

    fn recorded(&self, statements: usize, before: u64, after: u64, root: &Digest) {
        if statements > 0 || self.output.verbose {
            self.show(&evidence_line(statements, before, after, root));
        }
    }

    fn decided(&self, answer: &Verdict, scanned: &TriagedScan) {
        self.show(&verdict(answer));
        let denied: Vec<_> =
            answer.denials.iter().flat_map(|denial| denial.findings.iter().copied()).collect();
        let shown = scanned.report.active_findings().next().is_some()
            || scanned.report.engines.iter().any(|engine| !engine.coverage.gaps.is_empty())
            || !scanned.expired.is_empty()
            || !scanned.unused.is_empty()
            || !scanned.unused_ignores.is_empty()
            || !scanned.unused_vex.is_empty()
            || scanned.unused_baseline > 0;
        if shown {
            let view = ScanView {
                report: &scanned.report,
                extent: Extent::Tree,
                unused: &scanned.unused,
                expired: &scanned.expired,
                unused_baseline: scanned.unused_baseline,
                unused_ignores: &scanned.unused_ignores,
                unused_vex: &scanned.unused_vex,
                passed_over_vex: if self.output.verbose { &scanned.passed_over_vex } else { &[] },
                denied: &denied,
                until: &self.until,
            };
            self.show("\n");
            self.show(&scan(&view));
        }
    }
}
