use palisade_attest::{
    EngineCoverage, FindingCounts, Predicate, ScanResult, ScanTool, Statement, StatementError,
};
use palisade_model::{Finding, RunRecord, Subject};

use crate::names::TREE;

/// What the run's scanners found in its tree. The subjects are the tree, named `tree`, and the `artifacts` built from it, so that the
/// statement is found from any of them.
pub fn scan_result(
    record: &RunRecord,
    findings: &[Finding],
    artifacts: &[Subject],
) -> Result<Statement, StatementError> {
    let predicate = Predicate::Scan(ScanResult {
        run: record.run.clone(),
        time: record.finished,
        tree: record.snapshot.tree,
        plan: record.plan,
        tool: ScanTool { name: "palisade".to_owned(), version: record.builder.version.clone() },
        engines: record.scans.iter().map(EngineCoverage::from).collect(),
        findings: counts(findings),
    });
    Statement::new(with_tree(record, artifacts), &predicate)
}

fn counts(findings: &[Finding]) -> FindingCounts {
    let mut counts = FindingCounts::default();
    for finding in findings {
        let side = match finding.suppression {
            None => &mut counts.active,
            Some(_) => &mut counts.suppressed,
        };
        *side.entry(finding.severity).or_default() += 1;
    }
    counts
}

/// The tree and the artifacts as subjects, each once.
pub(crate) fn with_tree(record: &RunRecord, artifacts: &[Subject]) -> Vec<Subject> {
    let mut artifacts = artifacts.to_vec();
    artifacts.sort();
    artifacts.dedup();
    artifacts.insert(0, Subject { name: TREE.to_owned(), digest: record.snapshot.tree });
    artifacts
}
