//! The names that people give to orders of versions.

use crate::Scheme;

impl Scheme {
    /// Every name that [`Scheme::from_name`] knows and that is worth offering: schemes and ecosystems, sorted without regard to case.
    pub fn names() -> Vec<&'static str> {
        let mut names: Vec<&str> = Self::ALL.iter().map(|scheme| scheme.name()).collect();
        names.extend(ECOSYSTEMS.iter().map(|(name, _)| *name));
        names.sort_by_key(|name| (name.to_ascii_lowercase(), *name));
        names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        names
    }

    /// The scheme of a name that a person wrote: a scheme, an ecosystem with or without its suffix, a type of package addresses, or a
    /// language or tool that everybody knows; with `vers:` or `pkg:` before it or not, in any case, blanks and hyphens left out or not.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        if let Some(scheme) = Self::of_ecosystem(name) {
            return Some(scheme);
        }
        let (base, suffix) = name.split_once(':').unwrap_or((name, ""));
        let suffix = suffix.split('/').next().unwrap_or_default();
        match folded(base).as_str() {
            "vers" | "pkg" => Self::of_word(&folded(suffix)),
            "root" | "tuxcare" => Self::from_name(suffix).filter(|_| !suffix.is_empty()),
            base => Self::of_word(base),
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        let scheme = Self::ALL.into_iter().find(|scheme| scheme.name() == word);
        let ecosystem =
            || ECOSYSTEMS.iter().find(|(name, _)| folded(name) == word).map(|(_, scheme)| *scheme);
        let other = || WORDS.iter().find(|(words, _)| words.contains(&word)).map(|(_, scheme)| *scheme);
        scheme.or_else(|| Self::of_purl_type(word)).or_else(ecosystem).or_else(other)
    }
}

/// Lower case without blanks, points, hyphens and underscores.
fn folded(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}

/// What scanners and people call an order besides, folded.
const WORDS: [(&[&str], Scheme); 22] = [
    (
        &[
            "semver2",
            "semanticversion",
            "semanticversioning",
            "actions",
            "vscodeextension",
            "opentofu",
            "helm",
            "k8s",
            "linuxkernel",
            "kernel",
        ],
        Scheme::Semver,
    ),
    (
        &[
            "node",
            "nodejs",
            "nodesemver",
            "javascript",
            "js",
            "typescript",
            "yarn",
            "pnpm",
            "bun",
            "deno",
            "jsr",
        ],
        Scheme::Npm,
    ),
    (&["rust", "crates", "rustsec"], Scheme::Cargo),
    (&["gomod", "gomodules", "gomodule"], Scheme::Go),
    (&["elixir", "erlang", "mix", "rebar"], Scheme::Hex),
    (&["dart", "flutter"], Scheme::Pub),
    (&["swiftpm", "spm"], Scheme::Swift),
    (&["dotnet", "net", "csharp"], Scheme::Nuget),
    (&["python", "pip", "pep440", "poetry", "pipenv", "uv"], Scheme::Pypi),
    (&["java", "gradle", "sbt", "kotlin", "scala", "clojars", "mvn"], Scheme::Maven),
    (&["ruby", "rubygem", "bundler"], Scheme::Gem),
    (&["php"], Scheme::Composer),
    (&["dpkg", "debversion", "kali", "raspbian", "linuxmint"], Scheme::Debian),
    (
        &[
            "redhatenterpriselinux",
            "rhel",
            "centos",
            "rocky",
            "alma",
            "oracle",
            "ol",
            "amazon",
            "amzn",
            "sles",
            "sled",
            "suselinuxenterpriseserver",
            "photon",
            "mariner",
            "cblmariner",
            "rpmvercmp",
        ],
        Scheme::Rpm,
    ),
    (&["alpinelinux", "apktools"], Scheme::Alpine),
    (&["pacman", "archlinux", "manjaro"], Scheme::Alpm),
    (&["portage", "gentoolinux"], Scheme::Gentoo),
    (&["anaconda", "condaforge", "mamba"], Scheme::Conda),
    (&["r"], Scheme::Cran),
    (&["haskell", "cabal", "pvp"], Scheme::Hackage),
    (&["ocaml"], Scheme::Opam),
    (&["ports"], Scheme::Freebsd),
];

/// The ecosystems of OSV (ecosystems.json of schema 1.7.5) whose versions have an order, and it.
pub(crate) const ECOSYSTEMS: [(&str, Scheme); 50] = [
    ("AlmaLinux", Scheme::Rpm),
    ("Alpaquita", Scheme::Alpine),
    ("Alpine", Scheme::Alpine),
    ("Android", Scheme::Generic),
    ("Arch Linux", Scheme::Alpm),
    ("Azure Linux", Scheme::Rpm),
    ("BellSoft Hardened Containers", Scheme::Alpine),
    ("Bioconductor", Scheme::Cran),
    ("Bitnami", Scheme::Bitnami),
    ("CRAN", Scheme::Cran),
    ("Chainguard", Scheme::Alpine),
    ("CleanStart", Scheme::Alpine),
    ("ConanCenter", Scheme::Conan),
    ("Debian", Scheme::Debian),
    ("Docker Hardened Images", Scheme::Semver),
    ("Echo", Scheme::Debian),
    ("FreeBSD", Scheme::Freebsd),
    ("GHC", Scheme::Semver),
    ("GitHub Actions", Scheme::Semver),
    ("Go", Scheme::Go),
    ("Hackage", Scheme::Hackage),
    ("Hex", Scheme::Hex),
    ("Julia", Scheme::Julia),
    ("Kubernetes", Scheme::Semver),
    ("Linux", Scheme::Semver),
    ("Mageia", Scheme::Rpm),
    ("Maven", Scheme::Maven),
    ("MinimOS", Scheme::Alpine),
    ("NuGet", Scheme::Nuget),
    ("OSS-Fuzz", Scheme::Generic),
    ("Packagist", Scheme::Composer),
    ("Photon OS", Scheme::Rpm),
    ("Pub", Scheme::Pub),
    ("PyPI", Scheme::Pypi),
    ("Red Hat", Scheme::Rpm),
    ("Rocky Linux", Scheme::Rpm),
    ("RubyGems", Scheme::Gem),
    ("SUSE", Scheme::Rpm),
    ("SwiftURL", Scheme::Swift),
    ("Ubuntu", Scheme::Debian),
    ("VSCode", Scheme::Semver),
    ("Wolfi", Scheme::Alpine),
    ("crates.io", Scheme::Cargo),
    ("npm", Scheme::Npm),
    ("opam", Scheme::Opam),
    ("openEuler", Scheme::Rpm),
    ("openSUSE", Scheme::Rpm),
    ("Amazon Linux", Scheme::Rpm),
    ("Fedora", Scheme::Rpm),
    ("Oracle Linux", Scheme::Rpm),
];
