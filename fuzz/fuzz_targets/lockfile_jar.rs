//! Archives of classes with archives in them: bounded by the budget, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_archive::{Budget, Limits};
use palisade_lockfile::read_jar;
use palisade_model::RepoPath;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_members: 1000, max_expanded: 16 << 20, ..Limits::default() };
    let path = RepoPath::from_bytes("lib/name-1.0.jar").expect("a path");
    read_jar(&path, &[], bytes, &mut Budget::new(limits));
});
