//! What a plain scalar means: the core schema of YAML 1.2.2, section 10.3.2. `yes`, `no`, `on` and `off` are strings.

/// The type of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScalarType {
    Null,
    Boolean,
    Integer,
    Float,
    String,
}

/// The type of plain (not quoted, not block) `text`.
pub(crate) fn plain_type(text: &str) -> ScalarType {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => ScalarType::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => ScalarType::Boolean,
        _ if is_integer(text) => ScalarType::Integer,
        _ if is_float(text) => ScalarType::Float,
        _ => ScalarType::String,
    }
}

/// The value of plain `text` that is a boolean.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn is_integer(text: &str) -> bool {
    if let Some(digits) = text.strip_prefix("0o") {
        return !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    is_digits(unsigned(text))
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, infinities and not-a-number.
fn is_float(text: &str) -> bool {
    let body = unsigned(text);
    if matches!(body, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let good_mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => is_digits(fraction),
        Some((whole, fraction)) => is_digits(whole) && (fraction.is_empty() || is_digits(fraction)),
        None => is_digits(mantissa),
    };
    good_mantissa && exponent.is_none_or(|exponent| is_digits(unsigned(exponent)))
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The regular expressions and example 10.9 of YAML 1.2.2, and what only YAML 1.1 resolved.
    #[test]
    fn follows_the_core_schema() {
        let cases = [
            (ScalarType::Null, vec!["", "null", "Null", "NULL", "~"]),
            (ScalarType::Boolean, vec!["true", "True", "FALSE"]),
            (ScalarType::Integer, vec!["0", "0o7", "0x3A", "-19", "+1", "007"]),
            (
                ScalarType::Float,
                vec!["0.", "-0.0", ".5", "+12e03", "-2E+05", ".inf", "-.Inf", "+.INF", ".NAN"],
            ),
            (
                ScalarType::String,
                vec![
                    "yes",
                    "No",
                    "on",
                    "OFF",
                    "y",
                    "nULL",
                    "tRUE",
                    "0o8",
                    "0b1",
                    "1_000",
                    "-0x1",
                    "1:30",
                    ".",
                    "e5",
                    "1e",
                    "-.nan",
                    "2026-12-31",
                    "1.2.3",
                    "-",
                    "+",
                ],
            ),
        ];
        for (expected, texts) in cases {
            for text in texts {
                assert_eq!(plain_type(text), expected, "{text}");
            }
        }
    }
}
