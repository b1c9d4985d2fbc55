//! What images of Azure Linux (once CBL-Mariner) without rpm say of themselves: `container-manifest-2`, a package a line with tabs
//! between name, version and release, time of installation, time of building, vendor, epoch, size, architecture, epoch again as a
//! number, and source package.

use palisade_model::Package;

use super::{addressed, source};
use crate::Distribution;
use crate::field::{lines, problem, text};
use crate::format::{BEYOND, Installed};

pub(crate) fn manifest(_: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    let mut installed = Installed::default();
    for (number, line) in lines(bytes).filter(|(_, line)| !line.trim_ascii().is_empty()) {
        if installed.is_full() {
            problem(&mut installed.reading, number, BEYOND);
            break;
        }
        match package(line, distribution) {
            Ok(mut package) => {
                package.line = number;
                installed.reading.packages.push(package);
            }
            Err(detail) => problem(&mut installed.reading, number, detail),
        }
    }
    installed
}

fn package(line: &[u8], distribution: Option<&Distribution>) -> Result<Package, String> {
    let parts: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
    let [name, version, _, _, _, epoch, _, arch, _, file] = parts.as_slice() else {
        return Err("has not the ten parts of a package".to_owned());
    };
    let name = text(name).map_err(|why| format!("has a name that {why}"))?;
    let version = text(version).map_err(|why| format!("holds `{name}` with a version that {why}"))?;
    let epoch = text(epoch).ok().and_then(|epoch| epoch.parse().ok());
    let mut package = addressed(&name, &version, epoch, &text(arch).unwrap_or_default(), distribution)?;
    package.source = text(file).ok().and_then(|file| source(&file, epoch));
    Ok(package)
}
