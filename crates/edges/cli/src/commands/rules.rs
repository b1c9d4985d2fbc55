use std::path::PathBuf;

use palisade_flow::{Context, Exit, LintedRule, RuleChoice, RuleCost, TestedRules};
use palisade_report::{printable, table};
use serde_json::json;

use super::Done;
use crate::args::RulesCommand;
use crate::output::{CommandError, Output};

pub(super) fn rules(context: &Context, output: &Output, command: Option<&RulesCommand>) -> Done {
    match command {
        None | Some(RulesCommand::List) => list(output),
        Some(RulesCommand::Test { paths }) => test(context, output, paths),
        Some(RulesCommand::Lint { paths }) => lint(context, output, paths),
        Some(RulesCommand::Bench { folder, rules, no_builtin_rules }) => {
            let choice = RuleChoice {
                files: rules.clone(),
                no_builtin: *no_builtin_rules,
                built_in: crate::rules().secrets,
            };
            bench(output, &palisade_flow::bench_rules(context, &choice, folder)?)
        }
    }
}

fn list(output: &Output) -> Done {
    let rules = palisade_flow::rules(&crate::rules().all())?;
    if output.is_json() {
        let infos: Vec<_> = rules.iter().map(|rule| &rule.info).collect();
        output.emit(&json!({ "schema": "palisade/rules/v1", "rules": infos }))?;
    } else {
        let rows = rules.iter().map(|rule| {
            vec![
                rule.info.id.to_string(),
                rule.info.severity.to_string(),
                rule.info.confidence.to_string(),
                rule.info.title.clone(),
            ]
        });
        output.show(&table(&rows.collect::<Vec<_>>()))?;
    }
    Ok(Exit::Done)
}

fn test(context: &Context, output: &Output, paths: &[PathBuf]) -> Done {
    let tested = palisade_flow::test_rules(context, &crate::rules().secrets, paths)?;
    output.remarks(&tested.remarks);
    if output.is_json() {
        let failures = tested
            .failures
            .iter()
            .map(|failure| json!({ "file": failure.file, "line": failure.line, "message": failure.message }));
        output.emit(&json!({
            "schema": "palisade/rules-test/v1",
            "rules": tested.rules,
            "examples": tested.examples,
            "gitleaks": tested.foreign,
            "failures": failures.collect::<Vec<_>>(),
        }))?;
    } else {
        output.show(&tested_text(&tested))?;
    }
    Ok(if tested.failures.is_empty() { Exit::Done } else { Exit::Denied })
}

fn tested_text(tested: &TestedRules) -> String {
    let mut text = String::new();
    for failure in &tested.failures {
        let (file, message) = (printable(&failure.file), printable(&failure.message));
        text.push_str(&format!("{file}:{}: {message}\n", failure.line));
    }
    let of_gitleaks = match tested.foreign {
        0 => String::new(),
        1 => ", 1 configuration of gitleaks reads well".to_owned(),
        count => format!(", {count} configurations of gitleaks read well"),
    };
    let (rules, examples, failures) = (tested.rules, tested.examples, tested.failures.len());
    text.push_str(&format!("{examples} examples of {rules} rules, {failures} fail{of_gitleaks}\n"));
    text
}

fn lint(context: &Context, output: &Output, paths: &[PathBuf]) -> Done {
    let linted = palisade_flow::lint_rules(context, &crate::rules().secrets, paths)?;
    if output.is_json() {
        let remark = |found: &LintedRule| {
            json!({
                "file": found.file, "line": found.line, "rule": found.rule, "message": found.message, "hint": found.hint,
            })
        };
        let remarks: Vec<_> = linted.iter().map(remark).collect();
        output.emit(&json!({ "schema": "palisade/rules-lint/v1", "remarks": remarks }))?;
    } else {
        let line = |found: &LintedRule| {
            let (file, message) = (printable(&found.file), printable(&found.message));
            format!("{file}:{}: {message}\n    hint: {}\n", found.line, found.hint)
        };
        output.show(&linted.iter().map(line).collect::<String>())?;
    }
    Ok(if linted.is_empty() { Exit::Done } else { Exit::Denied })
}

fn bench(output: &Output, costs: &[RuleCost]) -> Done {
    if output.is_json() {
        let cost = |cost: &RuleCost| {
            json!({
                "rule": cost.rule, "bytes": cost.bytes, "anchors": cost.anchors, "windows": cost.windows,
                "windowBytes": cost.window_bytes, "matches": cost.matches, "cpuMicroseconds": cost.cpu_nanoseconds / 1000,
            })
        };
        let costs: Vec<_> = costs.iter().map(cost).collect();
        output.emit(&json!({ "schema": "palisade/rules-bench/v1", "rules": costs }))?;
        return Ok(Exit::Done);
    }
    let head = ["rule", "cpu µs", "anchors", "windows", "window bytes", "matches", "bytes"];
    let head = head.map(str::to_owned).to_vec();
    let rows = costs.iter().map(|cost| {
        let numbers = [
            cost.cpu_nanoseconds / 1000,
            cost.anchors,
            cost.windows,
            cost.window_bytes,
            cost.matches,
            cost.bytes,
        ];
        std::iter::once(cost.rule.to_string()).chain(numbers.map(|number| number.to_string())).collect()
    });
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    output.show(&table(&rows)).map_err(CommandError::from)?;
    Ok(Exit::Done)
}

pub(super) fn explain(output: &Output, id: &str) -> Done {
    let rule = palisade_flow::explain(&crate::rules().all(), id)?;
    let info = &rule.info;
    if output.is_json() {
        output.emit(&json!({ "schema": "palisade/rule/v1", "rule": info }))?;
    } else {
        let cwe: Vec<String> = info.cwe.iter().map(|number| format!("CWE-{number}")).collect();
        let source = info.source.as_ref().map(|url| format!("documented at {url}\n")).unwrap_or_default();
        output.show(&format!(
            "{} - {}\nseverity {}, confidence {}, {}, since {}\n{source}\n{}\n\nFix\n{}\n",
            info.id,
            info.title,
            info.severity,
            info.confidence,
            cwe.join(" "),
            rule.since,
            info.why,
            info.fix
        ))?;
    }
    Ok(Exit::Done)
}
