use palisade_gitleaks::GitleaksFile;
use palisade_model::Level;

use crate::problems;

/// What is wrong, and the place as the text it covers.
fn refused(text: &str) -> (String, String) {
    let errors: Vec<_> = problems(text).into_iter().filter(|found| found.level == Level::Error).collect();
    let [error] = errors.as_slice() else { panic!("one error expected: {errors:?}\n{text}") };
    (error.message.clone(), text.get(error.span.start..error.span.end).unwrap().to_owned())
}

const RULE: &str = "[[rules]]\nid = 'x'\nregex = 'x(1)'\n";

#[test]
fn files_that_gitleaks_refuses_are_refused_with_their_place() {
    let with = |more: &str| format!("{RULE}{more}");
    let cases = [
        (
            "[extend]\nuseDefault = true\npath = 'b'\n".to_owned(),
            "`path` and `useDefault` exclude each other",
            "'b'",
        ),
        (
            "[allowlist]\npaths = ['a']\n[[allowlists]]\npaths = ['b']\n".to_owned(),
            "`[allowlist]` and `[[allowlists]]` exclude each other",
            "[allowlist]",
        ),
        (
            with("[rules.allowlist]\npaths = ['a']\n[[rules.allowlists]]\npaths = ['b']\n"),
            "`[rules.allowlist]` and `[[rules.allowlists]]` exclude each other",
            "[rules.allowlist]",
        ),
        ("[[allowlists]]\ndescription = 'd'\n".to_owned(), "the allowlist allows nothing", "[[allowlists]]"),
        (
            with("[[rules.allowlists]]\nregexes = []\n"),
            "the allowlist allows nothing",
            "[[rules.allowlists]]",
        ),
        (
            with("[[rules.allowlists]]\ncondition = 'XOR'\npaths = ['a']\n"),
            "unknown condition `XOR`",
            "'XOR'",
        ),
        (
            with("[[rules.allowlists]]\nregexTarget = 'mtach'\npaths = ['a']\n"),
            "unknown regexTarget `mtach`",
            "'mtach'",
        ),
        ("[[rules]]\nregex = 'x'\n".to_owned(), "a rule has no `id`", "[[rules]]"),
        ("[[rules]]\nid = ' '\nregex = 'x'\n".to_owned(), "a rule has no `id`", "' '"),
        ("[[rules]]\nid = 'x'\n".to_owned(), "a rule needs `regex` or `path`", "'x'"),
        (with("secretGroup = 2\n"), "there is no group 2 in the regex, which has 1", "2"),
        (with("secretGroup = -1\n"), "`secretGroup` must be an integer from 0", "-1"),
        (with("[[rules.required]]\nid = 'nobody'\n"), "there is no rule `nobody`", "'nobody'"),
        (
            with("[[rules.required]]\nwithinLines = 1\n"),
            "`[[rules.required]]` has no `id`",
            "[[rules.required]]",
        ),
        (
            with("[[rules.required]]\nid = 'x'\nwithinLines = -2\n"),
            "`withinLines` must be an integer from 0",
            "-2",
        ),
        (
            with("[[rules.required]]\nid = 'x'\nwithinColumns = 'far'\n"),
            "`withinColumns` must be an integer from 0",
            "'far'",
        ),
        ("[[allowlists]]\ntargetRules = ['y']\npaths = ['a']\n".to_owned(), "there is no rule `y`", "'y'"),
        ("[[rules]]\nid = 'x'\nregex = 5.5\nentropy = []\n".to_owned(), "`entropy` must be a number", "[]"),
        ("rules = 3\n".to_owned(), "`rules` must be a list of tables", "3"),
        (
            "[[rules]]\nid = 'x'\nregex = 'y'\nkeywords = [1]\n".to_owned(),
            "`keywords` must be a list of strings",
            "1",
        ),
        (
            "[[rules]]\nid = 'x'\nregex = 'a'\n[[rules]]\nid = 'X'\nregex = 'b'\n".to_owned(),
            "`x` and `X` are the same name here, `x`",
            "'x'",
        ),
    ];
    for (text, message, place) in cases {
        let (found, at) = refused(&text);
        assert_eq!(found, message, "{text}");
        assert_eq!(at, place, "{text}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_too() {
    let (message, place) = refused("[extend]\nurl = 'https://example.com/rules.toml'\n");
    assert_eq!(message, "`extend.url` is not supported: rules are not fetched from a network");
    assert_eq!(place, "'https://example.com/rules.toml'");
    assert!(refused("[[rules]\n").0.starts_with("not TOML: "));
    let (file, problems) = GitleaksFile::parse(b"title = \"\xff\"\n");
    assert!(file.is_none());
    assert_eq!((problems[0].message.as_str(), problems[0].span.start), ("the file is not UTF-8", 9));
    let large = format!("# {}\n", "x".repeat(palisade_gitleaks::MAX_BYTES));
    assert_eq!(GitleaksFile::parse(large.as_bytes()).1[0].message, "the file is larger than 4 MiB");
    let many: String = (0..=palisade_gitleaks::MAX_RULES)
        .map(|n| format!("[[rules]]\nid = 'r{n}'\nregex = 'r{n}'\n"))
        .collect();
    assert_eq!(refused(&many).0, "more than 2000 rules");
}

#[test]
fn regexes_may_not_be_too_large_together() {
    let rule = |n: usize| format!("[[rules]]\nid = 'r{n}'\nregex = '(?:[ab]{{1000}}){{50}}{n}'\n");
    let of = |count: usize| (0..count).map(rule).collect::<String>();
    assert_eq!(problems(&of(10)), []);
    assert_eq!(refused(&of(200)).0, "the regexes are too large together");
    assert_eq!(
        refused("[[rules]]\nid = 'r'\nregex = '((a{1000}){1000}){1000}'\n").0,
        "the regexes are too large together"
    );
}

#[test]
fn of_two_rules_with_one_id_the_last_counts() {
    let text = format!("{RULE}[[rules]]\nid = 'x'\nregex = 'y'\n");
    let (file, problems) = GitleaksFile::parse(text.as_bytes());
    let [rule] = &file.unwrap().rules[..] else { panic!("one rule") };
    assert_eq!(rule.regex.as_ref().unwrap().source(), "y");
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!(
        (problem.level, problem.message.as_str()),
        (Level::Warning, "there is another rule with the id `x`")
    );
}

#[test]
fn keys_that_gitleaks_passes_over_are_warned_of() {
    let text = "[[rules]]\nid = 'x'\nregex = 'x1'\nkeyword = ['x']\nseverity = 'high'\n[[rules.allowlists]]\npath = ['a']\npaths = ['b']\n";
    let (file, problems) = GitleaksFile::parse(text.as_bytes());
    assert!(file.is_some());
    let said: Vec<_> =
        problems.iter().map(|found| (found.level, found.message.as_str(), found.label.as_deref())).collect();
    assert_eq!(
        said,
        [
            (
                Level::Warning,
                "unknown key `keyword` in [[rules]]; it has no effect",
                Some("did you mean `keywords`?")
            ),
            (Level::Warning, "unknown key `severity` in [[rules]]; it has no effect", None),
            (
                Level::Warning,
                "unknown key `path` in [[rules.allowlists]]; it has no effect",
                Some("did you mean `paths`?")
            ),
        ]
    );
    assert_eq!(text.get(problems[0].span.start..problems[0].span.end), Some("keyword"));
}

#[test]
fn a_bad_regex_is_pointed_at_inside_its_string() {
    let cases = [
        ("regex = '''ab(?=c)d'''\n", "regex: look-ahead is not supported", "(?="),
        ("regex = '''a(?<!c)d'''\n", "regex: look-behind is not supported", "(?<!"),
        ("regex = '(a)\\1'\n", "regex: back-references are not supported", "\\1"),
        ("regex = 'a[z-b]'\n", "regex: the range is the wrong way round", "z-b"),
        ("regex = 'ab[cd'\n", "regex: a class is not closed", "["),
        ("regex = 'ab)c'\n", "regex: unopened group", ")"),
        ("regex = 'é(abc'\n", "regex: unclosed group", "("),
        ("regex = 'a++'\n", "regex: a repetition of a repetition", "++"),
        ("regex = '*a'\n", "regex: repetition operator missing expression", "*"),
        ("regex = 'a\\y'\n", "regex: unknown escape", "\\y"),
        ("regex = \"a\\\\y\"\n", "regex: unknown escape", "\"a\\\\y\""),
        ("regex = '''\na\\Zb'''\n", "regex: `\\Z` is not supported", "\\Z"),
        ("regex = '\\p{Klingon}'\n", "regex: Unicode property not found", "\\p{Klingon}"),
        ("path = '(?x)a'\n", "regex: unknown kind of group", "(?x"),
    ];
    for (line, message, place) in cases {
        let (found, at) = refused(&format!("[[rules]]\nid = 'x'\n{line}"));
        assert_eq!(found, message, "{line}");
        assert_eq!(at, place, "{line}");
    }
}
