//! Versions 3.0 and 3.1, section 7 (8 in 3.0).

use super::CvssScore;
use super::metrics::{Metric, Metrics};

pub(super) const METRICS: &[Metric] = &[
    ("AV", "N A L P", true),
    ("AC", "L H", true),
    ("PR", "N L H", true),
    ("UI", "N R", true),
    ("S", "U C", true),
    ("C", "N L H", true),
    ("I", "N L H", true),
    ("A", "N L H", true),
    ("E", "X U P F H", false),
    ("RL", "X O T W U", false),
    ("RC", "X U R C", false),
    ("CR", "X L M H", false),
    ("IR", "X L M H", false),
    ("AR", "X L M H", false),
    ("MAV", "X N A L P", false),
    ("MAC", "X L H", false),
    ("MPR", "X N L H", false),
    ("MUI", "X N R", false),
    ("MS", "X U C", false),
    ("MC", "X N L H", false),
    ("MI", "X N L H", false),
    ("MA", "X N L H", false),
];

const ENVIRONMENTAL: [&str; 11] = ["CR", "IR", "AR", "MAV", "MAC", "MPR", "MUI", "MS", "MC", "MI", "MA"];

pub(super) fn base(metrics: &Metrics) -> CvssScore {
    let value = |name: &str| metrics.get(name);
    let lost = |name: &str| loss(value(name));
    let sub_score = 1.0 - (1.0 - lost("C")) * (1.0 - lost("I")) * (1.0 - lost("A"));
    let is_changed = value("S") == "C";
    let impact = if is_changed { changed_impact(sub_score, 0.02, 1.0, 15) } else { 6.42 * sub_score };
    up(combined(impact, exploitability(value, is_changed), is_changed))
}

/// `is_31`: 3.1 changed the formula of the modified impact.
pub(super) fn score(metrics: &Metrics, is_31: bool) -> CvssScore {
    if !metrics.has_any(&ENVIRONMENTAL) {
        return up(temporal(metrics, base(metrics)));
    }
    let value = |name: &str| metrics.modified(name);
    let kept = |name: &str, requirement: &str| {
        let weight = match metrics.get(requirement) {
            "L" => 0.5,
            "H" => 1.5,
            _ => 1.0,
        };
        1.0 - loss(value(name)) * weight
    };
    let sub_score = (1.0 - kept("C", "CR") * kept("I", "IR") * kept("A", "AR")).min(0.915);
    let is_changed = value("S") == "C";
    let impact = match (is_changed, is_31) {
        (false, _) => 6.42 * sub_score,
        (true, false) => changed_impact(sub_score, 0.02, 1.0, 15),
        (true, true) => changed_impact(sub_score, 0.02, 0.9731, 13),
    };
    up(temporal(metrics, up(combined(impact, exploitability(value, is_changed), is_changed))))
}

fn changed_impact(sub_score: f64, less: f64, factor: f64, power: i32) -> f64 {
    7.52 * (sub_score - 0.029) - 3.25 * (sub_score * factor - less).powi(power)
}

fn loss(value: &str) -> f64 {
    match value {
        "H" => 0.56,
        "L" => 0.22,
        _ => 0.0,
    }
}

fn exploitability(value: impl Fn(&str) -> &'static str, is_changed: bool) -> f64 {
    let vector = match value("AV") {
        "N" => 0.85,
        "A" => 0.62,
        "L" => 0.55,
        _ => 0.2,
    };
    let complexity = if value("AC") == "L" { 0.77 } else { 0.44 };
    let privileges = match (value("PR"), is_changed) {
        ("L", false) => 0.62,
        ("L", true) => 0.68,
        ("H", false) => 0.27,
        ("H", true) => 0.5,
        _ => 0.85,
    };
    let interaction = if value("UI") == "N" { 0.85 } else { 0.62 };
    8.22 * vector * complexity * privileges * interaction
}

fn combined(impact: f64, exploitability: f64, is_changed: bool) -> f64 {
    if impact <= 0.0 {
        return 0.0;
    }
    let sum = impact + exploitability;
    (if is_changed { 1.08 * sum } else { sum }).min(10.0)
}

fn temporal(metrics: &Metrics, score: CvssScore) -> f64 {
    let exploit = match metrics.get("E") {
        "U" => 0.91,
        "P" => 0.94,
        "F" => 0.97,
        _ => 1.0,
    };
    let remediation = match metrics.get("RL") {
        "O" => 0.95,
        "T" => 0.96,
        "W" => 0.97,
        _ => 1.0,
    };
    let confidence = match metrics.get("RC") {
        "U" => 0.92,
        "R" => 0.96,
        _ => 1.0,
    };
    f64::from(score.tenths()) / 10.0 * exploit * remediation * confidence
}

/// Up to the next tenth, with five decimals counted: 3.1, appendix A.
fn up(value: f64) -> CvssScore {
    let hundred_thousandths = (value.clamp(0.0, 10.0) * 100_000.0).round() as u32;
    CvssScore::of_tenths(hundred_thousandths.div_ceil(10_000) as u8)
}
