//! No room, no right to write, no home.
//!
//! Small disks are tmpfs mounts in a mount namespace of their own, which takes root; without root the test that needs them fails and
//! says so.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use palisade_testkit::Answer;

use super::site::{Site, TINY};
use super::user::as_ordinary_user;

/// Output, log and artifact are large enough for each station to meet the end of a small disk.
const HEAVY: &str = "\
version: 1
name: heavy
jobs:
  build:
    steps:
      - run: head -c 400000 /dev/zero | tr '\\0' 'x'; head -c 600000 source.bin > out.bin
    outputs: [out.bin]
release:
  artifacts: [out.bin]
";

/// Runs twice on a disk of `kib` KiB mounted at `at`, which it copies there: once as it is, once with room made. Prints the codes and
/// what remains; the mount goes with the namespace.
const SCRIPT: &str = r#"
set -eu
at=$1 kib=$2 program=$3 kept=$4
cp -a "$at" "$kept"
mount -t tmpfs -o size=${kib}k,mode=0755 palisade-test "$at"
if ! cp -a "$kept/." "$at/" 2>/dev/null; then echo "code too-small"; exit 0; fi
cd "$PROJECT"
code=0; "$program" run --quiet || code=$?
echo "code $code"
for release in "$PROJECT"/.palisade/releases/*; do
  [ -e "$release" ] && echo "release ${release##*/} $(ls "$release" | wc -l)"
done
mount -o remount,size=64m palisade-test "$at"
code=0; "$program" run --quiet || code=$?
echo "next $code"
code=0; "$program" ledger verify || code=$?
echo "ledger $code"
ls -A "$HOME/.cache/palisade/scratch" | sed 's/^/scratch /'
"#;

/// The project's disk, and that of the user's cache, state and keys.
#[derive(Clone, Copy, Debug)]
enum Disk {
    Project,
    Home,
}

/// What came of a run on a small disk.
struct OnSmallDisk {
    answer: Answer,
    code: String,
}

fn on_small_disk(disk: Disk, kib: u32, pipeline: &str) -> OnSmallDisk {
    let site = Site::new(pipeline);
    if pipeline == HEAVY {
        site.project.write("source.bin", vec![b'y'; 700_000]);
    }
    // Away from the home, which is to be small.
    let tools = tempfile::tempdir().unwrap();
    let program = tools.path().join("palisade-under-test");
    fs::rename(site.program(), &program).unwrap();
    let at = match disk {
        Disk::Project => site.project.root(),
        Disk::Home => site.account.home(),
    };
    let mut command = Command::new("unshare");
    command.args(["-m", "--propagation", "private", "sh", "-c", SCRIPT, "disk"]);
    command.arg(at).arg(kib.to_string()).arg(&program).arg(tools.path().join("kept"));
    command.env_clear().env("HOME", site.account.home()).env("PROJECT", site.project.root());
    command.env("PATH", std::env::var_os("PATH").unwrap());
    let answer = Answer::of(&mut command, b"").expect(0);
    site.assert_nothing_runs();
    let code =
        answer.stdout.lines().find_map(|line| line.strip_prefix("code ")).unwrap_or_default().to_owned();
    OnSmallDisk { answer, code }
}

impl OnSmallDisk {
    fn says(&self, line: &str) -> bool {
        self.answer.stdout.lines().any(|said| said == line)
    }
}

#[test]
fn a_full_disk_at_every_station() {
    assert!(rustix::process::getuid().is_root(), "mounting a small disk takes root");
    let mut stations = std::collections::BTreeSet::new();
    for (disk, pipeline, sizes) in [
        (Disk::Home, HEAVY, &[16, 64, 400, 800, 1200, 1500, 2100, 3000][..]),
        (Disk::Project, HEAVY, &[720, 1000, 1160, 1600, 1800]),
        // Page by page through the small files: journal, documents, evidence, ledger, the release's own.
        (Disk::Project, TINY, &[4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112]),
    ] {
        for kib in sizes {
            let ended = on_small_disk(disk, *kib, pipeline);
            let answer = &ended.answer;
            match ended.code.as_str() {
                "too-small" => continue,
                "0" => stations.insert("none".to_owned()),
                "4" => {
                    assert!(answer.stderr.contains("free some space"), "{disk:?} {kib}: {answer}");
                    let error = answer.stderr.lines().find(|line| line.starts_with("error")).unwrap();
                    println!("{disk:?} {kib} KiB: {error}");
                    assert!(!answer.stdout.contains("\nrelease sha256-"), "{disk:?} {kib}: {answer}");
                    stations.insert(station(error))
                }
                // The step itself met the end of its workspace.
                "1" => stations.insert("step".to_owned()),
                code => panic!("{disk:?} {kib}: code {code}: {answer}"),
            };
            assert!(ended.says("next 0"), "{disk:?} {kib}: {answer}");
            assert!(ended.says("ledger 0"), "{disk:?} {kib}: {answer}");
            assert!(!answer.stdout.contains("scratch "), "{disk:?} {kib}: {answer}");
        }
    }
    println!("{stations:?}");
    for station in ["none", "snapshot", "log", "evidence", "ledger", "release"] {
        assert!(stations.contains(station), "the disk was never full at {station}: {stations:?}");
    }
}

/// Which part of the disk an error is about, by the path in it.
fn station(error: &str) -> String {
    let parts = [
        "/snapshot",
        "/jobs/",
        "/outputs/",
        "/logs/",
        "/ledger",
        "/releases/",
        "/evidence",
        "/runs/",
        "/checkpoints",
    ];
    let names =
        ["snapshot", "workspace", "outputs", "log", "ledger", "release", "evidence", "run", "checkpoint"];
    let found = parts.iter().zip(names).find(|(part, _)| error.contains(*part));
    found.map_or_else(|| error.to_owned(), |(_, name)| name.to_owned())
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn folders_that_may_not_be_written() {
    let site = Site::new(TINY);
    as_ordinary_user(&site, &["runs"]).expect(0);
    set_mode(site.project.root(), 0o555);
    as_ordinary_user(&site, &["run"]).expect(4).says(".palisade").says("Permission denied").says("hint");
    as_ordinary_user(&site, &["scan"]).expect(0);
    as_ordinary_user(&site, &["plan"]).expect(0);
    set_mode(site.project.root(), 0o755);

    set_mode(site.account.home(), 0o555);
    as_ordinary_user(&site, &["run"]).expect(4).says("Permission denied").says("hint");
    as_ordinary_user(&site, &["scan"]).expect(0);
    set_mode(site.account.home(), 0o755);
    as_ordinary_user(&site, &["run"]).expect(0);
    site.assert_clean();
}

#[test]
fn a_read_only_file_system() {
    assert!(rustix::process::getuid().is_root(), "mounting takes root");
    let site = Site::new(TINY);
    let script = r#"mount --bind "$PWD" "$PWD"; mount -o remount,ro,bind "$PWD"; cd "$PWD"; exec "$0" run"#;
    let mut command = Command::new("unshare");
    command.args(["-m", "--propagation", "private", "sh", "-c", script]).arg(site.program());
    command.current_dir(site.project.root()).env("HOME", site.account.home());
    Answer::of(&mut command, b"").expect(4).says("Read-only file system").says(".palisade");
}

/// Without a home there is no place for keys; what needs none works.
#[test]
fn no_home() {
    let site = Site::new(TINY);
    let without = |args: &[&str]| {
        let mut command = site.command(args);
        command.env("HOME", "/nonexistent/home");
        command
    };
    as_ordinary_user(&site, &["runs"]).expect(0);
    Answer::of(&mut without(&["scan"]), b"").expect(0);
    Answer::of(&mut without(&["plan"]), b"").expect(0);
}
