use std::fmt;
use std::str::FromStr;

use palisade_model::{Confidence, Form};

use crate::candidate::{Candidate, InExamples};
use crate::classify::Score;

/// Least scores for each profile.
const STRICT: Score = Score::new(900);
const BALANCED: Score = Score::new(550);
const PARANOID: Score = Score::new(120);

/// How much certainty a finding needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Only what is a credential beyond reasonable doubt.
    Strict,
    /// What a careful reviewer would ask about.
    #[default]
    Balanced,
    /// Everything that might be one, for a hunt in which false alarms are welcome.
    Paranoid,
}

/// Text that names no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a profile: expected strict, balanced or paranoid")]
pub struct ProfileError;

impl Profile {
    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Balanced => "balanced",
            Self::Paranoid => "paranoid",
        }
    }

    /// The strictest profile that admits what is held with `confidence`.
    pub(crate) const fn of(confidence: Confidence) -> Self {
        match confidence {
            Confidence::Low => Self::Balanced,
            Confidence::Medium | Confidence::High => Self::Strict,
        }
    }

    /// The strictest profile that admits what the classifier gave this score, if any does.
    pub(crate) fn admitting(score: Score) -> Option<Self> {
        let least = [(STRICT, Self::Strict), (BALANCED, Self::Balanced), (PARANOID, Self::Paranoid)];
        least.into_iter().find(|(least, _)| score >= *least).map(|(_, profile)| profile)
    }

    /// Whether a candidate counts; `illustrates` says whether it stands among tests, examples or in a manual.
    pub(crate) fn admits(self, candidate: &Candidate, illustrates: bool) -> bool {
        let doubtful = illustrates && candidate.in_examples == InExamples::Doubtful;
        let least = if doubtful { candidate.profile.max(Self::Balanced) } else { candidate.profile };
        least <= self && (candidate.form != Form::Impossible || self == Self::Paranoid)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let all = [Self::Strict, Self::Balanced, Self::Paranoid];
        all.into_iter().find(|profile| profile.name() == text).ok_or(ProfileError)
    }
}
