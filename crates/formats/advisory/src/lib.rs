//! Advisories: what is known to be wrong with packages, read from the formats it is published in, and compiled into one file that is
//! searched without being read.
//!
//! Bytes in, values and problems out; no file, clock or connection is touched here. Records come from hostile hands as much as
//! packages do: readers are bounded, never panic and do not stop at the first bad record. What cannot be compared is told as
//! [`Judgement::Incomparable`], never taken for "not affected". Signing and checking signatures is the caller's.
//!
//! The way of a record: [`read`] makes an [`Advisory`] of OSV, RustSec, Go or PyPA bytes, [`Builder`] compiles many of them with
//! [`KevCatalog`] and [`EpssScores`] into the bytes that [`Database`] opens in place; there, [`Database::lookup`] finds the
//! [`Entry`]s of a package, and [`Entry::judge`] tells of a version by OSV's rules. [`Delta`] makes a new file of an old one,
//! [`Manifest`] says which file is to be used.

#![forbid(unsafe_code)]

mod advisory;
mod cve;
mod cvss;
mod database;
mod ecosystem;
mod exploited;
mod manifest;
mod name;
mod order;
mod osv;
mod read;
mod reading;
mod requirement;
mod rustsec;
mod yaml;

pub use advisory::{
    Advisory, AdvisoryKind, AffectedPackage, Event, Import, Range, RangeKind, Rating, Reference, Specifics,
};
pub use cve::{Cve, CveError};
pub use cvss::{Cvss, CvssError, CvssScore, CvssVersion};
pub use database::{
    Affected, AffectedBy, BuildError, Builder, Database, DatabaseError, Delta, DeltaError, Entry, FeedFacts,
    FeedSource, Group, Incomparable, Judgement, Record, TableFacts,
};
pub use exploited::{EpssScore, EpssScores, ExploitedError, Kev, KevCatalog, Share};
pub use manifest::{MANIFEST_FORMAT, Manifest, ManifestDelta, ManifestError, ManifestFeed, ManifestFile};
pub use name::normalised_name;
pub use read::read;
pub use reading::{MAX_RECORD, RecordProblem, RecordVisitor};
