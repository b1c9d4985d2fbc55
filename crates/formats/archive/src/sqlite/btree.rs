use std::borrow::Cow;

use super::file::File;
use crate::fields;
use crate::member::Trouble;

const INTERIOR_INDEX: u8 = 2;
const INTERIOR_TABLE: u8 = 5;
const LEAF_INDEX: u8 = 10;
const LEAF_TABLE: u8 = 13;

/// The header of the file, which lies before that of the first page.
const FILE_HEADER: usize = 100;

/// A row as it is stored.
pub(super) struct Row<'a> {
    /// The rowid; none in a table without.
    pub(super) id: Option<i64>,
    pub(super) payload: Cow<'a, [u8]>,
    /// It comes from the tree of a table without rowid, so the columns of its key stand first.
    pub(super) is_keyed: bool,
}

/// A walk over all rows of a b-tree (section 1.6), each page once.
pub(super) struct Walk<'a> {
    /// Pages to come, the next one last.
    pages: Vec<u32>,
    page: Option<Page<'a>>,
}

struct Page<'a> {
    bytes: &'a [u8],
    kind: u8,
    /// Where the pointers to the cells lie.
    pointers: usize,
    cells: usize,
    next: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: u32) -> Self {
        Self { pages: vec![root], page: None }
    }

    /// The next row, or a trouble after which there may be more.
    pub(super) fn next_row(&mut self, file: &mut File<'a>) -> Option<Result<Row<'a>, Trouble>> {
        loop {
            if let Some(page) = &mut self.page {
                match page.next_cell(file) {
                    Some(Ok(row)) if !file.take_row(row.payload.len()) => {
                        self.page = None;
                        self.pages.clear();
                        return Some(Err(Trouble::Damaged("its rows lie over each other")));
                    }
                    Some(row) => return Some(row),
                    None => self.page = None,
                }
            }
            match self.enter(file)? {
                Ok(page) => self.page = Some(page),
                Err(trouble) => return Some(Err(trouble)),
            }
        }
    }

    fn enter(&mut self, file: &mut File<'a>) -> Option<Result<Page<'a>, Trouble>> {
        let number = self.pages.pop()?;
        let Some(bytes) = file.take_page(number) else {
            return Some(Err(Trouble::Damaged("one of its pages is missing or used twice")));
        };
        let Some(page) = Page::parse(bytes, number) else {
            return Some(Err(Trouble::Damaged("one of its pages is no page of a tree")));
        };
        self.pages.extend(page.children());
        Some(Ok(page))
    }
}

/// The rows that lie whole in a page by itself.
pub(super) fn rows_of_page<'a>(bytes: &'a [u8], number: u32, file: &mut File<'a>) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    let Some(mut page) = Page::parse(bytes, number) else { return rows };
    while let Some(row) = page.next_cell(file) {
        match row {
            Ok(row) if !file.take_row(row.payload.len()) => break,
            Ok(row) => rows.push(row),
            Err(_) => {}
        }
    }
    rows
}

impl<'a> Page<'a> {
    fn parse(bytes: &'a [u8], number: u32) -> Option<Self> {
        let start = if number == 1 { FILE_HEADER } else { 0 };
        let kind = *bytes.get(start)?;
        let pointers = match kind {
            INTERIOR_INDEX | INTERIOR_TABLE => start + 12,
            LEAF_INDEX | LEAF_TABLE => start + 8,
            _ => return None,
        };
        let cells = usize::from(fields::u16_be(bytes, start + 3)?);
        // A count that does not fit the page is one that is not true.
        (pointers + 2 * cells <= bytes.len()).then_some(Self { bytes, kind, pointers, cells, next: 0 })
    }

    const fn is_interior(&self) -> bool {
        matches!(self.kind, INTERIOR_INDEX | INTERIOR_TABLE)
    }

    /// The pages below this one, the first one last.
    fn children(&self) -> Vec<u32> {
        if !self.is_interior() {
            return Vec::new();
        }
        let last = fields::u32_be(self.bytes, self.pointers - 4);
        let others = (0..self.cells).rev().filter_map(|index| fields::u32_be(self.bytes, self.cell(index)?));
        last.into_iter().chain(others).collect()
    }

    fn cell(&self, index: usize) -> Option<usize> {
        fields::u16_be(self.bytes, self.pointers + 2 * index).map(usize::from)
    }

    fn next_cell(&mut self, file: &mut File<'a>) -> Option<Result<Row<'a>, Trouble>> {
        // The cells of an interior page of a table hold no rows.
        if self.next >= self.cells || self.kind == INTERIOR_TABLE {
            return None;
        }
        self.next += 1;
        Some(self.row(self.next - 1, file).ok_or(Trouble::Damaged("one of its rows is not whole")))
    }

    fn row(&self, index: usize, file: &mut File<'a>) -> Option<Row<'a>> {
        let at = self.cell(index)? + if self.is_interior() { 4 } else { 0 };
        let (len, size) = varint(self.bytes, at)?;
        let (id, at) = match self.kind {
            LEAF_TABLE => {
                let (id, more) = varint(self.bytes, at + size)?;
                (Some(id.cast_signed()), at + size + more)
            }
            _ => (None, at + size),
        };
        let payload = payload(file, self.bytes, at, usize::try_from(len).ok()?, id.is_some())?;
        Some(Row { id, payload, is_keyed: id.is_none() })
    }
}

/// The payload of a cell: `len` bytes from `at`, and on overflow pages what does not fit (section 1.6, "B-tree Cell Format").
fn payload<'a>(
    file: &mut File<'a>,
    page: &'a [u8],
    at: usize,
    len: usize,
    is_table: bool,
) -> Option<Cow<'a, [u8]>> {
    let local = local_len(file.usable(), len, is_table);
    let here = page.get(at..at.checked_add(local)?)?;
    if local == len {
        return Some(Cow::Borrowed(here));
    }
    let mut whole = here.to_vec();
    let mut next = fields::u32_be(page, at + local)?;
    while whole.len() < len {
        let overflow = file.take_page(next)?;
        next = fields::u32_be(overflow, 0)?;
        whole.extend_from_slice(fields::slice(overflow, 4, len - whole.len()));
    }
    Some(Cow::Owned(whole))
}

/// How much of a payload of `len` bytes is stored in its cell.
const fn local_len(usable: usize, len: usize, is_table: bool) -> usize {
    let most = if is_table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    if len <= most {
        return len;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let filling = least + (len - least) % (usable - 4);
    if filling <= most { filling } else { least }
}

/// A number of one to nine bytes, seven bits each but eight in the ninth, and how many bytes it took.
pub(super) fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for (index, byte) in fields::slice(bytes, at, 9).iter().enumerate() {
        if index == 8 {
            return Some(((value << 8) | u64::from(*byte), 9));
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}
