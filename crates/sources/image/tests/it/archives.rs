//! The ways in which images are stored.

use std::path::Path;

use palisade_image::{Choice, Image, ImageError, WalkLimits};
use palisade_model::Digest;
use palisade_oci::Platform;

use crate::build::{Layer, Layout, Tar, descriptor, gzip, plain, version, walk, zstd};

fn content() -> Vec<u8> {
    Tar::new().file("a", b"content").end()
}

#[test]
fn each_compression_is_read_whatever_the_media_type_says() {
    let skippable = [&[0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 1], zstd(&content()).as_slice()].concat();
    let halves = content();
    let two_members = [gzip(&halves[..700]), gzip(&halves[700..])].concat();
    for stored in [content(), gzip(&content()), two_members, zstd(&content()), skippable] {
        let layer =
            Layer { content: content(), stored, media_type: "application/vnd.oci.image.layer.v1.tar+gzip" };
        let seen = walk(&Layout::new(&[layer]).open(), WalkLimits::default());
        assert_eq!(seen.versions(), [version("a", 0, "content", true)]);
        assert_eq!(seen.gaps(), []);
    }
}

/// The members of a layout as a tar archive.
fn archived(layout: &Layout) -> Vec<u8> {
    let mut tar = Tar::new();
    for name in ["oci-layout", "index.json"] {
        tar = tar.file(name, &std::fs::read(layout.path().join(name)).unwrap());
    }
    for blob in std::fs::read_dir(layout.path().join("blobs/sha256")).unwrap() {
        let blob = blob.unwrap();
        tar = tar.file(
            &format!("blobs/sha256/{}", blob.file_name().to_str().unwrap()),
            &std::fs::read(blob.path()).unwrap(),
        );
    }
    tar.end()
}

fn open(bytes: &[u8], choice: &Choice) -> Result<Image, ImageError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    std::fs::write(&path, bytes).unwrap();
    Image::open(&path, choice)
}

#[test]
fn a_layout_is_read_from_an_archive_too() {
    let layout = Layout::new(&[plain(content())]);
    let image = open(&archived(&layout), &Choice::default()).unwrap();
    assert_eq!(image.manifest(), Some(layout.manifest));
    assert_eq!(image.id(), Some(layout.config));
    let seen = walk(&image, WalkLimits::default());
    assert_eq!(seen.versions(), [version("a", 0, "content", true)]);
    assert_eq!(seen.gaps(), []);
}

fn docker(images: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = Tar::new();
    let mut listed = Vec::new();
    for (tag, text) in images {
        let layer = Tar::new().file("a", text.as_bytes()).end();
        let config = format!("{{\"config\":{{}},\"rootfs\":{{\"diff_ids\":[\"{}\"]}}}}", Digest::of(&layer));
        let id = Digest::of(config.as_bytes()).hex();
        tar = tar.file(&format!("{id}/layer.tar"), &layer).file(&format!("{id}.json"), config.as_bytes());
        // As `docker save` does it for a layer that another image has too.
        tar = tar.symlink(&format!("x{id}/layer.tar"), &format!("../{id}/layer.tar"));
        listed.push(format!(
            "{{\"Config\":\"{id}.json\",\"RepoTags\":[\"{tag}\"],\"Layers\":[\"x{id}/layer.tar\"]}}"
        ));
    }
    tar.file("manifest.json", format!("[{}]", listed.join(",")).as_bytes()).end()
}

#[test]
fn a_docker_archive_is_read_and_one_of_several_images_is_chosen() {
    let one = open(&docker(&[("app:1", "one")]), &Choice::default()).unwrap();
    assert_eq!(walk(&one, WalkLimits::default()).versions(), [version("a", 0, "one", true)]);
    assert_eq!(one.name(), Some("app:1"));
    let two = docker(&[("app:1", "one"), ("app:2", "two")]);
    let error = open(&two, &Choice::default()).err().unwrap();
    assert_eq!(error.to_string(), "holds several images; choose one of: app:1, app:2");
    for name in ["app:2", "docker.io/library/app:2"] {
        let image = open(&two, &Choice { image: Some(name.to_owned()), platform: None }).unwrap();
        assert_eq!(walk(&image, WalkLimits::default()).versions(), [version("a", 0, "two", true)]);
    }
    let error = open(&two, &Choice { image: Some("app:3".to_owned()), platform: None }).err().unwrap();
    assert_eq!(error.to_string(), "holds no image `app:3`; there are: app:1, app:2");
}

#[test]
fn a_docker_archive_without_a_manifest_is_followed_from_layer_to_layer() {
    let layer = |text: &str| Tar::new().file(text, text.as_bytes()).end();
    let bytes = Tar::new()
        .file("repositories", b"{\"app\":{\"latest\":\"top\"}}")
        .file("base/json", b"{\"id\":\"base\",\"container_config\":{\"Cmd\":[\"ADD\",\"base\"]}}")
        .file("base/layer.tar", &layer("low"))
        .file("top/json", b"{\"id\":\"top\",\"parent\":\"base\",\"config\":{\"User\":\"app\"}}")
        .file("top/layer.tar", &layer("high"))
        .end();
    let image = open(&bytes, &Choice::default()).unwrap();
    assert_eq!(image.config().unwrap().config.user, "app");
    assert_eq!(image.layers()[0].layer.created_by.as_deref(), Some("ADD base"));
    let seen = walk(&image, WalkLimits::default());
    assert_eq!(seen.versions(), [version("low", 0, "low", true), version("high", 1, "high", true)]);
}

#[test]
fn a_circle_of_parents_ends() {
    let bytes = Tar::new()
        .file("repositories", b"{\"app\":{\"latest\":\"a\"}}")
        .file("a/json", b"{\"parent\":\"a\"}")
        .file("a/layer.tar", &content())
        .end();
    assert!(matches!(open(&bytes, &Choice::default()), Err(ImageError::Document { .. })));
}

/// An index with one image for each platform, one of them in a further index.
#[test]
fn a_platform_is_chosen_from_nested_indexes() {
    let (amd, arm) =
        (Layout::new(&[plain(content())]), Layout::new(&[plain(Tar::new().file("a", b"arm").end())]));
    for blob in std::fs::read_dir(arm.path().join("blobs/sha256")).unwrap() {
        let blob = blob.unwrap();
        std::fs::copy(blob.path(), amd.path().join("blobs/sha256").join(blob.file_name())).unwrap();
    }
    let size = |layout: &Layout| std::fs::metadata(layout.blob(layout.manifest)).unwrap().len() as usize;
    let platform = |name: &str| format!(",\"platform\":{{\"os\":\"linux\",\"architecture\":\"{name}\"}}");
    let manifest = "application/vnd.oci.image.manifest.v1+json";
    let inner = format!(
        "{{\"schemaVersion\":2,\"manifests\":[{},{}]}}",
        descriptor(manifest, amd.manifest, size(&amd), &platform("amd64")),
        descriptor(manifest, arm.manifest, size(&arm), &platform("arm64")),
    );
    let digest = Digest::of(inner.as_bytes());
    std::fs::write(amd.blob(digest), &inner).unwrap();
    let outer = descriptor("application/vnd.oci.image.index.v1+json", digest, inner.len(), "");
    std::fs::write(amd.path().join("index.json"), format!("{{\"schemaVersion\":2,\"manifests\":[{outer}]}}"))
        .unwrap();
    let open = |name: &str| {
        let platform: Platform = name.parse().unwrap();
        Image::open(amd.path(), &Choice { image: None, platform: Some(platform) })
    };
    assert_eq!(open("linux/arm64").unwrap().manifest(), Some(arm.manifest));
    assert_eq!(open("linux/amd64").unwrap().manifest(), Some(amd.manifest));
    assert!(matches!(open("linux/s390x"), Err(ImageError::Platform(_))));
    // Where nobody chose, it is said what was passed over.
    let told = |image: &Image| walk(image, WalkLimits::default()).gaps();
    let unchosen = Image::open(amd.path(), &Choice::default()).unwrap();
    let other = if unchosen.manifest() == Some(amd.manifest) { "linux/arm64" } else { "linux/amd64" };
    let gaps = told(&unchosen);
    assert!(
        matches!(gaps.as_slice(), [(false, note)] if note.contains(&format!("those for {other} were not"))),
        "{gaps:?}"
    );
    assert_eq!(told(&open("linux/arm64").unwrap()), []);
}

#[test]
fn what_is_no_image_is_told() {
    let none = open(&Tar::new().file("x", b"y").end(), &Choice::default()).err().unwrap().to_string();
    assert!(
        none.ends_with("there is no `oci-layout`, no `manifest.json` and no `repositories` in it"),
        "{none}"
    );
    let packed = open(&gzip(&content()), &Choice::default()).err().unwrap().to_string();
    assert!(packed.ends_with("must be expanded first"), "{packed}");
    assert!(matches!(Image::open(Path::new("/nowhere"), &Choice::default()), Err(ImageError::Io { .. })));
    let fifo = Path::new("/dev/null");
    assert!(matches!(Image::open(fifo, &Choice::default()), Err(ImageError::Io { .. })));
}
