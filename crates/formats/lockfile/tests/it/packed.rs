//! Wheels and eggs that lie closed. The wheel is made by Python's `zipfile` as PyPA's "Binary distribution format" lays it out.

use palisade_archive::{Budget, Limits};
use palisade_lockfile::{is_packed, read_packed};
use palisade_model::RepoPath;

use crate::jars::{jars, shown, zip};

const METADATA: &[u8] =
    b"Metadata-Version: 2.1\nName: Zope.Event\nVersion: 5.0\nLicense-Expression: ZPL-2.1\n\nText\n";

#[test]
fn closed_wheels_and_eggs_are_what_their_records_say() {
    let wheel = zip(&[
        ("zope/event/__init__.py", b"x"),
        ("zope.event-5.0.dist-info/METADATA", METADATA),
        ("zope/_vendor/six-1.16.0.dist-info/METADATA", b"Name: six\nVersion: 1.16.0\n\n"),
        ("zope.event-5.0.dist-info/RECORD", b"x"),
    ]);
    assert_eq!(
        shown(&jars("wheels/zope.event-5.0-py3-none-any.whl", &wheel)),
        [
            "zope.event-5.0.dist-info/METADATA pkg:pypi/zope-event@5.0 0",
            "zope/_vendor/six-1.16.0.dist-info/METADATA pkg:pypi/six@1.16.0 0"
        ]
    );
    let egg = zip(&[("EGG-INFO/PKG-INFO", b"Metadata-Version: 1.0\nName: monotonic\nVersion: 1.6\n")]);
    assert_eq!(
        shown(&jars("monotonic-1.6-py3.10.egg", &egg)),
        ["EGG-INFO/PKG-INFO pkg:pypi/monotonic@1.6 0"]
    );
    assert!(is_packed("a/B.WHL") && !is_packed("a.egg-link") && !is_packed("whl"));
}

#[test]
fn an_archive_without_a_record_is_told_by_its_name_or_is_a_problem() {
    let empty = zip(&[("x/__init__.py", b"x")]);
    assert_eq!(
        shown(&jars("My_Lib-2.0.1-cp311-cp311-linux_x86_64.whl", &empty)),
        [" pkg:pypi/my-lib@2.0.1 0"]
    );
    assert_eq!(shown(&jars("lib.egg", &empty)), ["  1"]);
    assert_eq!(shown(&jars("a-1.0-py3-none-any.whl", b"no archive")), [" pkg:pypi/a@1.0 1"]);
    // CHICKEN Scheme describes its packages in files of that ending.
    assert!(jars("scheme/lib.egg", b"((version \"1.0\"))\n").is_empty());
    let unnamed = zip(&[("a-1.0.dist-info/METADATA", b"Version: 1.0\n\n")]);
    assert_eq!(shown(&jars("a-1.0-py3-none-any.whl", &unnamed)), ["a-1.0.dist-info/METADATA  1"]);
}

#[test]
fn damaged_and_endless_wheels_are_problems() {
    let wheel = zip(&[("a-1.0.dist-info/METADATA", METADATA), ("a/b.py", &[b'x'; 4096])]);
    let cut = &wheel[..wheel.len() / 2];
    assert!(jars("a-1.0.whl", cut).iter().any(|record| !record.reading().problems.is_empty()));
    let limits = Limits { max_members: 1, ..Limits::default() };
    let path = RepoPath::from_bytes("a-1.0.whl").unwrap();
    let records = read_packed(&path, &[], &wheel, &mut Budget::new(limits));
    assert!(records.iter().any(|record| !record.reading().problems.is_empty()));
    assert_eq!(shown(&jars("a-1.0.whl", b"")), [" pkg:pypi/a@1.0 1"]);
}

/// A package of NuGet is a zip archive with its specification at the root ("Create a NuGet package").
#[test]
fn a_closed_package_of_nuget_is_what_its_specification_says() {
    let text = b"<package><metadata>\n<id>Own.Lib</id><version>1.2.0</version></metadata></package>";
    let package = zip(&[("_rels/.rels", b"x"), ("Own.Lib.nuspec", text), ("content/other.nuspec", b"x")]);
    assert_eq!(
        shown(&jars("feed/Own.Lib.1.2.0.nupkg", &package)),
        ["Own.Lib.nuspec pkg:nuget/Own.Lib@1.2.0 0"]
    );
    assert_eq!(shown(&jars("a.nupkg", &zip(&[("x.txt", b"x")]))), ["  1"]);
    assert_eq!(shown(&jars("a.nupkg", b"no archive")), ["  1"]);
    // In the store its specification lies beside it.
    let tool = "usr/share/own/.store/own/1.2.0/own/1.2.0/own.1.2.0.nupkg";
    assert!(!is_packed("packages/own.lib/1.2.0/own.lib.1.2.0.nupkg") && !is_packed(tool));
    // What `nuget add` makes is a feed of the same folders ("Local feeds"), and its specifications are no installed packages.
    for closed in ["a/B.NUPKG", "feed/own.lib/1.2.0/own.lib.1.2.0.nupkg", "own.lib/1.2.0/own.lib.1.2.0.nupkg"]
    {
        assert!(is_packed(closed), "{closed}");
    }
}
