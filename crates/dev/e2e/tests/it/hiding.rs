//! Every place a secret may hide in: one test a row of docs/hiding-places.md. Other programs make the place, `palisade scan` finds it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::token;
use palisade_testkit::{Account, Project, python};

/// How a place is looked at.
#[derive(Debug, Clone, Copy)]
enum Look {
    /// `palisade scan`
    Tree,
    /// `palisade scan --history`
    History,
}

/// A hiding place: the name of its row, how it is looked at, and what puts a secret there.
struct Place {
    row: &'static str,
    look: Look,
    hide: fn(&Project, &str),
}

const PLACES: &[Place] = &[
    Place { row: "content only in a merge", look: Look::History, hide: only_in_a_merge },
    Place { row: "octopus merge", look: Look::History, hide: octopus_merge },
    Place { row: "unreachable object", look: Look::History, hide: unreachable_object },
    Place { row: "refs/pull", look: Look::History, hide: pull_request },
    Place { row: "notes", look: Look::History, hide: note },
    Place { row: "stash", look: Look::History, hide: stash },
    Place { row: "tag message", look: Look::History, hide: tag_message },
    Place { row: "commit message", look: Look::History, hide: commit_message },
    Place { row: "author field", look: Look::History, hide: author },
    Place { row: "file name", look: Look::History, hide: file_name },
    Place { row: "file name in the tree", look: Look::Tree, hide: file_name_in_the_tree },
    Place { row: "symlink target", look: Look::History, hide: link_target },
    Place { row: "symlink target in the tree", look: Look::Tree, hide: link_in_the_tree },
    Place { row: "submodule URL with password", look: Look::Tree, hide: submodule },
    Place { row: "file marked binary by .gitattributes", look: Look::History, hide: marked_binary },
    Place { row: "file deleted later", look: Look::History, hide: deleted_later },
    Place { row: "branch name", look: Look::History, hide: branch_name },
    Place { row: "packed branch name", look: Look::History, hide: packed_branch_name },
    Place { row: "tag name", look: Look::History, hide: tag_name },
    Place { row: "name of a remote", look: Look::History, hide: remote_name },
    Place { row: "reflog message", look: Look::History, hide: reflog_message },
    Place { row: "branch name in a reftable", look: Look::History, hide: branch_name_in_a_reftable },
    Place { row: "reflog message in a reftable", look: Look::History, hide: reflog_message_in_a_reftable },
    Place { row: "password in .git/config", look: Look::History, hide: configuration },
    Place { row: "git hook", look: Look::History, hide: hook },
    Place { row: "message that is being written", look: Look::History, hide: message_being_written },
    Place { row: "address that was fetched from", look: Look::History, hide: fetched_from },
    Place { row: "patch of a rebase that is not done", look: Look::History, hide: patch_of_a_rebase },
    Place { row: "recorded resolution of a conflict", look: Look::History, hide: recorded_resolution },
    Place { row: "push that was not accepted", look: Look::History, hide: push_not_accepted },
    Place {
        row: "UTF-16",
        look: Look::Tree,
        hide: |at, secret| python_file(at, secret, "data = line.encode('utf-16')"),
    },
    Place {
        row: "UTF-16 without a mark",
        look: Look::Tree,
        hide: |at, secret| python_file(at, secret, "data = line.encode('utf-16-be')"),
    },
    Place {
        row: "UTF-32",
        look: Look::Tree,
        hide: |at, secret| python_file(at, secret, "data = line.encode('utf-32')"),
    },
    Place {
        row: "base64",
        look: Look::Tree,
        hide: |at, secret| python_file(at, secret, "data = b'x: ' + base64.b64encode(line.encode())"),
    },
    Place {
        row: "base64 twice",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(at, secret, "data = b'x: ' + base64.b64encode(base64.b64encode(line.encode()))");
        },
    },
    Place {
        row: "base64 four times",
        look: Look::Tree,
        hide: |at, secret| {
            let script = "data = line.encode()\nfor _ in range(4): data = base64.b64encode(data)";
            python_file(at, secret, script);
        },
    },
    Place {
        row: "base64, wrapped",
        look: Look::Tree,
        hide: |at, secret| python_file(at, secret, "data = base64.encodebytes((line * 5).encode())"),
    },
    Place {
        row: "base64, URL-safe",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(at, secret, "data = b'?q=' + base64.urlsafe_b64encode(('>>>???' + line).encode())");
        },
    },
    Place {
        row: "hex",
        look: Look::Tree,
        hide: |at, secret| python_file(at, secret, "data = line.encode().hex().encode()"),
    },
    Place {
        row: "percent",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(at, secret, "data = ''.join('%%%02X' % b for b in line.encode()).encode()")
        },
    },
    Place {
        row: "\\u",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(at, secret, "data = ''.join('\\\\u%04x' % ord(c) for c in line).encode()")
        },
    },
    Place {
        row: "octal escapes",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "data = ('k = \"' + ''.join('\\\\%03o' % ord(c) for c in token) + '\"').encode()",
            );
        },
    },
    Place {
        row: "character codes",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "data = ('k = String.fromCharCode(%s)' % ', '.join(str(ord(c)) for c in token)).encode()",
            );
        },
    },
    Place {
        row: "one character after the other",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "data = ('$k = ' + '.'.join('chr(%d)' % ord(c) for c in token)).encode()",
            );
        },
    },
    Place {
        row: "array of bytes",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "data = ('k := []byte{%s}' % ', '.join('0x%02x' % ord(c) for c in token)).encode()",
            );
        },
    },
    Place {
        row: "joined list",
        look: Look::Tree,
        hide: |at, secret| python_file(at, secret, "data = ('k = %r.join(\"\")' % list(token)).encode()"),
    },
    Place {
        row: "HTML entities",
        look: Look::Tree,
        hide: |at, secret| python_file(at, secret, "data = ''.join('&#%d;' % ord(c) for c in line).encode()"),
    },
    Place {
        row: "quoted-printable",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(at, secret, "data = quopri.encodestring(('é' * 20 + '=' + line).encode())");
        },
    },
    Place { row: "gzip in zip in tar", look: Look::Tree, hide: |at, secret| python_file(at, secret, NESTED) },
    Place { row: "xlsx", look: Look::Tree, hide: |at, secret| python_file(at, secret, WORKBOOK) },
    Place { row: "jar", look: Look::Tree, hide: |at, secret| python_file(at, secret, JAR) },
    Place {
        row: "ipynb output",
        look: Look::Tree,
        hide: |at, secret| python_named(at, secret, "n.ipynb", NOTEBOOK),
    },
    Place { row: "SQLite", look: Look::Tree, hide: |at, secret| python_file(at, secret, SQLITE) },
    Place {
        row: "compressed data in base64",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "x = base64.b64encode(base64.b64encode(gzip.compress(json.dumps({'config': {'token': token}}).encode())))\ndata = b'kind: Secret\\ntype: helm.sh/release.v1\\ndata:\\n  release: ' + x",
            )
        },
    },
    Place {
        row: "base64 with escaped line ends",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "data = json.dumps({'content': base64.encodebytes((line * 5).encode()).decode()}).encode()",
            )
        },
    },
    Place {
        row: "base64 of other text",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "data = b'x: ' + base64.b64encode(('Schlüssel für Zürich: ' + line).encode())",
            )
        },
    },
    Place {
        row: "pairs of hexadecimal digits",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "x = (token + '\\0').encode('utf-16-le')\ndata = b'\"T\"=hex(2):' + b',\\\\\\r\\n  '.join(x[i:i + 20].hex(',').encode() for i in range(0, len(x), 20))",
            )
        },
    },
    Place {
        row: "hex dump",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "x = line.encode()\ndata = ''.join('%08x: %s\\n' % (i, x[i:i + 16].hex(' ', 2)) for i in range(0, len(x), 16)).encode()",
            )
        },
    },
    Place {
        row: "appended strings",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "data = ('String k = new StringBuilder()\\n    .append(\"%s\")\\n    .append(\"%s\").toString();' % (token[:20], token[20:])).encode()",
            )
        },
    },
    Place {
        row: "format of strings",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "data = ('k = fmt.Sprintf(\"%%s%%s\", \"%s\", \"%s\")' % (token[:20], token[20:])).encode()",
            )
        },
    },
    Place { row: "runs of Office text", look: Look::Tree, hide: |at, secret| python_file(at, secret, RUNS) },
    Place {
        row: "colours of a terminal",
        look: Look::Tree,
        hide: |at, secret| {
            let script =
                "data = ('T=\\x1b[1;32m' + token[:9] + '\\x1b[0m' + token[9:] + '\\x1b[0m\\n').encode()";
            python_file(at, secret, script);
        },
    },
    Place { row: "package of Debian", look: Look::Tree, hide: |at, secret| python_file(at, secret, PACKAGE) },
    Place { row: "compress", look: Look::Tree, hide: |at, secret| python_file(at, secret, COMPRESS) },
    Place {
        row: "zip behind a program",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "out = io.BytesIO()\nwith zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('a.env', line)\ndata = b'#!/bin/sh\\nexec java -jar $0\\n' + out.getvalue()",
            )
        },
    },
    Place { row: "Kubernetes Secret data", look: Look::Tree, hide: kubernetes },
    Place { row: "Helm values", look: Look::Tree, hide: helm },
    Place { row: "tfstate", look: Look::Tree, hide: tfstate },
    Place { row: ".npmrc", look: Look::Tree, hide: npmrc },
    Place { row: "adjacent string concatenation", look: Look::Tree, hide: concatenation },
    Place { row: "split across lines", look: Look::Tree, hide: split },
    Place {
        row: "CRLF",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(at, secret, "data = ('a=1\\r\\n' + line + '\\r\\nb=2\\r\\n').encode()")
        },
    },
    Place {
        row: "a single line over 1 MB",
        look: Look::Tree,
        hide: |at, secret| python_file(at, secret, "data = ('x ' * 700000 + line + ' y' * 700000).encode()"),
    },
    Place {
        row: "last line without newline",
        look: Look::Tree,
        hide: |at, secret| python_file(at, secret, "data = ('a\\n' * 9 + line).encode()"),
    },
    Place {
        row: "10 MB minified",
        look: Look::Tree,
        hide: |at, secret| {
            python_file(
                at,
                secret,
                "data = ('function(a){return a+1};' * 440000 + 'var t=\"' + token + '\";').encode()",
            );
        },
    },
];

/// Runs `python` with `line` and `token` set; what it leaves in `data` becomes the file `name`.
fn python_named(at: &Project, secret: &str, name: &str, script: &str) {
    let program = format!(
        "import base64, gzip, io, json, quopri, sqlite3, sys, tarfile, zipfile\n\
         token = sys.argv[1]\nline = 'GITHUB_TOKEN = ' + token + ' # of the build'\n{script}\n\
         open(sys.argv[2], 'wb').write(data)\n"
    );
    python(&program, &[secret, name], at.root()).expect(0);
}

fn python_file(at: &Project, secret: &str, script: &str) {
    python_named(at, secret, "file.dat", script);
}

const NESTED: &str = "
inner = io.BytesIO()
with zipfile.ZipFile(inner, 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('deploy/env.gz', gzip.compress(line.encode()))
outer = io.BytesIO()
with tarfile.open(fileobj=outer, mode='w') as t:
    member = tarfile.TarInfo('release/inner.zip'); member.size = len(inner.getvalue())
    t.addfile(member, io.BytesIO(inner.getvalue()))
data = outer.getvalue()
";
const WORKBOOK: &str = "
out = io.BytesIO()
with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('[Content_Types].xml', '<Types/>')
    z.writestr('xl/sharedStrings.xml', '<sst><si><t>' + token + '</t></si></sst>')
data = out.getvalue()
";
const RUNS: &str = "
runs = ''.join('<w:r><w:rPr><w:b/></w:rPr><w:t>%s</w:t></w:r>' % part for part in (token[:9], token[9:30], token[30:]))
out = io.BytesIO()
with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('[Content_Types].xml', '<Types/>')
    z.writestr('word/document.xml', '<w:p>' + runs + '</w:p>')
data = out.getvalue()
";
const PACKAGE: &str = "
import os, subprocess
os.makedirs('tree/DEBIAN'); os.makedirs('tree/etc')
open('tree/DEBIAN/control', 'w').write('Package: acme\\nVersion: 1\\nArchitecture: all\\nMaintainer: A <a@acme.io>\\nDescription: x\\n')
open('tree/etc/acme.conf', 'w').write(line)
subprocess.run(['dpkg-deb', '--build', '-Zxz', 'tree', 'made.deb'], check=True, stdout=subprocess.DEVNULL)
import shutil
data = open('made.deb', 'rb').read(); os.remove('made.deb'); shutil.rmtree('tree')
";
/// Codes of nine bits, which is what `compress` writes for a short text; the first bytes keep it from standing there as it is.
const COMPRESS: &str = "
bits = ''.join(format(byte, '09b')[::-1] for byte in line.encode())
bits += '0' * (-len(bits) % 8)
data = b'\\x1f\\x9d\\x90' + bytes(int(bits[i:i + 8][::-1], 2) for i in range(0, len(bits), 8))
import subprocess
assert subprocess.run(['gzip', '-dc'], input=data, stdout=subprocess.PIPE, check=True).stdout == line.encode()
";
const JAR: &str = "
out = io.BytesIO()
with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('META-INF/MANIFEST.MF', 'Manifest-Version: 1.0')
    z.writestr('application.properties', 'github.token=' + token)
data = out.getvalue()
";
const NOTEBOOK: &str = "
out = {'output_type': 'stream', 'name': 'stdout', 'text': ['{\"t\": \"', token[:20], token[20:], '\"}']}
cell = {'cell_type': 'code', 'source': ['print(1)'], 'outputs': [out], 'metadata': {}, 'execution_count': 1}
data = json.dumps({'nbformat': 4, 'nbformat_minor': 5, 'metadata': {}, 'cells': [cell]}).encode()
";
const SQLITE: &str = "
base = sqlite3.connect('made.db')
base.execute('create table settings (name text, value text)')
base.execute('insert into settings values (?, ?)', ('note', 'x' * 4050 + ' ' + token + ' ' + 'y' * 9000))
base.commit(); base.close()
import os
data = open('made.db', 'rb').read(); os.remove('made.db')
";

fn line(secret: &str) -> String {
    format!("GITHUB_TOKEN={secret}\n")
}

fn branch(at: &Project, name: &str, file: &str, content: &str) {
    at.git(&["checkout", "--quiet", "-b", name, "main"]);
    at.write(file, content);
    at.commit(name);
    at.git(&["checkout", "--quiet", "main"]);
}

fn only_in_a_merge(at: &Project, secret: &str) {
    branch(at, "one", "one.txt", "1\n");
    branch(at, "two", "two.txt", "2\n");
    at.git(&["checkout", "--quiet", "one"]);
    at.git(&["merge", "--quiet", "--no-commit", "--no-ff", "two"]);
    at.write("resolved.txt", line(secret));
    at.commit("merge");
    at.git(&["rm", "--quiet", "resolved.txt"]);
    at.commit("gone");
}

fn octopus_merge(at: &Project, secret: &str) {
    for name in ["one", "two", "three"] {
        branch(at, name, &format!("{name}.txt"), name);
    }
    at.git(&["merge", "--quiet", "--no-ff", "--no-commit", "one", "two", "three"]);
    at.write("octopus.txt", line(secret));
    at.commit("octopus");
    at.git(&["rm", "--quiet", "octopus.txt"]);
    at.commit("gone");
}

fn unreachable_object(at: &Project, secret: &str) {
    at.write("later.txt", line(secret));
    at.git(&["hash-object", "-w", "later.txt"]);
    std::fs::remove_file(at.path("later.txt")).unwrap();
}

fn pull_request(at: &Project, secret: &str) {
    branch(at, "pull", "pull.txt", &line(secret));
    at.git(&["update-ref", "refs/pull/7/head", "pull"]);
    at.git(&["branch", "--quiet", "-D", "pull"]);
    at.git(&["repack", "-a", "-d", "-q"]);
}

fn note(at: &Project, secret: &str) {
    at.git(&["notes", "add", "-m", &format!("deployed with {secret}")]);
}

fn stash(at: &Project, secret: &str) {
    at.write("README.md", line(secret));
    at.git(&["stash", "--quiet"]);
}

fn tag_message(at: &Project, secret: &str) {
    at.git(&["tag", "-a", "v1", "-m", &format!("built with {secret}")]);
}

fn commit_message(at: &Project, secret: &str) {
    at.git(&["commit", "--quiet", "--allow-empty", "-m", &format!("use {secret}")]);
}

fn author(at: &Project, secret: &str) {
    let author = format!("{secret} <bot@example.org>");
    at.git(&["commit", "--quiet", "--allow-empty", "--author", &author, "-m", "by a robot"]);
}

fn file_name(at: &Project, secret: &str) {
    at.write(format!("keys/{secret}.txt"), "empty\n");
    at.commit("key");
    at.git(&["rm", "--quiet", "-r", "keys"]);
    at.commit("gone");
}

fn file_name_in_the_tree(at: &Project, secret: &str) {
    at.write(format!("keys/{secret}.txt"), "empty\n");
}

fn link_target(at: &Project, secret: &str) {
    link_in_the_tree(at, secret);
    at.commit("link");
    at.git(&["rm", "--quiet", "link"]);
    at.commit("gone");
}

fn link_in_the_tree(at: &Project, secret: &str) {
    std::os::unix::fs::symlink(format!("https://x/?t={secret}"), at.path("link")).unwrap();
}

fn submodule(at: &Project, secret: &str) {
    let url = format!("https://oauth2:{secret}@git.example.net/lib.git");
    at.write(".gitmodules", format!("[submodule \"lib\"]\n\tpath = lib\n\turl = {url}\n"));
}

fn marked_binary(at: &Project, secret: &str) {
    at.write(".gitattributes", "*.cfg binary -diff\n");
    at.write("app.cfg", line(secret));
    at.commit("binary");
    at.git(&["rm", "--quiet", "app.cfg"]);
    at.commit("gone");
}

fn deleted_later(at: &Project, secret: &str) {
    at.write("deploy.env", line(secret));
    at.commit("added");
    at.git(&["rm", "--quiet", "deploy.env"]);
    at.commit("deleted");
    at.git(&["gc", "--quiet"]);
}

fn branch_name(at: &Project, secret: &str) {
    at.git(&["branch", &format!("fix/{secret}")]);
}

fn packed_branch_name(at: &Project, secret: &str) {
    branch_name(at, secret);
    at.git(&["pack-refs", "--all"]);
}

fn tag_name(at: &Project, secret: &str) {
    at.git(&["tag", secret]);
}

fn remote_name(at: &Project, secret: &str) {
    at.git(&["update-ref", &format!("refs/remotes/{secret}/main"), "HEAD"]);
}

/// As `git pull` with an address that holds a password leaves it.
fn reflog_message(at: &Project, secret: &str) {
    let told = format!("pull https://oauth2:{secret}@git.example.net/lib.git: Fast-forward");
    at.git(&["commit", "--quiet", "--allow-empty", "-m", "next"]);
    at.git(&["update-ref", "-m", &told, "HEAD", "HEAD~1"]);
}

/// One table with a reference and its log, as git's technical/reftable has it: version 1, a block of each, no index.
const REFTABLE: &str = "
import struct, sys, zlib
name, message, commit = (part.encode() for part in sys.argv[1:4])
def number(value):
    out = [value & 127]
    while value >= 128: value = (value >> 7) - 1; out.insert(0, 128 | value & 127)
    return bytes(out)
def counted(text): return number(len(text)) + text
def record(key, kind, value): return number(0) + number(len(key) << 3 | kind) + key + value
header = b'REFT' + bytes([1]) + bytes(3) + struct.pack('>QQ', 1, 1)
head = record(b'HEAD', 3, number(0) + counted(name))
references = head + record(name, 1, number(0) + bytes.fromhex(commit.decode()))
def restarts(first): return first.to_bytes(3, 'big') + struct.pack('>H', 1)
block = references + restarts(len(header) + 4)
block = b'r' + (len(header) + 4 + len(block)).to_bytes(3, 'big') + block
ids = bytes(20) + bytes.fromhex(commit.decode())
change = ids + counted(b'a') + counted(b'a@b') + number(1700000000) + struct.pack('>h', 0) + counted(message)
log = record(name + bytes(1) + struct.pack('>Q', 2**64 - 2), 1, change) + restarts(4)
logs = b'g' + (4 + len(log)).to_bytes(3, 'big') + zlib.compress(log)
footer = header + struct.pack('>QQQQQ', 0, 0, 0, len(header) + len(block), 0)
footer += struct.pack('>I', zlib.crc32(footer))
open('.git/reftable/0x000000000001-0x000000000001-00000001.ref', 'wb').write(header + block + logs + footer)
open('.git/reftable/tables.list', 'w').write('0x000000000001-0x000000000001-00000001.ref\\n')
";

/// Puts the one branch, with its log, into a reftable.
fn into_reftable(at: &Project, branch: &str, message: &str) {
    let commit = at.git(&["rev-parse", "HEAD"]);
    let git_dir = at.path(".git");
    std::fs::create_dir(git_dir.join("reftable")).unwrap();
    let name = format!("refs/heads/{branch}");
    python(REFTABLE, &[name.as_str(), message, commit.trim()], at.root()).expect(0);
    at.git(&["config", "core.repositoryFormatVersion", "1"]);
    at.git(&["config", "extensions.refStorage", "reftable"]);
    for folder in ["refs", "logs"] {
        std::fs::remove_dir_all(git_dir.join(folder)).unwrap();
    }
    std::fs::create_dir(git_dir.join("refs")).unwrap();
    std::fs::write(git_dir.join("HEAD"), "ref: refs/heads/.invalid\n").unwrap();
}

fn branch_name_in_a_reftable(at: &Project, secret: &str) {
    into_reftable(at, &format!("fix/{secret}"), "m");
}

fn reflog_message_in_a_reftable(at: &Project, secret: &str) {
    into_reftable(at, "main", &format!("pull https://oauth2:{secret}@git.example.net/lib.git: Fast-forward"));
}

fn configuration(at: &Project, secret: &str) {
    at.git(&["config", "remote.origin.url", &format!("https://oauth2:{secret}@git.example.net/lib.git")]);
}

fn hook(at: &Project, secret: &str) {
    at.write(
        ".git/hooks/pre-push",
        format!("#!/bin/sh\ncurl -H 'Authorization: token {secret}' https://x\n"),
    );
}

fn message_being_written(at: &Project, secret: &str) {
    at.write(".git/COMMIT_EDITMSG", format!("use {secret}\n"));
}

fn fetched_from(at: &Project, secret: &str) {
    let url = format!("https://oauth2:{secret}@git.example.net/lib.git");
    at.write(
        ".git/FETCH_HEAD",
        format!("{}\t\tbranch 'main' of {url}\n", at.git(&["rev-parse", "HEAD"]).trim()),
    );
}

fn patch_of_a_rebase(at: &Project, secret: &str) {
    at.write(".git/rebase-merge/patch", format!("+{}", line(secret)));
}

fn recorded_resolution(at: &Project, secret: &str) {
    at.write(format!(".git/rr-cache/{}/preimage", "0".repeat(40)), line(secret));
}

/// Objects that a hook refused lie in a folder of their own until git removes it.
fn push_not_accepted(at: &Project, secret: &str) {
    at.write("later.txt", line(secret));
    let object = at.git(&["hash-object", "-w", "later.txt"]);
    std::fs::remove_file(at.path("later.txt")).unwrap();
    let (shelf, _) = object.split_at_checked(2).unwrap();
    let objects = at.path(".git/objects");
    std::fs::create_dir(objects.join("tmp_objdir-incoming-a1b2c3")).unwrap();
    std::fs::rename(objects.join(shelf), objects.join("tmp_objdir-incoming-a1b2c3").join(shelf)).unwrap();
}

fn kubernetes(at: &Project, secret: &str) {
    let value = token::base64(secret.as_bytes());
    at.write(
        "secret.yaml",
        format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: ci\ndata:\n  github: {value}\n"),
    );
}

fn helm(at: &Project, secret: &str) {
    at.write("chart/values.yaml", format!("image: app\nconfig:\n  github:\n    token: {secret}\n"));
}

fn tfstate(at: &Project, secret: &str) {
    let state = format!(
        "{{\"version\": 4, \"resources\": [{{\"type\": \"github_actions_secret\", \"instances\": \
         [{{\"attributes\": {{\"plaintext_value\": \"{secret}\"}}}}]}}]}}"
    );
    at.write("terraform.tfstate", state);
}

fn npmrc(at: &Project, secret: &str) {
    at.write(".npmrc", format!("//npm.pkg.github.com/:_authToken={secret}\n"));
}

fn concatenation(at: &Project, secret: &str) {
    let (head, tail) = secret.split_at(15);
    at.write("app.js", format!("const t = \"{head}\" + '{tail}';\n"));
}

fn split(at: &Project, secret: &str) {
    let (head, tail) = secret.split_at(22);
    at.write("app.py", format!("TOKEN = (\n    \"{head}\"\n    \"{tail}\"\n)\n"));
}

/// Hides a secret as the row of that name says, and looks for it.
#[track_caller]
fn find(row: &str) {
    let (number, place) = (1000_u64..).zip(PLACES).find(|(_, place)| place.row == row).unwrap();
    let secret = token::github(number);
    let project = Project::empty();
    project.write("README.md", "nothing to see\n");
    let project = project.committed();
    (place.hide)(&project, &secret);
    let args: &[&str] = match place.look {
        Look::Tree => &["scan", "--format", "json"],
        Look::History => &["scan", "--history", "--format", "json"],
    };
    let answer = Account::new().run(project.root(), args).expect(1);
    token::assert_hidden(&secret, &answer.stdout, row);
    let findings = answer.json()["findings"].as_array().unwrap().clone();
    assert!(findings.iter().any(|finding| finding["rule"] == "github-pat"), "{answer}");
}

#[test]
fn in_content_only_in_a_merge() {
    find("content only in a merge");
}

#[test]
fn in_octopus_merge() {
    find("octopus merge");
}

#[test]
fn in_unreachable_object() {
    find("unreachable object");
}

#[test]
fn in_refs_pull() {
    find("refs/pull");
}

#[test]
fn in_notes() {
    find("notes");
}

#[test]
fn in_stash() {
    find("stash");
}

#[test]
fn in_tag_message() {
    find("tag message");
}

#[test]
fn in_commit_message() {
    find("commit message");
}

#[test]
fn in_author_field() {
    find("author field");
}

#[test]
fn in_file_name() {
    find("file name");
}

#[test]
fn in_file_name_in_the_tree() {
    find("file name in the tree");
}

#[test]
fn in_symlink_target() {
    find("symlink target");
}

#[test]
fn in_symlink_target_in_the_tree() {
    find("symlink target in the tree");
}

#[test]
fn in_submodule_url_with_password() {
    find("submodule URL with password");
}

#[test]
fn in_file_marked_binary_by_gitattributes() {
    find("file marked binary by .gitattributes");
}

#[test]
fn in_file_deleted_later() {
    find("file deleted later");
}

#[test]
fn in_branch_name() {
    find("branch name");
}

#[test]
fn in_packed_branch_name() {
    find("packed branch name");
}

#[test]
fn in_tag_name() {
    find("tag name");
}

#[test]
fn in_name_of_a_remote() {
    find("name of a remote");
}

#[test]
fn in_reflog_message() {
    find("reflog message");
}

#[test]
fn in_branch_name_in_a_reftable() {
    find("branch name in a reftable");
}

#[test]
fn in_reflog_message_in_a_reftable() {
    find("reflog message in a reftable");
}

#[test]
fn in_password_in_git_config() {
    find("password in .git/config");
}

#[test]
fn in_git_hook() {
    find("git hook");
}

#[test]
fn in_message_that_is_being_written() {
    find("message that is being written");
}

#[test]
fn in_address_that_was_fetched_from() {
    find("address that was fetched from");
}

#[test]
fn in_patch_of_a_rebase_that_is_not_done() {
    find("patch of a rebase that is not done");
}

#[test]
fn in_recorded_resolution_of_a_conflict() {
    find("recorded resolution of a conflict");
}

#[test]
fn in_push_that_was_not_accepted() {
    find("push that was not accepted");
}

#[test]
fn in_utf_16() {
    find("UTF-16");
}

#[test]
fn in_utf_16_without_a_mark() {
    find("UTF-16 without a mark");
}

#[test]
fn in_utf_32() {
    find("UTF-32");
}

#[test]
fn in_base64() {
    find("base64");
}

#[test]
fn in_base64_twice() {
    find("base64 twice");
}

#[test]
fn in_base64_four_times() {
    find("base64 four times");
}

#[test]
fn in_base64_wrapped() {
    find("base64, wrapped");
}

#[test]
fn in_base64_url_safe() {
    find("base64, URL-safe");
}

#[test]
fn in_hex() {
    find("hex");
}

#[test]
fn in_percent() {
    find("percent");
}

#[test]
fn in_backslash_u() {
    find("\\u");
}

#[test]
fn in_octal_escapes() {
    find("octal escapes");
}

#[test]
fn in_character_codes() {
    find("character codes");
}

#[test]
fn in_one_character_after_the_other() {
    find("one character after the other");
}

#[test]
fn in_array_of_bytes() {
    find("array of bytes");
}

/// Every language that the row of arrays names, with both kinds of digits, on one line and on several.
#[test]
fn in_arrays_of_bytes_of_every_language() {
    const FORMS: [(&str, &str); 10] = [
        ("decimal.go", "'k := string([]byte{%s})' % ', '.join(str(b) for b in codes)"),
        ("lines.go", "'k := []byte{\\n\\t%s,\\n}' % ',\\n\\t'.join('0x%02X' % b for b in codes)"),
        ("hex.c", "'static const unsigned char k[] = {%s, 0x00};' % ','.join('0x%02x' % b for b in codes)"),
        ("decimal.c", "'char k[]={%s};' % ','.join(str(b) for b in codes)"),
        ("New.java", "'byte[] k = new byte[] {%s};' % ', '.join(str(b) for b in codes)"),
        ("bytes.py", "'k = bytes([\\n    %s,\\n])' % ',\\n    '.join(str(b) for b in codes)"),
        ("array.py", "'k = bytearray([%s])' % ', '.join(hex(b) for b in codes)"),
        ("buffer.js", "'const k = Buffer.from([%s]).toString()' % ', '.join(hex(b) for b in codes)"),
        ("typed.js", "'const k = new Uint8Array([%s])' % ','.join(str(b) for b in codes)"),
        ("buffer.json", "json.dumps({'type': 'Buffer', 'data': list(codes)})"),
    ];
    let project = Project::empty();
    for (number, (name, form)) in (3000_u64..).zip(FORMS) {
        let script = format!("codes = token.encode()\ndata = ({form} + '\\n').encode()");
        python_named(&project, &token::github(number), name, &script);
    }
    let answer = Account::new().run(project.root(), ["scan", "--format", "json"]).expect(1);
    let report = answer.json();
    let findings = report["findings"].as_array().unwrap().iter();
    let found: BTreeSet<_> = findings
        .filter(|finding| finding["rule"] == "github-pat")
        .map(|finding| finding["location"]["path"].as_str().unwrap())
        .collect();
    assert_eq!(found, FORMS.iter().map(|(name, _)| *name).collect(), "{answer}");
    // Seven bytes may be any numbers.
    project.write("few.go", "k := []byte{103, 104, 112, 95, 97, 98, 99}\n");
    let few = Account::new().run(project.root(), ["scan", "few.go"]);
    few.expect(0);
}

#[test]
fn in_joined_list() {
    find("joined list");
}

#[test]
fn in_html_entities() {
    find("HTML entities");
}

#[test]
fn in_quoted_printable() {
    find("quoted-printable");
}

#[test]
fn in_gzip_in_zip_in_tar() {
    find("gzip in zip in tar");
}

#[test]
fn in_xlsx() {
    find("xlsx");
}

#[test]
fn in_jar() {
    find("jar");
}

#[test]
fn in_ipynb_output() {
    find("ipynb output");
}

#[test]
fn in_sqlite() {
    find("SQLite");
}

#[test]
fn in_compressed_data_in_base64() {
    find("compressed data in base64");
}

#[test]
fn in_base64_with_escaped_line_ends() {
    find("base64 with escaped line ends");
}

#[test]
fn in_base64_of_other_text() {
    find("base64 of other text");
}

#[test]
fn in_pairs_of_hexadecimal_digits() {
    find("pairs of hexadecimal digits");
}

#[test]
fn in_hex_dump() {
    find("hex dump");
}

#[test]
fn in_appended_strings() {
    find("appended strings");
}

#[test]
fn in_format_of_strings() {
    find("format of strings");
}

#[test]
fn in_runs_of_office_text() {
    find("runs of Office text");
}

#[test]
fn in_colours_of_a_terminal() {
    find("colours of a terminal");
}

#[test]
fn in_package_of_debian() {
    find("package of Debian");
}

#[test]
fn in_compress() {
    find("compress");
}

#[test]
fn in_zip_behind_a_program() {
    find("zip behind a program");
}

#[test]
fn in_kubernetes_secret_data() {
    find("Kubernetes Secret data");
}

#[test]
fn in_helm_values() {
    find("Helm values");
}

#[test]
fn in_tfstate() {
    find("tfstate");
}

#[test]
fn in_npmrc() {
    find(".npmrc");
}

#[test]
fn in_adjacent_string_concatenation() {
    find("adjacent string concatenation");
}

#[test]
fn in_split_across_lines() {
    find("split across lines");
}

#[test]
fn in_crlf() {
    find("CRLF");
}

#[test]
fn in_single_line_over_1_mb() {
    find("a single line over 1 MB");
}

#[test]
fn in_last_line_without_newline() {
    find("last line without newline");
}

#[test]
fn in_minified_10_mb() {
    find("10 MB minified");
}

#[test]
fn every_row_has_a_test() {
    let source = include_str!("hiding.rs");
    for place in PLACES {
        assert!(source.contains(&format!("find({:?});", place.row)), "{}", place.row);
    }
}

/// A secret that is nowhere is not found: the test above cannot pass for nothing.
#[test]
fn a_clean_history_has_no_findings() {
    let project = Project::empty();
    project.write("README.md", "nothing to see\n");
    let project = project.committed();
    branch(&project, "one", "one.txt", "1\n");
    Account::new().run(project.root(), ["scan", "--history"]).expect(0);
}

#[test]
fn the_published_matrix_has_these_rows() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/hiding-places.md");
    let text = std::fs::read_to_string(page).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let rows: BTreeSet<_> =
        rows.filter(|row| *row != "place" && !row.starts_with('-')).map(|row| row.replace('`', "")).collect();
    let tested: BTreeSet<_> = PLACES.iter().map(|place| place.row.to_owned()).collect();
    assert_eq!(rows, tested);
}
