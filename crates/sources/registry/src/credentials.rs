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

#[derive(Deserialize)]
struct DockerConfig {
    #[serde(default)]
    auths: BTreeMap<String, Auth>,
}

#[derive(Deserialize)]
struct Auth {
    auth: Option<Zeroizing<String>>,
}

/// What Docker's `config.json` holds for `registry`, a host with its port as in a reference; none when it holds nothing, keeps it in a
/// credential helper, which is not run here, or is broken.
pub fn docker_credentials(config: &[u8], registry: &str) -> Option<Credentials> {
    let config: DockerConfig = serde_json::from_slice(config).ok()?;
    let names = match registry {
        "docker.io" => vec!["docker.io", "index.docker.io", "registry-1.docker.io"],
        registry => vec![registry],
    };
    let (_, auth) = config.auths.iter().find(|(key, _)| names.contains(&host(key)))?;
    let pair = Zeroizing::new(STANDARD.decode(auth.auth.as_ref()?.trim()).ok()?);
    let (user, password) = std::str::from_utf8(&pair).ok()?.trim_end_matches('\0').split_once(':')?;
    Some(Credentials::Basic { user: user.to_owned(), password: Zeroizing::new(password.to_owned()) })
}

/// Docker writes keys as hosts and as addresses such as `https://index.docker.io/v1/`.
fn host(key: &str) -> &str {
    let key = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    key.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_s_file_is_read_by_host() {
        let auth = STANDARD.encode("someone:made-up:word");
        let config = format!(
            "{{\"auths\":{{\"https://index.docker.io/v1/\":{{\"auth\":\"{auth}\"}},\"ghcr.io\":{{}},\"a:5000\":{{\"auth\":\"*\"}}}},\"credsStore\":\"x\"}}"
        );
        let Some(Credentials::Basic { user, password }) = docker_credentials(config.as_bytes(), "docker.io")
        else {
            panic!("no credentials");
        };
        assert_eq!((user.as_str(), password.as_str()), ("someone", "made-up:word"));
        for other in ["ghcr.io", "a:5000", "a", "quay.io"] {
            assert!(docker_credentials(config.as_bytes(), other).is_none(), "{other}");
        }
        assert!(docker_credentials(b"[]", "docker.io").is_none());
    }

    #[test]
    fn nothing_is_shown_of_them() {
        let some = Credentials::Basic { user: "u".to_owned(), password: Zeroizing::new("p".to_owned()) };
        assert_eq!(format!("{some:?}"), "Basic");
        assert_eq!(some.header().unwrap().as_str(), "Basic dTpw");
    }
}
