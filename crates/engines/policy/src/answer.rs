//! Reads what a rule answered. Anything that is not described here is an error, and so a denial.

use palisade_model::{Fingerprint, Objection, ObjectionKind, RuleId};
use regorus::Value;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::structure::Asks;

/// The name of objections that are written as a string.
const UNNAMED: &str = "policy";

/// The name of objections about a missing approval, unless they say otherwise.
const APPROVAL: &str = "approval";

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Policy,
    Gap,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rule: String,
    message: String,
    #[serde(default)]
    findings: Vec<Fingerprint>,
    kind: Option<Kind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    environment: String,
    count: u32,
    message: String,
    rule: Option<String>,
}

/// The objections in the value of an entry rule: a set or array, empty if there are none.
pub(crate) fn objections(asks: Asks, value: &Value) -> Result<Vec<Objection>, String> {
    let items: Vec<&Value> = match (value.as_set(), value.as_array()) {
        (Ok(set), _) => set.iter().collect(),
        (_, Ok(array)) => array.iter().collect(),
        _ if *value == Value::Undefined => return Err("the rule is undefined".into()),
        _ => return Err("the rule must be a set (write `contains`)".into()),
    };
    items
        .into_iter()
        .map(|item| if asks == Asks::Approval { approval(item) } else { written(item) })
        .collect()
}

fn written(item: &Value) -> Result<Objection, String> {
    if let Ok(text) = item.as_string() {
        return objection(ObjectionKind::Policy, UNNAMED.into(), text, Vec::new());
    }
    let Written { rule, message, findings, kind } =
        read(item, "a string or {rule, message, findings, kind}")?;
    let kind = match kind {
        None | Some(Kind::Policy) => ObjectionKind::Policy,
        Some(Kind::Gap) => ObjectionKind::Gap,
    };
    objection(kind, rule, &message, findings)
}

fn approval(item: &Value) -> Result<Objection, String> {
    let Approval { environment, count, message, rule } = read(item, "{environment, count, message}")?;
    if environment.is_empty() || count == 0 {
        return Err("an approval needs an environment and a count of at least 1".into());
    }
    objection(ObjectionKind::Approval, rule.unwrap_or_else(|| APPROVAL.into()), &message, Vec::new())
}

fn read<T: DeserializeOwned>(item: &Value, form: &str) -> Result<T, String> {
    // Only an object: serde would also take an array for the fields in their order.
    if item.as_object().is_err() {
        return Err(format!("an answer of the rule must be {form}"));
    }
    let json = serde_json::to_value(item).map_err(|error| error.to_string())?;
    serde_json::from_value(json).map_err(|error| format!("an answer of the rule must be {form}: {error}"))
}

fn objection(
    kind: ObjectionKind,
    rule: String,
    message: &str,
    mut findings: Vec<Fingerprint>,
) -> Result<Objection, String> {
    if RuleId::new(&rule).is_none() {
        return Err(format!(
            "`{}` is not a rule name (use lower-case letters, digits and dashes)",
            printable(&rule)
        ));
    }
    if message.trim().is_empty() {
        return Err(format!("the message of `{rule}` is empty"));
    }
    findings.sort();
    findings.dedup();
    Ok(Objection { kind, rule, message: printable(message), findings })
}

/// Messages repeat what the change says, and end in terminals.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deny(json: &str) -> Result<Vec<Objection>, String> {
        objections(Asks::Deny, &Value::from_json_str(json).unwrap())
    }

    #[test]
    fn strings_and_objects_are_objections() {
        let found = deny(r#"["no\u001b[31m", {"rule": "x-1", "message": "m", "kind": "gap",
            "findings": ["ffffffffffffffffffffffffffffffff", "00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff"]}]"#)
        .unwrap();
        assert_eq!((found[0].rule.as_str(), found[0].message.as_str()), ("policy", "no\u{fffd}[31m"));
        assert_eq!(found[1].kind, ObjectionKind::Gap);
        assert_eq!(found[1].findings.len(), 2);
    }

    #[test]
    fn everything_else_is_an_error() {
        for bad in [
            "true",
            "{}",
            "\"text\"",
            "[1]",
            "[[\"x\", \"m\", [], null]]",
            "[\" \"]",
            r#"[{"rule": "x"}]"#,
            r#"[{"rule": "X", "message": "m"}]"#,
            r#"[{"rule": "x", "message": "m", "severity": "low"}]"#,
            r#"[{"rule": "x", "message": "m", "kind": "approval"}]"#,
            r#"[{"rule": "x", "message": "m", "findings": ["short"]}]"#,
        ] {
            assert!(deny(bad).is_err(), "{bad}");
        }
        assert!(objections(Asks::Deny, &Value::Undefined).is_err());
    }

    #[test]
    fn approvals_have_a_form_of_their_own() {
        let ask = |json: &str| objections(Asks::Approval, &Value::from_json_str(json).unwrap());
        let found = ask(r#"[{"environment": "prod", "count": 2, "message": "m"}]"#).unwrap();
        assert_eq!((found[0].kind, found[0].rule.as_str()), (ObjectionKind::Approval, "approval"));
        for bad in [
            r#"["text"]"#,
            r#"[{"environment": "prod", "count": 0, "message": "m"}]"#,
            r#"[{"environment": "prod", "count": -1, "message": "m"}]"#,
            r#"[{"environment": "prod", "count": 1.5, "message": "m"}]"#,
            r#"[{"environment": "prod", "count": 1, "message": "m", "by": "me"}]"#,
        ] {
            assert!(ask(bad).is_err(), "{bad}");
        }
    }
}
