//! Container images: what their layers hold, what their configuration says, and images that are broken or hostile.
//!
//! Python's `tarfile`, `gzip` and `hashlib` write the images, by the OCI image specification and as `docker save` does.

use std::fs;
use std::path::{Path, PathBuf};

use palisade_testkit::{Account, Answer, python};
use serde_json::{Value, json};

use crate::feeds::{finding, gaps, know, record, rules};
use crate::token;

/// Writes the image that the file `spec.json` describes to `oci` (a layout) and `docker.tar` (as `docker save` writes it).
const WRITER: &str = r#"
import gzip, hashlib, io, json, os, tarfile
spec = json.load(open("spec.json"))
def tar(entries):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in entries:
            info = tarfile.TarInfo(entry["name"])
            info.mode = entry.get("mode", 0o644)
            content = entry.get("text", "").encode() * entry.get("times", 1)
            if "copy" in entry:
                content = open(entry["copy"], "rb").read()
            if "link" in entry:
                info.type, info.linkname = tarfile.SYMTYPE, entry["link"]
            elif "hard" in entry:
                info.type, info.linkname = tarfile.LNKTYPE, entry["hard"]
            elif entry.get("device"):
                info.type = tarfile.CHRTYPE
            elif entry["name"].endswith("/"):
                info.type, info.mode = tarfile.DIRTYPE, entry.get("mode", 0o755)
            else:
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()
digest = lambda data: hashlib.sha256(data).hexdigest()
layers = [tar(layer["entries"]) for layer in spec["layers"]]
config = json.dumps({
    "architecture": "amd64", "os": "linux", "config": spec["config"],
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest(layer) for layer in layers]},
    "history": [{"created_by": layer["by"]} for layer in spec["layers"]],
}).encode()
os.makedirs("oci/blobs/sha256")
def blob(kind, data):
    open("oci/blobs/sha256/" + digest(data), "wb").write(data)
    return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + digest(data), "size": len(data)}
manifest = blob("manifest.v1+json", json.dumps({
    "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": blob("config.v1+json", config),
    "layers": [blob("layer.v1.tar+gzip", gzip.compress(layer, mtime=0)) for layer in layers],
}).encode())
open("oci/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
open("oci/index.json", "w").write(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
with tarfile.open("docker.tar", "w") as archive:
    def add(name, data):
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    for layer in layers:
        add(digest(layer) + "/layer.tar", layer)
    add(digest(config) + ".json", config)
    names = [digest(layer) + "/layer.tar" for layer in layers]
    add("manifest.json", json.dumps([{"Config": digest(config) + ".json", "RepoTags": ["shop:1"], "Layers": names}]).encode())
"#;

/// A file of a layer.
pub(crate) fn file(name: &str, text: &str) -> Value {
    json!({ "name": name, "text": text })
}

/// A layer made by an instruction.
pub(crate) fn layer(by: &str, entries: &[Value]) -> Value {
    json!({ "by": by, "entries": entries })
}

/// A configuration that nothing is to be said against.
pub(crate) fn sound() -> Value {
    json!({ "User": "1000", "Healthcheck": { "Test": ["CMD", "/app", "ping"] } })
}

/// A folder with both kinds of image.
pub(crate) fn image(config: &Value, layers: &[Value]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("spec.json"), json!({ "config": config, "layers": layers }).to_string())
        .unwrap();
    python(WRITER, &[], folder.path()).expect(0);
    folder
}

pub(crate) fn scan(account: &Account, image: &Path, more: &[&str]) -> Answer {
    let image = image.to_string_lossy();
    account.run(account.home(), [&["scan", "--format", "json", "--image", &image], more].concat())
}

pub(crate) const DEBIAN: &str =
    "ID=debian\nVERSION_ID=\"13\"\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nNAME=\"Debian GNU/Linux\"\n";
pub(crate) const ALPINE: &str =
    "ID=alpine\nVERSION_ID=3.23.0\nPRETTY_NAME=\"Alpine Linux v3.23\"\nNAME=\"Alpine Linux\"\n";

pub(crate) fn dpkg(package: &str, source: &str, version: &str) -> String {
    format!(
        "Package: {package}\nStatus: install ok installed\nPriority: optional\nSection: libs\nMaintainer: A <a@example.org>\nArchitecture: amd64\n{source}Version: {version}\nDescription: a library\n\n"
    )
}

#[test]
fn a_secret_that_a_later_layer_deletes_is_found() {
    let account = Account::new();
    let secret = token::github(77);
    let layers = [
        layer(
            "COPY . /app",
            &[file("app/settings.env", &format!("TOKEN={secret}\n")), file("app/main.py", "print(1)\n")],
        ),
        layer("RUN rm /app/settings.env", &[file("app/.wh.settings.env", "")]),
    ];
    let folder = image(&sound(), &layers);
    for kind in ["oci", "docker.tar"] {
        let answer = scan(&account, &folder.path().join(kind), &["--engine", "secrets"]).expect(1);
        token::assert_hidden(&secret, &answer.stdout, kind);
        let found = answer.json();
        let one = finding(&found, "github-pat", "app/settings.env");
        assert_eq!(one["layer"]["index"], 0, "{kind}: {one:#}");
        assert_eq!(one["layer"]["created_by"], "COPY . /app", "{one:#}");
        assert!(one["message"].as_str().unwrap().contains("a later layer deletes or replaces"), "{one:#}");
        let human =
            account.run(account.home(), ["scan", "--image", &folder.path().join(kind).to_string_lossy()]);
        human.expect(1).says("COPY . /app");
    }
    // Nothing of the image is put on the disk.
    assert!(crate::places::remains(&account.cache()).is_empty());
}

#[test]
fn secrets_in_environment_and_history_are_found() {
    let account = Account::new();
    let (secret, other) = (token::github(78), token::github(79));
    let mut config = sound();
    config["Env"] = json!([format!("API_TOKEN={secret}")]);
    let folder = image(&config, &[layer(&format!("RUN login --token {other}"), &[file("a", "a\n")])]);
    let answer = scan(&account, &folder.path().join("oci"), &["--engine", "secrets"]).expect(1);
    assert_eq!(rules(&answer.json()), ["github-pat"; 2]);
    token::assert_hidden(&secret, &answer.stdout, "environment");
    token::assert_hidden(&other, &answer.stdout, "history");
}

#[test]
fn packages_of_debian_are_matched_by_their_source() {
    let account = Account::new();
    let flaw = record(
        "DEBIAN-CVE-2026-0001",
        "Debian:13",
        "zlib",
        &[("introduced", "0"), ("fixed", "1:1.3.dfsg-3")],
    );
    let other = record("DEBIAN-CVE-2026-0002", "Debian:12", "zlib", &[("introduced", "0")]);
    know(&account, &[("Debian", &[flaw, other])]);
    let status = |version: &str| {
        dpkg("zlib1g", "Source: zlib\n", version)
            + "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nSource: zlib\nVersion: 1:1.0\n\n"
    };
    let layers = [
        layer(
            "ADD rootfs.tar /",
            &[file("etc/os-release", DEBIAN), file("var/lib/dpkg/status", &status("1:1.3.dfsg-1"))],
        ),
        layer("RUN touch /x", &[file("x", "")]),
    ];
    let folder = image(&sound(), &layers);
    for kind in ["oci", "docker.tar"] {
        let found = scan(&account, &folder.path().join(kind), &[]).expect(1).json();
        let one = finding(&found, "known-vulnerability", "zlib1g");
        assert_eq!(one["package"]["fix"]["version"], "1:1.3.dfsg-3", "{one:#}");
        assert_eq!(one["location"]["path"], "var/lib/dpkg/status");
        assert_eq!(one["layer"]["index"], 0, "{one:#}");
        assert_eq!(rules(&found).len(), 1, "neither what is gone nor another release counts: {found:#}");
        assert_eq!(gaps(&found), [""; 0]);
    }
    // The upper layer's record is the one that counts, and what it upgrades is of that layer.
    let fixed = layer("RUN apt-get upgrade", &[file("var/lib/dpkg/status", &status("1:1.3.dfsg-3"))]);
    let folder = image(&sound(), &[layers[0].clone(), fixed]);
    scan(&account, &folder.path().join("oci"), &[]).expect(0);
    // An unpacked root is the same.
    let root = account.home().join("root");
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::create_dir_all(root.join("var/lib/dpkg")).unwrap();
    fs::write(root.join("etc/os-release"), DEBIAN).unwrap();
    fs::write(root.join("var/lib/dpkg/status"), status("1:1.3.dfsg-1")).unwrap();
    let found = scan(&account, &root, &["--engine", "deps"]).expect(1).json();
    finding(&found, "known-vulnerability", "zlib1g");
}

/// By the digest of its manifest, as publishers of images do, or by the name that it has where it lies.
#[test]
fn a_statement_about_an_image_is_applied() {
    let account = Account::new();
    let flaw = record("DEBIAN-CVE-2026-0001", "Debian:13", "zlib", &[("introduced", "0")]);
    know(&account, &[("Debian", &[flaw])]);
    let status = dpkg("zlib1g", "Source: zlib\n", "1:1.3.dfsg-1");
    let layers =
        [layer("ADD rootfs.tar /", &[file("etc/os-release", DEBIAN), file("var/lib/dpkg/status", &status)])];
    let folder = image(&sound(), &layers);
    let stated = account.home().join("image.vex.json");
    let with = |kind: &str, product: &str| {
        let part = json!({ "@id": "pkg:deb/debian/zlib1g" });
        let statement = json!({
            "vulnerability": { "name": "DEBIAN-CVE-2026-0001" },
            "products": [{ "@id": product, "subcomponents": [part] }],
            "status": "not_affected", "justification": "vulnerable_code_not_present",
        });
        let document = json!({
            "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "Acme",
            "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [statement],
        });
        fs::write(&stated, document.to_string()).unwrap();
        scan(&account, &folder.path().join(kind), &["--vex", stated.to_str().unwrap()])
    };
    let index: Value =
        serde_json::from_slice(&fs::read(folder.path().join("oci/index.json")).unwrap()).unwrap();
    let digest = index["manifests"][0]["digest"].as_str().unwrap().replace(':', "%3A");
    with("oci", &format!("pkg:oci/shop@{digest}?repository_url=ghcr.io/acme/shop")).expect(0);
    with("oci", &format!("pkg:oci/shop@sha256%3A{}", "0".repeat(64))).expect(1);
    with("docker.tar", "pkg:oci/shop?repository_url=docker.io/library/shop&tag=1").expect(0);
    with("docker.tar", "pkg:docker/shop").expect(0);
    with("docker.tar", "pkg:oci/shop?repository_url=ghcr.io/acme/shop").expect(1).says("repository_url");
    with("docker.tar", "pkg:oci/other").expect(1);
}

#[test]
fn packages_of_alpine_are_matched_by_their_origin() {
    let account = Account::new();
    let flaw = record(
        "ALPINE-CVE-2026-0001",
        "Alpine:v3.23",
        "openssl",
        &[("introduced", "0"), ("fixed", "3.5.4-r1")],
    );
    know(&account, &[("Alpine", &[flaw])]);
    let installed = "C:Q1pSfNy1TzFVBg3AAAAAAAAAAAAAA=\nP:libssl3\nV:3.5.4-r0\nA:x86_64\nS:1\nI:2\nT:a library\nU:https://example.org\nL:Apache-2.0\no:openssl\n\n";
    let folder = image(
        &sound(),
        &[layer(
            "ADD alpine.tar /",
            &[file("etc/os-release", ALPINE), file("lib/apk/db/installed", installed)],
        )],
    );
    let found = scan(&account, &folder.path().join("oci"), &[]).expect(1).json();
    let one = finding(&found, "known-vulnerability", "libssl3");
    assert_eq!(one["package"]["fix"]["version"], "3.5.4-r1", "{one:#}");
}

#[test]
fn a_distribution_that_nobody_knows_or_mends_is_never_clean() {
    let account = Account::new();
    let flaws = ["Debian:13", "Debian:9", "Alpine:v3.23"]
        .map(|release| record(&format!("X-{release}"), release, "never-heard-of", &[("introduced", "0")]));
    know(&account, &[("Debian", &flaws[..2]), ("Alpine", &flaws[2..])]);
    let status = dpkg("zlib1g", "", "1:1.3.dfsg-1");
    let scanned = |release: &str| {
        let folder = image(
            &sound(),
            &[layer(
                "ADD rootfs.tar /",
                &[file("etc/os-release", release), file("var/lib/dpkg/status", &status)],
            )],
        );
        scan(&account, &folder.path().join("oci"), &["--engine", "deps"])
    };
    scanned(DEBIAN).expect(0);
    for release in [
        "ID=madeup\nVERSION_ID=7\nPRETTY_NAME=\"Made up 7\"\n",
        "ID=debian\nVERSION_ID=\"97\"\n",
        "ID=ubuntu\nVERSION_ID=\"24.04\"\n",
        "what is this\n",
        "",
    ] {
        let answer = scanned(release);
        assert!([1, 3].contains(&answer.code), "{release:?}: {answer}");
        assert!(!gaps(&answer.json()).is_empty(), "{release:?}: {answer}");
    }
    let old = scanned("ID=debian\nVERSION_ID=\"9\"\nPRETTY_NAME=\"Debian GNU/Linux 9 (stretch)\"\n");
    finding(&old.expect(1).json(), "end-of-life-distribution", "Debian GNU/Linux 9");
    let unknown = scanned("ID=madeup\nVERSION_ID=7\n").expect(3);
    assert!(!unknown.stdout.contains("--ecosystem"), "no command brings these advisories: {unknown}");
    // Records without any word of the distribution.
    let folder = image(&sound(), &[layer("COPY", &[file("var/lib/dpkg/status", &status)])]);
    scan(&account, &folder.path().join("oci"), &["--engine", "deps"]).expect(3);
    // A record that is damaged.
    let folder = image(
        &sound(),
        &[layer(
            "COPY",
            &[
                file("etc/os-release", DEBIAN),
                file("var/lib/dpkg/status", "Package zlib1g\n\u{1}\nStatus: install ok installed\n"),
            ],
        )],
    );
    scan(&account, &folder.path().join("oci"), &["--engine", "deps"]).expect(3);
}

#[test]
fn configuration_and_permissions_are_judged() {
    let account = Account::new();
    let plain = image(&sound(), &[layer("COPY", &[file("a", "a\n")])]);
    assert_eq!(rules(&scan(&account, &plain.path().join("oci"), &[]).expect(0).json()), [""; 0]);
    let config = json!({ "ExposedPorts": { "22/tcp": {}, "443/tcp": {} } });
    let entries = [
        json!({ "name": "usr/bin/odd", "mode": 0o4755, "text": "x" }),
        json!({ "name": "usr/bin/passwd", "mode": 0o4755, "text": "x" }),
        json!({ "name": "etc/open.conf", "mode": 0o666, "text": "x" }),
    ];
    let folder = image(&config, &[layer("COPY", &entries)]);
    for kind in ["oci", "docker.tar"] {
        let found = scan(&account, &folder.path().join(kind), &["--engine", "image"]).expect(1).json();
        let expected = [
            "image-no-healthcheck",
            "image-privileged-port",
            "image-remote-access-port",
            "image-runs-as-root",
            "image-unusual-setuid",
            "image-world-writable",
        ];
        let mut told = rules(&found);
        told.dedup();
        assert_eq!(told, expected, "{found:#}");
        assert_eq!(finding(&found, "image-unusual-setuid", "usr/bin/odd")["layer"]["index"], 0);
    }
}

/// The blobs of a layout, the smallest first.
fn blobs(folder: &Path) -> Vec<PathBuf> {
    crate::places::files(&folder.join("oci/blobs/sha256"))
}

#[test]
fn what_is_not_what_its_digest_says_is_never_clean() {
    let account = Account::new();
    let layers = [layer("COPY a", &[file("a", "a\n")]), layer("COPY b", &[file("b", "b\n")])];
    let folder = image(&sound(), &layers);
    let oci = folder.path().join("oci");
    scan(&account, &oci, &[]).expect(0);
    for path in blobs(folder.path()) {
        let bytes = fs::read(&path).unwrap();
        let mut changed = bytes.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        for other in [changed, bytes[..bytes.len() - 1].to_vec(), Vec::new()] {
            fs::write(&path, other).unwrap();
            let answer = scan(&account, &oci, &[]);
            assert!([2, 3].contains(&answer.code), "{}: {answer}", path.display());
        }
        fs::remove_file(&path).unwrap();
        let answer = scan(&account, &oci, &[]);
        assert!([2, 3].contains(&answer.code), "without {}: {answer}", path.display());
        fs::write(&path, bytes).unwrap();
    }
    scan(&account, &oci, &[]).expect(0);
    // A layer that is missing or damaged alone leaves the rest to be looked at.
    let is_layer = |path: &&PathBuf| fs::read(path).unwrap().starts_with(&[0x1f, 0x8b]);
    let blobs = blobs(folder.path());
    let layer = blobs.iter().find(is_layer).unwrap();
    let bytes = fs::read(layer).unwrap();
    fs::remove_file(layer).unwrap();
    let answer = scan(&account, &oci, &[]).expect(3);
    assert!(gaps(&answer.json()).iter().any(|gap| gap.contains("layer")), "{answer}");
    fs::write(layer, [&bytes[..bytes.len() - 4], &[0; 4]].concat()).unwrap();
    scan(&account, &oci, &[]).expect(3);
    let archive = folder.path().join("docker.tar");
    let bytes = fs::read(&archive).unwrap();
    for length in [0, 100, 700, bytes.len() / 2, bytes.len() - 12_000] {
        fs::write(&archive, &bytes[..length]).unwrap();
        let answer = scan(&account, &archive, &[]);
        assert!([2, 3].contains(&answer.code), "{length} bytes: {answer}");
    }
}

#[test]
fn a_hostile_image_reaches_nothing_outside() {
    let account = Account::new();
    let secret = token::github(80);
    fs::write(account.home().join("outside.env"), format!("TOKEN={secret}\n")).unwrap();
    let outside = account.home().join("outside.env");
    let (up, outside) = ("../".repeat(40), outside.to_string_lossy().into_owned());
    let entries = [
        file(&format!("{up}tmp/escaped"), "x\n"),
        file("/absolute", "x\n"),
        file("a/../../b", "x\n"),
        json!({ "name": "leak.env", "link": outside }),
        json!({ "name": "etc/os-release", "link": outside }),
        json!({ "name": "hard.env", "hard": outside.trim_start_matches('/') }),
        json!({ "name": "one", "link": "two" }),
        json!({ "name": "two", "link": "one" }),
        json!({ "name": "self", "link": "self/self" }),
        json!({ "name": "var/lib/dpkg", "link": "/var/lib/dpkg" }),
        json!({ "name": "root", "link": "/" }),
        file("root/root/root/file", "x\n"),
        json!({ "name": "dev/sda", "device": true }),
        json!({ "name": "loop", "hard": "loop" }),
        file("a", "file\n"),
        file("a/b", "under a file\n"),
        file(".wh.", ""),
        file(".wh...", ""),
        file(&format!("{}deep", "d/".repeat(3000)), "x\n"),
        file("control\u{1b}[2J\u{202e}name.env", "x\n"),
        file("package-lock.json", &"[".repeat(100_000)),
    ];
    let folder = image(&sound(), &[layer("RUN \u{1b}[31mevil\u{202e}", &entries), layer("again", &entries)]);
    let oci = folder.path().join("oci");
    for kind in ["oci", "docker.tar"] {
        let answer = scan(&account, &folder.path().join(kind), &[]);
        assert!([1, 3].contains(&answer.code), "{answer}");
        token::assert_hidden(&secret, &answer.stdout, kind);
        assert!(!answer.stdout.contains("github-pat"), "the file outside was read: {answer}");
        let text = account
            .run(account.home(), ["scan".as_ref(), "--image".as_ref(), folder.path().join(kind).as_os_str()]);
        assert!(!text.stdout.contains('\u{1b}') && !text.stdout.contains('\u{202e}'), "{text}");
    }
    assert!(!Path::new("/tmp/escaped").exists());
    assert!(scan(&account, &oci, &[]).bytes == scan(&account, &oci, &[]).bytes, "the same every time");
}

#[test]
fn a_layer_that_unpacks_to_too_much_is_a_gap() {
    let account = Account::new();
    let bomb = json!({ "name": "zeros.txt", "text": "\u{0}", "times": 200_000_000 });
    let folder = image(&sound(), &[layer("COPY", &[bomb, file("after.env", "x\n")])]);
    let answer = scan(&account, &folder.path().join("oci"), &[]).expect(3);
    assert!(!gaps(&answer.json()).is_empty(), "{answer}");
}

#[test]
fn what_is_no_image_is_told() {
    let account = Account::new();
    fs::write(account.home().join("noise"), [7; 5000]).unwrap();
    fs::write(account.home().join("empty"), "").unwrap();
    for image in
        ["noise", "empty", "oci:nothing", "docker-archive:nothing", "dir:nothing", "a b", "UPPER/case:1:2"]
    {
        account.run(account.home(), ["scan", "--image", image]).expect(2);
    }
    let folder = image(&sound(), &[layer("COPY", &[file("a", "a\n")])]);
    let oci = folder.path().join("oci").to_string_lossy().into_owned();
    account.run(account.home(), ["scan", "--image", &oci, "--platform", "one/two/three/four"]).expect(2);
    account.run(account.home(), ["scan", "--image", &format!("{oci}#nothing")]).expect(2);
    // A registry that does not answer.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    account.run(account.home(), ["scan", "--image", &format!("localhost:{free}/shop:1")]).expect(4);
}

#[test]
fn a_folder_that_is_no_image_is_not_clean() {
    let (account, folder) = (Account::new(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("notes.txt"), "nothing").unwrap();
    scan(&account, folder.path(), &["--engine", "deps"]).expect(3).says("no distribution");
}

#[test]
fn what_stands_before_an_image_says_which_kind_it_is() {
    let account = Account::new();
    let folder = image(&sound(), &[layer("COPY", &[file("a", "a\n")])]);
    let (layout, archive) = (folder.path().join("oci"), folder.path().join("docker.tar"));
    let root = account.home().join("root");
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("a"), "a\n").unwrap();
    let call = |kind: &str, path: &Path| {
        let image = format!("{kind}:{}", path.display());
        account.run(account.home(), ["scan", "--engine", "secrets", "--image", &image])
    };
    for (kind, path) in [("oci", &layout), ("docker-archive", &archive), ("dir", &root)] {
        call(kind, path).expect(0);
    }
    for (kind, path, says) in [
        ("oci", &root, "a folder without an OCI layout"),
        ("docker-archive", &layout, "a folder, and no archive"),
        ("dir", &archive, "no folder"),
    ] {
        call(kind, path).expect(2).says(says).says("leave the kind before it out");
    }
    for kind in ["oci", "docker-archive", "dir"] {
        call(kind, Path::new("/never/there")).expect(2).says("there is nothing at");
    }
}

/// What Debian's `testing` and `sid` say of themselves: no number, and in `etc/debian_version` two names.
#[test]
fn a_debian_without_a_number_is_never_clean_by_silence() {
    let account = Account::new();
    let flaws = ["Debian:13", "Debian:14"]
        .map(|release| record(&format!("X-{release}"), release, "zlib", &[("introduced", "0")]));
    know(&account, &[("Debian", &flaws)]);
    let scanned = |release: &str, version: Option<&str>| {
        let mut entries = vec![
            file("etc/os-release", release),
            file("var/lib/dpkg/status", &dpkg("zlib1g", "Source: zlib\n", "1:1.3.dfsg-1")),
        ];
        entries.extend(version.map(|version| file("etc/debian_version", version)));
        let folder = image(&sound(), &[layer("ADD rootfs.tar /", &entries)]);
        scan(&account, &folder.path().join("oci"), &["--engine", "deps"])
    };
    let testing = "PRETTY_NAME=\"Debian GNU/Linux forky/sid\"\nNAME=\"Debian GNU/Linux\"\nVERSION_CODENAME=forky\nID=debian\n";
    for version in [None, Some("forky/sid\n")] {
        let found = scanned(testing, version).expect(1).json();
        let told = finding(&found, "known-vulnerability", "zlib1g").to_string();
        assert!(told.contains("X-Debian:14") && !told.contains("X-Debian:13"), "{version:?}: {told}");
        assert!(
            gaps(&found).iter().any(|gap| gap.contains("until when Debian GNU/Linux forky/sid gets")),
            "{found:#}"
        );
    }
    let unknown = "PRETTY_NAME=\"Debian GNU/Linux neverland/sid\"\nNAME=\"Debian GNU/Linux\"\nID=debian\n";
    let answer = scanned(unknown, Some("neverland/sid\n")).expect(3);
    assert!(!gaps(&answer.json()).is_empty(), "{answer}");
}
