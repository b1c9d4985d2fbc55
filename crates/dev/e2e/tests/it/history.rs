//! Scans of git histories with the real program, over repositories that the system's git makes.

mod differential;
mod forms;
mod git_folder;
mod hostile;
mod output;
mod partial;
mod path_rules;
mod range;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use palisade_testkit::{Account, Answer, Project};
use serde_json::Value;

use crate::token;

/// The system's git in `folder`, with one identity, at that minute of a day, and reading nobody's configuration.
fn git_at(folder: &Path, minute: u32, args: &[&str]) -> Answer {
    let date = format!("2026-01-02T{:02}:{:02}:00Z", minute / 60, minute % 60);
    let mut command = Command::new("git");
    command.args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0"]).args(args).current_dir(folder);
    for (name, value) in [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_AUTHOR_NAME", "Ada Example"),
        ("GIT_AUTHOR_EMAIL", "ada@example.org"),
        ("GIT_AUTHOR_DATE", &date),
        ("GIT_COMMITTER_NAME", "Ada Example"),
        ("GIT_COMMITTER_EMAIL", "ada@example.org"),
        ("GIT_COMMITTER_DATE", &date),
    ] {
        command.env(name, value);
    }
    Answer::of(&mut command, b"")
}

/// The same, which must succeed; what it said, without white space around it.
#[track_caller]
fn git(folder: &Path, args: &[&str]) -> String {
    git_at(folder, 0, args).expect(0).stdout.trim().to_owned()
}

/// An empty repository.
fn repository() -> Project {
    let project = Project::empty();
    project.git(&["init", "--quiet", "--initial-branch", "main"]);
    project
}

/// Commits everything at that minute.
#[track_caller]
fn commit(project: &Project, minute: u32) -> String {
    git(project.root(), &["add", "--all"]);
    let message = format!("commit of minute {minute}");
    git_at(project.root(), minute, &["commit", "--quiet", "--allow-empty", "--message", &message]).expect(0);
    git(project.root(), &["rev-parse", "HEAD"])
}

fn env(secret: &str) -> String {
    format!("GITHUB_TOKEN={secret}\n")
}

/// A history of four commits and enough text for deltas: a secret, the same in another file, another secret, and none any more.
fn leaky() -> Project {
    let project = repository();
    let text: String = (0..400).map(|line| format!("{line} bottles of water\n")).collect();
    project.write("app.env", env(&token::github(1))).write("text", &text);
    commit(&project, 1);
    project.write("deep/er/prod.env", env(&token::github(1))).write("text", text.replace("99", "98"));
    commit(&project, 2);
    project.write("app.env", env(&token::github(2))).write("text", text.replace("77", "seventy"));
    commit(&project, 3);
    project.write("app.env", "GITHUB_TOKEN=\n").write("text", text.replace("55", "fifty-five"));
    commit(&project, 4);
    project
}

/// The same without secrets.
fn clean() -> Project {
    let project = repository();
    let text: String = (0..400).map(|line| format!("{line} bottles of water\n")).collect();
    project.write("text", &text);
    commit(&project, 1);
    for (minute, word) in [(2, "98"), (3, "seventy"), (4, "fifty")] {
        project.write("text", text.replace("99", word)).write(format!("file-{word}"), word);
        commit(&project, minute);
    }
    project
}

/// `palisade scan --history FOLDER --format json`, from elsewhere.
fn scan(folder: &Path) -> Answer {
    scan_with(folder, &["--history"])
}

fn scan_with(folder: &Path, args: &[&str]) -> Answer {
    let account = Account::new();
    let folder = folder.to_str().unwrap();
    account.run(account.home(), [&["scan", folder, "--format", "json"], args].concat())
}

fn findings(answer: &Answer) -> Vec<Value> {
    answer.json()["findings"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

/// Rule and fingerprint of each finding.
fn keys(answer: &Answer) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings(answer).iter().map(|finding| (text(&finding["rule"]), text(&finding["fingerprint"]))).collect()
}

/// The gaps as `kind: detail`.
fn gaps(answer: &Answer) -> Vec<String> {
    let document = answer.json();
    let gaps = document["engines"][0]["coverage"]["gaps"].as_array().unwrap().clone();
    let told =
        |gap: &Value| format!("{}: {}", gap["kind"].as_str().unwrap(), gap["detail"].as_str().unwrap());
    gaps.iter().map(told).collect()
}

/// Fails unless one of the gaps says `text`.
#[track_caller]
fn assert_gap(answer: &Answer, text: &str) {
    assert!(gaps(answer).iter().any(|gap| gap.contains(text)), "no gap says {text:?}: {answer}");
}

/// The place of a loose object.
fn loose(project: &Project, id: &str) -> PathBuf {
    project.path(format!(".git/objects/{}/{}", &id.get(..2).unwrap(), &id.get(2..).unwrap()))
}

/// The only pack's file with that extension, made writable.
fn pack(project: &Project, extension: &str) -> PathBuf {
    let packs = crate::places::list(&project.path(".git/objects/pack"));
    let path = packs.into_iter().find(|path| path.extension().is_some_and(|found| found == extension));
    let path = path.expect("there is a pack");
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    path
}
