//! What manifests cost that were written to cost much: work grows with what a file holds, and not with its square.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::project::read;

/// Lines of one kind, of which each look at all others would take a minute.
const MANY: usize = 60_000;

/// Processor time that this thread has used: what a test does costs the same of it whatever else the machine does.
fn spent() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.try_into().unwrap(), now.tv_nsec.try_into().unwrap())
}

/// Number of packages and of problems, and the work of reading them.
fn cost(path: &str, text: &str) -> (usize, usize, Duration) {
    let begin = spent();
    let reading = read(path, text);
    (reading.packages.len(), reading.problems.len(), spent() - begin)
}

fn lines(line: impl Fn(usize) -> String) -> String {
    (0..MANY).map(line).collect()
}

/// Variables that would make gigabytes of one line are filled in as far as there is room, and that is told.
#[test]
fn variables_of_recipes_have_a_budget() {
    let long = format!("{{% set a = \"{}\" %}}\n", "a".repeat(300_000));
    let one_line = format!("{long}package:\n  name: own\nabout: {}\n", "{{a}}".repeat(60_000));
    let (_, problems, work) = cost("meta.yaml", &one_line);
    assert!(problems > 0 && work < Duration::from_secs(10), "{problems} {work:?}");
    let tail = "requirements:\n  run:\n    - zlib >=1.2\n";
    let many_lines = format!("{long}package:\n  name: own\nabout:\n{}{tail}", "  - {{a}}\n".repeat(100));
    let reading = read("meta.yaml", &many_lines);
    assert_eq!(reading.packages.len(), 1, "what needs no variables is read all the same");
    assert_eq!(reading.problems.len(), 1);
    assert!(reading.problems[0].line.is_some_and(|line| line > 10));
    // What stands there without variables is not made by them.
    let plain = format!("package:\n  name: own\n#{}\n{tail}", "x".repeat(5 << 20));
    assert_eq!((read("meta.yaml", &plain).packages.len(), read("meta.yaml", &plain).problems.len()), (1, 0));
}

#[test]
fn recipes_with_many_outputs_are_read_in_one_pass() {
    let outputs =
        lines(|number| format!("  - name: o{number}\n    requirements: [o{}, p{number}]\n", number / 2));
    let (packages, problems, work) =
        cost("meta.yaml", &format!("package:\n  name: own\noutputs:\n{outputs}"));
    assert_eq!((packages, problems), (MANY, 0));
    assert!(work < Duration::from_secs(10), "{work:?}");
}

#[test]
fn versions_that_leiningen_manages_are_found_at_once() {
    let asked = lines(|number| format!("[a{number}]\n"));
    let managed = lines(|number| format!("[a{number} \"1.{number}\"]\n"));
    let text = format!("(defproject me/own \"1\" :dependencies [{asked}] :managed-dependencies [{managed}])");
    let (packages, problems, work) = cost("project.clj", &text);
    assert_eq!((packages, problems), (MANY + 1, 0));
    assert!(work < Duration::from_secs(10), "{work:?}");
}

#[test]
fn modules_of_sbt_in_one_line_are_read_in_one_pass() {
    let one_line = lines(|number| format!("\"g\" % \"a{number}\" % \"1\","));
    let (packages, _, work) = cost("build.sbt", &one_line);
    assert_eq!(packages, MANY);
    assert!(work < Duration::from_secs(10), "{work:?}");
    let value = format!("val v = \"{}\"\n", "1".repeat(1 << 20));
    let scala = format!("scalaVersion := \"2.{}.1\"\n", "1".repeat(1 << 20));
    let modules = lines(|number| format!("\"g\" %% \"a{number}\" % v\n"));
    let (_, _, work) = cost("build.sbt", &format!("{value}{scala}{modules}"));
    assert!(work < Duration::from_secs(10), "{work:?}");
}

#[test]
fn variables_of_podspecs_are_looked_for_once() {
    for line in ["x.a = b\n", "s.name = b\n"] {
        let (packages, _, work) = cost("z.podspec", &format!("{}s.dependency 'y'\n", line.repeat(MANY)));
        assert_eq!(packages, 1);
        assert!(work < Duration::from_secs(10), "{line} {work:?}");
    }
}

#[test]
fn blocks_of_cpanfiles_nest_as_deep_as_they_like() {
    let text = format!("{}requires 'X';\n{}", "on test => sub { ".repeat(MANY), "} ".repeat(MANY));
    let (packages, problems, work) = cost("cpanfile", &text);
    assert_eq!((packages, problems), (1, 0));
    assert!(work < Duration::from_secs(10), "{work:?}");
}
