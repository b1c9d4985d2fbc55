//! A small valid file of each format, and what it holds.

/// Path, content, and `name@version` of what it holds.
pub(crate) const SAMPLES: &[(&str, &str, &[&str])] = &[
    (
        "package-lock.json",
        r#"{
  "name": "app", "lockfileVersion": 3,
  "packages": {
    "": { "dependencies": { "alpha": "^1.0.0" } },
    "node_modules/alpha": { "version": "1.2.0", "resolved": "https://registry.npmjs.org/alpha/-/alpha-1.2.0.tgz" },
    "node_modules/@scope/beta": { "version": "2.0.0" }
  }
}
"#,
        &["alpha@1.2.0", "@scope/beta@2.0.0"],
    ),
    (
        "npm-shrinkwrap.json",
        "{\"lockfileVersion\": 1, \"dependencies\": {\n\"alpha\": {\"version\": \"1.0.0\"}}}",
        &["alpha@1.0.0"],
    ),
    (
        "node_modules/.package-lock.json",
        "{\"lockfileVersion\": 2, \"packages\": {\n\"node_modules/alpha\": {\"version\": \"1.0.0\"}}}",
        &["alpha@1.0.0"],
    ),
    (
        "yarn.lock",
        "# yarn lockfile v1\n\n\nalpha@^1.0.0, alpha@^1.1.0:\n  version \"1.2.0\"\n  resolved \"https://registry.yarnpkg.com/alpha/-/alpha-1.2.0.tgz#da39a3ee5e6b4b0d3255bfef95601890afd80709\"\n  dependencies:\n    \"@scope/beta\" \"^2.0.0\"\n\n\"@scope/beta@^2.0.0\":\n  version \"2.0.0\"\n",
        &["alpha@1.2.0", "@scope/beta@2.0.0"],
    ),
    (
        "berry/yarn.lock",
        "__metadata:\n  version: 8\n\n\"alpha@npm:^1.0.0\":\n  version: 1.2.0\n  resolution: \"alpha@npm:1.2.0\"\n  languageName: node\n  linkType: hard\n",
        &["alpha@1.2.0"],
    ),
    (
        "pnpm-lock.yaml",
        "lockfileVersion: '9.0'\n\nimporters:\n  .:\n    dependencies:\n      alpha:\n        specifier: ^1.0.0\n        version: 1.2.0\n\npackages:\n  alpha@1.2.0:\n    resolution: {integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=}\n\nsnapshots:\n  alpha@1.2.0: {}\n",
        &["alpha@1.2.0"],
    ),
    (
        "bun.lock",
        "{\n  \"lockfileVersion\": 1,\n  \"workspaces\": { \"\": { \"dependencies\": { \"alpha\": \"^1\", }, }, },\n  \"packages\": {\n    \"alpha\": [\"alpha@1.2.0\", \"\", {}, \"sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=\"],\n  }\n}\n",
        &["alpha@1.2.0"],
    ),
    (
        "deno.lock",
        "{\"version\": \"5\",\n\"specifiers\": {\"npm:alpha@1\": \"1.2.0\", \"jsr:@std/path@1\": \"1.0.8\"},\n\"jsr\": {\"@std/path@1.0.8\": {\"integrity\": \"00\"}},\n\"npm\": {\"alpha@1.2.0_beta@1.0.0\": {}}}\n",
        &["alpha@1.2.0", "@std/path@1.0.8"],
    ),
    (
        "deno.json",
        "{ // tools\n \"imports\": {\"a\": \"npm:alpha@1.2.0/sub\", \"p\": \"jsr:@std/path@^1\"}}\n",
        &["alpha@1.2.0", "@std/path?^1"],
    ),
    (
        "package.json",
        "{\"dependencies\": {\"alpha\": \"^1.0.0\"},\n\"devDependencies\": {\"beta\": \"2.0.0\"}}\n",
        &["alpha?^1.0.0", "beta@2.0.0"],
    ),
    (
        "node_modules/alpha/package.json",
        "{\"name\": \"alpha\",\n\"version\": \"1.2.0\", \"license\": \"MIT\"}",
        &["alpha@1.2.0"],
    ),
    (
        "requirements.txt",
        "# what runs\nalpha==1.2.0 \\\n  --hash=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nBeta_x[extra] >= 2.0, < 3 ; python_version > \"3\"  # note\n-c limits.txt\n",
        &["alpha@1.2.0", "Beta_x?>= 2.0, < 3"],
    ),
    (
        "Pipfile.lock",
        "{\"_meta\": {}, \"default\": {\n\"alpha\": {\"version\": \"==1.2.0\"}}, \"develop\": {\"beta\": {\"version\": \"==2.0\"}}}",
        &["alpha@1.2.0", "beta@2.0"],
    ),
    ("Pipfile", "[packages]\nalpha = \"*\"\nbeta = \"==2.0\"\n", &["alpha", "beta@2.0"]),
    (
        "poetry.lock",
        "[[package]]\nname = \"alpha\"\nversion = \"1.2.0\"\noptional = false\n\n[package.dependencies]\nbeta = \">=1\"\n\n[[package]]\nname = \"beta\"\nversion = \"1.0\"\n",
        &["alpha@1.2.0", "beta@1.0"],
    ),
    (
        "pdm.lock",
        "[metadata]\nlock_version = \"4.5\"\n\n[[package]]\nname = \"alpha\"\nversion = \"1.2.0\"\ngroups = [\"default\"]\n",
        &["alpha@1.2.0"],
    ),
    (
        "uv.lock",
        "version = 1\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\ndependencies = [{ name = \"alpha\" }]\n\n[[package]]\nname = \"alpha\"\nversion = \"1.2.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n",
        &["app@0.1.0", "alpha@1.2.0"],
    ),
    (
        "pylock.toml",
        "lock-version = \"1.0\"\n\n[[packages]]\nname = \"alpha\"\nversion = \"1.2.0\"\n",
        &["alpha@1.2.0"],
    ),
    (
        "pyproject.toml",
        "[project]\nname = \"app\"\ndependencies = [\"alpha>=1\"]\n\n[dependency-groups]\ntest = [\"beta==2.0\", {include-group = \"x\"}]\n",
        &["alpha?>=1", "beta@2.0"],
    ),
    (
        "setup.cfg",
        "[metadata]\nname = app\n\n[options]\ninstall_requires =\n    alpha>=1\n    beta==2.0\npython_requires = >=3\n",
        &["alpha?>=1", "beta@2.0"],
    ),
    (
        "setup.py",
        "from setuptools import setup\nNEEDS = [\n    'alpha>=1',  # first\n    \"beta==2.0\",\n]\nsetup(name='app', install_requires=NEEDS)\n",
        &["alpha?>=1", "beta@2.0"],
    ),
    (
        "env/conda-meta/alpha-1.2.0-py_0.json",
        "{\"name\": \"alpha\",\n\"version\": \"1.2.0\", \"build\": \"py_0\"}",
        &["alpha@1.2.0"],
    ),
    (
        "environment.yml",
        "name: env\ndependencies:\n  - alpha=1.2.0=py_0\n  - conda-forge::gamma>=2\n  - pip:\n    - beta==2.0\n",
        &["alpha@1.2.0", "gamma?>=2", "beta@2.0"],
    ),
    (
        "site-packages/alpha-1.2.0.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: alpha\nVersion: 1.2.0\nLicense: MIT\n\nWords.\n",
        &["alpha@1.2.0"],
    ),
    (
        "site-packages/alpha.egg-info",
        "Metadata-Version: 1.0\nName: alpha\nVersion: 1.2.0\n",
        &["alpha@1.2.0"],
    ),
    (
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"alpha\",\n]\n\n[[package]]\nname = \"alpha\"\nversion = \"1.2.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n",
        &["app@0.1.0", "alpha@1.2.0"],
    ),
    (
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\n\n[dependencies]\nalpha = \"1.2\"\nbeta = { version = \"=2.0.0\", optional = true }\n",
        &["app@0.1.0", "alpha?1.2", "beta@2.0.0"],
    ),
    (
        "go.mod",
        "module example.test/app\n\ngo 1.22.3\n\nrequire (\n\texample.test/alpha v1.2.0\n\texample.test/beta/v2 v2.0.0 // indirect\n)\n",
        &["example.test/alpha@v1.2.0", "example.test/beta/v2@v2.0.0", "stdlib@1.22.3"],
    ),
    (
        "go.sum",
        "example.test/alpha v1.1.0/go.mod h1:x=\nexample.test/alpha v1.2.0 h1:x=\nexample.test/alpha v1.2.0/go.mod h1:x=\n",
        &["example.test/alpha@v1.2.0"],
    ),
    ("go.work", "go 1.22\n\nuse ./a\n", &["stdlib@1.22"]),
    (
        "vendor/modules.txt",
        "# example.test/alpha v1.2.0\n## explicit; go 1.20\nexample.test/alpha/x\n# example.test/beta v1.0.0\nexample.test/beta\n",
        &["example.test/alpha@v1.2.0", "example.test/beta@v1.0.0"],
    ),
    (
        "Gopkg.lock",
        "[[projects]]\n  name = \"example.test/alpha\"\n  packages = [\".\"]\n  revision = \"0123456789\"\n  version = \"v1.2.0\"\n",
        &["example.test/alpha@v1.2.0"],
    ),
    (
        "glide.lock",
        "hash: x\nimports:\n- name: example.test/alpha\n  version: 0123456789abcdef\ntestImports: []\n",
        &["example.test/alpha@0123456789abcdef"],
    ),
    (
        "Godeps/Godeps.json",
        "{\"ImportPath\": \"example.test/own\", \"Deps\": [\n{\"ImportPath\": \"example.test/alpha\", \"Comment\": \"v1.2.0\", \"Rev\": \"0123456789012345678901234567890123456789\"}\n]}",
        &["example.test/alpha@v1.2.0"],
    ),
    (
        "shrinkwrap.yaml",
        "dependencies:\n  alpha: 1.0.0\npackages:\n  /alpha/1.0.0:\n    resolution:\n      integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=\nshrinkwrapVersion: 3\n",
        &["alpha@1.0.0"],
    ),
    (
        "conda-lock.yml",
        "version: 1\npackage:\n- name: alpha\n  version: '1.0'\n  manager: conda\n",
        &["alpha@1.0"],
    ),
    (
        "pixi.lock",
        "version: 6\npackages:\n- conda: https://conda.anaconda.org/conda-forge/linux-64/alpha-1.0-h0_0.conda\n",
        &["alpha@1.0"],
    ),
    (
        "vendor/vendor.json",
        "{\"package\": [\n{\"path\": \"example.test/alpha\", \"revision\": \"0123456789\", \"versionExact\": \"v1.2.0\"}\n]}",
        &["example.test/alpha@v1.2.0"],
    ),
];
