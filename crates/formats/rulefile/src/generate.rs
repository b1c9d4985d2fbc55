use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use palisade_model::{Problem, Span};

use crate::header::with_nearest;

const MAX_LENGTH: usize = 4096;
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
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
    ("base58", b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
    ("base64", b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    ("base64url", b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"),
    ("password", b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789-_.!"),
];
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

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
];

/// Six base-62 digits (`0-9A-Za-z`) of the CRC-32 of `body`: the tail of GitHub's and npm's tokens.
pub fn base62_crc32(body: &[u8]) -> String {
    let mut rest = crc32fast::hash(body);
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = pick(BASE62, u64::from(rest % 62));
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

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

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn word(&mut self) -> &'static str {
        let length = WORDS.len().max(1) as u64;
        let index = usize::try_from(self.roll() % length).unwrap_or(0);
        WORDS.get(index).copied().unwrap_or_default()
    }

    /// `length` characters of a class. Draws again until they look random; 64 draws are enough for every class and length.
    fn characters(&mut self, class: &str, length: usize) -> String {
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

    fn uuid(&mut self) -> String {
        let hex = |dice: &mut Self, length| dice.characters("hex", length);
        let variant = char::from(pick(b"89ab", self.roll()));
        let (a, b, c) = (hex(self, 8), hex(self, 4), hex(self, 3));
        format!("{a}-{b}-4{c}-{variant}{}-{}", hex(self, 3), hex(self, 12))
    }

    /// 16 characters of base 32: ten random bytes whose bits 1 to 40 are an account number of twelve digits.
    fn aws_key_id(&mut self) -> String {
        let account = 100_000_000_000 + self.roll() % 900_000_000_000;
        let low = u128::from(self.roll() & 0x7f_ffff_ffff);
        // The first bit is set: keys of the old kind, which carry no account number, have it clear.
        let bits = 1_u128 << 79 | u128::from(account) << 39 | low;
        (0..16).rev().map(|at| char::from(pick(BASE32, (bits >> (5 * at) & 31) as u64))).collect()
    }

    fn grafana(&mut self) -> String {
        let body = format!("glsa_{}", self.characters("base62", 32));
        let sum = crc32fast::hash(body.as_bytes()).swap_bytes();
        format!("{body}_{sum:08x}")
    }

    fn jwt(&mut self) -> String {
        let subject = self.characters("digits", 10);
        let claims = format!(r#"{{"sub":"{subject}","name":"{}","iat":1516239022}}"#, self.word());
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let head = part(r#"{"alg":"HS256","typ":"JWT"}"#);
        format!("{head}.{}.{}", part(&claims), self.characters("base64url", 43))
    }

    fn pypi(&mut self) -> String {
        let mut macaroon = b"\x02\x01\x08pypi.org\x02\x24".to_vec();
        macaroon.extend(self.uuid().bytes());
        macaroon.extend(b"\x00\x00\x06\x20");
        macaroon.extend((0..32).map(|_| self.roll().to_le_bytes()[0]));
        format!("pypi-{}", URL_SAFE_NO_PAD.encode(macaroon))
    }
}

fn pick(alphabet: &[u8], roll: u64) -> u8 {
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
    fn sums_as_github_does() {
        // A token printed in public documentation of the format: 30 characters and their sum.
        assert_eq!(base62_crc32(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"), "0mLq17");
    }

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
