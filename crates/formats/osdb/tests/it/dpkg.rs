use std::process::Command;

use palisade_osdb::Ownership;

use crate::{bookworm, names, problems, read};

const STATUS: &str = "var/lib/dpkg/status";

/// A database with a package in every state that dpkg knows, and in every wish.
fn every_state() -> String {
    let states = [
        "not-installed",
        "config-files",
        "half-installed",
        "unpacked",
        "half-configured",
        "triggers-awaited",
        "triggers-pending",
        "installed",
    ];
    let mut status = String::new();
    for want in ["install", "hold", "deinstall", "purge", "unknown"] {
        for state in states {
            let triggers = match state {
                "triggers-awaited" => "Triggers-Awaited: other\n",
                "triggers-pending" => "Triggers-Pending: /x\n",
                _ => "",
            };
            status.push_str(&format!(
                "Package: p-{want}-{state}\nStatus: {want} ok {state}\nPriority: optional\nSection: x\nMaintainer: A <a@b.c>\n\
                 Architecture: amd64\nVersion: 1:1.0-2\n{triggers}Description: short\n long: text\n .\n more\n\n"
            ));
        }
    }
    status
}

#[test]
fn packages_are_those_that_dpkg_query_lists_with_files_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("info")).unwrap();
    std::fs::write(folder.path().join("status"), every_state()).unwrap();
    let output = Command::new("dpkg-query")
        .arg(format!("--admindir={}", folder.path().display()))
        .args([
            "-W",
            "-f",
            "${db:Status-Status} ${Package} ${Version} ${source:Package} ${source:Version}\\n",
        ])
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let expected: Vec<String> = listed
        .lines()
        .filter(|line| !line.starts_with("config-files ") && !line.starts_with("not-installed "))
        .map(|line| line.split_once(' ').unwrap().1.to_owned())
        .collect();
    assert!(expected.len() >= 20, "{listed}{}", String::from_utf8_lossy(&output.stderr));
    let installed = read(STATUS, every_state().as_bytes(), &bookworm());
    let mut found: Vec<String> = installed
        .reading
        .packages
        .iter()
        .map(|package| {
            let source = package.source.as_ref().unwrap();
            format!(
                "{} {} {} {}",
                package.name,
                package.version.as_ref().unwrap(),
                source.name,
                source.version
            )
        })
        .collect();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(problems(&installed), []);
}

#[test]
fn a_package_is_told_with_its_source_its_line_and_what_it_needs() {
    let status = "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl (3.0.11-1)\n\
                  Version: 3.0.11-1+b2\nDepends: libc6 (>= 2.34), missing | debconf:any (>= 0.5), self\n\n\
                  Package: libc6\nStatus: hold ok installed\nArchitecture: amd64\nSource: glibc\nVersion: 2.36-9\nPre-Depends: libssl3\n\n\
                  Package: cdebconf\nStatus: install ok installed\nArchitecture: all\nVersion: 1\nProvides: debconf (= 1), x\n";
    let installed = read(STATUS, status.as_bytes(), &bookworm());
    let packages = &installed.reading.packages;
    assert_eq!(
        packages[0].purl.to_string(),
        "pkg:deb/debian/libssl3@3.0.11-1%2Bb2?arch=amd64&distro=debian-12"
    );
    assert_eq!(packages[0].ecosystem.as_ref().unwrap().as_str(), "Debian:12");
    let sources: Vec<(&str, &str)> = packages
        .iter()
        .map(|package| package.source.as_ref().unwrap())
        .map(|source| (source.name.as_str(), source.version.as_str()))
        .collect();
    assert_eq!(sources, [("openssl", "3.0.11-1"), ("glibc", "2.36-9"), ("cdebconf", "1")]);
    assert_eq!(packages.iter().map(|package| package.line).collect::<Vec<_>>(), [1, 8, 15]);
    assert_eq!(packages[0].dependencies, [1, 2]);
    assert_eq!(packages[1].dependencies, [0]);
}

#[test]
fn line_ends_marks_and_folded_lines_change_nothing() {
    let plain = "Package: a\nStatus: install ok installed\nVersion: 1\nConffiles:\n /etc/a 00\n Package: b\nDescription: x\n";
    let expected = read(STATUS, plain.as_bytes(), &bookworm());
    assert_eq!(names(&expected), [("a", "1")]);
    let others = [
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}"),
        format!("\n\n{plain}\n\n\n"),
        plain.replace("Version", "VERSION"),
    ];
    for other in others {
        assert_eq!(names(&read(STATUS, other.as_bytes(), &bookworm())), names(&expected), "{other:?}");
    }
}

#[test]
fn what_is_broken_is_told_and_the_rest_is_read() {
    let status = b"Package: a\nStatus: install ok installed\nVersion: 1\n\nVersion: 2\nStatus: install ok installed\n\n\
                   Package: b\xff\nVersion: 1\n\nPackage: c\nVersion: 1\nrubbish\n\nPackage: d\nVersion: 1\x1b[2J\n\nPackage: e\n\nPackage: f\nVersion: 3";
    let installed = read(STATUS, status, &bookworm());
    assert_eq!(names(&installed), [("a", "1"), ("c", "1"), ("e", "-"), ("f", "3")]);
    assert_eq!(
        problems(&installed),
        [
            (Some(5), "is a paragraph without a package's name"),
            (Some(8), "the name of a package is not UTF-8"),
            (Some(13), "is no field: there is no colon"),
            (Some(15), "the version of package `d` has control characters"),
            (Some(18), "package `e` has no version"),
        ]
    );
}

#[test]
fn files_belong_to_the_packages_of_distroless_and_usual_databases() {
    let distribution = bookworm();
    let status = "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n\
                  Package: a\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n\n\
                  Package: gone\nStatus: deinstall ok config-files\nArchitecture: i386\nVersion: 1\n";
    let records = [
        (STATUS, status),
        ("var/lib/dpkg/info/a:i386.list", "/.\n/lib\n/lib/i386/x\n"),
        ("var/lib/dpkg/info/gone.list", "/etc/gone\n"),
        ("var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12\n"),
        ("var/lib/dpkg/status.d/base.md5sums", "d41d8cd98f00b204e9800998ecf8427e  usr/share/base files\n"),
    ];
    let read: Vec<_> =
        records.iter().map(|(path, text)| (*path, read(path, text.as_bytes(), &distribution))).collect();
    assert!(read.iter().all(|(_, installed)| installed.reading.problems.is_empty()), "{read:?}");
    let ownership =
        Ownership::of(&read.iter().map(|(path, installed)| (*path, installed)).collect::<Vec<_>>());
    assert_eq!(ownership.owner(b"usr/lib/i386/x"), Some(1));
    assert_eq!(ownership.owner(b"usr/share/base files"), Some(2));
    assert_eq!(ownership.owner(b"etc/gone"), None);
}

#[test]
fn packages_without_a_distribution_are_a_problem() {
    let path = "var/lib/dpkg/status.d/x";
    let installed = palisade_osdb::recognise(path).unwrap().read(path, b"Package: x\nVersion: 1\n", None);
    assert_eq!(installed.reading.packages[0].purl.to_string(), "pkg:deb/x@1");
    assert!(problems(&installed)[0].1.starts_with("no os-release"));
    let empty = palisade_osdb::recognise(path).unwrap().read(path, b"", None);
    assert_eq!(problems(&empty), [(None, "holds no package")]);
}
