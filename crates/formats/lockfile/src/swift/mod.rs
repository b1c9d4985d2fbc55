//! Swift and Objective-C: the Swift package manager, CocoaPods, Carthage.

mod cartfile;
mod package_resolved;
mod package_swift;
mod podfile;
mod podfile_lock;
mod podspec;

use palisade_model::{PackageEvidence, Purl, PurlError};

use crate::facts::repository_place;
use crate::format::Format;
use crate::text::file_name;

/// What OSV calls packages of the Swift package manager.
const ECOSYSTEM: Option<&str> = Some("SwiftURL");

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "swift-package-resolved",
        evidence: PackageEvidence::Locked,
        recognises: |path| matches!(file_name(path), "Package.resolved" | ".package.resolved"),
        read: Some(package_resolved::read),
    },
    Format {
        name: "swift-package",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "Package.swift",
        read: Some(package_swift::read),
    },
    Format {
        name: "podfile-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "Podfile.lock" || path.ends_with("Pods/Manifest.lock"),
        read: Some(podfile_lock::read),
    },
    Format {
        name: "podfile",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "Podfile",
        read: Some(podfile::read),
    },
    Format {
        name: "cartfile-resolved",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "Cartfile.resolved",
        read: Some(cartfile::read),
    },
    Format {
        name: "cartfile",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "Cartfile" | "Cartfile.private"),
        read: Some(cartfile::read_manifest),
    },
    Format {
        name: "podspec-json",
        evidence: PackageEvidence::Declared,
        recognises: |path| path.ends_with(".podspec.json"),
        read: Some(podspec::read_json),
    },
    Format {
        name: "podspec",
        evidence: PackageEvidence::Declared,
        recognises: |path| path.ends_with(".podspec"),
        read: Some(podspec::read),
    },
];

/// The address of what lies in the repository at `url`: host and path make the namespace, without `.git`.
fn purl(url: &str, version: Option<&str>) -> Result<Purl, PurlError> {
    let place = repository_place(url);
    match place.rsplit_once('/') {
        Some((namespace, name)) => Purl::new("swift", Some(namespace), name, version),
        None => Purl::new("swift", None, &place, version),
    }
}
