//! SPDX 2.3 as JSON.
//!
//! What its packages have no field for lies in one annotation for each, a JSON object behind [`OURS`].

mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::write;

/// How a comment begins that holds what SPDX has no field for.
const OURS: &str = "palisade:";

/// Names of digest algorithms: ours, as in CycloneDX, and those of SPDX.
const ALGORITHMS: [(&str, &str); 17] = [
    ("MD5", "MD5"),
    ("MD2", "MD2"),
    ("MD4", "MD4"),
    ("MD6", "MD6"),
    ("SHA-1", "SHA1"),
    ("SHA-224", "SHA224"),
    ("SHA-256", "SHA256"),
    ("SHA-384", "SHA384"),
    ("SHA-512", "SHA512"),
    ("SHA3-256", "SHA3-256"),
    ("SHA3-384", "SHA3-384"),
    ("SHA3-512", "SHA3-512"),
    ("BLAKE2b-256", "BLAKE2b-256"),
    ("BLAKE2b-384", "BLAKE2b-384"),
    ("BLAKE2b-512", "BLAKE2b-512"),
    ("BLAKE3", "BLAKE3"),
    ("ADLER32", "ADLER32"),
];

/// The name of a document that is about nothing by name.
pub(crate) const UNNAMED: &str = "unnamed";

/// Kinds of components: those of CycloneDX and the purposes of SPDX.
const PURPOSES: [(&str, &str); 12] = [
    ("application", "APPLICATION"),
    ("framework", "FRAMEWORK"),
    ("library", "LIBRARY"),
    ("container", "CONTAINER"),
    ("operating-system", "OPERATING_SYSTEM"),
    ("device", "DEVICE"),
    ("firmware", "FIRMWARE"),
    ("file", "FILE"),
    ("application", "INSTALL"),
    ("file", "ARCHIVE"),
    ("file", "SOURCE"),
    ("file", "BINARY"),
];

/// Relationships that say that one thing needs another: the name, and whether the needed one comes first.
const NEEDS: [(&str, bool); 11] = [
    ("DEPENDS_ON", false),
    ("DEPENDENCY_OF", true),
    ("BUILD_DEPENDENCY_OF", true),
    ("DEV_DEPENDENCY_OF", true),
    ("OPTIONAL_DEPENDENCY_OF", true),
    ("PROVIDED_DEPENDENCY_OF", true),
    ("TEST_DEPENDENCY_OF", true),
    ("RUNTIME_DEPENDENCY_OF", true),
    ("HAS_PREREQUISITE", false),
    ("PREREQUISITE_FOR", true),
    ("STATIC_LINK", false),
];
