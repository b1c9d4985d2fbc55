use palisade_config::{parse_baseline, write_baseline};
use palisade_model::{Baseline, Fingerprint};
use proptest::prelude::*;

#[test]
fn refuses_other_documents_at_their_place() {
    let fingerprint = "0".repeat(32);
    let cases = [
        ("", ""),
        ("{\"version\":1}", "}"),
        ("{\"version\":2,\"fingerprints\":[]}", ""),
        ("{\"version\":1,\"fingerprints\":[],\n \"note\":1}", "\""),
        ("{\"version\":1,\"version\":1,\"fingerprints\":[]}", "\""),
        // The item is judged once it is read.
        ("{\"version\":1,\"fingerprints\":[\"xé\"]}", "]"),
        ("{\"version\":1,\"fingerprints\":[]} é", "é"),
    ];
    for (text, place) in cases {
        let parsed = parse_baseline(text.as_bytes());
        assert!(parsed.value.is_none());
        let [problem] = parsed.problems.as_slice() else { panic!("{:?}", parsed.problems) };
        assert_eq!(text.get(problem.span.start..problem.span.end), Some(place), "{text}: {problem:?}");
        assert!(!problem.message.contains(" at line "));
    }
    let text = format!("{{\"fingerprints\":[\"{fingerprint}\"],\"version\":1}}");
    assert_eq!(parse_baseline(text.as_bytes()).value.unwrap().fingerprints.len(), 1);
}

#[test]
fn an_unknown_field_cannot_write_to_the_terminal() {
    let parsed = parse_baseline(b"{\"\\u001b[2J\":1}");
    assert!(!parsed.problems[0].message.contains('\u{1b}'));
}

proptest! {
    #[test]
    fn comes_back_and_is_plain_json(bytes in prop::collection::btree_set(any::<[u8; 16]>(), 0..6)) {
        let baseline = Baseline { fingerprints: bytes.into_iter().map(Fingerprint::from_bytes).collect() };
        let text = write_baseline(&baseline);
        prop_assert_eq!(parse_baseline(text.as_bytes()).value, Some(baseline));
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let listed: Vec<_> = json["fingerprints"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        prop_assert!(listed.is_sorted());
    }
}
