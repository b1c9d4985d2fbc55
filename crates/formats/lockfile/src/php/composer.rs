//! `composer.lock`, `composer.json`, and `vendor/composer/installed.json` of Composer 1 and 2.

use std::collections::BTreeSet;

use palisade_model::{PackageEvidence, PackageHash, PackageOrigin, Reading, Scope};

use crate::asks::{Asks, Sources};
use crate::displaced::host;
use crate::facts::clean_url;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Value, json};
use crate::text::without_credentials;

const ECOSYSTEM: Option<&str> = Some("Packagist");

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("composer", ECOSYSTEM, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if root.get("packages").is_none() && root.get("packages-dev").is_none() {
        sheet.problem(0, "has no list of packages");
    }
    for entry in root.items_of("packages") {
        package(&mut sheet, entry, Scope::Prod);
    }
    for entry in root.items_of("packages-dev") {
        package(&mut sheet, entry, Scope::Dev);
    }
    (sheet.done(), None)
}

pub(crate) fn read_installed(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("composer", ECOSYSTEM, PackageEvidence::Installed);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if !root.is_list() && root.get("packages").is_none() {
        sheet.problem(0, "has no list of packages");
    }
    let dev: BTreeSet<&str> = root.items_of("dev-package-names").iter().filter_map(Value::text).collect();
    for entry in root.items().iter().chain(root.items_of("packages")) {
        let is_dev = entry.text_of("name").is_some_and(|name| dev.contains(name));
        package(&mut sheet, entry, if is_dev { Scope::Dev } else { Scope::Prod });
    }
    (sheet.done(), None)
}

fn package(sheet: &mut Sheet, entry: &Value, scope: Scope) {
    let (Some(name), Some(version)) = (entry.text_of("name"), entry.scalar_of("version")) else {
        sheet.problem(entry.line, "a package without name or version");
        return;
    };
    let Some(mut added) = sheet.add(entry.line, name, Some(version)) else { return };
    added.scope(scope);
    let from = added.index;
    added.package.origin = origin(entry);
    added.package.licences =
        entry.items_of("license").iter().filter_map(Value::text).map(str::to_owned).collect();
    added.package.runs_on_install =
        matches!(entry.text_of("type"), Some("composer-plugin" | "composer-installer"));
    let sum = entry.at(&["dist", "shasum"]).and_then(Value::text).filter(|sum| sum.len() == 40);
    added.package.hashes = sum
        .map(|sum| PackageHash { algorithm: "SHA-1".to_owned(), value: sum.to_ascii_lowercase() })
        .into_iter()
        .collect();
    for need in entry.members_of("require").iter().filter(|need| is_package(&need.key)) {
        sheet.edge(from, &need.key, None);
    }
}

/// A package with an archive comes from a registry that the record does not name; one without comes from where its source is.
fn origin(entry: &Value) -> PackageOrigin {
    let text = |keys: [&str; 2]| entry.at(&keys).and_then(Value::text);
    match (text(["dist", "type"]), text(["source", "type"])) {
        (Some("path"), _) => {
            PackageOrigin::Local { path: text(["dist", "url"]).unwrap_or_default().to_owned() }
        }
        (Some(_), _) if !is_forge(text(["dist", "url"]).unwrap_or_default()) => {
            PackageOrigin::Url { url: clean_url(text(["dist", "url"]).unwrap_or_default()) }
        }
        (None, Some("git")) => PackageOrigin::Git {
            url: without_credentials(text(["source", "url"]).unwrap_or_default()),
            commit: text(["source", "reference"]).map(str::to_owned),
        },
        _ => PackageOrigin::Default,
    }
}

/// Whether an archive lies where Packagist's packages have theirs.
fn is_forge(url: &str) -> bool {
    const FORGES: [&str; 8] = [
        "api.github.com",
        "codeload.github.com",
        "github.com",
        "gitlab.com",
        "bitbucket.org",
        "api.bitbucket.org",
        "packagist.org",
        "repo.packagist.org",
    ];
    url.is_empty() || url.starts_with("https://") && host(url).is_some_and(|host| FORGES.contains(&host))
}

/// What the platform brings is named without a vendor.
fn is_package(name: &str) -> bool {
    name.contains('/')
}

pub(crate) fn read_manifest(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("composer", ECOSYSTEM, PackageEvidence::Declared);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    let root = tree.root();
    let own = root.members().iter().find(|member| member.key == "name");
    let own = own.and_then(|own| sheet.add_itself(own.line, own.value.text()?, root.text_of("version")));
    let mut names = Vec::new();
    for (key, scope) in [("require", Scope::Prod), ("require-dev", Scope::Dev)] {
        for need in tree.root().members_of(key).iter().filter(|need| is_package(&need.key)) {
            let wanted = need.value.text().unwrap_or_default();
            let added = match exact(wanted) {
                Some(version) => sheet.add(need.line, &need.key, Some(version)),
                None => sheet.add_wanted(need.line, &need.key, wanted),
            };
            if let Some(mut added) = added {
                added.scope(scope);
                added.direct();
            }
            names.push((need.key.clone(), scope));
        }
    }
    sheet.needs_what_is_asked_for(own);
    // Only the project's own manifest can name other places, and the settings of a machine (Composer, "Repositories").
    // A plugin takes in other manifests, which may name some too.
    let is_merged = tree.root().at(&["extra", "merge-plugin"]).is_some();
    let sources = if is_usual(root) && !is_merged { Sources::Usual } else { Sources::Unknown };
    let asks = Asks::of(&["composer-lock"], names).from(sources).with_scopes_in_lock();
    (sheet.done(), Some(Companion::Asks(asks)))
}

/// Whether it is the file where Composer keeps what counts for all projects of a user (Composer, "COMPOSER_HOME"), by its place in the file
/// system of an image.
pub(crate) fn is_settings(path: &str) -> bool {
    let of_user = || Some(path.strip_prefix("home/")?.split_once('/')?.1);
    let place = path.strip_prefix("root/").or_else(of_user);
    matches!(place, Some(".composer/config.json" | ".config/composer/config.json"))
}

/// Its repositories may bring packages of any project. It names no packages.
pub(crate) fn read_settings(_: &str, bytes: &[u8]) -> Parsed {
    let tree = json::parse(bytes);
    let companion = (!is_usual(tree.root())).then(|| Companion::Asks(Asks::settings(&["composer-lock"])));
    (Reading::default(), companion)
}

/// Whether a manifest or settings name no repository.
fn is_usual(root: &Value) -> bool {
    root.get("repositories").is_none_or(|list| list.items().is_empty() && list.members().is_empty())
}

/// A constraint of a whole version is exact (Composer, "Exact version constraint").
fn exact(wanted: &str) -> Option<&str> {
    let version = wanted.strip_prefix("==").or_else(|| wanted.strip_prefix('=')).unwrap_or(wanted).trim();
    let plain = version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+_".contains(&byte));
    let begins = version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let is_pattern = version.split('.').any(|part| part.eq_ignore_ascii_case("x"));
    (plain && begins && !is_pattern && !version.contains(" - ")).then_some(version)
}
