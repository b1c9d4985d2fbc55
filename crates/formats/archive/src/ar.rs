//! Packages of Debian: an `ar` archive (deb(5)) of three members, two of which are compressed tar archives.
//!
//! Other `ar` archives are libraries. What these hold stands in them as it is, so they need not be opened.

use std::borrow::Cow;

use crate::fields;
use crate::member::{MemberKind, Trouble};
use crate::visit::{Flow, Visit};

const MAGIC: &[u8] = b"!<arch>\n";
const FIRST: &[u8] = b"debian-binary";
const HEADER: usize = 60;
/// What each header ends with.
const END: &[u8] = b"`\n";

/// Whether `bytes` begin as a package does.
pub(crate) fn is_package(bytes: &[u8]) -> bool {
    bytes.strip_prefix(MAGIC).is_some_and(|rest| rest.starts_with(FIRST))
}

pub(crate) fn members(bytes: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    let mut at = MAGIC.len();
    while at < bytes.len() {
        let header = fields::slice(bytes, at, HEADER);
        let size = decimal(fields::slice(header, 48, 10));
        let Some(size) = size.filter(|_| fields::slice(header, 58, 2) == END) else {
            visit.trouble(None, Trouble::Damaged("one of its headers is not whole"));
            return Flow::Continue(());
        };
        let name = fields::front(header, 16).trim_ascii_end();
        let name = name.strip_suffix(b"/").unwrap_or(name);
        let data = fields::slice(bytes, at + HEADER, size);
        visit.member(name, MemberKind::File, Cow::Borrowed(data))?;
        if data.len() < size {
            visit.trouble(Some(name), Trouble::Damaged("it ends too early"));
        }
        // A member of odd length has a byte of filler behind it.
        at = (at + HEADER).saturating_add(size).saturating_add(size % 2);
    }
    Flow::Continue(())
}

fn decimal(field: &[u8]) -> Option<usize> {
    std::str::from_utf8(field.trim_ascii()).ok()?.parse().ok()
}
