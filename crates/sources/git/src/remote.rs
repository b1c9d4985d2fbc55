//! Remote addresses without what must not be published: user, password, query, fragment (git-clone(1), "GIT URLS").

/// `url` without credentials; none when it runs a transport helper (`ext::…`), cannot be shown, or is so malformed that a
/// password might hide in it.
pub(crate) fn public_address(url: &str) -> Option<String> {
    if url.is_empty() || url.chars().any(char::is_control) || url.contains("::") && !url.contains('[') {
        return None;
    }
    match url.split_once("://") {
        Some((scheme, rest)) => from_url(scheme, rest),
        None => from_scp(url),
    }
}

fn from_url(scheme: &str, rest: &str) -> Option<String> {
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port = match host.rsplit_once(']') {
        Some((_, after)) => after.strip_prefix(':').unwrap_or_default(),
        None => host.split_once(':').map_or("", |(_, port)| port),
    };
    // A password with an unescaped `/` puts its end, and the `@`, into the path.
    let suspicious = !is_scheme
        || !port.bytes().all(|byte| byte.is_ascii_digit())
        || (host.contains(':') && path.contains('@'))
        || has_credentials(path);
    (!suspicious).then(|| format!("{scheme}://{host}{path}"))
}

/// `user@host:path`, or a path on this machine.
fn from_scp(url: &str) -> Option<String> {
    let slash = url.find('/').unwrap_or(url.len());
    let Some(colon) = url.find(':').filter(|colon| *colon < slash) else { return Some(url.to_owned()) };
    let (host, path) = url.split_at(colon);
    match host.rsplit_once('@') {
        Some(_) if has_credentials(path) => None,
        Some((_, host)) => Some(format!("{host}{path}")),
        None if path.contains('@') => None,
        None => Some(url.to_owned()),
    }
}

/// Whether a path may hold a user: relays take the address of a repository, with its credentials, as their path. `/` or `:` is before it.
fn has_credentials(path: &str) -> bool {
    let path = delimited(path);
    let mut parts = path.get(1..).unwrap_or_default().split('/');
    let last = parts.next_back().unwrap_or_default();
    let is_user = |part: &str| part.split_once('@').is_some_and(|(before, _)| before.contains(':'));
    // A host with a path behind it has its user before it; a scope (`@scope/a`) has nobody.
    let is_host = |part: &str| part.rfind('@').is_some_and(|at| at > 0);
    path.contains("://") && path.contains('@') || is_user(last) || parts.any(is_host)
}

/// A path with the delimiters that it escapes written as they are (RFC 3986 2.1).
fn delimited(path: &str) -> String {
    let plain = [("%3A", ":"), ("%3a", ":"), ("%2F", "/"), ("%2f", "/"), ("%40", "@")];
    plain.iter().fold(path.to_owned(), |path, (escaped, plain)| path.replace(escaped, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_credentials() {
        for (url, public) in [
            ("https://host/a/b.git", "https://host/a/b.git"),
            ("https://user:pass@host:8443/a.git?token=t#f", "https://host:8443/a.git"),
            ("https://token@host/a", "https://host/a"),
            ("https://a:b@c:d@host/a", "https://host/a"),
            ("https://host/@scope/a", "https://host/@scope/a"),
            ("https://host/%40scope/a", "https://host/%40scope/a"),
            ("https://host/a@1.0", "https://host/a@1.0"),
            ("git@host:@scope/a", "host:@scope/a"),
            ("https://host?token=t", "https://host"),
            ("ssh://git@[2001:db8::1]:22/a", "ssh://[2001:db8::1]:22/a"),
            ("git@host:a/b.git", "host:a/b.git"),
            ("host:a/b.git", "host:a/b.git"),
            ("/srv/git/a.git", "/srv/git/a.git"),
            ("../a:b@c", "../a:b@c"),
            ("file:///srv/a", "file:///srv/a"),
        ] {
            assert_eq!(public_address(url).as_deref(), Some(public), "{url}");
        }
    }

    #[test]
    fn refuses_what_may_hide_a_secret() {
        for url in [
            "ext::sh -c 'curl -u user:pass host'",
            "https://user:pa/ss@host/a",
            "https://user:12/34@host/a",
            "user:pass@host:path",
            "https://host/\x1b[31m",
            "https://relay/https://user:pass@host/a.git",
            "https://relay/https://token@host/a.git",
            "https://relay/user:pass@host/a.git",
            "git@relay:https://user:pass@host/a.git",
            "https://relay/token@host/a.git",
            "https://relay/token%40host/a.git",
            "https://relay/user%3apass@host",
            "https://relay/https%3A%2F%2Fuser%3Apass%40host%2Fa.git",
            "git@relay:token@host/a.git",
            "git@relay:user%3Apass@host",
            "",
        ] {
            assert_eq!(public_address(url), None, "{url}");
        }
    }
}
