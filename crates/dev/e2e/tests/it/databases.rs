//! What befalls a database of advisories: a mirror that keeps back news, a disk that is full, a build that is killed, feeds that are
//! bombs or cannot be read. Each ends with a clear error and keeps the database that is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use palisade_testkit::{Account, Answer, Project, python};
use serde_json::Value;

use crate::feeds::{build, day, folder, gaps, know, record, time};

/// Where an account's database lies.
fn place(account: &Account) -> PathBuf {
    account.home().join(".local/share/palisade/advisories")
}

fn flaws(count: usize) -> Vec<Value> {
    let events = [("introduced", "0"), ("fixed", "2.0.0")];
    (0..count)
        .map(|number| record(&format!("Y-2026-{number}"), "npm", &format!("p{number}"), &events))
        .collect()
}

fn in_use(account: &Account) -> u64 {
    account.run(account.home(), ["db", "verify"]).expect(0);
    let info = account.run(account.home(), ["db", "info", "--format", "json"]).expect(0).json();
    info["database"]["records"].as_u64().unwrap()
}

/// A project with one package that no advisory names.
fn sound() -> Project {
    let project = Project::empty();
    let checksum = "0".repeat(64);
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    project.write(
        "Cargo.lock",
        format!("version = 4\n\n[[package]]\nname = \"sound\"\nversion = \"1.0.0\"\nsource = \"{registry}\"\nchecksum = \"{checksum}\"\n"),
    );
    project
}

/// Signs a manifest again with other values in it, by DSSE v1 and openssl, as a publisher could.
const SIGN: &str = r#"
import base64, json, subprocess, sys
path, key, changes = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
envelope = json.load(open(path))
statement = json.loads(base64.b64decode(envelope["payload"]))
statement["predicate"].update(changes)
payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
kind = envelope["payloadType"].encode()
pae = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=pae, capture_output=True, check=True)
envelope["payload"] = base64.b64encode(payload).decode()
envelope["signatures"][0]["sig"] = base64.b64encode(signed.stdout).decode()
json.dump(envelope, open(path, "w"))
"#;

fn sign_again(publisher: &Account, manifest: &Path, changes: &Value) {
    let key = publisher.config().join("statement.key");
    let args = [manifest.to_str().unwrap(), key.to_str().unwrap(), &changes.to_string()];
    python(SIGN, &args, publisher.home()).expect(0);
}

#[test]
fn a_mirror_that_is_frozen_is_refused() {
    let (publisher, reader) = (Account::new(), Account::new());
    let out = publisher.home().join("out");
    let publish = |count| {
        build(&publisher, &[("npm", &flaws(count))], &time("now"), &["--out", out.to_str().unwrap()])
            .expect(0);
    };
    publish(3);
    let key = publisher.public_key();
    let update = |key: &[&str]| {
        reader.run(reader.home(), [&["db", "update", "--from", out.to_str().unwrap()], key].concat())
    };
    update(&["--key", key.to_str().unwrap()]).expect(0);
    assert_eq!(in_use(&reader), 4);
    publish(4);
    let manifest = out.join("manifest.dsse.json");
    let sound = fs::read(&manifest).unwrap();
    for (changes, reason) in [
        (serde_json::json!({ "built": time("-20 days"), "expires": time("-6 days") }), "was good until"),
        (serde_json::json!({ "built": time("+3 days"), "expires": time("+17 days") }), "the clock is wrong"),
        (serde_json::json!({ "sequence": 0 }), "an old database again"),
        (serde_json::json!({ "sequence": 1 }), "like the one before"),
    ] {
        sign_again(&publisher, &manifest, &changes);
        update(&[]).expect(1).says("is refused").says(reason);
        assert_eq!(in_use(&reader), 4, "{reason}: what was there stays");
        fs::write(&manifest, &sound).unwrap();
    }
    // That it was refused for what was changed, and for nothing else: signed again unchanged, it is taken.
    sign_again(&publisher, &manifest, &serde_json::json!({}));
    update(&[]).expect(0);
    assert_eq!(in_use(&reader), 5);
}

#[test]
fn a_database_whose_time_is_over_leaves_no_scan_clean() {
    let (account, project) = (Account::new(), sound());
    know(&account, &[("crates.io", &[])]);
    account.run(project.root(), ["scan"]).expect(0);
    let manifest = place(&account).join("manifest.dsse.json");
    sign_again(
        &account,
        &manifest,
        &serde_json::json!({ "built": time("-20 days"), "expires": time("-6 days") }),
    );
    let answer = account.run(project.root(), ["scan", "--format", "json"]).expect(3);
    let told = gaps(&answer.json());
    assert!(told.iter().any(|gap| gap.starts_with("blocks:") && gap.contains("was good until")), "{told:?}");
    account.run(account.home(), ["db", "verify"]).expect(1).says("was good until");
    account.run(project.root(), ["scan"]).expect(3).says("palisade db update");
}

/// One record with a wrong year must not make a mirror that stopped look fresh.
#[test]
fn a_feed_of_the_future_is_never_fresh() {
    let (account, project) = (Account::new(), sound());
    let mut ahead = record("Y-2026-1", "crates.io", "other", &[("introduced", "0")]);
    ahead["modified"] = "2099-01-01T00:00:00Z".into();
    let mut old = record("Y-2026-2", "crates.io", "another", &[("introduced", "0")]);
    old["modified"] = time("-30 days").into();
    let feed = format!("{}=crates.io", folder(&account, "crates", &[ahead, old]).display());
    account.run(account.home(), ["db", "build", &feed]).expect(0).says(&day("-30 days"));
    account.run(project.root(), ["scan"]).expect(3).says("too long ago");
    let build = |taken: &str| account.run(account.home(), ["db", "build", &feed, "--taken", taken]);
    build(&time("+2 days")).expect(2).says("which is to come");
    build(&time("now")).expect(0);
    account.run(project.root(), ["scan"]).expect(0);
}

#[test]
fn a_database_that_is_damaged_does_not_verify() {
    let account = Account::new();
    know(&account, &[("npm", &[])]);
    let database = fs::read_dir(place(&account)).unwrap().map(|entry| entry.unwrap().path());
    let database = database.into_iter().find(|path| path.extension().is_some_and(|end| end == "db")).unwrap();
    let sound = fs::read(&database).unwrap();
    for damaged in [&sound[..sound.len() - 5], &[], &sound[1..]] {
        fs::write(&database, damaged).unwrap();
        account.run(account.home(), ["db", "verify"]).expect(1);
    }
    fs::remove_file(&database).unwrap();
    account.run(account.home(), ["db", "verify"]).expect(1);
}

#[test]
fn a_build_on_a_full_disk_keeps_the_database_that_is_there() {
    assert!(rustix::process::getuid().is_root(), "mounting a small disk takes root");
    const SCRIPT: &str = r#"
mount -t tmpfs -o size=64k,mode=0700 palisade-test "$1" || exit 9
cd "$HOME"
"$0" db build small=npm --taken "$2" > /dev/null || exit 8
code=0; "$0" db build large=npm --taken "$2" || code=$?
echo "code $code"
"$0" db verify && "$0" db info
ls -A "$1/advisories" | sed 's/^/file /'
"#;
    let account = Account::new();
    fs::rename(folder(&account, "small", &flaws(3)), account.home().join("small")).unwrap();
    // What cannot be compressed, so that it is larger than the disk.
    let text = "import hashlib, json, sys\nfor number in range(100):\n    record = json.load(open('small/Y-2026-0.json'))\n    record['id'] = 'Z-%d' % number\n    record['details'] = ''.join(hashlib.sha512(b'%d %d' % (number, part)).hexdigest() for part in range(20))\n    json.dump(record, open('large/Z-%d.json' % number, 'w'))";
    fs::create_dir(account.home().join("large")).unwrap();
    python(text, &[], account.home()).expect(0);
    let disk = account.home().join(".local/share/palisade");
    fs::create_dir_all(&disk).unwrap();
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", SCRIPT]).arg(account.command(account.home()).get_program());
    command.arg(&disk).arg(time("now")).env_clear().env("HOME", account.home());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let answer = Answer::of(&mut command, b"").expect(0);
    let answer = answer.says("code 4").says("whole and signed: 3 records").says("free some space");
    let files: Vec<&str> = answer.stdout.lines().filter(|line| line.starts_with("file ")).collect();
    assert_eq!(files.len(), 3, "the database, its manifest and the lock, and nothing half done: {answer}");
}

#[test]
fn a_build_that_is_killed_keeps_a_whole_database() {
    let account = Account::new();
    know(&account, &[("npm", &[])]);
    assert_eq!(in_use(&account), 1);
    let feed = folder(&account, "many", &flaws(400));
    let feed = format!("{}=npm", feed.display());
    let mut killed = 0;
    for pause in [0, 20, 60, 120, 200, 300, 450] {
        let mut command = account.command(account.home());
        command.args(["db", "build", &feed, "--taken", &time("now")]);
        let mut build = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        let _ = build.kill();
        killed += u32::from(!build.wait().unwrap().success());
        assert!([1, 400].contains(&in_use(&account)), "after {pause} ms");
    }
    assert_ne!(killed, 0, "none was killed in time");
    account.run(account.home(), ["db", "build", &feed, "--taken", &time("now")]).expect(0);
    assert_eq!(in_use(&account), 400);
}

#[test]
fn a_small_feed_that_becomes_a_large_one_is_not_taken() {
    let (account, project) = (Account::new(), sound());
    know(&account, &[("crates.io", &[])]);
    let good = record("X-2026-1", "crates.io", "elsewhere", &[("introduced", "0")]);
    // Each member for itself is small enough; all together are 120 MB of 120 kB.
    let bomb = "import sys, zipfile\nwith zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as out:\n    out.writestr('a.json', sys.argv[1])\n    for number in range(160):\n        out.writestr('b%d.json' % number, b'x' * 900000)";
    python(bomb, &[&good.to_string()], account.home()).expect(0);
    let call = ["db", "build", "bomb.zip=crates.io", "--taken", &time("now")];
    let answer = account.run(account.home(), call).expect(3);
    assert!(answer.stdout.contains("over the limit of expanded bytes"), "{answer}");
    // What is in use then lacks records, so it makes nothing clean.
    account.run(project.root(), ["scan"]).expect(3).says("could not be read when the database was built");
}

#[test]
fn a_feed_without_a_record_says_what_is_wrong_with_it() {
    let account = Account::new();
    know(&account, &[("npm", &[])]);
    fs::write(account.home().join("broken.json"), "{\"id\": oops").unwrap();
    let call =
        |feed: &str| account.run(account.home(), ["db", "build", feed, "--taken", "2026-11-20T00:00:00Z"]);
    call("broken.json").expect(2).says("broken.json: is not JSON");
    fs::create_dir(account.home().join("empty")).unwrap();
    call("empty").expect(2).says("there is no advisory in what was named");
    call("nowhere").expect(2).says("cannot read `nowhere`");
    assert_eq!(in_use(&account), 1);
}

#[test]
fn a_feed_that_may_not_be_read_is_named() {
    let account = Account::new();
    let feed = folder(&account, "npm", &flaws(2));
    let closed = feed.join("Y-2026-0.json");
    let script = r#"
chmod 0 "$1"
if [ "$(id -u)" = 0 ]; then chown -R 65534:65534 "$HOME"; as="setpriv --reuid 65534 --regid 65534 --clear-groups --"; fi
exec $as "$0" db build "$2=npm" --taken 2026-11-20T00:00:00Z
"#;
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(account.command(account.home()).get_program()).arg(&closed).arg(&feed);
    command.current_dir(account.home()).env_clear().env("HOME", account.home());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    Answer::of(&mut command, b"").expect(2).says("Y-2026-0.json").says("Permission denied");
}
