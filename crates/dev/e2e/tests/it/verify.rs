//! `palisade verify`: offline, against tampering, against expectations.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use palisade_testkit::{Account, Answer, Project, palisade, peer};
use serde_json::Value;
use tempfile::TempDir;

use crate::places::{copy, files, list, release, releases, small};
use crate::token::base64;

const ARTIFACT: &str = "out.txt";

/// What travels: the artifact with its evidence, and the public key.
struct Parcel {
    folder: TempDir,
    key: PathBuf,
}

impl Parcel {
    /// From a release, with manifest and plan if `whole`.
    fn of(release: &Path, key: &Path, whole: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for path in list(release) {
            let name = path.file_name().unwrap();
            if whole || name.to_string_lossy().starts_with(ARTIFACT) {
                fs::copy(&path, folder.path().join(name)).unwrap();
            }
        }
        let copied = folder.path().join("palisade.pub");
        fs::copy(key, &copied).unwrap();
        Self { folder, key: copied }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn verify(&self, account: &Account, args: &[&str]) -> Answer {
        let key = self.key.to_str().unwrap();
        account.run(self.folder.path(), [&["verify", ARTIFACT, "--key", key], args].concat())
    }
}

fn released() -> (Account, Project) {
    let (account, project) = (Account::new(), small());
    account.run(project.root(), ["run"]).expect(0);
    (account, project)
}

#[test]
fn it_takes_only_artifact_evidence_and_key() {
    let (account, project) = released();
    let commit = project.git(&["rev-parse", "HEAD"]);
    let parcel = Parcel::of(&release(&project), &account.public_key(), false);
    drop((account, project));
    let stranger = Account::new();
    // A network namespace of its own has no way out.
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--"]).arg(palisade());
    command.current_dir(parcel.folder.path()).env_clear().env("HOME", stranger.home());
    let answer = Answer::of(command.args(["verify", ARTIFACT, "--key", "palisade.pub"]), b"").expect(0);
    let places: Vec<_> = ["commit ", "tree ", "plan ", "build ", "artifact ", "scan ", "verdict ", "ledger "]
        .iter()
        .map(|link| answer.stdout.find(&format!("\n{link}")).unwrap_or_else(|| panic!("no {link}: {answer}")))
        .collect();
    assert!(places.is_sorted(), "the chain goes from commit to artifact: {answer}");
    let answer = answer.says(commit.trim());
    assert_eq!(files(stranger.home()), Vec::<PathBuf>::new(), "it leaves nothing behind: {answer}");
}

#[test]
fn without_a_key_there_is_no_answer_and_with_another_the_answer_is_no() {
    let (account, project) = released();
    let parcel = Parcel::of(&release(&project), &account.public_key(), true);
    let stranger = Account::new();
    stranger.run(parcel.folder.path(), ["verify", ARTIFACT]).expect(2).says("--key");
    stranger.run(stranger.home(), ["key", "generate", "--unprotected"]).expect(0);
    let other = stranger.public_key();
    fs::copy(other, &parcel.key).unwrap();
    parcel.verify(&account, &[]).expect(1).says("signature of statement 1");
    stranger.run(parcel.folder.path(), ["verify", ARTIFACT]).expect(1);
    // Its own keys, without naming them.
    account.run(parcel.folder.path(), ["verify", ARTIFACT]).expect(0);
}

/// Evenly spread places in a text of `length` bytes, the first and the last among them.
fn spread(length: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |step| step * (length - 1) / (count - 1))
}

/// Puts another byte in place of one, and expects a no that names one of `reasons`.
#[track_caller]
fn a_changed_byte_shows(parcel: &Parcel, account: &Account, name: &str, places: &[usize], reasons: &[&str]) {
    let path = parcel.path(name);
    let sound = fs::read(&path).unwrap();
    for place in places {
        let was = sound[*place];
        // One that keeps the text readable, so that not only the parser notices, and one that flips the lowest bit.
        let other = if was.is_ascii_digit() {
            b'0' + (was - b'0' + 1) % 10
        } else if was == b'A' {
            b'B'
        } else {
            b'A'
        };
        for byte in [other, was ^ 1, b' '] {
            // The line feed at the end belongs to no statement.
            if was == b'\n' && byte == b' ' {
                continue;
            }
            let mut changed = sound.clone();
            changed[*place] = byte;
            fs::write(&path, &changed).unwrap();
            let answer = parcel.verify(account, &[]);
            let context =
                String::from_utf8_lossy(&sound[place.saturating_sub(20)..(*place + 20).min(sound.len())])
                    .into_owned();
            assert_eq!(
                answer.code, 1,
                "byte {place} of {name}, {was:#x} to {byte:#x}, at {context:?}: {answer}"
            );
            let named = reasons.iter().any(|reason| answer.stdout.contains(reason));
            assert!(named, "byte {place} of {name} at {context:?}: none of {reasons:?} in {answer}");
        }
    }
    fs::write(&path, sound).unwrap();
    parcel.verify(account, &[]).expect(0);
}

#[test]
fn one_changed_byte_anywhere_is_noticed() {
    let (account, project) = released();
    let parcel = Parcel::of(&release(&project), &account.public_key(), true);
    let length = |name: &str| usize::try_from(fs::metadata(parcel.path(name)).unwrap().len()).unwrap();
    let check = |name: &str, places: &[usize], reasons: &[&str]| {
        a_changed_byte_shows(&parcel, &account, name, places, reasons)
    };
    let all = |name: &str, count: usize| spread(length(name), count).collect::<Vec<_>>();
    check(ARTIFACT, &all(ARTIFACT, 6), &["artifact", "subject"]);
    let statements = "out.txt.intoto.jsonl";
    check(statements, &all(statements, 30), &["statement", "evidence"]);
    check(
        statements,
        &places_in_statements(&fs::read(parcel.path(statements)).unwrap()),
        &["statement", "evidence"],
    );
    let proof = "out.txt.tlog-proof";
    check(proof, &all(proof, 30), &["ledger", "checkpoint"]);
    check("manifest.json", &all("manifest.json", 8), &["manifest.json"]);
    check("plan.json", &all("plan.json", 8), &["plan.json"]);
}

/// In each line: the type, the payload's ends, the signature's ends, the key's name, a key of the object, the line's end.
fn places_in_statements(bytes: &[u8]) -> Vec<usize> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut places = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        for field in ["\"payloadType\":\"", "\"payload\":\"", "\"sig\":\"", "\"keyid\":\""] {
            let begin = line.find(field).unwrap_or_else(|| panic!("no {field} in {line}")) + field.len();
            let end = begin + line.as_bytes()[begin..].iter().position(|byte| *byte == b'"').unwrap();
            places.extend([begin - 5, begin, begin + 8, end - 2, end - 1, end]);
        }
        start += line.len();
        let offset = start - line.len();
        let count = places.len();
        for place in &mut places[count - 24..] {
            *place += offset;
        }
        places.push(start - 1);
    }
    places
}

#[test]
fn in_place_the_ledger_is_part_of_the_proof() {
    let (account, project) = released();
    let release = release(&project);
    let artifact = release.join(ARTIFACT);
    let verify = || account.run(project.root(), ["verify".as_ref(), artifact.as_os_str()]);
    verify().expect(0);
    let ledger = project.path(".palisade/ledger");
    let newest: Vec<PathBuf> =
        files(&ledger).into_iter().filter(|path| !path.ends_with("lock") && is_current(path)).collect();
    assert_eq!(newest.len(), 3, "a checkpoint, a tile of hashes, a tile of entries: {newest:?}");
    for path in newest {
        let sound = fs::read(&path).unwrap();
        for place in spread(sound.len(), 9) {
            let mut changed = sound.clone();
            changed[place] ^= 1;
            fs::write(&path, changed).unwrap();
            let answer = verify();
            assert_eq!(answer.code, 1, "byte {place} of {}: {answer}", path.display());
            answer.says("ledger: ");
        }
        fs::remove_file(&path).unwrap();
        verify().expect(1).says("ledger: ");
        fs::write(&path, sound).unwrap();
    }
    verify().expect(0);
}

/// The checkpoint, or the tile of the greatest width in its folder.
fn is_current(path: &Path) -> bool {
    let width = |path: &Path| path.file_name().unwrap().to_str().unwrap().parse::<u32>().ok();
    let greatest = list(path.parent().unwrap()).iter().filter_map(|path| width(path)).max();
    width(path).is_none_or(|own| Some(own) == greatest)
}

#[test]
fn statements_cannot_be_swapped_dropped_doubled_or_added() {
    let (account, project) = released();
    account.run(project.root(), ["run"]).expect(0);
    let [one, two] = <[PathBuf; 2]>::try_from(releases(&project)).unwrap();
    let parcel = Parcel::of(&one, &account.public_key(), false);
    let path = parcel.path("out.txt.intoto.jsonl");
    let ours = fs::read_to_string(&path).unwrap();
    let theirs = fs::read_to_string(two.join("out.txt.intoto.jsonl")).unwrap();
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), theirs.lines().collect());
    let attempt = |what: &str, lines: &[&str]| {
        fs::write(&path, format!("{}\n", lines.join("\n"))).unwrap();
        let answer = parcel.verify(&account, &[]);
        assert_eq!(answer.code, 1, "{what}: {answer}");
        assert!(answer.stdout.contains("✘ "), "{what}: no reason is given by {answer}");
    };
    attempt("all of another run", &theirs);
    attempt("none", &[]);
    attempt("added", &[&ours[..], &theirs[..1]].concat());
    attempt("not a statement", &[&ours[..], &["{}"]].concat());
    for place in 0..ours.len() {
        let mut swapped = ours.clone();
        swapped[place] = theirs[place];
        attempt(&format!("statement {place} swapped"), &swapped);
        let mut dropped = ours.clone();
        dropped.remove(place);
        attempt(&format!("statement {place} dropped"), &dropped);
    }
    // The same bytes were built twice, so that the other run's evidence fits the artifact, but not its own proof.
    copy(&two.join("out.txt.tlog-proof"), &parcel.path("out.txt.tlog-proof"));
    attempt("the proof of another run", &ours);
    fs::write(&path, format!("{}\n", theirs.join("\n"))).unwrap();
    parcel.verify(&account, &[]).expect(0);
    fs::remove_file(parcel.path("out.txt.tlog-proof")).unwrap();
    parcel.verify(&account, &[]).expect(1).says("there is no `");
}

/// A statement about something else, well signed by the right key, is still the wrong one.
#[test]
fn an_unsigned_statement_is_not_believed() {
    let (account, project) = released();
    let parcel = Parcel::of(&release(&project), &account.public_key(), false);
    let path = parcel.path("out.txt.intoto.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let mut envelope: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    envelope["signatures"] = Value::Array(Vec::new());
    fs::write(&path, format!("{envelope}\n{text}")).unwrap();
    parcel.verify(&account, &[]).expect(1);
    envelope["payload"] = Value::String(base64(b"{}"));
    fs::write(&path, format!("{envelope}\n")).unwrap();
    parcel.verify(&account, &[]).expect(1);
}

#[test]
fn expectations_must_hold() {
    let (account, project) = released();
    let release = release(&project);
    let parcel = Parcel::of(&release, &account.public_key(), false);
    let chain = parcel.verify(&account, &["--format", "json"]).expect(0).json();
    let link = |label: &str| {
        let links = chain["chain"].as_array().unwrap();
        links.iter().find(|link| link["label"] == label).unwrap()["value"].as_str().unwrap().to_owned()
    };
    let builder = "urn:palisade:builder:local";
    assert!(link("build").contains(builder));
    let plan =
        format!("sha256:{}", peer("sha256sum", &["plan.json"], &release).stdout.split(' ').next().unwrap());
    let (source, wrong_plan) = (link("source"), format!("sha256:{}", "0".repeat(64)));
    parcel.verify(&account, &["--source", &source, "--builder", builder, "--plan", &plan]).expect(0);
    for (option, wrong, reason) in [
        ("--source", "https://example.com/else.git", "source"),
        ("--builder", "urn:palisade:builder:else", "builder"),
        ("--plan", wrong_plan.as_str(), "plan"),
    ] {
        parcel.verify(&account, &[option, wrong]).expect(1).says(wrong).says(reason);
    }
    parcel.verify(&account, &["--plan", "sha256:12"]).expect(2);
    let policy = parcel.path("policy.yaml");
    fs::write(&policy, format!("version: 1\nname: shop\nverify:\n  source: {source}\n")).unwrap();
    parcel.verify(&account, &["--policy", "policy.yaml"]).expect(0);
    fs::write(&policy, "version: 1\nname: shop\nverify:\n  source: https://example.com/else.git\n").unwrap();
    parcel.verify(&account, &["--policy", "policy.yaml"]).expect(1).says("else.git");
}
