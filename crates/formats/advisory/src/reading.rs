use thiserror::Error;

use crate::Advisory;

/// Most bytes of one record. The longest public ones, kernel records with every version listed, are about 10 MiB.
pub const MAX_RECORD: usize = 32 << 20;

/// Something in a record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Error)]
#[error("{file}: {detail}")]
pub struct RecordProblem {
    /// The file, and the member of an archive after a colon.
    pub file: String,
    /// What is wrong, lower-case, no final stop.
    pub detail: String,
}

/// What is called for each record and each problem. A record with a problem of its own comes as well, as far as it could be read.
pub type RecordVisitor<'v> = dyn FnMut(Result<Advisory, RecordProblem>) + 'v;

/// Collects what is wrong with one file.
pub(crate) struct Problems<'p, 'v> {
    pub(crate) file: &'p str,
    pub(crate) visit: &'p mut RecordVisitor<'v>,
}

impl Problems<'_, '_> {
    pub(crate) fn tell(&mut self, detail: impl Into<String>) {
        (self.visit)(Err(RecordProblem { file: self.file.to_owned(), detail: detail.into() }));
    }
}
