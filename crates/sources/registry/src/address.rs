//! Addresses that a registry names, and which of them are asked.

use std::net::IpAddr;

use http::Uri;

/// An address with a scheme and a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    uri: Uri,
    host: String,
    is_secure: bool,
}

impl Address {
    /// Reads a whole address; none when it is no `http` or `https` one, or has user information.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let is_secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        if authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        (!host.is_empty()).then_some(Self { uri, host, is_secure })
    }

    /// The address of a registry: HTTPS, but on this machine, where nobody has certificates.
    pub(crate) fn of_registry(registry: &str, path: &str) -> Option<Self> {
        // Docker Hub answers elsewhere than where it is.
        let registry = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
        let secure = Self::parse(&format!("https://{registry}{path}"))?;
        if secure.is_local() { Self::parse(&format!("http://{registry}{path}")) } else { Some(secure) }
    }

    /// The address that `location`, absolute or from the root of the host, leads to from here.
    pub(crate) fn join(&self, location: &str) -> Option<Self> {
        if location.starts_with('/') && !location.starts_with("//") {
            let scheme = if self.is_secure { "https" } else { "http" };
            return Self::parse(&format!("{scheme}://{}{location}", self.uri.authority()?));
        }
        Self::parse(location)
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Scheme, host and port, which credentials are for.
    pub(crate) fn origin(&self) -> (bool, &str, u16) {
        let port = self.uri.port_u16().unwrap_or(if self.is_secure { 443 } else { 80 });
        (self.is_secure, &self.host, port)
    }

    /// Whether it is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Why a registry at `self` may not send us to `to`; none if it may.
    pub(crate) fn refuses(&self, to: &Self) -> Option<&'static str> {
        if self.origin() == to.origin() {
            return None;
        }
        if to.is_local() {
            return (!self.is_local()).then_some("it is on this machine and the registry is not");
        }
        if !to.is_secure {
            return Some("it is not HTTPS");
        }
        let is_inner = to.host.parse::<IpAddr>().is_ok_and(is_inner);
        is_inner.then_some("it is inside a private network, by its number")
    }

    /// Without the query, which may hold a token.
    pub(crate) fn shown(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!(
            "{scheme}://{}{}",
            self.uri.authority().map_or("", |authority| authority.as_str()),
            self.uri.path()
        )
    }

    /// The whole address, to be asked and not to be shown.
    pub(crate) fn url(&self) -> String {
        self.uri.to_string()
    }
}

/// Numbers that are not reached from outside (RFC 6890): private, link-local such as cloud metadata, unspecified, multicast.
fn is_inner(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_broadcast()
        }
        IpAddr::V6(v6) => {
            v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(from: &str, to: &str) -> bool {
        Address::parse(from).unwrap().refuses(&Address::parse(to).unwrap()).is_some()
    }

    #[test]
    fn a_registry_may_name_https_and_nothing_inside() {
        let registry = "https://registry.example/v2/";
        for (to, is_refused) in [
            ("https://auth.example/token", false),
            ("https://registry.example:8443/", false),
            ("http://auth.example/token", true),
            ("http://registry.example/v2/", true),
            ("http://127.0.0.1:80/", true),
            ("https://localhost/", true),
            ("https://[::1]/", true),
            ("https://[::ffff:127.0.0.1]/", true),
            ("http://169.254.169.254/latest/meta-data", true),
            ("https://169.254.169.254/", true),
            ("https://10.0.0.1/", true),
            ("https://[fe80::1]/", true),
            ("https://93.184.216.34/", false),
        ] {
            assert_eq!(refused(registry, to), is_refused, "{to}");
        }
        assert!(!refused("http://127.0.0.1:5000/", "http://127.0.0.1:5001/token"));
        assert!(!refused("https://10.0.0.1/v2/", "https://10.0.0.1/blob"));
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in ["ftp://a/", "file:///etc/passwd", "https://user:pw@a/", "//a/b", "a", "https://", ""] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
        let base = Address::parse("https://a:1/x?y").unwrap();
        assert_eq!(base.join("/z").unwrap().shown(), "https://a:1/z");
        assert_eq!(base.join("//evil/z"), None);
    }

    #[test]
    fn registries_are_asked_by_https_but_on_this_machine() {
        for (registry, shown) in [
            ("docker.io", "https://registry-1.docker.io/v2/"),
            ("ghcr.io", "https://ghcr.io/v2/"),
            ("localhost:5000", "http://localhost:5000/v2/"),
            ("127.0.0.1:5000", "http://127.0.0.1:5000/v2/"),
            ("[::1]:5000", "http://[::1]:5000/v2/"),
            ("10.0.0.1:5000", "https://10.0.0.1:5000/v2/"),
        ] {
            assert_eq!(Address::of_registry(registry, "/v2/").unwrap().shown(), shown);
        }
    }
}
