//! `pubspec.lock` and `pubspec.yaml`.

use palisade_model::{Package, PackageEvidence, PackageHash, PackageOrigin, Relation, Scope};

use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, yaml};
use crate::text::without_credentials;

const ECOSYSTEM: Option<&str> = Some("Pub");

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("pub", ECOSYSTEM, PackageEvidence::Locked);
    let tree = yaml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if root.get("packages").is_none() {
        sheet.problem(0, "has no table of packages");
    }
    for member in root.members_of("packages") {
        locked(&mut sheet, member);
    }
    let mut reading = sheet.done();
    bring_for_developers(&mut reading.packages);
    (reading, None)
}

/// The file has no edges. Where developers alone ask for something, whatever that brings is for them too.
fn bring_for_developers(packages: &mut [Package]) {
    let is_direct = |package: &&Package| package.relation == Relation::Direct;
    let mut direct = packages.iter().filter(is_direct).peekable();
    if direct.peek().is_some() && direct.all(|package| package.scope == Scope::Dev) {
        for package in packages.iter_mut().filter(|package| package.relation == Relation::Transitive) {
            package.scope = Scope::Dev;
        }
    }
}

fn locked(sheet: &mut Sheet, member: &Member) {
    let entry = &member.value;
    let Some(version) = entry.scalar_of("version") else {
        sheet.problem(member.line, "a package without a version");
        return;
    };
    let Some(mut added) = sheet.add(member.line, &member.key, Some(version)) else { return };
    let (relation, scope) = match entry.text_of("dependency").unwrap_or_default() {
        "direct dev" => (Relation::Direct, Scope::Dev),
        dependency if dependency.starts_with("direct") => (Relation::Direct, Scope::Prod),
        "transitive" => (Relation::Transitive, Scope::Prod),
        _ => (Relation::Unknown, Scope::Prod),
    };
    added.package.relation = relation;
    added.scope(scope);
    let described = |key: &str| entry.at(&["description", key]).and_then(Value::scalar);
    added.package.origin = match entry.text_of("source") {
        Some("git") => PackageOrigin::Git {
            url: without_credentials(described("url").unwrap_or_default()),
            commit: described("resolved-ref").map(str::to_owned),
        },
        Some("path") => PackageOrigin::Local { path: described("path").unwrap_or_default().to_owned() },
        Some("hosted") => match described("url").map(without_credentials) {
            Some(url)
                if !["https://pub.dev", "https://pub.dartlang.org"].contains(&url.trim_end_matches('/')) =>
            {
                PackageOrigin::Registry { url }
            }
            _ => PackageOrigin::Default,
        },
        _ => PackageOrigin::Default,
    };
    if entry.text_of("source") == Some("sdk") {
        added.package.ecosystem = None;
    }
    let sum = described("sha256").filter(|sum| sum.len() == 64);
    added.package.hashes.extend(
        sum.map(|sum| PackageHash { algorithm: "SHA-256".to_owned(), value: sum.to_ascii_lowercase() }),
    );
}

pub(crate) fn read_manifest(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("pub", ECOSYSTEM, PackageEvidence::Declared);
    let tree = yaml::parse(bytes);
    sheet.problems(tree.problems.clone());
    let mut names = Vec::new();
    for (key, scope) in [("dependencies", Scope::Prod), ("dev_dependencies", Scope::Dev)] {
        for need in tree.root().members_of(key) {
            let wanted = need.value.scalar().or_else(|| need.value.scalar_of("version")).unwrap_or_default();
            let is_exact = wanted.starts_with(|c: char| c.is_ascii_digit()) && !wanted.contains(' ');
            let added = if is_exact {
                sheet.add(need.line, &need.key, Some(wanted))
            } else {
                sheet.add_wanted(need.line, &need.key, wanted)
            };
            if let Some(mut added) = added {
                added.scope(scope);
                added.direct();
                if need.value.get("sdk").is_some() {
                    added.package.ecosystem = None;
                }
                if let Some(path) = need.value.text_of("path") {
                    added.package.origin = PackageOrigin::Local { path: path.to_owned() };
                }
            }
            names.push((need.key.clone(), scope));
        }
    }
    (sheet.done(), Some(Companion::Asks(Asks::of(&["pubspec-lock"], names))))
}
