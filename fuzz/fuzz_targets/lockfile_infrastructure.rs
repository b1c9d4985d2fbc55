//! Records of packages of the family `infrastructure`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    ".terraform.lock.hcl",
    ".github/workflows/a.yml",
    "action.yml",
    "Dockerfile",
    "compose.yml",
    ".env",
    "k8s/a.yaml",
    "Chart.lock",
    "Chart.yaml",
    "requirements.yml",
    "galaxy.yml",
    "Berksfile.lock",
    "Policyfile.lock.json",
    "metadata.rb",
];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
