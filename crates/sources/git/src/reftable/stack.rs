//! The tables of one folder, read as one.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use palisade_sys::beneath::open_host_regular;

use super::table::{LogEntry, LogRecord, RefRecord, Table, TableError, Target};
use crate::history::{Flaw, HistoryGap};

/// The file that names the tables, the oldest first (technical/reftable, "Layout").
const LIST: &str = "tables.list";

/// Bytes of that list.
const MAX_LIST_BYTES: u64 = 1 << 20;

/// Tables of one folder.
const MAX_TABLES: usize = 10_000;

/// How often the list is read when a table that it names is gone: git writes several tables into one, then removes them.
const MAX_TRIES: usize = 3;

/// What reading tables may still take.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Bytes of files.
    files: u64,
    /// Bytes of memory, of which a record takes many more than it is written in.
    memory: usize,
}

/// What a block of memory may take beside what it is for.
const ALLOCATION: usize = 32;

impl Default for Budget {
    fn default() -> Self {
        Self { files: 256 << 20, memory: 768 << 20 }
    }
}

impl Budget {
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), TableError> {
        let left = self.memory.checked_sub(bytes.saturating_add(ALLOCATION));
        self.memory = left.ok_or(TableError::Budget)?;
        Ok(())
    }

    /// Takes what a reference takes beside its names.
    pub(super) fn spend_ref(&mut self) -> Result<(), TableError> {
        self.spend(kept::<RefRecord, Target>())
    }

    /// The same of an entry of a log.
    pub(super) fn spend_log(&mut self) -> Result<(), TableError> {
        self.spend(kept::<LogRecord, (u64, Option<LogEntry>)>())
    }

    pub(super) fn copy(&mut self, bytes: &[u8]) -> Result<Vec<u8>, TableError> {
        self.spend(bytes.len())?;
        Ok(bytes.to_vec())
    }
}

/// What a record takes that becomes one of several `Entry` of a name: in the list of its table, which may be half empty, and in the list
/// of its name, and that in a map, whose nodes may be half empty.
const fn kept<Record, Entry>() -> usize {
    2 * (size_of::<Record>() + size_of::<Entry>() + size_of::<Vec<u8>>() + size_of::<Vec<Entry>>())
}

/// What tables say, by name.
#[derive(Debug, Default)]
struct Records {
    /// What a reference named in each table that speaks of it, the oldest first.
    refs: BTreeMap<Vec<u8>, Vec<Target>>,
    /// Changes by their number; of several with one number the last one counts.
    logs: BTreeMap<Vec<u8>, Vec<(u64, Option<LogEntry>)>>,
}

impl Records {
    fn add(&mut self, table: Table) {
        for record in table.refs {
            // Most names are those of one table.
            self.refs.entry(record.name).or_insert_with(|| Vec::with_capacity(1)).push(record.target);
        }
        for record in table.logs {
            let log = self.logs.entry(record.name).or_insert_with(|| Vec::with_capacity(1));
            log.push((record.update, record.entry));
        }
    }

    /// Entries of one number stay in the order of their tables.
    fn sort(&mut self) {
        self.logs.values_mut().for_each(|log| log.sort_by_key(|(update, _)| *update));
    }

    /// Every name, and what was ever said of it, as git writes it into files.
    fn for_each_text(&self, visit: &mut dyn FnMut(&[u8], &[u8])) {
        for (name, targets) in &self.refs {
            let mut text = Vec::new();
            for target in targets {
                match target {
                    Target::Deleted => {}
                    Target::Object(id) => text.extend_from_slice(format!("{id}\n").as_bytes()),
                    Target::Reference(other) => text.extend([b"ref: ", other.as_slice(), b"\n"].concat()),
                }
            }
            visit(name, &text);
        }
        for (name, log) in &self.logs {
            let lines: Vec<_> = log.iter().filter_map(|(_, entry)| Some(log_line(entry.as_ref()?))).collect();
            visit(&[b"logs/", name.as_slice()].concat(), &lines.concat());
        }
    }
}

/// One entry as in a file of logs (gitrepository-layout(5), `logs`).
fn log_line(entry: &LogEntry) -> Vec<u8> {
    let LogEntry { old, new, name, email, time, zone, message } = entry;
    let (ids, when) = (format!("{old} {new} "), format!("> {time} {zone:+05}\t"));
    let message = message.trim_ascii_end();
    [ids.as_bytes(), name, b" <", email, when.as_bytes(), message, b"\n"].concat()
}

/// The references of one work tree, or those that all share.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    records: Records,
    /// Of tables that are there and not in the list: git takes no notice of them.
    leftovers: Records,
    pub(super) gaps: Vec<HistoryGap>,
}

impl Stack {
    /// Reads the tables in `folder`, which people know as `label`.
    pub(super) fn read(folder: &Path, label: &str, hash_bytes: usize, budget: &mut Budget) -> Self {
        let mut tries = 0;
        loop {
            tries += 1;
            match Self::read_once(folder, label, hash_bytes, budget, tries == MAX_TRIES) {
                Some(stack) => return stack,
                None => continue,
            }
        }
    }

    /// None when a table is gone and it is not the `last` time.
    fn read_once(
        folder: &Path,
        label: &str,
        hash_bytes: usize,
        budget: &mut Budget,
        last: bool,
    ) -> Option<Self> {
        let mut stack = Self::default();
        let list = match read_file(&folder.join(LIST), MAX_LIST_BYTES) {
            Ok(list) => list,
            Err(error) => {
                stack.gaps.push(flaw_of(&error).at_file(format!("{label}/{LIST}")));
                Vec::new()
            }
        };
        let lines = list.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let names: Vec<Vec<u8>> = lines.map(<[u8]>::to_vec).collect();
        for name in names.iter().take(MAX_TABLES) {
            match read_table(folder, name, hash_bytes, budget) {
                Ok(table) => stack.records.add(table),
                Err(flaw) if flaw == gone() && !last => return None,
                Err(flaw) => stack.gaps.push(flaw.at_file(shown(label, name))),
            }
        }
        if names.len() > MAX_TABLES {
            stack.gaps.push(Flaw::budget().at_file(format!("{label}/{LIST}")));
        }
        for name in tables_in(folder).iter().filter(|name| !names.contains(name)).take(MAX_TABLES) {
            match read_table(folder, name, hash_bytes, budget) {
                Ok(table) => stack.leftovers.add(table),
                // Another process may be at work.
                Err(flaw) => stack.gaps.push(flaw.noted().at_file(shown(label, name))),
            }
        }
        stack.records.sort();
        stack.leftovers.sort();
        Some(stack)
    }

    /// What a reference names; none when there is no such reference.
    pub(super) fn target(&self, name: &[u8]) -> Option<&Target> {
        self.records.refs.get(name)?.last().filter(|target| **target != Target::Deleted)
    }

    /// All references whose names begin with `prefix`, in order.
    pub(super) fn below<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = (&'a [u8], &'a Target)> {
        let from = self.records.refs.range(prefix.to_vec()..);
        let own = from.take_while(move |(name, _)| name.starts_with(prefix));
        own.filter_map(|(name, _)| Some((name.as_slice(), self.target(name)?)))
    }

    /// The changes of a reference, the newest first.
    pub(super) fn log(&self, name: &[u8]) -> impl Iterator<Item = &LogEntry> {
        let changes = self.records.logs.get(name).map_or(&[][..], |log| log).iter().rev();
        let mut before = None;
        changes.filter_map(move |(update, entry)| {
            let is_overruled = before.replace(*update) == Some(*update);
            entry.as_ref().filter(|_| !is_overruled)
        })
    }

    /// Names of references that have a log.
    pub(super) fn logged(&self) -> impl Iterator<Item = &[u8]> {
        self.records.logs.keys().map(Vec::as_slice)
    }

    /// Calls `visit` for all that the tables say, also what later ones take back: the name of a file that git would have for it, and what
    /// would stand in it.
    pub(super) fn for_each_text(&self, visit: &mut dyn FnMut(&[u8], &[u8])) {
        self.records.for_each_text(visit);
        self.leftovers.for_each_text(visit);
    }
}

/// A table that the list names.
fn read_table(folder: &Path, name: &[u8], hash_bytes: usize, budget: &mut Budget) -> Result<Table, Flaw> {
    if name.contains(&b'/') || name.starts_with(b".") {
        return Err(Flaw::damaged("not the name of a table"));
    }
    let bytes =
        read_file(&folder.join(OsStr::from_bytes(name)), budget.files).map_err(|error| flaw_of(&error))?;
    budget.files -= bytes.len() as u64;
    Table::read_within(&bytes, hash_bytes, budget).map_err(|error| match error {
        TableError::Budget => Flaw::budget(),
        error => Flaw::of(&error),
    })
}

/// Names of what may be tables, in order.
fn tables_in(folder: &Path) -> Vec<Vec<u8>> {
    let entries = folder.read_dir().into_iter().flatten().filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().into_vec());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(b".ref") || name.ends_with(b".log")).collect();
    names.sort_unstable();
    names
}

const fn gone() -> Flaw {
    Flaw::missing("a table that is not there")
}

fn flaw_of(error: &io::Error) -> Flaw {
    match error.kind() {
        io::ErrorKind::NotFound => gone(),
        io::ErrorKind::FileTooLarge => Flaw::budget(),
        _ => Flaw::of(error),
    }
}

fn shown(label: &str, name: &[u8]) -> String {
    format!("{label}/{}", String::from_utf8_lossy(name).escape_debug())
}

fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, size) = open_host_regular(path)?;
    if size > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH_BYTES: usize = 20;

    fn texts_of(entry: &LogEntry) -> usize {
        entry.name.capacity() + entry.email.capacity() + entry.message.capacity()
    }

    /// Bytes that lists and texts of a table take.
    fn taken_by_table(table: &Table) -> usize {
        let refs = table.refs.iter().map(|record| record.name.capacity());
        let texts = |record: &LogRecord| record.entry.as_ref().map_or(0, texts_of) + record.name.capacity();
        table.refs.capacity() * size_of::<RefRecord>()
            + table.logs.capacity() * size_of::<LogRecord>()
            + refs.chain(table.logs.iter().map(texts)).sum::<usize>()
    }

    /// The same of records by name, without what the nodes of maps have beside them.
    fn taken_by_records(records: &Records) -> usize {
        let refs = records.refs.iter().map(|(name, targets)| {
            size_of_val(name)
                + name.capacity()
                + size_of_val(targets)
                + targets.capacity() * size_of::<Target>()
        });
        let logs = records.logs.iter().map(|(name, log)| {
            let texts: usize = log.iter().filter_map(|(_, entry)| entry.as_ref()).map(texts_of).sum();
            size_of_val(name)
                + name.capacity()
                + size_of_val(log)
                + texts
                + log.capacity() * size_of::<(u64, Option<LogEntry>)>()
        });
        refs.chain(logs).sum()
    }

    #[test]
    fn what_records_take_is_counted() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reftables/sha1");
        let list = std::fs::read_to_string(folder.join(LIST)).unwrap();
        let mut budget = Budget::default();
        let whole = budget.memory;
        let (mut records, mut lists) = (Records::default(), 0);
        for name in list.lines() {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            let table = Table::read_within(&bytes, HASH_BYTES, &mut budget).unwrap();
            assert!(!table.is_empty());
            lists = lists.max(taken_by_table(&table));
            records.add(table);
        }
        let (counted, taken) = (whole - budget.memory, taken_by_records(&records) + lists);
        assert!(taken <= counted, "{taken} of {counted}");
    }
}
