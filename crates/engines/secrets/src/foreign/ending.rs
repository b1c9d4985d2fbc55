//! How the paths end that a regex matches, so that most names of files can be passed over before their paths are known.

use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, Look};

/// How what a regex matches ends.
#[derive(Debug)]
pub(crate) enum Ending {
    /// Somehow.
    Any,
    /// With one of these texts, at the end of the path.
    OneOf(Vec<Vec<u8>>),
}

impl Ending {
    pub(crate) fn of(pattern: &str) -> Self {
        let parsed = regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern);
        parsed.ok().and_then(|hir| texts(&hir)).map_or(Self::Any, Self::OneOf)
    }

    /// Whether a path whose last part is `name` may end so.
    pub(crate) fn may_be_of(&self, name: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(texts) => texts.iter().any(|text| name.ends_with(text) || text.ends_with(name)),
        }
    }
}

/// The texts with which every match ends; none when that cannot be said, or they may stand elsewhere than at the end.
fn texts(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    if !hir.properties().look_set_suffix().contains(Look::End) {
        return None;
    }
    let found = Extractor::new().kind(ExtractKind::Suffix).extract(hir);
    let texts: Vec<_> = found.literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect();
    texts.iter().all(|text| !text.is_empty()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use regex::bytes::Regex;

    use super::*;

    /// What is passed over is in no path that the regex matches.
    #[test]
    fn a_name_is_passed_over_only_if_no_path_that_ends_with_it_matches() {
        let patterns = [
            r"\.p12$",
            r"(?i)(?:^|/)[^/]+\.p(?:12|fx)$",
            r"id_rsa",
            r"id_rsa$|\.env",
            r"(^|/)\.env(\.[a-z]+)?$",
            r"secrets/.*",
            r"secrets/key$",
            r"(?m)key$",
            r"$",
            r"",
            r"x*$",
        ];
        let names = ["a.p12", "A.PFX", "id_rsa", ".env", ".env.prod", "key", "a", "readme.md", "x"];
        let mut passed_over = 0;
        for pattern in patterns {
            let (ending, regex) = (Ending::of(pattern), Regex::new(pattern).unwrap());
            for name in names {
                if !ending.may_be_of(name.as_bytes()) {
                    passed_over += 1;
                    for folder in ["", "secrets/", "id_rsa/", ".env/", "x/"] {
                        let path = format!("{folder}{name}");
                        assert!(!regex.is_match(path.as_bytes()), "{pattern} {path}");
                    }
                }
            }
        }
        assert!(passed_over > 20, "{passed_over}");
    }
}
