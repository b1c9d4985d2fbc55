//! `palisade db`: databases of advisories are built, published, fetched and refused.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use palisade_testkit::{Account, Answer, Project, python};
use serde_json::Value;

use crate::feeds::{build, exploited, folder, know, record, time};
use crate::places::files;

fn flaws(count: usize) -> Vec<Value> {
    let flaw = |number: usize| {
        record(
            &format!("GHSA-aaaa-aaaa-{number:04}"),
            "npm",
            &format!("package{number}"),
            &[("introduced", "0"), ("fixed", "2.0.0")],
        )
    };
    (0..count).map(flaw).collect()
}

fn db<const N: usize>(account: &Account, args: [&str; N]) -> Answer {
    account.run(account.home(), [&["db"], args.as_slice()].concat())
}

/// Publishes a database of these records into `out`.
#[track_caller]
fn publish(publisher: &Account, records: &[Value], out: &Path) {
    build(publisher, &[("npm", records)], &time("now"), &["--out", out.to_str().unwrap()]).expect(0);
}

/// How many records the database in use has.
fn in_use(account: &Account) -> u64 {
    db(account, ["info", "--format", "json"]).expect(0).json()["database"]["records"].as_u64().unwrap()
}

/// The only file of the folder that ends in `end`.
fn only(folder: &Path, end: &str) -> PathBuf {
    let found = files(folder).into_iter().filter(|path| path.to_string_lossy().ends_with(end));
    let [file] = <[PathBuf; 1]>::try_from(found.collect::<Vec<_>>()).unwrap();
    file
}

#[test]
fn what_a_folder_holds_becomes_a_database() {
    let account = Account::new();
    let kev = account.home().join("kev.json");
    fs::write(&kev, exploited(&["CVE-2026-0001", "CVE-2026-0002"]).to_string()).unwrap();
    let taken = time("-1 day");
    build(&account, &[("npm", &flaws(3)), ("PyPI", &[])], &taken, &[kev.to_str().unwrap()]).expect(0);
    let info = db(&account, ["info", "--format", "json"]).expect(0).json();
    let database = &info["database"];
    assert_eq!(database["records"], 5, "with one of each feed that nothing is known of: {info:#}");
    assert_eq!(database["feeds"].as_array().unwrap().len(), 2, "records in a folder are one feed: {info:#}");
    assert_eq!(database["known_exploited"]["rows"], 2);
    assert!(info.to_string().contains(&taken), "{info:#}");
    db(&account, ["verify"]).expect(0).says("whole and signed");
    db(&account, ["info"]).expect(0).says("covers npm").says("covers PyPI");
}

#[test]
fn the_same_records_give_the_same_file() {
    // When it was built is in the file, so both are built at once; several attempts make sure that it is in the same second.
    for _ in 0..20 {
        let taken = "2026-03-04T05:06:07Z";
        let digest = || {
            let account = Account::new();
            build(&account, &[("npm", &flaws(20))], taken, &[]).expect(0);
            let database = &db(&account, ["info", "--format", "json"]).json()["database"];
            // To the second: `2026-01-02T03:04:05`.
            let built: String = database["built"].as_str().unwrap().chars().take(19).collect();
            (built, database["digest"].clone())
        };
        let both = thread::scope(|scope| {
            let other = scope.spawn(digest);
            (digest(), other.join().unwrap())
        });
        let ((first, one), (second, other)) = both;
        if first == second {
            assert_eq!(one, other);
            return;
        }
    }
    panic!("the clock is never the same twice");
}

#[test]
fn a_database_that_others_publish_is_taken_over_by_their_key_only() {
    let (publisher, reader, stranger) = (Account::new(), Account::new(), Account::new());
    let out = publisher.home().join("out");
    publish(&publisher, &flaws(3), &out);
    let (key, other) = (publisher.public_key(), {
        know(&stranger, &[("npm", &[])]);
        stranger.public_key()
    });
    let import = |key: &Path| {
        reader.run(
            reader.home(),
            ["db".as_ref(), "import".as_ref(), out.as_os_str(), "--key".as_ref(), key.as_os_str()],
        )
    };
    import(&other).expect(1).says("is refused");
    db(&reader, ["info"]).expect(2).says("there is no database");
    let (database, manifest) = (only(&out, ".db"), only(&out, "manifest.dsse.json"));
    for file in [&database, &manifest] {
        let sound = fs::read(file).unwrap();
        let mut changed = sound.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(file, changed).unwrap();
        import(&key).expect(1).says("is refused");
        fs::write(file, &sound[..sound.len() - 7]).unwrap();
        import(&key).expect(1).says("is refused");
        fs::write(file, sound).unwrap();
    }
    db(&reader, ["info"]).expect(2);
    import(&key).expect(0);
    assert_eq!(in_use(&reader), 4);
    db(&reader, ["verify"]).expect(0);
    // Its scans use it, and remember whose key it was.
    publish(&publisher, &flaws(5), &out);
    reader.run(reader.home(), ["db".as_ref(), "import".as_ref(), out.as_os_str()]).expect(0);
    assert_eq!(in_use(&reader), 6);
}

#[test]
fn an_older_database_is_refused_and_a_delta_is_used() {
    let (publisher, reader) = (Account::new(), Account::new());
    let out = publisher.home().join("out");
    publish(&publisher, &flaws(300), &out);
    let old = publisher.home().join("old");
    crate::places::copy(&out, &old);
    let key = publisher.public_key();
    let update = |from: &Path, key: &[&str]| {
        let args = [&["db", "update", "--from", from.to_str().unwrap()], key].concat();
        reader.run(reader.home(), args)
    };
    update(&out, &["--key", key.to_str().unwrap()]).expect(0);
    publish(&publisher, &flaws(301), &out);
    let (whole, delta) = (only(&out, ".db"), only(&out, ".delta"));
    assert!(
        fs::metadata(&delta).unwrap().len() * 4 < fs::metadata(&whole).unwrap().len(),
        "a delta is small"
    );
    // Without the whole file only the delta can have been used.
    fs::remove_file(&whole).unwrap();
    update(&out, &[]).expect(0);
    assert_eq!(in_use(&reader), 302);
    db(&reader, ["verify"]).expect(0);
    update(&old, &[]).expect(1).says("is refused");
    assert_eq!(in_use(&reader), 302);
}

#[test]
fn two_databases_can_be_compared() {
    let publisher = Account::new();
    let (one, two) = (publisher.home().join("one"), publisher.home().join("two"));
    let mut records = flaws(4);
    publish(&publisher, &records, &one);
    records[0]["withdrawn"] = Value::from("2026-02-02T00:00:00Z");
    records[1]["summary"] = Value::from("something else");
    records.remove(2);
    records.push(record("GHSA-zzzz-zzzz-zzzz", "npm", "new", &[("introduced", "0")]));
    publish(&publisher, &records, &two);
    let (one, two) = (only(&one, ".db"), only(&two, ".db"));
    let args = ["db".as_ref(), "diff".as_ref(), one.as_os_str(), two.as_os_str()];
    let diff = publisher.run(publisher.home(), args).expect(0).stdout;
    let mut lines: Vec<&str> = diff.lines().map(|line| line.split(" (").next().unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        ["+ GHSA-zzzz-zzzz-zzzz", "- GHSA-aaaa-aaaa-0002", "w GHSA-aaaa-aaaa-0000", "~ GHSA-aaaa-aaaa-0001"]
    );
}

#[test]
fn rubbish_is_refused_and_a_record_that_is_lost_is_told() {
    let account = Account::new();
    let place = account.home().join("rubbish");
    fs::create_dir_all(&place).unwrap();
    let call = |path: &Path| account.run(account.home(), ["db".as_ref(), "build".as_ref(), path.as_os_str()]);
    call(&place.join("nothing")).expect(2);
    call(&place).expect(2);
    for (name, bytes) in [
        ("a.json", b"{".to_vec()),
        ("b.json", b"[]".to_vec()),
        ("c.zip", b"PK\x03\x04".to_vec()),
        ("d.csv", b"\xff\xff\xff".to_vec()),
        ("e.tar.gz", vec![0x1f, 0x8b, 8, 0, 0, 0]),
        ("f.json", "[".repeat(200_000).into_bytes()),
    ] {
        let path = place.join(name);
        fs::write(&path, bytes).unwrap();
        call(&path).expect(2);
    }
    call(&place).expect(2);
    db(&account, ["info"]).expect(2).says("palisade db update");
    // With sound ones beside it, the answer is that something is missing.
    folder(&account, "mixed", &flaws(2));
    let mixed = account.home().join("feeds/mixed");
    fs::write(mixed.join("broken.json"), "{").unwrap();
    call(&mixed).expect(3).says("broken.json");
    assert_eq!(in_use(&account), 2);
    for args in [
        ["db", "diff", "x", "y"],
        ["db", "build", "=npm", "--taken=2026-01-01T00:00:00Z"],
        ["db", "build", ".", "--taken=yesterday"],
        ["db", "build", ".=npmx", "--taken=2026-01-01T00:00:00Z"],
    ] {
        account.run(account.home(), args).expect(2);
    }
}

/// Serves a folder over HTTP on this machine; what was asked for is noted.
struct Mirror {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Mirror {
    fn of(root: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(&root, stream.unwrap(), &noted);
            }
        });
        Self { base, asked }
    }
}

fn answer(root: &Path, mut stream: TcpStream, asked: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or("/").trim_start_matches('/').to_owned();
    let body = fs::read(root.join(path.replace("%20", " ")));
    asked.lock().unwrap().push(path);
    let (status, body) = match body {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // Whoever asks may hang up.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

/// Packs a folder of records as OSV does: `ECOSYSTEM/all.zip`.
fn export(root: &Path, ecosystem: &str, records: &Path) {
    let script = "import os, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as out:\n    for name in sorted(os.listdir(sys.argv[2])):\n        out.write(os.path.join(sys.argv[2], name), name)";
    fs::create_dir_all(root.join(ecosystem)).unwrap();
    let archive = root.join(ecosystem).join("all.zip");
    python(script, &[archive.to_str().unwrap(), records.to_str().unwrap()], root).expect(0);
}

#[test]
fn a_mirror_of_osv_is_fetched_or_read_where_it_lies() {
    let account = Account::new();
    let mirror = account.home().join("mirror");
    let python_flaw = record("PYSEC-2026-1", "PyPI", "leftish", &[("introduced", "0"), ("fixed", "1.2.5")]);
    let ghsa =
        record("GHSA-aaaa-aaaa-0009", "GitHub Actions", "acme/act", &[("introduced", "0"), ("fixed", "2")]);
    export(&mirror, "npm", &folder(&account, "npm", &flaws(3)));
    export(&mirror, "PyPI", &folder(&account, "PyPI", &[python_flaw]));
    export(&mirror, "GitHub Actions", &folder(&account, "actions", &[ghsa]));
    let served = Mirror::of(mirror.clone());
    let names = ["--ecosystem", "npm", "--ecosystem", "GitHub Actions"];
    account
        .run(account.home(), [&["db", "update", "--from", &served.base], names.as_slice()].concat())
        .expect(0);
    assert_eq!(in_use(&account), 4);
    db(&account, ["info"]).expect(0).says("covers npm").says("GitHub Actions");
    let asked = served.asked.lock().unwrap().clone();
    assert!(
        asked.iter().any(|path| path == "npm/all.zip") && !asked.iter().any(|path| path.contains("PyPI")),
        "{asked:?}"
    );

    let project = Project::empty();
    project.write("requirements.txt", "leftish==1.2.3\n");
    account.run(project.root(), ["scan"]).expect(3).says("no feed for PyPI");
    db(&account, ["update", "--from", &served.base, "--ecosystem", "nosuch"]).expect(2).says("nosuch");
    assert_eq!(in_use(&account), 4, "what was there stays");

    // The folder itself, all of it; what it was taken at is not known, but for the newest of its records.
    db(&account, ["update", "--from", mirror.to_str().unwrap()]).expect(0);
    db(&account, ["info"]).expect(0).says("covers npm").says("covers PyPI").says("covers GitHub Actions");
    account.run(project.root(), ["scan"]).expect(1).says("too long ago");
    // A truncated archive replaces nothing.
    let archive = mirror.join("npm/all.zip");
    let bytes = fs::read(&archive).unwrap();
    fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
    let answer = db(&account, ["update", "--from", &served.base, "--ecosystem", "npm"]);
    assert!([2, 3].contains(&answer.code), "{answer}");
}

#[test]
fn a_published_database_is_fetched_by_https_or_from_this_machine() {
    let (publisher, reader) = (Account::new(), Account::new());
    let out = publisher.home().join("out");
    publish(&publisher, &flaws(200), &out);
    let served = Mirror::of(out.clone());
    let key = publisher.public_key();
    db(&reader, ["update", "--from", &served.base]).expect(2).says("--key");
    db(&reader, ["update", "--from", &served.base, "--key", key.to_str().unwrap()]).expect(0);
    assert_eq!(in_use(&reader), 201);
    publish(&publisher, &flaws(201), &out);
    served.asked.lock().unwrap().clear();
    db(&reader, ["update", "--from", &served.base]).expect(0);
    assert_eq!(in_use(&reader), 202);
    let asked = served.asked.lock().unwrap().clone();
    assert!(
        asked.iter().any(|path| path.ends_with(".delta")) && !asked.iter().any(|path| path.ends_with(".db")),
        "{asked:?}"
    );
    let database = only(&out, ".db");
    let mut bytes = fs::read(&database).unwrap();
    bytes[100] ^= 1;
    fs::write(&database, bytes).unwrap();
    let other = Account::new();
    db(&other, ["update", "--from", &served.base, "--key", key.to_str().unwrap()]).expect(1);
    db(&other, ["info"]).expect(2);
}

/// Whoever controls the server could otherwise leave the manifest out, and put feeds of their own in its place.
#[test]
fn who_trusts_a_publisher_takes_nothing_that_is_not_signed() {
    let (publisher, reader) = (Account::new(), Account::new());
    let out = publisher.home().join("out");
    publish(&publisher, &flaws(3), &out);
    let key = publisher.public_key();
    let root = publisher.home().join("stripped");
    export(&root, "npm", &folder(&publisher, "npm", &flaws(1)));
    let served = Mirror::of(root.clone());
    let update = |from: &str, key: &[&str]| {
        let args = ["db", "update", "--from", from, "--ecosystem", "npm"];
        reader.run(reader.home(), [&args, key].concat())
    };
    let sources = [served.base.as_str(), root.to_str().unwrap()];
    for from in sources {
        update(from, &["--key", key.to_str().unwrap()]).expect(1).says("no signed manifest");
    }
    db(&reader, ["info"]).expect(2);
    db(&reader, ["import", out.to_str().unwrap()]).expect(2).says("--key");
    db(&reader, ["import", out.to_str().unwrap(), "--key", key.to_str().unwrap()]).expect(0);
    for from in sources {
        update(from, &[]).expect(1).says("no signed manifest").says("publisher.pub");
        assert_eq!(in_use(&reader), 4, "what was there stays");
    }
    fs::remove_file(reader.home().join(".local/share/palisade/advisories/publisher.pub")).unwrap();
    update(sources[0], &[]).expect(0);
    assert_eq!(in_use(&reader), 1);
}

#[test]
fn what_is_published_can_be_read_by_a_server() {
    use std::os::unix::fs::PermissionsExt;
    let publisher = Account::new();
    let out = publisher.home().join("out");
    publish(&publisher, &flaws(3), &out);
    publish(&publisher, &flaws(4), &out);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&out), 0o755);
    for end in [".db", ".delta", "manifest.dsse.json"] {
        assert_eq!(mode(&only(&out, end)), 0o644, "{end}");
    }
    know(&publisher, &[("npm", &[])]);
    assert_eq!(mode(&publisher.home().join(".local/share/palisade/advisories")), 0o700);
}

#[test]
fn addresses_without_transport_security_and_without_an_answer_are_told_apart() {
    let account = Account::new();
    for address in [
        "http://mirror.example/osv",
        "http://127.0.0.1.mirror.example/",
        "http://localhost@mirror.example/",
        "ftp://mirror.example/",
    ] {
        db(&account, ["update", "--from", address]).expect(2).says("transport security");
    }
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    db(&account, ["update", "--from", &format!("http://127.0.0.1:{free}")])
        .expect(4)
        .says("palisade db build");
    db(&account, ["update", "--from", "/nowhere/at/all"]).expect(2);
}
