//! What builds and runs a product: Terraform providers, actions of GitHub, images that files name.

mod actions;
mod compose;
mod dockerfile;
mod image;
mod kubernetes;
mod terraform;

use palisade_model::PackageEvidence;

pub(crate) use compose::{Interpolation, link};

use crate::format::Format;
use crate::text::file_name;

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "terraform-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == ".terraform.lock.hcl",
        read: Some(terraform::read),
    },
    Format {
        name: "github-workflow",
        evidence: PackageEvidence::Declared,
        recognises: |path| {
            is_yaml(path) && (path.starts_with(".github/workflows/") || path.contains("/.github/workflows/"))
        },
        read: Some(actions::read_workflow),
    },
    Format {
        name: "github-action",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "action.yml" | "action.yaml"),
        read: Some(actions::read_action),
    },
    Format {
        name: "dockerfile",
        evidence: PackageEvidence::Declared,
        recognises: dockerfile::recognises,
        read: Some(dockerfile::read),
    },
    Format {
        name: "compose",
        evidence: PackageEvidence::Declared,
        recognises: |path| {
            let name = file_name(path);
            is_yaml(path)
                && (name.starts_with("docker-compose")
                    || name.starts_with("compose.")
                    || name.starts_with("compose-"))
        },
        read: Some(compose::read),
    },
    Format {
        name: compose::VARIABLES,
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == ".env",
        read: Some(compose::read_variables),
    },
    Format {
        name: "kubernetes",
        evidence: PackageEvidence::Declared,
        recognises: kubernetes::recognises,
        read: Some(kubernetes::read),
    },
];

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yml") || path.ends_with(".yaml")
}
