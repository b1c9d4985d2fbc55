use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::document::{OciError, json};

/// The configuration of an image (image-spec, "config").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// The processor.
    #[serde(default, deserialize_with = "or_default")]
    pub architecture: String,
    /// The system.
    #[serde(default, deserialize_with = "or_default")]
    pub os: String,
    /// The processor's variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// When it was made, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// How a container of it is started.
    #[serde(default, deserialize_with = "or_default")]
    pub config: ContainerConfig,
    /// Its layers.
    #[serde(default, deserialize_with = "or_default")]
    pub rootfs: RootFs,
    /// What was done to make it, the oldest first.
    #[serde(default, deserialize_with = "or_default")]
    pub history: Vec<History>,
}

/// How a container is started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContainerConfig {
    /// The user, `name`, `uid`, with `:group` maybe; empty is root.
    #[serde(default, deserialize_with = "or_default")]
    pub user: String,
    /// `port` or `port/protocol`.
    #[serde(default, deserialize_with = "keys")]
    pub exposed_ports: Vec<String>,
    /// `NAME=value`.
    #[serde(default, deserialize_with = "or_default")]
    pub env: Vec<String>,
    /// The program and its first arguments.
    #[serde(default, deserialize_with = "or_default")]
    pub entrypoint: Vec<String>,
    /// Further arguments, or the program.
    #[serde(default, deserialize_with = "or_default")]
    pub cmd: Vec<String>,
    /// The folder it starts in.
    #[serde(default, deserialize_with = "or_default")]
    pub working_dir: String,
    /// What is said of it.
    #[serde(default, deserialize_with = "or_default")]
    pub labels: BTreeMap<String, String>,
    /// How its health is asked for; Docker's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
}

/// Docker's health check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Healthcheck {
    /// `NONE`, `CMD` or `CMD-SHELL` and a command; empty takes over that of the base image.
    #[serde(default, deserialize_with = "or_default")]
    pub test: Vec<String>,
}

/// The layers by their content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootFs {
    /// The digests of the uncompressed layers, the lowest first, as written.
    #[serde(default, deserialize_with = "or_default")]
    pub diff_ids: Vec<String>,
}

/// One instruction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// When, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// The instruction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// What is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// It made no layer.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub empty_layer: bool,
}

impl ImageConfig {
    /// Reads a configuration.
    pub fn parse(bytes: &[u8]) -> Result<Self, OciError> {
        json(bytes, "image configuration")
    }

    /// For each of `layers` layers the history entry that made it; none when the history does not fit them, as after squashing.
    pub fn instructions(&self, layers: usize) -> Option<Vec<&History>> {
        let made: Vec<&History> = self.history.iter().filter(|history| !history.empty_layer).collect();
        (made.len() == layers).then_some(made)
    }
}

/// `null` is as good as nothing: Go writes it for lists and maps that were never made.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// The keys of a map whose values are empty.
fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let map: Option<BTreeMap<String, serde::de::IgnoredAny>> = Option::deserialize(deserializer)?;
    Ok(map.unwrap_or_default().into_keys().collect())
}
