use palisade_archive::{Format, Unopened, recognise, recognise_unopened};

#[test]
fn ordinary_files_are_no_containers() {
    for bytes in
        [&b""[..], b"P", b"PK", b"PK\x03", b"#!/bin/sh\n", b"BZhello", b"\x1f\x8b\x09", b"SQLite format 3"]
    {
        assert_eq!(recognise(b"file.txt", bytes), None, "{bytes:?}");
    }
}

#[test]
fn a_name_counts_only_where_bytes_cannot_tell() {
    assert_eq!(recognise(b"a.zip", b"text"), None);
    assert_eq!(recognise(b"a.txt", b"PK\x03\x04"), Some(Format::Zip));
    assert_eq!(recognise(b"a.ipynb", b" \n{\"cells\": []}"), Some(Format::Notebook));
    assert_eq!(recognise(b"A.IPYNB", b"\xef\xbb\xbf{"), Some(Format::Notebook));
    assert_eq!(recognise(b"a.json", b"{\"cells\": []}"), None);
    assert_eq!(recognise(b"a.ipynb", b"[]"), None);
    assert_eq!(recognise(b"a.lzma", b"\x5d\0\0\x80\0"), Some(Format::Lzma));
    assert_eq!(recognise(b"a.bin", b"\x5d\0\0\x80\0"), None);
    assert_eq!(recognise(b"a.tar", &[0; 512]), None);
}

#[test]
fn what_is_not_opened_is_known_by_its_first_bytes() {
    for (bytes, format) in [
        (&b"7z\xbc\xaf\x27\x1c\0\x04"[..], Unopened::SevenZip),
        (b"Rar!\x1a\x07\0..", Unopened::Rar),
        (b"Rar!\x1a\x07\x01\0..", Unopened::Rar),
        (b"%PDF-1.7\n", Unopened::Pdf),
        (b"PACK\0\0\0\x02\0\0\0\x01", Unopened::GitPack),
        (b"# v2 git bundle\n-", Unopened::GitPack),
        (b"# v3 git bundle\n@", Unopened::GitPack),
    ] {
        assert_eq!(recognise_unopened(bytes), Some(format));
        assert_eq!(recognise(b"a.bin", bytes), None);
    }
    assert_eq!(recognise_unopened(b"7zip"), None);
    assert_eq!(recognise_unopened(b"PACKAGES = 2"), None);
    assert_eq!(recognise_unopened(b"# v2 git bundles are read"), None);
}

#[test]
fn an_old_stream_without_a_name_is_known_by_its_whole_header() {
    // As xz --format=lzma and Python's lzma write it: the size is unknown.
    let header = b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0";
    assert_eq!(recognise(b"", header), Some(Format::Lzma));
    assert_eq!(recognise(b"a.bin", header), None);
    assert_eq!(recognise(b"", b"\x5d\0\0\x81\0\xff\xff\xff\xff\xff\xff\xff\xff\0"), None);
    assert_eq!(recognise(b"", b"]\0\0\x80\0some other bytes"), None);
}

#[test]
fn recognising_is_next_to_free() {
    // Work, not time: what lies behind the first 512 bytes is never looked at, so it changes nothing.
    let blank = vec![b' '; 1 << 20];
    assert_eq!(recognise(b"a.ipynb", &[&blank[..], b"{"].concat()), None);
}
