/// The lines of `text` with their numbers, from 1.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.lines())
}

/// `url` without a user name and a password.
pub(crate) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// `bytes` as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The texts between quotes in a line, single or double.
pub(crate) fn quoted(line: &str) -> Vec<&str> {
    let mut rest = line;
    std::iter::from_fn(|| {
        let (text, following) = next_quoted(rest)?;
        rest = following;
        Some(text)
    })
    .collect()
}

/// The first text between quotes, and what follows it.
pub(crate) fn next_quoted(line: &str) -> Option<(&str, &str)> {
    let begin = line.find(['"', '\''])?;
    let mut chars = line.split_at(begin).1.chars();
    let quote = chars.next()?;
    chars.as_str().split_once(quote)
}
