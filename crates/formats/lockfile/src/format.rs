use std::fmt;

use palisade_model::{PackageEvidence, Reading};

use crate::record::Companion;
use crate::{
    beam, dart, dotnet, go, infrastructure, java, javascript, native, other, php, python, ruby, rust, swift,
};

/// Bytes of one record that are read; a larger one is a problem. The largest lockfiles of real monorepos are a quarter of it.
pub(crate) const MAX_RECORD_BYTES: usize = 64 << 20;

/// What one file says, and what only makes sense together with other files.
pub(crate) type Parsed = (Reading, Option<Companion>);

/// A format of records.
pub struct Format {
    /// Its name in results, kebab-case, such as `cargo-lock`.
    pub(crate) name: &'static str,
    /// How sure its packages are in the product.
    pub(crate) evidence: PackageEvidence,
    /// Whether a file of this path may be one, `/` between folders, by the path alone.
    pub(crate) recognises: fn(&str) -> bool,
    /// Reads the path and the bytes of one; none when the format is known and not read.
    pub(crate) read: Option<fn(&str, &[u8]) -> Parsed>,
}

impl Format {
    /// The name in results, such as `cargo-lock`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How sure its packages are in the product.
    pub const fn evidence(&self) -> PackageEvidence {
        self.evidence
    }

    /// Whether it is read at all; one that is not is a gap.
    pub const fn is_read(&self) -> bool {
        self.read.is_some()
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The format of the file at `path`, by its name and folders alone.
pub fn recognise(path: &str) -> Option<&'static Format> {
    FAMILIES.iter().flat_map(|family| family.iter()).find(|format| (format.recognises)(path))
}

/// The formats, family by family.
const FAMILIES: &[&[Format]] = &[
    javascript::FORMATS,
    python::FORMATS,
    rust::FORMATS,
    go::FORMATS,
    java::FORMATS,
    dotnet::FORMATS,
    php::FORMATS,
    ruby::FORMATS,
    swift::FORMATS,
    dart::FORMATS,
    beam::FORMATS,
    native::FORMATS,
    infrastructure::FORMATS,
    other::FORMATS,
];
