//! Names of packages by each ecosystem's own rules, so that one package has one key.

use std::borrow::Cow;

/// The form of `name` that the database is searched by. The ecosystem's suffix does not count, but for those that
/// rebuild packages of others: `Root:PyPI` names as PyPI does.
///
/// PyPI: PEP 503. NuGet, Packagist, Hex, VSCode, GitHub Actions, Bitnami: case does not count. Go: neither, since addresses of packages
/// have its modules in lower case, and `!x` of the module proxy is `X`.
/// Maven: `group:artifact`, also from `group/artifact`. npm: `%40` is `@`. SwiftURL and GIT: host and path, without scheme, user,
/// `.git` and closing slash, case does not count. Everywhere else the name stands as it is.
pub fn normalised_name<'n>(ecosystem: &str, name: &'n str) -> Cow<'n, str> {
    let name = name.trim();
    let mut parts = ecosystem.split(':');
    let base = match (parts.next().unwrap_or_default(), parts.next()) {
        ("Root" | "TuxCare" | "Echo", Some(rebuilt)) => rebuilt,
        (base, _) => base,
    };
    match base {
        "PyPI" => Cow::Owned(pep503(name)),
        "NuGet" | "Packagist" | "Hex" | "VSCode" | "GitHub Actions" | "Bitnami" => {
            Cow::Owned(name.to_lowercase())
        }
        "Go" => Cow::Owned(module(name)),
        "Maven" if !name.contains(':') => Cow::Owned(name.replacen('/', ":", 1)),
        "npm" if name.starts_with("%40") => Cow::Owned(name.replacen("%40", "@", 1)),
        "SwiftURL" | "GIT" => Cow::Owned(repository(name)),
        _ => Cow::Borrowed(name),
    }
}

/// PEP 503: lower case, and each run of `-`, `_` and `.` is one `-`.
fn pep503(name: &str) -> String {
    let mut normalised = String::with_capacity(name.len());
    let mut in_run = false;
    for letter in name.chars() {
        let separates = matches!(letter, '-' | '_' | '.');
        if !separates {
            normalised.extend(letter.to_lowercase());
        } else if !in_run {
            normalised.push('-');
        }
        in_run = separates;
    }
    normalised
}

/// The path of a Go module in lower case; a capital letter is `!x` in the module proxy's paths.
fn module(path: &str) -> String {
    path.replace('!', "").to_lowercase()
}

/// `https://host/path.git`, `ssh://git@host/path`, `git@host:path` and `host/path` are one.
fn repository(url: &str) -> String {
    let url = url.to_lowercase();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let is_scp_like = !url.contains("://") && rest.split('/').next().is_some_and(|host| host.contains('@'));
    let rest = match rest.split_once('@') {
        Some((user, rest)) if !user.contains('/') => rest,
        _ => rest,
    };
    let rest = if is_scp_like { rest.replacen(':', "/", 1) } else { rest.to_owned() };
    let rest = rest.trim_end_matches('/');
    rest.strip_suffix(".git").unwrap_or(rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::normalised_name;

    #[test]
    fn pypi_names_follow_the_examples_of_pep_503() {
        for name in [
            "friendly-bard",
            "Friendly-Bard",
            "FRIENDLY-BARD",
            "friendly.bard",
            "friendly_bard",
            "friendly--bard",
            "FrIeNdLy-._.-bArD",
        ] {
            assert_eq!(normalised_name("PyPI", name), "friendly-bard");
        }
    }

    #[test]
    fn repositories_are_one_in_all_their_forms() {
        for name in [
            "https://github.com/Vapor/vapor.git",
            "github.com/vapor/vapor",
            "git@github.com:vapor/vapor.git",
            "ssh://git@github.com/vapor/vapor/",
            "HTTPS://github.com/vapor/vapor",
        ] {
            assert_eq!(normalised_name("SwiftURL", name), "github.com/vapor/vapor", "{name}");
        }
        assert_eq!(normalised_name("GIT", "https://host:8443/a/b"), "host:8443/a/b");
    }

    #[test]
    fn other_ecosystems_keep_to_their_own_rules() {
        for (base, name, expected) in [
            ("Go", "github.com/!azure/sdk", "github.com/azure/sdk"),
            ("Go", "github.com/Azure/sdk", "github.com/azure/sdk"),
            ("Go", "github.com/azure/sdk", "github.com/azure/sdk"),
            ("Go", "stdlib", "stdlib"),
            ("Maven", "org.apache/commons", "org.apache:commons"),
            ("Maven", "org.apache:Commons", "org.apache:Commons"),
            ("npm", "%40scope/name", "@scope/name"),
            ("npm", "JSONStream", "JSONStream"),
            ("NuGet", "Newtonsoft.Json", "newtonsoft.json"),
            ("Packagist", "Symfony/Http", "symfony/http"),
            ("crates.io", "serde_json", "serde_json"),
            ("Debian", "libC6", "libC6"),
        ] {
            assert_eq!(normalised_name(base, name), expected, "{base}");
        }
    }
}
