use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

/// Who asks a registry.
#[derive(Clone, Default)]
pub enum Credentials {
    /// Nobody.
    #[default]
    Anonymous,
    /// A user with a password or an access token.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Zeroizing<String>,
    },
}

impl Credentials {
    /// The value of an `Authorization` header; none for nobody.
    pub(crate) fn header(&self) -> Option<Zeroizing<String>> {
        let Self::Basic { user, password } = self else { return None };
        let pair = Zeroizing::new(format!("{user}:{}", password.as_str()));
        Some(Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes()))))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "Anonymous",
            Self::Basic { .. } => "Basic",
        })
    }
}

/// Who Docker's configuration says that we are.
#[derive(Debug)]
pub enum DockerLogin {
    /// This one.
    Known(Credentials),
    /// This program has to be asked. Where it keeps nothing for the server, nobody is known: what stands in the file itself does not count
    /// then, for Docker as for others that read the file.
    Helper(CredentialHelper),
}

/// A program that keeps credentials (<https://github.com/docker/docker-credential-helpers>): asked with `get` as its argument and the server
/// on its standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialHelper {
    /// The part of its name behind `docker-credential-`: letters, digits, `.`, `_` and `-`, so never a path.
    pub name: String,
    /// What it knows the registry by.
    pub server: String,
}

impl CredentialHelper {
    /// What its program is called.
    pub fn program(&self) -> String {
        format!("docker-credential-{}", self.name)
    }
}

/// Why nobody can log in by Docker's configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// What it calls a credential helper is no name of one.
    #[error(
        "a credential helper has a name that no program may have here: only letters, digits, `.`, `_` and `-`"
    )]
    HelperName,
    /// What a registry is called in it is longer than a helper is asked for.
    #[error(
        "a registry has a name of more than {SERVER_LIMIT} bytes, for which no credential helper is asked"
    )]
    ServerName,
    /// A helper's answer is not one.
    #[error("the answer of the credential helper is none")]
    Answer,
    /// A token that has to be exchanged for another one, as `docker login` in a browser leaves.
    #[error(
        "what is kept is an identity token, which is not exchanged; log in with a user and an access token"
    )]
    IdentityToken,
}

/// The longest name of a server that a helper is asked for, in bytes: it fits into a pipe whose other end nobody reads.
const SERVER_LIMIT: usize = 1 << 10;

/// What Docker keeps the credentials for its own registry under.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// What helpers write that keep nothing for a server, and fail then.
const NOTHING_KEPT: &[u8] = b"credentials not found in native keychain";

/// What is `null` counts as absent, as it does for Docker.
#[derive(Deserialize)]
struct DockerConfig {
    auths: Option<BTreeMap<String, Option<Auth>>>,
    #[serde(rename = "credHelpers")]
    helpers: Option<BTreeMap<String, Option<String>>>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
}

#[derive(Deserialize)]
struct Auth {
    auth: Option<Zeroizing<String>>,
    username: Option<String>,
    password: Option<Zeroizing<String>>,
    #[serde(rename = "identitytoken")]
    identity_token: Option<Zeroizing<String>>,
}

#[derive(Deserialize)]
struct HelperAnswer {
    #[serde(rename = "Username", default)]
    user: String,
    #[serde(rename = "Secret", default)]
    secret: Zeroizing<String>,
}

/// Who `config`, Docker's `config.json`, says that we are for `registry`, a host with its port as in a reference: the helper of this
/// registry, else the helper of all, else what stands in the file. A registry whose own helper has no name is told in the file. Nobody
/// when it says nothing or is broken.
pub fn docker_login(config: &[u8], registry: &str) -> Result<DockerLogin, LoginError> {
    let Ok(config) = serde_json::from_slice::<DockerConfig>(config) else {
        return Ok(DockerLogin::Known(Credentials::Anonymous));
    };
    let names = match registry {
        "docker.io" => vec![DOCKER_HUB, "docker.io", "index.docker.io", "registry-1.docker.io"],
        registry => vec![registry],
    };
    let helpers = config.helpers.unwrap_or_default();
    let own = names.iter().find_map(|name| Some((*name, helpers.get(*name)?.as_deref().unwrap_or_default())));
    let of_all = || (names.first().copied().unwrap_or(registry), config.store.as_deref().unwrap_or_default());
    match own.unwrap_or_else(of_all) {
        (_, "") => told(&config.auths.unwrap_or_default(), &names).map(DockerLogin::Known),
        (server, name) => helper(name, server).map(DockerLogin::Helper),
    }
}

fn helper(name: &str, server: &str) -> Result<CredentialHelper, LoginError> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_good) {
        return Err(LoginError::HelperName);
    }
    if server.len() > SERVER_LIMIT {
        return Err(LoginError::ServerName);
    }
    Ok(CredentialHelper { name: name.to_owned(), server: server.to_owned() })
}

/// What stands in the file itself: under a name of the registry, else under an address of its host.
fn told(auths: &BTreeMap<String, Option<Auth>>, names: &[&str]) -> Result<Credentials, LoginError> {
    let exact = names.iter().find_map(|name| auths.get(*name));
    let of_host = || auths.iter().find(|(key, _)| names.contains(&host(key))).map(|(_, auth)| auth);
    let Some(Some(auth)) = exact.or_else(of_host) else { return Ok(Credentials::Anonymous) };
    if auth.identity_token.as_ref().is_some_and(|token| !token.is_empty()) {
        return Err(LoginError::IdentityToken);
    }
    Ok(kept(auth).unwrap_or_default())
}

/// A user and a password, together in base64 or each in plain text.
fn kept(auth: &Auth) -> Option<Credentials> {
    let Some(pair) = auth.auth.as_ref().filter(|pair| !pair.is_empty()) else {
        return Some(basic(auth.username.clone()?, auth.password.clone().unwrap_or_default()));
    };
    let pair = Zeroizing::new(STANDARD.decode(pair.trim()).ok()?);
    let (user, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    Some(basic(user.to_owned(), Zeroizing::new(password.trim_matches('\0').to_owned())))
}

/// Nobody where there is neither a user nor a password.
fn basic(user: String, password: Zeroizing<String>) -> Credentials {
    if user.is_empty() && password.is_empty() {
        return Credentials::Anonymous;
    }
    Credentials::Basic { user, password }
}

/// What a helper wrote on its standard output. One that keeps nothing for the server says so in fixed words, and is no error.
pub fn helper_answer(output: &[u8]) -> Result<Credentials, LoginError> {
    if output.trim_ascii() == NOTHING_KEPT {
        return Ok(Credentials::Anonymous);
    }
    let answer: HelperAnswer = serde_json::from_slice(output).map_err(|_| LoginError::Answer)?;
    match answer.user.as_str() {
        "<token>" => Err(LoginError::IdentityToken),
        _ => Ok(basic(answer.user, answer.secret)),
    }
}

/// Docker writes keys as hosts and as addresses such as `https://index.docker.io/v1/`.
fn host(key: &str) -> &str {
    let key = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    key.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_of(login: Result<DockerLogin, LoginError>) -> String {
        match login {
            Ok(DockerLogin::Known(Credentials::Basic { user, password })) => {
                format!("{user}:{}", password.as_str())
            }
            Ok(DockerLogin::Known(Credentials::Anonymous)) => "nobody".to_owned(),
            Ok(DockerLogin::Helper(helper)) => format!("{} for {}", helper.program(), helper.server),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn docker_s_file_is_read_by_host() {
        let auth = STANDARD.encode("someone:made-up:word");
        let config = format!(
            "{{\"auths\":{{\"https://index.docker.io/v1/\":{{\"auth\":\"{auth}\"}},\"ghcr.io\":{{}},\"a:5000\":{{\"auth\":\"*\"}}}}}}"
        );
        let user = |registry| user_of(docker_login(config.as_bytes(), registry));
        assert_eq!(user("docker.io"), "someone:made-up:word");
        for other in ["ghcr.io", "a:5000", "a", "quay.io"] {
            assert_eq!(user(other), "nobody", "{other}");
        }
        assert_eq!(user_of(docker_login(b"[]", "docker.io")), "nobody");
    }

    /// As Docker's command line has it (docs.docker.com, "docker login", credential stores and helpers; docker/cli,
    /// `cli/config/configfile/file.go`, `GetAuthConfig`).
    #[test]
    fn helpers_are_named_for_one_registry_or_for_all() {
        let auth = STANDARD.encode("someone:made-up:word");
        let config = format!(
            "{{\"auths\":{{\"https://ghcr.io\":{{}},\"quay.io\":{{\"auth\":\"{auth}\"}},\"b\":{{\"auth\":\"{auth}\"}},\"d\":{{\"auth\":\"{auth}\"}}}},\"credHelpers\":{{\"b\":\"ecr-login\",\"c\":\"../x\",\"d\":\"\",\"e\":null}},\"credsStore\":\"pass\"}}"
        );
        let user = |registry| user_of(docker_login(config.as_bytes(), registry));
        assert_eq!(user("ghcr.io"), "docker-credential-pass for ghcr.io");
        assert_eq!(user("docker.io"), "docker-credential-pass for https://index.docker.io/v1/");
        assert_eq!(user("a:5000"), "docker-credential-pass for a:5000");
        assert_eq!(user("quay.io"), "docker-credential-pass for quay.io");
        assert_eq!(user("b"), "docker-credential-ecr-login for b");
        assert_eq!(user("c"), LoginError::HelperName.to_string());
        assert_eq!(user("d"), "someone:made-up:word", "its own helper is none");
        assert_eq!(user("e"), "nobody");
    }

    #[test]
    fn helpers_are_asked_for_short_names_only() {
        let user = |len: usize| user_of(docker_login(b"{\"credsStore\":\"pass\"}", &"a".repeat(len)));
        assert!(user(1024).starts_with("docker-credential-pass for aa"));
        assert_eq!(user(1025), LoginError::ServerName.to_string());
    }

    #[test]
    fn null_is_absent() {
        let auth = STANDARD.encode("someone:made-up:word");
        for (rest, expected) in [
            ("\"credHelpers\":null,\"credsStore\":null", "someone:made-up:word"),
            ("\"credHelpers\":{\"b\":\"x\"}", "someone:made-up:word"),
            ("\"credHelpers\":null,\"credsStore\":\"pass\"", "docker-credential-pass for a"),
        ] {
            let config = format!("{{\"auths\":{{\"a\":{{\"auth\":\"{auth}\"}},\"b\":null}},{rest}}}");
            assert_eq!(user_of(docker_login(config.as_bytes(), "a")), expected, "{rest}");
        }
        let nothing = b"{\"auths\":null,\"credsStore\":\"pass\"}";
        assert_eq!(user_of(docker_login(nothing, "a")), "docker-credential-pass for a");
    }

    /// What docker/cli keeps in `types.AuthConfig`.
    #[test]
    fn entries_of_the_file_are_read() {
        let auth = |pair: &str| STANDARD.encode(pair);
        for (entry, expected) in [
            (format!("{{\"auth\":\"{}\"}}", auth("u:p\0\0")), "u:p"),
            ("{\"username\":\"u\",\"password\":\"p\"}".to_owned(), "u:p"),
            (
                format!(
                    "{{\"auth\":\"{}\",\"username\":\"v\",\"password\":\"q\",\"identitytoken\":\"\"}}",
                    auth("u:p")
                ),
                "u:p",
            ),
            (format!("{{\"auth\":\"{}\"}}", auth(":")), "nobody"),
            (
                format!("{{\"auth\":\"{}\",\"identitytoken\":\"made-up\"}}", auth("u:")),
                &LoginError::IdentityToken.to_string(),
            ),
        ] {
            let config = format!("{{\"auths\":{{\"https://a\":{{}},\"a\":{entry}}}}}");
            assert_eq!(user_of(docker_login(config.as_bytes(), "a")), expected, "{entry}");
        }
    }

    #[test]
    fn answers_of_helpers_are_read() {
        let answer = |text: &str| user_of(helper_answer(text.as_bytes()).map(DockerLogin::Known));
        assert_eq!(answer("{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"p\"}\n"), "u:p");
        assert_eq!(answer("credentials not found in native keychain\n"), "nobody");
        assert_eq!(
            answer("{\"Username\":\"<token>\",\"Secret\":\"p\"}"),
            LoginError::IdentityToken.to_string()
        );
        assert_eq!(answer("{\"ServerURL\":\"x\",\"Username\":\"\",\"Secret\":\"\"}"), "nobody");
        assert_eq!(answer("{}"), "nobody", "as Go reads it");
        for broken in ["", "no", "credentials not found: the keychain is locked"] {
            assert_eq!(answer(broken), LoginError::Answer.to_string(), "{broken}");
        }
    }

    #[test]
    fn nothing_is_shown_of_them() {
        let some = Credentials::Basic { user: "u".to_owned(), password: Zeroizing::new("p".to_owned()) };
        assert_eq!(format!("{some:?}"), "Basic");
        assert_eq!(some.header().unwrap().as_str(), "Basic dTpw");
    }
}
