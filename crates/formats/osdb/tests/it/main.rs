//! What is read of a system's databases, against what their own programs say and what their formats demand.

#![cfg(test)]

mod apk;
mod distribution;
mod dpkg;
mod hostile;
mod images;
mod pacman;
mod rpm;

use palisade_osdb::{Distribution, Installed, identify, recognise};

pub(crate) fn distribution(os_release: &str) -> Distribution {
    identify(&[("etc/os-release", os_release.as_bytes())]).unwrap()
}

pub(crate) fn bookworm() -> Distribution {
    distribution("ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n")
}

pub(crate) fn read(path: &str, bytes: &[u8], distribution: &Distribution) -> Installed {
    recognise(path).unwrap().read(path, bytes, Some(distribution))
}

/// Names and versions, in order.
pub(crate) fn names(installed: &Installed) -> Vec<(&str, &str)> {
    let packages = &installed.reading.packages;
    packages
        .iter()
        .map(|package| (package.name.as_str(), package.version.as_deref().unwrap_or("-")))
        .collect()
}

/// Lines and texts of problems.
pub(crate) fn problems(installed: &Installed) -> Vec<(Option<u32>, &str)> {
    installed.reading.problems.iter().map(|problem| (problem.line, problem.detail.as_str())).collect()
}
