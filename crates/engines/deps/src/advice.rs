//! The smallest change that mends a flaw.

use palisade_advisory::Judgement;
use palisade_model::{Ecosystem, FixAdvice, Package, Relation};
use palisade_version::{Scheme, Version};

use crate::matching::Hit;

/// Versions that are listed besides the one that is advised.
const MAX_OTHERS: usize = 8;

/// What mends `hit` in `package`, whose version advisories know as `version`; none when no version is known to. `path` leads from the
/// project to the package.
pub(crate) fn advice(
    hit: &Hit<'_>,
    package: &Package,
    ecosystem: &Ecosystem,
    version: &str,
    path: &[String],
) -> Option<FixAdvice> {
    let scheme = Scheme::of_ecosystem(ecosystem.base())?;
    let present = Version::parse(scheme, version).ok()?;
    let mut candidates = mended(hit, scheme, &present);
    let branch = candidates.iter().position(|candidate| is_same_branch(&present, candidate));
    let chosen = (!candidates.is_empty()).then(|| candidates.remove(branch.unwrap_or(0)))?;
    let version = chosen.as_str().to_owned();
    Some(FixAdvice {
        advice: wording(package, &version, path),
        same_branch: branch.is_some(),
        others: candidates.iter().take(MAX_OTHERS).map(|version| version.as_str().to_owned()).collect(),
        version,
    })
}

/// Versions after `present` that a record calls fixed and none of the records calls affected, in order.
fn mended(hit: &Hit<'_>, scheme: Scheme, present: &Version) -> Vec<Version> {
    let fixed = hit.entries.iter().flat_map(|(_, affected)| &affected.fixed);
    let sound =
        |text: &&String| hit.entries.iter().all(|(entry, _)| entry.judge(text) == Judgement::NotAffected);
    let mut versions: Vec<Version> =
        fixed.filter(sound).filter_map(|text| Version::parse(scheme, text).ok()).collect();
    versions.retain(|version| version > present);
    versions.sort();
    versions.dedup();
    versions
}

/// Whether the two agree in what semantic versioning calls compatible: the first number that is not zero, and those before it.
fn is_same_branch(present: &Version, other: &Version) -> bool {
    let leading_zero = present.as_str().trim_start_matches('v').starts_with("0.");
    present.same_branch(other) >= if leading_zero { 2 } else { 1 }
}

/// What to do, in the words of the package's own tool.
fn wording(package: &Package, version: &str, path: &[String]) -> String {
    let name = &package.name;
    let direct = package.relation == Relation::Direct || path.len() < 2;
    let head = path.first().map_or("", |head| head.rsplit_once('@').map_or(head.as_str(), |(name, _)| name));
    match (package.purl.kind(), direct) {
        ("cargo", _) => {
            let present = package.version.as_deref().unwrap_or_default();
            format!("cargo update --package {name}@{present} --precise {version}")
        }
        ("npm", true) => format!("npm install {name}@{version}"),
        ("npm", false) => format!("raise {head}, or override {name} with {version} in package.json"),
        ("golang", _) if name == "stdlib" => format!("build with Go {version}"),
        ("golang", _) => format!("go get {name}@v{}", version.trim_start_matches('v')),
        ("pypi", true) => format!("raise {name} to {version}"),
        ("pypi", false) => format!("raise {head}, or constrain {name} to {version} or later"),
        ("maven", false) => format!("raise {head}, or set {name} to {version} in dependencyManagement"),
        ("gem", _) => format!("bundle update {name} --conservative, to {version}"),
        ("composer", _) => format!("composer update {name} --with {name}:{version}"),
        ("deb" | "apk" | "rpm", _) => format!("upgrade {name} to {version}, or take a newer base image"),
        (_, true) => format!("raise {name} to {version}"),
        (_, false) => format!("raise {head}, so that {name} becomes {version}"),
    }
}
