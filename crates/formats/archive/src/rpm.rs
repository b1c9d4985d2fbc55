//! Packages of RPM: a lead, two headers, and a compressed cpio archive (rpm.org, "RPM V4 Package format").

use std::borrow::Cow;

use crate::fields;
use crate::member::{MemberKind, Trouble};
use crate::visit::{Flow, Visit};

const LEAD: usize = 96;
const HEADER_MAGIC: &[u8] = &[0x8e, 0xad, 0xe8];
/// Magic, version and reserved bytes, and two counts.
const INTRO: usize = 16;
/// Bytes of an entry of a header's index.
const ENTRY: usize = 16;

/// Visits the payload, which is a container of its own.
pub(crate) fn members(bytes: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    let payload = header_end(bytes, LEAD)
        .and_then(|end| header_end(bytes, end.checked_next_multiple_of(8)?))
        .and_then(|end| bytes.get(end..));
    let Some(payload) = payload else {
        visit.trouble(None, Trouble::Damaged("its headers are not whole"));
        return Flow::Continue(());
    };
    let name: &[u8] = if payload.starts_with(&[0x5d, 0, 0]) { b"payload.cpio.lzma" } else { b"payload.cpio" };
    visit.member(name, MemberKind::File, Cow::Borrowed(payload))
}

fn header_end(bytes: &[u8], at: usize) -> Option<usize> {
    let header = bytes.get(at..).filter(|header| header.starts_with(HEADER_MAGIC))?;
    let entries = usize::try_from(fields::u32_be(header, 8)?).ok()?;
    let store = usize::try_from(fields::u32_be(header, 12)?).ok()?;
    at.checked_add(INTRO)?.checked_add(entries.checked_mul(ENTRY)?)?.checked_add(store)
}
