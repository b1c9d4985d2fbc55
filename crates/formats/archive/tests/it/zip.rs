use std::fs;

use palisade_archive::{Budget, Limit, Limits, Trouble};

use crate::peer::{open, open_within, prose, python, tool};

#[test]
fn the_zip_program_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let text = prose(5000);
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("sub/prose.txt"), &text).unwrap();
    fs::write(folder.path().join("empty"), b"").unwrap();
    std::os::unix::fs::symlink("sub/prose.txt", folder.path().join("link")).unwrap();
    tool("zip", &["-qry", "a.zip", "sub", "empty", "link"], &[], folder.path());
    let opened = open("a.zip", &fs::read(folder.path().join("a.zip")).unwrap());
    assert_eq!(opened.troubles, []);
    assert!(opened.file("sub/prose.txt") == text);
    assert_eq!(opened.file("empty"), b"");
    assert_eq!(opened.links, [("link".to_owned(), "sub/prose.txt".to_owned())]);
    assert_eq!(opened.files.len(), 2, "{:?}", opened.names());
}

#[test]
fn every_method_of_python_is_read_back() {
    let packed = python(
        "import zipfile\nb = io.BytesIO()\nwith zipfile.ZipFile(b, 'w') as z:\n \
         for m in (0, 8, 12, 14): z.writestr(zipfile.ZipInfo(f'm{m}'), b'abc' * 1000, compress_type=m)\n\
         out.write(b.getvalue())",
    );
    let opened = open("a.whl", &packed);
    assert_eq!(opened.troubles, []);
    for name in ["m0", "m8", "m12", "m14"] {
        assert_eq!(opened.file(name), b"abc".repeat(1000), "{name}");
    }
}

#[test]
fn a_stream_without_sizes_and_one_with_long_sizes_are_read_back() {
    // Python cannot seek back on a pipe, so it writes data descriptors; force_zip64 makes extra fields.
    let packed = python(
        "import zipfile\nclass Pipe(io.RawIOBase):\n def writable(self): return True\n def write(self, b): return out.write(b)\n\
         with zipfile.ZipFile(Pipe(), 'w', 8) as z:\n z.writestr('a', b'a' * 5000)\n \
         with z.open('b', 'w', force_zip64=True) as f: f.write(b'b' * 5000)\n z.writestr('c', b'c', compress_type=0)",
    );
    let whole = open("a.zip", &packed);
    assert_eq!(whole.troubles, []);
    let expected = [
        ("a".to_owned(), vec![b'a'; 5000]),
        ("b".to_owned(), vec![b'b'; 5000]),
        ("c".to_owned(), vec![b'c']),
    ];
    assert_eq!(whole.files, expected);

    // The same without its directory: local headers alone.
    let directory = packed.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let opened = open("a.zip", &packed[..directory]);
    assert_eq!(opened.files, expected);
    assert_eq!(opened.told(), ["- is damaged: it has no central directory"]);
}

#[test]
fn an_encrypted_member_is_told_and_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), b"closed").unwrap();
    fs::write(folder.path().join("b"), b"open").unwrap();
    tool("zip", &["-q", "-P", "word", "x.zip", "a"], &[], folder.path());
    tool("zip", &["-q", "x.zip", "b"], &[], folder.path());
    let opened = open("x.zip", &fs::read(folder.path().join("x.zip")).unwrap());
    assert_eq!(opened.told(), ["a is encrypted"]);
    assert_eq!(opened.files, [("b".to_owned(), b"open".to_vec())]);
}

/// A stored zip made by hand: a name and a content for each member.
pub(crate) fn stored(members: &[(&str, &[u8])]) -> Vec<u8> {
    let names: Vec<String> = members
        .iter()
        .map(|(name, content)| {
            let name = name.as_bytes();
            format!("z.writestr(zipfile.ZipInfo(bytes({name:?}).decode()), bytes({content:?}))")
        })
        .collect();
    python(&format!(
        "import zipfile, warnings\nwarnings.simplefilter('ignore')\nb = io.BytesIO()\n\
         with zipfile.ZipFile(b, 'w') as z:\n {}\nout.write(b.getvalue())",
        names.join("\n ")
    ))
}

#[test]
fn two_members_of_one_name_are_both_there() {
    let opened = open("a.zip", &stored(&[("same", b"first"), ("same", b"second")]));
    assert_eq!(
        opened.files,
        [("same".to_owned(), b"first".to_vec()), ("same".to_owned(), b"second".to_vec())]
    );
    assert_eq!(opened.troubles, []);
}

#[test]
fn names_are_handed_on_as_they_stand() {
    let names = ["../../etc/passwd", "/etc/passwd", "a\\b", "\u{202e}x", "schl\u{fc}ssel"];
    let opened = open("a.zip", &stored(&names.map(|name| (name, &b"x"[..]))));
    assert_eq!(opened.names(), names);
    let budget = &mut Budget::new(Limits { max_name: 5, ..Limits::default() });
    let opened = open_within("a.zip", &stored(&[("longer", b"x")]), budget);
    assert_eq!(opened.names(), ["longe"]);
}

#[test]
fn bytes_before_an_archive_do_not_move_its_members() {
    let first = stored(&[("first", b"1"), ("more", b"2")]);
    let second = stored(&[("second", b"3")]);
    let opened = open("a.zip", &[first, second].concat());
    assert_eq!(opened.names(), ["first", "more", "second"]);
    assert_eq!(opened.troubles, []);
}

#[test]
fn a_member_that_the_directory_leaves_out_is_found() {
    let mut packed = stored(&[("shown", b"1"), ("hidden", b"2")]);
    // Take the second entry out of the directory: cut it, and count one less.
    let entries: Vec<usize> =
        (0..packed.len() - 4).filter(|at| packed[*at..].starts_with(b"PK\x01\x02")).collect();
    let end = packed.windows(4).position(|window| window == b"PK\x05\x06").unwrap();
    packed.drain(entries[1]..end);
    let end = entries[1];
    packed[end + 8] = 1;
    packed[end + 10] = 1;
    let size = u32::try_from(end - entries[0]).unwrap();
    packed[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    let opened = open("a.zip", &packed);
    assert_eq!(opened.files, [("shown".to_owned(), b"1".to_vec()), ("hidden".to_owned(), b"2".to_vec())]);
}

#[test]
fn headers_that_disagree_are_told() {
    let mut packed = stored(&[("a", b"content"), ("b", b"other")]);
    packed[8] = 8;
    let opened = open("a.zip", &packed);
    assert_eq!(opened.told(), ["a is damaged: its two headers disagree on how it is stored"]);
    assert_eq!(opened.file("a"), b"content");
    assert_eq!(opened.file("b"), b"other");
}

#[test]
fn a_wrong_checksum_is_told() {
    let mut packed = stored(&[("a", b"content")]);
    let at = packed.windows(7).position(|window| window == b"content").unwrap();
    packed[at] ^= 1;
    let opened = open("a.zip", &packed);
    assert_eq!(opened.file("a"), b"bontent");
    assert_eq!(opened.told(), ["a is damaged: its checksum does not match"]);
}

#[test]
fn an_unknown_method_is_told() {
    let mut packed = stored(&[("a", b"content")]);
    packed[8] = 98;
    let entry = packed.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    packed[entry + 10] = 98;
    let opened = open("a.zip", &packed);
    assert_eq!(opened.told(), ["a uses compression method 98, which is not read"]);
}

#[test]
fn members_beyond_the_limit_are_told() {
    let packed = stored(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    let budget = &mut Budget::new(Limits { max_members: 2, ..Limits::default() });
    let opened = open_within("a.zip", &packed, budget);
    assert_eq!(opened.names(), ["a", "b"]);
    assert_eq!(opened.troubles[0].trouble, Trouble::OverLimit(Limit::Members));
    assert_eq!(opened.troubles.len(), 1);
}
