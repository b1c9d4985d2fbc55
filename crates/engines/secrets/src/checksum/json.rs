//! Tokens that pack a JSON object.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{Verdict, lenient_base64};
use crate::filter;

fn object(json: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(json).ok()
}

fn has_text(object: &Map<String, Value>, key: &str) -> bool {
    object.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
}

/// The text of `key`, when it is a name that a message may show.
fn name<'o>(object: &'o Map<String, Value>, key: &str) -> Option<&'o str> {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let text = object.get(key)?.as_str()?;
    (1..=64).contains(&text.len()).then_some(text).filter(|text| text.bytes().all(of_name))
}

/// RFC 7519: three parts; header and claims are JSON objects, the header names an algorithm. Tokens that
/// pages about the format show are none.
pub(super) fn is_jwt(token: &[u8]) -> bool {
    let decoded = |part: &[u8]| object(&URL_SAFE_NO_PAD.decode(part).ok()?);
    let parts: Vec<_> = token.split(|byte| *byte == b'.').collect();
    let [header, claims, signature] = parts.as_slice() else { return false };
    is_signature(signature)
        && decoded(header).is_some_and(|header| header.get("alg").is_some_and(names_algorithm))
        && decoded(claims).is_some_and(|claims| !is_printed(&claims))
}

/// Whether a signature could be one: base 64, and no text.
fn is_signature(signature: &[u8]) -> bool {
    let text = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
    let of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !signature.is_empty()
        && signature.iter().all(of_base64)
        && !filter::is_placeholder(signature)
        && lenient_base64(signature).is_none_or(|bytes| bytes.len() < SHORTEST_TEXT || !text(&bytes))
}

/// Bytes of a text that are hardly ever drawn.
const SHORTEST_TEXT: usize = 8;

/// Whether a header names an algorithm; `none` signs nothing (RFC 7518 3.6).
fn names_algorithm(algorithm: &Value) -> bool {
    algorithm.as_str().is_some_and(|name| !name.eq_ignore_ascii_case("none"))
}

/// Whether claims are those of the tokens that pages about the format show, or of those in RFC 7515 A.1 and RFC 7591 2.3.
fn is_printed(claims: &Map<String, Value>) -> bool {
    let is = |key: &str, value: Value| claims.get(key) == Some(&value);
    let shown = is("sub", "1234567890".into()) && !claims.contains_key("exp");
    (is("name", "John Doe".into()) && (shown || is("iat", 1_516_239_022.into())))
        || (is("iss", "joe".into()) && is("exp", 1_300_819_380.into()))
        || is("software_id", "4NRB1-0XZABZI9E6-5SM3R".into())
}

/// `ops_` and what an account signs in with.
pub(super) fn is_onepassword_token(token: &[u8]) -> bool {
    let keys = token.strip_prefix(b"ops_").and_then(lenient_base64).and_then(|json| object(&json));
    keys.is_some_and(|keys| has_text(&keys, "signInAddress") && has_text(&keys, "secretKey"))
}

/// `sntrys_`, JSON with issue time and organisation, `_`, 32 bytes.
pub(super) fn sentry_org(token: &[u8]) -> Verdict {
    let Some(body) = token.strip_prefix(b"sntrys_") else { return Verdict::Impossible };
    let Some(at) = memchr::memrchr(b'_', body) else { return Verdict::Impossible };
    let (payload, secret) = (body.get(..at).unwrap_or_default(), body.get(at + 1..).unwrap_or_default());
    let facts = lenient_base64(payload).and_then(|json| object(&json));
    let facts = facts.filter(|facts| facts.contains_key("iat") && has_text(facts, "url"));
    let whole = lenient_base64(secret).is_some_and(|bytes| bytes.len() == 32);
    match facts {
        Some(facts) if whole && !filter::is_placeholder(secret) => {
            named(&facts, "org", "it decodes as a token of the organisation")
        }
        _ => Verdict::Impossible,
    }
}

/// Valid, with the name that the payload gives.
fn named(object: &Map<String, Value>, key: &str, message: &str) -> Verdict {
    match name(object, key) {
        Some(name) => Verdict::Valid(format!("{message} `{name}`")),
        None => Verdict::Valid(message.to_owned()),
    }
}

/// `sk.`, JSON with the user, a signature.
pub(super) fn mapbox(token: &[u8]) -> Verdict {
    let parts: Vec<_> = token.split(|byte| *byte == b'.').collect();
    let [b"sk", payload, signature] = parts.as_slice() else { return Verdict::Impossible };
    let facts = lenient_base64(payload).and_then(|json| object(&json));
    match facts.filter(|facts| has_text(facts, "u")) {
        Some(facts) if !signature.is_empty() && !filter::is_placeholder(signature) => {
            named(&facts, "u", "it decodes as a token of the account")
        }
        _ => Verdict::Impossible,
    }
}

/// `glc_` and JSON with organisation, name and key.
pub(super) fn grafana_cloud(token: &[u8]) -> Verdict {
    let facts = token.strip_prefix(b"glc_").and_then(lenient_base64).and_then(|json| object(&json));
    match facts.filter(|facts| facts.contains_key("o") && has_text(facts, "k")) {
        Some(facts) => named(&facts, "n", "it decodes as the access policy token"),
        None => Verdict::Impossible,
    }
}

/// JSON with key, name and organisation.
pub(super) fn grafana_legacy(token: &[u8]) -> Verdict {
    let facts = lenient_base64(token).and_then(|json| object(&json));
    match facts.filter(|facts| facts.contains_key("id") && has_text(facts, "k")) {
        Some(facts) => named(&facts, "n", "it decodes as the API key"),
        None => Verdict::Impossible,
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use palisade_rulefile::Checksum;

    use super::super::tests::{holds, message};
    use super::*;

    /// Printed in documentation of the format.
    #[test]
    fn knows_a_json_web_token() {
        let token = ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "q7Rt5vKp2mXz"];
        assert!(holds(Checksum::Jwt, &token.join(".")));
        assert!(!holds(Checksum::Jwt, &token.join(".").replacen('e', "f", 1)));
        assert!(!holds(Checksum::Jwt, &[token[0], token[1], "xxxxxxxxxxxx"].join(".")));
        assert!(!holds(Checksum::Jwt, &token[..2].join(".")));
        let printed = URL_SAFE_NO_PAD.encode("{\"iss\":\"joe\",\r\n \"exp\":1300819380}");
        assert!(!holds(Checksum::Jwt, &[token[0], &printed, token[2]].join(".")));
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        assert!(!holds(Checksum::Jwt, &[&unsigned, token[1], token[2]].join(".")));
        let told = URL_SAFE_NO_PAD.encode("custom_signature");
        assert!(!holds(Checksum::Jwt, &[token[0], token[1], &told].join(".")));
        let statement = URL_SAFE_NO_PAD.encode(r#"{"software_id":"4NRB1-0XZABZI9E6-5SM3R"}"#);
        assert!(!holds(Checksum::Jwt, &[token[0], &statement, token[2]].join(".")));
    }

    /// JSON as the vendors' generators write it, packed by the plain encoder.
    #[test]
    fn reads_the_names_in_tokens() {
        let secret = "6o7QKoKhdZMPIzfNN5TFIggAbWsa8MDL1iVliqwsn6o";
        let sentry = |json: &str| ["sntrys_", &STANDARD.encode(json), "_", secret].concat();
        let facts = r#"{"iat": 1684154626.87, "url": "https://sentry.io", "org": "acme"}"#;
        let said = message(sentry_org(sentry(facts).as_bytes()));
        assert_eq!(said.as_deref(), Some("it decodes as a token of the organisation `acme`"));
        assert!(!holds(Checksum::SentryOrg, &sentry(&facts.replace("iat", "tai"))));
        assert!(!holds(Checksum::SentryOrg, &sentry(facts.trim_end_matches('}'))));
        assert!(!holds(Checksum::SentryOrg, sentry(facts).trim_end_matches("6o")));
        let mapbox = |json: &str| ["sk", &URL_SAFE_NO_PAD.encode(json), "B9E8RH4zBR7u-Vpg5WFD1g"].join(".");
        let said = message(super::mapbox(mapbox(r#"{"u":"acme","a":"ck9zq7"}"#).as_bytes()));
        assert_eq!(said.as_deref(), Some("it decodes as a token of the account `acme`"));
        assert!(!holds(Checksum::MapboxSecret, &mapbox(r#"{"user":"acme","a":"ck9zq7"}"#)));
        assert!(!holds(Checksum::MapboxSecret, &mapbox(r#"{"u":"acme"}"#).replacen("sk", "pk", 1)));
        let cloud = |json: &str| ["glc_", &STANDARD.encode(json)].concat();
        let said =
            message(grafana_cloud(cloud(r#"{"o":"412345","n":"push-logs","k":"xDvK12wA"}"#).as_bytes()));
        assert_eq!(said.as_deref(), Some("it decodes as the access policy token `push-logs`"));
        assert!(!holds(Checksum::GrafanaCloud, &cloud(r#"{"o":"412345","n":"push-logs"}"#)));
        let said =
            message(grafana_legacy(STANDARD.encode(r#"{"k":"BKiXxSUm","n":"ci\u001b","id":1}"#).as_bytes()));
        assert_eq!(
            said.as_deref(),
            Some("it decodes as the API key"),
            "a name that could harm a terminal stays out"
        );
        let account = |json: &str| ["ops_", &URL_SAFE_NO_PAD.encode(json)].concat();
        let facts = r#"{"signInAddress":"acme.1password.com","secretKey":"A3-K"}"#;
        assert!(holds(Checksum::OnepasswordToken, &account(facts)));
        assert!(!holds(Checksum::OnepasswordToken, &account(&facts.replace("secretKey", "key"))));
    }
}
