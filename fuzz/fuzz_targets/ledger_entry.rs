//! A ledger entry: there is one spelling of each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_ledger::LedgerEntry;

fuzz_target!(|bytes: &[u8]| {
    let Ok(entry) = LedgerEntry::parse(bytes) else { return };
    assert_eq!(entry.to_json().expect("parsed entries have a form"), bytes);
});
