use palisade_gitleaks::{GitleaksFile, assemble};
use proptest::prelude::*;

const GOOD: &str = "title = 't'\n[extend]\nuseDefault = true\n[[rules]]\nid = 'x'\nregex = '''x[a-f\\d]{3,}(?i:b)'''\nentropy = 3\n\
                    keywords = ['x']\n[[rules.allowlists]]\ncondition = 'AND'\npaths = ['é']\n[[rules.required]]\nid = 'x'\n";

fn survives(text: &str) {
    let (file, problems) = GitleaksFile::parse(text.as_bytes());
    for problem in &problems {
        assert!(
            problem.span.start <= problem.span.end && problem.span.end <= text.len(),
            "{problem:?}\n{text}"
        );
    }
    assert!(file.is_some() || !problems.is_empty());
    let Some(file) = file else { return };
    for found in assemble(&[file.clone(), file], &|id| id == "x").1 {
        assert!(found.problem.span.end <= text.len(), "{found:?}\n{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn survives_any_one_cut(at in 0..GOOD.len(), len in 0..40_usize) {
        let mut bytes = GOOD.as_bytes().to_vec();
        bytes.drain(at..(at + len).min(GOOD.len()));
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn survives_any_regex(regex in "[a-z\\\\\\[\\](){}*+?|^$.:<>=!P0-9é-]{0,30}") {
        survives(&format!("[[rules]]\nid = 'x'\nregex = '''{regex}'''\n"));
    }

    #[test]
    fn what_is_taken_compiles(regex in "[a-z\\\\\\[\\](){}*+?|^$.:<>=!&~QEdwsp0-9é-]{0,20}") {
        let text = format!("[[rules]]\nid = 'x'\nregex = '''{regex}'''\n");
        let Some(file) = GitleaksFile::parse(text.as_bytes()).0 else { return Ok(()) };
        let Some(regex) = file.rules.first().and_then(|rule| rule.regex.as_ref()) else { return Ok(()) };
        match regex::bytes::Regex::new(regex.text()) {
            Ok(compiled) => prop_assert_eq!(compiled.captures_len(), regex.groups() + 1),
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(error) => prop_assert!(false, "{} {error}", regex.text()),
        }
    }
}
