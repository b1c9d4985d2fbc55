//! Records of packages of the family `java`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "pom.xml",
    "gradle.lockfile",
    "gradle/verification-metadata.xml",
    "gradle/libs.versions.toml",
    "build.gradle",
    "build.sbt",
    "build.sbt.lock",
    "maven_install.json",
    "MODULE.bazel",
    "MODULE.bazel.lock",
    "WORKSPACE.bazel",
    "ivy.xml",
    "project.clj",
    "deps.edn",
    "dependencies.lock",
    "shadow-cljs.edn",
    "project/plugins.sbt",
];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
