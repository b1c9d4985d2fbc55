/// What a media type stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// A list of manifests.
    Index,
    /// One image.
    Manifest,
    /// The configuration of an image.
    Config,
    /// A layer.
    Layer(Compression),
    /// A layer that the registry may not hand out, and that lies elsewhere.
    ForeignLayer(Compression),
    /// Something else, such as an encrypted layer or an attestation.
    Other,
}

/// How a layer is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// Gzip, which eStargz is too.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// The kind of a media type; parameters behind a semicolon do not count.
pub fn media_kind(media_type: &str) -> MediaKind {
    let name = media_type.split(';').next().unwrap_or_default().trim();
    match name {
        "application/vnd.oci.image.index.v1+json"
        | "application/vnd.docker.distribution.manifest.list.v2+json" => MediaKind::Index,
        "application/vnd.oci.image.manifest.v1+json"
        | "application/vnd.docker.distribution.manifest.v2+json" => MediaKind::Manifest,
        "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json" => {
            MediaKind::Config
        }
        "application/vnd.oci.image.layer.v1.tar" | "application/vnd.docker.image.rootfs.diff.tar" => {
            MediaKind::Layer(Compression::None)
        }
        "application/vnd.oci.image.layer.v1.tar+gzip"
        | "application/vnd.docker.image.rootfs.diff.tar.gzip" => MediaKind::Layer(Compression::Gzip),
        "application/vnd.oci.image.layer.v1.tar+zstd"
        | "application/vnd.docker.image.rootfs.diff.tar.zstd" => MediaKind::Layer(Compression::Zstd),
        "application/vnd.oci.image.layer.nondistributable.v1.tar" => {
            MediaKind::ForeignLayer(Compression::None)
        }
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
        | "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" => {
            MediaKind::ForeignLayer(Compression::Gzip)
        }
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd" => {
            MediaKind::ForeignLayer(Compression::Zstd)
        }
        _ => MediaKind::Other,
    }
}
