use palisade_osdb::{identify, recognise};
use proptest::prelude::*;

use crate::rpm::{bash, database};
use crate::{bookworm, read};

const PATHS: &[&str] = &[
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d/x",
    "var/lib/dpkg/status.d/x.md5sums",
    "var/lib/dpkg/info/x.list",
    "usr/lib/opkg/status",
    "lib/apk/db/installed",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages",
    "var/lib/rpm/Packages.db",
    "var/lib/rpmmanifest/container-manifest-2",
    "var/lib/pacman/local/x-1/desc",
    "var/lib/pacman/local/x-1/files",
];

#[test]
fn places_of_records_are_recognised() {
    for place in palisade_osdb::RECORD_PLACES {
        assert!(recognise(place).is_some_and(|format| format.tells_packages()), "{place}");
    }
}

#[test]
fn names_beside_are_no_records() {
    for path in [
        "x/var/lib/dpkg/status",
        "var/lib/dpkg/status-old",
        "var/lib/dpkg/status.d/a/b",
        "var/lib/rpm/x/Packages",
        "var/lib/pacman/local/desc",
        "",
    ] {
        assert!(recognise(path).is_none(), "{path}");
    }
}

#[test]
fn problems_are_bounded() {
    let installed = read("var/lib/dpkg/status", &b"x\n".repeat(100_000), &bookworm());
    assert_eq!(installed.reading.problems.len(), 101);
    assert_eq!(installed.reading.problems[100].detail, "has more problems than are told");
}

#[test]
fn a_long_value_is_a_problem_and_not_a_package() {
    let text = format!("Package: {}\nVersion: 1\n\n", "x".repeat(1 << 20));
    let installed = read("var/lib/dpkg/status", text.as_bytes(), &bookworm());
    assert!(installed.reading.packages.is_empty());
    assert_eq!(installed.reading.problems.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for path in PATHS {
            let installed = read(path, &bytes, &bookworm());
            prop_assert!(installed.owners.owner(&bytes).is_none() || !installed.owners.is_empty());
        }
        identify(&[("etc/os-release", &bytes)]);
    }

    #[test]
    fn lines_that_look_right_are_read_without_a_panic(text in "((P|V|F|R|Package|Version|Status|%NAME%|ID)[:=]? ?[a-z0-9:%().|,-]{0,12}\n{0,2}){0,20}") {
        for path in PATHS {
            read(path, text.as_bytes(), &bookworm());
        }
        identify(&[("etc/os-release", text.as_bytes())]);
    }
}

/// Each byte of a header broken in turn: read or told, never lost in silence and never a panic.
#[test]
fn a_header_with_any_byte_broken_is_read_or_told() {
    let whole = bash();
    let blobs: Vec<Vec<u8>> = (0..whole.len())
        .flat_map(|at| {
            [0, 0xff].map(|byte| {
                let mut blob = whole.clone();
                blob[at] = byte;
                blob
            })
        })
        .collect();
    let count = blobs.len();
    let installed = read("var/lib/rpm/rpmdb.sqlite", &database(&blobs), &bookworm());
    let told = installed.reading.problems.len();
    assert!(installed.reading.packages.len() + told == count || told == 101, "{count} {told}");
}
