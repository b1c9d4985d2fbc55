use palisade_sbom::licence::{Expression, Judgement, LicenceError, judge};
use proptest::prelude::*;

#[test]
fn expressions_of_the_specification_are_read() {
    // Annex D of SPDX 2.3.
    for (text, canonical) in [
        ("CDDL-1.0+", "CDDL-1.0+"),
        ("LicenseRef-23", "LicenseRef-23"),
        ("LicenseRef-MIT-Style-1", "LicenseRef-MIT-Style-1"),
        (
            "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2",
            "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2",
        ),
        ("LGPL-2.1-only OR MIT OR BSD-3-Clause", "LGPL-2.1-only OR MIT OR BSD-3-Clause"),
        ("LGPL-2.1-only AND MIT AND BSD-2-Clause", "LGPL-2.1-only AND MIT AND BSD-2-Clause"),
        ("GPL-2.0-or-later WITH Bison-exception-2.2", "GPL-2.0-or-later WITH Bison-exception-2.2"),
        ("LGPL-2.1-only OR BSD-3-Clause AND MIT", "LGPL-2.1-only OR (BSD-3-Clause AND MIT)"),
        ("MIT AND (LGPL-2.1-or-later OR BSD-3-Clause)", "MIT AND (LGPL-2.1-or-later OR BSD-3-Clause)"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("((MIT))", "MIT"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("LGPL-3.0-only+", "LGPL-3.0-or-later"),
        ("GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
    ] {
        assert_eq!(Expression::parse(text).unwrap().to_string(), canonical, "{text}");
    }
}

#[test]
fn broken_expressions_are_refused() {
    for (text, error) in [
        ("", LicenceError::Empty),
        ("  ", LicenceError::Empty),
        ("MIT AND", LicenceError::Syntax { at: 7 }),
        ("MIT Apache-2.0", LicenceError::Syntax { at: 4 }),
        ("(MIT", LicenceError::Syntax { at: 4 }),
        ("MIT)", LicenceError::Syntax { at: 3 }),
        ("AND MIT", LicenceError::Syntax { at: 0 }),
        ("MIT/X11", LicenceError::Syntax { at: 3 }),
        ("Frobnicate-1.0", LicenceError::UnknownLicence("Frobnicate-1.0".to_owned())),
        ("MIT WITH MIT", LicenceError::UnknownException("MIT".to_owned())),
        ("LicenseRef-", LicenceError::UnknownLicence("LicenseRef-".to_owned())),
    ] {
        assert_eq!(Expression::parse(text), Err(error), "{text}");
    }
    assert_eq!(Expression::parse(&"(".repeat(9000)), Err(LicenceError::TooLong));
    assert_eq!(Expression::parse(&"(".repeat(100)), Err(LicenceError::TooDeep));
}

#[test]
fn other_spellings_are_understood() {
    for (text, expected) in [
        ("Apache 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("The Apache Software License, Version 2.0", "Apache-2.0"),
        ("ASL 2.0", "Apache-2.0"),
        ("MIT/X11", "MIT"),
        ("The MIT License", "MIT"),
        ("MIT License", "MIT"),
        ("Expat", "MIT"),
        ("License :: OSI Approved :: MIT License", "MIT"),
        ("License :: OSI Approved :: GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"),
        ("License :: OSI Approved :: GNU Affero General Public License v3", "AGPL-3.0-only"),
        ("GPLv2+", "GPL-2.0-or-later"),
        ("GPL-2+", "GPL-2.0-or-later"),
        ("GPL (>= 2)", "GPL-2.0-or-later"),
        ("GPL-2 | GPL-3", "GPL-2.0-only OR GPL-3.0-only"),
        ("LGPLv2.1", "LGPL-2.1-only"),
        ("GNU Lesser General Public License, Version 2.1", "LGPL-2.1-only"),
        ("GNU Library General Public License v2.1 or later", "LGPL-2.1-or-later"),
        ("GPL v3", "GPL-3.0-only"),
        ("BSD 3-Clause", "BSD-3-Clause"),
        ("New BSD License", "BSD-3-Clause"),
        ("3-Clause BSD License", "BSD-3-Clause"),
        ("BSD-2-Clause", "BSD-2-Clause"),
        ("Eclipse Public License - v 2.0", "EPL-2.0"),
        ("EPL-1.0", "EPL-1.0"),
        ("Mozilla Public License 2.0", "MPL-2.0"),
        ("Mozilla Public License, Version 2.0", "MPL-2.0"),
        ("CC0", "CC0-1.0"),
        ("MIT OR Apache 2.0", "MIT OR Apache-2.0"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT OR Apache-2.0)", "MIT OR Apache-2.0"),
        ("MIT and GPLv2+", "MIT AND GPL-2.0-or-later"),
        ("MIT, BSD-3-Clause", "MIT AND BSD-3-Clause"),
        ("MIT + file LICENSE", "MIT"),
        ("ISC License (ISCL)", "ISC"),
        ("Python Software Foundation License", "PSF-2.0"),
        ("perl_5", "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("Boost Software License 1.0", "BSL-1.0"),
    ] {
        let got = Expression::of_declared(text).map(|expression| expression.to_string());
        assert_eq!(got.as_deref(), Ok(expected), "{text}");
    }
    for text in [
        "BSD",
        "GPL",
        "LGPL",
        "SEE LICENSE IN LICENSE.txt",
        "UNLICENSED",
        "Proprietary",
        "Apache",
        "GPL 2 3",
        "custom",
    ] {
        assert!(Expression::of_declared(text).is_err(), "{text}");
    }
}

#[test]
fn lists_judge() {
    let list = |text: &str| -> Vec<String> {
        text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let denied = |names: &str| Judgement::Denied(list(names).into_iter().collect());
    let unlisted = |names: &str| Judgement::Unlisted(list(names).into_iter().collect());
    for (text, allow, deny, expected) in [
        ("MIT", "", "", Judgement::Allowed),
        ("MIT", "mit", "", Judgement::Allowed),
        ("MIT", "ISC", "", unlisted("MIT")),
        ("MIT", "", "MIT", denied("MIT")),
        ("MIT", "MIT", "MIT", denied("MIT")),
        ("MIT OR GPL-3.0-only", "MIT", "GPL-*", Judgement::Allowed),
        ("MIT AND GPL-3.0-only", "MIT", "GPL-*", denied("GPL-3.0-only")),
        ("MIT AND (ISC OR GPL-3.0-only)", "MIT", "GPL-*", unlisted("ISC")),
        ("GPL-2.0-only AND GPL-3.0-only", "", "GPL-*", denied("GPL-2.0-only,GPL-3.0-only")),
        ("GPL-2.0", "GPL-2.0-only", "", Judgement::Allowed),
        ("GPL-2.0-or-later", "GPL-2.0-only", "", Judgement::Allowed),
        ("GPL-2.0-or-later", "GPL-3.0-only", "", unlisted("GPL-2.0-or-later")),
        ("Apache-2.0+", "Apache-2.0", "", Judgement::Allowed),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0", "", Judgement::Allowed),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "",
            "GPL-2.0-only",
            denied("GPL-2.0-only WITH Classpath-exception-2.0"),
        ),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "GPL-2.0-only",
            Judgement::Allowed,
        ),
        ("GPL-2.0-only", "GPL-2.0-only WITH Classpath-exception-2.0", "", unlisted("GPL-2.0-only")),
        ("LicenseRef-Acme", "LicenseRef-Acme", "", Judgement::Allowed),
        ("LicenseRef-Acme", "MIT", "", unlisted("LicenseRef-Acme")),
    ] {
        let expression = Expression::parse(text).unwrap();
        assert_eq!(judge(&expression, &list(allow), &list(deny)), expected, "{text}, {allow}, {deny}");
    }
}

#[test]
fn an_entry_that_can_match_nothing_is_told() {
    use palisade_sbom::licence::check_entry;
    for good in [
        "MIT",
        "gpl-3.0-only ",
        "GPL-3.0",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "GPL-*",
        "*",
        "LicenseRef-a",
        "LicenseRef-*",
    ] {
        assert_eq!(check_entry(good), Ok(()), "{good}");
    }
    for bad in ["GPLv3", "GPL-3", "GLP-*", "MIT OR ISC", "MIT,ISC", "", "BSD"] {
        assert!(check_entry(bad).is_err(), "{bad}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_shown_reads_back(text in "[(]{0,2}(MIT|ISC|GPL-2.0\\+?|Zlib)( (AND|OR) [(]?(Apache-2.0|0BSD)[)]?){0,3}[)]{0,2}") {
        if let Ok(expression) = Expression::parse(&text) {
            prop_assert_eq!(Expression::parse(&expression.to_string()), Ok(expression));
        }
    }

    #[test]
    fn no_text_breaks_reading(text in "(\\PC|[ ()+/,|:.v0-9a-zA-Z>=-]|MIT| or | and |GPL){0,40}") {
        if let Ok(expression) = Expression::of_declared(&text) {
            prop_assert_eq!(Expression::parse(&expression.to_string()), Ok(expression));
        }
    }
}
