//! What `scan` and `rules` take.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use palisade_model::Severity;

use super::{Format, file_size};

/// A file that takes a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    /// How it is written; as `--format` says when none.
    pub(crate) format: Option<Format>,
    pub(crate) path: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// A folder or file, or `-` for standard input. Ignored files are left out.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// The packages that a bill of materials lists, CycloneDX or SPDX 2.3 as JSON; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["path", "since", "staged", "history", "range", "write_baseline"])]
    pub(crate) sbom: Option<PathBuf>,
    /// A VEX document, OpenVEX or CycloneDX, that counts besides the project's palisade.vex.json. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) vex: Vec<PathBuf>,
    /// Only what differs from this revision.
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    pub(crate) since: Option<String>,
    /// Only what the next commit would add or change, as it is in the index.
    #[arg(long)]
    pub(crate) staged: bool,
    /// The whole history: every object of the repository at PATH, with a work tree or bare, reachable or not.
    #[arg(long, conflicts_with_all = ["since", "staged"])]
    pub(crate) history: bool,
    /// Only what these commits bring, such as `main..topic`, `A...B` or `HEAD`.
    #[arg(long, value_name = "A..B", conflicts_with_all = ["since", "staged", "history"])]
    pub(crate) range: Option<String>,
    /// A container image instead of PATH: a folder with an OCI layout or a root filesystem, an archive of `docker save`, or a reference such as
    /// `registry.example.com/shop:1.2`, which is pulled. `oci:`, `docker-archive:`, `dir:` and `registry:` before it say which it is.
    #[arg(long, value_name = "IMAGE", conflicts_with_all = ["since", "staged", "history", "range"])]
    pub(crate) image: Option<String>,
    /// Of an image for several platforms the one for this, such as `linux/arm64`.
    #[arg(long, value_name = "OS/ARCH", requires = "image")]
    pub(crate) platform: Option<String>,
    /// Only this engine; may be given several times. By default all look at files, and `secrets` alone at everything else.
    #[arg(long, value_enum, value_name = "ENGINE")]
    pub(crate) engine: Vec<EngineArg>,
    /// How much certainty a secret needs.
    #[arg(long, value_enum, default_value_t = ProfileName::Balanced)]
    pub(crate) profile: ProfileName,
    /// How deep archives in archives are opened; 0 opens none.
    #[arg(long, value_name = "DEPTH", default_value_t = palisade_flow::ARCHIVE_DEPTH, value_parser = clap::value_parser!(u32).range(0..=16))]
    pub(crate) archive_depth: u32,
    /// Let blocking gaps be shown only: without a denial the exit code is then 0, not 3.
    #[arg(long)]
    pub(crate) allow_partial: bool,
    /// Deny at this severity; by default every secret denies, and of all else what is of high severity or more.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(crate) fail_on: Option<Severity>,
    /// The largest file that is looked at, such as `64MiB`; a larger one is a blocking gap.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = file_size)]
    pub(crate) max_file_size: u64,
    /// More rules: a rule file (.md), a configuration of gitleaks (.toml), or a folder of such. May be given several times.
    #[arg(long, value_name = "PATH")]
    pub(crate) rules: Vec<PathBuf>,
    /// Leave the built-in rules out.
    #[arg(long)]
    pub(crate) no_builtin_rules: bool,
    /// Write the result to a file instead of standard output; as FORMAT=FILE write it there too, as often as you like.
    #[arg(long, value_name = "[FORMAT=]FILE", value_parser = OsStringValueParser::new().map(destination))]
    pub(crate) output: Vec<Destination>,
    /// Write all findings into the project's palisade.baseline.json, so that only new ones count.
    #[arg(long)]
    pub(crate) write_baseline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineArg {
    /// Packages, and what is wrong with them.
    Deps,
    /// Configuration and permissions of a container image.
    Image,
    /// Leaked secrets.
    Secrets,
}

impl EngineArg {
    pub(crate) const fn engine(self) -> palisade_flow::EngineName {
        match self {
            Self::Deps => palisade_flow::EngineName::Deps,
            Self::Image => palisade_flow::EngineName::Image,
            Self::Secrets => palisade_flow::EngineName::Secrets,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    /// Only what is a credential beyond reasonable doubt.
    Strict,
    /// What a careful reviewer would ask about.
    Balanced,
    /// Everything that might be one.
    Paranoid,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List the built-in rules.
    List,
    /// Run the examples of rules: of those named, or of the built-in ones.
    Test {
        /// Rule files or folders of them.
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Say what is unwise in rules: in those named, or in the built-in ones.
    Lint {
        /// Rule files or folders of them.
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Measure what each rule costs on the files of a folder; the dearest first.
    Bench {
        /// The folder; it is read in this process, so let it be one of yours.
        #[arg(default_value = ".", value_name = "FOLDER")]
        folder: PathBuf,
        /// More rules: rule files (.md) or folders of them. May be given several times.
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
        /// Leave the built-in rules out.
        #[arg(long)]
        no_builtin_rules: bool,
    },
}

fn severity(text: &str) -> Result<Severity, String> {
    let names: Vec<&str> = Severity::ALL.iter().map(|severity| severity.name()).collect();
    let found = Severity::ALL.iter().find(|severity| severity.name() == text);
    found.copied().ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

/// `FORMAT=FILE`, or a file's name, which may have an equals sign too.
fn destination(text: OsString) -> Destination {
    let bytes = text.as_bytes();
    let named = bytes.iter().position(|byte| *byte == b'=').and_then(|at| {
        let format = Format::from_str(std::str::from_utf8(bytes.get(..at)?).ok()?, false).ok()?;
        let path = PathBuf::from(OsStr::from_bytes(bytes.get(at + 1..)?));
        Some(Destination { format: Some(format), path })
    });
    named.unwrap_or_else(|| Destination { format: None, path: PathBuf::from(&text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_begins_with_a_format_or_is_a_file() {
        let read = |text: &str| {
            let Destination { format, path } = destination(text.into());
            (format, path.display().to_string())
        };
        assert_eq!(read("gitleaks-json=a=b"), (Some(Format::GitleaksJson), "a=b".to_owned()));
        assert_eq!(read("a.html"), (None, "a.html".to_owned()));
        assert_eq!(read("x=a.html"), (None, "x=a.html".to_owned()));
    }
}
