//! Every limit of a walk, hit.

use palisade_image::WalkLimits;

use crate::build::{Layer, Layout, Tar, gzip, plain, version, walk};

fn limits() -> WalkLimits {
    WalkLimits::default()
}

#[test]
fn a_file_over_the_limit_is_told_and_the_others_are_read() {
    let layout = Layout::new(&[plain(Tar::new().file("large", &[1; 2000]).file("small", b"x").end())]);
    let seen = walk(&layout.open(), WalkLimits { max_file_bytes: 1000, ..limits() });
    assert_eq!(seen.versions(), [version("large", 0, "budget-hit", true), version("small", 0, "x", true)]);
}

/// A sparse file that claims a terabyte of holes.
#[test]
fn a_file_of_holes_is_not_filled() {
    let sparse = [("GNU.sparse.map", "0,1"), ("GNU.sparse.name", "s"), ("GNU.sparse.size", "1099511627776")];
    let layout = Layout::new(&[plain(Tar::new().pax(&sparse, "x", b"a").file("b", b"y").end())]);
    let seen = walk(&layout.open(), limits());
    assert_eq!(seen.versions(), [version("s", 0, "budget-hit", true), version("b", 0, "y", true)]);
}

#[test]
fn entries_are_bounded() {
    let mut tar = Tar::new();
    for number in 0..20 {
        tar = tar.file(&format!("f{number}"), b"").file(&format!(".wh.g{number}"), b"");
    }
    let seen = walk(&Layout::new(&[plain(tar.end())]).open(), WalkLimits { max_entries: 10, ..limits() });
    assert!(seen.entries.len() <= 10);
    assert!(seen.gaps()[0].0 && seen.gaps()[0].1.contains("more than 10 entries"), "{:?}", seen.gaps());
}

#[test]
fn expansion_is_bounded_in_all_and_for_each_byte() {
    let content = Tar::new().file("zeros", &vec![0; 80 << 20]).file("behind", b"x").end();
    let media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
    let layout = Layout::new(&[Layer { stored: gzip(&content), content, media_type }]);
    let told = |limits| walk(&layout.open(), limits).gaps();
    assert_eq!(told(limits()), []);
    let by_total = told(WalkLimits { max_expanded: 1 << 20, ..limits() });
    assert!(
        by_total[0].0 && by_total[0].1.contains("over the limit of 1048576 expanded bytes"),
        "{by_total:?}"
    );
    let by_ratio = told(WalkLimits { max_ratio: 10, ..limits() });
    assert!(by_ratio[0].0 && by_ratio[0].1.contains("more than 10 times its size"), "{by_ratio:?}");
}

#[test]
fn the_total_counts_over_all_layers() {
    let layers: Vec<Layer> =
        (0..4).map(|number| plain(Tar::new().file(&format!("f{number}"), &[1; 4000]).end())).collect();
    let seen = walk(&Layout::new(&layers).open(), WalkLimits { max_expanded: 12_000, ..limits() });
    assert!(seen.entries.len() < 4);
    assert!(seen.gaps().iter().any(|(is_blocking, text)| *is_blocking && text.contains("expanded bytes")));
}

#[test]
fn long_paths_and_deep_folders_are_gaps() {
    let long = "x/".repeat(200) + &"y".repeat(4000);
    let deep = "d/".repeat(300) + "f";
    let seen = walk(
        &Layout::new(&[plain(
            Tar::new().long_name(&long, b"1").long_name(&deep, b"2").file("ok", b"3").end(),
        )])
        .open(),
        limits(),
    );
    assert_eq!(seen.versions(), [version("ok", 0, "3", true)]);
    let gaps = seen.gaps();
    assert!(gaps.len() == 2 && gaps.iter().all(|(is_blocking, _)| *is_blocking), "{gaps:?}");
}

#[test]
fn gaps_are_bounded() {
    let mut tar = Tar::new();
    for _ in 0..500 {
        tar = tar.file("../x", b"");
    }
    assert_eq!(walk(&Layout::new(&[plain(tar.end())]).open(), limits()).gaps().len(), 100);
}
