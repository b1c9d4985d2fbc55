//! Projects that are empty, odd, hostile or too large.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use palisade_testkit::{Answer, Project};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value;

use super::site::{Site, TINY};
use super::user::as_ordinary_user;

/// The plan, snapshot and everything else the gate was asked about in the newest run.
fn question(site: &Site) -> Value {
    let path = site.project.path(".palisade/runs").join(site.newest().unwrap()).join("gate-input.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Every gap of the newest run as `KIND PATH`, sorted.
fn gaps(site: &Site) -> Vec<String> {
    let question = question(site);
    let engines = question["coverage"].as_array().unwrap();
    let gaps = engines.iter().flat_map(|engine| engine["coverage"]["gaps"].as_array().unwrap());
    let mut gaps: Vec<String> = gaps
        .map(|gap| format!("{} {}", gap["kind"].as_str().unwrap(), gap["path"].as_str().unwrap_or("-")))
        .collect();
    gaps.sort();
    gaps.dedup();
    gaps
}

#[test]
fn an_empty_folder() {
    let site = Site::of(Project::empty());
    for command in ["run", "plan", "runs", "logs"] {
        let answer = site.call(&[command]).expect(2).says("there is no palisade.yaml").says("palisade init");
        assert_eq!(answer.stdout, "", "{answer}");
    }
    assert_eq!(site.call(&["run", "--format", "json"]).expect(2).json()["reason"], "no-project");
    site.call(&["scan"]).expect(0);
    assert_eq!(super::site::names(site.project.root()), [""; 0], "nothing was left in it");
}

#[test]
fn git_in_every_state() {
    let site = Site::new(TINY);
    site.call(&["run"]).expect(0);
    assert_eq!(question(&site)["snapshot"]["source"]["kind"], "folder");

    site.project.git(&["init", "--quiet", "--initial-branch", "main"]);
    site.call(&["run"]).expect(0);
    let snapshot = question(&site)["snapshot"].clone();
    assert_eq!((&snapshot["source"]["kind"], &snapshot["source"]["commit"]), (&"git".into(), &Value::Null));
    assert_eq!(snapshot["dirty"], true, "nothing of it is in a commit");

    let commit = site.project.commit("first");
    site.call(&["run"]).expect(0);
    let snapshot = question(&site)["snapshot"].clone();
    assert_eq!((&snapshot["source"]["commit"], &snapshot["dirty"]), (&commit.clone().into(), &false.into()));
    assert_eq!(snapshot["source"]["branch"], "main");

    site.project.git(&["checkout", "--quiet", "--detach"]);
    site.call(&["run"]).expect(0);
    let snapshot = question(&site)["snapshot"].clone();
    assert_eq!(
        (&snapshot["source"]["commit"], &snapshot["source"]["branch"]),
        (&commit.into(), &Value::Null)
    );
    site.assert_sound();
}

#[test]
fn a_dirty_tree_is_recorded_and_not_let_into_a_protected_environment() {
    let pipeline = TINY.replace("  build:\n", "  build:\n    environment: production\n");
    let site = Site::new(&pipeline);
    let mut generate = site.command(&["key", "generate"]);
    Answer::of(generate.env("PALISADE_PASSPHRASE", "correct horse"), b"").expect(0);
    let policy = "version: 1\nname: acme\nenvironments:\n  production:\n    protected: true\n";
    fs::write(site.account.config().join("policy.yaml"), policy).unwrap();
    let run = || Answer::of(site.command(&["run"]).env("PALISADE_PASSPHRASE", "correct horse"), b"");

    site.project.git(&["init", "--quiet", "--initial-branch", "main"]);
    site.project.commit("first");
    run().expect(0);
    site.project.write("edited.txt", "not committed");
    run().expect(1).says("dirty");
    assert_eq!(question(&site)["snapshot"]["dirty"], true);
    assert_eq!(site.releases().len(), 1);
}

#[test]
fn names_are_never_printed_raw() {
    for git in [false, true] {
        let site = Site::new(TINY);
        for name in
            [&b"a\xff\xfe"[..], b"esc\x1b[31mred", b"new\nline", b"\xc2\x9b31m", "rtl\u{202e}txt".as_bytes()]
        {
            let path = site.project.path(OsStr::from_bytes(name));
            fs::write(&path, "text").unwrap();
            let folder = site.project.path(OsStr::from_bytes(&[b"d-", name].concat()));
            fs::create_dir(&folder).unwrap();
            mknodat(CWD, folder.join("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
            fs::write(folder.join("too-large"), vec![b'x'; 2000]).unwrap();
        }
        if git {
            site.project.git(&["init", "--quiet"]);
            site.project.commit("first");
        }
        for format in ["human", "json", "sarif", "junit", "github"] {
            let scan = site.call(&["scan", "--format", format, "--max-file-size", "1KiB"]).expect(3);
            assert_plain(&scan);
            scan.says("too-large");
        }
        let run = site.call(&["run", "--max-file-size", "1KiB"]).expect(3);
        assert_plain(&run);
        assert!(
            gaps(&site).iter().filter(|gap| gap.starts_with("budget-hit d-")).count() == 5,
            "{:?}",
            gaps(&site)
        );
        site.call(&["run"]).expect(0);
        site.assert_clean();
        site.assert_sound();
    }
}

/// No control character but the line feed, and nothing that turns the direction of text.
#[track_caller]
fn assert_plain(answer: &Answer) {
    for text in [&answer.stdout, &answer.stderr] {
        let odd =
            |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{fffd}');
        assert_eq!(text.chars().find(odd), None, "{answer}");
        assert!(!text.lines().any(|line| line.starts_with("line")), "a name broke a line: {answer}");
    }
}

#[test]
fn links_and_special_files() {
    let site = Site::new(TINY);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.txt"), "outside").unwrap();
    symlink("loop", site.project.path("loop")).unwrap();
    symlink(".", site.project.path("here")).unwrap();
    symlink(outside.path(), site.project.path("out")).unwrap();
    symlink("/dev/zero", site.project.path("endless")).unwrap();
    mknodat(CWD, site.project.path("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(site.project.path("socket")).unwrap();
    let mut expected = vec!["noted fifo", "noted socket"];
    let device = mknodat(
        CWD,
        site.project.path("device"),
        FileType::CharacterDevice,
        Mode::RWXU,
        rustix::fs::makedev(1, 5),
    );
    if device.is_ok() {
        expected.insert(0, "noted device");
    }
    site.call(&["run"]).expect(0);
    assert_eq!(gaps(&site), expected);
    assert_eq!(question(&site)["snapshot"]["files"], 5, "four links and palisade.yaml");
    site.call(&["scan"]).expect(0);
}

#[test]
fn an_unreadable_file_is_a_gap_and_not_built() {
    for git in [false, true] {
        let site =
            Site::new(&TINY.replace("echo content", "ls -A . >&2; test ! -e closed.txt; echo content"));
        site.project.write("closed.txt", "nobody reads this").write("folder/inside.txt", "nor this");
        if git {
            site.project.git(&["init", "--quiet"]);
            site.project.commit("first");
        }
        fs::set_permissions(site.project.path("closed.txt"), fs::Permissions::from_mode(0o000)).unwrap();
        let scan = as_ordinary_user(&site, &["scan"]).expect(3);
        scan.says("closed.txt");
        let run = as_ordinary_user(&site, &["run"]).expect(3).says("closed.txt");
        assert!(run.stdout.contains("build     ✔"), "the job ran without the file: {run}");
        assert_eq!(gaps(&site), ["unreadable closed.txt"]);
        assert!(site.releases().is_empty());
        site.assert_clean();
    }
}

#[test]
fn a_file_of_a_gibibyte() {
    let site = Site::new(TINY);
    let file = fs::File::create(site.project.path("large.bin")).unwrap();
    file.set_len(1 << 30).unwrap();
    site.call(&["scan"]).expect(3).says("large.bin").says("--max-file-size");
    site.call(&["run"]).expect(3).says("large.bin");
    assert_eq!(gaps(&site), ["budget-hit large.bin"]);
    site.assert_clean();
    if super::kill::number("PALISADE_E2E_LARGE", 0) > 0 {
        site.call(&["run", "--max-file-size", "2GiB"]).expect(0);
        site.assert_clean();
    }
}

#[test]
fn many_files() {
    let site = Site::new(TINY);
    let count = 50_000;
    for number in 0..count {
        if number % 500 == 0 {
            fs::create_dir(site.project.path(format!("d{}", number / 500))).unwrap();
        }
        fs::write(site.project.path(format!("d{}/f{number}", number / 500)), "x\n").unwrap();
    }
    site.call(&["run"]).expect(0);
    assert_eq!(question(&site)["snapshot"]["files"], count + 1);
    site.assert_clean();
}

#[test]
fn deep_folders_and_long_lines() {
    let site = Site::new(TINY);
    let mut folder = site.project.path("deep");
    fs::create_dir(&folder).unwrap();
    // Deeper than any limit of ours, and than PATH_MAX allows in one path.
    let mut here = rustix::fs::open(&folder, rustix::fs::OFlags::DIRECTORY, Mode::empty()).unwrap();
    for _ in 0..600 {
        rustix::fs::mkdirat(&here, "below-here", Mode::RWXU).unwrap();
        here = rustix::fs::openat(&here, "below-here", rustix::fs::OFlags::DIRECTORY, Mode::empty()).unwrap();
    }
    site.call(&["scan"]).expect(3).says("deeper");
    site.call(&["run"]).expect(3).says("deeper");
    site.assert_clean();
    drop(here);
    folder.pop();
    fs::remove_dir_all(folder.join("deep")).unwrap();

    site.project.write("one-line.js", "x=1;".repeat(2_500_000));
    site.call(&["run"]).expect(0);
    site.assert_clean();
}

#[test]
fn pipeline_files_that_cannot_be_used() {
    let bomb = {
        let mut text = "version: 1\nname: x\nenv:\n  A0: &a0 lol\n".to_owned();
        for level in 1..30 {
            let before = level - 1;
            text.push_str(&format!(
                "  A{level}: &a{level} [*a{before}, *a{before}, *a{before}, *a{before}, *a{before}]\n"
            ));
        }
        text
    };
    let large = format!("version: 1\nname: x\n{}", "# comment\n".repeat(200_000));
    let cases: [(&str, &[u8]); 6] = [
        ("empty", b""),
        ("not utf-8", b"version: 1\nname: \xff\xfe\n"),
        ("bomb", bomb.as_bytes()),
        ("two mebibytes", large.as_bytes()),
        ("no yaml", b"\x00\x01\x02{{{[[["),
        ("wrong type", b"version: 1\nname: x\njobs: 3\n"),
    ];
    for (what, content) in cases {
        let site = Site::new("");
        site.project.write("palisade.yaml", content);
        for command in ["run", "plan"] {
            let answer = site.call(&[command]);
            assert_eq!(answer.code, 2, "{what}: {answer}");
            assert!(answer.stderr.contains("palisade.yaml:"), "{what} has no place: {answer}");
            assert_plain_but_replaced(&answer);
        }
        site.assert_clean();
    }
}

#[track_caller]
fn assert_plain_but_replaced(answer: &Answer) {
    let odd = |c: &char| c.is_control() && *c != '\n';
    assert_eq!(answer.stderr.chars().find(odd), None, "{answer}");
}

#[test]
fn pipeline_files_that_are_no_files() {
    let site = Site::of(Project::empty());
    let path = site.project.path("palisade.yaml");
    site.project.write("other.yaml", TINY);
    symlink("other.yaml", &path).unwrap();
    for command in ["run", "plan", "scan"] {
        site.call(&[command]).expect(2).says("palisade.yaml").says("symbolic link");
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    site.call(&["plan"]).expect(2).says("palisade.yaml").says("not a regular file");
    site.call(&["run"]).expect(2).says("palisade.yaml");
    fs::remove_dir(&path).unwrap();
    mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
    site.call(&["plan"]).expect(2).says("not a regular file");
    site.call(&["run"]).expect(2).says("palisade.yaml");
    site.assert_clean();
}

/// What a stranger's project brings in the place of our own folder is not followed.
#[test]
fn a_store_that_points_elsewhere() {
    let site = Site::new(TINY);
    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), site.project.path(".palisade")).unwrap();
    site.call(&["run"]).expect(2).says(".palisade").says("not a folder");
    assert_eq!(super::site::names(outside.path()), [""; 0]);
}
