use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use palisade_model::{Digest, Hasher};
use palisade_oci::{
    Descriptor, Document, MAX_DOCUMENT, Manifest, MediaKind, OciError, Platform, Reference, choose,
};

use crate::address::Address;
use crate::client::{Client, protocol, unreachable};
use crate::error::RegistryError;

/// What an answer about a manifest may be.
const DOCUMENTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// Indexes in indexes.
const MAX_DEPTH: usize = 4;

/// What was pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The digest that the reference led to: of an index, or of the manifest.
    pub digest: Digest,
    /// The digest of the manifest of the chosen platform.
    pub manifest: Digest,
    /// Layers that the registry may not hand out, which are not there.
    pub missing: Vec<Digest>,
}

/// A document with its media type and its bytes.
struct Fetched {
    digest: Digest,
    media_type: String,
    bytes: Vec<u8>,
    document: Document,
}

impl Client {
    /// Pulls the image of `reference` for `platform` into `folder` as an OCI layout. The folder must exist; what is in it already and has
    /// the right digest is not pulled again. What the reference names by digest must have it.
    pub fn pull(
        &self,
        reference: &Reference,
        platform: Option<&Platform>,
        folder: &Path,
    ) -> Result<Pulled, RegistryError> {
        let blobs = folder.join("blobs/sha256");
        fs::create_dir_all(&blobs)?;
        let mut fetched = self.first(reference)?;
        let digest = fetched.digest;
        for _ in 0..=MAX_DEPTH {
            match &fetched.document {
                Document::Manifest(manifest) => {
                    let missing = self.content(reference, manifest, &blobs)?;
                    store(&blobs.join(fetched.digest.hex()), &fetched.bytes)?;
                    write_index(folder, reference, &fetched)?;
                    return Ok(Pulled { digest, manifest: fetched.digest, missing });
                }
                Document::Index(index) => {
                    let descriptor = choose(index, platform)?.clone();
                    fetched = self.document(reference, &descriptor)?;
                }
            }
        }
        let error = OciError::Shape { kind: "index", detail: "indexes are nested deeper than 4".to_owned() };
        Err(RegistryError::Document { what: reference.to_string(), error })
    }

    /// What the reference itself names.
    fn first(&self, reference: &Reference) -> Result<Fetched, RegistryError> {
        let name = reference.digest().map(|digest| digest.to_string());
        let name = name.or_else(|| reference.tag().map(str::to_owned)).unwrap_or_default();
        let (media_type, bytes) = self.manifest(reference, &name, MAX_DOCUMENT as u64)?;
        let digest = Digest::of(&bytes);
        let broken = |error| RegistryError::Document { what: reference.to_string(), error };
        if let Some(wanted) = reference.digest().filter(|wanted| *wanted != digest) {
            return Err(broken(OciError::Digest { wanted, found: digest }));
        }
        let document = Document::parse(&bytes, media_type.as_deref()).map_err(broken)?;
        Ok(Fetched { digest, media_type: media_type.unwrap_or_default(), bytes, document })
    }

    fn document(&self, reference: &Reference, descriptor: &Descriptor) -> Result<Fetched, RegistryError> {
        let name = descriptor.digest.to_string();
        let (_, bytes) = self.manifest(reference, &name, descriptor.size.min(MAX_DOCUMENT as u64))?;
        let broken = |error| RegistryError::Document { what: name.clone(), error };
        descriptor.check(&bytes).map_err(broken)?;
        let document = Document::parse(&bytes, Some(&descriptor.media_type)).map_err(broken)?;
        Ok(Fetched { digest: descriptor.digest, media_type: descriptor.media_type.clone(), bytes, document })
    }

    /// The media type and the bytes of a manifest, by tag or digest.
    fn manifest(
        &self,
        reference: &Reference,
        name: &str,
        max: u64,
    ) -> Result<(Option<String>, Vec<u8>), RegistryError> {
        let address = endpoint(reference, "manifests", name)?;
        let answer = self.get(&address, DOCUMENTS, &reference.to_string())?;
        // Some registries call everything JSON.
        let media_type = answer
            .header("content-type")
            .filter(|name| !name.starts_with("application/json"))
            .map(str::to_owned);
        let mut bytes = Vec::new();
        let read = answer.body.take(max + 1).read_to_end(&mut bytes);
        read.map_err(|error| unreachable(&address, &error.to_string()))?;
        if bytes.len() as u64 > max {
            return Err(protocol(&address, format!("a manifest of more than {max} bytes")));
        }
        Ok((media_type, bytes))
    }

    /// Pulls configuration and layers. Returns those that the registry does not have and need not have.
    fn content(
        &self,
        reference: &Reference,
        manifest: &Manifest,
        blobs: &Path,
    ) -> Result<Vec<Digest>, RegistryError> {
        let all = || std::iter::once(&manifest.config).chain(&manifest.layers);
        let total = all().try_fold(0_u64, |sum, descriptor| sum.checked_add(descriptor.size));
        if total.is_none_or(|total| total > self.limits.max_bytes) {
            return Err(RegistryError::OverLimit(format!("{} bytes", self.limits.max_bytes)));
        }
        if manifest.config.size > MAX_DOCUMENT as u64 {
            return Err(RegistryError::OverLimit(format!("{MAX_DOCUMENT} bytes of configuration")));
        }
        let mut done = BTreeSet::new();
        let mut missing = Vec::new();
        for descriptor in all().filter(|descriptor| done.insert(descriptor.digest)) {
            match self.blob(reference, descriptor, blobs) {
                Err(RegistryError::NotFound { .. })
                    if matches!(descriptor.kind(), MediaKind::ForeignLayer(_)) =>
                {
                    missing.push(descriptor.digest);
                }
                pulled => pulled?,
            }
        }
        Ok(missing)
    }

    /// Writes one blob, under its name only when all of it is right.
    fn blob(
        &self,
        reference: &Reference,
        descriptor: &Descriptor,
        blobs: &Path,
    ) -> Result<(), RegistryError> {
        let path = blobs.join(descriptor.digest.hex());
        if is_there(&path, descriptor)? {
            return Ok(());
        }
        let what = descriptor.digest.to_string();
        let address = endpoint(reference, "blobs", &what)?;
        let answer = self.get(&address, "*/*", &what)?;
        let partial = blobs.join(format!(".{}.partial", descriptor.digest.hex()));
        let mut reader = answer.body.take(descriptor.size.saturating_add(1));
        let mut file = BufWriter::new(File::create(&partial)?);
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 64 << 10];
        let mut count = 0_u64;
        loop {
            let read = reader.read(&mut buffer).map_err(|error| unreachable(&address, &error.to_string()))?;
            let piece = buffer.get(..read).unwrap_or_default();
            if piece.is_empty() {
                break;
            }
            hasher.update(piece);
            file.write_all(piece)?;
            count += read as u64;
        }
        file.flush()?;
        drop(file);
        let found = hasher.finish();
        let error = match (count == descriptor.size, found == descriptor.digest) {
            (false, _) => OciError::Size { wanted: descriptor.size, found: count },
            (true, false) => OciError::Digest { wanted: descriptor.digest, found },
            (true, true) => return Ok(fs::rename(&partial, &path)?),
        };
        fs::remove_file(&partial)?;
        Err(RegistryError::Document { what, error })
    }
}

fn endpoint(reference: &Reference, kind: &str, name: &str) -> Result<Address, RegistryError> {
    let path = format!("/v2/{}/{kind}/{name}", reference.repository());
    Address::of_registry(reference.registry(), &path).ok_or_else(|| RegistryError::Protocol {
        host: reference.registry().to_owned(),
        detail: "no address at all: its name is none".to_owned(),
    })
}

/// Whether the file at `path` is the blob already.
fn is_there(path: &Path, descriptor: &Descriptor) -> Result<bool, RegistryError> {
    let Ok(mut file) = File::open(path) else { return Ok(false) };
    if file.metadata()?.len() != descriptor.size {
        return Ok(false);
    }
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finish() == descriptor.digest),
            count => hasher.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}

fn store(path: &Path, bytes: &[u8]) -> Result<(), RegistryError> {
    Ok(fs::write(path, bytes)?)
}

/// Makes the folder a layout with this one image (image-spec, "image-layout").
fn write_index(folder: &Path, reference: &Reference, fetched: &Fetched) -> Result<(), RegistryError> {
    let media_type = match fetched.media_type.as_str() {
        "" => "application/vnd.oci.image.manifest.v1+json",
        known => known,
    };
    let index = serde_json::json!({
        "schemaVersion": 2,
        "manifests": [{
            "mediaType": media_type,
            "digest": fetched.digest,
            "size": fetched.bytes.len(),
            "annotations": { "org.opencontainers.image.ref.name": reference.to_string() },
        }],
    });
    store(&folder.join("index.json"), index.to_string().as_bytes())?;
    store(&folder.join("oci-layout"), b"{\"imageLayoutVersion\":\"1.0.0\"}")
}
