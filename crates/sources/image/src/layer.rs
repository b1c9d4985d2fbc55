use palisade_model::Digest;
use palisade_oci::Descriptor;

/// Where a layer lies and what it should be.
#[derive(Debug, Clone)]
pub(crate) struct LayerSource {
    /// Its name in the store.
    pub(crate) name: Vec<u8>,
    /// The digest and size of its stored form, if something promises them.
    pub(crate) stored: Option<(Digest, u64)>,
    /// The digest of its content, if something promises it.
    pub(crate) diff_id: Option<Digest>,
    /// Why it cannot be read at all, if so.
    pub(crate) unread: Option<&'static str>,
}

impl LayerSource {
    /// The layer that `descriptor` tells of, in an OCI layout.
    pub(crate) fn of_descriptor(descriptor: &Descriptor) -> Self {
        use palisade_oci::MediaKind;
        let unread = match descriptor.kind() {
            MediaKind::Layer(_) | MediaKind::ForeignLayer(_) => None,
            _ => Some("is of a media type that is not read, such as an encrypted one"),
        };
        let stored = Some((descriptor.digest, descriptor.size));
        Self { name: blob(descriptor.digest), stored, diff_id: None, unread }
    }
}

/// Where an OCI layout keeps what has this digest.
pub(crate) fn blob(digest: Digest) -> Vec<u8> {
    format!("blobs/sha256/{}", digest.hex()).into_bytes()
}
