//! Advisories made by hand, in the form that OSV gives them, and databases of them.

use std::fs;
use std::path::PathBuf;

use palisade_testkit::{Account, Answer, peer};
use serde_json::{Value, json};

/// CVSS 3.1 with a base score of 9.8, as FIRST's own calculator gives it.
pub(crate) const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

/// CVSS 3.1 with a base score of 6.1: the standard's own example of a reflected script.
pub(crate) const MEDIUM: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N";

/// The time `offset` from now, such as `-30 days`, as the system's `date` has it.
pub(crate) fn time(offset: &str) -> String {
    let date = peer("date", &["--utc", &format!("--date={offset}"), "+%Y-%m-%dT%H:%M:%SZ"], "/".as_ref());
    date.stdout.trim().to_owned()
}

/// The day of `time(offset)`.
pub(crate) fn day(offset: &str) -> String {
    time(offset).chars().take_while(|c| *c != 'T').collect()
}

/// A record about one package with the `events` of one range.
pub(crate) fn record(id: &str, ecosystem: &str, package: &str, events: &[(&str, &str)]) -> Value {
    let kind = match ecosystem {
        "npm" | "crates.io" | "Go" | "Hex" => "SEMVER",
        _ => "ECOSYSTEM",
    };
    let events: Vec<Value> = events.iter().map(|(key, version)| json!({ *key: version })).collect();
    json!({
        "schema_version": "1.7.5",
        "id": id,
        "modified": "2026-01-02T03:04:05Z",
        "published": "2026-01-02T03:04:05Z",
        "summary": format!("something is wrong with {package}"),
        "severity": [{ "type": "CVSS_V3", "score": CRITICAL }],
        "affected": [{
            "package": { "ecosystem": ecosystem, "name": package },
            "ranges": [{ "type": kind, "events": events }],
        }],
        "references": [{ "type": "ADVISORY", "url": format!("https://advisories.example/{id}") }],
    })
}

/// A record with other names of the same flaw.
pub(crate) fn also_called(mut record: Value, aliases: &[&str]) -> Value {
    record["aliases"] = json!(aliases);
    record
}

/// Writes the records of one ecosystem into a folder of the account, as OSV's export has them: a file each.
pub(crate) fn folder(account: &Account, name: &str, records: &[Value]) -> PathBuf {
    let folder = account.home().join("feeds").join(name);
    fs::create_dir_all(&folder).unwrap();
    for record in records {
        fs::write(folder.join(format!("{}.json", record["id"].as_str().unwrap())), record.to_string())
            .unwrap();
    }
    folder
}

/// What `palisade db build` says of these feeds, each with the ecosystem that it covers, taken at `taken`.
pub(crate) fn build(account: &Account, feeds: &[(&str, &[Value])], taken: &str, more: &[&str]) -> Answer {
    let _ = fs::remove_dir_all(account.home().join("feeds"));
    let mut args = vec!["db".to_owned(), "build".to_owned(), "--taken".to_owned(), taken.to_owned()];
    for (number, (ecosystem, records)) in feeds.iter().enumerate() {
        // A feed is never empty, so that what nothing is known of can be told from what has no feed.
        let filler = [record("X-2026-0", ecosystem, "never-heard-of", &[("introduced", "0")])];
        let folder = folder(account, &format!("feed{number}"), &[*records, &filler].concat());
        args.push(format!("{}={ecosystem}", folder.display()));
    }
    args.extend(more.iter().map(|text| (*text).to_owned()));
    account.run(account.home(), args)
}

/// Puts a fresh database of these feeds in use.
#[track_caller]
pub(crate) fn know(account: &Account, feeds: &[(&str, &[Value])]) {
    build(account, feeds, &time("now"), &[]).expect(0);
}

/// CISA's catalogue with these identifiers, as it is published.
pub(crate) fn exploited(ids: &[&str]) -> Value {
    let entry = |id: &&str| {
        json!({
            "cveID": id,
            "vendorProject": "Example",
            "product": "Shop",
            "vulnerabilityName": "Example Shop Flaw",
            "dateAdded": "2026-02-03",
            "shortDescription": "It is used.",
            "requiredAction": "Apply the update.",
            "dueDate": "2026-02-24",
            "knownRansomwareCampaignUse": "Known",
            "notes": "",
            "cwes": [],
        })
    };
    json!({
        "title": "CISA Catalog of Known Exploited Vulnerabilities",
        "catalogVersion": "2026.11.20",
        "dateReleased": "2026-11-20T15:00:00.0000Z",
        "count": ids.len(),
        "vulnerabilities": ids.iter().map(entry).collect::<Vec<_>>(),
    })
}

/// The finding of this rule whose message or package has `text`.
#[track_caller]
pub(crate) fn finding<'a>(scan: &'a Value, rule: &str, text: &str) -> &'a Value {
    let found = scan["findings"].as_array().unwrap().iter();
    let mut fitting = found.filter(|finding| finding["rule"] == rule && finding.to_string().contains(text));
    let first = fitting.next().unwrap_or_else(|| panic!("no {rule} with {text}: {scan:#}"));
    assert!(fitting.next().is_none(), "several {rule} with {text}: {scan:#}");
    first
}

/// The rules of all findings, sorted.
pub(crate) fn rules(scan: &Value) -> Vec<&str> {
    let mut rules: Vec<&str> = scan["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    rules.sort_unstable();
    rules
}

/// What the gaps of all engines say, those that block first and marked.
pub(crate) fn gaps(scan: &Value) -> Vec<String> {
    let engines = scan["engines"].as_array().unwrap().iter();
    let gaps = engines.flat_map(|engine| engine["coverage"]["gaps"].as_array().unwrap());
    let mut texts: Vec<String> = gaps
        .map(|gap| {
            format!("{} {}", if gap["blocking"] == true { "blocks:" } else { "notes:" }, gap["detail"])
        })
        .collect();
    texts.sort();
    texts
}
