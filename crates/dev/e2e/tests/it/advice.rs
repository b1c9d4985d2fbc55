//! What is said to mend a flaw, in the words of the package manager that wrote the lockfile.

use palisade_testkit::{Account, Project};

use crate::dependencies::{leftish, scan};
use crate::feeds::{finding, know};

/// A root and one member that ask for `leftish` themselves, and one that gets it by `topper`.
fn workspace(lockfile: (&str, &str), more: &[(&str, &str)]) -> Project {
    let project = Project::empty();
    project.write(
        "package.json",
        r#"{"name": "shop", "private": true, "workspaces": ["packages/*"], "dependencies": {"leftish": "1.2.3"}}"#,
    );
    project.write(
        "packages/a/package.json",
        r#"{"name": "@shop/a", "version": "1.0.0", "devDependencies": {"leftish": "1.2.3"}}"#,
    );
    project.write(
        "packages/b/package.json",
        r#"{"name": "@shop/b", "version": "1.0.0", "dependencies": {"topper": "1.0.0"}}"#,
    );
    for (path, text) in more {
        project.write(path, *text);
    }
    project.write(lockfile.0, lockfile.1);
    project
}

#[test]
fn each_package_manager_is_told_its_own_command() {
    let account = Account::new();
    know(&account, &[("npm", &[leftish()])]);
    let yarn = "# yarn lockfile v1\n\nleftish@1.2.3:\n  version \"1.2.3\"\n  resolved \"https://registry.yarnpkg.com/leftish/-/leftish-1.2.3.tgz#2f72bfd0fe7a5a43f4e3e1a0b1b8dd8fba97bb6f\"\n\ntopper@1.0.0:\n  version \"1.0.0\"\n  resolved \"https://registry.yarnpkg.com/topper/-/topper-1.0.0.tgz#3f72bfd0fe7a5a43f4e3e1a0b1b8dd8fba97bb6f\"\n  dependencies:\n    leftish \"1.2.3\"\n";
    let sum = "0".repeat(128);
    let berry = format!(
        "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n\"@shop/a@workspace:packages/a\":\n  version: 0.0.0-use.local\n  resolution: \"@shop/a@workspace:packages/a\"\n  dependencies:\n    leftish: \"npm:1.2.3\"\n  languageName: unknown\n  linkType: soft\n\n\"leftish@npm:1.2.3\":\n  version: 1.2.3\n  resolution: \"leftish@npm:1.2.3\"\n  checksum: 10c0/{sum}\n  languageName: node\n  linkType: hard\n\n\"shop@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"shop@workspace:.\"\n  dependencies:\n    leftish: \"npm:1.2.3\"\n  languageName: unknown\n  linkType: soft\n"
    );
    let pnpm = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      leftish:\n        specifier: 1.2.3\n        version: 1.2.3\n\n  packages/a:\n    devDependencies:\n      leftish:\n        specifier: 1.2.3\n        version: 1.2.3\n\npackages:\n\n  leftish@1.2.3:\n    resolution: {integrity: sha512-AAAA}\n\nsnapshots:\n\n  leftish@1.2.3: {}\n";
    for (lockfile, more, command) in [
        (
            ("yarn.lock", yarn),
            &[][..],
            "yarn upgrade leftish@1.2.5 && yarn workspace @shop/a add --dev leftish@1.2.5",
        ),
        (("yarn.lock", berry.as_str()), &[], "yarn up leftish@1.2.5"),
        (
            ("pnpm-lock.yaml", pnpm),
            &[("pnpm-workspace.yaml", "packages:\n  - packages/*\n")],
            "pnpm update -r leftish@1.2.5",
        ),
    ] {
        let found = scan(&account, &workspace(lockfile, more)).expect(1).json();
        let fix = &finding(&found, "known-vulnerability", "leftish")["package"]["fix"];
        assert_eq!(fix["advice"], command, "{found:#}");
    }
}
