use palisade_model::PackageOrigin;

use crate::project::{packages, problem_lines, read};

#[test]
fn lockfiles_have_frameworks_and_needs() {
    let text = r#"{"version": 2, "dependencies": {"net8.0": {
"A": {"type": "Direct", "resolved": "1.0.0", "contentHash": "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==", "dependencies": {"b": "2.0.0"}},
"B": {"type": "CentralTransitive", "resolved": "2.0.0"},
"own": {"type": "Project"}},
"net48": {
"B": {"type": "Direct", "resolved": "1.9.0"}}}}"#;
    assert_eq!(
        packages("packages.lock.json", text),
        ["A 1.0.0 prod direct 2 -> [1]", "B 2.0.0 prod transitive 3", "B 1.9.0 prod direct 6"]
    );
    // SHA-512 of nothing (FIPS 180-4).
    let hash = &read("packages.lock.json", text).packages[0].hashes[0];
    assert!(hash.value.starts_with("cf83e1357eefb8bd"), "{hash:?}");
}

#[test]
fn what_builds_leave_behind_is_read() {
    let deps = r#"{"targets": {"net8.0": {
"App/1.0.0": {"dependencies": {"A": "1.0.0"}},
"A/1.0.0": {"dependencies": {"B": "2.0.0"}}, "B/2.0.0": {}}},
"libraries": {
"App/1.0.0": {"type": "project"},
"A/1.0.0": {"type": "package"},
"B/2.0.0": {"type": "package"},
"System.X/4.0.0": {"type": "reference"}}}"#;
    assert_eq!(
        packages("App.deps.json", deps),
        ["App 1.0.0 prod direct 5 -> [1]", "A 1.0.0 prod direct 6 -> [2]", "B 2.0.0 prod transitive 7"]
    );
    assert_eq!(read("App.deps.json", deps).packages[0].origin, PackageOrigin::Local { path: ".".to_owned() });
    let assets = deps.replace(
        "\"libraries\"",
        "\"project\": {\"frameworks\": {\"net8.0\": {\"dependencies\": {\"A\": {}}}}},\n\"libraries\"",
    );
    assert_eq!(
        packages("obj/project.assets.json", &assets),
        ["A 1.0.0 prod direct 7 -> [1]", "B 2.0.0 prod transitive 8"]
    );
}

/// What a package names is the least version that it takes; what it got is the one of the same framework.
#[test]
fn needs_get_the_version_of_their_framework() {
    let lock = r#"{"version": 1, "dependencies": {"net48": {
"B": {"type": "Direct", "resolved": "1.9.0"}}, "net8.0": {
"A": {"type": "Direct", "resolved": "1.0.0", "dependencies": {"b": "1.9.0"}},
"B": {"type": "Transitive", "resolved": "2.0.0"}}}}"#;
    assert_eq!(
        packages("packages.lock.json", lock),
        ["B 1.9.0 prod direct 2", "A 1.0.0 prod direct 3 -> [2]", "B 2.0.0 prod transitive 4"]
    );
    let assets = r#"{"targets": {"net48": {"B/1.9.0": {}}, "net8.0": {
"A/1.0.0": {"dependencies": {"B": "1.9.0"}}, "B/2.0.0": {}}},
"libraries": {
"A/1.0.0": {"type": "package"},
"B/1.9.0": {"type": "package"},
"B/2.0.0": {"type": "package"}}}"#;
    assert_eq!(packages("obj/project.assets.json", assets)[0], "A 1.0.0 prod unknown 4 -> [2]");
}

#[test]
fn projects_pin_or_want() {
    let text = "<Project><PropertyGroup><V>3.1.0</V></PropertyGroup><ItemGroup>\n<PackageReference Include='A' Version='1.0' />\n<PackageReference Include='B'><Version>$(V)</Version></PackageReference>\n<PackageReference Include='C' Version='[2.0]' PrivateAssets='All' />\n<PackageReference Include='D' Version='1.*' />\n<PackageReference Include='E' Version='$(Unknown)' />\n<PackageReference Remove='F' />\n</ItemGroup></Project>";
    assert_eq!(
        packages("x.fsproj", text),
        [
            "A 1.0 prod direct 2",
            "B 3.1.0 prod direct 3",
            "C 2.0 dev direct 4",
            "D (1.*) prod direct 5",
            "E ($(Unknown)) prod direct 6",
        ]
    );
}

#[test]
fn utf16_as_some_tools_write_it_is_read() {
    let text = "<packages>\n<package id=\"A\" version=\"1.0\" />\n</packages>";
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let record = crate::project::record("packages.config", &bytes);
    assert_eq!(record.reading().problems, []);
    assert_eq!(record.reading().packages[0].line, 2);
}

#[test]
fn paket_has_groups_and_repositories() {
    let text = "STORAGE: NONE\nNUGET\n  remote: https://api.nuget.org/v3/index.json\n    A (1.0) - restriction: >= net6.0\n      B (>= 2.0)\n    B (2.0)\nGITHUB\n  remote: x/y\n    src/File.fs (00ff)\n\nGROUP Build\nNUGET\n  remote: https://feed.example.org/index.json\n    C (3.0)\n";
    assert_eq!(
        packages("paket.lock", text),
        [
            "A 1.0 prod unknown 4 -> [1]",
            "B 2.0 prod unknown 6",
            "x/y 00ff prod unknown 9",
            "C 3.0 prod unknown 14"
        ]
    );
    assert_eq!(read("paket.lock", text).packages[2].purl.to_string(), "pkg:github/x/y@00ff");
    let asked = "nuget A ~> 1.0 // why\nnuget B\nnuget C == 3.0\ngithub x/y:00ff src/File.fs\n";
    assert_eq!(
        packages("paket.dependencies", asked),
        ["A (~> 1.0) prod direct 1", "B ? prod direct 2", "C 3.0 prod direct 3", "x/y 00ff prod direct 4"]
    );
}

#[test]
fn items_lie_in_groups_and_have_names() {
    let text = "<Project>\n<PackageReference Include='A' Version='1' />\n<ItemGroup>\n<PackageReference Include='$(B)' Version='1' />\n<PackageReference Include='' Version='1' />\n<PackageVersion Include='C' />\n<PackageReference Include='D' Version='2' />\n</ItemGroup></Project>";
    let reading = read("Directory.Packages.props", text);
    let names: Vec<&str> = reading.packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["D"]);
    let lines: Vec<u32> = reading.problems.iter().filter_map(|problem| problem.line).collect();
    assert_eq!(lines, [5, 2, 4]);
    let pack = r#"{"targets": {"net8.0/linux-x64": {"App/1.0.0": {"dependencies": {"runtimepack.R": "8.0.0"}}, "runtimepack.R/8.0.0": {}}},
"libraries": {"App/1.0.0": {"type": "project"}, "runtimepack.R/8.0.0": {"type": "runtimepack"}}}"#;
    assert_eq!(packages("App.deps.json", pack), ["App 1.0.0 prod direct 2 -> [1]", "R 8.0.0 prod direct 2"]);
}

#[test]
fn a_package_of_nuget_tells_what_it_asks_for() {
    let text = "<package><metadata>\n<id>Own</id>\n<version>1.2</version>\n<license type=\"expression\">MIT</license>\n<dependencies>\n<dependency id=\"A\" version=\"1.0\" />\n<group targetFramework=\"net6.0\">\n<dependency id=\"B\" version=\"[2.0]\" />\n<dependency id=\"A\" version=\"1.0\" />\n</group></dependencies></metadata></package>";
    assert_eq!(
        packages("own.nuspec", text),
        ["Own 1.2 prod direct 2 -> [1, 2]", "A (1.0) prod direct 6", "B 2.0 prod direct 8"]
    );
    // What packs the package fills it in.
    let template = "<package><metadata><id>$id$</id><version>$version$</version></metadata></package>";
    assert_eq!(packages("own.nuspec", template), [""; 0]);
    assert_eq!(problem_lines("own.nuspec", "<other/>"), [1]);
}

/// NuGet unpacks each package into `packages/id/version`, in lower case ("Managing the global packages folder").
#[test]
fn a_specification_in_the_store_is_an_installed_package() {
    let text = "<package><metadata>\n<id>Own</id><version>1.2.0</version><dependencies><dependency id=\"A\" version=\"1.0\"/></dependencies></metadata></package>";
    assert_eq!(packages("root/.nuget/packages/own/1.2.0/own.nuspec", text), ["Own 1.2.0 prod unknown 2"]);
    let tool = "usr/share/own/.store/own/1.2.0/own/1.2.0/own.nuspec";
    assert_eq!(packages(tool, text), ["Own 1.2.0 prod unknown 2"]);
    for other in
        ["x/own/1.2.0/own.nuspec", "packages/own/1.2.0/other.nuspec", "packages/own/latest/own.nuspec"]
    {
        assert_eq!(packages(other, text).len(), 2, "{other}");
    }
}
