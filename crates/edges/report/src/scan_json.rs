use palisade_model::{Finding, ScanReport, Waiver};
use serde_json::{Value, json};

use crate::ScanView;

/// Name and version of the document.
pub const SCAN_SCHEMA: &str = "palisade/scan/v1";

/// A scan as JSON. `result` is `clean`, `denied` or `incomplete`, the last when only blocking gaps stand against it.
pub fn scan_json(view: &ScanView<'_>, version: &str) -> Value {
    let report = view.report;
    json!({
        "schema": SCAN_SCHEMA,
        "version": version,
        "result": result(view),
        "findings": report.findings,
        "rules": report.rules,
        "engines": report.engines,
        "counts": counts(report),
        "waivers": { "unused": names(view.unused), "expired": names(view.expired) },
        "baseline": { "unused": view.unused_baseline },
        "ignore_files": { "unused": view.unused_ignores },
        "vex": { "unused": view.unused_vex, "passed_over": view.passed_over_vex },
    })
}

fn result(view: &ScanView<'_>) -> &'static str {
    match (view.denied.is_empty(), view.report.blocking_gaps().next()) {
        (false, _) => "denied",
        (true, Some(_)) => "incomplete",
        (true, None) => "clean",
    }
}

fn counts(report: &ScanReport) -> Value {
    let suppressed = |finding: &&Finding| finding.suppression.is_some();
    json!({
        "findings": report.active_findings().count(),
        "suppressed": report.findings.iter().filter(suppressed).count(),
        "gaps": report.blocking_gaps().count(),
    })
}

fn names(waivers: &[Waiver]) -> Vec<String> {
    waivers.iter().map(|waiver| waiver.fingerprint.to_string()).collect()
}
