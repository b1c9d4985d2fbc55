//! The values that documents share: names, durations, paths, globs, environment variables.

use std::collections::BTreeMap;

use globset::GlobBuilder;
use jiff::civil::Date;
use palisade_model::{Problem, RepoPath, is_unprintable};

use crate::parsed::Spanned;
use crate::reader::{Reader, shown, type_of};
use crate::scalar::{ScalarType, boolean};
use crate::tree::{Kind, Node};

/// Longest duration in seconds: a day.
const MAX_SECONDS: u64 = 24 * 60 * 60;
/// Longest glob in bytes.
const MAX_GLOB: usize = 256;

/// Whether `text` is `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
pub(crate) fn is_name(text: &str) -> bool {
    let tail = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.bytes().all(tail)
}

/// The name of a program on the host: as [`is_name`] has it, with `+` as in `g++`.
pub(crate) fn tool(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.string(node)?;
    if is_name(&text.replace('+', "-")) && !text.starts_with('+') {
        return Some(text.to_owned());
    }
    bad_name(reader, &Spanned::new(text, node.span), "a tool");
    None
}

/// A name as [`is_name`] has it; `what` says of what.
pub(crate) fn name(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<String> {
    let text = reader.string(node)?;
    if is_name(text) {
        return Some(text.to_owned());
    }
    bad_name(reader, &Spanned::new(text, node.span), what);
    None
}

/// Notes that `text` is no name for `what`.
pub(crate) fn bad_name(reader: &mut Reader<'_>, text: &Spanned<&str>, what: &str) {
    reader.note(
        Problem::error(format!("{} is not a name for {what}", shown(text.value)), text.span).with_hint(
            "a name begins with a letter or digit and has at most 64 letters, digits, dots, dashes and underscores",
        ),
    );
}

/// One line of text for people: not blank, at most `most` characters, nothing that misleads a terminal.
pub(crate) fn line(reader: &mut Reader<'_>, node: &Node, most: usize) -> Option<String> {
    let text = reader.string(node)?;
    let problem = if text.trim().is_empty() {
        "it must not be empty".to_owned()
    } else if text.chars().nth(most).is_some() {
        format!("it is longer than {most} characters")
    } else if text.chars().any(is_unprintable) {
        "control and direction characters are not allowed here".to_owned()
    } else {
        return Some(text.to_owned());
    };
    reader.error(problem, node.span);
    None
}

/// A boolean.
pub(crate) fn flag(reader: &mut Reader<'_>, node: &Node) -> Option<bool> {
    let value = match &node.kind {
        Kind::Scalar { text, plain: true } => boolean(text),
        _ => None,
    };
    if value.is_none() {
        reader.note(
            Problem::error("expected a boolean", node.span)
                .with_hint("write `true` or `false`, without quotes"),
        );
    }
    value
}

/// A whole number from 0 to `most`.
pub(crate) fn count(reader: &mut Reader<'_>, node: &Node, most: u32) -> Option<u32> {
    let value = match &node.kind {
        Kind::Scalar { text, plain: true } => decimal(text).and_then(|number| u32::try_from(number).ok()),
        _ => None,
    };
    let value = value.filter(|number| *number <= most);
    if value.is_none() {
        reader.error(format!("expected a whole number from 0 to {most}"), node.span);
    }
    value
}

/// A duration in seconds: `90s`, `15m`, `2h`, or a number of seconds; from one second to a day.
pub(crate) fn duration(reader: &mut Reader<'_>, node: &Node) -> Option<u64> {
    let text = reader.text(node)?;
    match seconds(text) {
        Some(seconds @ 1..=MAX_SECONDS) => return Some(seconds),
        Some(_) => reader.error("a duration is from 1s to 24h", node.span),
        None => reader.note(
            Problem::error(format!("{} is not a duration", shown(text)), node.span)
                .with_hint("write `90s`, `15m`, `2h` or a number of seconds"),
        ),
    }
    None
}

fn seconds(text: &str) -> Option<u64> {
    let units = [("s", 1), ("m", 60), ("h", 60 * 60)];
    let suffixed = units.iter().find_map(|(unit, length)| Some((text.strip_suffix(unit)?, *length)));
    let (digits, length) = suffixed.unwrap_or((text, 1));
    Some(decimal(digits)?.saturating_mul(length))
}

/// Up to 18 decimal digits, without sign.
fn decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A path below some folder, in its shortest form: without `./`, double or final slashes; `.` is the folder itself.
pub(crate) fn relative_path(reader: &mut Reader<'_>, text: &Spanned<&str>) -> Option<String> {
    let parts: Vec<&str> = text.value.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let path = if parts.is_empty() { ".".to_owned() } else { parts.join("/") };
    let inside = path == "." || RepoPath::from_bytes(path.as_bytes()).is_ok();
    let plain = !text.value.starts_with('/') && !text.value.is_empty() && !path.chars().any(is_unprintable);
    if inside && plain {
        return Some(path);
    }
    reader.note(
        Problem::error(format!("{} is not a relative path", shown(text.value)), text.span)
            .with_hint("write it relative, without a leading `/` and without `..`"),
    );
    None
}

/// Globs below the workspace.
pub(crate) fn globs(reader: &mut Reader<'_>, node: &Node) -> Vec<Spanned<String>> {
    let items = reader.string_or_list(node);
    items.into_iter().filter_map(|item| Some(Spanned::new(glob(reader, &item)?, item.span))).collect()
}

fn glob(reader: &mut Reader<'_>, text: &Spanned<&str>) -> Option<String> {
    if text.value.len() > MAX_GLOB {
        reader.error(format!("the glob is longer than {MAX_GLOB} bytes"), text.span);
        return None;
    }
    let path = relative_path(reader, text)?;
    if let Err(error) = GlobBuilder::new(&path).literal_separator(true).build() {
        reader.error(format!("{} is not a glob: {}", shown(&path), error.kind()), text.span);
        return None;
    }
    Some(path)
}

/// Environment variables: scalars, taken as they are written.
pub(crate) fn env(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    for (key, value) in reader.entries(node) {
        let allowed = is_env_name(reader, &key);
        if let Some(text) = env_value(reader, value).filter(|_| allowed) {
            env.insert(key.value.to_owned(), text);
        }
    }
    env
}

fn env_value(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    match (&node.kind, type_of(node)) {
        (Kind::Scalar { text, .. }, Some(kind)) if kind != ScalarType::Null => Some(text.clone()),
        (Kind::Scalar { .. }, _) => {
            reader.note(
                Problem::error("expected a string, found nothing", node.span)
                    .with_hint("write `\"\"` for an empty value"),
            );
            None
        }
        _ => {
            reader.mismatch(node, "a string");
            None
        }
    }
}

fn is_env_name(reader: &mut Reader<'_>, key: &Spanned<&str>) -> bool {
    let tail = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let head = key.value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let problem = |what: &str| Problem::error(format!("{} {what}", shown(key.value)), key.span);
    let problem = if !head || !key.value.bytes().all(tail) || key.value.len() > 128 {
        problem("is not a name for an environment variable")
            .with_hint("a name has letters, digits and underscores, and does not begin with a digit")
    } else if key.value.starts_with("PALISADE_") {
        problem("is reserved").with_hint("names that begin with `PALISADE_` are set by Palisade alone")
    } else if steers_loader(key.value) {
        problem("would change which code the interpreter itself runs")
            .with_hint("set it in the script, for the command that needs it")
    } else {
        return true;
    };
    reader.note(problem);
    false
}

/// Variables by which the dynamic loader, the C library or a shell runs other code before the script begins: ld.so(8), dyld(1),
/// the Bash manual ("Bash Startup Files"), POSIX sh (`ENV`).
fn steers_loader(name: &str) -> bool {
    const NAMES: &[&str] = &["GLIBC_TUNABLES", "GCONV_PATH", "BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS"];
    name.starts_with("LD_") || name.starts_with("DYLD_") || NAMES.contains(&name)
}

/// A day, which may look like a number.
pub(crate) fn day(reader: &mut Reader<'_>, node: &Node) -> Option<Date> {
    let text = reader.text(node)?;
    let form = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let date = (form && text.len() == 10).then(|| text.parse().ok()).flatten();
    if date.is_none() {
        reader.note(
            Problem::error(format!("{} is not a day", shown(text)), node.span)
                .with_hint("write the last day it holds as `YYYY-MM-DD`"),
        );
    }
    date
}
