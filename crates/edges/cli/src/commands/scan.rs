use std::path::Path;

use palisade_flow::{Context, Exit, Profile, ScanOptions, ScanOutcome, ScanTarget, WaiveRequest};
use palisade_report::{ScanView, annotations, junit, printable, sarif, scan_json};
use serde_json::{Value, json};

use super::Done;
use crate::args::{Format, ProfileName, ScanArgs, WaiveArgs};
use crate::output::{CommandError, Output, OutputError};

pub(super) fn scan(context: &Context, output: &Output, args: &ScanArgs) -> Done {
    let options = options(args);
    let outcome = palisade_flow::scan(context, &target(args), &options)?;
    if output.verbose {
        output.say(&format!("scanned in a worker held by {}", outcome.guards.join(", ")));
    }
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
        unused: &outcome.scan.unused,
        expired: &outcome.scan.expired,
        denied: &outcome.denied,
        until: &until,
    };
    deliver(output, args.output.as_deref(), &outcome, &view, context.version)?;
    Ok(outcome.exit())
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
    }
}

fn target(args: &ScanArgs) -> ScanTarget {
    let folder = || args.path.clone();
    if args.history {
        return ScanTarget::History(folder());
    }
    if let Some(range) = &args.range {
        return ScanTarget::Range { folder: folder(), range: range.clone() };
    }
    match (&args.since, args.staged) {
        (Some(rev), _) => ScanTarget::Since { folder: args.path.clone(), rev: rev.clone() },
        (None, true) => ScanTarget::Staged(args.path.clone()),
        (None, false) if args.path == Path::new("-") => ScanTarget::Stdin,
        (None, false) => ScanTarget::Path(args.path.clone()),
    }
}

fn deliver(
    output: &Output,
    file: Option<&Path>,
    outcome: &ScanOutcome,
    view: &ScanView<'_>,
    version: &str,
) -> Result<(), CommandError> {
    let report = &outcome.scan.report;
    let text = match output.format {
        Format::Human => match file {
            None => return Ok(output.show(&palisade_report::scan(view))?),
            Some(_) => anstream::adapter::strip_str(&palisade_report::scan(view)).to_string(),
        },
        Format::Json => pretty(&scan_json(view, version))?,
        Format::Sarif => pretty(&sarif(report, version))?,
        Format::Junit => junit(report),
        Format::Github => annotations(report),
    };
    output.deliver(text.as_bytes(), file)
}

fn pretty(document: &Value) -> Result<String, OutputError> {
    let mut text = serde_json::to_string_pretty(document).map_err(std::io::Error::from)?;
    text.push('\n');
    Ok(text)
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
        output.show(&format!(
            "{} is accepted until {}; written to {path}\n",
            waiver.fingerprint, waiver.until
        ))?;
    }
    Ok(Exit::Done)
}
