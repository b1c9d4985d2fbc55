//! Records of packages of the family `other`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "renv.lock",
    "DESCRIPTION",
    "stack.yaml.lock",
    "stack.yaml",
    "cabal.project.freeze",
    "Manifest.toml",
    "Project.toml",
    "cpanfile.snapshot",
    "a.opam",
    "a.opam.locked",
    "a.rockspec",
    "flake.lock",
    ".opam-switch/packages/a.1.0/opam",
    "nix/var/nix/db/db.sqlite",
    "nix/store/5av396z8xa13jg89g9jws145c0k26k2x-a-1.0/bin/a",
    "jvm/release",
    "Cellar/a/1.0/.brew/a.rb",
    "opt/bitnami/redis/.spdx-redis.spdx",
    "opt/bitnami/.bitnami_components.json",
    ".cpanm/work/1/A-1.0/META.json",
    "opt/homebrew/Cellar/a/1.0_1/INSTALL_RECEIPT.json",
    "snap/a/x1/meta/snap.yaml",
    "var/lib/flatpak/app/o.A/current/active/files/share/metainfo/o.A.metainfo.xml",
    "opt/spack/a-1.0/.spack/spec.json",
    ".tool-versions",
    "mise.toml",
    ".nvmrc",
    "pack.pl",
    "z.cabal",
    "cpanfile",
    "nix/sources.json",
    ".pre-commit-config.yaml",
    "prek.toml",
    "Brewfile.lock.json",
    "luarocks.lock",
    "Brewfile",
    "packrat.lock",
];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
