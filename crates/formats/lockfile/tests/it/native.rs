use crate::project::{packages, problem_lines, read, shown};

#[test]
fn graphs_of_the_first_conan_are_read() {
    let newer = r#"{"graph_lock": {"nodes": {
"0": {"ref": "own/1.0", "requires": ["1"], "path": "conanfile.py", "context": "host"},
"1": {"ref": "a/1.0@me/stable#00ff", "requires": ["2"], "build_requires": ["3"], "context": "host"},
"2": {"ref": "b/2.0", "context": "host"},
"3": {"ref": "cmake/3.20", "context": "build"}}, "revisions_enabled": true}, "version": "0.4"}"#;
    assert_eq!(
        packages("conan.lock", newer),
        ["a 1.0 prod direct 3 -> [1, 2]", "b 2.0 prod transitive 4", "cmake 3.20 build transitive 5"]
    );
    let purl = read("conan.lock", newer).packages[0].purl.to_string();
    assert_eq!(purl, "pkg:conan/a@1.0?channel=stable&rrev=00ff&user=me");
    let oldest = r#"{"graph_lock": {"nodes": {
"x": {"pref": "own/1.0:00", "requires": {"a/1.0#0": "y"}, "path": "conanfile.py"},
"y": {"pref": "a/1.0#0:00#1"}}}, "version": "0.1"}"#;
    assert_eq!(packages("conan.lock", oldest), ["a 1.0 prod direct 3"]);
}

#[test]
fn lists_of_the_second_conan_are_read() {
    let text = r#"{"version": "0.5", "requires": [
"a/1.0#00%1.5", "b/cci.20210118"], "build_requires": [
"cmake/3.20"], "python_requires": ["p/1"]}"#;
    assert_eq!(
        packages("conan.lock", text),
        [
            "a 1.0 prod unknown 2",
            "b cci.20210118 prod unknown 2",
            "cmake 3.20 build unknown 3",
            "p 1 build unknown 3"
        ]
    );
}

#[test]
fn manifests_pin_or_want() {
    let text = "[requires]\na/1.0 # why\nb/[>1.0 <2.0]@me/stable\n\n[tool_requires]\ncmake/3.20\n[options]\na:shared=True\n";
    assert_eq!(
        packages("conanfile.txt", text),
        ["a 1.0 prod direct 2", "b ([>1.0 <2.0]) prod direct 3", "cmake 3.20 build direct 6"]
    );
    let info = "[requires]\n    a/1.Y.Z\n[full_requires]\n    a/1.0:00\n";
    assert_eq!(
        packages("data/own/2.0/me/stable/package/00/conaninfo.txt", info),
        ["own 2.0 prod unknown 0 -> [1]", "a 1.0 prod unknown 4"]
    );
}

#[test]
fn vcpkg_has_overrides_features_and_a_status() {
    let text = r#"{"dependencies": ["a",
{"name": "b", "version>=": "1.0"},
{"name": "tool", "host": true}],
"features": {"f": {"dependencies": ["c"]}},
"overrides": [{"name": "a", "version": "3.0", "port-version": 2}]}"#;
    assert_eq!(
        packages("vcpkg.json", text),
        ["a 3.0 prod direct 1", "b (>=1.0) prod direct 2", "tool ? build direct 3", "c ? optional direct 4"]
    );
    assert_eq!(read("vcpkg.json", text).packages[0].purl.to_string(), "pkg:vcpkg/a@3.0?port_version=2");
    let status = "Package: a\nVersion: 1.0\nPort-Version: 3\nDepends: b:x64-linux, tool\nArchitecture: x64-linux\nDescription: text\n more\nStatus: install ok installed\n\nPackage: a\nFeature: f\nArchitecture: x64-linux\nStatus: install ok installed\n\nPackage: b\nVersion: 2.0\nArchitecture: x64-linux\nStatus: purge ok not-installed\n";
    assert_eq!(packages("vcpkg_installed/vcpkg/status", status), ["a 1.0 prod unknown 1"]);
}

#[test]
fn a_project_that_another_needs_is_told() {
    let text = r#"{"graph_lock": {"nodes": {"0": {"path": "conanfile.txt", "requires": ["1"]},
"1": {"ref": "a/1.0@me/testing", "path": "../a"}, "2": {"ref": "b/1/2"}}}}"#;
    assert_eq!(problem_lines("conan.lock", text), [2]);
    assert_eq!(read("conan.lock", text).packages[0].purl.to_string(), "pkg:conan/a@1.0");
    let own = "{\"name\": \"own\", \"version\": \"0.1\", \"dependencies\": [\"a\"]}";
    assert_eq!(packages("vcpkg.json", own), ["own 0.1 prod direct 1 -> [1]", "a ? prod direct 1"]);
}

/// What a recipe asks for in plain words is told, and that there may be more.
#[test]
fn a_recipe_is_a_program_with_plain_words() {
    let text = "class Own(ConanFile):\n    requires = \"a/1.0\", \"b/[>=2 <3]\"\n    tool_requires = [\n        'c/3.0@user/stable',  # 'no/1'\n    ]\n    def requirements(self):\n        self.requires(\"d/4.0\", headers=True)\n        self.requires(f\"e/{self.version}\")\n        # self.requires(\"no/2\")\n        self.test_requires('f/6.0')\n        self.cpp_info.components[\"x\"].requires = [\"no/3\"]\n";
    let reading = read("conanfile.py", text);
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(
        reading.packages.iter().map(shown).collect::<Vec<_>>(),
        [
            "a 1.0 prod direct 2",
            "b ([>=2 <3]) prod direct 2",
            "c 3.0 build direct 4",
            "d 4.0 prod direct 7",
            "f 6.0 test direct 10"
        ]
    );
}
