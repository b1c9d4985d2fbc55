//! What the final root shows (image-spec 1.1, "Applying Changesets").

use crate::build::{Layout, Tar, plain, see, version, walk};

#[test]
fn a_later_layer_replaces_and_deletes() {
    let seen = see(vec![
        Tar::new().folder("etc/").file("etc/a", b"old").file("etc/b", b"gone").file("etc/c", b"stays").end(),
        Tar::new().file("./etc/a", b"new").file("etc/.wh.b", b"").end(),
    ]);
    assert_eq!(
        seen.versions(),
        [
            version("etc/a", 0, "old", false),
            version("etc/b", 0, "gone", false),
            version("etc/c", 0, "stays", true),
            version("etc/a", 1, "new", true),
        ]
    );
    assert_eq!(seen.root(), ["etc", "etc/a", "etc/c"]);
    assert_eq!(seen.gaps(), []);
}

#[test]
fn a_whiteout_takes_a_folder_with_all_below_it_and_not_its_neighbours() {
    let seen = see(vec![
        Tar::new().file("a/b/c", b"1").file("a/b/d/e", b"2").file("a/b.txt", b"3").file("a/b-c", b"4").end(),
        Tar::new().file("a/.wh.b", b"").end(),
    ]);
    assert_eq!(seen.root(), ["a/b-c", "a/b.txt"]);
}

/// An opaque marker hides what lower layers have, wherever it stands among the files of its own.
#[test]
fn an_opaque_folder_shows_its_own_layer_only() {
    for order in [true, false] {
        let marker = |tar: Tar| tar.file("a/.wh..wh..opq", b"");
        let upper = Tar::new().folder("a");
        let upper = if order { marker(upper).file("a/new", b"n") } else { marker(upper.file("a/new", b"n")) };
        let seen =
            see(vec![Tar::new().file("a/old", b"o").file("a/x/y", b"o").file("b", b"b").end(), upper.end()]);
        assert_eq!(seen.root(), ["a", "a/new", "b"]);
    }
}

#[test]
fn a_whiteout_does_not_hide_what_its_own_layer_brings() {
    let seen =
        see(vec![Tar::new().file("a", b"old").end(), Tar::new().file("a", b"new").file(".wh.a", b"").end()]);
    assert_eq!(seen.versions(), [version("a", 0, "old", false), version("a", 1, "new", true)]);
}

#[test]
fn files_and_folders_take_each_other_s_place() {
    let seen = see(vec![
        Tar::new().folder("a").file("a/b", b"1").file("c", b"2").end(),
        Tar::new().file("a", b"file").folder("c").file("c/d", b"3").end(),
    ]);
    assert_eq!(seen.root(), ["a", "c", "c/d"]);
    let implied = see(vec![Tar::new().file("c", b"2").end(), Tar::new().file("c/d/e", b"3").end()]);
    assert_eq!(implied.root(), ["c/d/e"]);
}

#[test]
fn of_two_entries_of_one_name_in_a_layer_the_last_counts() {
    let seen = see(vec![Tar::new().file("a", b"first").file("./a", b"last").end()]);
    assert_eq!(seen.versions(), [version("a", 0, "first", false), version("a", 0, "last", true)]);
}

#[test]
fn a_hard_link_keeps_what_it_names_within_and_across_layers() {
    let seen = see(vec![
        Tar::new().file("a", b"one").hard_link("b", "a").file("low", b"two").end(),
        Tar::new().file(".wh.a", b"").hard_link("high", "./low").file(".wh.low", b"").end(),
    ]);
    assert_eq!(seen.versions(), [version("a", 0, "one", true), version("low", 0, "two", true)]);
    assert_eq!(seen.root(), ["b", "high"]);
    let names: Vec<_> =
        seen.walked.second_names().map(|(name, file)| (name.to_vec(), file.content, file.size)).collect();
    assert_eq!(names, [(b"b".to_vec(), seen.entries[0].id, 3), (b"high".to_vec(), seen.entries[1].id, 3)]);
    assert_eq!(seen.gaps(), []);
}

#[test]
fn a_hard_link_to_nothing_is_a_gap() {
    let seen = see(vec![Tar::new().hard_link("a", "missing").hard_link("b", "../up").end()]);
    assert_eq!(
        seen.gaps(),
        [
            (true, "a: is a hard link to a file that is in no layer up to its own".to_owned()),
            (true, "b: in layer 0: the target of a hard link leads out of the root by `..`".to_owned()),
        ]
    );
}

#[test]
fn links_are_followed_within_the_root() {
    let seen = see(vec![
        Tar::new()
            .file("opt/db/status", b"x")
            .symlink("var/lib/dpkg", "/opt/db")
            .symlink("lib", "usr/lib")
            .file("usr/lib/os-release", b"y")
            .symlink("etc/os-release", "../usr/lib/os-release")
            .symlink("up", "../../../../opt")
            .symlink("loop", "loop2")
            .symlink("loop2", "loop")
            .end(),
    ]);
    let resolve = |path: &str| {
        seen.walked.resolve(path.as_bytes()).map(|file| String::from_utf8(file.path.to_vec()).unwrap())
    };
    assert_eq!(resolve("var/lib/dpkg/status").as_deref(), Some("opt/db/status"));
    assert_eq!(resolve("lib/os-release").as_deref(), Some("usr/lib/os-release"));
    assert_eq!(resolve("/etc/os-release").as_deref(), Some("usr/lib/os-release"));
    assert_eq!(resolve("up/db/status").as_deref(), Some("opt/db/status"));
    assert_eq!(resolve("loop/x"), None);
    assert_eq!(resolve("opt/db/missing"), None);
    assert_eq!(resolve("opt/db/status/.."), None);
    let names: Vec<_> =
        seen.walked.second_names().map(|(name, _)| String::from_utf8(name.to_vec()).unwrap()).collect();
    assert_eq!(names, ["etc/os-release"]);
}

#[test]
fn long_names_pax_names_and_sparse_files_are_read() {
    let long = format!("{}/x", "d".repeat(180));
    let pax = format!("{}/y", "e".repeat(180));
    let sparse = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "s"),
        ("GNU.sparse.realsize", "10"),
    ];
    let mut map = b"1\n4\n2\n".to_vec();
    map.resize(512, 0);
    map.extend(b"ab");
    let seen = see(vec![
        Tar::new().long_name(&long, b"1").pax(&[("path", &pax)], "short", b"2").pax(&sparse, "x", &map).end(),
    ]);
    assert_eq!(
        seen.versions(),
        [
            version(&long, 0, "1", true),
            version(&pax, 0, "2", true),
            version("s", 0, "\0\0\0\0ab\0\0\0\0", true)
        ]
    );
    assert_eq!(seen.entries[2].size, 10);
}

#[test]
fn devices_are_no_files_but_hide_some() {
    let seen = see(vec![
        Tar::new().file("a", b"x").end(),
        Tar::new().entry(b'3', "a", 0o644, "", b"").entry(b'6', "fifo", 0o644, "", b"").end(),
    ]);
    assert_eq!(seen.versions(), [version("a", 0, "x", false)]);
}

#[test]
fn each_layer_is_told_with_its_instruction() {
    let layers = [plain(Tar::new().file("a", b"1").end()), plain(Tar::new().file("b", b"2").end())];
    let history = "{\"created_by\":\"ADD a\"},{\"created_by\":\"ENV x\",\"empty_layer\":true},{\"created_by\":\"RUN b\"}";
    let image = Layout::with_config(&layers, "", history).open();
    let told: Vec<_> = image
        .layers()
        .iter()
        .map(|info| (info.layer.index, info.layer.created_by.as_deref().unwrap()))
        .collect();
    assert_eq!(told, [(0, "ADD a"), (1, "RUN b")]);
    assert!(image.layers()[0].layer.diff_id.starts_with("sha256:"));
    let layout = Layout::with_config(&layers, "", "{\"created_by\":\"ADD a\"}");
    let squashed = layout.open();
    assert_eq!(squashed.layers()[0].layer.created_by, None);
    let gaps = walk(&squashed, palisade_image::WalkLimits::default()).gaps();
    assert_eq!(
        gaps,
        [(false, "the history does not fit the layers, so no instruction is told for them".to_owned())]
    );
}

#[test]
fn a_second_walk_gives_the_same_ids_and_reads_only_what_is_wanted() {
    let layout = Layout::new(&[
        plain(Tar::new().file("a", b"1").symlink("l", "a").end()),
        plain(Tar::new().file("a", b"2").file("b", b"3").end()),
    ]);
    let image = layout.open();
    let first = walk(&image, palisade_image::WalkLimits::default());
    let wanted = first.entries[3].id;
    let wants = |meta: &palisade_image::FileMeta<'_>| meta.id == wanted;
    let mut again = image.walk(palisade_image::WalkLimits::default(), &wants);
    let found: Vec<_> = again.by_ref().collect();
    assert_eq!(found, [first.entries[3].clone()]);
    assert_eq!(again.finish().counts(), (4, 1));
}
