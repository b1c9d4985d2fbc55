//! `Cartfile.resolved` of Carthage: `github "owner/name" "version"`.

use palisade_model::{PackageEvidence, PackageOrigin, Purl};

use super::{ECOSYSTEM, purl};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{file_name, lines, quoted, without_credentials};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("swift", ECOSYSTEM, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    for (number, line) in lines(&text).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
        let kind = line.split_whitespace().next().unwrap_or_default();
        let [place, version] = quoted(line)[..] else {
            sheet.problem(number, "a line names no version of a package");
            continue;
        };
        let url = match kind {
            "github" if !place.contains("://") => format!("https://github.com/{place}"),
            _ => without_credentials(place),
        };
        let (purl, name, ecosystem) = match kind {
            // A description of archives to download: no repository, and known to nobody by its name.
            "binary" => {
                let name = file_name(place).trim_end_matches(".json");
                (Purl::new("generic", None, name, Some(version)), name, None)
            }
            _ => (purl(&url, Some(version)), place, ECOSYSTEM),
        };
        let Some(added) = sheet.add_as(number, purl, name, ecosystem) else { continue };
        added.package.origin = match kind {
            "binary" if !url.contains("://") => PackageOrigin::Local { path: url },
            "binary" => PackageOrigin::Url { url },
            _ => PackageOrigin::Git { url, commit: None },
        };
    }
    (sheet.done(), None)
}
