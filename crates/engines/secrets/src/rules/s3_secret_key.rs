use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let end = r#"["']?[ \t]*(?:#[^\n]*)?\r?$"#;
    Forms::new(&[
        &format!(
            r#"^[ \t]*(?:export[ \t]+)?(?:aws_|gs_)?secret_(?:access_)?key[ \t]*=[ \t]*["']?(?<secret>[A-Za-z0-9+/]{{24,64}}){end}"#
        ),
        &format!(
            r#"^[ \t]+(?:client_key|api_key|access_token):[ \t]+["']?(?<secret>[0-9a-f]{{32}}|[0-9a-f]{{64}}){end}"#
        ),
    ])
});
/// What ends a section of an ini file.
const EDGES: &[&[u8]] = &[b"\n["];

/// Secret keys in the files of clients for storage and machines: `.s3cfg`, `.boto`, `.tugboat`.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let slots = FORMS.find(scene, window).into_iter();
    slots.filter_map(|slot| slot.within(scene, EDGES).token()).collect()
}
