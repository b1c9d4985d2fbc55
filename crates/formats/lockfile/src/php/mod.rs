//! PHP: Composer.

mod composer;

use palisade_model::PackageEvidence;

use crate::format::Format;
use crate::text::file_name;

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "composer-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "composer.lock",
        read: Some(composer::read_lock),
    },
    Format {
        name: "composer-json",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "composer.json",
        read: Some(composer::read_manifest),
    },
    Format {
        name: "composer-installed",
        evidence: PackageEvidence::Installed,
        recognises: |path| path == "composer/installed.json" || path.ends_with("/composer/installed.json"),
        read: Some(composer::read_installed),
    },
];
