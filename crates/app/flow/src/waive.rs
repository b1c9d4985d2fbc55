use std::path::{Path, PathBuf};

use palisade_config::append_waiver;
use palisade_model::{Finding, Fingerprint, Waiver};
use palisade_sys::Mode;

use crate::project::Project;
use crate::scan::{ScanOptions, ScanTarget, scan};
use crate::suppress::WAIVER_FILE;
use crate::{Context, FlowError, document};

/// What the user wants accepted.
#[derive(Debug, Clone)]
pub struct WaiveRequest {
    /// A fingerprint; of a finding in the files of the project, its first eight digits are enough.
    pub fingerprint: String,
    /// Why.
    pub reason: String,
    /// The last day, `YYYY-MM-DD`.
    pub until: String,
    /// Who answers for it.
    pub owner: Option<String>,
}

/// The shortest beginning of a fingerprint that may stand for it, in digits.
const SHORTEST: usize = 8;

/// Adds a waiver to the waiver file of the project that `folder` lies in; returns it and the file's path.
pub fn waive(
    context: &Context,
    folder: &Path,
    request: &WaiveRequest,
) -> Result<(Waiver, PathBuf), FlowError> {
    let project = Project::find(folder)?;
    let waiver = Waiver {
        fingerprint: fingerprint(context, &project, &request.fingerprint)?,
        reason: reason(&request.reason)?,
        until: last_day(context, &request.until)?,
        owner: request.owner.clone(),
    };
    let path = project.root.join(WAIVER_FILE);
    let existing = document::read(&*context.files, &path)?.unwrap_or_default();
    let existing =
        String::from_utf8(existing).map_err(|_| FlowError::usage(format!("`{WAIVER_FILE}` is not UTF-8")))?;
    let text = append_waiver(&existing, &waiver)
        .map_err(|error| FlowError::usage(format!("{WAIVER_FILE}: {error}")))?;
    context.files.write(&path, text.as_bytes(), Mode::Shared)?;
    Ok((waiver, path))
}

fn reason(text: &str) -> Result<String, FlowError> {
    match text.trim() {
        "" => Err(FlowError::usage("a waiver needs a reason")),
        reason => Ok(reason.to_owned()),
    }
}

fn last_day(context: &Context, text: &str) -> Result<jiff::civil::Date, FlowError> {
    let day: jiff::civil::Date =
        text.parse().map_err(|_| FlowError::usage(format!("`{text}` is no day; write YYYY-MM-DD")))?;
    match day < context.today() {
        true => Err(FlowError::usage(format!("{day} is over; a waiver ends today at the earliest"))),
        false => Ok(day),
    }
}

/// A whole fingerprint is taken as it is; a beginning must fit exactly one finding in the project as it lies there.
fn fingerprint(context: &Context, project: &Project, text: &str) -> Result<Fingerprint, FlowError> {
    if let Ok(whole) = text.parse() {
        return Ok(whole);
    }
    let is_beginning = text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_beginning {
        return Err(FlowError::usage_with_hint(
            format!("`{text}` is no fingerprint"),
            format!("`palisade scan` shows them; of what is in a file {SHORTEST} digits are enough"),
        ));
    }
    let options = ScanOptions::default();
    let found = scan(context, &ScanTarget::Path(project.root.clone()), &options)?;
    let wanted = text.to_ascii_lowercase();
    let fits = |finding: &&Finding| finding.fingerprint.to_string().starts_with(&wanted);
    let mut fitting: Vec<Fingerprint> =
        found.scan.report.findings.iter().filter(fits).map(|f| f.fingerprint).collect();
    fitting.sort_unstable();
    fitting.dedup();
    match fitting.as_slice() {
        [one] => Ok(*one),
        [] => Err(FlowError::usage_with_hint(
            format!("no fingerprint of a finding in the project's files begins with `{text}`"),
            "of what is in a history or is staged give the whole fingerprint, as the report shows it",
        )),
        _ => Err(FlowError::usage(format!(
            "the fingerprints of {} findings begin with `{text}`",
            fitting.len()
        ))),
    }
}
