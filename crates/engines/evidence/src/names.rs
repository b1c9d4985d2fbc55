use palisade_model::{Digest, RunRecord, Source};

/// The build type of our provenance: gives its parameters their meaning.
pub const BUILD_TYPE: &str = "urn:palisade:build:v1";

/// The pipeline file of every project.
pub const PIPELINE_FILE: &str = "palisade.yaml";

/// The name of the subject that is the snapshot's tree digest.
pub const TREE: &str = "tree";

/// Names of resolved dependencies.
pub(crate) const COMMIT: &str = "commit";
pub(crate) const PLAN: &str = "plan";
pub(crate) const PIPELINE: &str = "pipeline";
pub(crate) const POLICY: &str = "policy";

/// Extension fields of the verdict; the SLSA parsing rules ask for URIs.
pub(crate) const VERSION_FIELD: &str = "urn:palisade:version";
pub(crate) const RUN_FIELD: &str = "urn:palisade:run";
pub(crate) const TREE_FIELD: &str = "urn:palisade:tree";
pub(crate) const PLAN_FIELD: &str = "urn:palisade:plan";
pub(crate) const GATE_INPUT_FIELD: &str = "urn:palisade:gate-input";

/// The URI of a project that has no other, such as `urn:palisade:project:storefront`.
pub fn project_uri(project: &str) -> String {
    format!("urn:palisade:project:{}", percent_encoded(project))
}

pub(crate) fn policy_uri(policy: &str) -> String {
    format!("urn:palisade:policy:{}", percent_encoded(policy))
}

/// The URI of an envelope, which stores look up by its digest.
pub(crate) fn evidence_uri(envelope: &Digest) -> String {
    format!("urn:palisade:evidence:{envelope}")
}

/// Where the run's content comes from: `git+REMOTE`, or the project's own URI when there is no remote.
pub(crate) fn source_uri(record: &RunRecord) -> String {
    match &record.snapshot.source {
        Source::Git { remote: Some(remote), .. } => format!("git+{remote}"),
        Source::Git { remote: None, .. } | Source::Folder => project_uri(&record.project),
    }
}

/// RFC 3986 section 2.1: everything but unreserved characters is escaped.
fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encoded = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn project_uris_are_escaped() {
        assert_eq!(super::project_uri("a b/ß"), "urn:palisade:project:a%20b%2F%C3%9F");
    }
}
