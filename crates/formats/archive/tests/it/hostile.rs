//! Any bytes, and archives with a few bytes changed: no panic, and never more than the budget.

use std::path::Path;
use std::sync::LazyLock;

use palisade_archive::{Budget, Format, Limits, MAX_TROUBLES, members};
use proptest::prelude::*;

use crate::peer::{prose, python, tool};

const FORMATS: [Format; 16] = [
    Format::Zip,
    Format::Tar,
    Format::Gzip,
    Format::Bzip2,
    Format::Zstd,
    Format::Xz,
    Format::Lzma,
    Format::Zlib,
    Format::Lz4,
    Format::Lzw,
    Format::Deb,
    Format::Rpm,
    Format::Cpio,
    Format::Sqlite,
    Format::SqliteWal,
    Format::Notebook,
];

const LIMITS: Limits =
    Limits { max_members: 50, max_expanded: 200_000, max_ratio: 1000, max_member: 100_000, max_name: 64 };

/// Opens `bytes` and holds what comes to the limits.
fn open(format: Format, bytes: &[u8]) {
    let mut budget = Budget::new(LIMITS);
    let (mut count, mut total, mut troubles) = (0, 0, 0);
    members(format, b"name", bytes, &mut budget, &mut |_, member| match member {
        Err(_) => troubles += 1,
        Ok(member) => {
            count += 1;
            total += member.bytes.len() as u64;
            assert!(member.bytes.len() as u64 <= LIMITS.max_member);
            assert!(member.name.len() <= LIMITS.max_name);
        }
    });
    assert!(count <= LIMITS.max_members && total <= LIMITS.max_expanded && troubles <= MAX_TROUBLES);
    assert!(total <= LIMITS.max_expanded - budget.bytes_left());
}

/// One valid container of each format.
static VALID: LazyLock<Vec<(Format, Vec<u8>)>> = LazyLock::new(|| {
    let text = prose(300);
    let packed = |program: &str, arguments: &[&str]| tool(program, arguments, &text, Path::new("/"));
    vec![
        (
            Format::Zip,
            python(
                "import zipfile\nb = io.BytesIO()\nwith zipfile.ZipFile(b, 'w') as z:\n \
                 for m in (0, 8, 12, 14): z.writestr(zipfile.ZipInfo(f'm{m}'), b'abc' * 100, compress_type=m)\n\
                 out.write(b.getvalue())",
            ),
        ),
        (
            Format::Tar,
            python(
                "import tarfile\nb = io.BytesIO()\nfor f in (0, 1, 2):\n with tarfile.open(fileobj=b, mode='w|', format=f) as t:\n  \
                 for n in ('a', 'b' * 99):\n   i = tarfile.TarInfo(n); i.size = 9; t.addfile(i, io.BytesIO(b'x' * 9))\n\
                 out.write(b.getvalue())",
            ),
        ),
        (Format::Gzip, packed("gzip", &["-c"])),
        (Format::Bzip2, packed("bzip2", &["-c"])),
        (Format::Zstd, packed("zstd", &["-c"])),
        (Format::Xz, packed("xz", &["-c", "--x86", "--lzma2"])),
        (Format::Lzma, packed("xz", &["-c", "--format=lzma"])),
        (Format::Zlib, python("import zlib\nout.write(zlib.compress(b'words and words' * 30))")),
        (Format::Lz4, crate::packages::lz4()),
        (Format::Lzw, crate::packages::compress(&text)),
        (Format::Deb, crate::packages::deb()),
        (Format::Rpm, crate::packages::rpm()),
        (Format::Cpio, crate::packages::cpio("070701")),
        (Format::SqliteWal, crate::sqlite::log()),
        (
            Format::Sqlite,
            crate::sqlite::database(
                "db.execute('pragma page_size=512')\ndb.execute('create table t(a, b, primary key(b)) without rowid')\n\
                 db.execute('create table u(a)')\nfor n in range(30):\n \
                 db.execute('insert into t values (?, ?)', (n, 'x' * 60)) if n == 0 else db.execute('insert into u values (?)', ('y' * n * 30,))",
            ),
        ),
        (
            Format::Notebook,
            br#"{"cells": [{"source": ["a", "b"], "outputs": [{"data": {"text/plain": "c"}}]}]}"#.to_vec(),
        ),
    ]
});

#[test]
fn the_valid_ones_are_opened() {
    for (format, bytes) in &*VALID {
        let mut count = 0;
        members(*format, b"name", bytes, &mut Budget::default(), &mut |_, member| {
            count += usize::from(member.is_ok_and(|member| !member.bytes.is_empty()));
        });
        assert!(count > 0, "{format:?}");
        open(*format, bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        for format in FORMATS {
            open(format, &bytes);
        }
    }

    #[test]
    fn changed_archives_end(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<proptest::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        for (format, bytes) in &*VALID {
            let mut bytes = bytes.clone();
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            if is_cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            open(*format, &bytes);
        }
    }
}
