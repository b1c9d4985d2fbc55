use palisade_lockfile::{Record, relate};
use palisade_model::PackageOrigin;

use crate::project::{packages, problem_lines, read, record, shown};

#[test]
fn projects_have_properties_scopes_and_managed_versions() {
    let text = "<?xml version='1.0'?>
<project xmlns='http://maven.apache.org/POM/4.0.0'>
  <groupId>org.example</groupId><artifactId>app</artifactId><version>2.1</version>
  <properties><one>${two}</one><two>1.5</two></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.a</groupId><artifactId>managed</artifactId><version>3.0</version><scope>test</scope></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>org.a</groupId><artifactId>plain</artifactId><version>${one}</version></dependency>
    <dependency><groupId>org.a</groupId><artifactId>managed</artifactId></dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>own</artifactId><version>${project.version}</version><scope>provided</scope></dependency>
    <dependency><groupId>org.a</groupId><artifactId>range</artifactId><version>[1.0,2.0)</version></dependency>
    <dependency><groupId>org.a</groupId><artifactId>exact</artifactId><version>[1.0]</version><optional>true</optional></dependency>
    <dependency><groupId>org.a</groupId><artifactId>shaded</artifactId><version>1</version><classifier>all</classifier><type>zip</type></dependency>
  </dependencies>
  <profiles><profile><id>p</id><dependencies>
    <dependency><groupId>org.a</groupId><artifactId>profiled</artifactId><version>9</version></dependency>
  </dependencies></profile></profiles>
  <build><plugins><plugin><artifactId>x</artifactId><dependencies>
    <dependency><groupId>org.a</groupId><artifactId>of-plugin</artifactId><version>9</version></dependency>
  </dependencies></plugin></plugins></build>
</project>";
    assert_eq!(
        packages("pom.xml", text),
        [
            "org.example:app 2.1 prod direct 2 -> [1, 2, 3, 4, 5, 6, 7]",
            "org.a:plain 1.5 prod direct 9",
            "org.a:managed 3.0 test direct 10",
            "org.example:own 2.1 peer direct 11",
            "org.a:range ([1.0,2.0)) prod direct 12",
            "org.a:exact 1.0 optional direct 13",
            "org.a:shaded 1 prod direct 14",
            "org.a:profiled 9 prod direct 17",
        ]
    );
    let purl = read("pom.xml", text).packages[6].purl.to_string();
    assert_eq!(purl, "pkg:maven/org.a/shaded@1?classifier=all&type=zip");
}

#[test]
fn a_parent_elsewhere_is_a_problem_only_where_it_takes_versions_away() {
    let project = |version: &str| {
        format!(
            "<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent>\n<artifactId>a</artifactId><dependencies>\n<dependency><groupId>x</groupId><artifactId>y</artifactId>{version}</dependency></dependencies></project>"
        )
    };
    assert_eq!(
        packages("pom.xml", &project("<version>1</version>")),
        ["g:a 1 prod direct 1 -> [1]", "x:y 1 prod direct 3"]
    );
    assert_eq!(problem_lines("pom.xml", &project("")), [3]);
    assert_eq!(problem_lines("pom.xml", &project("<version>${v}</version>")), [3]);
    // Nobody else can know it then.
    let alone = "<project><dependencies><dependency><groupId>x</groupId><artifactId>y</artifactId></dependency></dependencies></project>";
    assert_eq!(packages("pom.xml", alone), ["x:y ? prod direct 1"]);
}

#[test]
fn latin1_is_read_when_it_is_declared() {
    let text = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><project><name>J\xf6rg</name><dependencies><dependency><groupId>x</groupId><artifactId>y</artifactId><version>1</version></dependency></dependencies></project>";
    assert_eq!(record("pom.xml", text).reading().problems, []);
}

#[test]
fn gradle_lockfiles_tell_scopes_by_configurations() {
    let text = "# comment\na:b:1.0=compileClasspath,testCompileClasspath\nc:d:2.0=testRuntimeClasspath\ne:f:3.0=annotationProcessor\nempty=\n";
    assert_eq!(
        packages("gradle.lockfile", text),
        ["a:b 1.0 prod unknown 2", "c:d 2.0 test unknown 3", "e:f 3.0 build unknown 4"]
    );
    assert_eq!(packages("buildscript-gradle.lockfile", "a:b:1=classpath\n"), ["a:b 1 build unknown 1"]);
    assert_eq!(packages("gradle/dependency-locks/testCompile.lockfile", "a:b:1\n"), ["a:b 1 test unknown 1"]);
}

#[test]
fn catalogs_have_every_kind_of_version() {
    let text = "[versions]\nv = \"1.0\"\nr = { strictly = \"[2.0]\" }\n[libraries]\na = \"x:a:3.0\"\nb = { module = \"x:b\", version.ref = \"v\" }\nc = { group = \"x\", name = \"c\", version = { ref = \"r\" } }\nd = { module = \"x:d\", version = \"1.+\" }\ne = { module = \"x:e\" }\n";
    assert_eq!(
        packages("gradle/libs.versions.toml", text),
        [
            "x:a 3.0 prod direct 5",
            "x:b 1.0 prod direct 6",
            "x:c 2.0 prod direct 7",
            "x:d (1.+) prod direct 8",
            "x:e ? prod direct 9"
        ]
    );
}

#[test]
fn build_scripts_tell_plain_texts() {
    let text = "ext.ver = '1.1'\nval other = \"1.2\"\n// implementation 'no:no:1'\n/* api 'no:no:1'\n api 'no:no:1' */\ndependencies {\n  implementation(\"a:b:1.0\")\n  testImplementation group: 'c', name: 'd', version: '2.0'\n  api \"e:f:$ver\"\n  runtimeOnly(\"g:h:${other}@aar\")\n  implementation project(':own')\n  implementation libs.x\n  api \"i:j:$unknown\"\n}\n";
    assert_eq!(
        packages("app/build.gradle.kts", text),
        [
            "a:b 1.0 prod direct 7",
            "c:d 2.0 test direct 8",
            "e:f 1.1 prod direct 9",
            "g:h 1.2 prod direct 10",
            "i:j ($unknown) prod direct 13"
        ]
    );
}

#[test]
fn verification_metadata_has_digests() {
    let text = "<verification-metadata><components>\n<component group='x' name='y' version='1'><artifact name='y-1.jar'><sha256 value='AB'/><sha1 value='cd'/></artifact><artifact name='y-1.pom'><sha256 value='ef'/></artifact></component></components></verification-metadata>";
    let reading = read("gradle/verification-metadata.xml", text);
    let hashes: Vec<_> = reading.packages[0]
        .hashes
        .iter()
        .map(|hash| (hash.algorithm.as_str(), hash.value.as_str()))
        .collect();
    assert_eq!(hashes, [("SHA-256", "ab"), ("SHA-1", "cd")]);
}

#[test]
fn both_forms_of_bazel_are_read() {
    let second = r#"{"artifacts": {
"a:b": {"shasums": {"jar": "00"}, "version": "1.0"},
"c:d:jar:linux": {"shasums": {"jar": null}, "version": "2.0"}},
"dependencies": {"a:b": ["c:d"]}, "version": "2"}"#;
    assert_eq!(
        packages("third_party/maven_install.json", second),
        ["a:b 1.0 prod unknown 2 -> [1]", "c:d 2.0 prod unknown 3"]
    );
    let first = r#"{"dependency_tree": {"dependencies": [
{"coord": "a:b:1.0", "sha256": "00", "dependencies": ["c:d:jar:linux:2.0"]},
{"coord": "c:d:jar:linux:2.0"}]}}"#;
    assert_eq!(
        packages("maven_install.json", first),
        ["a:b 1.0 prod unknown 2 -> [1]", "c:d 2.0 prod unknown 3"]
    );
    let module = "bazel_dep(name = \"rules_jvm_external\", version = \"6.0\")\nmaven.install(\n  artifacts = [\n    \"a:b:1.0\",\n  ],\n  repositories = [\"https://repo1.maven.org/maven2\"],\n)\nmaven.artifact(\n  group = \"c\",\n  artifact = \"d\",\n  version = \"2.0\",\n)\n";
    assert_eq!(
        packages("MODULE.bazel", module),
        ["rules_jvm_external (6.0) prod direct 1", "a:b 1.0 prod direct 4", "c:d 2.0 prod direct 8"]
    );
}

#[test]
fn module_files_may_name_the_extension_and_its_texts() {
    let text = "jvm = use_extension(\"@rules_jvm_external//:extensions.bzl\", \"maven\")
V = \"2\"
COMMON = [\"c:d:\" + V] + [
    'e:f:3', # the last
]
jvm.install(
    name = \"x\",
    artifacts = [\"a:b:1\", other(\"n:o:1\")] + COMMON,
    repositories = [\"https://repo1.maven.org/maven2\"],
)
other.install(artifacts = [\"p:q:1\"])
bazel_dep(name = \"r\", version = \"1\")
";
    let expected = ["a:b 1 prod direct 8", "c:d 2 prod direct 3", "e:f 3 prod direct 4"];
    assert_eq!(packages("MODULE.bazel", text), expected);
    let before = "load(\"@rules_jvm_external//:defs.bzl\", \"maven_install\")\nmaven_install(artifacts = [\"a:b:1\"])\n";
    assert_eq!(packages("WORKSPACE", before), ["a:b 1 prod direct 2"]);
    assert!(packages("WORKSPACE", "maven_install(artifacts = [\"a:b:1\"])").is_empty());
    // Sums of sums end somewhere.
    let grown = format!("a = [\"x:y:1\"]\n{}maven.install(artifacts = a)", "a = a + a\n".repeat(64));
    assert_eq!(packages("MODULE.bazel", &grown).len(), 1);
    assert_eq!(problem_lines("MODULE.bazel", "maven.install(artifacts = [[[[\"a:b:1\""), [0]);
}

#[test]
fn the_last_of_equal_dependencies_counts() {
    let one = |version: &str| {
        format!(
            "<dependency><groupId>x</groupId><artifactId>y</artifactId><version>{version}</version></dependency>\n"
        )
    };
    let text = format!("<project><dependencies>\n{}{}</dependencies></project>", one("1"), one("2"));
    assert_eq!(packages("pom.xml", &text), ["x:y 2 prod direct 3"]);
}

#[test]
fn sbt_lockfiles_tell_configurations() {
    let text = r#"{"lockVersion": 1, "dependencies": [
{"org": "a", "name": "b", "version": "1.0", "artifacts": [{"name": "b.jar", "hash": "sha1:00FF"}], "configurations": ["test"]},
{"org": "c", "name": "d", "version": "2.0", "artifacts": [], "configurations": ["compile", "test"]}]}"#;
    assert_eq!(packages("build.sbt.lock", text), ["a:b 1.0 test unknown 2", "c:d 2.0 prod unknown 3"]);
    assert_eq!(read("build.sbt.lock", text).packages[0].hashes[0].value, "00ff");
}

/// The calls of Bazel's documentation of modules, and both forms of its lockfile.
#[test]
fn modules_of_bazel_are_told_by_file_and_lockfile() {
    let file = "module(name = 'own', version = '1')\nbazel_dep(name = \"glog\", version = \"0.5.0\", repo_name = \"g\")\nbazel_dep(name = \"test\", version = \"1.0\", dev_dependency = True)\nbazel_dep(name = \"near\")\nlocal_path_override(module_name = \"near\", path = \"../near\")\nbazel_dep(name = \"far\", version = \"1\")\nsingle_version_override(module_name = \"far\", version = \"2\")\n";
    assert_eq!(
        packages("MODULE.bazel", file),
        [
            "glog (0.5.0) prod direct 2",
            "test (1.0) dev direct 3",
            "near ? prod direct 4",
            "far 2 prod direct 6"
        ]
    );
    let reading = read("MODULE.bazel", file);
    assert_eq!(reading.packages[0].purl.to_string(), "pkg:bazel/glog");
    assert_eq!(reading.packages[2].origin, PackageOrigin::Local { path: "../near".to_owned() });

    let old = r#"{"lockFileVersion": 3, "moduleDepGraph": {
"<root>": {"name": "", "version": "", "deps": {"g": "glog@0.5.0", "t": "test@1.1", "bazel_tools": "bazel_tools@_"}},
"glog@0.5.0": {"name": "glog", "version": "0.5.0", "deps": {"f": "gflags@2.2.2", "bazel_tools": "bazel_tools@_"}},
"gflags@2.2.2": {"name": "gflags", "version": "2.2.2", "deps": {}},
"test@1.1": {"name": "test", "version": "1.1", "deps": {"u": "under@1"}},
"under@1": {"name": "under", "version": "1", "deps": {}},
"zlib@1": {"name": "zlib", "version": "1", "deps": {}},
"bazel_tools@_": {"name": "bazel_tools", "version": "", "deps": {"z": "zlib@1"}}}}"#;
    let of = |records: &[Record], path: &str| {
        let record = records.iter().find(|record| record.path.to_string() == path).unwrap();
        assert_eq!(record.reading().problems, []);
        record.reading().packages.iter().map(shown).collect::<Vec<_>>()
    };
    let mut records =
        vec![record("a/MODULE.bazel", file.as_bytes()), record("a/MODULE.bazel.lock", old.as_bytes())];
    relate(&mut records);
    assert_eq!(
        of(&records, "a/MODULE.bazel.lock"),
        [
            "glog 0.5.0 prod direct 3 -> [1]",
            "gflags 2.2.2 prod transitive 4",
            "test 1.1 dev direct 5 -> [3]",
            "under 1 dev transitive 6"
        ]
    );
    assert_eq!(of(&records, "a/MODULE.bazel"), ["near ? prod direct 4", "far 2 prod direct 6"]);

    // What a module of no registry brings is part of the product all the same.
    let near = r#"{"lockFileVersion": 3, "moduleDepGraph": {
"<root>": {"name": "", "version": "", "deps": {"near": "near@_", "bazel_tools": "bazel_tools@_"}},
"near@_": {"name": "near", "version": "", "deps": {"zlib": "zlib@1.2", "bazel_tools": "bazel_tools@_"}},
"bazel_tools@_": {"name": "bazel_tools", "version": "", "deps": {"own": "own@1"}},
"own@1": {"name": "own", "version": "1", "deps": {}},
"zlib@1.2": {"name": "zlib", "version": "1.2", "deps": {}}}}"#;
    assert_eq!(packages("MODULE.bazel.lock", near), ["zlib 1.2 prod transitive 6"]);

    let sum = "0".repeat(64);
    let new = format!(
        "{{\"lockFileVersion\": 13, \"registryFileHashes\": {{\n\"https://bcr.bazel.build/bazel_registry.json\": \"{sum}\",\n\"https://bcr.bazel.build/modules/glog/0.4.0/MODULE.bazel\": \"{sum}\",\n\"https://bcr.bazel.build/modules/glog/0.5.0/source.json\": \"{sum}\",\n\"https://example.org/modules/none/1/MODULE.bazel\": null}}}}"
    );
    assert_eq!(packages("MODULE.bazel.lock", &new), ["glog 0.5.0 prod unknown 4"]);
    assert_eq!(read("MODULE.bazel.lock", &new).packages[0].hashes[0].value, sum);
    assert_eq!(problem_lines("MODULE.bazel.lock", "{\"lockFileVersion\": 99}"), [0]);
    assert_eq!(problem_lines("MODULE.bazel", "bazel_dep(version = \"1\")\n"), [1]);
}

#[test]
fn build_scripts_have_configurations_of_their_own_and_calls_of_several_lines() {
    let text = "js 'not:in:1'\nconfigurations {\n  js\n}\ndependencies {\n  js 'a:b:1.0@js'\n  smokeTest 'c:d:2.0'\n  runtimeOnly 'e:f:3.0',\n    'g:h:4.0'\n  runtimeOnly(\n    [group: 'i', name: 'j', version: '5.0', transitive: false],\n    [group: 'k', name: 'l', version: '6.0']\n  )\n  implementation('m:n:7.0') {\n    because 'x:y:1 is known to be slow'\n    exclude group: 'no', module: 'none'\n  }\n  modules {\n    module('no:no:1')\n  }\n  api('o:p:8.0'); because('no:no:2')\n}\nstrictly 'no:no:3'\n";
    assert_eq!(
        packages("build.gradle", text),
        [
            "a:b 1.0 prod direct 6",
            "c:d 2.0 test direct 7",
            "e:f 3.0 prod direct 8",
            "g:h 4.0 prod direct 9",
            "i:j 5.0 prod direct 11",
            "k:l 6.0 prod direct 12",
            "m:n 7.0 prod direct 14",
            "o:p 8.0 prod direct 21",
        ]
    );
}
