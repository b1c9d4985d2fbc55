//! Bills of materials and statements about exploitability: bytes to values and back.
//!
//! Reads and writes CycloneDX 1.4 to 1.7 and SPDX 2.3, both as JSON, by way of one value, [`Bom`]; what the value has no word for is
//! kept and written again where the format can hold it. The same value always becomes the same bytes: no clock, no randomness.
//! [`Bom::of_inventory`] and [`Bom::to_inventory`] go from and to the packages that the rest of Palisade speaks of, without loss.
//! [`vex`] reads and writes OpenVEX and the VEX of CycloneDX and says which statement applies to a finding, and why the others do not.
//! [`licence`] knows SPDX expressions and what people write in their place.
//!
//! It knows no advisories, no policy and no engine, and reads no files. Start with [`read`].

#![forbid(unsafe_code)]

mod bom;
mod cyclonedx;
mod diff;
mod ecosystem;
mod extra;
mod fields;
mod inventory;
mod lazy;
pub mod licence;
mod pieces;
mod read;
mod spdx;
pub mod vex;

pub use bom::{
    Bom, BomFormat, BomLicence, BomLicenceKind, BomMetadata, BomScope, BomTool, Component, CycloneDxVersion,
    Occurrence, Property, UnknownFormat, Written,
};
pub use diff::{BomChange, BomDiff, BomSaid, DiffEntry};
pub use extra::Extra;
pub use inventory::BomSubject;
pub use read::{LARGEST, MOST_COMPONENTS, SbomError, read};
