//! How long releases of distributions get free security updates.
//!
//! The dates are facts that each distribution publishes; the address stands with its table. Where a distribution has paid extensions,
//! they do not count: an image that has one can say so by a waiver.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use crate::Lifetime;

/// Distributions that are never released, only updated.
const ROLLING: &[&str] = &[
    "wolfi",
    "chainguard",
    "minimos",
    "arch",
    "opensuse-tumbleweed",
    "gentoo",
    "void",
    "nixos-unstable",
    "kali",
];

/// The last day of a release's security updates, by its `VERSION_ID` or the beginning of it up to a dot.
type Table = &'static [(&'static str, Date)];

/// How long the release of `id` lives.
pub(crate) fn of(id: &str, version: Option<&str>, fields: &BTreeMap<String, String>) -> Lifetime {
    if ROLLING.contains(&id) {
        return Lifetime::Rolling;
    }
    let is_stream = id == "centos" && fields.get("NAME").is_some_and(|name| name.contains("Stream"));
    let table = match id {
        "centos" if is_stream => CENTOS_STREAM,
        "debian" => DEBIAN,
        "ubuntu" => UBUNTU,
        "alpine" => ALPINE,
        "rhel" => RHEL,
        "centos" => CENTOS,
        "rocky" => ROCKY,
        "almalinux" => ALMALINUX,
        "ol" => OL,
        "fedora" => FEDORA,
        "opensuse-leap" | "opensuse" => OPENSUSE_LEAP,
        "sles" | "sles_sap" | "suse" => SLES,
        "amzn" => AMZN,
        "photon" => PHOTON,
        "mageia" => MAGEIA,
        _ => return Lifetime::Unknown,
    };
    let Some(version) = version else { return Lifetime::Unknown };
    let is_of = |release: &str| {
        version.strip_prefix(release).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    table
        .iter()
        .find(|(release, _)| is_of(release))
        .map_or(Lifetime::Unknown, |(_, day)| Lifetime::Until(*day))
}

/// <https://wiki.debian.org/LTS>, with the volunteers' long-term support.
const DEBIAN: Table = &[
    ("13", date(2030, 6, 30)),
    ("12", date(2028, 6, 30)),
    ("11", date(2026, 8, 31)),
    ("10", date(2024, 6, 30)),
    ("9", date(2022, 7, 1)),
    ("8", date(2020, 6, 30)),
    ("7", date(2018, 5, 31)),
    ("6", date(2016, 2, 29)),
    ("5", date(2012, 2, 6)),
];

/// <https://ubuntu.com/about/release-cycle>, without Ubuntu Pro.
const UBUNTU: Table = &[
    ("26.04", date(2031, 4, 30)),
    ("25.10", date(2026, 7, 1)),
    ("25.04", date(2026, 1, 17)),
    ("24.10", date(2025, 7, 10)),
    ("24.04", date(2029, 5, 31)),
    ("23.10", date(2024, 7, 12)),
    ("23.04", date(2024, 1, 20)),
    ("22.10", date(2023, 7, 20)),
    ("22.04", date(2027, 4, 1)),
    ("21.10", date(2022, 7, 14)),
    ("21.04", date(2022, 1, 20)),
    ("20.10", date(2021, 7, 22)),
    ("20.04", date(2025, 5, 31)),
    ("19.10", date(2020, 7, 6)),
    ("19.04", date(2020, 1, 23)),
    ("18.10", date(2019, 7, 18)),
    ("18.04", date(2023, 5, 31)),
    ("17.10", date(2018, 7, 19)),
    ("17.04", date(2018, 1, 13)),
    ("16.10", date(2017, 7, 20)),
    ("16.04", date(2021, 4, 2)),
    ("15.10", date(2016, 7, 28)),
    ("15.04", date(2016, 2, 4)),
    ("14.10", date(2015, 7, 23)),
    ("14.04", date(2019, 4, 2)),
    ("13.10", date(2014, 7, 17)),
    ("13.04", date(2014, 1, 27)),
    ("12.10", date(2014, 5, 16)),
    ("12.04", date(2017, 4, 28)),
];

/// <https://alpinelinux.org/releases/>.
const ALPINE: Table = &[
    ("3.24", date(2028, 6, 1)),
    ("3.23", date(2027, 11, 1)),
    ("3.22", date(2027, 5, 1)),
    ("3.21", date(2026, 11, 1)),
    ("3.20", date(2026, 4, 1)),
    ("3.19", date(2025, 11, 1)),
    ("3.18", date(2025, 5, 9)),
    ("3.17", date(2024, 11, 22)),
    ("3.16", date(2024, 5, 23)),
    ("3.15", date(2023, 11, 1)),
    ("3.14", date(2023, 5, 1)),
    ("3.13", date(2022, 11, 1)),
    ("3.12", date(2022, 5, 1)),
    ("3.11", date(2021, 11, 1)),
    ("3.10", date(2021, 5, 1)),
    ("3.9", date(2020, 11, 1)),
    ("3.8", date(2020, 5, 1)),
    ("3.7", date(2019, 11, 1)),
    ("3.6", date(2019, 5, 1)),
    ("3.5", date(2018, 11, 1)),
    ("3.4", date(2018, 5, 1)),
    ("3.3", date(2017, 11, 1)),
    ("3.2", date(2017, 5, 1)),
    ("3.1", date(2016, 11, 1)),
    ("3.0", date(2016, 5, 1)),
    ("2.7", date(2015, 11, 1)),
    ("2.6", date(2015, 5, 1)),
    ("2.5", date(2014, 11, 1)),
    ("2.4", date(2014, 5, 1)),
    ("2.3", date(2013, 11, 1)),
    ("2.2", date(2013, 5, 1)),
    ("2.1", date(2012, 11, 1)),
];

/// <https://access.redhat.com/support/policy/updates/errata>, without extended phases.
const RHEL: Table = &[
    ("10", date(2035, 5, 31)),
    ("9", date(2032, 5, 31)),
    ("8", date(2029, 5, 31)),
    ("7", date(2024, 6, 30)),
    ("6", date(2020, 11, 30)),
    ("5", date(2017, 3, 31)),
    ("4", date(2012, 2, 29)),
];

/// <https://www.redhat.com/en/topics/linux/centos-linux-eol>.
const CENTOS: Table = &[
    ("8", date(2021, 12, 31)),
    ("7", date(2024, 6, 30)),
    ("6", date(2020, 11, 30)),
    ("5", date(2017, 3, 31)),
];

/// <https://www.centos.org/cl-vs-cs/#end-of-life>.
const CENTOS_STREAM: Table = &[("10", date(2030, 5, 31)), ("9", date(2027, 5, 31)), ("8", date(2024, 5, 31))];

/// <https://wiki.rockylinux.org/rocky/version/>.
const ROCKY: Table = &[("10", date(2035, 5, 31)), ("9", date(2032, 5, 31)), ("8", date(2029, 5, 31))];

/// <https://wiki.almalinux.org/release-notes/>.
const ALMALINUX: Table = &[("10", date(2035, 5, 31)), ("9", date(2032, 5, 31)), ("8", date(2029, 5, 31))];

/// <https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf>, premier support.
const OL: Table = &[
    ("9", date(2032, 6, 30)),
    ("8", date(2029, 7, 31)),
    ("7", date(2024, 12, 31)),
    ("6", date(2021, 3, 31)),
];

/// <https://docs.fedoraproject.org/en-US/releases/eol/>.
const FEDORA: Table = &[
    ("44", date(2027, 6, 2)),
    ("43", date(2026, 12, 9)),
    ("42", date(2026, 5, 27)),
    ("41", date(2025, 12, 15)),
    ("40", date(2025, 5, 13)),
    ("39", date(2024, 11, 26)),
    ("38", date(2024, 5, 21)),
    ("37", date(2023, 12, 5)),
    ("36", date(2023, 5, 16)),
    ("35", date(2022, 12, 13)),
    ("34", date(2022, 6, 7)),
    ("33", date(2021, 11, 30)),
    ("32", date(2021, 5, 25)),
    ("31", date(2020, 11, 24)),
    ("30", date(2020, 5, 26)),
    ("29", date(2019, 11, 26)),
    ("28", date(2019, 5, 28)),
    ("27", date(2018, 11, 30)),
    ("26", date(2018, 5, 29)),
    ("25", date(2017, 12, 12)),
    ("24", date(2017, 8, 8)),
    ("23", date(2016, 12, 20)),
    ("22", date(2016, 7, 19)),
    ("21", date(2015, 12, 1)),
    ("20", date(2015, 6, 23)),
];

/// <https://en.opensuse.org/Lifetime>.
const OPENSUSE_LEAP: Table = &[
    ("16.0", date(2027, 10, 31)),
    ("15.6", date(2026, 4, 30)),
    ("15.5", date(2024, 12, 31)),
    ("15.4", date(2023, 12, 7)),
    ("15.3", date(2022, 12, 31)),
    ("15.2", date(2022, 1, 4)),
    ("15.1", date(2021, 2, 2)),
    ("15.0", date(2019, 12, 3)),
    ("42.3", date(2019, 7, 1)),
    ("42.2", date(2018, 1, 26)),
    ("42.1", date(2017, 5, 17)),
];

/// <https://www.suse.com/lifecycle>, general support.
const SLES: Table = &[
    ("16.0", date(2027, 11, 30)),
    ("15.7", date(2031, 7, 31)),
    ("15.6", date(2025, 12, 31)),
    ("15.5", date(2024, 12, 31)),
    ("15.4", date(2023, 12, 31)),
    ("15.3", date(2022, 12, 31)),
    ("15.2", date(2021, 12, 31)),
    ("12.5", date(2024, 10, 31)),
    ("15.1", date(2021, 1, 31)),
    ("12.4", date(2020, 6, 30)),
    ("15.0", date(2019, 12, 31)),
    ("12.3", date(2019, 6, 30)),
    ("12.2", date(2018, 3, 31)),
    ("12.1", date(2017, 5, 31)),
    ("11.4", date(2019, 3, 31)),
    ("12.0", date(2016, 6, 30)),
    ("11.3", date(2016, 1, 31)),
    ("11.2", date(2014, 1, 31)),
    ("11.1", date(2012, 8, 31)),
    ("11.0", date(2010, 12, 31)),
];

/// <https://aws.amazon.com/amazon-linux-2/faqs/>, https://docs.aws.amazon.com/linux/al2023/ug/release-cadence.html.
const AMZN: Table = &[("2023", date(2029, 6, 30)), ("2", date(2026, 6, 30)), ("2018.03", date(2023, 12, 31))];

/// <https://github.com/vmware/photon/wiki>.
const PHOTON: Table = &[
    ("4.0", date(2027, 10, 11)),
    ("3.0", date(2025, 10, 2)),
    ("2.0", date(2022, 12, 1)),
    ("1.0", date(2022, 2, 28)),
];

/// <https://www.mageia.org/en/support/>.
const MAGEIA: Table = &[
    ("10", date(2028, 3, 31)),
    ("9", date(2026, 9, 29)),
    ("8", date(2023, 11, 30)),
    ("7", date(2021, 6, 30)),
    ("6", date(2019, 9, 30)),
    ("5", date(2017, 12, 31)),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn until(id: &str, version: &str) -> Lifetime {
        of(id, Some(version), &BTreeMap::new())
    }

    #[test]
    fn a_release_is_found_by_the_beginning_of_its_version() {
        assert_eq!(until("alpine", "3.20.3"), Lifetime::Until(date(2026, 4, 1)));
        assert_eq!(until("alpine", "3.2.1"), Lifetime::Until(date(2017, 5, 1)));
        assert_eq!(until("rocky", "9.4"), Lifetime::Until(date(2032, 5, 31)));
        assert_eq!(until("debian", "12"), Lifetime::Until(date(2028, 6, 30)));
        assert_eq!(until("ubuntu", "22.04"), Lifetime::Until(date(2027, 4, 1)));
    }

    #[test]
    fn what_is_not_in_the_tables_is_unknown_not_alive() {
        assert_eq!(until("debian", "99"), Lifetime::Unknown);
        assert_eq!(until("debian", "1"), Lifetime::Unknown);
        assert_eq!(until("my-linux", "1"), Lifetime::Unknown);
        assert_eq!(of("debian", None, &BTreeMap::new()), Lifetime::Unknown);
        assert_eq!(of("wolfi", None, &BTreeMap::new()), Lifetime::Rolling);
    }

    #[test]
    fn centos_stream_is_not_centos() {
        let fields = BTreeMap::from([("NAME".to_owned(), "CentOS Stream".to_owned())]);
        assert_eq!(of("centos", Some("8"), &fields), Lifetime::Until(date(2024, 5, 31)));
        assert_eq!(until("centos", "8"), Lifetime::Until(date(2021, 12, 31)));
    }
}
