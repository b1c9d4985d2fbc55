use palisade_model::Digest;
use palisade_oci::{
    ChoiceError, Compression, Descriptor, Document, ImageConfig, Index, MAX_DOCUMENT, MediaKind, OciError,
    Platform, choose, media_kind,
};
use proptest::prelude::*;

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

fn index(manifests: &str) -> Index {
    let text = format!("{{\"schemaVersion\":2,\"manifests\":[{manifests}]}}");
    match Document::parse(text.as_bytes(), None).unwrap() {
        Document::Index(index) => index,
        Document::Manifest(_) => panic!("{text}"),
    }
}

fn image(name: &str, more: &str) -> String {
    let digest = digest(name);
    format!(
        "{{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"{digest}\",\"size\":1,\"unknown\":[1]{more}}}"
    )
}

fn platform(architecture: &str, variant: &str) -> String {
    format!(",\"platform\":{{\"os\":\"linux\",\"architecture\":\"{architecture}\"{variant}}}")
}

#[test]
fn a_platform_is_chosen_and_attestations_are_not() {
    let attestation = ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}";
    let index = index(
        &[
            image("proof", attestation),
            image("arm", &platform("arm", ",\"variant\":\"v6\"")),
            image("arm7", &platform("arm", ",\"variant\":\"v7\"")),
            image("arm64", &platform("arm64", ",\"variant\":\"v8\"")),
            image("amd64", &platform("amd64", "")),
        ]
        .join(","),
    );
    for (wish, found) in [
        ("linux/amd64", "amd64"),
        ("linux/arm", "arm"),
        ("linux/arm/v7", "arm7"),
        ("linux/arm64", "arm64"),
        ("linux/arm64/v8", "arm64"),
    ] {
        let wish: Platform = wish.parse().unwrap();
        assert_eq!(choose(&index, Some(&wish)).unwrap().digest, digest(found), "{wish}");
    }
    let wish: Platform = "windows/amd64".parse().unwrap();
    let error = choose(&index, Some(&wish)).unwrap_err().to_string();
    assert_eq!(
        error,
        "has no image for windows/amd64; there are: linux/arm/v6, linux/arm/v7, linux/arm64/v8, linux/amd64"
    );
}

/// A runtime goes by the platform, so that what is called an attestation would be run and not looked at.
#[test]
fn an_image_that_is_called_an_attestation_is_an_image() {
    let called = "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}";
    let index = index(
        &[
            image("proof", &format!(",{called}")),
            image("hidden", &format!("{},{called}", platform("amd64", ""))),
            image("shown", &platform("amd64", "")),
        ]
        .join(","),
    );
    let wish: Platform = "linux/amd64".parse().unwrap();
    assert_eq!(choose(&index, Some(&wish)).unwrap().digest, digest("hidden"));
}

#[test]
fn the_only_image_is_taken_without_a_wish_and_none_is_an_error() {
    let only = index(&image("s390", &platform("s390x", "")));
    assert_eq!(choose(&only, None).unwrap().digest, digest("s390"));
    assert!(choose(&only, Some(&Platform::host())).is_err());
    assert_eq!(choose(&index(""), None), Err(ChoiceError::Empty));
}

/// CVE-2021-41190: a document that is read as an index by one and as a manifest by another.
#[test]
fn a_document_of_two_kinds_is_refused() {
    let descriptor = image("x", "");
    let both = format!("{{\"schemaVersion\":2,\"manifests\":[],\"config\":{descriptor},\"layers\":[]}}");
    for media_type in [
        None,
        Some("application/vnd.oci.image.index.v1+json"),
        Some("application/vnd.oci.image.manifest.v1+json"),
    ] {
        assert!(
            matches!(Document::parse(both.as_bytes(), media_type), Err(OciError::Shape { .. })),
            "{media_type:?}"
        );
    }
    let manifest = format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{descriptor},\"layers\":[]}}"
    );
    assert!(Document::parse(manifest.as_bytes(), None).is_ok());
    assert!(Document::parse(manifest.as_bytes(), Some("application/vnd.oci.image.index.v1+json")).is_err());
    assert!(Document::parse(manifest.replace(":2,", ":1,").as_bytes(), None).is_err());
}

#[test]
fn digests_and_sizes_are_checked() {
    let descriptor = Descriptor {
        media_type: String::new(),
        digest: digest("abc"),
        size: 3,
        urls: Vec::new(),
        annotations: None,
        platform: None,
    };
    assert_eq!(descriptor.check(b"abc"), Ok(()));
    assert!(matches!(descriptor.check(b"abd"), Err(OciError::Digest { .. })));
    assert_eq!(descriptor.check(b"abcd"), Err(OciError::Size { wanted: 3, found: 4 }));
}

#[test]
fn lists_sizes_and_depths_are_bounded() {
    let many = vec![image("x", ""); 1001].join(",");
    let text = format!("{{\"schemaVersion\":2,\"manifests\":[{many}]}}");
    assert_eq!(Document::parse(text.as_bytes(), None), Err(OciError::TooMany("manifests")));
    let large = vec![b' '; MAX_DOCUMENT + 1];
    assert_eq!(Document::parse(&large, None), Err(OciError::TooLarge));
    let deep = format!("{{\"schemaVersion\":2,\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Document::parse(deep.as_bytes(), None).is_err());
    let other = image("x", "").replace("sha256:", "sha512:");
    assert!(
        Document::parse(format!("{{\"schemaVersion\":2,\"manifests\":[{other}]}}").as_bytes(), None).is_err()
    );
}

#[test]
fn layers_are_told_by_their_media_types() {
    for (name, kind) in [
        ("application/vnd.oci.image.layer.v1.tar+zstd", MediaKind::Layer(Compression::Zstd)),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip; x=y", MediaKind::Layer(Compression::Gzip)),
        (
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            MediaKind::ForeignLayer(Compression::Gzip),
        ),
        ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", MediaKind::Other),
        ("", MediaKind::Other),
    ] {
        assert_eq!(media_kind(name), kind, "{name}");
    }
}

/// The shape of image-spec's example, with the nulls that Docker writes.
#[test]
fn a_configuration_is_read_and_its_history_fits_its_layers() {
    let text = br#"{"architecture":"amd64","os":"linux","config":{"User":"app","ExposedPorts":{"8080/tcp":{},"22/tcp":{}},
        "Env":["PATH=/bin"],"Entrypoint":null,"Cmd":["sh"],"Labels":null,"Healthcheck":{"Test":["NONE"]},"Volumes":{"/x":{}}},
        "rootfs":{"type":"layers","diff_ids":["sha256:a","sha256:b"]},
        "history":[{"created_by":"ADD"},{"created_by":"ENV","empty_layer":true},{"created_by":"RUN"}]}"#;
    let config = ImageConfig::parse(text).unwrap();
    assert_eq!(config.config.exposed_ports, ["22/tcp", "8080/tcp"]);
    assert_eq!(config.config.user, "app");
    assert!(config.config.entrypoint.is_empty());
    let made: Vec<_> = config
        .instructions(2)
        .unwrap()
        .iter()
        .map(|history| history.created_by.as_deref().unwrap())
        .collect();
    assert_eq!(made, ["ADD", "RUN"]);
    assert_eq!(config.instructions(1), None);
    assert_eq!(ImageConfig::parse(b"{}").unwrap(), ImageConfig::default());
    assert!(ImageConfig::parse(b"[]").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::parse(&bytes, None);
        let _ = ImageConfig::parse(&bytes);
    }
}
