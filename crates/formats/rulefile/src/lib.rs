//! Reads rule files: one Markdown file per rule, with a TOML header, prose, and examples that are the rule's tests.
//!
//! Pure: text in, [`RuleFile`] and problems out. Knows nothing of how rules are matched or where they are stored; a regex is carried
//! as text and compiled by the engine that owns it.
//!
//! Start at [`RuleFile::parse`]. Examples hold generators instead of real-looking tokens, so that no rule file trips a scanner or a
//! push protection; [`Example::expand`] replaces them, always by the same text for the same seed. [`CheckRules`] holds the rules of an
//! engine whose checks are functions.

#![forbid(unsafe_code)]

mod body;
mod checks;
mod checksum;
mod example;
mod generate;
mod header;
mod rule;
mod sums;
mod tokens;

pub use checks::{CheckRules, RuleCheck, UnfitRules};
pub use checksum::Checksum;
pub use example::{Example, ExampleKind, Expanded, Mark};
pub use header::{Matcher, Search};
pub use rule::{MAX_RULE_BYTES, RuleFile};
pub use sums::{
    base36_crc32, base58_check, base62_crc32, bech32_polymod, crc16_xmodem, from_base58_check, marvin32,
};
