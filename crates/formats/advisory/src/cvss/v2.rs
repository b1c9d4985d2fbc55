//! Version 2.0, section 3.2.

use super::CvssScore;
use super::metrics::{Metric, Metrics};

pub(super) const METRICS: &[Metric] = &[
    ("AV", "L A N", true),
    ("AC", "H M L", true),
    ("Au", "M S N", true),
    ("C", "N P C", true),
    ("I", "N P C", true),
    ("A", "N P C", true),
    ("E", "U POC F H ND", false),
    ("RL", "OF TF W U ND", false),
    ("RC", "UC UR C ND", false),
    ("CDP", "N L LM MH H ND", false),
    ("TD", "N L M H ND", false),
    ("CR", "L M H ND", false),
    ("IR", "L M H ND", false),
    ("AR", "L M H ND", false),
];

pub(super) fn base(metrics: &Metrics) -> CvssScore {
    scored(base_value(metrics, impact(metrics, |_| 1.0)))
}

pub(super) fn score(metrics: &Metrics) -> CvssScore {
    if !metrics.has_any(&["CDP", "TD", "CR", "IR", "AR"]) {
        return scored(temporal(metrics, rounded(base_value(metrics, impact(metrics, |_| 1.0)))));
    }
    let requirement = |name: &str| match metrics.get(name) {
        "L" => 0.5,
        "H" => 1.51,
        _ => 1.0,
    };
    // These may be below zero: the standard does not stop them there.
    let adjusted = rounded(base_value(metrics, impact(metrics, requirement).min(10.0)));
    let adjusted = rounded(temporal(metrics, adjusted));
    let damage = match metrics.get("CDP") {
        "L" => 0.1,
        "LM" => 0.3,
        "MH" => 0.4,
        "H" => 0.5,
        _ => 0.0,
    };
    let targets = match metrics.get("TD") {
        "N" => 0.0,
        "L" => 0.25,
        "M" => 0.75,
        _ => 1.0,
    };
    scored((adjusted + (10.0 - adjusted) * damage) * targets)
}

fn impact(metrics: &Metrics, requirement: impl Fn(&str) -> f64) -> f64 {
    let kept = |name: &str, required: &str| {
        let lost = match metrics.get(name) {
            "P" => 0.275,
            "C" => 0.660,
            _ => 0.0,
        };
        1.0 - lost * requirement(required)
    };
    10.41 * (1.0 - kept("C", "CR") * kept("I", "IR") * kept("A", "AR"))
}

fn base_value(metrics: &Metrics, impact: f64) -> f64 {
    let vector = match metrics.get("AV") {
        "L" => 0.395,
        "A" => 0.646,
        _ => 1.0,
    };
    let complexity = match metrics.get("AC") {
        "H" => 0.35,
        "M" => 0.61,
        _ => 0.71,
    };
    let authentication = match metrics.get("Au") {
        "M" => 0.45,
        "S" => 0.56,
        _ => 0.704,
    };
    if impact == 0.0 {
        return 0.0;
    }
    (0.6 * impact + 0.4 * (20.0 * vector * complexity * authentication) - 1.5) * 1.176
}

fn temporal(metrics: &Metrics, score: f64) -> f64 {
    let exploitability = match metrics.get("E") {
        "U" => 0.85,
        "POC" => 0.9,
        "F" => 0.95,
        _ => 1.0,
    };
    let remediation = match metrics.get("RL") {
        "OF" => 0.87,
        "TF" => 0.90,
        "W" => 0.95,
        _ => 1.0,
    };
    let confidence = match metrics.get("RC") {
        "UC" => 0.90,
        "UR" => 0.95,
        _ => 1.0,
    };
    score * exploitability * remediation * confidence
}

/// To the nearest tenth, halves up. What floating point loses is given back first.
fn rounded(value: f64) -> f64 {
    (value * 10.0 + 0.5 + 1e-9).floor() / 10.0
}

fn scored(value: f64) -> CvssScore {
    CvssScore::of_tenths((rounded(value).clamp(0.0, 10.0) * 10.0).round() as u8)
}
