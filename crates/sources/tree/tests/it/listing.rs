use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use palisade_model::{EntryKind, GapKind};
use palisade_tree::{ListOptions, Listing, list};

use crate::{is_root, path, write};

fn names(listing: &Listing) -> Vec<String> {
    listing.files.iter().map(|file| file.path.to_string()).collect()
}

#[test]
fn lists_files_links_and_names_that_are_not_utf8() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "a/b", "12345");
    write(root, "a-b", "");
    write(root, "a/.git/config", "");
    write(root, "sub/.git", "gitdir: elsewhere");
    write(root, ".palisade/runs/1", "");
    write(root, "sub/.palisade/kept", "");
    write(root, ".hidden", "");
    write(root, "run", "");
    std::fs::set_permissions(root.join("run"), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(root.join(OsStr::from_bytes(b"n\xff")), "").unwrap();
    symlink("/etc", root.join("link")).unwrap();
    symlink(".", root.join("loop")).unwrap();

    let listing = list(root, ListOptions::default()).unwrap();
    assert_eq!(
        names(&listing),
        [".hidden", "a-b", "a/b", "link", "loop", "n\\xff", "run", "sub/.palisade/kept"]
    );
    let noted: Vec<_> = listing.gaps.iter().map(|gap| (gap.path.clone().unwrap(), gap.blocking)).collect();
    assert_eq!(noted, [(path(b"a/.git"), false), (path(b"sub/.git"), false)]);
    let find = |name: &[u8]| listing.files.iter().find(|file| file.path == path(name)).unwrap();
    assert_eq!((find(b"a/b").kind, find(b"a/b").size), (EntryKind::File, 5));
    assert_eq!(find(b"run").kind, EntryKind::Executable);
    assert_eq!((find(b"link").kind, find(b"link").size), (EntryKind::Symlink, 4));
}

#[test]
fn a_file_is_a_root_too() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "dir/only", "x");
    write(folder.path(), "dir/other", "x");
    let listing = list(&folder.path().join("dir/only"), ListOptions { respect_ignores: true }).unwrap();
    assert_eq!(names(&listing), ["only"]);
    assert!(list(&folder.path().join("missing"), ListOptions::default()).is_err());
}

#[test]
fn special_files_are_named_and_never_opened() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let _socket = UnixListener::bind(root.join("socket")).unwrap();
    assert!(Command::new("mkfifo").arg(root.join("fifo")).status().unwrap().success());
    // A fifo as ignore file must not make the walk wait for a writer.
    assert!(Command::new("mkfifo").arg(root.join(".gitignore")).status().unwrap().success());
    let listing = list(root, ListOptions { respect_ignores: true }).unwrap();
    assert_eq!(names(&listing), [""; 0]);
    let gaps: Vec<_> = listing.gaps.iter().map(|gap| (gap.kind, gap.detail.as_str())).collect();
    let fifo = (GapKind::Noted, "fifo is not opened");
    assert_eq!(gaps, [fifo, fifo, (GapKind::Noted, "socket is not opened")]);
}

#[test]
fn folders_too_deep_are_a_blocking_gap() {
    let folder = tempfile::tempdir().unwrap();
    let deep = |parts: usize| vec!["d"; parts - 1].join("/") + "/f";
    write(folder.path(), &deep(256), "");
    let listing = list(folder.path(), ListOptions::default()).unwrap();
    assert_eq!((names(&listing), listing.gaps.len()), (vec![deep(256)], 0));

    write(folder.path(), &deep(257), "");
    let listing = list(folder.path(), ListOptions::default()).unwrap();
    assert_eq!(names(&listing), [deep(256)]);
    assert_eq!(listing.gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::BudgetHit]);
}

#[test]
fn an_unreadable_folder_is_a_blocking_gap() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "locked/f", "");
    let mode = |bits| {
        std::fs::set_permissions(root.join("locked"), std::fs::Permissions::from_mode(bits)).unwrap();
    };
    mode(0o000);
    let listing = as_nobody(root, || list(root, ListOptions::default()).unwrap());
    mode(0o700);
    assert_eq!(listing.gaps.len(), 1, "{listing:?}");
    assert_eq!((listing.gaps[0].kind, &listing.gaps[0].path), (GapKind::Unreadable, &Some(path("locked"))));
}

/// Runs `act` in a thread without root's right to read everything; `root` is opened to everybody.
pub(crate) fn as_nobody<T: Send>(root: &std::path::Path, act: impl FnOnce() -> T + Send) -> T {
    if !is_root() {
        return act();
    }
    std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o777)).unwrap();
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                rustix::thread::set_thread_res_uid(
                    rustix::fs::Uid::from_raw(65534),
                    rustix::fs::Uid::from_raw(65534),
                    rustix::fs::Uid::from_raw(65534),
                )
                .unwrap();
                act()
            })
            .join()
            .unwrap()
    })
}
