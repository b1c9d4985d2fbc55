//! Rules of gitleaks: its README, section "Configuration", says what each key does; findings were compared with those of gitleaks 8
//! itself on the same files.

use std::collections::BTreeSet;

use palisade_gitleaks::{Configuration, GitleaksFile, assemble};
use palisade_model::{Digest, Encoding, Engine, Entry, EntryMeta, Finding, RepoPath, RuleId, Sink, Span};
use palisade_rulefile::RuleFile;
use palisade_secrets::{ForeignRules, ForeignSet, SecretsEngine, Standing, built_in_rules, is_known_default};

fn configuration(text: &str) -> Configuration {
    let (file, problems) = GitleaksFile::parse(text.as_bytes());
    assert!(file.is_some(), "{problems:?}");
    let file = file.unwrap();
    let (configuration, problems) = assemble(&[file], &|id| is_known_default(id) || id == "github-pat");
    assert!(configuration.is_some(), "{problems:?}");
    configuration.unwrap()
}

fn set(text: &str, standing: Standing) -> ForeignSet {
    let own_paths = BTreeSet::from(["rules.toml".to_owned()]);
    ForeignSet { name: "rules.toml".to_owned(), configuration: configuration(text), standing, own_paths }
}

fn rules(text: &str) -> ForeignRules {
    let rules = ForeignRules::new(vec![set(text, Standing::Named)], &BTreeSet::new()).unwrap();
    rules.check().unwrap();
    rules
}

/// What the rules find: name of the rule and secret.
fn found_at(config: &str, path: &str, text: &str) -> Vec<(String, String)> {
    let rules = rules(config);
    let found = rules.find(Some(path), text.as_bytes());
    assert_eq!(found.gaps, Vec::<String>::new());
    let shown = |span: Span| text.get(span.start..span.end).unwrap().to_owned();
    found.hits.iter().map(|hit| (rules.info(hit.rule).unwrap().id.to_string(), shown(hit.secret))).collect()
}

/// The secrets alone.
fn found(config: &str, text: &str) -> Vec<String> {
    found_at(config, "src/a.env", text).into_iter().map(|(_, secret)| secret).collect()
}

fn rule(more: &str) -> String {
    format!("[[rules]]\nid = 'key'\n{more}\n")
}

#[test]
fn a_keyword_anywhere_opens_the_whole_text() {
    let far = format!("Acme here\n{}\nkey=1234\n", "filler\n".repeat(20_000));
    let gated = rule("regex = 'key=(\\d+)'\nkeywords = ['ACME', 'other']");
    assert_eq!(found(&gated, &far), ["1234"]);
    assert_eq!(found(&gated, "key=1234\n"), Vec::<String>::new());
    assert_eq!(
        found(&rule("regex = 'key=(\\d+)'"), "key=1234\n"),
        ["1234"],
        "without keywords it always runs"
    );
    assert_eq!(found(&rule("regex = 'key=(\\d+)'\nkeywords = ['ÄÖ']"), "äö key=1\nÄÖ key=2"), ["1", "2"]);
}

#[test]
fn the_secret_is_a_group() {
    let text = "user=bob key=s3cret!\n";
    assert_eq!(
        found(&rule("regex = 'user=(\\w+) key=(\\S+)'"), text),
        ["bob"],
        "the first group that is not empty"
    );
    let maybe = "regex = 'key=(a)?(\\w+)'\nsecretGroup = 1";
    assert_eq!(found(&rule(maybe), "key=bcd"), ["key=bcd"], "all of it when the group took no part");
    let random = format!("{maybe}\nentropy = 0.5");
    assert_eq!(found(&rule(&random), "key=bcd"), Vec::<String>::new(), "but an empty secret has no entropy");
    assert_eq!(found(&rule("regex = '(x?)user=\\w+ key=(\\S+)'"), text), ["s3cret!"]);
    assert_eq!(found(&rule("regex = 'user=(\\w+) key=(\\S+)'\nsecretGroup = 2"), text), ["s3cret!"]);
    assert_eq!(
        found(&rule("regex = 'key=\\S+\\n'"), text),
        ["key=s3cret!"],
        "line feeds at the ends do not count"
    );
    assert_eq!(found(&rule("regex = '\\d*'"), "a1b"), ["1"], "empty matches are nothing");
}

#[test]
fn entropy_must_be_greater() {
    // Four different characters: exactly two bits each.
    assert_eq!(found(&rule("regex = 'key=(\\w+)'\nentropy = 2"), "key=abcd key=abcde"), ["abcde"]);
    assert_eq!(found(&rule("regex = 'key=(\\w+)'\nentropy = 1.99"), "key=abcd"), ["abcd"]);
}

#[test]
fn paths_narrow_or_find_by_themselves() {
    let both = rule("regex = 'key=(\\d+)'\npath = '\\.env$'");
    assert_eq!(found_at(&both, "a/.env", "key=1").len(), 1);
    assert_eq!(found_at(&both, "a/.envrc", "key=1").len(), 0);
    let alone = rules(&rule("path = '(?i)\\.p12$'"));
    assert_eq!(alone.find_by_path("keys/CA.P12", b"").len(), 1);
    assert_eq!(alone.find_by_path("keys/ca.pem", b"").len(), 0);
    assert_eq!(alone.find(Some("keys/CA.P12"), b"anything").hits.len(), 0);
    let windows = rule("regex = 'key=(\\d+)'\npath = 'conf\\\\prod'");
    assert_eq!(found_at(&windows, "conf/prod/a", "key=1").len(), 1, "written for Windows");
    let top = format!("{}[[rules.allowlists]]\npaths = ['^[^/]+$']\n", rule("regex = 'key=(\\d+)'"));
    assert_eq!(
        found_at(&top, "conf/a", "key=1").len(),
        1,
        "no other spelling for whoever did not think of Windows"
    );
    assert_eq!(found_at(&top, "a", "key=1").len(), 0);
}

#[test]
fn a_configuration_does_not_look_at_itself() {
    let config = rule("regex = 'key=(\\d+)'");
    assert_eq!(found_at(&config, "rules.toml", "key=1").len(), 0);
    assert_eq!(found_at(&config, "sub/rules.toml", "key=1").len(), 1);
}

#[test]
fn allowlists_let_pass_what_they_name() {
    let key = rule("regex = '''key=\"(\\w+)\"'''");
    let cases = [
        ("stopwords = ['SAMPLE']", "key=\"a_Sample_b\"", false),
        ("stopwords = ['key']", "key=\"abc\"", true),
        ("regexes = ['^abc$']", "key=\"abc\"", false),
        ("regexes = ['^key']", "key=\"abc\"", true),
        ("regexes = ['^key']\nregexTarget = 'match'", "key=\"abc\"", false),
        ("regexes = ['made up']\nregexTarget = 'match'", "key=\"abc\" # made up", true),
        ("regexes = ['^key.*made up$']\nregexTarget = 'line'", "x\nkey=\"abc\" # made up\ny", false),
        ("regexes = ['other']\nregexTarget = 'line'", "other\nkey=\"abc\"\nother", true),
        ("paths = ['^src/']", "key=\"abc\"", false),
        ("paths = ['^test/']", "key=\"abc\"", true),
        ("commits = ['abc']", "key=\"abc\"", true),
        ("condition = 'AND'\npaths = ['^src/']\nstopwords = ['abc']", "key=\"abc\"", false),
        ("condition = 'AND'\npaths = ['^test/']\nstopwords = ['abc']", "key=\"abc\"", true),
        ("condition = '&&'\npaths = ['^src/']\nregexes = ['xyz']", "key=\"abc\"", true),
        ("condition = 'OR'\npaths = ['^test/']\nstopwords = ['abc']", "key=\"abc\"", false),
        ("condition = 'AND'\ncommits = ['abc']\nstopwords = ['abc']", "key=\"abc\"", true),
    ];
    for (list, text, expected) in cases {
        for form in [
            "[[rules.allowlists]]",
            "[[allowlists]]",
            "[rules.allowlist]",
            "[[allowlists]]\ntargetRules = ['key']",
        ] {
            let config = format!("{key}{form}\n{list}\n");
            assert_eq!(found(&config, text).len() == 1, expected, "{config}\n{text}");
        }
        let elsewhere = format!(
            "{key}[[rules]]\nid = 'o'\nregex = 'oooo'\n[[allowlists]]\ntargetRules = ['o']\n{list}\n"
        );
        assert_eq!(found(&elsewhere, text).len(), 1, "not for this rule: {list}");
    }
}

#[test]
fn commits_are_allowed_where_they_are_known() {
    let config = format!(
        "{}[[rules.allowlists]]\ncommits = ['ABC']\n[[rules.allowlists]]\ncondition = 'AND'\ncommits = ['def']\npaths = ['a']\n\
         [[allowlists]]\ncommits = ['123']\n",
        rule("regex = 'k'")
    );
    let rules = rules(&config);
    let key = RuleId::new("key").unwrap();
    assert_eq!(rules.allows_commit(&key, "abc").unwrap().reason, "an allowlist of rules.toml");
    assert!(rules.allows_commit(&key, "123").is_some());
    assert!(rules.allows_commit(&key, "def").is_none(), "the path cannot be asked for any more");
    assert!(
        rules.allows_commit(&RuleId::new("github-pat").unwrap(), "123").is_none(),
        "not without useDefault"
    );
    let default = ForeignRules::new(
        vec![set("[extend]\nuseDefault = true\n[[allowlists]]\ncommits = ['123']\n", Standing::Found)],
        &BTreeSet::new(),
    );
    let allowance = default.unwrap().allows_commit(&RuleId::new("github-pat").unwrap(), "123").unwrap();
    assert_eq!(allowance.standing, Standing::Found);
}

#[test]
fn composite_rules_need_their_companions_near() {
    let config = |within: &str| {
        format!(
            "[[rules]]\nid = 'secret'\nregex = 'secret=(\\w+)'\n[[rules.required]]\nid = 'user'\n{within}\n\
             [[rules]]\nid = 'user'\nregex = 'user=(\\w+)'\nskipReport = true\nkeywords = ['nowhere']\n"
        )
    };
    let near = "user=bob\nsecret=abc\n";
    let far = "user=bob\n\n\n\n\n          secret=abc\n";
    assert_eq!(found(&config(""), near), ["abc"], "the companion itself is not reported");
    assert_eq!(found(&config(""), far), ["abc"]);
    assert_eq!(found(&config(""), "secret=abc\n"), Vec::<String>::new());
    assert_eq!(found(&config("withinLines = 1"), near), ["abc"]);
    assert_eq!(found(&config("withinLines = 1"), far), Vec::<String>::new());
    assert_eq!(found(&config("withinLines = 5"), far), ["abc"]);
    assert_eq!(found(&config("withinColumns = 10"), far), Vec::<String>::new());
    assert_eq!(found(&config("withinColumns = 11\nwithinLines = 5"), far), ["abc"]);
    assert_eq!(found(&config("withinColumns = 11\nwithinLines = 4"), far), Vec::<String>::new());
    let by_path = "[[rules]]\nid = 'k'\nregex = 'k=(\\w)'\n[[rules.required]]\nid = 'p'\n[[rules]]\nid = 'p'\npath = 'env$'\n";
    assert_eq!(found_at(by_path, "a.env", "k=1").len(), 1);
    assert_eq!(found_at(by_path, "a.txt", "k=1").len(), 0);
}

#[test]
fn names_of_others_are_kept_apart() {
    let taken = BTreeSet::from([RuleId::new("key").unwrap()]);
    let named = |taken: &BTreeSet<RuleId>, count: usize| {
        let sets =
            vec![set(&rule("regex = 'k'\ndescription = \"A\\nkey\"\ntags = ['t']"), Standing::Named); count];
        ForeignRules::new(sets, taken)
            .map(|rules| rules.infos().map(|info| info.id.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(named(&taken, 1).unwrap(), ["gitleaks-key"]);
    assert_eq!(named(&BTreeSet::new(), 2).unwrap(), ["key", "gitleaks-key"]);
    assert!(named(&taken, 2).is_err());
    let rules = rules(&rule("regex = 'k'\ndescription = \"A\\nkey\"\ntags = ['t']"));
    let info = rules.info(0).unwrap();
    assert_eq!(
        (info.title.as_str(), info.tags.as_slice()),
        ("A key", &["gitleaks:key".to_owned(), "t".to_owned()][..])
    );
    assert_eq!(built_in_rules("github-app-token").len(), 3);
}

#[test]
fn too_large_a_regex_is_told_with_its_place() {
    let config = rule("regex = '(?:[ab]{1000}){400}'");
    let rules = ForeignRules::new(vec![set(&config, Standing::Named)], &BTreeSet::new()).unwrap();
    let errors = rules.check().unwrap_err();
    assert_eq!(errors[0].message, "a regex takes more than 10485760 bytes when compiled");
    assert_eq!(config.get(errors[0].span.start..errors[0].span.end), Some("'key'"));
    assert_eq!(rules.find(Some("a"), b"text").gaps.len(), 1, "never silently");
}

#[test]
fn a_generic_rule_is_silent_where_another_speaks() {
    let config = "[[rules]]\nid = 'My-Generic-key'\nregex = 'key=(\\w+)'\n[[rules]]\nid = 'acme'\nregex = 'acme\\w+'\n";
    let found =
        |text: &str| found_at(config, "a", text).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    assert_eq!(found("key=acme12\n"), ["acme"]);
    assert_eq!(found("key=other\nacme12"), ["my-generic-key", "acme"]);
    assert_eq!(found("key=acme12 acme12_x"), ["acme", "acme"], "a longer secret of the line holds it too");
}

#[test]
fn findings_without_end_are_a_gap() {
    let rules = rules(&rule("regex = 'k'"));
    let found = rules.find(Some("a"), &b"k".repeat(5000));
    assert_eq!(found.hits.len(), 1000);
    assert_eq!(found.gaps, ["rule key matches too often; the rest was not looked at"]);
}

fn engine(sets: Vec<ForeignSet>) -> SecretsEngine {
    let (name, text) = palisade_rules::secrets().find(|(name, _)| name.starts_with("github-pat")).unwrap();
    let built_in = RuleFile::parse(name, text).0.unwrap();
    let taken = BTreeSet::from([built_in.info.id.clone()]);
    let foreign = ForeignRules::new(sets, &taken).unwrap();
    SecretsEngine::with_foreign(vec![built_in], foreign, Digest::of(b"x"), b"salt").unwrap()
}

fn scan(engine: &SecretsEngine, path: &str, text: &str) -> Vec<Finding> {
    let path = RepoPath::from_bytes(path).unwrap();
    let mut sink = Sink::new();
    engine
        .entry(&Entry { meta: EntryMeta::file(&path, text.len() as u64), bytes: text.as_bytes() }, &mut sink);
    sink.into_parts().0
}

/// A token that the built-in rule finds, from the rule's own examples.
fn token() -> String {
    let (name, text) = palisade_rules::secrets().find(|(name, _)| name.starts_with("github-pat")).unwrap();
    let rule = RuleFile::parse(name, text).0.unwrap();
    let (_, expanded) = rule.expanded_examples().find(|(_, expanded)| !expanded.marks.is_empty()).unwrap();
    let mark = expanded.marks[0].span;
    expanded.text.get(mark.start..mark.end).unwrap().to_owned()
}

#[test]
fn the_engine_reports_both_kinds_of_rules() {
    let config = "[[rules]]\nid = 'House_Key'\ndescription = 'House key'\nregex = 'door: (\\w+)'\n[[rules]]\nid = 'p12'\npath = 'p12$'\n";
    let engine = engine(vec![set(config, Standing::Named)]);
    assert_eq!(engine.rule_count(), 3);
    let token = token();
    let findings = scan(&engine, "a.yaml", &format!("t: {token}\ndoor: letmein\n"));
    let shown: Vec<_> =
        findings.iter().map(|finding| (finding.rule.as_str(), finding.location.start.line)).collect();
    assert_eq!(shown, [("github-pat", 1), ("house-key", 2)]);
    assert!(!findings[1].excerpt.text.contains("letmein"), "{:?}", findings[1].excerpt);
    assert_eq!(engine.rule_info(&findings[1].rule).unwrap().title, "House key");
    let findings = scan(&engine, "ca.p12", "");
    assert_eq!(findings[0].rule.as_str(), "p12");
}

#[test]
fn rules_look_inside_encodings() {
    let rule = "[[rules]]\nid = 'door'\nregex = 'door: ([\\w-]+)'\nkeywords = ['door']\n";
    let allowing = format!("{rule}[[rules.allowlists]]\nstopwords = ['tonight']\n");
    let texts = [
        ("once", "v = \"%s\"\n".replace("%s", "ZG9vcjogbGV0bWVpbi10b25pZ2h0Cg=="), vec![Encoding::Base64]),
        (
            "twice",
            "v = \"%s\"\n".replace("%s", "a2V5ID0gWkc5dmNqb2diR1YwYldWcGJpMTBiMjVwWjJoMENnPT0K"),
            vec![Encoding::Base64; 2],
        ),
        (
            "percent",
            "x\nhttps://a.example/?q=door%3A%20letmein-tonight\n".to_owned(),
            vec![Encoding::Percent],
        ),
    ];
    for (name, text, encodings) in texts {
        let found = scan(&engine(vec![set(rule, Standing::Named)]), "a.txt", &text);
        let [finding] = &found[..] else { panic!("{name}: {found:?}") };
        assert_eq!((finding.rule.as_str(), &finding.encodings), ("door", &encodings), "{name}");
        assert!(!finding.excerpt.text.contains("tonight"), "{name}: {:?}", finding.excerpt);
        assert_eq!(scan(&engine(vec![set(&allowing, Standing::Named)]), "a.txt", &text).len(), 0, "{name}");
        let kept = scan(&engine(vec![set(&allowing, Standing::Found)]), "a.txt", &text);
        assert!(kept[0].marker.is_some(), "{name}: an allowlist that was found is a reason, no more");
    }
}

#[test]
fn a_rule_of_yours_says_more_than_a_guess() {
    let built_in =
        palisade_rules::secrets().find(|(name, _)| name.starts_with("generic-assignment")).unwrap();
    let built_in = RuleFile::parse(built_in.0, built_in.1).0.unwrap();
    let text = format!("password = '{}'\n", ["hK3jW9qL", "z0pRt5Yx"].concat());
    for (id, expected) in [("house", vec!["house"]), ("my-generic", vec!["generic-assignment", "my-generic"])]
    {
        let config = format!("[[rules]]\nid = '{id}'\nregex = '[A-Za-z0-9]{{16}}'\n");
        let foreign = ForeignRules::new(vec![set(&config, Standing::Named)], &BTreeSet::new()).unwrap();
        let engine =
            SecretsEngine::with_foreign(vec![built_in.clone()], foreign, Digest::of(b"x"), b"salt").unwrap();
        let found: Vec<_> =
            scan(&engine, "a.py", &text).iter().map(|one| one.rule.as_str().to_owned()).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn whose_word_an_allowlist_is_decides() {
    let token = token();
    let text = format!("t: {token}\n");
    let by = |config: &str, standing| scan(&engine(vec![set(config, standing)]), "src/a.env", &text);
    let lists = [
        "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['^src/']\n",
        "[extend]\nuseDefault = true\ndisabledRules = ['github-pat']\n",
        "[extend]\nuseDefault = true\n[[rules]]\nid = 'github-pat'\n[[rules.allowlists]]\npaths = ['env$']\n",
        "[extend]\nuseDefault = true\n[[allowlists]]\ntargetRules = ['github-pat']\nstopwords = ['ghp']\n",
    ];
    for list in lists {
        assert_eq!(by(list, Standing::Named).len(), 0, "{list}");
        let [finding] = &by(list, Standing::Found)[..] else { panic!("it stays: {list}") };
        let reason = finding.marker.as_ref().unwrap().reason.as_deref().unwrap();
        assert!(reason.ends_with("rules.toml"), "{reason}");
        let alone =
            list.replace("[extend]\nuseDefault = true\n", "[[rules]]\nid = 'github-pat'\nregex = 'never'\n");
        if !alone.contains("disabledRules") && alone.matches("[[rules]]").count() == 1 {
            assert_eq!(by(&alone, Standing::Named).len(), 1, "not without useDefault: {alone}");
        }
    }
    let own = "[[rules]]\nid = 'k'\nregex = 't: (\\w+)'\n[[rules.allowlists]]\ndescription = 'made up'\npaths = ['a']\n";
    let findings = by(own, Standing::Found);
    let own = findings.iter().find(|finding| finding.rule.as_str() == "k");
    assert!(own.is_none(), "the built-in rule says more of the same secret");
    let plain = scan(
        &engine(vec![set(
            "[[rules]]\nid = 'k'\nregex = 'door: (\\w+)'\n[[rules.allowlists]]\ndescription = 'made up'\npaths = ['a']\n",
            Standing::Found,
        )]),
        "a",
        "door: x\n",
    );
    assert_eq!(plain[0].marker.as_ref().unwrap().reason.as_deref(), Some("rules.toml: made up"));
}

/// Findings of the rules in `config` alone: rule, and the reason why one may not count.
fn reported(config: &str, path: &str, text: &str) -> Vec<(String, Option<String>)> {
    let findings = scan(&engine(vec![set(config, Standing::Named)]), path, text);
    let reason = |finding: &Finding| finding.marker.as_ref().and_then(|marker| marker.reason.clone());
    findings.iter().map(|finding| (finding.rule.to_string(), reason(finding))).collect()
}

/// As gitleaks 8.30 reports them of the same files.
#[test]
fn a_rule_for_paths_alone_asks_for_its_keywords() {
    let config = rule("path = 'p12$'\nkeywords = ['acme']");
    for (text, expected) in [("x ACME y", 1), ("nothing", 0), ("", 0)] {
        assert_eq!(reported(&config, "ca.p12", text).len(), expected, "{text}");
        assert_eq!(reported(&config, "ca.pem", text).len(), 0, "{text}");
    }
}

#[test]
fn nested_findings_of_two_rules_are_both_told() {
    let config = "[[rules]]\nid = 'outer'\nregex = 'block: (\\S+)'\n[[rules]]\nid = 'inner'\nregex = 'aa(\\d+)bb'\n\
                  [[rules]]\nid = 'across'\nregex = 'bb-\\w+ \\w+'\n";
    let names =
        |text: &str| reported(config, "a.txt", text).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    assert_eq!(names("block: foo-aa123bb-bar baz\n"), ["outer", "inner", "across"]);
    assert_eq!(names("block: foo\n"), ["outer"]);
}

#[test]
fn a_wide_match_is_told_beside_the_token_in_it() {
    let config = "[[rules]]\nid = 'house'\nregex = '(?s)BEGIN(.+?)END'\n";
    let names =
        |text: &str| reported(config, "a.txt", text).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    let token = token();
    let wide =
        format!("BEGIN\nroom = letmein-to-the-first-floor\nfloor = letmein-to-the-second\n{token}\nEND\n");
    assert_eq!(names(&wide), ["house", "github-pat"]);
    assert_eq!(names(&format!("BEGIN {token} END")), ["github-pat"], "the same secret");
}

/// As gitleaks 8.30: on any line of the match, which may be more than the secret.
#[test]
fn an_allow_comment_counts_on_each_line_of_the_match() {
    let config = "[[rules]]\nid = 'block'\nregex = '(?s)BEG(.+?)MID.+?FIN'\n";
    let because = Some("marked `gitleaks:allow`".to_owned());
    for line in 0..6 {
        let mut lines = ["above", "BEGabc", " def", "ghiMID", "jklFIN", "below"].map(str::to_owned);
        lines[line].push_str(" # gitleaks:allow");
        let allowed = (1..5).contains(&line);
        let found = reported(config, "a.txt", &lines.join("\n"));
        assert_eq!(found, [("block".to_owned(), because.clone().filter(|_| allowed))], "{lines:?}");
    }
    let ours = "BEGabc\n def # palisade:allow block reason=\"x\"\nghiMIDFIN";
    assert_eq!(
        reported(config, "a.txt", &format!("{ours} FIN")),
        [("block".to_owned(), Some("x".to_owned()))],
        "ours too"
    );
}
