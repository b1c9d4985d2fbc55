//! Lua: a rockspec is a program of plain assignments; its name and version are read, not run. No advisories know what it needs.

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::braces;
use crate::text::{file_name, lines, quoted};

pub(crate) fn read_rockspec(path: &str, bytes: &[u8]) -> Parsed {
    let is_installed = path.contains("/rocks/") || path.contains("luarocks/");
    let evidence = if is_installed { PackageEvidence::Installed } else { PackageEvidence::Declared };
    let mut sheet = Sheet::new("luarocks", None, evidence);
    let text = sheet.decode(bytes);
    let (mut name, mut version) = (None, None);
    for (number, line) in lines(&text) {
        let Some((key, value)) = line.split("--").next().and_then(|line| line.split_once('=')) else {
            continue;
        };
        match key.trim() {
            "package" if name.is_none() => name = quoted(value).first().map(|name| (number, *name)),
            "version" if version.is_none() => version = quoted(value).first().copied(),
            _ => {}
        }
    }
    let (name, version) = match (name, version) {
        (Some(_), Some(version)) if version != "-" => (name, Some(version)),
        // LuaRocks loads a file only by the name that it must have: `name-version-revision.rockspec`.
        _ if text.contains("package") => {
            by_file(path).map_or((None, None), |(name, version)| (Some((0, name)), Some(version)))
        }
        _ => (None, None),
    };
    match (name, version) {
        (Some((number, name)), Some(version)) => {
            if let (Some(added), false) = (sheet.add(number, name, Some(version)), is_installed) {
                added.package.origin = PackageOrigin::Local { path: ".".to_owned() };
            }
        }
        _ => sheet.problem(0, "does not tell its name and version in plain words"),
    }
    (sheet.done(), None)
}

/// Name and version of `name-version-revision.rockspec`.
fn by_file(path: &str) -> Option<(&str, &str)> {
    let stem = file_name(path).strip_suffix(".rockspec")?;
    let (rest, revision) = stem.rsplit_once('-')?;
    let (name, _) = rest.rsplit_once('-')?;
    let is_number = !revision.is_empty() && revision.bytes().all(|byte| byte.is_ascii_digit());
    let version = stem.strip_prefix(name)?.strip_prefix('-')?;
    (is_number && !name.is_empty()).then_some((name, version))
}

/// `luarocks.lock`: a table of versions for each kind of dependency (LuaRocks, "Pinning versions with a lock file").
pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("luarocks", None, PackageEvidence::Locked);
    let tree = braces::parse(bytes, '-');
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    for (key, scope) in [
        ("dependencies", Scope::Prod),
        ("build_dependencies", Scope::Build),
        ("test_dependencies", Scope::Test),
    ] {
        for member in root.members_of(key) {
            let Some(version) = member.value.text() else {
                sheet.problem(member.line, "a package without a version");
                continue;
            };
            if let Some(mut added) = sheet.add(member.line, &member.key, Some(version)) {
                added.scope(scope);
            }
        }
    }
    (sheet.done(), None)
}
