//! The examples of the rule files, run as tests. Rules are read from disk, so that editing one needs no rebuild.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use palisade_model::{Engine, Entry, EntryMeta, Finding, LineIndex, RepoPath, Sink};
use palisade_rulefile::{Example, Expanded, RuleFile};
use palisade_secrets::{SecretsEngine, check_examples, lint};

pub(crate) const SALT: &[u8] = b"a salt for tests";

/// The engine with all rules, compiled once.
pub(crate) static SHIPPED: LazyLock<SecretsEngine> = LazyLock::new(|| {
    SecretsEngine::new(load().0.into_iter().map(|loaded| loaded.rule).collect(), SALT).unwrap()
});

/// Where the rule files are.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../rules/secrets")
}

/// A rule file, read, with its name.
pub(crate) struct Loaded {
    pub(crate) name: String,
    pub(crate) rule: RuleFile,
}

/// All rules that can be read, and what is wrong with the others.
pub(crate) fn load() -> (Vec<Loaded>, Vec<String>) {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|ext| ext == "md")).collect();
    paths.sort();
    let (mut rules, mut failures) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let (rule, problems) = RuleFile::parse(&name, &text);
        let lines = LineIndex::new(text.as_bytes());
        for problem in problems {
            let at = lines.position(text.as_bytes(), problem.span.start);
            let label = problem.label.map(|label| format!(" ({label})")).unwrap_or_default();
            failures.push(format!("{}:{}: {}{label}", name, at.line, problem.message));
        }
        rules.extend(rule.map(|rule| Loaded { name, rule }));
    }
    (rules, failures)
}

/// The findings of `engine` in `text` under the name `path`, in the order of results.
pub(crate) fn scan(engine: &SecretsEngine, path: &str, text: &[u8]) -> Vec<Finding> {
    let path = RepoPath::from_bytes(path).unwrap();
    let meta = EntryMeta::file(&path, text.len() as u64);
    let mut sink = Sink::new();
    engine.entry(&Entry { meta, bytes: text }, &mut sink);
    let (mut findings, gaps) = sink.into_parts();
    assert_eq!(gaps, []);
    findings.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
    findings
}

/// With all rules loaded, what a rule marks is still reported: by its family, or by a rule that is more specific.
fn check_together(
    engine: &SecretsEngine,
    all: &[Loaded],
    loaded: &Loaded,
    example: &Example,
    expanded: &Expanded,
) -> Vec<String> {
    let found = scan(engine, &example.path, expanded.text.as_bytes());
    let of_vendor = |rule: &RuleFile| rule.info.tags.first().is_some_and(|tag| tag.starts_with("vendor:"));
    let is_generic = |rule: &RuleFile| rule.info.tags.first().is_some_and(|tag| tag == "generic");
    let rule_of = |finding: &Finding| all.iter().find(|other| other.rule.info.id == finding.rule).unwrap();
    let covers = |finding: &&Finding, start, end| {
        finding.location.bytes.start < end && start < finding.location.bytes.end
    };
    let mut failures = Vec::new();
    for mark in &expanded.marks {
        let mut over = found.iter().filter(|finding| covers(finding, mark.span.start, mark.span.end));
        let kept = over.clone().any(|finding| {
            let other = &rule_of(finding).rule;
            other.family == loaded.rule.family
                || (of_vendor(other) && !of_vendor(&loaded.rule))
                || (is_generic(&loaded.rule) && !is_generic(other))
        });
        if !kept {
            let winner = over.next().map_or("nothing", |finding| finding.rule.as_str());
            failures
                .push(format!("{}:{}: with all rules loaded, {winner} is reported", loaded.name, mark.line));
        }
    }
    failures
}

#[test]
fn every_rule_passes_its_examples() {
    let (rules, mut failures) = load();
    let wanted = std::env::var("PALISADE_RULE").unwrap_or_default();
    let names: Vec<_> = wanted.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let is_wanted =
        |file: &str| names.is_empty() || names.iter().any(|name| file.starts_with(&format!("{name}.md")));
    failures.retain(|failure| is_wanted(failure));
    let mut usable = Vec::new();
    let mut checked = 0;
    for loaded in rules {
        let name = &loaded.name;
        match check_examples(&loaded.rule) {
            Ok(failed) if is_wanted(name) => {
                checked += 1;
                failures.extend(failed.iter().map(|one| format!("{name}:{}: {}", one.line, one.message)));
                usable.push(loaded);
            }
            Ok(_) => usable.push(loaded),
            Err(error) if is_wanted(name) => failures.push(format!("{name}:1: {error}")),
            Err(_) => {}
        }
    }
    let engine = SecretsEngine::new(usable.iter().map(|loaded| loaded.rule.clone()).collect(), SALT).unwrap();
    for loaded in usable.iter().filter(|loaded| is_wanted(&loaded.name)) {
        for (example, expanded) in loaded.rule.expanded_examples() {
            failures.extend(check_together(&engine, &usable, loaded, example, &expanded));
        }
    }
    assert!(checked > 0 || !failures.is_empty(), "PALISADE_RULE={wanted} names no rule");
    let list: Vec<_> = failures.iter().map(|failure| format!("rules/secrets/{failure}")).collect();
    assert!(failures.is_empty(), "{} failures in {checked} rules:\n{}", failures.len(), list.join("\n"));
    println!("{checked} rules pass their examples");
}

#[test]
fn nothing_is_unwise_about_the_rules() {
    let (rules, _) = load();
    let rules: Vec<&RuleFile> = rules.iter().map(|loaded| &loaded.rule).collect();
    assert!(rules.len() > 400);
    assert_eq!(lint(&rules), []);
}
