//! Text wrapped in encodings, well or badly: no panic, findings lie in the text around, and say nothing of what is wrapped.
#![no_main]

mod secrets;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use libfuzzer_sys::fuzz_target;
use secrets::{ENGINE, findings, with_examples};

/// Layers that are put around a text.
const LAYERS: usize = 4;
/// Longer texts only cost time.
const MAX_TEXT: usize = 1 << 16;
/// Shorter values stand in too many places by accident.
const SHORTEST: usize = 12;

// The first bytes say which encodings; of the second half of them, how much is damaged.
fuzz_target!(|input: &[u8]| {
    let Some((head, rest)) = input.split_at_checked(2 * LAYERS) else { return };
    let mut text = with_examples(rest);
    for layer in head.as_chunks::<2>().0 {
        let [kind, damage] = *layer;
        text = wrapped(&text, kind);
        if damage >= 0x80 && !text.is_empty() {
            let at = text.len() * usize::from(damage - 0x80) / 0x80;
            text[at] = damage;
        }
        if text.len() > MAX_TEXT {
            return;
        }
    }
    for finding in &findings("input.env", &text, &ENGINE.read(&text)) {
        let bytes = finding.location.bytes;
        let Ok(secret) = std::str::from_utf8(&text[bytes.start..bytes.end]) else { continue };
        if secret.len() >= SHORTEST && secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            let said = format!("{finding:?}");
            assert!(!said.contains(secret), "{said}");
        }
    }
});

fn wrapped(text: &[u8], kind: u8) -> Vec<u8> {
    let every = |form: &dyn Fn(u8) -> String| text.iter().flat_map(|byte| form(*byte).into_bytes()).collect();
    // In place of those that need not be escaped, themselves.
    let sparse = |form: &dyn Fn(u8) -> String| {
        every(&|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { form(byte) })
    };
    let wide = || String::from_utf8_lossy(text).into_owned();
    match kind % 23 {
        0 => STANDARD.encode(text).into_bytes(),
        1 => STANDARD_NO_PAD.encode(text).into_bytes(),
        2 => URL_SAFE.encode(text).into_bytes(),
        3 => lines(STANDARD.encode(text).as_bytes(), 64, b"\n"),
        4 => lines(STANDARD.encode(text).as_bytes(), 76, b"\r\n  "),
        5 => every(&|byte| format!("{byte:02x}")),
        6 => every(&|byte| format!("%{byte:02X}")),
        7 => sparse(&|byte| format!("%{byte:02x}")),
        8 => every(&|byte| format!("\\u{byte:04x}")),
        9 => sparse(&|byte| format!("\\x{byte:02x}")),
        10 => every(&|byte| format!("&#{byte};")),
        11 => sparse(&|byte| format!("={byte:02X}")),
        12 => lines(text, 70, b"=\r\n"),
        13 => [b"\"", lines(text, 20, b"\" +\n  \"").as_slice(), b"\""].concat(),
        14 => wide().encode_utf16().flat_map(u16::to_le_bytes).collect(),
        15 => wide().encode_utf16().flat_map(u16::to_be_bytes).collect(),
        16 => lines(STANDARD.encode(text).as_bytes(), 60, b"\\n"),
        17 => lines(STANDARD.encode(text).as_bytes(), 28, b"\n# "),
        18 => every(&|byte| format!("{byte:02x} ")),
        19 => every(&|byte| format!("{byte:02x},\\\r\n  ")),
        20 => [b"k[] = {", every(&|byte| format!("{byte:#x}, ")).as_slice(), b"}"].concat(),
        21 => [b"b.append(\"", lines(text, 20, b"\")\n  .append(\"").as_slice(), b"\")"].concat(),
        _ => STANDARD.encode(gzip(text)).into_bytes(),
    }
}

/// A member of gzip with stored blocks.
fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    for block in text.chunks(0x7fff) {
        let length = u16::try_from(block.len()).unwrap_or_default();
        out.push(0);
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend([1, 0, 0, 0xff, 0xff]);
    out.extend([0; 8]);
    out
}

fn lines(text: &[u8], width: usize, end: &[u8]) -> Vec<u8> {
    text.chunks(width).collect::<Vec<_>>().join(end)
}
