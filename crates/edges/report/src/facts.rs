use palisade_model::{AffectedPackage, Asset, CommitRef, Finding, Form, History, KnownExploited};

use crate::origin::day;

/// Most paths of a history that are named; JSON has all that the scan kept.
const MAX_PATHS: usize = 8;

/// What there is to say of a finding besides place, title and message: label and value. Values hold text from the repository as it
/// is, for each format to escape in its own way.
pub(crate) fn facts(finding: &Finding) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if !finding.encodings.is_empty() {
        let names: Vec<&str> = finding.encodings.iter().map(|encoding| encoding.name()).collect();
        facts.push(("wrapped in", names.join(", then ")));
    }
    match finding.form {
        Form::Valid => facts.push(("form", "valid: its vendor made it".to_owned())),
        Form::Impossible => facts.push(("form", "impossible: its vendor cannot have made it".to_owned())),
        Form::Unknown => {}
    }
    if let Some(asset) = finding.asset.as_ref().and_then(opens) {
        facts.push(("opens", asset));
    }
    if let Some(history) = &finding.history {
        facts.extend(of_history(finding, history));
    }
    if let Some(layer) = &finding.layer {
        let made = layer.created_by.as_deref().map(|made| format!(": {made}")).unwrap_or_default();
        facts.push(("layer", format!("{}{made}", layer.index)));
    }
    if let Some(package) = &finding.package {
        facts.extend(of_package(package));
    }
    facts
}

fn of_package(package: &AffectedPackage) -> Vec<(&'static str, String)> {
    let mut facts = vec![("package", package.purl.to_string())];
    if package.path.len() > 1 {
        facts.push(("brought by", package.path.join(" > ")));
    }
    if let [_, others @ ..] = package.advisories.as_slice()
        && !others.is_empty()
    {
        facts.push(("also called", others.join(", ")));
    }
    if let Some(source) = &package.severity_source {
        facts.push(("severity", format!("{}by {source}", base_score(package))));
    }
    if package.severity_unknown {
        facts.push(("severity", "unknown: no record of the flaw gives one, so it is the rule's".to_owned()));
    }
    if let Some(exploited) = &package.known_exploited {
        let ransomware = if exploited.ransomware { ", by ransomware too" } else { "" };
        let KnownExploited { added, due, .. } = exploited;
        facts.push(("exploited", format!("known since {added}{ransomware}; CISA asks to mend it by {due}")));
    }
    if let Some(likely) = &package.exploitation {
        let detail = format!(
            "{} within 30 days (percentile {}, {})",
            likely.probability, likely.percentile, likely.date
        );
        facts.push(("likelihood", detail));
    }
    if let Some(fix) = &package.fix {
        facts.push(("mend", fix.advice.clone()));
    }
    facts
}

/// The score that counts, as CVSS writes it.
fn base_score(package: &AffectedPackage) -> String {
    package.base_tenths.map(|tenths| format!("{}.{} ", tenths / 10, tenths % 10)).unwrap_or_default()
}

/// The same as lines of plain text.
pub(crate) fn fact_lines(finding: &Finding) -> Vec<String> {
    facts(finding).into_iter().map(|(label, value)| format!("{label}: {value}")).collect()
}

/// What a credential opens; none when nothing is known.
fn opens(asset: &Asset) -> Option<String> {
    let account = match (&asset.user, &asset.host) {
        (Some(user), Some(host)) => Some(format!("{user} at {host}")),
        (Some(user), None) => Some(format!("account {user}")),
        (None, Some(host)) => Some(host.clone()),
        (None, None) => None,
    };
    let database = asset.database.as_ref().map(|database| format!("database {database}"));
    let parts: Vec<String> = account.into_iter().chain(database).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn of_history(finding: &Finding, history: &History) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(first) = &history.first {
        facts.push(("first in", commit(first)));
    }
    if let Some(last) = history.last.as_ref().filter(|last| history.first.as_ref() != Some(last)) {
        facts.push(("last in", commit(last)));
    }
    if history.paths.as_slice() != [finding.location.path.clone()] {
        facts.push(("paths", paths(history)));
    }
    let head = match (history.in_head, history.reachable) {
        (true, _) => "in the commit that is checked out",
        (false, true) => "not in the commit that is checked out, but in its history",
        (false, false) => "in no commit that a reference leads to, but in the repository",
    };
    facts.push(("now", head.to_owned()));
    let note = "it stays in the history: removing the line is not a fix, rotate the secret";
    facts.push(("note", note.to_owned()));
    facts
}

fn commit(commit: &CommitRef) -> String {
    format!("{} of {} by {}: {}", commit.id.short(), day(commit.time), commit.author, commit.subject)
}

fn paths(history: &History) -> String {
    let mut shown: Vec<String> = history.paths.iter().take(MAX_PATHS).map(ToString::to_string).collect();
    if history.more_paths || history.paths.len() > MAX_PATHS {
        shown.push("more".to_owned());
    }
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}
