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
    /// A program has to be asked.
    Helper {
        /// This one.
        helper: CredentialHelper,
        /// What stands in the file itself, for when the program keeps nothing for the server.
        otherwise: Credentials,
    },
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
}

#[derive(Deserialize)]
struct HelperAnswer {
    #[serde(rename = "Username")]
    user: String,
    #[serde(rename = "Secret")]
    secret: Zeroizing<String>,
}

/// Who `config`, Docker's `config.json`, says that we are for `registry`, a host with its port as in a reference: the helper of this
/// registry, else the helper of all, else what stands in the file, also where the helper keeps nothing. Nobody when it says nothing or is
/// broken.
pub fn docker_login(config: &[u8], registry: &str) -> Result<DockerLogin, LoginError> {
    let Ok(config) = serde_json::from_slice::<DockerConfig>(config) else {
        return Ok(DockerLogin::Known(Credentials::Anonymous));
    };
    let names = match registry {
        "docker.io" => vec!["docker.io", "index.docker.io", "registry-1.docker.io"],
        registry => vec![registry],
    };
    let of_registry = |key: &str| names.contains(&host(key));
    let (auths, helpers) = (config.auths.unwrap_or_default(), config.helpers.unwrap_or_default());
    let entry = auths.iter().find(|(key, _)| of_registry(key));
    let own = helpers.iter().find_map(|(key, name)| Some((key, name.as_ref()?)).filter(|_| of_registry(key)));
    let server = || match (own, entry) {
        (Some((key, _)), _) | (None, Some((key, _))) => key.clone(),
        (None, None) if registry == "docker.io" => "https://index.docker.io/v1/".to_owned(),
        (None, None) => registry.to_owned(),
    };
    let known = entry.and_then(|(_, auth)| kept(auth.as_ref()?)).unwrap_or_default();
    let of_all = config.store.as_ref().filter(|name| !name.is_empty());
    match own.map(|(_, name)| name).or(of_all) {
        Some(name) => Ok(DockerLogin::Helper { helper: helper(name, server())?, otherwise: known }),
        None => Ok(DockerLogin::Known(known)),
    }
}

fn helper(name: &str, server: String) -> Result<CredentialHelper, LoginError> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_good) {
        return Err(LoginError::HelperName);
    }
    if server.len() > SERVER_LIMIT {
        return Err(LoginError::ServerName);
    }
    Ok(CredentialHelper { name: name.to_owned(), server })
}

/// What stands in the file itself.
fn kept(auth: &Auth) -> Option<Credentials> {
    let pair = Zeroizing::new(STANDARD.decode(auth.auth.as_ref()?.trim()).ok()?);
    let (user, password) = std::str::from_utf8(&pair).ok()?.trim_end_matches('\0').split_once(':')?;
    Some(Credentials::Basic { user: user.to_owned(), password: Zeroizing::new(password.to_owned()) })
}

/// What a helper wrote on its standard output. One that keeps nothing for the server says so in these words, and is no error.
pub fn helper_answer(output: &[u8]) -> Result<Credentials, LoginError> {
    let text = String::from_utf8_lossy(output);
    if text.trim().starts_with("credentials not found") {
        return Ok(Credentials::Anonymous);
    }
    let answer: HelperAnswer = serde_json::from_slice(output).map_err(|_| LoginError::Answer)?;
    match answer.user.as_str() {
        "<token>" => Err(LoginError::IdentityToken),
        _ => Ok(Credentials::Basic { user: answer.user, password: answer.secret }),
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
            Ok(DockerLogin::Helper { helper, otherwise }) => {
                let otherwise = user_of(Ok(DockerLogin::Known(otherwise)));
                format!("{} for {}, else {otherwise}", helper.program(), helper.server)
            }
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

    /// As Docker's command line has it (docs.docker.com, "docker login", credential stores and helpers).
    #[test]
    fn helpers_are_named_for_one_registry_or_for_all() {
        let auth = STANDARD.encode("someone:made-up:word");
        let config = format!(
            "{{\"auths\":{{\"https://ghcr.io\":{{}},\"quay.io\":{{\"auth\":\"{auth}\"}},\"b\":{{\"auth\":\"{auth}\"}}}},\"credHelpers\":{{\"b\":\"ecr-login\",\"c\":\"../x\",\"d\":\"\"}},\"credsStore\":\"pass\"}}"
        );
        let user = |registry| user_of(docker_login(config.as_bytes(), registry));
        assert_eq!(user("ghcr.io"), "docker-credential-pass for https://ghcr.io, else nobody");
        assert_eq!(user("docker.io"), "docker-credential-pass for https://index.docker.io/v1/, else nobody");
        assert_eq!(user("a:5000"), "docker-credential-pass for a:5000, else nobody");
        assert_eq!(user("quay.io"), "docker-credential-pass for quay.io, else someone:made-up:word");
        assert_eq!(user("b"), "docker-credential-ecr-login for b, else someone:made-up:word");
        for bad in ["c", "d"] {
            assert_eq!(user(bad), LoginError::HelperName.to_string(), "{bad}");
        }
    }

    #[test]
    fn helpers_are_asked_for_short_names_only() {
        let user = |len: usize| {
            let key = format!("a/{}", "x".repeat(len - 2));
            let config = format!("{{\"auths\":{{\"{key}\":{{}}}},\"credsStore\":\"pass\"}}");
            user_of(docker_login(config.as_bytes(), "a"))
        };
        assert!(user(1024).starts_with("docker-credential-pass for a/xx"));
        assert_eq!(user(1025), LoginError::ServerName.to_string());
    }

    #[test]
    fn null_is_absent() {
        let auth = STANDARD.encode("someone:made-up:word");
        for (rest, expected) in [
            ("\"credHelpers\":null,\"credsStore\":null", "someone:made-up:word"),
            ("\"credHelpers\":{\"a\":null,\"b\":\"x\"}", "someone:made-up:word"),
            (
                "\"credHelpers\":null,\"credsStore\":\"pass\"",
                "docker-credential-pass for a, else someone:made-up:word",
            ),
        ] {
            let config = format!("{{\"auths\":{{\"a\":{{\"auth\":\"{auth}\"}},\"b\":null}},{rest}}}");
            assert_eq!(user_of(docker_login(config.as_bytes(), "a")), expected, "{rest}");
        }
        let nothing = b"{\"auths\":null,\"credsStore\":\"pass\"}";
        assert_eq!(user_of(docker_login(nothing, "a")), "docker-credential-pass for a, else nobody");
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
        for broken in ["", "{}", "no", "{\"Username\":\"u\"}"] {
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
