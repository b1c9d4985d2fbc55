use palisade_gitleaks::{Base, Condition, RegexTarget};

use crate::{file, together};

const EVERY_KEY: &str = r##"
title = "House rules"
description = "What our own services use"
minVersion = "8.25.0"

[extend]
useDefault = true
disabledRules = ["built-in"]

[[rules]]
id = "Acme_Key"
description = "Acme key"
path = '''\.env$'''
regex = '''acme_([0-9a-f]{16})(x)?'''
secretGroup = 1
entropy = 2.5
keywords = ["ACME_", "Acme"]
tags = ["acme", "internal"]
skipReport = true
  [[rules.allowlists]]
  description = "made up"
  condition = "and"
  commits = [" ABCDEF "]
  paths = ['''^tests/''']
  regexTarget = "line"
  regexes = ['''made up''']
  stopwords = ["FaKe"]
  [[rules.allowlists]]
  condition = "||"
  stopwords = ["sample"]
  [[rules.required]]
  id = "acme-user"
  withinLines = 3
  withinColumns = 40

[[rules]]
id = "acme-user"
regex = "user=\\w+"

[[allowlists]]
targetRules = ["acme-user"]
regexTarget = "match"
regexes = ["root"]

[[allowlists]]
paths = ['''vendor/''']
"##;

#[test]
fn every_key_is_read() {
    let file = file(EVERY_KEY);
    assert_eq!(file.title.as_deref(), Some("House rules"));
    assert_eq!(file.description.as_deref(), Some("What our own services use"));
    assert_eq!(file.min_version.as_deref(), Some("8.25.0"));
    assert!(matches!(file.base, Some(Base::Default(_))));
    let [rule, user] = file.rules.as_slice() else { panic!("two rules") };
    assert_eq!((rule.id.text.as_str(), rule.description.as_deref()), ("Acme_Key", Some("Acme key")));
    let regex = rule.regex.as_ref().unwrap();
    assert_eq!((regex.source(), regex.groups()), ("acme_([0-9a-f]{16})(x)?", 2));
    assert_eq!(EVERY_KEY.get(regex.span().start..regex.span().end), Some("'''acme_([0-9a-f]{16})(x)?'''"));
    assert_eq!((rule.secret_group.unwrap().0, rule.entropy), (1, Some(2.5)));
    assert_eq!(rule.keywords, ["acme_", "acme"]);
    assert_eq!(rule.tags, ["acme", "internal"]);
    assert!(rule.skip_report.is_some() && user.skip_report.is_none());
    let [first, second] = rule.allowlists.as_slice() else { panic!("two allowlists") };
    assert_eq!((first.condition, second.condition), (Condition::All, Condition::Any));
    assert_eq!(first.regex_target, RegexTarget::Line);
    assert!(first.commits.contains("abcdef") && first.stopwords.contains("fake"));
    assert_eq!((first.paths[0].source(), first.regexes[0].source()), ("^tests/", "made up"));
    let required = &rule.required[0];
    assert_eq!(
        (required.id.text.as_str(), required.within_lines, required.within_columns),
        ("acme-user", Some(3), Some(40))
    );
    let [targeted, global] = file.allowlists.as_slice() else { panic!("two global allowlists") };
    assert_eq!((targeted.targets[0].text.as_str(), global.targets.len()), ("acme-user", 0));
}

#[test]
fn put_together_the_names_are_ours_and_the_originals_stay() {
    let (configuration, said) = together(&[EVERY_KEY]);
    assert_eq!(said, Vec::<String>::new());
    let names: Vec<_> =
        configuration.rules.iter().map(|rule| (rule.id.as_str(), rule.original.text.as_str())).collect();
    assert_eq!(names, [("acme-key", "Acme_Key"), ("acme-user", "acme-user")]);
    assert!(configuration.uses_default && configuration.disabled.contains("built-in"));
    assert_eq!(configuration.allowlists.len(), 1);
    assert_eq!(configuration.rules[1].allowlists.len(), 1, "the targeted list belongs to its rule");
}

#[test]
fn the_old_forms_of_allowlists_are_read() {
    let file = file(
        "[allowlist]\npaths = ['a']\n[[rules]]\nid = 'x'\nregex = 'x1'\n[rules.allowlist]\nregexes = ['1']\n",
    );
    assert_eq!((file.allowlists.len(), file.rules[0].allowlists.len()), (1, 1));
}

#[test]
fn values_may_be_written_as_viper_reads_them() {
    let file = file(
        "[[Rules]]\nID = 'x'\nREGEX = 'x1'\nentropy = '3.5'\nsecretgroup = '0'\nkeywords = 'one,Two'\n\
         [Rules.Allowlists]\nStopWords = 'a'\n",
    );
    let rule = &file.rules[0];
    assert_eq!((rule.entropy, rule.secret_group), (Some(3.5), None));
    assert_eq!(rule.keywords, ["one", "two"]);
    assert_eq!(rule.allowlists.len(), 1);
    let inline = crate::file("rules = [{ id = 'x', path = 'y', allowlists = [{ paths = ['z'] }] }]\n");
    assert_eq!(inline.rules[0].allowlists.len(), 1);
}

#[test]
fn an_empty_file_is_a_configuration_without_rules() {
    assert_eq!(together(&[""]).0.rules.len(), 0);
}
