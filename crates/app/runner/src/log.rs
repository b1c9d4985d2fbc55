use std::fs::File;
use std::io::{self, Read, Write};

use palisade_mask::{MaskStream, Masker};
use palisade_model::{Digest, Hasher, JobId, Outcome};

/// Told what happens while it happens. Called from several threads at once.
pub trait Watch: Sync {
    /// A step begins.
    fn step_started(&self, job: &JobId, step: &str);

    /// A line of output, already masked, without its line feed; not necessarily UTF-8, may hold terminal escapes.
    fn line(&self, job: &JobId, step: &str, line: &[u8]);

    /// A step ended.
    fn step_ended(&self, job: &JobId, step: &str, outcome: Outcome, milliseconds: u64);
}

/// What was stored of a step's output.
pub(crate) struct StoredLog {
    pub(crate) digest: Digest,
    pub(crate) truncated: bool,
}

/// The longest line that is shown live, in bytes; longer ones are shown in pieces.
const LONGEST_LINE: usize = 16 << 10;

/// The line that stands where output was cut off.
const TRUNCATED: &[u8] = b"\n[palisade: the log is full, the rest of the output was dropped]\n";

/// Carries a step's output from the sandbox to the stored log and to the watcher, masked, until the other end is closed.
pub(crate) struct LogPump<'a> {
    stream: MaskStream,
    file: File,
    hasher: Hasher,
    left: u64,
    truncated: bool,
    line: Vec<u8>,
    show: &'a (dyn Fn(&[u8]) + Sync),
}

impl<'a> LogPump<'a> {
    /// A pump into `file`, which keeps at most `limit` bytes.
    pub(crate) fn new(masker: Masker, file: File, limit: u64, show: &'a (dyn Fn(&[u8]) + Sync)) -> Self {
        Self {
            stream: MaskStream::new(masker),
            file,
            hasher: Hasher::new(),
            left: limit,
            truncated: false,
            line: Vec::new(),
            show,
        }
    }

    /// Runs until the end of `source`. A log that cannot be written is an error, but the source is drained all the same, so that
    /// the step does not hang on a full pipe.
    pub(crate) fn run(mut self, mut source: impl Read) -> io::Result<StoredLog> {
        let mut buffer = vec![0; 64 << 10];
        let mut failed = None;
        loop {
            let count = match source.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if count == 0 {
                break;
            }
            let masked = self.stream.push(buffer.get(..count).unwrap_or_default());
            if failed.is_none() {
                failed = self.keep(&masked).err();
            }
        }
        let stream = std::mem::replace(&mut self.stream, MaskStream::new(Masker::default()));
        self.keep(&stream.finish())?;
        if !self.line.is_empty() {
            (self.show)(&self.line);
        }
        match failed {
            Some(error) => Err(error),
            None => self
                .file
                .sync_data()
                .map(|()| StoredLog { digest: self.hasher.finish(), truncated: self.truncated }),
        }
    }

    fn keep(&mut self, masked: &[u8]) -> io::Result<()> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(masked.len());
        let kept = masked.get(..room).unwrap_or_default();
        self.store(kept)?;
        self.left -= room as u64;
        if room < masked.len() && !self.truncated {
            self.truncated = true;
            self.store(TRUNCATED)?;
        }
        Ok(())
    }

    fn store(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.file.write_all(bytes)?;
        self.show_lines(bytes);
        Ok(())
    }

    fn show_lines(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = part.strip_suffix(b"\n").map_or((part, false), |text| (text, true));
            self.line.extend_from_slice(text);
            if ends || self.line.len() >= LONGEST_LINE {
                (self.show)(&self.line);
                self.line.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use palisade_mask::Secret;

    use super::*;

    fn pump(limit: u64, input: &[u8]) -> (StoredLog, Vec<u8>, Vec<Vec<u8>>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let shown = Mutex::new(Vec::new());
        let show = |line: &[u8]| shown.lock().unwrap().push(line.to_vec());
        let masker = Masker::new(&[Secret::new("hunter2hunter2")]).unwrap();
        let stored = LogPump::new(masker, File::create(&path).unwrap(), limit, &show).run(input).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let lines = shown.into_inner().unwrap();
        (stored, bytes, lines)
    }

    #[test]
    fn stored_and_shown_output_are_masked_and_digested() {
        let (stored, bytes, lines) = pump(1000, b"one\npassword hunter2hunter2\nend");
        assert_eq!(bytes, b"one\npassword ***\nend");
        assert_eq!(lines, [&b"one"[..], b"password ***", b"end"]);
        assert_eq!(stored.digest, Digest::of(&bytes));
        assert!(!stored.truncated);
    }

    #[test]
    fn a_full_log_says_so_and_takes_no_more() {
        let (stored, bytes, _) = pump(10, &[b'x'; 100_000]);
        assert!(stored.truncated);
        assert_eq!(bytes, [&[b'x'; 10][..], TRUNCATED].concat());
        assert_eq!(stored.digest, Digest::of(&bytes));
    }
}
