use std::fmt::Write;

use palisade_flow::{Context, Exit};
use palisade_model::canonical;
use palisade_report::{printable, table};
use serde_json::json;

use super::Done;
use crate::args::{FolderArgs, InitArgs};
use crate::output::Output;

pub(super) fn init(context: &Context, output: &Output, args: &InitArgs) -> Done {
    let done = palisade_flow::init(context, &args.folder, args.force)?;
    if output.is_json() {
        output.emit(&json!({
            "schema": "palisade/init/v1",
            "path": done.path,
            "kind": done.kind,
            "wants_advisories": done.wants_advisories,
        }))?;
    } else {
        let path = printable(&done.path.display().to_string());
        let advisories = match done.wants_advisories {
            true => "`palisade db update` to hold its dependencies against known advisories, ",
            false => "",
        };
        output.show(&format!(
            "wrote {path} for {}\nnext: look it through, {advisories}then `palisade run`\n",
            done.kind
        ))?;
    }
    Ok(Exit::Done)
}

/// The plan's canonical JSON is the result itself, whatever the format: its digest can be checked with `sha256sum`.
pub(super) fn plan(context: &Context, output: &Output, args: &FolderArgs) -> Done {
    let planned = palisade_flow::plan(context, &args.folder)?;
    output.remarks(&planned.remarks);
    if output.is_json() {
        output.raw(&canonical::to_vec(&planned.plan)?)?;
        return Ok(Exit::Done);
    }
    let plan = &planned.plan;
    let mut text = format!(
        "plan      {} {}\npolicy    {} {}\n",
        plan.name, planned.digest, plan.policy.name, plan.policy.digest
    );
    for scan in &plan.scans {
        let _ = writeln!(text, "scan      {}", scan.engine);
    }
    for (id, job) in &plan.jobs {
        let needs: Vec<&str> = job.needs.iter().map(palisade_model::JobId::as_str).collect();
        let after = if needs.is_empty() { String::new() } else { format!("  after {}", needs.join(", ")) };
        let _ = writeln!(text, "job       {id}{after}");
        for step in &job.steps {
            let _ = writeln!(text, "            {}", printable(&step.name));
        }
        for pattern in &job.outputs {
            let _ = writeln!(text, "            leaves {}", printable(pattern));
        }
    }
    for stage in &plan.mandatory {
        let _ = writeln!(text, "mandatory {}", printable(stage));
    }
    for pattern in &plan.release.artifacts {
        let _ = writeln!(text, "release   {}", printable(pattern));
    }
    output.show(&text)?;
    Ok(Exit::Done)
}

pub(super) fn doctor(context: &Context, output: &Output) -> Done {
    let found = palisade_flow::doctor(context, &crate::rules().secrets);
    let usable = found.host.is_usable() && found.policy.is_ok() && found.rules.is_ok();
    if output.is_json() {
        output.emit(&doctor_document(&found))?;
    } else {
        output.show(&doctor_text(&found))?;
    }
    Ok(if usable { Exit::Done } else { Exit::Unavailable })
}

fn doctor_document(found: &palisade_flow::Diagnosis) -> serde_json::Value {
    let capability = |capability: &palisade_flow::Capability| {
        json!({
            "name": capability.name, "available": capability.available, "required": capability.required,
            "detail": capability.detail, "hint": capability.hint,
        })
    };
    let tool = |tool: &palisade_flow::Tool| json!({ "name": tool.name, "mounts": tool.mounts, "path": tool.path_entries });
    json!({
        "schema": "palisade/doctor/v1",
        "grade": found.host.grade,
        "capabilities": found.host.capabilities.iter().map(capability).collect::<Vec<_>>(),
        "tools": found.tools.iter().map(tool).collect::<Vec<_>>(),
        "policy": found.policy.as_ref().map_or_else(
            |error| json!({ "error": error.to_string() }),
            |(name, origin)| json!({ "name": name, "origin": origin }),
        ),
        "keys": found.keys,
        "rules": found.rules.as_ref().ok(),
    })
}

fn doctor_text(found: &palisade_flow::Diagnosis) -> String {
    let mut rows = Vec::new();
    let mut row = |label: &str, state: &str, detail: &str| {
        rows.push(vec![label.to_owned(), state.to_owned(), printable(detail)]);
    };
    for capability in &found.host.capabilities {
        let state = match (capability.available, capability.required) {
            (true, _) => "ok",
            (false, true) => "missing",
            (false, false) => "absent",
        };
        row(capability.name, state, &capability.detail);
        if !capability.hint.is_empty() && !capability.available {
            row("", "", &format!("hint: {}", capability.hint));
        }
    }
    for tool in &found.tools {
        let mounts: Vec<String> = tool.mounts.iter().map(|mount| mount.display().to_string()).collect();
        row(&format!("tool {}", tool.name), "ok", &mounts.join(" "));
    }
    match &found.policy {
        Ok((name, Some(origin))) => row("policy", "ok", &format!("{name} from {}", origin.display())),
        Ok((name, None)) => row("policy", "ok", &format!("{name}, built in")),
        Err(error) => row("policy", "wrong", &error.to_string()),
    }
    match &found.keys {
        Some(path) => row("keys", "ok", &path.display().to_string()),
        None => row(
            "keys",
            "none",
            "the first run makes an unprotected pair; `palisade key generate` makes one with a passphrase",
        ),
    }
    match &found.rules {
        Ok(count) => row("rules", "ok", &format!("{count} for secrets")),
        Err(error) => row("rules", "wrong", error),
    }
    table(&rows)
}
