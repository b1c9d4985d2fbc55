use palisade_config::{PipelineFile, Shell, TemplateJob};
use palisade_model::JobId;

use crate::told;

fn parse(text: &str) -> PipelineFile {
    let parsed = PipelineFile::parse(text.as_bytes());
    parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.problems))
}

fn problems(text: &str) -> Vec<String> {
    let parsed = PipelineFile::parse(text.as_bytes());
    assert!(parsed.value.is_none());
    told(text, &parsed)
}

#[test]
fn reads_a_whole_file() {
    let file = parse(
        r#"
version: 1
name: storefront
salt: 00112233445566778899aabbccddeeff
env: { on: yes, NUMBER: 1.10, EMPTY: "" }
jobs:
  compile:
    steps:
      - run: |
          cc -O2 -o storefront a-very-long-file-name.c
          strip storefront
      - { run: cc, shell: [tcc, -run], timeout: 15m, working-directory: ./src// }
      - { run: cc, shell: python3 }
      - { run: "\n" , name: x, env: {A: b} }
      - name: cc
        run: cc
    outputs: [./storefront, "lib/**/*.so"]
    timeout: 7200
  on: { needs: compile, steps: [{ run: "\n true" }], environment: production }
release: { artifacts: storefront }
"#
        .replace(r#""\n" , name"#, r#"true, name"#)
        .as_str(),
    );
    assert_eq!(file.salt.as_deref().map(<[u8]>::len), Some(16));
    let env: Vec<_> = file.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(env, [("EMPTY", ""), ("NUMBER", "1.10"), ("on", "yes")]);
    let compile = &file.jobs[&JobId::repository("compile").unwrap()].body;
    let names: Vec<_> = compile.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["cc -O2 -o storefront a-very-long-file-na", "cc", "cc (2)", "x", "cc (3)"]);
    assert_eq!(compile.steps[1].shell, Shell::Custom(vec!["tcc".into(), "-run".into()]));
    assert_eq!(compile.steps[1].timeout_seconds, Some(900));
    assert_eq!(compile.steps[1].working_directory, "src");
    assert_eq!(compile.timeout_seconds, Some(7200));
    let outputs: Vec<_> = compile.outputs.iter().map(|output| output.value.as_str()).collect();
    assert_eq!(outputs, ["storefront", "lib/**/*.so"]);
    let on = &file.jobs[&JobId::repository("on").unwrap()];
    assert_eq!(on.body.steps[0].name, "step 1", "the first line is blank");
    assert_eq!(on.environment.as_ref().unwrap().value, "production");
    assert_eq!(file.artifacts.unwrap()[0].value, "storefront");
}

#[test]
fn jobs_may_be_empty_or_absent() {
    for jobs in ["", "jobs:\n", "jobs: {}\n"] {
        assert!(parse(&format!("version: 1\nname: x\n{jobs}")).jobs.is_empty());
    }
}

#[test]
fn tells_everything_that_is_wrong_at_once() {
    let text = "
versoin: 1
name: 7
jobs:
  test:
    steps:
      - run: make
        shel: bash
      - { run: [make] }
      - { name: x }
      - make
    timeout: soon
  package:
    need: [test]
    needs: [1, test]
    steps: []
    outputs: [/etc/passwd, a/../../b, 'a[']
  9lives: { steps: [{ run: x, timeout: 25h, working-directory: .. }], zzzzzz: 1 }
  empty:
  list: [a]
";
    assert_eq!(
        problems(text),
        [
            "missing key `version` in the pipeline file @ ",
            "unknown key `versoin` in the pipeline file @ versoin (did you mean `version`?)",
            "expected a string, found a number @ 7 (put it in quotes to make it a string)",
            "unknown key `shel` in step 1 @ shel (did you mean `shell`?)",
            "expected a string, found a list @ [make]",
            "missing key `run` in step 3 @ { name: x }",
            "expected a mapping, found a string @ make",
            "`soon` is not a duration @ soon (write `90s`, `15m`, `2h` or a number of seconds)",
            "unknown key `need` in job `package` @ need (did you mean `needs`?)",
            "expected a string, found a number @ 1 (put it in quotes to make it a string)",
            "a job needs at least one step @ [] (add `- run: COMMAND`)",
            "`/etc/passwd` is not a relative path @ /etc/passwd (write it relative, without a leading `/` and without `..`)",
            "`a/../../b` is not a relative path @ a/../../b (write it relative, without a leading `/` and without `..`)",
            "`a[` is not a glob: unclosed character class; missing ']' @ 'a['",
            "`9lives` is not a name for a job @ 9lives (a name begins with a letter or underscore and has at most 64 letters, digits, dashes and underscores)",
            "a duration is from 1s to 24h @ 25h",
            "`..` is not a relative path @ .. (write it relative, without a leading `/` and without `..`)",
            "unknown key `zzzzzz` in job `9lives` @ zzzzzz (known keys: needs, steps, outputs, timeout, environment)",
            "missing key `steps` in job `empty` @ empty",
            "expected a mapping, found a list @ [a]",
        ]
    );
}

#[test]
fn a_list_of_strings_says_what_it_found() {
    let with = |needs: &str| {
        problems(&format!("version: 1\nname: x\njobs: {{ a: {{ needs: {needs}, steps: [{{ run: x }}] }} }}"))
    };
    assert_eq!(with("3"), ["expected a list of strings, found a number @ 3"]);
    assert_eq!(with("true"), ["expected a list of strings, found a boolean @ true"]);
    assert_eq!(with("{a: b}"), ["expected a list of strings, found a mapping @ {a: b}"]);
}

#[test]
fn refuses_variables_that_run_other_code_or_are_ours() {
    for name in [
        "LD_PRELOAD",
        "LD_AUDIT",
        "DYLD_INSERT_LIBRARIES",
        "GLIBC_TUNABLES",
        "BASH_ENV",
        "PALISADE_RUN",
        "A-B",
        "1A",
        "\"\"",
    ] {
        let text = format!("version: 1\nname: x\nenv: {{ {name}: x }}\n");
        let told = problems(&text);
        assert_eq!(told.len(), 1, "{name}");
        assert!(told[0].contains(" ("), "{name}: a hint");
    }
    assert_eq!(parse("version: 1\nname: x\nenv: { LDFLAGS: x, _A1: y }\n").env.len(), 2);
    assert_eq!(problems("version: 1\nname: x\nenv: { A: , B: [] }\n").len(), 2);
}

#[test]
fn bounds_names_salts_versions_and_durations() {
    let file = |rest: &str| PipelineFile::parse(format!("version: 1\nname: x\n{rest}").as_bytes());
    let is_good = |rest: &str| file(rest).value.is_some();
    assert!(
        is_good(&format!("salt: {}", "a".repeat(32))) && is_good(&format!("salt: '{}'", "9".repeat(128)))
    );
    for salt in ["", "abc", &"a".repeat(30), &"a".repeat(33), &"g".repeat(32), &"a".repeat(130)] {
        assert!(!is_good(&format!("salt: '{salt}'")), "{salt}");
    }
    let job = |timeout: &str| format!("jobs: {{ a: {{ timeout: {timeout}, steps: [{{ run: x }}] }} }}");
    for (timeout, good) in [
        ("1", true),
        ("86400s", true),
        ("24h", true),
        ("1440m", true),
        ("0s", false),
        ("86401", false),
        ("-1", false),
        ("1.5h", false),
        ("1 h", false),
        ("h", false),
        ("''", false),
        ("99999999999999999999h", false),
    ] {
        assert_eq!(is_good(&job(timeout)), good, "{timeout}");
    }
    for head in [
        "version: 2\nname: x",
        "version: '1'\nname: x",
        "version: 1\nname: -x",
        "version: 1\nname: a b",
        "version: 1",
    ] {
        assert!(PipelineFile::parse(head.as_bytes()).value.is_none(), "{head}");
    }
    let steps =
        |count: usize| format!("jobs: {{ a: {{ steps: [{}] }} }}", vec!["{ run: x }"; count].join(", "));
    assert!(is_good(&steps(100)) && !is_good(&steps(101)));
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let told = problems("version: 1\nname: x\n\"\\e[2Jevil\\u202e\": 1\n");
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("unknown key `\u{fffd}[2Jevil\u{fffd}` in the pipeline file"));
    let file = parse("version: 1\nname: x\njobs: { a: { steps: [{ run: \"\\e[2Jls\" }] } }\n");
    assert_eq!(file.jobs.values().next().unwrap().body.steps[0].name, "[2Jls");
}

#[test]
fn a_template_is_a_job_without_a_place() {
    let good = TemplateJob::parse(b"steps: [{ run: x }]\noutputs: a\n").value.unwrap();
    assert_eq!(good.0.steps.len(), 1);
    let text = "steps: [{ run: x }]\nneeds: [a]\nenvironment: production\n";
    let parsed = TemplateJob::parse(text.as_bytes());
    assert_eq!(parsed.problems.len(), 2);
    assert!(parsed.value.is_none());
}

#[test]
fn an_empty_file_is_an_error() {
    for text in ["", "# only a comment\n", "---\n"] {
        assert!(!problems(text).is_empty(), "{text:?}");
    }
}
