use std::process::Command;

use crate::{distribution, names, problems, read};

const PATH: &str = "var/lib/rpm/rpmdb.sqlite";

/// One entry of a header: tag, type, count and data (rpm's "Header format").
pub(crate) enum Field<'a> {
    Text(u32, &'a str),
    Texts(u32, &'a [&'a str]),
    Numbers(u32, &'a [u32]),
}

pub(crate) fn header(fields: &[Field<'_>]) -> Vec<u8> {
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for field in fields {
        let (tag, kind, count) = match field {
            Field::Text(tag, text) => {
                let at = data.len();
                data.extend_from_slice(text.as_bytes());
                data.push(0);
                index.push((*tag, 6, at, 1));
                continue;
            }
            Field::Texts(tag, texts) => (*tag, 8, texts.len()),
            Field::Numbers(tag, numbers) => (*tag, 4, numbers.len()),
        };
        data.resize(data.len().next_multiple_of(4), 0);
        index.push((tag, kind, data.len(), count));
        match field {
            Field::Texts(_, texts) => {
                texts.iter().for_each(|text| data.extend([text.as_bytes(), &[0]].concat()))
            }
            Field::Numbers(_, numbers) => numbers.iter().for_each(|number| data.extend(number.to_be_bytes())),
            Field::Text(..) => {}
        }
    }
    let mut blob = Vec::new();
    blob.extend(u32::try_from(index.len()).unwrap().to_be_bytes());
    blob.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    for (tag, kind, at, count) in index {
        for number in [tag, kind, u32::try_from(at).unwrap(), u32::try_from(count).unwrap()] {
            blob.extend(number.to_be_bytes());
        }
    }
    blob.extend(data);
    blob
}

/// A database as rpm lays it out, made by Python's SQLite.
pub(crate) fn database(blobs: &[Vec<u8>]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let mut script = String::from(
        "import sqlite3\ndb = sqlite3.connect('x')\n\
         db.execute('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)')\n\
         db.execute(\"CREATE TABLE Name (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)\")\n",
    );
    for blob in blobs {
        let hex: String = blob.iter().map(|byte| format!("{byte:02x}")).collect();
        script.push_str(&format!(
            "db.execute('INSERT INTO Packages(blob) VALUES (?)', (bytes.fromhex('{hex}'),))\n"
        ));
    }
    script.push_str("db.commit()\ndb.close()\n");
    std::fs::write(folder.path().join("make.py"), script).unwrap();
    let status = Command::new("python3").arg("make.py").current_dir(folder.path()).status().unwrap();
    assert!(status.success());
    std::fs::read(folder.path().join("x")).unwrap()
}

pub(crate) fn bash() -> Vec<u8> {
    header(&[
        Field::Text(1000, "bash"),
        Field::Text(1001, "5.1.8"),
        Field::Text(1002, "9.el9"),
        Field::Text(1014, "GPL-3.0-or-later"),
        Field::Text(1022, "x86_64"),
        Field::Text(1044, "bash-5.1.8-9.el9.src.rpm"),
        Field::Texts(1047, &["bash", "/bin/sh"]),
        Field::Texts(1049, &["glibc", "rpmlib(X)"]),
        Field::Numbers(1116, &[1, 0]),
        Field::Texts(1117, &["sh", ".bashrc"]),
        Field::Texts(1118, &["/etc/skel/", "/usr/bin/"]),
    ])
}

#[test]
fn packages_are_read_with_epoch_module_source_and_files() {
    let rocky = distribution("ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    let glibc = header(&[
        Field::Text(1000, "glibc"),
        Field::Text(1001, "2.34"),
        Field::Text(1002, "100.el9"),
        Field::Numbers(1003, &[0]),
        Field::Text(1022, "x86_64"),
        Field::Text(5096, "m:1:2:abc"),
    ]);
    let key = header(&[Field::Text(1000, "gpg-pubkey"), Field::Text(1001, "x"), Field::Text(1002, "y")]);
    let installed = read(PATH, &database(&[bash(), key, glibc]), &rocky);
    assert_eq!(problems(&installed), []);
    assert_eq!(names(&installed), [("bash", "5.1.8-9.el9"), ("glibc", "0:2.34-100.el9")]);
    let packages = &installed.reading.packages;
    assert_eq!(packages[0].purl.to_string(), "pkg:rpm/rocky/bash@5.1.8-9.el9?arch=x86_64&distro=rocky-9.4");
    assert_eq!(
        packages[1].purl.to_string(),
        "pkg:rpm/rocky/glibc@2.34-100.el9?arch=x86_64&distro=rocky-9.4&epoch=0&rpmmod=m:1:2:abc"
    );
    assert_eq!(packages[0].licences, ["GPL-3.0-or-later"]);
    assert_eq!(packages[0].source.as_ref().unwrap().version, "5.1.8-9.el9");
    assert_eq!(packages[0].dependencies, [1]);
    assert_eq!(installed.owners.owner(b"bin/sh"), Some(0));
    assert_eq!(installed.owners.owner(b"etc/skel/.bashrc"), Some(0));
}

#[test]
fn what_is_broken_is_told_and_the_rest_is_read() {
    let rocky = distribution("ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    let nameless = header(&[Field::Text(1001, "1")]);
    let unversioned = header(&[Field::Text(1000, "x"), Field::Text(1001, "1")]);
    let mut cut = bash();
    cut.truncate(40);
    let huge = [0xff; 64].to_vec();
    let installed = read(PATH, &database(&[nameless, bash(), unversioned, cut, huge]), &rocky);
    assert_eq!(names(&installed), [("bash", "5.1.8-9.el9")]);
    assert_eq!(
        problems(&installed),
        [
            (None, "row 1 of the packages has a header without a name"),
            (None, "row 3 of the packages holds `x` without a release"),
            (None, "row 4 of the packages has a header that is cut short"),
            (None, "row 5 of the packages has a header of an impossible size"),
        ]
    );
}

#[test]
fn databases_that_are_not_read_are_told() {
    let rocky = distribution("ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    for path in ["var/lib/rpm/Packages", "usr/lib/sysimage/rpm/Packages.db", "usr/share/rpm/rpmdb.sqlite-wal"]
    {
        assert_eq!(problems(&read(path, b"x", &rocky)).len(), 1, "{path}");
        assert_eq!(problems(&read(path, b"", &rocky)), [], "{path}");
    }
    // Whatever the place is.
    for folder in ["var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"] {
        for name in ["Packages", "Packages.db"] {
            assert_eq!(
                problems(&read(&format!("{folder}/{name}"), b"RpmP", &rocky)).len(),
                1,
                "{folder}/{name}"
            );
        }
    }
    assert_eq!(
        problems(&read(PATH, b"rubbish", &rocky)),
        [(None, "is damaged: its header is not one of SQLite")]
    );
    let empty = database(&[]);
    assert_eq!(problems(&read(PATH, &empty, &rocky)), []);
}

/// A database of Berkeley DB as rpm lays it out, made by Perl's `DB_File`, which is libdb.
fn berkeley(blobs: &[Vec<u8>], page: usize, order: usize) -> Vec<u8> {
    const SCRIPT: &str = r#"
        use DB_File; use Fcntl;
        my $info = new DB_File::HASHINFO; $info->{bsize} = $ARGV[0]; $info->{lorder} = $ARGV[1];
        tie(my %h, "DB_File", "Packages", O_RDWR|O_CREAT, 0644, $info) or die "$!";
        $h{pack("V", 0)} = pack("V", 9999);
        for my $file (glob("blob-*")) { local $/; open(my $in, "<:raw", $file); $h{pack("V", $file =~ /(\d+)/)} = <$in>; }
        untie %h;
    "#;
    let folder = tempfile::tempdir().unwrap();
    for (number, blob) in (1..).zip(blobs) {
        std::fs::write(folder.path().join(format!("blob-{number}")), blob).unwrap();
    }
    let mut perl = Command::new("perl");
    perl.args(["-e", SCRIPT, &page.to_string(), &order.to_string()]).current_dir(folder.path());
    assert!(perl.status().unwrap().success());
    std::fs::read(folder.path().join("Packages")).unwrap()
}

/// Adler-32 (RFC 1950, section 8.2), by its definition.
fn adler(bytes: &[u8]) -> u32 {
    let (one, two) = bytes.iter().fold((1, 0), |(one, two), byte| {
        let one = (one + u32::from(*byte)) % 65521;
        (one, (two + one) % 65521)
    });
    two << 16 | one
}

/// rpm's own database (`lib/backend/ndb` of rpm): a page of slots for each 250 packages, then the packages.
fn own(blobs: &[Vec<u8>]) -> Vec<u8> {
    let pages = blobs.len() / 250 + 1;
    let number = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let mut file = [b"RpmP".as_slice(), &number(0), &number(7), &number(pages), &[0; 16]].concat();
    let mut packages = Vec::new();
    for (index, blob) in blobs.iter().enumerate() {
        let at = (pages * 4096 + packages.len()) / 16;
        let blocks = (16 + blob.len() + 12).div_ceil(16);
        file.extend([b"Slot".as_slice(), &number(index + 1), &number(at), &number(blocks)].concat());
        let mut package =
            [b"BlbS".as_slice(), &number(index + 1), &number(7), &number(blob.len()), blob].concat();
        package.resize(blocks * 16 - 12, 0);
        let sum = adler(&package);
        packages.extend([&package, sum.to_le_bytes().as_slice(), &number(blob.len()), b"BlbE"].concat());
    }
    while file.len() < pages * 4096 {
        file.extend([b"Slot".as_slice(), &[0; 12]].concat());
    }
    [file, packages].concat()
}

/// Packages of all sizes, so that some lie in a page of a hash and some beside.
fn many() -> Vec<Vec<u8>> {
    let package = |number: usize| {
        let filler = "x".repeat(number * 37 % 9000);
        let name = format!("package-{number}");
        header(&[
            Field::Text(1000, &name),
            Field::Text(1001, "1"),
            Field::Text(1002, "2"),
            Field::Text(1014, &filler),
        ])
    };
    (0..600).map(package).collect()
}

#[test]
fn every_kind_of_database_tells_the_same() {
    let rocky = distribution("ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    let told = |path: &str, bytes: &[u8]| {
        let installed = read(path, bytes, &rocky);
        assert_eq!(problems(&installed), [], "{path}");
        let mut told: Vec<_> = installed
            .reading
            .packages
            .into_iter()
            .map(|mut package| {
                package.dependencies.clear();
                package
            })
            .collect();
        told.sort_by(|one, other| one.name.cmp(&other.name));
        told
    };
    let blobs = [many(), vec![bash()]].concat();
    let expected = told(PATH, &database(&blobs));
    assert_eq!(expected.len(), 601);
    assert_eq!(told("usr/lib/sysimage/rpm/Packages.db", &own(&blobs)), expected);
    for (page, order) in [(4096, 1234), (512, 1234), (65536, 1234), (4096, 4321)] {
        assert_eq!(told("var/lib/rpm/Packages", &berkeley(&blobs, page, order)), expected, "{page} {order}");
    }
}

/// The header has the number of the last page at byte 32 (`db_page.h`, `DBMETA`).
#[test]
fn pages_are_read_whatever_the_header_says_of_their_number() {
    let rocky = distribution("ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    let whole = berkeley(&many(), 512, 1234);
    let last = u32::try_from(whole.len() / 512 - 1).unwrap();
    assert_eq!(whole[32..36], last.to_le_bytes());
    for number in [0, 1, last - 1, last + 1, u32::MAX] {
        let mut edited = whole.clone();
        edited[32..36].copy_from_slice(&number.to_le_bytes());
        let installed = read("var/lib/rpm/Packages", &edited, &rocky);
        assert_eq!(problems(&installed), [(None, "has not as many pages as its header says")], "{number}");
        assert_eq!(installed.reading.packages.len(), 600, "{number}");
    }
}

/// Behind a package stand a checksum of it and of what stands before it, its length and a magic.
#[test]
fn a_package_that_was_changed_is_told_and_read() {
    assert_eq!(adler(b"Wikipedia"), 0x11e6_0398, "the value that everybody has");
    const PATH: &str = "usr/lib/sysimage/rpm/Packages.db";
    let rocky = distribution("ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    let whole = own(&[bash()]);
    assert_eq!(problems(&read(PATH, &whole, &rocky)), []);
    let end = whole.len();
    let name = whole.windows(5).position(|window| window == b"bash\0").unwrap();
    let told = |at: usize, with: u8| {
        let mut edited = whole.clone();
        assert_ne!(std::mem::replace(&mut edited[at], with), with);
        let installed = read(PATH, &edited, &rocky);
        let names: Vec<_> = installed.reading.packages.iter().map(|package| package.name.clone()).collect();
        let problems = problems(&installed).into_iter().map(|(_, detail)| detail.to_owned());
        (names.join(" "), problems.collect::<Vec<_>>().join("; "))
    };
    let wrong = |name: &str| (name.to_owned(), "holds a package with a wrong checksum".to_owned());
    assert_eq!(told(name, b'd'), wrong("dash"), "a letter of the package");
    assert_eq!(told(end - 12, whole[end - 12] ^ 1), wrong("bash"), "the checksum itself");
    assert_eq!(told(4096 + 8, 8), wrong("bash"), "the time before it");
    assert_eq!(told(end - 13, 1), wrong("bash"), "the space behind it");
    let torn = ("bash".to_owned(), "holds a package that does not end where it should".to_owned());
    assert_eq!(told(end - 8, whole[end - 8] ^ 1), torn, "its length again");
    assert_eq!(told(end - 1, b'X'), torn, "the last magic");
    // A slot that is free names no place.
    let lost = (String::new(), "has a slot that is neither free nor that of a package".to_owned());
    assert_eq!(told(32 + 4, 0), lost);
}

/// Where packages lie, each byte broken in turn: read or told, never a panic, and nothing read twice.
#[test]
fn a_database_with_any_byte_broken_is_read_or_told() {
    let rocky = distribution("ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    let blobs = [many()[..6].to_vec(), vec![bash()]].concat();
    for (path, whole) in
        [("var/lib/rpm/Packages", berkeley(&blobs, 512, 1234)), ("var/lib/rpm/Packages.db", own(&blobs))]
    {
        let is_told = |bytes: &[u8]| {
            let installed = read(path, bytes, &rocky);
            assert!(installed.reading.packages.len() <= blobs.len());
            !installed.reading.problems.is_empty()
        };
        for len in (1..whole.len()).step_by(97) {
            assert!(is_told(&whole[..len]), "{path} cut at {len}");
        }
        for at in (0..whole.len()).step_by(5) {
            let mut broken = whole.clone();
            broken[at] ^= 0xff;
            is_told(&broken);
        }
    }
    // Behind its header every byte of rpm's own database is checked by something.
    let whole = own(&blobs);
    for at in (32..whole.len()).step_by(3) {
        let mut broken = whole.clone();
        broken[at] ^= 0x10;
        let installed = read("var/lib/rpm/Packages.db", &broken, &rocky);
        assert!(!installed.reading.problems.is_empty(), "nothing is told of byte {at}");
    }
    // Two slots of one package, and two values on the same pages.
    let mut twice = own(&blobs);
    let first: [u8; 16] = twice[32..48].try_into().unwrap();
    for at in (32..4096).step_by(16) {
        twice[at..at + 16].copy_from_slice(&first);
    }
    let installed = read("var/lib/rpm/Packages.db", &twice, &rocky);
    assert_eq!(problems(&installed), [(None, "has packages that lie over each other")]);
}

/// What fuzzing begins with must be read to its end, or nothing behind its fault is ever met.
#[test]
fn the_seeds_of_old_databases_are_whole() {
    let rocky = distribution("ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fuzz/seeds/rpmdb_old");
    let mut told = Vec::new();
    for seed in std::fs::read_dir(folder).unwrap() {
        let name = seed.as_ref().unwrap().file_name().into_string().unwrap();
        let path = if name.starts_with("ndb") { "var/lib/rpm/Packages.db" } else { "var/lib/rpm/Packages" };
        let installed = read(path, &std::fs::read(seed.unwrap().path()).unwrap(), &rocky);
        assert_eq!(problems(&installed), [], "{name}");
        told.push((name, installed.reading.packages.len()));
    }
    told.sort();
    let expected = [("bdb", 1), ("bdb_overflow_big_endian", 2), ("ndb", 2)];
    assert_eq!(told, expected.map(|(name, packages)| (name.to_owned(), packages)));
}

/// The query format of the manifests that Azure Linux's toolkit writes into images without rpm.
#[test]
fn manifests_of_azure_linux_have_a_package_a_line() {
    const MANIFEST: &str = "var/lib/rpmmanifest/container-manifest-2";
    let azure = distribution("ID=mariner\nVERSION_ID=\"2.0\"\n");
    let text = "openssl-libs\t1.1.1k-15.cm2\t1653816591\t1653631609\tMicrosoft Corporation\t(none)\t4365048\tx86_64\t0\topenssl-1.1.1k-15.cm2.src.rpm\r\nbind\t9.16-1.cm2\t1\t1\tx\t32\t1\tnoarch\t32\tbind-9.16-1.cm2.src.rpm\n\n";
    let installed = read(MANIFEST, text.as_bytes(), &azure);
    assert_eq!(problems(&installed), []);
    assert_eq!(names(&installed), [("openssl-libs", "1.1.1k-15.cm2"), ("bind", "32:9.16-1.cm2")]);
    let package = &installed.reading.packages[0];
    let source = package.source.as_ref().unwrap();
    assert_eq!((source.name.as_str(), source.version.as_str()), ("openssl", "1.1.1k-15.cm2"));
    assert_eq!(package.purl.qualifiers()["arch"], "x86_64");
    assert_eq!(package.line, 1);
    assert!(package.ecosystem.as_ref().unwrap().as_str().starts_with("Azure Linux"));
    let damaged =
        read(MANIFEST, b"a\tb\n\t1-1\t1\t1\tx\t0\t1\ta\t0\tx\n\xff\t1-1\t1\t1\tx\t0\t1\ta\t0\tx\n", &azure);
    assert_eq!(
        problems(&damaged),
        [
            (Some(1), "has not the ten parts of a package"),
            (Some(2), "has a name that is empty"),
            (Some(3), "has a name that is not UTF-8"),
        ]
    );
}
