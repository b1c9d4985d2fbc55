//! Elixir, Erlang and Gleam: what comes from Hex or from git.

mod gleam;
mod mix;
mod otp;
mod rebar;
mod term;

use palisade_model::PackageEvidence;

use crate::format::Format;
use crate::text::file_name;

/// What OSV calls the ecosystem.
const ECOSYSTEM: Option<&str> = Some("Hex");

pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "mix-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "mix.lock",
        read: Some(mix::read_lock),
    },
    Format {
        name: "mix-project",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "mix.exs",
        read: Some(mix::read_project),
    },
    Format {
        name: "rebar-lock",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "rebar.lock",
        read: Some(rebar::read),
    },
    Format {
        name: "gleam-project",
        evidence: PackageEvidence::Declared,
        recognises: |path| file_name(path) == "gleam.toml",
        read: Some(gleam::read_project),
    },
    Format {
        name: "gleam-manifest",
        evidence: PackageEvidence::Locked,
        recognises: |path| file_name(path) == "manifest.toml",
        read: Some(gleam::read),
    },
    Format {
        name: "otp-application",
        evidence: PackageEvidence::Installed,
        recognises: |path| path.ends_with(".app") && (path.contains("ebin/") || !path.contains('/')),
        read: Some(otp::read),
    },
];
