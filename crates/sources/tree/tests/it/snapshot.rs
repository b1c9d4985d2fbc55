use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use palisade_model::{Digest, EntryKind, canonical};
use palisade_tree::{
    Content, ListOptions, Listing, SnapshotError, SnapshotWriter, Written, copy_tree, list, remove_snapshot,
};

use crate::listing::as_nobody;
use crate::{path, write};

fn mode(file: &Path) -> u32 {
    fs::symlink_metadata(file).unwrap().mode() & 0o7777
}

fn example(host: &Path, dest: &Path) -> Written {
    write(host, "script", "#!/bin/sh\n");
    let mut writer = SnapshotWriter::create(dest).unwrap();
    let file = EntryKind::File;
    writer.add_file(&path("z/y/x"), file, Content::Bytes(b"abc")).unwrap();
    writer.add_file(&path("z/w"), file, Content::Bytes(b"")).unwrap();
    writer.add_file(&path(b"n\xff"), file, Content::Bytes(b"1")).unwrap();
    writer.add_file(&path("link"), EntryKind::Symlink, Content::Bytes(b"/etc/passwd")).unwrap();
    let script = Content::HostFile(&host.join("script"));
    writer.add_file(&path("run"), EntryKind::Executable, script).unwrap();
    writer.finish().unwrap()
}

#[test]
fn writes_read_only_files_and_digests_them() {
    let folder = tempfile::tempdir().unwrap();
    let dest = folder.path().join("snapshot");
    let written = example(folder.path(), &dest);

    let names: Vec<_> = written.files.iter().map(|file| file.path.to_string()).collect();
    assert_eq!(names, ["link", "n\\xff", "run", "z/w", "z/y/x"]);
    assert_eq!(written.bytes, 11 + 1 + 10 + 3);
    assert_eq!(written.tree, canonical::digest(&written.files).unwrap());
    for file in &written.files {
        let content = match file.kind {
            EntryKind::Symlink => b"/etc/passwd".to_vec(),
            _ => fs::read(dest.join(std::str::from_utf8(file.path.as_bytes()).unwrap_or("n\u{fffd}")))
                .unwrap_or_else(|_| b"1".to_vec()),
        };
        assert_eq!((file.digest, file.size), (Digest::of(&content), content.len() as u64), "{}", file.path);
    }
    assert_eq!(mode(&dest), 0o555);
    assert_eq!(mode(&dest.join("z/y")), 0o555);
    assert_eq!(mode(&dest.join("z/w")), 0o444);
    assert_eq!(mode(&dest.join("run")), 0o555);
    assert_eq!(fs::read_link(dest.join("link")).unwrap(), Path::new("/etc/passwd"));

    let listing = list(&dest, ListOptions::default()).unwrap();
    assert_eq!(listing, Listing::of_snapshot(&written.files, vec![]));
    remove_snapshot(&dest).unwrap();
    remove_snapshot(&dest).unwrap();
    assert!(!dest.exists());
}

#[test]
fn never_writes_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let mut writer = SnapshotWriter::create(&folder.path().join("s")).unwrap();
    let target = outside.as_os_str().as_encoded_bytes();
    let bytes = Content::Bytes(b"evil");
    writer.add_file(&path("a"), EntryKind::Symlink, Content::Bytes(target)).unwrap();
    writer.add_file(&path("d/e"), EntryKind::Symlink, Content::Bytes(target)).unwrap();
    for name in ["a/b", "a/b/c", "d/e/f"] {
        let error = writer.add_file(&path(name), EntryKind::File, bytes).unwrap_err();
        assert!(matches!(error, SnapshotError::Obstructed { .. }), "{error:?}");
    }
    for name in ["a", "d", "d/e"] {
        for kind in [EntryKind::File, EntryKind::Symlink] {
            let error = writer.add_file(&path(name), kind, bytes).unwrap_err();
            assert!(matches!(error, SnapshotError::Duplicate { .. }), "{error:?}");
        }
    }
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn refuses_what_is_no_regular_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "real", "x");
    symlink("real", root.join("link")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(root.join("fifo")).status().unwrap().success());
    let mut writer = SnapshotWriter::create(&root.join("s")).unwrap();
    for name in ["link", "fifo", "gone", "."] {
        let host = root.join(name);
        let error = writer.add_file(&path("f"), EntryKind::File, Content::HostFile(&host)).unwrap_err();
        assert!(matches!(error, SnapshotError::Read { .. }), "{name}: {error:?}");
    }
    let link = root.join("link");
    writer.add_file(&path("f"), EntryKind::Symlink, Content::HostFile(&link)).unwrap();
    let deep = vec!["d"; 257].join("/");
    let error = writer.add_file(&path(deep), EntryKind::File, Content::Bytes(b"")).unwrap_err();
    assert!(matches!(error, SnapshotError::TooDeep { .. }));
    assert_eq!(writer.finish().unwrap().files.len(), 1);
}

#[test]
fn an_existing_folder_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(SnapshotWriter::create(folder.path()), Err(SnapshotError::Write { .. })));
}

#[test]
fn the_tree_digest_does_not_depend_on_order() {
    let folder = tempfile::tempdir().unwrap();
    let with = |dest: &str, names: [&str; 3]| {
        let mut writer = SnapshotWriter::create(&folder.path().join(dest)).unwrap();
        for name in names {
            writer.add_file(&path(name), EntryKind::File, Content::Bytes(name.as_bytes())).unwrap();
        }
        writer.finish().unwrap()
    };
    assert_eq!(with("1", ["a/b", "a-b", "c"]), with("2", ["c", "a/b", "a-b"]));
}

#[test]
fn copies_a_writable_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("snapshot"), folder.path().join("work"));
    let written = example(folder.path(), &from);
    copy_tree(&from, &to, None).unwrap();
    let listing = list(&to, ListOptions::default()).unwrap();
    assert_eq!(listing, Listing::of_snapshot(&written.files, vec![]));
    assert_eq!(fs::read(to.join("z/y/x")).unwrap(), b"abc");
    let modes = ["z/w", "run", "z/y", "."].map(|name| mode(&to.join(name)));
    assert_eq!(modes, [0o644, 0o755, 0o755, 0o755]);
    assert!(copy_tree(&from, &to, None).is_err(), "an existing workspace is not reused");
    remove_snapshot(&from).unwrap();
}

#[test]
fn hands_the_workspace_over() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("snapshot"), folder.path().join("work"));
    example(folder.path(), &from);
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    // Root can give away; everybody can give to themselves.
    let owner = if user == 0 { (12345, 54321) } else { (user, group) };
    copy_tree(&from, &to, Some(owner)).unwrap();
    for name in ["z/w", "run", "z/y", ".", "link"] {
        let meta = fs::symlink_metadata(to.join(name)).unwrap();
        assert_eq!((meta.uid(), meta.gid()), owner, "{name}");
    }
    assert_eq!(mode(&to.join("run")), 0o755);
    remove_snapshot(&from).unwrap();
}

#[test]
fn removes_half_made_deep_and_locked_trees_as_an_ordinary_user() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let parent = folder.path().to_owned();
    as_nobody(&parent, || {
        let dest = parent.join("s");
        fs::create_dir(&dest).unwrap();
        let mut deep = dest.clone();
        // Deeper than a path may be long.
        std::process::Command::new("sh")
            .arg("-c")
            .arg("n=$(printf %0200d 0); i=0; while [ $i -lt 40 ]; do mkdir $n; : > f; cd -P $n; i=$((i+1)); done")
            .current_dir(&dest)
            .status()
            .unwrap();
        for part in ["locked", "inner"] {
            deep.push(part);
            fs::create_dir(&deep).unwrap();
            fs::write(deep.join("f"), "").unwrap();
        }
        fs::write(parent.join("precious"), "kept").unwrap();
        symlink(parent.join("precious"), dest.join("locked/link")).unwrap();
        symlink(&parent, dest.join("locked/inner/up")).unwrap();
        fs::set_permissions(&deep, fs::Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(dest.join("locked"), fs::Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(&dest, fs::Permissions::from_mode(0o555)).unwrap();
        remove_snapshot(&dest).unwrap();
        assert!(!dest.exists());
        assert_eq!(fs::read(parent.join("precious")).unwrap(), b"kept");
        remove_snapshot(&parent.join("precious")).unwrap_err();
    });
}
