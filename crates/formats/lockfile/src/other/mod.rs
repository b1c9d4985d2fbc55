//! Ecosystems with a format or two: R, Haskell, Julia, Perl, OCaml, Lua, Nix, and some that are only recognised.

mod haskell;
mod julia;
mod lua;
mod nix;
mod opam;
mod perl;
mod r;

use palisade_model::PackageEvidence;

use crate::format::Format;
use crate::text::file_name;

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "renv-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "renv.lock",
        read: Some(r::read_lock),
    },
    Format {
        name: "r-description",
        evidence: PackageEvidence::Installed,
        recognises: |path| file_name(path) == "DESCRIPTION",
        read: Some(r::read_description),
    },
    Format {
        name: "stack-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "stack.yaml.lock",
        read: Some(haskell::read_stack_lock),
    },
    Format {
        name: "stack",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "stack.yaml",
        read: Some(haskell::read_stack),
    },
    Format {
        name: "cabal-freeze",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "cabal.project.freeze",
        read: Some(haskell::read_freeze),
    },
    Format {
        name: "julia-manifest",
        evidence: PackageEvidence::Locked,
        recognises: |path| {
            let name = file_name(path);
            name == "Manifest.toml"
                || name == "JuliaManifest.toml"
                || (name.starts_with("Manifest-v") && name.ends_with(".toml"))
        },
        read: Some(julia::read_manifest),
    },
    Format {
        name: "julia-project",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "Project.toml" | "JuliaProject.toml"),
        read: Some(julia::read_project),
    },
    Format {
        name: "cpanfile-snapshot",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "cpanfile.snapshot",
        read: Some(perl::read),
    },
    Format {
        name: "opam-locked",
        evidence: PackageEvidence::Locked,
        recognises: |path| path.ends_with(".opam.locked"),
        read: Some(opam::read_locked),
    },
    Format {
        name: "opam",
        evidence: PackageEvidence::Declared,
        recognises: |path| path.ends_with(".opam"),
        read: Some(opam::read_manifest),
    },
    Format {
        name: "rockspec",
        evidence: PackageEvidence::Declared,
        recognises: |path| path.ends_with(".rockspec"),
        read: Some(lua::read_rockspec),
    },
    Format {
        name: "nix-flake-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "flake.lock",
        read: Some(nix::read),
    },
    Format {
        name: "luarocks-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "luarocks.lock",
        read: None,
    },
    Format {
        name: "nimble-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "nimble.lock",
        read: None,
    },
    Format {
        name: "bower",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "bower.json",
        read: None,
    },
    Format {
        name: "swipl-pack",
        evidence: PackageEvidence::Installed,
        recognises: |path| file_name(path) == "pack.pl",
        read: None,
    },
];
