//! The other commands: jobs by themselves, secrets, shells, logs, doctor, completions, the man page, init.

use std::fs;
use std::thread;
use std::time::Duration;

use palisade_testkit::{Account, Project, peer};

use crate::places::{files, newest_run, releases, small};
use crate::token;

#[test]
fn one_job_runs_with_what_it_needs_and_releases_nothing() {
    let (account, project) = (Account::new(), Project::example("storefront").committed());
    let answer = account.run(project.root(), ["run", "--job", "test", "--format", "json"]).expect(0).json();
    let jobs: Vec<&str> =
        answer["jobs"].as_array().unwrap().iter().map(|job| job["job"].as_str().unwrap()).collect();
    assert_eq!(jobs, ["compile", "test"]);
    assert_eq!([&answer["release"], &answer["verdict"]], [&serde_json::Value::Null; 2]);
    assert!(releases(&project).is_empty());
    assert!(!project.path(".palisade/ledger/checkpoint").exists(), "nothing is recorded");
    project.write("test/run.sh", "exit 1\n");
    account.run(project.root(), ["run", "--job", "test"]).expect(1);
}

const TALKATIVE: &str = "\
version: 1
name: talkative
jobs:
  talk:
    steps:
      - name: say it
        run: |
          echo \"plain $API_TOKEN end\"
          printf '%s' \"$API_TOKEN\" | base64 -w0; echo
          printf '.%s' \"$API_TOKEN\" | base64 -w0; echo
          printf '%s' \"$API_TOKEN\" | od -An -tx1 | tr -d ' \\n'; echo
          echo \"$SEVERAL\"
          echo \"$API_TOKEN\" >&2
          printf '%s' \"$API_TOKEN\" | head -c 20; sleep 0.3; printf '%s' \"$API_TOKEN\" | tail -c +21; echo
          echo done
";

#[test]
fn secrets_are_masked_live_and_in_logs() {
    let (account, project) = (Account::new(), Project::empty());
    project.write("palisade.yaml", TALKATIVE);
    let secret = format!("s3cret-{}", token::word(61));
    let lines = ["first-line-of-it-7f3a", "second-line-of-it-9b2c"];
    let file = account.home().join("several");
    fs::write(&file, lines.join("\n")).unwrap();
    let several = format!("SEVERAL=@{}", file.display());
    let answer = account
        .call(project.root(), ["run", "--secret", "API_TOKEN", "--secret", &several])
        .env("API_TOKEN", &secret)
        .run()
        .expect(0);
    assert!(answer.stdout.contains("plain *** end") && answer.stdout.contains("| done"), "{answer}");
    let log = account.run(project.root(), ["logs"]).expect(0);
    assert!(log.stdout.contains("plain *** end") && log.stdout.contains("done\n"), "{log}");
    let texts = [("live output", answer.stdout), ("messages", answer.stderr), ("logs", log.stdout)];
    let kept = files(&project.path(".palisade")).into_iter().chain(files(&account.cache()));
    let kept = kept.map(|path| {
        (path.display().to_string(), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned())
    });
    for (place, text) in texts.into_iter().map(|(place, text)| (place.to_owned(), text)).chain(kept) {
        token::assert_hidden(&secret, &text, &place);
        for line in lines {
            token::assert_hidden(line, &text, &place);
        }
    }
    let run = fs::read_to_string(newest_run(&project).join("run.json")).unwrap();
    assert!(run.contains("API_TOKEN,SEVERAL"), "that there were secrets is recorded: {run}");
    // What it is protected from: without being told, it shows the value.
    let open = TALKATIVE.replace("$API_TOKEN", "visible-value");
    project.write("palisade.yaml", open);
    account.run(project.root(), ["run"]).expect(0).says("plain visible-value end");
}

#[test]
fn a_shell_opens_where_the_job_would_run() {
    let (account, project) = (Account::new(), Project::example("storefront").committed());
    let script = "pwd; id -u; ls storefront src; cat /etc/shadow; ls -A $HOME; exit 0\n";
    let answer = account.call(project.root(), ["run", "--shell", "test"]).stdin(script).run().expect(0);
    // The shell sits on a terminal of its own.
    let said = answer.stdout.replace('\r', "");
    for text in ["/workspace\n", "1000\n", "storefront\n", "main.c"] {
        assert!(said.contains(text), "{text:?}: {answer}");
    }
    assert!(!said.contains("root:"), "{answer}");
    account.call(project.root(), ["run", "--shell", "test"]).stdin("exit 7\n").run().expect(1);
    account.run(project.root(), ["run", "--shell", "nothing"]).expect(2);
    assert!(releases(&project).is_empty());
}

#[test]
fn runs_and_logs_tell_what_happened() {
    let (account, project) = (Account::new(), small());
    account.run(project.root(), ["run"]).expect(0);
    let first = account.run(project.root(), ["runs", "--format", "json"]).expect(0).json();
    let run = first["runs"][0]["run"].as_str().unwrap().to_owned();
    project.write(
        "palisade.yaml",
        "version: 1\nname: small\njobs:\n  greet:\n    steps:\n      - run: echo bad luck; exit 9\n",
    );
    // A run's name tells its second, not more.
    thread::sleep(Duration::from_millis(1100));
    account.run(project.root(), ["run"]).expect(1);
    let both = account.run(project.root(), ["runs"]).expect(0).stdout;
    let lines: Vec<&str> = both.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("denied"), "the newest is first: {both}");
    assert!(lines[1].contains(&run) && lines[1].contains("released sha256:"), "{both}");
    account.run(project.root(), ["logs"]).expect(0).says("bad luck");
    let old =
        account.run(project.root(), ["logs", &run, "--job", "greet", "--format", "json"]).expect(0).json();
    assert_eq!(old["logs"][0]["job"], "greet");
    account.run(project.root(), ["logs", &run, "--job", "nothing"]).expect(2);
    // A log that was changed is not shown as if nothing had happened.
    let log = files(&newest_run(&project).join("logs")).pop().unwrap();
    fs::write(&log, "all is well\n").unwrap();
    let changed = account.run(project.root(), ["logs"]).expect(4);
    assert!(!changed.stdout.contains("all is well"), "{changed}");
}

#[test]
fn the_plan_shows_what_will_happen() {
    let (account, project) = (Account::new(), Project::example("storefront"));
    let plan = account.run(project.root(), ["plan"]).expect(0);
    for text in [
        "storefront sha256:",
        "palisade/default",
        "scan      secrets",
        "job       package  after compile, test",
        "release   storefront.tar.gz",
    ] {
        assert!(plan.stdout.contains(text), "{text:?}: {plan}");
    }
    assert!(!project.path(".palisade").exists(), "planning leaves nothing");
    // From a folder below, the same project.
    account.run(&project.path("src"), ["plan"]).expect(0).says("job       package");
}

#[test]
fn the_doctor_says_what_there_is() {
    let account = Account::new();
    let answer = account.run(account.home(), ["doctor"]).expect(0);
    for text in ["user-namespace", "seccomp", "policy", "keys"] {
        assert!(answer.stdout.contains(text), "{text:?}: {answer}");
    }
    let json = account.run(account.home(), ["doctor", "--format", "json"]).expect(0).json();
    assert!(json["schema"].as_str().unwrap().starts_with("palisade/doctor/"), "{json}");
    fs::create_dir_all(account.config()).unwrap();
    fs::write(account.config().join("policy.yaml"), "version: 1\nnmae: x\n").unwrap();
    let broken = account.run(account.home(), ["doctor"]);
    assert_ne!(broken.code, 0, "{broken}");
    assert!(broken.stdout.contains("policy"), "{broken}");
}

#[test]
fn completions_and_the_man_page_are_what_their_readers_take() {
    let account = Account::new();
    let script = account.run(account.home(), ["completions", "bash"]).expect(0).bytes;
    fs::write(account.home().join("palisade.bash"), script).unwrap();
    let ask = "source ./palisade.bash; COMP_WORDS=(palisade pl); COMP_CWORD=1; _palisade palisade pl palisade; echo \"${COMPREPLY[@]}\"";
    peer("bash", &["--norc", "-c", ask], account.home()).says("plan");
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        assert!(!account.run(account.home(), ["completions", shell]).expect(0).stdout.is_empty());
    }
    let page = account.run(account.home(), ["man"]).expect(0).stdout;
    assert!(page.lines().any(|line| line.starts_with(".TH palisade 1")), "{page}");
    assert!(page.contains(".SH"), "{page}");
}

#[test]
fn what_init_writes_works_as_it_stands() {
    let account = Account::new();
    let project = Project::empty();
    project.write("main.c", "int main(void) { return 0; }\n");
    project.write("Makefile", "all: main\nmain: main.c\n\t$(CC) -o $@ main.c\ntest: main\n\t./main\n");
    let project = project.committed();
    account.run(project.root(), ["init"]).expect(0).says("palisade run");
    account.run(project.root(), ["plan"]).expect(0);
    account.run(project.root(), ["init"]).expect(2).says("--force");
    let text = String::from_utf8(project.read("palisade.yaml")).unwrap();
    let salt = text.lines().find_map(|line| line.strip_prefix("salt: ")).expect("it has a salt").to_owned();
    assert!(salt.len() >= 32 && salt.bytes().all(|byte| byte.is_ascii_hexdigit()), "{salt}");
    account.run(project.root(), ["init", "--force"]).expect(0);
    assert!(
        !String::from_utf8(project.read("palisade.yaml")).unwrap().contains(&salt),
        "a salt is used once"
    );
    account.run(project.root(), ["run"]).expect(0);
}

/// Until there is a database of advisories, what a project takes from a registry cannot be judged: `init` says so before `run` does.
#[test]
fn init_speaks_of_advisories_to_who_has_none() {
    let (account, project) = (Account::new(), Project::empty());
    project.write("requirements.txt", "idna==3.7\n");
    let project = project.committed();
    account.run(project.root(), ["init"]).expect(0).says("`palisade db update`");
    account.run(project.root(), ["scan"]).expect(3).says("palisade db update");
    let known =
        crate::feeds::record("GHSA-aaaa-aaaa-aaaa", "PyPI", "idna", &[("introduced", "0"), ("fixed", "3.7")]);
    crate::feeds::know(&account, &[("PyPI", &[known])]);
    let answer = account.run(project.root(), ["init", "--force"]).expect(0);
    assert!(!answer.stdout.contains("db update"), "{answer}");
    account.run(project.root(), ["scan"]).expect(0);
    let other = Account::new();
    let json = other.run(project.root(), ["init", "--force", "--format", "json"]).expect(0).json();
    assert_eq!(json["wants_advisories"], true);
}

#[test]
fn rules_are_listed_and_explained() {
    let account = Account::new();
    let list = account.run(account.home(), ["rules"]).expect(0).stdout;
    let json = account.run(account.home(), ["rules", "--format", "json"]).expect(0).json();
    assert_eq!(list.lines().count(), json["rules"].as_array().unwrap().len());
    let vendors: std::collections::BTreeSet<&str> = json["rules"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|rule| rule["tags"].as_array().unwrap())
        .filter_map(|tag| tag.as_str().unwrap().strip_prefix("vendor:"))
        .collect();
    assert!(vendors.len() >= 60, "{} vendors", vendors.len());
    for rule in json["rules"].as_array().unwrap() {
        let id = rule["id"].as_str().unwrap();
        if id.starts_with('g') {
            account.run(account.home(), ["explain", id]).expect(0).says(id).says("Fix");
        }
    }
}
