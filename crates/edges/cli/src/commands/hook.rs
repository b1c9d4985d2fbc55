use std::fmt::Write;
use std::io::Read;
use std::path::Path;

use palisade_flow::{
    Context, Exit, Hook, HookChange, HookState, Project, Push, ScanOptions, ScanOutcome, install_hooks,
    scan_commit, scan_push, uninstall_hooks,
};
use palisade_model::Finding;
use palisade_report::{Extent, ScanView, plural, printable, scan_json};
use serde_json::json;

use super::{Done, usage};
use crate::args::{HookCommand, HookRun};
use crate::environment;
use crate::output::{CommandError, Output};

/// The most that git may say on standard input, in bytes: a few hundred thousand references.
const MAX_INPUT_BYTES: u64 = 64 << 20;

pub(super) fn hook(context: &Context, output: &Output, command: &HookCommand) -> Done {
    match command {
        HookCommand::Install { dir, pre_commit, pre_push, force } => {
            let hooks: Vec<Hook> = match (pre_commit, pre_push) {
                (true, false) => vec![Hook::PreCommit],
                (false, true) => vec![Hook::PrePush],
                _ => Hook::ALL.to_vec(),
            };
            changed(output, &install_hooks(context, dir, &hooks, *force)?)
        }
        HookCommand::Uninstall { dir } => changed(output, &uninstall_hooks(context, dir)?),
        HookCommand::Run(HookRun::PreCommit) => {
            let surroundings = environment::git_surroundings();
            let outcome = scan_commit(context, Path::new("."), &surroundings, &ScanOptions::default())?;
            answer(context, output, Hook::PreCommit, &outcome)
        }
        HookCommand::Run(HookRun::PrePush { remote, address }) => {
            let push = push(remote.as_deref(), address.as_deref())?;
            let surroundings = environment::git_surroundings();
            match scan_push(context, Path::new("."), &surroundings, &push, &ScanOptions::default())? {
                Some(outcome) => answer(context, output, Hook::PrePush, &outcome),
                None if output.is_json() => {
                    output.emit(&json!({ "schema": "palisade/hook-push/v1", "commits": "none" }))?;
                    Ok(Exit::Done)
                }
                None => Ok(Exit::Done),
            }
        }
    }
}

fn changed(output: &Output, changes: &[HookChange]) -> Done {
    if output.is_json() {
        let change = |change: &HookChange| json!({ "hook": change.hook.name(), "path": change.path, "state": change.state.name() });
        let hooks: Vec<_> = changes.iter().map(change).collect();
        output.emit(&json!({ "schema": "palisade/hooks/v1", "hooks": hooks }))?;
        return Ok(Exit::Done);
    }
    let mut text = String::new();
    for HookChange { hook, path, state } in changes {
        let did = match state {
            HookState::Installed => "installed as",
            HookState::Chained => "installed, after the hook that was there, as",
            HookState::Unchanged => "is there already as",
            HookState::Removed => "removed from",
            HookState::Restored => "removed, and the hook that was there before is back, in",
            HookState::Foreign => "not ours and left alone in",
            HookState::Absent => "is not there as",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<10}  {did} {}", hook.name(), printable(&path.display().to_string()));
    }
    output.show(&text)?;
    Ok(Exit::Done)
}

/// What is pushed: the framework gives no arguments and an empty standard input.
fn push(remote: Option<&str>, address: Option<&str>) -> Result<Push, CommandError> {
    let told = environment::framework_push().filter(|_| remote.is_none());
    if let Some(told) = told {
        let push = match (told.between, told.branch) {
            (Some((from, to)), _) => Push::between(&from, &to)?,
            (None, Some((branch, remote))) => Push::of_branch(&branch, &remote)?,
            (None, None) => {
                return Err(usage(
                    "the pre-commit framework does not say what is pushed",
                    "by hand: `pre-commit run --hook-stage pre-push --from-ref REV --to-ref REV`",
                ));
            }
        };
        return Ok(match told.remote_branch {
            Some(branch) => push.to(&branch),
            None => push,
        });
    }
    let mut lines = Vec::new();
    let read = std::io::stdin().lock().take(MAX_INPUT_BYTES + 1).read_to_end(&mut lines);
    read.map_err(|error| usage(&format!("cannot read standard input: {error}"), "git writes to it"))?;
    if lines.len() as u64 > MAX_INPUT_BYTES {
        return Err(usage("standard input is too large", "push fewer references at once"));
    }
    Ok(Push::parse(remote, address, &lines)?)
}

/// Silent when all is well: a hook that talks every time is not read when it matters.
fn answer(context: &Context, output: &Output, hook: Hook, outcome: &ScanOutcome) -> Done {
    output.remarks(&outcome.remarks);
    output.remarks(&outcome.scan.remarks);
    let until = context.suggested_waiver_end();
    let extent = match hook {
        Hook::PreCommit => Extent::Elsewhere,
        Hook::PrePush => Extent::Objects,
    };
    let view = ScanView {
        report: &outcome.scan.report,
        extent,
        unused: &[],
        unused_baseline: 0,
        unused_ignores: &[],
        unused_vex: &[],
        passed_over_vex: &[],
        expired: &outcome.scan.expired,
        denied: &outcome.denied,
        until: &until,
    };
    let exit = outcome.exit();
    if output.is_json() {
        output.emit(&scan_json(&view, context.version))?;
    } else if exit != Exit::Done || output.verbose || outcome.scan.report.active_findings().next().is_some() {
        output.show(&palisade_report::scan(&view))?;
        output.show(&verdict(hook, outcome, &until))?;
    }
    Ok(exit)
}

/// Why git is stopped, and what to do.
fn verdict(hook: Hook, outcome: &ScanOutcome, until: &str) -> String {
    let what = match hook {
        Hook::PreCommit => "commit",
        Hook::PrePush => "push",
    };
    let is_denied = |finding: &&Finding| outcome.denied.contains(&finding.fingerprint);
    let denied: Vec<&Finding> = outcome.scan.report.active_findings().filter(is_denied).collect();
    match (outcome.exit(), denied.is_empty()) {
        (Exit::Done, _) => String::new(),
        (_, true) => {
            format!("\n{what} stopped: not everything could be looked at, so nobody knows that it is clean\n")
        }
        (_, false) => {
            let count = plural(denied.len() as u64, "finding");
            let mut text = format!("\n{what} stopped: {count}\n{}", advice(hook));
            for finding in denied {
                text.push_str(&accepting(finding, until));
            }
            text
        }
    }
}

fn advice(hook: Hook) -> String {
    let remove = match hook {
        Hook::PreCommit => {
            "take the value out of the file, keep it outside of the repository, and `git add` the file again"
        }
        Hook::PrePush => {
            "rewrite the commits that hold the value (`git rebase --interactive`); one more that deletes it is not enough"
        }
    };
    // Without a project there is no file for a waiver, and with one the fingerprints are others.
    let accept = match Project::find_optional(Path::new(".")) {
        Ok(None) => {
            "only if it is no secret: `palisade init`, try again, and use the command that then stands below it"
        }
        _ => "only if it is no secret, with the command below it",
    };
    format!(
        "  remove: {remove}\n  rotate: what was pushed, sent or logged before is leaked: revoke it and make a new one, as its fix says\n  \
         accept: {accept}\n"
    )
}

/// A finding by its whole fingerprint: the beginning of one is looked up in the files as they are now, which need not hold it.
fn accepting(finding: &Finding, until: &str) -> String {
    format!(
        "{} at {}:{}, fingerprint {}\n  palisade waive {} --reason \"...\" --until {until}\n",
        finding.rule,
        printable(&finding.location.path.to_string()),
        finding.location.start.line,
        finding.fingerprint,
        finding.fingerprint,
    )
}
