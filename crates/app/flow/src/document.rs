use std::path::Path;

use palisade_config::Parsed;
use palisade_model::{Digest, Problem};
use palisade_sys::{FileErrorKind, Files};

use crate::FlowError;
use crate::error::BadDocument;

/// The largest document that is read, in bytes. The parsers have a lower limit of their own and say so with a place.
const LIMIT: u64 = 16 << 20;

/// A usable document, with what was odd about it.
#[derive(Debug, Clone)]
pub(crate) struct Document<T> {
    /// What it says.
    pub value: T,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Warnings, to be shown.
    pub remarks: Option<BadDocument>,
}

/// Reads `bytes` known to the user as `name` with one of the parsers for documents.
pub(crate) fn parse<T>(
    name: &str,
    bytes: &[u8],
    parser: impl FnOnce(&[u8]) -> Parsed<T>,
) -> Result<Document<T>, FlowError> {
    let Parsed { value, problems } = parser(bytes);
    let remarks = with_text(name, bytes, problems);
    match (value, remarks) {
        (Some(value), remarks) => Ok(Document { value, digest: Digest::of(bytes), remarks }),
        (None, Some(bad)) => Err(FlowError::Document(Box::new(bad))),
        (None, None) => Err(FlowError::bug(format!("`{name}` was refused without a reason"))),
    }
}

/// The problems with the text they are about; none when there are none.
pub(crate) fn with_text(name: &str, bytes: &[u8], problems: Vec<Problem>) -> Option<BadDocument> {
    let text = || String::from_utf8_lossy(bytes).into_owned();
    (!problems.is_empty()).then(|| BadDocument { name: name.to_owned(), text: text(), problems })
}

/// The bytes of a document; none when there is no such file.
pub(crate) fn read(files: &dyn Files, path: &Path) -> Result<Option<Vec<u8>>, FlowError> {
    match files.read(path, LIMIT) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind == FileErrorKind::Missing => Ok(None),
        Err(error) => Err(error.into()),
    }
}
