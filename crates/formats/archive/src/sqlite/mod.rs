//! SQLite 3 databases (<https://sqlite.org/fileformat2.html>): every table becomes a text of its values.
//!
//! A value in a database page stands between binary neighbours, may be cut by an overflow page, and has lost its column's name. Here
//! it is whole, on a line `TABLE.COLUMN = "value"`. Indexes repeat what tables hold and are left out; the schema is a table too. A page
//! is used once: a second way to it, as in a cycle, is a trouble. What was deleted is not looked for: its bytes stand in the file.

mod btree;
mod declaration;
mod file;
mod record;
mod table;
pub(crate) mod wal;

use crate::member::Trouble;
use crate::visit::{Flow, Visit};
use btree::Walk;
use file::File;
pub use record::Value;
use record::values;
use table::Table;

/// Most tables of one database.
const MAX_TABLES: usize = 10_000;

/// Columns of the schema table, as it would declare itself.
const SCHEMA: &str = "CREATE TABLE sqlite_schema(type, name, tbl_name, rootpage, sql)";

/// A table as the schema has it.
struct Listed {
    name: Vec<u8>,
    root: u32,
    sql: String,
}

pub(crate) fn members(bytes: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    let Some(mut file) = File::open(bytes) else {
        visit.trouble(None, Trouble::Damaged("its header is not one of SQLite"));
        return Flow::Continue(());
    };
    let schema = Listed { name: b"sqlite_schema".to_vec(), root: 1, sql: SCHEMA.to_owned() };
    let mut tables = Vec::new();
    // A page may name one row many times, so that the schema seems larger than the file.
    let mut sql_left = bytes.len().saturating_mul(2);
    let mut is_over = false;
    table(&mut file, &schema, visit, &mut |row| {
        let Some(listed) = listed(row) else { return };
        let left = sql_left.checked_sub(listed.sql.len()).filter(|_| tables.len() < MAX_TABLES);
        is_over |= left.is_none();
        if let Some(left) = left {
            sql_left = left;
            tables.push(listed);
        }
    })?;
    for listed in &tables {
        table(&mut file, listed, visit, &mut |_| {})?;
    }
    if is_over {
        visit.trouble(None, Trouble::Unsupported("a schema of more than 10000 tables".into()));
    }
    if file.is_cut() {
        visit.trouble(None, Trouble::Damaged("it is shorter than its header says"));
    }
    Flow::Continue(())
}

/// Calls `each` for each row of the table `name`, in the order of its tree, and returns what was met besides: a table that is not
/// there, pages and rows that are not whole, each once.
pub fn sqlite_rows(bytes: &[u8], name: &[u8], each: &mut dyn FnMut(&[Value<'_>])) -> Vec<Trouble> {
    let Some(mut file) = File::open(bytes) else {
        return vec![Trouble::Damaged("its header is not one of SQLite")];
    };
    let mut root = None;
    let mut troubles = rows(&mut file, 1, &mut |row| {
        root = root.or(listed(row).filter(|listed| listed.name == name).map(|listed| listed.root));
    });
    let more = match root {
        Some(root) => rows(&mut file, root, each),
        None => vec![Trouble::Damaged("it has no such table")],
    };
    let cut = file.is_cut().then_some(Trouble::Damaged("it is shorter than its header says"));
    for trouble in more.into_iter().chain(cut) {
        if !troubles.contains(&trouble) {
            troubles.push(trouble);
        }
    }
    troubles
}

fn rows(file: &mut File<'_>, root: u32, each: &mut dyn FnMut(&[Value<'_>])) -> Vec<Trouble> {
    let mut walk = Walk::new(root);
    let mut troubles = Vec::new();
    while let Some(row) = walk.next_row(file) {
        match row {
            Err(trouble) if troubles.contains(&trouble) => {}
            Err(trouble) => troubles.push(trouble),
            Ok(row) => each(&values(&row.payload, file.encoding())),
        }
    }
    troubles
}

/// Visits the table `listed`, row by row; `each` sees the rows too. A trouble is told once, however many pages or rows have it.
fn table(
    file: &mut File<'_>,
    listed: &Listed,
    visit: &mut Visit<'_, '_>,
    each: &mut dyn FnMut(&[Value]),
) -> Flow {
    let mut walk = Walk::new(listed.root);
    let mut table = Table::new(&listed.name, &listed.sql);
    let mut told = Vec::new();
    while let Some(row) = walk.next_row(file) {
        match row {
            Err(trouble) if told.contains(&trouble) => {}
            Err(trouble) => {
                visit.trouble(Some(&listed.name), trouble.clone());
                told.push(trouble);
            }
            Ok(row) => {
                let values = values(&row.payload, file.encoding());
                each(&values);
                table.row(row.id, &values, row.is_keyed, visit)?;
            }
        }
    }
    table.flush(visit)
}

/// The table that a row of the schema tells of.
fn listed(row: &[Value<'_>]) -> Option<Listed> {
    let [kind, name, _, root, sql, ..] = row else { return None };
    let (Value::Text(kind), Value::Text(name), Value::Integer(root)) = (kind, name, root) else {
        return None;
    };
    let sql =
        if let Value::Text(sql) = sql { String::from_utf8_lossy(sql).into_owned() } else { String::new() };
    let root = u32::try_from(*root).ok().filter(|root| *root > 0)?;
    (kind.as_ref() == b"table").then(|| Listed { name: name.to_vec(), root, sql })
}
