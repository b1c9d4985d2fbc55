//! Records of Python; see `lockfile/mod.rs`.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "requirements.txt",
    "requirements.in",
    "Pipfile.lock",
    "Pipfile",
    "poetry.lock",
    "pdm.lock",
    "uv.lock",
    "pylock.toml",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "conda-meta/a-1.json",
    "environment.yml",
    "a.dist-info/METADATA",
    "a.egg-info/PKG-INFO",
    "a.egg-info",
    "meta.yaml",
    "recipe.yaml",
    "requirements.lock",
];

fuzz_target!(|input: &[u8]| lockfile::check(NAMES, input));
