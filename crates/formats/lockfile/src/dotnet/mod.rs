//! .NET: NuGet's records, those of MSBuild, and Paket's.

mod assets;
mod msbuild;
mod nuspec;
mod packages_config;
mod packages_lock;
mod packed;
mod paket;
mod project_json;
mod sdk;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageHash};

use crate::format::Format;
use crate::text::{file_name, hex};

pub(crate) use msbuild::{Project, link};
pub(crate) use packed::{is_packed, read_packed};

/// What OSV calls the ecosystem.
const ECOSYSTEM: Option<&str> = Some("NuGet");

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "nuget-packages-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| {
            let name = file_name(path);
            name == "packages.lock.json" || (name.starts_with("packages.") && name.ends_with(".lock.json"))
        },
        read: Some(packages_lock::read),
    },
    Format {
        name: "nuget-packages-config",
        evidence: PackageEvidence::Locked,
        recognises: |path| {
            let name = file_name(path).to_ascii_lowercase();
            name == "packages.config" || (name.starts_with("packages.") && name.ends_with(".config"))
        },
        read: Some(packages_config::read),
    },
    Format {
        name: "dotnet-deps",
        evidence: PackageEvidence::Installed,
        recognises: |path| path.ends_with(".deps.json"),
        read: Some(assets::read_deps),
    },
    Format {
        name: "nuget-project-assets",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "project.assets.json",
        read: Some(assets::read_assets),
    },
    Format {
        name: "nuget-project-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path).eq_ignore_ascii_case("project.lock.json"),
        read: Some(assets::read_assets),
    },
    Format {
        name: "nuget-project-json",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path).eq_ignore_ascii_case("project.json"),
        read: Some(project_json::read),
    },
    Format {
        name: "paket-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "paket.lock",
        read: Some(paket::read_lock),
    },
    Format {
        name: "paket-dependencies",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "paket.dependencies",
        read: Some(paket::read_dependencies),
    },
    Format {
        name: "nuget-central-packages",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path).eq_ignore_ascii_case("Directory.Packages.props"),
        read: Some(msbuild::read_central),
    },
    Format {
        name: "msbuild-project",
        evidence: PackageEvidence::Declared,
        recognises: |path| {
            let name = file_name(path).to_ascii_lowercase();
            [".csproj", ".fsproj", ".vbproj"].iter().any(|end| name.ends_with(end))
                || matches!(name.as_str(), "directory.build.props" | "directory.build.targets")
        },
        read: Some(msbuild::read_project),
    },
    Format {
        name: "nuget-installed",
        evidence: PackageEvidence::Installed,
        recognises: nuspec::is_installed,
        read: Some(nuspec::read_installed),
    },
    Format {
        name: "nuget-specification",
        evidence: PackageEvidence::Declared,
        recognises: |path| path.ends_with(".nuspec"),
        read: Some(nuspec::read),
    },
    Format {
        name: "dotnet-global",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "global.json",
        read: Some(sdk::read),
    },
];

/// A digest that NuGet writes in base64.
fn sha512(base64: &str) -> Option<PackageHash> {
    let bytes = STANDARD.decode(base64.strip_prefix("sha512-").unwrap_or(base64)).ok()?;
    (bytes.len() == 64).then(|| PackageHash { algorithm: "SHA-512".to_owned(), value: hex(&bytes) })
}

/// The versions that the packages of one framework were resolved to. What a package names is the least version that it takes.
struct Versions<'v>(BTreeMap<String, &'v str>);

impl<'v> Versions<'v> {
    fn of(packages: impl Iterator<Item = (&'v str, &'v str)>) -> Self {
        Self(packages.map(|(name, version)| (name.to_ascii_lowercase(), version)).collect())
    }

    fn get(&self, name: &str) -> Option<&'v str> {
        self.0.get(&name.to_ascii_lowercase()).copied()
    }
}
