use std::fmt::Write;

use palisade_model::{Decision, Objection, ObjectionKind, Verdict};

use crate::text::{GREEN, RED, YELLOW, plural, printable, styled};

/// The gate's answer: one line, then a line for each reason.
pub fn verdict(verdict: &Verdict) -> String {
    let counts = format!(
        "({}, {}, {})",
        plural(u64::from(verdict.rules), "rule"),
        plural(verdict.denials.len() as u64, "denial"),
        plural(verdict.warnings.len() as u64, "warning")
    );
    let answer = match verdict.decision {
        Decision::Allowed => styled(GREEN, "allowed"),
        Decision::Denied => styled(RED, "denied"),
    };
    let mut text = format!("gate      {answer} by {} {counts}\n", printable(&verdict.policy.name));
    for denial in &verdict.denials {
        let _ = writeln!(text, "          {} {}", styled(RED, &format!("{}:", word(denial))), reason(denial));
    }
    for warning in &verdict.warnings {
        let _ = writeln!(text, "          {} {}", styled(YELLOW, "warning:"), reason(warning));
    }
    text
}

const fn word(denial: &Objection) -> &'static str {
    match denial.kind {
        ObjectionKind::Policy => "denied",
        ObjectionKind::Gap => "gap",
        ObjectionKind::Approval => "approval missing",
        ObjectionKind::Error => "policy error",
    }
}

fn reason(objection: &Objection) -> String {
    let message = printable(&objection.message);
    match objection.findings.as_slice() {
        [] => format!("{message} [{}]", printable(&objection.rule)),
        findings => {
            let names: Vec<String> =
                findings.iter().take(5).map(palisade_model::Fingerprint::short).collect();
            let more = findings.len().saturating_sub(5);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{message} [{}: {}{more}]", printable(&objection.rule), names.join(", "))
        }
    }
}
