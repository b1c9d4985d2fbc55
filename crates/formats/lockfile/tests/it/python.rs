use palisade_model::{PackageEvidence, PackageOrigin, Relation, Scope};

use crate::{named, read, roles, together, told};

#[test]
fn requirements_of_all_forms() {
    let reading = read(
        "requirements-dev.txt",
        "--index-url https://pypi.example.test/simple\n-r requirements.txt\nAlpha_One.x==1.0; python_version<'3' --hash=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n-e git+https://h.test/r.git@0123456789abcdef#egg=repo[x]\nwhole @ https://h.test/whole-1.0.tar.gz\nhttps://h.test/Wheel-2.0-py3-none-any.whl\n./local/pkg\nbeta==1.*\ngamma==${VERSION}\ndelta==1.0 -C x=y\n",
    );
    assert_eq!(reading.problems, []);
    assert_eq!(
        told(&reading.packages),
        [
            "Alpha_One.x@1.0",
            "repo",
            "whole",
            "Wheel@2.0",
            "pkg",
            "beta?==1.*",
            "gamma?==${VERSION}",
            "delta@1.0"
        ]
    );
    let alpha = &reading.packages[0];
    assert_eq!(
        (alpha.purl.name(), alpha.scope, alpha.evidence),
        ("alpha-one-x", Scope::Dev, PackageEvidence::Locked)
    );
    assert_eq!(alpha.hashes.len(), 1);
    assert!(matches!(&reading.packages[1].origin, PackageOrigin::Git { commit: Some(_), .. }));
    assert!(matches!(reading.packages[2].origin, PackageOrigin::Url { .. }));
    assert!(matches!(reading.packages[4].origin, PackageOrigin::Local { .. }));
}

#[test]
fn files_that_are_taken_in_have_to_be_read() {
    assert_eq!(read("a/requirements.txt", "-r ../requirements/base.txt\n-c limits.txt\n").problems, []);
    for line in
        ["-r base.txt", "--requirement=https://h.test/requirements.txt", "-r ../../../requirements.txt"]
    {
        assert_eq!(read("a/requirements.txt", line).problems.len(), 1, "{line}");
    }
    let reading = read("requirements.txt", "a==1\n==2\nb = 3\nc==3\n");
    assert_eq!(reading.problems.iter().map(|problem| problem.line.unwrap()).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(told(&reading.packages), ["a@1", "c@3"]);
}

#[test]
fn compiled_requirements_tell_who_asks() {
    let files = together(&[
        ("requirements.in", "flask-like\n"),
        (
            "requirements.txt",
            "flask-like==1.0\n    # via -r requirements.in\nbase==2.0\n    # via\n    #   flask-like\n    #   other\nother==3.0  # via flask-like\n",
        ),
    ]);
    assert_eq!(
        roles(&files["requirements.txt"].packages),
        ["flask-like Direct prod [base other]", "base Transitive prod []", "other Transitive prod [base]"]
    );
    assert!(files["requirements.in"].packages.is_empty());
}

#[test]
fn requirements_in_utf_16_are_read() {
    let bytes: Vec<u8> = "\u{feff}alpha==1.0\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let record = crate::record("requirements.txt", &bytes);
    assert_eq!(record.reading().problems, []);
    assert_eq!(told(&record.reading().packages), ["alpha@1.0"]);
}

#[test]
fn poetry_old_and_new_with_its_manifest() {
    let old = "[[package]]\nname = \"alpha\"\nversion = \"1.0\"\ncategory = \"main\"\noptional = false\n\n[package.dependencies]\nBeta = \">=1\"\n\n[[package]]\nname = \"beta\"\nversion = \"1.0\"\ncategory = \"main\"\n\n[[package]]\nname = \"tester\"\nversion = \"1.0\"\ncategory = \"dev\"\n\n[metadata.files]\nalpha = [{file = \"a.whl\", hash = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}]\n";
    let new = "[[package]]\nname = \"alpha\"\nversion = \"1.0\"\nfiles = [{file = \"a.whl\", hash = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}]\n\n[package.dependencies]\nBeta = {version = \">=1\", optional = true}\n\n[[package]]\nname = \"beta\"\nversion = \"1.0\"\n\n[[package]]\nname = \"tester\"\nversion = \"1.0\"\n\n[package.source]\ntype = \"git\"\nurl = \"https://h.test/t.git\"\nreference = \"main\"\nresolved_reference = \"0123456789abcdef\"\n";
    let manifest = "[tool.poetry.dependencies]\npython = \"^3.9\"\nalpha = \"^1.0\"\n[tool.poetry.group.dev.dependencies]\ntester = { git = \"https://h.test/t.git\" }\n[build-system]\nrequires = [\"poetry-core\"]\n";
    for text in [old, new] {
        let files = together(&[("poetry.lock", text), ("pyproject.toml", manifest)]);
        let packages = &files["poetry.lock"].packages;
        assert_eq!(
            roles(packages),
            ["alpha Direct prod [beta]", "beta Transitive prod []", "tester Direct dev []"]
        );
        assert_eq!(packages[0].hashes.len(), 1);
        assert_eq!(told(&files["pyproject.toml"].packages), ["poetry-core"]);
    }
    assert!(matches!(
        &read("poetry.lock", new).packages[2].origin,
        PackageOrigin::Git { commit: Some(_), .. }
    ));
}

#[test]
fn pipenv_with_its_manifest() {
    let files = together(&[
        (
            "Pipfile",
            "[[source]]\nname = \"own\"\nurl = \"https://u:p@pypi.example.test/simple\"\n[packages]\nalpha = \"*\"\n[dev-packages]\ntester = \"*\"\n",
        ),
        (
            "Pipfile.lock",
            r#"{"_meta": {"sources": [{"name": "own", "url": "https://u:p@pypi.example.test/simple"}, {"name": "pypi", "url": "https://pypi.org/simple"}]},
"default": {"alpha": {"version": "==1.0", "index": "own"}, "beta": {"version": "==1.0", "index": "pypi"}},
"develop": {"beta": {"version": "==1.0", "index": "pypi"}, "tester": {"git": "https://h.test/t.git", "ref": "0123456789abcdef"}}}"#,
        ),
    ]);
    let packages = &files["Pipfile.lock"].packages;
    assert_eq!(roles(packages), ["alpha Direct prod []", "beta Transitive prod []", "tester Direct dev []"]);
    assert_eq!(
        packages[0].origin,
        PackageOrigin::Registry { url: "https://pypi.example.test/simple".into() }
    );
    assert_eq!(packages[1].origin, PackageOrigin::Default);
    assert!(files["Pipfile"].packages.is_empty());
}

#[test]
fn pdm_merges_extras_and_keeps_groups() {
    let reading = read(
        "pdm.lock",
        "[[package]]\nname = \"alpha\"\nversion = \"1.0\"\ngroups = [\"default\"]\ndependencies = [\"beta>=1; os_name == 'nt'\"]\n[[package]]\nname = \"alpha\"\nversion = \"1.0\"\nextras = [\"x\"]\ngroups = [\"test\"]\ndependencies = [\"alpha==1.0\"]\n[[package]]\nname = \"beta\"\nversion = \"2.0\"\ngroups = [\"docs\"]\n",
    );
    assert_eq!(roles(&reading.packages), ["alpha Unknown prod [beta]", "beta Unknown dev []"]);
}

/// PDM 2.26: what extras bring has their names among the groups.
#[test]
fn pdm_s_extras_are_told_by_the_manifest() {
    let files = together(&[
        (
            "pdm.lock",
            "[[package]]\nname = \"alpha\"\nversion = \"1.0\"\ngroups = [\"lint\", \"pg\"]\ndependencies = [\"beta\"]\n[[package]]\nname = \"beta\"\nversion = \"2.0\"\ngroups = [\"pg\"]\n[[package]]\nname = \"gamma\"\nversion = \"1.0\"\ngroups = [\"default\", \"pg\"]\n[[package]]\nname = \"delta\"\nversion = \"1.0\"\ngroups = [\"lint\"]\n",
        ),
        (
            "pyproject.toml",
            "[project]\nname = \"app\"\ndependencies = [\"gamma\"]\n[project.optional-dependencies]\npg = [\"alpha\"]\n[dependency-groups]\nlint = [\"alpha\", \"delta\"]\n",
        ),
    ]);
    assert_eq!(
        roles(&files["pdm.lock"].packages),
        [
            "alpha Direct optional [beta]",
            "beta Transitive optional []",
            "gamma Direct prod []",
            "delta Direct dev []",
        ]
    );
}

/// What is installed in place from beside a project is no part of it (uv 0.13; `members` stands there when there is more than one).
#[test]
fn uv_tells_projects_from_folders_beside_them() {
    let of = |members: &str| {
        let text = format!(
            "version = 1\n{members}[[package]]\nname = \"app\"\nversion = \"0.1.0\"\nsource = {{ virtual = \".\" }}\n[package.dev-dependencies]\ndev = [{{ name = \"beside\" }}]\n[[package]]\nname = \"beside\"\nversion = \"0.1.0\"\nsource = {{ editable = \"../beside\" }}\ndependencies = [{{ name = \"alpha\" }}]\n[[package]]\nname = \"part\"\nversion = \"0.1.0\"\nsource = {{ editable = \"part\" }}\ndependencies = [{{ name = \"beta\" }}]\n[[package]]\nname = \"alpha\"\nversion = \"1.0\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\n[[package]]\nname = \"beta\"\nversion = \"1.0\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\n"
        );
        roles(&read("uv.lock", &text).packages)
    };
    let beside = ["app Direct prod [beside]", "beside Direct dev [alpha]"];
    let alone = of("");
    assert_eq!(alone[..2], beside);
    assert_eq!(alone[3], "alpha Transitive dev []");
    let many = of("[manifest]\nmembers = [\"app\", \"part\"]\n");
    assert_eq!(many[..2], beside);
    assert_eq!(many[2..], ["part Direct prod [beta]", "alpha Transitive dev []", "beta Direct prod []"]);
}

/// Pipenv 2026.10 on a system that a marker leaves out.
#[test]
fn pipenv_pins_nothing_of_other_systems() {
    let packages = read(
        "Pipfile.lock",
        r#"{"default": {"alpha": {"markers": "sys_platform == 'win32'", "version": "*"},
"beta": {"markers": "sys_platform == 'win32'", "version": ">=2.0"}, "gamma": {"version": "==1.0"}}}"#,
    )
    .packages;
    let told: Vec<_> =
        packages.iter().map(|package| (package.purl.version(), package.wanted.as_deref())).collect();
    assert_eq!(told, [(None, None), (None, Some(">=2.0")), (Some("1.0"), None)]);
}

#[test]
fn a_pin_of_pipenv_that_is_none_is_told() {
    let text = "{\"default\": {\n\"a\": {\"version\": null},\n\"b\": {\"version\": \"\"},\n\"c\": {},\n\"d\": {\"version\": [1]},\n\"e\": {\"version\": \"*\"},\n\"f\": {\"version\": null, \"path\": \".\"},\n\"g\": {\"version\": \"==1\"}}}";
    let reading = read("Pipfile.lock", text);
    assert_eq!(reading.problems.iter().filter_map(|problem| problem.line).collect::<Vec<_>>(), [2, 3, 4, 5]);
    assert_eq!(told(&reading.packages), ["a", "b", "c", "d", "e", "f", "g@1"]);
}

#[test]
fn uv_knows_everything_itself() {
    let files = together(&[
        (
            "uv.lock",
            "version = 1\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\nsource = { editable = \".\" }\ndependencies = [{ name = \"alpha\", version = \"2.0\", source = { registry = \"https://pypi.org/simple\" } }, { name = \"member\" }]\n[package.optional-dependencies]\nextra = [{ name = \"opt\" }]\n[package.dev-dependencies]\ndev = [{ name = \"tester\" }]\n[[package]]\nname = \"alpha\"\nversion = \"1.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n[[package]]\nname = \"alpha\"\nversion = \"2.0\"\nsource = { registry = \"https://pypi.org/simple\" }\ndependencies = [{ name = \"base\" }]\nwheels = [{ url = \"https://h.test/a.whl\", hash = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" }]\n[[package]]\nname = \"base\"\nversion = \"1.0\"\nsource = { git = \"https://h.test/b?rev=main#0123456789abcdef\" }\n[[package]]\nname = \"member\"\nversion = \"0.1.0\"\nsource = { editable = \"packages/member\" }\n[[package]]\nname = \"opt\"\nversion = \"1.0\"\nsource = { registry = \"https://own.test/simple\" }\n[[package]]\nname = \"tester\"\nversion = \"1.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n",
        ),
        ("pyproject.toml", "[project]\nname = \"app\"\ndependencies = [\"alpha\", \"member\"]\n"),
        ("packages/member/pyproject.toml", "[project]\nname = \"member\"\ndependencies = [\"lost\"]\n"),
    ]);
    assert_eq!(
        roles(&files["uv.lock"].packages),
        [
            "app Direct prod [alpha member opt tester]",
            "alpha Transitive prod []",
            "alpha Direct prod [base]",
            "base Transitive prod []",
            "member Direct prod []",
            "opt Direct optional []",
            "tester Direct dev []",
        ]
    );
    let packages = &files["uv.lock"].packages;
    assert_eq!(packages[2].hashes.len(), 1);
    assert!(matches!(&packages[3].origin, PackageOrigin::Git { commit: Some(_), .. }));
    assert_eq!(packages[5].origin, PackageOrigin::Registry { url: "https://own.test/simple".into() });
    assert!(files["pyproject.toml"].packages.is_empty());
    assert_eq!(told(&files["packages/member/pyproject.toml"].packages), ["lost"]);
}

#[test]
fn the_standard_lockfile() {
    let reading = read(
        "pylock.dev.toml",
        "lock-version = \"1.0\"\n[[packages]]\nname = \"alpha\"\nversion = \"1.0\"\nindex = \"https://pypi.org/simple/\"\ndependencies = [{name = \"repo\"}]\nwheels = [{name = \"a.whl\", url = \"https://h.test/a.whl\", hashes = {sha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}}]\n[[packages]]\nname = \"repo\"\nvcs = {type = \"git\", url = \"https://h.test/r.git\", commit-id = \"0123456789abcdef\"}\n[[packages]]\nname = \"own\"\ndirectory = {path = \".\"}\n",
    );
    assert_eq!(reading.problems, []);
    assert_eq!(roles(&reading.packages)[0], "alpha Unknown prod [repo]");
    assert_eq!(reading.packages[0].hashes[0].algorithm, "SHA-256");
    assert_eq!(reading.packages[2].origin, PackageOrigin::Local { path: ".".into() });
}

/// PEP 751, "Dependency Groups and Extras": markers tell what a lockfile for many uses has a package for.
#[test]
fn markers_of_the_standard_lockfile_tell_what_for() {
    let markers = [
        r#""default" in dependency_groups"#,
        r#""dev" in dependency_groups and sys_platform == "win32" or "test" in dependency_groups"#,
        "('pg' in extras or 'lint' in dependency_groups) and python_version < '3.13'",
        r#""dev" in dependency_groups or sys_platform == "win32""#,
        r#""dev" not in dependency_groups"#,
        r#"sys_platform == "win32""#,
    ];
    let entries = markers.iter().enumerate().map(|(index, marker)| {
        format!("[[packages]]\nname = \"p{index}\"\nversion = \"1\"\nmarker = {marker:?}\n")
    });
    let text = format!("lock-version = \"1.0\"\n{}", entries.collect::<String>());
    assert_eq!(
        roles(&read("pylock.toml", &text).packages),
        [
            "p0 Unknown prod []",
            "p1 Unknown test []",
            "p2 Unknown optional []",
            "p3 Unknown prod []",
            "p4 Unknown prod []",
            "p5 Unknown prod []",
        ]
    );
}

#[test]
fn setup_py_is_never_run() {
    let reading = read(
        "setup.py",
        "import os\nBASE = ['never']\nsetup(\n  install_requires=['alpha>=1', \"beta\" \"[x]\", f'{x}', 'gamma' + suffix],\n  extras_require={'test': ['pytest-like==1.0'], 'more': more},\n  tests_require=read('x.txt'),\n  setup_requires=None,\n)\n",
    );
    assert_eq!(told(&reading.packages), ["alpha?>=1", "pytest-like@1.0"]);
    assert_eq!(reading.problems.iter().map(|problem| problem.line.unwrap()).collect::<Vec<_>>(), [4, 5, 6]);
    assert_eq!(named(&reading.packages, "pytest-like").scope, Scope::Optional);
    assert_eq!(read("setup.py", "from setuptools import setup\nsetup()\n").problems, []);
}

#[test]
fn setup_py_may_split_and_join() {
    let reading = read(
        "setup.py",
        "setup(\n  install_requires=['alpha==1'] + \"\"\"\nbeta==2\n gamma>=3\n\"\"\".strip().split('\\n') + ['delta==4'],\n  extras_require={'x': \"\"\"\nepsilon==5 zeta==6\n\"\"\".split()},\n  tests_require='eta==7'.upper(),\n)\n",
    );
    assert_eq!(told(&reading.packages), ["alpha@1", "beta@2", "gamma?>=3", "delta@4", "epsilon@5", "zeta@6"]);
    assert_eq!(named(&reading.packages, "epsilon").line, 7);
    assert_eq!(reading.problems.iter().map(|problem| problem.line.unwrap()).collect::<Vec<_>>(), [9]);
}

#[test]
fn a_version_ends_before_a_comment_and_is_one() {
    let reading = read("requirements.txt", "alpha==3.0.0#why\nbeta=='invalid-version'\n");
    assert_eq!(told(&reading.packages), ["alpha@3.0.0"]);
    assert_eq!(reading.problems.iter().map(|problem| problem.line.unwrap()).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_project_is_a_package_where_no_lockfile_tells() {
    let text = "[project]\nname = \"My.App\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ndependencies = [\"alpha>=1\"]\n";
    let reading = read("pyproject.toml", text);
    let own = &reading.packages[0];
    assert_eq!((own.purl.to_string().as_str(), &own.ecosystem), ("pkg:pypi/my-app@1.0.0", &None));
    assert_eq!(own.origin, PackageOrigin::Local { path: String::new() });
    let locked = "version = 1\n[[package]]\nname = \"alpha\"\nversion = \"1.2\"\n";
    let files = together(&[("pyproject.toml", text), ("uv.lock", locked)]);
    assert!(files["pyproject.toml"].packages.is_empty());
}

#[test]
fn installed_distributions_whatever_their_description() {
    let bytes = b"Metadata-Version: 2.4\r\nName: Alpha.One\r\nVersion: 1.0\r\nLicense-Expression: MIT OR Apache-2.0\r\nLicense: MIT\r\n\r\n\xff\xfe words\r\n";
    let record = crate::record("lib/Alpha.One-1.0.dist-info/METADATA", bytes);
    assert_eq!(record.reading().problems, []);
    let package = &record.reading().packages[0];
    assert_eq!(package.purl.to_string(), "pkg:pypi/alpha-one@1.0");
    assert_eq!(
        (package.licences[0].as_str(), package.evidence),
        ("MIT OR Apache-2.0", PackageEvidence::Installed)
    );
    assert_eq!(package.relation, Relation::Unknown);
}

/// PEP 639, "Deprecate license classifiers": many have nothing else.
#[test]
fn classifiers_tell_licences_where_no_field_does() {
    let licences = |lines: &str| {
        let text = format!("Metadata-Version: 2.1\nName: a\nVersion: 1.0\n{lines}\n");
        read("lib/a-1.0.dist-info/METADATA", &text).packages[0].licences.clone()
    };
    let mit = "Classifier: License :: OSI Approved :: MIT License\n";
    let bsd = "Classifier: License :: OSI Approved :: BSD License\n";
    let none = "Classifier: License :: OSI Approved\nClassifier: Topic :: Utilities\n";
    assert_eq!(licences(&format!("{none}{mit}{bsd}")), ["MIT", "BSD License"]);
    assert_eq!(licences(&format!("License: BSD-3-Clause\n{bsd}")), ["BSD-3-Clause"]);
    assert_eq!(licences(&format!("License: UNKNOWN\n{mit}")), ["MIT"]);
    assert_eq!(licences(none), [""; 0]);
}

#[test]
fn a_project_of_setuptools_is_told_where_its_version_is_plain() {
    let local = |reading: palisade_model::Reading| -> Vec<String> {
        let own = |package: &&palisade_model::Package| matches!(package.origin, PackageOrigin::Local { .. });
        reading.packages.iter().filter(own).map(crate::one).collect()
    };
    let plain = "setup(\n    install_requires=['a==1'],\n    name='Own', version=\"1.2\")\n";
    assert_eq!(local(read("setup.py", plain)), ["Own@1.2"]);
    let by_names = "NAME = 'own'\n__version__ = '1.3'\nsetuptools.setup(name=NAME, version=__version__,)\n";
    assert_eq!(local(read("setup.py", by_names)), ["own@1.3"]);
    for unknown in [
        "setup(name='own', version=read('VERSION'))",
        "setup(name='own', version='1.' + minor)",
        "version = '1.' + minor\nsetup(name='own', version=version)",
        "setup(name='own', extras=dict(version='2'))",
        "Extension(name='own', version='2')\nsetup(**options)",
    ] {
        assert_eq!(local(read("setup.py", unknown)), [""; 0], "{unknown}");
    }
    let options = "[metadata]\nname = own\nversion = 1.4\n[options]\ninstall_requires =\n  a==1\n";
    assert_eq!(local(read("setup.cfg", options)), ["own@1.4"]);
    for unknown in ["attr: own.__version__", "file: VERSION"] {
        assert_eq!(
            local(read("setup.cfg", &format!("[metadata]\nname = own\nversion = {unknown}\n"))),
            [""; 0]
        );
    }
}

const CONDA_LOCK: &str = "version: 1\nmetadata:\n  content_hash: {}\npackage:\n- name: alpha\n  version: '1.0'\n  manager: conda\n  platform: linux-64\n  dependencies:\n    beta: '>=2'\n    __glibc: '>=2.17'\n  url: https://conda.anaconda.org/conda-forge/linux-64/alpha-1.0-h0_0.conda\n  hash:\n    md5: d41d8cd98f00b204e9800998ecf8427e\n  category: main\n  optional: false\n- name: beta\n  version: '2.0'\n  manager: conda\n  platform: linux-64\n  dependencies: {}\n  url: https://conda.anaconda.org/conda-forge/noarch/beta-2.0-py_0.tar.bz2\n  category: dev\n  optional: true\n- name: Gamma\n  version: '3.0'\n  manager: pip\n  platform: linux-64\n  dependencies:\n    alpha: '*'\n  url: https://files.pythonhosted.org/packages/x/gamma-3.0-py3-none-any.whl\n  category: main\n  optional: false\n- name: beta\n  version: '2.0'\n  manager: conda\n  platform: osx-64\n  url: https://conda.anaconda.org/conda-forge/noarch/beta-2.0-py_0.tar.bz2\n  category: main\n";

#[test]
fn conda_locks_every_platform() {
    let reading = read("conda-lock.yml", CONDA_LOCK);
    assert_eq!(reading.problems, []);
    assert_eq!(told(&reading.packages), ["alpha@1.0", "beta@2.0", "Gamma@3.0"]);
    assert_eq!(
        roles(&reading.packages),
        ["alpha Unknown prod [beta]", "beta Unknown prod []", "Gamma Unknown prod [alpha]"]
    );
    assert_eq!(reading.packages[0].purl.to_string(), "pkg:conda/alpha@1.0?channel=conda-forge");
    assert_eq!(reading.packages[2].purl.to_string(), "pkg:pypi/gamma@3.0");
    assert_eq!(reading.packages[0].hashes[0].algorithm, "MD5");
    assert_eq!(read("conda-lock.yml", "version: 9\npackage: []\n").problems.len(), 1);
}

#[test]
fn pixi_locks_by_addresses_or_names() {
    let newer = "version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n      - conda: https://conda.anaconda.org/conda-forge/linux-64/alpha-two-1.0-h0_0.conda\npackages:\n- conda: https://conda.anaconda.org/conda-forge/linux-64/alpha-two-1.0-h0_0.conda\n  sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n  depends:\n  - beta >=2,<3\n  - __glibc >=2.17\n  license: MIT\n- conda: https://conda.anaconda.org/conda-forge/noarch/beta-2.0-py_0.tar.bz2\n- pypi: https://files.pythonhosted.org/packages/x/gamma-3.0-py3-none-any.whl\n  name: gamma\n  version: '3.0'\n  requires_dist:\n  - delta>=4 ; extra == 'x'\n- pypi: ./own\n  name: own\n  version: 0.1.0\n";
    let reading = read("pixi.lock", newer);
    assert_eq!(reading.problems, []);
    assert_eq!(told(&reading.packages), ["alpha-two@1.0", "beta@2.0", "gamma@3.0", "own@0.1.0"]);
    assert_eq!(roles(&reading.packages)[0], "alpha-two Unknown prod [beta]");
    assert_eq!(reading.packages[0].licences, ["MIT"]);
    assert_eq!(reading.packages[3].origin, PackageOrigin::Local { path: "./own".into() });
    let older = "version: 5\npackages:\n- kind: conda\n  name: alpha\n  version: '1.0'\n  build: h0_0\n  subdir: linux-64\n  url: https://conda.anaconda.org/conda-forge/linux-64/alpha-1.0-h0_0.conda\n- kind: pypi\n  name: gamma\n  version: '3.0'\n  url: https://files.pythonhosted.org/packages/x/gamma-3.0-py3-none-any.whl\n";
    assert_eq!(told(&read("pixi.lock", older).packages), ["alpha@1.0", "gamma@3.0"]);
    assert_eq!(read("pixi.lock", "version: 6\npackages:\n- conda: nothing\n").problems[0].line, Some(3));
}

/// PDM writes the fields of an application, which nobody installs, without a word in them.
#[test]
fn a_project_without_a_name_is_none() {
    let reading =
        read("pyproject.toml", "[project]\nname = \"\"\nversion = \"\"\ndependencies = [\"alpha==1\"]\n");
    assert_eq!((told(&reading.packages), reading.problems), (vec!["alpha@1".to_owned()], vec![]));
}
