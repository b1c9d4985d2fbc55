//! Java, Kotlin, Scala and Clojure: Maven, Gradle, Ivy, sbt, Leiningen, Clojure's tools, Bazel's modules and its rules for Maven, and archives
//! of classes.

mod bazel;
mod bazel_modules;
mod clojure;
mod effective;
mod gradle_build;
mod gradle_catalog;
mod gradle_lock;
mod gradle_verification;
mod ivy;
mod jar;
mod manifest;
mod nebula_lock;
mod pom;
mod sbt_build;
mod sbt_lock;
mod starlark;

use palisade_model::PackageEvidence;

use crate::format::Format;
use crate::record::Record;
use crate::text::file_name;

pub(crate) use jar::{is_jar, read_jar};
pub(crate) use pom::Pom;

/// Makes projects of Maven, and modules of Bazel and their lockfiles, say together what none of them says alone.
pub(crate) fn link(records: &mut [Record]) {
    effective::link(records);
    bazel_modules::link(records);
}

/// What OSV calls the ecosystem.
const ECOSYSTEM: Option<&str> = Some("Maven");

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "maven-pom",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "pom.xml" || path.ends_with(".pom"),
        read: Some(pom::read),
    },
    Format {
        name: "gradle-lockfile",
        evidence: PackageEvidence::Locked,
        recognises: |path| {
            matches!(
                file_name(path),
                "gradle.lockfile" | "buildscript-gradle.lockfile" | "settings-gradle.lockfile"
            ) || (path.contains("dependency-locks/") && path.ends_with(".lockfile"))
        },
        read: Some(gradle_lock::read),
    },
    Format {
        name: "gradle-verification-metadata",
        evidence: PackageEvidence::Locked,
        recognises: |path| {
            path == "gradle/verification-metadata.xml" || path.ends_with("/gradle/verification-metadata.xml")
        },
        read: Some(gradle_verification::read),
    },
    Format {
        name: "gradle-version-catalog",
        evidence: PackageEvidence::Declared,
        recognises: |path| path.ends_with(".versions.toml"),
        read: Some(gradle_catalog::read),
    },
    Format {
        name: "gradle-build",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "build.gradle" | "build.gradle.kts"),
        read: Some(gradle_build::read),
    },
    Format {
        name: "sbt-build",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "build.sbt" || path.ends_with("project/plugins.sbt"),
        read: Some(sbt_build::read),
    },
    Format {
        name: "sbt-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| path.ends_with(".sbt.lock"),
        read: Some(sbt_lock::read),
    },
    Format {
        name: "bazel-maven-install",
        evidence: PackageEvidence::Locked,
        recognises: |path| path.ends_with("maven_install.json"),
        read: Some(bazel::read_install),
    },
    Format {
        name: "bazel-module",
        evidence: PackageEvidence::Declared,
        recognises: |path| {
            matches!(file_name(path), "MODULE.bazel" | "WORKSPACE" | "WORKSPACE.bazel")
                || path.ends_with(".MODULE.bazel")
        },
        read: Some(bazel::read_module),
    },
    Format {
        name: bazel_modules::LOCK,
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "MODULE.bazel.lock",
        read: Some(bazel_modules::read_lock),
    },
    Format {
        name: "ivy",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "ivy.xml",
        read: Some(ivy::read),
    },
    Format {
        name: "leiningen",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "project.clj",
        read: Some(clojure::read_leiningen),
    },
    Format {
        name: "clojure-deps",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "deps.edn" | "bb.edn" | "shadow-cljs.edn"),
        read: Some(clojure::read_deps),
    },
    Format {
        name: "nebula-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "dependencies.lock",
        read: Some(nebula_lock::read),
    },
];
