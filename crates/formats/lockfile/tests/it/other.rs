use palisade_model::PackageOrigin;

use crate::project::{packages, read};

#[test]
fn r_has_registries_and_repositories() {
    let text = r#"{"R": {"Version": "4.4.0"}, "Packages": {
"a": {"Package": "a", "Version": "1.0", "Source": "Repository", "Repository": "CRAN", "Requirements": ["R", "b"]},
"b": {"Package": "b", "Version": "2.0", "Source": "Bioconductor"},
"c": {"Package": "c", "Version": "0.1", "Source": "GitHub", "RemoteUsername": "x", "RemoteRepo": "c", "RemoteSha": "00ff"}}}"#;
    assert_eq!(
        packages("renv.lock", text),
        ["a 1.0 prod unknown 2 -> [1]", "b 2.0 prod unknown 3", "c 0.1 prod unknown 4"]
    );
    let reading = read("renv.lock", text);
    assert_eq!(reading.packages[1].ecosystem.as_ref().unwrap().as_str(), "Bioconductor");
    let url = "https://github.com/x/c".to_owned();
    assert_eq!(reading.packages[2].origin, PackageOrigin::Git { url, commit: Some("00ff".to_owned()) });
    let own =
        "Package: own\nVersion: 0.1\nDepends: R (>= 4.0), a (>= 1.0)\nImports:\n    b,\n    c\nSuggests: d\n";
    assert_eq!(
        packages("DESCRIPTION", own),
        ["a (>= 1.0) prod direct 3", "b ? prod direct 4", "c ? prod direct 4", "d ? dev direct 7"]
    );
    assert!(read("docs/DESCRIPTION", "Any text: of people.\n").packages.is_empty());
}

#[test]
fn haskell_has_hackage_and_repositories() {
    let text = "packages:\n- completed:\n    hackage: a-b-1.0.2@sha256:00,1\n- completed:\n    commit: 00ff\n    git: https://example.org/c.git\n    name: c\n    version: '2.0'\n- original:\n    hackage: d-1\n  completed:\n    hackage: d-1.1\n";
    assert_eq!(
        packages("stack.yaml.lock", text),
        ["a-b 1.0.2 prod unknown 3", "c 2.0 prod unknown 5", "d 1.1 prod unknown 12"]
    );
    let freeze = "constraints: any.a ==1.0,\n             any.base installed,\n\n             b ==2.0,\n             b +flag -other\nindex-state: x\n";
    assert_eq!(packages("cabal.project.freeze", freeze), ["a 1.0 prod unknown 1", "b 2.0 prod unknown 4"]);
}

#[test]
fn julia_manifests_of_both_forms_are_read() {
    let first = "[[A]]\ndeps = [\"B\", \"Base64\"]\nuuid = \"0\"\nversion = \"1.0.0\"\n[[B]]\nuuid = \"1\"\nversion = \"2.0.0\"\n[[Base64]]\nuuid = \"2\"\n";
    assert_eq!(packages("Manifest.toml", first), ["A 1.0.0 prod unknown 1 -> [1]", "B 2.0.0 prod unknown 5"]);
    let second = first.replace("[[", "[[deps.");
    let second = format!("manifest_format = \"2.0\"\n{second}");
    assert_eq!(
        packages("Manifest-v1.11.toml", &second),
        ["A 1.0.0 prod unknown 2 -> [1]", "B 2.0.0 prod unknown 6"]
    );
}

#[test]
fn perl_names_authors() {
    let text = "# carton snapshot format: version 1.0\nDISTRIBUTIONS\n  Some-Dist-v1.2.3\n    pathname: A/AU/AUTHOR/Some-Dist-v1.2.3.tar.gz\n    provides:\n      Some::Dist v1.2.3\n    requirements:\n      perl 5\n";
    assert_eq!(packages("cpanfile.snapshot", text), ["Some-Dist v1.2.3 prod unknown 3"]);
    assert_eq!(read("cpanfile.snapshot", text).packages[0].purl.namespace(), Some("AUTHOR"));
}

#[test]
fn opam_filters_tell_versions_and_scopes() {
    let text = "opam-version: \"2.0\"\nversion: \"0.1\"\ndepends: [\n  \"ocaml\" {>= \"4.08\"}\n  \"a\" {= \"1.0\"} \"b\"\n  \"c\" {with-test & >= \"2\"}\n]\nbuild: [\n  [\"dune\" \"build\"]\n]\n";
    assert_eq!(
        packages("own.opam", text),
        [
            "own 0.1 prod unknown 2",
            "ocaml (>= \"4.08\") prod unknown 4",
            "a 1.0 prod unknown 5",
            "b ? prod unknown 5",
            "c (with-test & >= \"2\") test unknown 6"
        ]
    );
}

#[test]
fn flakes_pin_commits() {
    let text = r#"{"nodes": {
"nixpkgs": {"locked": {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "rev": "00ff"}},
"deep": {"locked": {"type": "git", "url": "https://example.org/d.git", "rev": "00aa"}},
"root": {"inputs": {"nixpkgs": "nixpkgs"}}}, "root": "root", "version": 7}"#;
    assert_eq!(packages("flake.lock", text), ["nixpkgs 00ff prod direct 2", "deep 00aa prod transitive 3"]);
}
