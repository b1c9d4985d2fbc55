//! A pack delta: what it makes is what a plain reading of the format makes, and each copy is true.
#![no_main]

mod git;

use libfuzzer_sys::fuzz_target;
use palisade_git::parse_delta;

// The first byte says how much of the rest is the base.
fuzz_target!(|bytes: &[u8]| {
    let Some((&split, rest)) = bytes.split_first() else { return };
    let (base, delta) = rest.split_at(usize::from(split).min(rest.len()));
    let plain = git::plain(base, delta);
    let Ok(parsed) = parse_delta(delta) else { return assert_eq!(plain, None) };
    if parsed.result_bytes() > 1 << 20 {
        return;
    }
    let (mut object, mut copies) = (b"left over".to_vec(), Vec::new());
    let made = parsed.apply(base, &mut object, &mut copies);
    assert!(object.len() <= parsed.result_bytes());
    assert_eq!(made.is_ok().then_some(&object), plain.as_ref());
    if made.is_err() {
        return;
    }
    let mut end = 0;
    for copy in &copies {
        assert!(copy.to >= end && copy.len > 0);
        end = copy.to + copy.len;
        assert_eq!(object[copy.to..end], base[copy.from..copy.from + copy.len]);
    }
    for pair in copies.windows(2) {
        assert!(pair[0].to + pair[0].len != pair[1].to || pair[0].from + pair[0].len != pair[1].from);
    }
});
