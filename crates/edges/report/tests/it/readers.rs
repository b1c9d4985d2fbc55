//! What other programs make of the reports. Python's `csv`, `html.parser`, `json` and `xml` know nothing of our code.

use std::io::Write;
use std::process::{Command, Stdio};

use palisade_report::{
    GitlabReport, ScanOrigin, gitlab, gitlab_elsewhere, gitleaks_csv, gitleaks_json, html, sarif,
};

use crate::sample::{HOSTILE, extras, origin, report, view};

/// Runs a program in Python over `input` and the hostile text, which it finds in `given` and `hostile`.
fn python(program: &str, input: &str) -> String {
    let program = format!(
        "import json, sys\nsys.stdin.reconfigure(encoding='utf-8', newline='')\n\
         given, hostile = json.loads(sys.stdin.read())\n{program}"
    );
    let mut python = Command::new("python3")
        .args(["-c", &program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs python3");
    python.stdin.take().unwrap().write_all(&serde_json::to_vec(&(input, HOSTILE)).unwrap()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_spreadsheet_takes_no_cell_for_a_formula() {
    const READ: &str = "
import csv, io
rows = list(csv.DictReader(io.StringIO(given, newline=''), strict=True))
assert list(rows[0]) == 'RuleID,Commit,File,SymlinkFile,Secret,Match,StartLine,EndLine,StartColumn,EndColumn,Author,Message,Date,Email,Fingerprint,Tags'.split(',')
for row in rows:
    for cell in row.values():
        assert not cell.startswith(tuple('=+-@\\t\\r')), cell
    assert row['Secret'] == 'REDACTED'
assert rows[0]['Match'].startswith(\"'=1+1<img\") and '\\x1b' not in given
assert rows[2]['Author'] == \"'-Ada\" and rows[2]['Email'].startswith(\"'+\") and rows[2]['Message'].startswith(\"'@\")
assert rows[2]['File'] == \"'=old.env\"
assert rows[2]['Fingerprint'] == 'a' * 40 + ':=old.env:github-pat:3'
assert rows[1]['Tags'] == 'vendor:github decoded:base64 decoded:hex decode-depth:2'
assert rows[3]['Match'] == \"'@acme/leftish@1.2.3\" and rows[3]['RuleID'] == 'known-vulnerability'
assert 'CVE-2026-0001' in rows[3]['Tags'].split() and rows[3]['File'] == 'package-lock.json'
print(len(rows))";
    assert_eq!(python(READ, &gitleaks_csv(&report())), "5\n");
}

#[test]
fn gitleaks_json_has_its_keys_in_its_order() {
    const READ: &str = "
leaks = json.loads(given, object_pairs_hook=list)
keys = 'RuleID Description StartLine EndLine StartColumn EndColumn Match Secret File SymlinkFile Commit Entropy Author Email Date Message Tags Fingerprint'.split()
for leak in leaks:
    assert [key for key, _ in leak] == keys, leak
leaks = [dict(leak) for leak in leaks]
assert [leak['Fingerprint'].split(':')[-1] for leak in leaks] == ['3'] * 5
assert leaks[4]['Description'].startswith('GO-2026-0001') and 'GO-2026-0001' in leaks[4]['Tags']
assert leaks[1]['File'].startswith('dist/app.tar!b.zip!')
assert leaks[2]['Date'] == '2025-01-02T03:04:05Z' and leaks[2]['Commit'] == 'a' * 40
print(len(leaks))";
    assert_eq!(python(READ, &gitleaks_json(&report()).unwrap()), "5\n");
}

/// What GitLab's schemas 15.0.7 for secret detection, dependency scanning and container scanning require, and their patterns.
#[test]
fn gitlab_has_what_its_schema_demands() {
    const READ: &str = "
import re, uuid
report = json.loads(given)
THREE = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'
SECOND = r'(?:(?:AV:[NAL]|AC:[LMH]|Au:[MSN]|[CIA]:[NPC])/){5}[CIA]:[NPC]'
THIRD = r'CVSS:3[.][01]/(?:(?:AV:[NALP]|AC:[LH]|PR:[NLH]|UI:[NR]|S:[UC]|[CIA]:[NLH])/){7}[CIA]:[NLH]'
assert re.fullmatch(r'15\\.\\d+\\.\\d+', report['version'])
assert re.match('^https?://.+', report['schema'])
scan = report['scan']
for key in 'analyzer end_time scanner start_time status type'.split():
    assert scan[key], key
for time in scan['start_time'], scan['end_time']:
    assert re.fullmatch(r'\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}', time), time
assert scan['type'] in ('secret_detection', 'dependency_scanning', 'container_scanning') and scan['status'] == 'failure'
for program in scan['analyzer'], scan['scanner']:
    assert program['id'] and program['name'] and program['version'] and program['vendor']['name']
levels = [message['level'] for message in scan['messages']]
assert levels[:3] == ['warn', 'warn', 'info'] and set(levels[3:]) <= {'info'}, levels
assert all(message['value'] for message in scan['messages'])
found = report['vulnerabilities']
for one in found:
    uuid.UUID(one['id'])
    assert one['identifiers'] and all(item['type'] and item['name'] and item['value'] for item in one['identifiers'])
    assert all(re.match('^(https?|ftp)://.+', item['url']) for item in one['identifiers'] if 'url' in item)
    place = one['location']
    if scan['type'] == 'secret_detection':
        assert place['commit']['sha'] and place['file'] and place['start_line'] == 3
    else:
        assert place['dependency']['package']['name'] and isinstance(place['dependency']['version'], str)
    if scan['type'] == 'dependency_scanning':
        assert place['file'] == 'package-lock.json'
    if scan['type'] == 'container_scanning':
        assert place['image'] == 'registry.example/shop:1.2' and place['operating_system']
    for rated in one.get('cvss_vectors', [{'vendor': 'x', 'vector': THREE}]):
        assert rated['vendor'] and re.fullmatch(SECOND + '|' + THIRD, rated['vector']), rated
    assert len(one['name']) <= 255 and len(one['solution']) <= 7000
    assert one['severity'] in ('Info', 'Unknown', 'Low', 'Medium', 'High', 'Critical')
    assert all(field['name'] and field['type'] == 'text' and isinstance(field['value'], str) for field in one['details'].values())
assert len({one['id'] for one in found}) == len(found)
if scan['type'] == 'secret_detection':
    assert [one['location']['commit']['sha'][0] for one in found] == ['e', 'e', 'a']
else:
    flawed, unrated = found
    assert [item['type'] for item in flawed['identifiers']][:2] == ['cve', 'ghsa']
    assert [rated['vector'][:6] for rated in flawed['cvss_vectors']] == ['CVSS:3', 'AV:N/A']
    assert flawed['location']['dependency'] == {'package': {'name': '@acme/leftish'}, 'version': '1.2.3', 'direct': False}
    assert flawed['solution'].startswith('raise topper') and flawed['links'][0]['url'] == 'https://advisories.example/1'
    assert unrated['severity'] == 'Unknown' and 'cvss_vectors' not in unrated
    assert any('2026-02-24' in field['value'] for field in flawed['details'].values())
if scan['type'] == 'dependency_scanning':
    assert report['dependency_files'] == []
print(scan['type'], len(found))";
    let (extras, report) = (extras(), report());
    let source = origin(&extras);
    let image = ScanOrigin { image: Some("registry.example/shop:1.2"), ..source };
    for (origin, kind, count) in [
        (&source, GitlabReport::SecretDetection, 3),
        (&source, GitlabReport::DependencyScanning, 2),
        (&image, GitlabReport::ContainerScanning, 2),
    ] {
        let document = gitlab(&report, origin, kind);
        assert_eq!(python(READ, &document.to_string()), format!("{} {count}\n", kind.kind()));
    }
}

#[test]
fn what_stands_in_another_report_of_gitlab_is_told() {
    use GitlabReport::{ContainerScanning, DependencyScanning, SecretDetection};
    let (extras, report) = (extras(), report());
    let source = origin(&extras);
    let image = ScanOrigin { image: Some("shop"), ..source };
    assert_eq!(gitlab_elsewhere(&report, &source, &[SecretDetection]), [(DependencyScanning, 2)]);
    assert_eq!(
        gitlab_elsewhere(&report, &image, &[DependencyScanning]),
        [(SecretDetection, 3), (ContainerScanning, 2)]
    );
    assert_eq!(gitlab_elsewhere(&report, &source, &[SecretDetection, DependencyScanning]), []);
    let messages = &gitlab(&report, &source, SecretDetection)["scan"]["messages"];
    let last = messages.as_array().unwrap().last().unwrap()["value"].as_str().unwrap();
    assert_eq!(last, "2 findings of another type: see `--format gitlab-dependencies`");
}

#[test]
fn html_is_balanced_and_takes_no_text_for_markup() {
    const READ: &str = "
from html.parser import HTMLParser
VOID = {'meta', 'br', 'img', 'input', 'link', 'hr'}
class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.text = [], [], []
    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        assert not any(name.startswith('on') or name == 'style' for name, _ in attributes), attributes
        assert all(value.startswith('https://') for name, value in attributes if name in ('href', 'src'))
        if tag not in VOID:
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag
    def handle_data(self, data):
        self.text.append(data)
reader = Reader()
reader.feed(given)
reader.close()
assert reader.open == [], reader.open
assert not {'script', 'img', 'iframe', 'object', 'form', 'link'} & set(reader.tags), reader.tags
assert '<script' not in given.lower() and '<img' not in given.lower()
text = ' '.join(reader.text)
assert '<img src=x onerror=alert(1)>' in text
for shown in 'dist/app.tar!b.zip!', 'base64, then hex', 'ignore file', 'waiver, self-granted', '12 files looked at', 'permission denied', 'rotate the secret', '2026-02-24', 'ransomware', 'high (unknown)', '2 entries of palisade.baseline.json':
    assert shown in text, shown
assert 'prefers-color-scheme' in given or 'color-scheme:light dark' in given
print(reader.tags.count('details'))";
    let (report, extras) = (report(), extras());
    assert_eq!(python(READ, &html(&view(&report, &extras), &origin(&extras))), "5\n");
}

/// RFC 3986 allows these characters in a relative reference, and no others.
#[test]
fn sarif_uris_are_percent_encoded() {
    const READ: &str = "
import re, urllib.parse
run = json.loads(given)['runs'][0]
results = run['results']
uris = [result['locations'][0]['physicalLocation']['artifactLocation']['uri'] for result in results]
assert all(re.fullmatch(r\"(?:[A-Za-z0-9\\-._~!$&'()*+,;=@/]|%[0-9A-F]{2})+\", uri) for uri in uris), uris
assert urllib.parse.unquote(uris[0]) == hostile
assert [len(result['suppressions']) for result in results] == [0, 0, 0, 1, 1, 0, 0]
assert all(result['partialFingerprints']['palisade/v1'] for result in results)
assert all(float(result['properties']['security-severity']) > 9 for result in results[:5])
rules = run['tool']['driver']['rules']
assert all(rules[result['ruleIndex']]['id'] == result['ruleId'] for result in results)
flawed, unrated = results[5:]
assert flawed['ruleId'] == 'CVE-2026-0001' and unrated['ruleId'] == 'GO-2026-0001'
rule = rules[flawed['ruleIndex']]
# What is exploited is at least high, which begins at 7.0, whatever its score.
assert rule['properties']['security-severity'] == '7.0' and 'known-vulnerability' == rule['name']
assert rule['helpUri'] == 'https://advisories.example/1'
for text in '2026-02-24', 'ransomware', '0.54321', 'GHSA-aaaa-bbbb-cccc', 'CVSS_V4':
    assert text in rule['help']['text'], text
assert 'unknown' in rules[unrated['ruleIndex']]['help']['text']
assert flawed['properties']['package']['purl'] == 'pkg:npm/%40acme/leftish@1.2.3'
assert flawed['properties']['package']['fix']['version'] == '1.2.5'
assert flawed['partialFingerprints']['primaryLocationLineHash'] == '06' * 16 + ':1'
assert 'primaryLocationLineHash' not in results[0]['partialFingerprints']
assert results[2]['properties']['history']['in_head'] is False
assert results[1]['properties']['encodings'] == ['base64', 'hex']
assert run['versionControlProvenance'][0]['repositoryUri'] == 'https://example.com/shop.git'
assert run['versionControlProvenance'][0]['revisionId'] == 'e' * 40
print(len(results))";
    let extras = extras();
    assert_eq!(python(READ, &sarif(&report(), "1.2.3", &extras.source).to_string()), "7\n");
}
