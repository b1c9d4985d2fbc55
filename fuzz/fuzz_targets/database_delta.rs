//! Two lists of records: the delta between their databases makes one of the other. And bytes that are to be a delta.
#![no_main]

#[expect(dead_code, reason = "shared with the targets that read records")]
mod advisory;
mod parts;

use libfuzzer_sys::fuzz_target;
use palisade_advisory::Delta;

fuzz_target!(|bytes: &[u8]| {
    let lists = parts::named(&["old.json", "new.json", "epss.csv"], bytes, 2);
    let [(_, old), (_, new)] = lists.as_slice() else {
        assert!(
            Delta::apply(&advisory::database("records.json", b"[]"), bytes).is_err(),
            "chance makes no digest"
        );
        return;
    };
    let (old, new) = (advisory::database("old.json", old), advisory::database("new.json", new));
    let delta = Delta::between(&old, &new).expect("both are good");
    assert!(Delta::apply(&old, &delta).expect("it is for this one") == new);
    assert_eq!(Delta::apply(&new, &delta).is_ok(), old == new);
});
