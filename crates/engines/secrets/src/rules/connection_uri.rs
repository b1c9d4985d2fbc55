use memchr::memmem;
use palisade_model::{Asset, Confidence, Severity, Span};

use super::{Scene, asset, credential};
use crate::candidate::{Hit, Identity, InExamples, Scope, Shown};
use crate::profile::Profile;

const MAX_SCHEME: usize = 24;
/// Longest user, password and host together.
const MAX_AUTHORITY: usize = 512;
/// Heads of schemes whose path names a database or the like.
const DATABASES: &[&str] = &[
    "amqp",
    "clickhouse",
    "cockroach",
    "couchbase",
    "db2",
    "mariadb",
    "mongodb",
    "mssql",
    "mysql",
    "neo4j",
    "oracle",
    "pgsql",
    "postgres",
    "redis",
    "rediss",
    "snowflake",
    "sqlserver",
    "vertica",
];
/// Hosts that stand for a host.
const NO_HOSTS: &[&str] =
    &["host", "hostname", "server", "domain", "domain.com", "your-host", "myhost", "ip", "address"];

/// Passwords in the userinfo of a URI (RFC 3986 3.2.1): `scheme://user:password@host`.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let places = memmem::find_iter(scene.get(window), b"://").map(|at| window.start + at);
    places.filter_map(|at| password(scene, at)).collect()
}

fn password(scene: &Scene<'_>, separator: usize) -> Option<Hit> {
    let scheme = scheme(scene.get(Span::new(separator.saturating_sub(MAX_SCHEME), separator)))?;
    let from = separator + 3;
    let rest = scene.get(Span::new(from, from + MAX_AUTHORITY));
    let authority = rest.get(..rest.iter().position(|byte| ends_authority(*byte)).unwrap_or(rest.len()))?;
    let at = memchr::memrchr(b'@', authority)?;
    let (userinfo, host) = (authority.get(..at)?, authority.get(at + 1..)?);
    let colon = memchr::memchr(b':', userinfo)?;
    let (user, password) = (userinfo.get(..colon)?, userinfo.get(colon + 1..)?);
    let opened = opened(rest, scheme, user, authority.len(), at, password);
    let host = host.split(|byte| matches!(byte, b':' | b',')).next().unwrap_or_default();
    let host = String::from_utf8_lossy(host).to_ascii_lowercase();
    // With this password the user is the token.
    let token_before = password.eq_ignore_ascii_case(b"x-oauth-basic");
    if token_before
        || credential::is_worthless(password)
        || (password == user && !is_elsewhere(scheme, &host))
        || is_no_host(&host)
        || is_no_user(user)
    {
        return None;
    }
    let (severity, confidence, message) = if is_local(&host) {
        (Some(Severity::Low), Some(Confidence::Low), "the host is this very machine")
    } else if credential::is_wordy(password) || credential::is_common(password) {
        (None, Some(Confidence::Low), "the address holds user and password in clear")
    } else {
        (None, None, "the address holds user and password in clear")
    };
    let made_up =
        credential::is_dummy(password) || credential::is_common(password) || is_after(user, password);
    let profile = match (made_up, credential::is_certain(password)) {
        (true, _) => Some(Profile::Paranoid),
        (false, true) => None,
        (false, false) => Some(Profile::Balanced),
    };
    let key = [scheme, b"://", user, b"@", host.as_bytes()].concat();
    Some(Hit {
        secret: Span::new(from + colon + 1, from + at),
        identity: Identity::Guessable(key),
        shown: Shown::Nothing,
        severity,
        confidence,
        profile,
        scope: Scope::Anywhere,
        in_examples: InExamples::Doubtful,
        asset: asset::some(opened),
        message,
    })
}

/// What the password opens: `rest` begins with an authority of `length` bytes that has its sign at `at`.
fn opened(rest: &[u8], scheme: &[u8], user: &[u8], length: usize, at: usize, password: &[u8]) -> Asset {
    let named = |bytes: Option<&[u8]>| asset::named(bytes?, password);
    let scheme = scheme.to_ascii_lowercase();
    let path = rest.get(length..).and_then(|path| path.strip_prefix(b"/"));
    let ends = |byte: &u8| ends_authority(*byte) || matches!(byte, b',' | b')' | b';');
    let path = path.map(|path| path.split(ends).next().unwrap_or_default());
    Asset {
        host: named(rest.get(at + 1..length)),
        user: named(Some(user)),
        database: if is_of_database(&scheme) { named(path) } else { None },
    }
}

/// The scheme that `before` ends with (RFC 3986 3.1).
fn scheme(before: &[u8]) -> Option<&[u8]> {
    let of_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
    let length = before.iter().rev().take_while(|byte| of_scheme(byte)).count();
    before.get(before.len() - length..).filter(|scheme| scheme.len() >= 2)
}

fn ends_authority(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte.is_ascii_control() || b"/?#\"'`<>\\".contains(&byte)
}

fn is_no_host(host: &str) -> bool {
    let example = ["example.com", "example.org", "example.net", "example"];
    let is_example = |name: &&str| host == *name || host.ends_with(&format!(".{name}"));
    host.is_empty()
        || host.contains(['{', '}', '$', '<', '*', '%', '('])
        || host.starts_with('.')
        || NO_HOSTS.contains(&host)
        || example.iter().any(is_example)
}

fn is_no_user(user: &[u8]) -> bool {
    // RFC 3986 wants other letters percent-encoded: these are words for people.
    let foreign = !user.is_empty() && !user.iter().any(u8::is_ascii);
    // `https://mailto:someone@host` is an address of mail that somebody made a link of.
    foreign
        || user == b"mailto"
        || user
            .iter()
            .any(|byte| matches!(byte, b'{' | b'}' | b'$' | b'<' | b'>' | b'(' | b'*' | b'[' | b'%'))
}

/// Whether a password only says whose it is: `reader_password` for `reader`.
fn is_after(user: &[u8], password: &[u8]) -> bool {
    let rest = password.to_ascii_lowercase();
    let rest = rest.strip_prefix(user.to_ascii_lowercase().as_slice());
    rest.is_some_and(|rest| matches!(rest, [b'_' | b'-', ..]) && credential::is_dummy(rest))
}

/// Whether the address is that of a database on a machine of the internet, where a user's name for a password is no default.
fn is_elsewhere(scheme: &[u8], host: &str) -> bool {
    let scheme = scheme.to_ascii_lowercase();
    let top = host.rsplit_once('.').map(|(_, top)| top);
    is_of_database(&scheme) && top.is_some_and(|top| top.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

fn is_of_database(scheme: &[u8]) -> bool {
    DATABASES.iter().any(|head| scheme.starts_with(head.as_bytes()))
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "[" | "host.docker.internal")
        || host.ends_with(".localhost")
}
