use base64::Engine as _;
use proptest::prelude::*;

use super::*;

const TOKEN: &str = "acme_q7Rt5vKp2mXz9LwBn4Hd";

fn decode(encoding: Encoding, bytes: &[u8]) -> Option<Decoded> {
    super::decode(encoding, bytes, 1 << 20)
}

/// What `text` decodes to as `encoding`, with the place of [`TOKEN`] in it led back.
fn led_back(encoding: Encoding, text: &str) -> (String, String) {
    let decoded = decode(encoding, text.as_bytes()).unwrap();
    let plain = String::from_utf8(decoded.text.clone()).unwrap();
    let at = plain.find(TOKEN).unwrap_or_else(|| panic!("{plain}"));
    let span = decoded.original(Span::new(at, at + TOKEN.len()));
    (plain, text.get(span.start..span.end).unwrap().to_owned())
}

#[test]
fn escapes_are_replaced_and_lead_back() {
    let cases = [
        (Encoding::Percent, "t%3Dacme%5Fq7Rt5vKp2mXz9LwBn4Hd%26", "t=acme_q7Rt5vKp2mXz9LwBn4Hd&"),
        (Encoding::Unicode, "\\u0061cme_q7Rt5vKp2mXz9LwBn4H\\x64", "acme_q7Rt5vKp2mXz9LwBn4Hd"),
        (Encoding::Unicode, "\\\\u{61}cme_q7Rt5vKp2mXz9LwBn4Hd", "acme_q7Rt5vKp2mXz9LwBn4Hd"),
        (Encoding::Unicode, "\\ud834\\udd1e acme_q7Rt5vKp2mXz9LwBn4Hd", "𝄞 acme_q7Rt5vKp2mXz9LwBn4Hd"),
        (Encoding::Html, "&lt;&#97;cme&#x5f;q7Rt5vKp2mXz9LwBn4Hd&gt;", "<acme_q7Rt5vKp2mXz9LwBn4Hd>"),
        (Encoding::QuotedPrintable, "k=3Dacme_q7Rt5=\r\nvKp2mXz9LwBn4Hd", "k=acme_q7Rt5vKp2mXz9LwBn4Hd"),
        (
            Encoding::Concatenation,
            "k = \"acme_\" +\n  'q7Rt5vKp2m' \"Xz9LwBn4Hd\"",
            "k = \"acme_q7Rt5vKp2mXz9LwBn4Hd\"",
        ),
        (Encoding::Concatenation, "k=acme_q7Rt5vKp2m\\\n  Xz9LwBn4Hd", "k=acme_q7Rt5vKp2mXz9LwBn4Hd"),
        (Encoding::Concatenation, "k='acme_q7Rt5';\nk.='vKp2mXz9LwBn4Hd'", "k='acme_q7Rt5vKp2mXz9LwBn4Hd'"),
        (Encoding::Concatenation, "k=\"acme_\"'q7Rt5vKp2m'\"Xz9LwBn4Hd\"", "k=\"acme_q7Rt5vKp2mXz9LwBn4Hd\""),
    ];
    for (encoding, text, expected) in cases {
        let (plain, original) = led_back(encoding, text);
        assert_eq!(plain, expected);
        let (first, last) = (original.chars().next().unwrap(), original.chars().last().unwrap());
        assert!(matches!(first, 'a' | '\\' | '&'), "{original}");
        assert!(matches!(last, 'd' | '4'), "{original}");
    }
}

fn codes(text: &str) -> String {
    text.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ")
}

#[test]
fn octal_escapes_are_replaced() {
    let octal: String = TOKEN.bytes().map(|byte| format!("\\{byte:03o}")).collect();
    let (plain, original) = led_back(Encoding::Unicode, &format!("k = \"{octal}\""));
    assert_eq!((plain, original), (format!("k = \"{TOKEN}\""), octal));
    for text in ["\\033[1m", "\\015\\012", "(a)\\1 \\18", "\\200"] {
        assert!(decode(Encoding::Unicode, text.as_bytes()).is_none(), "{text}");
    }
}

/// What Node, PHP, Python, Go, C and Ruby make the token of.
#[test]
fn listed_characters_and_pieces_are_joined() {
    let hex = TOKEN.bytes().map(|byte| format!("{byte:#04x}")).collect::<Vec<_>>().join(",");
    let characters =
        |quote: char| TOKEN.chars().map(|one| format!("{quote}{one}{quote}")).collect::<Vec<_>>().join(", ");
    let calls = TOKEN.bytes().map(|byte| format!("Chr({byte})")).collect::<Vec<_>>();
    let lists = [
        format!("k = String.fromCharCode({})", codes(TOKEN)),
        format!("k := string([]byte{{{}}})", codes(TOKEN)),
        format!("k := []byte{{\n\t{},\n}}", codes(TOKEN).replace(", 7", ",\n\t7")),
        format!("k = bytes([{}]).decode()", codes(TOKEN)),
        format!("k = ''.join(map(chr, [{}]))", codes(TOKEN)),
        format!("static const char k[] = {{{hex}, 0x00}};"),
        format!("char k[]={{{},'\\0'}};", characters('\'')),
        format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", codes(TOKEN)),
        format!("k = [{}].join('')", characters('"')),
        format!("k = [{}].join\n", characters('\'')),
        format!("k = %w[{}].join", characters(' ').replace(',', "")),
        "k = ['acme_q7Rt5', 'vKp2mX', 'z9LwBn4Hd'].join(\"\")".to_owned(),
        "k = \"\".join([\n  'acme_q7Rt5',\n  'vKp2mXz9LwBn4Hd',\n])".to_owned(),
        "$k = implode('', array('acme_q7Rt5', 'vKp2mXz9LwBn4Hd'));"
            .replace("array(", "[")
            .replace("'));", "']);"),
        "k = String.join(\"\", \"acme_q7Rt5\", \"vKp2mXz9LwBn4Hd\");".to_owned(),
    ];
    for text in lists {
        let seeds = seeds().filter(|(_, encoding)| *encoding == Encoding::List);
        let lower = text.to_ascii_lowercase();
        let mut places: Vec<_> =
            seeds.filter_map(|(seed, _)| Some((lower.find(seed)?, seed.len()))).collect();
        places.sort_unstable();
        let mut around = AroundSeeds::default();
        for (at, length) in places {
            let seed = Span::new(at, at + length);
            if may_begin(text.as_bytes(), Encoding::List, seed) {
                around.add(text.as_bytes(), Encoding::List, seed);
            }
        }
        let regions = around.into_regions();
        let [region] = regions.as_slice() else { panic!("{text}: {regions:?}") };
        let (plain, original) =
            led_back(Encoding::List, text.get(region.start as usize..region.end as usize).unwrap());
        assert!(plain.contains(&format!("\"{TOKEN}\"")), "{text}: {plain}");
        assert!(original.len() >= TOKEN.len(), "{text}: {original}");
    }
    let (plain, _) = led_back(
        Encoding::Concatenation,
        &String::from_utf8(decode(Encoding::List, calls.join(" & ").as_bytes()).unwrap().text).unwrap(),
    );
    assert!(plain.contains(TOKEN));
}

#[test]
fn other_lists_stay() {
    for text in [
        "[1, 2, 3].join('')",
        "['a', 'b'].join(', ')",
        "[a, 'b'].join('')",
        "''.join(part for part in parts)",
        "byte{1, 2, 3}",
        "int k[] = {65, 66, 67};",
        "String.fromCharCode(96 + at)",
        "chr(10)",
        "{\"data\": [1, 2, 3, 4, 5, 6, 7, 8, 9]}",
        "bytes([200, 201, 202, 203, 204, 205, 206, 207])",
    ] {
        assert!(decode(Encoding::List, text.as_bytes()).is_none(), "{text}");
    }
}

#[test]
fn what_only_looks_like_an_escape_stays() {
    for (encoding, text) in [
        (Encoding::Percent, "100% of %zz"),
        (Encoding::Unicode, "C:\\users \\u12 \\xg0"),
        (Encoding::Html, "a && b; &unknown;"),
        (Encoding::QuotedPrintable, "a=b, x=3 if y == z"),
        (Encoding::Concatenation, "[\"a\", \"b\"]; f(\"x\"); s = \"\""),
        (Encoding::Concatenation, "\"\"\"Says \"\"nothing\"\" at all.\"\"\""),
    ] {
        assert!(decode(encoding, text.as_bytes()).is_none(), "{text}");
    }
}

fn wrapped(text: &str, width: usize, separator: &str) -> String {
    let lines: Vec<_> =
        text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(separator)
}

#[test]
fn base_64_is_found_and_read_in_every_form() {
    let inner = format!("some words before it, token = {TOKEN} and some more words after the token");
    let standard = base64::engine::general_purpose::STANDARD.encode(&inner);
    let safe = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&inner);
    let wide: Vec<u8> = inner.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = base64::engine::general_purpose::STANDARD.encode(wide);
    let forms = [
        standard.clone(),
        safe,
        wide,
        wrapped(&standard, 64, "\n"),
        wrapped(&standard, 76, "\r\n      "),
        wrapped(&standard, 32, "\n"),
        wrapped(&standard, 60, "\\n"),
        wrapped(&standard, 76, "\\r\\n"),
    ];
    for form in forms {
        for before in ["data: \"", "x\\n", "", "key="] {
            let text = format!("{before}{form}\" and the rest");
            let found = runs(text.as_bytes(), &[Span::new(0, text.len())]);
            let [region] = found.as_slice() else { panic!("{text}: {found:?}") };
            let span = region.span();
            let (plain, original) = led_back(region.encoding, text.get(span.start..span.end).unwrap());
            assert!(plain.contains(TOKEN));
            let digits = original.bytes().filter(u8::is_ascii_alphanumeric).count();
            assert!((TOKEN.len() * 4 / 3..TOKEN.len() * 3).contains(&digits), "{original}");
        }
    }
}

#[test]
fn hexadecimal_text_is_found_and_other_digests_are_not() {
    let hex: String = format!("token={TOKEN}").bytes().map(|byte| format!("{byte:02x}")).collect();
    let text = format!("a9993e364706816aba3e25717850c26c9cd0d89d {hex} some-quite-long-identifier-in/a/path");
    let found = runs(text.as_bytes(), &[Span::new(0, text.len())]);
    let [region] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((region.encoding, region.span()), (Encoding::Hex, Span::new(41, 41 + hex.len())));
    assert_eq!(led_back(Encoding::Hex, &hex).1, hex.get(12..).unwrap());
}

#[test]
fn a_part_may_begin_within_the_end_of_a_line() {
    let line = "+a00+0+AA00+aA000AA+0AAa00aaAaaAA00A+a0a++A0";
    let text = format!("{line}\r\n{}", "c29tZSB0ZXh0IGhlcmUg".repeat(2));
    let whole = runs(text.as_bytes(), &[Span::new(0, text.len())]);
    for start in line.len()..line.len() + 3 {
        assert_eq!(runs(text.as_bytes(), &[Span::new(start, start + 1)]), whole, "{start}");
    }
}

/// Digits whose head is not ASCII: the text begins with another letter, or is UTF-16 with a mark or big-endian.
#[test]
fn base_64_of_other_text_is_read() {
    let plain = format!("Grüße: token = {TOKEN} und mehr");
    let units = |mark: &str, order: fn(u16) -> [u8; 2]| {
        format!("{mark}token = {TOKEN} and more").encode_utf16().flat_map(order).collect::<Vec<u8>>()
    };
    let texts = [
        plain.into_bytes(),
        format!("密钥密钥 {TOKEN}").into_bytes(),
        units("\u{feff}", u16::to_le_bytes),
        units("\u{feff}", u16::to_be_bytes),
        units("", u16::to_be_bytes),
    ];
    for text in texts {
        let run = base64::engine::general_purpose::STANDARD.encode(text);
        let text = format!("data: {run}\n");
        let found = runs(text.as_bytes(), &[Span::new(0, text.len())]);
        let [region] = found.as_slice() else { panic!("{text}: {found:?}") };
        let (plain, _) =
            led_back(Encoding::Base64, text.get(region.start as usize..region.end as usize).unwrap());
        assert!(plain.contains(TOKEN));
    }
}

/// As other programs write bytes: with a blank, a colon or a comma between, and as an export of a registry breaks them.
#[test]
fn pairs_of_hexadecimal_digits_are_read_with_what_parts_them() {
    let pairs =
        |separator: &str| TOKEN.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(separator);
    let wide = TOKEN.bytes().map(|byte| format!("{byte:02x},00")).collect::<Vec<_>>().join(",");
    let (first, rest) = wide.split_at(60);
    let joined = format!("{first}\\\r\n  {rest}");
    for form in [pairs(" "), pairs(":").to_uppercase(), pairs(","), pairs("\n"), pairs("\\"), joined] {
        for before in ["k=", "hex(2):", "", "abcd\n"] {
            let text = format!("{before}{form} - end");
            let found = runs(text.as_bytes(), &[Span::new(0, text.len())]);
            let [region] = found.as_slice() else { panic!("{text}: {found:?}") };
            let (plain, original) =
                led_back(Encoding::Hex, text.get(region.start as usize..region.end as usize).unwrap());
            assert_eq!(plain, TOKEN, "{text}");
            // The zero byte of the last character says nothing.
            assert!(form.starts_with(&original) && original.len() + 3 >= form.len(), "{text}: {original}");
        }
    }
    for text in [
        "it is as if we do so or go on at no to be he me my us up ox",
        "00:11:22:33:44:55",
        "de:ad:be:ef:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd",
    ] {
        assert_eq!(runs(text.as_bytes(), &[Span::new(0, text.len())]), [], "{text}");
    }
}

#[test]
fn digits_of_hexadecimal_text_may_have_a_mark() {
    let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02x}")).collect();
    for mark in ["0x", "\\x", "X'"] {
        let text = format!("k = {mark}{hex}'");
        let found = runs(text.as_bytes(), &[Span::new(0, text.len())]);
        let [region] = found.as_slice() else { panic!("{text}: {found:?}") };
        assert_eq!(region.encoding, Encoding::Hex);
        assert_eq!(text.get(region.start as usize..region.end as usize), Some(hex.as_str()));
    }
}

proptest! {
    #[test]
    fn runs_of_a_part_are_those_of_the_whole(
        pieces in proptest::collection::vec(prop_oneof![
            "[a-z ]{0,30}", "[a-zA-Z0-9+/]{20,90}={0,2}", " {0,4}\r?\n {0,4}", "(\\\\r)?\\\\n",
            "([a-zA-Z0-9+/]{28}\n){1,3}", "(6[1-9a-f][ :]){8,30}", "(6[1-9a-f],){0,3}", "([0-9a-f]{2},){12}\\\\\r\n  ", "(c29tZSB0ZXh0IGhlcmUg){2,6}",
            "(68656c6c6f20776f726c6420){2,4}", "(6[1-9a-f][ :]){6,14}(6[1-9a-f], ){2,20}"
        ], 0..20),
        parts in proptest::collection::vec((0..800_usize, 0..400_usize), 1..6),
    ) {
        let text = pieces.concat().into_bytes();
        let mut end = 0;
        let parts: Vec<_> = parts
            .into_iter()
            .map(|(gap, length)| {
                let start = (end + gap).min(text.len());
                end = (start + length).min(text.len());
                let part = Span::new(start, end);
                end += 1;
                part
            })
            .take_while(|part| part.start < text.len())
            .collect();
        let touches = |region: &Region, part: &Span| {
            region.start as usize <= part.end && region.end as usize >= part.start
        };
        let mut touching = runs(&text, &[Span::new(0, text.len())]);
        touching.retain(|region| parts.iter().any(|part| touches(region, part)));
        prop_assert_eq!(runs(&text, &parts), touching);
    }

    #[test]
    fn any_bytes_can_be_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        use Encoding::{Base64, Concatenation, Hex, Html, List, Percent, QuotedPrintable, Unicode};
        for encoding in [Base64, Concatenation, Hex, Html, List, Percent, QuotedPrintable, Unicode] {
            if let Some(decoded) = decode(encoding, &bytes) {
                prop_assert!(decoded.work > 0 || decoded.text.len() <= bytes.len());
                let span = decoded.original(Span::new(0, decoded.text.len()));
                prop_assert!(span.start <= span.end && span.end <= bytes.len());
            }
        }
    }
}
