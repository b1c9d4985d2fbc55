//! Portage's database: a folder `category/name-version` for each package, in it `CONTENTS` with what it owns
//! (Package Manager Specification, "Version specifications"; portage(5), `/var/db/pkg`).

use palisade_model::{Package, PackageEvidence, Purl};

use crate::Distribution;
use crate::field::{lines, problem, text};
use crate::format::Installed;

const DATABASE: &str = "var/db/pkg/";

/// `category/name-version` of a path to `CONTENTS`.
fn folder(path: &str) -> Option<(&str, &str)> {
    let (category, package) = path.strip_prefix(DATABASE)?.strip_suffix("/CONTENTS")?.split_once('/')?;
    (!category.is_empty() && !package.contains('/')).then_some((category, package))
}

pub(crate) fn is_record(path: &str) -> bool {
    folder(path).is_some()
}

pub(crate) fn contents(path: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    let mut installed = Installed::default();
    let told = folder(path).and_then(|(category, package)| Some((category, name_and_version(package)?)));
    let Some((category, (name, version))) = told else {
        problem(
            &mut installed.reading,
            0,
            "lies in a folder that does not tell name and version of a package",
        );
        return installed;
    };
    let is_text = [category, name, version].iter().all(|word| text(word.as_bytes()).is_ok());
    let Some(purl) = Purl::new("ebuild", Some(category), name, Some(version)).ok().filter(|_| is_text) else {
        problem(&mut installed.reading, 0, "lies in a folder whose name is no usable name of a package");
        return installed;
    };
    let purl = purl.with_qualifier("distro", &distribution.map(Distribution::qualifier).unwrap_or_default());
    let mut package = Package::new(purl, format!("{category}/{name}"), PackageEvidence::Installed);
    package.ecosystem = distribution.map(|distribution| distribution.ecosystem.clone());
    installed.reading.packages.push(package);
    for (_, line) in lines(bytes) {
        if let Some(file) = owned(line) {
            installed.owners.add(file, 0);
        }
    }
    installed
}

/// The file of `obj /path md5 time` and of `sym /path -> target time`, without the first stroke. Folders are everybody's.
fn owned(line: &[u8]) -> Option<&[u8]> {
    let line = std::str::from_utf8(line).ok()?;
    let file = match line.split_once(' ')? {
        ("obj", rest) => rest.rsplitn(3, ' ').nth(2)?,
        ("sym", rest) => rest.split_once(" -> ")?.0,
        _ => return None,
    };
    Some(file.strip_prefix('/')?.as_bytes())
}

/// The version begins after the last dash that a digit follows, a revision `-r1` belongs to it.
fn name_and_version(package: &str) -> Option<(&str, &str)> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let bare = match package.rsplit_once("-r") {
        Some((bare, revision)) if is_number(revision) => bare,
        _ => package,
    };
    let (name, version) = bare.rsplit_once('-')?;
    let is_version = !name.is_empty() && version.starts_with(|first: char| first.is_ascii_digit());
    is_version.then_some((name, package.strip_prefix(name)?.strip_prefix('-')?))
}

#[cfg(test)]
mod tests {
    use super::name_and_version;

    #[test]
    fn names_may_have_dashes_and_digits() {
        let cases = [
            ("skopeo-1.5.1", Some(("skopeo", "1.5.1"))),
            ("gtk+-2.24.33-r1", Some(("gtk+", "2.24.33-r1"))),
            ("font-adobe-100dpi-1.0.3", Some(("font-adobe-100dpi", "1.0.3"))),
            ("x-9999", Some(("x", "9999"))),
            ("no-version", None),
            ("-1.0", None),
        ];
        for (package, expected) in cases {
            assert_eq!(name_and_version(package), expected, "{package}");
        }
    }
}
