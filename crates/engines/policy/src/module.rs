use std::fmt;

use palisade_model::{Digest, canonical};
use serde::Serialize;

use crate::PolicyError;

/// One Rego text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Module {
    /// The name that errors show, usually its path below the policy folder.
    pub name: String,
    /// Rego version 1, at most 256 KiB and 1023 characters in a line.
    pub text: String,
}

/// What one side brings: modules, and the data they read below `data`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Bundle {
    /// At most 1000, with different names.
    pub modules: Vec<Module>,
    /// An object, without the key `palisade`.
    pub data: Option<serde_json::Value>,
}

/// What the organisation says about the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Organisation {
    /// Nothing: the default policy decides.
    Silent,
    /// More, besides the default policy.
    Adds(Bundle),
    /// Everything: the default policy is not asked.
    Replaces(Bundle),
}

/// Who wrote a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LayerName {
    /// Palisade.
    Default,
    /// The organisation, outside the change.
    Organisation,
    /// The change itself.
    Repository,
}

impl fmt::Display for LayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::Organisation => "organisation",
            Self::Repository => "repository",
        })
    }
}

const MAX_MODULES: usize = 1000;

impl Bundle {
    /// The same bundle with its modules in order, if it keeps to the limits.
    pub(crate) fn checked(mut self) -> Result<Self, PolicyError> {
        if self.modules.len() > MAX_MODULES {
            return Err(PolicyError::TooManyModules { count: self.modules.len(), limit: MAX_MODULES });
        }
        self.modules.sort();
        let twins = self.modules.iter().zip(self.modules.iter().skip(1));
        if let Some((twin, _)) = twins.into_iter().find(|(one, other)| one.name == other.name) {
            return Err(PolicyError::SameName { module: twin.name.clone() });
        }
        match &self.data {
            None => Ok(self),
            Some(serde_json::Value::Object(data)) if !data.contains_key("palisade") => Ok(self),
            Some(_) => Err(PolicyError::Data),
        }
    }
}

/// The digest of everything that decides.
pub(crate) fn digest(layers: &[(LayerName, Bundle)]) -> Result<Digest, PolicyError> {
    canonical::digest(&layers).map_err(|_| PolicyError::Data)
}
