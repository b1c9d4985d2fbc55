//! Repositories made to harm whoever looks at them: nothing of them runs, nothing is waited for, nothing outside is read.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use palisade_testkit::{Account, Answer, Project, peer, python};

use super::{assert_gap, clean, commit, env, findings, gaps, git, keys, leaky, repository, scan, scan_with};
use crate::token;

/// Programs that leave a mark when they are started.
struct Traps {
    account: Account,
}

/// Programs that git starts by name.
const PROGRAMS: [&str; 12] = [
    "git",
    "ssh",
    "git-remote-ext",
    "git-remote-https",
    "git-upload-pack",
    "git-lfs",
    "git-lfs-filter",
    "less",
    "gpg",
    "vi",
    "git-credential-store",
    "sh-trap",
];

impl Traps {
    fn new() -> Self {
        let traps = Self { account: Account::new() };
        fs::create_dir(traps.account.home().join("bin")).unwrap();
        fs::create_dir(traps.account.home().join("marks")).unwrap();
        for program in PROGRAMS {
            traps.program(program);
        }
        traps
    }

    /// The path of a program that leaves the mark `name`.
    fn program(&self, name: &str) -> String {
        let path = self.account.home().join("bin").join(name);
        let mark = self.account.home().join("marks").join(name);
        fs::write(&path, format!("#!/bin/sh\n: > '{}'\nexec /bin/cat\n", mark.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The marks that were left since the last call.
    fn marks(&self) -> Vec<String> {
        let marks = crate::places::list(&self.account.home().join("marks"));
        let name = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let names = marks.iter().map(name).collect();
        marks.iter().for_each(|path| fs::remove_file(path).unwrap());
        names
    }

    /// `palisade` with the traps first on the PATH.
    fn palisade(&self, folder: &Path, args: &[&str]) -> Answer {
        let path =
            format!("{}:{}", self.account.home().join("bin").display(), std::env::var("PATH").unwrap());
        self.account.call(folder, args).env("PATH", path).run()
    }
}

#[test]
fn nothing_is_executed() {
    let (project, traps) = (leaky(), Traps::new());
    let root = project.root();
    project.write(".gitattributes", "* filter=evil diff=evil merge=evil\n");
    project.write(".gitmodules", "[submodule \"x\"]\n\tpath = x\n\turl = ext::trap\n\tupdate = !trap\n");
    commit(&project, 8);
    project.write("app.env", "GITHUB_TOKEN=changed\n");
    let expected = keys(&scan(root).expect(1));
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.askPass",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.command",
        "diff.evil.textconv",
        "diff.external",
        "merge.evil.driver",
        "gpg.program",
        "credential.helper",
        "uploadpack.packObjectsHook",
        "remote.origin.uploadpack",
        "pager.log",
    ] {
        git(root, &["config", key, &traps.program(key)]);
    }
    git(root, &["config", "remote.origin.url", &format!("ext::{}", traps.program("remote"))]);
    git(root, &["config", "remote.origin.promisor", "true"]);
    git(root, &["config", &format!("url.ext::{}.insteadOf", traps.program("instead")), "https://"]);
    git(root, &["config", "alias.status", &format!("!{}", traps.program("alias"))]);
    let hooks = project.path("hooks");
    fs::create_dir(&hooks).unwrap();
    for folder in [project.path(".git/hooks"), hooks.clone()] {
        for hook in [
            "post-checkout",
            "pre-commit",
            "post-index-change",
            "reference-transaction",
            "fsmonitor-watchman",
        ] {
            fs::create_dir_all(&folder).unwrap();
            fs::copy(traps.program(&format!("hook-{hook}")), folder.join(hook)).unwrap();
        }
    }
    project.write("evil.config", format!("[core]\n\tfsmonitor = {}\n", traps.program("included")));
    git(root, &["config", "include.path", "../evil.config"]);
    traps.marks();
    for args in [&["--history"][..], &["--range", "HEAD"], &["--range", "HEAD~3..HEAD"]] {
        let answer = traps.palisade(root, &[&["scan", "--format", "json"], args].concat()).expect(1);
        assert_eq!(traps.marks(), [""; 0], "{args:?}");
        if args == ["--history"] {
            assert_eq!(keys(&answer), expected);
        }
    }
    traps.palisade(root, &["scan", "--staged"]);
    traps.palisade(root, &["scan", "--since", "HEAD~1"]);
    traps.palisade(root, &["scan"]);
    assert_eq!(traps.marks(), [""; 0]);
    // The traps work: git itself steps into them, and so would anything that starts a git.
    super::git_at(root, 9, &["status"]);
    let git_marks = traps.marks();
    assert!(git_marks.contains(&"included".to_owned()), "{git_marks:?}");
    assert!(git_marks.contains(&"filter.evil.process".to_owned()) || git_marks.len() > 1, "{git_marks:?}");
    git(root, &["config", "core.hooksPath", hooks.to_str().unwrap()]);
    super::git_at(root, 9, &["commit", "--quiet", "--allow-empty", "-m", "x"]);
    assert!(traps.marks().contains(&"hook-pre-commit".to_owned()));
    traps.palisade(root, &["scan", "--history"]);
    assert_eq!(traps.marks(), [""; 0]);
    let path = format!("{}:/usr/bin:/bin", traps.account.home().join("bin").display());
    Command::new("sh").args(["-c", "git status"]).env("PATH", path).current_dir(root).output().unwrap();
    assert_eq!(traps.marks(), ["git"]);
}

fn fifo(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(path);
    peer("mkfifo", &[path.to_str().unwrap()], Path::new("/"));
}

/// Nothing waits for what never comes: each of these would hang a reader that opens what it finds.
#[test]
fn fifos_and_devices_are_not_opened() {
    for place in [
        "refs/heads/fifo",
        "logs/HEAD-fifo",
        "objects/pack/pack-1.idx",
        "objects/pack/pack-1.pack",
        "info/grafts",
        "info/exclude",
        "worktrees/x/HEAD",
    ] {
        let project = leaky();
        fifo(&project.path(".git").join(place));
        let answer = scan(project.root());
        assert_eq!((answer.code, findings(&answer).len()), (1, 2), "{place}: {answer}");
        let range = scan_with(project.root(), &["--range", "HEAD"]);
        assert!(matches!(range.code, 1 | 2), "{place}: {range}");
    }
    for place in [
        "HEAD",
        "refs/heads/main",
        "config",
        "config.worktree",
        "packed-refs",
        "objects/info/alternates",
        "commondir",
        "shallow",
    ] {
        let project = leaky();
        fifo(&project.path(".git").join(place));
        scan(project.root()).expect(2).says("not a regular file");
        let _ = fs::remove_file(project.path(".git").join(place));
        symlink("/dev/zero", project.path(".git").join(place)).unwrap();
        scan(project.root()).expect(2).says("not a regular file");
    }
    let project = leaky();
    project.write(".git/HEAD", "ref: refs/heads/one\n").write(".git/refs/heads/one", "ref: refs/heads/two\n");
    fifo(&project.path(".git/refs/heads/two"));
    scan(project.root()).expect(2).says("not a regular file");
    let project = leaky();
    project.write(".git/commondir", "common\n").write(".git/common/HEAD", "ref: refs/heads/main\n");
    fifo(&project.path(".git/common/config"));
    scan(project.root()).expect(2).says("not a regular file");
    let project = leaky();
    let id = git(project.root(), &["rev-parse", "HEAD:text"]);
    let path = super::loose(&project, &id);
    fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    assert_gap(&scan(project.root()).expect(1), &id);
}

#[test]
fn alternates_may_name_anything() {
    for (list, blocks) in [
        ("/\n", false),
        ("/etc\n", false),
        ("/dev/zero\n", true),
        ("/proc/self/fd\n", false),
        ("/nowhere\n", true),
        ("../objects\n/etc/passwd\n", true),
        (".\n", true),
        ("\0\n", true),
        ("#\n\n", false),
        ("\"/etc\"\n", false),
        ("\"/nowhere\"\n", true),
        ("\"/etc\n", true),
    ] {
        let project = clean();
        fs::write(project.path(".git/objects/info/alternates"), list).unwrap();
        let answer = scan(project.root());
        assert!(matches!(answer.code, 0 | 2 | 3), "{list:?}: {answer}");
        assert!(!blocks || answer.code != 0, "{list:?}: {answer}");
        assert!(!answer.stdout.contains("worker died"), "{list:?}: {answer}");
    }
    let (project, other) = (clean(), Project::empty());
    fifo(&other.path("fifo"));
    project.write(".git/objects/info/alternates", format!("{}\n", other.path("fifo").display()));
    let answer = scan(project.root());
    assert!(matches!(answer.code, 2 | 3), "{answer}");
}

#[test]
fn links_and_git_files_are_followed_as_git_does_or_refused() {
    let (project, outside) = (leaky(), Project::empty());
    let expected = keys(&scan(project.root()).expect(1));
    fs::rename(project.path(".git/objects"), project.path("objects")).unwrap();
    symlink("../objects", project.path(".git/objects")).unwrap();
    assert_eq!(keys(&scan(project.root()).expect(1)), expected);
    outside.write("named/.git", format!("gitdir: {}\n", project.path(".git").display()));
    assert_eq!(keys(&scan(&outside.path("named")).expect(1)), expected);
    for (name, text) in [
        ("nowhere", "gitdir: ../nowhere\n"),
        ("self", "gitdir: .git\n"),
        ("etc", "gitdir: /etc\n"),
        ("text", "hello\n"),
        ("empty", ""),
        ("device", "gitdir: /dev/zero\n"),
        ("long", &"x".repeat(1 << 21)),
    ] {
        outside.write(format!("{name}/.git"), text);
        let answer = scan(&outside.path(name)).expect(2);
        assert!(!answer.stderr.contains("panicked"), "{name}: {answer}");
    }
}

/// Somebody else's `.git` in a shared folder decides nothing (compare CVE-2022-24765).
#[test]
fn somebody_elses_repository_is_refused() {
    let project = leaky();
    let owned = Command::new("chown").args(["-R", "1234:1234"]).arg(project.path(".git")).output().unwrap();
    if !owned.status.success() {
        // Only root can give files away; then git says the same of a folder of root's.
        assert!(String::from_utf8_lossy(&owned.stderr).contains("not permitted"));
        return;
    }
    for args in [&["--history"][..], &["--range", "HEAD"]] {
        scan_with(project.root(), args).expect(2).says("belongs to another user");
    }
}

#[test]
fn broken_configuration_and_heads_are_2_or_read_around() {
    for (file, text) in [
        ("config", "[core\n"),
        ("config", "[extensions]\n\tobjectFormat = md5\n[core]\n\trepositoryFormatVersion = 1\n"),
        ("config", "[core]\n\tworktree = /etc\n"),
        ("commondir", "/etc\n"),
    ] {
        let project = leaky();
        project.write(format!(".git/{file}"), text);
        let answer = scan(project.root()).expect(2);
        assert!(answer.stderr.is_empty() || !answer.stderr.contains("panicked"), "{file} {text:?}: {answer}");
    }
    for head in [
        "ref: refs/heads/../../../x\n",
        "ref: refs/heads/nowhere\n",
        "0000000000000000000000000000000000000005\n",
        "ref: HEAD\n",
    ] {
        let project = leaky();
        project.write(".git/HEAD", head);
        let answer = scan(project.root());
        assert_eq!((answer.code, findings(&answer).len()), (1, 2), "{head:?}: {answer}");
    }
}

/// Writes the bytes as a loose object, by a name that they do not have if need be.
const PLANT: &str = "
import hashlib, os, sys, zlib
kind, size, repeat = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode()
body = repeat * (size // len(repeat))
head = b'%s %d' % (kind.encode(), len(body)) + bytes(1)
name = hashlib.sha1(head + body).hexdigest()
os.makedirs('.git/objects/' + name[:2], exist_ok=True)
with open('.git/objects/' + name[:2] + '/' + name[2:], 'wb') as file:
    file.write(zlib.compress(head + body, 9))
print(name)
";

#[test]
fn bombs_are_gaps() {
    let project = leaky();
    let name = python(PLANT, &["blob", "200000000", "A"], project.root()).expect(0).stdout;
    let answer = scan(project.root()).expect(1);
    assert_gap(&answer, name.trim());
    assert_eq!((findings(&answer).len(), gaps(&answer).len()), (2, 1), "{answer}");
}

#[test]
fn deltas_in_a_circle_are_gaps() {
    let script = "
import hashlib, struct, zlib
names = [bytes([7]) * 20, bytes([8]) * 20]
delta = zlib.compress(bytes([4, 4, 0x90, 4]))
entries = [bytes([0x70 | 4]) + names[1] + delta, bytes([0x70 | 4]) + names[0] + delta]
pack = b'PACK' + struct.pack('>II', 2, 2)
offsets = []
for entry in entries:
    offsets.append(len(pack)); pack += entry
sum = hashlib.sha1(pack).digest()
open('.git/objects/pack/pack-c.pack', 'wb').write(pack + sum)
index = b'\\xfftOc' + struct.pack('>I', 2) + b''.join(struct.pack('>I', (n >= 7) + (n >= 8)) for n in range(256))
index += b''.join(names) + b''.join(struct.pack('>I', zlib.crc32(entry)) for entry in entries)
index += b''.join(struct.pack('>I', offset) for offset in offsets) + sum
open('.git/objects/pack/pack-c.idx', 'wb').write(index + hashlib.sha1(index).digest())
";
    let project = leaky();
    fs::create_dir_all(project.path(".git/objects/pack")).unwrap();
    python(script, &[], project.root()).expect(0);
    let answer = scan(project.root()).expect(1);
    assert_gap(&answer, &format!("object {}: in the end a delta of itself", "07".repeat(20)));
    assert_gap(&answer, &"08".repeat(20));
    assert_eq!(findings(&answer).len(), 2);
}

/// Trees that git itself would refuse to make: names that no file has, and very many of them.
#[test]
fn trees_may_hold_any_name() {
    let script = "
import hashlib, os, zlib
def put(kind, body):
    data = b'%s %d' % (kind, len(body)) + bytes(1) + body
    name = hashlib.sha1(data).hexdigest()
    os.makedirs('.git/objects/' + name[:2], exist_ok=True)
    open('.git/objects/' + name[:2] + '/' + name[2:], 'wb').write(zlib.compress(data))
    return name
blob = put(b'blob', open('secret.env', 'rb').read())
entry = lambda mode, name, id: mode + b' ' + name + bytes(1) + bytes.fromhex(id)
names = [b'..', b'.', b'.git', b'.GIT', b'', b'a/../../b', b'new\\nline', b'\\x1b[31mred', b'/etc/passwd', b'\\xff\\xfe', b'CON', b'a\\\\b', b'x' * 5000]
tree = put(b'tree', b''.join(entry(b'100644', name, blob) for name in names))
tree = put(b'tree', b''.join(entry(b'40000', name, tree) for name in [b'..', b'.git', b'sub']))
many = put(b'tree', b''.join(entry(b'100644', b'%06d' % n, blob) for n in range(100000)))
top = put(b'tree', entry(b'40000', b'many', many) + entry(b'40000', b'odd', tree))
who = b'A <a@b> 1700000000 +0000'
print(put(b'commit', b'tree ' + top.encode() + b'\\nauthor ' + who + b'\\ncommitter ' + who + b'\\n\\nodd\\n'))
";
    let project = repository();
    project.write("secret.env", env(&token::github(1)));
    let id = python(script, &[], project.root()).expect(0).stdout;
    git(project.root(), &["update-ref", "refs/heads/main", id.trim()]);
    for args in [&["--history"][..], &["--range", "HEAD"]] {
        let answer = scan_with(project.root(), args).expect(1);
        assert_eq!(findings(&answer).len(), 1, "{args:?}");
        let plain = Account::new().run(project.root(), [&["scan"], args].concat()).expect(1);
        for text in [&plain.stdout, &answer.stdout, &plain.stderr] {
            assert!(!text.contains('\u{1b}') && !text.contains("new\nline"), "{args:?}: {plain}");
        }
    }
    let found = findings(&scan(project.root()));
    assert_eq!(
        (&found[0]["history"]["more_paths"], &found[0]["history"]["reachable"]),
        (&true.into(), &true.into())
    );
}
