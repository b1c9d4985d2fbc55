use std::fmt;
use std::str::FromStr;

use palisade_model::Digest;

/// Most bytes of registry and repository together, and of a tag (distribution's `reference` grammar).
const MAX_NAME: usize = 255;
const MAX_TAG: usize = 128;

/// Where an image lies: `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`, with Docker's defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// Why a text is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// The name is empty, too long, or has a part that none may have.
    #[error(
        "the name is not one of an image: parts of lower-case letters and digits, joined by `.`, `_`, `__` or `-`, at most 255 bytes"
    )]
    Name,
    /// The registry is not a host, with a port maybe.
    #[error("the registry is not a host name with an optional port")]
    Registry,
    /// The tag has a character that none may have, or is too long.
    #[error("the tag is not one: letters, digits, `_`, `.` and `-`, at most 128, the first no `.` or `-`")]
    Tag,
    /// The digest is not a SHA-256 one.
    #[error("the digest is not one: expected `sha256:` and 64 hexadecimal digits")]
    Digest,
}

impl Reference {
    /// The host of the registry, with the port if there is one; `docker.io` is not yet the host that answers for it.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The name in the registry, such as `library/debian`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag; `latest` where neither a tag nor a digest is given.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest.
    pub const fn digest(&self) -> Option<Digest> {
        self.digest
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (text, digest) = match text.split_once('@') {
            Some((text, digest)) => (text, Some(digest.parse().map_err(|_| ReferenceError::Digest)?)),
            None => (text, None),
        };
        // A colon behind the last slash is that of a tag; one before it is that of a port.
        let (name, tag) = match text.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (text, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(ReferenceError::Tag);
        }
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if is_registry_like(first) => (first, rest.to_owned()),
            Some(_) => ("docker.io", name.to_owned()),
            None => ("docker.io", format!("library/{name}")),
        };
        let (registry, repository) = match registry {
            "index.docker.io" | "docker.io" if !repository.contains('/') => {
                ("docker.io", format!("library/{repository}"))
            }
            "index.docker.io" => ("docker.io", repository),
            registry => (registry, repository),
        };
        if !is_host(registry) {
            return Err(ReferenceError::Registry);
        }
        if registry.len() + repository.len() >= MAX_NAME || !repository.split('/').all(is_component) {
            return Err(ReferenceError::Name);
        }
        let tag = tag.or_else(|| digest.is_none().then_some("latest")).map(str::to_owned);
        Ok(Self { registry: registry.to_owned(), repository, tag, digest })
    }
}

impl fmt::Display for Reference {
    /// The whole form, nothing left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

/// Docker takes the first part for a registry when it has a dot or a colon, is `localhost`, or has a capital letter.
fn is_registry_like(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':']) || first.chars().any(|char| char.is_ascii_uppercase())
}

/// A host name, an IPv4 address, or an IPv6 address in brackets, with a port maybe.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, behind)) if address.parse::<std::net::Ipv6Addr>().is_ok() => match behind {
                "" => return true,
                behind => ("ipv6", behind.strip_prefix(':')),
            },
            _ => return false,
        },
        None => host.split_once(':').map_or((host, Some("0")), |(name, port)| (name, Some(port))),
    };
    let is_port = port.is_some_and(|port| {
        !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
    });
    is_port && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// `[a-z0-9]+` groups joined by `.`, `_`, `__` or any number of `-`.
fn is_component(component: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut bytes = component.bytes().peekable();
    if !bytes.next().is_some_and(is_word) {
        return false;
    }
    while let Some(byte) = bytes.next() {
        let is_joined = match byte {
            byte if is_word(byte) => continue,
            b'.' => true,
            b'_' => {
                let _ = bytes.next_if_eq(&b'_');
                true
            }
            b'-' => {
                while bytes.next_if_eq(&b'-').is_some() {}
                true
            }
            _ => false,
        };
        if !is_joined || !bytes.next().is_some_and(is_word) {
            return false;
        }
    }
    true
}

fn is_tag(tag: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    !tag.is_empty() && tag.len() <= MAX_TAG && tag.bytes().all(is_good) && !tag.starts_with(['.', '-'])
}
