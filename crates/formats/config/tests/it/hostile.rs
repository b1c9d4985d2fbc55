//! No bytes make a reader panic, and whatever it complains about has a place in the document.

use palisade_config::{Parsed, PipelineFile, PolicyFile, TemplateJob, WaiverFile, parse_baseline};
use palisade_model::{Level, Problem};
use proptest::prelude::*;

const PIPELINE: &str = "# Änderung\nversion: 1\nname: storefront\nsalt: 00112233445566778899aabbccddeeff\nenv: { A: &x 'ü', B: *x }\njobs:\n  compile:\n    steps:\n      - run: |\n          cc -o x ä.c\n        timeout: 90s\n    outputs: [x, 'lib/*']\n  test:\n    needs: [compile]\n    steps: [{ name: é, run: \"./x\", shell: bash, working-directory: t }]\n    environment: production\nrelease: { artifacts: [x] }\n";
const POLICY: &str = "version: 1\nname: acme\nmandatory:\n  - stage: scan:secrets\n  - { stage: job:x, template: t.yaml, before: build }\nsuppressions: base\nenvironments: { production: { protected: true, approvals: 2 } }\ngate: p/\ntools: [go]\nrequire: { isolation: cgroup }\nverify: { source: [é] }\n";
const WAIVERS: &str = "version: 1\nwaivers:\n  - fingerprint: 11111111111111111111111111111111\n    reason: ü\n    until: 2026-12-31\n";
const BASELINE: &str = "{\"version\":1,\"fingerprints\":[\"11111111111111111111111111111111\"]}";
const DOCUMENTS: &[&str] = &[PIPELINE, POLICY, WAIVERS, BASELINE, "steps: [{ run: x }]\n"];

fn summary<T>(parsed: Parsed<T>) -> (bool, Vec<Problem>) {
    (parsed.value.is_some(), parsed.problems)
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let readers = [
        summary(PipelineFile::parse(bytes)),
        summary(PolicyFile::parse(bytes)),
        summary(WaiverFile::parse(bytes)),
        summary(TemplateJob::parse(bytes)),
        summary(parse_baseline(bytes)),
    ];
    for (value, problems) in readers {
        let error = problems.iter().any(|problem| problem.level == Level::Error);
        prop_assert_eq!(value, !error, "a value exactly when there is no error: {:?}", problems);
        for problem in problems {
            let (start, end) = (problem.span.start, problem.span.end);
            prop_assert!(start <= end && end <= bytes.len(), "{:?}", problem);
            if let Ok(text) = std::str::from_utf8(bytes) {
                prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end), "{:?}", problem);
            }
            let printable = !problem.message.chars().any(palisade_model::is_unprintable);
            prop_assert!(printable, "{:?}", problem);
        }
    }
    Ok(())
}

#[test]
fn the_documents_are_valid_as_they_stand() {
    let valid = [
        PipelineFile::parse(PIPELINE.as_bytes()).value.is_some(),
        PolicyFile::parse(POLICY.as_bytes()).value.is_some(),
        WaiverFile::parse(WAIVERS.as_bytes()).value.is_some(),
        parse_baseline(BASELINE.as_bytes()).value.is_some(),
    ];
    assert_eq!(valid, [true; 4]);
}

#[test]
fn work_is_bounded_by_the_size_of_the_input() {
    let patterns = [
        "- ",
        "[",
        "{a: ",
        "? ",
        "&a ",
        "*a ",
        "a: 1\n",
        "'",
        "\"\\x",
        "|\n ",
        "# \n",
        "!",
        "!a ",
        "- {}\n",
        "é: [é]\n",
    ];
    for pattern in patterns {
        let text = format!("version: 1\nname: x\njobs:\n{}", pattern.repeat((1 << 18) / pattern.len()));
        let started = std::time::Instant::now();
        drop(PipelineFile::parse(text.as_bytes()));
        drop(PipelineFile::parse(pattern.repeat((1 << 18) / pattern.len()).as_bytes()));
        let seconds = started.elapsed().as_secs_f64();
        assert!(seconds < 10.0, "{pattern:?} took {seconds} s: more than linear work");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes)?;
    }

    #[test]
    fn arbitrary_text(text in "(?s).{0,120}") {
        check(text.as_bytes())?;
    }

    #[test]
    fn mutated_documents(
        document in prop::sample::select(DOCUMENTS),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>(), "(?s).{0,3}"), 1..6),
    ) {
        let mut bytes = document.as_bytes().to_vec();
        for (at, kind, byte, text) in edits {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            match kind {
                0 => bytes.truncate(at),
                1 if at < bytes.len() => bytes[at] = byte,
                2 if at < bytes.len() => drop(bytes.remove(at)),
                _ => drop(bytes.splice(at..at, text.into_bytes())),
            }
        }
        check(&bytes)?;
    }

    /// Whole values in the place of others: every type where every other is expected.
    #[test]
    fn documents_with_exchanged_values(
        document in prop::sample::select(DOCUMENTS),
        from in prop::sample::select(&["1", "x", "[", "{ ", "true", "'", "90s", "compile", "base", "- "][..]),
        to in prop::sample::select(&["~", "[]", "{}", "[~]", "{a: b}", "1e9", "\"\\e\"", "*x", "!t x", "<<", "é", "- - "][..]),
    ) {
        check(document.replace(from, to).as_bytes())?;
        check(document.replacen(from, to, 1).as_bytes())?;
    }
}
