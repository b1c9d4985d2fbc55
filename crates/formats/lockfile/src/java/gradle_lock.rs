//! Gradle's lockfiles: one module a line, with the configurations it is resolved in.

use palisade_model::{PackageEvidence, Scope};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{file_name, lines};

pub(crate) fn read(path: &str, bytes: &[u8]) -> Parsed {
    let builds = matches!(file_name(path), "buildscript-gradle.lockfile" | "settings-gradle.lockfile");
    // Before Gradle 6.4 there was one file for each configuration.
    let configuration =
        path.contains("dependency-locks/").then(|| file_name(path).trim_end_matches(".lockfile"));
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    for (number, line) in lines(&text) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (module, configurations) =
            line.split_once('=').unwrap_or((line, configuration.unwrap_or_default()));
        if module == "empty" {
            continue;
        }
        let Some((name, version)) = coordinates(module) else {
            sheet.problem(number, "a line names no module");
            continue;
        };
        if let Some(mut added) = sheet.add(number, name, Some(version)) {
            added.scope(if builds { Scope::Build } else { scope(configurations) });
        }
    }
    (sheet.done(), None)
}

/// `group:artifact` and the version.
fn coordinates(module: &str) -> Option<(&str, &str)> {
    let (name, version) = module.rsplit_once(':')?;
    let (group, artifact) = name.split_once(':')?;
    let is_word = |text: &str| !text.is_empty() && !text.contains([':', ' ', '\t', '<', '>']);
    (is_word(group) && is_word(artifact) && is_word(version)).then_some((name, version))
}

/// The most urgent of the configurations' scopes.
fn scope(configurations: &str) -> Scope {
    let names = configurations.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(configuration_scope).min().unwrap_or_default()
}

/// What a configuration of this name is for, by the conventions of Gradle's own plugins.
pub(super) fn configuration_scope(name: &str) -> Scope {
    let lower = name.to_ascii_lowercase();
    let is_test = lower.starts_with("test") || name.contains("Test") || lower.starts_with("androidtest");
    let builds = [
        "annotationprocessor",
        "kapt",
        "ksp",
        "compileonly",
        "compilerplugin",
        "checkstyle",
        "pmd",
        "jacoco",
    ];
    match () {
        () if is_test => Scope::Test,
        () if builds.iter().any(|tool| lower.contains(tool)) && !lower.contains("compileclasspath") => {
            Scope::Build
        }
        () if lower == "classpath" => Scope::Build,
        () if lower.starts_with("developmentonly") => Scope::Dev,
        () => Scope::Prod,
    }
}
