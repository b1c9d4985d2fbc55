mod vocabulary;

use super::words::bounds;
use vocabulary::{GLUED_PASSES, KEY_QUALIFIERS, NEUTRAL, OTHER_KEYS, OTHER_TOKENS, TERMS, TURNING};

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

/// What `name` promises.
pub(crate) fn promise(name: &[u8]) -> Option<Name> {
    has_stem(name).then(|| promise_of_stem(name)).flatten()
}

/// The same for a name that is known to have a stem.
pub(crate) fn promise_of_stem(name: &[u8]) -> Option<Name> {
    if is_country(name) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let words: Vec<_> = bounds(name).filter_map(|word| lower.get(word)).collect();
    let (end, length, promise) = (1..=words.len())
        .rev()
        .find_map(|end| ending(words.get(..end)?).map(|(length, promise)| (end, length, promise)))?;
    let rest = words.get(end..)?;
    let number = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    if rest.iter().any(|word| is_one_of(word, TURNING)) {
        return None;
    }
    const BEFORE: [&str; 9] = [
        "authenticity",
        "encrypted",
        "existing",
        "hashed",
        "nopasswd",
        "pub",
        "public",
        // A public key, or its digest, in Ethereum's consensus.
        "withdrawal",
        "wrapped",
    ];
    /// What makes another thing of a promise right behind it: `forgotPassword`, `INVALID_PASSWORD`.
    const RIGHT_BEFORE: [&str; 6] = ["disabled", "forgot", "forgotten", "incorrect", "invalid", "wrong"];
    let last = words.get(..end - length).and_then(<[_]>::last);
    if words.iter().take(end).any(|word| is_one_of(word, &BEFORE))
        || last.is_some_and(|word| is_one_of(word, &RIGHT_BEFORE))
    {
        return None;
    }
    let ends = rest.iter().all(|word| number(word) || is_one_of(word, NEUTRAL));
    if !ends && (rest.len() > 3 || matches!(promise, Weak | Auth | Salt)) {
        return None;
    }
    Some(Name { promise, ends, qualified: end > length })
}

fn is_one_of(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|one| one.as_bytes() == word)
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
const STEM_HEADS: [u32; 32 * 32] = stem_slots(false);

/// What any stem may have at every second byte of a text: for either way in which it may lie three of its letters, in the same way, or
/// its first two after any other.
const STEM_SLOTS: [u32; 32 * 32] = stem_slots(true);

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn stem_slots(either_way: bool) -> [u32; 32 * 32] {
    let mut slots = [0; 32 * 32];
    let mut index = 0;
    while index < STEMS.len() {
        let stem = STEMS[index];
        let thirds = if stem.len() > 2 { 1 << (stem[2] & 31) } else { u32::MAX };
        slots[stem_pair(stem[0], stem[1])] |= thirds;
        if either_way && stem.len() > 3 {
            slots[stem_pair(stem[1], stem[2])] |= 1 << (stem[3] & 31);
        } else if either_way {
            let mut before = 0;
            while before < 32 {
                slots[stem_pair(before, stem[0])] |= 1 << (stem[1] & 31);
                before += 1;
            }
        }
        index += 1;
    }
    slots
}

/// Whether a table has three bytes.
fn has_slot(table: &[u32; 32 * 32], first: u8, second: u8, third: u8) -> bool {
    table.get(stem_pair(first, second)).is_some_and(|thirds| thirds >> (third & 31) & 1 == 1)
}

const fn stem_pair(first: u8, second: u8) -> usize {
    (first as usize & 31) << 5 | (second as usize & 31)
}

/// Whether any term could be in the name: cheap, and nearly always no.
pub(crate) fn has_stem(name: &[u8]) -> bool {
    next_stem(name).is_some()
}

/// Where the first stem in `text` begins.
pub(crate) fn next_stem(text: &[u8]) -> Option<usize> {
    let mut slot = 0;
    while let Some([first, second, third]) = text.get(slot..slot + 3) {
        if has_slot(&STEM_SLOTS, *first, *second, *third)
            && let Some(place) = stem_around(text, slot)
        {
            return Some(place);
        }
        slot += 2;
    }
    stem_around(text, slot)
}

/// The first place at which a stem begins, of the one before a slot and the two after it.
fn stem_around(text: &[u8], slot: usize) -> Option<usize> {
    let begins = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        let [first, second, more @ ..] = rest else { return false };
        let is_head =
            |stem: &&[u8]| rest.get(..stem.len()).is_some_and(|head| head.eq_ignore_ascii_case(stem));
        has_slot(&STEM_HEADS, *first, *second, more.first().copied().unwrap_or(0))
            && STEMS.iter().any(is_head)
    };
    (slot.saturating_sub(1)..slot + 2).find(|from| begins(*from))
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
fn may_end(word: &[u8]) -> bool {
    match word {
        [.., before, last] => {
            ENDING_PAIRS.get(usize::from(last & 31)).is_some_and(|befores| befores >> (before & 31) & 1 == 1)
        }
        _ => false,
    }
}

/// Which of the first 128 terms end with each letter, counted as in [`ENDING_PAIRS`], as bits.
const ENDING_LETTERS: [u128; 32] = ending_letters();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn ending_letters() -> [u128; 32] {
    assert!(TERMS.len() <= u128::BITS as usize);
    let mut letters = [0; 32];
    let mut index = 0;
    while index < TERMS.len() {
        let terms = TERMS[index].0;
        let last = terms[terms.len() - 1].as_bytes();
        letters[(last[last.len() - 1] & 31) as usize] |= 1 << index;
        index += 1;
    }
    letters
}

/// The terms that end with the letter with which `word` ends, in order.
fn terms_like(word: &[u8]) -> impl Iterator<Item = &'static (&'static [&'static str], Promise)> {
    let letter = word.last().copied().unwrap_or_default();
    let mut left = ENDING_LETTERS.get(usize::from(letter & 31)).copied().unwrap_or(0);
    std::iter::from_fn(move || {
        let index = left.trailing_zeros() as usize;
        left &= left.wrapping_sub(1);
        TERMS.get(index)
    })
}

/// How many of the last words promise, and what.
fn ending(words: &[&[u8]]) -> Option<(usize, Promise)> {
    let last = words.last().copied().filter(|last| may_end(last))?;
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).copied();
    let ends = |terms: &[&str]| {
        // The last words are compared first: they differ most often.
        terms.len() <= words.len()
            && words.iter().rev().zip(terms.iter().rev()).all(|(word, term)| *word == term.as_bytes())
    };
    let found = terms_like(last).find(|(terms, _)| ends(terms));
    let Some((terms, promise)) = found else { return glued(last).map(|promise| (1, promise)) };
    let length = terms.len();
    match (last, before) {
        // Names of requests that must not be done twice.
        (b"token", Some(b"request")) if words.contains(&b"client".as_slice()) => None,
        (b"token", Some(b"action")) => None,
        (b"token" | b"tokens", Some(before)) if is_one_of(before, OTHER_TOKENS) => None,
        (b"key" | b"keys", Some(before)) if is_one_of(before, OTHER_KEYS) => None,
        (b"key" | b"keys", Some(before)) if length == 1 && is_one_of(before, KEY_QUALIFIERS) => {
            Some((2, Key))
        }
        _ => Some((length, *promise)),
    }
}

/// The promise of a word written in one with others: `dbpassword`.
fn glued(word: &[u8]) -> Option<Promise> {
    let ends = |ends: &[&str]| ends.iter().any(|end| word.ends_with(end.as_bytes()));
    if ends(&["password", "passwd", "passphrase", "passwort", "pwd"]) || is_one_of(word, GLUED_PASSES) {
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn the_first_stem_is_met(text in "(|[a-z0-9_]{0,6})(key|PW|Token|pin|passw|kennw)?[ a-zA-Z_]{0,12}(pass|jwt|key|mdp)?[ a-z]{0,3}") {
            let lower = text.to_ascii_lowercase();
            let first = STEMS.iter().filter_map(|stem| memchr::memmem::find(lower.as_bytes(), stem)).min();
            prop_assert_eq!(next_stem(text.as_bytes()), first, "{}", text);
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
        let glued_by = |word: &&str| glued(format!("x{word}").as_bytes()).is_some();
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
        assert!(ends.iter().chain(GLUED_PASSES).all(|word| may_end(word.as_bytes())));
    }

    #[test]
    fn other_things_promise_nothing() {
        for name in [
            "password_field",
            "token_type",
            "tokenizer",
            "max_tokens_count",
            "secretName",
            "previous_token",
            "image_token",
            "withdrawal_credentials",
            "_pubEdKey",
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
