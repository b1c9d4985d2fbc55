use std::path::Path;

use palisade_flow::{Context, Exit, GateQuestion};
use palisade_model::Decision;
use palisade_report::{printable, verdict};
use serde_json::json;

use super::Done;
use crate::args::GateArgs;
use crate::output::Output;

pub(super) fn gate(context: &Context, output: &Output, args: &GateArgs) -> Done {
    if let Some(path) = &args.test {
        return test(context, output, path);
    }
    let question = match &args.input {
        Some(path) => GateQuestion::File(path.clone()),
        None => GateQuestion::Run { folder: args.dir.clone(), run: args.run.clone() },
    };
    let answer = palisade_flow::gate(context, &question)?;
    if output.is_json() {
        output.emit(&json!({ "schema": "palisade/verdict/v1", "verdict": answer }))?;
    } else {
        output.show(&verdict(&answer))?;
    }
    Ok(match answer.decision {
        Decision::Allowed => Exit::Done,
        Decision::Denied if answer.is_incomplete() => Exit::Incomplete,
        Decision::Denied => Exit::Denied,
    })
}

fn test(context: &Context, output: &Output, path: &Path) -> Done {
    let outcomes = palisade_flow::gate_test(context, path)?;
    let failed = outcomes.iter().filter(|outcome| !outcome.passed).count();
    if output.is_json() {
        let outcome = |outcome: &palisade_flow::TestOutcome| json!({ "name": outcome.name, "passed": outcome.passed, "message": outcome.message });
        let tests: Vec<_> = outcomes.iter().map(outcome).collect();
        output.emit(&json!({ "schema": "palisade/gate-test/v1", "tests": tests }))?;
    } else {
        let mut text = String::new();
        for outcome in &outcomes {
            let word = if outcome.passed { "pass" } else { "FAIL" };
            text.push_str(
                &format!("{word}  {} {}\n", printable(&outcome.name), printable(&outcome.message))
                    .replace(" \n", "\n"),
            );
        }
        text.push_str(&format!("{} passed, {failed} failed\n", outcomes.len() - failed));
        output.show(&text)?;
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Denied })
}
