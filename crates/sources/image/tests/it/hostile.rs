//! Digests that lie, layers that are missing or broken, names that leave the root.

use palisade_image::{Choice, Image, ImageError, WalkLimits};
use palisade_model::Digest;
use proptest::prelude::*;

use crate::build::{Layer, Layout, Tar, gzip, plain, see, version, walk};

#[test]
fn names_that_leave_the_root_are_gaps_and_absolute_ones_are_not() {
    let seen = see(vec![
        Tar::new()
            .file("../../etc/passwd", b"x")
            .file("a/../b", b"x")
            .file("/etc/shadow", b"y")
            .file("ok", b"z")
            .end(),
    ]);
    assert_eq!(seen.versions(), [version("etc/shadow", 0, "y", true), version("ok", 0, "z", true)]);
    let expected =
        "in layer 0: the name of an entry leads out of the root by `..`, so it is not looked at".to_owned();
    assert_eq!(seen.gaps(), [(true, expected.clone()), (true, expected)]);
}

#[test]
fn documents_are_checked_before_they_are_parsed() {
    let layout = Layout::new(&[plain(Tar::new().end())]);
    for digest in [layout.manifest, layout.config] {
        let whole = std::fs::read(layout.blob(digest)).unwrap();
        let mut broken = whole.clone();
        let last = broken.len() - 2;
        broken[last] = b' ';
        std::fs::write(layout.blob(digest), &broken).unwrap();
        let error = Image::open(layout.path(), &Choice::default()).err().unwrap();
        assert!(
            matches!(error, ImageError::Document { error: palisade_oci::OciError::Digest { .. }, .. }),
            "{error}"
        );
        std::fs::write(layout.blob(digest), [whole.as_slice(), b" "].concat()).unwrap();
        let error = Image::open(layout.path(), &Choice::default()).err().unwrap();
        assert!(
            matches!(error, ImageError::Document { error: palisade_oci::OciError::Size { .. }, .. }),
            "{error}"
        );
        std::fs::write(layout.blob(digest), whole).unwrap();
    }
    std::fs::remove_file(layout.blob(layout.config)).unwrap();
    assert!(matches!(Image::open(layout.path(), &Choice::default()), Err(ImageError::Missing(_))));
}

#[test]
fn a_layer_that_is_not_what_was_promised_is_a_blocking_gap() {
    let content = Tar::new().file("a", b"one").end();
    let other = Tar::new().file("a", b"two").end();
    let layout = Layout::new(&[plain(content.clone())]);
    std::fs::write(layout.blob(Digest::of(&content)), &other).unwrap();
    let gaps = walk(&layout.open(), WalkLimits::default()).gaps();
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert!(gaps.iter().all(|(is_blocking, text)| *is_blocking && text.contains("was promised")), "{gaps:?}");
    // The stored form is right, the content is another than the configuration says.
    let lying =
        Layer { content, stored: gzip(&other), media_type: "application/vnd.oci.image.layer.v1.tar+gzip" };
    let gaps = walk(&Layout::new(&[lying]).open(), WalkLimits::default()).gaps();
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].0 && gaps[0].1.starts_with("the content of layer 0 has the digest"), "{gaps:?}");
}

#[test]
fn a_missing_foreign_or_unknown_layer_is_a_blocking_gap_and_the_others_are_read() {
    let foreign = Tar::new().file("foreign", b"x").end();
    let locked = Tar::new().file("locked", b"x").end();
    let layers = [
        Layer {
            content: foreign.clone(),
            stored: foreign.clone(),
            media_type: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        },
        Layer {
            content: locked.clone(),
            stored: locked,
            media_type: "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
        },
        plain(Tar::new().file("a", b"x").end()),
    ];
    let layout = Layout::new(&layers);
    std::fs::remove_file(layout.blob(Digest::of(&foreign))).unwrap();
    let seen = walk(&layout.open(), WalkLimits::default());
    assert_eq!(seen.versions(), [version("a", 2, "x", true)]);
    let gaps = seen.gaps();
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert!(gaps.iter().all(|(is_blocking, _)| *is_blocking));
    let texts = gaps.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    assert!(
        texts.contains("layer 0 is not there") && texts.contains("layer 1 is of a media type"),
        "{texts}"
    );
}

/// Each layer that is read has a broken twin, cut or changed anywhere, that is not read in silence.
#[test]
fn a_layer_that_is_cut_anywhere_is_a_blocking_gap() {
    let content = Tar::new().file("a", &[b'x'; 700]).symlink("l", "a").end();
    for stored in [content.clone(), gzip(&content), crate::build::zstd(&content)] {
        for cut in [1, 2, 10, stored.len() / 2, stored.len() - 1] {
            let layer = Layer {
                content: content.clone(),
                stored: stored[..cut].to_vec(),
                media_type: "application/vnd.oci.image.layer.v1.tar",
            };
            let gaps = walk(&Layout::new(&[layer]).open(), WalkLimits::default()).gaps();
            assert!(gaps.iter().any(|(is_blocking, _)| *is_blocking), "{cut} of {}", stored.len());
        }
    }
}

#[test]
fn bytes_behind_the_end_of_a_layer_are_noted_and_the_digest_still_fits() {
    let hidden = Tar::new().file("a", b"x").raw(&[0; 1024]).file("hidden", b"y").end();
    let seen = see(vec![hidden]);
    assert_eq!(seen.versions(), [version("a", 0, "x", true)]);
    assert_eq!(seen.gaps(), [(false, "layer 0 has bytes behind its end, which no runtime reads".to_owned())]);
}

#[test]
fn a_link_out_of_a_layout_is_not_followed() {
    let content = Tar::new().file("a", b"x").end();
    let layout = Layout::new(&[plain(content.clone())]);
    let blob = layout.blob(Digest::of(&content));
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("layer"), &content).unwrap();
    std::fs::remove_file(&blob).unwrap();
    std::os::unix::fs::symlink(outside.path().join("layer"), &blob).unwrap();
    let seen = walk(&layout.open(), WalkLimits::default());
    assert!(seen.entries.is_empty());
    assert!(seen.gaps()[0].0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_are_a_layer_that_is_read_or_told(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..1500),
        pieces in proptest::collection::vec((0_usize..1500, "(a|b|a/b|\\.wh\\.a|\\.\\./x|a/\\.wh\\.\\.wh\\.\\.opq)", 0_u8..8), 0..4),
    ) {
        for (at, name, kind) in pieces {
            let block = Tar::new().entry(b'0' + kind, &name, 0o4777, &name, b"").end();
            let at = (at / 512 * 512).min(bytes.len());
            bytes.splice(at..at, block[..512].iter().copied());
        }
        let seen = see(vec![bytes.clone(), Tar::new().file("a", b"x").end(), bytes]);
        prop_assert!(seen.versions().iter().any(|(path, layer, content, _)| path == "a" && *layer == 1 && content == "x"));
        let root: Vec<_> = seen.walked.root().map(|file| file.path.to_vec()).collect();
        prop_assert!(root.is_sorted() && root.iter().all(|path| !path.starts_with(b"..")));
    }
}
