//! Names that are secrets, of what stands beside findings: no output may show them.

use std::fs;

use palisade_testkit::{Account, Project};

use crate::places::{files, small};
use crate::shop::{FLAW, FLAWED, informed, shop};
use crate::token;

const FORMATS: [&str; 12] = [
    "human",
    "json",
    "sarif",
    "junit",
    "github",
    "gitlab",
    "gitlab-dependencies",
    "gitleaks-json",
    "gitleaks-csv",
    "html",
    "cyclonedx",
    "spdx",
];

/// A repository whose branch, remote, folder, archive and socket are called after secrets, and the secrets.
fn telling() -> (Project, [String; 4]) {
    let secrets = [2000, 2001, 2002, 2003].map(token::github);
    let [branch, remote, folder, archive] = &secrets;
    let project = Project::empty();
    project.write("README.md", "nothing to see\n");
    let project = project.committed();
    project.git(&["checkout", "--quiet", "-b", &format!("fix/{branch}")]);
    project.git(&["remote", "add", "origin", &format!("https://git.example.net/{remote}/lib.git")]);
    project.write(format!("{folder}/Cargo.lock"), "version = 3\n[[package]]\nname = \"x\"\nversion = 1\n");
    let package = "{\"lockfileVersion\": 3, \"packages\": {\"node_modules/a\": {\"version\": \"1.0.0\", \
                   \"resolved\": \"http://registry.example/a.tgz\"}}}";
    project.write(format!("{folder}/package-lock.json"), package);
    project.write(format!("{archive}.7z"), b"7z\xbc\xaf\x27\x1c and more");
    (project, secrets)
}

#[test]
fn no_report_shows_a_name_that_is_a_secret() {
    let (project, secrets) = telling();
    let account = Account::new();
    for how in [&["scan"][..], &["scan", "--since", "HEAD"], &["scan", "--history"]] {
        let bills = ["gitlab-dependencies", "cyclonedx", "spdx"];
        let formats = FORMATS.iter().filter(|format| how.len() == 1 || !bills.contains(format));
        let outputs = formats.clone().map(|format| format!("--output={format}=../{format}"));
        let args = how.iter().map(|word| (*word).to_owned()).chain(outputs).collect::<Vec<_>>();
        let answer = account.run(project.root(), args);
        assert!(matches!(answer.code, 1 | 3), "{how:?}: {answer}");
        let reports = formats
            .map(|format| (*format, fs::read_to_string(project.path(format!("../{format}"))).unwrap()));
        for (format, report) in reports.chain([("stderr", answer.stderr.clone())]) {
            for secret in &secrets {
                token::assert_hidden(secret, &report, format);
            }
        }
    }
    let sarif = account.run(project.root(), ["scan", "--format", "sarif"]).json();
    let branch = sarif["runs"][0]["versionControlProvenance"][0]["branch"].as_str().unwrap().to_owned();
    assert!(branch.starts_with("fix/****"), "{branch}");
}

#[test]
fn no_record_of_a_run_shows_a_branch_that_is_a_secret() {
    let secret = token::github(2010);
    let project = small();
    project.git(&["checkout", "--quiet", "-b", &format!("fix/{secret}")]);
    let answer = Account::new().run(project.root(), ["run"]).expect(0);
    token::assert_hidden(&secret, &answer.stdout, "what is shown");
    assert!(answer.stdout.contains("on fix/****"), "{answer}");
    for path in files(&project.path(".palisade")) {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        token::assert_hidden(&secret, &text, &path.display().to_string());
    }
}

/// Words of no vendor's form, which no rule finds: what shows them has taken the address as it is.
#[test]
fn no_output_shows_the_credentials_in_the_address_of_a_remote() {
    let [user, password, query] = [3100, 3101, 3102].map(token::word);
    for (remote, shown) in [
        (
            format!("https://{user}:{password}@github.com/acme/shop.git?private_token={query}#{query}"),
            Some("acme/shop"),
        ),
        (format!("https://{password}@github.com/acme/shop.git"), Some("acme/shop")),
        (format!("https://relay.example/https://{user}:{password}@github.com/acme/shop.git"), None),
    ] {
        let (account, project) = (informed(), shop().committed());
        project.git(&["remote", "add", "origin", &remote]);
        let mut shows = Vec::new();
        let mut check = |text: &str, place: &str| {
            // A history shows the line of the configuration in which it found the password, as of any file: a user is no secret there.
            let named = place.contains("--history").then_some(&user);
            for secret in [&user, &password, &query].into_iter().filter(|secret| Some(*secret) != named) {
                token::assert_hidden(secret, text, place);
            }
            shows.extend(shown.filter(|shown| text.contains(shown)).map(|_| place.to_owned()));
        };
        // A statement about the project asks what the project is called.
        let states = ["vex", "new", "--vulnerability", FLAW, "--product", "pkg:github/acme/shop"];
        let says = ["--status", "not_affected", "--justification", "vulnerable_code_not_in_execute_path"];
        account
            .run(project.root(), [&states[..], &says, &["--into", "palisade.vex.json"]].concat())
            .expect(0);
        let outputs = FORMATS.map(|format| format!("--output={format}=../{format}"));
        let answer = account.run(project.root(), [&["scan".to_owned()][..], &outputs].concat());
        check(&format!("{}{}", answer.stdout, answer.stderr), "scan");
        for format in FORMATS {
            check(&fs::read_to_string(project.path(format!("../{format}"))).unwrap(), format);
        }
        for args in [
            &["scan", "--history", "--format", "json"][..],
            &["scan", "--since", "HEAD", "--format", "sarif"],
            &["sbom", "create", "--type", "cyclonedx-1.6"],
            &["sbom", "create", "--type", "spdx-2.3"],
            &["vex", "explain", "palisade.vex.json", "--vulnerability", FLAW, "--package", FLAWED],
            &["plan"],
            &["doctor"],
        ] {
            let answer = account.run(project.root(), args);
            check(&format!("{}{}", answer.stdout, answer.stderr), &args.join(" "));
        }
        let project = small();
        project.git(&["remote", "add", "origin", &remote]);
        let answer = account.run(project.root(), ["run"]).expect(0);
        check(&format!("{}{}", answer.stdout, answer.stderr), "run");
        for path in files(&project.path(".palisade")) {
            check(&String::from_utf8_lossy(&fs::read(&path).unwrap()), &path.display().to_string());
        }
        // The test has seen what it wants to be without credentials.
        let is_told = |place: &str| shows.iter().any(|shown| shown.contains(place));
        assert_eq!(is_told("sarif"), shown.is_some(), "{shows:?}");
        assert_eq!(is_told("sbom create --type cyclonedx"), shown.is_some(), "{shows:?}");
        assert_eq!(is_told(".palisade"), shown.is_some(), "{shows:?}");
    }
}

#[test]
fn a_secret_is_told_once_with_every_reference_that_names_it() {
    let (secret, other) = (token::github(2020), token::github(2021));
    let project = Project::empty();
    project.write("app.env", format!("GITHUB_TOKEN={other}\n"));
    let project = project.committed();
    project.git(&["branch", &format!("a/{secret}")]);
    project.git(&["tag", &secret]);
    // Told of the file alone, which is the better place.
    project.git(&["branch", &other]);
    let answer = Account::new().run(project.root(), ["scan", "--history", "--format", "json"]).expect(1);
    let findings = answer.json()["findings"].as_array().unwrap().clone();
    let places: Vec<_> = findings.iter().map(|one| one["location"]["path"].as_str().unwrap()).collect();
    let hidden = "*".repeat(secret.len());
    assert_eq!(places, [format!(".git/refs/heads/a/{hidden}").as_str(), "app.env"], "{answer}");
    let paths = findings[0]["history"]["paths"].as_array().unwrap();
    assert!(paths.contains(&format!(".git/refs/tags/{hidden}").into()), "{answer}");
    assert!(findings[0]["message"].as_str().unwrap().contains("branch, tag"), "{answer}");
}
