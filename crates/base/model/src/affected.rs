use serde::{Deserialize, Serialize};

use crate::{Purl, Relation, Scope, Severity};

/// What a finding about a package knows besides its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffectedPackage {
    /// The package.
    pub purl: Purl,
    /// What it is needed for.
    pub scope: Scope,
    /// Who asks for it.
    pub relation: Relation,
    /// The shortest way from the project to it, `name@version` each, the package itself last; alone when nothing is known of the way.
    pub path: Vec<String>,
    /// The names of the advisory, the one it goes by first; none when the finding comes from no advisory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advisories: Vec<String>,
    /// Every score that the advisories give, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Score>,
    /// Which of them the severity is from, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_source: Option<String>,
    /// The base score of that one in tenths, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_tenths: Option<u32>,
    /// Whether nobody says how bad it is, so that the finding has the rule's severity.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub severity_unknown: bool,
    /// How likely it is to be exploited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploitation: Option<Exploitation>,
    /// That it is exploited already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_exploited: Option<KnownExploited>,
    /// What mends it; none when nothing is known to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<FixAdvice>,
    /// Where to read on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
}

impl AffectedPackage {
    /// One of which no advisory says anything, and that nobody is known to bring.
    pub const fn new(purl: Purl, scope: Scope, relation: Relation) -> Self {
        Self {
            purl,
            scope,
            relation,
            path: Vec::new(),
            advisories: Vec::new(),
            scores: Vec::new(),
            severity_source: None,
            base_tenths: None,
            severity_unknown: false,
            exploitation: None,
            known_exploited: None,
            fix: None,
            references: Vec::new(),
        }
    }
}

/// A score as an advisory gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Score {
    /// Which advisory gives it.
    pub advisory: String,
    /// The vector, such as `CVSS:3.1/AV:N/...`, or the word that stands for one.
    pub vector: String,
    /// The base score in tenths, when the vector has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_tenths: Option<u32>,
    /// The severity it stands for.
    pub severity: Severity,
}

/// EPSS: the probability of exploitation within 30 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exploitation {
    /// The probability, a decimal number from 0 to 1 as published.
    pub probability: String,
    /// The share of all scored vulnerabilities that are not more likely, likewise.
    pub percentile: String,
    /// The day of the scores, `YYYY-MM-DD`.
    pub date: String,
}

/// An entry of CISA's catalogue of known exploited vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownExploited {
    /// The day it was listed, `YYYY-MM-DD`.
    pub added: String,
    /// The day by which United States agencies have to mend it.
    pub due: String,
    /// Whether ransomware uses it.
    pub ransomware: bool,
}

/// The smallest change that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixAdvice {
    /// The least version after the present one that no advisory calls affected, else the least without this flaw; of the same branch if
    /// there is one.
    pub version: String,
    /// Whether it is of the same branch, so that little should break.
    pub same_branch: bool,
    /// Other versions that mend it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// What to do, for people.
    pub advice: String,
}
