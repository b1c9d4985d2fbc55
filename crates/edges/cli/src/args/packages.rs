//! What the commands take that are about packages: advisories, bills of materials, VEX, versions.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use palisade_flow::VexFormat;
use palisade_sbom::BomFormat;
use palisade_sbom::vex::{Justification, VexStatus};

use super::file_size;
use crate::commands::FeedPath;

#[derive(Debug, Subcommand)]
pub(crate) enum DatabaseCommand {
    /// Build a database of feeds that you have, and put it in use.
    Build {
        /// A file, folder or archive of OSV, RustSec, Go or PyPA records, CISA's catalogue of known exploited vulnerabilities, or EPSS
        /// scores. `PATH=ECOSYSTEM,ECOSYSTEM` says what a feed covers as a whole, where its records do not tell.
        #[arg(required = true, value_name = "PATH[=ECOSYSTEM]")]
        feeds: Vec<FeedPath>,
        /// When the feeds were taken, such as `2026-03-01T00:00:00Z`; by default the newest change among their records.
        #[arg(long, value_name = "TIME")]
        taken: Option<palisade_model::Timestamp>,
        /// Write the database, its signed manifest and a delta from the one before into this folder instead, for others to import.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Fetch advisories and put them in use: from OSV's public export, with CISA's catalogue and EPSS, or from where `--from` says.
    Update {
        /// A folder, or the base of `https` addresses: with a database that `db build --out` wrote, or laid out like OSV's export.
        #[arg(long, value_name = "URL|DIR")]
        from: Option<String>,
        /// Only this ecosystem, as OSV calls it; may be given several times.
        #[arg(long, value_name = "NAME")]
        ecosystem: Vec<String>,
        /// The publisher's public keys, where a database is published; by default those that were named before.
        #[arg(long, value_name = "PUB")]
        key: Option<PathBuf>,
    },
    /// Put a database in use that somebody else built and signed.
    Import {
        /// The folder that `db build --out` wrote, or a copy of it.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The publisher's public keys; by default those that the last import named, else your own.
        #[arg(long, value_name = "PUB")]
        key: Option<PathBuf>,
    },
    /// Show the database in use: its feeds, what they cover, how old they are.
    Info,
    /// Check the signature of the database in use, every byte of it, and that its time is not over.
    Verify,
    /// Say which records differ between two database files.
    Diff {
        /// The one before.
        old: PathBuf,
        /// The one after.
        new: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SbomCommand {
    /// List the packages of a folder. Its time is that of the commit where the listed files are the commit's, else $SOURCE_DATE_EPOCH,
    /// else the beginning of 1970: the same tree gives the same bytes.
    Create {
        /// A folder or file. Ignored files are left out.
        #[arg(default_value = ".", value_name = "PATH")]
        path: PathBuf,
        /// The format: cyclonedx-1.4 to cyclonedx-1.7, or spdx-2.3.
        #[arg(long = "type", value_name = "TYPE", default_value = "cyclonedx-1.6")]
        kind: BomFormat,
        /// Write it to this file instead of standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// The largest file that is looked at, such as `64MiB`; a larger one is a blocking gap.
        #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = file_size)]
        max_file_size: u64,
    },
    /// Write a bill of materials in another format, and say what that cannot hold.
    Convert {
        /// A bill, CycloneDX or SPDX 2.3 as JSON; `-` is standard input.
        file: PathBuf,
        /// The format: cyclonedx-1.4 to cyclonedx-1.7, or spdx-2.3.
        #[arg(long = "type", value_name = "TYPE")]
        kind: BomFormat,
        /// Write it to this file instead of standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Say how two bills of materials differ: packages, versions, licences, scopes.
    Diff {
        /// The one before.
        old: PathBuf,
        /// The one after.
        new: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum VexCommand {
    /// Make a statement: print a document with it, or add it to one.
    New(VexNewArgs),
    /// Say which rules of VEX a document breaks.
    Check {
        /// OpenVEX or CycloneDX as JSON; `-` is standard input.
        file: PathBuf,
    },
    /// Say of each statement in a document why it applies to a package of the project at hand, or why not.
    Explain {
        /// OpenVEX or CycloneDX as JSON; `-` is standard input.
        file: PathBuf,
        /// The vulnerability, such as `CVE-2026-1234`.
        #[arg(long, value_name = "ID")]
        vulnerability: String,
        /// The package that has it, such as `pkg:npm/left-pad@1.3.0`.
        #[arg(long, value_name = "PURL")]
        package: palisade_model::Purl,
    },
}

#[derive(Debug, Args)]
pub(crate) struct VexNewArgs {
    /// The vulnerability, such as `CVE-2026-1234`.
    #[arg(long, value_name = "ID")]
    pub(crate) vulnerability: String,
    /// The product: the package itself, or what contains it, such as the name in palisade.yaml.
    #[arg(long, value_name = "PURL")]
    pub(crate) product: String,
    /// The package in the product that is meant; may be given several times.
    #[arg(long, value_name = "PURL")]
    pub(crate) subcomponent: Vec<String>,
    /// What is said: not_affected, affected, fixed or under_investigation.
    #[arg(long, value_name = "STATUS", value_parser = vex_status)]
    pub(crate) status: VexStatus,
    /// Why the product is not affected, as OpenVEX or CycloneDX calls it, such as `vulnerable_code_not_in_execute_path`.
    #[arg(long, value_name = "REASON", value_parser = justification)]
    pub(crate) justification: Option<Justification>,
    /// Why the product is not affected, in words.
    #[arg(long, value_name = "TEXT")]
    pub(crate) impact: Option<String>,
    /// What should be done, in words.
    #[arg(long, value_name = "TEXT")]
    pub(crate) action: Option<String>,
    /// Who says it, in a new document; your account by default.
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    /// Write it into this file, behind what it states already.
    #[arg(long, value_name = "FILE")]
    pub(crate) into: Option<PathBuf>,
    /// The format of a new document: openvex, or cyclonedx-1.4 to cyclonedx-1.7.
    #[arg(long = "type", value_name = "TYPE", default_value = "openvex", value_parser = vex_format)]
    pub(crate) kind: VexFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VersionCommand {
    /// Read pairs of versions from standard input, a tab between the two, and print `<`, `=`, `>` or `?` for each line.
    Compare {
        /// Whose order, such as `npm`, `PyPI`, `Debian`.
        #[arg(long, value_name = "ECOSYSTEM")]
        ecosystem: String,
    },
    /// Read versions from standard input, a line each, and print them in order.
    Sort {
        /// Whose order, such as `npm`, `PyPI`, `Debian`.
        #[arg(long, value_name = "ECOSYSTEM")]
        ecosystem: String,
    },
}

fn vex_status(text: &str) -> Result<VexStatus, String> {
    let names: Vec<&str> = VexStatus::ALL.iter().map(|status| status.name()).collect();
    let found = VexStatus::ALL.into_iter().find(|status| status.name() == text);
    found.ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

fn justification(text: &str) -> Result<Justification, String> {
    Justification::of_name(text).ok_or_else(|| {
        "expected component_not_present, vulnerable_code_not_present, vulnerable_code_not_in_execute_path, \
         vulnerable_code_cannot_be_controlled_by_adversary, inline_mitigations_already_exist, or one of CycloneDX"
            .to_owned()
    })
}

fn vex_format(text: &str) -> Result<VexFormat, String> {
    match text.parse() {
        _ if text == "openvex" => Ok(VexFormat::OpenVex),
        Ok(BomFormat::CycloneDx(version)) => Ok(VexFormat::CycloneDx(version)),
        _ => Err("expected openvex or one of cyclonedx-1.4 to cyclonedx-1.7".to_owned()),
    }
}
