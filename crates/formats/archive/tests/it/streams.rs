use std::path::Path;

use palisade_archive::{Budget, Limit, Trouble};

use crate::peer::{limits, open, open_within, prose, python, tool};

const TOOLS: [(&str, &str); 4] = [("gzip", ".gz"), ("bzip2", ".bz2"), ("xz", ".xz"), ("zstd", ".zst")];

fn packed(program: &str, text: &[u8]) -> Vec<u8> {
    // The smallest blocks that bzip2 has; xz takes seconds at its usual level.
    let level = if program == "bzip2" || program == "xz" { "-1c" } else { "-c" };
    tool(program, &[level], text, Path::new("/"))
}

#[test]
fn each_tool_is_read_back() {
    for text in [prose(20_000), b"short".to_vec(), Vec::new()] {
        for (program, suffix) in TOOLS {
            let opened = open(&format!("logs/a.txt{suffix}"), &packed(program, &text));
            assert_eq!(opened.troubles, [], "{program}");
            assert!(opened.file("a.txt") == text, "{program}");
        }
    }
}

#[test]
fn levels_and_windows_of_each_tool_are_read_back() {
    let text = prose(5000);
    for (program, arguments, suffix) in [
        ("gzip", &["-1c"][..], ".gz"),
        ("xz", &["-9ec"], ".xz"),
        ("xz", &["-c", "--check=sha256", "--x86", "--lzma2"], ".xz"),
        ("xz", &["-c", "--check=none", "--block-size=50000"], ".xz"),
        ("xz", &["-c", "--format=lzma"], ".lzma"),
        ("zstd", &["-c", "--ultra", "-22", "--no-check"], ".zst"),
        ("zstd", &["-c", "-1", "--long=27"], ".zst"),
    ] {
        let opened = open(&format!("a{suffix}"), &tool(program, arguments, &text, Path::new("/")));
        assert_eq!(opened.troubles, [], "{program} {arguments:?}");
        assert!(opened.file("a") == text, "{program} {arguments:?}");
    }
}

#[test]
fn streams_one_after_another_are_one_content() {
    let text = prose(500);
    for (program, suffix) in TOOLS {
        let joined =
            [packed(program, &text), packed(program, b""), packed(program, b"end"), vec![0; 8]].concat();
        let opened = open(&format!("a{suffix}"), &joined);
        assert_eq!(opened.troubles, [], "{program}");
        assert!(opened.file("a") == [&text[..], b"end"].concat(), "{program}");
    }
}

#[test]
fn a_frame_to_skip_is_skipped() {
    let frame = [&b"\x5a\x2a\x4d\x18\x05\0\0\0other"[..], &packed("zstd", b"content")].concat();
    assert_eq!(open("a.zst", &frame).file("a"), b"content");
}

#[test]
fn what_follows_a_stream_is_told() {
    for (program, suffix) in TOOLS {
        let opened =
            open(&format!("a{suffix}"), &[packed(program, b"text"), b"more of it".to_vec()].concat());
        assert_eq!(opened.file("a"), b"text", "{program}");
        assert_eq!(opened.troubles.len(), 1, "{program}");
    }
}

#[test]
fn a_cut_stream_yields_what_was_decoded() {
    let text = prose(40_000);
    let cases = TOOLS.iter().map(|(program, suffix)| (*suffix, packed(program, &text)));
    let alone = tool("xz", &["-1c", "--format=lzma"], &text, Path::new("/"));
    for (suffix, packed) in cases.chain([(".lzma", alone)]) {
        let opened = open(&format!("a{suffix}"), &packed[..packed.len() / 2]);
        let file = opened.file("a");
        assert!(text.starts_with(file) && file.len() > text.len() / 4, "{suffix} {}", file.len());
        assert_eq!(opened.told(), ["a is damaged: it ends too early"], "{suffix}");
    }
}

#[test]
fn a_broken_stream_yields_what_was_decoded_before() {
    let text = prose(40_000);
    for (program, suffix) in TOOLS {
        let mut packed = packed(program, &text);
        let middle = packed.len() / 2;
        packed[middle..middle + 64].fill(0xff);
        let opened = open(&format!("a{suffix}"), &packed);
        assert!(opened.file("a").len() > text.len() / 4, "{program} {}", opened.file("a").len());
        assert!(opened.file("a")[..text.len() / 4] == text[..text.len() / 4], "{program}");
        assert!(matches!(opened.troubles[0].trouble, Trouble::Damaged(_)), "{program}");
    }
}

#[test]
fn a_gzip_header_names_its_content() {
    let packed = python(
        "import gzip\nwith gzip.GzipFile('told.txt', 'wb', fileobj=out, mtime=0) as f: f.write(b'hello')",
    );
    assert_eq!(open("other.gz", &packed).file("told.txt"), b"hello");
}

#[test]
fn a_wrong_checksum_is_told() {
    let mut packed = packed("gzip", b"hello");
    let at = packed.len() - 8;
    packed[at] ^= 1;
    let opened = open("a.gz", &packed);
    assert_eq!(opened.file("a"), b"hello");
    assert_eq!(opened.told(), ["a is damaged: its checksum does not match"]);
}

#[test]
fn a_content_that_just_fits_is_no_trouble() {
    let text = prose(5000);
    for (program, suffix) in TOOLS {
        let packed = packed(program, &text);
        let opened = open_within(&format!("a{suffix}"), &packed, &mut Budget::new(limits(text.len() as u64)));
        // Each further stream costs a little; the only one of xz and bzip2 does not.
        if program == "xz" || program == "bzip2" {
            assert_eq!(opened.troubles, [], "{program}");
        }
        let budget = &mut Budget::new(limits(text.len() as u64 - 1));
        let opened = open_within(&format!("a{suffix}"), &packed, budget);
        assert_eq!(opened.troubles[0].trouble, Trouble::OverLimit(Limit::Expanded), "{program}");
        assert!(opened.file("a").len() < text.len(), "{program}");
        assert_eq!(budget.bytes_left(), 0, "{program}");
    }
}
