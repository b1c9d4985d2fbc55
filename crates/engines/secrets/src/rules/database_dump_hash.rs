use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;
use crate::profile::Profile;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"[,(][ \t]*'(?<secret>(?-i:\$2[abxy]?\$\d\d\$[./0-9A-Za-z]{53}|\$[156]\$(?:rounds=\d{1,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{22,86}|\$[PHS]\$[./0-9A-Za-z]{31,55}|\$argon2(?:id|i|d)\$[^'\s]{40,200}|pbkdf2_sha(?:1|256)\$\d{3,8}\$[^'\s$]{4,64}\$[0-9A-Za-z+/=]{27,88}))'[ \t]*[,)]",
        r"\t(?<secret>(?-i:\$2[abxy]?\$\d\d\$[./0-9A-Za-z]{53}|\$[PHS]\$[./0-9A-Za-z]{31,55}|\$argon2(?:id|i|d)\$[^'\s]{40,200}|pbkdf2_sha(?:1|256)\$\d{3,8}\$[^'\s$]{4,64}\$[0-9A-Za-z+/=]{27,88}))(?:\t|\r?$)",
    ])
});

/// Hashes of passwords in the rows of a database dump.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let hits = FORMS.hashes(scene, window).into_iter();
    // Documentation of hashing shows such rows too.
    hits.map(|hit| Hit { profile: Some(Profile::Balanced), ..hit }).collect()
}
