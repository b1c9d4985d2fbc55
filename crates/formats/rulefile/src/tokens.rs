//! Whole tokens of vendors whose parts depend on each other.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::generate::{BASE32, Dice, pick};
use crate::sums::{base36_crc32, base58_check, bech32_polymod, crc16_xmodem, marvin32};

/// Azure's identifiable keys: the mark before the sum, the length in bytes, and the seed of one kind
/// (microsoft/security-utilities, `IdentifiableMetadata`).
const AZURE_KEYS: &[(&str, usize, [u8; 8])] = &[
    ("+ASt", 64, *b"Default0"),
    ("ACDb", 64, *b"MastRW00"),
    ("+ABa", 64, *b"AbAcct00"),
    ("AzFu", 40, *b"Functi00"),
    ("+ACR", 39, *b"ACRDflt0"),
    ("AzSe", 39, *b"Query000"),
    ("AIoT", 32, *b"IoTHub00"),
    ("+ASb", 32, *b"Send0000"),
    ("+AEh", 32, *b"Listen00"),
    ("+ARm", 32, *b"Manage00"),
];

/// The alphabet of Bech32 (BIP-173), in the case that age uses.
const BECH32: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/// Whether `mark` is one that [`Dice::azure_key`] knows.
pub(crate) fn is_azure_mark(mark: &str) -> bool {
    AZURE_KEYS.iter().any(|(known, ..)| *known == mark)
}

impl Dice {
    /// 16 characters of base 32: ten random bytes whose bits 1 to 40 are an account number of twelve digits.
    pub(crate) fn aws_key_id(&mut self) -> String {
        let account = 100_000_000_000 + self.roll() % 900_000_000_000;
        let low = u128::from(self.roll() & 0x7f_ffff_ffff);
        // The first bit is set: keys of the old kind, which carry no account number, have it clear.
        let bits = 1_u128 << 79 | u128::from(account) << 39 | low;
        (0..16).rev().map(|at| char::from(pick(BASE32, (bits >> (5 * at) & 31) as u64))).collect()
    }

    pub(crate) fn grafana(&mut self) -> String {
        let body = format!("glsa_{}", self.characters("base62", 32));
        let sum = crc32fast::hash(body.as_bytes()).swap_bytes();
        format!("{body}_{sum:08x}")
    }

    pub(crate) fn jwt(&mut self) -> String {
        let subject = self.characters("digits", 10);
        let claims = format!(r#"{{"sub":"{subject}","name":"{}","iat":1516239022}}"#, self.word());
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let head = part(r#"{"alg":"HS256","typ":"JWT"}"#);
        format!("{head}.{}.{}", part(&claims), self.characters("base64url", 43))
    }

    /// The seed of a key of NATS for a user.
    pub(crate) fn nats_seed(&mut self) -> String {
        self.key_with_sum(&[18 << 3 | 5, 0])
    }

    /// The secret seed of an account of Stellar.
    pub(crate) fn stellar_seed(&mut self) -> String {
        self.key_with_sum(&[18 << 3])
    }

    /// A private key of Bitcoin's main network whose public half is written short.
    pub(crate) fn bitcoin_wif(&mut self) -> String {
        base58_check(&[&[0x80], self.bytes(32).as_slice(), &[1]].concat())
    }

    fn key_with_sum(&mut self, kind: &[u8]) -> String {
        let mut bytes = kind.to_vec();
        bytes.extend(self.bytes(32));
        bytes.extend(crc16_xmodem(&bytes).to_le_bytes());
        base32(&bytes).to_ascii_uppercase()
    }

    pub(crate) fn pypi(&mut self) -> String {
        let mut macaroon = b"\x02\x01\x08pypi.org\x02\x24".to_vec();
        macaroon.extend(self.uuid().bytes());
        macaroon.extend(b"\x00\x00\x06\x20");
        macaroon.extend((0..32).map(|_| self.roll().to_le_bytes()[0]));
        format!("pypi-{}", URL_SAFE_NO_PAD.encode(macaroon))
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| (self.roll() & 0xff) as u8).collect()
    }

    /// A secret key of age with the prefix `prefix`: 32 bytes in groups of five bits, and six groups of checksum.
    pub(crate) fn age(&mut self, prefix: &str) -> String {
        let mut values: Vec<u8> = (0..51).map(|_| (self.roll() & 31) as u8).collect();
        // The last group has one bit of the key and four of padding.
        values.push((self.roll() & 1) as u8 * 16);
        let padded: Vec<u8> = values.iter().copied().chain([0; 6]).collect();
        let sum = bech32_polymod(prefix.to_ascii_lowercase().as_bytes(), &padded) ^ 1;
        values.extend((0..6).rev().map(|group| (sum >> (5 * group) & 31) as u8));
        let text: String = values.iter().map(|value| char::from(pick(BECH32, u64::from(*value)))).collect();
        format!("{prefix}1{text}")
    }

    /// A routable token of GitLab behind `prefix`.
    pub(crate) fn gitlab(&mut self, prefix: &str) -> String {
        let routing = format!("o:{}\nu:{}", self.characters("alnum", 2), self.characters("alnum", 4));
        let mut payload = self.bytes(16);
        payload.extend(routing.bytes());
        payload.push(u8::try_from(routing.len()).unwrap_or(0));
        let payload = URL_SAFE_NO_PAD.encode(payload);
        let length = base36_length(payload.len());
        let body = format!("{prefix}{payload}.01.{length}");
        let sum = base36_crc32(body.as_bytes());
        body + &sum
    }

    /// An identifiable key of Azure with `mark` before its sum; empty when the mark is unknown.
    pub(crate) fn azure_key(&mut self, mark: &str) -> String {
        let Some((_, length, seed)) = AZURE_KEYS.iter().find(|(known, ..)| *known == mark) else {
            return String::new();
        };
        let engine = if mark == "AzFu" { URL_SAFE } else { STANDARD };
        let random = engine.encode(self.bytes(*length));
        let padding = random.bytes().filter(|byte| *byte == b'=').count();
        let head = random.get(..random.len() - padding - 10).unwrap_or_default();
        let blank = format!("{head}{mark}AAAAAA{}", "=".repeat(padding));
        let mut bytes = engine.decode(blank).unwrap_or_default();
        bytes.truncate(length - 4);
        let sum = marvin32(&bytes, *seed);
        bytes.extend(sum.to_le_bytes());
        engine.encode(bytes)
    }

    /// A service account token of 1Password.
    pub(crate) fn onepassword(&mut self) -> String {
        let json = format!(
            concat!(
                r#"{{"signInAddress":"my.1password.com","userAuth":{{"method":"SRPg-4096","alg":"PBES2g-HS256","#,
                r#""iterations":650000,"salt":"{}"}},"email":"{}@1passwordserviceaccounts.com","srpX":"{}","#,
                r#""muk":{{"alg":"A256GCM","k":"{}","kty":"oct","kid":"mp"}},"secretKey":"A3-{}","#,
                r#""throttleSecret":{{"seed":"{}","uuid":"{}"}},"deviceUuid":"{}"}}"#
            ),
            self.characters("base64url", 22),
            self.characters("alnum", 13),
            self.characters("hex", 64),
            self.characters("base64url", 43),
            self.characters("onepassword", 32),
            self.characters("hex", 64),
            self.characters("ALNUM", 26),
            self.characters("alnum", 26),
        );
        format!("ops_{}", STANDARD.encode(json))
    }

    /// An organisation token of Sentry.
    pub(crate) fn sentry(&mut self) -> String {
        let json = format!(
            r#"{{"iat":17{}.{},"url":"https://sentry.io","region_url":"https://us.sentry.io","org":"{}"}}"#,
            self.characters("digits", 8),
            self.characters("digits", 6),
            self.word(),
        );
        let secret = STANDARD.encode(self.bytes(32));
        format!("sntrys_{}_{}", STANDARD.encode(json), secret.trim_end_matches('='))
    }

    /// A secret token of Mapbox.
    pub(crate) fn mapbox(&mut self) -> String {
        let json =
            format!(r#"{{"u":"{}-{}","a":"c{}"}}"#, self.word(), self.word(), self.characters("alnum", 24));
        format!("sk.{}.{}", URL_SAFE_NO_PAD.encode(json), self.characters("base64url", 22))
    }

    /// A macaroon of Fly.io: nonce (key id, random bytes, flag), location, caveats, tail.
    pub(crate) fn flyio(&mut self) -> String {
        let mut pack = b"\x94\x93\xc4\x10".to_vec();
        pack.extend(self.bytes(16));
        pack.extend(b"\xc4\x10");
        pack.extend(self.bytes(16));
        pack.extend(b"\xc2\xb5https://api.fly.io/v1\x92\x00\x92\xce");
        pack.extend(self.bytes(4));
        pack.extend(b"\x1f\xc4\x20");
        pack.extend(self.bytes(32));
        format!("fm2_{}", STANDARD.encode(pack))
    }

    /// A service token of Vault: version, HMAC, and the inner token.
    pub(crate) fn vault(&mut self) -> String {
        let mut message = b"\x08\x01\x12\x20".to_vec();
        message.extend(self.bytes(32));
        message.extend(b"\x1a\x1e\x0a\x1c");
        message.extend(b"hvs.");
        message.extend(self.characters("base62", 24).bytes());
        format!("hvs.{}", URL_SAFE_NO_PAD.encode(message))
    }

    /// A reference token of JFrog.
    pub(crate) fn jfrog(&mut self) -> String {
        let text = format!("reftkn:01:{}:{}", self.characters("digits", 10), self.characters("base62", 27));
        STANDARD.encode(text)
    }

    /// An access policy token of Grafana Cloud.
    pub(crate) fn grafana_cloud(&mut self) -> String {
        let json = format!(
            r#"{{"o":"{}","n":"{}-{}","k":"{}","m":{{"r":"prod-us-east-0"}}}}"#,
            self.characters("digits", 6),
            self.word(),
            self.word(),
            self.characters("base62", 24),
        );
        format!("glc_{}", STANDARD.encode(json))
    }

    /// An API key of old Grafana.
    pub(crate) fn grafana_legacy(&mut self) -> String {
        let json = format!(r#"{{"k":"{}","n":"{}","id":1}}"#, self.characters("base62", 32), self.word());
        STANDARD.encode(json)
    }

    /// What stands behind `tgpak_` in a project key of Tolgee.
    pub(crate) fn tolgee(&mut self) -> String {
        let digits = *b"0123456789abcdefghijklmnopqrstuv";
        let key: String = (0..26).map(|_| char::from(pick(&digits, self.roll()))).collect();
        base32(format!("{}_{key}", self.characters("digits", 4)).as_bytes())
    }
}

/// Two digits in base 36.
fn base36_length(length: usize) -> String {
    let digits = *b"0123456789abcdefghijklmnopqrstuvwxyz";
    [length / 36, length % 36].iter().map(|digit| char::from(pick(&digits, *digit as u64))).collect()
}

/// Base 32 (RFC 4648) in lower case, without padding.
fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| u64::from(byte >> (7 - at % 8) & 1));
    let group = |at: usize| (0..5).fold(0, |value, offset| value << 1 | bit(5 * at + offset));
    let digits = (0..(8 * bytes.len()).div_ceil(5)).map(|at| char::from(pick(BASE32, group(at))));
    digits.collect::<String>().to_ascii_lowercase()
}
