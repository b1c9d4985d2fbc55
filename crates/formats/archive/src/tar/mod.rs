//! Tar: v7, ustar, pax (POSIX.1-2017) and GNU with long names and sparse files.
//!
//! Reads on where other readers stop: past a damaged header to the next one that is whole, and past the two empty blocks that end an
//! archive, since archives are joined and bytes are hidden behind an end.

mod header;
mod sparse;
mod stream;

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::fields;
use crate::member::{MemberKind, Trouble};
use crate::visit::{Flow, Visit};
use header::{BLOCK, Header, Pax, until_nul};
use sparse::Sparse;

pub use stream::{TarEntry, TarError, TarKind, TarStream};

/// Whether `block` is a header with a right checksum.
pub(crate) fn is_header(block: &[u8]) -> bool {
    Header::parse(block).is_some()
}

/// What headers before a member say of it.
#[derive(Default)]
struct Ahead<'a> {
    pax: Pax<'a>,
    name: Option<&'a [u8]>,
    target: Option<&'a [u8]>,
}

pub(crate) fn members(bytes: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    let mut at = 0_usize;
    let mut ahead = Ahead::default();
    let mut is_lost = false;
    while let Some(block) = bytes.get(at..at.saturating_add(BLOCK)) {
        at += BLOCK;
        let Some(header) = Header::parse(block) else {
            let is_empty = block.iter().all(|byte| *byte == 0);
            if !is_empty && !is_lost {
                visit.trouble(None, Trouble::Damaged("one of its headers is not whole"));
            }
            // Behind the end of an archive filler is common.
            is_lost = true;
            continue;
        };
        is_lost = false;
        let size = header.size(&ahead.pax);
        match header.kind {
            b'x' | b'X' => ahead.pax = Pax::parse(fields::slice(bytes, at, size)),
            b'L' => ahead.name = Some(until_nul(fields::slice(bytes, at, size))),
            b'K' => ahead.target = Some(until_nul(fields::slice(bytes, at, size))),
            _ => at = member(&header, &std::mem::take(&mut ahead), bytes, at, visit)?,
        }
        let end = at.checked_add(size).filter(|end| *end <= bytes.len());
        let Some(end) = end else {
            visit.trouble(None, Trouble::Damaged("it ends too early"));
            return Flow::Continue(());
        };
        at = end.next_multiple_of(BLOCK);
    }
    if at < bytes.len() && !is_lost {
        visit.trouble(None, Trouble::Damaged("it ends too early"));
    }
    Flow::Continue(())
}

/// Visits the member of `header`, whose data begins at `at`, if it is one; where its data begins behind a map of holes.
fn member(
    header: &Header<'_>,
    ahead: &Ahead<'_>,
    bytes: &[u8],
    at: usize,
    visit: &mut Visit<'_, '_>,
) -> ControlFlow<(), usize> {
    let name = ahead.pax.name.or(ahead.name).map_or_else(|| header.name(), <[u8]>::to_vec);
    let stored = |at| fields::slice(bytes, at, header.size(&ahead.pax));
    match header.kind {
        b'1' | b'3' | b'4' | b'5' | b'6' | b'D' | b'g' => {}
        b'2' => {
            let target = ahead.pax.target.or(ahead.target).unwrap_or_else(|| header.target());
            visit.member(&name, MemberKind::Symlink, Cow::Borrowed(target))?;
        }
        b'S' => {
            let (map, blocks) = Sparse::of_gnu(header, fields::rest(bytes, at));
            let at = at.saturating_add(blocks.saturating_mul(BLOCK));
            sparse(&name, &map, stored(at), visit)?;
            return ControlFlow::Continue(at);
        }
        _ => match Sparse::of_pax(&ahead.pax, stored(at)) {
            Some((map, stored)) => sparse(&name, &map, stored, visit)?,
            None => visit.member(&name, MemberKind::File, Cow::Borrowed(stored(at)))?,
        },
    }
    ControlFlow::Continue(at)
}

/// Visits a sparse file. One that is too large with its holes is visited without them: they hold nothing.
fn sparse(name: &[u8], map: &Sparse, stored: &[u8], visit: &mut Visit<'_, '_>) -> Flow {
    let (file, trouble) = match map.spread(stored, visit.budget().room(stored.len())) {
        Ok(Some(file)) => (Cow::Owned(file), None),
        Ok(None) => (Cow::Borrowed(stored), None),
        Err(trouble) => (Cow::Borrowed(stored), Some(trouble)),
    };
    visit.member(name, MemberKind::File, file)?;
    if let Some(trouble) = trouble {
        visit.trouble(Some(name), trouble);
    }
    Flow::Continue(())
}
