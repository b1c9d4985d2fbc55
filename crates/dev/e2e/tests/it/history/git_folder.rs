//! Places of a repository beyond the published matrix: odd objects, references and storage, and the git folder's own files.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use palisade_testkit::Project;

use super::{assert_gap, clean, env, findings, gaps, git, repository, scan, scan_with};
use crate::token;

/// Writes an object of that kind, however strange; its name.
fn object(folder: &Path, kind: &str, bytes: &[u8]) -> String {
    let mut command = Command::new("git");
    command.args(["hash-object", "-w", "--literally", "--stdin", "-t", kind]).current_dir(folder);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A tree with one entry.
fn tree(folder: &Path, mode: &str, name: &str, id: &str) -> String {
    let raw: Vec<u8> =
        (0..20).map(|at| u8::from_str_radix(id.get(2 * at..2 * at + 2).unwrap(), 16).unwrap()).collect();
    object(folder, "tree", &[format!("{mode} {name}\0").as_bytes(), &raw].concat())
}

/// A commit with more headers than usual.
fn commit_with(folder: &Path, headers: &str, message: &[u8]) -> String {
    let (tree, parent) = (git(folder, &["rev-parse", "HEAD^{tree}"]), git(folder, &["rev-parse", "HEAD"]));
    let who = "Ada <ada@example.org> 1700000000 +0000";
    let head = format!("tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n{headers}\n");
    object(folder, "commit", &[head.as_bytes(), message].concat())
}

/// Every odd place at once, each with a secret of its own.
#[test]
fn odd_objects_hide_nothing() {
    let project = clean();
    let at = project.root();
    let secrets: Vec<_> = (7100..7116).map(token::github).collect();
    let mut next = secrets.iter().map(String::as_str);
    let mut secret = || next.next().unwrap();
    let blob = |text: &str| object(at, "blob", env(text).as_bytes());
    git(at, &["tag", "-a", "-m", "inner", "inner", &blob(secret())]);
    git(at, &["tag", "-a", "-m", "outer", "outer", "inner"]);
    git(at, &["tag", "-a", "-m", &format!("with {}", secret()), "said", "HEAD"]);
    git(at, &["tag", "-a", "-m", "outer", "over", "said"]);
    git(at, &["tag", "-d", "said"]);
    git(at, &["tag", "-a", "-m", "tree", "tree", &tree(at, "100644", "x", &blob(secret()))]);
    git(at, &["tag", "-a", "-m", "name", "name", &tree(at, "100644", secret(), &blob("x"))]);
    for mode in ["100664", "140000"] {
        let strange = tree(at, mode, "strange", &blob(secret()));
        git(
            at,
            &["update-ref", &format!("refs/odd/{mode}"), &git(at, &["commit-tree", "-m", "m", &strange])],
        );
    }
    let head = git(at, &["rev-parse", "HEAD"]);
    let link = tree(at, "160000", secret(), &head);
    git(at, &["update-ref", "refs/odd/link", &git(at, &["commit-tree", "-m", "m", &link])]);
    let mergetag = format!("mergetag object {head}\n type commit\n tag v1\n \n use {}\n", secret());
    let signed =
        format!("gpgsig -----BEGIN PGP SIGNATURE-----\n \n {}\n -----END PGP SIGNATURE-----\n", secret());
    let utf_16: Vec<_> = format!("use {}\n", secret()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (number, (headers, message)) in [
        (mergetag.as_str(), b"m\n".to_vec()),
        (&signed, b"m\n".to_vec()),
        (&format!("deploy-token {}\n", secret()), b"m\n".to_vec()),
        ("encoding ISO-8859-1\n", [b"gr\xfc\xdfe ", secret().as_bytes(), b"\n"].concat()),
        ("encoding UTF-16LE\n", utf_16),
        ("", [b"m\0\0 ", secret().as_bytes(), b"\n"].concat()),
        ("", format!("m\n\nReviewed-by: Ada\nToken: {}\n", secret()).into_bytes()),
    ]
    .into_iter()
    .enumerate()
    {
        git(at, &["update-ref", &format!("refs/odd/{number}"), &commit_with(at, headers, &message)]);
    }
    let extra =
        format!("object {head}\ntype commit\ntag t\ntagger a <a@b> 1 +0000\ntoken {}\n\nm\n", secret());
    git(at, &["update-ref", "refs/odd/tag", &object(at, "tag", extra.as_bytes())]);
    // What only an old entry of the stash's log names.
    for text in [secret(), "nothing"] {
        fs::write(at.join("a.txt"), env(text)).unwrap();
        git(at, &["stash", "--include-untracked", "--quiet"]);
    }
    assert!(next.next().is_none());
    git(at, &["repack", "-a", "-d", "-q", "--cruft"]);
    let answer = scan(at).expect(1);
    let found: BTreeSet<_> = findings(&answer).iter().map(|found| found["fingerprint"].to_string()).collect();
    assert_eq!(found.len(), secrets.len(), "{answer}");
    secrets.iter().for_each(|secret| token::assert_hidden(secret, &answer.stdout, "odd objects"));
}

/// The paths of the findings.
fn paths(project: &Project) -> Vec<String> {
    let found = findings(&scan(project.root()));
    found.iter().map(|found| found["location"]["path"].as_str().unwrap().to_owned()).collect()
}

/// Every job would be told of the token by which its own checkout was made; nobody else's tokens are let pass with them.
#[test]
fn tokens_of_one_job_are_let_pass() {
    let project = clean();
    let config = project.path(".git/config");
    let plain = fs::read_to_string(&config).unwrap();
    let own = token::github(7201);
    let user = "x-access-token:";
    let [job, runner] = ["ghs_", "glcbt-"].map(|head| format!("{head}{}", token::word(7200)));
    let action = token::base64(format!("{user}{job}").as_bytes());
    let of_jobs = format!(
        "{plain}[http \"https://github.com/\"]\n\textraheader = AUTHORIZATION: basic {action}\n\
         [remote \"a\"]\n\turl = https://gitlab-ci-token:{runner}@gitlab.example.net/a.git\n"
    );
    fs::write(&config, &of_jobs).unwrap();
    assert_eq!(paths(&project), [""; 0]);
    let (basic, other) = (token::base64(format!("ada:{own}").as_bytes()), token::github(7202));
    fs::write(&config, format!("{of_jobs}\tpushurl = https://ada:{other}@gitlab.example.net/a.git\n[http]\n\textraheader = AUTHORIZATION: basic {basic}\n")).unwrap();
    assert_eq!(paths(&project), [".git/config"; 2]);
    // A token of a person lasts, whatever user stands before it.
    let lasting = token::base64(format!("{user}{own}").as_bytes());
    let lasting = format!(
        "{plain}[http]\n\textraheader = AUTHORIZATION: basic {lasting}\n[remote \"a\"]\n\turl = https://gitlab-ci-token:{other}@gitlab.example.net/a.git\n"
    );
    fs::write(&config, lasting).unwrap();
    assert_eq!(paths(&project), [".git/config"; 2]);
}

/// A comment lets one place pass, and no other.
#[test]
fn an_allowed_copy_hides_none_in_the_git_folder() {
    let project = clean();
    let secret = token::github(7220);
    project.write(
        "a.py",
        format!("token = \"{secret}\"  # palisade:allow github-pat reason=\"made for a test\"\n"),
    );
    git(project.root(), &["add", "a.py"]);
    git(project.root(), &["commit", "--quiet", "--no-verify", "-m", "a"]);
    scan(project.root()).expect(0);
    project.write(".git/hooks/pre-push", format!("curl -H 'Authorization: token {secret}' x\n"));
    let told = paths(&project);
    assert!(told.contains(&".git/hooks/pre-push".to_owned()), "{told:?}");
    scan(project.root()).expect(1);
}

/// A finding in the git folder is mended there: nothing is said of a history that keeps it.
#[test]
fn the_git_folder_is_not_the_history() {
    let project = clean();
    let secret = token::github(7210);
    project.write(".git/hooks/pre-push", format!("curl -H 'Authorization: token {secret}' x\n"));
    let answer = scan(project.root()).expect(1);
    let found = findings(&answer);
    assert_eq!(
        (found.len(), found[0]["location"]["path"].as_str()),
        (1, Some(".git/hooks/pre-push")),
        "{answer}"
    );
    assert!(found[0].get("history").is_none(), "{answer}");
    // The same in an object is told of the object.
    project.write("a.env", env(&secret));
    git(project.root(), &["add", "a.env"]);
    git(project.root(), &["commit", "--quiet", "--no-verify", "-m", "a"]);
    let found = findings(&scan(project.root()).expect(1));
    assert_eq!((found.len(), found[0]["location"]["path"].as_str()), (1, Some("a.env")));
    // A range brings commits; the folder is not part of it.
    scan_with(project.root(), &["--range", "HEAD~1"]).expect(0);
}

#[test]
fn links_pipes_and_large_files_in_the_git_folder_do_no_harm() {
    let project = clean();
    let outside = Project::empty();
    outside.write("leak", env(&token::github(7220)));
    for name in ["NOTES", "hooks/pre-push", "rr-cache"] {
        let link = project.path(".git").join(name);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        let target = if name == "rr-cache" { outside.root().to_owned() } else { outside.path("leak") };
        std::os::unix::fs::symlink(target, link).unwrap();
    }
    let pipe = project.path(".git/fsmonitor--daemon.ipc");
    assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let answer = scan(project.root()).expect(0);
    assert_eq!(gaps(&answer), [""; 0], "{answer}");
    let large = fs::File::create(project.path(".git/large.log")).unwrap();
    large.set_len(17 << 20).unwrap();
    let answer = scan(project.root()).expect(0);
    assert_gap(&answer, "large.log");
}

/// An archive that somebody left in the git folder is opened as elsewhere, and is told where it cannot be.
#[test]
fn archives_in_the_git_folder_are_opened() {
    let project = clean();
    let secret = token::github(7225);
    project.write(".git/backup", env(&secret)).write(".git/broken", "a".repeat(9000));
    for name in ["backup", "broken"] {
        let folder = project.path(".git");
        assert!(Command::new("gzip").arg(name).current_dir(folder).status().unwrap().success());
    }
    let broken = fs::read(project.path(".git/broken.gz")).unwrap();
    fs::write(project.path(".git/broken.gz"), &broken[..broken.len() - 6]).unwrap();
    let answer = scan(project.root()).expect(1);
    assert_eq!(findings(&answer).len(), 1, "{answer}");
    assert_eq!(paths(&project), [".git/backup.gz"]);
    assert_gap(&answer, "broken.gz");
    let answer = scan_with(project.root(), &["--history", "--archive-depth", "0"]);
    assert_eq!(findings(&answer).len(), 0, "{answer}");
}

#[test]
fn a_submodule_s_own_history_is_told() {
    let (module, project) = (clean(), clean());
    module.write("a.env", env(&token::github(7230)));
    git(module.root(), &["add", "--all"]);
    git(module.root(), &["commit", "--quiet", "-m", "leak"]);
    git(module.root(), &["rm", "--quiet", "a.env"]);
    git(module.root(), &["commit", "--quiet", "-m", "gone"]);
    let from = module.root().to_str().unwrap();
    git(project.root(), &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "lib/a"]);
    git(project.root(), &["commit", "--quiet", "-m", "lib"]);
    let answer = scan(project.root()).expect(0);
    assert_gap(&answer, "modules/lib/a: a submodule's own repository");
    scan(&project.path("lib/a")).expect(1);
    scan(&project.path(".git/modules/lib/a")).expect(1);
    let config = project.path(".git/modules/lib/a/config");
    let url = format!("https://ada:{}@git.example.net/a.git", token::github(7231));
    git(project.root(), &["config", "--file", config.to_str().unwrap(), "remote.origin.url", &url]);
    assert_eq!(paths(&project), [".git/modules/lib/a/config"]);
}

#[test]
fn an_alternate_with_a_quoted_name_is_followed() {
    let (project, outside) = (repository(), Project::empty());
    let other = outside.path("with \"quotes\"\tand tab");
    git(project.root(), &["init", "--quiet", other.to_str().unwrap()]);
    object(&other, "blob", env(&token::github(7240)).as_bytes());
    let quoted = format!("{}/with \\\"quotes\\\"\\tand tab/.git/objects", outside.root().display());
    project.write(".git/objects/info/alternates", format!("\"{quoted}\"\n"));
    assert!(git(project.root(), &["count-objects", "-v"]).contains("alternate:"), "git follows it");
    scan(project.root()).expect(1);
}

#[test]
fn what_git_did_not_finish_is_told() {
    let project = clean();
    project.write(".git/objects/pack/tmp_pack_a1b2c3", "PACK");
    project.write(".git/objects/ab/tmp_obj_a1b2c3", "x");
    let answer = scan(project.root()).expect(0);
    assert_eq!(gaps(&answer).len(), 1, "{answer}");
    assert_gap(&answer, "objects: 2 files that git did not finish are not read");
}
