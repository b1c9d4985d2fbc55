//! Ruby: Bundler's lockfile and installed gem specifications.

mod gemfile_lock;
mod gemspec;
mod versions;

use palisade_model::PackageEvidence;

use crate::format::Format;
use crate::text::file_name;

pub(crate) use versions::{Companion, link};

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "gemfile-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| {
            matches!(file_name(path), "Gemfile.lock" | "gems.locked" | "Gemfile.next.lock")
                || (file_name(path).starts_with("Gemfile") && path.ends_with(".lock"))
        },
        read: Some(gemfile_lock::read),
    },
    Format {
        name: "gemspec",
        evidence: PackageEvidence::Installed,
        recognises: |path| path.ends_with(".gemspec") && path.contains("specifications/"),
        read: Some(gemspec::read),
    },
    Format {
        name: "gemspec-source",
        evidence: PackageEvidence::Declared,
        recognises: |path| path.ends_with(".gemspec"),
        read: Some(gemspec::read_source),
    },
    Format {
        name: "gem-version",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "version.rb" && path.contains("lib/"),
        read: Some(versions::read),
    },
    Format {
        name: "gemfile",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "Gemfile" | "gems.rb"),
        read: Some(gemspec::read_gemfile),
    },
];
