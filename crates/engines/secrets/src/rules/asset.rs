//! What a credential opens, as far as the text around it says.

use std::sync::LazyLock;

use palisade_model::{Asset, Span};
use regex::bytes::Regex;

use super::Scene;

/// Longest name, in bytes.
const MAX_NAME: usize = 256;
/// Bytes on either side of a secret in which its asset is looked for.
const REACH: usize = 1024;

/// Bytes on either side of a secret in which an address is looked for on its line.
const LINE_REACH: usize = 512;

static HOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    field(
        "host(?:_?name|_?base)?|server(?:_?name)?|address|addr|data[ _]?source|endpoint|network address|repository|registry|url|uri",
    )
});
static USER: LazyLock<Option<Regex>> =
    LazyLock::new(|| field("user(?:[ _]?(?:name|id))?|uid|login|email|access_key(?:_id)?"));
static DATABASE: LazyLock<Option<Regex>> =
    LazyLock::new(|| field("database(?:_?name)?|db(?:_?name)?|initial catalog|bucket"));

/// A name that is given a value in any of the usual ways: ini, JSON, YAML, XML elements and attributes, connection strings.
fn field(names: &str) -> Option<Regex> {
    let before = r#"(?:^|[\s"'<;,{(?&\[:])(?:[a-z]{1,12}[_.-])?"#;
    let between = r#"["']?\]?(?:[ \t]+value)?[ \t]*(?:=>|[:=>])[ \t]*["']?"#;
    Regex::new(&format!(r#"(?i-u)(?m){before}(?:{names}){between}(?<value>[^\s"'<>;,&]+)"#)).ok()
}

/// Names around `secret`, as far as the nearest of `edges` on either side; nothing that is or holds `value`.
pub(super) fn around(scene: &Scene<'_>, secret: Span, value: &[u8], edges: &[&[u8]]) -> Asset {
    let before = scene.get(Span::new(secret.start.saturating_sub(REACH), secret.start));
    let after = scene.get(Span::new(secret.end, secret.end + REACH));
    let start = edges.iter().filter_map(|edge| memchr::memmem::rfind(before, edge)).max().unwrap_or(0);
    let end = edges.iter().filter_map(|edge| memchr::memmem::find(after, edge)).min().unwrap_or(after.len());
    let parts = [before.get(start..).unwrap_or_default(), after.get(..end).unwrap_or_default()];
    let pick = |regex: &Option<Regex>| {
        let regex = regex.as_ref()?;
        parts.iter().find_map(|part| named(regex.captures(part)?.name("value")?.as_bytes(), value))
    };
    Asset { host: pick(&HOST).map(host), user: pick(&USER), database: pick(&DATABASE) }
}

/// The host of an address, which may be a URL.
fn host(text: String) -> String {
    let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().to_owned()
}

/// A name as reports may show it: printable, not too long, no hole in a template, and nothing of the secret `value`.
pub(super) fn named(name: &[u8], value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(name).ok()?.trim();
    let hole = text.contains(['$', '{', '}', '<', '>', '%']);
    let fits = (1..=MAX_NAME).contains(&text.len()) && !text.contains(char::is_control);
    let secret = !value.is_empty() && memchr::memmem::find(name, value).is_some();
    // What hides in an address as user information is a secret of its own.
    let address = text.contains("://") && text.contains('@');
    (fits && !hole && !secret && !address).then(|| text.to_owned())
}

/// The asset, if it says anything.
pub(super) fn some(asset: Asset) -> Option<Asset> {
    (asset != Asset::default()).then_some(asset)
}

/// The host of an address on the line of `secret`.
pub(super) fn host_on_line(scene: &Scene<'_>, secret: Span) -> Option<String> {
    let before = scene.get(Span::new(secret.start.saturating_sub(LINE_REACH), secret.start));
    let before = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let after = scene.get(Span::new(secret.end, secret.end + LINE_REACH));
    let after = after.split(|byte| *byte == b'\n').next().unwrap_or_default();
    [before, after].into_iter().find_map(|part| {
        let address = part.get(memchr::memmem::find(part, b"://")? + 3..)?;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'`<>\\,;)".contains(byte);
        let authority = address.split(ends).next()?;
        let host = authority.rsplit(|byte| *byte == b'@').next()?;
        named(host, b"")
    })
}
