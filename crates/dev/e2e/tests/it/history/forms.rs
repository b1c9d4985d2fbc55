//! The same history in every form that git keeps it in.

use std::fs;

use palisade_testkit::Project;

use super::{assert_gap, commit, env, findings, gaps, git, keys, leaky, repository, scan, scan_with};
use crate::token;

#[test]
fn every_way_to_store_objects_gives_the_same() {
    let project = leaky();
    let expected = findings(&scan(project.root()).expect(1));
    assert_eq!(expected.len(), 2);
    let root = project.root();
    // A pack for each commit.
    let script = "for commit in $(git rev-list HEAD); do
        git rev-list --objects $commit^! | git pack-objects -q .git/objects/pack/pack; done; git prune-packed";
    palisade_testkit::peer("sh", &["-c", script], root);
    assert!(git(root, &["count-objects", "-v"]).contains("packs: 4"));
    assert_eq!(findings(&scan(root).expect(1)), expected, "several packs");
    let every: [(&str, &[&[&str]]); 5] = [
        ("packed references", &[&["pack-refs", "--all"]]),
        ("multi-pack-index", &[&["multi-pack-index", "write"]]),
        ("aggressive gc", &[&["gc", "--quiet", "--aggressive", "--prune=now"]]),
        ("commit-graph", &[&["commit-graph", "write", "--reachable"]]),
        ("references by number", &[&["repack", "-q", "-a", "-d", "-F", "--depth=250"], &["prune-packed"]]),
    ];
    for (form, commands) in every {
        for command in commands {
            git(root, command);
        }
        let answer = scan(root).expect(1);
        assert_eq!((findings(&answer), gaps(&answer)), (expected.clone(), Vec::new()), "{form}: {answer}");
    }
    let stats = git(root, &["verify-pack", "-s", super::pack(&project, "idx").to_str().unwrap()]);
    assert!(stats.contains("chain length"), "there are deltas: {stats}");
    // Loose only: the pack must not be in the database while it is taken apart.
    let aside = root.join("aside.pack");
    fs::rename(super::pack(&project, "pack"), &aside).unwrap();
    fs::remove_dir_all(root.join(".git/objects/pack")).unwrap();
    let script = format!("git unpack-objects -q < '{}'", aside.display());
    palisade_testkit::peer("sh", &["-c", &script], root);
    fs::remove_file(&aside).unwrap();
    let answer = scan(root).expect(1);
    assert_eq!((findings(&answer), gaps(&answer)), (expected, Vec::new()), "loose: {answer}");
}

#[test]
fn every_kind_of_repository_gives_the_same() {
    let project = leaky();
    let expected = findings(&scan(project.root()).expect(1));
    let outside = Project::empty();
    let (from, root) = (project.root().to_str().unwrap(), outside.root());
    git(root, &["clone", "--quiet", "--bare", from, "bare.git"]);
    git(root, &["clone", "--quiet", "--mirror", from, "mirror.git"]);
    git(root, &["clone", "--quiet", "--shared", from, "shared"]);
    git(root, &["clone", "--quiet", from, "detached"]);
    git(&root.join("detached"), &["checkout", "--quiet", "--detach"]);
    git(root, &["-C", from, "worktree", "add", "--quiet", "--detach", root.join("linked").to_str().unwrap()]);
    git(root, &["init", "--quiet", "super"]);
    git(&root.join("super"), &["submodule", "--quiet", "add", from, "lib"]);
    assert!(root.join("super/lib/.git").is_file() && root.join("linked/.git").is_file());
    for kind in ["bare.git", "mirror.git", "shared", "detached", "linked", "super/lib", "shared/deep/er"] {
        let answer = scan(&root.join(kind)).expect(1);
        assert_eq!((findings(&answer), gaps(&answer)), (expected.clone(), Vec::new()), "{kind}: {answer}");
    }
    // What is borrowed is read; a folder of objects by another name is out of reach, and that is said.
    fs::rename(project.path(".git/objects"), project.path(".git/things")).unwrap();
    let list = root.join("shared/.git/objects/info/alternates");
    fs::write(list, format!("{from}/.git/things\n")).unwrap();
    let answer = scan(&root.join("shared"));
    assert!(matches!(answer.code, 2 | 3) && answer.stdout.contains("Permission denied"), "{answer}");
}

#[test]
fn sha_256_repositories_give_the_same_secrets() {
    let other = leaky();
    let project = Project::empty();
    git(project.root(), &["init", "--quiet", "--object-format=sha256", "--initial-branch", "main"]);
    for (minute, secret) in [(1, 1), (2, 2)] {
        project.write("app.env", env(&token::github(secret)));
        commit(&project, minute);
    }
    for step in ["loose", "packed"] {
        let answer = scan(project.root()).expect(1);
        assert_eq!(keys(&answer), keys(&scan(other.root())), "{step}: {answer}");
        assert_eq!(findings(&answer)[0]["history"]["first"]["id"].as_str().unwrap().len(), 64);
        let range = scan_with(project.root(), &["--range", "HEAD~1..HEAD"]).expect(1);
        assert_eq!(keys(&range).len(), 1);
        git(project.root(), &["gc", "--quiet"]);
    }
}

#[test]
fn an_empty_repository_is_clean() {
    let project = repository();
    let answer = scan(project.root()).expect(0);
    assert_eq!((answer.json()["result"].as_str(), gaps(&answer)), (Some("clean"), Vec::new()), "{answer}");
    git(project.root(), &["init", "--quiet", "--bare", "bare.git"]);
    scan(&project.path("bare.git")).expect(0);
    scan(Project::empty().root()).expect(2).says("no git repository");
}

#[test]
fn replacements_and_grafts_hide_nothing() {
    let project = leaky();
    let expected = keys(&scan(project.root()).expect(1));
    let innocent = git(project.root(), &["commit-tree", "HEAD^{tree}", "-m", "nothing to see"]);
    for commit in git(project.root(), &["rev-list", "HEAD~1"]).lines() {
        git(project.root(), &["replace", commit, &innocent]);
    }
    let head = git(project.root(), &["rev-parse", "HEAD"]);
    fs::create_dir_all(project.path(".git/info")).unwrap();
    fs::write(project.path(".git/info/grafts"), format!("{head}\n")).unwrap();
    let seen = git(project.root(), &["log", "--format=%H"]);
    assert_eq!(seen.lines().count(), 1, "git is deceived");
    let answer = scan(project.root()).expect(1);
    assert_eq!(keys(&answer), expected, "{answer}");
    assert_eq!(keys(&scan_with(project.root(), &["--range", "HEAD"]).expect(1)), expected);
}

/// A pointer is content like any other; what it points to is in no object.
#[test]
fn a_pointer_of_lfs_is_content() {
    let project = repository();
    let pointer = "version https://git-lfs.github.com/spec/v1\n\
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    project.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n").write("big.bin", pointer);
    git(project.root(), &["-c", "filter.lfs.clean=cat", "add", "--all"]);
    commit(&project, 1);
    let answer = scan(project.root()).expect(0);
    assert_eq!(answer.json()["engines"][0]["coverage"]["looked_at"], 3, "{answer}");
    project.write(".git/lfs/objects/4d/7a/content", env(&token::github(1)));
    scan(project.root()).expect(0);
    // Nor is a missing object excused by one.
    let pointer = git(project.root(), &["rev-parse", "HEAD:big.bin"]);
    fs::remove_file(super::loose(&project, &pointer)).unwrap();
    assert_gap(&scan(project.root()).expect(3), &pointer);
}

/// A message is no source code, so a value in it needs no quotes.
#[test]
fn a_password_in_a_message_needs_no_quotes() {
    let project = repository();
    commit(&project, 1);
    let message = format!("Move the database\n\ndb_password = {}", token::word(7));
    git(project.root(), &["commit", "--quiet", "--allow-empty", "-m", &message]);
    git(project.root(), &["tag", "--annotate", "v1", "-m", &message.replace("db_", "cache_")]);
    let history = scan(project.root()).expect(1);
    assert_eq!(findings(&history).len(), 2, "{history}");
    token::assert_hidden(&token::word(7), &history.stdout, "the report");
}
