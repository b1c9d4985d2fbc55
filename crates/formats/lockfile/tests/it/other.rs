use palisade_lockfile::{recognise, relate};
use palisade_model::PackageOrigin;

use crate::project::{packages, problem_lines, read, record, shown};

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
        [
            "own 0.1 prod direct 1 -> [1, 2, 3, 4]",
            "a (>= 1.0) prod direct 3",
            "b ? prod direct 4",
            "c ? prod direct 4",
            "d ? dev direct 7"
        ]
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
    let either = "constraints: any.a ==1.0 || ==1.1,\n             b ==2.0\n";
    assert_eq!(
        packages("cabal.project.freeze", either),
        ["a (==1.0 || ==1.1) prod unknown 1", "b 2.0 prod unknown 2"]
    );
}

/// Without it the address of a package would name nothing (purl-types, `julia`).
#[test]
fn a_package_of_julia_without_uuid_is_a_problem() {
    let text = "julia_version = \"1.10.0\"\nmanifest_format = \"2.0\"\n[[deps.Y]]\nversion = \"1.0.0\"\n";
    assert_eq!(problem_lines("Manifest.toml", text), [3]);
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
    assert_eq!(
        packages("flake.lock", text),
        ["NixOS/nixpkgs 00ff prod direct 2", "deep 00aa prod transitive 3"]
    );
}

#[test]
fn julia_names_its_library_by_its_own_version_and_packages_by_uuid() {
    let text = "julia_version = \"1.9.0\"\nmanifest_format = \"2.0\"\n[[deps.A]]\nuuid = \"a\"\n[deps.A.deps]\nB = \"b2\"\n[[deps.B]]\nuuid = \"b1\"\nversion = \"1.0.0\"\n[[deps.B]]\nuuid = \"b2\"\ngit-tree-sha1 = \"00\"\n";
    assert_eq!(
        packages("Manifest.toml", text),
        ["A 1.9.0 prod unknown 3 -> [2]", "B 1.0.0 prod unknown 7", "B ? prod unknown 10"]
    );
    let own = "name = \"Own\"\nuuid = \"0\"\nversion = \"0.2\"\n";
    assert_eq!(packages("Project.toml", own), ["Own 0.2 prod direct 1"]);
}

#[test]
fn rockspecs_that_work_out_their_name_are_known_by_their_file() {
    let text = "local n = \"x\"\npackage = n\nversion = \"1.0\"..\"-1\"\n";
    assert_eq!(packages("a/x-y-1.0-1.rockspec", "package = n\n"), ["x-y 1.0-1 prod unknown 0"]);
    assert_eq!(packages("x-1.0-1.rockspec", text), ["x 1.0-1 prod unknown 0"]);
    assert_eq!(problem_lines("x.rockspec", text), [0]);
    assert_eq!(problem_lines("x-1.0-1.rockspec", ""), [0]);
}

#[test]
fn tools_of_a_project_have_numbers() {
    let text = "# tools\nnodejs 20.1.0 system 18.0\npython ref:main\nerlang   26.2 # newest\n";
    assert_eq!(
        packages(".tool-versions", text),
        ["nodejs 20.1.0 build direct 2", "nodejs 18.0 build direct 2", "erlang 26.2 build direct 4"]
    );
    let mise =
        "[tools]\ngo = \"1.22\"\nnode = [\"20\", \"lts\"]\nruby = { version = \"3.3\" }\n[env]\nx = \"1\"\n";
    assert_eq!(
        packages("mise.toml", mise),
        ["go 1.22 build direct 2", "node 20 build direct 3", "ruby 3.3 build direct 4"]
    );
    assert_eq!(packages(".nvmrc", "# own\n v20.1.0 \n"), ["nodejs 20.1.0 build direct 2"]);
    assert!(packages(".node-version", "lts/*\n").is_empty());
}

#[test]
fn installed_applications_tell_where_they_lie_or_what_they_are() {
    assert_eq!(
        packages("opt/homebrew/Cellar/a/1.0_1/INSTALL_RECEIPT.json", "{}"),
        ["a 1.0_1 prod unknown 0"]
    );
    assert_eq!(packages("snap/a/x1/meta/snap.yaml", "name: a\nversion: 1.10\n"), ["a 1.10 prod unknown 1"]);
    assert_eq!(problem_lines("snap/a/x1/meta/snap.yaml", "name: a\n"), [0]);
    let place = "var/lib/flatpak/app/o.A/current/active/files/share/metainfo/o.A.metainfo.xml";
    let text = "<component><id>o.A</id><releases><release version='2.0'/><release version='1.0'/></releases></component>";
    assert_eq!(packages(place, text), ["o.A 2.0 prod unknown 1"]);
}

#[test]
fn what_spack_and_cpan_unpacked_is_told() {
    let text = "{\"spec\": {\"nodes\": [\n{\"name\": \"a\", \"version\": \"1.0\"},\n{\"name\": \"glibc\", \"version\": \"2.39\", \"external\": {\"path\": \"/usr\"}}]}}";
    assert_eq!(packages("opt/spack/a-1.0/.spack/spec.json", text), ["a 1.0 prod unknown 2"]);
    let meta = "--- #YAML:1.0\nname: A-B\nversion: 0.08\n";
    assert_eq!(packages("root/.cpanm/work/1/A-B-0.08/META.yml", meta), ["A-B 0.08 prod unknown 2"]);
    let json = "{\"name\": \"A-B\",\n \"version\": \"0.10\"}";
    assert_eq!(packages("root/.cpan/build/A-B-0.10/META.json", json), ["A-B 0.10 prod unknown 1"]);
}

#[test]
fn components_of_bitnami_are_told_with_what_they_are_made_of() {
    let json = r#"{"spdxVersion": "SPDX-2.3", "packages": [
{"name": "PostgreSQL", "versionInfo": "17.2.0-1", "externalRefs": [{"referenceType": "cpe23Type", "referenceLocator": "x"}, {"referenceType": "purl", "referenceLocator": "pkg:bitnami/postgresql@17.2.0-1?arch=amd64"}]},
{"name": "pljava", "versionInfo": "1.6.8", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:maven/org.postgresql/pljava@1.6.8"}]},
{"name": "geos", "versionInfo": "3.13.0"}]}"#;
    let reading = read("opt/bitnami/postgresql/.spdx-postgresql.spdx", json);
    let told: Vec<_> = reading
        .packages
        .iter()
        .map(|package| (package.name.as_str(), package.ecosystem.as_ref().map(ToString::to_string)))
        .collect();
    let ecosystem = |name: &str| Some(name.to_owned());
    assert_eq!(
        told,
        [("postgresql", ecosystem("Bitnami")), ("org.postgresql:pljava", ecosystem("Maven")), ("geos", None)]
    );
    let tags = "SPDXVersion: SPDX-2.3\nPackageName: redis\nPackageVersion: 7.4.1-0\nExternalRef: PACKAGE-MANAGER purl pkg:bitnami/redis@7.4.1-0?arch=arm64\n";
    assert_eq!(packages("opt/bitnami/redis/.spdx-redis.spdx", tags), ["redis 7.4.1-0 prod unknown 2"]);
    let list = "{\"gosu\": {\"version\": \"1.14.0-1\"},\n\"yq\": {}}";
    assert_eq!(read("opt/bitnami/.bitnami_components.json", list).packages[0].name, "gosu");
    assert_eq!(problem_lines("opt/bitnami/.bitnami_components.json", list), [2]);
    assert_eq!(problem_lines("opt/bitnami/redis/.spdx-redis.spdx", "{}"), [0]);
}

#[test]
fn packs_of_prolog_are_facts() {
    let text = "name(hdt).\nversion('0.5.2').\n% version('9').\n";
    assert_eq!(packages("lib/swipl/pack/hdt/pack.pl", text), ["hdt 0.5.2 prod unknown 1"]);
    assert_eq!(problem_lines("pack.pl", "name(hdt).\n"), [0]);
}

/// The layout of a switch (opam manual, "Common file hierarchy"), and that of a repository of packages to choose from.
#[test]
fn packages_of_a_switch_are_installed_and_those_of_a_repository_are_not() {
    let text = "opam-version: \"2.0\"\nlicense: \"ISC\"\ndepends: [\n  \"y\" {>= \"1.0\"}\n]\n";
    let path = "root/.opam/4.14.0/.opam-switch/packages/dune.3.7.2/opam";
    assert_eq!(packages(path, text), ["dune 3.7.2 prod unknown 1"]);
    assert_eq!(read(path, text).packages[0].licences, ["ISC"]);
    for other in
        ["packages/dune/dune.3.7.2/opam", "opt/opam-2.1.5/opam", "x.opam-switch/packages/a.1/opam", "opam"]
    {
        assert!(recognise(other).is_none(), "{other}");
    }
    assert_eq!(packages(path, ""), ["dune 3.7.2 prod unknown 1"]);
    assert_eq!(record(path, b"\xff\xfe\xff").reading().packages.len(), 1);
}

/// Names as `builtins.parseDrvName` splits them, with the outputs of nixpkgs behind.
#[test]
fn objects_of_the_nix_store_are_told_once() {
    let hash = "5av396z8xa13jg89g9jws145c0k26k2x";
    let place = |name: &str, file: &str| format!("nix/store/{hash}-{name}{file}");
    let cases = [
        ("glibc-2.34-210-bin", "glibc 2.34-210"),
        ("perl5.38.2-FCGI-ProcManager-0.28", "perl5.38.2-FCGI-ProcManager 0.28"),
        ("webdav-server-rs-unstable-2021-08-16", "webdav-server-rs-unstable 2021-08-16"),
        ("nix-2.18.1-dev", "nix 2.18.1"),
    ];
    for (name, told) in cases {
        assert_eq!(packages(&place(name, "/bin/x"), "x"), [format!("{told} prod unknown 0")]);
        assert_eq!(packages(&place(name, ".drv"), "x"), [format!("{told} prod unknown 0")]);
    }
    for name in ["base-system", "0.28", "stdenv-linux", "hook.sh"] {
        assert!(recognise(&place(name, "/bin/x")).is_none(), "{name}");
    }
    for path in
        ["nix/storefoo/sss", "nix/store/a-b-1.0/x", "nix/store/short-glibc-2.34/x", &place("a-1.0", "/a/b/c")]
    {
        assert!(recognise(path).is_none(), "{path}");
    }
    let paths = [
        place("a-1.0", "/bin/x"),
        place("a-1.0", "/bin/y"),
        place("a-1.0-man", "/share/x"),
        place("b-2", "/x"),
    ];
    let mut records: Vec<_> = paths.iter().map(|path| record(path, b"x")).collect();
    relate(&mut records);
    let told: Vec<String> =
        records.iter().flat_map(|record| record.reading().packages.iter().map(shown)).collect();
    assert_eq!(told, ["a 1.0 prod unknown 0", "b 2 prod unknown 0"]);
}

/// The schema of the database of Nix 2, written by Python's SQLite.
#[test]
fn the_database_of_the_nix_store_tells_what_is_valid() {
    let script = "import sqlite3, sys\nd = sqlite3.connect(':memory:')\n\
        d.execute('create table ValidPaths (id integer primary key autoincrement not null, path text unique not null, hash text not null, registrationTime integer not null, deriver text, narSize integer, ultimate integer, sigs text, ca text)')\n\
        for p in ['glibc-2.34-210', 'glibc-2.34-210-bin', 'jq-1.6', 'jq-1.6.drv', 'builder.sh']:\n    d.execute('insert into ValidPaths(path, hash, registrationTime) values (?, ?, 1)', ('/nix/store/5av396z8xa13jg89g9jws145c0k26k2x-' + p, 'sha256:00'))\n\
        d.commit()\nsys.stdout.buffer.write(d.serialize())";
    let made = std::process::Command::new("python3").args(["-c", script]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let database = record("nix/var/nix/db/db.sqlite", &made.stdout);
    assert_eq!(database.reading().problems, []);
    let told: Vec<String> = database.reading().packages.iter().map(shown).collect();
    assert_eq!(told, ["glibc 2.34-210 prod unknown 0", "jq 1.6 prod unknown 0"]);
    assert_eq!(database.reading().packages[0].purl.to_string(), "pkg:nix/glibc@2.34-210");
    let mut records =
        vec![record("nix/store/5av396z8xa13jg89g9jws145c0k26k2x-jq-1.6/bin/jq", b"x"), database];
    relate(&mut records);
    assert_eq!(records.iter().map(|record| record.reading().packages.len()).sum::<usize>(), 2);
    assert_eq!(record("nix/var/nix/db/db.sqlite", b"rubbish").reading().problems.len(), 1);
    assert_eq!(record("nix/var/nix/db/db.sqlite", b"").reading().problems.len(), 0);
}

#[test]
fn what_stands_only_in_the_log_of_the_nix_store_is_told() {
    let (path, log) = ("nix/var/nix/db/db.sqlite", "nix/var/nix/db/db.sqlite-wal");
    assert_eq!(record(log, b"").reading().problems.len(), 0);
    let told = record(log, b"7\x7f\x06\x82");
    assert!(told.reading().problems[0].detail.contains("wal_checkpoint"), "{told:?}");
    assert_eq!(recognise(path).map(|format| format.name()), Some("nix-store-database"));
}

/// Whatever lies in an object, and however deep: it is there.
#[test]
fn places_in_the_nix_store_tell_by_themselves() {
    let object = "nix/store/5av396z8xa13jg89g9jws145c0k26k2x-jq-1.6";
    for (path, is_folder, expected) in [
        (format!("{object}/lib/a/b/c/x"), false, Some(object)),
        (format!("{object}/bin"), true, Some(object)),
        (object.to_owned(), true, Some(object)),
        (object.to_owned(), false, None),
        (format!("mnt/{object}/x"), false, Some(&*format!("mnt/{object}"))),
        (format!("x{object}/x"), false, None),
        (format!("{object}.drv"), false, Some(&*format!("{object}.drv"))),
        ("nix/store".to_owned(), true, None),
        ("nix/store/.links/0abc".to_owned(), false, None),
    ] {
        assert_eq!(palisade_lockfile::place(&path, is_folder), expected, "{path}");
    }
    let told = |place: &str| {
        palisade_lockfile::Record::of_place(place.parse().unwrap()).unwrap().reading().packages.len()
    };
    assert_eq!((told(object), told(&format!("{object}.drv"))), (1, 1));
}

/// What files of real installations say, shortened.
#[test]
fn oracle_s_own_java_is_told_from_its_builds_of_openjdk() {
    let is_oracle = |path: &str, text: &str| {
        let text = format!("JAVA_VERSION=\"0\"\n{text}");
        read(path, &text).packages[0].purl.to_string().contains("oracle")
    };
    let corporation = "IMPLEMENTOR=\"Oracle Corporation\"\n";
    let jdk =
        "JAVA_RUNTIME_VERSION=\"21.0.6+8-LTS-188\"\nSOURCE=\".:git:ca0a3a5c8edb open:git:b6adca627539\"\n";
    assert!(is_oracle("jdk-21.0.6/release", &format!("{corporation}{jdk}")));
    assert!(is_oracle(
        "a/release",
        &format!("{corporation}SOURCE=\".:git:53b4a11304b0 open:git:967a28c3d85f\"\n")
    ));
    assert!(is_oracle("a/release", &format!("{corporation}JAVA_RUNTIME_VERSION=\"17.0.11+7-LTS-207\"\n")));
    assert!(is_oracle(
        "a/release",
        "SOURCE=\" .:06b604e7edd4 hotspot:7c09263ba3e2 hotspot/src/closed:573e10ede63c\"\n"
    ));
    assert!(is_oracle("usr/lib/jvm/jdk-1.8-oracle-x64/release", ""));
    // Builds of OpenJDK by Oracle, early ones among them, and by others.
    let open = "JAVA_RUNTIME_VERSION=\"26.0.1+8-34\"\nSOURCE=\".:git:fcc00fc4aee7\"\n";
    assert!(!is_oracle("usr/java/openjdk-26/release", &format!("{corporation}{open}")));
    assert!(!is_oracle("a/release", &format!("{corporation}JAVA_RUNTIME_VERSION=\"27-ea+4-210\"\n")));
    assert!(!is_oracle(
        "a/release",
        &format!("{corporation}IMPLEMENTOR_VERSION=\"18.9\"\nSOURCE=\".:8513ac27b651\"\n")
    ));
    assert!(!is_oracle(
        "a/release",
        "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_RUNTIME_VERSION=\"21.0.4+7-LTS\"\n"
    ));
    assert!(!is_oracle("x-oracle/release", "IMPLEMENTOR=\"Azul Systems, Inc.\"\n"));
}

#[test]
fn java_tells_its_own_release() {
    let temurin = "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_RUNTIME_VERSION=\"21.0.4+7-LTS\"\nJAVA_VERSION=\"21.0.4\"\nIMAGE_TYPE=\"JDK\"\n";
    assert_eq!(packages("usr/lib/jvm/openjdk/release", temurin), ["openjdk 21.0.4+7-LTS prod unknown 3"]);
    let oracle = "JAVA_VERSION=\"1.8.0_411\"\r\nJAVA_RUNTIME_VERSION=\"1.8.0_411-b25\"\r\nBUILD_TYPE=\"commercial\"\r\n";
    assert_eq!(packages("opt/jdk/release", oracle), ["jdk 1.8.0_411-b25 prod unknown 1"]);
    assert_eq!(
        read("opt/jdk/release", oracle).packages[0].purl.to_string(),
        "pkg:generic/oracle/jdk@1.8.0_411-b25"
    );
    assert_eq!(packages("a/release", &format!("\u{feff}{oracle}")), ["jdk 1.8.0_411-b25 prod unknown 1"]);
    assert_eq!(packages("a/release", "NAME=other\n"), [""; 0]);
    assert_eq!(packages("a/release", ""), [""; 0]);
}

#[test]
fn kegs_tell_themselves_by_receipt_and_formula() {
    assert_eq!(packages("opt/homebrew/Cellar/foo/1.2.3/.brew/foo.rb", "x"), ["foo 1.2.3 prod unknown 0"]);
    for other in
        ["Cellar/foo/1.2.3/.brew/bar.rb", "Library/Taps/x/y/Formula/foo.rb", "Caskroom/foo/1/.brew/foo.rb"]
    {
        assert!(recognise(other).is_none(), "{other}");
    }
}

#[test]
fn garbage_in_a_freeze_file_or_a_lockfile_of_bazel_is_no_record() {
    let problems = |path: &str, text: &str| read(path, text).problems.len();
    let good = "active-repositories: hackage.haskell.org:merge\nconstraints: any.aeson ==2.1.0.0,\n             aeson +ordered-keymap,\n             setup:happy ==1.20\nindex-state: hackage.haskell.org 2024-01-01T00:00:00Z\n";
    assert_eq!(problems("cabal.project.freeze", good), 0);
    for bad in
        ["%%garbage\n", "   indented\n", "constraints: %% ==1.0\n", "<<<<<<< HEAD\n", "garbage and more\n"]
    {
        assert!(problems("cabal.project.freeze", bad) > 0, "{bad}");
    }
    let bcr = "https://bcr.bazel.build";
    let good = format!(
        r#"{{"lockFileVersion": 11, "registryFileHashes": {{"{bcr}/bazel_registry.json": "00", "{bcr}/modules/a/1/MODULE.bazel": "00", "{bcr}/modules/a/1/source.json": "00"}}}}"#
    );
    assert_eq!(problems("MODULE.bazel.lock", &good), 0);
    for bad in [
        r#"{"lockFileVersion": 11, "registryFileHashes": {"garbage": "00"}}"#,
        r#"{"lockFileVersion": 11, "registryFileHashes": ["garbage"]}"#,
        r#"{"lockFileVersion": 3, "moduleDepGraph": {"garbage": 1}}"#,
    ] {
        assert!(problems("MODULE.bazel.lock", bad) > 0, "{bad}");
    }
}

/// A list of constraints had another name before there were projects (Cabal 1.x), and Stackage gives out such lists.
#[test]
fn cabal_froze_elsewhere_before() {
    assert_eq!(packages("cabal.config", "constraints: x ==1.0,\n             y ==2.0\n").len(), 2);
}
