//! CVSS 2.0, 3.0, 3.1 and 4.0 (first.org/cvss): vectors, scores and bands.

mod macro_vectors;
mod metrics;
mod v2;
mod v3;
mod v4;

use std::fmt;

use palisade_model::Severity;
use thiserror::Error;

use metrics::{Metric, Metrics};

/// A vector that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cvss {
    version: CvssVersion,
    metrics: Metrics,
}

/// A version of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CvssVersion {
    /// 2.0
    V2,
    /// 3.0
    V30,
    /// 3.1
    V31,
    /// 4.0
    V4,
}

impl fmt::Display for CvssVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::V2 => "2.0",
            Self::V30 => "3.0",
            Self::V31 => "3.1",
            Self::V4 => "4.0",
        })
    }
}

/// Why a vector was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CvssError {
    /// It is of no known version.
    #[error("is no CVSS vector of version 2.0, 3.0, 3.1 or 4.0")]
    Version,
    /// A part is no metric of its version, or has a value that it cannot have.
    #[error("has the part `{0}`, which is no metric with a value of its version")]
    Part(String),
    /// A metric stands twice.
    #[error("has the metric {0} twice")]
    Twice(&'static str),
    /// A metric is missing that each vector must have.
    #[error("lacks the metric {0}")]
    Missing(&'static str),
}

/// A score from 0.0 to 10.0, in tenths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CvssScore(u8);

impl CvssScore {
    const fn of_tenths(tenths: u8) -> Self {
        Self(if tenths > 100 { 100 } else { tenths })
    }

    /// Tenths, at most 100.
    pub const fn tenths(self) -> u8 {
        self.0
    }

    /// The band of versions 3 and 4: 0 none, below 4 low, below 7 medium, below 9 high. Version 2 has no bands of its own.
    pub const fn severity(self) -> Severity {
        match self.0 {
            0 => Severity::Info,
            1..40 => Severity::Low,
            40..70 => Severity::Medium,
            70..90 => Severity::High,
            _ => Severity::Critical,
        }
    }
}

impl fmt::Display for CvssScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl Cvss {
    /// Reads a vector: `CVSS:3.1/AV:N/...`, `CVSS:4.0/...`, and without prefix version 2. Metrics may stand in any order.
    ///
    /// # Errors
    /// When the version or a metric is unknown, stands twice, or a base metric is missing.
    pub fn parse(vector: &str) -> Result<Self, CvssError> {
        let vector = vector.trim();
        let (version, rest, known): (_, _, &[Metric]) = match vector.split_once('/') {
            Some(("CVSS:4.0", rest)) => (CvssVersion::V4, rest, v4::METRICS),
            Some(("CVSS:3.1", rest)) => (CvssVersion::V31, rest, v3::METRICS),
            Some(("CVSS:3.0", rest)) => (CvssVersion::V30, rest, v3::METRICS),
            Some((first, _)) if first.starts_with("AV:") => (CvssVersion::V2, vector, v2::METRICS),
            _ => return Err(CvssError::Version),
        };
        Ok(Self { version, metrics: Metrics::parse(rest, known)? })
    }

    /// Its version.
    pub const fn version(&self) -> CvssVersion {
        self.version
    }

    /// The score of the base metrics; for version 4, which has one score, the same as [`score`](Self::score).
    pub fn base_score(&self) -> CvssScore {
        match self.version {
            CvssVersion::V2 => v2::base(&self.metrics),
            CvssVersion::V30 | CvssVersion::V31 => v3::base(&self.metrics),
            CvssVersion::V4 => v4::score(&self.metrics),
        }
    }

    /// The score of all metrics that the vector has: with temporal (threat) and environmental ones.
    pub fn score(&self) -> CvssScore {
        match self.version {
            CvssVersion::V2 => v2::score(&self.metrics),
            CvssVersion::V30 | CvssVersion::V31 => v3::score(&self.metrics, self.version == CvssVersion::V31),
            CvssVersion::V4 => v4::score(&self.metrics),
        }
    }

    /// The band of the base score. For version 2 that of the US National Vulnerability Database, which knows nothing above high.
    pub fn severity(&self) -> Severity {
        let band = self.base_score().severity();
        match self.version {
            CvssVersion::V2 if band == Severity::Info => Severity::Low,
            CvssVersion::V2 => band.min(Severity::High),
            _ => band,
        }
    }
}
