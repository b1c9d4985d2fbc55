//! Java itself: the file `release` of an installation (JEP 223 and before).

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, Purl};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

/// Files of this name without a version of Java are something else's.
pub(crate) fn read(path: &str, bytes: &[u8]) -> Parsed {
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
    let text = |key: &str| value(key).map_or("", |(_, value)| value);
    let image = if text("IMAGE_TYPE").contains("JRE") { "jre" } else { "jdk" };
    let is_oracle = is_oracle(path, version, &text);
    let (namespace, name) =
        if is_oracle { (Some("oracle"), image.to_owned()) } else { (None, format!("open{image}")) };
    let _ = sheet.add_as(line, Purl::new("generic", namespace, &name, Some(version)), &name, None);
    (sheet.done(), None)
}

/// Whether it is Oracle's own Java, which is under another licence than OpenJDK. The implementor alone does not tell: the builds of OpenJDK on
/// <https://jdk.java.net> name Oracle too. Only Oracle's own are built from a second tree around the open one, are `commercial` up to
/// Java 8, and call a version `LTS` with a number behind it; its packages have the name in the folder.
fn is_oracle<'v>(path: &str, version: &str, text: &dyn Fn(&str) -> &'v str) -> bool {
    let implementor = text("IMPLEMENTOR");
    let is_by_oracle = implementor.is_empty() || implementor.contains("Oracle");
    let is_closed = |tree: &str| {
        let (name, _) = tree.split_once(':').unwrap_or_default();
        name == "open" || name.ends_with("closed")
    };
    text("BUILD_TYPE").contains("commercial")
        || is_by_oracle
            && (text("SOURCE").split_whitespace().any(is_closed)
                || version.contains("-LTS-")
                || path.rsplit('/').nth(1).is_some_and(|folder| folder.contains("-oracle")))
}
