use palisade_archive::{Format, recognise};

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
fn recognising_is_next_to_free() {
    // Work, not time: what lies behind the first 512 bytes is never looked at, so it changes nothing.
    let blank = vec![b' '; 1 << 20];
    assert_eq!(recognise(b"a.ipynb", &[&blank[..], b"{"].concat()), None);
}
