use super::{PurlError, segments};

/// What a type's definition says of the part before the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Optional,
    Required,
    Prohibited,
}

/// How the letters of a part are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    AsWritten,
    Lower,
    Upper,
}

/// The rules of one type, from its definition at package-url/purl-spec.
struct Rules {
    namespace: Namespace,
    namespace_case: Case,
    name_case: Case,
    version_case: Case,
}

const fn rules(namespace: Namespace, namespace_case: Case, name_case: Case, version_case: Case) -> Rules {
    Rules { namespace, namespace_case, name_case, version_case }
}

/// The rules for a type, which must be in lower case; an unknown type has none.
///
/// Some definitions demand a namespace that packages in the field do not have: records of distributions that do not say which one they
/// are, Go's standard library, jars without a group, the first models of Hugging Face. Refusing them would take packages from an
/// inventory, so there it is optional. Go's definition calls names case-sensitive and lower-cased at once; Go itself tells them apart
/// by case, so it is kept.
fn rules_of(kind: &str) -> Rules {
    use Case::{AsWritten, Lower, Upper};
    use Namespace::{Optional, Prohibited, Required};
    match kind {
        "alpm" | "apk" | "brew" | "deb" | "hex" | "luarocks" => rules(Optional, Lower, Lower, AsWritten),
        "bitbucket" | "composer" | "github" => rules(Required, Lower, Lower, AsWritten),
        "vscode-extension" => rules(Required, Lower, Lower, Lower),
        "git" | "swift" => rules(Required, AsWritten, AsWritten, AsWritten),
        "qpkg" | "rpm" | "yocto" => rules(Optional, Lower, AsWritten, AsWritten),
        "cpan" => rules(Optional, Upper, AsWritten, AsWritten),
        "huggingface" => rules(Optional, AsWritten, AsWritten, Lower),
        "oci" => rules(Prohibited, AsWritten, Lower, Lower),
        "pypi" => rules(Prohibited, AsWritten, Lower, Lower),
        "bitnami" | "chrome-extension" | "otp" | "pub" => rules(Prohibited, AsWritten, Lower, AsWritten),
        "bazel" | "cargo" | "cocoapods" | "conda" | "cran" | "gem" | "hackage" | "julia" | "mlflow"
        | "nuget" | "opam" | "vcpkg" => rules(Prohibited, AsWritten, AsWritten, AsWritten),
        _ => rules(Optional, AsWritten, AsWritten, AsWritten),
    }
}

/// Hosts of the type `git` that tell repositories apart without regard to case.
const CASELESS_HOSTS: [&str; 3] = ["bitbucket.org", "github", "github.com"];

/// The parts of an address that the rules of its type change.
pub(super) struct Parts {
    pub(super) namespace: Option<String>,
    pub(super) name: String,
    pub(super) version: Option<String>,
}

/// Brings the parts into the form that the type's definition demands, or says which rule they break.
pub(super) fn normalised(kind: &str, mut parts: Parts) -> Result<Parts, PurlError> {
    let rules = rules_of(kind);
    split_name(kind, &mut parts);
    match (&parts.namespace, rules.namespace) {
        (None, Namespace::Required) => return Err(PurlError::NamespaceMissing),
        (Some(_), Namespace::Prohibited) => return Err(PurlError::NamespaceProhibited),
        _ => {}
    }
    parts.namespace = parts.namespace.map(|part| cased(part, rules.namespace_case));
    parts.name = cased(parts.name, rules.name_case);
    parts.version = parts.version.map(|part| cased(part, rules.version_case));
    match kind {
        "pypi" => parts.name = parts.name.replace('_', "-"),
        "pub" => {
            parts.name = parts.name.replace(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit(), "_")
        }
        "git" if parts.namespace.as_deref().is_some_and(|host| CASELESS_HOSTS.contains(&host)) => {
            parts.name = parts.name.to_lowercase();
        }
        "cpan" if parts.name.contains("::") => return Err(PurlError::Characters("name")),
        "chrome-extension" => chrome_extension(&parts)?,
        _ => {}
    }
    Ok(parts)
}

/// Puts the border between namespace and name where the type has it. `git` has its host before and a whole path behind it; no name
/// of npm, Go or Composer holds a slash, but some writers encode the one that ends the namespace.
fn split_name(kind: &str, parts: &mut Parts) {
    match kind {
        "git" => {
            let Some(namespace) = &parts.namespace else { return };
            let (host, path) = namespace.split_once('/').unwrap_or((namespace, ""));
            parts.name = segments(&format!("{path}/{}", parts.name)).join("/");
            parts.namespace = Some(host.to_owned());
        }
        "npm" | "golang" | "composer" if parts.namespace.is_none() => {
            if let Some((name, space)) = segments(&parts.name).split_last()
                && !space.is_empty()
            {
                (parts.namespace, parts.name) = (Some(space.join("/")), (*name).to_owned());
            }
        }
        _ => {}
    }
}

fn cased(part: String, case: Case) -> String {
    match case {
        Case::AsWritten => part,
        Case::Lower => part.to_lowercase(),
        Case::Upper => part.to_uppercase(),
    }
}

/// A name of 32 letters from `a` to `p`, a version of one to four numbers.
fn chrome_extension(parts: &Parts) -> Result<(), PurlError> {
    if parts.name.len() != 32 || !parts.name.bytes().all(|byte| (b'a'..=b'p').contains(&byte)) {
        return Err(PurlError::Characters("name"));
    }
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let good = |version: &String| version.split('.').count() <= 4 && version.split('.').all(number);
    if parts.version.as_ref().is_none_or(good) { Ok(()) } else { Err(PurlError::Characters("version")) }
}

/// The qualifier without which an address of this type names nothing.
pub(super) fn required_qualifier(kind: &str) -> Option<&'static str> {
    match kind {
        "julia" => Some("uuid"),
        "swid" => Some("tag_id"),
        _ => None,
    }
}

/// Whether the tracking server of a model tells names apart without regard to case, as Databricks does.
pub(super) fn has_caseless_server(kind: &str, repository_url: &str) -> bool {
    let host = repository_url.split_once("://").map_or(repository_url, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let databricks = [".azuredatabricks.net", ".cloud.databricks.com", ".gcp.databricks.com"];
    kind == "mlflow" && databricks.iter().any(|end| host.ends_with(end))
}
