use std::path::PathBuf;
use std::sync::Arc;

use palisade_model::Timestamp;
use palisade_pipeline::Event;
use palisade_sys::{FileErrorKind, Files, Mode};
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// The largest journal that is read, in bytes.
const LIMIT: u64 = 1 << 30;

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalEntry {
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    pub what: Event,
}

/// The account of one run: JSON lines, only ever appended to. A line counts once its line feed is on disk, so a crash in the
/// middle of a line leaves a journal without it.
pub struct Journal {
    files: Arc<dyn Files>,
    path: PathBuf,
}

impl Journal {
    pub(crate) fn new(files: Arc<dyn Files>, path: PathBuf) -> Self {
        Self { files, path }
    }

    /// Appends durably.
    pub fn append(&self, entry: &JournalEntry) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        Ok(self.files.append(&self.path, &line, Mode::Private)?)
    }

    /// Every entry; also cuts off a last line that a crash left unfinished, so that the next one starts on its own.
    pub fn recover(&self) -> Result<Vec<JournalEntry>, StoreError> {
        let bytes = self.bytes()?;
        let whole = whole_lines(&bytes);
        if whole.len() < bytes.len() {
            self.files.truncate(&self.path, whole.len() as u64)?;
        }
        self.parse(whole)
    }

    /// Every entry, without touching the file. A run killed before its first line has none.
    pub fn read(&self) -> Result<Vec<JournalEntry>, StoreError> {
        self.parse(whole_lines(&self.bytes()?))
    }

    fn bytes(&self) -> Result<Vec<u8>, StoreError> {
        match self.files.read(&self.path, LIMIT) {
            Err(error) if error.kind == FileErrorKind::Missing => Ok(Vec::new()),
            other => Ok(other?),
        }
    }

    fn parse(&self, whole: &[u8]) -> Result<Vec<JournalEntry>, StoreError> {
        let lines = whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines
            .enumerate()
            .map(|(at, line)| {
                serde_json::from_slice(line).map_err(|error| StoreError::Corrupt {
                    path: self.path.clone(),
                    detail: format!("line {}: {error}", at + 1),
                })
            })
            .collect()
    }
}

fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    bytes.get(..end).unwrap_or_default()
}
