//! rpm's own database: `Packages.db`, as SUSE has it. All numbers are little-endian.
//!
//! Pages of 4096 bytes hold slots of 16, of which the first two are the header of the file: magic, version, generation, count of pages. A
//! slot has a magic, the number of a package, and where and how long the package lies in blocks of 16 bytes; one that is free has 0 for
//! all three. There a magic, the number again, a time and a length stand before the header of the package. Behind it, at the end of the
//! last block, stand the Adler-32 of everything before, the length again and a magic.

use std::borrow::Cow;

use super::{Blobs, u32_le};

const FILE: &[u8] = b"RpmP";
const SLOT: &[u8] = b"Slot";
const BLOB: &[u8] = b"BlbS";
const BLOB_END: &[u8] = b"BlbE";

const PAGE: usize = 4096;
/// A slot, a block, and what stands before a package.
const UNIT: usize = 16;
/// What stands behind a package.
const TAIL: usize = 12;

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
            Ok(Some((blob, fault))) if blob.len() < left => {
                left -= blob.len() + 1;
                blobs.found.push(Cow::Borrowed(blob));
                if let Some(fault) = fault {
                    blobs = blobs.broken(fault);
                }
            }
            Ok(Some(_)) => return blobs.broken("has packages that lie over each other"),
            Err(detail) => blobs = blobs.broken(detail),
        }
    }
    blobs
}

/// The package that a slot names, and what is wrong around it.
type Found<'b> = (&'b [u8], Option<&'static str>);

fn blob<'b>(bytes: &'b [u8], slot: &[u8]) -> Result<Option<Found<'b>>, &'static str> {
    let field = |at| u32_le(slot, at).unwrap_or(0);
    let (number, at, blocks) = (field(4), field(8), field(12));
    if !slot.starts_with(SLOT) {
        return Err("has a slot that is none");
    }
    if [number, at, blocks] == [0; 3] {
        return Ok(None);
    }
    if number == 0 || at == 0 {
        return Err("has a slot that is neither free nor that of a package");
    }
    let size = |blocks: u32| usize::try_from(blocks).ok()?.checked_mul(UNIT);
    let area = size(at).zip(size(blocks)).and_then(|(from, len)| bytes.get(from..from.checked_add(len)?));
    let area = area.ok_or("names a package beyond its end")?;
    if !area.starts_with(BLOB) || u32_le(area, 4) != Some(number) {
        return Err("names a package that is not where it should be");
    }
    let len = u32_le(area, 12).and_then(|len| usize::try_from(len).ok());
    let blob = len.and_then(|len| area.get(UNIT..)?.get(..len));
    let blob = blob.ok_or("holds a package that is cut short")?;
    Ok(Some((blob, fault(area, blob.len()))))
}

/// What is wrong with the end of the blocks of a package of that length. rpm looks at it only when it writes, and so reads the package.
fn fault(area: &[u8], len: usize) -> Option<&'static str> {
    const TORN: Option<&str> = Some("holds a package that does not end where it should");
    if area.len() != (UNIT + len + TAIL).next_multiple_of(UNIT) {
        return TORN;
    }
    let Some((before, tail)) = area.len().checked_sub(TAIL).and_then(|at| area.split_at_checked(at)) else {
        return TORN;
    };
    if u32_le(tail, 4).and_then(|len| usize::try_from(len).ok()) != Some(len) || !tail.ends_with(BLOB_END) {
        return TORN;
    }
    (u32_le(tail, 0) != Some(adler32(before))).then_some("holds a package with a wrong checksum")
}

/// Adler-32 (RFC 1950, section 8.2).
fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65521;
    /// So many bytes can be added before a sum is larger than 32 bits hold.
    const CHUNK: usize = 5552;
    let (mut sum, mut sums) = (1, 0);
    for chunk in bytes.chunks(CHUNK) {
        for byte in chunk {
            sum += u32::from(*byte);
            sums += sum;
        }
        sum %= MODULUS;
        sums %= MODULUS;
    }
    sums << 16 | sum
}
