use std::io::{self, Read};

use palisade_model::{Digest, Hasher};

/// What a reader says when its limit is reached.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct OverLimit(pub(crate) String);

/// Whether `error` comes from a limit.
pub(crate) fn is_over_limit(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<OverLimit>())
}

/// Counts and hashes what is read through it, up to a limit.
pub(crate) struct Meter<R> {
    reader: R,
    hasher: Hasher,
    count: u64,
    limit: u64,
    over: String,
}

impl<R: Read> Meter<R> {
    /// More than `limit` bytes are an error that says `over`.
    pub(crate) fn new(reader: R, limit: u64, over: String) -> Self {
        Self { reader, hasher: Hasher::new(), count: 0, limit, over }
    }

    /// Reads to the end.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 64 << 10];
        while self.read(&mut buffer)? > 0 {}
        Ok(())
    }

    /// The digest and the number of all bytes, and the reader behind.
    pub(crate) fn finish(self) -> (Digest, u64, R) {
        (self.hasher.finish(), self.count, self.reader)
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.hasher.update(buffer.get(..count).unwrap_or_default());
        self.count += count as u64;
        if self.count > self.limit {
            return Err(io::Error::other(OverLimit(self.over.clone())));
        }
        Ok(count)
    }
}
