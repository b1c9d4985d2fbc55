use std::fmt::Write;

use palisade_model::{
    Finding, Fingerprint, Gap, IgnoreEntry, RuleInfo, ScanReport, Severity, Suppression, SuppressionKind,
    VexNote, Waiver,
};

use crate::facts::facts;
use crate::text::{
    BLUE, BOLD, DIM, GREEN, RED, YELLOW, bytes, plural, printable, styled, warning_line, wrapped,
};

/// What a scan looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Files of the project as they lie there: where `palisade waive` looks for the rest of a fingerprint.
    Tree,
    /// Files that need not lie there: staged ones, standard input, those of an image.
    Elsewhere,
    /// Objects of a repository.
    Objects,
}

impl Extent {
    /// One of what is counted.
    const fn unit(self) -> &'static str {
        match self {
            Self::Tree | Self::Elsewhere => "file",
            Self::Objects => "object",
        }
    }

    /// So many of them.
    pub(crate) fn count(self, count: u64) -> String {
        plural(count, self.unit())
    }
}

/// Everything a scan's reader gets to see.
#[derive(Debug, Clone, Copy)]
pub struct ScanView<'a> {
    /// The scan, with suppressions applied.
    pub report: &'a ScanReport,
    /// What was looked at.
    pub extent: Extent,
    /// Waivers that match nothing in the project as it lies there.
    pub unused: &'a [Waiver],
    /// Waivers that match something and are over.
    pub expired: &'a [Waiver],
    /// How many entries of the baseline match nothing.
    pub unused_baseline: usize,
    /// Entries of other tools' ignore files that match nothing.
    pub unused_ignores: &'a [IgnoreEntry],
    /// VEX statements that decide about no finding.
    pub unused_vex: &'a [VexNote],
    /// VEX statements about the vulnerability of a finding that do not suppress it, where they are to be shown.
    pub passed_over_vex: &'a [VexNote],
    /// The fingerprints of findings that make the result a denial.
    pub denied: &'a [Fingerprint],
    /// The last day to suggest for a waiver, `YYYY-MM-DD`.
    pub until: &'a str,
}

/// A scan for people: findings with line, caret, reason and remedy; then gaps, waivers to look after, and one line that sums up.
pub fn scan(view: &ScanView<'_>) -> String {
    let mut text = String::new();
    let (active, suppressed): (Vec<&Finding>, Vec<&Finding>) =
        view.report.findings.iter().partition(|finding| finding.suppression.is_none());
    for finding in &active {
        text.push_str(&full(finding, view));
    }
    for finding in &suppressed {
        text.push_str(&brief(finding));
    }
    for gap in view.report.engines.iter().flat_map(|engine| &engine.coverage.gaps) {
        text.push_str(&gap_line(gap));
    }
    for line in idle(view) {
        let _ = writeln!(text, "{}", warning_line(&line));
    }
    for note in view.passed_over_vex {
        let line = format!("note[vex]: {}", vex_line(note));
        let _ = writeln!(text, "{}", styled(DIM, &line));
    }
    text.push_str(&summary(view, active.len(), suppressed.len()));
    text
}

/// What may still need a waiver or an entry that nothing in the tree needs.
const UNUSED: &str = "matches nothing in the tree: remove it, unless it is for the history";

/// Suppressions to look after: those that are over, and those that match nothing.
pub(crate) fn idle(view: &ScanView<'_>) -> Vec<String> {
    let expired = view.expired.iter().map(|waiver| {
        format!("waiver {} expired on {}: the finding counts again", waiver.fingerprint.short(), waiver.until)
    });
    let unused = view.unused.iter();
    let unused = unused.map(|waiver| format!("waiver {} {UNUSED}", waiver.fingerprint.short()));
    let ignores = view.unused_ignores.iter();
    let ignores = ignores.map(|entry| format!("{entry} {UNUSED}"));
    let baseline = match view.unused_baseline as u64 {
        0 => None,
        1 => Some("1 entry of palisade.baseline.json matches nothing any more".to_owned()),
        count => Some(format!("{count} entries of palisade.baseline.json match nothing any more")),
    };
    let vex = view.unused_vex.iter().map(|note| format!("unused: {}", vex_line(note)));
    expired.chain(unused).chain(ignores).chain(baseline).chain(vex).collect()
}

/// Which statement, about what, and why it does not suppress.
fn vex_line(note: &VexNote) -> String {
    let VexNote { file, statement, vulnerability, status, package, reason } = note;
    let package = package.as_ref().map(|package| format!(" for {package}")).unwrap_or_default();
    printable(&format!("{file} statement {statement} ({vulnerability} {status}){package}: {reason}"))
}

fn full(finding: &Finding, view: &ScanView<'_>) -> String {
    let mut text = String::new();
    let (style, word) = heading(finding.severity, view.denied.contains(&finding.fingerprint));
    let title = format!("{word}[{}]", finding.rule);
    let _ = writeln!(
        text,
        "{}{}",
        styled(style, &title),
        styled(BOLD, &format!(": {}", printable(&finding.title)))
    );
    text.push_str(&snippet(finding));
    for (label, value) in facts(finding) {
        text.push_str(&remark(label, &value));
    }
    // What an advisory says of the package goes before what the rule says of all packages.
    let has_advisory = finding.package.as_ref().is_some_and(|package| !package.advisories.is_empty());
    if let Some(rule) = view.report.rules.get(&finding.rule).filter(|_| !has_advisory) {
        text.push_str(&advice(rule));
    }
    let marker = match &finding.marker {
        Some(marker) if marker.reason.is_none() => {
            "   = note: the comment that asks to let this pass gives no reason, so it does not count\n"
        }
        _ => "",
    };
    text.push_str(marker);
    // Only a whole fingerprint says which finding is meant when it is not in the tree.
    let fingerprint = match view.extent {
        Extent::Tree => finding.fingerprint.short(),
        Extent::Elsewhere | Extent::Objects => finding.fingerprint.to_string(),
    };
    let waive = format!("palisade waive {fingerprint} --reason \"...\" --until {}", view.until);
    let _ = writeln!(text, "   {} if accepted: {waive}\n", styled(BLUE, "="));
    text
}

fn heading(severity: Severity, denied: bool) -> (anstyle::Style, &'static str) {
    match (denied, severity) {
        (true, _) | (_, Severity::Critical | Severity::High) => (RED, "error"),
        (_, Severity::Medium) => (YELLOW, "warning"),
        _ => (BLUE, "note"),
    }
}

/// Place, line and caret, from the masked excerpt.
fn snippet(finding: &Finding) -> String {
    let start = finding.location.start;
    let number = start.line.to_string();
    let pad = " ".repeat(number.len());
    let excerpt = &finding.excerpt;
    let line = printable(&excerpt.text);
    let before = printable(&excerpt.text.chars().take(excerpt.mark_start as usize).collect::<String>());
    let mark = excerpt.mark_end.saturating_sub(excerpt.mark_start).max(1) as usize;
    let bar = styled(BLUE, "|");
    let place = printable(&finding.location.display_path());
    format!(
        "{pad}  {arrow} {place}:{number}:{column}\n{pad}   {bar}\n {number}  {bar} {line}\n{pad}   {bar} {indent}{caret} {message}\n{pad}   {bar}\n",
        arrow = styled(BLUE, "-->"),
        column = start.column,
        indent = " ".repeat(unicode_width::UnicodeWidthStr::width(before.as_str())),
        caret = styled(RED, &"^".repeat(mark)),
        message = printable(&finding.message),
    )
}

fn advice(rule: &RuleInfo) -> String {
    let first = |prose: &str| {
        let paragraph = prose.split("\n\n").find(|part| !part.trim().is_empty()).unwrap_or_default();
        paragraph.replace('\n', " ")
    };
    [("why", &rule.why), ("fix", &rule.fix)].map(|(label, prose)| remark(label, &first(prose))).concat()
}

/// `= LABEL: VALUE`, broken into lines; nothing when there is no value.
fn remark(label: &str, value: &str) -> String {
    let mut text = String::new();
    let indent = label.len() + 7;
    let mut lines = wrapped(&printable(value), indent).into_iter().filter(|line| !line.is_empty());
    if let Some(first) = lines.next() {
        let _ = writeln!(text, "   {} {label}: {first}", styled(BLUE, "="));
    }
    for line in lines {
        let _ = writeln!(text, "{}{line}", " ".repeat(indent));
    }
    text
}

fn brief(finding: &Finding) -> String {
    let by = finding.suppression.as_ref().map(suppressed_by).unwrap_or_default();
    let line = format!(
        "{}[{}]: {} at {}:{}: {}",
        "allowed",
        finding.rule,
        printable(&finding.title),
        printable(&finding.location.display_path()),
        finding.location.start.line,
        by
    );
    format!("{}\n", styled(DIM, &line))
}

/// By what, for how long, by whom, and why.
pub(crate) fn suppressed_by(suppression: &Suppression) -> String {
    let kind = match suppression.kind {
        SuppressionKind::Waiver => "waiver",
        SuppressionKind::Inline => "comment on the line",
        SuppressionKind::Baseline => "baseline",
        SuppressionKind::IgnoreFile => "ignore file",
        SuppressionKind::Vex => "VEX",
    };
    let own = if suppression.self_granted { ", self-granted" } else { "" };
    let until = suppression.until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
    let owner = suppression.owner.as_ref().map(|owner| format!(", owned by {owner}")).unwrap_or_default();
    printable(&format!("{kind}{own}{until}{owner}: {}", suppression.reason))
}

fn gap_line(gap: &Gap) -> String {
    let (style, word) = if gap.blocking { (RED, "gap") } else { (DIM, "note") };
    let place =
        gap.path.as_ref().map(|path| format!("{}: ", printable(&path.to_string()))).unwrap_or_default();
    let tolerated =
        gap.tolerated.as_ref().map(|why| format!("; policy tolerates it {why}")).unwrap_or_default();
    let text = printable(&format!("{}{tolerated}", gap.detail)).to_string();
    format!("{}: {place}{text}\n", styled(style, &format!("{word}[{}]", gap.kind)))
}

fn summary(view: &ScanView<'_>, active: usize, suppressed: usize) -> String {
    let report = view.report;
    let looked_at = report.engines.iter().map(|engine| engine.coverage.looked_at).max().unwrap_or(0);
    let size = report.engines.iter().map(|engine| engine.coverage.bytes).max().unwrap_or(0);
    let gaps = report.blocking_gaps().count() as u64;
    let style = if active == 0 && gaps == 0 { GREEN } else { RED };
    let findings = styled(style, &plural(active as u64, "finding"));
    let allowed = if suppressed > 0 { format!(" ({suppressed} more allowed)") } else { String::new() };
    format!(
        "{} looked at, {}: {findings}{allowed}, {}\n",
        view.extent.count(looked_at),
        bytes(size),
        plural(gaps, "gap")
    )
}
