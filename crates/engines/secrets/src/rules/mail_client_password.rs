use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::{Hit, Scope};

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        // msmtp and esmtp: a name and a value on a line of their own.
        r#"^[ \t]*(?:password|passwd)(?:[ \t]+|[ \t]*=[ \t]*)(?<secret>"[^"\r\n]+"|'[^'\r\n]+'|[^\s"'#=]\S*)[ \t]*\r?$"#,
        // mutt and neomutt.
        r#"^[ \t]*set[ \t]+(?:my_)?(?:\w{0,16}_)?pass(?:word)?[ \t]*=[ \t]*(?<secret>"[^"\r\n]+"|'[^'\r\n]+'|[^\s"'#`]\S*)[ \t]*\r?$"#,
        // mbsync and OfflineIMAP.
        r#"^[ \t]*(?-i:Pass)[ \t]+(?<secret>"[^"\r\n]+"|[^\s#"]\S*)[ \t]*\r?$"#,
        r"^[ \t]*remotepass[ \t]*=[ \t]*(?<secret>[^\s#]\S*)[ \t]*\r?$",
        // Postfix: `[host]:port user:password`; the map that `smtp_sasl_password_maps` names.
        r#"^\[?(?<host>(?:smtp|mail|relay|email-smtp)[\w-]*\.[\w.-]+)\]?(?::\d{1,5})?[ \t]+(?<user>[^\s:]+):(?<secret>[^\s:<>]+)[ \t]*\r?$"#,
    ])
});
/// fetchmail: words of a sentence.
static SENTENCES: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"\buser(?:name)?[ \t]+(?<user>"[^"\r\n]+"|'[^'\r\n]+'|\S+)(?:[ \t]+(?:there|with))*[ \t]*,?\s*(?:and\s+)?pass(?:word)?[ \t]+(?<secret>"[^"\r\n]+"|'[^'\r\n]+'|[^\s"'#=,;]+)"#,
    ])
});

/// Passwords in the files of programs that send and fetch mail: msmtp, esmtp, mutt, fetchmail, Postfix, mbsync, OfflineIMAP.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let stored = FORMS.stored(scene, window, &[b"\n\n", b"\naccount", b"\nidentity"]);
    let found = SENTENCES.passwords(scene, window).into_iter().chain(stored);
    // None of these files is source code, in which the like is a variable.
    found.map(|hit| Hit { scope: Scope::Unquoted, ..hit }).collect()
}
