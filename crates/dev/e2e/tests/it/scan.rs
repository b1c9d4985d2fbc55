//! `palisade scan`: formats, sources, thresholds, suppressions.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use palisade_testkit::{Account, Answer, Project, peer, python};
use serde_json::Value;

use crate::places::remains;
use crate::token;

/// A repository with one secret that is committed, in `deploy/shop.env`, line 2.
fn leaky(secret: &str) -> Project {
    let project = Project::empty();
    project.write("palisade.yaml", "version: 1\nname: leaky\nsalt: 0123456789abcdef0123456789abcdef\n");
    project.write("deploy/shop.env", format!("SHOP=1\nGITHUB_TOKEN={secret}\n"));
    project.write("README.md", "nothing to see\n");
    project.committed()
}

fn findings(answer: &Answer) -> Vec<Value> {
    answer.json()["findings"].as_array().unwrap().clone()
}

fn fingerprint(account: &Account, project: &Project) -> String {
    let answer = account.run(project.root(), ["scan", "--format", "json"]);
    findings(&answer)[0]["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn every_format_tells_the_finding_and_hides_the_secret() {
    let (account, secret) = (Account::new(), token::github(21));
    let project = leaky(&secret);
    for format in FORMATS {
        let answer = account.run(project.root(), ["scan", "--format", format]).expect(1);
        assert!(answer.stdout.contains("github-pat"), "{format}: {answer}");
        assert!(answer.stdout.contains("deploy/shop.env"), "{format}: {answer}");
        token::assert_hidden(&secret, &answer.stdout, format);
        token::assert_hidden(&secret, &answer.stderr, format);
        let path = project.path("result");
        let args = ["scan", "--format", format, "--output", "result"];
        let written = account.run(project.root(), args).expect(1);
        assert_eq!(written.stdout, "", "{format}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600, "{format}");
        let text = fs::read_to_string(&path).unwrap();
        let timeless = |text: &str| without_times(text);
        assert_eq!(
            timeless(&text),
            timeless(&answer.stdout),
            "{format}: the file holds what standard output would"
        );
        fs::remove_file(path).unwrap();
    }
}

const FORMATS: [&str; 9] =
    ["human", "json", "sarif", "junit", "github", "gitlab", "gitleaks-json", "gitleaks-csv", "html"];

/// GitLab's report and HTML say when the scan was; all else is the same each time.
fn without_times(text: &str) -> String {
    let timed = |line: &&str| !line.contains("_time\"") && !line.contains("<dt>scanned</dt>");
    text.lines().filter(timed).collect::<Vec<_>>().join("\n")
}

#[test]
fn one_scan_is_written_in_many_formats() {
    let (account, secret) = (Account::new(), token::github(61));
    let project = leaky(&secret);
    let scan = |args: &[&str]| account.run(project.root(), [&["scan", "--format", "json"], args].concat());
    let args =
        ["--output", "sarif=../a.sarif", "--output", "gitleaks-csv=../a.csv", "--output", "html=../a=b.html"];
    assert_eq!(findings(&scan(&args).expect(1)).len(), 1, "standard output has its own");
    for name in ["a.sarif", "a.csv", "a=b.html"] {
        let path = project.root().parent().unwrap().join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("github-pat"), "{name}");
        token::assert_hidden(&secret, &text, name);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600, "{name}");
    }
    let plain = scan(&["--output", "../a.json", "--output", "junit=../a.xml"]).expect(1);
    assert_eq!(plain.stdout, "");
    scan(&["--output", "../a", "--output", "../b"]).expect(2).says("more than one --output");
    scan(&["--output", "../a", "--output", "html=../a"]).expect(2).says("no file of its own");
    scan(&["--output", "html="]).expect(2);
    account.run(project.root(), ["plan", "--format", "html"]).expect(2);
}

/// The columns are those of Gitleaks 8.
#[test]
fn gitleaks_csv_is_read_by_an_independent_parser() {
    const READ: &str = "import csv, sys\n\
                        rows = list(csv.DictReader(open(sys.argv[1], newline=''), strict=True))\n\
                        assert not any(cell.startswith(tuple('=+-@')) for row in rows for cell in row.values())\n\
                        print(len(rows), sorted(row['File'] for row in rows), rows[0]['Secret'])";
    let (account, secret) = (Account::new(), token::github(62));
    let project = leaky(&secret);
    project.write("=cmd,1.env", format!("T={}\n", token::github(63)));
    account.run(project.root(), ["scan", "--format", "gitleaks-csv", "--output", "../result.csv"]).expect(1);
    let read = python(READ, &["../result.csv"], project.root()).expect(0);
    read.says("2 [\"'=cmd,1.env\", 'deploy/shop.env'] REDACTED");
}

#[test]
fn json_says_where_and_what_and_how_much_was_looked_at() {
    let (account, secret) = (Account::new(), token::github(22));
    let project = leaky(&secret);
    let answer = account.run(project.root(), ["scan", "--format", "json"]).expect(1).json();
    assert_eq!(answer["schema"], "palisade/scan/v1");
    assert_eq!(answer["result"], "denied");
    let finding = &answer["findings"][0];
    let start = &finding["location"]["start"];
    assert_eq!([&start["line"], &start["column"]], [2, 14], "GITHUB_TOKEN= has 13 characters");
    assert_eq!(finding["severity"], "critical");
    let engines = answer["engines"].as_array().unwrap();
    let looked = engines.iter().map(|engine| {
        let coverage = &engine["coverage"];
        (engine["engine"].as_str().unwrap(), [&coverage["looked_at"], &coverage["not_applicable"]])
    });
    let looked: Vec<_> = looked.collect();
    assert_eq!(looked.len(), 2);
    assert_eq!((looked[0].0, looked[0].1.map(|count| count.as_u64().unwrap())), ("deps", [0, 3]));
    assert_eq!((looked[1].0, looked[1].1.map(|count| count.as_u64().unwrap())), ("secrets", [3, 0]));
    assert_eq!(answer["counts"], serde_json::json!({ "findings": 1, "suppressed": 0, "gaps": 0 }));
}

/// SARIF 2.1.0, sections 3.14, 3.27 and 3.19, as code-scanning services read it.
#[test]
fn sarif_has_the_structure_that_readers_demand() {
    let (account, secret) = (Account::new(), token::github(23));
    let project = leaky(&secret);
    let sarif = account.run(project.root(), ["scan", "--format", "sarif"]).expect(1).json();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(
        sarif["$schema"].as_str().unwrap().contains("sarif-2.1.0")
            || sarif["$schema"].as_str().unwrap().contains("sarif-schema-2.1.0")
    );
    let run = &sarif["runs"][0];
    let result = &run["results"][0];
    let rule =
        &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
    assert_eq!(rule["id"], result["ruleId"]);
    assert_eq!(result["ruleId"], "github-pat");
    assert_eq!(result["level"], "error");
    assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "deploy/shop.env");
    assert_eq!([&place["region"]["startLine"], &place["region"]["startColumn"]], [2, 14]);
    assert!(!result["partialFingerprints"].as_object().unwrap().is_empty());
    let score: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
    assert!(score >= 9.0, "critical is 9.0 or more");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn junit_is_read_by_an_independent_parser() {
    const READ: &str = "import sys, xml.etree.ElementTree as tree\n\
                        root = tree.parse(sys.argv[1]).getroot()\n\
                        suites = [root] if root.tag == 'testsuite' else root.findall('testsuite')\n\
                        failed = [case for suite in suites for case in suite.iter('testcase') if case.find('failure') is not None]\n\
                        assert sum(int(suite.get('failures')) for suite in suites) == len(failed)\n\
                        print(len(failed), failed[0].get('name'), failed[0].find('failure').get('message'))";
    let (account, secret) = (Account::new(), token::github(24));
    let project = leaky(&secret);
    project.write("odd <&\"'>\u{1}.env", format!("T={}\n", token::github(25)));
    account.run(project.root(), ["scan", "--format", "junit", "--output", "../result.xml"]).expect(1);
    python(READ, &["../result.xml"], project.root()).expect(0).says("2 ");
}

/// GitHub's documentation, "Workflow commands": `::error file={name},line={line},col={col}::{message}`, with percent-encoded ends of lines.
#[test]
fn github_annotations_are_one_line_each() {
    let (account, secret) = (Account::new(), token::github(26));
    let project = leaky(&secret);
    project.write("a,b:c.env", format!("T={}\n", token::github(27)));
    let answer = account.run(project.root(), ["scan", "--format", "github"]).expect(1);
    let lines: Vec<&str> = answer.stdout.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(lines.len(), 2, "{answer}");
    assert!(lines[0].starts_with("::error file=a%2Cb%3Ac.env,line=1,"), "{answer}");
    assert!(lines[1].starts_with("::error file=deploy/shop.env,line=2,"), "{answer}");
}

#[test]
fn a_threshold_decides_what_denies() {
    let account = Account::new();
    let project = leaky(&token::github(28));
    for severity in ["low", "medium", "high", "critical"] {
        account.run(project.root(), ["scan", "--fail-on", severity]).expect(1);
    }
    account.run(project.root(), ["scan", "--fail-on", "severe"]).expect(2);
    let generic = Project::empty();
    generic.write("settings.py", format!("password = \"{}\"\n", token::word(29)));
    let answer = account.run(generic.root(), ["scan", "--format", "json"]);
    let found = findings(&answer);
    assert_eq!(found.len(), 1, "{answer}");
    let severity = found[0]["severity"].as_str().unwrap();
    assert_ne!(severity, "critical");
    account.run(generic.root(), ["scan", "--fail-on", "critical"]).expect(0);
    account.run(generic.root(), ["scan", "--fail-on", severity]).expect(1);
}

#[test]
fn since_a_revision_only_what_changed_counts() {
    let account = Account::new();
    let project = leaky(&token::github(30));
    let since = |rev: &str| account.run(project.root(), ["scan", "--since", rev, "--format", "json"]);
    assert_eq!(findings(&since("HEAD").expect(0)).len(), 0);
    project.write("new.env", format!("T={}\n", token::github(31)));
    assert_eq!(findings(&since("HEAD").expect(1)).len(), 1, "an untracked file is a change");
    project.commit("second");
    let found = findings(&since("HEAD~1").expect(1));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["location"]["path"], "new.env");
    assert_eq!(findings(&since("HEAD").expect(0)).len(), 0);
    project.write("deploy/shop.env", format!("SHOP=2\nGITHUB_TOKEN={}\n", token::github(30)));
    assert_eq!(findings(&since("main").expect(1)).len(), 1, "an edit in the work tree is a change");
    since("nowhere").expect(2).says("nowhere");
    let bare = Project::empty();
    account.run(bare.root(), ["scan", "--since", "HEAD"]).expect(2);
}

#[test]
fn staged_is_what_the_index_says() {
    let account = Account::new();
    let project = leaky(&token::github(32));
    let staged = || account.run(project.root(), ["scan", "--staged", "--format", "json"]);
    assert_eq!(findings(&staged().expect(0)).len(), 0, "what is committed already is not staged");
    project.write("new.env", format!("T={}\n", token::github(33)));
    assert_eq!(findings(&staged().expect(0)).len(), 0, "nor is what is not added");
    project.git(&["add", "new.env"]);
    project.write("new.env", "T=clean again, but only here\n");
    assert_eq!(findings(&staged().expect(1)).len(), 1, "the index counts, not the work tree");
    assert_eq!(findings(&account.run(project.root(), ["scan", "--format", "json"])).len(), 1);
    project.git(&["add", "new.env"]);
    project.write("new.env", format!("T={}\n", token::github(33)));
    assert_eq!(findings(&staged().expect(0)).len(), 0);
    assert_eq!(remains(&account.cache()), Vec::<PathBuf>::new(), "what was laid out is gone");
}

#[test]
fn standard_input_is_a_file_too() {
    let account = Account::new();
    let secret = token::github(34);
    let folder = account.home().to_owned();
    let scan = |input: &str| account.call(&folder, ["scan", "-", "--format", "json"]).stdin(input).run();
    let answer = scan(&format!("one\ntwo {secret}\n")).expect(1);
    assert_eq!(findings(&answer)[0]["location"]["start"]["line"], 2);
    token::assert_hidden(&secret, &answer.stdout, "stdout");
    scan("nothing\n").expect(0);
    scan("").expect(0);
    let small = account.call(&folder, ["scan", "-", "--max-file-size", "10B"]).stdin("twelve bytes").run();
    small.expect(3);
}

#[test]
fn a_waiver_holds_until_its_day_and_is_missed_when_unused() {
    let (account, secret) = (Account::new(), token::github(35));
    let project = leaky(&secret);
    let full = fingerprint(&account, &project);
    let waive = |text: &str, until: &str| {
        account.run(
            project.root(),
            ["waive", text, "--reason", "revoked; a test vector", "--until", until, "--owner", "ada"],
        )
    };
    let (short, too_short) = (full.split_at(8).0, full.split_at(7).0);
    waive(too_short, "2199-01-01").expect(2);
    waive("00000000", "2199-01-01").expect(2);
    waive(short, "2020-01-01").expect(2).says("is over");
    waive(short, "tomorrow").expect(2);
    assert!(!project.path("palisade.waivers.yaml").exists());
    waive(short, "2199-01-01").expect(0).says(&full);
    let answer = account.run(project.root(), ["scan"]).expect(0);
    let answer = answer.says("1 more allowed").says("revoked; a test vector");
    assert!(answer.stdout.contains("deploy/shop.env"), "a suppressed finding stays in the result: {answer}");

    let file = String::from_utf8(project.read("palisade.waivers.yaml")).unwrap();
    assert!(file.contains(&full) && !file.contains(&secret), "{file}");
    project.write("palisade.waivers.yaml", file.replace("2199-01-01", "2020-01-01"));
    account.run(project.root(), ["scan"]).expect(1).says("expired on 2020-01-01");
    project.write("palisade.waivers.yaml", &file);
    project.write("deploy/shop.env", "SHOP=1\n");
    let unused = account.run(project.root(), ["scan", "--format", "json"]).expect(0).json();
    assert_eq!(unused["waivers"]["unused"], serde_json::json!([full]));
    project.write("palisade.waivers.yaml", file.replace("reason:", "raison:"));
    account.run(project.root(), ["scan"]).expect(2).says("did you mean `reason`");
}

#[test]
fn policy_says_which_suppressions_count() {
    let account = Account::new();
    let origin = leaky(&token::github(36));
    let project = origin.cloned();
    let full = fingerprint(&account, &project);
    let policy = |suppressions: &str| {
        let path = account.home().join(format!("{suppressions}.yaml"));
        fs::write(&path, format!("version: 1\nname: acme\nsuppressions: {suppressions}\n")).unwrap();
        path
    };
    let scan = |suppressions: &str| {
        let path = policy(suppressions);
        account.run(project.root(), ["scan".as_ref(), "--policy".as_ref(), path.as_os_str()])
    };
    account.run(project.root(), ["waive", &full, "--reason", "a test", "--until", "2199-01-01"]).expect(0);
    scan("self").expect(0).says("self-granted");
    scan("base").expect(1);
    scan("none").expect(1);
    project.commit("waive");
    scan("base").expect(1);
    // The others have taken it over: now it is no longer the change's own word.
    let waivers = project.read("palisade.waivers.yaml");
    origin.write("palisade.waivers.yaml", waivers).commit("waive");
    project.git(&["fetch", "--quiet", "origin"]);
    let answer = scan("base").expect(0);
    assert!(!answer.stdout.contains("self-granted"), "{answer}");
    scan("none").expect(1);
}

#[test]
fn an_inline_marker_needs_a_reason() {
    let (account, secret) = (Account::new(), token::github(37));
    let project = leaky(&secret);
    let with = |marker: &str| {
        project.write("deploy/shop.env", format!("GITHUB_TOKEN={secret} # {marker}\n"));
        account.run(project.root(), ["scan"])
    };
    with("palisade:allow github-pat reason=\"revoked\"").expect(0).says("revoked");
    with("palisade:allow github-pat").expect(1).says("gives no reason");
    with("palisade:allow github-pat reason=\"\"").expect(1);
    with("palisade:allow aws-access-key reason=\"another rule\"").expect(1);
    with("palisade:allow * reason=\"all of them\"").expect(0);
    let path = account.home().join("base.yaml");
    fs::write(&path, "version: 1\nname: acme\nsuppressions: base\n").unwrap();
    account.run(project.root(), ["scan".as_ref(), "--policy".as_ref(), path.as_os_str()]).expect(1);
}

#[test]
fn other_tools_inline_markers_count_as_theirs() {
    let (account, secret) = (Account::new(), token::github(64));
    let project = leaky(&secret);
    let with = |before: &str, after: &str| {
        project.write("deploy/shop.env", format!("{before}GITHUB_TOKEN={secret} {after}\n"));
        account.run(project.root(), ["scan"])
    };
    for marker in ["gitleaks:allow", "trufflehog:ignore", "pragma: allowlist secret", "betterleaks:allow"] {
        with("", &format!("# {marker}")).expect(0).says(&format!("self-granted: marked `{marker}`"));
        with(&format!("# {marker}\n"), "").expect(1);
    }
    with("# pragma: allowlist nextline secret\n", "").expect(0).says("nextline");
    with("", "# pragma: allowlist nextline secret").expect(1);
}

/// A project whose one finding, in `deploy/shop.env`, line 2, another tool's file lists.
fn listed_elsewhere(account: &Account, secret: &str, name: &str, text: &str) -> Answer {
    let project = leaky(secret);
    project.write(name, text);
    let below = project.path("deploy");
    account.run(&below, ["scan", "."]).expect(0).says("ignore file");
    account.run(project.root(), ["scan", "deploy/shop.env"]).expect(0);
    let none = account.home().join("none.yaml");
    fs::write(&none, "version: 1\nname: acme\nsuppressions: base\n").unwrap();
    account.run(project.root(), ["scan".as_ref(), "--policy".as_ref(), none.as_os_str()]).expect(1);
    // Another secret in its place is new, except where the entry is for the place itself.
    let answer = account.run(project.root(), ["scan", "--format", "json"]);
    for finding in findings(&answer) {
        assert!(finding.get("listed").is_none(), "{finding}");
    }
    answer
}

fn ignored(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |finding: &Value| {
        let suppression = &finding["suppression"];
        (text(&suppression["kind"]), text(&suppression["reason"]))
    };
    let shop = |finding: &&Value| finding["location"]["path"] == "deploy/shop.env";
    findings(answer).iter().filter(shop).map(of).collect()
}

fn because(entry: &str) -> Vec<(String, String)> {
    vec![("ignore-file".to_owned(), format!("listed in {entry}"))]
}

#[test]
fn a_gitleaksignore_is_honoured() {
    let (account, secret) = (Account::new(), token::github(65));
    let text = "# from gitleaks\ndeploy/shop.env:github-pat:2\ngone.env:generic-api-key:7\n";
    let answer = listed_elsewhere(&account, &secret, ".gitleaksignore", text).expect(0);
    assert_eq!(ignored(&answer), because(".gitleaksignore line 2"));
    let unused = serde_json::json!([{ "file": ".gitleaksignore", "line": 3 }]);
    assert_eq!(answer.json()["ignore_files"]["unused"], unused);
    let project = leaky(&secret);
    project.write(".gitleaksignore", "deploy/shop.env:aws-access-key-id:2\nnonsense\n");
    account
        .run(project.root(), ["scan"])
        .expect(1)
        .says("not an entry")
        .says(".gitleaksignore line 1 matches nothing");
    project.write(".gitleaksignore", "deploy\\shop.env:their-rule:2\n");
    account.run(project.root(), ["scan"]).expect(0);
    account.run(project.root(), ["scan", "--since", "HEAD"]).expect(0);
    let part = account.run(project.root(), ["scan", "README.md", "--format", "json"]).expect(0).json();
    assert_eq!(
        part["ignore_files"]["unused"],
        serde_json::json!([]),
        "a part of a project says nothing of the rest"
    );
}

#[test]
fn a_gitleaksignore_may_name_the_commit_that_brought_a_secret() {
    let (account, secret) = (Account::new(), token::github(73));
    let project = leaky(&secret);
    let commit = peer("git", &["rev-parse", "HEAD"], project.root()).stdout.trim().to_owned();
    fs::remove_file(project.path("deploy/shop.env")).unwrap();
    project.commit("remove it");
    let scan = || account.run(project.root(), ["scan", "--history", ".", "--format", "gitleaks-json"]);
    let leak = scan().expect(1).json()[0].clone();
    assert_eq!(leak["Fingerprint"], format!("{commit}:deploy/shop.env:github-pat:2"));
    assert_eq!(leak["Commit"], commit);
    account.run(project.root(), ["scan", "--history", "."]).expect(1).says("rotate the secret");
    let ignore = |commit: &str| {
        project.write(".gitleaksignore", format!("{commit}:deploy/shop.env:github-pat:2\n"));
        scan()
    };
    assert_eq!(ignore(&commit).expect(0).stdout, "[]\n");
    let other: String = commit.chars().rev().collect();
    ignore(&other).expect(1);
}

/// The digest is made by Python's hashlib, as detect-secrets makes it.
#[test]
fn a_detect_secrets_baseline_is_honoured() {
    const DIGEST: &str = "import hashlib, sys; print(hashlib.sha1(sys.argv[1].encode()).hexdigest())";
    let (account, secret) = (Account::new(), token::github(66));
    let digest = python(DIGEST, &[&secret], account.home()).expect(0).stdout.trim().to_owned();
    let baseline = |verdict: &str| {
        format!(
            "{{\"version\": \"1.5.0\", \"plugins_used\": [], \"filters_used\": [], \"results\": {{\n\"deploy/shop.env\": \
             [{{\"type\": \"GitHub Token\", \"filename\": \"deploy/shop.env\",\n\"hashed_secret\": \"{digest}\", \
             \"is_verified\": false, \"line_number\": 99{verdict}}}]}}}}"
        )
    };
    let project = leaky(&secret);
    let scan = || account.run(project.root(), ["scan", "--format", "json"]);
    project.write(".secrets.baseline", baseline(""));
    assert_eq!(ignored(&scan()), because(".secrets.baseline line 3"));
    project.write(".secrets.baseline", baseline(", \"is_secret\": true"));
    assert_eq!(ignored(&scan().expect(1)), [(String::new(), String::new())]);
    project.write(".secrets.baseline", baseline(", \"is_secret\": false"));
    assert_eq!(ignored(&scan()), because(".secrets.baseline line 3"));
    project.write("deploy/shop.env", format!("SHOP=1\nGITHUB_TOKEN={}\n", token::github(67)));
    assert_eq!(ignored(&scan().expect(1)), [(String::new(), String::new())], "another secret is new");
    project.write(".secrets.baseline", "{\"results\": 3}");
    account
        .run(project.root(), ["scan"])
        .expect(2)
        .says("not a baseline of detect-secrets")
        .says("detect-secrets scan");
}

#[test]
fn a_secretsignore_is_honoured() {
    let (account, secret) = (Account::new(), token::github(68));
    let answer =
        listed_elsewhere(&account, &secret, ".secretsignore", &format!("docs/*\n\n[secrets]\n{secret}\n"));
    assert_eq!(ignored(&answer.expect(0)), because(".secretsignore line 4"));
    let answer = listed_elsewhere(&account, &secret, ".secretsignore", "docs/*\ndeploy/\n");
    assert_eq!(ignored(&answer.expect(0)), because(".secretsignore line 2"));
    let project = leaky(&secret);
    project.write(".secretsignore", "docs/*\n[z-a]\n");
    account.run(project.root(), ["scan"]).expect(2).says(".secretsignore:2").says("bad pattern");
}

#[test]
fn a_baseline_says_how_much_of_it_is_over() {
    let account = Account::new();
    let project = leaky(&token::github(69));
    project.write("old.env", format!("T={}\n", token::github(70)));
    account.run(project.root(), ["scan", "--write-baseline"]).expect(0);
    fs::remove_file(project.path("old.env")).unwrap();
    account.run(project.root(), ["scan"]).expect(0).says("1 entry of palisade.baseline.json matches nothing");
    let answer = account.run(project.root(), ["scan", "--format", "json"]).expect(0).json();
    assert_eq!(answer["baseline"]["unused"], 1);
}

#[test]
fn a_fingerprint_survives_renames_and_moved_lines_and_names_one_secret() {
    let (account, secret) = (Account::new(), token::github(71));
    let project = leaky(&secret);
    let full = fingerprint(&account, &project);
    let waive = ["waive", &full, "--reason", "revoked", "--until", "2199-01-01", "--owner", "ada"];
    account.run(project.root(), waive).expect(0).says("owned by ada");
    account.run(project.root(), ["scan"]).expect(0).says("owned by ada");
    fs::remove_file(project.path("deploy/shop.env")).unwrap();
    project.write("moved/else.ini", format!("\n\n\n; x\nkey = {secret}\n"));
    account.run(project.root(), ["scan"]).expect(0).says("1 more allowed");
    project.write("moved/else.ini", format!("\n\n\n; x\nkey = {}\n", token::github(72)));
    account.run(project.root(), ["scan"]).expect(1);
}

#[test]
fn a_baseline_leaves_only_what_is_new() {
    let (account, secret) = (Account::new(), token::github(38));
    let project = leaky(&secret);
    account.run(project.root(), ["scan", "--write-baseline"]).expect(0).says("wrote 1 fingerprint");
    token::assert_hidden(
        &secret,
        &String::from_utf8(project.read("palisade.baseline.json")).unwrap(),
        "the baseline",
    );
    account.run(project.root(), ["scan"]).expect(0).says("baseline");
    project.write("new.env", format!("T={}\n", token::github(39)));
    let answer = account.run(project.root(), ["scan", "--format", "json"]).expect(1).json();
    assert_eq!(answer["counts"], serde_json::json!({ "findings": 1, "suppressed": 1, "gaps": 0 }));
}

/// What is not a plain file must not be replaced by one: as root that would take `/dev/null` from everybody on the machine.
#[test]
fn a_result_is_written_into_a_pipe_and_through_no_link() {
    let account = Account::new();
    let project = leaky(&token::github(42));
    let pipe = account.home().join("pipe");
    peer("mkfifo", &["pipe"], account.home());
    let reader =
        Command::new("timeout").arg("20").arg("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    let scan = |path: &Path| {
        let args = ["scan", "--format", "json", "--output"].map(OsStr::new);
        account.run(project.root(), args.into_iter().chain([path.as_os_str()]))
    };
    let plain = account.run(project.root(), ["scan", "--format", "json"]).expect(1);
    let code = scan(&pipe).code;
    let kind = fs::symlink_metadata(&pipe).unwrap().file_type();
    assert!(kind.is_fifo(), "the pipe was replaced");
    assert_eq!(reader.wait_with_output().unwrap().stdout, plain.bytes);
    assert_eq!(code, 1);
    let (file, link) = (account.home().join("file"), account.home().join("link"));
    fs::write(&file, "precious").unwrap();
    symlink(&file, &link).unwrap();
    scan(&link).expect(2).says("symbolic link");
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    scan(&file).expect(1);
    assert_eq!(fs::read(&file).unwrap(), plain.bytes);
}

/// A multi-line secret, in the form that OpenSSL writes.
#[test]
fn a_private_key_is_found_and_no_line_of_it_is_shown() {
    let (account, project) = (Account::new(), Project::empty());
    peer("openssl", &["genpkey", "-algorithm", "ed25519", "-out", "server.key"], project.root());
    let key = String::from_utf8(project.read("server.key")).unwrap();
    let body = key.lines().nth(1).unwrap();
    for format in FORMATS {
        let answer = account.run(project.root(), ["scan", "--format", format]).expect(1).says("private-key");
        token::assert_hidden(body, &answer.stdout, format);
    }
}

#[test]
fn a_single_file_and_a_folder_below_the_project_can_be_scanned() {
    let account = Account::new();
    let project = leaky(&token::github(40));
    assert_eq!(
        findings(&account.run(project.root(), ["scan", "deploy/shop.env", "--format", "json"]).expect(1))
            .len(),
        1
    );
    account.run(project.root(), ["scan", "README.md"]).expect(0);
    let below = account.run(project.root(), ["scan", "deploy", "--format", "json"]).expect(1);
    let whole = account.run(project.root(), ["scan", "--format", "json"]).expect(1);
    assert_eq!(findings(&below)[0]["fingerprint"], findings(&whole)[0]["fingerprint"]);
    account.run(Path::new("/"), ["scan".as_ref(), project.path("nowhere").as_os_str()]).expect(2);
}

/// The published reader parses what we write. It is installed from the package index, so that it needs the network.
#[test]
#[ignore = "peer: installs sarif-tools from the Python package index; run by `cargo xtask test --peers`"]
fn peers_sarif_tools_reads_our_sarif() {
    let account = Account::new();
    let project = leaky(&token::github(41));
    let venv = account.home().join("venv");
    peer("python3", &["-m", "venv", venv.to_str().unwrap()], account.home());
    peer(venv.join("bin/pip").to_str().unwrap(), &["install", "--quiet", "sarif-tools"], account.home());
    account.run(project.root(), ["scan", "--format", "sarif", "--output", "../result.sarif"]).expect(1);
    let sarif = venv.join("bin/sarif");
    let parent = project.root().parent().unwrap();
    peer(sarif.to_str().unwrap(), &["summary", "result.sarif"], parent).says("error: 1");
}

#[test]
fn what_git_keeps_is_no_clean_folder() {
    let project = Project::empty();
    project.write("README.md", "nothing to see\n");
    let project = project.committed();
    let account = Account::new();
    for place in [".git", ".git/objects"] {
        account.run(project.root(), ["scan", place]).expect(2).says("--history");
    }
    project.git(&["clone", "--quiet", "--bare", ".", "copy.git"]);
    account.run(project.root(), ["scan", "copy.git"]).expect(3).says("--history");
    account.run(project.root(), ["scan"]).expect(3).says("copy.git: a git repository without its work tree");
    account.run(project.root(), ["scan", "--history"]).expect(0);
}
