use palisade_attest::{Predicate, Statement, StatementError};
use palisade_model::{Digest, Finding, RunRecord, Subject, SuppressionKind, Timestamp};
use serde_json::{Value, json};

use crate::scan::with_tree;

/// Bills of materials in CycloneDX (in-toto attestation, predicate "CycloneDX").
pub const CYCLONEDX_BOM: &str = "https://cyclonedx.org/bom";

/// What stands for a bill that is too large for a statement: its digest and size.
pub const BOM_REFERENCE: &str = "urn:palisade:bom-reference:v1";

/// Results of vulnerability scans, as cosign defines them (sigstore/cosign, COSIGN_VULN_ATTESTATION_SPEC).
pub const VULNERABILITIES: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";

/// The largest bill that a statement carries itself, in bytes.
const MAX_BOM: usize = 8 << 20;

/// What is known of the advisories that a scan had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvisorySource {
    /// The digest of the database.
    pub digest: Digest,
    /// When it was built.
    pub built: Timestamp,
}

/// What the run's tree is made of: `bom` is a CycloneDX document, JSON. The subjects are as of [`scan_result`](crate::scan_result).
pub fn bill_of_materials(
    record: &RunRecord,
    bom: &[u8],
    artifacts: &[Subject],
) -> Result<Statement, StatementError> {
    let whole = (bom.len() <= MAX_BOM).then(|| serde_json::from_slice(bom).ok()).flatten();
    let (predicate_type, value) = match whole {
        Some(value) => (CYCLONEDX_BOM, value),
        None => (BOM_REFERENCE, json!({ "digest": Digest::of(bom), "size": bom.len() })),
    };
    let predicate = Predicate::Other { predicate_type: predicate_type.to_owned(), value };
    Statement::new(with_tree(record, artifacts), &predicate)
}

/// What is known to be wrong with the packages of the run's tree. Says so too when there is nothing, and by which advisories; what could
/// not be judged is in the scan result's gaps.
pub fn vulnerabilities(
    record: &RunRecord,
    findings: &[Finding],
    advisories: Option<&AdvisorySource>,
    artifacts: &[Subject],
) -> Result<Statement, StatementError> {
    let database = advisories.map(|source| {
        json!({
            "uri": "urn:palisade:advisory-database",
            "version": source.digest,
            "lastUpdate": source.built,
        })
    });
    let found: Vec<Value> = findings.iter().filter_map(described).collect();
    let value = json!({
        "invocation": {
            "parameters": record.parameters,
            "event_id": record.run,
            "builder.id": record.builder.id,
        },
        "scanner": {
            "uri": "urn:palisade:scanner:deps",
            "version": record.builder.version,
            "db": database,
            "result": { "vulnerabilities": found },
        },
        "metadata": { "scanStartedOn": record.started, "scanFinishedOn": record.finished },
    });
    let predicate = Predicate::Other { predicate_type: VULNERABILITIES.to_owned(), value };
    Statement::new(with_tree(record, artifacts), &predicate)
}

/// A finding of an advisory; none for all others.
fn described(finding: &Finding) -> Option<Value> {
    let package = finding.package.as_ref()?;
    let (id, aliases) = package.advisories.split_first()?;
    Some(json!({
        "id": id,
        "aliases": aliases,
        "package": package.purl,
        "severity": finding.severity,
        "fixedIn": package.fix.as_ref().map(|fix| &fix.version),
        "suppressedBy": finding.suppression.as_ref().map(|suppression| suppression.kind).map(SuppressionKind::name),
    }))
}
