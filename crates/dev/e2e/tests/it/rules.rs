//! Rules that are not built in: for gitleaks and of one's own; how they are tested, linted and measured.

use palisade_testkit::{Account, Answer, Project};
use serde_json::Value;

use crate::places::small;
use crate::token;

const HOUSE: &str = "\
title = 'House rules'

[[rules]]
id = 'House_Key'
description = 'Key of the house'
regex = '''house=([a-z0-9]{12})'''
keywords = ['house']

  [[rules.allowlists]]
  description = 'the key on the door mat'
  paths = ['''^mat/''']
";

fn project() -> Project {
    let project = Project::empty();
    project.write("palisade.yaml", "version: 1\nname: house\nsalt: 0123456789abcdef0123456789abcdef\n");
    project.write("a.env", "house=q7w2e9r4t1z8\n");
    project.write("mat/b.env", "house=m3n8b5v2c7x4\n");
    project
}

/// Rule and path of findings.
type Found = Vec<(String, String)>;

/// The findings that count, and those that do not.
fn findings(answer: &Answer) -> (Found, Found) {
    let document = answer.json();
    let (active, suppressed): (Vec<&Value>, Vec<&Value>) =
        document["findings"].as_array().unwrap().iter().partition(|finding| finding["suppression"].is_null());
    let shown = |found: Vec<&Value>| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        found.iter().map(|found| (text(&found["rule"]), text(&found["location"]["path"]))).collect()
    };
    (shown(active), shown(suppressed))
}

fn pair(rule: &str, path: &str) -> (String, String) {
    (rule.to_owned(), path.to_owned())
}

#[test]
fn what_the_user_names_may_allow_and_what_the_folder_brings_is_shown() {
    let (account, project) = (Account::new(), project());
    account.run(project.root(), ["scan"]).expect(0);
    project.write("rules/house.toml", HOUSE);
    let named =
        account.run(project.root(), ["scan", "--rules", "rules/house.toml", "--format", "json"]).expect(1);
    assert_eq!(findings(&named), (vec![pair("house-key", "a.env")], vec![]), "{named}");
    assert!(
        named.json()["rules"]["house-key"]["tags"].as_array().unwrap().contains(&"gitleaks:House_Key".into())
    );
    token::assert_hidden("q7w2e9r4t1z8", &named.stdout, "the report");

    project.write(".gitleaks.toml", HOUSE);
    let found = account.run(project.root(), ["scan", "--format", "json"]).expect(1);
    assert_eq!(
        findings(&found),
        (vec![pair("house-key", "a.env")], vec![pair("house-key", "mat/b.env")]),
        "{found}"
    );
    let mat = &found.json()["findings"][1]["suppression"];
    assert_eq!(mat["reason"], ".gitleaks.toml: the key on the door mat");
    assert_eq!(mat["self_granted"], true);
    let strict = account.home().join("policy.yaml");
    std::fs::write(&strict, "version: 1\nname: strict\nsuppressions: none\n").unwrap();
    let policy = strict.to_str().unwrap();
    let judged = account.run(project.root(), ["scan", "--format", "json", "--policy", policy]).expect(1);
    assert_eq!(findings(&judged).0.len(), 2, "a change may add rules, not take findings away: {judged}");
}

#[test]
fn a_folder_may_not_switch_built_in_rules_off_in_silence() {
    let (account, project) = (Account::new(), project());
    let secret = token::github(71);
    project.write("deploy.env", format!("TOKEN={secret}\n"));
    let config = "[extend]\nuseDefault = true\ndisabledRules = ['github-pat', 'generic-api-key']\n[[allowlists]]\npaths = ['^mat/']\n";
    project.write(".gitleaks.toml", config);
    let found = account.run(project.root(), ["scan", "--format", "json"]).expect(0);
    assert_eq!(findings(&found).1, [pair("github-pat", "deploy.env")], "{found}");
    project.write("named.toml", config);
    std::fs::remove_file(project.path(".gitleaks.toml")).unwrap();
    let named = account.run(project.root(), ["scan", "--rules", "named.toml", "--format", "json"]).expect(0);
    assert_eq!(findings(&named), (vec![], vec![]), "{named}");
    let alone = account.run(project.root(), ["scan", "--no-builtin-rules"]).expect(2);
    assert!(alone.stderr.contains("there is no rule to look by"), "{alone}");
}

#[test]
fn a_run_uses_what_the_folder_brings_too() {
    let (account, project) = (Account::new(), small());
    project.write(".gitleaks.toml", HOUSE);
    project.write("mat/b.env", "house=m3n8b5v2c7x4\n");
    account.run(project.root(), ["run"]).expect(0);
    project.write("a.env", "house=q7w2e9r4t1z8\n");
    account.run(project.root(), ["run"]).expect(1).says("house-key");
    project.write(".gitleaks.toml", "[[rules]]\nid = 3.5.5\n");
    account.run(project.root(), ["run"]).expect(2);
}

#[test]
fn configurations_extend_each_other() {
    let (account, project) = (Account::new(), project());
    project.write("shared/base.toml", HOUSE);
    project.write(
        ".gitleaks.toml",
        "[extend]\npath = 'shared/base.toml'\n[[rules]]\nid = 'House_Key'\nentropy = 6\n",
    );
    account.run(project.root(), ["scan"]).expect(0);
    project.write(".gitleaks.toml", "[extend]\npath = 'shared/base.toml'\n");
    account.run(project.root(), ["scan"]).expect(1);
    let refused = [
        ("[extend]\npath = '../elsewhere.toml'\n", "leaves the folder"),
        ("[extend]\npath = '/etc/hostname'\n", "leaves the folder"),
        ("[extend]\npath = 'nothing.toml'\n", "there is no file"),
        ("[extend]\npath = '.gitleaks.toml'\n", "extend each other"),
        ("[extend]\nurl = 'https://example.com'\n", "not fetched from a network"),
    ];
    for (text, message) in refused {
        project.write(".gitleaks.toml", text);
        let answer = account.run(project.root(), ["scan"]).expect(2);
        assert!(
            answer.stderr.contains(message) && answer.stderr.contains(".gitleaks.toml:2"),
            "{text}: {answer}"
        );
    }
    std::fs::remove_file(project.path(".gitleaks.toml")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", project.path("shared/link.toml")).unwrap();
    project.write(".gitleaks.toml", "[extend]\npath = 'shared/link.toml'\n");
    account.run(project.root(), ["scan"]).expect(2);
}

#[test]
fn a_wrong_rule_is_pointed_at() {
    let (account, project) = (Account::new(), project());
    project.write("bad.toml", HOUSE.replace("([a-z0-9]{12})", "(?=x)"));
    let answer = account.run(project.root(), ["scan", "--rules", "bad.toml"]).expect(2);
    assert!(answer.stderr.contains("look-ahead is not supported"), "{answer}");
    assert!(answer.stderr.contains("bad.toml:6:18") && answer.stderr.contains("^^^"), "{answer}");
    assert!(answer.stderr.contains("help"), "{answer}");
    project.write("odd.toml", HOUSE.replace("keywords", "keyword"));
    account
        .run(project.root(), ["scan", "--rules", "odd.toml"])
        .expect(1)
        .stderr
        .contains("did you mean")
        .then_some(())
        .unwrap();
    let large = HOUSE.replace("{12}", "{12}(?:[ab]{1000}){400}");
    project.write("large.toml", large);
    let answer = account.run(project.root(), ["scan", "--rules", "large.toml"]).expect(2);
    assert!(answer.stderr.contains("large.toml:4") && answer.stderr.contains("when compiled"), "{answer}");
    account.run(project.root(), ["scan", "--rules", "a.env"]).expect(2);
    account.run(project.root(), ["scan", "--rules", "missing.toml"]).expect(2);
    account.run(project.root(), ["scan", "--rules", "mat"]).expect(2);
}

/// A rule of the form that the built-in ones have.
fn own_rule(regex: &str) -> String {
    format!(
        "+++\nid = \"house-number\"\ntitle = \"House number\"\nseverity = \"high\"\nconfidence = \"high\"\ncwe = [798]\n\
         tags = [\"house\"]\nsince = \"0.1.0\"\n[match]\nkeywords = [\"hnum_\"]\nregex = '{regex}'\n+++\nOpens the door.\n\n\
         ## Fix\nChange the lock.\n\n{}{}",
        "```bad\nNUMBER=hnum_{{hex:16}}\n       ^^^^^^^^^^^^^^^\n```\n".repeat(3),
        "```good\nNUMBER=hnum_short\n```\n".repeat(3)
    )
}

#[test]
fn rules_of_ones_own_are_used_and_checked() {
    let (account, project) = (Account::new(), project());
    project.write("own/house-number.md", own_rule("hnum_[0-9a-f]{16}"));
    project.write("own/house.toml", HOUSE);
    project.write("own/README.md", "Our rules.\n");
    project.write("c.env", "NUMBER=hnum_3f9a1c7e5b2d8064\n");
    let found = account.run(project.root(), ["scan", "--rules", "own", "--format", "json"]).expect(1);
    let rules: Vec<String> = findings(&found).0.into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(rules, ["house-key", "house-number"], "{found}");

    let tested = account.run(project.root(), ["rules", "test", "own", "--format", "json"]).expect(0).json();
    assert_eq!([&tested["rules"], &tested["examples"], &tested["gitleaks"]], [1, 6, 1]);
    account.run(project.root(), ["rules", "lint", "own"]).expect(0);

    project.write("own/house-number.md", own_rule("hnum_[0-9a-z]+"));
    let failed = account.run(project.root(), ["rules", "test", "own/house-number.md"]).expect(1);
    assert!(failed.stdout.contains("own/house-number.md:31: found in a good example"), "{failed}");
    let linted = account
        .run(project.root(), ["rules", "lint", "own/house-number.md", "--format", "json"])
        .expect(1)
        .json();
    assert_eq!(linted["remarks"][0]["message"], "a repetition has no upper bound");
    assert_eq!(
        [&linted["remarks"][0]["line"], &linted["remarks"][0]["rule"]],
        [&Value::from(11), &"house-number".into()]
    );

    project.write("own/house-number.md", own_rule("hnum_[0-9a-f"));
    let broken = account.run(project.root(), ["rules", "test", "own"]).expect(2);
    assert!(broken.stderr.contains("own/house-number.md:11"), "{broken}");
    project.write("own/house-number.md", own_rule("x").replace("+++\nid", "+++\ni"));
    account
        .run(project.root(), ["rules", "lint", "own"])
        .expect(2)
        .stderr
        .contains("house-number.md")
        .then_some(())
        .unwrap();
    project.write("own/github-pat.md", own_rule("x").replace("house-number", "github-pat"));
    std::fs::remove_file(project.path("own/house-number.md")).unwrap();
    let taken = account.run(project.root(), ["scan", "--rules", "own"]).expect(2);
    assert!(taken.stderr.contains("there is another rule `github-pat`"), "{taken}");
}

#[test]
fn rules_are_measured() {
    let (account, project) = (Account::new(), project());
    project.write("own/house-number.md", own_rule("hnum_[0-9a-f]{16}"));
    project.write("c.env", "NUMBER=hnum_3f9a1c7e5b2d8064\n".repeat(3));
    let args = ["rules", "bench", ".", "--rules", "own", "--no-builtin-rules", "--format", "json"];
    let costs = account.run(project.root(), args).expect(0).json();
    let [cost] = costs["rules"].as_array().unwrap().as_slice() else { panic!("{costs}") };
    assert_eq!(cost["rule"], "house-number");
    // The rule's own file holds the keyword eight times: once in its header, once in its regex, once in each example.
    assert_eq!(cost["matches"], 3);
    assert!(cost["anchors"].as_u64().unwrap() >= 11 && cost["windows"].as_u64().unwrap() >= 2, "{cost}");
    assert!(cost["windowBytes"].as_u64().unwrap() <= cost["bytes"].as_u64().unwrap(), "{cost}");
    account.run(project.root(), ["rules", "bench"]).expect(0).says("cpu µs");
}

#[test]
fn the_built_in_rules_hold_what_they_promise() {
    let account = Account::new();
    let list = account.run(account.home(), ["rules"]).expect(0).stdout;
    assert_eq!(account.run(account.home(), ["rules", "list"]).expect(0).stdout, list);
    let tested = account.run(account.home(), ["rules", "test", "--format", "json"]).expect(0).json();
    // Rules about packages and images have no patterns, so there are no examples to hold them to.
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../rules/secrets");
    let shipped = crate::places::list(&shipped);
    let files = shipped.iter().filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    assert_eq!(tested["rules"], files.count());
    assert!(tested["rules"].as_u64().unwrap() < list.lines().count() as u64);
}
