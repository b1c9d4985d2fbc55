//! Ranges of ecosystems, by the examples of their own documentation.

use palisade_version::{Requirement, Scheme, Version};

#[track_caller]
fn check(scheme: Scheme, range: &str, inside: &[&str], outside: &[&str]) {
    let parsed = Requirement::parse(scheme, range).unwrap_or_else(|error| panic!("{range}: {error}"));
    for (versions, expected) in [(inside, true), (outside, false)] {
        for version in versions {
            let version = Version::parse(scheme, version).unwrap();
            assert_eq!(parsed.matches(&version), expected, "{scheme} {range} {}", version.as_str());
        }
    }
}

#[test]
fn npm_ranges_follow_its_readme() {
    let npm = |range, inside: &[&str], outside: &[&str]| check(Scheme::Npm, range, inside, outside);
    npm("1.2.7 || >=1.2.9 <2.0.0", &["1.2.7", "1.2.9", "1.4.6"], &["1.2.8", "2.0.0"]);
    npm(">1.2.3-alpha.3", &["1.2.3-alpha.7", "3.4.5"], &["3.4.5-alpha.9"]);
    npm("1.2.3 - 2.3", &["1.2.3", "2.3.9"], &["2.4.0", "2.4.0-0"]);
    npm("1.2 - 2.3.4", &["1.2.0", "2.3.4"], &["2.3.5"]);
    npm("", &["0.0.0", "9.9.9"], &["1.0.0-rc.1"]);
    npm("1.x", &["1.0.0", "1.9.9"], &["2.0.0", "0.9.9"]);
    npm("1.2.*", &["1.2.0", "1.2.9"], &["1.3.0"]);
    npm("~1.2.3", &["1.2.3", "1.2.9"], &["1.3.0", "1.2.2"]);
    npm("~1", &["1.9.9"], &["2.0.0"]);
    npm("~1.2.3-beta.2", &["1.2.3-beta.4", "1.2.4"], &["1.2.4-beta.2", "1.2.3-beta.1"]);
    npm("^1.2.3", &["1.2.3", "1.9.9"], &["2.0.0", "2.0.0-rc.1", "1.2.2"]);
    npm("^0.2.3", &["0.2.9"], &["0.3.0"]);
    npm("^0.0.3", &["0.0.3"], &["0.0.4"]);
    npm("^0.0.x", &["0.0.9"], &["0.1.0"]);
    npm("^0.0", &["0.0.9"], &["0.1.0"]);
    npm("^1.x", &["1.9.0"], &["2.0.0"]);
    npm(">= 1.2 < 3", &["1.2.0", "2.9.9"], &["3.0.0", "1.1.9"]);
    npm("> 1.2", &["1.3.0"], &["1.2.9"]);
    npm("<= 1.2", &["1.2.9"], &["1.3.0"]);
    npm("=v1.2.3", &["1.2.3"], &["1.2.4"]);
    for bad in ["latest", "1.2.3.4", "^a", ">1.2.3 ,<2", "git+https://x"] {
        assert!(Requirement::parse(Scheme::Npm, bad).is_err(), "{bad}");
    }
}

#[test]
fn cargo_ranges_follow_its_book() {
    let cargo = |range, inside: &[&str], outside: &[&str]| check(Scheme::Cargo, range, inside, outside);
    cargo("1.2.3", &["1.2.3", "1.9.0"], &["2.0.0", "1.2.2", "1.3.0-beta"]);
    cargo("0.2.3", &["0.2.9"], &["0.3.0"]);
    cargo("0.0.3", &["0.0.3"], &["0.0.4"]);
    cargo("0.0", &["0.0.9"], &["0.1.0"]);
    cargo("0", &["0.9.9"], &["1.0.0"]);
    cargo("~1.2", &["1.2.9"], &["1.3.0"]);
    cargo("1.*", &["1.9.0"], &["2.0.0"]);
    cargo("*", &["9.0.0"], &[]);
    cargo(">= 1.2, < 1.5", &["1.4.9"], &["1.5.0"]);
    cargo("= 1.2.3", &["1.2.3"], &["1.2.4"]);
    cargo("1.0.0-rc.1", &["1.0.0-rc.2", "1.0.0"], &["1.1.0-rc.1"]);
}

#[test]
fn python_specifiers_follow_pep_440() {
    let pypi = |range, inside: &[&str], outside: &[&str]| check(Scheme::Pypi, range, inside, outside);
    pypi("~=2.2", &["2.2", "2.9"], &["3.0", "2.1", "3.0rc1"]);
    pypi("==1.1.*", &["1.1"], &["1.1rc1"]);
    pypi("==1.1.*,>=1.1rc1", &["1.1", "1.1rc1"], &[]);
    pypi("~=1.4.5", &["1.4.9"], &["1.5", "1.4.4"]);
    pypi("~=2.2.post3", &["2.2.post3", "2.9"], &["2.2.post2", "3.0"]);
    pypi("==1.1", &["1.1", "1.1.0", "1.1+local"], &["1.1.post1", "1.1a1"]);
    pypi("==1.1.post1", &["1.1.post1"], &["1.1"]);
    pypi("==1.1.*", &["1.1", "1.1.post1", "1.1.7"], &["1.2", "1.10"]);
    pypi("!=1.1.*", &["1.2"], &["1.1.post1"]);
    pypi("!=1.1", &["1.1.post1"], &["1.1", "1.1+x"]);
    pypi(">1.7", &["1.7.1"], &["1.7.0.post1", "1.7", "1.7+local"]);
    pypi(">1.7.post2", &["1.7.1", "1.7.post3"], &["1.7.0"]);
    pypi(">1.0a1", &["1.0", "1.0a2"], &["1.0a1"]);
    pypi("<3.1", &["3.0"], &["3.1.dev0", "3.1rc1"]);
    pypi("<3.1rc2", &["3.1rc1"], &["3.1rc2"]);
    pypi("<=1.0", &["1.0+local", "1.0"], &["1.0.post1"]);
    pypi(">=1.0,!=1.5,<2", &["1.4"], &["1.5", "2.0", "2.0a1"]);
    pypi("===2004d", &["2004d"], &["2004e"]);
    pypi("", &["1.0"], &["1.0rc1"]);
    assert!(Requirement::parse(Scheme::Pypi, "1.0").is_err());
}

#[test]
fn others_follow_their_documentation() {
    // guides.rubygems.org/patterns.
    check(Scheme::Gem, "~> 2.0.8", &["2.0.8", "2.0.99"], &["2.1", "2.1.0.rc1", "2.0.7"]);
    check(Scheme::Gem, "~> 2.2", &["2.2", "2.9"], &["3.0", "3.0.0.a"]);
    check(Scheme::Gem, ">= 1.0, != 1.5, < 2", &["1.4"], &["1.5", "2"]);
    // maven.apache.org/pom.html, "Dependency Version Requirement Specification".
    check(Scheme::Maven, "[1.2,1.3)", &["1.2", "1.2.9"], &["1.3"]);
    check(Scheme::Maven, "(,1.0],[1.2,)", &["0.9", "1.0", "1.2", "9"], &["1.1"]);
    check(Scheme::Maven, "[1.0]", &["1.0", "1"], &["1.1"]);
    check(Scheme::Maven, "1.0", &["0.5", "2.0"], &[]);
    // learn.microsoft.com/nuget/concepts/package-versioning.
    check(Scheme::Nuget, "1.0", &["1.0", "2.0"], &["0.9"]);
    check(Scheme::Nuget, "(1.0,2.0)", &["1.5"], &["1.0", "2.0"]);
    check(Scheme::Nuget, "[1.0]", &["1.0.0.0"], &["1.0.1"]);
    check(Scheme::Nuget, "1.*", &["1.9"], &["0.9"]);
    // getcomposer.org/doc/articles/versions.md.
    check(Scheme::Composer, "1.0 - 2.0", &["1.0.0", "2.0.9"], &["2.1.0"]);
    check(Scheme::Composer, "1.0.0 - 2.1.0", &["2.1.0"], &["2.1.1"]);
    check(Scheme::Composer, "1.0.*", &["1.0.9"], &["1.1.0"]);
    check(Scheme::Composer, "~1.2", &["1.2.0", "1.9"], &["2.0.0", "2.0.0-beta1"]);
    check(Scheme::Composer, "~1.2.3", &["1.2.9"], &["1.3.0"]);
    check(Scheme::Composer, "^1.2.3 || ^2.0", &["1.9.0", "2.5.0"], &["3.0.0", "1.2.2"]);
    check(Scheme::Composer, "^0.3", &["0.3.9"], &["0.4.0"]);
    check(Scheme::Composer, ">=1.0 <1.1 || >=1.2", &["1.0.5", "1.2"], &["1.1"]);
    assert!(Requirement::parse(Scheme::Composer, "dev-main").is_err());
    // hexdocs.pm/elixir/Version.html.
    check(Scheme::Hex, "~> 2.0", &["2.0.0", "2.9.0"], &["3.0.0", "1.9.0", "2.5.0-rc.1"]);
    check(Scheme::Hex, "~> 2.0.1", &["2.0.9"], &["2.1.0", "2.0.0"]);
    check(Scheme::Hex, ">= 1.0.0 and < 2.0.0 or == 3.0.0", &["1.5.0", "3.0.0"], &["2.0.0"]);
    // dart.dev/tools/pub/dependencies.
    check(Scheme::Pub, "^1.2.3", &["1.2.3", "1.9.0"], &["2.0.0", "2.0.0-dev"]);
    check(Scheme::Pub, "^0.1.2", &["0.1.9"], &["0.2.0"]);
    check(Scheme::Pub, ">=1.0.0 <2.0.0", &["1.0.0"], &["2.0.0-beta", "2.0.0"]);
    check(Scheme::Pub, "any", &["0.0.1"], &[]);
    // deb-version(7), Debian policy 7.1.
    check(Scheme::Debian, "(>= 2.2.1)", &["2.2.1", "1:0"], &["2.2"]);
    check(Scheme::Debian, "<< 3~", &["2.9"], &["3", "3~"]);
    check(Scheme::Go, "v1.2.3", &["v1.2.3", "v1.9.0"], &["v1.2.2"]);
    check(Scheme::Hackage, ">=4.9 && <5 || ==6.1.*", &["4.9.1", "6.1.2"], &["5", "6.2"]);
    check(Scheme::Hackage, "^>=1.2.3", &["1.2.9"], &["1.3", "1.2.2"]);
    check(Scheme::Cran, ">= 3.5", &["3.5.1"], &["3.4"]);
    // docs.conan.io/2: version ranges.
    check(Scheme::Conan, "[>=1.0 <2.0]", &["1.9"], &["2.0", "1.5-pre"]);
    check(Scheme::Conan, "~2.5.1", &["2.5.9"], &["2.6", "2.6-pre"]);
    check(Scheme::Conan, "^1.2, include_prerelease", &["1.9-pre"], &["2.0-pre"]);
}

#[test]
fn other_schemes_and_large_ranges_are_refused() {
    let range = Requirement::parse(Scheme::Npm, "*").unwrap();
    assert!(!range.matches(&Version::parse(Scheme::Pypi, "1.0").unwrap()));
    assert!(Requirement::parse(Scheme::Npm, &format!("{}2", "1||".repeat(300))).is_err());
    assert!(Requirement::parse(Scheme::Npm, &"1".repeat(10_000)).is_err());
}
