//! `Podfile` of CocoaPods, a program: pods that it asks for in plain words are read.

use palisade_model::{PackageEvidence, PackageOrigin, Purl};

use crate::asks;
use crate::facts::git_at;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("cocoapods", None, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    for (number, line) in lines(&text) {
        let code = line.split(" #").next().unwrap_or_default().trim();
        let call = code.strip_prefix("pod ").or_else(|| code.strip_prefix("pod("));
        if let Some(call) = call.map(str::trim_start).filter(|call| call.starts_with(['"', '\''])) {
            pod(&mut sheet, number, call);
        }
    }
    asks::program_with(sheet, &["podfile-lock"])
}

/// `'Name', '~> 1.0', key: 'value'`, parts of a pod as `Name/Part`.
pub(super) fn pod(sheet: &mut Sheet, line: u32, call: &str) {
    let texts = quoted(call);
    let Some((name, wanted)) = texts.split_first() else { return };
    // Versions end where options begin.
    let is_version = |text: &&&str| text.starts_with(|c: char| c.is_ascii_digit() || "~><=!".contains(c));
    let option = |key: &str| {
        let (_, value) =
            call.split_once(&format!("{key} =>")).or_else(|| call.split_once(&format!("{key}:")))?;
        quoted(value).first().copied()
    };
    let origin = match (option("path"), option("git")) {
        (Some(path), _) => PackageOrigin::Local { path: path.to_owned() },
        (None, Some(url)) => git_at(url, option("commit")),
        (None, None) => PackageOrigin::Default,
    };
    let wanted: Vec<&str> = match origin {
        PackageOrigin::Default => wanted.iter().take_while(is_version).copied().collect(),
        _ => Vec::new(),
    };
    let exact = match wanted[..] {
        [version] => exact(version),
        _ => None,
    };
    let (root, part) = name.split_once('/').unwrap_or((name, ""));
    let purl = Purl::new("cocoapods", None, root, exact).map(|purl| purl.with_subpath(part));
    if let Some(mut added) = sheet.add_as(line, purl, name, None) {
        added.package.origin = origin;
        added.direct();
        if exact.is_none() && !wanted.is_empty() {
            added.package.wanted = Some(wanted.join(", "));
        }
    }
}

/// The one version that a requirement lets through.
pub(super) fn exact(wanted: &str) -> Option<&str> {
    Some(wanted.trim_start_matches(['=', ' ']))
        .filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}
