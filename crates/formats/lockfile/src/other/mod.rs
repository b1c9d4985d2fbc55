//! Ecosystems with a format or two: R, Haskell, Julia, Perl, OCaml, Lua, Nix, the tools of a project, what Homebrew, snap,
//! Flatpak, Spack, Nix and opam installed, Java itself, and some that are only recognised.

mod apps;
mod bitnami;
mod brewfile;
mod cabal;
mod cpanfile;
mod haskell;
mod hooks;
mod julia;
mod jvm;
mod lua;
mod nix;
mod nix_sources;
mod nix_store;
mod opam;
mod perl;
mod r;
mod swipl;
mod tools;

use palisade_model::PackageEvidence;

use crate::format::Format;
use crate::text::file_name;

pub(crate) use nix_store::{folder, link, reading};

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "renv-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "renv.lock",
        read: Some(r::read_lock),
    },
    Format {
        name: "packrat-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "packrat.lock",
        read: Some(r::read_packrat),
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
        recognises: |path| matches!(file_name(path), "cabal.project.freeze" | "cabal.config"),
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
        name: "cpan-meta",
        evidence: PackageEvidence::Installed,
        recognises: perl::is_unpacked,
        read: Some(perl::read_unpacked),
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
        name: "opam-installed",
        evidence: PackageEvidence::Installed,
        recognises: |path| opam::installed(path).is_some(),
        read: Some(opam::read_installed),
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
        name: "nix-store-database",
        evidence: PackageEvidence::Installed,
        recognises: |path| path == "nix/var/nix/db/db.sqlite" || path.ends_with("/nix/var/nix/db/db.sqlite"),
        read: Some(nix_store::read_database),
    },
    Format {
        name: "nix-store-database-wal",
        evidence: PackageEvidence::Installed,
        recognises: |path| {
            path == "nix/var/nix/db/db.sqlite-wal" || path.ends_with("/nix/var/nix/db/db.sqlite-wal")
        },
        read: Some(nix_store::read_wal),
    },
    Format {
        name: nix_store::PLACE,
        evidence: PackageEvidence::Installed,
        recognises: |path| nix_store::object(path).is_some(),
        read: Some(nix_store::read_place),
    },
    Format {
        name: "java-release",
        evidence: PackageEvidence::Installed,
        recognises: |path| file_name(path) == "release" && path.contains('/'),
        read: Some(jvm::read),
    },
    Format {
        name: "homebrew-receipt",
        evidence: PackageEvidence::Installed,
        recognises: |path| apps::keg(path).is_some(),
        read: Some(apps::read_keg),
    },
    Format {
        name: "snap",
        evidence: PackageEvidence::Installed,
        recognises: apps::is_snap,
        read: Some(apps::read_snap),
    },
    Format {
        name: "flatpak-metainfo",
        evidence: PackageEvidence::Installed,
        recognises: apps::is_flatpak,
        read: Some(apps::read_flatpak),
    },
    Format {
        name: "spack-spec",
        evidence: PackageEvidence::Installed,
        recognises: |path| path.ends_with("/.spack/spec.json"),
        read: Some(apps::read_spack),
    },
    Format {
        name: "bitnami-spdx",
        evidence: PackageEvidence::Installed,
        recognises: bitnami::is_document,
        read: Some(bitnami::read_document),
    },
    Format {
        name: "bitnami-components",
        evidence: PackageEvidence::Installed,
        recognises: bitnami::is_list,
        read: Some(bitnami::read_list),
    },
    Format {
        name: "asdf-tool-versions",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == ".tool-versions",
        read: Some(tools::read_asdf),
    },
    Format {
        name: "mise",
        evidence: PackageEvidence::Declared,
        recognises: |path| {
            matches!(file_name(path), "mise.toml" | ".mise.toml" | "mise.local.toml")
                || path.ends_with("mise/config.toml")
        },
        read: Some(tools::read_mise),
    },
    Format {
        name: "node-version",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), ".nvmrc" | ".node-version"),
        read: Some(tools::read_node),
    },
    Format {
        name: "luarocks-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "luarocks.lock",
        read: Some(lua::read_lock),
    },
    Format {
        name: "cabal",
        evidence: PackageEvidence::Declared,
        recognises: |path| path.ends_with(".cabal"),
        read: Some(cabal::read),
    },
    Format {
        name: "cpanfile",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "cpanfile",
        read: Some(cpanfile::read),
    },
    Format {
        name: "nix-sources",
        evidence: PackageEvidence::Locked,
        recognises: |path| path.ends_with("nix/sources.json") || path.ends_with("npins/sources.json"),
        read: Some(nix_sources::read),
    },
    Format {
        name: "pre-commit",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), ".pre-commit-config.yaml" | ".pre-commit-config.yml"),
        read: Some(hooks::read_yaml),
    },
    Format {
        name: "prek",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "prek.toml",
        read: Some(hooks::read_toml),
    },
    Format {
        name: "brewfile-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "Brewfile.lock.json",
        read: Some(brewfile::read_lock),
    },
    Format {
        name: "brewfile",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "Brewfile",
        read: Some(brewfile::read),
    },
    Format {
        name: "swipl-pack",
        evidence: PackageEvidence::Installed,
        recognises: |path| file_name(path) == "pack.pl",
        read: Some(swipl::read),
    },
];
