//! Places in known file formats where a secret stands, written as regexes.

use std::borrow::Cow;

use palisade_model::{Asset, Confidence, Severity, Span};
use regex::bytes::{Captures, Regex, RegexBuilder};

use super::{Scene, asset, credential};
use crate::candidate::{Hit, Identity, InExamples, Scope, Shown};
use crate::checksum::LENIENT_BASE64;
use crate::filter;
use crate::profile::Profile;

/// What `~value~` stands for in a form: the rest of a line after a name, with or without quotes, but for a comment.
const VALUE: &str =
    r#"[ \t]*[:=][ \t]*(?<secret>"[^"\r\n]+"|'[^'\r\n]+'|[^\s"'#;]\S*)[ \t]*(?:[#;][^\n]*)?\r?$"#;
/// What `~word~` stands for: one word of a command line, which may be quoted.
const WORD: &str = r#"(?<secret>"[^"\r\n]+"|'[^'\r\n]+'|[^\s"'`;|&<>\\][^\s`;|&<>\\]*)"#;
/// What `~text~` stands for: a literal in quotes without a variable in it.
const TEXT: &str = r#"(?:"[^"\r\n$]{1,256}"|'[^'\r\n]{1,256}')"#;
/// Longest secret that is read, and longest that a person would choose, in bytes.
const MAX_SECRET: usize = 4096;
const MAX_PASSWORD: usize = 256;
/// Largest compiled program of a form, in bytes.
const LIMIT: usize = 1024 * 1024;
/// Entropy that nothing has but a key drawn from all printable characters, in bits per character.
const KEY_ENTROPY: f64 = 5.0;
/// Values that stand for a password even where a program keeps its own.
const STAND_INS: &[&[u8]] = &[
    b"changeme",
    b"pass",
    b"passwd",
    b"pwd",
    b"none",
    b"null",
    b"undefined",
    b"string",
    b"value",
    b"hidden",
    b"example",
    b"text",
    b"true",
    b"false",
];
/// What a message about a hash says.
const OFFLINE: &str = "it is a hash; the password can be guessed offline";

/// Passwords that programs come with, beside those that everyone uses.
const DEFAULTS: &[&[u8]] = &[
    b"foobared",
    b"testing123",
    b"raspberry",
    b"vagrant",
    b"ansible",
    b"jenkins",
    b"tomcat",
    b"s3cr3tpassword",
    b"p@ssw0rd",
    b"p@ssword",
    b"p@55w0rd",
    b"pa$$w0rd",
    b"pa$$word",
    b"x-oauth-basic",
];

/// The forms of one rule.
pub(super) struct Forms(Vec<Form>);

struct Form {
    regex: Regex,
    secret: usize,
    host: Option<usize>,
    user: Option<usize>,
    database: Option<usize>,
}

/// A place where a secret stands, and what the text says about it.
pub(super) struct Slot<'t> {
    /// Where the secret is, without quotes.
    pub(super) secret: Span,
    /// The secret as it is meant; the text may spell it differently.
    pub(super) value: Cow<'t, [u8]>,
    /// What it opens.
    pub(super) asset: Asset,
}

impl Forms {
    /// Regexes, case-insensitive and of many lines, each with a group `secret`; groups `host`, `user` and `database` make the asset.
    pub(super) fn new(texts: &[&str]) -> Self {
        Self(texts.iter().filter_map(|text| Form::new(text)).collect())
    }

    /// The slots that begin in `window`.
    pub(super) fn find<'t>(&self, scene: &Scene<'t>, window: Span) -> Vec<Slot<'t>> {
        self.0.iter().flat_map(|form| form.find(scene, window)).collect()
    }

    /// Passwords in the slots.
    pub(super) fn passwords(&self, scene: &Scene<'_>, window: Span) -> Vec<Hit> {
        self.find(scene, window).into_iter().filter_map(Slot::password).collect()
    }

    /// Passwords in slots where something else may stand as well: those about which there is no doubt, and others with low confidence.
    pub(super) fn literals(&self, scene: &Scene<'_>, window: Span) -> Vec<Hit> {
        self.find(scene, window).into_iter().filter_map(Slot::literal).collect()
    }

    /// The same as [`Self::passwords`], with the asset taken from the names around each, as far as the nearest of `edges` on either side.
    pub(super) fn passwords_in(&self, scene: &Scene<'_>, window: Span, edges: &[&[u8]]) -> Vec<Hit> {
        let slots = self.find(scene, window).into_iter();
        slots.filter_map(|slot| slot.within(scene, edges).password()).collect()
    }

    /// The same in a file that a program keeps for itself, where nothing else can stand: there weak passwords count too.
    pub(super) fn stored(&self, scene: &Scene<'_>, window: Span, edges: &[&[u8]]) -> Vec<Hit> {
        let slots = self.find(scene, window).into_iter();
        slots.filter_map(|slot| slot.within(scene, edges).stored()).collect()
    }

    /// Tokens in the slots.
    pub(super) fn tokens(&self, scene: &Scene<'_>, window: Span) -> Vec<Hit> {
        self.find(scene, window).into_iter().filter_map(Slot::token).collect()
    }

    /// Hashes of passwords in the slots.
    pub(super) fn hashes(&self, scene: &Scene<'_>, window: Span) -> Vec<Hit> {
        self.find(scene, window).into_iter().filter_map(Slot::hash).collect()
    }
}

impl Form {
    fn new(text: &str) -> Option<Self> {
        let text = text.replace("~value~", VALUE).replace("~word~", WORD).replace("~text~", TEXT);
        let built = RegexBuilder::new(&text)
            .unicode(false)
            .case_insensitive(true)
            .multi_line(true)
            .size_limit(LIMIT)
            .dfa_size_limit(LIMIT)
            .build();
        debug_assert!(built.is_ok(), "{built:?}");
        let regex = built.ok()?;
        let group = |wanted| regex.capture_names().position(|name| name == Some(wanted));
        let (host, user, database) = (group("host"), group("user"), group("database"));
        Some(Self { secret: group("secret").unwrap_or(0), host, user, database, regex })
    }

    fn find<'t>(&self, scene: &Scene<'t>, window: Span) -> Vec<Slot<'t>> {
        let text = scene.get(Span::new(0, usize::MAX));
        let mut slots = Vec::new();
        let mut at = window.start;
        while at <= window.end.min(text.len()) {
            let Some(captures) = self.regex.captures_at(text, at) else { break };
            let Some(whole) = captures.get(0).filter(|whole| whole.start() <= window.end) else { break };
            slots.extend(self.slot(text, &captures));
            at = whole.end().max(at + 1);
        }
        slots
    }

    fn slot<'t>(&self, text: &'t [u8], captures: &Captures<'t>) -> Option<Slot<'t>> {
        let secret = captures.get(self.secret)?;
        let span = unquoted(text, Span::new(secret.start(), secret.end()));
        let value = text.get(span.start..span.end).filter(|value| value.len() <= MAX_SECRET)?;
        let part = |group: Option<usize>| {
            let found = captures.get(group?)?;
            let inner = unquoted(text, Span::new(found.start(), found.end()));
            asset::named(text.get(inner.start..inner.end)?, value)
        };
        let asset = Asset { host: part(self.host), user: part(self.user), database: part(self.database) };
        Some(Slot { secret: span, value: Cow::Borrowed(value), asset })
    }
}

/// A span without the quotes around it, or one that only ends it, as in `sh -c "... secret"`.
fn unquoted(text: &[u8], span: Span) -> Span {
    match text.get(span.start..span.end).unwrap_or_default() {
        [first @ (b'"' | b'\''), .., last] if first == last => Span::new(span.start + 1, span.end - 1),
        [_, .., b'"' | b'\''] => Span::new(span.start, span.end - 1),
        _ => span,
    }
}

impl Slot<'_> {
    /// The same with what `decode` makes of the value; none where it makes nothing.
    pub(super) fn decoded(mut self, decode: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Self> {
        self.value = Cow::Owned(decode(&self.value)?);
        Some(self)
    }

    /// The same for a value that is `user:password`.
    pub(super) fn pair(mut self) -> Option<Self> {
        let colon = memchr::memchr(b':', &self.value)?;
        let (user, password) = (self.value.get(..colon)?, self.value.get(colon + 1..)?.to_vec());
        self.asset.user = asset::named(user, &password);
        self.value = Cow::Owned(password);
        Some(self)
    }

    /// The same with an asset made of the names around it.
    pub(super) fn within(mut self, scene: &Scene<'_>, edges: &[&[u8]]) -> Self {
        let found = asset::around(scene, self.secret, &self.value, edges);
        self.asset = Asset {
            host: self.asset.host.or(found.host),
            user: self.asset.user.or(found.user),
            database: self.asset.database.or(found.database),
        };
        self
    }

    /// As something a person thought of; none when it only stands for a password.
    pub(super) fn password(self) -> Option<Hit> {
        let weak = credential::is_wordy(&self.value) || self.value.len() < 6;
        let dummy = credential::is_dummy(&self.value);
        let hit = (!is_stand_in(&self.value)).then(|| self.guessable(weak))?;
        Some(Hit { profile: if dummy { Some(Profile::Paranoid) } else { hit.profile }, ..hit })
    }

    /// The same, with low confidence unless there is no doubt about it.
    pub(super) fn literal(self) -> Option<Hit> {
        let doubt = (!credential::is_certain(&self.value)).then_some(Confidence::Low);
        let named =
            self.asset.user.as_deref().is_some_and(|user| self.value.eq_ignore_ascii_case(user.as_bytes()));
        let hit = self.password().filter(|_| !named)?;
        Some(Hit { confidence: doubt.or(hit.confidence), ..hit })
    }

    /// The same in a file that a program keeps for itself: defaults and other weak passwords are reported with low confidence.
    pub(super) fn stored(self) -> Option<Hit> {
        let weak = is_stand_in(&self.value) || credential::is_wordy(&self.value) || self.value.len() < 6;
        // A name that is also the password is not kept as the name.
        let value = String::from_utf8_lossy(&self.value).into_owned();
        let sample = is_sample(self.asset.user.as_deref().unwrap_or(&value)) && is_stand_in(&self.value);
        (!sample && !is_hole(&self.value)).then(|| self.guessable(weak))
    }

    fn guessable(self, weak: bool) -> Hit {
        let key = [&self.asset.user, &self.asset.host, &self.asset.database];
        let key = key.map(|part| part.clone().unwrap_or_default().to_ascii_lowercase()).join("\n");
        // What leaves doubt as a password leaves it wherever passwords stand.
        let doubtful = !credential::is_certain(&self.value);
        let identity = match self.value {
            Cow::Borrowed(_) => Identity::Guessable(key.into_bytes()),
            Cow::Owned(value) => Identity::GuessableValue { key: key.into_bytes(), value },
        };
        Hit {
            profile: doubtful.then_some(Profile::Balanced),
            secret: self.secret,
            identity,
            shown: Shown::Nothing,
            severity: None,
            confidence: weak.then_some(Confidence::Low),
            scope: Scope::Anywhere,
            in_examples: InExamples::Doubtful,
            asset: asset::some(self.asset),
            message: "it stands where this file keeps a password",
        }
    }

    /// As something a machine drew; none when it is too regular for that.
    pub(super) fn token(self) -> Option<Hit> {
        let entropy = filter::entropy(&self.value);
        let random = self.value.len() >= 16 && entropy >= 2.8;
        let stands_in = entropy < KEY_ENTROPY && filter::is_placeholder(&self.value);
        if !random || stands_in || credential::is_wordy(&self.value) || is_constant(&self.value) {
            return None;
        }
        let identity = match self.value {
            Cow::Borrowed(_) => Identity::Token,
            Cow::Owned(value) => Identity::Normalised(value),
        };
        Some(Hit {
            profile: None,
            secret: self.secret,
            identity,
            shown: Shown::Ends,
            severity: None,
            confidence: None,
            scope: Scope::Anywhere,
            in_examples: InExamples::Doubtful,
            asset: asset::some(self.asset),
            message: "it stands where this file keeps a token",
        })
    }

    /// As the hash of a password; none when it is made up.
    pub(super) fn hash(self) -> Option<Hit> {
        let tail = self.value.get(self.value.len() / 3..).unwrap_or_default();
        let made_up = memchr::memmem::find(&self.value, b"...").is_some() || filter::entropy(tail) < 2.5;
        (!made_up).then(|| Hit {
            profile: None,
            secret: self.secret,
            identity: Identity::Token,
            shown: Shown::Nothing,
            severity: Some(Severity::Medium),
            confidence: self.asset.user.as_deref().is_some_and(is_sample).then_some(Confidence::Low),
            scope: Scope::Anywhere,
            in_examples: InExamples::Doubtful,
            asset: asset::some(self.asset),
            message: OFFLINE,
        })
    }
}

/// Whether a name is one that documentation gives to accounts.
fn is_sample(user: &str) -> bool {
    let name = user.trim_end_matches(|byte: char| byte.is_ascii_digit()).to_ascii_lowercase();
    matches!(
        name.as_str(),
        "test" | "user" | "username" | "example" | "demo" | "foo" | "guest" | "alice" | "bob"
    )
}

/// Whether a value only stands where a password would.
fn is_stand_in(value: &[u8]) -> bool {
    let known = DEFAULTS.iter().any(|known| value.eq_ignore_ascii_case(known));
    let of_constant = |byte: &u8| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-');
    is_hole(value)
        || known
        || is_called(value)
        || (value.iter().all(of_constant) && credential::is_wordy(value))
        || credential::is_worthless(value)
}

/// Whether a value in capitals says that a password belongs there: `SMTPPASS`.
fn is_called(value: &[u8]) -> bool {
    let ends: [&[u8]; 3] = [b"PASS", b"PASSWORD", b"PWD"];
    value.iter().all(u8::is_ascii_uppercase) && ends.iter().any(|end| value.ends_with(end))
}

/// Whether a value is no password at all: a reference, a call, a sealed value, or what tells people to write one.
fn is_hole(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&lower, word).is_some();
    let starts = |heads: &[&[u8]]| heads.iter().any(|head| lower.starts_with(head));
    let told = credential::is_wordy(value)
        && (has(b"your") || has(b"here") || has(b"password_") || has(b"_password") || has(b"username"));
    let sealed = [b"enc[".as_slice(), b"enc(", b"{cipher}", b"!vault", b"vault:", b"$ansible_vault"];
    let accessor =
        [b"process.env".as_slice(), b"os.environ", b"os.getenv", b"env.", b"var.", b"self.", b"config."];
    let drawn = |byte: &u8| matches!(byte, b'*' | b'.' | b'x' | b'X' | b'-' | b'_' | b'?' | b'#' | b' ');
    let starred = matches!(value, [b'*', b'*', .., b'*', b'*'] | [.., b'_' | b'-', b'*']);
    value.len() > MAX_PASSWORD
        || value.len() < 4
        || starred
        || (value.contains(&b'(') && value.contains(&b')'))
        || value.iter().any(u8::is_ascii_control)
        || value.first() == Some(&b'`')
        || value.starts_with(b"--")
        || value.starts_with(b"..")
        // What template engines join.
        || has(b" ~ ")
        || value.starts_with(b"urn:")
        // Where Apple's tools find it.
        || value.starts_with(b"@keychain:")
        || value.starts_with(b"@env:")
        || is_entity(&lower)
        || is_type(value)
        || told
        || is_prose(value)
        || starts(&sealed)
        || starts(&accessor)
        || STAND_INS.contains(&lower.as_slice())
        || value.iter().all(drawn)
        || filter::is_reference(value)
}

/// Whether a value is the name of a type in a package: `types.StringValue`.
fn is_type(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'.');
    let (Some([first, package @ ..]), Some([capital, name @ ..]), None) =
        (parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    first.is_ascii_lowercase()
        && capital.is_ascii_uppercase()
        && package.iter().chain(name).all(u8::is_ascii_alphabetic)
        && name.iter().any(u8::is_ascii_lowercase)
}

/// Whether a value is the name of what a document puts there: `&user;`, also as an address spells it.
fn is_entity(lower: &[u8]) -> bool {
    let named = lower.strip_prefix(b"&").or_else(|| lower.strip_prefix(b"%26"));
    named
        .and_then(|named| named.strip_suffix(b";"))
        .is_some_and(|name| name.iter().all(u8::is_ascii_alphanumeric))
}

/// Whether a value is words of one case each, without a digit: `acme_KEY_FROM_DOCUMENTATION`.
fn is_constant(value: &[u8]) -> bool {
    let parts = || value.split(|byte| matches!(byte, b'_' | b'-' | b'.'));
    let one_case =
        |part: &[u8]| part.iter().all(u8::is_ascii_lowercase) || part.iter().all(u8::is_ascii_uppercase);
    parts().count() >= 3 && parts().all(one_case)
}

/// Whether a value is a remark about what belongs there.
fn is_prose(value: &[u8]) -> bool {
    let stops = matches!(value, [.., b'.' | b'!' | b'?'])
        || value.windows(2).any(|two| matches!(two, b"; " | b", " | b"! " | b"'s"));
    stops && memchr::memchr_iter(b' ', value).count() >= 3
}

/// What base 64 says, if that is printable text.
pub(super) fn base64_text(value: &[u8]) -> Option<Vec<u8>> {
    use base64::Engine as _;

    let standard = LENIENT_BASE64.decode(value).ok();
    let bytes = standard.or_else(|| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(value).ok())?;
    let text = std::str::from_utf8(&bytes).ok()?.trim_end_matches(['\n', '\r']);
    let printable = !text.is_empty() && !text.contains(char::is_control);
    printable.then(|| text.as_bytes().to_vec())
}
