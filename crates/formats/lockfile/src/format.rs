use std::fmt;

use palisade_model::{PackageEvidence, Reading};

use crate::record::Companion;
use crate::text::file_name;
use crate::{
    beam, compiled, dart, dotnet, go, infrastructure, java, javascript, native, other, php, python, ruby,
    rust, swift,
};

/// Bytes of one record that are read; a larger one is a problem. The largest lockfiles of real monorepos are a quarter of it.
pub(crate) const MAX_RECORD_BYTES: usize = 64 << 20;

/// What one file says, and what only makes sense together with other files.
pub(crate) type Parsed = (Reading, Option<Companion>);

/// A format of records.
pub struct Format {
    /// Its name in results, kebab-case, such as `cargo-lock`.
    pub(crate) name: &'static str,
    /// How sure its packages are in the product.
    pub(crate) evidence: PackageEvidence,
    /// Whether a file of this path may be one, `/` between folders, by the path alone.
    pub(crate) recognises: fn(&str) -> bool,
    /// Reads the path and the bytes of one; none when the format is known and not read.
    pub(crate) read: Option<fn(&str, &[u8]) -> Parsed>,
}

impl Format {
    /// The name in results, such as `cargo-lock`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How sure its packages are in the product.
    pub const fn evidence(&self) -> PackageEvidence {
        self.evidence
    }

    /// Whether a record of it may name packages, and not only help others to.
    pub fn tells_packages(&self) -> bool {
        !SILENT.contains(&self.name)
    }

    /// Whether a file is a record of it by its name: others share the names of some, and then nothing is in them.
    pub fn is_sure_by_name(&self) -> bool {
        self.tells_packages() && !SHARED.contains(&self.name)
    }

    /// Whether the place of a record tells the package, and not what is in it: another name of the same file may be any file's.
    pub fn is_told_by_place(&self) -> bool {
        self.name == "nix-store-object"
    }

    /// Whether it is read at all; one that is not is a gap.
    pub const fn is_read(&self) -> bool {
        self.read.is_some()
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The format of the file at `path`, by its name and folders alone.
pub fn recognise(path: &str) -> Option<&'static Format> {
    if is_plain_source(path) {
        return None;
    }
    formats().find(|format| (format.recognises)(path))
}

pub(crate) fn formats() -> impl Iterator<Item = &'static Format> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// Formats whose records only help others to name packages.
const SILENT: [&str; 8] = [
    "cargo-config",
    "compose-variables",
    "composer-settings",
    "gem-version",
    "pnpm-workspace",
    "pub-package-graph",
    "uv-settings",
    "yarn-settings",
];

/// Formats whose names files of other tools have too.
const SHARED: [&str; 6] = [
    "ansible-requirements",
    "chef-metadata",
    "conda-recipe",
    "go-pins",
    "java-release",
    "nuget-project-json",
];

/// Endings of what most files of a tree are. Of these only the names in [`RECORDS_IN_SOURCE`] are records.
const SOURCE_ENDINGS: [&str; 24] = [
    "c", "cc", "cpp", "cs", "css", "cxx", "go", "h", "hpp", "html", "java", "js", "jsx", "kt", "lua", "m",
    "md", "py", "rs", "rst", "scala", "svg", "ts", "tsx",
];

/// How the names of records begin that may have such an ending, in lower case.
const RECORDS_IN_SOURCE: [&str; 5] = ["conanfile.", "containerfile", "dockerfile", "setup.", "style."];

/// Whether a file is none of any format, by its ending: spares most paths the question of each format.
fn is_plain_source(path: &str) -> bool {
    let name = file_name(path).as_bytes();
    let ending = name.iter().rposition(|byte| *byte == b'.').and_then(|dot| name.get(dot + 1..));
    let begins = |record: &&str| {
        name.get(..record.len()).is_some_and(|head| head.eq_ignore_ascii_case(record.as_bytes()))
    };
    ending.is_some_and(|ending| SOURCE_ENDINGS.iter().any(|source| source.as_bytes() == ending))
        && !RECORDS_IN_SOURCE.iter().any(begins)
}

/// The formats, family by family.
const FAMILIES: &[&[Format]] = &[
    javascript::FORMATS,
    python::FORMATS,
    rust::FORMATS,
    go::FORMATS,
    java::FORMATS,
    dotnet::FORMATS,
    php::FORMATS,
    ruby::FORMATS,
    swift::FORMATS,
    dart::FORMATS,
    beam::FORMATS,
    native::FORMATS,
    compiled::FORMATS,
    infrastructure::FORMATS,
    other::FORMATS,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_plain_source_is_of_no_format(
            folder in "(|[a-z]{1,3}/|wp-content/(plugins|themes)/(a/)?|\\.github/workflows/|vcpkg/|Cellar/a/1/|k8s/|lib/)",
            stem in "(|[a-z]{1,3}|[Dd]ockerfile|CONTAINERFILE|a\\.Dockerfile|setup|conanfile|style|version|requirements|packages|Package|META)",
            ending in proptest::sample::select(SOURCE_ENDINGS.to_vec()),
        ) {
            let path = format!("{folder}{stem}.{ending}");
            let slow = formats().find(|format| (format.recognises)(&path)).map(Format::name);
            prop_assert_eq!(recognise(&path).map(Format::name), slow, "{}", path);
        }
    }

    #[test]
    fn records_that_end_as_source_are_recognised() {
        for (path, name) in [
            ("a/setup.py", "setup-py"),
            ("conanfile.py", "conanfile-program"),
            ("wp-content/themes/one/style.css", "wordpress-theme"),
            ("docker/Dockerfile.h", "dockerfile"),
        ] {
            assert_eq!(recognise(path).map(Format::name), Some(name), "{path}");
        }
    }
}
