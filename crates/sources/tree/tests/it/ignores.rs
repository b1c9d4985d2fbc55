//! Ignore files against `git ls-files`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use palisade_testkit::IGNORE_LINES;
use palisade_tree::{ListOptions, list};
use proptest::prelude::*;

use crate::write;

/// What git would track of `root`, which is no repository yet.
fn git_files(root: &Path) -> BTreeSet<String> {
    let git = |args: &[&str]| {
        let output = Command::new("git")
            .current_dir(root)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "--quiet", "--template="]);
    let listed = git(&["ls-files", "-z", "--others", "--exclude-standard"]);
    std::fs::remove_dir_all(root.join(".git")).unwrap();
    listed.split_terminator('\0').map(str::to_owned).collect()
}

fn our_files(root: &Path) -> BTreeSet<String> {
    let listing = list(root, ListOptions { respect_ignores: true }).unwrap();
    assert!(listing.gaps.iter().all(|gap| !gap.blocking), "{:?}", listing.gaps);
    listing.files.iter().map(|file| file.path.to_string()).collect()
}

const FILES: [&str; 10] =
    ["a", "b.o", "a b", "d/a", "d/b.o", "d/e/a", "d/e/b.o", "build/x", "build/keep/a", "d/build/x"];

fn ignore_file() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(IGNORE_LINES.to_vec()), 0..5)
        .prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_git(root in ignore_file(), d in ignore_file(), e in ignore_file(), build in ignore_file()) {
        let folder = tempfile::tempdir().unwrap();
        FILES.iter().for_each(|name| write(folder.path(), name, ""));
        for (name, content) in [("", &root), ("d/", &d), ("d/e/", &e), ("build/", &build)] {
            write(folder.path(), &format!("{name}.gitignore"), content);
        }
        prop_assert_eq!(our_files(folder.path()), git_files(folder.path()));
    }
}

#[test]
fn only_the_tree_speaks() {
    let folder = tempfile::tempdir().unwrap();
    let outer = folder.path();
    write(outer, ".gitignore", "f\n");
    write(outer, "in/f", "");
    write(outer, "in/.ignore", "f\n");
    write(outer, "in/.git/info/exclude", "f\n");
    std::os::unix::fs::symlink("../.gitignore", outer.join("in/.gitignore")).unwrap();
    let expected = [".gitignore", ".ignore", "f"].map(str::to_owned);
    assert_eq!(our_files(&outer.join("in")), BTreeSet::from(expected));
}
