//! Rules of a gitleaks configuration that are for paths alone, in objects of a repository.

use std::collections::BTreeSet;

use palisade_testkit::{Account, Answer, Project};

use super::{commit, findings, gaps, git, repository};

const RULES: &str = "[[rules]]\nid = \"keystore\"\npath = '''\\.p12$'''\n\
    [[rules]]\nid = \"marked\"\npath = '''^secret/'''\nkeywords = [\"marker\"]\n\
    [allowlist]\npaths = ['''allowed''']\n";

/// Rule, path, and the numbers of the first and the last commit.
type Row = (String, String, usize, usize);

/// A keystore that is renamed and then removed, files that get the keyword at once, later and never, and one that is allowed.
fn keystores() -> (Project, Vec<String>) {
    let project = repository();
    project.write("../rules.toml", RULES);
    project.write("a.p12", "one\0").write("allowed.p12", "x").write("empty.p12", "");
    let mut commits = vec![commit(&project, 1)];
    project.write("secret/never", "none").write("secret/later", "none").write("secret/once", "marker");
    git(project.root(), &["mv", "a.p12", "b.p12"]);
    commits.push(commit(&project, 2));
    project.write("secret/later", "MARKER\n");
    git(project.root(), &["rm", "-q", "b.p12"]);
    commits.push(commit(&project, 3));
    (project, commits)
}

fn scan(project: &Project, args: &[&str]) -> Answer {
    let common = ["scan", "--format", "json", "--no-builtin-rules", "--rules", "../rules.toml"];
    Account::new().run(project.root(), [&common, args].concat())
}

fn told(answer: &Answer, commits: &[String]) -> BTreeSet<Row> {
    let number = |id: &serde_json::Value| commits.iter().position(|commit| id == commit).unwrap() + 1;
    let row = |one: &serde_json::Value| {
        let history = &one["history"];
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        assert_eq!(history["paths"], serde_json::json!([one["location"]["path"]]), "{one}");
        let (first, last) = (number(&history["first"]["id"]), number(&history["last"]["id"]));
        (text(&one["rule"]), text(&one["location"]["path"]), first, last)
    };
    findings(answer).iter().map(row).collect()
}

fn rows(rows: &[(&str, &str, usize, usize)]) -> BTreeSet<Row> {
    let row = |(rule, path, first, last): &(&str, &str, usize, usize)| {
        ((*rule).to_owned(), (*path).to_owned(), *first, *last)
    };
    rows.iter().map(row).collect()
}

#[test]
fn a_history_tells_every_path_that_a_rule_is_for() {
    let (project, commits) = keystores();
    for form in ["loose", "packed"] {
        let answer = scan(&project, &["--history"]).expect(1);
        let expected = rows(&[
            ("keystore", "a.p12", 1, 1),
            ("keystore", "b.p12", 2, 2),
            ("keystore", "empty.p12", 1, 3),
            ("marked", "secret/later", 2, 3),
            ("marked", "secret/once", 2, 3),
        ]);
        assert_eq!(told(&answer, &commits), expected, "{form}: {answer}");
        assert!(gaps(&answer).is_empty(), "{form}: {answer}");
        let all = findings(&answer);
        let in_head = |path: &str| {
            all.iter().find(|one| one["location"]["path"] == path).unwrap()["history"]["in_head"].clone()
        };
        assert_eq!((in_head("b.p12"), in_head("empty.p12")), (false.into(), true.into()), "{form}");
        git(project.root(), &["repack", "-q", "-a", "-d", "-f"]);
    }
}

#[test]
fn a_range_tells_the_paths_that_it_brings_also_by_renaming() {
    let (project, commits) = keystores();
    let answer = scan(&project, &["--range", "HEAD~2..HEAD~1"]).expect(1);
    let expected = rows(&[("keystore", "b.p12", 2, 2), ("marked", "secret/once", 2, 2)]);
    assert_eq!(told(&answer, &commits), expected, "{answer}");
    let whole = scan(&project, &["--range", "HEAD"]).expect(1);
    let paths: BTreeSet<_> = told(&whole, &commits).into_iter().map(|(_, path, ..)| path).collect();
    let expected = ["a.p12", "b.p12", "empty.p12", "secret/later", "secret/once"].map(str::to_owned);
    assert_eq!(paths, BTreeSet::from(expected), "{whole}");
}

/// The same content stands in a folder that a rule is not for, or that an allowlist lets pass, and in one where it counts. Git lists
/// paths in their order, so each is once the first.
#[test]
fn what_one_name_lets_pass_counts_under_another() {
    let content = "house=m3n8b5v2c7x4\n";
    let rules = "[[rules]]\nid = \"house\"\nregex = '''house=(\\w{12})'''\n";
    let of_folder = format!("{rules}path = '''^m/'''\n");
    let allowed = format!("{rules}[allowlist]\npaths = ['''^[az]/''']\n");
    for (rules, standing) in
        [(&of_folder, "../rules.toml"), (&allowed, "../rules.toml"), (&allowed, ".gitleaks.toml")]
    {
        for other in ["a/house", "z/house"] {
            let project = repository();
            project.write(standing, rules).write(other, content).write("m/house", content);
            commit(&project, 1);
            for what in ["--history", "--range=HEAD"] {
                let named = ["--no-builtin-rules", "--rules", "../rules.toml"];
                let named = if standing.starts_with("..") { &named[..] } else { &[] };
                let answer = Account::new()
                    .run(project.root(), [&["scan", "--format", "json", what], named].concat())
                    .expect(1);
                let found = findings(&answer);
                let [one] = found.as_slice() else { panic!("{what} {standing} {other}: {answer}") };
                assert_eq!(one["location"]["path"], "m/house", "{what} {standing} {other}");
            }
        }
    }
}

/// A rule for paths needs nothing of what a file holds.
#[test]
fn a_file_that_is_too_large_counts_by_its_path() {
    let project = repository();
    project.write("../rules.toml", RULES).write("large.p12", "0123456789".repeat(200));
    let commits = [commit(&project, 1)];
    for args in [&["--history"][..], &["--range", "HEAD"]] {
        let answer = scan(&project, &[args, &["--max-file-size", "1KiB"]].concat()).expect(1);
        assert_eq!(told(&answer, &commits), rows(&[("keystore", "large.p12", 1, 1)]), "{args:?}: {answer}");
        assert_eq!(gaps(&answer).len(), 1, "{args:?}: {answer}");
    }
}

#[test]
fn what_is_staged_counts_by_its_path() {
    let (project, _) = keystores();
    project.write("c.p12", "three").write("allowed2.p12", "x");
    git(project.root(), &["add", "."]);
    let found = findings(&scan(&project, &["--staged"]).expect(1));
    let paths: Vec<_> = found.iter().map(|one| one["location"]["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["c.p12"]);
}

/// A branch is no file of the project, whatever it is called.
#[test]
fn references_are_no_files() {
    let (project, _) = keystores();
    git(project.root(), &["branch", "release.p12"]);
    let answer = scan(&project, &["--history"]).expect(1);
    assert_eq!(findings(&answer).len(), 5, "{answer}");
}
