//! `palisade version`: the order of versions in each ecosystem, through standard input and output.

use palisade_testkit::{Account, peer};

/// One version, what stands between, and the other.
type Pair = (&'static str, char, &'static str);

/// Pairs and what stands between them. From each ecosystem's own documents: semver.org (11), PEP 440, Maven's "Version Order Specification",
/// Debian policy 5.6.12, rpm's manual, apk-tools' tests of order, RubyGems' and NuGet's documentation, Go's module reference.
const ORDERS: [(&str, &[Pair]); 15] = [
    (
        "npm",
        &[
            ("1.0.0-alpha", '<', "1.0.0-alpha.1"),
            ("1.0.0-beta.2", '<', "1.0.0-beta.11"),
            ("1.0.0-rc.1", '<', "1.0.0"),
            ("1.0.0+a", '=', "1.0.0+b"),
            ("2.1.0", '>', "2.0.9"),
            ("one", '?', "1.0.0"),
        ],
    ),
    (
        "crates.io",
        &[("0.9.9", '<', "0.10.0"), ("1.0.0-alpha.beta", '<', "1.0.0-beta"), ("1..0", '?', "1.0.0")],
    ),
    (
        "PyPI",
        &[
            ("1.0.dev1", '<', "1.0a1"),
            ("1.0a1", '<', "1.0b1"),
            ("1.0rc1", '<', "1.0"),
            ("1.0", '<', "1.0.post1"),
            ("1.0", '=', "1.0.0"),
            ("1!0.1", '>', "2.0"),
            ("1.0+local", '>', "1.0"),
            ("x y", '?', "1.0"),
        ],
    ),
    (
        "Maven",
        &[
            ("1-alpha", '<', "1-beta"),
            ("1-beta", '<', "1-milestone"),
            ("1-rc", '=', "1-cr"),
            ("1-rc", '<', "1-SNAPSHOT"),
            ("1-SNAPSHOT", '<', "1"),
            ("1", '=', "1-ga"),
            ("1", '<', "1-sp"),
            ("1.0", '=', "1.0.0"),
            ("1.10", '>', "1.9"),
        ],
    ),
    (
        "Debian",
        &[
            ("1.0~rc1", '<', "1.0"),
            ("1:0.5", '>', "2.0"),
            ("1.0-1", '<', "1.0-1+b1"),
            ("1.0", '=', "1.0-0"),
            ("a b", '?', "1.0"),
        ],
    ),
    ("Ubuntu", &[("2.34-0ubuntu3.1", '<', "2.34-0ubuntu3.10")]),
    (
        "Alpine",
        &[("1.0_rc1", '<', "1.0"), ("1.0", '<', "1.0_p1"), ("1.0-r1", '<', "1.0-r2"), ("1.0a", '<', "1.0b")],
    ),
    (
        "Red Hat",
        &[
            ("1.0~rc1-1", '<', "1.0-1"),
            ("1.0^git1-1", '>', "1.0-1"),
            ("1:1.0-1", '>', "2.0-1"),
            ("0:1.0-1", '=', "1.0-1"),
        ],
    ),
    ("RubyGems", &[("1.0.a", '<', "1.0"), ("1.0.0.beta2", '<', "1.0.0.beta10"), ("1.0", '=', "1.0.0")]),
    ("NuGet", &[("1.0.0-Beta", '=', "1.0.0-beta"), ("1.0.0.1", '>', "1.0.0"), ("1.0", '=', "1.0.0.0")]),
    (
        "Packagist",
        &[("1.0.0-alpha1", '<', "1.0.0-beta1"), ("1.0.0-RC1", '<', "1.0.0"), ("v1.2.0", '=', "1.2.0")],
    ),
    (
        "Go",
        &[
            ("v1.0.0-0.20200101000000-abcdefabcdef", '<', "v1.0.0"),
            ("v2.0.0+incompatible", '>', "v1.9.9"),
            ("v1.10.0", '>', "v1.9.0"),
        ],
    ),
    ("Hex", &[("1.0.0-dev", '<', "1.0.0"), ("1.2.0", '>', "1.1.9")]),
    ("Pub", &[("1.0.0+1", '<', "1.0.0+2"), ("1.0.0-dev", '<', "1.0.0")]),
    ("CRAN", &[("1.0-1", '<', "1.0-2"), ("1.10", '>', "1.9")]),
];

const fn turned(sign: char) -> char {
    match sign {
        '<' => '>',
        '>' => '<',
        other => other,
    }
}

#[test]
fn pairs_are_compared_as_their_ecosystem_does() {
    let account = Account::new();
    for (ecosystem, pairs) in ORDERS {
        let mut input = String::new();
        let mut expected = String::new();
        for (one, sign, other) in pairs {
            input.push_str(&format!("{one}\t{other}\n{other}\t{one}\n{one}\t{one}\n"));
            // One text is equal to itself, whether it is a version or not.
            expected.push_str(&format!("{sign}\n{}\n=\n", turned(*sign)));
        }
        let call = account.call(account.home(), ["version", "compare", "--ecosystem", ecosystem]);
        assert_eq!(call.stdin(&input).run().expect(0).stdout, expected, "{ecosystem}:\n{input}");
    }
}

#[test]
fn debian_versions_are_ordered_as_dpkg_does() {
    let account = Account::new();
    let versions = [
        "0",
        "1.0",
        "1.0-1",
        "1.0-1+b1",
        "1.0-1~bpo12+1",
        "1.0~rc1-1",
        "1.0.1-1",
        "1:0.1-1",
        "1.0+dfsg-1",
        "1.0-10",
        "1.0-2",
        "1.0a",
        "1.0.a",
        "1.0-1.1",
        "2~",
        "2",
    ];
    let mut input = String::new();
    let mut expected = String::new();
    for one in versions {
        for other in versions {
            input.push_str(&format!("{one}\t{other}\n"));
        }
    }
    let script = format!(
        "for one in {all}; do for other in {all}; do if dpkg --compare-versions $one lt $other; then echo '<'; elif dpkg --compare-versions $one gt $other; then echo '>'; else echo '='; fi; done; done",
        all = versions.join(" ")
    );
    expected.push_str(&peer("sh", &["-c", &script], account.home()).stdout);
    let call = account.call(account.home(), ["version", "compare", "--ecosystem", "Debian"]);
    assert_eq!(call.stdin(&input).run().expect(0).stdout, expected);
}

#[test]
fn versions_are_sorted_and_what_is_none_is_told() {
    let account = Account::new();
    let sort = |ecosystem: &str, input: &str| {
        account.call(account.home(), ["version", "sort", "--ecosystem", ecosystem]).stdin(input).run()
    };
    let sorted = sort("npm", "1.10.0\n1.2.0\r\n1.2.0-rc.1\n\n1.9.0\n").expect(0);
    assert_eq!(sorted.stdout, "1.2.0-rc.1\n1.2.0\n1.9.0\n1.10.0\n");
    let partly = sort("PyPI", "2.0\nno version at all\n1.0\n").expect(3);
    assert_eq!(partly.stdout, "1.0\n2.0\n");
    partly.says("no version at all");
    assert_eq!(sort("npm", "").expect(0).stdout, "");
}

#[test]
fn an_ecosystem_that_nobody_knows_is_a_mistake() {
    let account = Account::new();
    account
        .run(account.home(), ["version", "compare", "--ecosystem", "npmm"])
        .expect(2)
        .says("did you mean `npm`?");
    // The whole list is told, and with it what belongs to no ecosystem of OSV.
    account
        .run(account.home(), ["version", "sort", "--ecosystem", "GIT"])
        .expect(2)
        .says("Rocky Linux")
        .says("datetime");
    account.run(account.home(), ["version", "compare"]).expect(2).says("--ecosystem");
}

#[test]
fn lines_that_are_no_pair_are_answered_too() {
    let account = Account::new();
    let mut input = b"1.0.0\n\n1.0.0\t1.0.0\t1.0.0\n\xff\xfe\t1.0.0\n\t\n".to_vec();
    input.extend(format!("{}\t1\n", "9".repeat(100_000)).into_bytes());
    input.extend(b"1.0.0\t2.0.0");
    let call = account.call(account.home(), ["version", "compare", "--ecosystem", "npm"]);
    let answer = call.stdin(&input).run().expect(0);
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert_eq!(lines.len(), 7, "a line for each line: {answer}");
    assert_eq!((lines[0], lines[3], lines[6]), ("?", "?", "<"), "{answer}");
    // The long line has its tab behind what is read of a line.
    answer.says("3 lines have no tab between two versions, the first is line 1");
}

#[test]
fn names_of_every_vocabulary_are_known() {
    let account = Account::new();
    let names = [
        "PyPI",
        "npm",
        "crates.io",
        "Maven",
        "Debian",
        "Alpine",
        "Red Hat",
        "Rocky Linux",
        "SUSE",
        "openSUSE",
        "Packagist",
        "RubyGems",
        "NuGet",
        "Hex",
        "Pub",
        "CRAN",
        "Hackage",
        "Go",
        "Bitnami",
        "ConanCenter",
        "GHC",
        "Julia",
        "Mageia",
        "AlmaLinux",
        "Chainguard",
        "Wolfi",
        "MinimOS",
        "Echo",
        "SwiftURL",
        "Ubuntu:22.04:LTS",
        "Debian:12",
        "DEB",
        "rpm",
        "apk",
        "gem",
        "composer",
        "golang",
        "cargo",
        "conda",
        "alpm",
        "ebuild",
        "generic",
        "openssl",
        "nginx",
        "intdot",
        "semver",
        "pep440",
        "python",
        "ruby",
        "java",
        "php",
        "dotnet",
        "rust",
        "javascript",
        "red-hat",
        "vers:npm",
    ];
    for name in names {
        let call = account.call(account.home(), ["version", "compare", "--ecosystem", name]);
        assert_eq!(call.stdin("\u{feff}1.9.0\t1.10.0\r\n").run().expect(0).stdout, "<\n", "{name}");
    }
}
