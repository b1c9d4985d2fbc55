use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, Slot, base64_text};
use crate::candidate::Hit;

const EDGES: &[&[u8]] = &[b"<Server>", b"</Server>", b"<LastServer>", b"</LastServer>"];

static ENCODED: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[r#"<Pass[ \t]+encoding="base64"[ \t]*>\s*(?<secret>[A-Za-z0-9+/]{2,}={0,2})\s*</Pass>"#])
});
static PLAIN: LazyLock<Forms> = LazyLock::new(|| Forms::new(&[r"<Pass>(?<secret>[^<>\r\n]+)</Pass>"]));

/// Passwords in the site manager of FileZilla, in clear or in base 64.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let encoded = ENCODED.find(scene, window).into_iter();
    let encoded = encoded.filter_map(|slot| slot.decoded(base64_text)?.within(scene, EDGES).stored());
    // Other programs have such an element too; a site of FileZilla has a host.
    let plain = PLAIN.find(scene, window).into_iter().map(|slot| slot.within(scene, EDGES));
    let plain = plain.filter(|slot| slot.asset.host.is_some()).filter_map(Slot::stored);
    encoded.chain(plain).collect()
}
