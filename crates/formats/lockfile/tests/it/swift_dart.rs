use palisade_model::PackageOrigin;

use crate::project::{packages, problem_lines, read, shown};

#[test]
fn pins_of_every_version_are_read() {
    let first = r#"{"object": {"pins": [
{"package": "Y", "repositoryURL": "https://github.com/X/y.git", "state": {"branch": null, "revision": "00", "version": "1.0.0"}}
]}, "version": 1}"#;
    assert_eq!(packages("Package.resolved", first), ["github.com/X/y 1.0.0 prod unknown 2"]);
    let third = r#"{"originHash": "00", "pins": [
{"identity": "y", "kind": "remoteSourceControl", "location": "git@github.com:x/y.git", "state": {"branch": "main", "revision": "00ff"}},
{"identity": "scope.name", "kind": "registry", "location": "", "state": {"version": "2.0.0"}}], "version": 3}"#;
    assert_eq!(
        packages("App.xcworkspace/xcshareddata/swiftpm/Package.resolved", third),
        ["github.com/x/y (main) prod unknown 2", "scope.name 2.0.0 prod unknown 3"]
    );
    let open = r#"{"object": {"pins": [
{"package": "Y", "repositoryURL": "https://github.com/X/y.git", "state": {"branch": "main", "revision": null, "version": null}},
{"package": "Z", "repositoryURL": "https://github.com/X/z.git", "state": null}
]}, "version": 1}"#;
    assert_eq!(
        packages("Package.resolved", open),
        ["github.com/X/y (main) prod unknown 2", "github.com/X/z ? prod unknown 3"]
    );
    let reading = read("Package.resolved", third);
    assert_eq!(reading.packages[1].purl.to_string(), "pkg:swift/scope/name@2.0.0");
    let commit = Some("00ff".to_owned());
    assert_eq!(
        reading.packages[0].origin,
        PackageOrigin::Git { url: "git@github.com:x/y.git".to_owned(), commit }
    );
    assert_eq!(
        problem_lines(
            "Package.swift",
            "let package = Package(dependencies: [.package(url: \"https://x/y\")])"
        ),
        [0]
    );
    assert_eq!(problem_lines("Package.swift", "let package = Package(name: \"x\")"), [0_u32; 0]);
}

#[test]
fn pods_have_parts_needs_and_sources() {
    let text = "PODS:\n  - A (1.0):\n    - B/Core (~> 2)\n  - B/Core (2.1)\n  - C (0.1)\n\nDEPENDENCIES:\n  - A (from `https://example.org/a.git`)\n  - C (= 0.1)\n\nEXTERNAL SOURCES:\n  A:\n    :git: https://example.org/a.git\n  C:\n    :path: ../c\n\nCHECKOUT OPTIONS:\n  A:\n    :commit: 00ff\n    :git: https://example.org/a.git\n\nSPEC CHECKSUMS:\n  A: 00ff\n";
    assert_eq!(
        packages("ios/Podfile.lock", text),
        ["A 1.0 prod direct 2 -> [1]", "B/Core 2.1 prod transitive 4", "C 0.1 prod direct 5"]
    );
    let reading = read("Podfile.lock", text);
    assert_eq!(reading.packages[1].purl.to_string(), "pkg:cocoapods/B@2.1#Core");
    let url = "https://example.org/a.git".to_owned();
    assert_eq!(reading.packages[0].origin, PackageOrigin::Git { url, commit: Some("00ff".to_owned()) });
    assert_eq!(reading.packages[2].origin, PackageOrigin::Local { path: "../c".to_owned() });
}

#[test]
fn dart_tells_who_asks_and_from_where() {
    let text = "packages:\n  a:\n    dependency: transitive\n    description:\n      name: a\n      sha256: \"0000000000000000000000000000000000000000000000000000000000000000\"\n      url: \"https://pub.example.org\"\n    source: hosted\n    version: \"1.0.0\"\n  b:\n    dependency: \"direct dev\"\n    description:\n      path: \"../b\"\n      relative: true\n    source: path\n    version: \"0.0.1\"\n  flutter:\n    dependency: \"direct main\"\n    description: flutter\n    source: sdk\n    version: \"0.0.0\"\nsdks:\n  dart: \">=3.0.0\"\n";
    assert_eq!(
        packages("pubspec.lock", text),
        ["a 1.0.0 prod transitive 2", "b 0.0.1 dev direct 10", "flutter 0.0.0 prod direct 17"]
    );
    let reading = read("pubspec.lock", text);
    assert_eq!(reading.packages[0].hashes[0].algorithm, "SHA-256");
    assert_eq!(
        reading.packages[0].origin,
        PackageOrigin::Registry { url: "https://pub.example.org".to_owned() }
    );
    assert!(reading.packages[0].ecosystem.is_some() && reading.packages[2].ecosystem.is_none());
    let developers = text.replace("direct main", "transitive");
    assert_eq!(
        packages("pubspec.lock", &developers),
        ["a 1.0.0 dev transitive 2", "b 0.0.1 dev direct 10", "flutter 0.0.0 dev transitive 17"]
    );
    let manifest = "name: z\ndependencies:\n  a: 1.0.0\n  b:\n    path: ../b\n  c:\n    hosted: https://pub.example.org\n    version: ^2.0.0\ndev_dependencies:\n  d: any\n";
    assert_eq!(
        packages("pubspec.yaml", manifest),
        ["a 1.0.0 prod direct 3", "b ? prod direct 4", "c (^2.0.0) prod direct 6", "d (any) dev direct 10"]
    );
}

#[test]
fn the_graph_of_pub_tells_what_brings_what() {
    let entry = |name: &str, kind: &str| {
        format!(
            "  {name}:\n    dependency: {kind}\n    description:\n      name: {name}\n    source: hosted\n    version: \"1.0.0\"\n"
        )
    };
    let lock = format!(
        "packages:\n{}{}{}{}",
        entry("both", "transitive"),
        entry("app_needs", "\"direct main\""),
        entry("checker", "\"direct dev\""),
        entry("checks", "transitive"),
    );
    let graph = r#"{"roots": ["app"], "packages": [
  {"name": "app", "version": "1.0.0", "dependencies": ["app_needs"], "devDependencies": ["checker"]},
  {"name": "app_needs", "version": "1.0.0", "dependencies": ["both"]}, {"name": "both", "version": "1.0.0", "dependencies": []},
  {"name": "checker", "version": "1.0.0", "dependencies": ["both", "checks"]}, {"name": "checks", "version": "1.0.0", "dependencies": []}], "configVersion": 1}"#;
    let told = |graph: (&str, &str)| {
        crate::roles(&crate::together(&[("pubspec.lock", &lock), graph])["pubspec.lock"].packages)
    };
    let expected = [
        "both Transitive prod []",
        "app_needs Direct prod [both]",
        "checker Direct dev [both checks]",
        "checks Transitive dev []",
    ];
    assert_eq!(told((".dart_tool/package_graph.json", graph)), expected);
    // Lists that repeat themselves cost what they are long, not one times the other.
    let many = |name: &str| vec![format!("\"{name}\""); 50_000].join(",");
    let long = graph.replacen("\"app\"", &many("app"), 1).replacen(
        "[\"app_needs\"]",
        &format!("[{}]", many("app_needs")),
        1,
    );
    assert_eq!(told((".dart_tool/package_graph.json", &long)), expected);
    // Without one, and with one of another time, the lockfile alone tells.
    let alone = [
        "both Transitive prod []",
        "app_needs Direct prod []",
        "checker Direct dev []",
        "checks Transitive prod []",
    ];
    assert_eq!(told(("other/.dart_tool/package_graph.json", graph)), alone);
    let old = graph.replace("checks", "checked");
    assert_eq!(told((".dart_tool/package_graph.json", &old)), alone);
    assert_eq!(told((".dart_tool/package_graph.json", "{")), alone);
}

/// Carthage's documentation of `Cartfile.resolved`.
#[test]
fn carthage_has_repositories_and_binaries() {
    let text = "github \"realm/realm-cocoa\" \"v5.3.3\"\ngit \"https://example.org/x/y.git\" \"5.2.2\"\nbinary \"spec.json\" \"1.0.0\"\nbinary \"https://example.org/z.json\" \"2.0.0\"\n";
    let reading = read("Cartfile.resolved", text);
    assert_eq!(reading.problems, []);
    let told: Vec<String> = reading.packages.iter().map(|package| package.purl.to_string()).collect();
    assert_eq!(
        told,
        [
            "pkg:swift/github.com/realm/realm-cocoa@v5.3.3",
            "pkg:swift/example.org/x/y@5.2.2",
            "pkg:generic/spec@1.0.0",
            "pkg:generic/z@2.0.0"
        ]
    );
    assert_eq!(reading.packages[2].origin, PackageOrigin::Local { path: "spec.json".to_owned() });
    assert!(reading.packages[3].ecosystem.is_none());
}

#[test]
fn a_package_of_dart_is_told_with_what_it_asks_for() {
    let text = "name: own\nversion: 1.2.0+3\ndependencies:\n  a: 2.0.0\n";
    assert_eq!(packages("pubspec.yaml", text), ["own 1.2.0+3 prod direct 1 -> [1]", "a 2.0.0 prod direct 4"]);
}

#[test]
fn a_podfile_is_a_program_with_plain_words() {
    let text = "platform :ios, '9.0'\ntarget 'Own' do\n  pod 'A', '~> 1.0'\n  pod \"B/Part\", '2.0' # pod 'no'\n  pod 'C', :git => 'https://example.org/c.git', :tag => '3.0'\n  pod 'D', path: '../d'\n  pod 'E'\n  pod name, '1.0'\nend\n";
    let reading = read("Podfile", text);
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(
        reading.packages.iter().map(shown).collect::<Vec<_>>(),
        [
            "A (~> 1.0) prod direct 3",
            "B/Part 2.0 prod direct 4",
            "C ? prod direct 5",
            "D ? prod direct 6",
            "E ? prod direct 7"
        ]
    );
    assert_eq!(reading.packages[3].origin, PackageOrigin::Local { path: "../d".to_owned() });
}
