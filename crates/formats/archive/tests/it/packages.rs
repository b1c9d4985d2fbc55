//! Packages of systems, and the streams and archives that they are made of.

use std::path::Path;

use palisade_archive::{Format, Trouble, recognise};

use crate::peer::{open, prose, python, tool};

/// What the program of LZ4 makes of [`WORDS`], as a frame of today and in the old form.
const WORDS: &str = "token = acme acme acme acme acme acme acme acme 0123456789 acme acme\n";
const LZ4: &str = "04224d186440a727000000cf746f6b656e203d2061636d65050011f006303132333435363738392061636d652061636d650a0000000017932fad";
const OLD_LZ4: &str =
    "02214c1827000000cf746f6b656e203d2061636d65050011f006303132333435363738392061636d652061636d650a";

fn bytes(digits: &str) -> Vec<u8> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.as_bytes().chunks(2).map(pair).collect()
}

pub(crate) fn lz4() -> Vec<u8> {
    bytes(LZ4)
}

/// `text` as `compress` writes it, which gzip must be able to read.
pub(crate) fn compress(text: &[u8]) -> Vec<u8> {
    let (mut out, mut bits, mut held) = (vec![0x1f, 0x9d, 0x90], 0_u64, 0);
    let mut table = std::collections::BTreeMap::new();
    let (mut next, mut width, mut count, mut string) = (257_u32, 9, 0, Vec::new());
    let mut emit = |code: u32, width: u32, out: &mut Vec<u8>| {
        bits |= u64::from(code) << held;
        held += width;
        while held >= 8 {
            out.push(bits.to_le_bytes()[0]);
            bits >>= 8;
            held -= 8;
        }
    };
    let code = |string: &[u8], table: &std::collections::BTreeMap<Vec<u8>, u32>| match string {
        [byte] => Some(u32::from(*byte)),
        _ => table.get(string).copied(),
    };
    for byte in text {
        let longer = [string.as_slice(), &[*byte]].concat();
        if code(&longer, &table).is_some() {
            string = longer;
            continue;
        }
        emit(code(&string, &table).unwrap(), width, &mut out);
        count += 1;
        if next < 1 << 16 {
            table.insert(longer, next);
            next += 1;
            if next > 1 << width && width < 16 {
                while count % 8 != 0 {
                    emit(0, width, &mut out);
                    count += 1;
                }
                width += 1;
            }
        }
        string = vec![*byte];
    }
    emit(code(&string, &table).unwrap(), width, &mut out);
    emit(0, 8, &mut out);
    assert!(tool("gzip", &["-dc"], &out, Path::new("/")) == text, "gzip reads it");
    out
}

pub(crate) fn deb() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("tree/DEBIAN")).unwrap();
    std::fs::create_dir_all(at("tree/etc")).unwrap();
    std::fs::write(at("tree/etc/acme.conf"), "token = here\n").unwrap();
    let control =
        "Package: acme\nVersion: 1\nArchitecture: all\nMaintainer: A <a@acme.io>\nDescription: none\n";
    std::fs::write(at("tree/DEBIAN/control"), control).unwrap();
    tool("dpkg-deb", &["--build", "-Zxz", "tree", "acme.deb"], &[], folder.path());
    std::fs::read(at("acme.deb")).unwrap()
}

/// The lead and two headers of one entry each before a payload, as in the description of the format.
pub(crate) fn rpm() -> Vec<u8> {
    python(
        "import struct, gzip\nlead = b'\\xed\\xab\\xee\\xdb\\3\\0\\0\\0\\0\\1' + b'acme-1-1'.ljust(66, b'\\0') + b'\\0\\1\\0\\5' + bytes(16)\n\
         head = b'\\x8e\\xad\\xe8\\1' + bytes(4) + struct.pack('>IIIIII', 1, 5, 1000, 6, 0, 1) + b'acme\\0'\n\
         out.write(lead + head + bytes(-len(head) % 8) + head + gzip.compress(b'payload'))",
    )
}

/// A file, a link and a folder, as POSIX.1-1988 (`070707`) and the manual of cpio describe them.
pub(crate) fn cpio(magic: &str) -> Vec<u8> {
    python(&format!(
        "magic = {magic:?}\ndef entry(name, mode, data):\n \
         name = name.encode() + b'\\0'\n \
         if magic == '070707': return (magic + '%06o' * 7 + '%011o%06o%011o').encode() % (0, 1, mode, 0, 0, 1, 0, 0, len(name), len(data)) + name + data\n \
         head = magic.encode() + b''.join(b'%08X' % x for x in (1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), sum(data)))\n \
         head += name; head += bytes(-len(head) % 4)\n \
         return head + data + bytes(-len(data) % 4)\n\
         for e in [('etc', 0o40755, b''), ('etc/a.conf', 0o100644, b'token = here'), ('link', 0o120777, b'etc/a.conf'), ('TRAILER!!!', 0, b'')]: out.write(entry(*e))\n\
         out.write(bytes(200))"
    ))
}

#[test]
fn a_package_of_debian_is_opened() {
    let opened = open("a.deb", &deb());
    assert_eq!(opened.troubles, []);
    assert_eq!(opened.names(), ["debian-binary", "control.tar.xz", "data.tar.xz"]);
    let data = opened.file("data.tar.xz");
    assert_eq!(recognise(b"data.tar.xz", data), Some(Format::Xz));
    assert_eq!(
        open("data.tar", open("data.tar.xz", data).file("data.tar")).text("./etc/acme.conf"),
        "token = here\n"
    );
    // A library is none.
    assert_eq!(
        recognise(b"a.a", b"!<arch>\na.o/            0           0     0     644     0         `\n"),
        None
    );
}

#[test]
fn the_payload_of_a_package_of_rpm_is_given_out() {
    let opened = open("a.rpm", &rpm());
    assert_eq!(opened.troubles, []);
    assert_eq!(open("payload.cpio", opened.file("payload.cpio")).text("payload.cpio"), "payload");
    let cut = open("a.rpm", &rpm()[..110]);
    assert_eq!(cut.told(), ["- is damaged: its headers are not whole"]);
}

#[test]
fn cpio_of_each_kind_is_opened() {
    for magic in ["070701", "070702", "070707"] {
        let opened = open("a.cpio", &cpio(magic));
        assert_eq!(opened.troubles, [], "{magic}");
        assert_eq!(opened.names(), ["etc/a.conf"], "{magic}");
        assert_eq!(opened.text("etc/a.conf"), "token = here", "{magic}");
        assert_eq!(opened.links, [("link".to_owned(), "etc/a.conf".to_owned())], "{magic}");
    }
    let mut two = cpio("070701");
    two.extend(tool("gzip", &["-c"], &cpio("070707"), Path::new("/")));
    let opened = open("initrd.img", &two);
    assert_eq!(opened.names(), ["etc/a.conf", "rest"]);
    assert_eq!(open("rest", opened.file("rest")).text("rest").get(..6), Some("070707"));
    let whole = cpio("070701");
    assert_eq!(open("a.cpio", &whole[..245]).told(), ["etc/a.conf is damaged: it ends too early"]);
}

#[test]
fn what_compress_writes_is_read_back() {
    for text in [prose(3), prose(400), prose(20_000), b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_vec()] {
        let opened = open("a.txt.Z", &compress(&text));
        assert_eq!(opened.troubles, []);
        assert!(opened.file("a.txt") == text, "{} bytes", text.len());
    }
}

/// A code that no string has yet, among others that have one: what stands behind it is lost.
#[test]
fn a_damaged_stream_of_compress_is_told() {
    let mut codes: Vec<u32> = vec![97; 40];
    codes[20] = 400;
    let bits: Vec<u8> =
        codes.iter().flat_map(|code| (0..9).map(move |bit| (code >> bit & 1) as u8)).collect();
    let packed = bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit));
    let damaged: Vec<u8> = [0x1f, 0x9d, 0x90].into_iter().chain(packed).collect();
    let opened = open("a.txt.Z", &damaged);
    assert!(matches!(opened.troubles[0].trouble, Trouble::Damaged(_)));
}

/// Blocks that become nothing, behind one that the next may refer to.
#[test]
fn empty_blocks_of_lz4_are_passed() {
    let mut frame = vec![0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0];
    let text = vec![b'a'; 64 << 10];
    frame.extend((1_u32 << 31 | text.len() as u32).to_le_bytes());
    frame.extend(&text);
    frame.extend([1, 0, 0, 0, 0].repeat(20_000));
    frame.extend([0; 4]);
    let opened = open("a.txt.lz4", &frame);
    assert_eq!(opened.troubles, []);
    assert!(opened.file("a.txt") == text);
}

#[test]
fn frames_of_lz4_are_read_back() {
    for frame in [LZ4, OLD_LZ4] {
        let opened = open("a.txt.lz4", &bytes(frame));
        assert_eq!((opened.troubles.as_slice(), opened.text("a.txt")), (&[][..], WORDS));
        let twice = [bytes(frame), bytes(frame)].concat();
        assert_eq!(open("a.lz4", &twice).text("a"), WORDS.repeat(2));
    }
    let mut broken = lz4();
    // The way back of a match.
    broken[24] = 0;
    let opened = open("a.lz4", &broken);
    assert!(matches!(opened.troubles[0].trouble, Trouble::Damaged(_)));
}

#[test]
fn a_zip_behind_something_else_is_opened() {
    let zip = python(
        "import zipfile\nb = io.BytesIO()\nwith zipfile.ZipFile(b, 'w', 8) as z: z.writestr('a.env', b'token = here')\nout.write(b.getvalue())",
    );
    for before in
        [&b"#!/bin/sh\nexec java -jar \"$0\"\n"[..], b"MZ\x90\0", b"\x89PNG\r\n\x1a\n", b"Cr24\x03\0\0\0"]
    {
        let opened = open("tool", &[before, &zip].concat());
        assert_eq!((opened.troubles.as_slice(), opened.text("a.env")), (&[][..], "token = here"));
    }
    let said = [b"the end of a zip is ".as_slice(), b"PK\x05\x06", &[0; 18]].concat();
    assert_eq!(recognise(b"a.txt", &said), None);
}
