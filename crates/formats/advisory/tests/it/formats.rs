use palisade_advisory::{AdvisoryKind, Database, Event, RangeKind, read};
use palisade_model::{Ecosystem, Severity};
use serde_json::json;

use crate::support::{database, osv, records, sign};

const RUSTSEC: &str = r##"```toml
[advisory]
id = "RUSTSEC-2026-9001"
package = "made-up"
date = "2026-02-01"
withdrawn = "2026-02-03"
aliases = ["CVE-2026-90001"]
related = ["CVE-2026-90002"]
url = "https://example.org/1"
references = ["https://example.org/2"]
informational = "unsound"
cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"

[affected]
os = ["windows"]
arch = ["x86"]
functions = { "made_up::Thing::run" = ["< 1.2.0"] }

[versions]
patched = [">= 1.2.0"]
unaffected = ["< 1.0.0-rc.1"]
```

# Something is wrong

It is *very* wrong.
"##;

#[test]
fn a_rustsec_record_is_read_whole() {
    let (read, problems) = records("crates/made-up/RUSTSEC-2026-9001.md", RUSTSEC.as_bytes());
    assert_eq!(problems, []);
    let advisory = &read[0];
    assert_eq!((advisory.id.as_str(), advisory.kind), ("RUSTSEC-2026-9001", AdvisoryKind::Unsound));
    assert_eq!(
        (advisory.summary.as_str(), advisory.details.as_str()),
        ("Something is wrong", "It is *very* wrong.")
    );
    assert_eq!(advisory.withdrawn.unwrap().to_string(), "2026-02-03T00:00:00Z");
    assert_eq!(
        (&advisory.aliases[0], &advisory.related[0]),
        (&"CVE-2026-90001".to_owned(), &"CVE-2026-90002".to_owned())
    );
    assert_eq!(
        (advisory.ratings[0].by.as_str(), advisory.ratings[0].severity()),
        ("RUSTSEC", Some(Severity::Critical))
    );
    let package = &advisory.affected[0];
    assert_eq!((package.ecosystem.as_str(), package.name.as_str()), ("crates.io", "made-up"));
    assert_eq!(
        package.ranges[0].events,
        [Event::Introduced("1.0.0-rc.1".into()), Event::Fixed("1.2.0".into())]
    );
    assert_eq!(
        (package.specifics.os.as_slice(), package.specifics.arch.as_slice()),
        (&["windows".to_owned()] as &[_], &["x86".to_owned()] as &[_])
    );
    assert_eq!(package.specifics.functions["made_up::Thing::run"], ["< 1.2.0"]);
    assert_eq!(advisory.references.len(), 2);
}

#[test]
fn requirements_that_cannot_be_read_leave_the_crate_open() {
    let text = RUSTSEC.replace(">= 1.2.0\"]", "1.*\"]").replace("withdrawn = \"2026-02-03\"\n", "");
    let (read, problems) = records("RUSTSEC-2026-9001.md", text.as_bytes());
    assert_eq!(problems.len(), 1);
    assert!(matches!(read[0].affected[0].ranges[0].kind, RangeKind::Other(_)));
    let file = database(&read);
    let database = Database::open(&file).unwrap();
    let entries = database.lookup(&Ecosystem::new("crates.io"), "made-up").unwrap();
    assert_eq!(sign(&entries[0].judge("5.0.0")), '?');
}

#[test]
fn records_of_the_toolchain_are_not_of_a_crate() {
    let (read, _) = records("db/rust/std/CVE-2026-90001.md", RUSTSEC.as_bytes());
    assert_eq!(read[0].affected[0].ecosystem, "Rust");
}

#[test]
fn a_go_record_keeps_imports_and_custom_ranges() {
    let advisory = osv(&json!({"id": "GO-2026-9001", "modified": "0001-01-01T00:00:00Z", "affected": [{
        "package": {"ecosystem": "Go", "name": "stdlib"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.20.1"}]}],
        "ecosystem_specific": {
            "imports": [{"path": "net/http", "goos": ["windows"], "goarch": ["386"], "symbols": ["Serve"]}],
            "custom_ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "7"}, {"fixed": "8"}]}]}}]}));
    assert_eq!(advisory.modified, None);
    let specifics = &advisory.affected[0].specifics;
    assert_eq!(
        (specifics.imports[0].path.as_str(), specifics.imports[0].symbols[0].as_str()),
        ("net/http", "Serve")
    );
    assert_eq!(
        (specifics.imports[0].goos[0].as_str(), specifics.imports[0].goarch[0].as_str()),
        ("windows", "386")
    );
    assert_eq!(specifics.custom_ranges[0].events, [Event::Introduced("7".into()), Event::Fixed("8".into())]);
}

#[test]
fn a_pypa_record_keeps_versions_as_they_are_written() {
    let text = "id: PYSEC-2026-1\nmodified: 2026-01-01T00:00:00Z\naliases: [CVE-2026-90001]\naffected:\n- package:\n    ecosystem: PyPI\n    \
                name: Made.Up\n  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: \"0\"\n    - fixed: 1.10\n  versions:\n  - 1.9\n  - 1.1\n";
    let (read, problems) = records("vulns/made-up/PYSEC-2026-1.yaml", text.as_bytes());
    assert_eq!(problems, []);
    assert_eq!(read[0].affected[0].versions, ["1.9", "1.1"]);
    let file = database(&read);
    let database = Database::open(&file).unwrap();
    let entries = database.lookup(&Ecosystem::new("PyPI"), "made_up").unwrap();
    assert_eq!(["1.9.5", "1.10", "1.2"].map(|version| sign(&entries[0].judge(version))), ['!', '.', '!']);
}

#[test]
fn severities_are_all_kept_with_who_says_so() {
    let advisory = osv(&json!({"id": "GHSA-aaaa-bbbb-cccc", "modified": "2026-01-01T00:00:00Z",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"},
            {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"},
            {"type": "Ubuntu", "score": "medium", "source": "Canonical"}],
        "database_specific": {"severity": "MODERATE", "cwe_ids": ["CWE-79", "CWE-20"]},
        "affected": [{"package": {"ecosystem": "Debian:12", "name": "a"}, "versions": ["1"],
            "ecosystem_specific": {"urgency": "unimportant"}}]}));
    let said: Vec<_> =
        advisory.ratings.iter().map(|rating| (rating.by.as_str(), rating.severity())).collect();
    assert_eq!(
        said,
        [
            ("GHSA", Some(Severity::Low)),
            ("GHSA", Some(Severity::Critical)),
            ("Canonical", Some(Severity::Medium)),
            ("GHSA", Some(Severity::Medium))
        ]
    );
    assert_eq!(advisory.cwes, ["CWE-20", "CWE-79"]);
    assert_eq!(advisory.affected[0].ratings[0].severity(), Some(Severity::Info));
    assert_eq!(advisory.affected[0].specifics.urgency.as_deref(), Some("unimportant"));
}

#[test]
fn malicious_packages_are_known_by_their_identifier() {
    let advisory = osv(&json!({"id": "MAL-2026-1", "modified": "2026-01-01T00:00:00Z"}));
    assert!(advisory.is_malicious());
    let text = RUSTSEC.replace("informational = \"unsound\"", "categories = [\"malicious\"]");
    assert!(records("RUSTSEC-2026-9001.md", text.as_bytes()).0[0].is_malicious());
    let exported = osv(&json!({"id": "RUSTSEC-2026-9001", "modified": "2026-01-01T00:00:00Z", "affected": [{
        "package": {"ecosystem": "crates.io", "name": "a"}, "database_specific": {"categories": ["malicious"]}}]}));
    assert!(exported.is_malicious());
    let informational = osv(
        &json!({"id": "RUSTSEC-2026-9002", "modified": "2026-01-01T00:00:00Z", "affected": [{
        "package": {"ecosystem": "crates.io", "name": "a"}, "database_specific": {"informational": "unmaintained"}}]}),
    );
    assert_eq!(informational.kind, AdvisoryKind::Unmaintained);
}

#[test]
fn a_bad_part_is_told_of_and_the_rest_is_kept() {
    let text = json!([{"id": "X-1", "modified": "yesterday", "aliases": "CVE-1", "affected": [7,
        {"package": {"ecosystem": "npm", "name": "a"}, "ranges": [{"type": "ODD", "events": []}, {"type": "SEMVER", "events": [{"begun": "1"}]}]}]},
        {"modified": "2026-01-01T00:00:00Z"}, 3, {"id": "X-2", "modified": "2026-01-01T00:00:00Z"}]);
    let (read, problems) = records("many.json", text.to_string().as_bytes());
    assert_eq!(read.iter().map(|advisory| advisory.id.as_str()).collect::<Vec<_>>(), ["X-1", "X-2"]);
    assert_eq!(problems.len(), 7, "{problems:?}");
    assert!(problems.iter().all(|problem| problem.file == "many.json"));
    assert_eq!(read[0].affected[0].ranges.len(), 2);
    for (file, bytes) in [
        ("a.json", b"{" as &[u8]),
        ("a.json", b"\xff"),
        ("a.yaml", b"a: [1"),
        ("a.yaml", b"- 1\n"),
        ("RUSTSEC-1.md", b"# no"),
        ("RUSTSEC-1.md", b"```toml\na = \n```"),
        ("a.zip", b"PK"),
    ] {
        let (read, problems) = records(file, bytes);
        assert!(read.is_empty() && !problems.is_empty(), "{file} {bytes:?}");
    }
}

#[test]
fn other_files_of_a_folder_are_left_alone() {
    for file in
        ["README.md", "LICENSE", "index/modules.json", "all.toml", ".id-allocator", "crates/a/notes.md"]
    {
        assert!(!read(file, b"anything", &mut |_| panic!("{file}")), "{file}");
    }
}
