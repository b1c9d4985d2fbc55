//! References of images: `[registry/]path[:tag][@digest]` (distribution, "reference").

use palisade_model::{Package, Purl, Relation, Scope};

use crate::sheet::Sheet;

/// The tag of a reference that names neither tag nor digest.
const USUAL_TAG: &str = "latest";

/// A reference in its parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference<'r> {
    /// With the host if there is one.
    name: &'r str,
    host: Option<&'r str>,
    path: &'r str,
    tag: Option<&'r str>,
    digest: Option<&'r str>,
}

impl<'r> Reference<'r> {
    pub(super) fn parse(text: &'r str) -> Option<Self> {
        let is_word = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/:".contains(&byte))
        };
        let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let (host, path) = match name.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
            _ => (None, name),
        };
        let parts = [Some(path), tag, digest, host];
        let is_reference =
            parts.into_iter().flatten().all(is_word) && path.split('/').all(|part| !part.is_empty());
        is_reference.then_some(Self { name, host, path, tag, digest })
    }

    /// `pkg:oci` for what a digest pins, `pkg:docker` for what a tag names.
    fn purl(&self) -> Result<Purl, palisade_model::PurlError> {
        let (namespace, name) =
            self.path.rsplit_once('/').map_or((None, self.path), |(space, name)| (Some(space), name));
        let host = self.host.filter(|host| !matches!(*host, "docker.io" | "index.docker.io"));
        if let Some(digest) = self.digest {
            let place = match (host, namespace) {
                (Some(host), _) => format!("{host}/{}", self.path),
                (None, Some(_)) => format!("docker.io/{}", self.path),
                (None, None) => format!("docker.io/library/{}", self.path),
            };
            let purl = Purl::new("oci", None, name, Some(digest))?;
            return Ok(purl
                .with_qualifier("repository_url", &place)
                .with_qualifier("tag", self.tag.unwrap_or_default()));
        }
        let namespace = namespace.filter(|space| host.is_some() || *space != "library");
        let purl = Purl::new("docker", namespace, name, Some(self.tag.unwrap_or(USUAL_TAG)))?;
        Ok(purl.with_qualifier("repository_url", host.unwrap_or_default()))
    }
}

/// Adds the image that `text` names; one that is made when the file is used is a problem.
pub(super) fn add<'s>(sheet: &'s mut Sheet, line: u32, text: &str, scope: Scope) -> Option<&'s mut Package> {
    let text = text.trim();
    let Some(reference) = Reference::parse(text) else {
        sheet.problem(line, "an image that no plain reference names");
        return None;
    };
    let mut added = sheet.add_as(line, reference.purl(), reference.name, None)?;
    added.scope(scope);
    added.package.relation = Relation::Direct;
    Some(added.package)
}

/// `text` with `${NAME}`, `${NAME:-default}`, `${NAME-default}` and `$NAME` replaced; none when a name is unknown.
pub(super) fn filled(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        if let Some(inner) = after.strip_prefix('{') {
            let (inner, following) = inner.split_once('}')?;
            let end = inner.find([':', '-', '+', '?']).unwrap_or(inner.len());
            let (name, operator) = inner.split_at(end);
            let default = operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-'));
            let known = value(name).filter(|value| !value.is_empty() || !operator.starts_with(':'));
            result.push_str(&known.or_else(|| default.map(str::to_owned))?);
            rest = following;
        } else {
            let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
            let (name, following) = after.split_at(end);
            result.push_str(&value(name).filter(|_| !name.is_empty())?);
            rest = following;
        }
        if result.len() > 4096 {
            return None;
        }
    }
    Some(result + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_make_addresses() {
        let purl = |text| Reference::parse(text).unwrap().purl().unwrap();
        assert_eq!(purl("nginx").to_string(), "pkg:docker/nginx@latest");
        assert_eq!(purl("docker.io/library/nginx:1.25").to_string(), "pkg:docker/nginx@1.25");
        let gcr = purl("gcr.io:443/a/b:2");
        assert_eq!((gcr.namespace(), gcr.name(), gcr.version()), (Some("a"), "b", Some("2")));
        assert_eq!(gcr.qualifiers()["repository_url"], "gcr.io:443");
        let pinned = purl("ghcr.io/a/b:v1@sha256:00ff");
        assert_eq!((pinned.kind(), pinned.name(), pinned.version()), ("oci", "b", Some("sha256:00ff")));
        assert_eq!(pinned.qualifiers()["repository_url"], "ghcr.io/a/b");
        assert_eq!(pinned.qualifiers()["tag"], "v1");
        for bad in ["", "a//b", "{{ x }}", ":1", "a@"] {
            assert_eq!(Reference::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn variables_have_defaults() {
        let value = |name: &str| (name == "A").then(|| "x".to_owned());
        assert_eq!(filled("${A}:$A-${B:-y}${B-z}", &value).as_deref(), Some("x:x-yz"));
        assert_eq!(filled("$B", &value), None);
        assert_eq!(filled("${A", &value), None);
    }
}
