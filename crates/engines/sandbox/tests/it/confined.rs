use std::fs;
use std::process::Command;

use crate::bench::helper;

/// Exit code and output of an attack by a process that has confined itself, or not.
fn attack(really: bool, attack: &str) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let words = [folder.path().to_str().unwrap(), if really { "yes" } else { "no" }, file.to_str().unwrap()];
    let output = Command::new(helper()).arg("confined").args(words).arg(attack).output().unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), text)
}

#[test]
fn a_confined_process_reads_below_its_root_and_has_threads() {
    let (code, text) = attack(true, "nothing");
    assert_eq!(code, 0, "{text}");
    assert_eq!(text.trim(), "capabilities landlock no-new-privs not-dumpable rlimits seccomp");
}

#[test]
fn a_confined_process_can_do_nothing_else() {
    let attacks = [
        "outside", "write", "make", "remove", "execute", "socket", "unix", "fork", "signal", "unshare",
        "ptrace", "code",
    ];
    for name in attacks {
        let (code, text) = attack(false, name);
        assert_eq!(code, 0, "{name} fails without confinement too: {text}");
        let (code, text) = attack(true, name);
        assert_eq!(code, 1, "{name}: {text}");
    }
}

#[test]
fn a_process_with_threads_is_refused() {
    assert_eq!(attack(false, "late").0, 0);
    let (code, text) = attack(true, "late");
    assert!(code == 1 && text.contains("one thread"), "{text}");
}
