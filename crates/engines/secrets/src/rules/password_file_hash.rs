use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, Slot};
use crate::candidate::Hit;
use crate::filter;

/// Least length of a salt of 16 bytes.
const SALT: usize = 22;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let crypt = [
        r"\$\$?apr1\$\$?[./0-9A-Za-z]{1,8}\$\$?[./0-9A-Za-z]{22}",
        r"\$\$?2[abxy]?\$\$?\d\d\$\$?[./0-9A-Za-z]{53}",
        r"\$1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}",
        r"\$5\$(?:rounds=\d{1,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}",
        r"\$6\$(?:rounds=\d{1,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}",
        r"\$(?:y|gy|7)\$[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}",
        r"\$argon2(?:id|i|d)\$[A-Za-z0-9$=,+/]{40,200}",
        r"\{SHA\}[A-Za-z0-9+/]{27}=",
        r"\{SSHA(?:256|384|512)?\}[A-Za-z0-9+/]{24,120}={0,2}",
    ];
    let crypt = crypt.join("|");
    Forms::new(&[
        &format!(
            r#"(?:^|[\s"',=])(?<user>[A-Za-z0-9_][A-Za-z0-9_.@+-]{{0,63}}):!?(?<secret>(?-i:{crypt}))(?:[:\s"',;]|$)"#
        ),
        r"^(?<user>[a-z_][a-z0-9_-]{0,31}):(?<secret>(?-i:[./0-9A-Za-z]{13})):\d{4,5}:\d{0,5}:\d{0,5}:\d{0,5}:\d{0,5}:",
        r"^(?<user>[^\s:]{1,64}):\d+:(?:[0-9A-FX]{32}):(?<secret>[0-9A-F]{32}):\[[A-Z ]{1,12}\]",
    ])
});

/// Hashes in files of accounts: htpasswd, shadow, passwd of FTP and mail servers, smbpasswd.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let slots = FORMS.find(scene, window).into_iter();
    slots.filter(|slot| !is_placeholder(&slot.value)).filter_map(Slot::hash).collect()
}

/// Whether a part of a hash is a word that says that it is none: `$placeholder`. In the digits of one such a word may stand by chance.
fn is_placeholder(hash: &[u8]) -> bool {
    let is_word = |part: &[u8]| part.len() < SALT && part.iter().all(u8::is_ascii_alphabetic);
    hash.split(|byte| *byte == b'$').any(|part| is_word(part) && filter::says_placeholder(part))
}
