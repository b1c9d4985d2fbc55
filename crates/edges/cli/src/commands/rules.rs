use palisade_flow::Exit;
use palisade_report::table;
use serde_json::json;

use super::Done;
use crate::output::Output;

pub(super) fn rules(output: &Output) -> Done {
    let rules = palisade_flow::rules(&crate::rules())?;
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

pub(super) fn explain(output: &Output, id: &str) -> Done {
    let rule = palisade_flow::explain(&crate::rules(), id)?;
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
