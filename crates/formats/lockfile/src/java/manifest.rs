//! The main section of `META-INF/MANIFEST.MF` (JAR File Specification): attributes to the first empty line, long ones continued by
//! lines that begin with a space.

use std::collections::BTreeMap;

use crate::text::lines;

/// The attributes of the main section, by lower-case name.
pub(super) fn main_section(text: &str) -> BTreeMap<String, String> {
    let mut attributes: BTreeMap<String, String> = BTreeMap::new();
    let mut last: Option<String> = None;
    for (_, line) in lines(text.trim_start_matches(['\r', '\n'])) {
        if line.is_empty() {
            break;
        }
        if let Some(rest) = line.strip_prefix(' ') {
            if let Some(value) = last.as_ref().and_then(|name| attributes.get_mut(name)) {
                value.push_str(rest);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            let name = name.trim().to_ascii_lowercase();
            attributes.entry(name.clone()).or_insert_with(|| value.trim().to_owned());
            last = Some(name);
        }
    }
    attributes
}

/// Keys and values of a `.properties` file, as Maven writes `pom.properties`.
pub(super) fn properties(text: &str) -> BTreeMap<&str, &str> {
    let pair = |line: &'_ str| -> Option<(usize, usize)> {
        let at = line.find(['=', ':'])?;
        (!line.starts_with(['#', '!'])).then_some((at, at + 1))
    };
    let mut properties = BTreeMap::new();
    for line in text.lines().map(str::trim) {
        let Some((end, begin)) = pair(line) else { continue };
        let (key, value) = (line.get(..end).unwrap_or_default(), line.get(begin..).unwrap_or_default());
        properties.entry(key.trim()).or_insert(value.trim());
    }
    properties
}
