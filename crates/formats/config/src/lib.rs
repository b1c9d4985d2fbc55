//! The documents that people write for Palisade, as bytes and as values: the pipeline file, the policy with its job templates,
//! the waivers, the baseline and the ignore files of other tools.
//!
//! Pure: bytes in, a value and all its problems with exact places out. It opens no file and knows nothing of plans: what the
//! entries of one document mean together (unknown needs, cycles, mandatory stages) is for the pipeline compiler to say.
//!
//! Start at [`PipelineFile::parse`]. A document goes through the same two stages: `tree` turns YAML into nodes with places under
//! hard limits, and a reader for each kind of document turns nodes into values, collecting every problem on the way.

#![forbid(unsafe_code)]

mod append;
mod baseline;
mod fields;
mod ignores;
mod job;
mod parsed;
mod pipeline;
mod policy;
mod reader;
mod scalar;
mod tree;
mod values;
mod waivers;

pub use append::{AppendWaiverError, append_waiver};
pub use baseline::{parse_baseline, write_baseline};
pub use ignores::{BaselineSecret, SecretsIgnore};
pub use ignores::{DETECT_SECRETS_BASELINE, GITLEAKS_IGNORE, SECRETS_IGNORE};
pub use ignores::{parse_detect_secrets_baseline, parse_gitleaks_ignore, parse_secrets_ignore};
pub use job::{JobBody, JobSpec, Shell, StepSpec, TemplateJob};
pub use parsed::{Parsed, Spanned};
pub use pipeline::PipelineFile;
pub use policy::{EnvironmentSpec, LicenceSpec, MandatoryStage, PolicyFile, Stage, VerifySpec};
pub use reader::nearest;
pub use waivers::WaiverFile;
