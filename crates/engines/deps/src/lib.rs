//! Says what is in a product and what is known to be wrong with it.
//!
//! Gathers records of packages while entries come in, and when the last has come compares what they tell with a database of advisories,
//! with policy's licences, and with what an untouched lockfile looks like. Whatever could not be read or compared is a gap: a package
//! without advisories, a version that nobody can order, a database that is missing. Never opens a file or a connection, and
//! starts no package manager.
//!
//! Start at [`DepsEngine`]. `suspect` tells which entries are records, `judging` what is said of one, `flaw` what of each flaw in it,
//! `unjudged` what of packages that nobody can judge; `matching` asks the database and groups the names of one flaw, `owning` tells what
//! a distribution's own advisories have settled, `advice` says what mends it and `wording` how, `tampering` looks at lockfiles, `licences` at licences,
//! `told` makes findings.

#![forbid(unsafe_code)]

mod advice;
mod asking;
mod engine;
mod fingerprint;
mod flaw;
mod judging;
mod licences;
mod matching;
mod owning;
mod path;
mod priority;
mod rules;
mod suspect;
mod tampering;
mod told;
mod unjudged;
mod wording;

pub use engine::{Advisories, DepsEngine, DepsSetting, EndedDistribution, Seen};
pub use licences::LicenceRules;
pub use suspect::Way;
