use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, Slot};
use crate::candidate::Hit;

/// The constant with which type 7 passwords are combined.
const TYPE_7: &[u8] = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

static REVERSIBLE: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"^[^\n]*?(?:username[ \t]+(?<user>\S+)[ \t][^\n]{0,100}?)?\b(?:password|secret|key|key-string|ascii)[ \t]+7[ \t]+(?<secret>[0-9A-F]{6,})[ \t]*\r?$",
    ])
});
static HASHES: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"^[^\n]*?(?:username[ \t]+(?<user>\S+)[ \t][^\n]{0,100}?)?\b(?:secret|password)[ \t]+(?:5|8|9|sha512)[ \t]+(?<secret>(?-i:\$(?:1|8|9|14|6)\$[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{22,86}))[ \t]*\r?$",
        r#"\bencrypted-password[ \t]+"?(?<secret>(?-i:\$[156]\$[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{22,86}))"#,
    ])
});
static PLAIN: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"^[ \t]*(?:username[ \t]+(?<user>\S+)[ \t][^\n]{0,100}?)(?:password|secret)[ \t]+(?:0[ \t]+)?(?<secret>[^\s\d$]\S{3,}|\d\S{3,})[ \t]*\r?$",
        r"^[ \t]*enable[ \t]+(?:password|secret)[ \t]+(?:level[ \t]+\d{1,2}[ \t]+)?(?:0[ \t]+)?(?<secret>[^\s\d$]\S{3,}|\d\S{3,})[ \t]*\r?$",
        r"\bsnmp-server[ \t]+community[ \t]+(?<secret>[^\s<]{4,64})[ \t]+(?:RO|RW|view|group|\d)",
        r"\b(?:tacacs|radius)-server[ \t]+[^\n]{0,100}?\bkey[ \t]+(?:0[ \t]+)?(?<secret>[^\s\d]\S{3,}|\d\S{3,})[ \t]*\r?$",
        r#"\bcrypto[ \t]+isakmp[ \t]+key[ \t]+(?:0[ \t]+)?(?<secret>[^\s\d]\S{3,}|\d\S{3,})[ \t]+(?:address|hostname)[ \t]+(?<host>\S+)"#,
    ])
});

/// Passwords in the configuration of routers and switches (Cisco IOS, and those who speak like it).
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let reversible = REVERSIBLE.find(scene, window).into_iter();
    let reversible = reversible.filter_map(|slot| slot.decoded(type_7)?.password());
    let plain = PLAIN.find(scene, window).into_iter().filter(|slot| !is_community_of_defaults(&slot.value));
    let hashes = HASHES.hashes(scene, window).into_iter();
    reversible.chain(hashes).chain(plain.filter_map(Slot::password)).collect()
}

/// Communities that every device comes with.
fn is_community_of_defaults(value: &[u8]) -> bool {
    value.eq_ignore_ascii_case(b"public") || value.eq_ignore_ascii_case(b"private")
}

/// Undoes type 7: two decimal digits say where in the constant to begin, then each byte is combined with the next of it.
fn type_7(value: &[u8]) -> Option<Vec<u8>> {
    let (seed, digits) = value.split_at_checked(2)?;
    let seed: usize = std::str::from_utf8(seed).ok()?.parse().ok()?;
    let byte = |(index, pair): (usize, &[u8; 2])| {
        let pair = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        let plain = pair ^ TYPE_7.get((seed + index) % TYPE_7.len())?;
        matches!(plain, b' '..=b'~').then_some(plain)
    };
    let (pairs, rest) = digits.as_chunks::<2>();
    (rest.is_empty() && seed < 16).then_some(())?;
    pairs.iter().enumerate().map(byte).collect()
}
