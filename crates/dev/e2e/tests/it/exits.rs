//! Exit codes and the words that come with them: docs/exit-codes.md, taken at its word.

use std::process::{Command, Stdio};

use palisade_testkit::{Account, Answer, Project, palisade};

use crate::places::small;

/// What the documentation's table of reasons says: the code and the reason of an error.
#[track_caller]
fn fails(account: &Account, project: &Project, args: &[&str], code: i32, reason: &str) -> Answer {
    let human = account.run(project.root(), args).expect(code);
    assert!(human.stderr.contains("error: "), "{human}");
    let json = account.run(project.root(), [args, &["--format", "json"]].concat()).expect(code);
    let document = json.json();
    assert_eq!(document["schema"], "palisade/error/v1", "{json}");
    assert_eq!(document["reason"], reason, "{json}");
    assert_eq!(document["exit"], code, "{json}");
    human
}

#[test]
fn a_wrong_command_line_is_2() {
    let (account, project) = (Account::new(), small());
    for args in [
        &["frobnicate"][..],
        &["scan", "--no-such-option"],
        &["scan", "--format", "xml"],
        &["run", "--job", "a", "--shell", "b"],
        &["waive"],
        &["scan", "--max-file-size", "many"],
        &["verify", "x", "--plan", "md5:12"],
        &[],
    ] {
        account.run(project.root(), args).expect(2);
    }
    account.run(project.root(), ["scna"]).expect(2).says("scan");
    account.run(project.root(), ["--help"]).expect(0).says("Exit codes:");
    account.run(project.root(), ["--version"]).expect(0).says("palisade 0.");
    account.run(project.root(), ["plan", "--format", "sarif"]).expect(2);
    fails(&account, &project, &["run", "--job", "no-such-job"], 2, "usage").says("greet");
    fails(&account, &project, &["run", "--secret", "A=value"], 2, "usage").says("command line");
    fails(&account, &project, &["run", "--secret", "NO_SUCH_VARIABLE"], 2, "usage");
    fails(&account, &project, &["logs", "no-such-run"], 2, "usage");
    fails(&account, &project, &["scan", "--policy", "nowhere.yaml"], 2, "usage");
    fails(&account, &project, &["scan", "nowhere"], 2, "usage");
}

#[test]
fn a_broken_pipeline_file_is_2_with_place_and_advice() {
    let (account, project) = (Account::new(), Project::empty());
    project.write(
        "palisade.yaml",
        "version: 1\nname: x\njobs:\n  a:\n    need: [b]\n    steps:\n      - run: ls\n",
    );
    for command in ["plan", "run", "scan"] {
        let answer = fails(&account, &project, &[command], 2, "bad-document");
        assert!(answer.stderr.contains("palisade.yaml:5:5"), "{answer}");
        assert!(answer.stderr.contains("    need: [b]\n"), "the line is shown: {answer}");
        assert!(answer.stderr.contains("^^^^"), "with a caret: {answer}");
        assert!(answer.stderr.contains("did you mean `needs`?"), "{answer}");
    }
    // All problems at once, each with its place.
    let text = "version: 2\nname: x\nname: y\njobs:\n  a:\n    needs: [b]\n    steps:\n      - run: ls\n        timeout: soon\n";
    project.write("palisade.yaml", text);
    let answer = fails(&account, &project, &["plan"], 2, "bad-document");
    for place in [":1:10", ":3:1", ":9:18"] {
        assert!(answer.stderr.contains(&format!("palisade.yaml{place}")), "{place}: {answer}");
    }
    for (text, word) in [
        ("version: 1\nname: x\njobs:\n  a: { needs: [b], steps: [{ run: ls }] }\n", "`b`"),
        (
            "version: 1\nname: x\njobs:\n  a: { needs: [b], steps: [{ run: ls }] }\n  b: { needs: [a], steps: [{ run: ls }] }\n",
            "circle",
        ),
        ("version: 1\nname: x\njobs: [\n", "palisade.yaml:"),
        ("", "palisade.yaml"),
        ("version: 1\nname: [x]\n", "palisade.yaml:2:7"),
    ] {
        project.write("palisade.yaml", text);
        let answer = fails(&account, &project, &["plan"], 2, "bad-document");
        assert!(answer.stderr.contains(word), "{word:?}: {answer}");
    }
}

#[test]
fn what_is_not_there_is_2() {
    let (account, empty) = (Account::new(), Project::empty());
    for command in ["run", "plan", "runs", "logs"] {
        fails(&account, &empty, &[command], 2, "no-project").says("palisade init");
    }
    fails(&account, &empty, &["ledger", "verify"], 2, "no-project");
    fails(
        &account,
        &empty,
        &["waive", "12345678", "--reason", "x", "--until", "2199-01-01"],
        2,
        "no-project",
    );
    fails(&account, &empty, &["key", "show"], 2, "key");
    let answer = account.run(empty.root(), ["explain", "github-pta"]).expect(2);
    answer.says("github-pat");
    account.run(empty.root(), ["explain", "github-pat"]).expect(0).says("Fix");
    fails(&account, &small(), &["logs"], 2, "usage").says("palisade run");
    fails(&account, &small(), &["gate"], 2, "usage");
}

#[test]
fn only_gaps_are_3() {
    let (account, project) = (Account::new(), small());
    project.write("large.txt", vec![b'x'; 2000]);
    let answer = account.run(project.root(), ["scan", "--max-file-size", "1kB"]).expect(3);
    assert!(answer.stdout.contains("large.txt") && answer.stdout.contains("1 gap"), "{answer}");
    let json =
        account.run(project.root(), ["scan", "--max-file-size", "1kB", "--format", "json"]).expect(3).json();
    assert_eq!(json["result"], "incomplete");
    let run = crate::places::refused(&account, &project, &["--max-file-size", "1kB"], 3);
    run.says("blocking-gap");
    account.run(project.root(), ["gate"]).expect(3);
    let runs = account.run(project.root(), ["runs"]).expect(0);
    runs.says("incomplete");
    // A finding weighs more than a gap.
    project.write("new.env", format!("T={}\n", crate::token::github(51)));
    account.run(project.root(), ["scan", "--max-file-size", "1kB"]).expect(1);
}

#[test]
fn a_wrong_passphrase_is_5() {
    let (account, project) = (Account::new(), small());
    let with = |passphrase: Option<&str>, args: &[&str]| {
        let call = account.call(project.root(), args);
        match passphrase {
            Some(passphrase) => call.env("PALISADE_PASSPHRASE", passphrase).run(),
            None => call.run(),
        }
    };
    with(None, &["key", "generate"]).expect(2).says("--unprotected");
    with(Some("correct horse battery"), &["key", "generate"]).expect(0);
    let wrong = with(Some("incorrect horse"), &["run", "--format", "json"]).expect(5);
    assert_eq!(wrong.json()["reason"], "wrong-passphrase", "{wrong}");
    with(None, &["run"]).expect(5).says("PALISADE_PASSPHRASE");
    with(Some("correct horse battery"), &["run"]).expect(0);
    let file = account.home().join("passphrase");
    std::fs::write(&file, "correct horse battery\n").unwrap();
    account.call(project.root(), ["run"]).env("PALISADE_PASSPHRASE_FILE", file).run().expect(0);
    with(Some("anything"), &["key", "generate"]).expect(2);
    // What is public needs no passphrase.
    with(None, &["key", "show"]).expect(0);
    with(None, &["ledger", "verify"]).expect(0);
    for path in crate::places::list(&account.config()) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains("correct horse"), "{}", path.display());
    }
}

#[test]
fn a_project_at_work_is_4() {
    let (account, project) = (Account::new(), Project::empty());
    let slow = "version: 1\nname: slow\njobs:\n  a:\n    steps:\n      - run: |\n          echo started\n          sleep 4\n";
    project.write("palisade.yaml", slow);
    let mut first = account.command(project.root());
    let mut first =
        first.arg("run").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(first.stdout.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().contains("started")));
    fails(&account, &project, &["run"], 4, "busy").says("wait");
    // Looking is allowed meanwhile.
    account.run(project.root(), ["runs"]).expect(0);
    account.run(project.root(), ["scan"]).expect(0);
    lines.for_each(drop);
    assert_eq!(first.wait().unwrap().code(), Some(0));
}

#[test]
fn a_closed_pipe_is_0() {
    let account = Account::new();
    let program = palisade().to_str().unwrap();
    for command in ["rules", "__reference rules", "rules --format json", "man"] {
        let script = format!("{{ '{program}' {command}; echo $? >&2; }} | head -n 1");
        let mut shell = Command::new("bash");
        shell
            .args(["-c", &script])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", account.home());
        let answer = Answer::of(&mut shell, b"").expect(0);
        assert_eq!(answer.stderr, "0\n", "{command}: {answer}");
        assert_eq!(answer.stdout.lines().count(), 1, "{command}: {answer}");
    }
}

/// A full disk behind standard output is not silence.
#[test]
fn output_that_cannot_be_written_is_4() {
    let account = Account::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended =
        account.command(account.home()).arg("rules").stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(ended.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("cannot write the output"));
}
