//! Folders on disk as entries, and snapshots of them.
//!
//! What lies in a folder is hostile: names are bytes, links point anywhere, fifos block, files grow while they are read. Nothing
//! here follows a symbolic link below the root it was given, opens anything but a regular file or a folder, or holds more of a
//! file than its limit. What was left aside is a [`Gap`](palisade_model::Gap), never silence.
//!
//! Knows nothing of git, of rules, or of what a run is. Engines come in as `dyn Engine`.
//!
//! Start at [`list`], then [`scan()`]: the push seam between sources and engines. [`SnapshotWriter`] makes the read-only snapshot
//! that scan, build and provenance share, [`copy_tree`] a job's writable copy of it.

#![forbid(unsafe_code)]

mod archives;
mod copy;
mod ignores;
mod lay;
mod listing;
mod remove;
mod repositories;
mod scan;
mod snapshot;

pub use archives::{Inner, drop_repeated, for_each_member};
pub use copy::copy_tree;
pub use lay::lay;
pub use listing::{ListOptions, Listed, Listing, TreeError, list};
pub use remove::remove_snapshot;
pub use scan::{Offer, ScanLimits, scan, scan_bytes, scan_entries};
pub use snapshot::{Content, SnapshotError, SnapshotWriter, Written};
