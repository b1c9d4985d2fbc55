use std::path::Path;

use palisade_flow::{Context, Exit, ExplainedStatement, StatementRequest, VexExplanation};
use palisade_model::Purl;
use palisade_report::{plural, printable, warning_line};
use palisade_sbom::vex::VexFault;
use serde_json::json;

use super::Done;
use crate::args::{VexCommand, VexNewArgs};
use crate::output::Output;

pub(super) fn vex(context: &Context, output: &Output, command: &VexCommand) -> Done {
    match command {
        VexCommand::New(args) => state(context, output, args),
        VexCommand::Check { file } => check(context, output, file),
        VexCommand::Explain { file, vulnerability, package } => {
            let explained = palisade_flow::explain_vex(context, file, vulnerability, package)?;
            explain(output, vulnerability, package, &explained)
        }
    }
}

fn state(context: &Context, output: &Output, args: &VexNewArgs) -> Done {
    let request = StatementRequest {
        vulnerability: args.vulnerability.clone(),
        product: args.product.clone(),
        subcomponents: args.subcomponent.clone(),
        status: args.status,
        justification: args.justification,
        impact: args.impact.clone(),
        action: args.action.clone(),
        author: args.author.clone(),
    };
    let written = palisade_flow::state_vex(context, &request, args.into.as_deref(), args.kind)?;
    output.lost("the format", &written.lost);
    match &args.into {
        Some(path) => {
            let path = printable(&path.display().to_string());
            let (vulnerability, status) = (printable(&args.vulnerability), args.status.name());
            output.show(&format!("{vulnerability} is stated {status}; written to {path}\n"))?;
        }
        None => output.raw(written.text.as_bytes())?,
    }
    Ok(Exit::Done)
}

fn check(context: &Context, output: &Output, file: &Path) -> Done {
    let faults = palisade_flow::check_vex(context, file)?;
    let name = printable(&file.display().to_string());
    if output.is_json() {
        output.emit(&json!({ "schema": "palisade/vex-check/v1", "file": file, "faults": faults }))?;
    } else {
        let line = |fault: &VexFault| {
            let line = fault.line.map(|line| format!("{line}:")).unwrap_or_default();
            format!("{name}:{line} {}\n", printable(&fault.message))
        };
        let lines: String = faults.iter().map(line).collect();
        output.show(&format!("{lines}{}\n", plural(faults.len() as u64, "fault")))?;
    }
    Ok(if faults.is_empty() { Exit::Done } else { Exit::Denied })
}

fn explain(output: &Output, vulnerability: &str, package: &Purl, explained: &VexExplanation) -> Done {
    if output.is_json() {
        let statement = |one: &ExplainedStatement| {
            json!({
                "statement": one.number, "vulnerability": one.vulnerability, "status": one.status.name(),
                "decides": one.decides, "reason": one.reason,
            })
        };
        output.emit(&json!({
            "schema": "palisade/vex-explanation/v1",
            "vulnerability": vulnerability,
            "package": package,
            "status": explained.decides.map(|(_, status)| status.name()),
            "suppresses": explained.decides.is_some_and(|(_, status)| status.suppresses()),
            "statements": explained.statements.iter().map(statement).collect::<Vec<_>>(),
            "problems": explained.problems,
        }))?;
        return Ok(Exit::Done);
    }
    for problem in &explained.problems {
        output.say(&warning_line(&printable(problem)));
    }
    output.show(&explanation(vulnerability, package, explained))?;
    Ok(Exit::Done)
}

fn explanation(vulnerability: &str, package: &Purl, explained: &VexExplanation) -> String {
    let about = printable(&format!("{vulnerability} in {package}"));
    let mut text = match explained.decides {
        Some((number, status)) => {
            let passes = if status.suppresses() { "a finding passes" } else { "a finding counts" };
            format!("{about}: {} by statement {number}, so {passes}\n", status.name())
        }
        None => format!("{about}: no statement applies, so a finding counts\n"),
    };
    for one in &explained.statements {
        let verb = if one.decides { "decides" } else { "does not decide" };
        let line = format!(
            "  statement {} ({} {}) {verb}: {}",
            one.number,
            one.vulnerability,
            one.status.name(),
            one.reason
        );
        text.push_str(&printable(&line));
        text.push('\n');
    }
    text
}
