//! Installed distributions: `METADATA` of wheels, `PKG-INFO` of eggs (core metadata specification).

use palisade_model::{PackageEvidence, PackageOrigin};

use super::{put, sheet};
use crate::format::Parsed;
use crate::text::lines;

/// Classifiers that mean one licence of SPDX's list (PEP 639, "Mapping of License Classifiers to SPDX Identifiers"). The others name several.
const CLASSIFIERS: [(&str, &str); 20] = [
    ("Boost Software License 1.0 (BSL-1.0)", "BSL-1.0"),
    ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"),
    ("Eclipse Public License 2.0 (EPL-2.0)", "EPL-2.0"),
    ("European Union Public Licence 1.2 (EUPL 1.2)", "EUPL-1.2"),
    ("GNU Affero General Public License v3 or later (AGPLv3+)", "AGPL-3.0-or-later"),
    ("GNU Affero General Public License v3", "AGPL-3.0-only"),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
    ("GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"),
    ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
    ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
    ("GNU Lesser General Public License v2 (LGPLv2)", "LGPL-2.0-only"),
    ("GNU Lesser General Public License v2 or later (LGPLv2+)", "LGPL-2.0-or-later"),
    ("GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"),
    ("GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPL-3.0-or-later"),
    ("ISC License (ISCL)", "ISC"),
    ("MIT License", "MIT"),
    ("MIT No Attribution License (MIT-0)", "MIT-0"),
    ("Mozilla Public License 1.1 (MPL 1.1)", "MPL-1.1"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("The Unlicense (Unlicense)", "Unlicense"),
];

/// The licence of a classifier such as `License :: OSI Approved :: MIT License`; the words of the classifier where it does not say which.
fn classified(classifier: &str) -> Option<&str> {
    let (first, rest) = classifier.split_once("::")?;
    let last = rest.rsplit("::").next().filter(|_| first.trim() == "License")?.trim();
    let known = CLASSIFIERS.iter().find(|(name, _)| *name == last).map(|(_, licence)| *licence);
    known.or_else(|| Some(last).filter(|last| *last != "OSI Approved"))
}

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
    let mut classifiers = Vec::new();
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
            "classifier" => classifiers.extend(classified(value)),
            "license" if value != "UNKNOWN" && !value.is_empty() => licence = Some(value),
            _ => {}
        }
    }
    let (Some(name), Some(version)) = (name, version) else {
        sheet.problem(1, "has no name and version");
        return (sheet.done(), None);
    };
    if let Some(added) = put(&mut sheet, line, name, Some(version), PackageOrigin::Default) {
        // What the fields say is more exact.
        let fields: Vec<&str> = expression.or(licence).into_iter().collect();
        let told = if fields.is_empty() { classifiers } else { fields };
        added.package.licences.extend(told.into_iter().map(str::to_owned));
    }
    (sheet.done(), None)
}
