use palisade_model::PackageOrigin;

use crate::{named, read, roles, together, told};

const INDEX: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[test]
fn old_lockfiles_keep_the_project_and_the_digests_apart() {
    let reading = read(
        "Cargo.lock",
        &format!(
            "[root]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"alpha 1.0.0 ({INDEX})\",\n \"forked 0.2.0 (git+https://h.test/forked)\",\n]\n\n[[package]]\nname = \"alpha\"\nversion = \"1.0.0\"\nsource = \"{INDEX}\"\n\n[[package]]\nname = \"forked\"\nversion = \"0.2.0\"\nsource = \"git+https://h.test/forked#0123456789abcdef\"\n\n[metadata]\n\"checksum alpha 1.0.0 ({INDEX})\" = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n\"checksum forked 0.2.0 (git+https://h.test/forked)\" = \"<none>\"\n"
        ),
    );
    assert_eq!(reading.problems, []);
    assert_eq!(
        roles(&reading.packages),
        ["app Direct prod [alpha forked]", "alpha Direct prod []", "forked Direct prod []"]
    );
    assert_eq!(reading.packages[1].hashes[0].algorithm, "SHA-256");
    assert!(reading.packages[2].hashes.is_empty());
    let commit = Some("0123456789abcdef".to_owned());
    assert_eq!(
        reading.packages[2].origin,
        PackageOrigin::Git { url: "https://h.test/forked".into(), commit }
    );
}

#[test]
fn needs_are_told_apart_by_version_and_source() {
    let entry = |name: &str, version: &str, source: &str, needs: &str| {
        format!(
            "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\ndependencies = [{needs}]\n\n"
        )
    };
    let text = [
        entry("a", "1.0.0", INDEX, "\"b 2.0.0\""),
        entry("b", "1.0.0", INDEX, ""),
        entry("b", "2.0.0", INDEX, &format!("\"c 1.0.0 ({INDEX})\"")),
        entry("c", "1.0.0", "sparse+https://own.test/index/", ""),
        entry("c", "1.0.0", INDEX, ""),
    ]
    .concat();
    let reading = read("Cargo.lock", &text);
    assert_eq!(reading.packages[0].dependencies, [2]);
    assert_eq!(reading.packages[2].dependencies, [4]);
    assert_eq!(reading.packages[3].origin, PackageOrigin::Registry { url: "https://own.test/index/".into() });
    assert_eq!(reading.packages[4].origin, PackageOrigin::Default);
}

#[test]
fn manifests_of_a_workspace_tell_what_crates_are_for() {
    let lock = format!(
        "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"builder\", \"real\", \"tester\", \"lib\"]\n[[package]]\nname = \"lib\"\nversion = \"0.1.0\"\ndependencies = [\"shared\"]\n[[package]]\nname = \"builder\"\nversion = \"1.0.0\"\nsource = \"{INDEX}\"\n[[package]]\nname = \"real\"\nversion = \"1.0.0\"\nsource = \"{INDEX}\"\ndependencies = [\"shared\"]\n[[package]]\nname = \"shared\"\nversion = \"1.0.0\"\nsource = \"{INDEX}\"\n[[package]]\nname = \"tester\"\nversion = \"1.0.0\"\nsource = \"{INDEX}\"\n"
    );
    let files = together(&[
        ("Cargo.lock", &lock),
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"app\", \"lib\"]\n[workspace.dependencies]\nalias = { package = \"real\", version = \"1\" }\ntester = \"1\"\n",
        ),
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nalias.workspace = true\nlib = { path = \"../lib\" }\nextra = { version = \"3\", optional = true }\n[dev-dependencies]\ntester.workspace = true\n[target.'cfg(unix)'.build-dependencies]\nbuilder = \"1\"\n",
        ),
        (
            "lib/Cargo.toml",
            "[package]\nname = \"lib\"\nversion = \"0.1.0\"\n[dev-dependencies]\nshared = \"1\"\n",
        ),
        (
            "elsewhere/Cargo.toml",
            "[package]\nname = \"other\"\nversion = \"0.1.0\"\n[dependencies]\nshared = \"1\"\n",
        ),
    ]);
    assert_eq!(
        roles(&files["Cargo.lock"].packages),
        [
            "app Direct prod [lib builder real tester]",
            "lib Direct prod [shared]",
            "builder Direct build []",
            "real Direct prod [shared]",
            "shared Direct prod []",
            "tester Direct dev []",
        ]
    );
    for covered in ["Cargo.toml", "app/Cargo.toml", "lib/Cargo.toml"] {
        assert_eq!(told(&files[covered].packages), Vec::<String>::new(), "{covered}");
    }
    assert_eq!(told(&files["elsewhere/Cargo.toml"].packages), ["other@0.1.0", "shared?1"]);
}

#[test]
fn a_broken_package_does_not_take_the_others_with_it() {
    let reading = read(
        "Cargo.lock",
        "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = b\n\n[[package]]\nname = \"c\"\n\n[[package]]\nname = \"d\"\nversion = \"1.0.0\"\n",
    );
    assert_eq!(told(&reading.packages), ["a@1.0.0", "d@1.0.0"]);
    assert_eq!(reading.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [Some(6), Some(8)]);
}

#[test]
fn manifests_alone_declare() {
    let reading = read(
        "Cargo.toml",
        "[dependencies]\na = { git = \"https://h.test/a\", rev = \"0123456789\" }\nb = { path = \"../b\" }\nc = { version = \"1\", registry = \"own\" }\n[dependencies.d]\nversion = \"2\"\n",
    );
    assert_eq!(told(&reading.packages), ["a", "b", "c?1", "d?2"]);
    assert_eq!(named(&reading.packages, "d").line, 5);
    assert_eq!(named(&reading.packages, "b").ecosystem, None);
    assert_eq!(named(&reading.packages, "c").origin, PackageOrigin::Registry { url: "own".into() });
}
