//! The order of versions, as comparable keys.

use std::borrow::Cow;

use palisade_version::{Scheme, Version};

/// The order that a range's versions follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order<'e> {
    /// Semantic versions, of packages of this ecosystem.
    Semver(&'e str),
    /// The ecosystem's own.
    Ecosystem(&'e str),
}

impl Order<'_> {
    fn scheme(self) -> Result<Scheme, String> {
        match self {
            // The scheme of Go takes `rc1` for `rc.1`, as toolchains want it. To modules these are two versions.
            Self::Semver(_) | Self::Ecosystem("Go") => Ok(Scheme::Semver),
            Self::Ecosystem(name) => Scheme::of_ecosystem(name)
                .ok_or_else(|| format!("the versions of `{name}` have no known order")),
        }
    }

    const fn is_go(self) -> bool {
        let (Self::Semver(name) | Self::Ecosystem(name)) = self;
        matches!(name.as_bytes(), b"Go")
    }
}

/// The key of `version`: its bytes order as the versions do. The error says why there is none.
pub(crate) fn key(order: Order<'_>, version: &str) -> Result<Vec<u8>, String> {
    let version = if order.is_go() { go_version(version) } else { Cow::Borrowed(version) };
    let version = Version::parse(order.scheme()?, &version).map_err(|error| error.to_string())?;
    Ok(version.into_key())
}

/// Why the place of `version` in the order says nothing, though it has one: below all that PEP 440 knows stands what it does not know, as old
/// tools had it.
pub(crate) fn without_place(order: Order<'_>, version: &str) -> Option<String> {
    let parsed = Version::parse(order.scheme().ok()?, version).ok()?;
    let is_outside = parsed.scheme() == Scheme::Pypi && !parsed.conforms();
    is_outside.then(|| format!("`{}` is no version of PEP 440", version.escape_debug()))
}

/// Go's database speaks of its standard library in semantic versions: `go1.21rc2` is 1.21.0-rc.2, `go1.21` is 1.21.0.
fn go_version(version: &str) -> Cow<'_, str> {
    let version = version.trim();
    let (release, is_toolchain) = match version.strip_prefix("go") {
        // What a vendor adds does not count: `go1.21.3 X:boringcrypto`, `go1.21.3-vendor`.
        Some(release) => (release.split([' ', '-']).next().unwrap_or(release), true),
        None => (version, false),
    };
    let letters = release.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let numbers = release.strip_suffix(letters).unwrap_or(release);
    for word in ["rc", "beta"] {
        if let Some(number) = letters.strip_prefix(word) {
            let zeros = if numbers.split('.').count() < 3 { ".0" } else { "" };
            return Cow::Owned(format!("{numbers}{zeros}-{word}.{number}"));
        }
    }
    Cow::Borrowed(if is_toolchain { release } else { version })
}

#[cfg(test)]
mod tests {
    use super::{Order, key};

    #[test]
    fn toolchains_and_modules_of_go_are_told_apart() {
        let key = |version| key(Order::Semver("Go"), version).unwrap();
        assert_eq!(key("go1.21rc2"), key("1.21.0-rc.2"));
        assert_eq!(key("1.21rc2"), key("1.21.0-rc.2"));
        assert_eq!(key("go1.21.3 X:boringcrypto"), key("1.21.3"));
        assert_eq!(key("go1.21"), key("1.21.0"));
        assert_eq!(key("v1.2.3+incompatible"), key("1.2.3"));
        assert!(key("v1.2.3-rc.10") < key("v1.2.3-rc1"));
        assert!(key("v1.2.3-20240101000000-abcdefabcdef") < key("1.2.3"));
    }
}
