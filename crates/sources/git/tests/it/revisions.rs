use std::collections::BTreeSet;
use std::fs;

use palisade_git::GitError;
use palisade_model::EntryKind;

use crate::{Fixture, path, paths, try_git};

/// Two commits and a dirty tree.
fn history() -> Fixture {
    let fixture = Fixture::new();
    for name in ["same", "old", "edited", "later", "d/sub"] {
        fixture.write(name, name);
    }
    fixture.commit_all();
    fixture.git(["tag", "--annotate", "--message=t", "v1"]);
    fixture.write("edited", "second");
    fixture.write("second", "second");
    fixture.git(["rm", "--quiet", "old"]);
    fixture.commit_all();
    fixture.write("later", "not committed");
    fs::remove_file(fixture.root.join("d/sub")).unwrap();
    fixture.write("untracked", "");
    fixture
}

#[test]
fn changed_since_agrees_with_git_diff() {
    let fixture = history();
    let repository = fixture.open();
    for rev in ["HEAD", "HEAD~1", "main~1", "v1", "v1^{tree}"] {
        let mut theirs = paths(fixture.git(["diff", "-z", "--name-only", "--no-renames", rev]));
        theirs.extend(paths(fixture.git(["ls-files", "-z", "--others", "--exclude-standard"])));
        assert_eq!(repository.changed_since(rev).unwrap(), theirs, "{rev}");
    }
    let short: String = repository.head_commit().unwrap().short().to_owned();
    assert_eq!(repository.changed_since(&short).unwrap(), repository.changed_since("HEAD").unwrap());
}

#[test]
fn a_bad_revision_is_named() {
    let fixture = history();
    let repository = fixture.open();
    for rev in ["nonsense", "HEAD~99", "", "--help", "HEAD:same", "HEAD..main", "deadbeef", "HEAD^{", "@{-1}"]
    {
        let error = repository.changed_since(rev).unwrap_err();
        assert!(matches!(&error, GitError::Revision { .. }), "{rev}: {error:?}");
        assert!(error.to_string().contains(&format!("`{rev}`")), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}

#[test]
fn reads_files_of_other_revisions() {
    let fixture = history();
    let repository = fixture.open();
    let text = |rev: &str, name: &str| repository.file_at(rev, &path(name)).unwrap();
    assert_eq!(text("HEAD~1", "edited").as_deref(), Some(b"edited".as_slice()));
    assert_eq!(text("HEAD", "edited").as_deref(), Some(b"second".as_slice()));
    assert_eq!(text("v1", "d/sub").as_deref(), Some(b"d/sub".as_slice()));
    for absent in ["d", "d/none", "same/below", "second"] {
        assert_eq!(text("v1", absent), None, "{absent}");
    }
}

#[test]
fn staged_is_what_the_next_commit_changes() {
    let fixture = Fixture::new();
    fixture.write("same", "x");
    fixture.write("edited", "x");
    fixture.write("gone", "x");
    fixture.commit_all();
    fixture.write("edited", "staged");
    fixture.write("new", "new");
    fixture.git(["rm", "--quiet", "gone"]);
    fixture.git(["add", "--all"]);
    fixture.write("edited", "not staged");
    fixture.write("intended", "later");
    fixture.git(["add", "--intent-to-add", "intended"]);

    let repository = fixture.open();
    let staged = repository.staged().unwrap();
    let names: BTreeSet<_> = staged.iter().map(|file| file.path.clone()).collect();
    assert_eq!(names, paths(fixture.git(["diff", "-z", "--cached", "--name-only", "--diff-filter=d"])));
    let edited = &staged[0];
    assert_eq!((edited.kind, edited.size), (EntryKind::File, 6));
    assert_eq!(repository.blob(edited.id, 6).unwrap(), b"staged");
    assert!(matches!(repository.blob(edited.id, 5), Err(GitError::TooLarge { .. })));
}

#[test]
fn a_conflict_is_named() {
    let fixture = Fixture::new();
    fixture.write("a", "x");
    fixture.commit_all();
    fixture.git(["checkout", "--quiet", "-b", "side"]);
    fixture.write("a", "side");
    fixture.commit_all();
    fixture.git(["checkout", "--quiet", "main"]);
    fixture.write("a", "main");
    fixture.commit_all();
    assert!(!try_git(&fixture.root, &["merge", "--quiet", "side"]).status.success());
    let repository = fixture.open();
    assert!(matches!(repository.staged(), Err(GitError::Unmerged { path: p }) if p == path("a")));
    let listing = repository.worktree_files().unwrap();
    assert!(listing.dirty && listing.files.len() == 1);
}
