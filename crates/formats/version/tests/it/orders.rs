//! Orders that specifications and manuals state, and dpkg's and Python's own.

use std::cmp::Ordering;
use std::process::Command;

use palisade_version::{Scheme, Version, compare};

/// Each version is less than the next, in both ways of comparing.
#[track_caller]
fn ascending(scheme: Scheme, versions: &[&str]) {
    for pair in versions.windows(2) {
        assert_eq!(
            compare(scheme, pair[0], pair[1]),
            Some(Ordering::Less),
            "{scheme}: {} {}",
            pair[0],
            pair[1]
        );
    }
    let mut keys: Vec<Version> =
        versions.iter().rev().map(|text| Version::parse(scheme, text).unwrap()).collect();
    keys.sort();
    let sorted: Vec<&str> = keys.iter().map(Version::as_str).collect();
    assert_eq!(sorted, versions, "{scheme}");
}

#[track_caller]
fn equal(scheme: Scheme, versions: &[&str]) {
    for other in versions {
        assert_eq!(compare(scheme, versions[0], other), Some(Ordering::Equal), "{scheme}: {other}");
        assert_eq!(Version::parse(scheme, versions[0]), Version::parse(scheme, other), "{scheme}: {other}");
    }
}

#[test]
fn semantic_versions_follow_the_specification() {
    // semver.org, section 11.
    let example = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
    ];
    for scheme in [
        Scheme::Semver,
        Scheme::Npm,
        Scheme::Cargo,
        Scheme::Go,
        Scheme::Hex,
        Scheme::Pub,
        Scheme::Swift,
        Scheme::Julia,
        Scheme::Bitnami,
        Scheme::Nuget,
    ] {
        ascending(scheme, &example);
        ascending(scheme, &["1.9.0", "1.10.0", "1.11.0", "2.0.0", "2.1.0", "2.1.1"]);
    }
    equal(Scheme::Npm, &["1.0.0", "1.0.0+20130313144700", "v1.0.0", "1.0", "1"]);
    // Dart's and Julia's build numbers count; Bitnami's revisions come after the release.
    ascending(Scheme::Pub, &["1.0.0-dev+1", "1.0.0", "1.0.0+1", "1.0.0+2", "1.0.0+10", "1.0.0+a"]);
    ascending(Scheme::Julia, &["1.2.3", "1.2.3+0", "1.2.3+1", "1.2.4"]);
    // docs.julialang.org, "Version Number Literals": an empty label stands below all labels, an empty build above all builds.
    ascending(
        Scheme::Julia,
        &["1.2.3-", "1.2.3-0", "1.2.3-rc1", "1.2.3", "1.2.3+9", "1.2.3+post", "1.2.3+", "1.2.4-"],
    );
    assert!(Version::parse(Scheme::Julia, "1.2.").is_err() && Version::parse(Scheme::Pub, "1.2.3+").is_err());
    ascending(Scheme::Bitnami, &["1.2.3-rc.1", "1.2.3", "1.2.3-0", "1.2.3-4", "1.2.4"]);
    ascending(Scheme::Nuget, &["1.0.0-alpha", "1.0.0", "1.0.0.1-beta", "1.0.0.1", "1.0.1"]);
    equal(Scheme::Nuget, &["1.0.0-RC", "1.0-rc", "1.0.0.0-Rc+meta"]);
    // NuGet reads numbers of 32 bits in labels; longer ones are words.
    ascending(
        Scheme::Nuget,
        &["1.0.0-n.2147483647", "1.0.0-n.20000000000", "1.0.0-n.2024-02-01", "1.0.0-n.3000000000"],
    );
    equal(Scheme::Npm, &["1.2.3", "v1.2.3", "v 1.2.3", "= 1.2.3", " =v1.2.3"]);
}

#[test]
fn toolchains_of_go_stand_where_the_advisories_put_them() {
    ascending(Scheme::Go, &["1.20.14", "go1.21beta1", "go1.21rc2", "go1.21.0", "go1.21.1", "v1.21.2"]);
    equal(Scheme::Go, &["go1.21rc2", "1.21.0-rc.2", "v1.21.0-rc.2"]);
    equal(Scheme::Go, &["v2.0.0+incompatible", "2.0.0"]);
    // golang.org/ref/mod: pseudo-versions stand before the tag they lead to and after the one they come from.
    ascending(
        Scheme::Go,
        &[
            "v0.0.0-20191109021931-daa7c04131f5",
            "v1.2.3",
            "v1.2.4-0.20191109021931-daa7c04131f5",
            "v1.2.4-pre",
            "v1.2.4-pre.0.20191109021931-daa7c04131f5",
            "v1.2.4",
        ],
    );
}

#[test]
fn python_follows_pep_440() {
    // PEP 440, "Summary of permitted suffixes and relative ordering" and appendix.
    ascending(
        Scheme::Pypi,
        &[
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "2013.10",
            "1!0.1",
        ],
    );
    equal(Scheme::Pypi, &["1.1", "v1.1.0", "1.01", " 1.1 "]);
    equal(Scheme::Pypi, &["1.1rc1", "1.1.RC1", "1.1-c_1", "1.1preview1"]);
    equal(Scheme::Pypi, &["1.0.post2", "1.0-2", "1.0-rev2"]);
    let old = Version::parse(Scheme::Pypi, "2004d").unwrap();
    assert!(!old.conforms() && old < Version::parse(Scheme::Pypi, "0.dev0").unwrap());
}

#[test]
fn maven_follows_its_reference_and_its_code() {
    // maven.apache.org/pom.html, "Version Order Specification".
    ascending(
        Scheme::Maven,
        &["1-alpha-1", "1-beta", "1-milestone", "1-rc", "1-snapshot", "1", "1-sp", "1-foo1", "1-1", "1.1"],
    );
    equal(Scheme::Maven, &["1", "1.0", "1.0.0", "1-ga", "1-final", "1.release", "1-0"]);
    equal(Scheme::Maven, &["1-a1", "1-alpha-1", "1a1", "1.0-ALPHA1"]);
    equal(Scheme::Maven, &["4.1.0.RELEASE", "4.1.0", "4.1.0.Final"]);
    equal(Scheme::Maven, &["1-rc2", "1-cr2"]);
    ascending(
        Scheme::Maven,
        &["5.0.0.Alpha1", "5.0.0.Beta10", "5.0.0.CR1", "5.0.0.Final", "5.0.0.SP1", "5.0.1.Final"],
    );
    // What Maven itself says differs from its reference: `.rc` is `-rc` to it.
    assert_eq!(compare(Scheme::Maven, "1.0.0-rc16", "1.0.0.rc8-beta"), Some(Ordering::Less));
    assert!(
        Version::parse(Scheme::Maven, "1.0.0-rc16").unwrap()
            > Version::parse(Scheme::Maven, "1.0.0.rc8-beta").unwrap()
    );
}

#[test]
fn labels_of_maven_stand_below_their_release_behind_zeros_too() {
    // As org.apache.maven:maven-artifact 3.9.11 answers.
    ascending(Scheme::Maven, &["3.6.9", "3.7.0.alpha.5.1", "3.7.0.rc.3", "3.7.0", "3.7.0.1", "3.7.1"]);
    ascending(Scheme::Maven, &["1-0.alpha", "1-0.beta", "1"]);
    ascending(Scheme::Maven, &["2.rc.1", "2.0.rc.1", "2", "2.sp.1", "2.0.sp.1", "2.0.0.1", "2.0.1"]);
}

#[test]
fn distributions_follow_their_manuals() {
    // deb-version(7).
    ascending(Scheme::Debian, &["1.0~~", "1.0~~a", "1.0~", "1.0", "1.0a", "1.0+", "1.0.1", "1:0.1"]);
    equal(Scheme::Debian, &["1.0", "0:1.0", "1.0-0", "1.0-00", "01.0"]);
    // rpm-version(7).
    ascending(
        Scheme::Rpm,
        &["1.0~rc1-1", "1.0-1", "1.0^git1-1", "1.0.1-1", "1.1-1", "1.1-1.el9", "1.1-2", "1:0.1-1"],
    );
    equal(Scheme::Rpm, &["0:1.0-1", "1.0-1", "1_0-1", "01.0-01"]);
    ascending(Scheme::Rpm, &["1.0a", "1.0aa", "1.0b", "1.0.1", "1.01.1"]);
    // apk-package(5).
    ascending(
        Scheme::Alpine,
        &[
            "1_alpha",
            "1_beta1",
            "1_pre",
            "1_rc1",
            "1",
            "1-r0",
            "1-r1",
            "1_cvs",
            "1_git20200101",
            "1_p1",
            "1a",
            "1.01",
            "1.1",
            "1.2",
            "1.10",
        ],
    );
    ascending(Scheme::Alpine, &["1.9.5-r0", "1.9.5p1-r1", "1.9.5p2-r0", "1.9.5p10-r0"]);
    assert!(!Version::parse(Scheme::Alpine, "1.9.5p2-r0").unwrap().conforms());
    // pacman's vercmp(8).
    ascending(
        Scheme::Alpm,
        &["1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1", "1:0.1"],
    );
    assert_eq!(compare(Scheme::Alpm, "1.0-1", "1.0"), Some(Ordering::Equal));
    // What pacman answers has a circle: separators in a row are counted, but not at an end.
    for (left, right) in [("2..a", "2."), ("2.", "2.1"), ("2.1", "2..a"), ("2", "2."), ("2a", "2")] {
        assert_eq!(compare(Scheme::Alpm, left, right), Some(Ordering::Less), "{left} {right}");
    }
    // To rpm nothing is below everything, to dpkg it is a mistake.
    assert_eq!(compare(Scheme::Rpm, "", "0"), Some(Ordering::Less));
    assert_eq!(compare(Scheme::Rpm, "", ""), Some(Ordering::Equal));
    assert_eq!(compare(Scheme::Debian, "", "0"), None);
    // Package Manager Specification 3.3.
    ascending(
        Scheme::Gentoo,
        &["1_alpha", "1_beta_p1", "1_beta1", "1_rc", "1", "1-r1", "1_p", "1a", "1.0", "1.01", "1.1"],
    );
    ascending(Scheme::Opam, &["1.0~beta", "1.0", "1.0+dev", "1.0-1", "1.0.1"]);
    ascending(Scheme::Freebsd, &["1.0.b1", "1.0", "1.0_1", "1.0_10", "1.0.1", "0.9,1"]);
    // The porter's handbook and pkg-version(8): `pl` stands below the other words, which count by their first letter.
    ascending(
        Scheme::Freebsd,
        &["2pl1", "2.alpha3", "2.b1", "2.snap1", "2", "2.1", "2f7", "2f8", "10", "10a", "10b"],
    );
    ascending(Scheme::Freebsd, &["1.0", "1.0+1", "1.0+1.2", "1.0+2", "1.0.1", "1.0.1+1"]);
    equal(Scheme::Freebsd, &["10a1b2", "10a1.b2", "10A1..b2"]);
    equal(Scheme::Freebsd, &["1.d2", "1.dev2", "1:Development2"]);
    equal(Scheme::Freebsd, &["10", "10.0", "10.0.0", "10,0", "10_0"]);
}

#[test]
fn registries_follow_their_own_rules() {
    // Gem::Version's documentation.
    ascending(Scheme::Gem, &["1.0.a", "1.0.a.1", "1.0.b", "1.0.b1.0.1", "1.0", "1.0.0.1", "1.0.1", "1.10"]);
    equal(Scheme::Gem, &["1.0", "1", "1.0.0"]);
    equal(Scheme::Gem, &["1.0-rc1", "1.0.pre.rc.1"]);
    assert_eq!(compare(Scheme::Gem, "", "0.0"), Some(Ordering::Equal));
    // getcomposer.org/doc/articles/versions.md; the pairs are PHP's version_compare.
    ascending(
        Scheme::Composer,
        &["1.0-dev", "1.0-alpha1", "1.0-beta2", "1.0-RC1", "1.0.0", "1.0.0-patch1", "1.0.1", "1.1"],
    );
    assert_eq!(Version::parse(Scheme::Composer, "v1.0"), Version::parse(Scheme::Composer, "1.0.0.0-stable"));
    assert_eq!(compare(Scheme::Composer, "1.0", "1.0.0"), Some(Ordering::Less));
    assert_eq!(compare(Scheme::Composer, "dev-main", "1.0"), Some(Ordering::Less));
    for (left, right) in [("1.0-", "1.0"), (".1", "1"), ("_10b", "10b"), ("1.0rc1", "1.0"), ("1.0", "1.0pl1")]
    {
        assert_eq!(compare(Scheme::Composer, left, right), Some(Ordering::Less), "{left} {right}");
    }
    // R: ?package_version; Haskell: Data.Version.
    ascending(Scheme::Cran, &["0.9", "0.75", "1.0", "1.0-0", "1.0.1"]);
    equal(Scheme::Cran, &["1.0-1", "1.0.1", "1.00.01"]);
    ascending(Scheme::Hackage, &["1", "1.0", "1.0.0", "1.0.1", "1.1", "1.10"]);
    ascending(Scheme::Conan, &["1.0-pre", "1.0", "1.0+build", "1.1", "1.1a", "1.a", "2"]);
    ascending(Scheme::Conan, &["1.0-3-1", "1.0-4", "1.0"]);
    // What Conan answers has a circle: numbers by value, a number and a word by their characters.
    for (left, right) in [("2", "10"), ("10", "10a"), ("10a", "2")] {
        assert_eq!(compare(Scheme::Conan, left, right), Some(Ordering::Less), "{left} {right}");
    }
    // docs.conda.io, "Version ordering".
    ascending(
        Scheme::Conda,
        &[
            "0.5a1",
            "0.5C1",
            "0.5rc",
            "0.5.dev1",
            "0.5",
            "0.5.post1",
            "0.5.1*",
            "0.5.1dev2",
            "0.5.1_",
            "0.5.1a",
            "0.5.1+b",
            "0.5.1",
            "0.5.1+1",
            "0.5.1post1",
            "0.960",
            "1.0",
            "1!0.4",
        ],
    );
    equal(Scheme::Conda, &["1.1", "1.1.0", "1-1", "01.1", "0!1.1"]);
    assert!(
        Version::parse(Scheme::Conda, "1.0-1_0").is_err() && Version::parse(Scheme::Conda, "1..0").is_err()
    );
    ascending(
        Scheme::Openssl,
        &[
            "0.9.8zh",
            "1.0.0",
            "1.0.0t",
            "1.0.1",
            "1.0.2-beta1",
            "1.0.2",
            "1.0.2a",
            "1.0.2z",
            "1.0.2za",
            "1.1.0-pre1",
            "1.1.0",
            "3.0.0-alpha1",
            "3.0.0-beta2",
            "3.0.0",
            "3.0.10",
        ],
    );
    ascending(Scheme::Nginx, &["0.7.69", "0.8.54", "1.0.15", "1.25.0"]);
    ascending(
        Scheme::Generic,
        &[
            "1.0alpha1",
            "1.0beta",
            "1.0-rc1",
            "1.0",
            "1.0-patch1",
            "1.0postgres2",
            "1.0.1",
            "1.0a",
            "1.1",
            "2024.1",
        ],
    );
}

/// Texts from a fixed sequence, so that a failure repeats.
fn random_texts(pieces: &[&str], count: usize) -> Vec<String> {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = move |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    (0..count)
        .map(|_| {
            let length = 1 + next(6);
            let rest: String = (0..length).map(|_| pieces[next(pieces.len())]).collect();
            format!("{}{rest}", next(3))
        })
        .collect()
}

#[test]
fn dpkg_agrees_on_random_versions() {
    let texts = random_texts(
        &["0", "1", "9", "10", ".", "~", "+", "a", "b", "Z", "rc", "-1", "-0", "~~", "01", "+deb12u1"],
        180,
    );
    let mut script = String::new();
    for pair in texts.chunks(2) {
        for sign in ["lt", "eq"] {
            script.push_str(&format!(
                "dpkg --compare-versions '{}' {sign} '{}' && echo 1 || echo 0\n",
                pair[0], pair[1]
            ));
        }
    }
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let answers: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    assert_eq!(answers.len(), texts.len(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut decided = 0;
    for (pair, answer) in texts.chunks(2).zip(answers.chunks(2)) {
        let (Ok(left), Ok(right)) =
            (Version::parse(Scheme::Debian, &pair[0]), Version::parse(Scheme::Debian, &pair[1]))
        else {
            continue;
        };
        decided += 1;
        let expected = match (answer[0], answer[1]) {
            ("1", "0") => Ordering::Less,
            ("0", "1") => Ordering::Equal,
            _ => Ordering::Greater,
        };
        assert_eq!(left.cmp(&right), expected, "{} {}", pair[0], pair[1]);
    }
    assert!(decided > 60, "{decided}");
}

#[test]
fn branches_are_shared_by_leading_numbers() {
    let shared = |scheme, left: &str, right: &str| {
        Version::parse(scheme, left).unwrap().same_branch(&Version::parse(scheme, right).unwrap())
    };
    assert_eq!(shared(Scheme::Npm, "2.1.4", "2.1.9"), 2);
    assert_eq!(shared(Scheme::Npm, "2.1.4", "2.7.0"), 1);
    assert_eq!(shared(Scheme::Npm, "v2.1.4", "2.1.4-rc.1"), 3);
    assert_eq!(shared(Scheme::Debian, "1:2.1-3", "2.1-3"), 0);
    assert_eq!(shared(Scheme::Go, "go1.21.3", "1.21.9"), 2);
    assert_eq!(shared(Scheme::Pypi, "1!2.01", "1!2.1.7"), 2);
}

#[test]
fn ecosystems_lead_to_schemes() {
    let expected = [
        ("npm", Scheme::Npm),
        ("crates.io", Scheme::Cargo),
        ("PyPI", Scheme::Pypi),
        ("Debian:12", Scheme::Debian),
        ("Ubuntu:Pro:18.04:LTS", Scheme::Debian),
        ("Alpine:v3.20", Scheme::Alpine),
        ("Red Hat:rhel_aus:8.4::appstream", Scheme::Rpm),
        ("Maven:https://maven.google.com", Scheme::Maven),
        ("Root:Alpine:3.18", Scheme::Alpine),
        ("TuxCare:PyPI", Scheme::Pypi),
        ("Echo", Scheme::Debian),
        ("Echo:PyPI", Scheme::Pypi),
        ("openSUSE:Leap 15.6", Scheme::Rpm),
        ("VSCode", Scheme::Semver),
        ("GitHub Actions", Scheme::Semver),
        ("Azure Linux:3", Scheme::Rpm),
    ];
    for (name, scheme) in expected {
        assert_eq!(Scheme::of_ecosystem(name), Some(scheme), "{name}");
    }
    for name in ["", "GIT", "Root", "Root:Root:Root", "TuxCare:9", "npmx", "NPM"] {
        assert_eq!(Scheme::of_ecosystem(name), None, "{name}");
    }
    assert_eq!(Scheme::from_name("NPM"), Some(Scheme::Npm));
    assert_eq!(Scheme::from_name("rubygems"), Some(Scheme::Gem));
    assert_eq!(Scheme::from_name("rocky linux:9"), Some(Scheme::Rpm));
    let words = [
        ("vers:intdot", Scheme::Intdot),
        ("vers:npm/>=1.0.0", Scheme::Npm),
        ("pkg:golang", Scheme::Go),
        ("root:alpine:3.18", Scheme::Alpine),
        ("red-hat", Scheme::Rpm),
        ("Ruby_Gems", Scheme::Gem),
        ("CratesIO", Scheme::Cargo),
        ("PEP440", Scheme::Pypi),
        ("java", Scheme::Maven),
        ("PHP", Scheme::Composer),
        ("dotnet", Scheme::Nuget),
        ("ebuild", Scheme::Gentoo),
        ("conda", Scheme::Conda),
        ("R", Scheme::Cran),
    ];
    for (name, scheme) in words {
        assert_eq!(Scheme::from_name(name), Some(scheme), "{name}");
    }
    for name in ["", ":", "GIT", "root", "root:", "vers:", "vers:none-such", "npmm"] {
        assert_eq!(Scheme::from_name(name), None, "{name}");
    }
    for name in Scheme::names() {
        assert!(Scheme::from_name(name).is_some(), "{name}");
    }
}
