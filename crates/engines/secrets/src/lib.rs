//! Finds secrets in the bytes of an entry.
//!
//! Knows rules, but none in particular: they are handed in, parsed. Never reads a file, opens a connection or asks a vendor whether
//! a token lives; what it says depends on the entry, the rules and the salt alone. No secret leaves it: findings carry a masked
//! excerpt and a keyed fingerprint.
//!
//! Start at [`SecretsEngine`]. The way of an entry: `view` turns UTF-16 and UTF-32 into text, one sieve over all rules'
//! keywords finds anchors, each rule is tried in the windows around its own, what it finds passes boundary, checksum, entropy and
//! placeholder checks, overlaps are settled, and what remains becomes findings.

#![forbid(unsafe_code)]

mod anchors;
mod bits;
mod candidate;
mod check;
mod checksum;
mod classify;
mod compile;
mod copies;
mod documented;
mod encoded;
mod engine;
mod excerpt;
mod file_kind;
mod filter;
mod fingerprint;
mod foreign;
mod frequencies;
mod known;
mod lint;
mod lone;
mod marker;
mod name;
mod overlap;
mod pieces;
mod place;
mod probe;
mod profile;
mod reading;
mod report;
mod rules;
mod search;
mod sieve;
mod table;
mod view;
mod windows;

pub use candidate::Scope;
pub use check::{ExampleFailure, check_examples};
pub use compile::RuleError;
pub use copies::Copied;
pub use engine::{CUT_SHORT, MAX_FINDINGS, Mark, Marked, SecretsEngine};
pub use fingerprint::MAX_GUESSABLE;
pub use foreign::{
    Allowance, ForeignError, ForeignFound, ForeignHit, ForeignRules, ForeignSet, Standing, built_in_rules,
    is_known_default,
};
pub use known::{KnownDigest, KnownSecrets, KnownValue};
pub use lint::{Lint, lint};
pub use probe::{ProbeWindows, RuleProbe, RuleTry};
pub use profile::{Profile, ProfileError};
pub use reading::{Reading, Work};
pub use report::Reported;
