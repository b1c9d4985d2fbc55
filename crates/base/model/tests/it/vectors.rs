//! The public test suite of package-url/purl-spec, read from the folder that `PALISADE_VECTORS` names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use palisade_model::{Purl, PurlError};
use serde::Deserialize;

#[derive(Deserialize)]
struct Suite {
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    description: String,
    test_type: String,
    input: Value,
    expected_output: Option<Value>,
    #[serde(default)]
    expected_failure: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Value {
    Text(String),
    Parts(Parts),
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Parts {
    #[serde(rename = "type")]
    kind: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
    version: Option<String>,
    qualifiers: Option<BTreeMap<String, String>>,
    subpath: Option<String>,
}

impl Parts {
    fn of(purl: &Purl) -> Self {
        Self {
            kind: Some(purl.kind().to_owned()),
            namespace: purl.namespace().map(str::to_owned),
            name: Some(purl.name().to_owned()),
            version: purl.version().map(str::to_owned),
            qualifiers: Some(purl.qualifiers().clone()).filter(|qualifiers| !qualifiers.is_empty()),
            subpath: purl.subpath().map(str::to_owned),
        }
    }

    fn built(&self) -> Result<Purl, PurlError> {
        let kind = self.kind.as_deref().unwrap_or_default();
        let name = self.name.as_deref().unwrap_or_default();
        let purl = Purl::new(kind, self.namespace.as_deref(), name, self.version.as_deref())?;
        let pairs = self.qualifiers.iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()));
        Ok(purl.with_qualifiers(pairs)?.with_subpath(self.subpath.as_deref().unwrap_or_default()))
    }
}

/// The suite wants a key of a qualifier in capitals refused where it reads an address of a gem or an RPM, and lowered where it reads
/// one of Maven or validates any. So what it calls wrong must be refused by the strict reading, and what it calls right must be read.
fn answer(case: &Case) -> Result<Value, PurlError> {
    match (case.test_type.as_str(), &case.input) {
        ("parse", Value::Text(text)) if case.expected_failure => {
            Purl::parse_strict(text).map(|purl| Value::Parts(Parts::of(&purl)))
        }
        ("parse", Value::Text(text)) => text.parse().map(|purl| Value::Parts(Parts::of(&purl))),
        ("validate", Value::Text(text)) => text.parse::<Purl>().map(|purl| Value::Text(purl.to_string())),
        ("build", Value::Parts(parts)) => parts.built().map(|purl| Value::Text(purl.to_string())),
        (other, input) => panic!("{}: there is no test `{other}` of {input:?}", case.description),
    }
}

#[test]
#[ignore = "needs the public vectors: run `cargo xtask vectors DIR`"]
fn vectors_purl() {
    let folder = std::env::var_os("PALISADE_VECTORS")
        .expect("PALISADE_VECTORS does not name the folder with the vectors; run `cargo xtask vectors DIR`");
    let folder = PathBuf::from(folder).join("purl/tests");
    let (mut right, mut wrong, mut only_strict) = (0, 0, Vec::new());
    for part in ["spec", "types"] {
        let mut files: Vec<PathBuf> =
            folder.join(part).read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let suite: Suite = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            for case in suite.tests {
                let name = format!("{}: {} {:?}", file.display(), case.test_type, case.input);
                let answer = answer(&case);
                if case.expected_failure {
                    assert!(answer.is_err(), "{name}: {answer:?}");
                    wrong += 1;
                    if let Value::Text(text) = &case.input
                        && text.parse::<Purl>().is_ok()
                    {
                        only_strict.push(text.clone());
                    }
                } else {
                    assert_eq!(answer.ok(), case.expected_output, "{name}");
                    right += 1;
                }
            }
        }
    }
    println!("package-url: {right} right, {wrong} refused");
    assert!(right >= 532 && wrong >= 54, "the suite is smaller than it was: {right} and {wrong}");
    assert_eq!(only_strict.len(), 2, "only addresses with capitals in keys: {only_strict:?}");
}
