use crate::peer::{open, python};

/// A database that `script` fills through `db`.
pub(crate) fn database(script: &str) -> Vec<u8> {
    python(&format!(
        "import sqlite3, tempfile, os\nd = tempfile.mkdtemp()\np = os.path.join(d, 'x')\ndb = sqlite3.connect(p)\n\
         {script}\ndb.commit()\ndb.close()\nout.write(open(p, 'rb').read())\nos.remove(p); os.rmdir(d)"
    ))
}

/// The log of a database into which rows went that are not in the database yet.
pub(crate) fn log() -> Vec<u8> {
    python(
        "import sqlite3, tempfile, os, shutil\nd = tempfile.mkdtemp()\np = os.path.join(d, 'x')\ndb = sqlite3.connect(p, isolation_level=None)\n\
         db.execute('pragma journal_mode=wal')\ndb.execute('create table t(a, b)')\ndb.execute('pragma wal_checkpoint(truncate)')\n\
         db.execute('insert into t values (?, ?)', ('name', 'acme'))\ndb.execute('insert into t values (7, ?)', ('y' * 9000,))\n\
         out.write(open(p + '-wal', 'rb').read())\ndb.close()\nshutil.rmtree(d)",
    )
}

#[test]
fn rows_that_only_the_log_has_are_read() {
    let opened = open("x.db-wal", &log());
    assert_eq!(opened.troubles, []);
    // A page is there once for each change of it; the longer row goes on in pages of its own.
    let text = opened.text("wal");
    assert_eq!(text.matches("wal.value = \"name\"\nwal.column2 = \"acme\"\n").count(), 2, "{text}");
    assert!(text.contains("CREATE TABLE t(a, b)") && !text.contains("yyyy"), "{text}");
}

#[test]
fn every_value_of_every_table_is_read_back() {
    let opened = open(
        "x.db",
        &database(
            "db.execute('create table users(id integer primary key, \"full name\" text, score real, note)')\n\
             db.execute('insert into users values (7, ?, 1.5, null)', ('A \"B\"\\nC',))\n\
             db.execute('insert into users values (8, ?, -2, ?)', ('\u{e4}', b'bytes'))\n\
             db.execute('insert into users values (9, ?, 1, ?)', (-(1 << 40), 0))",
        ),
    );
    assert_eq!(opened.troubles, []);
    assert_eq!(
        opened.text("users"),
        "users.full name = \"A \"B\"\nC\"\nusers.score = 1.5\n\
         users.full name = \"\u{e4}\"\nusers.score = -2\nusers.note = \"bytes\"\n\
         users.full name = \"-1099511627776\"\nusers.score = 1\nusers.note = 0\n"
    );
    assert!(opened.text("sqlite_schema").contains("sqlite_schema.sql = \"CREATE TABLE users(id integer"));
}

#[test]
fn many_rows_and_values_over_many_pages_are_read_back() {
    for (pragma, key) in
        [("pragma page_size=512", ""), ("pragma page_size=65536", ""), ("", " without rowid")]
    {
        let opened = open(
            "x.db",
            &database(&format!(
                "db.execute('{pragma}')\ndb.execute('create table t(v text, k text primary key){key}')\n\
                 db.executemany('insert into t values (?, ?)', ((f'v{{n}}-' + 'x' * (n * 7 % 3000), f'k{{n:05}}') for n in range(2000)))"
            )),
        );
        assert_eq!(opened.troubles, [], "{pragma}{key}");
        let mut lines: Vec<&str> = opened.text("t").lines().collect();
        lines.sort_unstable();
        let mut expected: Vec<String> = (0..2000)
            .flat_map(|n: usize| {
                [format!("t.k = \"k{n:05}\""), format!("t.v = \"v{n}-{}\"", "x".repeat(n * 7 % 3000))]
            })
            .collect();
        expected.sort_unstable();
        assert!(lines == expected, "{pragma}{key}");
    }
}

#[test]
fn text_in_utf_16_becomes_utf_8() {
    for encoding in ["UTF-16le", "UTF-16be"] {
        let opened = open(
            "x.db",
            &database(&format!(
                "db.execute('pragma encoding=\"{encoding}\"')\ndb.execute('create table t(schl\u{fc} text)')\n\
                 db.execute('insert into t values (?)', ('\u{e4}\u{1f511}',))"
            )),
        );
        assert_eq!(opened.text("t"), "t.schl\u{fc} = \"\u{e4}\u{1f511}\"\n", "{encoding}");
    }
}

#[test]
fn virtual_columns_do_not_shift_the_others() {
    let opened = open(
        "x.db",
        &database(
            "db.execute('create table t(a, b as (a + 1), c as (a + 2) stored, d)')\n\
             db.execute('insert into t(a, d) values (1, 2)')\ndb.execute('alter table t add column e default 5')",
        ),
    );
    assert_eq!(opened.text("t"), "t.a = 1\nt.c = 3\nt.d = 2\n");
}

#[test]
fn blobs_are_members_when_something_is_in_them() {
    let opened = open(
        "x.db",
        &database(
            "import gzip\ndb.execute('create table t(b)')\n\
             for v in (gzip.compress(b'inside', mtime=0), b'\\xff\\xfe\\x00\\x01', b'\\xff\\x00some text\\x00', b'as text'):\n \
             db.execute('insert into t values (?)', (v,))",
        ),
    );
    assert_eq!(opened.names(), ["sqlite_schema", "t/b-1", "t/b-3", "t"]);
    assert_eq!(opened.text("t"), "t.b = \"as text\"\n");
    assert_eq!(open("b.gz", opened.file("t/b-1")).file("b"), b"inside");
    assert_eq!(opened.file("t/b-3"), b"\xff\0some text\0");
}

fn large() -> Vec<u8> {
    database(
        "db.execute('create table t(a)')\ndb.executemany('insert into t values (?)', (('row%d' % n,) for n in range(5000)))",
    )
}

#[test]
fn a_cycle_of_pages_ends() {
    let mut bytes = large();
    // The root of the table is page 2, an interior page; its first child becomes itself.
    assert_eq!(bytes[4096], 5);
    let cell = usize::from(u16::from_be_bytes([bytes[4096 + 12], bytes[4096 + 13]]));
    bytes[4096 + cell..4096 + cell + 4].copy_from_slice(&2_u32.to_be_bytes());
    let opened = open("x.db", &bytes);
    assert_eq!(opened.told(), ["t is damaged: one of its pages is missing or used twice"]);
    assert!(opened.text("t").contains("\"row4999\""));
}

#[test]
fn a_cut_file_yields_the_pages_it_has() {
    let bytes = large();
    let opened = open("x.db", &bytes[..bytes.len() / 2]);
    assert!(opened.text("t").contains("\"row100\""));
    assert!(
        opened.told().contains(&"- is damaged: it is shorter than its header says".to_owned()),
        "{:?}",
        opened.told()
    );
}
