//! `libman.json` of the Library Manager of Visual Studio: libraries for browsers, each from a network that serves npm's packages or its own
//! (LibMan's documentation, "libman.json").

use palisade_model::{PackageEvidence, PackageOrigin, Purl};

use super::request::split_name;
use super::{ECOSYSTEM, purl, sheet};
use crate::format::Parsed;
use crate::spanned::json;

pub(super) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Declared);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    for entry in root.items_of("libraries") {
        let provider =
            entry.text_of("provider").or_else(|| root.text_of("defaultProvider")).unwrap_or_default();
        let Some(written) = entry.text_of("library") else {
            sheet.problem(entry.line, "a library without a name");
            continue;
        };
        let (name, version) =
            split_name(written).map_or((written, None), |(name, version)| (name, Some(version)));
        // What is newest is no version.
        let version = version.filter(|version| *version != "latest" && !version.is_empty());
        let (address, ecosystem) = match provider {
            "unpkg" | "jsdelivr" => (purl(name, version), Some(ECOSYSTEM)),
            "filesystem" => continue,
            // Libraries of cdnjs have names of their own, and what others serve nobody knows.
            _ => (Purl::new("generic", None, name, version), None),
        };
        if let Some(mut added) = sheet.add_as(entry.line, address, name, ecosystem) {
            added.direct();
            if provider == "cdnjs" {
                added.package.origin =
                    PackageOrigin::Registry { url: "https://cdnjs.cloudflare.com".to_owned() };
            }
        }
    }
    (sheet.done(), None)
}
