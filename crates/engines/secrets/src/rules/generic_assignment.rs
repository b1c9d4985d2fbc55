mod column;
mod command;
mod cursor;
mod harmless;
mod markup;
mod sentence;
mod statement;

use palisade_model::{Confidence, Severity, Span};

use self::sentence::names_sha;
use self::statement::Reading;
use super::forms::base64_text;
use super::{Scene, credential};
use crate::candidate::{Hit, Identity, InExamples, Scope, Shown};
use crate::classify::{self, Evidence, Form, Promise, Quote, Score};
use crate::filter;
use crate::profile::Profile;

/// Lengths of values that are looked at, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=512;

/// Least length and entropy, in bits a byte, of what is taken for drawn by a machine.
const DRAWN_LENGTH: usize = 24;
const DRAWN_ENTROPY: f64 = 3.3;

/// Least length of a value that may be its name again.
const SAID_AGAIN: usize = 8;

/// Least length of the value of a name that promises little.
const WEAK_LENGTH: usize = 16;

/// Least score of the same.
const WEAK_SCORE: Score = Score::new(600);

/// Least score of a key that has as many digits as those of ciphers.
const CIPHER_SCORE: Score = Score::new(300);

/// Bytes without the end of a line, on one side of a value, that nobody wrote by hand.
const LONG_LINE: usize = 1500;

/// Bytes before a name that may say that everyone is meant to see the value.
const PUBLISHED_WITHIN: usize = 24;

/// Values that are given to names which promise a credential, in whatever language, judged by the classifier.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let (text, window) = (scene.text, window.start..window.end);
    let mut readings = statement::statements(text, window.clone());
    readings.extend(command::commands(text, window));
    readings.iter().filter_map(|reading| hit(text, reading)).collect()
}

fn hit(text: &[u8], reading: &Reading) -> Option<Hit> {
    let evidence = reading.evidence(text);
    if is_no_credential(text, reading, &evidence) {
        return None;
    }
    let profile = profile(text, reading, &evidence, classify::score(&evidence)?)?;
    let (severity, confidence, message) = match profile {
        Profile::Strict => (None, Confidence::Medium, "it looks like a credential"),
        Profile::Balanced => (Some(Severity::Medium), Confidence::Low, "it may be a credential"),
        Profile::Paranoid => (Some(Severity::Low), Confidence::Low, "a credential could stand here"),
    };
    // Source code has no name of this kind, so that it needs no quotes to be a value.
    let drawn = is_drawn(evidence.value);
    Some(Hit {
        secret: Span::new(reading.value.start, reading.value.end),
        identity: match drawn {
            true => Identity::Token,
            false => Identity::Guessable(evidence.name.to_ascii_lowercase()),
        },
        shown: Shown::Nothing,
        severity,
        confidence: Some(confidence),
        profile: Some(profile),
        scope: if reading.anywhere || drawn { Scope::Anywhere } else { Scope::Unquoted },
        in_examples: InExamples::Doubtful,
        asset: None,
        message,
    })
}

/// Whether what a value is or where it stands settles that it opens nothing, whatever the classifier would say.
fn is_no_credential(text: &[u8], reading: &Reading, evidence: &Evidence<'_>) -> bool {
    !LENGTHS.contains(&evidence.value.len())
        || harmless::opens_nothing(evidence.value)
        || is_published(text, reading)
        || is_public(line_before(text, reading))
        || is_no_token(evidence)
        || is_digest(evidence)
        || is_plain_word(evidence)
        || credential::is_variable(evidence.value)
        || is_key_id(text, reading, evidence)
        || is_told_digest(evidence)
}

/// The strictest profile that reports a value of a score, by what its name promises; none if no profile does.
fn profile(text: &[u8], reading: &Reading, evidence: &Evidence<'_>, score: Score) -> Option<Profile> {
    let admitting = Profile::admitting(score)?;
    Some(match evidence.promise.promise {
        // What a promise is followed by makes another thing of it: `password_toggle_content_description`.
        _ if !evidence.promise.ends || is_of_link(text, reading) => Profile::Paranoid,
        _ if is_of_spring(evidence.value) => admitting.min(Profile::Balanced),
        _ if is_made_up(evidence.name) || is_constant(evidence.value) => Profile::Paranoid,
        _ if is_examined(evidence) || is_of_user(evidence) => Profile::Paranoid,
        _ if repeats_name(evidence) || is_named_secret(evidence) => Profile::Paranoid,
        _ if credential::is_name(evidence.value) || is_of_jenkins(evidence) => Profile::Paranoid,
        _ if filter::says_placeholder(evidence.value) => Profile::Paranoid,
        Promise::Weak if score >= CIPHER_SCORE && is_of_cipher(evidence) => Profile::Balanced,
        Promise::Weak if is_doubtful(evidence, score) || is_of_cache(text, reading, evidence) => {
            Profile::Paranoid
        }
        // Nonces and salts are as random as secrets, and often sent in clear.
        Promise::Salt if evidence.name.eq_ignore_ascii_case(b"nonce") => Profile::Paranoid,
        Promise::Weak | Promise::Salt => admitting.max(Profile::Balanced),
        _ if is_strict(text, reading, evidence) => admitting,
        _ => admitting.max(Profile::Balanced),
    })
}

/// Whether the value of a plain `key` may as well name something: a key is never beyond doubt, and a short one names anything.
fn is_doubtful(evidence: &Evidence<'_>, score: Score) -> bool {
    evidence.value.len() < WEAK_LENGTH
        || score < WEAK_SCORE
        || classify::is_uuid(evidence.value)
        || is_of_map(evidence)
}

/// Whether a key is one by which something is found again: `cache key: ba898e...`.
fn is_of_cache(text: &[u8], reading: &Reading, evidence: &Evidence<'_>) -> bool {
    classify::is_sum(evidence.value) && word_ahead(text, reading).is_some_and(|word| word == "cache")
}

/// Whether a UUID names credentials that Jenkins keeps: `credentials('498b4638-...')`.
fn is_of_jenkins(evidence: &Evidence<'_>) -> bool {
    (evidence.promise.promise, evidence.form) == (Promise::Auth, Form::Call)
        && classify::is_uuid(evidence.value)
}

/// Whether a name says that its value opens nothing: `mock_token`, `fakePassword`.
fn is_made_up(name: &[u8]) -> bool {
    const WORDS: [&str; 4] = ["mock", "fake", "dummy", "bogus"];
    classify::words(name).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Whether a value is a password that Spring Security is told to take as it stands: `{noop}delhi`.
fn is_of_spring(value: &[u8]) -> bool {
    value.strip_prefix(b"{noop}").is_some_and(|password| !credential::is_worthless(password))
}

/// Whether a text names a secret of Kubernetes or of a vault: "the secret `openzaak`".
fn is_named_secret(evidence: &Evidence<'_>) -> bool {
    let of_name = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'-';
    evidence.promise.promise == Promise::Secret
        && (evidence.form, evidence.quote) == (Form::Beside, Quote::Backtick)
        && evidence.value.iter().all(of_name)
}

/// Whether a value says again what its name says, or a part of it: `smtpPassword: smtppassword`, also in base 64.
fn repeats_name(evidence: &Evidence<'_>) -> bool {
    let plain = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let name = plain(evidence.name);
    let repeats = |value: &[u8]| value.len() >= SAID_AGAIN && memchr::memmem::find(&name, value).is_some();
    repeats(&plain(evidence.value)) || base64_text(evidence.value).is_some_and(|said| repeats(&plain(&said)))
}

/// Whether a value is a name of words in capitals: `DMARC_POLICY_ALLOW`.
fn is_constant(value: &[u8]) -> bool {
    let of_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let letters = value.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    value.contains(&b'_') && value.iter().all(of_name) && letters * 4 >= value.len() * 3
}

/// Whether a value is the number or fingerprint by which programs are told which key of OpenPGP is meant (RFC 4880 12.2): what is named
/// after it, or what Git signs with (`user.signingKey`), as its configuration is mostly written: without quotes, a number in capitals. What signs
/// tokens is called the same elsewhere. Such a number is known in lists of keys, too.
fn is_key_id(text: &[u8], reading: &Reading, evidence: &Evidence<'_>) -> bool {
    let is_capital = |byte: &u8| !byte.is_ascii_lowercase();
    let is_number = evidence.value.len() == 16 && evidence.value.iter().all(is_capital);
    let of_git = evidence.name.eq_ignore_ascii_case(b"signingkey")
        && (evidence.form, evidence.quote) == (Form::Assigned, Quote::Bare);
    let is_pgp = |word: &String| matches!(word.as_str(), "gpg" | "pgp");
    let named = || classify::words(evidence.name).iter().any(is_pgp);
    let is_key = evidence.promise.promise == Promise::Weak;
    let of_pgp = || named() || (is_key && word_ahead(text, reading).as_ref().is_some_and(is_pgp));
    let of_list = || evidence.name == b"key" && evidence.quote == Quote::Bare && is_number;
    (of_git || of_list() || of_pgp())
        && (is_number || evidence.value.len() == 40)
        && evidence.value.iter().all(u8::is_ascii_hexdigit)
}

/// The word before a name of several: `GPG` in `Release GPG key:`.
fn word_ahead(text: &[u8], reading: &Reading) -> Option<String> {
    let before = text.get(reading.name.start.saturating_sub(PUBLISHED_WITHIN)..reading.name.start)?;
    let line = before.rsplit(|byte| *byte == b'\n').next()?.strip_suffix(b" ")?;
    classify::words(line).pop()
}

/// Whether a text names a commit, "the pass (`be774a8`)", or tells the sum of what passed: "PASS | `f16c5a4a...`".
fn is_told_digest(evidence: &Evidence<'_>) -> bool {
    let length = evidence.value.len();
    let of_commit = evidence.quote == Quote::Backtick && matches!(length, 7..=12 | 40);
    (of_commit || matches!(length, 32 | 64 | 128))
        && evidence.name.eq_ignore_ascii_case(b"pass")
        && !matches!(evidence.form, Form::Assigned | Form::Colon | Form::Argument)
        && evidence.value.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a value is as long as what RSA sealed or signed, in base 64: the key for it is another.
fn is_of_modulus(value: &[u8]) -> bool {
    matches!(value.len(), 172 | 344 | 684) && value.ends_with(b"=")
}

/// Whether a value leaves no doubt and is not one that everybody knows.
fn is_strict(text: &[u8], reading: &Reading, evidence: &Evidence<'_>) -> bool {
    classify::is_beyond_doubt(evidence)
        && !is_packed(text, reading)
        && !is_known(evidence.value)
        && !is_of_modulus(evidence.value)
}

/// Whether a value that only stands beside its name reads like words: `password requirements2`.
fn is_plain_word(evidence: &Evidence<'_>) -> bool {
    (evidence.form, evidence.quote) == (Form::Beside, Quote::Bare) && credential::is_wordy(evidence.value)
}

/// Whether a name says that its value is the digest of a password: `GRAYLOG_SHA256_PASSWORD`.
fn is_digest(evidence: &Evidence<'_>) -> bool {
    const DIGESTS: [&[u8]; 2] = [b"md5", b"digest"];
    let name = evidence.name.to_ascii_lowercase();
    let named = || DIGESTS.iter().any(|word| name.windows(word.len()).any(|part| part == *word));
    (names_sha(evidence.name) || named())
        && matches!(evidence.value.len(), 32 | 40 | 64 | 128)
        && evidence.value.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a value is for everyone's eyes: in the address of a badge, in what a page tells those who count its visitors, the sum of a
/// file (`checksum/secret`), the stamp of a notebook of Livebook, or an answer that is good for one request.
fn is_published(text: &[u8], reading: &Reading) -> bool {
    let before = text.get(reading.name.start.saturating_sub(PUBLISHED_WITHIN)..reading.name.start);
    const ARN: &[u8] = b"arn:aws:secretsmanager:";
    // The number of an order, by which its buyer comes to pay.
    const CHECKOUT: &[u8] = b"paypal.com/";
    let marks: [&[u8]; 5] = [b".svg?", b"badge", b"cf-beacon", b"checksum/", b"\"stamp\":{"];
    let line = line_before(text, reading);
    // What answers a challenge (RFC 7616) is good for one request; the name of a secret at Amazon opens nothing.
    [b"Digest username=".as_slice(), b"Hawk mac="]
        .iter()
        .any(|head| memchr::memmem::find(line, head).is_some())
        || [ARN, CHECKOUT].iter().any(|place| memchr::memmem::find(word_before(line), place).is_some())
        // An identifier that spells its key (DID Core 3.1).
        || before.is_some_and(|before| word_before(before).starts_with(b"did:"))
        || before.is_some_and(|before| marks.iter().any(|mark| memchr::memmem::find(before, mark).is_some()))
}

/// Whether a line goes up to the argument of a function that makes a public key of it, or of gspread's that opens the sheet of that key:
/// `PublicKeyFromString("`.
fn is_public(line: &[u8]) -> bool {
    const ENDS: [&[u8]; 4] = [b"publickey", b"public_key", b"pubkey", b"open_by_key"];
    const PARTS: [&[u8]; 3] = [b"publickeyfrom", b"public_key_from", b"pubkeyfrom"];
    let quotes = line.iter().rev().take_while(|byte| matches!(byte, b'"' | b'\'' | b'`')).count();
    let Some(call) = line.get(..line.len() - quotes).and_then(|line| line.strip_suffix(b"(")) else {
        return false;
    };
    let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let name = call.rsplit(|byte| !of_name(byte)).next().unwrap_or_default().to_ascii_lowercase();
    // What is encrypted with a public key is a secret.
    let is_of_cipher = memchr::memmem::find(&name, b"crypt").is_some();
    let is_of_key = ENDS.iter().any(|end| name.ends_with(end))
        || PARTS.iter().any(|part| memchr::memmem::find(&name, part).is_some());
    is_of_key && !is_of_cipher
}

/// Whether what is called a token is a word with others in parentheses, as no machine hands out: `80(20LL)`.
fn is_no_token(evidence: &Evidence<'_>) -> bool {
    let of_words =
        |text: &[u8]| text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_, ".contains(byte));
    let open = evidence.value.strip_suffix(b")");
    let parts = open.and_then(|open| open.split_at_checked(memchr::memchr(b'(', open)?));
    evidence.promise.promise == Promise::Token
        && parts.is_some_and(|(word, rest)| of_words(word) && of_words(rest.get(1..).unwrap_or_default()))
}

/// Whether a name says who is let in, and the value no password beside it: `last_auth_user`.
fn is_of_user(evidence: &Evidence<'_>) -> bool {
    let mut words = classify::words(evidence.name).into_iter().rev();
    evidence.promise.promise == Promise::Auth
        && words.next().is_some_and(|last| last == "user")
        && !evidence.value.contains(&b':')
}

/// Whether a value is given to what says whether it is a good one: `validate_password('Short1!')`.
fn is_examined(evidence: &Evidence<'_>) -> bool {
    let first = classify::words(evidence.name).into_iter().next();
    evidence.form == Form::Call && first.is_some_and(|word| matches!(word.as_str(), "validate" | "validates"))
}

/// The end of a line that has no space or quote in it.
fn word_before(line: &[u8]) -> &[u8] {
    line.rsplit(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'')).next().unwrap_or_default()
}

/// The line up to a value.
fn line_before<'t>(text: &'t [u8], reading: &Reading) -> &'t [u8] {
    let line = text.get(reading.value.start.saturating_sub(LONG_LINE)..reading.value.start);
    line.unwrap_or_default().rsplit(|byte| *byte == b'\n').next().unwrap_or_default()
}

/// Whether a value is of the address that a link in a document leads its readers to: `[join](https://...?key=`.
fn is_of_link(text: &[u8], reading: &Reading) -> bool {
    let line = line_before(text, reading);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b')' | b'"' | b'\'' | b'`' | b'>');
    let start = line.iter().rposition(ends).map_or(0, |at| at + 1);
    let address = line.get(start..).unwrap_or_default();
    let opened = memchr::memmem::rfind(address, b"](http");
    opened.is_some_and(|at| address.get(at..).is_some_and(|address| address.contains(&b'?')))
}

/// Whether a value is one that everybody knows, or the base 64 of such a one or of a word.
fn is_known(value: &[u8]) -> bool {
    let known = |value: &[u8]| credential::is_common(value) || credential::is_worthless(value);
    let word =
        |said: &[u8]| said.iter().all(u8::is_ascii_alphabetic) || known(said) || credential::is_wordy(said);
    let encoded = unended(value);
    known(value) || (encoded.len() >= 8 && base64_text(encoded).is_some_and(|said| word(&said)))
}

/// A value without the end of a line that JSON spells, and without what escapes the quote behind it.
fn unended(value: &[u8]) -> &[u8] {
    let value = value.strip_suffix(b"\\n").unwrap_or(value);
    let slashes = value.iter().rev().take_while(|byte| **byte == b'\\').count();
    value.get(..value.len() - slashes).unwrap_or_default()
}

/// Whether a value stands in a very long line: in code that a machine packed, names are short and strings are many.
fn is_packed(text: &[u8], reading: &Reading) -> bool {
    let before = text.get(reading.value.start.saturating_sub(LONG_LINE)..reading.value.start);
    let after = text.get(reading.value.end..text.len().min(reading.value.end + LONG_LINE));
    let whole = |side: &[u8]| side.len() == LONG_LINE && !side.contains(&b'\n');
    before.is_some_and(whole) || after.is_some_and(whole)
}

/// Whether a plain `key` has as many digits as the keys of ciphers: 128, 192 or 256 bits.
fn is_of_cipher(evidence: &Evidence<'_>) -> bool {
    let digits = evidence.value.iter().all(u8::is_ascii_hexdigit);
    let key = evidence.name.to_ascii_lowercase().ends_with(b"key");
    key && !evidence.promise.qualified && digits && matches!(evidence.value.len(), 32 | 48 | 64)
}

/// Whether a key of something, such as `merge_key`, has the digits of a digest, so that it finds rather than opens.
fn is_of_map(evidence: &Evidence<'_>) -> bool {
    let digits = evidence.value.iter().all(u8::is_ascii_hexdigit);
    // What a person sets has a name of capitals: `BLOG_KEY`.
    let variable = !evidence.name.iter().any(u8::is_ascii_lowercase);
    evidence.promise.qualified && !variable && digits && matches!(evidence.value.len(), 32 | 40 | 64)
}

/// Whether a machine drew the value, so that nobody can guess it.
fn is_drawn(value: &[u8]) -> bool {
    value.len() >= DRAWN_LENGTH
        && value.iter().any(u8::is_ascii_alphabetic)
        && value.iter().any(u8::is_ascii_digit)
        && filter::entropy(value) >= DRAWN_ENTROPY
        && !credential::is_wordy(value)
}
