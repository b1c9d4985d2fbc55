//! What must not get a release, does not: `examples/broken`, and more ways to try the same.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use palisade_testkit::{Account, Answer, Project, peer};
use serde_json::Value;

use crate::places::{files, refused, release, releases, remains};
use crate::token;

/// The names of the rules that denied, in the verdict of `answer`.
fn rules(answer: &Answer) -> Vec<String> {
    let document = answer.json();
    let denials = document["verdict"]["denials"].as_array().expect("there is a verdict").clone();
    denials.iter().map(|denial| denial["rule"].as_str().unwrap().to_owned()).collect()
}

/// `examples/broken/NAME` with its README and a line about it in the table.
fn broken(name: &str) -> Project {
    let project = Project::example(&format!("broken/{name}"));
    let readme = String::from_utf8(project.read("README.md")).unwrap();
    let first = readme.lines().next().unwrap();
    let table = fs::read_to_string(example("README.md")).unwrap();
    assert!(
        table.to_lowercase().contains(first.trim_end_matches('.').to_lowercase().as_str()),
        "{first:?} is not in the table"
    );
    project
}

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/broken").join(path).canonicalize().unwrap()
}

#[test]
fn a_planted_secret_is_found_and_shown_nowhere() {
    let (account, project) = (Account::new(), broken("planted-secret"));
    let secret = token::github(1);
    let template = String::from_utf8(project.read("deploy/shop.env")).unwrap();
    assert!(template.contains("@TOKEN@"));
    project.write("deploy/shop.env", template.replace("@TOKEN@", &secret));
    let project = project.committed();
    let answer = refused(&account, &project, &[], 1);
    for text in
        ["denied by", "[github-pat]", "deploy/shop.env:2:", "palisade waive ", "Nothing was released."]
    {
        assert!(answer.stdout.contains(text), "{text:?} is missing: {answer}");
    }
    let json = refused(&account, &project, &["--format", "json"], 1);
    assert_eq!(rules(&json), ["secret-in-tree"]);
    for (place, text) in [("stdout", &answer.stdout), ("stderr", &answer.stderr), ("json", &json.stdout)] {
        token::assert_hidden(&secret, text, place);
    }
    let kept = files(&project.path(".palisade")).into_iter().chain(files(account.home()));
    for path in kept {
        token::assert_hidden(
            &secret,
            &String::from_utf8_lossy(&fs::read(&path).unwrap()),
            &path.to_string_lossy(),
        );
    }
}

#[test]
fn a_mandatory_stage_cannot_be_removed() {
    let (account, project) = (Account::new(), broken("removed-mandatory-stage").committed());
    let organisation = example("organisation");
    let policy = organisation.to_str().unwrap();
    let answer = refused(&account, &project, &["--policy", policy, "--format", "json"], 1);
    assert_eq!(rules(&answer), ["job-failed", "mandatory-stage-missing"]);
    let answer = answer.json();
    let jobs: Vec<(&str, &str)> = answer["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| (job["job"].as_str().unwrap(), job["outcome"]["is"].as_str().unwrap()))
        .collect();
    assert_eq!(jobs, [("licence", "succeeded"), ("org/licence", "failed")]);
    // What was missing is all that was missing.
    project.write("LICENSE", "Apache-2.0\n").commit("licence");
    account.run(project.root(), ["run", "--policy", policy]).expect(0).says("org/licence");
}

#[test]
fn a_mandatory_stage_cannot_be_named_softened_or_configured_away() {
    let (account, organisation) = (Account::new(), example("organisation"));
    let policy = organisation.to_str().unwrap();
    let attempt = |path: &str, text: &str, reason: &str| {
        let project = broken("removed-mandatory-stage");
        let existing = fs::read_to_string(project.path(path)).unwrap_or_default();
        project.write(path, format!("{existing}{text}"));
        let answer = account.run(project.root(), ["run", "--policy", policy]);
        assert!(answer.code == 2 || answer.code == 1, "{text}: {answer}");
        assert_eq!(releases(&project), Vec::<PathBuf>::new(), "{text}: {answer}");
        answer.says(reason);
    };
    attempt("palisade.yaml", "  org/licence:\n    steps:\n      - run: 'true'\n", "org/licence");
    attempt("palisade.yaml", "mandatory: []\n", "unknown key `mandatory`");
    attempt("palisade.policy.yaml", "suppressions: self\n", "suppressions");
    attempt("palisade.policy.yaml", "mandatory: []\n", "denied");
    attempt(
        "palisade.policy.yaml",
        "mandatory:\n  - stage: job:licence\n    template: soft.yaml\n",
        "soft.yaml",
    );
    attempt("policy.yaml", "version: 1\nname: ours\nmandatory: []\n", "denied");
    attempt(".palisade/policy.yaml", "version: 1\nname: ours\nmandatory: []\n", "denied");
}

/// Under `base`, a waiver that comes with the change it is about does not count.
#[test]
fn a_change_cannot_waive_its_own_secret() {
    let (account, organisation) = (Account::new(), example("organisation"));
    let policy = organisation.to_str().unwrap();
    let origin = broken("planted-secret");
    origin.write("LICENSE", "Apache-2.0\n");
    let change = origin.committed().cloned();
    change.write("deploy/shop.env", format!("TOKEN={}\n", token::github(2))).commit("add");
    let found = account.run(change.root(), ["scan", "--format", "json"]).expect(1).json();
    let fingerprint = found["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    account
        .run(change.root(), ["waive", &fingerprint, "--reason", "mine", "--until", "2199-01-01"])
        .expect(0);
    change.commit("waive");
    account.run(change.root(), ["scan"]).expect(0).says("self-granted");
    account.run(change.root(), ["scan", "--policy", policy]).expect(1);
    let answer = refused(&account, &change, &["--policy", policy, "--format", "json"], 1);
    assert_eq!(rules(&answer), ["secret-in-tree"]);
}

#[test]
fn a_failing_step_stops_what_needs_it() {
    let (account, project) = (Account::new(), broken("failing-step").committed());
    let answer =
        refused(&account, &project, &[], 1).says("the second check fails").says("Nothing was released.");
    assert!(!answer.stdout.contains("never seen"), "{answer}");
    assert!(answer.stdout.contains("palisade logs "), "{answer}");
    let json = refused(&account, &project, &["--format", "json"], 1);
    assert_eq!(rules(&json), ["job-failed", "job-failed"]);
    let json = json.json();
    let outcome = |job: usize| json["jobs"][job]["outcome"].clone();
    assert_eq!(json["jobs"][1]["job"], "check");
    assert_eq!([&outcome(0)["is"], &outcome(1)["is"], &outcome(2)["is"]], ["succeeded", "failed", "skipped"]);
    let run = json["run"].as_str().unwrap();
    let logs = account.run(project.root(), ["logs", run, "--job", "check"]).expect(0);
    assert!(logs.stdout.contains("the second check fails"), "{logs}");
}

#[test]
fn a_job_cannot_change_what_another_job_made() {
    let (account, project) = (Account::new(), broken("tampered-artifact").committed());
    refused(&account, &project, &[], 1).says("two jobs leave different files called `app.txt`");
    // Keeping the change to itself does no harm: what is released is what the first job made.
    let pipeline = String::from_utf8(project.read("palisade.yaml")).unwrap();
    let (head, tail) = pipeline.rsplit_once("    outputs: [app.txt]\n").unwrap();
    project.write("palisade.yaml", format!("{head}{tail}")).commit("keep it");
    account.run(project.root(), ["run"]).expect(0);
    assert_eq!(fs::read(release(&project).join("app.txt")).unwrap(), b"honest\n");
}

const SLOW: &str = "\
version: 1
name: slow
jobs:
  build:
    steps:
      - run: echo honest > app.txt
    outputs: [app.txt]
  wait:
    needs: [build]
    steps:
      - run: sleep 2
release:
  artifacts: [app.txt]
";

/// Somebody on the host changes an output after it was collected and digested.
#[test]
fn an_output_changed_after_collection_is_not_released() {
    let (account, project) = (Account::new(), Project::empty());
    project.write("palisade.yaml", SLOW);
    let mut command = account.command(project.root());
    let run = command
        .arg("run")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    let collected = loop {
        let found = files(&account.cache()).into_iter().find(|path| path.ends_with("outputs/build/app.txt"));
        if let Some(path) = found.filter(|path| fs::read(path).is_ok_and(|bytes| bytes == b"honest\n")) {
            break path;
        }
        assert!(Instant::now() < end, "nothing was collected");
        std::thread::sleep(Duration::from_millis(20));
    };
    std::thread::sleep(Duration::from_millis(500));
    fs::remove_file(&collected).unwrap();
    fs::write(&collected, "tampered\n").unwrap();
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("app.txt"), "{said}");
    assert_eq!(releases(&project), Vec::<PathBuf>::new());
    account.run(project.root(), ["run"]).expect(0);
}

/// The processes with `name` in their command line.
fn processes(name: &str) -> Vec<String> {
    let known = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let named = known.filter(|path| {
        fs::read(path.join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(name))
    });
    named.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_job_cannot_get_out() {
    let (account, project) = (Account::new(), broken("escape-attempt"));
    let host = tempfile::tempdir().unwrap();
    fs::write(host.path().join("secret.txt"), "of the host\n").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let daemon = format!("palisade-escape-{port}");
    let folder = host.path().display();
    let targets = format!(
        "host_file={folder}/secret.txt\nhost_folder={folder}\nhost_port={port}\ndaemon_name={daemon}\n"
    );
    project.write("targets.sh", targets);
    let project = project.committed();
    let answer = refused(&account, &project, &["--format", "json"], 1);
    assert_eq!(rules(&answer), ["job-failed"]);
    let run: Value = answer.json()["run"].clone();
    let log = account.run(project.root(), ["logs", run.as_str().unwrap()]).expect(0).stdout;
    let attempts =
        ["read a file of the host", "write outside of the workspace", "connect to the host", "be root"];
    for attempt in attempts {
        assert!(log.contains(&format!("refused: {attempt}\n")), "{attempt}: {log}");
    }
    assert!(!log.contains("ESCAPED"), "{log}");
    assert!(!host.path().join("pwned.txt").exists());
    assert_eq!(processes(&daemon), Vec::<String>::new(), "the daemon outlived its step");
    assert_eq!(remains(&account.cache()), Vec::<PathBuf>::new(), "nothing is left in the scratch folder");

    // Without a sandbox the same script gets what it wants.
    let free = Command::new("sh").arg("attempt.sh").current_dir(project.root()).output().unwrap();
    let said = String::from_utf8_lossy(&free.stdout);
    assert!(free.status.success(), "{said}");
    for attempt in &attempts[..3] {
        assert!(said.contains(&format!("ESCAPED: {attempt}\n")), "{attempt}: {said}");
    }
    let daemons = processes(&daemon);
    assert!(!daemons.is_empty(), "the script starts no daemon");
    peer("kill", &daemons.iter().map(String::as_str).collect::<Vec<_>>(), Path::new("/"));
}
