//! Languages with one package manager of their own and no public advisories yet: Crystal, D, Elm, Haxe, Lean, Nim, Zig.

mod crystal;
mod dub;
mod elm;
mod haxe;
mod lean;
mod nim;
mod zig;

use palisade_model::PackageEvidence;

use crate::format::Format;
use crate::text::file_name;

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "crystal-shard-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "shard.lock",
        read: Some(crystal::read_lock),
    },
    Format {
        name: "crystal-shard",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "shard.yml",
        read: Some(crystal::read_manifest),
    },
    Format {
        name: "dub-selections",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "dub.selections.json",
        read: Some(dub::read_selections),
    },
    Format {
        name: "dub",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "dub.json",
        read: Some(dub::read_manifest),
    },
    Format {
        name: "dub-sdlang",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "dub.sdl",
        read: Some(dub::read_sdlang),
    },
    Format {
        name: "elm",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "elm.json",
        read: Some(elm::read),
    },
    Format {
        name: "elm-package",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "elm-package.json" | "elm_dependencies.json"),
        read: Some(elm::read_package),
    },
    Format {
        name: "haxelib",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "haxelib.json",
        read: Some(haxe::read),
    },
    Format {
        name: "lake-manifest",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "lake-manifest.json",
        read: Some(lean::read_lock),
    },
    Format {
        name: "lakefile",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "lakefile.toml",
        read: Some(lean::read_manifest),
    },
    Format {
        name: "nimble-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "nimble.lock",
        read: Some(nim::read_lock),
    },
    Format {
        name: "nimble",
        evidence: PackageEvidence::Declared,
        recognises: |path| path.ends_with(".nimble"),
        read: Some(nim::read_manifest),
    },
    Format {
        name: "zig-zon",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "build.zig.zon",
        read: Some(zig::read),
    },
];
