//! Clojure: `project.clj` of Leiningen and `deps.edn` of Clojure's own tools. Both are read as data; what would have to be worked out is a
//! problem. Clojars and Maven Central are repositories of Maven's kind.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::gradle_catalog::{declare, pinned};
use crate::facts::git_at;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Kind, Value, edn};

/// Keys of Leiningen under which packages are asked for, and what for if the profile does not say.
const LISTS: [(&str, Scope); 3] =
    [(":dependencies", Scope::Prod), (":plugins", Scope::Build), (":java-agents", Scope::Prod)];

pub(crate) fn read_leiningen(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet();
    let tree = edn::parse(bytes);
    sheet.problems(tree.problems.clone());
    let is_project = |form: &&Value| form.items().first().and_then(Value::text) == Some("defproject");
    match tree.roots.iter().find(is_project).map(Value::items) {
        Some([_, name, version, options @ ..]) => {
            let own =
                name.text().and_then(|own| sheet.add_itself(name.line, &coordinates(own), version.text()));
            project(&mut sheet, options);
            sheet.needs_what_is_asked_for(own);
        }
        _ => sheet.problem(0, "defines no project in plain words"),
    }
    (sheet.done(), None)
}

fn sheet() -> Sheet {
    Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Declared)
}

/// `group:artifact` of `group/artifact$classifier`; one without a group has its own name for it.
fn coordinates(name: &str) -> String {
    let name = name.split('$').next().unwrap_or_default();
    let (group, artifact) = name.split_once('/').unwrap_or((name, name));
    format!("{group}:{artifact}")
}

/// Keys and values, as they follow the version of a project.
fn project(sheet: &mut Sheet, options: &[Value]) {
    let pairs = || options.chunks_exact(2).filter_map(|pair| Some((pair.first()?.text()?, pair.get(1)?)));
    let managed = pairs().find(|(key, _)| *key == ":managed-dependencies");
    let managed = managed.map(|(_, list)| versions(list)).unwrap_or_default();
    for (key, value) in pairs() {
        if let Some((_, scope)) = LISTS.iter().find(|(list, _)| *list == key) {
            list(sheet, value, *scope, &managed);
        }
        if key == ":profiles" {
            for profile in value.members() {
                for (key, scope) in LISTS {
                    if let Some(asked) = profile.value.get(key) {
                        list(sheet, asked, profile_scope(&profile.key).max(scope), &managed);
                    }
                }
            }
        }
    }
}

/// What a profile is for, by the names that Leiningen gives (its "Profiles") and by custom.
fn profile_scope(profile: &str) -> Scope {
    match profile {
        ":uberjar" | ":production" | ":prod" => Scope::Prod,
        ":provided" => Scope::Peer,
        profile if profile.contains("test") => Scope::Test,
        _ => Scope::Dev,
    }
}

/// `[[name "1.0" :scope "test"] ...]`.
fn list(sheet: &mut Sheet, value: &Value, scope: Scope, managed: &Versions<'_>) {
    if value.kind == Kind::Null {
        sheet.problem(value.line, "what is asked for has to be worked out");
    }
    for entry in value.items() {
        let [name, rest @ ..] = entry.items() else { continue };
        let Some(name) = name.text().filter(|name| !name.starts_with(':')) else {
            sheet.problem(entry.line, "a package whose name has to be worked out");
            continue;
        };
        let version = match rest.first() {
            Some(Value { line, kind: Kind::Null }) => {
                let known = managed.get(name).copied().flatten();
                if known.is_none() {
                    sheet.problem(*line, "a version that has to be worked out");
                }
                known
            }
            Some(value) => value.text().filter(|text| !text.starts_with(':')),
            None => None,
        };
        let version = version.or_else(|| managed.get(name).copied().flatten());
        let options = rest.iter().skip_while(|option| option.text() != Some(":scope")).nth(1);
        let own = match options.and_then(Value::text) {
            Some("test") => Scope::Test,
            Some("provided") => Scope::Peer,
            _ => Scope::Prod,
        };
        declare(sheet, entry.line, &coordinates(name), version, scope.max(own));
    }
}

/// The versions that a project has for packages that are asked for without one, by their names.
type Versions<'v> = BTreeMap<&'v str, Option<&'v str>>;

/// The versions that a list of packages gives to each; of one that stands there twice the first counts.
fn versions(list: &Value) -> Versions<'_> {
    let mut versions = Versions::new();
    for entry in list.items() {
        if let Some(name) = entry.items().first().and_then(Value::text) {
            versions.entry(name).or_insert_with(|| entry.items().get(1).and_then(Value::text));
        }
    }
    versions
}

pub(crate) fn read_deps(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet();
    let tree = edn::parse(bytes);
    sheet.problems(tree.problems.clone());
    let root = tree.root();
    if tree.problems.is_empty() && !matches!(root.kind, Kind::Table(_)) {
        sheet.problem(0, "is no map");
    }
    libraries(&mut sheet, root.get(":deps"), Scope::Prod);
    // Settings of other tools that read the same notation.
    if let Some(asked) = root.get(":dependencies") {
        list(&mut sheet, asked, Scope::Prod, &Versions::new());
    }
    for alias in root.members_of(":aliases") {
        for key in [":extra-deps", ":replace-deps", ":deps"] {
            libraries(&mut sheet, alias.value.get(key), alias_scope(&alias.key));
        }
    }
    (sheet.done(), None)
}

/// What an alias is for, by custom: whoever starts the tools names it, or does not.
fn alias_scope(alias: &str) -> Scope {
    match alias {
        alias if alias.contains("test") => Scope::Test,
        alias if alias.contains("build") || alias.contains("uberjar") || alias.contains("depstar") => {
            Scope::Build
        }
        alias if alias.contains("dev") || alias.contains("repl") || alias.contains("lint") => Scope::Dev,
        _ => Scope::Optional,
    }
}

/// `{group/name {:mvn/version "1.0"}}`, also from repositories and folders.
fn libraries(sheet: &mut Sheet, table: Option<&Value>, scope: Scope) {
    for library in table.map_or(&[][..], Value::members) {
        let (name, place) = (coordinates(&library.key), &library.value);
        let git = [":git/tag", ":tag"].into_iter().find_map(|key| place.text_of(key));
        let commit = [":git/sha", ":sha"].into_iter().find_map(|key| place.text_of(key));
        let origin = match (place.text_of(":local/root"), place.text_of(":git/url")) {
            (Some(path), _) => PackageOrigin::Local { path: path.to_owned() },
            (None, Some(url)) => git_at(url, commit),
            (None, None) if commit.is_some() => match forge(&library.key) {
                Some(url) => git_at(&url, commit),
                None => {
                    sheet.problem(library.line, "a commit of a repository that is not told");
                    PackageOrigin::Default
                }
            },
            (None, None) => PackageOrigin::Default,
        };
        if origin == PackageOrigin::Default {
            declare(sheet, library.line, &name, place.text_of(":mvn/version"), scope);
        } else if let Some(mut added) = sheet.add(library.line, &name, git.and_then(pinned).or(commit)) {
            added.package.origin = origin;
            added.scope(scope);
            added.direct();
        }
    }
}

/// The repository that the name of a library is made of: `io.github.user/name` ("deps.edn", "Coordinate attributes").
fn forge(name: &str) -> Option<String> {
    let hosts = [
        ("io.github.", "github.com"),
        ("com.github.", "github.com"),
        ("io.gitlab.", "gitlab.com"),
        ("com.gitlab.", "gitlab.com"),
        ("io.bitbucket.", "bitbucket.org"),
        ("org.bitbucket.", "bitbucket.org"),
        ("ht.sr.", "git.sr.ht"),
    ];
    hosts.iter().find_map(|(group, host)| Some(format!("https://{host}/{}", name.strip_prefix(group)?)))
}
