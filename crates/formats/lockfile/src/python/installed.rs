//! Installed distributions: `METADATA` of wheels, `PKG-INFO` of eggs (core metadata specification).

use palisade_model::{PackageEvidence, PackageOrigin};

use super::{put, sheet};
use crate::format::Parsed;
use crate::text::lines;

pub(super) fn is_one(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default().to_ascii_lowercase();
    match name {
        "METADATA" => folder.ends_with("dist-info"),
        "PKG-INFO" => folder.ends_with("egg-info"),
        _ => name.ends_with(".egg-info"),
    }
}

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Installed);
    // Descriptions come in every encoding; only the fields before them matter.
    let end = |gap: &[u8]| bytes.windows(gap.len()).position(|window| window == gap);
    let head = [end(b"\n\n"), end(b"\r\n\r\n")].into_iter().flatten().min();
    let text = sheet.decode(bytes.get(..head.unwrap_or(bytes.len())).unwrap_or_default());
    let (mut name, mut version, mut line) = (None, None, 1);
    let mut licence = None;
    let mut expression = None;
    for (number, content) in lines(&text) {
        let Some((key, value)) = content.split_once(':').filter(|_| !content.starts_with([' ', '\t'])) else {
            continue;
        };
        let value = value.trim();
        match key.to_ascii_lowercase().as_str() {
            "name" if name.is_none() => {
                name = Some(value);
                line = number;
            }
            "version" if version.is_none() => version = Some(value),
            "license-expression" => expression = Some(value),
            "license" if value != "UNKNOWN" && !value.is_empty() => licence = Some(value),
            _ => {}
        }
    }
    let (Some(name), Some(version)) = (name, version) else {
        sheet.problem(1, "has no name and version");
        return (sheet.done(), None);
    };
    if let Some(added) = put(&mut sheet, line, name, Some(version), PackageOrigin::Default) {
        added.package.licences.extend(expression.or(licence).map(str::to_owned));
    }
    (sheet.done(), None)
}
