use std::sync::LazyLock;

use palisade_model::Span;

use super::forms::{Forms, Slot};
use super::{Scene, credential};
use crate::candidate::{Hit, Scope};

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        // HAProxy.
        r"^[ \t]*user[ \t]+(?<user>\S+)[ \t]+insecure-password[ \t]+(?<secret>[^\s#]+)",
        r"^[ \t]*stats[ \t]+auth[ \t]+(?<user>[^\s:]+):(?<secret>\S+)[ \t]*\r?$",
        // ProFTPD.
        r#"^[ \t]*SQLConnectInfo[ \t]+(?<database>[^\s@]+)(?:@(?<host>\S+))?[ \t]+(?<user>\S+)[ \t]+(?<secret>"[^"\r\n]+"|[^\s"]+)"#,
        // Net-SNMP: for the messages' authenticity, and for their privacy.
        r#"^[ \t]*createUser[ \t]+(?:-e[ \t]+\S+[ \t]+)?(?<user>\S+)[ \t]+(?:MD5|SHA(?:-?\d+)?)[ \t]+(?<secret>"[^"\r\n]+"|[^\s"]+)"#,
        r#"^[ \t]*createUser[ \t]+(?:-e[ \t]+\S+[ \t]+)?(?<user>\S+)[ \t]+(?:MD5|SHA(?:-?\d+)?)[ \t]+(?:"[^"\r\n]+"|[^\s"]+)[ \t]+(?:DES|AES(?:-?\d+)?)[ \t]+(?<secret>"[^"\r\n]+"|[^\s"]+)"#,
        // Asterisk.
        r"^[ \t]*register[ \t]*=>[ \t]*(?<user>[^\s:@/]+):(?<secret>[^\s:@]+)(?::[^\s@]+)?@(?<host>[\w.-]+)",
        // Squid.
        r"^[ \t]*cache_peer[ \t]+(?<host>\S+)[ \t][^\n]{0,200}?\blogin=(?<user>[^\s:*]+):(?<secret>[^\s:]+)",
        // Dovecot.
        r"^(?<user>[^\s:]+):\{(?:plain|cleartext)\}(?<secret>[^\s:]+)",
        // NUT.
        r#"^[ \t]*MONITOR[ \t]+[^\s@]+@(?<host>\S+)[ \t]+\d+[ \t]+(?<user>\S+)[ \t]+(?<secret>"[^"\r\n]+"|[^\s"<]+)[ \t]+(?:master|slave|primary|secondary)\b"#,
        // Monit.
        r"^[ \t]*allow[ \t]+(?<user>[\w.@-]+):(?<secret>[^\s:]+)(?:[ \t]+read-?only)?[ \t]*\r?$",
        // coturn.
        r"^[ \t]*user=(?<user>[\w.@-]+):(?<secret>[^\s:]+)[ \t]*\r?$",
        // curl, of a proxy.
        r"^[ \t]*(?:--)?proxy-user[ \t]*[= ][ \t]*(?<user>[\w.@+-]+):(?<secret>[^\s:]+)[ \t]*\r?$",
        // FreeRADIUS, among what else it says of a client.
        r##"^[ \t]*client[ \t]+[^\s{]+[ \t]*\{[^}]{0,400}?\n[ \t]*secret[ \t]*=[ \t]*"?(?<secret>[^\s"#]{4,128})"?[ \t]*(?:#[^\n]*)?\r?$"##,
    ])
});
/// curl; elsewhere it is a user and a group.
static LOGINS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[r#"^[ \t]*(?:proxy-)?user[ \t]*=[ \t]*"(?<user>[\w.@+-]+):(?<secret>[^\s":]+)"[ \t]*\r?$"#])
});
/// Net-SNMP. Every device comes with two communities.
static COMMUNITIES: LazyLock<Forms> =
    LazyLock::new(|| Forms::new(&[r#"^[ \t]*r[ow]community6?[ \t]+(?<secret>[^\s#"<]{4,64})"#]));

/// Passwords among the words of a line in the configuration of servers.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let communities = COMMUNITIES.find(scene, window).into_iter();
    let set = communities.filter(|slot| !matches!(slot.value.as_ref(), b"public" | b"private"));
    let found = FORMS.find(scene, window).into_iter().filter(|slot| !is_port(&slot.value));
    let found = found.filter_map(Slot::password);
    let logins = LOGINS.find(scene, window).into_iter();
    let logins = logins.filter(|slot| !is_port(&slot.value) && !credential::is_wordy(&slot.value));
    let found = found.chain(logins.filter_map(Slot::literal));
    // None of these files is source code, in which the like is a call.
    found.chain(set.filter_map(Slot::password)).map(|hit| Hit { scope: Scope::Unquoted, ..hit }).collect()
}

/// Whether what stands behind a colon is a port: `allow localhost:8080`.
fn is_port(value: &[u8]) -> bool {
    value.len() <= 5 && value.iter().all(u8::is_ascii_digit)
}
