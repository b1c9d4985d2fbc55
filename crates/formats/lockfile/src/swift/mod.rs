//! Swift and Objective-C: the Swift package manager, CocoaPods, Carthage.

mod cartfile;
mod package_resolved;
mod podfile;
mod podfile_lock;

use palisade_model::{PackageEvidence, Purl, PurlError};

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
        read: Some(package_resolved::read_program),
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
];

/// The address of what lies in the repository at `url`: host and path make the namespace, without `.git`.
fn purl(url: &str, version: Option<&str>) -> Result<Purl, PurlError> {
    let place = place(url);
    match place.rsplit_once('/') {
        Some((namespace, name)) => Purl::new("swift", Some(namespace), name, version),
        None => Purl::new("swift", None, &place, version),
    }
}

/// `host/path` of an address of git, with a scheme or in the form of scp.
fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) if !host.contains(':') || url.contains("://") => (host, path),
        _ => rest.split_once(':').unwrap_or((rest, "")),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host).to_ascii_lowercase();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    if path.is_empty() { host } else { format!("{host}/{path}") }
}
