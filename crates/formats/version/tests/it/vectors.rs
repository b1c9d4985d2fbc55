//! The public vectors of VERS (package-url), read from the folder that `PALISADE_VECTORS` names.

use std::path::PathBuf;

use palisade_version::{Scheme, Vers, VersError, Version, compare};
use serde_json::Value;

/// Files that there are at least, and tests in them; fewer mean that the wrong folder was named.
const LEAST_FILES: usize = 21;
const LEAST_TESTS: usize = 2600;

#[test]
#[ignore = "needs the folder with public vectors: cargo xtask vectors DIR"]
fn vectors_vers() {
    let folder = std::env::var_os("PALISADE_VECTORS")
        .expect("PALISADE_VECTORS does not name the folder with the vectors; run `cargo xtask vectors DIR`");
    let folder = PathBuf::from(folder).join("vers/tests");
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut total, mut wrong) = (0, Vec::new());
    for file in &files {
        let document: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for test in document["tests"].as_array().unwrap() {
            total += 1;
            if let Err(found) = check(test) {
                let name = file.file_name().unwrap().to_string_lossy();
                wrong.push(format!("{name}: {}: {} but {found}", test["input"], test["expected_output"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {total}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(files.len() >= LEAST_FILES && total >= LEAST_TESTS, "{} files, {total} tests", files.len());
    println!("{total} tests in {} files", files.len());
}

fn check(test: &Value) -> Result<(), String> {
    let (input, expected) = (&test["input"], &test["expected_output"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fails = test["expected_failure"].as_bool().unwrap_or(false);
    let found = match test["test_type"].as_str().unwrap() {
        "parse" => return check_parse(&text(input), expected, fails),
        "validate" => Vers::parse(&text(input)).map(|range| Value::from(range.to_string())),
        "from_native" => Vers::from_native(&text(&input["scheme"]), &text(&input["native_range"]))
            .map(|range| Value::from(range.to_string())),
        "containment" => Vers::parse(&text(&input["vers"]))
            .and_then(|range| range.contains(&text(&input["version"])))
            .map(Value::from),
        "equality" => return check_equality(input, expected),
        "comparison" => return check_comparison(input, expected),
        other => return Err(format!("the kind {other} is unknown")),
    };
    match found {
        Ok(found) if !fails && &found == expected => Ok(()),
        Err(_) if fails => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

fn check_parse(text: &str, expected: &Value, fails: bool) -> Result<(), String> {
    let parsed: Result<Vers, VersError> = Vers::parse_canonical(text);
    match parsed {
        Err(_) if fails => Ok(()),
        Ok(range) if !fails => {
            let constraints: Vec<Value> = range
                .constraints()
                .unwrap_or_default()
                .iter()
                .map(|constraint| Value::from(vec![constraint.comparator.sign(), &constraint.version]))
                .collect();
            let found = serde_json::json!({"scheme": range.scheme(), "version_constraints": constraints});
            if &found == expected { Ok(()) } else { Err(found.to_string()) }
        }
        other => Err(format!("{other:?}")),
    }
}

fn versions(input: &Value) -> (Scheme, Vec<String>) {
    let scheme = Scheme::of_purl_type(input["input_scheme"].as_str().unwrap()).unwrap();
    (
        scheme,
        input["versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|version| version.as_str().unwrap().to_owned())
            .collect(),
    )
}

fn check_equality(input: &Value, expected: &Value) -> Result<(), String> {
    let (scheme, versions) = versions(input);
    let order = compare(scheme, &versions[0], &versions[1]).ok_or("incomparable")?;
    if expected.as_bool() == Some(order.is_eq()) { Ok(()) } else { Err(format!("{order:?}")) }
}

/// The input sorted has to be what is expected, up to the spelling of equal versions. Maven's documented order is asked of pairs only: its
/// key is the order of Maven's code, which tells `2-1` and `2.0.a` apart the other way round.
fn check_comparison(input: &Value, expected: &Value) -> Result<(), String> {
    let (scheme, versions) = versions(input);
    let parsed = |text: &str| Version::parse(scheme, text).map_err(|error| error.to_string());
    let mut sorted = versions.iter().map(|text| parsed(text)).collect::<Result<Vec<_>, _>>()?;
    sorted.sort();
    let expected: Vec<&str> =
        expected.as_array().unwrap().iter().map(|version| version.as_str().unwrap()).collect();
    let by_key = expected.iter().map(|text| parsed(text)).collect::<Result<Vec<_>, _>>()? == sorted;
    let by_pairs =
        expected.windows(2).all(|pair| compare(scheme, pair[0], pair[1]).is_some_and(|order| order.is_le()));
    if by_pairs && (by_key || scheme == Scheme::Maven) { Ok(()) } else { Err(format!("{sorted:?}")) }
}
