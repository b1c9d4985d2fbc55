use std::path::Path;

use anstream::adapter::strip_str;
use palisade_flow::{
    Context, Exit, ImageRequest, Profile, RuleChoice, ScanOptions, ScanOutcome, ScanTarget, WaiveRequest,
};
use palisade_report::{Extent, GitlabReport, ScanOrigin, ScanView};
use palisade_report::{annotations, gitlab, gitlab_elsewhere, gitleaks_csv, gitleaks_json, html, junit};
use palisade_report::{plural, printable, sarif, scan_json, warning_line};
use palisade_sbom::{BomFormat, CycloneDxVersion};
use serde_json::{Value, json};

use super::{Done, usage};
use crate::args::{Destination, Format, ProfileName, ScanArgs, WaiveArgs};
use crate::output::{CommandError, Output, OutputError};

pub(super) fn scan(context: &Context, output: &Output, args: &ScanArgs) -> Done {
    check(&args.output)?;
    let options = options(args);
    let outcome = palisade_flow::scan(context, &target(args), &options)?;
    output.remarks(&outcome.remarks);
    if output.verbose {
        output.say(&format!("scanned in a worker held by {}", outcome.guards.join(", ")));
    }
    output.remarks(&outcome.scan.remarks);
    if args.write_baseline {
        let (path, count) = palisade_flow::write_baseline_file(context, &target(args), &outcome)?;
        output
            .show(&format!("wrote {count} fingerprints to {}\n", printable(&path.display().to_string())))?;
        let incomplete = outcome.scan.report.blocking_gaps().next().is_some();
        return Ok(if incomplete { Exit::Incomplete } else { Exit::Done });
    }
    let until = context.suggested_waiver_end();
    let view = ScanView {
        report: &outcome.scan.report,
        extent: extent(args),
        unused: &outcome.scan.unused,
        expired: &outcome.scan.expired,
        unused_baseline: outcome.scan.unused_baseline,
        unused_ignores: &outcome.scan.unused_ignores,
        unused_vex: &outcome.scan.unused_vex,
        passed_over_vex: &outcome.scan.passed_over_vex,
        denied: &outcome.denied,
        until: &until,
    };
    let origin = ScanOrigin {
        version: context.version,
        source: &outcome.source,
        image: args.image.as_deref(),
        started: outcome.started,
        ended: outcome.ended,
    };
    let bill = |format| bill(context, output, &target(args), &outcome, format);
    deliver(output, &args.output, &view, &origin, &bill)?;
    for line in beside(output, &args.output, &outcome, &origin) {
        output.say(&line);
    }
    Ok(outcome.exit())
}

/// What was found to be in the scanned, as a bill of materials.
fn bill(
    context: &Context,
    output: &Output,
    target: &ScanTarget,
    outcome: &ScanOutcome,
    format: BomFormat,
) -> Result<String, CommandError> {
    let source_date = crate::environment::source_date()?;
    let written = palisade_flow::bill_of_scan(context, target, outcome, format, source_date)?;
    output.lost(&format.to_string(), &written.lost.into_iter().collect::<Vec<_>>());
    Ok(String::from_utf8_lossy(&written.bytes).into_owned())
}

fn options(args: &ScanArgs) -> ScanOptions {
    ScanOptions {
        fail_on: args.fail_on,
        max_file_bytes: args.max_file_size,
        archive_depth: args.archive_depth,
        profile: match args.profile {
            ProfileName::Strict => Profile::Strict,
            ProfileName::Balanced => Profile::Balanced,
            ProfileName::Paranoid => Profile::Paranoid,
        },
        allow_partial: args.allow_partial,
        rules: RuleChoice {
            files: args.rules.clone(),
            no_builtin: args.no_builtin_rules,
            built_in: crate::rules().secrets,
        },
        engines: (!args.engine.is_empty()).then(|| args.engine.iter().map(|name| name.engine()).collect()),
        vex: args.vex.clone(),
        packages_alone: false,
    }
}

fn extent(args: &ScanArgs) -> Extent {
    match target(args) {
        ScanTarget::Path(_) | ScanTarget::Since { .. } => Extent::Tree,
        ScanTarget::History(_) | ScanTarget::Range { .. } => Extent::Objects,
        ScanTarget::Stdin
        | ScanTarget::Staged(_)
        | ScanTarget::Index { .. }
        | ScanTarget::Image(_)
        | ScanTarget::Bill(_) => Extent::Elsewhere,
    }
}

fn target(args: &ScanArgs) -> ScanTarget {
    let folder = || args.path.clone();
    if let Some(image) = &args.image {
        return ScanTarget::Image(ImageRequest {
            image: image.clone(),
            platform: args.platform.clone(),
            docker_config: crate::environment::docker_config(),
            helper_environment: crate::environment::of_credential_helpers(),
        });
    }
    if let Some(bill) = &args.sbom {
        return ScanTarget::Bill(bill.clone());
    }
    if args.history {
        return ScanTarget::History(folder());
    }
    if let Some(range) = &args.range {
        return ScanTarget::Range { folder: folder(), range: range.clone(), names: Vec::new() };
    }
    match (&args.since, args.staged) {
        (Some(rev), _) => ScanTarget::Since { folder: args.path.clone(), rev: rev.clone() },
        (None, true) => ScanTarget::Staged(args.path.clone()),
        (None, false) if args.path == Path::new("-") => ScanTarget::Stdin,
        (None, false) => ScanTarget::Path(args.path.clone()),
    }
}

/// One file instead of standard output at most, and no file twice: one result would replace the other.
fn check(destinations: &[Destination]) -> Result<(), CommandError> {
    let hint = "write FORMAT=FILE for each further file";
    let plain = destinations.iter().filter(|destination| destination.format.is_none()).count();
    if plain > 1 {
        return Err(usage("there is more than one --output without a format", hint));
    }
    let mut paths: Vec<&Path> = destinations.iter().map(|destination| destination.path.as_path()).collect();
    paths.sort_unstable();
    paths.dedup();
    match paths.len() == destinations.len() && !paths.contains(&Path::new("")) {
        true => Ok(()),
        false => Err(usage("an --output has no file of its own", hint)),
    }
}

/// Files first: what is missing on standard output is seen at once.
fn deliver(
    output: &Output,
    destinations: &[Destination],
    view: &ScanView<'_>,
    origin: &ScanOrigin<'_>,
    bill: &dyn Fn(BomFormat) -> Result<String, CommandError>,
) -> Result<(), CommandError> {
    // Why statements did not count is for programs and for those who ask.
    let brief = ScanView { passed_over_vex: &[], ..*view };
    let document = |format| match format {
        Format::Human if !output.verbose => document(format, &brief, origin, bill),
        _ => document(format, view, origin, bill),
    };
    for destination in destinations {
        let format = destination.format.unwrap_or(output.format);
        let text = document(format)?;
        let text = if format == Format::Human { strip_str(&text).to_string() } else { text };
        output.deliver(text.as_bytes(), &destination.path)?;
    }
    if destinations.iter().any(|destination| destination.format.is_none()) {
        return Ok(());
    }
    let text = document(output.format)?;
    let shown = match output.format {
        Format::Human => output.show(&text),
        _ => output.raw(text.as_bytes()),
    };
    Ok(shown?)
}

/// Findings that stand in none of the results: GitLab has a report for each type of finding, and whoever writes one of them only should
/// know of the others.
fn beside(
    output: &Output,
    destinations: &[Destination],
    outcome: &ScanOutcome,
    origin: &ScanOrigin<'_>,
) -> Vec<String> {
    let own = destinations.iter().map(|destination| destination.format.unwrap_or(output.format));
    let has_output = destinations.iter().any(|destination| destination.format.is_none());
    let formats: Vec<Format> = own.chain((!has_output).then_some(output.format)).collect();
    let of_gitlab = |format: &Format| match format {
        Format::Gitlab => Some(GitlabReport::SecretDetection),
        Format::GitlabDependencies => Some(GitlabReport::DependencyScanning),
        Format::GitlabContainers => Some(GitlabReport::ContainerScanning),
        _ => None,
    };
    let written: Vec<GitlabReport> = formats.iter().filter_map(of_gitlab).collect();
    if written.is_empty() || written.len() < formats.len() {
        return Vec::new();
    }
    let others = gitlab_elsewhere(&outcome.scan.report, origin, &written).into_iter();
    let line = |(kind, count): (GitlabReport, u64)| {
        let findings = plural(count, "finding");
        warning_line(&format!(
            "{findings} of another type left out: write `--output {}=FILE` too",
            kind.format()
        ))
    };
    others.map(line).collect()
}

/// The result in `format`; with the styles of a terminal for people.
fn document(
    format: Format,
    view: &ScanView<'_>,
    origin: &ScanOrigin<'_>,
    bill: &dyn Fn(BomFormat) -> Result<String, CommandError>,
) -> Result<String, CommandError> {
    let report = view.report;
    Ok(match format {
        Format::Human => palisade_report::scan(view),
        Format::Json => pretty(&scan_json(view, origin.version))?,
        Format::Sarif => pretty(&sarif(report, origin.version, origin.source))?,
        Format::Junit => junit(report),
        Format::Github => annotations(report),
        Format::Gitlab => pretty(&gitlab(report, origin, GitlabReport::SecretDetection))?,
        Format::GitlabDependencies => pretty(&gitlab(report, origin, GitlabReport::DependencyScanning))?,
        Format::GitlabContainers => pretty(&gitlab(report, origin, GitlabReport::ContainerScanning))?,
        Format::GitleaksJson => {
            gitleaks_json(report).map_err(std::io::Error::from).map_err(OutputError::from)?
        }
        Format::GitleaksCsv => gitleaks_csv(report),
        Format::Html => html(view, origin),
        Format::Cyclonedx => bill(BomFormat::CycloneDx(CycloneDxVersion::V1_6))?,
        Format::Spdx => bill(BomFormat::Spdx23)?,
    })
}

fn pretty(document: &Value) -> Result<String, OutputError> {
    Ok(palisade_report::json(document).map_err(std::io::Error::from)?)
}

pub(super) fn waive(context: &Context, output: &Output, args: &WaiveArgs) -> Done {
    let request = WaiveRequest {
        fingerprint: args.fingerprint.clone(),
        reason: args.reason.clone(),
        until: args.until.clone(),
        owner: args.owner.clone(),
    };
    let (waiver, path) = palisade_flow::waive(context, &args.dir, &request)?;
    if output.is_json() {
        output.emit(&json!({ "schema": "palisade/waive/v1", "path": path, "waiver": waiver }))?;
    } else {
        let path = printable(&path.display().to_string());
        let owner = waiver.owner.as_deref().map(|owner| format!(", owned by {}", printable(owner)));
        output.show(&format!(
            "{} is accepted until {}{}; written to {path}\n",
            waiver.fingerprint,
            waiver.until,
            owner.unwrap_or_default()
        ))?;
    }
    Ok(Exit::Done)
}
