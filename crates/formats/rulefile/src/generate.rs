use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use palisade_model::{Problem, Span};

use crate::header::with_nearest;
use crate::sums::{BASE58, BASE62, base62_crc32};
use crate::tokens::is_azure_mark;

const MAX_LENGTH: usize = 4096;
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const WORDS: &[&str] = &[
    "amber", "bridge", "candle", "delta", "ember", "falcon", "garden", "harbor", "island", "juniper",
    "kernel", "lantern", "meadow", "nectar", "orchid", "pepper", "quartz", "river", "saddle", "timber",
    "umbrella", "velvet", "willow", "yellow", "zephyr",
];

/// Names of generators that take a length, with the characters they draw from.
const CLASSES: &[(&str, &[u8])] = &[
    ("base62", BASE62),
    ("hex", b"0123456789abcdef"),
    ("HEX", b"0123456789ABCDEF"),
    ("digits", b"0123456789"),
    ("upper", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("lower", LOWER),
    ("letters", b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ("alnum", b"0123456789abcdefghijklmnopqrstuvwxyz"),
    ("ALNUM", b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("base32", BASE32),
    ("base32hex", b"0123456789abcdefghijklmnopqrstuv"),
    ("base58", BASE58),
    ("base64", b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    ("base64url", b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"),
    ("onepassword", b"23456789ABCDEFGHJKLMNPQRSTVWXYZ"),
    ("password", b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789-_.!"),
];
pub(crate) const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Names of generators that take nothing.
const FIXED: &[(&str, Generator)] = &[
    ("uuid", Generator::Uuid),
    ("word", Generator::Word),
    ("aws_key_id", Generator::AwsKeyId),
    ("grafana", Generator::Grafana),
    ("jwt", Generator::Jwt),
    ("pypi", Generator::Pypi),
    ("discord_id", Generator::DiscordId),
    ("basic_auth", Generator::BasicAuth),
    ("base64_word", Generator::Base64Word),
    ("age", Generator::Age { prefix: "AGE-SECRET-KEY-" }),
    ("age_pq", Generator::Age { prefix: "AGE-SECRET-KEY-PQ-" }),
    ("onepassword_token", Generator::OnepasswordToken),
    ("sentry", Generator::Sentry),
    ("mapbox", Generator::Mapbox),
    ("flyio", Generator::Flyio),
    ("vault", Generator::Vault),
    ("jfrog", Generator::Jfrog),
    ("grafana_cloud", Generator::GrafanaCloud),
    ("grafana_legacy", Generator::GrafanaLegacy),
    ("tolgee", Generator::Tolgee),
    ("nats_seed", Generator::NatsSeed),
    ("stellar_seed", Generator::StellarSeed),
    ("bitcoin_wif", Generator::BitcoinWif),
];

/// What `{{...}}` in an example stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Generator {
    Characters { class: &'static str, length: usize, crc: bool },
    Uuid,
    Word,
    AwsKeyId,
    Grafana,
    Jwt,
    Pypi,
    DiscordId,
    BasicAuth,
    Base64Word,
    Age { prefix: &'static str },
    OnepasswordToken,
    Sentry,
    Mapbox,
    Flyio,
    Vault,
    Jfrog,
    GrafanaCloud,
    GrafanaLegacy,
    Tolgee,
    NatsSeed,
    StellarSeed,
    BitcoinWif,
    Gitlab { prefix: String },
    AzureKey { mark: String },
    PemLine { edge: &'static str, label: String },
}

/// A `{{...}}` that is not a generator.
pub(crate) struct NotAGenerator {
    message: String,
    name: String,
}

impl NotAGenerator {
    fn new(message: String) -> Self {
        Self { message, name: String::new() }
    }

    pub(crate) fn at(self, span: Span) -> Problem {
        let problem = Problem::error(self.message, span);
        let names = CLASSES.iter().map(|(name, _)| *name).chain(FIXED.iter().map(|(name, _)| *name));
        if self.name.is_empty() { problem } else { with_nearest(problem, &self.name, names) }
    }
}

impl Generator {
    /// Reads what stands between the braces.
    pub(crate) fn parse(text: &str) -> Result<Self, NotAGenerator> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let class = CLASSES.iter().find(|(known, _)| *known == name);
        let fixed = FIXED.iter().find(|(known, _)| *known == name);
        match (class, fixed, argument) {
            (Some((class, _)), _, Some(argument)) => Self::characters(class, argument),
            (Some(_), _, None) => Err(NotAGenerator::new(format!("generator `{name}` needs a length"))),
            (_, Some((_, generator)), None) => Ok(generator.clone()),
            (_, Some(_), Some(_)) => Err(NotAGenerator::new(format!("generator `{name}` takes nothing"))),
            (None, None, Some(label)) if name == "begin" => Ok(Self::pem_line("BEGIN", label)),
            (None, None, Some(label)) if name == "end" => Ok(Self::pem_line("END", label)),
            (None, None, Some(prefix)) if name == "gitlab" => Ok(Self::Gitlab { prefix: prefix.to_owned() }),
            (None, None, Some(mark)) if name == "azure" && is_azure_mark(mark) => {
                Ok(Self::AzureKey { mark: mark.to_owned() })
            }
            (None, None, _) => Err(NotAGenerator {
                message: format!("unknown generator `{}`", name.escape_debug()),
                name: name.to_owned(),
            }),
        }
    }

    fn pem_line(edge: &'static str, label: &str) -> Self {
        Self::PemLine { edge, label: label.to_owned() }
    }

    fn characters(class: &'static str, argument: &str) -> Result<Self, NotAGenerator> {
        let (length, crc) = match argument.strip_suffix("+crc32") {
            Some(length) if class == "base62" => (length, true),
            Some(_) => return Err(NotAGenerator::new("only `base62` can have `+crc32`".to_owned())),
            None => (argument, false),
        };
        match length.parse() {
            Ok(length) if (1..=MAX_LENGTH).contains(&length) => Ok(Self::Characters { class, length, crc }),
            _ => Err(NotAGenerator::new("length of a generator must be a number from 1 to 4096".to_owned())),
        }
    }

    /// Text of this kind that looks random.
    pub(crate) fn generate(&self, dice: &mut Dice) -> String {
        match self {
            Self::Characters { class, length, crc } => {
                let body = dice.characters(class, *length);
                let sum = if *crc { base62_crc32(body.as_bytes()) } else { String::new() };
                body + &sum
            }
            Self::Uuid => dice.uuid(),
            Self::Word => dice.word().to_owned(),
            Self::AwsKeyId => dice.aws_key_id(),
            Self::Grafana => dice.grafana(),
            Self::Jwt => dice.jwt(),
            Self::Pypi => dice.pypi(),
            Self::DiscordId => STANDARD_NO_PAD.encode(dice.characters("digits", 18)),
            Self::BasicAuth => {
                STANDARD.encode(format!("svc-{}:{}", dice.word(), dice.characters("password", 16)))
            }
            Self::Base64Word => STANDARD.encode(format!("{}.{}", dice.word(), dice.word())),
            Self::Age { prefix } => dice.age(prefix),
            Self::OnepasswordToken => dice.onepassword(),
            Self::Sentry => dice.sentry(),
            Self::Mapbox => dice.mapbox(),
            Self::Flyio => dice.flyio(),
            Self::Vault => dice.vault(),
            Self::Jfrog => dice.jfrog(),
            Self::GrafanaCloud => dice.grafana_cloud(),
            Self::GrafanaLegacy => dice.grafana_legacy(),
            Self::Tolgee => dice.tolgee(),
            Self::NatsSeed => dice.nats_seed(),
            Self::StellarSeed => dice.stellar_seed(),
            Self::BitcoinWif => dice.bitcoin_wif(),
            Self::Gitlab { prefix } => dice.gitlab(prefix),
            Self::AzureKey { mark } => dice.azure_key(mark),
            Self::PemLine { edge, label } => format!("-----{edge} {label}-----"),
        }
    }
}

/// Deterministic chance: SplitMix64 (Steele, Lea, Flood 2014). Never for keys.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn word(&mut self) -> &'static str {
        let length = WORDS.len().max(1) as u64;
        let index = usize::try_from(self.roll() % length).unwrap_or(0);
        WORDS.get(index).copied().unwrap_or_default()
    }

    /// `length` characters of a class. Draws again until they look random; 64 draws are enough for every class and length.
    pub(crate) fn characters(&mut self, class: &str, length: usize) -> String {
        let alphabet = CLASSES.iter().find(|(name, _)| *name == class).map_or(LOWER, |(_, set)| *set);
        let mut drawn = Vec::new();
        for _ in 0..64 {
            drawn = (0..length).map(|_| pick(alphabet, self.roll())).collect();
            settle_ends(class, &mut drawn, self);
            if looks_random(alphabet, &drawn) {
                break;
            }
        }
        drawn.iter().map(|byte| char::from(*byte)).collect()
    }

    pub(crate) fn uuid(&mut self) -> String {
        let hex = |dice: &mut Self, length| dice.characters("hex", length);
        let variant = char::from(pick(b"89ab", self.roll()));
        let (a, b, c) = (hex(self, 8), hex(self, 4), hex(self, 3));
        format!("{a}-{b}-4{c}-{variant}{}-{}", hex(self, 3), hex(self, 12))
    }
}

pub(crate) fn pick(alphabet: &[u8], roll: u64) -> u8 {
    let length = alphabet.len().max(1) as u64;
    let index = usize::try_from(roll % length).unwrap_or(0);
    alphabet.get(index).copied().unwrap_or(b'0')
}

/// First and last characters that the real thing has too.
fn settle_ends(class: &str, drawn: &mut [u8], dice: &mut Dice) {
    match (class, drawn) {
        ("digits", [first, ..]) => *first = pick(b"123456789", dice.roll()),
        ("base64url", [only]) => *only = pick(BASE62, dice.roll()),
        ("base64url", [first, .., last]) => {
            *first = pick(BASE62, dice.roll());
            *last = pick(BASE62, dice.roll());
        }
        ("password", [first, .., last]) => {
            *first = pick(b"abcdefghjkmnpqrstuvwxyz", dice.roll());
            *last = pick(b"23456789", dice.roll());
        }
        _ => {}
    }
}

fn looks_random(alphabet: &[u8], drawn: &[u8]) -> bool {
    let triple = drawn.windows(3).any(|three| three.iter().all(|byte| Some(byte) == three.first()));
    let classes: [fn(&u8) -> bool; 3] = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    let covered = |class: &fn(&u8) -> bool| !alphabet.iter().any(class) || drawn.iter().any(class);
    let symbols = !alphabet.contains(&b'!') || drawn.iter().any(u8::is_ascii_punctuation);
    !triple && (drawn.len() < 8 || (classes.iter().all(covered) && symbols))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_keep_their_alphabet_and_length() {
        for (name, alphabet) in CLASSES {
            let Ok(generator) = Generator::parse(&format!("{name}:24")) else { panic!("{name}") };
            for seed in 0..50 {
                let text = generator.generate(&mut Dice::new(seed));
                assert_eq!(text.len(), 24, "{name}");
                assert!(text.bytes().all(|byte| alphabet.contains(&byte)), "{name}: {text}");
                assert!(looks_random(alphabet, text.as_bytes()), "{name}: {text}");
            }
        }
    }

    #[test]
    fn refuses_bad_lengths_and_arguments() {
        for bad in ["hex", "hex:", "hex:0", "hex:5000", "hex:8+crc32", "uuid:3", "nope:3", "begin"] {
            assert!(Generator::parse(bad).is_err(), "{bad}");
        }
    }
}
