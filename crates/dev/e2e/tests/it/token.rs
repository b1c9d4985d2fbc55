//! Secrets that look real, made while the test runs: none is written down in the repository.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A classic GitHub personal access token with a valid checksum; another one for each `seed`. The form is from GitHub's engineering
/// blog, "Behind GitHub's new authentication token formats": 30 random digits of base 62, then their CRC-32 in six.
pub(crate) fn github(seed: u64) -> String {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut digit = || {
        // Knuth's MMIX generator: any spread of digits will do.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(DIGITS[(state >> 40) as usize % 62])
    };
    let body: String = (0..30).map(|_| digit()).collect();
    let mut sum = crc32(body.as_bytes());
    let mut check = Vec::new();
    for _ in 0..6 {
        check.push(char::from(DIGITS[sum as usize % 62]));
        sum /= 62;
    }
    format!("ghp_{body}{}", check.iter().rev().collect::<String>())
}

/// A random word of no vendor's form.
pub(crate) fn word(seed: u64) -> String {
    github(seed).chars().skip(6).take(20).collect()
}

/// CRC-32 as in ISO 3309, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

/// Fails if `secret` is in `text`: as it is, backwards, in hexadecimal, or in base64 at any of the three alignments.
#[track_caller]
pub(crate) fn assert_hidden(secret: &str, text: &str, place: &str) {
    for (form, shown) in forms(secret) {
        assert!(!text.contains(&shown), "the secret is in {place} ({form}):\n{text}");
    }
}

fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        ("as it is", secret.to_owned()),
        ("backwards", secret.chars().rev().collect()),
        ("upper-case hexadecimal", hex.to_uppercase()),
        ("hexadecimal", hex),
    ];
    for shift in 0..3 {
        // The digits at both ends also hold bits of the neighbours.
        let coded = base64(&[&vec![b'.'; shift], secret.as_bytes()].concat());
        let whole: String = coded.chars().skip(if shift == 0 { 0 } else { 4 }).collect();
        forms.push(("base64", whole.trim_end_matches('=').chars().take(whole.len() - 4).collect()));
    }
    forms
}

/// RFC 4648, section 4.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut word = [0; 4];
        word[1..=chunk.len()].copy_from_slice(chunk);
        let word = u32::from_be_bytes(word);
        for place in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[test]
fn tokens_are_what_the_blog_and_the_rfc_say() {
    // The check value of CRC-32 in the catalogue of parametrised CRC algorithms, and RFC 4648, section 10.
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!([base64(b"f"), base64(b"fo"), base64(b"foobar")], ["Zg==", "Zm8=", "Zm9vYmFy"]);
    assert_ne!(github(1), github(2));
}
