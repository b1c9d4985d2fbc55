//! The same for every format: marks, line ends, broken bytes, and texts that break off.

use palisade_lockfile::{read_binary, recognise, recognise_binary, settle};
use palisade_model::RepoPath;
use proptest::prelude::*;

use crate::samples::SAMPLES;
use crate::{read, record, told};

#[test]
fn samples_hold_what_they_hold() {
    for (path, text, packages) in SAMPLES {
        let reading = read(path, text);
        assert_eq!(reading.problems, [], "{path}");
        assert_eq!(told(&reading.packages), *packages, "{path}");
        for package in &reading.packages {
            let line = text.lines().nth(package.line as usize - 1).unwrap();
            let word = package.name.rsplit('/').next().unwrap();
            let is_library = package.name == "stdlib" && line.starts_with("go ");
            let is_block = line.starts_with("[") || line.starts_with("- ") || line.contains(word);
            assert!(is_block || is_library, "{path}: {} is not on line {}", package.name, package.line);
        }
    }
}

#[test]
fn marks_and_line_ends_change_nothing() {
    for (path, text, _) in SAMPLES {
        let marked = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(read(path, &marked), read(path, text), "{path}");
    }
}

#[test]
fn bytes_that_are_no_text_are_a_problem() {
    for (path, text, _) in SAMPLES {
        let at = text.find("alpha").unwrap_or(text.find("1.22").unwrap_or(0));
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = 0xff;
        assert!(!record(path, &bytes).reading().problems.is_empty(), "{path}");
    }
}

/// Nothing is left out in silence: what breaks off inside of a structure is a problem.
#[test]
fn broken_structures_are_problems() {
    for (path, text, _) in SAMPLES {
        let garbage = match path.rsplit('.').next().unwrap() {
            "json" | "lock" if text.trim_start().starts_with('{') => text.split_at(text.len() / 2).0,
            "py" => "setup(install_requires=read('x'))",
            "cfg" => "[options]\ninstall_requires =\n  = what\n",
            "in" | "txt" if path.starts_with("vendor") => "# what\n",
            "dist-info/METADATA" | "egg-info" | "METADATA" => "Name\n",
            "yml" | "yaml" => "dependencies: [\n",
            "lock" if path.starts_with("berry") => "__metadata:\n  version: 8\n\"a@npm:1\":\n  x: [\n",
            "lock" if path.starts_with("glide") => "imports: [\n",
            _ => "[[package\n= = =\n",
        };
        assert!(!read(path, garbage).problems.is_empty(), "{path}: {garbage}");
    }
}

#[test]
fn empty_files_never_break_anything() {
    for (path, _, _) in SAMPLES {
        assert!(read(path, "").packages.is_empty(), "{path}");
    }
    for path in
        ["package-lock.json", "bun.lock", "deno.lock", "pnpm-lock.yaml", "Pipfile.lock", "pylock.toml"]
    {
        assert!(!read(path, "").problems.is_empty(), "{path}");
    }
}

#[test]
fn known_formats_that_are_not_read_are_problems() {
    for path in ["bun.lockb", "x.vsix"] {
        assert!(!recognise(path).unwrap().is_read(), "{path}");
        assert_eq!(read(path, "x").problems.len(), 1, "{path}");
    }
}

#[test]
fn names_that_only_look_alike_are_not_recognised() {
    for path in [
        "my-package-lock.json.bak",
        "Cargo.lock.orig",
        "go.mods",
        "xrequirements.md",
        "vendor/modules.json",
        "readme.txt",
        "uv.locks",
    ] {
        assert!(recognise(path).is_none(), "{path}");
    }
    assert!(recognise("site-packages/a.dist-info/requirements.txt").is_none());
}

#[test]
fn programs_are_known_by_their_first_bytes() {
    assert!(recognise_binary(b"\x7fELF") && recognise_binary(b"MZ\x90") && !recognise_binary(b"#!/bin/sh"));
    let path = RepoPath::from_bytes(*b"a").unwrap();
    assert!(read_binary(&path, &[], b"\x7fELF").is_empty());
    let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    assert!(recognise_binary(&own));
    assert!(read_binary(&path, &[], &own).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Cut, doubled and garbled files neither panic nor make edges that lead nowhere, and are read the same way twice.
    #[test]
    fn garbled_samples(number in 0..SAMPLES.len(), cut in 0_usize..400, at in 0_usize..400, byte: u8) {
        let (path, text, _) = SAMPLES[number];
        let mut bytes = text.as_bytes().to_vec();
        bytes.truncate(text.len().saturating_sub(cut % text.len()));
        bytes.extend_from_slice(text.as_bytes());
        let place = at % bytes.len();
        bytes[place] = byte;
        let reading = record(path, &bytes).reading().clone();
        let count = reading.packages.len();
        for package in &reading.packages {
            prop_assert!(package.dependencies.iter().all(|index| (*index as usize) < count));
            prop_assert!(package.dependencies.is_sorted());
        }
        let twice = settle(vec![record(path, &bytes), record("z/Cargo.toml", b""), record("z/package.json", b"{}")]);
        let again = settle(vec![record("z/package.json", b"{}"), record(path, &bytes), record("z/Cargo.toml", b"")]);
        prop_assert_eq!(twice.iter().map(|file| &file.packages).collect::<Vec<_>>(), again.iter().map(|file| &file.packages).collect::<Vec<_>>());
    }
}
