use std::fmt;

use crate::names::ECOSYSTEMS;

/// A way of writing and ordering versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Semantic versions with any number of components, missing ones being zero: tags of repositories, the Linux kernel.
    Semver,
    /// Semantic versions as npm has them.
    Npm,
    /// Semantic versions as Cargo has them.
    Cargo,
    /// Modules and toolchains of Go.
    Go,
    /// Semantic versions as Hex has them.
    Hex,
    /// Semantic versions as Dart's pub has them: build metadata counts.
    Pub,
    /// Tags of Swift packages.
    Swift,
    /// Julia: build numbers count.
    Julia,
    /// Bitnami: semantic versions with a revision.
    Bitnami,
    /// NuGet: four components, labels without case.
    Nuget,
    /// Python: PEP 440, and below it what is older.
    Pypi,
    /// Maven's `ComparableVersion`.
    Maven,
    /// RubyGems' `Gem::Version`.
    Gem,
    /// Composer.
    Composer,
    /// Debian's dpkg.
    Debian,
    /// RPM.
    Rpm,
    /// Alpine's apk.
    Alpine,
    /// Arch's pacman.
    Alpm,
    /// Gentoo's Portage, by the Package Manager Specification.
    Gentoo,
    /// Conan 2.
    Conan,
    /// Conda.
    Conda,
    /// R packages.
    Cran,
    /// Haskell packages.
    Hackage,
    /// OCaml packages.
    Opam,
    /// FreeBSD's pkg.
    Freebsd,
    /// OpenSSL: letters after the numbers.
    Openssl,
    /// nginx: numbers with points.
    Nginx,
    /// Numbers with points.
    Intdot,
    /// Points in time by RFC 3339.
    Datetime,
    /// The order of bytes.
    Lexicographic,
    /// What most people would read into it.
    Generic,
}

impl Scheme {
    /// Every scheme, in the order of this type.
    pub const ALL: [Self; 31] = [
        Self::Semver,
        Self::Npm,
        Self::Cargo,
        Self::Go,
        Self::Hex,
        Self::Pub,
        Self::Swift,
        Self::Julia,
        Self::Bitnami,
        Self::Nuget,
        Self::Pypi,
        Self::Maven,
        Self::Gem,
        Self::Composer,
        Self::Debian,
        Self::Rpm,
        Self::Alpine,
        Self::Alpm,
        Self::Gentoo,
        Self::Conan,
        Self::Conda,
        Self::Cran,
        Self::Hackage,
        Self::Opam,
        Self::Freebsd,
        Self::Openssl,
        Self::Nginx,
        Self::Intdot,
        Self::Datetime,
        Self::Lexicographic,
        Self::Generic,
    ];

    /// The lower-case name, as VERS has it where VERS has one.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Semver => "semver",
            Self::Npm => "npm",
            Self::Cargo => "cargo",
            Self::Go => "golang",
            Self::Hex => "hex",
            Self::Pub => "pub",
            Self::Swift => "swift",
            Self::Julia => "julia",
            Self::Bitnami => "bitnami",
            Self::Nuget => "nuget",
            Self::Pypi => "pypi",
            Self::Maven => "maven",
            Self::Gem => "gem",
            Self::Composer => "composer",
            Self::Debian => "deb",
            Self::Rpm => "rpm",
            Self::Alpine => "apk",
            Self::Alpm => "alpm",
            Self::Gentoo => "gentoo",
            Self::Conan => "conan",
            Self::Conda => "conda",
            Self::Cran => "cran",
            Self::Hackage => "hackage",
            Self::Opam => "opam",
            Self::Freebsd => "freebsd",
            Self::Openssl => "openssl",
            Self::Nginx => "nginx",
            Self::Intdot => "intdot",
            Self::Datetime => "datetime",
            Self::Lexicographic => "lexicographic",
            Self::Generic => "generic",
        }
    }

    /// The scheme of an ecosystem as OSV names it, with or without its suffix. None for one that is unknown or orders commits only.
    ///
    /// `Root`, `TuxCare` and `Echo` rebuild packages of others and name those in the suffix (`Root:Alpine:3.18`); `Echo` alone is
    /// built on Debian, and its npm packages count builds.
    pub fn of_ecosystem(name: &str) -> Option<Self> {
        let (base, suffix) = name.split_once(':').unwrap_or((name, ""));
        if matches!(base, "Root" | "TuxCare") {
            return match suffix.split(':').next() {
                Some("" | "Root" | "TuxCare") | None => None,
                Some(_) => Self::of_ecosystem(suffix),
            };
        }
        match name {
            "Echo:PyPI" => return Some(Self::Pypi),
            "Echo:Maven" => return Some(Self::Maven),
            "Echo:npm" => return Some(Self::Pub),
            _ => {}
        }
        ECOSYSTEMS.iter().find(|(known, _)| *known == base).map(|(_, scheme)| *scheme)
    }

    /// The scheme of a type of package addresses, or of a scheme name of VERS.
    pub fn of_purl_type(kind: &str) -> Option<Self> {
        Some(match kind {
            "npm" => Self::Npm,
            "cargo" => Self::Cargo,
            "golang" | "go" => Self::Go,
            "hex" | "otp" => Self::Hex,
            "pub" => Self::Pub,
            "swift" => Self::Swift,
            "julia" => Self::Julia,
            "bitnami" => Self::Bitnami,
            "nuget" => Self::Nuget,
            "pypi" => Self::Pypi,
            "maven" => Self::Maven,
            "gem" => Self::Gem,
            "composer" => Self::Composer,
            "deb" => Self::Debian,
            "rpm" => Self::Rpm,
            "apk" | "alpine" => Self::Alpine,
            "alpm" | "arch" => Self::Alpm,
            "ebuild" | "gentoo" => Self::Gentoo,
            "conan" => Self::Conan,
            "conda" => Self::Conda,
            "cran" | "bioconductor" => Self::Cran,
            "hackage" => Self::Hackage,
            "opam" => Self::Opam,
            "cocoapods" => Self::Gem,
            "github" | "githubactions" | "bitbucket" | "semver" | "vscode-extension" | "terraform" => {
                Self::Semver
            }
            "openssl" => Self::Openssl,
            "nginx" => Self::Nginx,
            "intdot" => Self::Intdot,
            "datetime" => Self::Datetime,
            "lexicographic" => Self::Lexicographic,
            "generic" => Self::Generic,
            _ => return None,
        })
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
