//! Places in known file formats where a secret stands, written as regexes.

use std::borrow::Cow;

use palisade_model::{Asset, Confidence, Severity, Span};
use regex::bytes::{Captures, Regex, RegexBuilder};

use super::{Scene, asset, credential};
use crate::candidate::{Hit, Identity, Scope, Shown};
use crate::checksum::LENIENT_BASE64;
use crate::filter;

/// What `~value~` stands for in a form: the rest of a line after a name, with or without quotes, but for a comment.
const VALUE: &str =
    r#"[ \t]*[:=][ \t]*(?<secret>"[^"\r\n]+"|'[^'\r\n]+'|[^\s"'#;]\S*)[ \t]*(?:[#;][^\n]*)?\r?$"#;
/// What `~word~` stands for: one word of a command line, which may be quoted.
const WORD: &str = r#"(?<secret>"[^"\r\n]+"|'[^'\r\n]+'|[^\s"'`;|&<>\\][^\s`;|&<>\\]*)"#;
/// Longest secret that is read, and longest that a person would choose, in bytes.
const MAX_SECRET: usize = 4096;
const MAX_PASSWORD: usize = 256;
/// Largest compiled program of a form, in bytes.
const LIMIT: usize = 1024 * 1024;
/// What a message about a hash says.
const OFFLINE: &str = "it is a hash; the password can be guessed offline";

/// Passwords that programs come with, beside those that everyone uses.
const DEFAULTS: &[&[u8]] = &[
    b"android",
    b"foobared",
    b"raspberry",
    b"vagrant",
    b"ansible",
    b"jenkins",
    b"tomcat",
    b"s3cr3tpassword",
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

    /// The same, with the asset taken from the names around each, as far as the nearest of `edges` on either side.
    pub(super) fn passwords_in(&self, scene: &Scene<'_>, window: Span, edges: &[&[u8]]) -> Vec<Hit> {
        let slots = self.find(scene, window).into_iter();
        slots.filter_map(|slot| slot.within(scene, edges).password()).collect()
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
        let text = text.replace("~value~", VALUE).replace("~word~", WORD);
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
        (user != password).then_some(())?;
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
        if self.value.len() > MAX_PASSWORD || is_stand_in(&self.value) {
            return None;
        }
        let weak = credential::is_wordy(&self.value) || self.value.len() < 6;
        let key = [&self.asset.user, &self.asset.host, &self.asset.database];
        let key = key.map(|part| part.clone().unwrap_or_default().to_ascii_lowercase()).join("\n");
        let identity = match self.value {
            Cow::Borrowed(_) => Identity::Guessable(key.into_bytes()),
            Cow::Owned(value) => Identity::GuessableValue { key: key.into_bytes(), value },
        };
        Some(Hit {
            profile: None,
            secret: self.secret,
            identity,
            shown: Shown::Nothing,
            severity: None,
            confidence: weak.then_some(Confidence::Low),
            scope: Scope::Anywhere,
            mild_in_examples: true,
            asset: asset::some(self.asset),
            message: "it stands where this file keeps a password",
        })
    }

    /// As something a machine drew; none when it is too regular for that.
    pub(super) fn token(self) -> Option<Hit> {
        let random = self.value.len() >= 16 && filter::entropy(&self.value) >= 2.8;
        if !random || filter::is_placeholder(&self.value) || credential::is_wordy(&self.value) {
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
            mild_in_examples: true,
            asset: asset::some(self.asset),
            message: "it stands where this file keeps a token",
        })
    }

    /// As the hash of a password; none when it is made up.
    pub(super) fn hash(self) -> Option<Hit> {
        let tail = self.value.get(self.value.len() / 3..).unwrap_or_default();
        let made_up = memchr::memmem::find(&self.value, b"..").is_some() || filter::entropy(tail) < 2.5;
        (!made_up).then(|| Hit {
            profile: None,
            secret: self.secret,
            identity: Identity::Token,
            shown: Shown::Nothing,
            severity: Some(Severity::Medium),
            confidence: self.asset.user.as_deref().is_some_and(is_sample).then_some(Confidence::Low),
            scope: Scope::Anywhere,
            mild_in_examples: true,
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
    let has = |word: &[u8]| memchr::memmem::find(&value.to_ascii_lowercase(), word).is_some();
    let of_constant = |byte: &u8| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-');
    let call = value.contains(&b'(') && value.contains(&b')');
    let control = value.iter().any(u8::is_ascii_control);
    let told = credential::is_wordy(value)
        && (has(b"your") || has(b"here") || has(b"password_") || has(b"_password") || has(b"username"));
    let sealed = [b"enc[".as_slice(), b"enc(", b"{cipher}", b"!vault", b"vault:", b"$ansible_vault", b"{{"];
    let sealed = sealed.iter().any(|head| value.to_ascii_lowercase().starts_with(head));
    let accessor =
        [b"process.env".as_slice(), b"os.environ", b"os.getenv", b"env.", b"var.", b"self.", b"config."];
    let accessor = accessor.iter().any(|head| value.starts_with(head));
    let known = DEFAULTS.iter().any(|known| value.eq_ignore_ascii_case(known));
    call || control
        || known
        || value.first() == Some(&b'`')
        || told
        || sealed
        || accessor
        || (value.iter().all(of_constant) && credential::is_wordy(value))
        || credential::is_worthless(value)
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
