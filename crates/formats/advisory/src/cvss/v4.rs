//! Version 4.0, section 8: the score of the macro vector, less how far the vector lies below the highest ones of it. Counted in whole
//! steps, so that nothing is lost in rounding.

use super::CvssScore;
use super::macro_vectors::{NONE, SCORES};
use super::metrics::{Metric, Metrics};

pub(super) const METRICS: &[Metric] = &[
    ("AV", "N A L P", true),
    ("AC", "L H", true),
    ("AT", "N P", true),
    ("PR", "N L H", true),
    ("UI", "N P A", true),
    ("VC", "H L N", true),
    ("VI", "H L N", true),
    ("VA", "H L N", true),
    ("SC", "H L N", true),
    ("SI", "H L N", true),
    ("SA", "H L N", true),
    ("E", "X A P U", false),
    ("CR", "X H M L", false),
    ("IR", "X H M L", false),
    ("AR", "X H M L", false),
    ("MAV", "X N A L P", false),
    ("MAC", "X L H", false),
    ("MAT", "X N P", false),
    ("MPR", "X N L H", false),
    ("MUI", "X N P A", false),
    ("MVC", "X H L N", false),
    ("MVI", "X H L N", false),
    ("MVA", "X H L N", false),
    ("MSC", "X H L N", false),
    ("MSI", "X S H L N", false),
    ("MSA", "X S H L N", false),
    ("S", "X N P", false),
    ("AU", "X N Y", false),
    ("R", "X A U I", false),
    ("V", "X D C", false),
    ("RE", "X L M H", false),
    ("U", "X Clear Green Amber Red", false),
];

/// The least common multiple of all depths.
const DEPTHS: i64 = 840;

/// Values of the metrics that count, the worst first; what a metric is worth is its place.
const SCALES: &[(&str, &str)] = &[
    ("AV", "NALP"),
    ("PR", "NLH"),
    ("UI", "NPA"),
    ("AC", "LH"),
    ("AT", "NP"),
    ("VC", "HLN"),
    ("VI", "HLN"),
    ("VA", "HLN"),
    ("SC", "SHLN"),
    ("SI", "SHLN"),
    ("SA", "SHLN"),
    ("CR", "HML"),
    ("IR", "HML"),
    ("AR", "HML"),
];

/// A set of metrics that form a level together.
struct Set {
    metrics: &'static [&'static str],
    /// The highest vectors of the level, values in the order of the metrics.
    highest: &'static [&'static str],
    /// Steps from there to the lowest, and one.
    depth: i64,
}

type Levels = [usize; 6];

pub(super) fn score(metrics: &Metrics) -> CvssScore {
    let value = |name: &str| effective(metrics, name);
    if ["VC", "VI", "VA", "SC", "SI", "SA"].into_iter().all(|name| value(name) == "N") {
        return CvssScore::default();
    }
    let levels = levels(value);
    let Some(score) = macro_score(levels) else { return CvssScore::default() };
    let [eq1, eq2, eq3, eq4, eq5, eq6] = levels;
    let below = [
        (macro_score([eq1 + 1, eq2, eq3, eq4, eq5, eq6]), Some(eq1_set(eq1))),
        (macro_score([eq1, eq2 + 1, eq3, eq4, eq5, eq6]), Some(eq2_set(eq2))),
        (below_eq3_eq6(levels), Some(eq3_eq6_set(eq3, eq6))),
        (macro_score([eq1, eq2, eq3, eq4 + 1, eq5, eq6]), Some(eq4_set(eq4))),
        // A level of exploit maturity has one vector only.
        (macro_score([eq1, eq2, eq3, eq4, eq5 + 1, eq6]), None),
    ];
    let (mut lost, mut count) = (0, 0);
    for (lower, set) in below {
        let Some(lower) = lower else { continue };
        count += 1;
        if let Some(set) = set {
            lost += (score - lower) * steps(&set, value) * DEPTHS / set.depth;
        }
    }
    if count == 0 {
        return CvssScore::of_tenths(score as u8);
    }
    // Tenths, halves up.
    let parts = DEPTHS * count;
    let tenths = (2 * (score * parts - lost) + parts).div_euclid(2 * parts);
    CvssScore::of_tenths(tenths.clamp(0, 100) as u8)
}

/// The value that counts: the modified one, and for what is not defined the worst.
fn effective(metrics: &Metrics, name: &str) -> &'static str {
    match (name, metrics.modified(name)) {
        ("E", "") => "A",
        ("CR" | "IR" | "AR", "") => "H",
        (_, value) => value,
    }
}

fn levels(value: impl Fn(&str) -> &'static str) -> Levels {
    let is = |name: &str, wanted: &str| value(name) == wanted;
    let open = [is("AV", "N"), is("PR", "N"), is("UI", "N")];
    let eq1 = match open {
        [true, true, true] => 0,
        _ if open.contains(&true) && !is("AV", "P") => 1,
        _ => 2,
    };
    let eq2 = usize::from(!(is("AC", "L") && is("AT", "N")));
    let eq3 = match [is("VC", "H"), is("VI", "H"), is("VA", "H")] {
        [true, true, _] => 0,
        [false, false, false] => 2,
        _ => 1,
    };
    let eq4 = if is("SI", "S") || is("SA", "S") {
        0
    } else if is("SC", "H") || is("SI", "H") || is("SA", "H") {
        1
    } else {
        2
    };
    let eq5 = match value("E") {
        "A" => 0,
        "P" => 1,
        _ => 2,
    };
    let required = [("CR", "VC"), ("IR", "VI"), ("AR", "VA")];
    let eq6 = usize::from(!required.into_iter().any(|(required, lost)| is(required, "H") && is(lost, "H")));
    [eq1, eq2, eq3, eq4, eq5, eq6]
}

/// In tenths.
fn macro_score(levels: Levels) -> Option<i64> {
    let mut index = 0;
    for (level, count) in levels.into_iter().zip([3, 2, 3, 3, 3, 2]) {
        if level >= count {
            return None;
        }
        index = index * count + level;
    }
    SCORES.get(index).copied().filter(|score| *score != NONE).map(i64::from)
}

/// Of two levels below, the higher score.
fn below_eq3_eq6([eq1, eq2, eq3, eq4, eq5, eq6]: Levels) -> Option<i64> {
    let lower_eq3 = macro_score([eq1, eq2, eq3 + 1, eq4, eq5, eq6]);
    let lower_eq6 = macro_score([eq1, eq2, eq3, eq4, eq5, eq6 + 1]);
    match (eq3, eq6) {
        (0, 0) => lower_eq3.max(lower_eq6),
        (1, 0) => lower_eq6,
        _ => lower_eq3,
    }
}

const fn eq1_set(level: usize) -> Set {
    let (highest, depth): (&[&str], _) = match level {
        0 => (&["NNN"], 1),
        1 => (&["ANN", "NLN", "NNP"], 4),
        _ => (&["PNN", "ALP"], 5),
    };
    Set { metrics: &["AV", "PR", "UI"], highest, depth }
}

const fn eq2_set(level: usize) -> Set {
    let (highest, depth): (&[&str], _) = if level == 0 { (&["LN"], 1) } else { (&["HN", "LP"], 2) };
    Set { metrics: &["AC", "AT"], highest, depth }
}

const fn eq3_eq6_set(eq3: usize, eq6: usize) -> Set {
    let (highest, depth): (&[&str], _) = match (eq3, eq6) {
        (0, 0) => (&["HHHHHH"], 7),
        (0, _) => (&["HHLMMH", "HHHMMM"], 6),
        (1, 0) => (&["LHHHHH", "HLHHHH"], 8),
        (1, _) => (&["LHLHMH", "LHHHMM", "HLHMHM", "HLLMHH", "LLHHHM"], 8),
        _ => (&["LLLHHH"], 10),
    };
    Set { metrics: &["VC", "VI", "VA", "CR", "IR", "AR"], highest, depth }
}

const fn eq4_set(level: usize) -> Set {
    let (highest, depth): (&[&str], _) = match level {
        0 => (&["HSS"], 6),
        1 => (&["HHH"], 5),
        _ => (&["LLL"], 4),
    };
    Set { metrics: &["SC", "SI", "SA"], highest, depth }
}

/// Steps from the first highest vector that is nowhere lower than this one.
fn steps(set: &Set, value: impl Fn(&str) -> &'static str) -> i64 {
    let distance = |highest: &&str| {
        set.metrics.iter().zip(highest.chars()).try_fold(0, |sum, (metric, best)| {
            let step = place(metric, value(metric).chars().next()?)? - place(metric, best)?;
            (step >= 0).then_some(sum + step)
        })
    };
    set.highest.iter().find_map(distance).unwrap_or_default()
}

fn place(metric: &str, value: char) -> Option<i64> {
    let (_, scale) = SCALES.iter().find(|(name, _)| *name == metric)?;
    scale.chars().position(|known| known == value).map(|place| place as i64)
}
