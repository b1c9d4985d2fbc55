//! What records say of each other.

use palisade_lockfile::{Record, relate, settle};

use crate::project::{record, shown};

fn related(files: &[(&str, &str)]) -> Vec<(String, Vec<String>, usize)> {
    let mut records: Vec<Record> = files.iter().map(|(path, text)| record(path, text.as_bytes())).collect();
    relate(&mut records);
    let shown = |record: &Record| record.reading().packages.iter().map(shown).collect();
    let all = records
        .iter()
        .map(|record| (record.path.to_string(), shown(record), record.reading().problems.len()));
    all.collect()
}

fn own(files: &[(&str, &str)], path: &str) -> (Vec<String>, usize) {
    let found = related(files).into_iter().find(|(place, ..)| place == path).unwrap();
    (found.1, found.2)
}

const PARENT: &str = "<project><groupId>g</groupId><artifactId>parent</artifactId><version>1</version><packaging>pom</packaging>
<properties><v>4.0</v><w>5.0</w></properties>
<dependencyManagement><dependencies>
<dependency><groupId>x</groupId><artifactId>a</artifactId><version>${v}</version></dependency>
<dependency><groupId>g</groupId><artifactId>bom</artifactId><version>${project.version}</version><type>pom</type><scope>import</scope></dependency>
</dependencies></dependencyManagement></project>";
const BOM: &str = "<project><parent><groupId>g</groupId><artifactId>parent</artifactId><version>1</version><relativePath>../../pom.xml</relativePath></parent><artifactId>bom</artifactId>
<properties><own>6.0</own></properties>
<dependencyManagement><dependencies>
<dependency><groupId>x</groupId><artifactId>b</artifactId><version>${own}</version></dependency>
<dependency><groupId>x</groupId><artifactId>a</artifactId><version>0.0-late</version></dependency>
</dependencies></dependencyManagement></project>";
const CHILD: &str = "<project><parent><groupId>g</groupId><artifactId>parent</artifactId><version>1</version></parent><artifactId>child</artifactId>
<properties><v>4.1</v></properties>
<dependencies>
<dependency><groupId>x</groupId><artifactId>a</artifactId></dependency>
<dependency><groupId>x</groupId><artifactId>b</artifactId></dependency>
<dependency><groupId>x</groupId><artifactId>c</artifactId><version>${w}</version></dependency>
<dependency><groupId>${project.groupId}</groupId><artifactId>d</artifactId><version>${project.version}</version></dependency>
</dependencies></project>";

#[test]
fn maven_projects_inherit_within_the_tree() {
    let files = [("pom.xml", PARENT), ("boms/bom/pom.xml", BOM), ("child/pom.xml", CHILD)];
    let expected = [
        "g:child 1 prod direct 1 -> [1, 2, 3, 4]",
        "x:a 4.1 prod direct 4",
        "x:b 6.0 prod direct 5",
        "x:c 5.0 prod direct 6",
        "g:d 1 prod direct 7",
    ];
    assert_eq!(own(&files, "child/pom.xml"), (expected.map(str::to_owned).to_vec(), 0));
    // By coordinates, wherever it lies.
    let elsewhere = [("parents/pom.xml", PARENT), ("z/pom.xml", BOM), ("child/pom.xml", CHILD)];
    assert_eq!(own(&elsewhere, "child/pom.xml").0, expected);
    // Without the list, the one version that it alone knows is missing.
    assert_eq!(own(&[("pom.xml", PARENT), ("child/pom.xml", CHILD)], "child/pom.xml").1, 1);
    assert_eq!(own(&[("child/pom.xml", CHILD)], "child/pom.xml").1, 3);
}

#[test]
fn parents_in_a_circle_end() {
    let project = |own: &str, parent: &str| {
        format!(
            "<project><parent><groupId>g</groupId><artifactId>{parent}</artifactId><version>1</version><relativePath>../{parent}</relativePath></parent><artifactId>{own}</artifactId><dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>{own}</artifactId><version>1</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement><dependencies><dependency><groupId>x</groupId><artifactId>y</artifactId></dependency></dependencies></project>"
        )
    };
    let (a, b) = (project("a", "b"), project("b", "a"));
    let all = related(&[("a/pom.xml", &a), ("b/pom.xml", &b)]);
    assert!(all.iter().all(|(_, packages, problems)| packages.len() == 2 && *problems == 1), "{all:?}");
}

#[test]
fn maven_projects_inherit_what_their_parents_ask_for() {
    let need = |artifact: &str, version: &str| {
        format!(
            "<dependency><groupId>x</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>"
        )
    };
    let parent = format!(
        "<project><groupId>g</groupId><artifactId>p</artifactId><version>${{revision}}</version><properties><revision>1</revision><v>1</v></properties><dependencies>{}{}</dependencies></project>",
        need("a", "${v}"),
        need("b", "1")
    );
    let child = format!(
        "<project>\n<parent><groupId>g</groupId><artifactId>p</artifactId><version>${{revision}}</version></parent><artifactId>c</artifactId><properties><v>2</v></properties><dependencies>\n{}</dependencies></project>",
        need("b", "3")
    );
    let files = [("pom.xml", parent.as_str()), ("c/pom.xml", &child)];
    assert_eq!(
        own(&files, "c/pom.xml").0,
        ["g:c 1 prod direct 1 -> [1, 2]", "x:b 3 prod direct 3", "x:a 2 prod direct 2"]
    );
    assert_eq!(own(&files[1..], "c/pom.xml").0, ["x:b 3 prod direct 3"]);
}

#[test]
fn central_versions_reach_the_projects_below() {
    let central = "<Project><PropertyGroup><V>2.0</V></PropertyGroup><ItemGroup>\n<PackageVersion Include='A' Version='1.0' />\n<PackageVersion Include='B' Version='$(V)' />\n<PackageVersion Include='Unused' Version='1' />\n<GlobalPackageReference Include='G' Version='3.0' />\n</ItemGroup></Project>";
    let props = "<Project><PropertyGroup><W>7.0</W></PropertyGroup></Project>";
    let project = "<Project><ItemGroup>\n<PackageReference Include='a' />\n<PackageReference Include='B' />\n<PackageReference Include='C' Version='$(W)' />\n<PackageReference Include='B2' VersionOverride='9' />\n</ItemGroup></Project>";
    let files = [
        ("Directory.Packages.props", central),
        ("src/Directory.Build.props", props),
        ("src/x/x.csproj", project),
    ];
    let expected =
        ["a 1.0 prod direct 2", "B 2.0 prod direct 3", "C 7.0 prod direct 4", "B2 9 prod direct 5"];
    assert_eq!(own(&files, "src/x/x.csproj").0, expected);
    assert_eq!(own(&files, "Directory.Packages.props").0, ["G 3.0 dev direct 5"]);
    assert_eq!(own(&files[..1], "Directory.Packages.props").0.len(), 4);
    let lock = "{\"version\": 1, \"dependencies\": {\"net8.0\": {\"C\": {\"type\": \"Direct\", \"resolved\": \"7.0\"}}}}";
    let locked = [files[2], ("src/x/packages.lock.json", lock)];
    assert!(own(&locked, "src/x/x.csproj").0.is_empty());
}

#[test]
fn manifests_tell_which_locked_packages_are_asked_for() {
    let lock = r#"{"packages": [{"name": "a/b", "version": "1.0"}, {"name": "c/d", "version": "1.0"}], "packages-dev": [{"name": "e/f", "version": "1.0"}]}"#;
    let manifest = r#"{"require": {"A/b": "^1"}, "require-dev": {"e/f": "^1"}}"#;
    let files = [("x/composer.json", manifest), ("x/composer.lock", lock)];
    assert!(own(&files, "x/composer.json").0.is_empty());
    assert_eq!(
        own(&files, "x/composer.lock").0,
        ["a/b 1.0 prod direct 1", "c/d 1.0 prod transitive 1", "e/f 1.0 dev direct 1"]
    );
    // One that lies elsewhere has nothing to do with it.
    assert_eq!(own(&[("y/composer.json", manifest), files[1]], "y/composer.json").0.len(), 2);
}

/// A lockfile of NuGet does not say which packages stay out of what is built (`PrivateAssets`, "Package references in project files").
#[test]
fn projects_tell_which_locked_packages_stay_with_developers() {
    let project = "<Project><ItemGroup><PackageReference Include='A' Version='1.0'/><PackageReference Include='Tool' Version='2.0' PrivateAssets='All'/></ItemGroup></Project>";
    let lock = r#"{"version": 1, "dependencies": {"net8.0": {
"A": {"type": "Direct", "resolved": "1.0", "dependencies": {"Both": "1.0"}},
"Tool": {"type": "Direct", "resolved": "2.0", "dependencies": {"Both": "1.0", "Deep": "1.0"}},
"Both": {"type": "Transitive", "resolved": "1.0"},
"Deep": {"type": "Transitive", "resolved": "1.0"}}}}"#;
    let files = [("a/a.csproj", project), ("a/packages.lock.json", lock)];
    assert_eq!(
        own(&files, "a/packages.lock.json").0,
        [
            "A 1.0 prod direct 2 -> [2]",
            "Tool 2.0 dev direct 3 -> [2, 3]",
            "Both 1.0 prod transitive 4",
            "Deep 1.0 dev transitive 5"
        ]
    );
}

/// A lockfile of Gradle does not say who asks. What the build file writes out is asked for; what it leaves to a catalogue may be too.
#[test]
fn build_files_of_gradle_tell_what_is_asked_for() {
    let build = "dependencies {\n  implementation 'g:a:1.0'\n  testImplementation(libs.junit)\n}\n";
    let lock = "g:a:1.0=compileClasspath,runtimeClasspath\ng:b:1.0=runtimeClasspath\ng:junit:4.0=testRuntimeClasspath\nempty=\n";
    assert_eq!(
        own(&[("build.gradle", build), ("gradle.lockfile", lock)], "gradle.lockfile").0,
        ["g:a 1.0 prod direct 1", "g:b 1.0 prod unknown 2", "g:junit 4.0 test unknown 3"]
    );
}

#[test]
fn what_only_developers_bring_is_for_them() {
    let gems = "GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (3.0)\n      uri (>= 1)\n    rake (13.0)\n    rspec (3.0)\n      rspec-core (= 3.0)\n      uri\n    rspec-core (3.0)\n    uri (1.0)\n\nDEPENDENCIES\n  rack\n  rake\n  rspec\n";
    let gemfile = "gem 'rack'\ngem 'rake'\ngroup :test do\n  gem 'rspec'\nend\n";
    let expected = |uri: &str| {
        [
            "rack 3.0 prod direct 4 -> [4]".to_owned(),
            "rake 13.0 prod direct 6".to_owned(),
            "rspec 3.0 test direct 7 -> [3, 4]".to_owned(),
            "rspec-core 3.0 test transitive 10".to_owned(),
            format!("uri 1.0 {uri} transitive 11"),
        ]
    };
    assert_eq!(own(&[("Gemfile", gemfile), ("Gemfile.lock", gems)], "Gemfile.lock").0, expected("prod"));
    // A package that nothing brings: the edges are not all there.
    let cut = gems.replace("      rspec-core (= 3.0)\n", "");
    let told = own(&[("Gemfile", gemfile), ("Gemfile.lock", &cut)], "Gemfile.lock").0;
    assert!(told.contains(&"rspec-core 3.0 prod transitive 9".to_owned()), "{told:?}");
    // The more urgent one of two manifests counts.
    let gemspec =
        "Gem::Specification.new do |s|\n  s.name = 'z'\n  s.add_development_dependency 'rake'\nend\n";
    let files = [("Gemfile", gemfile), ("Gemfile.lock", gems), ("z.gemspec", gemspec)];
    assert_eq!(own(&files, "Gemfile.lock").0, expected("prod"));

    let mix = "%{\n  \"a\": {:hex, :a, \"1.0.0\", \"00\", [:mix], [{:b, \"~> 1.0\", [hex: :b, repo: \"hexpm\", optional: false]}], \"hexpm\", \"00\"},\n  \"b\": {:hex, :b, \"1.0.0\", \"00\", [:mix], [], \"hexpm\", \"00\"},\n}\n";
    let project = "  defp deps do\n    [\n      {:a, \"~> 1.0\", only: :test}\n    ]\n  end\n";
    assert_eq!(
        own(&[("mix.exs", project), ("mix.lock", mix)], "mix.lock").0,
        ["a 1.0.0 test direct 2 -> [1]", "b 1.0.0 test transitive 3"]
    );
    // Asked for by developers, and brought by what is for production: Composer lists it there.
    let lock = r#"{"packages": [{"name": "a/b", "version": "1.0", "require": {"c/d": "*"}}, {"name": "c/d", "version": "1.0"}], "packages-dev": []}"#;
    let manifest = r#"{"require": {"a/b": "^1"}, "require-dev": {"c/d": "^1"}}"#;
    assert_eq!(
        own(&[("composer.json", manifest), ("composer.lock", lock)], "composer.lock").0,
        ["a/b 1.0 prod direct 1 -> [1]", "c/d 1.0 prod direct 1"]
    );
}

/// Composer and Gradle say themselves what a package is for. What asks for it too may be told by a name that it stands in for, or by no
/// edge at all.
#[test]
fn what_a_lockfile_says_of_production_outweighs_who_asks() {
    let lock = r#"{"packages": [{"name": "a/b", "version": "1.0", "require": {"x/part": "*"}}, {"name": "x/all", "version": "1.0", "replace": {"x/part": "*"}, "require": {"y/z": "*"}}, {"name": "y/z", "version": "1.0"}], "packages-dev": []}"#;
    let manifest = r#"{"require": {"a/b": "^1"}, "require-dev": {"x/all": "^1"}}"#;
    assert_eq!(
        own(&[("composer.json", manifest), ("composer.lock", lock)], "composer.lock").0,
        ["a/b 1.0 prod direct 1", "x/all 1.0 prod direct 1 -> [2]", "y/z 1.0 prod transitive 1"]
    );
    let build = "dependencies {\n  implementation(libs.web)\n  testImplementation 'g:a:1.0'\n}\n";
    let lock = "g:a:1.0=compileClasspath,runtimeClasspath,testRuntimeClasspath\n";
    assert_eq!(
        own(&[("build.gradle", build), ("gradle.lockfile", lock)], "gradle.lockfile").0,
        ["g:a 1.0 prod direct 1"]
    );
}

/// An edge that is missing takes nothing from those that are there.
#[test]
fn what_production_brings_is_for_production_in_a_record_without_all_edges() {
    let gems = "GEM\n  remote: https://rubygems.org/\n  specs:\n    lost (1.0)\n    rack (3.0)\n      uri (>= 1)\n    uri (1.0)\n\nDEPENDENCIES\n  rack\n  uri\n";
    let gemfile = "gem 'rack'\ngem 'uri', group: :test\n";
    assert_eq!(
        own(&[("Gemfile", gemfile), ("Gemfile.lock", gems)], "Gemfile.lock").0,
        ["lost 1.0 prod transitive 4", "rack 3.0 prod direct 5 -> [2]", "uri 1.0 prod direct 7"]
    );
}

#[test]
fn programs_are_no_gap_beside_their_lockfiles() {
    let lock = "PODS:\n  - A (1.0)\n";
    assert_eq!(own(&[("ios/Podfile", "pod 'A'\n")], "ios/Podfile").1, 1);
    assert_eq!(own(&[("ios/Podfile", "pod 'A'\n"), ("ios/Podfile.lock", lock)], "ios/Podfile").1, 0);
}

#[test]
fn files_come_sorted_by_place() {
    let records =
        ["b/mix.lock", "a/mix.lock"].map(|path| record(path, b"%{\"y\": {:hex, :y, \"1.0.0\"}}")).into();
    let files = settle(records);
    let places: Vec<_> = files.iter().map(|file| (file.path.to_string(), file.format.as_str())).collect();
    assert_eq!(places, [("a/mix.lock".to_owned(), "mix-lock"), ("b/mix.lock".to_owned(), "mix-lock")]);
}

#[test]
fn gems_take_their_version_from_the_constant_beside_them() {
    let gem = |name: &str| {
        format!(
            "require_relative 'x'\nGem::Specification.new do |s|\n  s.name = '{name}'\n  s.version = Own::VERSION\n  s.add_dependency 'a'\nend\n"
        )
    };
    let (one, two) = (gem("own-part"), gem("other"));
    let version = "module Own\n  VERSION = '1.2'.freeze\nend\n";
    let files = [
        ("one/own-part.gemspec", one.as_str()),
        ("one/lib/own/part/version.rb", version),
        ("two/other.gemspec", &two),
        ("two/lib/another/version.rb", version),
        ("two/lib/other/version.rb", "module Other\n  VERSION = [1, 2].join('.')\nend\n"),
    ];
    assert_eq!(
        own(&files, "one/own-part.gemspec").0,
        ["own-part 1.2 prod direct 3 -> [1]", "a ? prod direct 5"]
    );
    assert_eq!(own(&files, "two/other.gemspec").0, ["a ? prod direct 5"]);
    let by_module = [("a.gemspec", one.as_str()), ("lib/own/version.rb", version)];
    assert_eq!(own(&by_module, "a.gemspec").0[0], "own-part 1.2 prod direct 3 -> [1]");
    // A lockfile beside it still tells more.
    let locked = "GEM\n  specs:\n    a (1.0)\n\nDEPENDENCIES\n  a\n";
    let files = [files[0], files[1], ("one/Gemfile.lock", locked)];
    assert!(own(&files, "one/own-part.gemspec").0.is_empty());
}

/// Bundler's paths and Composer's repositories of paths: what a package beside the project asks for is locked with the rest, and what only
/// its developers need is not.
#[test]
fn a_lockfile_pins_what_folders_beside_it_ask_for() {
    let gems = [
        (
            "Gemfile.lock",
            "PATH\n  remote: parts/own\n  specs:\n    own (0.2)\n      rake\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    rake (13.0.6)\n\nDEPENDENCIES\n  own!\n",
        ),
        (
            "parts/own/own.gemspec",
            "Gem::Specification.new do |s|\n  s.name = 'own'\n  s.version = '0.2'\n  s.add_dependency 'rake'\n  s.add_development_dependency 'minitest'\nend\n",
        ),
    ];
    let shown = own(&gems, "parts/own/own.gemspec").0;
    assert!(shown.iter().any(|package| package.starts_with("minitest")), "{shown:?}");
    assert!(!shown.iter().any(|package| package.starts_with("rake")), "{shown:?}");
    let composer = [
        (
            "app/composer.lock",
            r#"{"packages": [{"name": "a/deep", "version": "v2.1.0"}, {"name": "a/lib", "version": "1.4.0", "dist": {"type": "path", "url": "../lib"}, "require": {"a/deep": "^2"}}], "packages-dev": []}"#,
        ),
        (
            "lib/composer.json",
            r#"{"name": "a/lib", "version": "1.4.0", "require": {"a/deep": "^2"}, "require-dev": {"a/tool": "^1"}}"#,
        ),
    ];
    let manifest = |path: &str| own(&[composer[0], (path, composer[1].1)], path).0;
    assert_eq!(
        manifest("lib/composer.json"),
        ["a/lib 1.4.0 prod direct 1 -> [1]", "a/tool (^1) dev direct 1"]
    );
    // A folder that the lockfile takes nothing from asks for itself.
    assert_eq!(manifest("other/composer.json").len(), 3);
}
