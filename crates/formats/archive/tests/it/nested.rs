use palisade_archive::{Budget, Limits, MemberTrouble, members, recognise};

use crate::peer::python;

/// All files below `bytes`, as a caller opens them: with one budget.
fn leaves(
    path: &[u8],
    bytes: &[u8],
    budget: &mut Budget,
    depth: u32,
    files: &mut Vec<(Vec<u8>, Vec<u8>)>,
    troubles: &mut Vec<MemberTrouble>,
) {
    let name = path.rsplit(|byte| *byte == b'!').next().unwrap();
    let Some(format) = recognise(name, bytes).filter(|_| depth > 0) else {
        files.push((path.to_vec(), bytes.to_vec()));
        return;
    };
    members(format, name, bytes, budget, &mut |budget, member| match member {
        Err(trouble) => troubles.push(trouble),
        Ok(member) => {
            let path = [path, b"!", &member.name].concat();
            leaves(&path, &member.bytes, budget, depth - 1, files, troubles);
        }
    });
}

#[test]
fn gzip_in_zip_in_tar_in_xz_is_reached() {
    let packed = python(
        "import gzip, zipfile, tarfile, lzma\nz = io.BytesIO()\n\
         with zipfile.ZipFile(z, 'w', 8) as f: f.writestr('b.txt.gz', gzip.compress(b'deep', mtime=0)); f.writestr('c', b'by')\n\
         t = io.BytesIO()\nwith tarfile.open(fileobj=t, mode='w') as f:\n i = tarfile.TarInfo('a.jar'); i.size = len(z.getvalue())\n \
         f.addfile(i, io.BytesIO(z.getvalue()))\nout.write(lzma.compress(t.getvalue()))",
    );
    let (mut files, mut troubles) = (Vec::new(), Vec::new());
    leaves(b"x.txz", &packed, &mut Budget::new(Limits::default()), 8, &mut files, &mut troubles);
    let expected = [
        (b"x.txz!x.tar!a.jar!b.txt.gz!b.txt".to_vec(), b"deep".to_vec()),
        (b"x.txz!x.tar!a.jar!c".to_vec(), b"by".to_vec()),
    ];
    assert_eq!(files, expected);
    assert_eq!(troubles, []);
}
