//! Bills of materials: made, read back, converted, compared, scanned.

use std::fs;

use palisade_testkit::{Account, Answer, Project, python};
use serde_json::Value;

use crate::shop::{FLAW, FLAWED, informed, shop};

/// Prints the addresses of all packages that a bill in either format lists, sorted.
const ADDRESSES: &str = "\
import json, sys
bill = json.load(open(sys.argv[1]))
if bill.get('bomFormat') == 'CycloneDX':
    found = [c['purl'] for c in bill['components'] if 'purl' in c]
else:
    refs = [r for p in bill['packages'] for r in p.get('externalRefs', [])]
    found = [r['referenceLocator'] for r in refs if r['referenceType'] == 'purl']
print('\\n'.join(sorted(set(found))))
";

const EXPECTED: [&str; 4] =
    ["pkg:cargo/base-example@0.9.1", "pkg:cargo/shop-server@0.4.0", FLAWED, "pkg:npm/right-example@2.0.0"];

fn addresses(project: &Project, file: &str) -> Vec<String> {
    let answer = python(ADDRESSES, &[file], project.root()).expect(0);
    answer.stdout.lines().map(str::to_owned).collect()
}

fn create(account: &Account, project: &Project, format: &str) -> Answer {
    account.run(project.root(), ["sbom", "create", "--type", format])
}

#[test]
fn every_format_lists_the_same_packages_without_a_database() {
    let (account, project) = (Account::new(), shop().committed());
    for format in ["cyclonedx-1.4", "cyclonedx-1.5", "cyclonedx-1.6", "cyclonedx-1.7", "spdx-2.3"] {
        let file = format!("../{format}.json");
        account.run(project.root(), ["sbom", "create", "--type", format, "--output", &file]).expect(0);
        let found = addresses(&project, &file);
        for expected in EXPECTED {
            assert!(found.iter().any(|found| found == expected), "{format}: {expected} is not in {found:?}");
        }
        let printed = create(&account, &project, format).expect(0);
        assert_eq!(printed.bytes, project.read(&file), "{format}");
    }
    create(&account, &project, "cyclonedx-2.0").expect(2).says("there is no format");
}

#[test]
fn the_same_tree_gives_the_same_bytes_with_the_time_of_its_commit() {
    let (account, project) = (Account::new(), shop().committed());
    let first = create(&account, &project, "cyclonedx-1.6").expect(0);
    // The testkit commits at this time.
    assert_eq!(first.json()["metadata"]["timestamp"], "2026-01-02T03:04:05Z");
    let other = Account::new();
    assert_eq!(create(&other, &shop().committed(), "cyclonedx-1.6").expect(0).bytes, first.bytes);
    project.write("notes.txt", "beside the packages\n");
    assert_eq!(create(&account, &project, "cyclonedx-1.6").expect(0).bytes, first.bytes);

    let lockfile = String::from_utf8(project.read("server/Cargo.lock")).unwrap();
    project.write("server/Cargo.lock", lockfile.replace("0.9.1", "0.9.2"));
    let call = || account.call(project.root(), ["sbom", "create"]);
    assert_eq!(call().run().expect(0).json()["metadata"]["timestamp"], "1970-01-01T00:00:00Z");
    let dated = call().env("SOURCE_DATE_EPOCH", "86400").run().expect(0).json();
    assert_eq!(dated["metadata"]["timestamp"], "1970-01-02T00:00:00Z");
    call().env("SOURCE_DATE_EPOCH", "tomorrow").run().expect(2).says("SOURCE_DATE_EPOCH");
}

#[test]
fn what_could_not_be_read_makes_the_bill_incomplete() {
    let (account, project) = (Account::new(), shop());
    project.write("api/package-lock.json", "{ \"lockfileVersion\": 3, \"packages\": [");
    let answer = create(&account, &project, "spdx-2.3").expect(3);
    assert!(answer.stderr.contains("api/package-lock.json"), "{answer}");
    assert_eq!(answer.json()["spdxVersion"], "SPDX-2.3", "what was read is written all the same");
}

#[test]
fn a_scan_writes_bills_beside_its_result() {
    let (account, project) = (informed(), shop().committed());
    let args = ["--output", "cyclonedx=../a.json", "--output", "spdx=../b.json"];
    account.run(project.root(), [&["scan"][..], &args].concat()).expect(1).says(FLAW);
    for file in ["../a.json", "../b.json"] {
        let found = addresses(&project, file);
        assert!(
            EXPECTED.iter().all(|expected| found.iter().any(|found| found == expected)),
            "{file}: {found:?}"
        );
    }
    let shown = account.run(project.root(), ["scan", "--format", "cyclonedx"]).expect(1);
    assert_eq!(shown.bytes, project.read("../a.json"));
    account
        .run(project.root(), ["scan", "-", "--format", "spdx"])
        .expect(2)
        .says("lists what lies in a folder");
}

fn findings(answer: &Answer) -> Vec<Value> {
    answer.json()["findings"].as_array().unwrap().clone()
}

#[test]
fn a_bill_is_scanned_like_the_folder_it_was_made_of() {
    let (account, project) = (informed(), shop().committed());
    let scan =
        |args: &[&str]| account.run(project.root(), [&["scan", "--format", "json"][..], args].concat());
    let folder = findings(&scan(&["--engine", "deps"]).expect(1));
    assert_eq!(folder.len(), 1);
    for format in ["cyclonedx-1.6", "spdx-2.3"] {
        let bill = format!("../{format}.json");
        account.run(project.root(), ["sbom", "create", "--type", format, "--output", &bill]).expect(0);
        let found = findings(&scan(&["--sbom", &bill]).expect(1));
        assert_eq!(found.len(), 1, "{format}");
        assert_eq!(found[0]["fingerprint"], folder[0]["fingerprint"], "{format}");
        assert_eq!(found[0]["location"]["path"], format!("{format}.json").as_str());
        assert_eq!(found[0]["location"]["members"][0], "web/package-lock.json");
        assert_eq!(found[0]["package"]["path"], folder[0]["package"]["path"]);
    }
}

/// As small tools write it: nothing but an address.
fn foreign(purls: &[&str]) -> String {
    let component = |purl: &&str| serde_json::json!({ "type": "library", "name": "x", "purl": purl });
    let components: Vec<Value> = purls.iter().map(component).collect();
    serde_json::json!({ "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components }).to_string()
}

#[test]
fn a_bill_of_others_is_judged_from_a_file_or_standard_input() {
    let (account, project) = (informed(), Project::empty());
    project.write("bom.json", foreign(&[FLAWED]));
    let found =
        findings(&account.run(project.root(), ["scan", "--sbom", "bom.json", "--format", "json"]).expect(1));
    assert_eq!(found[0]["location"]["path"], "bom.json");
    let piped = |bill: String| {
        account.call(project.root(), ["scan", "--sbom", "-", "--format", "json"]).stdin(bill).run()
    };
    assert_eq!(findings(&piped(foreign(&[FLAWED])).expect(1))[0]["location"]["path"], "stdin");
    let clean = piped(foreign(&["pkg:npm/left-example@1.0.1"])).expect(0);
    assert_eq!(clean.json()["result"], "clean");
    // No feed for it: nothing found means nothing.
    piped(foreign(&["pkg:pypi/requests@2.0.0"])).expect(3);
}

#[test]
fn a_bill_that_cannot_be_read_is_a_gap_and_never_clean() {
    let (account, project) = (informed(), Project::empty());
    let deep = format!(
        "{{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"components\": {}",
        "[".repeat(200_000)
    );
    let twice = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "name": "a", "purl": "pkg:npm/left-example@1.0.0"}], "components": []}"#;
    let nameless = foreign(&["not a purl"]);
    let wrong: [(&str, &[u8]); 7] = [
        ("empty", b""),
        ("text", b"hello"),
        ("xml", b"<?xml version=\"1.0\"?><bom/>"),
        ("bytes", b"\xff\xfe\x00"),
        ("deep", deep.as_bytes()),
        ("twice", twice.as_bytes()),
        ("nameless", nameless.as_bytes()),
    ];
    for (name, bytes) in wrong {
        project.write(name, bytes);
        let answer = account.run(project.root(), ["scan", "--sbom", name, "--format", "json"]).expect(3);
        assert_eq!(answer.json()["result"], "incomplete", "{name}");
    }
    // One byte more than is read, without a byte on the disk.
    fs::File::create(project.path("huge")).unwrap().set_len((128 << 20) + 1).unwrap();
    account.run(project.root(), ["scan", "--sbom", "huge"]).expect(3).says("bytes");
    account.run(project.root(), ["scan", "--sbom", "missing"]).expect(2);
    account.run(project.root(), ["scan", "--sbom", "."]).expect(2);
    account.run(project.root(), ["scan", "--sbom", "empty", "--engine", "secrets"]).expect(2);
    account.run(project.root(), ["scan", "--sbom", "empty", "."]).expect(2);
}

#[test]
fn bills_are_converted_and_compared() {
    let (account, project) = (Account::new(), shop().committed());
    let run = |args: &[&str]| account.run(project.root(), args);
    run(&["sbom", "create", "--output", "../a.json"]).expect(0);
    run(&["sbom", "convert", "../a.json", "--type", "spdx-2.3", "--output", "../b.json"]).expect(0);
    assert_eq!(addresses(&project, "../a.json"), addresses(&project, "../b.json"));
    run(&["sbom", "diff", "../a.json", "../b.json"]).expect(0).says("both list the same");
    let lockfile = String::from_utf8(project.read("web/package-lock.json")).unwrap();
    let changed = lockfile.replace("2.0.0", "2.1.0");
    project.write("web/package-lock.json", changed);
    fs::remove_file(project.path("server/Cargo.lock")).unwrap();
    run(&["sbom", "create", "--output", "../c.json"]).expect(0);
    let diff = run(&["sbom", "diff", "../b.json", "../c.json", "--format", "json"]).expect(0).json();
    assert_eq!(diff["versions"][0]["key"], "pkg:npm/right-example");
    assert_eq!(diff["versions"][0]["after"], serde_json::json!(["2.1.0"]));
    assert_eq!(diff["removed"].as_array().unwrap().len(), 2, "{diff}");
    run(&["sbom", "diff", "../b.json", "../c.json"]).expect(0).says("~ pkg:npm/right-example 2.0.0 -> 2.1.0");
    let old = run(&["sbom", "convert", "../a.json", "--type", "cyclonedx-1.4"]).expect(0);
    assert_eq!(old.stderr.lines().filter(|line| line.contains("was seen")).count(), 1, "{old}");
    assert!(old.stderr.contains("3 more of the kind"), "{old}");
    let whole = run(&["sbom", "convert", "../a.json", "--type", "cyclonedx-1.4", "-v"]).expect(0);
    assert_eq!(whole.stderr.lines().filter(|line| line.contains("was seen")).count(), 4, "{whole}");
    let piped = account
        .call(project.root(), ["sbom", "convert", "-", "--type", "spdx-2.3"])
        .stdin(project.read("../c.json"));
    assert_eq!(piped.run().expect(0).json()["spdxVersion"], "SPDX-2.3");
    for (name, bytes) in [("empty", &b""[..]), ("text", b"hello"), ("list", b"[]")] {
        project.write(name, bytes);
        run(&["sbom", "convert", name, "--type", "spdx"]).expect(2).says("cannot be used");
        run(&["sbom", "diff", "../a.json", name]).expect(2).says(name);
    }
}
