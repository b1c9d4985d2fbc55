//! Manifests and lockfiles beside those that most projects have: Clojure, Ivy, sbt, Nebula, Bower, pods, Carthage, Swift, dep, Glide, project.json,
//! Cabal, CPAN, recipes of Conda, pins for Nix.

use crate::project::{packages, problem_lines, read, shown};
use crate::{roles, together, told};

fn lines(path: &str, text: &str) -> Vec<String> {
    read(path, text).packages.iter().map(shown).collect()
}

/// Leiningen's sample.project.clj says what each key is.
#[test]
fn projects_of_leiningen() {
    let text = "; why\n(defproject me/own \"0.1.0\"\n  :dependencies [[org.clojure/clojure \"1.11.1\"]\n                 [cheshire \"5.11.0\" :exclusions [x/y]]\n                 [managed]\n                 [range \"[1.0,2.0)\"]\n                 #_[no \"1\"]\n                 [later ~version]]\n  :managed-dependencies [[managed \"3.0\"]]\n  :plugins [[lein-ring \"0.12.6\"]]\n  :profiles {:dev {:dependencies [[midje \"1.10.9\"]]}\n             :provided {:dependencies [[servlet/api \"2.5\"]]}})\n";
    assert_eq!(problem_lines("project.clj", text), [8]);
    assert_eq!(
        lines("project.clj", text),
        [
            "me:own 0.1.0 prod direct 2 -> [1, 2, 3, 4, 5, 6, 7, 8]",
            "org.clojure:clojure 1.11.1 prod direct 3",
            "cheshire:cheshire 5.11.0 prod direct 4",
            "managed:managed 3.0 prod direct 5",
            "range:range ([1.0,2.0)) prod direct 6",
            "later:later ? prod direct 8",
            "lein-ring:lein-ring 0.12.6 build direct 10",
            "midje:midje 1.10.9 dev direct 11",
            "servlet:api 2.5 peer direct 12"
        ]
    );
    assert_eq!(
        read("project.clj", text).packages[1].purl.to_string(),
        "pkg:maven/org.clojure/clojure@1.11.1"
    );
    assert_eq!(problem_lines("project.clj", "(ns x)\n"), [0]);
}

/// The reference of deps.edn.
#[test]
fn dependencies_of_clojure() {
    let text = "{:paths [\"src\"]\n :deps {org.clojure/clojure {:mvn/version \"1.11.1\"}\n  io.github.cognitect-labs/test-runner {:git/tag \"v0.5.1\" :git/sha \"dfb30dd\"}\n  near/one {:local/root \"../one\"}}\n :aliases {:test {:extra-deps {lambdaisland/kaocha {:mvn/version \"1.80\"}}}\n  :build {:replace-deps {a/b$sources {:mvn/version \"1.0\"}}}}}\n";
    assert_eq!(
        packages("deps.edn", text),
        [
            "org.clojure:clojure 1.11.1 prod direct 2",
            "io.github.cognitect-labs:test-runner v0.5.1 prod direct 3",
            "near:one ? prod direct 4",
            "lambdaisland:kaocha 1.80 test direct 5",
            "a:b 1.0 build direct 6"
        ]
    );
    let other = "{:source-paths [\"src\"] :dependencies [[reagent \"1.2.0\"]]}";
    assert_eq!(packages("shadow-cljs.edn", other), ["reagent:reagent 1.2.0 prod direct 1"]);
    assert_eq!(problem_lines("deps.edn", "[]"), [0]);
}

/// The reader of Clojure, "Map namespace syntax" and "Symbolic values"; tools.deps works out a repository by the name of a library alone.
#[test]
fn what_else_the_reader_of_clojure_knows() {
    let text = "{:deps {a/b #:mvn{:version \"1.0\"}\n  c/d #:git {:url \"https://h.test/c/d\" :sha \"dfb30dd\" :_/exclusions [x/y]}}\n :limit ##Inf :odd ##-Inf\n :aliases {:test {:extra-deps {e/f {:mvn/version \"2.0\"}}}}}\n";
    assert_eq!(
        packages("deps.edn", text),
        ["a:b 1.0 prod direct 1", "c:d dfb30dd prod direct 2", "e:f 2.0 test direct 4"]
    );
    let symbols = "{:deps #:org.x{a {:mvn/version \"1.0\"} y/b {:mvn/version \"2.0\"}}}";
    assert_eq!(packages("deps.edn", symbols), ["org.x:a 1.0 prod direct 1", "y:b 2.0 prod direct 1"]);
    let unknown = "{:deps {\na/b {:git/sha \"dfb30dd\"}\nio.bitbucket.me/c {:git/sha \"dfb30dd\"}}}";
    assert_eq!(problem_lines("deps.edn", unknown), [2]);
    let origins: Vec<String> =
        read("deps.edn", unknown).packages.iter().map(|package| format!("{:?}", package.origin)).collect();
    assert_eq!(
        origins,
        ["Default", "Git { url: \"https://bitbucket.org/me/c\", commit: Some(\"dfb30dd\") }"]
    );
}

/// Ivy's reference, "dependency".
#[test]
fn modules_of_ivy() {
    let text = "<ivy-module version=\"2.0\">\n<info organisation=\"me\" module=\"own\" revision=\"1.0\"/>\n<dependencies>\n<dependency org=\"commons-lang\" name=\"commons-lang\" rev=\"2.6\" conf=\"default,test->default\"/>\n<dependency org=\"junit\" name=\"junit\" rev=\"4.+\" conf=\"test->default\"/>\n<dependency name=\"near\" rev=\"latest.integration\"/>\n</dependencies></ivy-module>\n";
    assert_eq!(
        packages("ivy.xml", text),
        [
            "me:own 1.0 prod direct 2 -> [1, 2, 3]",
            "commons-lang:commons-lang 2.6 prod direct 4",
            "junit:junit (4.+) test direct 5",
            "me:near (latest.integration) prod direct 6"
        ]
    );
    assert_eq!(problem_lines("ivy.xml", "<project/>"), [0]);
}

/// sbt's reference, "Library dependencies" and "Cross-building".
#[test]
fn builds_of_scala_in_plain_words() {
    let text = "ThisBuild / scalaVersion := \"2.13.8\"\nval circe = \"0.14.1\"\nname := \"own\"\nlibraryDependencies ++= Seq(\n  \"io.circe\" %% \"circe-core\" % circe, \"a\" % \"b\" % \"1.0\" % Test,\n  // \"no\" % \"no\" % \"1\"\n  \"org.x\" % \"y\" % V.z % Provided\n)\nlibraryDependencies += \"com.novocode\" % \"junit-interface\" % \"0.11\" % \"test\"\n";
    assert_eq!(
        lines("build.sbt", text),
        [
            "io.circe:circe-core_2.13 0.14.1 prod direct 5",
            "a:b 1.0 test direct 5",
            "org.x:y ? peer direct 7",
            "com.novocode:junit-interface 0.11 test direct 9"
        ]
    );
    assert_eq!(read("build.sbt", text).problems.len(), 1);
    let plugins = "addSbtPlugin(\"org.scalameta\" % \"sbt-scalafmt\" % \"2.4.6\")\n";
    assert_eq!(lines("project/plugins.sbt", plugins), ["org.scalameta:sbt-scalafmt 2.4.6 build direct 1"]);
    let lock =
        "{\"lockVersion\": 1, \"dependencies\": [{\"org\": \"a\", \"name\": \"b\", \"version\": \"1.0\"}]}";
    let build = crate::record("build.sbt", text.as_bytes());
    let files = palisade_lockfile::settle(vec![build, crate::record("build.sbt.lock", lock.as_bytes())]);
    assert!(files[0].packages.is_empty() && files[1].packages.len() == 1);
}

/// sbt 0.13 put the key first; a module for each Scala has no name where nothing says which.
#[test]
fn versions_of_scala_as_older_builds_write_them() {
    let module = "libraryDependencies += \"a\" %% \"b\" % \"1\"\n";
    for (version, name) in [
        ("scalaVersion in ThisBuild := \"2.12.8\"", "a:b_2.12"),
        ("scalaVersion in (ThisBuild, Test) := \"2.11.1\"", "a:b_2.11"),
        ("val scala3 = \"3.4.1\"\nThisBuild / scalaVersion := scala3", "a:b_3"),
        ("lazy val x = project.settings(scalaVersion := \"2.13.1\")", "a:b_2.13"),
    ] {
        let told: Vec<String> = read("build.sbt", &format!("{version}\n{module}"))
            .packages
            .into_iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(told, [name], "{version}");
    }
    let text = format!("scalaVersion := work.out(\"2.1\")\n{module}\"c\" % \"d\" % \"1\"\n");
    assert_eq!(lines("build.sbt", &text), ["c:d 1 prod direct 3"]);
    assert_eq!(problem_lines("build.sbt", &text), [0, 2]);
}

/// Nebula's dependency-lock plugin, in its present form and the older one.
#[test]
fn locks_of_nebula() {
    let text = "{\"compileClasspath\": {\n\"a:direct\": {\"locked\": \"1.0\", \"requested\": \"1.+\"},\n\"a:inner\": {\"locked\": \"2.0\", \"transitive\": [\"a:direct\"]},\n\"me:near\": {\"project\": true}},\n\"testRuntimeClasspath\": {\"a:direct\": {\"locked\": \"1.0\", \"requested\": \"1.+\"},\n\"junit:junit\": {\"locked\": \"4.12\"}}}";
    assert_eq!(
        packages("dependencies.lock", text),
        [
            "a:direct 1.0 prod direct 2 -> [1]",
            "a:inner 2.0 prod transitive 3",
            "junit:junit 4.12 test direct 6"
        ]
    );
    assert_eq!(packages("dependencies.lock", "{\"a:b\": {\"locked\": \"1.0\"}}"), ["a:b 1.0 prod direct 1"]);
}

/// Bower's "bower.json specification".
#[test]
fn packages_of_bower() {
    let text = "{\"name\": \"own\", \"dependencies\": {\n\"jquery\": \">= 1.9.1\",\n\"angular\": \"1.8.2\",\n\"mine\": \"underscore#~1.8\",\n\"far\": \"owner/far#v2\"},\n\"devDependencies\": {\"qunit\": \"https://example.com/qunit.git\"}}";
    assert_eq!(
        packages("bower.json", text),
        [
            "jquery (>= 1.9.1) prod direct 2",
            "angular 1.8.2 prod direct 3",
            "underscore (~1.8) prod direct 4",
            "far v2 prod direct 5",
            "qunit ? dev direct 6"
        ]
    );
    let installed =
        "{\"name\": \"jquery\", \"version\": \"3.6.0\", \"_release\": \"3.6.0\", \"license\": \"MIT\"}";
    assert_eq!(packages("bower_components/jquery/.bower.json", installed), ["jquery 3.6.0 prod unknown 1"]);
}

/// CocoaPods, "Podspec Syntax Reference".
#[test]
fn specifications_of_pods() {
    let ruby = "Pod::Spec.new do |s|\n  s.name = 'Own'\n  s.version = \"1.0.0\"\n  s.dependency 'AFNetworking', '~> 1.0'\n  s.subspec 'Part' do |part|\n    part.dependency 'Own/Core'\n    part.dependency \"B/C\", '2.0'\n  end\n  s.dependency name\nend\n";
    assert_eq!(problem_lines("Own.podspec", ruby), [9]);
    let expected =
        ["Own 1.0.0 prod direct 2 -> [1, 2]", "AFNetworking (~> 1.0) prod direct 4", "B/C 2.0 prod direct 7"];
    assert_eq!(lines("Own.podspec", ruby), expected);
    let named = "$V = '2.0.0'\nPod::Spec.new do |s|\n  s.name = 'Own'\n  s.version = $V\nend\n";
    assert_eq!(packages("Own.podspec", named), ["Own 2.0.0 prod direct 3"]);
    let json = "{\"name\": \"Own\",\n\"version\": \"1.0.0\", \"dependencies\": {\"AFNetworking\": [\"~> 1.0\"]},\n\"subspecs\": [{\"name\": \"Part\", \"dependencies\": {\"Own/Core\": [], \"B/C\": [\"2.0\"]}}],\n\"testspecs\": [{\"name\": \"T\", \"dependencies\": {\"OCMock\": []}}]}";
    let told: Vec<String> = told(&read("Own.podspec.json", json).packages);
    assert_eq!(told, ["Own@1.0.0", "AFNetworking?~> 1.0", "OCMock", "B/C@2.0"]);
    assert_eq!(read("Own.podspec.json", json).packages[3].purl.to_string(), "pkg:cocoapods/B@2.0#C");
}

/// Carthage, "Cartfile format".
#[test]
fn what_carthage_is_asked_for() {
    let text = "# why\ngithub \"Mantle/Mantle\" ~> 1.0 # (1.0 or later)\ngithub \"jspahrsummers/libextobjc\" == 0.4.1\ngit \"https://enterprise.local/a/b.git\" \"development\"\nbinary \"https://my.domain.com/release/MyFramework.json\" ~> 2.3\n";
    assert_eq!(
        packages("Cartfile", text),
        [
            "github.com/Mantle/Mantle (~> 1.0) prod direct 2",
            "github.com/jspahrsummers/libextobjc 0.4.1 prod direct 3",
            "enterprise.local/a/b (development) prod direct 4",
            "MyFramework (~> 2.3) prod direct 5"
        ]
    );
    let lock = "github \"Mantle/Mantle\" \"1.5\"\n";
    let files = together(&[("Cartfile", "github \"Mantle/Mantle\" ~> 1.0\n"), ("Cartfile.resolved", lock)]);
    assert!(files["Cartfile"].packages.is_empty());
    assert_eq!(files["Cartfile.resolved"].packages[0].relation, palisade_model::Relation::Direct);
    let binary = "binary \"https://a.test/x/Frame.json\"";
    let files = together(&[("Cartfile", binary), ("Cartfile.resolved", &format!("{binary} \"2.3\"\n"))]);
    assert_eq!(files["Cartfile.resolved"].packages[0].relation, palisade_model::Relation::Direct);
}

/// Nothing that an address opens is part of a name, an address of a package or an origin.
#[test]
fn addresses_with_secrets_name_no_packages() {
    let pass = ["p", "w"].concat();
    let cases = [
        ("Cartfile.resolved", format!("git \"https://me:{pass}@h.test/o/r.git\" \"1\"\n"), "h.test/o/r"),
        ("Cartfile.resolved", format!("git \"https://h.test/o/r.git?t={pass}\" \"1\"\n"), "h.test/o/r"),
        ("Cartfile.resolved", format!("git \"me:{pass}@h.test/o/r\" \"1\"\n"), "h.test/o/r"),
        ("Cartfile.resolved", format!("binary \"https://me:{pass}@h.test/r.json?t={pass}\" \"1\"\n"), "r"),
        ("Cartfile", format!("git \"https://me:{pass}@h.test/o/r.git\" == 1\n"), "h.test/o/r"),
        (
            "Package.swift",
            format!(".package(url: \"https://h.test/o/r?t={pass}\", exact: \"1\")"),
            "h.test/o/r",
        ),
        (
            ".pre-commit-config.yaml",
            format!("repos:\n- repo: https://h.test/o/r#{pass}\n  rev: v1\n"),
            "h.test/o/r",
        ),
        ("own.nimble", format!("requires \"https://me:{pass}@h.test/o/r\"\n"), "r"),
        ("own.nimble", format!("requires \"https://h.test/o/r?t={pass}#head\"\n"), "r"),
    ];
    for (path, text, name) in cases {
        let packages = read(path, &text).packages;
        assert_eq!(
            packages.iter().map(|package| package.name.as_str()).collect::<Vec<_>>(),
            [name],
            "{text}"
        );
        assert!(!format!("{packages:?}").contains(&pass), "{text}: {packages:?}");
    }
}

/// Swift's "PackageDescription", the class Package.Dependency.
#[test]
fn what_a_package_of_swift_asks_for() {
    let text = "// swift-tools-version:5.9\nlet package = Package(\n  dependencies: [\n    // .package(url: \"https://example.com/no\", from: \"1.0.0\"),\n    .package(url: \"https://github.com/apple/swift-nio.git\", from: \"2.0.0\"),\n    .package(\n      url: \"https://example.com/a/b\",\n      exact: \"1.2.3\"),\n    .package(url: \"https://example.com/a/c\", \"1.0.0\"..<\"2.0.0\"),\n    .package(url: \"https://example.com/a/d\", .upToNextMinor(from: \"3.1.0\")),\n    .package(url: \"https://example.com/a/e\", branch: \"main\"),\n    .package(id: \"mona.LinkedList\", exact: \"1.0.0\"),\n    .package(path: \"../near\"),\n    .package(url: place, from: \"1.0.0\"),\n  ])\n";
    let reading = read("Package.swift", text);
    let problems: Vec<Option<u32>> = reading.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(problems, [None, Some(14)]);
    assert_eq!(
        lines("Package.swift", text),
        [
            "github.com/apple/swift-nio (>=2.0.0) prod direct 5",
            "example.com/a/b 1.2.3 prod direct 6",
            "example.com/a/c (1.0.0..<2.0.0) prod direct 9",
            "example.com/a/d (>=3.1.0) prod direct 10",
            "example.com/a/e (main) prod direct 11",
            "mona.LinkedList 1.0.0 prod direct 12",
            "near ? prod direct 13"
        ]
    );
    assert!(read("Package.swift", "let package = Package(name: \"x\")\n").problems.is_empty());
    let old = ".Package(url: \"https://example.com/a/b\", majorVersion: 0, minor: 12),\n";
    assert_eq!(lines("Package.swift", old), ["example.com/a/b ? prod direct 1"]);
}

/// dep, "Gopkg.toml"; Glide, "The glide.yaml File".
#[test]
fn what_go_asked_for_before_modules() {
    let dep = "[[constraint]]\nname = \"github.com/pkg/errors\"\nversion = \"0.8.0\"\n\n[[constraint]]\nname = \"github.com/a/b\"\nversion = \"=1.0.0\"\n\n[[override]]\nname = \"github.com/c/d\"\nbranch = \"master\"\n";
    assert_eq!(
        packages("Gopkg.toml", dep),
        [
            "github.com/pkg/errors (0.8.0) prod direct 1",
            "github.com/a/b 1.0.0 prod direct 5",
            "github.com/c/d (master) prod direct 9"
        ]
    );
    let glide = "package: own\nimport:\n- package: gopkg.in/yaml.v2\n- package: github.com/Masterminds/vcs\n  version: ^1.2.0\n- package: github.com/a/b\n  version: v1.0.0\ntestImport:\n- package: github.com/arschles/assert\n";
    assert_eq!(
        packages("glide.yaml", glide),
        [
            "gopkg.in/yaml.v2 ? prod direct 3",
            "github.com/Masterminds/vcs (^1.2.0) prod direct 4",
            "github.com/a/b v1.0.0 prod direct 6",
            "github.com/arschles/assert ? test direct 9"
        ]
    );
}

/// NuGet, "project.json reference".
#[test]
fn projects_of_the_first_dotnet_core() {
    let text = "{\"dependencies\": {\n\"Newtonsoft.Json\": \"9.0.1\",\n\"Star\": \"1.0.0-*\",\n\"Tool\": {\"version\": \"1.1.0\", \"type\": \"build\"},\n\"Near\": {\"target\": \"project\"}},\n\"frameworks\": {\"net451\": {\"dependencies\": {\"Only\": \"2.0.0\"}}}}";
    assert_eq!(
        packages("project.json", text),
        [
            "Newtonsoft.Json 9.0.1 prod direct 2",
            "Star (1.0.0-*) prod direct 3",
            "Tool 1.1.0 build direct 4",
            "Only 2.0.0 prod direct 6"
        ]
    );
    assert_eq!(packages("apps/x/project.json", "{\"targets\": {\"build\": {}}}"), [""; 0]);
    let lock = "{\"version\": 2, \"targets\": {\".NETCoreApp,Version=v1.0\": {\"A/1.0.0\": {\"type\": \"package\", \"dependencies\": {\"B\": \"2.0.0\"}}, \"B/2.0.0\": {\"type\": \"package\"}}},\n\"libraries\": {\n\"A/1.0.0\": {\"type\": \"package\"},\n\"B/2.0.0\": {\"type\": \"package\"}},\n\"projectFileDependencyGroups\": {\"\": [\"A >= 1.0.0\"], \".NETCoreApp,Version=v1.0\": []}}";
    assert_eq!(
        packages("project.lock.json", lock),
        ["A 1.0.0 prod direct 3 -> [1]", "B 2.0.0 prod transitive 4"]
    );
    let build = "{\"dependencies\": {\"A\": {\"version\": \"1.0.0\", \"type\": \"build\"}}}";
    let files = together(&[("project.json", build), ("project.lock.json", lock)]);
    assert_eq!(roles(&files["project.lock.json"].packages), ["A Direct build [B]", "B Transitive build []"]);
}

/// Cabal User Guide, "Package description".
#[test]
fn descriptions_of_haskell() {
    let text = "cabal-version: 2.4\nname:          own\nversion:       0.1.0\n\nlibrary\n  build-depends:\n      base >=4.9 && <5,\n      aeson ==2.0.1.0\n    -- , no\n    , text:{text} ^>=1.2\n  build-tool-depends: alex:alex >=3\n  exposed-modules: A, B\n\ntest-suite all\n  type: exitcode-stdio-1.0\n  build-depends: base, own, hspec ==2.*\n";
    assert_eq!(
        packages("own.cabal", text),
        [
            "own 0.1.0 prod direct 2 -> [1, 2, 3, 4, 5]",
            "base (>=4.9 && <5) prod direct 7",
            "aeson 2.0.1.0 prod direct 8",
            "text (^>=1.2) prod direct 10",
            "alex (>=3) build direct 11",
            "hspec (==2.*) test direct 16"
        ]
    );
    assert_eq!(problem_lines("own.cabal", "library\n"), [0]);
}

/// The synopsis of the module cpanfile.
#[test]
fn what_perl_requires() {
    let text = "requires 'perl', '5.10';\nrequires 'Plack', '1.0'; # 1.0 or newer\nrequires \"JSON\" => '== 2.00';\nrecommends 'JSON::XS';\n# requires 'No';\non 'test' => sub {\n  requires 'Test::More', '>= 0.96';\n};\non build => sub { requires 'ExtUtils::MakeMaker' };\nrequires $name;\n";
    assert_eq!(problem_lines("cpanfile", text), [10]);
    assert_eq!(
        lines("cpanfile", text),
        [
            "Plack (1.0) prod direct 2",
            "JSON 2.00 prod direct 3",
            "JSON::XS ? optional direct 4",
            "Test::More (>= 0.96) test direct 7",
            "ExtUtils::MakeMaker ? build direct 9"
        ]
    );
    assert_eq!(read("cpanfile", text).packages[2].purl.to_string(), "pkg:cpan/JSON-XS");
}

#[test]
fn what_perl_requires_in_one_line() {
    let text = "requires 'A'; requires 'B', '1.0';\non 'test' => sub { requires 'C'; requires 'D' };\nrequires 'E';\non develop => sub { if (1) {\n  requires 'F';\n} requires 'G'; };\nrequires 'H'; # requires 'No'; it's\nrequires 'I', '>= 1; { }'; requires 'J';\n";
    assert_eq!(
        packages("cpanfile", text),
        [
            "A ? prod direct 1",
            "B (1.0) prod direct 1",
            "C ? test direct 2",
            "D ? test direct 2",
            "E ? prod direct 3",
            "F ? dev direct 5",
            "G ? dev direct 6",
            "H ? prod direct 7",
            "I (>= 1; { }) prod direct 8",
            "J ? prod direct 8"
        ]
    );
}

/// conda-build's "Defining metadata (meta.yaml)" and rattler-build's recipe file.
#[test]
fn recipes_of_conda() {
    let text = "{% set version = \"1.1.0\" %}\n\npackage:\n  name: own\n  version: {{ version }}\nrequirements:\n  build:\n    - {{ compiler('c') }}\n    - cmake\n  host:\n    - python\n    - numpy 1.21.*\n  run:\n    - python >=3.6\n    - zlib 1.2.11\n    - {{ pin_compatible('numpy') }}\n    - other {{ version }}\n    - lost {{ os.environ['X'] }}\ntest:\n  requires:\n    - pytest\n";
    assert_eq!(problem_lines("recipe/meta.yaml", text), [18]);
    assert_eq!(
        lines("recipe/meta.yaml", text),
        [
            "own 1.1.0 prod direct 4 -> [1, 2, 3, 4, 5, 6]",
            "cmake ? build direct 9",
            "python (>=3.6) prod direct 11",
            "numpy (1.21.*) prod direct 12",
            "zlib (1.2.11.*) prod direct 15",
            "other (1.1.0.*) prod direct 17",
            "pytest ? test direct 21"
        ]
    );
    let pins = "package:\n  name: own\nrequirements:\n  - a 1.8\n  - b 1.8 py27_0\n  - c ==1.8\n  - d =1.8\n  - e=1.8\n  - f=1.8=0\n";
    assert_eq!(
        told(&read("meta.yaml", pins).packages),
        ["a?1.8.*", "b@1.8", "c@1.8", "d?1.8.*", "e?1.8.*", "f@1.8"]
    );
    assert_eq!(told(&read("recipe.yaml", pins).packages)[0], "a@1.8");
    // Other tools have files of that name, and not all of them are what they should be.
    for other in ["title: x\nlist: [1]\n", "title: [\n", "a: {{ b }}: c\n- d\n"] {
        assert_eq!((read("meta.yaml", other).packages, read("meta.yaml", other).problems), (vec![], vec![]));
    }
    assert!(!read("meta.yaml", "package:\n  name: [\n").problems.is_empty());
    assert_eq!(problem_lines("recipe.yaml", "package:\n  name: own\nlost"), [3]);
    let newer = "context:\n  version: \"0.2\"\npackage:\n  name: own\n  version: ${{ version }}\nrequirements:\n  host:\n    - if: unix\n      then: m4\n      else: [m4-win]\n  run:\n    - xz ==5.4.1\n";
    assert_eq!(
        packages("recipe.yaml", newer),
        [
            "own 0.2 prod direct 4 -> [1, 2, 3]",
            "m4 ? build direct 9",
            "m4-win ? build direct 10",
            "xz 5.4.1 prod direct 12"
        ]
    );
}

/// The readme of niv and that of npins.
#[test]
fn pins_for_nix() {
    let niv = "{\n\"nixpkgs\": {\"branch\": \"x\", \"owner\": \"NixOS\", \"repo\": \"nixpkgs\", \"rev\": \"0123456789abcdef0123456789abcdef01234567\", \"sha256\": \"00\", \"url\": \"https://github.com/NixOS/nixpkgs/archive/0.tar.gz\"}}";
    assert_eq!(
        packages("nix/sources.json", niv),
        ["NixOS/nixpkgs 0123456789abcdef0123456789abcdef01234567 prod direct 2"]
    );
    let npins = "{\"pins\": {\n\"a\": {\"type\": \"Git\", \"repository\": {\"type\": \"GitHub\", \"owner\": \"o\", \"repo\": \"r\"}, \"revision\": \"0123456789abcdef0123456789abcdef01234567\", \"hash\": \"00\"}}, \"version\": 3}";
    let purl = read("npins/sources.json", npins).packages[0].purl.to_string();
    assert_eq!(purl, "pkg:github/o/r@0123456789abcdef0123456789abcdef01234567");
}

#[test]
fn the_first_package_of_mix_may_stand_behind_the_bracket() {
    let text = "defp deps do\n  [{:poison, \"~> 1.3.1\"},\n   {:plug, \"~> 0.11.0\"}]\nend\n";
    assert_eq!(
        packages("mix.exs", text),
        ["poison (~> 1.3.1) prod direct 2", "plug (~> 0.11.0) prod direct 3"]
    );
}

/// The documentation of packrat, "packrat.lock".
#[test]
fn snapshots_of_packrat() {
    let text = "PackratFormat: 1.4\nPackratVersion: 0.4.8.1\nRVersion: 3.4.1\nRepos: CRAN=https://cran.rstudio.com\n\nPackage: RJDBC\nSource: CRAN\nVersion: 0.2-7.1\nHash: 00\nRequires: DBI,\n  rJava\n\nPackage: DBI\nSource: CRAN\nVersion: 1.0.0\n\nPackage: rJava\nSource: github\nVersion: 0.9-11\nGithubRepo: rJava\nGithubUsername: s-u\nGithubSha1: 00ff00ff\n\nPackage: lost\n";
    assert_eq!(problem_lines("packrat/packrat.lock", text), [24]);
    let expected = [
        "RJDBC 0.2-7.1 prod unknown 6 -> [1, 2]",
        "DBI 1.0.0 prod unknown 13",
        "rJava 0.9-11 prod unknown 17",
    ];
    assert_eq!(lines("packrat/packrat.lock", text), expected);
    let commit = Some("00ff00ff".to_owned());
    let origin =
        palisade_model::PackageOrigin::Git { url: "https://github.com/s-u/rJava".to_owned(), commit };
    assert_eq!(read("packrat/packrat.lock", text).packages[2].origin, origin);
}

/// The readmes of vndr and gpm.
#[test]
fn pins_of_go_in_lines() {
    let text = "# the following lines are in sorted order\ngithub.com/docker/swarmkit 0123456789abcdef0123456789abcdef01234567 https://github.com/me/swarmkit.git # fork\ngithub.com/pkg/errors v0.8.0\n\nimport github.com/own\n";
    assert_eq!(
        packages("vendor.conf", text),
        [
            "github.com/docker/swarmkit 0123456789abcdef0123456789abcdef01234567 prod unknown 2",
            "github.com/pkg/errors v0.8.0 prod unknown 3"
        ]
    );
    assert_eq!(packages("Godeps", "code.google.com/p/go.example/hello/... ae081cd1d6cc\n").len(), 1);
    assert_eq!(packages("vendor.conf", "[vendor]\nkey = value.of/this\nname: x\n"), [""; 0]);
}

/// LibMan's documentation, "libman.json".
#[test]
fn libraries_for_browsers() {
    let text = "{\"version\": \"1.0\", \"defaultProvider\": \"cdnjs\", \"libraries\": [\n{\"library\": \"font-awesome@6.2.1\"},\n{\"provider\": \"unpkg\", \"library\": \"@scope/jquery-ui@1.6.3\"},\n{\"provider\": \"jsdelivr\", \"library\": \"jquery@latest\"},\n{\"provider\": \"filesystem\", \"library\": \"../x.js\"}]}";
    let purls: Vec<String> =
        read("libman.json", text).packages.iter().map(|package| package.purl.to_string()).collect();
    assert_eq!(
        purls,
        ["pkg:generic/font-awesome@6.2.1", "pkg:npm/%40scope/jquery-ui@1.6.3", "pkg:npm/jquery"]
    );
    assert_eq!(
        packages("libman.json", text),
        [
            "font-awesome 6.2.1 prod direct 2",
            "@scope/jquery-ui 1.6.3 prod direct 3",
            "jquery ? prod direct 4"
        ]
    );
}

/// Rye, "Lockfile": the format of pip with notes of who asks.
#[test]
fn pins_of_rye() {
    let text =
        "# generated by rye\n-e file:.\nblinker==1.7.0\n    # via flask\nflask==3.0.0\n    # via own\n";
    let reading = read("requirements.lock", text);
    assert_eq!(told(&reading.packages), ["blinker@1.7.0", "flask@3.0.0"]);
}
