//! PHP: Composer.

mod composer;
mod wordpress;

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
        name: "composer-settings",
        evidence: PackageEvidence::Declared,
        recognises: composer::is_settings,
        read: Some(composer::read_settings),
    },
    Format {
        name: "composer-installed",
        evidence: PackageEvidence::Installed,
        recognises: |path| {
            // Some keep the records of several versions of Composer beside each other.
            let folder = path.strip_suffix("/installed.json").map(file_name);
            folder.is_some_and(|folder| folder.starts_with("composer"))
        },
        read: Some(composer::read_installed),
    },
    Format {
        name: "wordpress-core",
        evidence: PackageEvidence::Installed,
        recognises: wordpress::is_core,
        read: Some(wordpress::read_core),
    },
    Format {
        name: "wordpress-plugin",
        evidence: PackageEvidence::Installed,
        recognises: wordpress::is_plugin,
        read: Some(wordpress::read_plugin),
    },
    Format {
        name: "wordpress-theme",
        evidence: PackageEvidence::Installed,
        recognises: wordpress::is_theme,
        read: Some(wordpress::read_theme),
    },
];
