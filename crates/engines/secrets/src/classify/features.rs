use super::lexicon;
use super::shape;
use super::words::words;
use super::{Evidence, Form, Promise, Quote};

/// Words of which placeholders, defaults and examples are made.
const DUMMIES: &[&str] = &[
    "a",
    "abc",
    "access",
    "account",
    "actual",
    "admin",
    "altere",
    "an",
    "any",
    "anything",
    "api",
    "app",
    "aqui",
    "auth",
    "bad",
    "bar",
    "baz",
    "bearer",
    "bla",
    "blabla",
    "blah",
    "cambiame",
    "cambiar",
    "change",
    "changeit",
    "changeme",
    "changethis",
    "clave",
    "client",
    "contrasena",
    "correct",
    "cred",
    "credential",
    "credentials",
    "crypted",
    "custom",
    "database",
    "db",
    "default",
    "dein",
    "demo",
    "different",
    "doesnt",
    "dont",
    "dummy",
    "encrypted",
    "enter",
    "esta",
    "example",
    "existing",
    "expected",
    "expired",
    "fail",
    "fake",
    "field",
    "fixme",
    "foo",
    "foobar",
    "foobarbaz",
    "for",
    "forte",
    "from",
    "geheim",
    "generated",
    "go",
    "goes",
    "good",
    "guest",
    "here",
    "hidden",
    "id",
    "in",
    "incorrect",
    "insert",
    "instead",
    "invalid",
    "irrelevant",
    "is",
    "it",
    "jwt",
    "kennwort",
    "key",
    "login",
    "long",
    "matter",
    "me",
    "missing",
    "mock",
    "mot",
    "motdepasse",
    "my",
    "mypass",
    "mypassword",
    "mysecret",
    "name",
    "new",
    "no",
    "none",
    "nonexistent",
    "nope",
    "not",
    "nothing",
    "notverysecret",
    "null",
    "of",
    "old",
    "one",
    "original",
    "other",
    "pass",
    "passe",
    "passphrase",
    "passw",
    "passwd",
    "password",
    "passwords",
    "passwort",
    "placeholder",
    "plain",
    "plaintext",
    "please",
    "private",
    "provided",
    "public",
    "put",
    "pwd",
    "random",
    "real",
    "redacted",
    "refresh",
    "removed",
    "replace",
    "replaceme",
    "root",
    "sample",
    "sec",
    "secret",
    "secreta",
    "secrets",
    "secure",
    "segura",
    "sekret",
    "senha",
    "sensitive",
    "service",
    "session",
    "set",
    "some",
    "somerandompassword",
    "something",
    "string",
    "strong",
    "sua",
    "super",
    "supersecret",
    "test",
    "testing",
    "testpass",
    "testpassword",
    "that",
    "the",
    "this",
    "to",
    "todo",
    "token",
    "tokens",
    "topsecret",
    "troque",
    "tu",
    "two",
    "uma",
    "unknown",
    "unused",
    "updated",
    "use",
    "user",
    "username",
    "valid",
    "value",
    "very",
    "void",
    "votre",
    "whatever",
    "with",
    "wrong",
    "xxx",
    "xxxx",
    "xyz",
    "your",
    "yourpassword",
];
/// Words in names of credentials of what is deployed, and of those who run it.
const SERVICES: &[&str] = &[
    "admin",
    "administrator",
    "aes",
    "cookie",
    "database",
    "db",
    "django",
    "encrypt",
    "encrypted",
    "encryption",
    "flask",
    "hmac",
    "jwt",
    "laravel",
    "ldap",
    "mail",
    "mariadb",
    "master",
    "minio",
    "mongo",
    "mongodb",
    "mysql",
    "pg",
    "postgres",
    "postgresql",
    "rabbitmq",
    "rails",
    "redis",
    "root",
    "sa",
    "signing",
    "smtp",
    "spring",
    "sql",
    "system",
    "tls",
];

/// Words in names of what is shown, asked, checked, stored or counted.
const FORMS: &[&str] = &[
    "binding",
    "cache",
    "change",
    "check",
    "code",
    "column",
    "confirm",
    "confirmation",
    "count",
    "data",
    "digest",
    "down",
    "error",
    "event",
    "expected",
    "field",
    "file",
    "foreign",
    "form",
    "hash",
    "help",
    "hint",
    "host",
    "index",
    "input",
    "invalid",
    "label",
    "length",
    "list",
    "local",
    "map",
    "max",
    "message",
    "min",
    "missing",
    "name",
    "names",
    "needs",
    "no",
    "path",
    "placeholder",
    "press",
    "primary",
    "process",
    "provider",
    "public",
    "repeat",
    "require",
    "required",
    "routing",
    "row",
    "service",
    "signature",
    "size",
    "sort",
    "storage",
    "table",
    "text",
    "title",
    "type",
    "up",
    "update",
    "uri",
    "url",
    "valid",
    "validate",
    "validation",
    "version",
];

/// Words near a value that tell of a login.
const COMPANY: &[&[u8]] =
    &[b"user", b"login", b"email", b"host", b"account", b"jdbc", b"client_id", b"clientid", b"port"];
/// Runs that fingers walk along.
const WALKS: &[&[u8]] =
    &[b"0123456789", b"9876543210", b"abcdefghijklmnopqrstuvwxyz", b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];

/// What is known of a value, in whole numbers from 0 to 16, each under its name and always in the same order.
pub(crate) type Row = Vec<(&'static str, i32)>;

/// What such a word may be glued to the front of: `adminpass`.
const GLUED: [&str; 7] = ["pass", "passwd", "password", "pwd", "secret", "token", "key"];

/// Whether placeholders, defaults and examples are made of a lower-case word.
pub(crate) fn is_dummy_word(word: &str) -> bool {
    let glued = |end: &&str| word.strip_suffix(*end).is_some_and(|head| DUMMIES.contains(&head));
    DUMMIES.contains(&word) || GLUED.iter().any(glued)
}

pub(crate) fn features(evidence: &Evidence<'_>) -> Row {
    let value = Value::new(evidence.value, evidence.name);
    let mut row = Row::with_capacity(120);
    about_name(evidence, &mut row);
    about_form(evidence, &mut row);
    let weak = evidence.promise.promise == Promise::Weak;
    let password = evidence.promise.promise == Promise::Password;
    value.describe(&COMMON, true, &mut row);
    value.describe(&OF_PASSWORDS, password, &mut row);
    value.describe(&OF_WEAK, weak, &mut row);
    row
}

/// Least lengths, in bytes, of a password, of one with three kinds of characters, and of what a machine drew that are beyond doubt.
const CERTAIN_PASSWORD: usize = 8;
const CERTAIN_MIXTURE: usize = 7;
const CERTAIN_TOKEN: usize = 12;

/// Whether nothing about name and value leaves room for doubt, however high they score: the name promises plainly, and the value has
/// the structure of what it promises.
pub(super) fn is_beyond_doubt(evidence: &Evidence<'_>) -> bool {
    let value = Value::new(evidence.value, evidence.name);
    let plain =
        value.digits == value.length || value.walk || value.slug || value.identifier || value.spaces > 0;
    // In running text, what stands between backticks after a word is as often the name of something.
    let told = evidence.form == Form::Beside && evidence.quote == Quote::Backtick;
    // What a program sealed may be shown.
    let sealed = evidence.around.to_ascii_lowercase().windows(9).any(|part| part == b"encrypted");
    let drawn = value.strangeness() >= 5 || value.hex;
    let structured = match evidence.promise.promise {
        // As random as secrets, or named by a word of many meanings: tokens lead to pages and devices, too, and keep forms from being forged.
        Promise::Salt | Promise::Weak | Promise::Token | Promise::Auth => false,
        // Letters alone are as often a word for people, or the name of what is installed.
        Promise::Password => {
            !value.letters_only()
                && !value.disguised
                && (value.length >= CERTAIN_PASSWORD
                    || (value.length >= CERTAIN_MIXTURE && value.kinds() >= 3))
        }
        // Keys are drawn by machines; a UUID is more often the name of something.
        Promise::Key if value.uuid => false,
        Promise::Secret | Promise::Key => {
            value.length >= CERTAIN_TOKEN && value.kinds() >= 2 && value.dummies < 6 && (drawn || value.uuid)
        }
    };
    evidence.promise.ends && structured && !plain && !told && !sealed && !is_of_tests(evidence.value)
}

/// Whether a value says that it is made up, or counts: `ghs_123test`, `tok_0123456_x`.
pub(crate) fn is_of_tests(value: &[u8]) -> bool {
    const SAYS: [&str; 9] =
        ["test", "tests", "testing", "sample", "demo", "mock", "dummy", "foobar", "placeholder"];
    const COUNTED: usize = 6;
    let lower = value.to_ascii_lowercase();
    let counts = |part: &[u8]| WALKS.iter().any(|walk| walk.windows(COUNTED).any(|run| run == part));
    words(value).iter().any(|word| SAYS.contains(&word.as_str())) || lower.windows(COUNTED).any(counts)
}

fn flag(is: bool) -> i32 {
    if is { 16 } else { 0 }
}

fn about_name(evidence: &Evidence<'_>, row: &mut Row) {
    let is = |promise| flag(evidence.promise.promise == promise);
    let words = words(evidence.name);
    let has_word = |of: &[&str]| words.iter().any(|word| of.contains(&word.as_str()));
    row.extend([
        ("name password", is(Promise::Password)),
        ("name secret", is(Promise::Secret)),
        ("name token", is(Promise::Token)),
        ("name key", is(Promise::Key)),
        ("name auth", is(Promise::Auth)),
        ("name salt", is(Promise::Salt)),
        ("name weak", is(Promise::Weak)),
        ("name ends", flag(evidence.promise.ends)),
        ("name qualified", flag(evidence.promise.qualified)),
        ("name of variable", flag(is_of_variable(evidence.name))),
        ("name of service", flag(has_word(SERVICES))),
        ("name of form", flag(has_word(FORMS))),
        ("name of many", flag(has_word(&["credentials", "keys", "passwords", "secrets", "tokens"]))),
        ("name of words", sixteenth(words.len(), 8)),
    ]);
}

/// Whether a name is written as variables of an environment are: `DB_PASSWORD`.
fn is_of_variable(name: &[u8]) -> bool {
    name.contains(&b'_')
        && name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

fn about_form(evidence: &Evidence<'_>, row: &mut Row) {
    let is = |form| flag(evidence.form == form);
    let lower = evidence.around.to_ascii_lowercase();
    let near = |word: &&&[u8]| lower.windows(word.len()).any(|part| part == **word);
    row.extend([
        ("form colon", is(Form::Colon)),
        ("form argument", is(Form::Argument)),
        ("form call", is(Form::Call)),
        ("form compared", is(Form::Compared)),
        ("form fallback", is(Form::Fallback)),
        ("form beside", is(Form::Beside)),
        ("form markup", is(Form::Markup)),
        ("form flag", is(Form::Flag)),
        ("form pair", is(Form::Pair)),
        ("form inner", is(Form::Inner)),
        ("bare", flag(evidence.quote == Quote::Bare)),
        ("backtick", flag(evidence.quote == Quote::Backtick)),
        ("continued", flag(matches!(evidence.after, [b'+' | b'%' | b'.' | b'?' | b'[' | b'~', ..]))),
        ("company", flag(COMPANY.iter().any(|word| near(&word)))),
    ]);
}

/// Measures of a value.
struct Value {
    length: usize,
    lower: usize,
    upper: usize,
    digits: usize,
    other: usize,
    spaces: usize,
    /// Changes between kinds of characters.
    changes: usize,
    /// Cost of its letters as words, in eighths of a bit each.
    cost: usize,
    /// Letters that frequent words cover, in sixteenths of all.
    covered: usize,
    distinct: usize,
    /// Its words that are dummies, in sixteenths of all letters.
    dummies: usize,
    /// Whether it repeats the words of its name.
    echoes: bool,
    /// Whether every word of it is one of its name, a dummy or a number.
    says_nothing: bool,
    walk: bool,
    /// Whether a short head and what only counts or is a dummy make it up: `xoxb-1234`, `sk_test_abc123`.
    tail_counts: bool,
    hex: bool,
    uuid: bool,
    /// Whether words and a UUID make up a longer name.
    holds_uuid: bool,
    identifier: bool,
    /// Whether it is dummies once letters are put where signs and digits stand for them: `p@ssw0rd1`.
    disguised: bool,
    /// Four words or more with one sign between them, none of them a dummy: `sake-earthly-lair-nine`.
    phrase: bool,
    /// Lower-case words and numbers with dashes or underscores between them: `my-cert-1`.
    slug: bool,
    dotted: bool,
    constant: bool,
    camel: bool,
    base64: bool,
    /// Digits or punctuation between letters of one word: `p4ssw0rd`.
    mixed: usize,
    /// Letters, then digits, then perhaps punctuation: `Summer2019!`.
    ends_in_digits: bool,
    title: bool,
}

impl Value {
    fn new(value: &[u8], name: &[u8]) -> Self {
        let count = |is: fn(&u8) -> bool| value.iter().filter(|byte| is(byte)).count();
        let (lower, upper, digits) =
            (count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase), count(u8::is_ascii_digit));
        let spaces = value.iter().filter(|byte| **byte == b' ').count();
        let lowered = value.to_ascii_lowercase();
        let parts = words(value);
        let letters = lower + upper;
        let (mut sum, mut costs, mut covered, mut dummies) = (0, 0, 0, 0);
        for run in lowered.split(|byte| !byte.is_ascii_lowercase()).filter(|run| !run.is_empty()) {
            let (run_sum, run_costs) = lexicon::cost(run);
            (sum, costs) = (sum + run_sum as usize, costs + run_costs as usize);
            covered += lexicon::covered(run);
        }
        for word in &parts {
            dummies += if is_dummy_word(word) { word.len() } else { 0 };
        }
        let named = words(name);
        let number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
        let empty = |word: &String| number(word) || DUMMIES.contains(&word.as_str()) || named.contains(word);
        Self {
            length: value.len(),
            lower,
            upper,
            digits,
            other: value.len() - lower - upper - digits - spaces,
            spaces,
            changes: value.windows(2).filter(|two| matches!(two, [one, other] if class(*one) != class(*other))).count(),
            cost: sum / costs.max(1),
            covered: covered * 16 / letters.max(1),
            distinct: distinct(value),
            dummies: dummies * 16 / letters.max(1),
            echoes: named.iter().any(|word| word.len() >= 3 && lowered.windows(word.len()).any(|part| part == word.as_bytes())),
            says_nothing: parts.iter().all(empty),
            walk: is_walk(&lowered),
            tail_counts: tail_counts(value),
            hex: value.len() >= 8 && lowered.iter().all(u8::is_ascii_hexdigit) && digits > 0,
            uuid: is_uuid(value),
            holds_uuid: value.len() > 36 && value.windows(36).any(is_uuid),
            disguised: is_disguised(value),
            phrase: is_phrase(value),
            slug: is_slug(value),
            identifier: value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-')) && value.iter().any(|byte| matches!(byte, b'_' | b'-')),
            dotted: value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/')) && value.iter().any(|byte| matches!(byte, b'.' | b':' | b'/')),
            constant: value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_') && upper >= 3,
            camel: digits == 0 && value.iter().all(u8::is_ascii_alphabetic) && upper > 0 && lower > 0 && changes_case(value),
            base64: value.ends_with(b"=") || (value.len() >= 16 && value.iter().any(|byte| matches!(byte, b'+' | b'/')) && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))),
            mixed: value.windows(3).filter(|three| matches!(three, [a, b, c] if a.is_ascii_alphabetic() && c.is_ascii_alphabetic() && !b.is_ascii_alphabetic() && !matches!(b, b' ' | b'_' | b'-' | b'.' | b'/' | b':' | b','))).count(),
            ends_in_digits: ends_in_digits(value),
            title: value.first().is_some_and(u8::is_ascii_uppercase) && upper == 1,
        }
    }

    fn describe(&self, traits: &[Trait], applies: bool, row: &mut Row) {
        row.extend(traits.iter().map(|(name, measure)| (*name, if applies { measure(self) } else { 0 })));
    }

    fn kinds(&self) -> usize {
        [self.lower, self.upper, self.digits, self.other].iter().filter(|count| **count > 0).count()
    }

    fn letters_only(&self) -> bool {
        self.lower + self.upper == self.length
    }

    /// How much its letters are unlike words, from 0 to 16.
    fn strangeness(&self) -> i32 {
        sixteenth(self.cost.saturating_sub(24), 40)
    }
}

/// `part` of `whole` in sixteenths, at most 16.
fn sixteenth(part: usize, whole: usize) -> i32 {
    i32::try_from((part * 16 / whole.max(1)).min(16)).unwrap_or(16)
}

type Trait = (&'static str, fn(&Value) -> i32);

const COMMON: [Trait; 48] = [
    ("short 5", |value| flag(value.length <= 5)),
    ("short 7", |value| flag((6..=7).contains(&value.length))),
    ("length 8-11", |value| flag((8..=11).contains(&value.length))),
    ("length 12-15", |value| flag((12..=15).contains(&value.length))),
    ("length 16-23", |value| flag((16..=23).contains(&value.length))),
    ("length 24-39", |value| flag((24..=39).contains(&value.length))),
    ("length 40-99", |value| flag((40..=99).contains(&value.length))),
    ("length 100", |value| flag(value.length >= 100)),
    ("two kinds", |value| flag(value.kinds() == 2)),
    ("three kinds", |value| flag(value.kinds() == 3)),
    ("four kinds", |value| flag(value.kinds() >= 4)),
    ("upper", |value| flag(value.upper > 0)),
    ("no letters", |value| flag(value.lower + value.upper == 0)),
    ("only digits", |value| flag(value.digits == value.length)),
    ("digits share", |value| sixteenth(value.digits, value.length)),
    ("any digit", |value| flag(value.digits > 0)),
    ("other share", |value| sixteenth(value.other, value.length)),
    ("changes", |value| sixteenth(value.changes, value.length)),
    ("long and changing", |value| {
        flag(value.length >= 16 && value.changes * 4 >= value.length && value.spaces == 0)
    }),
    ("strange", Value::strangeness),
    ("long and strange", |value| if value.length >= 16 { value.strangeness() } else { 0 }),
    ("covered", |value| i32::try_from(value.covered.min(16)).unwrap_or(16)),
    ("covered all", |value| flag(value.covered >= 16 && value.digits == 0)),
    ("few distinct", |value| flag(value.distinct * 3 < value.length.min(24))),
    ("dummies", |value| i32::try_from(value.dummies.min(16)).unwrap_or(16)),
    ("any dummy", |value| flag(value.dummies > 0)),
    ("echoes", |value| flag(value.echoes)),
    ("says nothing", |value| flag(value.says_nothing)),
    ("says nothing plainly", |value| flag(value.says_nothing && value.digits == 0)),
    ("walk", |value| flag(value.walk)),
    ("hex", |value| flag(value.hex)),
    ("hex long", |value| flag(value.hex && value.length >= 16)),
    ("uuid", |value| flag(value.uuid)),
    ("holds uuid", |value| flag(value.holds_uuid)),
    ("identifier", |value| flag(value.identifier)),
    ("slug", |value| flag(value.slug)),
    ("slug of words", |value| flag(value.slug && value.covered >= 10)),
    ("dotted", |value| flag(value.dotted)),
    ("dotted words", |value| flag(value.dotted && value.covered >= 12)),
    ("constant", |value| flag(value.constant)),
    ("camel", |value| flag(value.camel)),
    ("base64", |value| flag(value.base64)),
    ("spaces", |value| flag(value.spaces > 0)),
    ("prose", |value| flag(value.spaces >= 2)),
    ("tail counts", |value| flag(value.tail_counts)),
    ("mixed", |value| flag(value.mixed > 0)),
    ("disguised", |value| flag(value.disguised)),
    ("phrase", |value| flag(value.phrase)),
];

const OF_PASSWORDS: [Trait; 17] = [
    ("password letters only", |value| flag(value.letters_only())),
    ("password lower word", |value| flag(value.lower == value.length)),
    ("password covered", |value| i32::try_from(value.covered.min(16)).unwrap_or(16)),
    ("password strange", Value::strangeness),
    ("password any digit", |value| flag(value.digits > 0)),
    ("password two kinds", |value| flag(value.kinds() == 2)),
    ("password three kinds", |value| flag(value.kinds() >= 3)),
    ("password long", |value| flag(value.length >= 24)),
    ("password short", |value| flag(value.length <= 7)),
    ("password ends in digits", |value| flag(value.ends_in_digits)),
    ("password mixed", |value| flag(value.mixed > 0)),
    ("password title", |value| flag(value.title)),
    ("password camel", |value| flag(value.camel)),
    ("password identifier", |value| flag(value.identifier)),
    ("password dummies", |value| i32::try_from(value.dummies.min(16)).unwrap_or(16)),
    ("password echoes", |value| flag(value.echoes)),
    ("password only digits", |value| flag(value.digits == value.length)),
];

const OF_WEAK: [Trait; 6] = [
    ("weak strange", Value::strangeness),
    ("weak long", |value| flag(value.length >= 20)),
    ("weak covered", |value| i32::try_from(value.covered.min(16)).unwrap_or(16)),
    ("weak three kinds", |value| flag(value.kinds() >= 3)),
    ("weak changes", |value| sixteenth(value.changes, value.length)),
    ("weak hex", |value| flag(value.hex && value.length >= 16)),
];

fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

fn distinct(value: &[u8]) -> usize {
    let mut bytes = value.to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len()
}

fn changes_case(value: &[u8]) -> bool {
    value
        .windows(2)
        .any(|two| matches!(two, [one, other] if one.is_ascii_lowercase() && other.is_ascii_uppercase()))
}

/// Whether half of the value follows a walk such as `123456` or `qwerty`.
fn is_walk(value: &[u8]) -> bool {
    let follows = |two: &[u8]| WALKS.iter().any(|walk| walk.windows(2).any(|part| part == two));
    let steps = value.windows(2).filter(|two| follows(two)).count();
    value.len() >= 4 && steps * 2 >= value.len()
}

/// Whether parts with marks between them end in one that only counts or is a dummy, and nothing before it is long.
fn tail_counts(value: &[u8]) -> bool {
    let mut parts = value.rsplit(|byte| matches!(byte, b'_' | b'-' | b':' | b'.' | b'$'));
    let Some(last) = parts.next().filter(|last| last.len() >= 3) else { return false };
    let lower = last.to_ascii_lowercase();
    let digits = last.len() <= 6 && last.iter().all(u8::is_ascii_digit);
    let dummy = std::str::from_utf8(&lower).is_ok_and(is_dummy_word);
    let counts = digits || dummy || is_walk(&lower) || shape::is_counting(&lower);
    let heads: Vec<&[u8]> = parts.collect();
    counts && !heads.is_empty() && heads.iter().all(|head| head.len() <= 8)
}

/// Whether half of the letters of a value are dummies when signs and digits are read as the letters that they look like.
fn is_disguised(value: &[u8]) -> bool {
    let letter = |byte: &u8| match byte {
        b'@' | b'4' => b'a',
        b'0' => b'o',
        b'1' | b'!' => b'i',
        b'3' => b'e',
        b'$' | b'5' => b's',
        other => other.to_ascii_lowercase(),
    };
    let plain: Vec<u8> = value.iter().map(letter).collect();
    const HEARTS: [&[u8]; 6] = [b"passw", b"secret", b"sekret", b"qwert", b"welcome", b"letmein"];
    let heart = HEARTS.iter().find(|heart| plain.windows(heart.len()).any(|part| part == **heart));
    value.len() <= 24 && heart.is_some_and(|heart| heart.len() * 3 >= value.len())
}

/// Whether a value is a phrase as programs draw them from lists of words.
fn is_phrase(value: &[u8]) -> bool {
    let words = |sign: u8| {
        let words: Vec<&[u8]> = value.split(|byte| *byte == sign).collect();
        let word = |word: &&[u8]| {
            let letters = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            (3..=12).contains(&letters)
                && word.len() <= letters + 2
                && word.iter().skip(letters).all(u8::is_ascii_digit)
                && std::str::from_utf8(&word.to_ascii_lowercase()).is_ok_and(|word| !is_dummy_word(word))
        };
        words.len() >= 4 && words.iter().all(word)
    };
    words(b'-') || words(b' ') || words(b'.') || words(b'_')
}

fn is_slug(value: &[u8]) -> bool {
    let of_slug =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let words = value.split(|byte| matches!(byte, b'-' | b'_'));
    let plain = |word: &[u8]| {
        word.iter().all(u8::is_ascii_digit)
            || word.iter().take_while(|byte| byte.is_ascii_lowercase()).count() + 2 >= word.len()
    };
    value.iter().all(of_slug)
        && value.iter().any(|byte| matches!(byte, b'-' | b'_'))
        && words.into_iter().all(plain)
}

/// Whether a value is written as a UUID (RFC 9562).
pub(crate) fn is_uuid(value: &[u8]) -> bool {
    let parts: Vec<&[u8]> = value.split(|byte| *byte == b'-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| part.iter().all(u8::is_ascii_hexdigit))
}

fn ends_in_digits(value: &[u8]) -> bool {
    let punctuation = value.iter().rev().take_while(|byte| byte.is_ascii_punctuation()).count();
    let head = value.get(..value.len() - punctuation).unwrap_or_default();
    let digits = head.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let word = head.get(..head.len() - digits).unwrap_or_default();
    digits > 0 && word.len() >= 3 && word.iter().all(u8::is_ascii_alphabetic)
}
