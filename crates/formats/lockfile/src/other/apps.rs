//! What is installed beside the packages of a system: kegs of Homebrew, snaps, applications of Flatpak, prefixes of
//! Spack.

use palisade_model::PackageEvidence;

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, json, xml, yaml};
use crate::text::file_name;

/// Name and version of `Cellar/name/version/INSTALL_RECEIPT.json`, of the same in `Caskroom`, and of the formula that a keg keeps,
/// `Cellar/name/version/.brew/name.rb`.
pub(crate) fn keg(path: &str) -> Option<(&str, &str)> {
    let (folder, file) = path.rsplit_once('/')?;
    let formula = folder.strip_suffix("/.brew").zip(file.strip_suffix(".rb"));
    let mut parts = formula.map_or(folder, |(keg, _)| keg).rsplit('/');
    let (version, name, home) = (parts.next()?, parts.next()?, parts.next()?);
    let is_told = match formula {
        Some((_, formula)) => formula == name && home == "Cellar",
        None => file == "INSTALL_RECEIPT.json" && matches!(home, "Cellar" | "Caskroom"),
    };
    (is_told && !name.starts_with('.')).then_some((name, version))
}

/// Receipt and formula tell of options and sources; what is installed is told by where it lies.
pub(crate) fn read_keg(path: &str, _: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("brew", None, PackageEvidence::Installed);
    if let Some((name, version)) = keg(path) {
        sheet.add(0, name, Some(version));
    }
    (sheet.done(), None)
}

/// `snap/name/revision/meta/snap.yaml` where snaps are mounted, and the same without the way there in a snap itself.
pub(crate) fn is_snap(path: &str) -> bool {
    path == "meta/snap.yaml" || path.ends_with("/meta/snap.yaml")
}

pub(crate) fn read_snap(_: &str, bytes: &[u8]) -> Parsed {
    read_one("snap", bytes, "a snap without name or version")
}

/// The one package that a document of YAML describes by `name` and `version`; `lacking` is said when it does not.
pub(super) fn read_one(kind: &'static str, bytes: &[u8], lacking: &str) -> Parsed {
    let mut sheet = Sheet::new(kind, None, PackageEvidence::Installed);
    let tree = yaml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    match (root.text_of("name"), root.scalar_of("version")) {
        (Some(name), Some(version)) => drop(sheet.add(root.line, name, Some(version))),
        _ => sheet.problem(0, lacking),
    }
    (sheet.done(), None)
}

/// What an application of Flatpak tells of itself to software centres.
pub(crate) fn is_flatpak(path: &str) -> bool {
    let name = file_name(path);
    path.contains("flatpak/app/") && (name.ends_with(".metainfo.xml") || name.ends_with(".appdata.xml"))
}

pub(crate) fn read_flatpak(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("flatpak", None, PackageEvidence::Installed);
    let (root, problems) = xml::read(bytes);
    sheet.problems(problems);
    let root = root.unwrap_or_default();
    let release = root.child("releases").and_then(|releases| releases.child("release"));
    let version = release.and_then(|release| release.attribute("version"));
    match (root.child_text("id"), version) {
        (Some(name), Some(version)) => drop(sheet.add(root.line, name, Some(version))),
        _ => sheet.problem(0, "an application without a name or a release"),
    }
    (sheet.done(), None)
}

/// What a prefix of Spack is made of; parts that the system brought have a place of their own and are none.
pub(crate) fn read_spack(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("spack", None, PackageEvidence::Installed);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    let nodes = tree.root().at(&["spec", "nodes"]).map_or(&[][..], Value::items);
    for node in nodes.iter().filter(|node| node.get("external").is_none()) {
        match (node.text_of("name"), node.text_of("version")) {
            (Some(name), Some(version)) => drop(sheet.add(node.line, name, Some(version))),
            _ => sheet.problem(node.line, "a package without name or version"),
        }
    }
    (sheet.done(), None)
}
