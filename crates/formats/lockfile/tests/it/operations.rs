//! Charts, cookbooks, roles, hooks and bundles.

use crate::project::{packages, problem_lines, read};
use crate::{roles, together, told};

#[test]
fn charts_ask_and_their_lock_pins() {
    let chart = "apiVersion: v2\nname: own\nversion: 0.1.0\ndependencies:\n  - name: nginx\n    version: \"~1.2\"\n    repository: https://example.com/charts\n  - name: redis\n    version: 17.0.1\n    repository: '@bitnami'\n    condition: redis.enabled\n  - name: part\n    version: 0.2.0\n    repository: file://../part\n";
    assert_eq!(
        packages("chart/Chart.yaml", chart),
        [
            "own 0.1.0 prod direct 1 -> [1, 2, 3]",
            "nginx (~1.2) prod direct 5",
            "redis 17.0.1 optional direct 8",
            "part 0.2.0 prod direct 12"
        ]
    );
    let lock = "dependencies:\n- name: nginx\n  repository: https://example.com/charts\n  version: 1.2.3\n- name: redis\n  repository: oci://example.com/x\n  version: 17.0.1\ndigest: sha256:00\ngenerated: \"2024-01-01T00:00:00Z\"\n";
    let files = together(&[("chart/Chart.yaml", chart), ("chart/Chart.lock", lock)]);
    assert_eq!(told(&files["chart/Chart.lock"].packages), ["nginx@1.2.3", "redis@17.0.1"]);
    assert!(files["chart/Chart.yaml"].packages.is_empty());
    let purl = files["chart/Chart.lock"].packages[0].purl.to_string();
    assert_eq!(purl, "pkg:helm/nginx@1.2.3?repository_url=https:%2F%2Fexample.com%2Fcharts");
}

/// Ansible Galaxy, "Install multiple collections with a requirements file".
#[test]
fn roles_and_collections_are_read() {
    let text = "roles:\n  - name: geerlingguy.java\n    version: \"1.9.6\"\n  - src: https://github.com/bennojoy/nginx\n    scm: git\n    version: main\ncollections:\n  - name: geerlingguy.php_roles\n    version: \">=0.9.3\"\n    source: https://galaxy.ansible.com\n  - community.general\n";
    assert_eq!(
        packages("requirements.yml", text),
        [
            "geerlingguy.java 1.9.6 prod direct 2",
            "nginx (main) prod direct 4",
            "geerlingguy.php_roles (>=0.9.3) prod direct 8",
            "community.general ? prod direct 11"
        ]
    );
    assert_eq!(packages("requirements.yml", "- src: a.b\n  version: 1.0.0\n"), ["a.b 1.0.0 prod direct 1"]);
    // What another file asks for is not known here.
    assert_eq!(problem_lines("requirements.yml", "- src: a.b\n- include: other.yml\n"), [2]);
    assert_eq!(problem_lines("requirements.yml", "roles:\n  - include: other.yml\n"), [2]);
    let charts = "dependencies:\n  - name: x\n    version: 1.0.0\n";
    assert_eq!(read("requirements.yaml", charts).packages[0].purl.to_string(), "pkg:helm/x@1.0.0");
    assert_eq!(read("requirements.yml", "settings: 1\n").packages, []);
    // Whatever else lies in folders of that name is taken for Kubernetes.
    assert_eq!(packages("kubernetes/requirements.yml", "roles: [a.b]\n"), ["a.b ? prod direct 1"]);
    assert_eq!(packages("k8s/Chart.yaml", "name: x\nversion: 1.0.0\n"), ["x 1.0.0 prod direct 1"]);
    let galaxy = "namespace: own\nname: things\nversion: 1.0.0\ndependencies:\n  other.things: \">=1.0.0\"\n";
    assert_eq!(
        packages("galaxy.yml", galaxy),
        ["own.things 1.0.0 prod direct 1 -> [1]", "other.things (>=1.0.0) prod direct 5"]
    );
}

/// Berkshelf, "The Lockfile"; Chef, "Policyfile.lock.json" and "metadata.rb".
#[test]
fn cookbooks_are_read() {
    let lock = "DEPENDENCIES\n  own\n    path: .\n    metadata: true\n  nginx (~> 2.6)\n\nGRAPH\n  own (0.1.0)\n    nginx (>= 0.0.0)\n  nginx (2.7.6)\n    ohai (~> 2.0)\n  ohai (2.0.1)\n";
    assert_eq!(
        packages("Berksfile.lock", lock),
        [
            "own 0.1.0 prod direct 8 -> [1]",
            "nginx 2.7.6 prod direct 10 -> [2]",
            "ohai 2.0.1 prod transitive 12"
        ]
    );
    assert_eq!(problem_lines("Berksfile.lock", "GRAPH\n  a\n   b\n"), [2, 3]);
    let policy = r#"{"name": "p", "cookbook_locks": {
"a": {"version": "1.0.0", "source_options": {"artifactserver": "https://x/1.0.0", "version": "1.0.0"}},
"b": {"version": "2.0.0", "source": "cookbooks/b", "source_options": {"path": "cookbooks/b"}}},
"solution_dependencies": {"Policyfile": [["b", ">= 0.0.0"]], "dependencies": {"b (2.0.0)": [["a", "~> 1.0"]]}}}"#;
    assert_eq!(
        packages("Policyfile.lock.json", policy),
        ["a 1.0.0 prod transitive 2", "b 2.0.0 prod direct 3 -> [0]"]
    );
    let metadata = "name 'own'\nversion '0.1.0'\n# depends 'no'\ndepends 'apt', '>= 2.0'\ndepends 'yum', '= 1.2.3'\ndepends 'x' if foo\n";
    assert_eq!(
        packages("metadata.rb", metadata),
        [
            "own 0.1.0 prod direct 1 -> [1, 2, 3]",
            "apt (>= 2.0) prod direct 4",
            "yum 1.2.3 prod direct 5",
            "x ? prod direct 6"
        ]
    );
}

/// pre-commit, "Adding pre-commit plugins to your project".
#[test]
fn hooks_come_from_repositories() {
    let text = "repos:\n-   repo: https://github.com/pre-commit/pre-commit-hooks\n    rev: v2.3.0\n    hooks:\n    -   id: check-yaml\n-   repo: git@gitlab.com:group/part/name.git\n    rev: 0123456789abcdef0123456789abcdef01234567\n    hooks: []\n-   repo: local\n    hooks: []\n-   repo: meta\n    hooks: []\n-   repo: https://example.com/tools\n    hooks: []\n";
    assert_eq!(problem_lines(".pre-commit-config.yaml", text), [13]);
    let reading = read(".pre-commit-config.yaml", text);
    let purls: Vec<String> = reading.packages.iter().map(|package| package.purl.to_string()).collect();
    assert_eq!(
        purls,
        [
            "pkg:github/pre-commit/pre-commit-hooks@v2.3.0",
            "pkg:gitlab/group/part/name@0123456789abcdef0123456789abcdef01234567",
            "pkg:generic/tools?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Ftools"
        ]
    );
    assert_eq!(reading.packages[0].name, "github.com/pre-commit/pre-commit-hooks");
    let toml = "[[repos]]\nrepo = \"builtin\"\n\n[[repos]]\nrepo = \"https://github.com/crate-ci/typos\"\nrev = \"v1.42.3\"\n";
    assert_eq!(packages("prek.toml", toml), ["github.com/crate-ci/typos v1.42.3 dev direct 4"]);
}

#[test]
fn bundles_of_homebrew_name_formulas_and_their_lock_versions() {
    let bundle = "tap \"a/b\"\nbrew \"shellcheck\"\n# brew \"no\"\ncask 'firefox', args: { appdir: \"~\" }\nbrew \"#{x}\"\n";
    assert_eq!(problem_lines("Brewfile", bundle), [5]);
    assert_eq!(told(&read("Brewfile", bundle).packages), ["shellcheck", "firefox"]);
    let lock = "{\"entries\": {\"tap\": {\"a/b\": {\"revision\": \"00\"}},\n\"brew\": {\"shellcheck\": {\"version\": \"0.8.0\"}},\n\"cask\": {\"firefox\": {\"version\": \"101.0\"}}}}";
    assert_eq!(
        packages("Brewfile.lock.json", lock),
        ["shellcheck 0.8.0 dev direct 2", "firefox 101.0 dev direct 3"]
    );
    let files = together(&[("Brewfile", "brew 'shellcheck'\n"), ("Brewfile.lock.json", lock)]);
    assert_eq!(roles(&files["Brewfile.lock.json"].packages)[0], "shellcheck Direct dev []");
    assert!(files["Brewfile"].packages.is_empty());
}
