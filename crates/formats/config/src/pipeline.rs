use std::collections::BTreeMap;

use palisade_model::{JobId, Problem, Span};

use crate::job::JobSpec;
use crate::parsed::{Parsed, Spanned};
use crate::reader::{Reader, parse_document, shown};
use crate::tree::Node;
use crate::values;

/// The pipeline file `palisade.yaml`, version 1; its JSON Schema is `docs/schemas/pipeline-v1.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineFile {
    /// The project's name, `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
    pub name: String,
    /// The public salt of the project's fingerprints, 16 to 64 bytes.
    pub salt: Option<Vec<u8>>,
    /// Environment of every step of its jobs.
    pub env: BTreeMap<String, String>,
    /// The jobs by name.
    pub jobs: BTreeMap<JobId, JobSpec>,
    /// Globs of what is released; none when the file does not say.
    pub artifacts: Option<Vec<Spanned<String>>>,
}

impl PipelineFile {
    /// The keys of the file.
    pub const KEYS: &[&str] = &["version", "name", "salt", "env", "jobs", "release"];
    /// The keys of `release`.
    pub const RELEASE_KEYS: &[&str] = &["artifacts"];

    /// Reads a pipeline file.
    pub fn parse(bytes: &[u8]) -> Parsed<Self> {
        parse_document(bytes, |reader, root| {
            let fields = reader.fields(root, "the pipeline file", Span::new(0, 0), Self::KEYS)?;
            fields.version_one(reader);
            let name =
                fields.require(reader, "name").and_then(|node| values::name(reader, node, "a project"));
            let salt = fields.get("salt").and_then(|node| read_salt(reader, node));
            let env = fields.get("env").map(|node| values::env(reader, node)).unwrap_or_default();
            let jobs = fields.get("jobs").map(|node| read_jobs(reader, node)).unwrap_or_default();
            let artifacts = fields.get("release").and_then(|node| {
                let span = fields.key_span("release").unwrap_or(node.span);
                read_artifacts(reader, node, span)
            });
            Some(Self { name: name?, salt, env, jobs, artifacts })
        })
    }
}

fn read_salt(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<u8>> {
    let text = reader.text(node)?;
    let salt = hex_bytes(text).filter(|bytes| (16..=64).contains(&bytes.len()));
    if salt.is_none() {
        reader.note(
            Problem::error("the salt must be 32 to 128 hexadecimal digits, an even number", node.span)
                .with_hint("`palisade init` writes one"),
        );
    }
    salt
}

fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

fn read_jobs(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<JobId, JobSpec> {
    let mut jobs = BTreeMap::new();
    for (name, node) in reader.entries(node) {
        let id = read_job_id(reader, &name);
        let job = JobSpec::read(reader, &name, node);
        if let (Some(id), Some(job)) = (id, job) {
            jobs.insert(id, job);
        }
    }
    jobs
}

fn read_job_id(reader: &mut Reader<'_>, name: &Spanned<&str>) -> Option<JobId> {
    let id = JobId::repository(name.value);
    if id.is_none() {
        let hint = if name.value.starts_with("org/") {
            "the prefix `org/` is for the organisation's jobs"
        } else {
            "a name begins with a letter or underscore and has at most 64 letters, digits, dashes and underscores"
        };
        reader.note(
            Problem::error(format!("{} is not a name for a job", shown(name.value)), name.span)
                .with_hint(hint),
        );
    }
    id
}

fn read_artifacts(reader: &mut Reader<'_>, node: &Node, span: Span) -> Option<Vec<Spanned<String>>> {
    let fields = reader.fields(node, "`release`", span, PipelineFile::RELEASE_KEYS)?;
    fields.get("artifacts").map(|node| values::globs(reader, node))
}
