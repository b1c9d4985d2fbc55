//! Judges whether a value that stands beside a name is a credential: a pure function of the name, the value and the few bytes
//! around them. Works in integers, so that every machine comes to the same score.

pub(crate) mod features;
mod lexicon;
mod name;
mod public_key;
mod shape;
mod weights;
mod words;

pub(crate) use features::{is_dummy_word, is_of_tests, is_uuid};
pub(crate) use name::{Name, Promise, next_stem, promise, promise_of_stem};
pub(crate) use shape::is_foreign;
pub(crate) use words::words;

/// How a value is tied to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `name = value`, `name := value`, `name => value`.
    Assigned,
    /// `name: value`.
    Colon,
    /// `("name", "value")`.
    Argument,
    /// `setName("value")`.
    Call,
    /// `name == "value"`.
    Compared,
    /// `name || "value"`, `${NAME:-value}`.
    Fallback,
    /// `name "value"`, as in SQL and in C macros.
    Beside,
    /// `<name>value</name>`, `name="name" value="value"`.
    Markup,
    /// `--name value`, or the option of a known program.
    Flag,
    /// `name: NAME` and `value: value` on neighbouring lines.
    Pair,
    /// `name=value` inside a longer literal: a connection string, a query, a command.
    Inner,
}

/// What encloses a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quote {
    Bare,
    Single,
    Double,
    Backtick,
}

/// A value, and what speaks for and against its being a credential.
pub(crate) struct Evidence<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) promise: Name,
    pub(crate) value: &'a [u8],
    pub(crate) form: Form,
    pub(crate) quote: Quote,
    /// The bytes right after the value and what encloses it.
    pub(crate) after: &'a [u8],
    /// The bytes around name and value.
    pub(crate) around: &'a [u8],
}

/// How likely a value is to be a credential, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Score(pub(crate) u16);

impl Score {
    /// A score of so many thousandths, at most 1000.
    pub(crate) const fn new(thousandths: u16) -> Self {
        Self(if thousandths > 1000 { 1000 } else { thousandths })
    }

    /// Of odds that are given as a natural logarithm in 256ths.
    fn of_odds(odds: i64) -> Self {
        // The logistic function at 0, 1/2, 1 ... 8, in thousandths, and straight lines between them.
        const CURVE: [i64; 18] =
            [500, 622, 731, 818, 881, 924, 953, 971, 982, 989, 993, 996, 998, 998, 999, 999, 1000, 1000];
        let size = odds.abs().min(16 * 128 - 1);
        let (step, rest) = (usize::try_from(size / 128).unwrap_or(0), size % 128);
        let at = |step: usize| CURVE.get(step).copied().unwrap_or(1000);
        let high = at(step) + (at(step + 1) - at(step)) * rest / 128;
        let thousandths = if odds < 0 { 1000 - high } else { high };
        Self(u16::try_from(thousandths).unwrap_or(0))
    }
}

/// Whether a value may be the sum of a file or of a module (`h1:` in `go.sum`), or the digest of a password.
pub(crate) fn is_sum(value: &[u8]) -> bool {
    if let Some(of_module) = value.strip_prefix(b"h1:") {
        let digits = of_module.strip_suffix(b"=").filter(|digits| digits.len() == 43);
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
        return digits.is_some_and(|digits| digits.iter().all(is_digit));
    }
    // MySQL marks its own with an asterisk.
    let digits = value.strip_prefix(b"*").unwrap_or(value);
    matches!(digits.len(), 32 | 40 | 56 | 64 | 96 | 128) && digits.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a value may be held for a credential without anybody's looking at it.
pub(crate) fn is_beyond_doubt(evidence: &Evidence<'_>) -> bool {
    features::is_beyond_doubt(evidence)
}

/// Judges a value; none when it is certainly no credential.
pub(crate) fn score(evidence: &Evidence<'_>) -> Option<Score> {
    if shape::is_no_credential(evidence.value, evidence.quote == Quote::Bare) {
        return None;
    }
    if evidence.promise.promise != Promise::Password && shape::names_something(evidence.value) {
        return None;
    }
    let row = features::features(evidence);
    let weigh =
        |((_, measure), (_, weight)): (&(&str, i32), &(&str, i32))| i64::from(*measure) * i64::from(*weight);
    let sum: i64 = row.iter().zip(weights::WEIGHTS).map(weigh).sum();
    Some(Score::of_odds((sum + i64::from(weights::BIAS)) / 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_known_by_their_form() {
        let sums = [
            "d41d8cd98f00b204e9800998ecf8427e".to_owned(),
            format!("*{}", "94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29"),
            format!("h1:{}=", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"),
        ];
        for sum in &sums {
            assert!(is_sum(sum.as_bytes()), "{sum}");
        }
        let signs = format!("h1:{}=", "hk2!".repeat(11).split_off(1));
        for other in [
            signs.as_str(),
            "h1:hk2!correct",
            "d41d8cd98f00b204e9800998ecf8427",
            "94BDCEBE19083CE2A1F959FD02F964C7AF4CFC2x",
        ] {
            assert!(!is_sum(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn every_measure_has_its_weight() {
        let (form, quote) = (Form::Assigned, Quote::Bare);
        let promise = promise(b"key").unwrap();
        let row = features::features(&Evidence {
            name: b"key",
            promise,
            value: b"value",
            form,
            quote,
            after: b"",
            around: b"",
        });
        let measures: Vec<_> = row.iter().map(|(name, _)| *name).collect();
        let weighed: Vec<_> = weights::WEIGHTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(measures, weighed);
    }

    #[test]
    fn what_is_beyond_doubt_has_structure() {
        let certain = |name: &[u8], value: &[u8]| {
            let promise = promise(name).unwrap();
            let (form, quote) = (Form::Assigned, Quote::Double);
            is_beyond_doubt(&Evidence { name, promise, value, form, quote, after: b"", around: b"" })
        };
        assert!(certain(b"password", b"Tr0ub4dor&3"));
        assert!(certain(b"client_secret", ["q7Rt5vKp2m", "Xz9LwBc4Jh"].concat().as_bytes()));
        for value in ["1234567890", "qwertyuiop", "my-cert-1", "a b c d e f"] {
            assert!(!certain(b"password", value.as_bytes()), "{value}");
        }
        for value in ["hunter2", "some_identifier", "test-api-key-123"] {
            assert!(!certain(b"client_secret", value.as_bytes()), "{value}");
        }
        assert!(!certain(b"key", ["q7Rt5vKp2m", "Xz9LwBc4Jh"].concat().as_bytes()));
    }
}
