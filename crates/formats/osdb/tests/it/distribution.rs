use palisade_osdb::{Lifetime, identify};

use crate::distribution;

/// What os-release says in the images of each distribution, and how OSV calls its releases.
#[test]
fn a_distribution_is_named_as_advisories_name_it() {
    for (text, qualifier, ecosystem) in [
        ("ID=debian\nVERSION_ID=\"12\"", "debian-12", "Debian:12"),
        ("ID=debian\nVERSION_CODENAME=trixie", "debian-13", "Debian:13"),
        ("ID=ubuntu\nVERSION_ID=\"22.04\"", "ubuntu-22.04", "Ubuntu:22.04:LTS"),
        ("ID=ubuntu\nVERSION_ID=\"23.04\"", "ubuntu-23.04", "Ubuntu:23.04"),
        ("ID=ubuntu\nVERSION_ID=\"24.10\"", "ubuntu-24.10", "Ubuntu:24.10"),
        ("ID=alpine\nVERSION_ID=3.20.3", "alpine-3.20.3", "Alpine:v3.20"),
        ("ID=alpine\nVERSION_ID=3.21.0_alpha20240807", "alpine-3.21.0_alpha20240807", "Alpine:edge"),
        ("ID=wolfi\nVERSION_ID=\"20230201\"", "wolfi-20230201", "Wolfi"),
        ("ID=chainguard\nVERSION_ID=\"20230214\"", "chainguard-20230214", "Chainguard"),
        ("ID=\"rocky\"\nVERSION_ID=\"9.4\"", "rocky-9.4", "Rocky Linux:9"),
        ("ID=\"almalinux\"\nVERSION_ID=\"8.10\"", "almalinux-8.10", "AlmaLinux:8"),
        (
            "ID=\"rhel\"\nVERSION_ID=\"9.4\"\nCPE_NAME=\"cpe:/o:redhat:enterprise_linux:9::baseos\"",
            "rhel-9.4",
            "Red Hat:enterprise_linux:9",
        ),
        ("ID=\"opensuse-leap\"\nVERSION_ID=\"15.5\"", "opensuse-leap-15.5", "openSUSE:Leap 15.5"),
        (
            "ID=\"opensuse-tumbleweed\"\nVERSION_ID=\"20240901\"",
            "opensuse-tumbleweed-20240901",
            "openSUSE:Tumbleweed",
        ),
        ("ID=\"sles\"\nVERSION_ID=\"15.5\"", "sles-15.5", "SUSE:Linux Enterprise Server 15 SP5"),
        ("ID=photon\nVERSION_ID=4.0", "photon-4.0", "Photon OS:4.0"),
        ("ID=mageia\nVERSION_ID=9", "mageia-9", "Mageia:9"),
        (
            "ID=\"openEuler\"\nVERSION=\"22.03 (LTS-SP3)\"\nVERSION_ID=\"22.03\"",
            "openeuler-22.03",
            "openEuler:22.03-LTS-SP3",
        ),
        ("ID=fedora\nVERSION_ID=40", "fedora-40", "Fedora:40"),
        ("ID=\"amzn\"\nVERSION_ID=\"2023\"", "amzn-2023", "Amazon Linux:2023"),
        ("ID=npm:x\nVERSION_ID=\"1\"", "npm:x-1", "unknown distribution npm_x:1"),
    ] {
        let found = distribution(text);
        assert_eq!((found.qualifier().as_str(), found.ecosystem.as_str()), (qualifier, ecosystem), "{text}");
    }
}

#[test]
fn other_files_tell_when_os_release_does_not() {
    for (files, qualifier) in [
        (&[("etc/alpine-release", "3.4.6\n")][..], "alpine-3.4.6"),
        (&[("etc/debian_version", "7.11\n")], "debian-7"),
        (&[("etc/debian_version", "bookworm/sid\n")], "debian-12"),
        (&[("etc/redhat-release", "CentOS release 6.10 (Final)\n")], "centos-6.10"),
        (&[("etc/redhat-release", "Red Hat Enterprise Linux Server release 6.9 (Santiago)\n")], "rhel-6.9"),
        (
            &[("etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\nDISTRIB_CODENAME=precise\n")],
            "ubuntu-12.04",
        ),
        (
            &[("etc/debian_version", "12.5\n"), ("usr/lib/os-release", "ID=ubuntu\nVERSION_ID=22.04\n")],
            "ubuntu-22.04",
        ),
        (&[("etc/os-release", "ID=debian\n"), ("etc/debian_version", "trixie/sid\n")], "debian-13"),
        (&[("etc/os-release", "# nothing\n"), ("etc/alpine-release", "3.20.0\n")], "alpine-3.20.0"),
    ] {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
        assert_eq!(identify(&files).unwrap().qualifier(), qualifier);
    }
    assert_eq!(identify(&[("etc/os-release", b"")]), None);
    assert_eq!(identify(&[]), None);
}

#[test]
fn lifetimes_are_known_unknown_or_endless() {
    assert!(
        matches!(distribution("ID=debian\nVERSION_ID=10").lifetime, Lifetime::Until(day) if day.to_string() == "2024-06-30")
    );
    assert_eq!(distribution("ID=wolfi").lifetime, Lifetime::Rolling);
    assert_eq!(distribution("ID=else\nVERSION_ID=1").lifetime, Lifetime::Unknown);
}
