//! Java itself: the file `release` of an installation (JEP 223 and before).

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, Purl};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

/// Files of this name without a version of Java are something else's.
pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("generic", None, PackageEvidence::Installed);
    let text = String::from_utf8_lossy(bytes);
    let mut values = BTreeMap::new();
    for (number, line) in lines(text.trim_start_matches('\u{feff}')) {
        if let Some((key, value)) = line.split_once('=') {
            let value = quoted(value).first().copied().unwrap_or_else(|| value.trim());
            values.entry(key.trim()).or_insert((number, value));
        }
    }
    let value = |key: &str| values.get(key).copied().filter(|(_, value)| !value.is_empty());
    let Some((line, java)) = value("JAVA_VERSION") else { return Parsed::default() };
    let told = ["JAVA_RUNTIME_VERSION", "FULL_VERSION"].into_iter().find_map(value);
    let version = told.map_or(java, |(_, version)| version);
    let is_of = |key: &str, word: &str| value(key).is_some_and(|(_, value)| value.contains(word));
    // Oracle's own builds say so; all others are made from OpenJDK.
    let is_oracle = is_of("BUILD_TYPE", "commercial") || is_of("IMPLEMENTOR", "Oracle");
    let image = if is_of("IMAGE_TYPE", "JRE") { "jre" } else { "jdk" };
    let (namespace, name) =
        if is_oracle { (Some("oracle"), image.to_owned()) } else { (None, format!("open{image}")) };
    let _ = sheet.add_as(line, Purl::new("generic", namespace, &name, Some(version)), &name, None);
    (sheet.done(), None)
}
