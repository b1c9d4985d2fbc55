//! Turns results into text: for people on a terminal, and for other programs.
//!
//! Pure: values in, strings out. Decides nothing and reads nothing; a finding is shown from its own masked excerpt. Text for people
//! carries ANSI styles, which the caller strips where they are not wanted, and no other control character, whatever hostile file
//! names and excerpts contain.

#![forbid(unsafe_code)]

mod annotations;
mod facts;
mod findings;
mod gitlab;
mod gitleaks;
mod html;
mod junit;
mod origin;
mod problems;
mod run;
mod scan_json;
mod text;
mod verdict;
mod verify;

pub use annotations::annotations;
pub use findings::{Extent, ScanView, scan};
pub use gitlab::{GitlabReport, gitlab, gitlab_elsewhere};
pub use gitleaks::{gitleaks_csv, gitleaks_json};
pub use html::html;
pub use junit::junit;
pub use origin::ScanOrigin;
pub use palisade_sarif::log as sarif;
pub use problems::problems;
pub use run::{
    RunHeader, evidence_line, job_line, output_line, release_lines, run_header, scan_lines, step_line,
};
pub use scan_json::{SCAN_SCHEMA, scan_json};
pub use text::{bytes, error_line, hint_line, json, plural, printable, printable_bytes, table, warning_line};
pub use verdict::verdict;
pub use verify::{ChainView, chain};
