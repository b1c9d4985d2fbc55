//! What a registry wants before it answers (RFC 9110, section 11.6.1; distribution's token specification).

/// Bytes of a header that are read.
const MAX_HEADER: usize = 8192;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

impl Challenge {
    /// Reads one challenge of a `WWW-Authenticate` header; none when it is of another scheme or broken.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        if header.len() > MAX_HEADER {
            return None;
        }
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service, mut scope) = (None, None, None);
        for (name, value) in parameters(rest) {
            match name.to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value),
                "service" => service = Some(value),
                "scope" => scope = Some(value),
                _ => {}
            }
        }
        Some(Self::Bearer { realm: realm?, service, scope })
    }
}

/// `name=token` and `name="quoted \" text"`, apart by commas, as far as they are whole.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|char| *char == ',' || char.is_whitespace()).is_some() {}
        let mut name = String::new();
        while let Some(char) = chars.next_if(|char| *char != '=' && *char != ',') {
            name.push(char);
        }
        if chars.next_if_eq(&'=').is_none() {
            return parameters;
        }
        let mut value = String::new();
        if chars.next_if_eq(&'"').is_some() {
            while let Some(char) = chars.next() {
                match char {
                    '"' => break,
                    '\\' => value.extend(chars.next()),
                    char => value.push(char),
                }
            }
        } else {
            while let Some(char) = chars.next_if(|char| *char != ',') {
                value.push(char);
            }
        }
        parameters.push((name.trim().to_owned(), value.trim().to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of distribution's token specification.
    #[test]
    fn challenges_are_read() {
        let header = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:samalba/my-app:pull,push\"";
        assert_eq!(
            Challenge::parse(header),
            Some(Challenge::Bearer {
                realm: "https://auth.docker.io/token".to_owned(),
                service: Some("registry.docker.io".to_owned()),
                scope: Some("repository:samalba/my-app:pull,push".to_owned()),
            })
        );
        assert_eq!(Challenge::parse("basic realm=\"x\""), Some(Challenge::Basic));
        for broken in ["", "Bearer", "Bearer realm", "Negotiate x", "Bearer service=x"] {
            assert_eq!(Challenge::parse(broken), None, "{broken}");
        }
    }
}
