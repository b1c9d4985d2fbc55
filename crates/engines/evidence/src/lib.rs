//! Turns what happened in a run into in-toto statements, and statements back into the chain from commit to artifact.
//!
//! Pure: a [`RunRecord`](palisade_model::RunRecord), findings or a verdict in, [`Statement`](palisade_attest::Statement)s out, and
//! the other way for whoever verifies. Knows no keys, no ledger and no files: signatures are checked before [`check`] is called, and
//! signing comes after [`provenance`], [`scan_result`], [`bill_of_materials`], [`vulnerabilities`] and [`verdict`].
//!
//! Provenance, scan result and verdict of a run are bound together: each names the run, the tree and the plan, and the verdict names the digests of
//! the other envelopes. [`check`] compares all of it, so that no statement of one run can stand in for that of another.

#![forbid(unsafe_code)]

mod chain;
mod check;
mod materials;
mod names;
mod provenance;
mod scan;
mod verdict;

pub use chain::{Chain, Failure, Link};
pub use check::{Expectations, SignedStatement, check};
pub use materials::{
    AdvisorySource, BOM_REFERENCE, CYCLONEDX_BOM, VULNERABILITIES, bill_of_materials, vulnerabilities,
};
pub use names::{BUILD_TYPE, PIPELINE_FILE, TREE, project_uri};
pub use provenance::provenance;
pub use scan::scan_result;
pub use verdict::verdict;
