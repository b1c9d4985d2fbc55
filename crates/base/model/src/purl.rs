use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The address of a package (package-url, ECMA-427): `pkg:type/namespace/name@version?qualifiers#subpath`, in canonical form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl {
    kind: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    qualifiers: BTreeMap<String, String>,
    subpath: Option<String>,
}

/// Why a text or its parts are no package address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PurlError {
    /// It does not begin with `pkg:`.
    #[error("does not begin with `pkg:`")]
    Scheme,
    /// The type is missing, or not of letters, digits, `.` and `-`, or begins with a digit.
    #[error("the type is missing or has a character that none may have")]
    Type,
    /// There is no name.
    #[error("the name is missing")]
    Name,
    /// A percent sign without two hexadecimal digits, or digits that make no UTF-8.
    #[error("the percent-encoding is broken")]
    Encoding,
    /// A qualifier without a key, with a key of other characters, or twice.
    #[error("the qualifiers are broken")]
    Qualifiers,
}

impl Purl {
    /// Makes one of its parts, which are normalised by the rules of the type.
    pub fn new(
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        version: Option<&str>,
    ) -> Result<Self, PurlError> {
        let given = |part: Option<&str>| part.filter(|part| !part.is_empty()).map(str::to_owned);
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
        if !kind.starts_with(|c: char| c.is_ascii_alphabetic()) || !kind.bytes().all(good) {
            return Err(PurlError::Type);
        }
        if name.is_empty() {
            return Err(PurlError::Name);
        }
        Ok(Self {
            kind: kind.to_ascii_lowercase(),
            namespace: given(namespace),
            name: name.to_owned(),
            version: given(version),
            qualifiers: BTreeMap::new(),
            subpath: None,
        })
    }

    /// The same with a qualifier; an empty value takes it away.
    #[must_use]
    pub fn with_qualifier(mut self, key: &str, value: &str) -> Self {
        if value.is_empty() {
            self.qualifiers.remove(key);
        } else {
            self.qualifiers.insert(key.to_ascii_lowercase(), value.to_owned());
        }
        self
    }

    /// The same with a path below the package.
    #[must_use]
    pub fn with_subpath(mut self, subpath: &str) -> Self {
        self.subpath = Some(subpath.to_owned()).filter(|path| !path.is_empty());
        self
    }

    /// The type, such as `npm`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The part before the name, decoded, segments joined by `/`.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The name, decoded.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version, decoded.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The qualifiers, by key.
    pub const fn qualifiers(&self) -> &BTreeMap<String, String> {
        &self.qualifiers
    }

    /// The path below the package.
    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/", self.kind)?;
        for segment in self.namespace.iter().flat_map(|namespace| namespace.split('/')) {
            write!(f, "{}/", encoded(segment))?;
        }
        write!(f, "{}", encoded(&self.name))?;
        if let Some(version) = &self.version {
            write!(f, "@{}", encoded(version))?;
        }
        for (number, (key, value)) in self.qualifiers.iter().enumerate() {
            write!(f, "{}{key}={}", if number == 0 { '?' } else { '&' }, encoded(value))?;
        }
        match &self.subpath {
            Some(subpath) => write!(f, "#{}", subpath.split('/').map(encoded).collect::<Vec<_>>().join("/")),
            None => Ok(()),
        }
    }
}

/// Percent-encoded but for what a package address leaves as it is.
fn encoded(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn decoded(part: &str) -> Result<String, PurlError> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit =
            || rest.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(PurlError::Encoding);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).map_err(|_| PurlError::Encoding)?);
    }
    String::from_utf8(bytes).map_err(|_| PurlError::Encoding)
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        let rest = text.strip_prefix("pkg:").ok_or(PurlError::Scheme)?.trim_start_matches('/');
        let (rest, subpath) = rest.split_once('#').map_or((rest, None), |(rest, path)| (rest, Some(path)));
        let (rest, qualifiers) = rest.split_once('?').map_or((rest, ""), |parts| parts);
        let (kind, rest) = rest.split_once('/').ok_or(PurlError::Name)?;
        let (path, version) = match rest.rsplit_once('@') {
            Some((path, version)) if !version.contains('/') => (path, Some(decoded(version)?)),
            _ => (rest, None),
        };
        let path = path.trim_matches('/');
        let (namespace, name) =
            path.rsplit_once('/').map_or((None, path), |(space, name)| (Some(space), name));
        let namespace = namespace.map(decoded).transpose()?;
        let mut purl = Self::new(kind, namespace.as_deref(), &decoded(name)?, version.as_deref())?;
        for pair in qualifiers.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').ok_or(PurlError::Qualifiers)?;
            purl = purl.with_qualifier(key, &decoded(value)?);
        }
        match subpath {
            Some(subpath) => Ok(purl.with_subpath(&decoded(subpath.trim_matches('/'))?)),
            None => Ok(purl),
        }
    }
}

impl Serialize for Purl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Purl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
