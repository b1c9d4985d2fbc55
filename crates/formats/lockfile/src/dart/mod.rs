//! Dart and Flutter: pub.

mod pubspec;

use palisade_model::PackageEvidence;

use crate::format::Format;
use crate::text::file_name;

pub(crate) use pubspec::{Graph, link};

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "pubspec-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "pubspec.lock",
        read: Some(pubspec::read_lock),
    },
    Format {
        name: "pubspec",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "pubspec.yaml" | "pubspec.yml"),
        read: Some(pubspec::read_manifest),
    },
    Format {
        name: "pub-package-graph",
        evidence: PackageEvidence::Locked,
        recognises: |path| {
            let folder = path.strip_suffix("/package_graph.json");
            folder.is_some_and(|folder| file_name(folder) == ".dart_tool")
        },
        read: Some(pubspec::read_graph),
    },
];
