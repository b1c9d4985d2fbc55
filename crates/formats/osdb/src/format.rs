use std::fmt;

use palisade_model::Reading;

use crate::owners::Belonging;
use crate::{Distribution, Owners, apk, chisel, cos, dpkg, pacman, portage, rpm};

/// Bytes of one record that are read; a larger one is a problem.
const MAX_RECORD_BYTES: usize = 128 << 20;

/// Most packages of one record.
const MAX_PACKAGES: usize = 200_000;

/// What is said of a package too many.
pub(crate) const BEYOND: &str = "is beyond the 200000 packages that are read";

/// What one record tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installed {
    /// Packages in the order of the record, and what could not be read.
    pub reading: Reading,
    /// The files of these packages, as far as the same record tells them; see [`Ownership`](crate::Ownership) for all of a system.
    pub owners: Owners,
    pub(crate) belonging: Belonging,
}

/// A record of a package manager.
pub struct Format {
    name: &'static str,
    recognises: fn(&str) -> bool,
    read: fn(&str, &[u8], Option<&Distribution>) -> Installed,
}

impl Format {
    /// The name in results, such as `dpkg-status`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether a record of it tells of packages, and not only of the files of packages that other records tell of.
    pub fn tells_packages(&self) -> bool {
        !matches!(self.name, "dpkg-list" | "dpkg-md5sums" | "pacman-files")
    }

    /// Reads the record `bytes` at `path`. Without a distribution the packages can be matched with no advisories, which is a problem.
    pub fn read(&self, path: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
        if bytes.len() > MAX_RECORD_BYTES {
            return Installed::problem("is larger than 128 MiB, which is not read");
        }
        let mut installed = (self.read)(path, bytes, distribution);
        installed.owners.settle();
        if !installed.reading.packages.is_empty() && distribution.is_none() {
            let detail = "no os-release or release file tells the distribution, so no advisories can be chosen for these packages";
            crate::field::problem(&mut installed.reading, 0, detail);
        }
        installed
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Where package managers look for records of packages that have one place, or few. A folder on the way may be a link in a root.
pub const RECORD_PLACES: &[&str] = &[
    "var/lib/dpkg/status",
    "usr/lib/opkg/status",
    "var/lib/opkg/status",
    "opt/lib/opkg/status",
    "lib/apk/db/installed",
    "usr/lib/apk/db/installed",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/rpmdb.sqlite-wal",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/Packages",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/lib/sysimage/rpm/Packages",
    "usr/share/rpm/rpmdb.sqlite",
    "usr/share/rpm/rpmdb.sqlite-wal",
    "usr/share/rpm/Packages.db",
    "usr/share/rpm/Packages",
    "var/lib/rpmmanifest/container-manifest-2",
];

impl Installed {
    /// Whether no more packages are taken.
    pub(crate) const fn is_full(&self) -> bool {
        self.reading.packages.len() >= MAX_PACKAGES
    }

    pub(crate) fn problem(detail: &str) -> Self {
        let mut installed = Self::default();
        crate::field::problem(&mut installed.reading, 0, detail);
        installed
    }
}

/// The format of the file at `path` from the root of a system, `/` between folders, by the path alone.
pub fn recognise(path: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.recognises)(path))
}

const FORMATS: &[Format] = &[
    Format { name: "dpkg-status", recognises: |path| path == "var/lib/dpkg/status", read: dpkg::status },
    Format { name: "dpkg-status-d", recognises: dpkg::is_fragment, read: dpkg::fragment },
    Format { name: "dpkg-list", recognises: dpkg::is_list, read: dpkg::list },
    Format { name: "dpkg-md5sums", recognises: dpkg::is_sums, read: dpkg::sums },
    Format {
        name: "opkg-status",
        recognises: |path| {
            matches!(path, "usr/lib/opkg/status" | "var/lib/opkg/status" | "opt/lib/opkg/status")
        },
        read: dpkg::opkg,
    },
    Format {
        name: "apk-installed",
        recognises: |path| matches!(path, "lib/apk/db/installed" | "usr/lib/apk/db/installed"),
        read: apk::installed,
    },
    Format { name: "rpm-sqlite", recognises: |path| rpm::is_named(path, "rpmdb.sqlite"), read: rpm::sqlite },
    Format {
        name: "rpm-sqlite-wal",
        recognises: |path| rpm::is_named(path, "rpmdb.sqlite-wal"),
        read: rpm::wal,
    },
    Format { name: "rpm-ndb", recognises: |path| rpm::is_named(path, "Packages.db"), read: rpm::ndb },
    Format { name: "rpm-bdb", recognises: |path| rpm::is_named(path, "Packages"), read: rpm::bdb },
    Format { name: "pacman-desc", recognises: |path| pacman::is_record(path, "desc"), read: pacman::desc },
    Format { name: "pacman-files", recognises: |path| pacman::is_record(path, "files"), read: pacman::files },
    Format {
        name: "mariner-manifest",
        recognises: |path| path == "var/lib/rpmmanifest/container-manifest-2",
        read: rpm::manifest,
    },
    Format {
        name: "chisel-manifest",
        recognises: |path| path.ends_with("/chisel/manifest.wall"),
        read: chisel::manifest,
    },
    Format { name: "portage-contents", recognises: portage::is_record, read: portage::contents },
    Format {
        name: "bottlerocket-inventory",
        recognises: |path| path == "usr/share/bottlerocket/application-inventory.json",
        read: unread,
    },
    Format {
        name: "cos-packages",
        recognises: |path| path == "etc/cos-package-info.json",
        read: cos::packages,
    },
];

fn unread(_: &str, bytes: &[u8], _: Option<&Distribution>) -> Installed {
    if bytes.is_empty() {
        return Installed::default();
    }
    Installed::problem("is a database of packages in a format that is recognised and not read")
}
