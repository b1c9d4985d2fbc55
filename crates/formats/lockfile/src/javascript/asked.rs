//! Where packages are asked from, against where a lockfile takes them from.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Package, PackageOrigin};

use super::ECOSYSTEM;
use super::request::request;
use crate::displaced::{displace, is_elsewhere};

/// Where the packages of a lockfile are asked from, by all that need them.
#[derive(Debug, Default)]
pub(super) struct Asked(BTreeMap<u32, Wish>);

#[derive(Debug, Default)]
struct Wish {
    of_registry: bool,
    elsewhere: bool,
    /// The packages that a registry is asked for.
    names: BTreeSet<String>,
}

impl Asked {
    /// Notes that `package` answers the request for `name` by `spec`. What a package of a registry asks for lies in no folder of the
    /// project: there only the project itself can mean one.
    pub(super) fn note(&mut self, package: u32, name: &str, spec: &str, by_project: bool) {
        let wish = self.0.entry(package).or_default();
        let request = request(name, spec);
        match request.origin {
            PackageOrigin::Default => {
                wish.of_registry = true;
                wish.names.insert(request.name.to_owned());
            }
            PackageOrigin::Local { .. } => wish.elsewhere |= by_project,
            _ => wish.elsewhere = true,
        }
    }

    /// Marks what is asked of a registry alone, and taken from a folder, a file or a repository. `is_part` tells the folders of the
    /// project's own packages, which answer requests too.
    pub(super) fn mark(&self, packages: &mut [Package], is_part: impl Fn(&str) -> bool) {
        for (index, wish) in &self.0 {
            let Some(package) = packages.get_mut(*index as usize) else { continue };
            let own = matches!(&package.origin, PackageOrigin::Local { path } if is_part(path));
            if wish.of_registry && !wish.elsewhere && !own && is_elsewhere(package) {
                displace(package, ECOSYSTEM);
            }
        }
    }

    /// Marks what comes from a registry under the name of another package, and that nobody asks for by its own. npm lets an alias of the
    /// project answer whoever asks for a package of that name.
    pub(super) fn mark_others(&self, packages: &mut [Package]) {
        for (index, wish) in &self.0 {
            let Some(package) = packages.get_mut(*index as usize) else { continue };
            let is_other = wish.of_registry && !wish.elsewhere && !wish.names.contains(&package.name);
            if is_other && matches!(package.origin, PackageOrigin::Default | PackageOrigin::Registry { .. }) {
                displace(package, ECOSYSTEM);
            }
        }
    }
}
