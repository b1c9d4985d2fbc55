//! Small images, byte by byte.

use std::io::Write;
use std::path::{Path, PathBuf};

use palisade_image::{Choice, Image, ImageEntry, WalkLimits, Walked};
use palisade_model::Digest;

/// A tar archive that is being written (POSIX.1-2017, ustar).
#[derive(Default)]
pub(crate) struct Tar(Vec<u8>);

impl Tar {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn file(self, name: &str, content: &[u8]) -> Self {
        self.entry(b'0', name, 0o644, "", content)
    }

    pub(crate) fn folder(self, name: &str) -> Self {
        self.entry(b'5', name, 0o755, "", b"")
    }

    pub(crate) fn symlink(self, name: &str, target: &str) -> Self {
        self.entry(b'2', name, 0o777, target, b"")
    }

    pub(crate) fn hard_link(self, name: &str, target: &str) -> Self {
        self.entry(b'1', name, 0o644, target, b"")
    }

    pub(crate) fn entry(mut self, kind: u8, name: &str, mode: u32, target: &str, content: &[u8]) -> Self {
        let mut block = [0_u8; 512];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &name.as_bytes()[..name.len().min(100)]);
        put(100, format!("{mode:07o}\0").as_bytes());
        put(108, b"0000000\0");
        put(116, b"0000000\0");
        put(124, format!("{:011o}\0", content.len()).as_bytes());
        put(136, b"00000000000\0");
        put(148, b"        ");
        put(156, &[kind]);
        put(157, &target.as_bytes()[..target.len().min(100)]);
        put(257, b"ustar\x0000");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend(block);
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// A GNU entry whose name is too long for the header.
    pub(crate) fn long_name(self, name: &str, content: &[u8]) -> Self {
        self.entry(b'L', "././@LongLink", 0o644, "", format!("{name}\0").as_bytes()).file(name, content)
    }

    /// An entry whose pax header says what `records` say.
    pub(crate) fn pax(self, records: &[(&str, &str)], name: &str, content: &[u8]) -> Self {
        let record = |(key, value): &(&str, &str)| {
            let rest = format!(" {key}={value}\n");
            let mut len = rest.len() + 1;
            while format!("{len}").len() + rest.len() != len {
                len += 1;
            }
            format!("{len}{rest}")
        };
        let records: String = records.iter().map(record).collect();
        self.entry(b'x', "PaxHeader", 0o644, "", records.as_bytes()).file(name, content)
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A layer to be: its content, its stored form, its media type.
pub(crate) struct Layer {
    pub(crate) content: Vec<u8>,
    pub(crate) stored: Vec<u8>,
    pub(crate) media_type: &'static str,
}

pub(crate) fn plain(content: Vec<u8>) -> Layer {
    Layer { stored: content.clone(), content, media_type: "application/vnd.oci.image.layer.v1.tar" }
}

/// An OCI layout in a folder.
pub(crate) struct Layout {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) manifest: Digest,
    pub(crate) config: Digest,
}

impl Layout {
    pub(crate) fn new(layers: &[Layer]) -> Self {
        Self::with_config(layers, "", "")
    }

    /// `config` and `history` are JSON, without the outer brackets.
    pub(crate) fn with_config(layers: &[Layer], config: &str, history: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
        let blob = |bytes: &[u8]| {
            let digest = Digest::of(bytes);
            std::fs::write(folder.path().join("blobs/sha256").join(digest.hex()), bytes).unwrap();
            digest
        };
        let diff_ids: Vec<String> =
            layers.iter().map(|layer| format!("\"{}\"", Digest::of(&layer.content))).collect();
        let text = format!(
            "{{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{{{config}}},\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[{}]}},\"history\":[{history}]}}",
            diff_ids.join(",")
        );
        let config = blob(text.as_bytes());
        let descriptors: Vec<String> = layers
            .iter()
            .map(|layer| descriptor(layer.media_type, blob(&layer.stored), layer.stored.len(), ""))
            .collect();
        let manifest = format!(
            "{{\"schemaVersion\":2,\"config\":{},\"layers\":[{}]}}",
            descriptor("application/vnd.oci.image.config.v1+json", config, text.len(), ""),
            descriptors.join(",")
        );
        let digest = blob(manifest.as_bytes());
        let one = descriptor("application/vnd.oci.image.manifest.v1+json", digest, manifest.len(), "");
        std::fs::write(
            folder.path().join("index.json"),
            format!("{{\"schemaVersion\":2,\"manifests\":[{one}]}}"),
        )
        .unwrap();
        std::fs::write(folder.path().join("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}").unwrap();
        Self { folder, manifest: digest, config }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn blob(&self, digest: Digest) -> PathBuf {
        self.path().join("blobs/sha256").join(digest.hex())
    }

    pub(crate) fn open(&self) -> Image {
        Image::open(self.path(), &Choice::default()).unwrap()
    }
}

pub(crate) fn descriptor(media_type: &str, digest: Digest, size: usize, more: &str) -> String {
    format!("{{\"mediaType\":\"{media_type}\",\"digest\":\"{digest}\",\"size\":{size}{more}}}")
}

/// Everything that a walk yields.
pub(crate) struct Seen {
    pub(crate) entries: Vec<ImageEntry>,
    pub(crate) walked: Walked,
}

impl Seen {
    /// Path, layer, content and visibility of each version, in the order of the layers.
    pub(crate) fn versions(&self) -> Vec<(String, u32, String, bool)> {
        let shown = |entry: &ImageEntry| {
            let content = entry.content.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            let content = content.unwrap_or_else(|(kind, _)| kind.to_string());
            (entry.path.to_string(), entry.layer, content, self.walked.is_visible(entry.id))
        };
        self.entries.iter().map(shown).collect()
    }

    pub(crate) fn gaps(&self) -> Vec<(bool, String)> {
        self.walked
            .gaps()
            .iter()
            .map(|gap| {
                let path = gap.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
                (gap.blocking, format!("{path}{}", gap.detail))
            })
            .collect()
    }

    pub(crate) fn root(&self) -> Vec<String> {
        self.walked.root().map(|file| String::from_utf8_lossy(file.path).into_owned()).collect()
    }
}

pub(crate) fn walk(image: &Image, limits: WalkLimits) -> Seen {
    let mut walk = image.walk(limits, &|_| true);
    let entries = walk.by_ref().collect();
    Seen { entries, walked: walk.finish() }
}

pub(crate) fn see(layers: Vec<Vec<u8>>) -> Seen {
    let layers: Vec<Layer> = layers.into_iter().map(plain).collect();
    walk(&Layout::new(&layers).open(), WalkLimits::default())
}

pub(crate) fn version(
    path: &str,
    layer: u32,
    content: &str,
    is_visible: bool,
) -> (String, u32, String, bool) {
    (path.to_owned(), layer, content.to_owned(), is_visible)
}
