//! rpm's own database: `Packages.db`, as SUSE has it. All numbers are little-endian.
//!
//! Pages of 4096 bytes hold slots of 16, of which the first two are the header of the file: magic, version, generation, count of pages. A
//! slot has a magic, the number of a package or 0 when it is free, and where and how long the package lies in blocks of 16 bytes. There
//! a magic, the number again, a generation and a length stand before the header of the package.

use std::borrow::Cow;

use super::{Blobs, u32_le};

const FILE: &[u8] = b"RpmP";
const SLOT: &[u8] = b"Slot";
const BLOB: &[u8] = b"BlbS";

const PAGE: usize = 4096;
/// A slot, a block, and what stands before a package.
const UNIT: usize = 16;

pub(super) fn blobs(bytes: &[u8]) -> Blobs<'_> {
    let mut blobs = Blobs::default();
    if !bytes.starts_with(FILE) {
        return blobs.broken("has not the header of an ndb database");
    }
    if u32_le(bytes, 4) != Some(0) {
        return blobs.broken("is an ndb database of a version that is not read");
    }
    let pages = u32_le(bytes, 12).and_then(|pages| usize::try_from(pages).ok()).unwrap_or(0);
    let slots = pages.checked_mul(PAGE).and_then(|end| bytes.get(2 * UNIT..end));
    let Some(slots) = slots.filter(|_| pages > 0) else {
        return blobs.broken("is shorter than its header says");
    };
    // Many slots may name one package, so that the packages seem larger than the file.
    let mut left = bytes.len();
    for slot in slots.chunks_exact(UNIT) {
        match blob(bytes, slot) {
            Ok(None) => {}
            Ok(Some(blob)) if blob.len() < left => {
                left -= blob.len() + 1;
                blobs.found.push(Cow::Borrowed(blob));
            }
            Ok(Some(_)) => return blobs.broken("has packages that lie over each other"),
            Err(detail) => blobs = blobs.broken(detail),
        }
    }
    blobs
}

/// The package that a slot names.
fn blob<'b>(bytes: &'b [u8], slot: &[u8]) -> Result<Option<&'b [u8]>, &'static str> {
    let field = |at| u32_le(slot, at).unwrap_or(0);
    let (number, at, blocks) = (field(4), field(8), field(12));
    if !slot.starts_with(SLOT) {
        return Err("has a slot that is none");
    }
    if number == 0 {
        return Ok(None);
    }
    let size = |blocks: u32| usize::try_from(blocks).ok()?.checked_mul(UNIT);
    let area = size(at).zip(size(blocks)).and_then(|(from, len)| bytes.get(from..from.checked_add(len)?));
    let area = area.ok_or("names a package beyond its end")?;
    if !area.starts_with(BLOB) || u32_le(area, 4) != Some(number) {
        return Err("names a package that is not where it should be");
    }
    let len = u32_le(area, 12).and_then(|len| usize::try_from(len).ok());
    let blob = len.and_then(|len| area.get(UNIT..)?.get(..len));
    blob.map(Some).ok_or("holds a package that is cut short")
}
