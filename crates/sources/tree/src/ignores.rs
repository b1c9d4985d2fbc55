//! The `.gitignore` files between a root and the folder being walked.

use std::ffi::OsStr;
use std::io::Read;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use palisade_sys::beneath::open_regular;

/// The name of the files that are read here.
pub(crate) const IGNORE_FILE: &[u8] = b".gitignore";

/// Bytes of one `.gitignore` that are read; patterns behind are not applied, so more is looked at, not less.
const MAX_IGNORE_FILE: u64 = 1 << 20;

/// One `.gitignore` for each folder from the root down. A folder that is ignored is never entered, so no pattern below can call
/// back what a folder above excludes (gitignore(5)).
#[derive(Default)]
pub(crate) struct Ignores {
    levels: Vec<Level>,
}

struct Level {
    /// Length of the folder's path with its final `/`.
    prefix: usize,
    patterns: Option<Gitignore>,
}

impl Ignores {
    /// Enters a folder, whose path with its final `/` has `prefix` bytes. It is only handed in when it has an [`IGNORE_FILE`].
    pub(crate) fn enter(&mut self, folder: Option<BorrowedFd<'_>>, prefix: usize) {
        self.levels.push(Level { prefix, patterns: folder.and_then(read_patterns) });
    }

    /// Leaves the folder entered last.
    pub(crate) fn leave(&mut self) {
        self.levels.pop();
    }

    /// Whether the entry at `path`, in the folder entered last, is ignored: the deepest file that says anything decides.
    pub(crate) fn excludes(&self, path: &[u8], is_folder: bool) -> bool {
        for level in self.levels.iter().rev() {
            let (Some(patterns), Some(below)) = (&level.patterns, path.get(level.prefix..)) else { continue };
            match patterns.matched(Path::new(OsStr::from_bytes(below)), is_folder) {
                Match::None => {}
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
            }
        }
        false
    }
}

/// A `.gitignore` that is a link, a fifo or unreadable counts as absent, as in git.
fn read_patterns(folder: BorrowedFd<'_>) -> Option<Gitignore> {
    let (file, _) = open_regular(folder, IGNORE_FILE).ok()?;
    let mut bytes = Vec::new();
    file.take(MAX_IGNORE_FILE).read_to_end(&mut bytes).ok()?;
    let mut builder = GitignoreBuilder::new("");
    for line in bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).split(|byte| *byte == b'\n') {
        // A line that is not UTF-8 or no pattern excludes nothing; to git, neither does an empty one, negated or not.
        let Ok(line) = str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)) else { continue };
        if !matches!(line.trim_end_matches(' '), "" | "!" | "/" | "!/") {
            let _ = builder.add_line(None, line);
        }
    }
    builder.build().ok()
}
