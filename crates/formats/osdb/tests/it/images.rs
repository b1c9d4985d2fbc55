use palisade_osdb::recognise;

use crate::{bookworm, distribution, names, problems, read};

#[test]
fn portage_tells_packages_by_their_folders() {
    let gentoo = distribution("ID=gentoo\nNAME=Gentoo\n");
    let path = "var/db/pkg/app-containers/skopeo-1.5.1-r2/CONTENTS";
    let text = b"dir /usr\nobj /usr/bin/sk opeo 0123 1650000000\nsym /usr/bin/s -> skopeo 1650000000\n";
    let installed = read(path, text, &gentoo);
    assert_eq!(names(&installed), [("app-containers/skopeo", "1.5.1-r2")]);
    let purl = installed.reading.packages[0].purl.to_string();
    assert_eq!(purl, "pkg:ebuild/app-containers/skopeo@1.5.1-r2?distro=gentoo");
    assert_eq!(installed.owners.owner(b"usr/bin/sk opeo"), Some(0));
    assert_eq!(installed.owners.owner(b"usr/bin/s"), Some(0));
    assert_eq!(installed.owners.owner(b"usr"), None);
    // A package without files is there all the same.
    assert_eq!(names(&read("var/db/pkg/virtual/ssh-0/CONTENTS", b"", &gentoo)), [("virtual/ssh", "0")]);
    assert_eq!(problems(&read("var/db/pkg/virtual/ssh/CONTENTS", b"", &gentoo)).len(), 1);
    assert!(recognise("var/db/pkg/CONTENTS").is_none());
}

#[test]
fn cos_lists_what_is_installed() {
    let cos = distribution("ID=cos\nVERSION_ID=105\n");
    let text = br#"{"installedPackages": [{"category": "sys-libs", "name": "zlib", "version": "1.2"}, {"name": "x"}],
        "buildTimePackages": [{"name": "eselect", "version": "1"}]}"#;
    let installed = read("etc/cos-package-info.json", text, &cos);
    assert_eq!(names(&installed), [("zlib", "1.2")]);
    assert_eq!(problems(&installed), [(None, "the version of package `x` is empty")]);
    assert_eq!(problems(&read("etc/cos-package-info.json", b"{", &cos)).len(), 1);
}

/// A frame of Zstandard with one block as it is (RFC 8878, 3.1.1).
fn zstd(text: &[u8]) -> Vec<u8> {
    let size = u8::try_from(text.len()).unwrap();
    let block = (u32::from(size) << 3) | 1;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, size];
    frame.extend(&block.to_le_bytes()[..3]);
    frame.extend(text);
    frame
}

#[test]
fn chisel_tells_packages_but_not_their_sources() {
    let path = "var/lib/chisel/manifest.wall";
    let lines = b"{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":2}\n{\"kind\":\"package\",\"name\":\"libc6\",\"version\":\"2.39-0ubuntu8\",\"arch\":\"amd64\"}\n{\"kind\":\"slice\",\"name\":\"libc6_libs\"}\n";
    let installed = read(path, &zstd(lines), &bookworm());
    assert_eq!(names(&installed), [("libc6", "2.39-0ubuntu8")]);
    let purl = installed.reading.packages[0].purl.to_string();
    assert_eq!(purl, "pkg:deb/debian/libc6@2.39-0ubuntu8?arch=amd64&distro=debian-12");
    let lost = "does not tell what packages were built from, so advisories may be missed";
    assert_eq!(problems(&installed), [(None, lost)]);
    assert_eq!(problems(&read(path, b"no archive", &bookworm())), [(None, "is no compressed manifest")]);
    let cut = zstd(lines);
    assert!(!problems(&read(path, &cut[..cut.len() - 9], &bookworm())).is_empty());
}
