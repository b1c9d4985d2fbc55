//! Opens containers that hold other content: zip, tar, cpio, packages, compressed streams, SQLite databases, notebooks.
//!
//! Everything happens in memory: bytes go in, members come out one by one, and nothing is ever written to a disk, so the names of
//! members can do no harm here; they are handed on as they stand. What is read is hostile: sizes, counts and offsets are claims, and
//! a [`Budget`] that the caller shares over the whole nesting of one entry bounds members, bytes and troubles. What was not opened is
//! a [`Trouble`], never silence.
//!
//! Two formats have another way in as well: [`sqlite_rows`] for who knows the table, [`TarStream`] for archives that are never whole.
//!
//! Knows nothing of entries, gaps, rules or findings. Does not descend: a caller asks [`recognise`] of a member and calls
//! [`members`] again, as deep as it likes.
//!
//! Start at [`members`]. One module for each format; `stream` holds the decoders that zip and the plain streams share.

#![forbid(unsafe_code)]

mod ar;
mod budget;
mod cpio;
mod fields;
mod format;
mod member;
mod notebook;
mod rpm;
mod sqlite;
mod stream;
mod tar;
mod visit;
mod zip;

pub use budget::{Budget, Limit, Limits, MAX_TROUBLES};
pub use format::{Format, Unopened, recognise, recognise_unopened};
pub use member::{Member, MemberKind, MemberTrouble, Trouble};
pub use sqlite::{Value as SqliteValue, sqlite_rows};
pub use tar::{TarEntry, TarError, TarKind, TarStream};

use visit::Visit;

/// What is called for each member and each trouble. It gets the budget too, so that it can open the member with the same one.
pub type Visitor<'v> = dyn FnMut(&mut Budget, Result<Member<'_>, MemberTrouble>) + 'v;

/// Calls `visit` for each member of the container `bytes`, called `name`, in stored order. `name` is a path or the name of a member;
/// a compressed stream that tells no name of its own calls its member by the last part of it.
///
/// A trouble of one member does not stop the others where the format allows it; a member that is cut short by a trouble is visited
/// with what there is of it, and the trouble follows. Ends when `budget` is used up, which is a trouble too.
///
/// Folders, devices and hard links are no members. A notebook that is none has no members and no trouble: its text was never hidden.
pub fn members(format: Format, name: &[u8], bytes: &[u8], budget: &mut Budget, visit: &mut Visitor<'_>) {
    let mut visit = Visit::new(budget, visit);
    // What breaks off has told the visitor why.
    let _ = match format {
        Format::Zip => zip::members(bytes, &mut visit),
        Format::Tar => tar::members(bytes, &mut visit),
        Format::Gzip
        | Format::Bzip2
        | Format::Zstd
        | Format::Xz
        | Format::Lzma
        | Format::Zlib
        | Format::Lz4
        | Format::Lzw => stream::member(format, name, bytes, &mut visit),
        Format::Deb => ar::members(bytes, &mut visit),
        Format::Rpm => rpm::members(bytes, &mut visit),
        Format::Cpio => cpio::members(bytes, &mut visit),
        Format::Sqlite => sqlite::members(bytes, &mut visit),
        Format::SqliteWal => sqlite::wal::members(bytes, &mut visit),
        Format::Notebook => notebook::members(bytes, &mut visit),
    };
}
