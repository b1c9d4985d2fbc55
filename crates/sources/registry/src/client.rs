use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use ureq::http::{HeaderMap, Response, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};
use ureq::{Agent, Body};
use zeroize::Zeroizing;

use crate::address::Address;
use crate::challenge::Challenge;
use crate::credentials::Credentials;
use crate::error::RegistryError;

/// Redirects one after the other, and answers of "try again later".
const MAX_REDIRECTS: usize = 5;
const MAX_RETRIES: usize = 3;

/// Longest wait that a registry may ask for, in seconds.
const MAX_WAIT: u64 = 60;

/// Bytes of a token service's answer.
const MAX_TOKEN_ANSWER: u64 = 1 << 20;

/// Where distributions keep the certificates that a machine trusts.
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Limits of one pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of all layers together, as they are stored.
    pub max_bytes: u64,
    /// How long to wait for a connection, for an answer, and for more of it, each.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 32 << 30, patience: Duration::from_secs(30) }
    }
}

/// Asks registries.
pub struct Client {
    agent: Agent,
    credentials: Credentials,
    pub(crate) limits: Limits,
    /// The last token and what it is for: the registry's address and the scope.
    token: Mutex<Option<(String, Zeroizing<String>)>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    token: Option<Zeroizing<String>>,
    access_token: Option<Zeroizing<String>>,
}

impl Client {
    /// A client that speaks for `credentials` and trusts the certificates in `roots`, PEM; none for those that this machine trusts.
    pub fn new(
        credentials: Credentials,
        roots: Option<&[u8]>,
        limits: Limits,
    ) -> Result<Self, RegistryError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(certificates(roots)?)
            .build();
        let patience = Some(limits.patience);
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("palisade/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(64 << 10)
            .timeout_resolve(patience)
            .timeout_connect(patience)
            .timeout_recv_response(patience)
            .timeout_per_read(patience)
            .build();
        Ok(Self { agent: Agent::new_with_config(config), credentials, limits, token: Mutex::new(None) })
    }

    /// Gets `address`, logging in and following redirects where need be. `what` is what messages call it.
    pub(crate) fn get(
        &self,
        address: &Address,
        accept: &str,
        what: &str,
    ) -> Result<Response<Body>, RegistryError> {
        let mut at = address.clone();
        let mut login = self.known_login(address);
        let mut has_logged_in = false;
        let (mut redirects, mut retries) = (0, 0);
        loop {
            // What another host gets must work without our credentials.
            let login_here = login.as_ref().filter(|_| at.origin() == address.origin());
            let answer = self.send(&at, accept, login_here)?;
            let status = answer.status().as_u16();
            match status {
                200 => return Ok(answer),
                301 | 302 | 303 | 307 | 308 if redirects < MAX_REDIRECTS => {
                    redirects += 1;
                    at = redirected(&at, answer.headers())?;
                }
                401 if !has_logged_in && at.origin() == address.origin() => {
                    has_logged_in = true;
                    login = Some(self.log_in(address, answer.headers(), what)?);
                }
                401 | 403 => {
                    return Err(RegistryError::Denied { host: at.host().to_owned(), what: what.to_owned() });
                }
                404 => {
                    return Err(RegistryError::NotFound {
                        host: at.host().to_owned(),
                        what: what.to_owned(),
                    });
                }
                429 | 502..=504 if retries < MAX_RETRIES => {
                    retries += 1;
                    std::thread::sleep(Duration::from_secs(wait(answer.headers()).min(MAX_WAIT)));
                }
                429 | 502..=504 => return Err(RegistryError::Busy { host: at.host().to_owned(), status }),
                status => return Err(protocol(&at, format!("status {status}"))),
            }
        }
    }

    fn send(
        &self,
        address: &Address,
        accept: &str,
        login: Option<&Zeroizing<String>>,
    ) -> Result<Response<Body>, RegistryError> {
        let mut request = self.agent.get(address.as_uri()).header(header::ACCEPT, accept);
        if let Some(login) = login {
            request = request.header(header::AUTHORIZATION, login.as_str());
        }
        request.call().map_err(|error| unreachable(address, &error.to_string()))
    }

    fn known_login(&self, address: &Address) -> Option<Zeroizing<String>> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        token
            .as_ref()
            .filter(|(origin, _)| *origin == format!("{:?}", address.origin()))
            .map(|(_, token)| token.clone())
    }

    /// The `Authorization` that the registry at `address` asks for.
    fn log_in(
        &self,
        address: &Address,
        headers: &HeaderMap,
        what: &str,
    ) -> Result<Zeroizing<String>, RegistryError> {
        let denied = || RegistryError::Denied { host: address.host().to_owned(), what: what.to_owned() };
        let challenges = headers.get_all(header::WWW_AUTHENTICATE).iter();
        let challenge = challenges.filter_map(|value| Challenge::parse(value.to_str().ok()?)).next();
        let login = match challenge.ok_or_else(denied)? {
            Challenge::Basic => self.credentials.header().ok_or_else(denied)?,
            Challenge::Bearer { realm, service, scope } => {
                let token = self.token(address, &realm, service.as_deref(), scope.as_deref(), what)?;
                Zeroizing::new(format!("Bearer {}", token.as_str()))
            }
        };
        let known = (format!("{:?}", address.origin()), login.clone());
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(login)
    }

    /// Asks the token service at `realm` (distribution's "Token Authentication Specification").
    fn token(
        &self,
        registry: &Address,
        realm: &str,
        service: Option<&str>,
        scope: Option<&str>,
        what: &str,
    ) -> Result<Zeroizing<String>, RegistryError> {
        let base = Address::parse(realm)
            .ok_or_else(|| protocol(registry, "a token service that is no address".to_owned()))?;
        allowed(registry, &base)?;
        let mut text = realm.to_owned();
        let mut separator = if realm.contains('?') { '&' } else { '?' };
        for (name, value) in [("service", service), ("scope", scope)] {
            if let Some(value) = value {
                text.push_str(&format!("{separator}{name}={}", encoded(value)));
                separator = '&';
            }
        }
        let address = Address::parse(&text)
            .ok_or_else(|| protocol(registry, "a token service that is no address".to_owned()))?;
        let mut answer = self.send(&address, "application/json", self.credentials.header().as_ref())?;
        match answer.status().as_u16() {
            200 => {}
            401 | 403 => {
                return Err(RegistryError::Denied { host: address.host().to_owned(), what: what.to_owned() });
            }
            status @ (429 | 500..=599) => {
                return Err(RegistryError::Busy { host: address.host().to_owned(), status });
            }
            status => return Err(protocol(&address, format!("status {status} instead of a token"))),
        }
        let mut bytes = Zeroizing::new(Vec::new());
        let read = answer.body_mut().with_config().limit(MAX_TOKEN_ANSWER).reader().read_to_end(&mut bytes);
        read.map_err(|error| unreachable(&address, &error.to_string()))?;
        let tokens: TokenAnswer = serde_json::from_slice(&bytes)
            .map_err(|_| protocol(&address, "something that is no token".to_owned()))?;
        let token = tokens.token.or(tokens.access_token);
        let is_good = |token: &Zeroizing<String>| token.bytes().all(|byte| byte.is_ascii_graphic());
        token.filter(is_good).ok_or_else(|| protocol(&address, "something that is no token".to_owned()))
    }
}

/// The certificates in `pem`, or those of this machine.
fn certificates(pem: Option<&[u8]>) -> Result<RootCerts, RegistryError> {
    let read = |path: &&str| std::fs::read(Path::new(path)).ok();
    // Without a bundle nothing is trusted: a registry on this machine needs none.
    let bundle = match pem {
        Some(pem) => pem.to_vec(),
        None => BUNDLES.iter().find_map(read).unwrap_or_default(),
    };
    let mut certificates = Vec::new();
    for item in parse_pem(&bundle) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(RegistryError::Certificates(error.to_string())),
        }
    }
    if pem.is_some() && certificates.is_empty() {
        return Err(RegistryError::Certificates("there is none in the file".to_owned()));
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}

fn redirected(from: &Address, headers: &HeaderMap) -> Result<Address, RegistryError> {
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let to = location.and_then(|location| from.join(location));
    let to = to.ok_or_else(|| protocol(from, "a redirect to what is no address".to_owned()))?;
    allowed(from, &to)?;
    Ok(to)
}

fn allowed(from: &Address, to: &Address) -> Result<(), RegistryError> {
    match from.refuses(to) {
        Some(why) => Err(RegistryError::Address { from: from.host().to_owned(), to: to.shown(), why }),
        None => Ok(()),
    }
}

/// Seconds that `Retry-After` asks for; a date is taken for a second.
fn wait(headers: &HeaderMap) -> u64 {
    let value = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(1)
}

pub(crate) fn protocol(address: &Address, detail: String) -> RegistryError {
    RegistryError::Protocol { host: address.host().to_owned(), detail }
}

pub(crate) fn unreachable(address: &Address, detail: &str) -> RegistryError {
    RegistryError::Unreachable { host: address.host().to_owned(), detail: detail.to_owned() }
}

/// Percent-encoded for a query (RFC 3986, section 3.4).
fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/,".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
