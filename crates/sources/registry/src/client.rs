use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use palisade_sys::{Net, Response};
use serde::Deserialize;
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

/// Limits of one pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of all layers together, as they are stored.
    pub max_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 32 << 30 }
    }
}

/// Asks registries.
pub struct Client {
    net: Arc<dyn Net>,
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
    /// A client that asks over `net` and speaks for `credentials`.
    pub fn new(net: Arc<dyn Net>, credentials: Credentials, limits: Limits) -> Self {
        Self { net, credentials, limits, token: Mutex::new(None) }
    }

    /// Gets `address`, logging in and following redirects where need be. `what` is what messages call it.
    pub(crate) fn get(&self, address: &Address, accept: &str, what: &str) -> Result<Response, RegistryError> {
        let mut at = address.clone();
        let mut login = self.known_login(address);
        let mut has_logged_in = false;
        let (mut redirects, mut retries) = (0, 0);
        loop {
            // What another host gets must work without our credentials.
            let login_here = login.as_ref().filter(|_| at.origin() == address.origin());
            let answer = self.send(&at, accept, login_here)?;
            let status = answer.status;
            match status {
                200 => return Ok(answer),
                301 | 302 | 303 | 307 | 308 if redirects < MAX_REDIRECTS => {
                    redirects += 1;
                    at = redirected(&at, &answer)?;
                }
                401 if !has_logged_in && at.origin() == address.origin() => {
                    has_logged_in = true;
                    login = Some(self.log_in(address, &answer, what)?);
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
                    std::thread::sleep(Duration::from_secs(wait(&answer).min(MAX_WAIT)));
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
    ) -> Result<Response, RegistryError> {
        let mut headers = vec![("accept", accept)];
        headers.extend(login.map(|login| ("authorization", login.as_str())));
        self.net.get(&address.url(), &headers).map_err(|error| unreachable(address, &error.detail))
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
        answer: &Response,
        what: &str,
    ) -> Result<Zeroizing<String>, RegistryError> {
        let denied = || RegistryError::Denied { host: address.host().to_owned(), what: what.to_owned() };
        let named = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
        let challenge = named.filter_map(|(_, value)| Challenge::parse(value)).next();
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
        let answer = self.send(&address, "application/json", self.credentials.header().as_ref())?;
        match answer.status {
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
        let read = answer.body.take(MAX_TOKEN_ANSWER).read_to_end(&mut bytes);
        read.map_err(|error| unreachable(&address, &error.to_string()))?;
        let tokens: TokenAnswer = serde_json::from_slice(&bytes)
            .map_err(|_| protocol(&address, "something that is no token".to_owned()))?;
        let token = tokens.token.or(tokens.access_token);
        let is_good = |token: &Zeroizing<String>| token.bytes().all(|byte| byte.is_ascii_graphic());
        token.filter(is_good).ok_or_else(|| protocol(&address, "something that is no token".to_owned()))
    }
}

fn redirected(from: &Address, answer: &Response) -> Result<Address, RegistryError> {
    let to = answer.header("location").and_then(|location| from.join(location));
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
fn wait(answer: &Response) -> u64 {
    answer.header("retry-after").and_then(|value| value.trim().parse().ok()).unwrap_or(1)
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
