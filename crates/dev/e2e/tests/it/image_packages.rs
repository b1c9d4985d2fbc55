//! What an image is made of: what its distribution brings, what nothing tells of, and databases that their own programs write.

use std::fs;
use std::path::Path;

use palisade_testkit::{Account, peer, python};
use serde_json::{Value, json};

use crate::feeds::{also_called, finding, gaps, know, record, rules};
use crate::images::{ALPINE, DEBIAN, dpkg, file, image, layer, scan, sound};

const METADATA: &str = "Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n\n";
const METADATA_PATH: &str = "usr/lib/python3/dist-packages/requests-2.31.0.dist-info/METADATA";

/// A program of which nothing is known.
fn program(name: &str) -> Value {
    json!({ "name": name, "mode": 0o755, "text": "\u{7f}ELF is how programs begin" })
}

/// A Debian with `requests` from its own package in this version.
fn debian(version: &str) -> Value {
    let status = dpkg("python3-requests", "Source: python-requests\n", version);
    let list = format!("/.\n/usr/lib\n/{METADATA_PATH}\n");
    let entries = [
        file("etc/os-release", DEBIAN),
        file("var/lib/dpkg/status", &status),
        file("var/lib/dpkg/info/python3-requests.list", &list),
        file(METADATA_PATH, METADATA),
        program("usr/bin/tool"),
    ];
    layer("ADD rootfs.tar /", &entries)
}

/// A record of a distribution, which calls the flaw by a name of its own and tells whose it is.
fn of_debian(flaw: &str, fixed: &str) -> Value {
    let mut debian = record(
        &format!("DEBIAN-{flaw}"),
        "Debian:13",
        "python-requests",
        &[("introduced", "0"), ("fixed", fixed)],
    );
    debian["upstream"] = json!([flaw]);
    debian
}

fn of_pypi(id: &str, flaw: &str) -> Value {
    also_called(record(id, "PyPI", "requests", &[("introduced", "0"), ("fixed", "2.40.0")]), &[flaw])
}

/// The purl's type and the first name of each finding, sorted.
fn told(scan: &Value) -> Vec<(String, String)> {
    let kind = |finding: &Value| {
        let purl = finding["package"]["purl"].as_str().unwrap();
        let kind = purl.trim_start_matches("pkg:").split('/').next().unwrap();
        (kind.to_owned(), finding["package"]["advisories"][0].as_str().unwrap().to_owned())
    };
    let mut told: Vec<_> = scan["findings"].as_array().unwrap().iter().map(kind).collect();
    told.sort();
    told
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned())).collect()
}

#[test]
fn what_a_distribution_brings_is_judged_by_its_own_advisories() {
    let account = Account::new();
    let debian_feed = [of_debian("CVE-2026-0001", "2.31.0-1+deb13u1")];
    let pypi =
        [of_pypi("GHSA-aaaa-aaaa-aaaa", "CVE-2026-0001"), of_pypi("GHSA-bbbb-bbbb-bbbb", "CVE-2026-0002")];
    know(&account, &[("Debian", &debian_feed), ("PyPI", &pypi)]);
    let scanned = |layers: &[Value]| {
        let folder = image(&sound(), layers);
        scan(&account, &folder.path().join("oci"), &["--engine", "deps"]).expect(1).json()
    };
    // Mended by Debian without another number for Python; what Debian says nothing of is told all the same.
    let mended = scanned(&[debian("2.31.0-1+deb13u1")]);
    let one = ("DEBIAN-CVE-2026-0001", "CVE-2026-0002");
    assert_eq!(told(&mended), pairs(&[("pypi", one.1)]), "{mended:#}");
    let message = finding(&mended, "known-vulnerability", "requests")["message"].as_str().unwrap();
    assert!(message.contains("`python3-requests` brings it"), "{message}");
    assert!(gaps(&mended).iter().any(|gap| gap.starts_with("notes:") && gap.contains("requests@2.31.0")));
    // Not mended: told once, under Debian's name.
    let open = scanned(&[debian("2.31.0-1")]);
    assert_eq!(told(&open), pairs(&[("deb", one.0), ("pypi", one.1)]), "{open:#}");
    // Somebody else's file under the same name is not Debian's any more.
    let replaced = layer("RUN pip install", &[file(METADATA_PATH, METADATA)]);
    let replaced = scanned(&[debian("2.31.0-1+deb13u1"), replaced]);
    assert_eq!(told(&replaced), pairs(&[("pypi", "CVE-2026-0001"), ("pypi", one.1)]), "{replaced:#}");
    // A release of which Debian's advisories do not speak, and no advisories of Debian at all.
    let other = record("DEBIAN-CVE-2026-0001", "Debian:12", "python-requests", &[("introduced", "0")]);
    for feeds in [vec![("Debian", vec![other])], vec![]] {
        let feeds: Vec<(&str, &[Value])> = feeds
            .iter()
            .map(|(name, records)| (*name, records.as_slice()))
            .chain([("PyPI", &pypi[..])])
            .collect();
        know(&account, &feeds);
        let found = scanned(&[debian("2.31.0-1+deb13u1")]);
        assert_eq!(told(&found), pairs(&[("pypi", "CVE-2026-0001"), ("pypi", one.1)]), "{found:#}");
    }
    // A package that does harm is told whatever else is said of it.
    let harm = also_called(of_pypi("MAL-2026-0001", "CVE-2026-0001"), &["CVE-2026-0001"]);
    know(&account, &[("Debian", &debian_feed), ("PyPI", &[harm])]);
    assert_eq!(rules(&scanned(&[debian("2.31.0-1+deb13u1")])), ["malicious-package"]);
}

#[test]
fn the_bill_of_materials_says_who_brings_a_package() {
    let account = Account::new();
    let folder = image(&sound(), &[debian("2.31.0-1")]);
    let path = folder.path().join("oci");
    let args = ["scan", "--format", "cyclonedx", "--engine", "deps", "--image", &path.to_string_lossy()];
    let bill = account.run(account.home(), args).expect(3);
    assert!(bill.stdout.contains("\"palisade:owner\""), "{bill}");
    assert!(bill.stdout.contains("pkg:pypi/requests@2.31.0"), "{bill}");
}

#[test]
fn an_image_that_says_nothing_of_itself_is_not_clean() {
    let account = Account::new();
    know(&account, &[("Debian", &[record("X-1", "Debian:13", "x", &[("introduced", "0")])]), ("PyPI", &[])]);
    let code = |entries: &[Value], code: i32| {
        let folder = image(&sound(), &[layer("COPY", entries)]);
        for kind in ["oci", "docker.tar"] {
            let answer = scan(&account, &folder.path().join(kind), &["--engine", "deps"]).expect(code);
            let gaps = gaps(&answer.json());
            assert_eq!(
                gaps.iter().filter(|gap| gap.contains("--sbom")).count(),
                usize::from(code == 3),
                "{answer}"
            );
        }
    };
    // One static program, and one that only a lower layer has.
    code(&[program("app")], 3);
    code(&[program("app"), file("etc/passwd", "root:x:0:0\n")], 3);
    // A distribution whose record of packages was taken away.
    code(&[file("etc/os-release", DEBIAN), program("usr/bin/tool")], 3);
    let installed = file("usr/lib/python3/dist-packages/requests-2.31.0.dist-info/METADATA", METADATA);
    code(&[file("etc/os-release", DEBIAN), program("usr/bin/tool"), installed.clone()], 3);
    // Something tells what there is, or nothing runs.
    code(&[program("app"), installed], 0);
    code(&[file("data.csv", "1,2\n"), file("etc/os-release", DEBIAN)], 0);
    let layers =
        [layer("COPY", &[program("app"), file("a", "a\n")]), layer("RUN rm", &[file(".wh.app", "")])];
    let folder = image(&sound(), &layers);
    scan(&account, &folder.path().join("oci"), &["--engine", "deps"]).expect(0);
    // An unpacked root is the same.
    let root = account.home().join("root");
    fs::create_dir_all(&root).unwrap();
    peer("cp", &["/bin/true", "app"], &root).expect(0);
    scan(&account, &root, &["--engine", "deps"]).expect(3).says("--sbom");
}

#[test]
fn a_record_that_is_too_large_is_a_gap_whatever_else_looks_at_it() {
    let account = Account::new();
    know(&account, &[("Debian", &[record("X-1", "Debian:13", "x", &[("introduced", "0")])])]);
    let status = dpkg("zlib1g", "", "1:1.3.dfsg-1").repeat(100);
    let entries = [file("etc/os-release", DEBIAN), file("var/lib/dpkg/status", &status)];
    let folder = image(&sound(), &[layer("ADD", &entries)]);
    let scanned =
        |more: &[&str]| scan(&account, &folder.path().join("oci"), &[&["--engine", "deps"], more].concat());
    scanned(&[]).expect(0);
    let answer = scanned(&["--max-file-size", "10000"]).expect(3);
    assert!(gaps(&answer.json()).iter().any(|gap| gap.contains("--max-file-size")), "{answer}");
}

/// Makes a package with one file and notes it in the database of rpm below `root`, as `rpm --install` does.
const RPM: &str = r#"
set -eu
mkdir -p build "$1/var/lib/rpm" "$1/usr/share/odd"
cat > odd.spec <<END
Name: odd-tools
Version: 1.2
Release: 3
Epoch: 1
Summary: tools
License: MIT
BuildArch: noarch
%description
tools
%install
mkdir -p %{buildroot}/usr/share/odd
echo x > %{buildroot}/usr/share/odd/file
%files
/usr/share/odd/file
END
rpmbuild --quiet --define "_topdir $PWD/build" --define "_rpmdir $PWD" -bb odd.spec
echo x > "$1/usr/share/odd/file"
rpm --dbpath "$1/var/lib/rpm" --define "_db_backend sqlite" --install --justdb --nodeps --nosignature noarch/odd-tools-*.rpm
rpm --dbpath "$1/var/lib/rpm" --define "_db_backend sqlite" --query --all --queryformat '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\n'
"#;

/// Writes the packages of the database below `root` into one of Berkeley DB below `old`, and asks rpm for them: its newer versions only read
/// that.
const BERKELEY: &str = r#"
set -eu
mkdir -p old/var/lib/rpm old/etc
cp "$1/etc/os-release" old/etc
python3 -c '
import sqlite3, sys
for number, blob in sqlite3.connect(sys.argv[1]).execute("select hnum, blob from Packages"):
    open(f"blob-{number}", "wb").write(blob)
' "$1/var/lib/rpm/rpmdb.sqlite"
perl -e '
use DB_File; use Fcntl;
my $info = new DB_File::HASHINFO; $info->{bsize} = 4096;
tie(my %h, "DB_File", "old/var/lib/rpm/Packages", O_RDWR|O_CREAT, 0644, $info) or die "$!";
$h{pack("V", 0)} = pack("V", 9);
for my $file (glob("blob-*")) { local $/; open(my $in, "<:raw", $file); $h{pack("V", $file =~ /(\d+)/)} = <$in>; }
untie %h;
'
cp -r old asked
rpm --dbpath "$PWD/asked/var/lib/rpm" --define "_db_backend bdb_ro" --query --all --queryformat '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\n'
"#;

#[test]
fn packages_that_rpm_itself_installed_are_found() {
    let account = Account::new();
    let root = account.home().join("root");
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::write(root.join("etc/os-release"), "ID=rocky\nVERSION_ID=\"9.6\"\nNAME=\"Rocky Linux\"\n").unwrap();
    let there = peer("sh", &["-c", RPM, "sh", &root.to_string_lossy()], account.home()).expect(0).stdout;
    assert_eq!(there.trim(), "odd-tools 1:1.2-3");
    let flaw = |fixed| {
        let events = [("introduced", "0"), ("fixed", fixed)];
        record("RLSA-2026:0001", "Rocky Linux:9", "odd-tools", &events)
    };
    for (fixed, code) in [("1:1.2-4", 1), ("1:1.2-3", 0), ("0:9-1", 0)] {
        know(&account, &[("Rocky Linux", &[flaw(fixed)])]);
        let found = scan(&account, &root, &["--engine", "deps"]).expect(code).json();
        assert_eq!(rules(&found).len(), usize::from(code == 1), "{fixed}: {found:#}");
    }
    let berkeley =
        peer("sh", &["-c", BERKELEY, "sh", &root.to_string_lossy()], account.home()).expect(0).stdout;
    assert_eq!(berkeley.trim(), there.trim(), "rpm reads what Perl wrote");
    let old = account.home().join("old");
    for (fixed, code) in [("1:1.2-4", 1), ("1:1.2-3", 0)] {
        know(&account, &[("Rocky Linux", &[flaw(fixed)])]);
        let found = scan(&account, &old, &["--engine", "deps"]).expect(code).json();
        assert_eq!(rules(&found).len(), usize::from(code == 1), "{fixed}: {found:#}");
    }
    let packages = old.join("var/lib/rpm/Packages");
    let whole = fs::read(&packages).unwrap();
    fs::write(&packages, &whole[..whole.len() - 4096]).unwrap();
    scan(&account, &old, &["--engine", "deps"]).expect(3);
    // In an image, whose layer is compressed with zstd.
    let database = layout(&account, &root);
    know(&account, &[("Rocky Linux", &[flaw("1:1.2-4")])]);
    let found = scan(&account, &database, &["--engine", "deps"]).expect(1).json();
    finding(&found, "known-vulnerability", "odd-tools");
}

/// Makes a layout of `root` with one layer, which `zstd` compresses.
fn layout(account: &Account, root: &Path) -> std::path::PathBuf {
    let script = r#"
import hashlib, json, os, subprocess, sys
layer = subprocess.run(["tar", "--create", "--directory", sys.argv[1], "."], stdout=subprocess.PIPE, check=True).stdout
packed = subprocess.run(["zstd", "--quiet", "-19"], input=layer, stdout=subprocess.PIPE, check=True).stdout
digest = lambda data: "sha256:" + hashlib.sha256(data).hexdigest()
os.makedirs("oci/blobs/sha256")
def blob(kind, data):
    open("oci/blobs/sha256/" + digest(data)[7:], "wb").write(data)
    return {"mediaType": "application/vnd.oci.image." + kind, "digest": digest(data), "size": len(data)}
config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest(layer)]}}).encode()
manifest = json.dumps({"schemaVersion": 2, "config": blob("config.v1+json", config), "layers": [blob("layer.v1.tar+zstd", packed)]}).encode()
open("oci/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
open("oci/index.json", "w").write(json.dumps({"schemaVersion": 2, "manifests": [blob("manifest.v1+json", manifest)]}))
"#;
    python(script, &[&root.to_string_lossy()], account.home()).expect(0);
    account.home().join("oci")
}

#[test]
fn archives_of_java_in_an_image_are_looked_into() {
    let account = Account::new();
    let flaw =
        record("GHSA-cccc-cccc-cccc", "Maven", "org.example:till", &[("introduced", "0"), ("fixed", "1.3")]);
    know(&account, &[("Maven", &[flaw]), ("Alpine", &[])]);
    let jar = account.home().join("till.jar");
    let script = r#"
import io, sys, zipfile
inner = io.BytesIO()
with zipfile.ZipFile(inner, "w") as jar:
    jar.writestr("META-INF/maven/org.example/till/pom.properties", "groupId=org.example\nartifactId=till\nversion=1.2\n")
with zipfile.ZipFile(sys.argv[1], "w") as jar:
    jar.writestr("BOOT-INF/lib/till-1.2.jar", inner.getvalue())
"#;
    python(script, &[&jar.to_string_lossy()], account.home()).expect(0);
    // Alpine's record of itself, with the archive as a file of a package.
    let installed = "C:Q1pSfNy1TzFVBg3AAAAAAAAAAAAAA=\nP:till\nV:1.2-r0\nA:noarch\nS:1\nI:2\nT:a till\nU:https://example.org\nL:MIT\no:till\nF:usr/share/java\nR:till.jar\n\n";
    let entries = [
        file("etc/os-release", ALPINE),
        file("lib/apk/db/installed", installed),
        json!({ "name": "usr/share/java/till.jar", "copy": jar }),
    ];
    let folder = image(&sound(), &[layer("ADD", &entries)]);
    let found = scan(&account, &folder.path().join("oci"), &["--engine", "deps"]).expect(1).json();
    let one = finding(&found, "known-vulnerability", "org.example");
    assert_eq!(one["location"]["members"], json!(["BOOT-INF/lib/till-1.2.jar"]), "{one:#}");
    assert!(one["message"].as_str().unwrap().contains("`till` brings it"), "{one:#}");
    // Alpine says that it mended it.
    let mut mended =
        record("ALPINE-CVE-2026-0003", "Alpine:v3.23", "till", &[("introduced", "0"), ("fixed", "1.2-r0")]);
    mended["upstream"] = json!(["CVE-2026-0003"]);
    let flaw = also_called(
        record("GHSA-cccc-cccc-cccc", "Maven", "org.example:till", &[("introduced", "0"), ("fixed", "1.3")]),
        &["CVE-2026-0003"],
    );
    know(&account, &[("Maven", &[flaw]), ("Alpine", &[mended])]);
    scan(&account, &folder.path().join("oci"), &["--engine", "deps"]).expect(0);
}

#[test]
fn records_whose_first_name_is_that_of_a_store_are_read() {
    let account = Account::new();
    know(&account, &[("npm", &[record("GHSA-aaaa-bbbb-cccc", "npm", "leftish", &[("introduced", "0")])])]);
    let text = |name: &str| format!("{{\"name\": \"{name}\", \"version\": \"1.2.3\"}}");
    // As pnpm lays packages out: the store comes first, and what is installed are hard links into it. One of them is of a later layer.
    let store =
        |number: u32, name: &str| file(&format!("app/.store/v10/files/{number:02}/content"), &text(name));
    let installed = |number: u32, name: &str| json!({ "name": format!("app/node_modules/{name}/package.json"), "hard": format!("app/.store/v10/files/{number:02}/content") });
    let layers = [
        layer(
            "RUN pnpm install",
            &[store(0, "leftish"), store(1, "other"), store(2, "unused"), installed(0, "leftish")],
        ),
        layer("RUN pnpm link", &[installed(1, "other")]),
    ];
    let folder = image(&sound(), &layers);
    for kind in ["oci", "docker.tar"] {
        let found = scan(&account, &folder.path().join(kind), &["--engine", "deps"]).expect(1).json();
        let one = finding(&found, "known-vulnerability", "pkg:npm/leftish@1.2.3");
        assert_eq!(one["location"]["path"], "app/node_modules/leftish/package.json", "{one:#}");
        assert_eq!(gaps(&found), [""; 0], "{kind}: {found:#}");
        assert_eq!(found["engines"][0]["coverage"]["looked_at"], 2, "{found:#}");
    }
}

const NIX: &str = "nix/store/5av396z8xa13jg89g9jws145c0k26k2x";

/// After `nix-store --optimise` every file is a hard link to one that is called by its digest, and comes before them.
#[test]
fn objects_of_the_nix_store_are_told_whatever_lies_in_them() {
    let account = Account::new();
    let pooled = |name: &str| json!({ "name": name, "hard": "nix/store/.links/0a1b" });
    let entries = [
        file("nix/store/.links/0a1b", "x"),
        pooled(&format!("{NIX}-pooled-1.0/bin/x")),
        json!({ "name": format!("{NIX}-linked-1.0/bin/x"), "link": "../../pooled" }),
        json!({ "name": format!("{NIX}-empty-1.0/") }),
        file(&format!("{NIX}-deep-1.0/a/b/c/d"), "x"),
        file(&format!("{NIX}-gone-1.0/bin/x"), "x"),
    ];
    let gone = file(&format!("nix/store/.wh.{}-gone-1.0", NIX.rsplit('/').next().unwrap()), "");
    let folder = image(&sound(), &[layer("RUN nix", &entries), layer("RUN gc", &[gone])]);
    for kind in ["oci", "docker.tar"] {
        let image = folder.path().join(kind).to_string_lossy().into_owned();
        let written = account
            .run(account.home(), ["scan", "--engine", "deps", "--format", "cyclonedx", "--image", &image])
            .stdout;
        for name in ["pooled", "linked", "empty", "deep"] {
            assert_eq!(
                written.matches(&format!("\"purl\": \"pkg:nix/{name}@1.0\"")).count(),
                1,
                "{name}: {written}"
            );
        }
        assert!(!written.contains("gone"), "{written}");
    }
    // Rows that stand only in the log of the database.
    let log = [entries[5].clone(), file("nix/var/nix/db/db.sqlite-wal", "7")];
    let folder = image(&sound(), &[layer("RUN nix", &log)]);
    let answer = scan(&account, &folder.path().join("oci"), &["--engine", "deps"]).expect(3);
    assert!(gaps(&answer.json()).iter().any(|gap| gap.contains("wal_checkpoint")), "{answer}");
}

#[test]
fn a_file_is_read_in_each_way_that_one_of_its_names_asks_for() {
    let account = Account::new();
    let flaw = record("DEBIAN-CVE-2026-0001", "Debian:13", "zlib", &[("introduced", "0")]);
    let npm = record("GHSA-aaaa-bbbb-cccc", "npm", "leftish", &[("introduced", "0")]);
    know(&account, &[("Debian", &[flaw]), ("npm", &[npm])]);
    let text = "{\"name\": \"app\", \"version\": \"1.0.0\", \"lockfileVersion\": 3, \"packages\": {\"node_modules/leftish\": {\"version\": \"1.2.3\"}}}";
    let found = |entries: &[Value]| {
        let folder = image(&sound(), &[layer("COPY", entries)]);
        scan(&account, &folder.path().join("oci"), &["--engine", "deps"]).expect(1).json()
    };
    // A lockfile whose first name is that of another record, and of one that is none by its content.
    for first in ["app/release", "app/composer.json", "app/.env"] {
        let second = json!({ "name": "srv/package-lock.json", "hard": first });
        let found = found(&[file(first, text), second]);
        finding(&found, "known-vulnerability", "pkg:npm/leftish@1.2.3");
    }
    // The record of a distribution too.
    let status = dpkg("zlib1g", "Source: zlib\n", "1:1.3.dfsg-1");
    let entries = [
        file("etc/os-release", DEBIAN),
        file("app/release", &status),
        json!({ "name": "var/lib/dpkg/status", "hard": "app/release" }),
    ];
    finding(&found(&entries), "known-vulnerability", "zlib1g");
    // And where a folder on its way is a link, beside a record that lies in its place.
    let base = "Package: base-files\nVersion: 13\nArchitecture: amd64\n";
    let entries = [
        file("etc/os-release", DEBIAN),
        json!({ "name": "var/lib", "link": "../data/lib" }),
        file("data/lib/dpkg/status", &status),
        file("usr/lib/opkg/status", base),
    ];
    finding(&found(&entries), "known-vulnerability", "zlib1g");
    // And what tells the distribution itself.
    let entries = [
        file("usr/lib/os-release.d/base", DEBIAN),
        json!({ "name": "etc/os-release", "link": "../usr/lib/os-release.d/base" }),
        file("var/lib/dpkg/status", &status),
    ];
    finding(&found(&entries), "known-vulnerability", "zlib1g");
    // What is called as a record and is none is no program.
    let folder = image(&sound(), &[layer("COPY", &[file("data/release", "notes\n"), file(".env", "A=1\n")])]);
    let answer = scan(&account, &folder.path().join("oci"), &["--engine", "deps"]);
    assert!(!format!("{answer}").contains("there are programs"), "{answer}");
}
