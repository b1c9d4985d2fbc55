//! The rules that Palisade ships, as text inside the binary.
//!
//! Data only: knows neither the format of a rule nor who reads it. The `palisade` binary hands the rules down to the engines, so that
//! editing one rebuilds no engine.
//!
//! One function for each engine. A folder's list is taken when this crate is compiled; a test fails when the folder has changed since.

#![forbid(unsafe_code)]

use include_dir::{Dir, include_dir};

static SECRETS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/secrets");

static IMAGE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/image");

static DEPS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/deps");

/// The file name and text of every rule of the engine for secrets, sorted by name.
pub fn secrets() -> impl Iterator<Item = (&'static str, &'static str)> {
    rules(&SECRETS)
}

/// The same of the engine for dependencies.
pub fn deps() -> impl Iterator<Item = (&'static str, &'static str)> {
    rules(&DEPS)
}

/// The same of the engine for images.
pub fn image() -> impl Iterator<Item = (&'static str, &'static str)> {
    rules(&IMAGE)
}

fn rules(folder: &'static Dir<'static>) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut rules: Vec<_> = folder
        .files()
        .filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)))
        .filter(|(name, _)| name.ends_with(".md"))
        .collect();
    rules.sort_unstable();
    rules.into_iter()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_folders_are_embedded_as_they_are() {
        embedded_as_it_is("secrets", secrets().collect());
        embedded_as_it_is("deps", deps().collect());
        embedded_as_it_is("image", image().collect());
    }

    fn embedded_as_it_is(folder: &str, embedded: Vec<(&str, &str)>) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut names: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".md"))
            .collect();
        names.sort_unstable();
        let known: Vec<_> = embedded.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(known, names, "rules were added or removed: touch rules/src/lib.rs to embed them");
        assert!(!names.is_empty());
        for (name, text) in embedded {
            assert_eq!(std::fs::read_to_string(folder.join(name)).unwrap(), text, "{name}");
        }
    }
}
