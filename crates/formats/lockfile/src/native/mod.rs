//! C and C++: Conan and vcpkg.

mod conan;
mod conan_recipe;
mod vcpkg;

use palisade_model::PackageEvidence;

use crate::format::Format;
use crate::text::file_name;

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "conan-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "conan.lock",
        read: Some(conan::read_lock),
    },
    Format {
        name: "conanfile",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "conanfile.txt",
        read: Some(conan::read_manifest),
    },
    Format {
        name: "conanfile-program",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "conanfile.py",
        read: Some(conan_recipe::read),
    },
    Format {
        name: "conan-info",
        evidence: PackageEvidence::Installed,
        recognises: |path| file_name(path) == "conaninfo.txt",
        read: Some(conan::read_info),
    },
    Format {
        name: "vcpkg-manifest",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "vcpkg.json",
        read: Some(vcpkg::read_manifest),
    },
    Format {
        name: "vcpkg-status",
        evidence: PackageEvidence::Installed,
        recognises: |path| path.ends_with("vcpkg/status"),
        read: Some(vcpkg::read_status),
    },
];
