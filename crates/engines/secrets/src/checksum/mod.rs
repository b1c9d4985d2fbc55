//! What can be said of a token without asking anyone: its checksum, or what is packed inside it.

mod azure;
mod json;
mod packed;
mod sums;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use palisade_rulefile::Checksum;

pub(crate) use self::sums::has_sum_of_key;

/// Base 64 as people paste it: with or without padding, spare bits set or not.
pub(crate) const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Base 64 as an encoder writes it, with or without padding: no spare bit is set.
const STRICT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The same in the alphabet for addresses.
const STRICT_BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const SUM_FITS: &str = "its checksum is valid, so it was issued and not made up";

/// What an offline check says about a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Its checksum or what is packed inside it proves the form; chance does not make such a token. What was seen.
    Valid(String),
    /// It cannot be real.
    Impossible,
    /// It fits, which proves nothing. What was seen.
    Unknown(String),
}

/// Checks a token without asking anyone. Work is linear in its length.
pub(crate) fn check(checksum: Checksum, token: &[u8]) -> Verdict {
    match checksum {
        Checksum::GithubCrc32 | Checksum::NpmCrc32 => valid(sums::has_base62_sum(token), SUM_FITS),
        Checksum::GrafanaCrc32 => valid(sums::has_grafana_sum(token), SUM_FITS),
        Checksum::AgeBech32 => valid(sums::is_age_key(token), SUM_FITS),
        Checksum::GitlabToken => sums::gitlab_token(token),
        Checksum::AwsKeyId => packed::aws_key_id(token),
        Checksum::Jwt => valid(json::is_jwt(token), "its header and claims decode as JSON"),
        Checksum::PypiMacaroon => {
            valid(packed::is_pypi_macaroon(token), "it decodes as a macaroon of the package index")
        }
        Checksum::DiscordBot => valid(packed::is_discord_bot(token), "its first part decodes as a user id"),
        Checksum::OnepasswordToken => {
            valid(json::is_onepassword_token(token), "it decodes as the keys of a service account")
        }
        Checksum::OnepasswordSecretKey => {
            valid(packed::is_onepassword_secret_key(token), "it uses only the letters of such keys")
        }
        Checksum::SentryOrg => json::sentry_org(token),
        Checksum::MapboxSecret => json::mapbox(token),
        Checksum::FlyMacaroon => valid(packed::is_fly_token(token), "it decodes as macaroons of Fly.io"),
        Checksum::VaultService => packed::vault_service(token),
        Checksum::JfrogReference => {
            valid(packed::is_jfrog_reference(token), "it decodes as a reference token")
        }
        Checksum::GrafanaCloud => json::grafana_cloud(token),
        Checksum::GrafanaLegacy => json::grafana_legacy(token),
        Checksum::Pkcs8 => valid(packed::is_pkcs8(token), "it decodes as a whole private key"),
        Checksum::TolgeeProject => packed::tolgee_project(token),
        Checksum::Youtrack => packed::youtrack(token),
        Checksum::Bitwarden => possible(packed::is_bitwarden(token)),
        Checksum::OpenshiftToken => possible(packed::is_openshift(token)),
        Checksum::NatsSeed => valid(sums::is_nats_seed(token), SUM_FITS),
        Checksum::StellarSeed => valid(sums::is_stellar_seed(token), SUM_FITS),
        Checksum::BitcoinWif => valid(sums::is_bitcoin_key(token), SUM_FITS),
        Checksum::AzureMarvin32 => valid(azure::has_sum(token), SUM_FITS),
        Checksum::AzureAnnotated => azure::annotated(token),
        Checksum::AzureStorageKey => azure::storage_key(token),
        Checksum::AzureSas => possible(azure::is_signature(token)),
        Checksum::AzureEntraSecret => azure::entra_secret(token),
    }
}

fn valid(is_valid: bool, message: &str) -> Verdict {
    if is_valid { Verdict::Valid(message.to_owned()) } else { Verdict::Impossible }
}

fn possible(is_possible: bool) -> Verdict {
    if is_possible { unknown() } else { Verdict::Impossible }
}

fn unknown() -> Verdict {
    Verdict::Unknown("it fits the format and is no placeholder".to_owned())
}

/// Decodes whole base 64 in either alphabet, as an encoder writes it.
fn strict_base64(text: &[u8]) -> Option<Vec<u8>> {
    STRICT_BASE64.decode(text).or_else(|_| STRICT_BASE64URL.decode(text)).ok()
}

/// Decodes base 64 in either alphabet, spare bits set or not.
fn lenient_base64(text: &[u8]) -> Option<Vec<u8>> {
    let standard = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    };
    LENIENT_BASE64.decode(text.iter().map(standard).collect::<Vec<_>>()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn holds(checksum: Checksum, token: &str) -> bool {
        check(checksum, token.as_bytes()) != Verdict::Impossible
    }

    pub(super) fn message(verdict: Verdict) -> Option<String> {
        match verdict {
            Verdict::Valid(message) => Some(message),
            Verdict::Impossible | Verdict::Unknown(_) => None,
        }
    }

    #[test]
    fn refuses_garbage_without_panic() {
        let texts = [
            "",
            "_",
            "ghp_",
            "a.b.c",
            "...",
            "pypi-",
            "glsa__",
            "A3-",
            "sk.",
            "hvs.",
            "fm2_",
            "fm2_,",
            "ops_",
            "glpat-.",
            "glcbt-..",
            "sntrys__",
            "glc_",
            "tgpak_",
            "perm:..",
            "0.:",
            "sha256~",
            "AGE-SECRET-KEY-1",
            "====",
            "8Q~",
            "-----BEGIN PRIVATE KEY-----",
            "AzFu",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
            "%",
            "%2",
        ];
        for checksum in Checksum::ALL {
            for text in texts {
                assert!(!holds(*checksum, text), "{} {text}", checksum.name());
            }
        }
    }

    /// Whoever cuts a token short or doubles a part of it gets no panic, and mostly no token.
    #[test]
    fn takes_any_cut() {
        let jwt = ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "c2ln"].join(".");
        let texts =
            [jwt, ["hvs.CAESI", &"Qx7".repeat(30)].concat(), ["fm2_lJPEE", &"k/9".repeat(60)].concat()];
        for text in &texts {
            for checksum in Checksum::ALL {
                for end in 0..=text.len() {
                    let _verdict = check(*checksum, &text.as_bytes()[..end]);
                }
            }
        }
    }
}
