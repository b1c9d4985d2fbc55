use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, Slot};
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"(?:^|[\s"'])(?:machine\s+(?<host>[^\s"']+)|default)\s+(?:account\s+\S+\s+)?(?:login|user)\s+(?<user>"[^"\n]*"|\S+)\s+(?:account\s+\S+\s+)?passw(?:or)?d\s+(?<secret>"[^"\n]+"|\S+)"#,
        r#"(?:^|[\s"'])machine\s+(?<host>[^\s"']+)\s+passw(?:or)?d\s+(?<secret>"[^"\n]+"|\S+)(?:\s+login\s+(?<user>\S+))?"#,
    ])
});

/// Passwords of `.netrc` (ftp(1), GNU inetutils): `machine HOST login USER password PASSWORD`, on one line or on several.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let slots = FORMS.find(scene, window).into_iter();
    let named = |slot: &Slot<'_>| !matches!(slot.asset.user.as_deref(), Some("anonymous" | "ftp"));
    slots.filter(named).filter_map(Slot::password).collect()
}
