//! What builds and runs a product: Terraform providers, actions of GitHub, images that files name.

mod actions;
mod chef;
mod compose;
mod dockerfile;
mod galaxy;
mod helm;
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
        name: helm::LOCK,
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "Chart.lock",
        read: Some(helm::read_lock),
    },
    Format {
        name: "helm-chart",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "Chart.yaml",
        read: Some(helm::read_chart),
    },
    Format {
        name: "ansible-requirements",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "requirements.yml" | "requirements.yaml"),
        read: Some(galaxy::read_requirements),
    },
    Format {
        name: "ansible-collection",
        evidence: PackageEvidence::Declared,
        recognises: |path| matches!(file_name(path), "galaxy.yml" | "galaxy.yaml"),
        read: Some(galaxy::read_collection),
    },
    Format {
        name: "berksfile-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "Berksfile.lock",
        read: Some(chef::read_berksfile_lock),
    },
    Format {
        name: "chef-policy-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "Policyfile.lock.json",
        read: Some(chef::read_policy_lock),
    },
    Format {
        name: "chef-metadata",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "metadata.rb",
        read: Some(chef::read_metadata),
    },
    // Last, since it takes whatever lies in folders of certain names.
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
