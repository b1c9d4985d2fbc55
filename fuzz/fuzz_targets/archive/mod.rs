//! What the archive targets share.

use palisade_archive::{Budget, Format, Limits, MAX_TROUBLES, members, recognise, recognise_unopened};

const LIMITS: Limits =
    Limits { max_members: 100, max_expanded: 1 << 20, max_ratio: 1000, max_member: 1 << 19, max_name: 64 };

/// Opens `bytes` and holds what comes to the limits.
pub fn open(format: Format, bytes: &[u8]) {
    let mut budget = Budget::new(LIMITS);
    let (mut count, mut total, mut troubles) = (0, 0, 0);
    members(format, b"name", bytes, &mut budget, &mut |_, member| match member {
        Err(_) => troubles += 1,
        Ok(member) => {
            assert!(
                recognise(&member.name, &member.bytes).is_none()
                    || recognise_unopened(&member.bytes).is_none()
            );
            count += 1;
            total += member.bytes.len() as u64;
            assert!(member.bytes.len() as u64 <= LIMITS.max_member);
            assert!(member.name.len() <= LIMITS.max_name);
        }
    });
    assert!(count <= LIMITS.max_members);
    assert!(total <= LIMITS.max_expanded - budget.bytes_left());
    assert!(troubles <= MAX_TROUBLES);
}
