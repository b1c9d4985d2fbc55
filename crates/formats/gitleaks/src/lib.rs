//! Reads the configuration of gitleaks (version 8, TOML), so that rules written for it work here as they stand.
//!
//! Pure: bytes in, typed configuration and all problems with their places out. It opens no file, so it follows no `extend` by
//! itself: the caller reads what [`GitleaksFile::base`] names and hands the whole chain to [`assemble`]. It runs no regex: a
//! [`Pattern`] is checked and translated from the syntax of RE2, and compiled by the engine that runs it.
//!
//! Start at [`GitleaksFile::parse`] for one file, then at [`assemble`] for a file with those that it extends. The format is
//! documented in gitleaks' README, section "Configuration"; where that is silent, what gitleaks 8 does was observed.

#![forbid(unsafe_code)]

mod assemble;
mod class;
mod file;
mod id;
mod pattern;
mod read;
mod table;
mod translate;

pub use assemble::{ChainProblem, Configuration, Rule, assemble};
pub use file::{
    Allowlist, Base, Condition, FileRule, GitleaksFile, GlobalAllowlist, MAX_BYTES, MAX_FILES, MAX_RULES,
    Name, RegexTarget, Required,
};
pub use id::rule_id;
pub use pattern::Pattern;
