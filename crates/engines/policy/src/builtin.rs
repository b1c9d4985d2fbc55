//! Keeps builtins deterministic and bounded. An extension of the interpreter goes before the builtin of the same name; each one here
//! looks at the arguments and then calls the builtin, also when a policy reaches it by another name through `with`.

use regorus::unstable::{BUILTINS, Expr, Ref, Span};
use regorus::{Engine, Source, Value};

/// Builtins whose answer depends on more than their arguments, as far as the interpreter has them.
const UNDETERMINED: &[&str] =
    &["time.now_ns", "rand.intn", "opa.runtime", "uuid.rfc4122", "http.send", "net.lookup_ip_addr"];

/// Builtins that take a time zone and would read the host's.
const ZONED: &[&str] =
    &["time.clock", "time.date", "time.diff", "time.format", "time.weekday", "time.add_date"];

/// Builtins that make a long text of a short one.
const GROWING: &[&str] = &["concat", "replace", "sprintf", "strings.replace_n"];

/// The most elements that `numbers.range` may make.
const MAX_RANGE: u64 = 1_000_000;

/// The most bytes that one call may make a text of.
const MAX_TEXT: usize = 16 << 20;

/// Why a call is refused.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("`{0}` is not available to a policy (the clock is `input.now`)")]
    Undetermined(&'static str),
    #[error("time zone `Local` is the host's and not available to a policy")]
    LocalZone,
    #[error("a range must be of whole numbers, and not of more than {MAX_RANGE}")]
    Range,
    #[error("a text of more than {MAX_TEXT} bytes")]
    LongText,
    #[error("internal error: the builtin has no place")]
    NoPlace,
}

/// Whether the answer of builtin `name` depends on more than its arguments.
pub(crate) fn is_undetermined(name: &str) -> bool {
    UNDETERMINED.contains(&name)
}

/// Whether there is a builtin `name`.
pub(crate) fn exists(name: &str) -> bool {
    name == "print" || BUILTINS.contains_key(name)
}

/// Puts all guards into `engine`.
pub(crate) fn guard(engine: &mut Engine) -> Result<(), String> {
    for name in UNDETERMINED {
        wrap(engine, name, |_| Err(Refusal::Undetermined(name)))?;
    }
    for name in ZONED {
        wrap(engine, name, |arguments| refuse_if(arguments.iter().any(names_local), Refusal::LocalZone))?;
    }
    for name in GROWING {
        wrap(engine, name, check_growth)?;
    }
    for name in ["numbers.range", "numbers.range_step"] {
        wrap(engine, name, check_range)?;
    }
    Ok(())
}

fn wrap(
    engine: &mut Engine,
    name: &'static str,
    check: impl Fn(&[Value]) -> Result<(), Refusal> + Clone + Send + Sync + 'static,
) -> Result<(), String> {
    let Some((function, arity)) = BUILTINS.get(name).copied() else { return Ok(()) };
    let source =
        Source::from_contents(format!("builtin {name}"), String::new()).map_err(|error| error.to_string())?;
    let span = Span { source, line: 1, col: 1, start: 0, end: 0 };
    let extension = move |arguments: Vec<Value>| {
        check(&arguments)?;
        // The builtin wants the expressions of its arguments for the places in its errors; the caller's place is added outside.
        let expression = |_: &Value| Ref::new(Expr::Null { span: span.clone(), value: Value::Null, eidx: 0 });
        let expressions: Vec<_> = arguments.iter().map(expression).collect();
        if expressions.len() != usize::from(arity) {
            Err(Refusal::NoPlace)?;
        }
        function(&span, &expressions, &arguments, true)
    };
    engine.add_extension(name.into(), arity, Box::new(extension)).map_err(|error| error.to_string())
}

fn refuse_if(condition: bool, refusal: Refusal) -> Result<(), Refusal> {
    if condition { Err(refusal) } else { Ok(()) }
}

fn names_local(value: &Value) -> bool {
    value.as_array().is_ok_and(|items| items.iter().any(|item| *item == Value::from("Local")))
}

fn check_range(arguments: &[Value]) -> Result<(), Refusal> {
    let mut ends = arguments.iter().take(2).map(Value::as_i64);
    let (Some(Ok(from)), Some(Ok(to))) = (ends.next(), ends.next()) else { return Err(Refusal::Range) };
    refuse_if(from.abs_diff(to) > MAX_RANGE, Refusal::Range)
}

/// Refuses what may outgrow [`MAX_TEXT`], before memory is taken for it.
fn check_growth(arguments: &[Value]) -> Result<(), Refusal> {
    let bound = match arguments {
        // replace(text, old, new)
        [text, old, new] => {
            (length(text) / length(old).max(1) + 1).saturating_mul(length(new)) + length(text)
        }
        // concat(delimiter, texts), sprintf(format, values)
        [first, items] if items.as_array().is_ok() => {
            refuse_if(first.as_string().is_ok_and(|format| is_wide(format)), Refusal::LongText)?;
            let items =
                items.as_array().map(|items| items.iter().map(|item| length(item) + length(first)).sum());
            items.unwrap_or(0) + length(first)
        }
        // strings.replace_n(replacements, text)
        [replacements, text] => {
            let longest =
                replacements.as_object().map(|map| map.iter_sorted().map(|(_, new)| length(new)).max());
            longest.ok().flatten().unwrap_or(0).saturating_mul(length(text))
        }
        _ => 0,
    };
    refuse_if(bound > MAX_TEXT, Refusal::LongText)
}

fn length(value: &Value) -> usize {
    value.as_string().map_or(0, |text| text.len())
}

/// Whether a format asks for a width or precision of five digits or more.
fn is_wide(format: &str) -> bool {
    let verbs =
        format.split('%').skip(1).map(|verb| verb.split(char::is_alphabetic).next().unwrap_or_default());
    verbs.flat_map(|verb| verb.split(|c: char| !c.is_ascii_digit())).any(|digits| digits.len() > 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of `expression`, asked of the interpreter itself.
    fn value(expression: &str, is_guarded: bool) -> Result<Value, String> {
        let mut engine = Engine::new();
        if is_guarded {
            guard(&mut engine).unwrap();
        }
        let text = format!("package own\nvalue := {expression}");
        engine.add_policy("own.rego".into(), text).map_err(|error| error.to_string())?;
        engine.eval_rule("data.own.value".into()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_changes_from_run_to_run_is_refused_and_only_by_the_guard() {
        for call in [
            "time.now_ns()",
            "rand.intn(\"a\", 5)",
            "time.clock([1, \"Local\"])",
            "time.weekday([1, \"Local\"])",
        ] {
            assert!(value(call, false).is_ok(), "{call}");
            assert!(value(call, true).unwrap_err().contains("own.rego:2:"), "{call}");
        }
    }

    #[test]
    fn the_guard_changes_no_other_answer() {
        for call in [
            "time.clock([1, \"Europe/Paris\"])",
            "time.add_date(0, 1, 2, 3)",
            "sprintf(\"%s %05d\", [\"a\", 7])",
            "concat(\", \", {\"a\", \"b\"})",
            "replace(\"abcabc\", \"b\", \"xyz\")",
            "strings.replace_n({\"a\": \"b\"}, \"aaa\")",
            "numbers.range(5, 1)",
            "numbers.range_step(1, 9, 3)",
        ] {
            assert_eq!(value(call, true).unwrap(), value(call, false).unwrap(), "{call}");
        }
    }

    #[test]
    fn texts_and_ranges_have_a_limit() {
        for call in
            ["numbers.range(1, 1000002)", "numbers.range_step(-1e300, 5, 1)", "sprintf(\"%99999s\", [\"a\"])"]
        {
            assert!(value(call, true).unwrap_err().contains("more than"), "{call}");
        }
    }
}
