//! Zip, by its central directory and by what the directory does not name.
//!
//! Formats from PKWARE's APPNOTE.TXT 6.3.10. The directory says what members there are; between them a walk over local headers
//! finds those that it leaves out, as in a truncated or joined archive, or one that hides something. Members that overlap are how a
//! small archive becomes a bomb (Fifield, 2019), so what overlaps the member before it is not expanded.

mod directory;
mod record;

use std::borrow::Cow;
use std::ops::ControlFlow;

use memchr::memmem;

use crate::fields;
use crate::member::Trouble;
use crate::stream::{Bunzip, Decoder, Inflate, Unlzma, Unzstd};
use crate::visit::{Flow, Visit};
use directory::Directory;
use record::{LOCAL, Local, Record, Sizes};

/// Whether a zip archive ends `bytes` that begin as something else.
pub(crate) fn ends_one(bytes: &[u8]) -> bool {
    directory::is_at_end(bytes)
}

pub(crate) fn members(bytes: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    // One more than fits, so that the visitor hears of those that do not.
    let most = usize::try_from(visit.budget().members_left()).unwrap_or(usize::MAX).saturating_add(1);
    let directory = Directory::read(bytes, most);
    let mut end = 0;
    for record in &directory.records {
        unnamed(bytes, end, record.offset, visit)?;
        if record.offset < end {
            visit.trouble(Some(record.name), Trouble::Damaged("it overlaps the member before it"));
            continue;
        }
        end = named(bytes, record, visit)?.max(record.offset);
    }
    if let Some(trouble) = directory.trouble {
        visit.trouble(None, trouble);
    }
    unnamed(bytes, end, bytes.len(), visit)
}

/// Visits the members between `start` and `end` that only a local header tells of.
fn unnamed(bytes: &[u8], mut start: usize, end: usize, visit: &mut Visit<'_, '_>) -> Flow {
    while let Some(found) = bytes.get(start..end).and_then(|gap| memmem::find(gap, LOCAL)) {
        let offset = start + found;
        start = match Local::parse(bytes, offset) {
            Some(local) if local.is_plausible() => {
                let record = local.into_record(offset);
                member(bytes, &record, &local, visit)?.max(offset + LOCAL.len())
            }
            _ => offset + LOCAL.len(),
        };
    }
    Flow::Continue(())
}

/// Visits a member of the directory; where its data ends.
fn named(bytes: &[u8], record: &Record<'_>, visit: &mut Visit<'_, '_>) -> ControlFlow<(), usize> {
    let Some(local) = Local::parse(bytes, record.offset) else {
        let trouble = Trouble::Damaged("its local header is not where the central directory says");
        visit.trouble(Some(record.name), trouble);
        return ControlFlow::Continue(record.offset);
    };
    if local.disagrees_with(record) {
        visit.trouble(Some(record.name), Trouble::Damaged("its two headers disagree on how it is stored"));
    }
    member(bytes, record, &local, visit)
}

/// Visits one member; where its data ends.
fn member(
    bytes: &[u8],
    record: &Record<'_>,
    local: &Local<'_>,
    visit: &mut Visit<'_, '_>,
) -> ControlFlow<(), usize> {
    let available = fields::rest(bytes, local.data);
    let wanted =
        record.sizes.map_or(available.len(), |sizes| usize::try_from(sizes.compressed).unwrap_or(usize::MAX));
    let data = fields::front(available, wanted);
    let end = local.data.saturating_add(data.len());
    if record.is_folder() {
        return ControlFlow::Continue(end);
    }
    if record.is_encrypted() {
        visit.trouble(Some(record.name), Trouble::Encrypted);
        return ControlFlow::Continue(end);
    }
    let is_cut = record.sizes.is_some() && data.len() < wanted;
    let end = match record.method {
        0 => stored(record, local, data, visit)?,
        8 => {
            let mut inflate = Inflate::new(data);
            expand(record, &mut inflate, data, visit)?;
            end - inflate.rest().len()
        }
        method => {
            match decoder(method, record, data) {
                Ok(mut decoder) => expand(record, decoder.as_mut(), data, visit)?,
                Err(trouble) => visit.trouble(Some(record.name), trouble),
            }
            end
        }
    };
    if is_cut && record.method == 0 {
        visit.trouble(Some(record.name), Trouble::Damaged("it ends too early"));
    }
    ControlFlow::Continue(end)
}

fn stored(
    record: &Record<'_>,
    local: &Local<'_>,
    data: &[u8],
    visit: &mut Visit<'_, '_>,
) -> ControlFlow<(), usize> {
    // A stored member of unknown size ends where the next thing of the archive begins.
    let data = match record.sizes {
        Some(_) => data,
        None => fields::front(data, memmem::find(data, b"PK").unwrap_or(data.len())),
    };
    visit.member(record.name, record.kind(), Cow::Borrowed(data))?;
    if record.sizes.is_some_and(|sizes| sizes.compressed == data.len() as u64) && !record.matches(data) {
        visit.trouble(Some(record.name), Trouble::Damaged("its checksum does not match"));
    }
    ControlFlow::Continue(local.data.saturating_add(data.len()))
}

fn expand(record: &Record<'_>, decoder: &mut dyn Decoder, data: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    let check =
        |bytes: &[u8]| (!record.matches(bytes)).then_some(Trouble::Damaged("its checksum does not match"));
    visit.compressed(record.name, record.kind(), decoder, data.len(), &check)
}

/// The decoder of the methods that are rarer than deflate (APPNOTE 4.4.5).
fn decoder<'a>(method: u16, record: &Record<'_>, data: &'a [u8]) -> Result<Box<dyn Decoder + 'a>, Trouble> {
    Ok(match method {
        12 => Box::new(Bunzip::new(data)),
        14 => {
            let expanded =
                record.sizes.filter(|_| !record.ends_with_marker()).map(|sizes: Sizes| sizes.expanded);
            Box::new(Unlzma::in_zip(data, expanded)?)
        }
        93 => Box::new(Unzstd::new(data)),
        95 => Box::new(Unlzma::xz(data)),
        method => return Err(Trouble::Unsupported(format!("compression method {method}").into())),
    })
}
