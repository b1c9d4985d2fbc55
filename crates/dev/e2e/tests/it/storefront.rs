//! The main job: from a clean clone to a release that proves itself.

use std::fs;
use std::path::Path;

use palisade_testkit::{Account, Answer, Project, peer};
use serde_json::Value;

use crate::oracle;
use crate::places::{release, releases};

const ARTIFACT: &str = "storefront.tar.gz";

#[test]
fn a_clean_clone_becomes_a_release_that_others_can_check() {
    let account = Account::new();
    let clone = Project::example("storefront").committed().cloned();
    let commit = clone.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let done = account.run(clone.root(), ["run"]).expect(0);
    assert_eq!(clone.git(&["status", "--porcelain"]), "", "a run leaves the work tree as it was");
    let release = release(&clone);
    the_last_screen_tells_everything(&done, &release);
    the_folder_is_named_by_its_manifest(&release, &commit);
    the_statements_stand_up_to_openssl(&account, &release);
    the_artifact_works(&release);
}

fn the_last_screen_tells_everything(done: &Answer, release: &Path) {
    let short = format!(".palisade/releases/{}/{ARTIFACT}", release.file_name().unwrap().to_string_lossy());
    for (station, what) in [
        ("scan ", "0 findings"),
        ("coverage", "0 gaps"),
        ("compile", "✔"),
        ("storefront.tar.gz ", "sha256:"),
        ("evidence", "signed, ledger"),
        ("gate ", "allowed by palisade/default"),
        ("release ", &short),
        ("verify ", &format!("palisade verify {short}")),
    ] {
        let told = done.stdout.lines().any(|line| line.contains(station) && line.contains(what));
        assert!(told, "no line with {station:?} and {what:?}: {done}");
    }
    assert!(done.stdout.contains("ok 12 - "), "the tests' output is shown: {done}");
}

fn the_folder_is_named_by_its_manifest(release: &Path, commit: &str) {
    let names: Vec<_> =
        crate::places::list(release).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    let expected = [
        "manifest.json",
        "plan.json",
        ARTIFACT,
        "storefront.tar.gz.intoto.jsonl",
        "storefront.tar.gz.tlog-proof",
    ];
    assert_eq!(names, expected);
    let name = release.file_name().unwrap().to_str().unwrap();
    assert_eq!(name, format!("sha256-{}", sum(release, "manifest.json")));
    let manifest: Value = serde_json::from_slice(&fs::read(release.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["commit"], commit);
    assert_eq!(manifest["plan"], format!("sha256:{}", sum(release, "plan.json")));
    assert_eq!(manifest["artifacts"][0]["subject"]["digest"], format!("sha256:{}", sum(release, ARTIFACT)));
}

/// What `sha256sum` says.
fn sum(folder: &Path, name: &str) -> String {
    peer("sha256sum", &[name], folder).stdout.split(' ').next().unwrap().to_owned()
}

fn the_statements_stand_up_to_openssl(account: &Account, release: &Path) {
    let keys = account.public_key();
    let bench = tempfile::tempdir().unwrap();
    for suffix in ["", ".intoto.jsonl", ".tlog-proof"] {
        let name = format!("{ARTIFACT}{suffix}");
        fs::copy(release.join(&name), bench.path().join(&name)).unwrap();
    }
    let found = oracle::evidence(bench.path(), ARTIFACT, &keys);
    let types = [
        "https://slsa.dev/provenance/v1",
        "urn:palisade:scan-result:v1",
        "https://cyclonedx.org/bom",
        "https://cosign.sigstore.dev/attestation/vuln/v1",
        "https://slsa.dev/verification_summary/v1",
    ];
    assert_eq!(found["types"], serde_json::json!(types));
    assert_eq!(found["entry"]["kind"], "release");
    assert_eq!(found["entry"]["body"], format!("sha256:{}", sum(release, "manifest.json")));
    let keys = keys.to_str().unwrap();
    for number in 0..types.len() {
        let (pae, sig) = (format!("{number}.pae"), format!("{number}.sig"));
        let args = ["dgst", "-sha256", "-verify", "statement.pem", "-signature", &sig, &pae];
        peer("openssl", &["pkey", "-pubin", "-in", keys, "-out", "statement.pem"], bench.path());
        peer("openssl", &args, bench.path()).says("Verified OK");
    }
    peer("openssl", &["pkey", "-pubin", "-inform", "DER", "-in", "log.der", "-out", "log.pem"], bench.path());
    let args = [
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "log.pem",
        "-rawin",
        "-in",
        "checkpoint.txt",
        "-sigfile",
        "checkpoint.sig",
    ];
    peer("openssl", &args, bench.path()).says("Signature Verified Successfully");
}

fn the_artifact_works(release: &Path) {
    let folder = tempfile::tempdir().unwrap();
    peer("tar", &["-xzf", release.join(ARTIFACT).to_str().unwrap()], folder.path());
    let shop = folder.path().join("storefront-1.0");
    let list = peer("./storefront", &["catalogue/goods.txt"], &shop);
    let goods = fs::read_to_string(shop.join("catalogue/goods.txt")).unwrap();
    let first = goods.lines().find(|line| !line.starts_with('#') && !line.is_empty()).unwrap();
    let name: String = first.chars().take_while(|character| character.is_alphanumeric()).collect();
    assert!(list.stdout.contains(&name), "{name:?} is not in the list: {list}");
}

#[test]
fn the_same_tree_gives_the_same_bytes_and_the_same_plan() {
    let account = Account::new();
    let project = Project::example("storefront").committed();
    for _ in 0..2 {
        account.run(project.root(), ["run"]).expect(0);
    }
    let [one, two] = <[_; 2]>::try_from(releases(&project)).expect("the run's name makes two releases of it");
    let read = |folder: &Path, name: &str| fs::read(folder.join(name)).unwrap();
    assert_eq!(read(&one, ARTIFACT), read(&two, ARTIFACT));
    assert_eq!(read(&one, "plan.json"), read(&two, "plan.json"));
    let manifest = |folder: &Path| -> Value {
        let mut manifest: Value = serde_json::from_slice(&read(folder, "manifest.json")).unwrap();
        manifest.as_object_mut().unwrap().remove("run").expect("it names the run");
        manifest
    };
    assert_eq!(manifest(&one), manifest(&two));
}
