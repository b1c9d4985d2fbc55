//! Which of the ecosystems that records name speak of a package of a given ecosystem.
//!
//! Records name distributions with their release (`Debian:12`), registries with their address (`Maven:https://...`), and Red Hat's
//! repositories with a part of their CPE (`Red Hat:enterprise_linux:9::baseos`). What an inventory says is not always as exact.

use std::collections::BTreeSet;

/// Ecosystems whose records are of one release each: records of another release say nothing.
const RELEASED: &[&str] = &[
    "AlmaLinux",
    "Alpaquita",
    "Alpine",
    "Amazon Linux",
    "Android",
    "Azure Linux",
    "BellSoft Hardened Containers",
    "Debian",
    "Mageia",
    "Oracle Linux",
    "Photon OS",
    "Red Hat",
    "Rocky Linux",
    "SUSE",
    "Ubuntu",
    "openEuler",
    "openSUSE",
];

/// What is asked for `ecosystem`, the most exact first, out of the names that the database `knows`.
///
/// - The name itself.
/// - `Alpine:3.20` and `Alpine:v3.20.1` are `Alpine:v3.20`.
/// - `Ubuntu:22.04` is `Ubuntu:22.04:LTS`. Then the channel for subscribers, `Ubuntu:Pro:22.04:LTS`, and the other way round: what
///   is mended there only is open for everybody else. FIPS channels only when named.
/// - `Red Hat:enterprise_linux:9` is every repository of it: `...:9::appstream`.
/// - `Rocky Linux:9.3` is also `Rocky Linux:9`.
/// - A registry's address falls back to the bare name; the bare name of an ecosystem without releases is also each of its
///   registries, as most inventories do not tell the registry.
/// - The bare name: records that name no release count for all.
pub(crate) fn asked<'d>(ecosystem: &str, known: &BTreeSet<&'d str>) -> Vec<&'d str> {
    let (base, suffix) = parts(ecosystem);
    let mut asked = Asked { known, names: Vec::new() };
    asked.add(ecosystem);
    match suffix {
        Some(suffix) => asked.add_release(base, suffix),
        None if !is_released(base) => asked.add_prefixed(&format!("{base}:")),
        None => {}
    }
    asked.add(base);
    asked.names
}

/// Whether records under the name `known` can stand for `ecosystem` as a whole, so that finding none means something. For a
/// distribution that takes the release.
pub(crate) fn stands_for(known: &str, ecosystem: &str) -> bool {
    let (base, suffix) = parts(ecosystem);
    match (known.contains(':'), suffix) {
        // A record without release is no reason to think that the release is covered.
        (false, Some(_)) => !is_released(base),
        // A registry of its own is no reason to think that the ecosystem's usual one is covered.
        (has_suffix, None) => !has_suffix,
        (true, Some(_)) => true,
    }
}

fn is_released(base: &str) -> bool {
    RELEASED.contains(&base)
}

fn parts(ecosystem: &str) -> (&str, Option<&str>) {
    ecosystem.split_once(':').map_or((ecosystem, None), |(base, suffix)| (base, Some(suffix)))
}

struct Asked<'k, 'd> {
    known: &'k BTreeSet<&'d str>,
    names: Vec<&'d str>,
}

impl Asked<'_, '_> {
    fn add(&mut self, name: &str) {
        if let Some(known) = self.known.get(name)
            && !self.names.contains(known)
        {
            self.names.push(known);
        }
    }

    fn add_prefixed(&mut self, prefix: &str) {
        let names: Vec<_> = self.known.iter().filter(|name| name.starts_with(prefix)).copied().collect();
        for name in names {
            self.add(name);
        }
    }

    fn add_release(&mut self, base: &str, suffix: &str) {
        match base {
            "Alpine" | "Alpaquita" => {
                let release = suffix.trim_start_matches('v');
                let branch: Vec<_> = release.split('.').take(2).collect();
                self.add(&format!("{base}:v{}", branch.join(".")));
                self.add(&format!("{base}:{}", branch.join(".")));
            }
            "Ubuntu" => self.add_ubuntu(suffix),
            "Red Hat" => self.add_prefixed(&format!("{base}:{}::", suffix.trim_end_matches(':'))),
            _ if is_released(base) => self.add_major(base, suffix),
            _ => {}
        }
    }

    fn add_ubuntu(&mut self, suffix: &str) {
        let is_pro = suffix.starts_with("Pro:");
        if suffix.starts_with("Pro:FIPS") || suffix.starts_with("FIPS") {
            return;
        }
        let release = suffix.trim_start_matches("Pro:").trim_end_matches(":LTS");
        for channel in if is_pro { ["Pro:", ""] } else { ["", "Pro:"] } {
            self.add(&format!("Ubuntu:{channel}{release}:LTS"));
            self.add(&format!("Ubuntu:{channel}{release}"));
        }
    }

    /// Shorter and shorter releases: 9.3.1, 9.3, 9.
    fn add_major(&mut self, base: &str, suffix: &str) {
        let mut release = suffix;
        while let Some((shorter, _)) = release.rsplit_once('.') {
            self.add(&format!("{base}:{shorter}"));
            release = shorter;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{asked, stands_for};

    fn answer<'a>(ecosystem: &str, known: &[&'a str]) -> Vec<&'a str> {
        asked(ecosystem, &known.iter().copied().collect::<BTreeSet<_>>())
    }

    #[test]
    fn releases_are_asked_by_their_own_rules() {
        assert_eq!(answer("Debian:12", &["Debian", "Debian:11", "Debian:12"]), ["Debian:12", "Debian"]);
        assert_eq!(answer("Debian:99", &["Debian:11", "Debian:12"]), [""; 0]);
        assert_eq!(answer("Alpine:3.20.1", &["Alpine:v3.2", "Alpine:v3.20"]), ["Alpine:v3.20"]);
        assert_eq!(
            answer(
                "Ubuntu:22.04",
                &["Ubuntu:22.04:LTS", "Ubuntu:Pro:22.04:LTS", "Ubuntu:Pro:FIPS:22.04:LTS"]
            ),
            ["Ubuntu:22.04:LTS", "Ubuntu:Pro:22.04:LTS"]
        );
        assert_eq!(
            answer("Ubuntu:Pro:22.04:LTS", &["Ubuntu:22.04:LTS", "Ubuntu:Pro:22.04:LTS"]),
            ["Ubuntu:Pro:22.04:LTS", "Ubuntu:22.04:LTS"]
        );
        assert_eq!(answer("Rocky Linux:9.3", &["Rocky Linux:8", "Rocky Linux:9"]), ["Rocky Linux:9"]);
        assert_eq!(
            answer("openSUSE:Leap 15.5", &["openSUSE:Leap 15.5", "openSUSE:Leap 15.6"]),
            ["openSUSE:Leap 15.5"]
        );
        let red_hat = [
            "Red Hat:enterprise_linux:9::appstream",
            "Red Hat:enterprise_linux:9::baseos",
            "Red Hat:enterprise_linux:8::baseos",
            "Red Hat:rhel_eus:9.2::baseos",
        ];
        assert_eq!(
            answer("Red Hat:enterprise_linux:9", &red_hat),
            ["Red Hat:enterprise_linux:9::appstream", "Red Hat:enterprise_linux:9::baseos"]
        );
        assert_eq!(answer("Red Hat:rhel_eus:9.2::baseos", &red_hat), ["Red Hat:rhel_eus:9.2::baseos"]);
    }

    #[test]
    fn registries_fall_back_to_the_bare_name_and_the_bare_name_asks_them_all() {
        let known = ["Maven", "Maven:https://maven.google.com"];
        assert_eq!(answer("Maven", &known), known);
        assert_eq!(answer("Maven:https://maven.google.com", &known), [known[1], known[0]]);
        assert_eq!(answer("Maven:https://example.org", &known), ["Maven"]);
    }

    #[test]
    fn only_its_own_release_covers_a_distribution() {
        assert!(stands_for("Debian:12", "Debian:12"));
        assert!(!stands_for("Debian", "Debian:12"));
        assert!(stands_for("Maven", "Maven:https://maven.google.com"));
        assert!(!stands_for("Maven:https://maven.google.com", "Maven"));
        assert!(stands_for("PyPI", "PyPI"));
    }
}
