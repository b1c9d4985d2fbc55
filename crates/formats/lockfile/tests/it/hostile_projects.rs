use std::time::Duration;

use palisade_lockfile::relate;
use proptest::prelude::*;
use rustix::time::{ClockId, clock_gettime};

use crate::project::{read, record};
use crate::project_samples::SAMPLES;

/// Processor time that this thread has used: what a test does costs the same of it whatever else the machine does.
fn spent() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.try_into().unwrap(), now.tv_nsec.try_into().unwrap())
}

#[test]
fn broken_texts_are_problems() {
    let broken = [
        ("pom.xml", "<project><dependencies><dependency>"),
        ("pom.xml", "<project>&x;</project>"),
        ("pom.xml", "<html/>"),
        ("pom.xml", ""),
        ("gradle.lockfile", "<<<<<<< HEAD\nx:y:1=a\n=======\n>>>>>>> b\n"),
        ("packages.config", "<packages><package id='x'/></packages>"),
        ("packages.lock.json", "{}"),
        ("a.deps.json", "[]"),
        ("paket.lock", "nonsense\n"),
        ("a.csproj", "<Project><ItemGroup><PackageReference Version='1'/></ItemGroup></Project>"),
        ("composer.lock", "null"),
        ("composer.lock", "{\"packages\": [{\"name\": \"x/y\"}]}"),
        ("vendor/composer/installed.json", "{}"),
        ("Gemfile.lock", "GEM\n  specs:\n    y\n"),
        ("Gemfile.lock", "<<<<<<< HEAD\nGEM\n  specs:\n    y (1)\n"),
        ("gems/specifications/y.gemspec", "puts 1\n"),
        ("Package.resolved", "{\"version\": 9, \"pins\": []}"),
        ("Podfile.lock", "[]"),
        ("Podfile.lock", "PODS:\n  - Y\n"),
        ("pubspec.lock", "packages:\n  y:\n    source: hosted\n"),
        ("mix.lock", "%{\"y\": {:hex, :y}}"),
        ("mix.lock", "%{\"y\": {:hex, :y, \"1.0\""),
        ("mix.lock", "hello"),
        ("rebar.lock", "[{<<\"y\">>,1}]."),
        ("ebin/y.app", "{application, y, []}."),
        ("conan.lock", "{}"),
        ("conan.lock", "{\"version\": \"0.5\", \"requires\": [\"1.2.3\"]}"),
        ("x/vcpkg/status", "Package: y\nStatus: install ok installed\n"),
        (".terraform.lock.hcl", "provider \"a/b/c\" {\n"),
        (".terraform.lock.hcl", "resource \"x\" {\n}\n"),
        (".github/workflows/a.yml", "a: 1\n"),
        (".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n    - uses: [x]\n    - uses: nothing\n"),
        ("Dockerfile", "RUN true\n"),
        ("Dockerfile", "ARG BASE\nFROM $BASE\n"),
        ("compose.yml", "services:\n  a:\n    image: x:${TAG}\n"),
        ("k8s/a.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: {{ .Values.image }}\n"),
        ("renv.lock", "{}"),
        ("stack.yaml.lock", "snapshots: []\n"),
        ("cabal.project.freeze", "constraints: nonsense\n"),
        ("Manifest.toml", "[[Y]]\n"),
        ("cpanfile.snapshot", "nonsense\n"),
        ("a.rockspec", "version = '1'\n"),
        ("flake.lock", "{}"),
        ("maven_install.json", "{}"),
        ("MODULE.bazel.lock", "{}"),
        ("MODULE.bazel", "bazel_dep(version = '1')\n"),
        ("nix/var/nix/db/db.sqlite", "nonsense"),
        ("build.sbt.lock", "{\"dependencies\": [{}]}"),
        ("gradle/verification-metadata.xml", "<a><components><component name='x'/></components></a>"),
        ("gradle/libs.versions.toml", "[libraries]\nx = 'y'\n"),
    ];
    for (path, text) in broken {
        assert!(!read(path, text).problems.is_empty(), "{path}: {text}");
    }
}

#[test]
fn work_is_bounded() {
    let deep = |open: &str| open.repeat(200_000);
    let entities = "<!DOCTYPE p [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><project><artifactId>&b;</artifactId></project>";
    let mut properties = "<p0></p0>".to_owned();
    for level in 1..40 {
        properties.push_str(&format!("<p{level}>{}</p{level}>", format!("${{p{}}}", level - 1).repeat(8)));
    }
    let grown = format!(
        "<project><properties>{properties}</properties><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${{p39}}</version></dependency></dependencies></project>"
    );
    let cases = [
        ("pom.xml", deep("<a>")),
        ("pom.xml", entities.to_owned()),
        ("composer.lock", deep("[")),
        ("mix.lock", deep("{")),
        ("mix.lock", deep("[")),
        ("rebar.lock", deep("a=>")),
        ("pubspec.lock", deep("[")),
        ("Dockerfile", format!("FROM {}", deep("${a:-"))),
    ];
    let begin = spent();
    for (path, text) in cases {
        assert!(!read(path, &text).problems.is_empty(), "{path}");
    }
    // Unknown without end is not known.
    assert_eq!(read("pom.xml", &grown).packages[0].version, None);
    let many: String = (0..101_000).map(|number| format!("g:a{number}:1=x\n")).collect();
    let reading = read("gradle.lockfile", &many);
    assert_eq!((reading.packages.len(), reading.problems.len()), (100_000, 201));
    assert!(spent() - begin < Duration::from_secs(30), "{:?}", spent() - begin);
}

/// Records that tell each other of many packages do so without a look at all of them for each.
#[test]
fn neighbours_that_say_much_cost_no_more_than_what_they_say() {
    const MANY: usize = 20_000;
    let lines = |line: &dyn Fn(usize) -> String| (0..MANY).map(line).collect::<String>();
    let module = lines(&|number| format!("bazel_dep(name = \"p{number}\", version = \"1\")\n"));
    let hashes = lines(&|number| format!(",\n\"https://r/modules/p{number}/1/source.json\": \"00\""));
    let services = lines(&|number| format!("  s{number}:\n    image: i{number}:${{TAG}}\n"));
    let hex = |number: usize| match number % 2 {
        0 => format!(
            "  \"p{number}\": {{:hex, :p{number}, \"1.0.0\", \"00\", [:mix], [], \"hexpm\", \"00\"}},\n"
        ),
        _ => format!("  \"p{number}\": {{:git, \"https://github.com/o/p{number}.git\", \"00\", []}},\n"),
    };
    let files = [
        ("MODULE.bazel", module),
        ("MODULE.bazel.lock", format!("{{\"registryFileHashes\": {{\"x\": null{hashes}}}}}")),
        ("compose.yml", format!("services:\n{services}")),
        (".env", "TAG=1\n".to_owned()),
        ("mix.exs", lines(&|number| format!("      {{:p{number}, \"~> 1.0\"}},\n"))),
        ("mix.lock", format!("%{{\n{}}}\n", lines(&hex))),
    ];
    let begin = spent();
    let mut records: Vec<_> = files.iter().map(|(path, text)| record(path, text.as_bytes())).collect();
    relate(&mut records);
    let counts: Vec<_> = records.iter().map(|record| record.reading().packages.len()).collect();
    assert_eq!(counts, [0, 0, MANY, MANY, 0, MANY]);
    assert!(spent() - begin < Duration::from_secs(20), "{:?}", spent() - begin);
}

/// Readers of charts, cookbooks, roles, shards and bundles look at no list again for each entry of another.
#[test]
fn many_entries_cost_no_more_than_each_by_itself() {
    const MANY: usize = 10_000;
    let lines = |line: &dyn Fn(usize) -> String| (0..MANY).map(line).collect::<String>();
    let listed = |entry: &dyn Fn(usize) -> String| (0..MANY).map(entry).collect::<Vec<_>>().join(",\n");
    let cookbooks = lines(&|number| format!("  p{number}\n"));
    let graph = lines(&|number| format!("  p{number} (1.0.0)\n    p{} (>= 0.0.0)\n", number / 2));
    // What stands far from where a search would begin, again and again.
    let last = format!("  p{} (1.0.0)\n", MANY - 1).repeat(10 * MANY);
    let others: String = (0..10 * MANY).map(|number| format!(",\n\"x{number} (1.0.0)\": []")).collect();
    let locks = listed(&|number| format!("\"p{number}\": {{\"version\": \"1.0.0\"}}"));
    let asked = listed(&|number| format!("[\"p{number}\", \">= 0.0.0\"]"));
    let needs = listed(&|number| format!("\"p{number} (1.0.0)\": [[\"p{}\", \">= 0.0.0\"]]", number / 2));
    let charts = lines(&|number| format!("- name: p{number}\n  version: 1.0.0\n"));
    let shards = lines(&|number| format!("  p{number}:\n    version: 1.0.0\n"));
    let json = listed(&|number| format!("\"p{number}\": \"1.0.0\""));
    let bottles = listed(&|number| format!("\"p{number}\": {{\"version\": \"1.0.0\"}}"));
    let files = [
        ("chef/Berksfile.lock", format!("DEPENDENCIES\n{cookbooks}\nGRAPH\n{graph}{last}")),
        (
            "policy/Policyfile.lock.json",
            format!(
                "{{\"cookbook_locks\": {{{locks}}}, \"solution_dependencies\": {{\"Policyfile\": [{asked}], \"dependencies\": {{{needs}{others}}}}}}}"
            ),
        ),
        ("chef/metadata.rb", lines(&|number| format!("depends 'p{number}'\n"))),
        ("helm/Chart.yaml", format!("name: own\nversion: 1.0.0\ndependencies:\n{charts}")),
        ("helm/Chart.lock", format!("dependencies:\n{charts}")),
        ("galaxy/requirements.yml", format!("roles:\n{charts}")),
        ("crystal/shard.yml", format!("name: own\nversion: 1.0.0\ndependencies:\n{shards}")),
        ("crystal/shard.lock", format!("version: 2.0\nshards:\n{shards}")),
        (
            "go/glide.yaml",
            format!(
                "import:\n{}",
                lines(&|number| format!("- package: h.test/p{number}\n  version: 1.0.0\n"))
            ),
        ),
        (
            "go/glide.lock",
            format!("imports:\n{}", lines(&|number| format!("- name: h.test/p{number}\n  version: 1.0.0\n"))),
        ),
        ("dub/dub.json", format!("{{\"name\": \"own\", \"dependencies\": {{{json}}}}}")),
        ("dub/dub.selections.json", format!("{{\"versions\": {{{json}}}}}")),
        ("sdl/dub.sdl", lines(&|number| format!("dependency \"p{number}\" version=\"1.0.0\"\n"))),
        ("brew/Brewfile", lines(&|number| format!("brew \"p{number}\"\n"))),
        ("brew/Brewfile.lock.json", format!("{{\"entries\": {{\"brew\": {{{bottles}}}}}}}")),
    ];
    let begin = spent();
    let mut slowest = (Duration::ZERO, "");
    let mut records = Vec::new();
    for (path, text) in &files {
        let begin = spent();
        records.push(record(path, text.as_bytes()));
        slowest = slowest.max((spent() - begin, path));
    }
    relate(&mut records);
    for record in &records {
        let (path, count) = (record.path.to_string(), record.reading().packages.len());
        // Manifests leave to their lockfiles what those know.
        let is_left = ["chef/m", "helm/Chart.y", "shard.y", "glide.y", "dub.json", "Brewfile"]
            .iter()
            .any(|part| path.contains(part) && !path.contains("lock"));
        assert_eq!(
            (count, &record.reading().problems[..]),
            (if is_left { 0 } else { MANY }, &[][..]),
            "{path}"
        );
    }
    assert!(spent() - begin < Duration::from_secs(15), "{:?}, most of it {slowest:?}", spent() - begin);
}

/// A long value is not held again by each variable that names it.
#[test]
fn variables_of_compose_do_not_grow_by_each_other() {
    let names: String = (0..30_000).map(|number| format!("V{number}=${{A}}${{A}}\n")).collect();
    let variables = format!("A={}\nB=1\n{names}", "a".repeat(4 << 20));
    let begin = spent();
    let mut records = vec![
        record(".env", variables.as_bytes()),
        record("compose.yml", b"services:\n  a:\n    image: x:${A}\n  b:\n    image: y:${B}\n"),
    ];
    relate(&mut records);
    let reading = records[1].reading();
    assert_eq!((reading.packages.len(), reading.problems.len()), (1, 1));
    assert!(spent() - begin < Duration::from_secs(20), "{:?}", spent() - begin);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_breaks_a_reader(sample in 0..SAMPLES.len(), cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6)) {
        let (path, text) = SAMPLES[sample];
        let mut bytes = text.as_bytes().to_vec();
        for (place, byte, kind) in cuts {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes.truncate(at),
            }
        }
        let reading = record(path, &bytes).reading().clone();
        let count = u32::try_from(reading.packages.len()).unwrap();
        for package in &reading.packages {
            prop_assert!(package.dependencies.iter().all(|index| *index < count));
            prop_assert!(package.dependencies.windows(2).all(|pair| pair[0] < pair[1]));
        }
        let again = record(path, &bytes);
        prop_assert_eq!(again.reading(), &reading);
    }
}
