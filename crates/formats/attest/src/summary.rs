use std::collections::BTreeMap;

use palisade_model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ResourceDescriptor;

/// Predicate type of [`VerificationSummary`].
pub const VERIFICATION_SUMMARY: &str = "https://slsa.dev/verification_summary/v1";

/// That its subjects were judged, and how: SLSA v1 "Verification Summary Attestation".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerificationSummary {
    /// Who judged.
    pub verifier: SummaryVerifier,
    /// When.
    pub time_verified: Timestamp,
    /// What was judged, as a resource.
    pub resource_uri: String,
    /// By which policy.
    pub policy: ResourceDescriptor,
    /// Every attestation that was looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input_attestations: Vec<ResourceDescriptor>,
    /// The result.
    pub verification_result: VerificationResult,
    /// The highest level of each SLSA track, or `FAILED`.
    pub verified_levels: Vec<String>,
    /// The SLSA version, such as `1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slsa_version: Option<String>,
    /// Extension fields. By the parsing rules their names are URIs.
    #[serde(flatten)]
    pub extensions: BTreeMap<String, Value>,
}

/// Who judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryVerifier {
    /// URI that names the trust base.
    pub id: String,
}

/// The result of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum VerificationResult {
    /// It met the policy.
    Passed,
    /// It did not.
    Failed,
}

impl VerificationResult {
    /// The upper-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Failed => "FAILED",
        }
    }
}
