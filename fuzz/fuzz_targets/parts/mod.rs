//! Inputs that are several files: the first line of each names it.

/// What stands between two files: never part of UTF-8, and in UTF-16 no character.
const BETWEEN: &[u8] = b"\xff\xff";

/// The first files of `input`, at most `most`. Each gets the name that its first line is, if `names` has it; any other line chooses one.
pub fn named<'n, 'b>(names: &[&'n str], input: &'b [u8], most: usize) -> Vec<(&'n str, &'b [u8])> {
    split(input).into_iter().take(most).map(|bytes| of(names, bytes)).collect()
}

fn of<'n, 'b>(names: &[&'n str], bytes: &'b [u8]) -> (&'n str, &'b [u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, rest) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    let chosen = names.iter().find(|name| name.as_bytes() == line);
    let other = || &names[line.iter().map(|byte| usize::from(*byte)).sum::<usize>() % names.len()];
    (chosen.unwrap_or_else(other), rest)
}

fn split(mut input: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some(at) = input.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        parts.push(&input[..at]);
        input = &input[at + BETWEEN.len()..];
    }
    parts.push(input);
    parts
}
