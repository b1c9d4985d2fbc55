use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"^[ \t]*(?:set[as]?[ \t]+)?(?:adminpassword|rcon_password|rconpassword|rcon\.password|sv_password|serveradminpassword|serverpassword|icesecretwrite|voteadminpassword|password)[ \t]*[= \t][ \t]*(?<secret>"[^"\r\n]+"|[^\s"'#;/](?:\S*[^\s,;])?)[ \t]*\r?$"#,
    ])
});

/// Passwords in the configuration of game and voice servers.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.stored(scene, window, &[])
}
