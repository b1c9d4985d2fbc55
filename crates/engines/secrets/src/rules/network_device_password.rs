use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, Slot};
use crate::candidate::Hit;

/// The constant with which type 7 passwords are combined.
const TYPE_7: &[u8] = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

/// The characters of what Junos shows of a secret (`$9$`), by how many of them follow the first one without a meaning: three, two, one, none.
const JUNOS: [&[u8]; 4] =
    [b"QzF3n6/9CAtpu0O", b"B1IREhcSyrleKvMW8LXx", b"7N-dVbwsY2g4oaJZGUDj", b"iHkq.mPf5T"];
/// What each character of it counts, for the bytes of the secret in turn.
const JUNOS_WEIGHTS: [&[usize]; 7] =
    [&[1, 4, 32], &[1, 16, 32], &[1, 8, 32], &[1, 64], &[1, 32], &[1, 4, 16, 128], &[1, 32, 64]];

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
/// Words of lines that are less their own, so that a word of prose may follow them.
static LOOSE: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"^[^\n"]{0,160}?\bpre-shared-key[ \t]+(?:(?:0|local|remote|ascii-text)[ \t]+)?(?<secret>"[^"$\r\n][^"\r\n]+"|[^\s"*<]\S{7,})[ \t]*;?[ \t]*\r?$"#,
        r"^[ \t]*(?:ppp[ \t]+chap[ \t]+password|key-string|neighbor[ \t]+(?<host>\S+)[ \t]+password|ip[ \t]+ospf[ \t]+message-digest-key[ \t]+\d+[ \t]+md5)[ \t]+(?:0[ \t]+)?(?<secret>[^\s\d]\S{3,}|\d\S{3,})[ \t]*\r?$",
        r#"\bauthentication-key[ \t]+(?<secret>"[^"$\r\n][^"\r\n]+")"#,
        // Below `radius server NAME`.
        r"^[ \t]+key[ \t]+(?:0[ \t]+)?(?<secret>[^\s\d]\S{5,}|\d\S{5,})[ \t]*\r?$",
    ])
});
static SHOWN: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"\b(?:secret|ascii-text|password|authentication-key|simple-password|key)[ \t]+"(?<secret>\$9\$[0-9A-Za-z./-]{6,})""#,
    ])
});

/// Passwords in the configuration of routers and switches (Cisco IOS, and those who speak like it).
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let reversible = REVERSIBLE.find(scene, window).into_iter();
    let reversible = reversible.filter_map(|slot| slot.decoded(type_7)?.password());
    let plain = PLAIN.find(scene, window).into_iter();
    let plain = plain.filter(|slot| !is_community_of_defaults(&slot.value) && !is_of_sentence(scene, slot));
    let loose = LOOSE.find(scene, window).into_iter().filter(|slot| !is_prose(&slot.value));
    let hashes = HASHES.hashes(scene, window).into_iter();
    let shown = SHOWN.find(scene, window).into_iter().filter_map(|slot| slot.decoded(junos)?.password());
    reversible.chain(shown).chain(hashes).chain(plain.chain(loose).filter_map(Slot::password)).collect()
}

/// Communities that every device comes with.
fn is_community_of_defaults(value: &[u8]) -> bool {
    value.eq_ignore_ascii_case(b"public") || value.eq_ignore_ascii_case(b"private")
}

/// Whether a value is the last word of a sentence: `Enable secret scanning.` Devices write commands in small letters.
fn is_of_sentence(scene: &Scene<'_>, slot: &Slot<'_>) -> bool {
    let word = slot.value.strip_suffix(b".");
    let before = scene.text.get(..slot.secret.start).unwrap_or_default();
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_start();
    line.starts_with(b"Enable ") && word.is_some_and(|word| word.iter().all(u8::is_ascii_lowercase))
}

/// Whether a value is a word or several.
fn is_prose(value: &[u8]) -> bool {
    value.contains(&b' ') || value.iter().all(u8::is_ascii_alphabetic)
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

/// Undoes what Junos shows: the distances between characters are the digits of bytes.
fn junos(value: &[u8]) -> Option<Vec<u8>> {
    let alphabet = JUNOS.concat();
    let number = |byte: u8| alphabet.iter().position(|one| *one == byte);
    let shown = value.strip_prefix(b"$9$")?;
    let first = *shown.first()?;
    let family = JUNOS.iter().position(|family| family.contains(&first))?;
    let mut rest = shown.get(JUNOS.len() - family..)?;
    let mut last = number(first)?;
    let mut plain = Vec::new();
    for weights in JUNOS_WEIGHTS.iter().cycle() {
        let Some((digits, more)) = rest.split_at_checked(weights.len()).filter(|_| !rest.is_empty()) else {
            break;
        };
        let mut sum = 0;
        for (digit, weight) in digits.iter().zip(*weights) {
            let next = number(*digit)?;
            sum += (next + alphabet.len() - last + alphabet.len() - 1) % alphabet.len() * weight;
            last = next;
        }
        plain.push(u8::try_from(sum % 256).ok().filter(|byte| matches!(byte, b' '..=b'~'))?);
        rest = more;
    }
    (rest.is_empty() && !plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_junos_shows_is_undone() {
        assert_eq!(junos(b"$9$LbHX-wg4Z").as_deref(), Some(b"lc".as_slice()), "a pair that is known");
        for other in ["$9$LbHX-wg4", "$9$Lb", "$9$", "$9$LbHX-wg4Z$"] {
            assert_eq!(junos(other.as_bytes()), None, "{other}");
        }
    }
}
