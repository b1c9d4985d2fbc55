use std::collections::BTreeMap;

use crate::field::{lines, split_once, text};

/// Most bytes of a file that tells of a distribution, and most assignments in it.
const MAX_BYTES: usize = 64 << 10;
const MAX_FIELDS: usize = 200;

/// The assignments of an os-release file (os-release(5)), the last of each name.
pub(crate) fn fields(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (_, line) in lines(bytes.get(..MAX_BYTES).unwrap_or(bytes)) {
        let line = line.trim_ascii();
        let Some((name, value)) = split_once(line, b'=').filter(|_| !line.starts_with(b"#")) else {
            continue;
        };
        if let (Ok(name), Ok(value)) = (text(name), text(&unquoted(value)))
            && fields.len() < MAX_FIELDS
        {
            fields.insert(name, value);
        }
    }
    fields
}

/// A value without the quotes and backslashes of the shell.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut quote = None;
    let mut bytes = value.trim_ascii().iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if quote != Some(b'\'') => plain.extend(bytes.next()),
            b'"' | b'\'' if quote.is_none() => quote = Some(byte),
            _ if quote == Some(byte) => quote = None,
            _ => plain.push(byte),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of os-release(5) and of the shell's own quoting.
    #[test]
    fn values_are_unquoted_as_a_shell_does() {
        for (value, plain) in [
            (&b"fedora"[..], "fedora"),
            (b"\"Fedora Linux 32\"", "Fedora Linux 32"),
            (b"'a\\b'", "a\\b"),
            (b"\"a\\\"b\\$c\"", "a\"b$c"),
            (b"a'b'\"c\"", "abc"),
            (b"\"open", "open"),
        ] {
            assert_eq!(String::from_utf8(unquoted(value)).unwrap(), plain);
        }
    }
}
