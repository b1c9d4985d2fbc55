//! Packages of languages that packages of a distribution bring.
//!
//! Distributions mend flaws without raising the version that the language sees, so that its advisories call affected what is mended.
//! Where the advisories of the distribution speak of the same flaw in the same source, they are right, and they were asked already:
//! for the package of the distribution. Where they are silent nothing is known of a mend, and the language's advisories count.

use std::collections::{BTreeMap, BTreeSet};

use palisade_advisory::{AdvisoryKind, Database, DatabaseError};
use palisade_model::{InventoryFile, Package, Purl};

use crate::matching::{Hit, identity};

/// Every package of a source by its address, as far as a record belongs to one.
pub(crate) struct Owners<'a>(BTreeMap<&'a Purl, &'a Package>);

impl<'a> Owners<'a> {
    pub(crate) fn of(files: &'a [InventoryFile]) -> Self {
        let wanted: BTreeSet<&Purl> = files.iter().filter_map(|file| file.owner.as_ref()).collect();
        let packages = files.iter().flat_map(|file| &file.packages);
        Self(
            packages
                .filter(|package| wanted.contains(&package.purl))
                .map(|package| (&package.purl, package))
                .collect(),
        )
    }

    /// The package that brought the record.
    pub(crate) fn of_file(&self, file: &InventoryFile) -> Option<&'a Package> {
        self.0.get(file.owner.as_ref()?).copied()
    }
}

/// The flaws that the advisories of a distribution name in what one of its packages was built from, mended or not.
pub(crate) struct Settled {
    names: BTreeSet<String>,
}

impl Settled {
    /// Asks `database` for those of `owner`.
    pub(crate) fn of(database: &Database<'_>, owner: &Package) -> Result<Self, DatabaseError> {
        let mut names = BTreeSet::new();
        let Some((ecosystem, name, _)) = identity(owner) else { return Ok(Self { names }) };
        for entry in database.lookup(ecosystem, name)? {
            if entry.record.is_withdrawn() {
                continue;
            }
            let advisory = entry.record.advisory()?;
            // `DEBIAN-CVE-2026-1` is what Debian says of CVE-2026-1.
            names.extend(advisory.id.split_once("-CVE-").map(|(_, number)| format!("CVE-{number}")));
            names.insert(advisory.id);
            names.extend(advisory.aliases);
            names.extend(advisory.upstream);
        }
        Ok(Self { names })
    }

    /// Whether `hit` is one of them. That a package is malicious is nothing that a distribution mends.
    pub(crate) fn holds(&self, hit: &Hit<'_>) -> bool {
        hit.kind != AdvisoryKind::Malicious && hit.ids.iter().any(|id| self.names.contains(*id))
    }
}
