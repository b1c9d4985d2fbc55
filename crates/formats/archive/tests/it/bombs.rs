use std::path::Path;

use palisade_archive::{
    Budget, Limit, Limits, MAX_TROUBLES, MemberTrouble, Trouble, members, recognise, sqlite_rows,
};

use crate::peer::{limits, open_within, python, tool};

/// Opens everything below `bytes`; members met, their bytes, and the troubles.
fn devour(name: &[u8], bytes: &[u8], budget: &mut Budget, depth: u32, seen: &mut (u64, u64, Vec<Trouble>)) {
    let Some(format) = recognise(name, bytes).filter(|_| depth > 0) else { return };
    members(format, name, bytes, budget, &mut |budget, member| match member {
        Err(MemberTrouble { trouble, .. }) => seen.2.push(trouble),
        Ok(member) => {
            seen.0 += 1;
            seen.1 += member.bytes.len() as u64;
            devour(&member.name, &member.bytes, budget, depth - 1, seen);
        }
    });
}

fn devoured(name: &str, bytes: &[u8], limits: Limits) -> (u64, u64, Vec<Trouble>) {
    let mut seen = (0, 0, Vec::new());
    devour(name.as_bytes(), bytes, &mut Budget::new(limits), 16, &mut seen);
    assert!(seen.0 <= limits.max_members, "{} members", seen.0);
    assert!(seen.1 <= limits.max_expanded, "{} bytes", seen.1);
    assert!(seen.2.len() <= MAX_TROUBLES as usize, "{} troubles", seen.2.len());
    seen
}

#[test]
fn a_zip_of_zips_of_zips_ends_within_its_budget() {
    // Sixteen in sixteen in sixteen, each leaf 4 MiB: 16 GiB if nobody stops.
    let packed = python(
        "import zipfile\nc = b'\\0' * (4 << 20)\nfor level in range(4):\n b = io.BytesIO()\n \
         with zipfile.ZipFile(b, 'w', 8) as z:\n  for n in range(16): z.writestr(f'{n}.zip', c)\n \
         c = b.getvalue()\nout.write(c)",
    );
    assert!(packed.len() < 1 << 20);
    let (_, bytes, troubles) = devoured("bomb.zip", &packed, limits(16 << 20));
    assert!(bytes > 8 << 20, "{bytes}");
    assert!(troubles.contains(&Trouble::OverLimit(Limit::Expanded)), "{troubles:?}");
}

#[test]
fn a_gigabyte_of_zeros_ends_within_its_budget() {
    let script = "head -c 67108864 /dev/zero | gzip -1 -c";
    let packed = tool("sh", &["-c", script], &[], Path::new("/")).repeat(16);
    let (_, bytes, troubles) = devoured("zeros.gz", &packed, limits(32 << 20));
    assert_eq!(bytes, (32 << 20) - 256);
    assert_eq!(troubles, [Trouble::OverLimit(Limit::Expanded)]);
}

#[test]
fn filler_is_over_the_ratio() {
    let packed = tool("sh", &["-c", "head -c 8388608 /dev/zero | zstd -c"], &[], Path::new("/"));
    let (_, bytes, troubles) = devoured("zeros.zst", &packed, Limits::default());
    assert!(bytes < 2 << 20, "{bytes}");
    assert_eq!(troubles, [Trouble::OverLimit(Limit::Ratio)]);
}

#[test]
fn overlapping_members_are_not_expanded() {
    // As in Fifield's bomb: all entries of the directory share one kernel.
    let packed = python(
        "import zipfile, struct\nb = io.BytesIO()\nwith zipfile.ZipFile(b, 'w', 8) as z: z.writestr('k', b'\\0' * 500000)\n\
         c = b.getvalue()\nat = c.index(b'PK\\1\\2'); end = c.index(b'PK\\5\\6')\ne = c[at:end]\nn = 60000\n\
         out.write(c[:at] + e * n + struct.pack('<4s4H2LH', b'PK\\5\\6', 0, 0, n, n, len(e) * n, at, 0))",
    );
    let (members, bytes, troubles) = devoured("bomb.zip", &packed, Limits::default());
    assert_eq!((members, bytes), (1, 500_000));
    assert_eq!(troubles[0], Trouble::Damaged("it overlaps the member before it"));
    assert_eq!(troubles.last(), Some(&Trouble::OverLimit(Limit::Troubles)));
}

#[test]
fn too_many_empty_members_end_within_the_budget() {
    let mut block = [0; 512];
    block[..5].copy_from_slice(b"empty");
    block[257..263].copy_from_slice(b"ustar\0");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let (members, _, troubles) = devoured("many.tar", &block.repeat(200_000), Limits::default());
    assert_eq!(members, Limits::default().max_members);
    assert_eq!(troubles, [Trouble::OverLimit(Limit::Members)]);
}

#[test]
fn a_dictionary_of_gigabytes_is_refused_before_it_is_made() {
    // The block header names a dictionary of 4 GiB less a byte: the property behind the filter's number and length.
    let packed = python(
        "import lzma, struct, zlib\nx = bytearray(lzma.compress(b'hello'))\nend = 12 + (x[12] + 1) * 4 - 4\n\
         x[x.index(b'\\x21\\x01', 12, end) + 2] = 40\nx[end:end + 4] = struct.pack('<L', zlib.crc32(x[12:end]))\nout.write(x)",
    );
    let (_, _, troubles) = devoured("a.xz", &packed, Limits::default());
    assert_eq!(troubles, [Trouble::OverLimit(Limit::Window)]);
    // A zstd frame whose window descriptor asks for 3.75 TiB, and an empty last block.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 1, 0, 0];
    let (_, _, troubles) = devoured("a.zst", &frame, Limits::default());
    assert_eq!(troubles, [Trouble::OverLimit(Limit::Window)]);
}

#[test]
fn streams_that_expand_to_nothing_cost_too() {
    for (name, program) in [("a.gz", "gzip"), ("a.bz2", "bzip2"), ("a.zst", "zstd")] {
        let empty = tool(program, &["-c"], b"", Path::new("/"));
        let budget = &mut Budget::new(limits(1 << 20));
        let opened = open_within(name, &empty.repeat(10_000), budget);
        assert_eq!(opened.troubles[0].trouble, Trouble::OverLimit(Limit::Expanded), "{program}");
    }
}

#[test]
fn a_hole_of_terabytes_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("holes")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, b"behind the hole", 1 << 40).unwrap();
    let packed = tool("tar", &["-cS", "holes"], &[], folder.path());
    let opened = open_within("a.tar", &packed, &mut Budget::default());
    assert_eq!(opened.troubles, []);
    assert!(opened.file("holes").starts_with(b"behind the hole"));
}

#[test]
fn rows_of_one_cell_are_not_read_each() {
    // A page whose cell pointers all name one cell.
    let mut bytes = crate::sqlite::database(
        "db.execute('pragma page_size=65536')\ndb.execute('create table t(a)')\ndb.execute('insert into t values (?)', ('x' * 30000,))",
    );
    let page = 65536;
    let cell = [bytes[page + 8], bytes[page + 9]];
    bytes[page + 3..page + 5].copy_from_slice(&10_000_u16.to_be_bytes());
    for pointer in 0..10_000 {
        bytes[page + 8 + 2 * pointer..][..2].copy_from_slice(&cell);
    }
    let over = Trouble::Damaged("its rows lie over each other");
    let (mut rows, size) = (0, bytes.len() as u64);
    assert_eq!(sqlite_rows(&bytes, b"t", &mut |_| rows += 1), std::slice::from_ref(&over));
    assert!(rows < 8, "{rows}");
    let (_, expanded, troubles) = devoured("x.db", &bytes, limits(20 << 20));
    assert!(expanded < 2 * size, "{expanded}");
    assert_eq!(troubles, [over]);
}
