use std::collections::BTreeMap;

use palisade_model::{Finding, Fingerprint, RepoPath};
use serde_json::{Map, Value, json};

use crate::descriptors::rule_id;

/// The key of our fingerprints in `partialFingerprints`.
pub(crate) const FINGERPRINT_KEY: &str = "palisade/v1";

/// The only key by which GitHub tells results of two logs apart. For what is about a line of a source it is best left to GitHub's
/// own program, which makes it of the line's content; what is about a package has no such line, and none at all in an image.
const LINE_HASH: &str = "primaryLocationLineHash";

/// Counts results that are alike, in their order: one flaw of one package that a lockfile has in two versions is two results with one
/// fingerprint. GitHub's own values end in such a number too.
#[derive(Default)]
pub(crate) struct Prints<'a>(BTreeMap<(&'a str, &'a RepoPath, Fingerprint), u32>);

impl<'a> Prints<'a> {
    /// `partialFingerprints` (section 3.27.18) of each of `findings`.
    pub(crate) fn of(findings: &'a [Finding]) -> Vec<Value> {
        let mut seen = Self::default();
        findings.iter().map(|finding| seen.next(finding)).collect()
    }

    fn next(&mut self, finding: &'a Finding) -> Value {
        let mut prints = Map::new();
        prints.insert(FINGERPRINT_KEY.to_owned(), json!(finding.fingerprint));
        if finding.package.is_some() {
            let key = (rule_id(finding), &finding.location.path, finding.fingerprint);
            let count = self.0.entry(key).and_modify(|count| *count += 1).or_insert(1);
            prints.insert(LINE_HASH.to_owned(), json!(format!("{}:{count}", finding.fingerprint)));
        }
        Value::Object(prints)
    }
}

/// `result` with its `partialFingerprints`.
pub(crate) fn with_prints(mut result: Value, prints: Value) -> Value {
    if let Some(object) = result.as_object_mut() {
        object.insert("partialFingerprints".to_owned(), prints);
    }
    result
}
