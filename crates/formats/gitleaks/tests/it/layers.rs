use palisade_gitleaks::MAX_FILES;

use crate::{file, problems, together};

const BASE: &str = "\
[[rules]]
id = 'token'
description = 'A token'
regex = 'tok_(\\w+)(\\d)'
entropy = 3
secretGroup = 1
keywords = ['tok_']
tags = ['base']
[[rules.allowlists]]
stopwords = ['base']
[[rules]]
id = 'other'
regex = 'other'
[[allowlists]]
paths = ['base']
";

#[test]
fn a_nearer_rule_changes_the_extended_one_field_by_field() {
    let child = "[extend]\npath = 'base.toml'\n[[rules]]\nid = 'token'\nentropy = 4\npath = 'env'\nkeywords = ['TOK']\n\
                 tags = ['child']\n[[rules.allowlists]]\nstopwords = ['child']\n[[allowlists]]\npaths = ['child']\n";
    let (configuration, said) = together(&[child, BASE]);
    assert_eq!(said, Vec::<String>::new());
    let rule = configuration.rules.iter().find(|rule| rule.id.as_str() == "token").unwrap();
    assert_eq!(rule.description.as_deref(), Some("A token"));
    assert_eq!((rule.entropy, rule.secret_group), (Some(4.0), Some(1)));
    assert!(rule.regex.is_some() && rule.path.as_ref().unwrap().source() == "env");
    assert_eq!(
        (rule.keywords.as_slice(), rule.tags.as_slice()),
        (&["tok_".into(), "tok".into()][..], &["base".into(), "child".into()][..])
    );
    assert_eq!((rule.allowlists.len(), configuration.allowlists.len()), (2, 2));
    assert_eq!(configuration.rules.len(), 2);
}

#[test]
fn rules_of_the_base_can_be_disabled() {
    let child = "[extend]\npath = 'b'\ndisabledRules = ['other', 'nothing']\n[[allowlists]]\ntargetRules = ['other']\npaths = ['x']\n";
    let (configuration, said) = together(&[child, BASE]);
    assert_eq!(said, ["0: there is no rule `nothing` to disable", "0: there is no rule `other`"]);
    assert_eq!(configuration.rules.len(), 1);
}

#[test]
fn a_rule_whose_companion_is_disabled_stays_but_is_told() {
    let base =
        "[[rules]]\nid = 'a'\nregex = 'a'\n[[rules.required]]\nid = 'b'\n[[rules]]\nid = 'b'\nregex = 'b'\n";
    let (configuration, said) = together(&["[extend]\npath = 'x'\ndisabledRules = ['b']\n", base]);
    assert_eq!(configuration.rules.len(), 1);
    assert_eq!(said, ["1: there is no rule `b` any more, so that `a` finds nothing"]);
}

#[test]
fn only_two_files_are_extended() {
    let extending = "[extend]\npath = 'next'\n";
    let (_, said) = together(&[extending, extending, extending]);
    assert_eq!(said, ["2: this `extend` is not followed: it is the third in a row"]);
    let files = vec![file(BASE); MAX_FILES + 2];
    assert!(palisade_gitleaks::assemble(&files, &|_| false).0.is_some());
}

#[test]
fn built_in_rules_stand_for_the_default_ones() {
    let text = "[extend]\nuseDefault = true\ndisabledRules = ['built-in', 'unheard-of']\n\
                [[rules]]\nid = 'built-in'\n[[rules.allowlists]]\npaths = ['a']\n\
                [[rules]]\nid = 'strange'\n[[rules.allowlists]]\npaths = ['b']\n\
                [[allowlists]]\ntargetRules = ['built-in', 'curious']\nstopwords = ['c']\n";
    let (configuration, said) = together(&[text]);
    assert_eq!(
        said,
        [
            "0: there is no rule `unheard-of` to disable",
            "0: there is no built-in rule `strange` to change",
            "0: there is no rule `curious`"
        ]
    );
    assert_eq!(configuration.default_allowlists["built-in"].len(), 2);
    assert_eq!(configuration.rules.len(), 0);
    assert!(configuration.allowlists.is_empty());
    assert!(
        problems("[[rules]]\nid = 'built-in'\n")
            .iter()
            .any(|found| found.message == "a rule needs `regex` or `path`"),
        "without useDefault there is nothing to change"
    );
}
