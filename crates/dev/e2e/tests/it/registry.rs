//! Images in a registry: Debian's `docker-registry` with users, on this machine.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use palisade_testkit::{Account, peer, python};
use serde_json::json;

use crate::feeds::{finding, rules};
use crate::images::{file, image, layer, sound};
use crate::token;

const USER: &str = "someone";

/// No more than three words.
const PASSWORD: &str = "well made up";

/// Pushes the layout in `oci` as `shop:1` (OCI distribution-spec 1.1, "Pushing Blobs" and "Pushing Manifests").
const PUSHER: &str = r#"
import base64, json, sys, urllib.request
host, user, password = sys.argv[1:]
login = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
def ask(method, url, data=None, kind="application/octet-stream"):
    headers = {"Authorization": login, "Content-Type": kind}
    return urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method))
blob = lambda digest: open("oci/blobs/sha256/" + digest.split(":")[1], "rb").read()
entry = json.load(open("oci/index.json"))["manifests"][0]
manifest = json.loads(blob(entry["digest"]))
for part in [manifest["config"], *manifest["layers"]]:
    place = ask("POST", f"http://{host}/v2/shop/blobs/uploads/", b"").headers["Location"]
    ask("PUT", place + ("&" if "?" in place else "?") + "digest=" + part["digest"], blob(part["digest"]))
ask("PUT", f"http://{host}/v2/shop/manifests/1", blob(entry["digest"]), entry["mediaType"])
"#;

/// A registry that lives as long as this value.
struct Registry {
    process: Child,
    host: String,
    _folder: tempfile::TempDir,
}

impl Registry {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        // crypt(3) of Debian knows the only hash that the registry takes.
        let hash = "print crypt($ARGV[0], q($2b$05$abcdefghijklmnopqrstuu))";
        let hash = peer("perl", &["-e", hash, PASSWORD], at).expect(0).stdout;
        fs::write(at.join("htpasswd"), format!("{USER}:{hash}\n")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let host = format!("127.0.0.1:{port}");
        let config = json!({
            "version": 0.1,
            "log": { "level": "error" },
            "storage": { "filesystem": { "rootdirectory": at.join("store") } },
            "http": { "addr": host },
            "auth": { "htpasswd": { "realm": "shop", "path": at.join("htpasswd") } },
        });
        fs::write(at.join("config.yml"), config.to_string()).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(at.join("config.yml")).env("OTEL_TRACES_EXPORTER", "none");
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let registry = Self { process, host, _folder: folder };
        for _ in 0..200 {
            if TcpStream::connect(&registry.host).is_ok() {
                return registry;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("docker-registry does not answer");
    }

    fn push(&self, folder: &Path) {
        python(PUSHER, &[&self.host, USER, PASSWORD], folder).expect(0);
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `docker login` leaves.
fn log_in(account: &Account, host: &str, password: &str) {
    let pair = format!("{USER}:{password}");
    let encode = "import base64, sys; print(base64.b64encode(sys.argv[1].encode()).decode(), end='')";
    let auth = python(encode, &[&pair], account.home()).expect(0).stdout;
    fs::create_dir_all(account.home().join(".docker")).unwrap();
    let config = json!({ "auths": { host: { "auth": auth } } });
    fs::write(account.home().join(".docker/config.json"), config.to_string()).unwrap();
}

/// Lets Docker's configuration, with what else stands in it, name a helper for all registries, which is this script in a folder of `PATH`.
fn keep(account: &Account, script: &str) {
    let bin = account.home().join("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::create_dir_all(account.home().join(".docker")).unwrap();
    let path = account.home().join(".docker/config.json");
    let mut config = fs::read(&path).map_or(json!({}), |bytes| serde_json::from_slice(&bytes).unwrap());
    config["credsStore"] = json!("made-up");
    fs::write(path, config.to_string()).unwrap();
    let program = bin.join("docker-credential-made-up");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The protocol of `docker-credential-helpers`.
#[test]
fn credentials_that_a_helper_keeps_are_used() {
    let (account, registry) = (Account::new(), Registry::start());
    let folder = image(&sound(), &[layer("COPY", &[file("a", "a\n")])]);
    registry.push(folder.path());
    let name = format!("{}/shop:1", registry.host);
    let path = format!("{}/bin:{}", account.home().display(), std::env::var("PATH").unwrap());
    let scan = |script: &str| {
        keep(&account, script);
        let call = account.call(account.home(), ["scan", "--engine", "secrets", "--image", &name]);
        call.env("PATH", &path).env("GITHUB_TOKEN", "x").run()
    };
    let answer = |password: &str| {
        let log = account.home().join("seen").display().to_string();
        format!(
            "[ \"$1\" = get ] || exit 1\nread server\n{{ echo \"$server\"; env; }} > {log}\necho '{{\"ServerURL\":\"x\",\"Username\":\"{USER}\",\"Secret\":\"{password}\"}}'"
        )
    };
    scan(&answer(PASSWORD)).expect(0);
    let seen = fs::read_to_string(account.home().join("seen")).unwrap();
    assert!(seen.starts_with(&registry.host) && seen.contains("HOME="), "{seen}");
    assert!(!seen.contains("GITHUB_TOKEN"), "{seen}");
    scan(&answer("another word")).expect(5);
    // One that keeps nothing for this registry leaves us nobody.
    let empty = "echo credentials not found in native keychain; exit 1";
    scan(empty).expect(5);
    // A password in the file counts as little then as it does for Docker, unless this registry has no helper.
    log_in(&account, &registry.host, PASSWORD);
    scan(empty).expect(5);
    let path_of_config = account.home().join(".docker/config.json");
    let mut config: serde_json::Value = serde_json::from_slice(&fs::read(&path_of_config).unwrap()).unwrap();
    config["credHelpers"] = json!({ &registry.host: "" });
    fs::write(&path_of_config, config.to_string()).unwrap();
    scan(empty).expect(0);
    fs::remove_file(&path_of_config).unwrap();
    for broken in [
        "exit 1",
        "echo secret words; exit 2",
        "echo '{\"Username\":\"<token>\",\"Secret\":\"x\"}'",
        "echo nothing",
    ] {
        let refused = scan(broken).expect(4).says("DOCKER_CONFIG");
        assert!(!format!("{refused}").contains("secret words"), "{refused}");
    }
    fs::remove_dir_all(account.home().join("bin")).unwrap();
    account.run(account.home(), ["scan", "--image", &name]).expect(4).says("docker-credential-made-up");
    // A name that would be a path.
    let config = "{\"credsStore\": \"../../bin/x\"}";
    fs::write(account.home().join(".docker/config.json"), config).unwrap();
    account.run(account.home(), ["scan", "--image", &name]).expect(2).says("name");
}

#[test]
fn an_image_of_a_registry_with_users_is_pulled_and_scanned() {
    let (account, registry) = (Account::new(), Registry::start());
    let secret = token::github(91);
    let settings = file("app/settings.env", &format!("TOKEN={secret}\n"));
    let folder = image(&sound(), &[layer("COPY . /app", &[settings])]);
    registry.push(folder.path());
    let name = format!("{}/shop:1", registry.host);
    let scan = || account.run(account.home(), ["scan", "--format", "json", "--image", &name]);
    assert_eq!(scan().expect(5).json()["reason"], "registry-access", "nobody logged in");
    log_in(&account, &registry.host, "another word");
    let refused = scan().expect(5);
    assert!(!format!("{refused}").contains("another word"), "{refused}");
    log_in(&account, &registry.host, PASSWORD);
    let found = scan().expect(1);
    token::assert_hidden(&secret, &found.stdout, "registry");
    assert_eq!(finding(&found.json(), "github-pat", "app/settings.env")["layer"]["index"], 0);
    // What it serves is what was pushed: the layout is scanned to the same end.
    let there = account.run(
        account.home(),
        ["scan", "--format", "json", "--image", &folder.path().join("oci").to_string_lossy()],
    );
    assert_eq!(rules(&there.expect(1).json()), rules(&found.json()));
    // Without a name, with another one, and when nobody is there any more.
    let other = format!("{}/shop:2", registry.host);
    account.run(account.home(), ["scan", "--image", &other]).expect(4).says("has no");
    drop(registry);
    scan().expect(4);
}
