//! The map of the house as a test: floors, forbidden edges, and a ceiling on what the binary is made of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::shell::{cargo, output};

/// The most crates in the binary's normal dependency graph. Raised by hand only, with a reason in the commit.
const CEILING: usize = 330;

/// Edges on one floor, from -> to.
const SAME_FLOOR: &[(&str, &str)] = &[
    ("palisade-sys", "palisade-model"),
    ("palisade-advisory", "palisade-archive"),
    ("palisade-advisory", "palisade-version"),
    ("palisade-osdb", "palisade-archive"),
    ("palisade-sbom", "palisade-version"),
    ("palisade-lockfile", "palisade-archive"),
    ("palisade-flow", "palisade-runner"),
    ("palisade-flow", "palisade-store"),
    ("palisade", "palisade-report"),
    ("palisade-e2e", "palisade-testkit"),
];

/// Crates that only these packages may use.
const RESERVED: &[(&str, &[&str])] = &[
    ("gix", &["palisade-git"]),
    ("regorus", &["palisade-policy"]),
    ("seccompiler", &["palisade-sandbox"]),
    ("landlock", &["palisade-sandbox"]),
    ("libc", &["palisade-sandbox"]),
    ("anyhow", &["palisade", "xtask", "palisade-e2e", "palisade-testkit"]),
    ("clap", &["palisade", "xtask"]),
    ("rustls", &["palisade-sys"]),
    ("ureq", &["palisade-sys"]),
    ("tokio", &[]),
    ("axum", &[]),
    ("rusqlite", &[]),
];

struct Package {
    floor: u64,
    path: String,
    /// Normal dependencies.
    uses: BTreeSet<String>,
}

fn metadata() -> Value {
    serde_json::from_str(&output(&mut cargo(&["metadata", "--format-version", "1", "--locked"])).unwrap())
        .unwrap()
}

fn packages(metadata: &Value) -> BTreeMap<String, Package> {
    let members: BTreeSet<&str> =
        metadata["workspace_members"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let ours = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| members.contains(package["id"].as_str().unwrap()));
    ours.map(|package| {
        let name = package["name"].as_str().unwrap().to_owned();
        let floor = package["metadata"]["palisade"]["floor"]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} names no floor"));
        let normal = |dependency: &&Value| dependency["kind"].is_null();
        let uses = package["dependencies"].as_array().unwrap().iter().filter(normal);
        let uses = uses.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect();
        (name, Package { floor, path: package["manifest_path"].as_str().unwrap().to_owned(), uses })
    })
    .collect()
}

#[test]
fn imports_point_down() {
    let packages = packages(&metadata());
    for (name, package) in &packages {
        for (used, other) in package.uses.iter().filter_map(|used| Some((used, packages.get(used)?))) {
            let allowed = other.floor < package.floor || SAME_FLOOR.contains(&(name, used));
            assert!(allowed, "{name} (floor {}) must not use {used} (floor {})", package.floor, other.floor);
        }
    }
}

#[test]
fn a_crate_lies_on_the_floor_it_names() {
    const FLOORS: [(&str, u64); 7] =
        [("base", 0), ("formats", 1), ("sources", 2), ("engines", 3), ("app", 4), ("edges", 5), ("dev", 6)];
    for (name, package) in packages(&metadata()) {
        let floor = FLOORS.iter().find(|(folder, _)| package.path.contains(&format!("/crates/{folder}/")));
        let floor = floor.map_or(3, |(_, floor)| *floor);
        assert_eq!(package.floor, floor, "{name} in {}", package.path);
    }
}

#[test]
fn some_crates_are_for_some_packages_only() {
    for (name, package) in packages(&metadata()) {
        for (reserved, users) in RESERVED {
            let allowed = !package.uses.contains(*reserved) || users.contains(&name.as_str());
            assert!(allowed, "{name} must not use {reserved}");
        }
    }
}

#[test]
fn the_binary_stays_under_its_ceiling() {
    let metadata = metadata();
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (node["id"].as_str().unwrap(), node))
        .collect();
    let binary = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "palisade")
        .unwrap();
    let mut seen = BTreeSet::new();
    let mut open = vec![binary["id"].as_str().unwrap()];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let normal = |dependency: &&Value| {
            dependency["dep_kinds"]
                .as_array()
                .unwrap()
                .iter()
                .any(|kind| kind["kind"].is_null() && on_linux(&kind["target"]))
        };
        let dependencies = nodes[id]["deps"].as_array().unwrap().iter().filter(normal);
        open.extend(dependencies.map(|dependency| dependency["pkg"].as_str().unwrap()));
    }
    assert!(seen.len() > 50, "the graph was walked");
    assert!(seen.len() <= CEILING, "{} crates, at most {CEILING}", seen.len());
}

/// Whether a target condition can hold on Linux: only those that plainly name another system are left out.
fn on_linux(target: &Value) -> bool {
    let Some(target) = target.as_str() else { return true };
    let others = [
        "windows",
        "macos",
        "target_os = \"wasi\"",
        "wasm",
        "target_vendor = \"apple\"",
        "redox",
        "hermit",
        "android",
    ];
    !others.iter().any(|other| target.contains(other)) || target.contains("not(")
}
