//! What a range of commits brings.

use std::collections::BTreeSet;

use palisade_testkit::Project;

use super::{commit, env, findings, gaps, git, git_at, keys, repository, scan_with};
use crate::token;

/// The paths of the findings in a range.
#[track_caller]
fn brought(project: &Project, range: &str) -> BTreeSet<String> {
    let answer = scan_with(project.root(), &["--range", range]);
    let found = findings(&answer);
    assert_eq!(answer.code, i32::from(!found.is_empty()), "{range}: {answer}");
    assert!(gaps(&answer).is_empty(), "{range}: {answer}");
    found.iter().map(|one| one["location"]["path"].as_str().unwrap().to_owned()).collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn a_range_brings_what_its_commits_add_even_if_it_is_gone_again() {
    let project = repository();
    project.write("old.env", env(&token::github(1)));
    commit(&project, 1);
    git(project.root(), &["branch", "base"]);
    project.write("brief.env", env(&token::github(2)));
    let brief = commit(&project, 2);
    git(project.root(), &["rm", "--quiet", "brief.env"]);
    commit(&project, 3);
    project.write("stays.env", env(&token::github(3)));
    commit(&project, 4);
    git(project.root(), &["tag", "-a", "v1", "-m", "v1"]);
    assert_eq!(brought(&project, "base..main"), set(["brief.env", "stays.env"]));
    assert_eq!(brought(&project, "base..v1"), set(["brief.env", "stays.env"]));
    assert_eq!(brought(&project, "HEAD"), set(["brief.env", "old.env", "stays.env"]));
    assert_eq!(brought(&project, "HEAD~1.."), set(["stays.env"]));
    assert_eq!(brought(&project, "HEAD~2..HEAD~1"), set([]));
    assert_eq!(brought(&project, "main..main"), set([]));
    assert_eq!(brought(&project, "main..base"), set([]));
    let found = findings(&scan_with(project.root(), &["--range", "base..HEAD~1"]).expect(1));
    assert_eq!(found[0]["history"]["first"]["id"], brief, "{found:?}");
}

#[test]
fn both_sides_of_three_dots_and_the_content_of_a_merge_count() {
    let project = repository();
    commit(&project, 1);
    for (minute, name) in [(2, "left"), (3, "right")] {
        git(project.root(), &["checkout", "--quiet", "-b", name, "main"]);
        project.write(format!("{name}.env"), env(&token::github(minute.into())));
        commit(&project, minute);
    }
    assert_eq!(brought(&project, "left...right"), set(["left.env", "right.env"]));
    assert_eq!(brought(&project, "left..right"), set(["right.env"]));
    git_at(project.root(), 4, &["merge", "--quiet", "--no-ff", "--no-commit", "left"]).expect(0);
    project.write("merge.env", env(&token::github(9)));
    commit(&project, 5);
    git(project.root(), &["rm", "--quiet", "merge.env"]);
    commit(&project, 6);
    assert_eq!(
        brought(&project, "right~2..right"),
        set(["left.env", "merge.env"]),
        "the merge and its other side"
    );
    git(project.root(), &["branch", "merged", "HEAD~1"]);
    assert_eq!(brought(&project, "merged^!"), set(["merge.env"]), "what no parent has");
    assert_eq!(brought(&project, "merged^@"), set(["left.env", "right.env"]));
}

#[test]
fn messages_of_the_range_count() {
    let project = repository();
    commit(&project, 1);
    let message = format!("deployed with {}", token::github(5));
    git_at(project.root(), 2, &["commit", "--quiet", "--allow-empty", "-m", &message]).expect(0);
    let answer = scan_with(project.root(), &["--range", "HEAD~1..HEAD"]).expect(1);
    token::assert_hidden(&token::github(5), &answer.stdout, "the report");
    assert_eq!(findings(&answer).len(), 1);
}

/// What only counts by the name of its file counts under whichever of its names says so, at once or in a later commit.
#[test]
fn a_content_with_several_names_counts_by_the_one_that_says_most() {
    for later in [false, true] {
        let project = repository();
        project.write("start", "");
        commit(&project, 1);
        let password = format!("{}\n", token::word(8));
        project.write("a.txt", &password).write("b.rs", &password);
        if later {
            commit(&project, 2);
        }
        project.write("db_password.txt", &password);
        let id = commit(&project, 3);
        assert_eq!(brought(&project, "HEAD"), set(["db_password.txt"]), "{later}");
        let range = scan_with(project.root(), &["--range", "HEAD"]);
        assert_eq!(keys(&range), keys(&scan_with(project.root(), &["--history"])), "{later}");
        assert_eq!(findings(&range)[0]["history"]["first"]["id"], id, "{later}");
        git(project.root(), &["rm", "--quiet", "db_password.txt"]);
        commit(&project, 4);
        assert_eq!(brought(&project, "HEAD"), set(["db_password.txt"]), "{later}");
    }
}

/// Names of files that share one content, of a folder, and of a submodule.
#[test]
fn names_that_the_range_brings_count() {
    let project = repository();
    project.write("first", "").write(token::github(40), "");
    let old = commit(&project, 1);
    project.write(token::github(41), "").write(format!("{}/inside", token::github(42)), "");
    let module = format!("160000,{old},{}", token::github(43));
    git(project.root(), &["update-index", "--add", "--cacheinfo", &module]);
    git(project.root(), &["add", "--", &token::github(41), &token::github(42)]);
    git_at(project.root(), 2, &["commit", "--quiet", "-m", "names"]).expect(0);
    git(project.root(), &["rm", "--quiet", "-r", "--cached", "."]);
    git_at(project.root(), 3, &["commit", "--quiet", "-m", "gone"]).expect(0);
    let answer = scan_with(project.root(), &["--range", "HEAD~2..HEAD"]).expect(1);
    assert_eq!(findings(&answer).len(), 3, "{answer}");
    for index in [41, 42, 43] {
        token::assert_hidden(&token::github(index), &answer.stdout, "the report");
    }
    assert!(findings(&answer)[0]["message"].as_str().unwrap().contains("name"), "{answer}");
}

#[test]
fn a_wrong_range_is_2_with_a_hint() {
    let project = repository();
    commit(&project, 1);
    for range in [
        "nowhere..HEAD",
        "HEAD..nowhere",
        "HEAD~7",
        "^HEAD",
        "",
        "..",
        "...",
        "HEAD:file",
        "--all",
        "HEAD..HEAD..HEAD",
    ] {
        let answer = scan_with(project.root(), &[&format!("--range={range}")]);
        assert_eq!(answer.code, 2, "{range:?}: {answer}");
        let plain =
            palisade_testkit::Account::new().run(project.root(), ["scan", &format!("--range={range}")]);
        assert!(plain.code == 2 && plain.stderr.contains("hint: "), "{range:?}: {plain}");
    }
    let empty = repository();
    scan_with(empty.root(), &["--range", "HEAD"]).expect(2);
    scan_with(Project::empty().root(), &["--range", "HEAD"]).expect(2);
    scan_with(project.root(), &["--range", "HEAD", "--history"]).expect(2);
}
