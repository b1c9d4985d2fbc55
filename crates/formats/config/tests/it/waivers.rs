use jiff::civil::Date;
use palisade_config::{AppendWaiverError, WaiverFile, append_waiver};
use palisade_model::{Fingerprint, Level, Waiver};
use proptest::prelude::*;

use crate::told;

fn waiver(byte: u8, reason: &str, owner: Option<&str>) -> Waiver {
    Waiver {
        fingerprint: Fingerprint::from_bytes([byte; 16]),
        reason: reason.to_owned(),
        until: Date::constant(2026, 12, 31),
        owner: owner.map(str::to_owned),
    }
}

fn read(text: &str) -> Vec<Waiver> {
    let parsed = WaiverFile::parse(text.as_bytes());
    let file = parsed.value.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.problems));
    file.waivers.into_iter().map(|waiver| waiver.value).collect()
}

const NUMERIC: &str = "11111111111111111111111111111111";

#[test]
fn tells_everything_that_is_wrong_at_once() {
    let text = format!(
        "version: 1
waivers:
  - {{ fingerprint: {NUMERIC}, reason: fine, until: 2026-12-31, owner: me }}
  - {{ fingerprint: abc, reason: ' ', until: 2026-02-30 }}
  - {{ fingerprint: {NUMERIC}, reason: no end, untill: 20261231 }}
  - {{ fingerprint: {NUMERIC}, reason: again, until: 20261231 }}
"
    );
    let parsed = WaiverFile::parse(text.as_bytes());
    assert!(parsed.value.is_none());
    let told = told(&text, &parsed);
    let messages: Vec<&str> = told.iter().map(|line| line.split([' ']).next().unwrap()).collect();
    assert_eq!(messages, ["`abc`", "it", "`2026-02-30`", "missing", "unknown", "`20261231`"], "{told:?}");
}

#[test]
fn a_finding_waived_twice_is_a_warning() {
    let text = format!(
        "version: 1\nwaivers:\n- {{ fingerprint: {NUMERIC}, reason: a, until: 2026-01-01 }}\n- {{ fingerprint: {NUMERIC}, reason: b, until: 2026-02-01 }}\n"
    );
    let parsed = WaiverFile::parse(text.as_bytes());
    assert_eq!(parsed.value.unwrap().waivers.len(), 2);
    assert_eq!(parsed.problems.len(), 1);
    assert_eq!(parsed.problems[0].level, Level::Warning);
    assert_eq!(parsed.problems[0].label.as_deref(), Some("also on line 3"));
}

#[test]
fn makes_a_whole_file_of_an_empty_one() {
    let item = "  - fingerprint: \"07070707070707070707070707070707\"\n    reason: \"a \\\"b\\\"\"\n    until: 2026-12-31\n    owner: \"me\"\n";
    let one = waiver(7, "a \"b\"", Some("me"));
    assert_eq!(append_waiver("", &one).unwrap(), format!("version: 1\nwaivers:\n{item}"));
    assert_eq!(append_waiver("# ours", &one).unwrap(), format!("# ours\nversion: 1\nwaivers:\n{item}"));
}

#[test]
fn keeps_what_people_wrote() {
    let first = format!("fingerprint: {NUMERIC}");
    let layouts = [
        "version: 1\n".to_owned(),
        "version: 1\nwaivers:\n".to_owned(),
        "version: 1\nwaivers: # none yet\n".to_owned(),
        "version: 1\nwaivers: [] # none yet\n# end\n".to_owned(),
        "waivers: []\nversion: 1".to_owned(),
        format!(
            "version: 1\nwaivers:\n  - {first}\n    reason: x # why\n    until: 2026-01-01 # soon\n\n# end\n"
        ),
        format!("version: 1\nwaivers:\n- {first}\n  reason: x\n  until: 2026-01-01"),
        format!(
            "waivers:\n    -   {first}\n        until: 2026-01-01\n        reason: >-\n          two\n          lines\n\nversion: 1\n"
        ),
        format!("version: 1\r\nwaivers:\r\n  - {first}\r\n    reason: x\r\n    until: 2026-01-01\r\n"),
        format!("version: 1\nwaivers: [{{{first}, reason: x, until: 2026-01-01}}, # c\n]\n"),
        format!("{{version: 1, waivers: [{{{first}, reason: x, until: 2026-01-01}}]}}\n"),
    ];
    for text in layouts {
        let new = waiver(9, "new: [reason] # not a comment", None);
        let appended = append_waiver(&text, &new).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut expected = read(&text);
        expected.push(new);
        assert_eq!(read(&appended), expected, "{appended}");
        let mut rest = appended.as_str();
        for line in text.lines().filter(|line| line.contains('#')) {
            let comment = line.split_once('#').unwrap().1;
            rest = rest.split_once(comment).unwrap_or_else(|| panic!("{comment} is lost in {appended}")).1;
        }
        assert_eq!(text.contains("\r\n"), appended.contains("\r\n"));
        assert!(
            !text.contains("\r\n") || !appended.replace("\r\n", "").contains('\n'),
            "one kind of line end"
        );
    }
}

#[test]
fn refuses_rather_than_damages() {
    let new = waiver(9, "x", None);
    assert!(matches!(append_waiver("version: 1\nwaivers: 3\n", &new), Err(AppendWaiverError::Unreadable(_))));
    assert!(matches!(append_waiver("not: [yaml", &new), Err(AppendWaiverError::Unreadable(_))));
    assert_eq!(append_waiver("", &waiver(9, "  ", None)), Err(AppendWaiverError::NotAdded));
    assert_eq!(append_waiver("{version: 1}\n", &new), Err(AppendWaiverError::NotAdded));
    assert_eq!(append_waiver("", &waiver(9, "x\u{1b}[2J", None)), Err(AppendWaiverError::NotAdded));
}

proptest! {
    #[test]
    fn any_reason_and_owner_come_back(
        waivers in prop::collection::vec((any::<u8>(), "\\PC{0,40}", prop::option::of("\\PC{0,10}")), 1..5),
    ) {
        let mut text = String::new();
        let mut expected = Vec::new();
        for (byte, reason, owner) in waivers {
            let new = waiver(byte, &reason, owner.as_deref());
            match append_waiver(&text, &new) {
                Ok(appended) => {
                    text = appended;
                    expected.push(new);
                }
                Err(_) => {
                    let blank = |text: &str| text.trim().is_empty() || text.chars().any(palisade_model::is_unprintable);
                    prop_assert!(blank(&reason) || owner.as_deref().is_some_and(blank), "{:?} {:?}", reason, owner);
                }
            }
        }
        if !text.is_empty() {
            prop_assert_eq!(read(&text), expected);
        }
    }

    #[test]
    fn appending_to_anything_adds_one_or_refuses(text in "(version: 1\n|waivers:|\\[|\\]| |\n|  - |a|# c\n|\r\n){0,12}") {
        let new = waiver(9, "x", None);
        if let Ok(appended) = append_waiver(&text, &new) {
            prop_assert_eq!(read(&appended).pop(), Some(new));
        }
    }
}
