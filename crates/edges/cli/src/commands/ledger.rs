use std::path::{Path, PathBuf};

use palisade_flow::{Context, Exit, LedgerCheck};
use palisade_report::{error_line, plural, table};
use serde_json::json;

use super::Done;
use crate::args::{LedgerCommand, RangeArgs};
use crate::output::Output;

pub(super) fn ledger(context: &Context, output: &Output, command: &LedgerCommand) -> Done {
    match command {
        LedgerCommand::Verify { checkpoints, dir } => verify(context, output, dir, checkpoints),
        LedgerCommand::Show(range) => show(context, output, range),
        LedgerCommand::Prove { index, dir } => {
            let proof = palisade_flow::prove_entry(context, dir, *index)?;
            output.raw(proof.to_string().as_bytes())?;
            Ok(Exit::Done)
        }
        LedgerCommand::Export(range) => export(context, output, range),
    }
}

fn verify(context: &Context, output: &Output, dir: &Path, checkpoints: &[PathBuf]) -> Done {
    let check = palisade_flow::verify_ledger(context, dir, checkpoints)?;
    match &check {
        _ if output.is_json() => output.emit(&document(&check))?,
        LedgerCheck::Sound(report) => output.show(&format!(
            "ledger {}: {}, root {}\nconsistent with {}, anchored up to entry {}\n",
            report.checkpoint.origin,
            plural(report.checkpoint.size, "entry"),
            report.checkpoint.root,
            plural(report.compared as u64, "known checkpoint"),
            report.anchored,
        ))?,
        LedgerCheck::Broken(reason) => output.show(&format!("{}\n", error_line(reason)))?,
    }
    Ok(check.exit())
}

fn document(check: &LedgerCheck) -> serde_json::Value {
    match check {
        LedgerCheck::Sound(report) => json!({
            "schema": "palisade/ledger-check/v1",
            "sound": true,
            "origin": report.checkpoint.origin,
            "size": report.checkpoint.size,
            "root": report.checkpoint.root,
            "compared": report.compared,
            "anchored": report.anchored,
        }),
        LedgerCheck::Broken(reason) => {
            json!({ "schema": "palisade/ledger-check/v1", "sound": false, "reason": reason })
        }
    }
}

fn show(context: &Context, output: &Output, range: &RangeArgs) -> Done {
    if output.is_json() {
        return export(context, output, range);
    }
    let entries = palisade_flow::ledger_entries(context, &range.dir, range.from, range.to)?;
    let row = |(index, entry): &(u64, palisade_flow::LedgerEntry)| {
        vec![
            index.to_string(),
            entry.time.to_string(),
            entry.kind.name().to_owned(),
            entry.run.to_string(),
            entry.body.to_string(),
        ]
    };
    output.show(&table(&entries.iter().map(row).collect::<Vec<_>>()))?;
    Ok(Exit::Done)
}

fn export(context: &Context, output: &Output, range: &RangeArgs) -> Done {
    for (_, entry) in palisade_flow::ledger_entries(context, &range.dir, range.from, range.to)? {
        let mut line = entry.to_json()?;
        line.push(b'\n');
        output.raw(&line)?;
    }
    Ok(Exit::Done)
}
