use anstyle::{AnsiColor, Color, Style};
use palisade_model::is_unprintable;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

pub(crate) const RED: Style = bold(AnsiColor::BrightRed);
pub(crate) const YELLOW: Style = bold(AnsiColor::Yellow);
pub(crate) const GREEN: Style = bold(AnsiColor::Green);
pub(crate) const BLUE: Style = bold(AnsiColor::BrightBlue);
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();

/// The width that prose is wrapped to, in columns.
const WIDTH: usize = 100;

const fn bold(color: AnsiColor) -> Style {
    Style::new().bold().fg_color(Some(Color::Ansi(color)))
}

/// `text` in `style`.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// `text` without anything a terminal would obey: control characters become their escapes, characters that change the direction
/// of text (CVE-2021-42574) too.
pub fn printable(text: &str) -> String {
    let hostile = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut clean, c| {
        match c {
            '\t' => clean.push(' '),
            c if hostile(c) => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
        clean
    })
}

/// A document as text, broken into lines. Nothing in it moves a terminal's cursor or turns text around, not even where JSON would let
/// it: such characters become their `\u` escapes, which mean the same.
pub fn json(document: &Value) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    Ok(json_for_terminals(&text))
}

/// JSON escapes the control characters of ASCII alone (RFC 8259, section 7). All others can stand in strings only.
pub(crate) fn json_for_terminals(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut clean, c| {
        match c {
            '\n' => clean.push(c),
            c if is_unprintable(c) => clean.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => clean.push(c),
        }
        clean
    })
}

/// [`printable`] for bytes that need not be UTF-8, such as a program's output.
pub fn printable_bytes(bytes: &[u8]) -> String {
    printable(&String::from_utf8_lossy(bytes))
}

/// `1 file`, `2 files`.
pub fn plural(count: u64, one: &str) -> String {
    match (count, one.strip_suffix('y')) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ => format!("{count} {one}s"),
    }
}

/// A size in the largest decimal unit that gives at least 1: `1.9 MB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let mut amount = count as f64 / 1000.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    for larger in units {
        if amount < 999.95 {
            break;
        }
        amount /= 1000.0;
        unit = larger;
    }
    format!("{amount:.1} {unit}")
}

/// `error: MESSAGE`.
pub fn error_line(message: &str) -> String {
    format!("{}{} {}", styled(RED, "error"), styled(BOLD, ":"), printable(message))
}

/// `warning: MESSAGE`.
pub fn warning_line(message: &str) -> String {
    format!("{}{} {}", styled(YELLOW, "warning"), styled(BOLD, ":"), printable(message))
}

/// `  hint: MESSAGE`.
pub fn hint_line(message: &str) -> String {
    format!("  {} {}", styled(BLUE, "hint:"), printable(message))
}

/// Breaks `text` at spaces, so that lines stay within the width after `indent` columns. Words longer than a line stay whole.
pub(crate) fn wrapped(text: &str, indent: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if indent + line.width() + 1 + word.width() <= WIDTH {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Rows in columns, each as wide as its widest cell, two spaces apart.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_printed_moves_the_cursor_or_turns_text_around() {
        let shown = printable_bytes(b"a\x1b[2J\rb\xffc\tx\xe2\x80\xae");
        assert_eq!(shown, "a\\u{1b}[2J\\u{d}b\u{fffd}c x\\u{202e}");
    }

    #[test]
    fn json_means_the_same_and_is_clean() {
        let document = serde_json::json!({ "a\u{202e}": "b\u{9b}2J\u{1b}\n" });
        let text = json(&document).unwrap();
        assert_eq!(text, "{\n  \"a\\u202e\": \"b\\u009b2J\\u001b\\n\"\n}\n");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
    }

    #[test]
    fn sizes_and_counts_read_well() {
        assert_eq!(
            [0, 999, 1000, 1_900_000, 999_950_000].map(bytes),
            ["0 B", "999 B", "1.0 kB", "1.9 MB", "1.0 GB"]
        );
        assert_eq!([0, 1, 2].map(|count| plural(count, "entry")), ["0 entries", "1 entry", "2 entries"]);
    }

    #[test]
    fn columns_line_up_by_display_width() {
        let rows = [vec!["ä".to_owned(), "1".to_owned()], vec!["宽".to_owned(), "2".to_owned()]];
        assert_eq!(table(&rows), "ä   1\n宽  2\n");
    }
}
