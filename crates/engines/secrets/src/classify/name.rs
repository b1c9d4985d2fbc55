use super::words::words;

/// What a name says its value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    /// What a person types to get in.
    Password,
    /// Called a secret.
    Secret,
    /// Handed out by a machine.
    Token,
    /// A key that opens or signs something.
    Key,
    /// `auth`, `credentials`, a connection string: may be many things.
    Auth,
    /// Makes hashes or ciphers differ: salt, pepper, nonce, seed.
    Salt,
    /// A word that credentials have among many others, such as `key` alone.
    Weak,
}

/// A name that promises a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) promise: Promise,
    /// Whether the promise ends the name, but for words such as `prod` and numbers.
    pub(crate) ends: bool,
    /// Whether more than the promise makes up the name.
    pub(crate) qualified: bool,
}

use Promise::{Auth, Key, Password, Salt, Secret, Token, Weak};

/// Words that promise, longest first where one ends another.
const TERMS: &[(&[&str], Promise)] = &[
    (&["mot", "de", "passe"], Password),
    (&["pass", "phrase"], Password),
    (&["pass", "word"], Password),
    (&["pass", "code"], Password),
    (&["password"], Password),
    (&["passwords"], Weak),
    (&["passwd"], Password),
    (&["passwort"], Password),
    (&["passphrase"], Password),
    (&["passcode"], Password),
    (&["pswd"], Password),
    (&["psw"], Password),
    (&["pwd"], Password),
    (&["pw"], Password),
    (&["passw"], Password),
    (&["pass"], Password),
    (&["senha"], Password),
    (&["contrasena"], Password),
    (&["contraseña"], Password),
    (&["contrasenya"], Password),
    (&["motdepasse"], Password),
    (&["mdp"], Password),
    (&["kennwort"], Password),
    (&["wachtwoord"], Password),
    (&["parola"], Password),
    (&["haslo"], Password),
    (&["heslo"], Password),
    (&["lozinka"], Password),
    (&["salasana"], Password),
    (&["parool"], Password),
    (&["secret", "key"], Secret),
    (&["secret", "access", "key"], Secret),
    (&["secret"], Secret),
    (&["secrets"], Weak),
    (&["secretkey"], Secret),
    (&["token"], Token),
    (&["tokens"], Weak),
    (&["bearer"], Token),
    (&["jwt"], Token),
    (&["apikey"], Key),
    (&["apikeys"], Key),
    (&["api", "keys"], Key),
    (&["accesskey"], Key),
    (&["privatekey"], Key),
    (&["authkey"], Key),
    (&["appkey"], Key),
    (&["connection", "string"], Auth),
    (&["connectionstring"], Auth),
    (&["conn", "str"], Auth),
    (&["connstr"], Auth),
    (&["credential"], Auth),
    (&["credentials"], Auth),
    (&["creds"], Auth),
    (&["authorization"], Auth),
    (&["auth"], Auth),
    (&["userpwd"], Auth),
    (&["salt"], Salt),
    (&["pepper"], Salt),
    (&["nonce"], Salt),
    (&["seed"], Weak),
    (&["hmac"], Weak),
    (&["key"], Weak),
    (&["keys"], Weak),
    (&["pin"], Weak),
];

/// What makes a plain key one that opens something.
const KEY_QUALIFIERS: &[&str] = &[
    "access",
    "account",
    "activation",
    "admin",
    "aes",
    "algolia",
    "api",
    "app",
    "application",
    "auth",
    "aws",
    "client",
    "consumer",
    "cookie",
    "crypt",
    "crypto",
    "cryptographic",
    "decrypt",
    "decryption",
    "deploy",
    "deployment",
    "des",
    "developer",
    "encrypt",
    "encryption",
    "function",
    "hmac",
    "host",
    "hub",
    "integration",
    "jwt",
    "license",
    "licence",
    "machine",
    "maps",
    "master",
    "merchant",
    "priv",
    "private",
    "product",
    "psk",
    "rest",
    "sas",
    "sse",
    "hex",
    "cipher",
    "send",
    "server",
    "service",
    "session",
    "shared",
    "signature",
    "sign",
    "signing",
    "storage",
    "stream",
    "stripe",
    "subscription",
    "validation",
    "webhook",
    "write",
];

/// What may follow a promise without making another thing of it.
const NEUTRAL: &[&str] = &[
    "a",
    "admin",
    "again",
    "b",
    "base",
    "base64",
    "b64",
    "bytes",
    "c",
    "confirm",
    "confirmation",
    "const",
    "data",
    "default",
    "dev",
    "development",
    "e",
    "encoded",
    "env",
    "good",
    "hex",
    "initial",
    "live",
    "local",
    "new",
    "old",
    "original",
    "plain",
    "plaintext",
    "previous",
    "primary",
    "prod",
    "production",
    "raw",
    "repeat",
    "root",
    "sandbox",
    "secondary",
    "stage",
    "staging",
    "str",
    "string",
    "test",
    "testing",
    "text",
    "user",
    "v",
    "val",
    "value",
    "verify",
    "wrong",
    "x",
    "y",
];

/// What makes another thing of a promise that it follows.
const TURNING: &[&str] = &[
    "algorithm",
    "alg",
    "algo",
    "attempts",
    "attribute",
    "authentication",
    "authenticator",
    "backend",
    "based",
    "behavior",
    "button",
    "cache",
    "callback",
    "changed",
    "char",
    "characters",
    "charset",
    "chars",
    "check",
    "checker",
    "claim",
    "class",
    "column",
    "complexity",
    "config",
    "configuration",
    "context",
    "control",
    "cost",
    "count",
    "crypt",
    "deprecated",
    "derivation",
    "digest",
    "dir",
    "directory",
    "element",
    "enabled",
    "encoder",
    "encoding",
    "endpoint",
    "engine",
    "entry",
    "error",
    "event",
    "exchange",
    "exists",
    "expiration",
    "expire",
    "expired",
    "expires",
    "expiry",
    "factory",
    "field",
    "fields",
    "file",
    "filename",
    "files",
    "filter",
    "fingerprint",
    "flow",
    "folder",
    "forgot",
    "form",
    "format",
    "func",
    "function",
    "generator",
    "getter",
    "granter",
    "group",
    "handler",
    "hash",
    "hashed",
    "hasher",
    "hashing",
    "header",
    "help",
    "hint",
    "host",
    "icon",
    "id",
    "ids",
    "identifier",
    "index",
    "info",
    "input",
    "interval",
    "invalid",
    "is",
    "issuer",
    "iterations",
    "kind",
    "label",
    "len",
    "length",
    "level",
    "lifetime",
    "limit",
    "link",
    "list",
    "location",
    "lookup",
    "manager",
    "map",
    "max",
    "md5",
    "message",
    "method",
    "min",
    "missing",
    "mismatch",
    "mode",
    "model",
    "module",
    "msg",
    "name",
    "names",
    "namespace",
    "not",
    "option",
    "options",
    "page",
    "pair",
    "parameter",
    "param",
    "params",
    "path",
    "pattern",
    "payload",
    "permission",
    "placeholder",
    "policy",
    "position",
    "prefix",
    "processor",
    "prompt",
    "property",
    "protected",
    "provider",
    "query",
    "rate",
    "ratio",
    "recovery",
    "ref",
    "reference",
    "regex",
    "regexp",
    "rejected",
    "repository",
    "request",
    "required",
    "requirements",
    "reset",
    "resolver",
    "resource",
    "response",
    "result",
    "revoked",
    "role",
    "rotation",
    "rounds",
    "row",
    "rules",
    "scheme",
    "scope",
    "schema",
    "script",
    "selector",
    "separator",
    "server",
    "service",
    "set",
    "settings",
    "sha",
    "sha1",
    "sha256",
    "size",
    "source",
    "spec",
    "state",
    "status",
    "storage",
    "store",
    "strategy",
    "strength",
    "style",
    "suffix",
    "table",
    "tag",
    "template",
    "time",
    "timeout",
    "title",
    "tooltip",
    "ttl",
    "type",
    "types",
    "update",
    "updated",
    "uri",
    "url",
    "usage",
    "use",
    "username",
    "validation",
    "validator",
    "variable",
    "var",
    "version",
    "view",
    "warning",
    "width",
];

/// Words before `token` that make it something that is no secret.
const OTHER_TOKENS: &[&str] = &[
    "bos",
    "cancel",
    "cancellation",
    "continuation",
    "cursor",
    "debug",
    "eof",
    "eos",
    "idempotency",
    "input",
    "mask",
    "next",
    "pad",
    "output",
    "page",
    "pagination",
    "parse",
    "parser",
    "prev",
    "public",
    "separator",
    "special",
    "stop",
    "sync",
    "syntax",
    "unk",
];
/// Words before `key` that make it something that is no secret.
const OTHER_KEYS: &[&str] = &[
    "arrow",
    "cache",
    "child",
    "column",
    "composite",
    "config",
    "context",
    "cursor",
    "data",
    "dict",
    "entry",
    "enter",
    "field",
    "foreign",
    "group",
    "hash",
    "hot",
    "i18n",
    "idempotency",
    "identifier",
    "index",
    "item",
    "json",
    "lookup",
    "manager",
    "map",
    "message",
    "metadata",
    "meta",
    "object",
    "order",
    "page",
    "parent",
    "partition",
    "primary",
    "property",
    "pub",
    "public",
    "registry",
    "row",
    "snapshot",
    "socket",
    "sort",
    "tab",
    "tag",
    "translation",
    "unique",
    "websocket",
    "ws",
];
/// Words that end in `pass` and name a password.
const GLUED_PASSES: &[&str] = &[
    "adminpass",
    "authpass",
    "dbpass",
    "defaultpass",
    "ftppass",
    "keypass",
    "ldappass",
    "loginpass",
    "mailpass",
    "mypass",
    "mysqlpass",
    "newpass",
    "oldpass",
    "pgpass",
    "proxypass",
    "redispass",
    "rootpass",
    "smtppass",
    "sqlpass",
    "sshpass",
    "storepass",
    "sudopass",
    "testpass",
    "userpass",
];

/// What `name` promises.
pub(crate) fn promise(name: &[u8]) -> Option<Name> {
    if !has_stem(name) {
        return None;
    }
    if is_country(name) {
        return None;
    }
    let words = words(name);
    let (end, length, promise) = (1..=words.len())
        .rev()
        .find_map(|end| ending(words.get(..end)?).map(|(length, promise)| (end, length, promise)))?;
    let rest = words.get(end..)?;
    let number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
    if rest.iter().any(|word| TURNING.contains(&word.as_str())) {
        return None;
    }
    const BEFORE: [&str; 6] = ["encrypted", "existing", "hashed", "nopasswd", "public", "wrapped"];
    if words.iter().take(end).any(|word| BEFORE.contains(&word.as_str())) {
        return None;
    }
    let ends = rest.iter().all(|word| number(word) || NEUTRAL.contains(&word.as_str()));
    if !ends && (rest.len() > 3 || matches!(promise, Weak | Auth | Salt)) {
        return None;
    }
    Some(Name { promise, ends, qualified: end > length })
}

/// Whether a name is the code of a country, alone or after a language (RFC 5646 2.1): Palau has `PW`.
fn is_country(name: &[u8]) -> bool {
    let before = name.strip_suffix(b"PW");
    before.is_some_and(|before| match before {
        [] => true,
        [language @ .., b'_' | b'-'] => {
            matches!(language.len(), 2 | 3) && language.iter().all(u8::is_ascii_lowercase)
        }
        _ => false,
    })
}

/// What every name that promises has in it.
const STEMS: &[&[u8]] = &[
    b"auth",
    b"bearer",
    b"cred",
    b"conn",
    b"contrase",
    b"hmac",
    b"haslo",
    b"heslo",
    b"jwt",
    b"key",
    b"kennw",
    b"lozin",
    b"mdp",
    b"nonce",
    b"pass",
    b"pw",
    b"psw",
    b"pepper",
    b"parol",
    b"paroo",
    b"pin",
    b"secret",
    b"salt",
    b"senha",
    b"salas",
    b"seed",
    b"token",
    b"wacht",
];

/// For each first two letters of a stem the third ones, as bits; letters are counted by their lowest five bits.
const STEM_SLOTS: [u32; 32 * 32] = stem_slots();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn stem_slots() -> [u32; 32 * 32] {
    let mut slots = [0; 32 * 32];
    let mut index = 0;
    while index < STEMS.len() {
        let stem = STEMS[index];
        let thirds = if stem.len() > 2 { 1 << (stem[2] & 31) } else { u32::MAX };
        slots[stem_pair(stem[0], stem[1])] |= thirds;
        index += 1;
    }
    slots
}

const fn stem_pair(first: u8, second: u8) -> usize {
    (first as usize & 31) << 5 | (second as usize & 31)
}

/// Whether any term could be in the name: cheap, and nearly always no.
pub(crate) fn has_stem(name: &[u8]) -> bool {
    let may_begin = |first: u8, second: u8, third: u8| {
        STEM_SLOTS.get(stem_pair(first, second)).is_some_and(|thirds| thirds >> (third & 31) & 1 == 1)
    };
    let begins = |from: usize| {
        STEMS
            .iter()
            .any(|stem| name.get(from..from + stem.len()).is_some_and(|head| head.eq_ignore_ascii_case(stem)))
    };
    let inside = name.windows(3).enumerate().any(|(from, slot)| {
        matches!(slot, [first, second, third] if may_begin(*first, *second, *third)) && begins(from)
    });
    // In the last two letters is only room for the shortest stems.
    inside || matches!(name, [.., first, second] if may_begin(*first, *second, 0) && begins(name.len() - 2))
}

/// For each last letter of what promises the ones before it, as bits, counted as in [`STEM_SLOTS`]. What is glued ends like a term.
const ENDING_PAIRS: [u32; 32] = ending_pairs();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn ending_pairs() -> [u32; 32] {
    let mut pairs = [0; 32];
    let mut index = 0;
    while index < TERMS.len() {
        let terms = TERMS[index].0;
        let last = terms[terms.len() - 1].as_bytes();
        pairs[(last[last.len() - 1] & 31) as usize] |= 1 << (last[last.len() - 2] & 31);
        index += 1;
    }
    pairs
}

/// Whether a name that ends with `word` could end with a promise: cheap, and mostly no.
fn may_end(word: &str) -> bool {
    match word.as_bytes() {
        [.., before, last] => {
            ENDING_PAIRS.get(usize::from(last & 31)).is_some_and(|befores| befores >> (before & 31) & 1 == 1)
        }
        _ => false,
    }
}

/// How many of the last words promise, and what.
fn ending(words: &[String]) -> Option<(usize, Promise)> {
    let last = words.last().filter(|last| may_end(last))?.as_str();
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).map(String::as_str);
    let found = TERMS.iter().find(|(terms, _)| {
        let tail = words.len().checked_sub(terms.len()).and_then(|from| words.get(from..));
        tail.is_some_and(|tail| tail.iter().zip(*terms).all(|(word, term)| word == term))
    });
    let Some((terms, promise)) = found else { return glued(last).map(|promise| (1, promise)) };
    let length = terms.len();
    match (last, before) {
        // Names of requests that must not be done twice.
        ("token", Some("request")) if words.iter().any(|word| word == "client") => None,
        ("token", Some("action")) => None,
        ("token" | "tokens", Some(before)) if OTHER_TOKENS.contains(&before) => None,
        ("key" | "keys", Some(before)) if OTHER_KEYS.contains(&before) => None,
        ("key" | "keys", Some(before)) if length == 1 && KEY_QUALIFIERS.contains(&before) => Some((2, Key)),
        _ => Some((length, *promise)),
    }
}

/// The promise of a word written in one with others: `dbpassword`.
fn glued(word: &str) -> Option<Promise> {
    let ends = |ends: &[&str]| ends.iter().any(|end| word.ends_with(end));
    if ends(&["password", "passwd", "passphrase", "passwort", "pwd"]) || GLUED_PASSES.contains(&word) {
        return Some(Password);
    }
    if ends(&["secret", "secretkey"]) {
        return Some(Secret);
    }
    if ends(&["authtoken", "accesstoken", "apitoken", "usertoken", "bottoken"]) {
        return Some(Token);
    }
    ends(&["apikey", "accesskey", "privatekey", "authkey", "appkey", "masterkey"]).then_some(Key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_what_their_last_words_say() {
        for (name, kind) in [
            ("password", Password),
            ("DB_PASS", Password),
            ("spring.datasource.password", Password),
            ("clientSecret", Secret),
            ("API_KEY_PROD", Key),
            ("x-api-key", Key),
            ("rootpassword", Password),
            ("secret_key_base", Secret),
            ("authToken2", Token),
            ("contraseña", Password),
            ("mot_de_passe", Password),
            ("password_confirmation", Password),
            ("cookieKey", Key),
            ("key", Weak),
            ("hashSalt", Salt),
            ("AZURE_CONNECTION_STRING", Auth),
        ] {
            assert_eq!(promise(name.as_bytes()).map(|name| name.promise), Some(kind), "{name}");
        }
    }

    #[test]
    fn every_term_holds_a_stem() {
        let without: Vec<_> = TERMS
            .iter()
            .filter(|(terms, _)| !terms.iter().any(|term| has_stem(term.as_bytes())))
            .map(|(terms, _)| terms.join("_"))
            .collect();
        assert_eq!(without, Vec::<String>::new());
        assert!(GLUED_PASSES.iter().all(|word| has_stem(word.as_bytes())));
    }

    #[test]
    fn what_is_glued_ends_like_a_term() {
        let glued_by = |word: &&str| glued(&format!("x{word}")).is_some();
        let ends = [
            "password",
            "passwd",
            "passphrase",
            "passwort",
            "pwd",
            "secret",
            "secretkey",
            "authtoken",
            "apikey",
            "masterkey",
        ];
        assert!(ends.iter().all(glued_by));
        assert!(ends.iter().chain(GLUED_PASSES).all(|word| may_end(word)));
    }

    #[test]
    fn other_things_promise_nothing() {
        for name in [
            "password_field",
            "token_type",
            "tokenizer",
            "max_tokens_count",
            "secretName",
            "next_token",
            "passwordLabel",
            "access_key_id",
            "compass",
            "TokenKind",
            "password_hash",
            "primary_key",
            "monkey",
            "author",
            "bypass",
            "EncryptedPrivateKey",
            "signature",
        ] {
            assert_eq!(promise(name.as_bytes()), None, "{name}");
        }
    }
}
