//! What other programs make of the reports. Python's `csv`, `html.parser`, `json` and `xml` know nothing of our code.

use std::io::Write;
use std::process::{Command, Stdio};

use palisade_report::{gitlab, gitleaks_csv, gitleaks_json, html, sarif};

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
print(len(rows))";
    assert_eq!(python(READ, &gitleaks_csv(&report())), "3\n");
}

#[test]
fn gitleaks_json_has_its_keys_in_its_order() {
    const READ: &str = "
leaks = json.loads(given, object_pairs_hook=list)
keys = 'RuleID Description StartLine EndLine StartColumn EndColumn Match Secret File SymlinkFile Commit Entropy Author Email Date Message Tags Fingerprint'.split()
for leak in leaks:
    assert [key for key, _ in leak] == keys, leak
leaks = [dict(leak) for leak in leaks]
assert [leak['Fingerprint'].split(':')[-1] for leak in leaks] == ['3', '3', '3']
assert leaks[1]['File'].startswith('dist/app.tar!b.zip!')
assert leaks[2]['Date'] == '2025-01-02T03:04:05Z' and leaks[2]['Commit'] == 'a' * 40
print(len(leaks))";
    assert_eq!(python(READ, &gitleaks_json(&report()).unwrap()), "3\n");
}

/// What GitLab's schema 15.0.7 for secret detection requires, and its patterns.
#[test]
fn gitlab_has_what_its_schema_demands() {
    const READ: &str = "
import re, uuid
report = json.loads(given)
assert re.fullmatch(r'15\\.\\d+\\.\\d+', report['version'])
assert re.match('^https?://.+', report['schema'])
scan = report['scan']
for key in 'analyzer end_time scanner start_time status type'.split():
    assert scan[key], key
for time in scan['start_time'], scan['end_time']:
    assert re.fullmatch(r'\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}', time), time
assert scan['type'] == 'secret_detection' and scan['status'] == 'failure'
for program in scan['analyzer'], scan['scanner']:
    assert program['id'] and program['name'] and program['version'] and program['vendor']['name']
assert [message['level'] for message in scan['messages']] == ['warn', 'warn', 'info']
assert all(message['value'] for message in scan['messages'])
found = report['vulnerabilities']
for one in found:
    uuid.UUID(one['id'])
    assert one['identifiers'] and all(item['type'] and item['name'] and item['value'] for item in one['identifiers'])
    assert all(re.match('^(https?|ftp)://.+', item['url']) for item in one['identifiers'] if 'url' in item)
    assert one['location']['commit']['sha'] and one['location']['file'] and one['location']['start_line'] == 3
    assert len(one['name']) <= 255 and len(one['solution']) <= 7000
    assert one['severity'] in ('Info', 'Unknown', 'Low', 'Medium', 'High', 'Critical')
    assert all(field['name'] and field['type'] == 'text' and isinstance(field['value'], str) for field in one['details'].values())
assert len({one['id'] for one in found}) == 3
assert [one['location']['commit']['sha'][0] for one in found] == ['e', 'e', 'a']
print(len(found))";
    let extras = extras();
    let document = gitlab(&report(), &origin(&extras));
    assert_eq!(python(READ, &document.to_string()), "3\n");
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
for shown in 'dist/app.tar!b.zip!', 'base64, then hex', 'ignore file', 'waiver, self-granted', '12 files looked at', 'permission denied', 'rotate the secret', '2 entries of palisade.baseline.json':
    assert shown in text, shown
assert 'prefers-color-scheme' in given or 'color-scheme:light dark' in given
print(reader.tags.count('details'))";
    let (report, extras) = (report(), extras());
    assert_eq!(python(READ, &html(&view(&report, &extras), &origin(&extras))), "3\n");
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
assert [len(result['suppressions']) for result in results] == [0, 0, 0, 1, 1]
assert all(result['partialFingerprints']['palisade/v1'] for result in results)
assert all(float(result['properties']['security-severity']) > 9 for result in results)
assert results[2]['properties']['history']['in_head'] is False
assert results[1]['properties']['encodings'] == ['base64', 'hex']
assert run['versionControlProvenance'][0]['repositoryUri'] == 'https://example.com/shop.git'
assert run['versionControlProvenance'][0]['revisionId'] == 'e' * 40
print(len(results))";
    let extras = extras();
    assert_eq!(python(READ, &sarif(&report(), "1.2.3", &extras.source).to_string()), "5\n");
}
