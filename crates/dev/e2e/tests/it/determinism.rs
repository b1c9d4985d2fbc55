//! The same input gives the same bytes, wherever and by whomever it is read.

use std::path::Path;
use std::process::Command;

use palisade_testkit::{Account, Answer, Project, palisade, peer};

use crate::token;

/// `palisade ARGS` in a copy of the project in another folder, with another umask, time zone, locale and number of processors.
pub(crate) fn elsewhere(project: &Project, args: &str, umask: &str, zone: &str, processors: &str) -> Answer {
    let account = Account::new();
    let folder = account.home().join(format!("a rather different place {umask}"));
    crate::places::copy(project.root(), &folder);
    let script = format!("umask {umask}; exec taskset -c {processors} '{}' {args}", palisade().display());
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(&folder).env_clear();
    shell.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", account.home());
    shell.env("TZ", zone).env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8").env("COLUMNS", "40");
    Answer::of(&mut shell, b"")
}

#[test]
fn a_plan_is_the_same_everywhere_and_its_digest_is_that_of_its_bytes() {
    let project = Project::example("storefront").committed();
    let account = Account::new();
    let here = account.run(project.root(), ["plan", "--format", "json"]).expect(0);
    for (umask, zone, processors) in [("077", "Asia/Kathmandu", "0"), ("000", "America/St_Johns", "0-1")] {
        let there = elsewhere(&project, "plan --format json", umask, zone, processors).expect(0);
        assert_eq!(there.bytes, here.bytes);
    }
    // RFC 8785: no white space outside of strings, keys in order, as Python's own encoder has them for plain ASCII.
    let sorted = "import json, sys; print(json.dumps(json.load(open('plan')), sort_keys=True, separators=(',', ':'), ensure_ascii=False), end='')";
    std::fs::write(account.home().join("plan"), &here.bytes).unwrap();
    assert_eq!(palisade_testkit::python(sorted, &[], account.home()).expect(0).bytes, here.bytes);
    let sum = peer("sha256sum", &["plan"], account.home()).stdout;
    account
        .run(project.root(), ["plan"])
        .expect(0)
        .says(&format!("sha256:{}", sum.split(' ').next().unwrap()));
}

#[test]
fn a_scan_is_the_same_everywhere() {
    let project = Project::empty();
    project.write("palisade.yaml", "version: 1\nname: many\nsalt: 0123456789abcdef0123456789abcdef\n");
    for number in 0..200_u64 {
        let name = format!("folder{}/file{number}.env", number % 7);
        project.write(
            Path::new(&name),
            format!("A={}\nB={}\n", token::github(number), token::github(number / 2)),
        );
    }
    let project = project.committed();
    let account = Account::new();
    let here = account.run(project.root(), ["scan", "--format", "json"]).expect(1);
    assert_eq!(here.json()["counts"]["findings"], 400);
    for (umask, zone, processors) in [("077", "Asia/Kathmandu", "0"), ("000", "America/St_Johns", "0-1")] {
        for format in ["json", "sarif"] {
            let there =
                elsewhere(&project, &format!("scan --format {format}"), umask, zone, processors).expect(1);
            let here = account.run(project.root(), ["scan", "--format", format]).expect(1);
            assert!(there.bytes == here.bytes, "{format} under umask {umask} on processors {processors}");
        }
    }
}
