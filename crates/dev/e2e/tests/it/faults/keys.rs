//! Keys that are missing, locked, open to others, damaged or not whole.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use palisade_testkit::{Account, Answer};

use super::site::{Site, TINY};

const PROTECTED: &str = "\
version: 1
name: tiny
jobs:
  build:
    environment: production
    steps:
      - run: echo content > out.txt
    outputs: [out.txt]
release:
  artifacts: [out.txt]
";

/// A pair under the passphrase `correct horse`.
fn locked() -> Site {
    let site = Site::new(TINY);
    let mut generate = site.command(&["key", "generate"]);
    Answer::of(generate.env("PALISADE_PASSPHRASE", "correct horse"), b"").expect(0);
    site
}

fn protect(account: &Account) {
    fs::create_dir_all(account.config()).unwrap();
    let policy = "version: 1\nname: acme\nenvironments:\n  production:\n    protected: true\n";
    fs::write(account.config().join("policy.yaml"), policy).unwrap();
}

#[test]
fn a_first_run_makes_an_unprotected_pair_and_says_so() {
    let site = Site::new(TINY);
    site.call(&["run"]).expect(0).says("local-unprotected");
    for key in ["statement.key", "log.key"] {
        let mode = fs::metadata(site.account.config().join(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
    let again = site.call(&["run"]).expect(0);
    assert!(!again.stderr.contains("made a pair"), "{again}");
}

#[test]
fn an_unprotected_pair_does_not_do_for_a_protected_environment() {
    let site = Site::new(PROTECTED);
    site.project.git(&["init", "--quiet"]);
    fs::write(site.project.path(".gitignore"), ".palisade\n").unwrap();
    site.project.commit("first");
    protect(&site.account);
    site.call(&["run"]).expect(1).says("local-unprotected");
    assert!(site.releases().is_empty());
}

#[test]
fn passphrases() {
    let site = locked();
    let with = |name: &str, value: &str| Answer::of(site.command(&["run"]).env(name, value), b"");
    site.call(&["run"]).expect(5).says("PALISADE_PASSPHRASE");
    with("PALISADE_PASSPHRASE", "wrong").expect(5).says("wrong passphrase");
    with("PALISADE_PASSPHRASE", "correct horse").expect(0);
    let file = site.account.home().join("passphrase");
    fs::write(&file, "correct horse\n").unwrap();
    with("PALISADE_PASSPHRASE_FILE", file.to_str().unwrap()).expect(0);
    with("PALISADE_PASSPHRASE_FILE", "/nonexistent").expect(5).says("/nonexistent");
    site.assert_clean();
}

#[test]
fn a_private_key_that_others_can_read() {
    let site = Site::new(TINY);
    site.call(&["run"]).expect(0);
    for key in ["statement.key", "log.key"] {
        let path = site.account.config().join(key);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        site.call(&["run"]).expect(5).says(key).says("chmod 600");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    site.call(&["run"]).expect(0);
}

#[test]
fn damaged_and_half_pairs() {
    let site = Site::new(TINY);
    site.call(&["run"]).expect(0);
    for key in ["statement.key", "log.key", "palisade.pub"] {
        let path = site.account.config().join(key);
        let whole = fs::read(&path).unwrap();
        for bytes in [&b""[..], &whole[..whole.len() / 2], b"\xff\xfe"] {
            fs::write(&path, bytes).unwrap();
            site.call(&["run"]).expect(2).says(key).says("damaged");
        }
        fs::remove_file(&path).unwrap();
        let half = site.call(&["run"]).expect(2);
        assert!(
            half.stderr.contains(&format!("/{key}`")) || half.stderr.contains("there is a key at"),
            "{half}"
        );
        fs::write(&path, &whole).unwrap();
        if key != "palisade.pub" {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    assert_eq!(site.releases().len(), 1, "nothing was released meanwhile");
    site.call(&["run"]).expect(0);
}
