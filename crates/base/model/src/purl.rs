use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use rules::Parts;

mod rules;

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
    /// The type demands a namespace.
    #[error("the type demands a namespace, and there is none")]
    NamespaceMissing,
    /// The type has no namespaces.
    #[error("the type has no namespaces, and there is one")]
    NamespaceProhibited,
    /// A part has characters that the type does not allow in it.
    #[error("the {0} has characters that the type does not allow")]
    Characters(&'static str),
    /// A percent sign without two hexadecimal digits, or digits that make no UTF-8.
    #[error("the percent-encoding is broken")]
    Encoding,
    /// A qualifier without a key, with a key of other characters, or twice.
    #[error("the qualifiers are broken")]
    Qualifiers,
    /// The type demands a qualifier that is not there.
    #[error("the qualifier `{0}` is missing, which the type demands")]
    QualifierMissing(&'static str),
    /// A segment of the subpath holds a slash.
    #[error("the subpath is broken")]
    Subpath,
    /// It is longer than [`Purl::LONGEST`] bytes.
    #[error("it is longer than {} bytes", Purl::LONGEST)]
    TooLong,
}

impl Purl {
    /// The longest address that is read, in bytes.
    pub const LONGEST: usize = 4096;

    /// Makes one of its parts, which are normalised by the rules of the type.
    ///
    /// # Errors
    /// A part that is missing, too long, or breaks a rule of the type. That a type demands a qualifier is not known yet here; reading
    /// checks it.
    pub fn new(
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        version: Option<&str>,
    ) -> Result<Self, PurlError> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
        if !kind.starts_with(|c: char| c.is_ascii_alphabetic()) || !kind.bytes().all(good) {
            return Err(PurlError::Type);
        }
        let length = kind.len() + namespace.map_or(0, str::len) + name.len() + version.map_or(0, str::len);
        if length > Self::LONGEST {
            return Err(PurlError::TooLong);
        }
        let name = name.trim_matches('/');
        if name.is_empty() {
            return Err(PurlError::Name);
        }
        let namespace = segments(namespace.unwrap_or_default()).join("/");
        let parts = Parts {
            namespace: Some(namespace).filter(|namespace| !namespace.is_empty()),
            name: name.to_owned(),
            version: version.filter(|version| !version.is_empty()).map(str::to_owned),
        };
        let kind = kind.to_ascii_lowercase();
        let Parts { namespace, name, version } = rules::normalised(&kind, parts)?;
        Ok(Self { kind, namespace, name, version, qualifiers: BTreeMap::new(), subpath: None })
    }

    /// Reads one exactly as the specification has it: keys of qualifiers in lower case. Reading with [`str::parse`] lowers them, as the
    /// addresses that other tools write have capitals.
    ///
    /// # Errors
    /// As [`str::parse`], and for a key with a capital.
    pub fn parse_strict(text: &str) -> Result<Self, PurlError> {
        let (_, qualifiers) = text.split_once('?').unwrap_or((text, ""));
        let (qualifiers, _) = qualifiers.split_once('#').unwrap_or((qualifiers, ""));
        let key = |pair: &str| pair.split_once('=').map_or(String::new(), |(key, _)| key.to_owned());
        if qualifiers.split('&').any(|pair| key(pair).bytes().any(|byte| byte.is_ascii_uppercase())) {
            return Err(PurlError::Qualifiers);
        }
        text.parse()
    }

    /// The same with a qualifier; an empty value takes it away. A key of other characters than letters, digits, `.`, `-` and `_` is
    /// none, and nothing is added.
    #[must_use]
    pub fn with_qualifier(mut self, key: &str, value: &str) -> Self {
        let key = key.to_ascii_lowercase();
        if value.is_empty() {
            self.qualifiers.remove(&key);
        } else if is_key(&key) {
            if key == "repository_url" && rules::has_caseless_server(&self.kind, value) {
                self.name = self.name.to_lowercase();
            }
            self.qualifiers.insert(key, value.to_owned());
        }
        self
    }

    /// The same with qualifiers that somebody else named.
    ///
    /// # Errors
    /// [`PurlError::Qualifiers`] for a key that none may be, or that is there already.
    pub fn with_qualifiers<'a>(
        mut self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, PurlError> {
        for (key, value) in pairs {
            let key = key.to_ascii_lowercase();
            if !is_key(&key) || self.qualifiers.contains_key(&key) {
                return Err(PurlError::Qualifiers);
            }
            self = self.with_qualifier(&key, value);
        }
        Ok(self)
    }

    /// The same with another version, or none.
    ///
    /// # Errors
    /// As [`Purl::new`].
    pub fn with_version(&self, version: Option<&str>) -> Result<Self, PurlError> {
        let fresh = Self::new(&self.kind, self.namespace(), &self.name, version)?;
        Ok(Self { version: fresh.version, ..self.clone() })
    }

    /// The same with a path below the package; segments that are empty, `.` or `..` are left out.
    #[must_use]
    pub fn with_subpath(mut self, subpath: &str) -> Self {
        let path: Vec<&str> =
            segments(subpath).into_iter().filter(|part| !matches!(*part, "." | "..")).collect();
        self.subpath = Some(path.join("/")).filter(|path| !path.is_empty());
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
        if self.kind == "git" {
            // The name of a repository is a path.
            write!(f, "{}", self.name.split('/').map(encoded).collect::<Vec<_>>().join("/"))?;
        } else {
            write!(f, "{}", encoded(&self.name))?;
        }
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

    /// Reads from right to left, as "How to parse a PURL" has it. Two things differ for the sake of addresses that other tools write: the
    /// qualifiers begin at the first question mark, since values are not always encoded, and an unencoded `@` of an npm scope is none
    /// of a version.
    fn from_str(text: &str) -> Result<Self, PurlError> {
        if text.len() > Self::LONGEST {
            return Err(PurlError::TooLong);
        }
        let (scheme, rest) = text.split_once(':').ok_or(PurlError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return Err(PurlError::Scheme);
        }
        let (rest, subpath) = rest.rsplit_once('#').unwrap_or((rest, ""));
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, rest) = rest.trim_start_matches('/').split_once('/').ok_or(PurlError::Type)?;
        let (path, version) = split_version(rest);
        // The specification would strip the slash; its suite calls a version behind one nameless.
        if path.ends_with('/') && !version.is_empty() {
            return Err(PurlError::Name);
        }
        let path = path.trim_matches('/');
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        let purl = Self::new(kind, Some(&decoded(namespace)?), &decoded(name)?, Some(&decoded(version)?))?;
        let purl = purl.with_read_qualifiers(qualifiers)?.with_read_subpath(subpath)?;
        match rules::required_qualifier(&purl.kind) {
            Some(key) if !purl.qualifiers.contains_key(key) => Err(PurlError::QualifierMissing(key)),
            _ => Ok(purl),
        }
    }
}

impl Purl {
    fn with_read_qualifiers(self, qualifiers: &str) -> Result<Self, PurlError> {
        let mut pairs = Vec::new();
        for pair in qualifiers.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').ok_or(PurlError::Qualifiers)?;
            pairs.push((key, decoded(value)?));
        }
        self.with_qualifiers(pairs.iter().map(|(key, value)| (*key, value.as_str())))
    }

    fn with_read_subpath(self, subpath: &str) -> Result<Self, PurlError> {
        let segments: Vec<String> = segments(subpath).into_iter().map(decoded).collect::<Result<_, _>>()?;
        if segments.iter().any(|segment| segment.contains('/')) {
            return Err(PurlError::Subpath);
        }
        Ok(self.with_subpath(&segments.join("/")))
    }
}

/// Cuts at the last `@`, unless it begins a segment that others follow.
fn split_version(path: &str) -> (&str, &str) {
    match path.rsplit_once('@') {
        Some((before, after))
            if (before.is_empty() || before.ends_with('/')) && after.trim_end_matches('/').contains('/') =>
        {
            (path, "")
        }
        Some(cut) => cut,
        None => (path, ""),
    }
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

fn is_key(key: &str) -> bool {
    let good =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
    key.starts_with(|c: char| c.is_ascii_lowercase()) && key.bytes().all(good)
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
