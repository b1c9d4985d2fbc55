use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, Slot};
use crate::candidate::Hit;
use crate::filter;

/// Length of the keys and salts that WordPress makes.
const KEY_LENGTH: usize = 64;

static PASSWORDS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"define\(\s*["'](?:DB_PASSWORD|FTP_PASS|WP_CACHE_KEY_PASSWORD|SMTP_PASS(?:WORD)?)["']\s*,\s*(?<secret>"[^"\r\n]+"|'[^'\r\n]+')\s*\)"#,
    ])
});
static KEYS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"define\(\s*["'](?:AUTH|SECURE_AUTH|LOGGED_IN|NONCE|WP_CACHE)_(?:KEY|SALT|KEY_SALT)["']\s*,\s*(?<secret>"[^"\r\n]{20,}"|'[^'\r\n]{20,}')\s*\)"#,
    ])
});
static USER: LazyLock<Forms> = LazyLock::new(|| named("DB_USER"));
static HOST: LazyLock<Forms> = LazyLock::new(|| named("DB_HOST"));
static DATABASE: LazyLock<Forms> = LazyLock::new(|| named("DB_NAME"));

/// The literal that a constant is defined as.
fn named(name: &str) -> Forms {
    Forms::new(&[&format!(
        r#"define\(\s*["']{name}["']\s*,\s*(?<secret>"[^"\r\n]{{1,128}}"|'[^'\r\n]{{1,128}}')"#
    )])
}

/// The database password, keys and salts of `wp-config.php`.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let passwords = PASSWORDS.find(scene, window).into_iter();
    let passwords = passwords.filter_map(|slot| opening(scene, window, slot).stored());
    let keys = KEYS.find(scene, window).into_iter().filter(|slot| is_key(&slot.value));
    passwords.chain(keys.filter_map(Slot::token)).collect()
}

/// The slot with what the constants around it say of the database.
fn opening<'t>(scene: &Scene<'t>, window: Span, mut slot: Slot<'t>) -> Slot<'t> {
    let value = |forms: &Forms| {
        let found = forms.find(scene, window).into_iter().next()?;
        super::asset::named(&found.value, &slot.value)
    };
    (slot.asset.user, slot.asset.host, slot.asset.database) = (value(&USER), value(&HOST), value(&DATABASE));
    slot
}

/// Keys are drawn from nearly all printable characters; the phrase that asks for one is not.
fn is_key(value: &[u8]) -> bool {
    let spaces = memchr::memchr_iter(b' ', value).count();
    let least = if value.len() < KEY_LENGTH { 3.5 } else { 4.2 };
    filter::entropy(value) >= least && spaces * 8 < value.len()
}
