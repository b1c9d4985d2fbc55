use std::collections::BTreeSet;
use std::path::Path;

use palisade_flow::{Context, Exit};
use palisade_model::Gap;
use palisade_report::{plural, printable, warning_line};
use palisade_sbom::{BomChange, BomDiff, DiffEntry};
use serde_json::json;

use super::Done;
use crate::args::SbomCommand;
use crate::output::Output;

pub(super) fn sbom(context: &Context, output: &Output, command: &SbomCommand) -> Done {
    match command {
        SbomCommand::Create { path, kind, output: file, max_file_size } => {
            let source_date = crate::environment::source_date()?;
            let created = palisade_flow::create_bill(context, path, *max_file_size, *kind, source_date)?;
            let text = String::from_utf8_lossy(&created.written.bytes);
            output.document(&text, file.as_deref())?;
            output.lost(&kind.to_string(), &created.written.lost.into_iter().collect::<Vec<_>>());
            for gap in &created.gaps {
                output.say(&warning_line(&gap_text(gap)));
            }
            if let Some(file) = file {
                let packages = plural(created.packages as u64, "package");
                output.say(&format!("wrote {packages} to {}", printable(&file.display().to_string())));
            }
            Ok(if created.gaps.is_empty() { Exit::Done } else { Exit::Incomplete })
        }
        SbomCommand::Convert { file, kind, output: to } => {
            let converted = palisade_flow::convert_bill(context, file, *kind)?;
            output.document(&converted.text, to.as_deref())?;
            output.lost(&kind.to_string(), &converted.lost);
            Ok(unread(output, &converted.problems))
        }
        SbomCommand::Diff { old, new } => diff(context, output, old, new),
    }
}

fn gap_text(gap: &Gap) -> String {
    let place = gap.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
    printable(&format!("{place}{} ({})", gap.detail, gap.kind))
}

/// What could not be read of a bill may be a package, so the answer is incomplete.
fn unread(output: &Output, problems: &[String]) -> Exit {
    for problem in problems {
        output.say(&warning_line(&format!("not read: {}", printable(problem))));
    }
    if problems.is_empty() { Exit::Done } else { Exit::Incomplete }
}

fn diff(context: &Context, output: &Output, old: &Path, new: &Path) -> Done {
    let compared = palisade_flow::diff_bills(context, old, new)?;
    let diff = &compared.diff;
    if output.is_json() {
        output.emit(&json!({
            "schema": "palisade/sbom-diff/v1",
            "added": diff.added,
            "removed": diff.removed,
            "versions": diff.versions,
            "licences": diff.licences,
            "scopes": diff.scopes,
            "problems": compared.problems,
        }))?;
    } else {
        output.show(&diff_text(diff))?;
    }
    Ok(unread(output, &compared.problems))
}

fn diff_text(diff: &BomDiff) -> String {
    if diff.is_empty() {
        return "both list the same\n".to_owned();
    }
    let entry = |sign: &str, entry: &DiffEntry| format!("{sign} {} {}\n", entry.key, list(&entry.versions));
    let change = |what: &str, change: &BomChange| {
        format!("~ {} {what}{} -> {}\n", change.key, list(&change.before), list(&change.after))
    };
    let mut text = String::new();
    text.extend(diff.removed.iter().map(|one| entry("-", one)));
    text.extend(diff.added.iter().map(|one| entry("+", one)));
    text.extend(diff.versions.iter().map(|one| change("", one)));
    text.extend(diff.licences.iter().map(|one| change("licence ", one)));
    text.extend(diff.scopes.iter().map(|one| change("scope ", one)));
    text.lines().map(|line| format!("{}\n", printable(line))).collect()
}

fn list(values: &BTreeSet<String>) -> String {
    match values.is_empty() {
        true => "nothing".to_owned(),
        false => values.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    }
}
