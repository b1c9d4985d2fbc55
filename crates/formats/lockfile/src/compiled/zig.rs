//! Zig: `build.zig.zon` names archives and repositories with their digests, which pin them.

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Scope};

use crate::facts::{clean_url, git, with_origin};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::braces;

/// The package-url specification has no type for Zig; the address of the archive tells what is meant.
const KIND: &str = "generic";

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    let tree = braces::parse(bytes, '/');
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let own =
        root.text_of("name").and_then(|name| sheet.add_itself(root.line, name, root.text_of("version")));
    for member in root.members_of("dependencies") {
        let entry = &member.value;
        let origin = match (entry.text_of("path"), entry.text_of("url")) {
            (Some(path), _) => PackageOrigin::Local { path: path.to_owned() },
            (None, Some(url)) if url.starts_with("git+") => git(url),
            (None, Some(url)) => PackageOrigin::Url { url: clean_url(url) },
            (None, None) => {
                sheet.problem(member.line, "a dependency without a place");
                continue;
            }
        };
        let hash = entry.text_of("hash").unwrap_or_default();
        let purl = Purl::new(KIND, None, &member.key, version(hash)).map(|purl| with_origin(purl, &origin));
        if let Some(mut added) = sheet.add_as(member.line, purl, &member.key, None) {
            added.scope(if entry.flag("lazy") { Scope::Optional } else { Scope::Prod });
            added.direct();
            added.package.origin = origin;
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}

/// Signs of a digest in the name of a package: 33 bytes in base 64, after a dash.
const DIGEST: usize = 45;

/// The version in `name-1.0.0-digest`, as packages are called since Zig 0.14; before, there was a digest alone.
fn version(hash: &str) -> Option<&str> {
    let (_, rest) = hash.split_once('-')?;
    let version = rest.get(..rest.len().checked_sub(DIGEST)?)?;
    version.starts_with(|first: char| first.is_ascii_digit()).then_some(version)
}
