//! A tar archive that arrives piece by piece: what is read of it is what is read of the whole, as long as neither finds a flaw.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_archive::{Budget, Format, Limits, MemberKind, TarKind, TarStream, members};

const LIMITS: Limits = Limits {
    max_members: 1000,
    max_expanded: 1 << 24,
    max_ratio: u64::MAX,
    max_member: 1 << 20,
    max_name: 1 << 20,
};

fuzz_target!(|bytes: &[u8]| {
    let Some(files) = streamed(bytes) else { return };
    let mut budget = Budget::new(LIMITS);
    let (mut whole, mut is_sound) = (Vec::new(), true);
    members(Format::Tar, b"name", bytes, &mut budget, &mut |_, member| match member {
        Ok(member) if member.kind == MemberKind::File => {
            whole.push((member.name.to_vec(), member.bytes.to_vec()))
        }
        Ok(_) => {}
        Err(_) => is_sound = false,
    });
    if is_sound {
        // The whole is read on behind its end, and what is called a folder there may have content.
        let whole: Vec<_> = whole.into_iter().filter(|(name, _)| !name.ends_with(b"/")).collect();
        assert!(whole.starts_with(&files), "{files:?}\n{whole:?}");
    }
});

/// The files, unless there is a flaw or more than the other reading takes.
fn streamed(bytes: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut stream = TarStream::new(bytes);
    let (mut files, mut total) = (Vec::new(), 0);
    let mut flaw = false;
    while let Some(entry) = stream.next_entry().map_err(|_| flaw = true).ok().flatten() {
        if entry.kind != TarKind::File {
            continue;
        }
        let content = stream.content(1 << 20).ok()??;
        assert!(content.len() as u64 <= 1 << 20);
        total += content.len();
        if total > 1 << 23 {
            return None;
        }
        if !entry.name.ends_with(b"/") {
            files.push((entry.name, content));
        }
    }
    (!flaw).then_some(files)
}
