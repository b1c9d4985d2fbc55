//! What is told of a finding in a history.

use palisade_testkit::Account;

use super::{commit, env, findings, git, git_at, keys, leaky, repository, scan, scan_with};
use crate::determinism::elsewhere;
use crate::token;

#[test]
fn a_secret_is_one_finding_with_every_place_it_was_in() {
    let project = repository();
    project.write("app.env", env(&token::github(1)));
    let first = commit(&project, 1);
    git(project.root(), &["mv", "app.env", "renamed.env"]);
    commit(&project, 2);
    project.write("renamed.env", format!("# moved\n\n{}", env(&token::github(1))));
    project.write("a/copy.env", env(&token::github(1)));
    let last = commit(&project, 3);
    project.write("renamed.env", "\n");
    git(project.root(), &["rm", "--quiet", "-r", "a"]);
    commit(&project, 4);
    let answer = scan(project.root()).expect(1);
    let found = findings(&answer);
    assert_eq!(found.len(), 1, "{answer}");
    let history = &found[0]["history"];
    assert_eq!(
        [&history["first"]["id"], &history["last"]["id"]],
        [first.as_str(), last.as_str()],
        "{answer}"
    );
    assert_eq!(history["first"]["time"], "2026-01-02T00:01:00Z");
    assert_eq!(history["last"]["subject"], "commit of minute 3");
    assert_eq!(history["first"]["email"], "ada@example.org");
    assert_eq!(history["paths"], serde_json::json!(["a/copy.env", "app.env", "renamed.env"]));
    assert_eq!([&history["in_head"], &history["reachable"]], [false, true]);
    assert_eq!(history["objects"], 2);
    project.write("again.env", env(&token::github(1)));
    commit(&project, 5);
    assert_eq!(findings(&scan(project.root()))[0]["history"]["in_head"], true);
}

#[test]
fn another_secret_on_the_same_line_is_another_finding() {
    let project = repository();
    let mut made = Vec::new();
    for minute in 1..4 {
        project.write("app.env", env(&token::github(minute.into())));
        made.push(commit(&project, minute));
    }
    let found = findings(&scan(project.root()).expect(1));
    let mut commits: Vec<_> =
        found.iter().map(|one| one["history"]["first"]["id"].as_str().unwrap()).collect();
    commits.sort_unstable();
    made.sort_unstable();
    assert_eq!(commits, made);
    assert_eq!(keys(&scan(project.root())).len(), 3);
}

#[test]
fn fingerprints_are_those_of_the_tree_and_survive_what_git_does_with_commits() {
    let plain = palisade_testkit::Project::empty();
    plain.write("any.env", env(&token::github(7)));
    let expected = keys(&scan_with(plain.root(), &[]).expect(1));
    assert_eq!(expected.len(), 1);
    let acts: [(&str, &[&[&str]]); 5] = [
        (
            "squash",
            &[&["checkout", "-q", "main"], &["merge", "-q", "--squash", "topic"], &["commit", "-qm", "s"]],
        ),
        ("rebase", &[&["rebase", "-q", "main", "topic"]]),
        ("cherry-pick", &[&["checkout", "-q", "main"], &["cherry-pick", "topic"]]),
        ("rename", &[&["checkout", "-q", "topic"], &["mv", "app.env", "b.env"], &["commit", "-qm", "moved"]]),
        ("amend", &[&["checkout", "-q", "topic"], &["commit", "-q", "--amend", "-m", "other words"]]),
    ];
    for (act, commands) in acts {
        let project = repository();
        project.write("README", "nothing\n");
        commit(&project, 1);
        git(project.root(), &["checkout", "--quiet", "-b", "topic"]);
        project.write("app.env", format!("# {act}\n\n{}", env(&token::github(7))));
        commit(&project, 2);
        git(project.root(), &["checkout", "--quiet", "main"]);
        project.write("other", "main went on\n");
        commit(&project, 3);
        for command in commands {
            git_at(project.root(), 4, command).expect(0);
        }
        let answer = scan(project.root()).expect(1);
        assert_eq!(keys(&answer), expected, "{act}: {answer}");
        assert_eq!(findings(&answer).len(), 1, "{act}: {answer}");
    }
}

/// A rebase makes all its commits in a second or two.
#[test]
fn commits_of_one_second_stand_after_their_parents() {
    let project = repository();
    let mut made = Vec::new();
    for number in 0..12 {
        project.write("count", number.to_string());
        if number == 3 {
            project.write("app.env", env(&token::github(1)));
        }
        if number == 9 {
            project.write("app.env", "\n");
        }
        made.push(commit(&project, 1));
    }
    let history = &findings(&scan(project.root()).expect(1))[0]["history"];
    assert_eq!([&history["first"]["id"], &history["last"]["id"]], [made[3].as_str(), made[8].as_str()]);
}

#[test]
fn what_only_a_log_or_nothing_names_is_told_as_unreachable() {
    let project = repository();
    commit(&project, 1);
    project.write("app.env", env(&token::github(1)));
    let gone = commit(&project, 2);
    git(project.root(), &["reset", "--quiet", "--hard", "HEAD~1"]);
    project.write("loose.env", env(&token::github(2)));
    git(project.root(), &["hash-object", "-w", "loose.env"]);
    let found = findings(&scan(project.root()).expect(1));
    let told: Vec<_> = found.iter().map(|one| &one["history"]).collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|one| one["reachable"] == false && one["in_head"] == false), "{told:?}");
    assert!(told.iter().any(|one| one["first"]["id"] == gone && one["paths"][0] == "app.env"), "{told:?}");
    assert!(told.iter().any(|one| one["first"].is_null() && one["paths"].as_array().unwrap().is_empty()));
}

#[test]
fn a_history_scan_is_the_same_everywhere() {
    let project = leaky();
    for number in 10..60_u32 {
        let secret = token::github(number.into());
        project.write(format!("many/{}.env", number % 13), format!("N={number}\n{}", env(&secret)));
        commit(&project, number);
    }
    git(project.root(), &["gc", "--quiet"]);
    let account = Account::new();
    for format in ["json", "sarif", "human"] {
        let args = ["scan", "--history", "--format", format];
        let here = account.run(project.root(), args).expect(1);
        for (umask, zone, processors) in [("077", "Asia/Kathmandu", "0"), ("000", "America/St_Johns", "0-1")]
        {
            let args = format!("scan --history --format {format}");
            let there = elsewhere(&project, &args, umask, zone, processors).expect(1);
            assert!(there.bytes == here.bytes, "{format} with umask {umask}: {there}\n{here}");
        }
    }
    assert_eq!(keys(&scan(project.root())).len(), 52);
}
