use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::peer::{open, prose, python, tool};

#[test]
fn the_tar_program_is_read_back_in_every_dialect() {
    let folder = tempfile::tempdir().unwrap();
    let text = prose(3000);
    let long = format!("{}/{}", "d".repeat(120), "f".repeat(140));
    fs::create_dir(folder.path().join("d".repeat(120))).unwrap();
    fs::write(folder.path().join("prose.txt"), &text).unwrap();
    fs::write(folder.path().join("empty"), b"").unwrap();
    fs::write(folder.path().join(&long), b"long").unwrap();
    symlink("x".repeat(130), folder.path().join("link")).unwrap();
    fs::hard_link(folder.path().join("prose.txt"), folder.path().join("same")).unwrap();
    for dialect in ["gnu", "posix", "oldgnu"] {
        let format = format!("--format={dialect}");
        let packed =
            tool("tar", &["-c", &format, "prose.txt", "empty", &long, "link", "same"], &[], folder.path());
        let opened = open("a.tar", &packed);
        assert_eq!(opened.troubles, [], "{dialect}");
        assert_eq!(opened.names(), ["prose.txt", "empty", &long], "{dialect}");
        assert!(opened.file("prose.txt") == text, "{dialect}");
        assert_eq!(opened.file(&long), b"long", "{dialect}");
        assert_eq!(opened.links, [("link".to_owned(), "x".repeat(130))], "{dialect}");
    }
    for dialect in ["ustar", "v7"] {
        let packed =
            tool("tar", &["-c", &format!("--format={dialect}"), "prose.txt", "empty"], &[], folder.path());
        let opened = open("a.tar", &packed);
        assert_eq!(opened.troubles, [], "{dialect}");
        assert!(opened.file("prose.txt") == text, "{dialect}");
    }
}

#[test]
fn a_ustar_prefix_is_part_of_the_name() {
    let packed = python(
        "import tarfile\nt = tarfile.TarInfo('p' * 90 + '/' + 'n' * 90)\nt.size = 2\n\
         with tarfile.open(fileobj=out, mode='w|', format=tarfile.USTAR_FORMAT) as f: f.addfile(t, io.BytesIO(b'ok'))",
    );
    let name = format!("{}/{}", "p".repeat(90), "n".repeat(90));
    assert_eq!(open("a", &packed).file(&name), b"ok");
}

#[test]
fn sparse_files_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let holes = folder.path().join("holes");
    let mut expected = vec![0; 4 << 20];
    for at in (0..expected.len()).step_by(300_000) {
        expected[at..at + 10].copy_from_slice(b"data here!");
    }
    fs::write(&holes, &expected).unwrap();
    assert!(
        Command::new("fallocate")
            .args(["--dig-holes", "holes"])
            .current_dir(folder.path())
            .status()
            .unwrap()
            .success()
    );
    for format in [
        &["--format=gnu"][..],
        &["--format=posix", "--sparse-version=0.0"],
        &["--format=posix", "--sparse-version=0.1"],
        &["--format=posix", "--sparse-version=1.0"],
    ] {
        let packed = tool("tar", &[&["-cS"], format, &["holes"]].concat(), &[], folder.path());
        assert!(packed.len() < expected.len() / 2, "{format:?}: tar found no holes");
        let opened = open("a.tar", &packed);
        assert_eq!(opened.troubles, [], "{format:?}");
        assert!(opened.file("holes") == expected, "{format:?}");
    }
}

fn three() -> Vec<u8> {
    python(
        "import tarfile\nwith tarfile.open(fileobj=out, mode='w|', format=tarfile.GNU_FORMAT) as f:\n \
         for n in 'abc':\n  t = tarfile.TarInfo(n); t.size = 600; f.addfile(t, io.BytesIO(n.encode() * 600))",
    )
}

#[test]
fn a_damaged_header_loses_one_member_only() {
    let mut packed = three();
    packed[1536 + 3] = b'!';
    let opened = open("a.tar", &packed);
    assert_eq!(opened.names(), ["a", "c"]);
    assert_eq!(opened.told(), ["- is damaged: one of its headers is not whole"]);
}

#[test]
fn what_lies_behind_the_end_is_found() {
    let opened = open("a.tar", &[three(), three()].concat());
    assert_eq!(opened.names(), ["a", "b", "c", "a", "b", "c"]);
    assert_eq!(opened.troubles, []);
}

#[test]
fn a_cut_archive_yields_what_there_is() {
    let packed = three();
    let opened = open("a.tar", &packed[..2 * 1536 + 512 + 100]);
    assert_eq!(opened.file("b"), [b'b'; 600]);
    assert_eq!(opened.file("c"), [b'c'; 100]);
    assert_eq!(opened.told(), ["- is damaged: it ends too early"]);
}

#[test]
fn devices_are_no_members() {
    let packed = python(
        "import tarfile\nwith tarfile.open(fileobj=out, mode='w|') as f:\n \
         for k in (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, tarfile.REGTYPE):\n  \
          t = tarfile.TarInfo('n' + k.decode()); t.type = k; f.addfile(t)",
    );
    let opened = open("a.tar", &packed);
    assert_eq!(opened.names(), ["n0"]);
    assert_eq!(opened.troubles, []);
}
