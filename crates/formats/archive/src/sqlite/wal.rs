//! The log of a SQLite database (section 4): pages that are not yet in the database, or are again not.

use super::btree::rows_of_page;
use super::file::File;
use super::record::values;
use super::table::Table;
use crate::fields;
use crate::member::Trouble;
use crate::visit::{Flow, Visit};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Visits the rows that lie whole in pages of the log, as one table without names of columns. What goes on in other pages stands in the
/// log as it is, and so do values in UTF-16.
pub(crate) fn members(bytes: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    let page_size = fields::u32_be(bytes, 8).and_then(|size| usize::try_from(size).ok());
    let Some(page_size) = page_size.filter(|size| size.is_power_of_two() && (512..=65_536).contains(size))
    else {
        visit.trouble(None, Trouble::Damaged("its header is not one of a log of SQLite"));
        return Flow::Continue(());
    };
    let mut file = File::without_pages(page_size, bytes.len());
    let mut table = Table::new(b"wal", "CREATE TABLE wal(value)");
    for frame in fields::rest(bytes, HEADER).chunks_exact(FRAME_HEADER + page_size) {
        let number = fields::u32_be(frame, 0).unwrap_or(0);
        for row in rows_of_page(fields::rest(frame, FRAME_HEADER), number, &mut file) {
            table.row(row.id, &values(&row.payload, file.encoding()), row.is_keyed, visit)?;
        }
    }
    table.flush(visit)
}
