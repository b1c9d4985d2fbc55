use std::collections::BTreeMap;

use super::CvssError;

/// A metric: its name, its values parted by blanks, and whether each vector must have it.
pub(super) type Metric = (&'static str, &'static str, bool);

/// The value of a metric that is not defined, in the words of every version.
const UNDEFINED: [&str; 2] = ["X", "ND"];

/// The metrics of a vector that are defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Metrics(BTreeMap<&'static str, &'static str>);

impl Metrics {
    pub(super) fn parse(vector: &str, known: &[Metric]) -> Result<Self, CvssError> {
        let mut metrics = BTreeMap::new();
        for part in vector.split('/') {
            let unknown = || CvssError::Part(part.chars().take(32).collect());
            let (name, value) = part.split_once(':').ok_or_else(unknown)?;
            let (name, values, _) = known.iter().find(|(known, ..)| *known == name).ok_or_else(unknown)?;
            let value = values.split(' ').find(|known| *known == value).ok_or_else(unknown)?;
            if metrics.insert(*name, value).is_some() {
                return Err(CvssError::Twice(name));
            }
        }
        let missing = known.iter().find(|(name, _, required)| *required && !metrics.contains_key(name));
        if let Some((name, ..)) = missing {
            return Err(CvssError::Missing(name));
        }
        metrics.retain(|_, value| !UNDEFINED.contains(value));
        Ok(Self(metrics))
    }

    /// The value; empty when it is not defined.
    pub(super) fn get(&self, name: &str) -> &'static str {
        self.0.get(name).copied().unwrap_or("")
    }

    /// The value of the environmental metric `M` + name, or else of the base metric.
    pub(super) fn modified(&self, name: &str) -> &'static str {
        self.0.get(format!("M{name}").as_str()).copied().unwrap_or_else(|| self.get(name))
    }

    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.0.contains_key(name))
    }
}
