use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, Slot};
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"\bcurl(?:[^\n;|]|\\\n)*?(?:\s-[a-zA-Z]{0,6}u[ \t]*|\s--(?:proxy-)?user[ \t=]+)["']?(?<user>[^\s:"'$]+):(?<secret>[^\s"'`;|&<>$][^\s"'`;|&<>]*)["']?(?:(?:[^\n;|]|\\\n)*?\bhttps?://(?<host>[A-Za-z0-9.-]+(?::\d{1,5})?))?"#,
        r"\bwget(?:[^\n;|]|\\\n)*?\s--(?:http-|ftp-|proxy-)?password[= ]~word~",
        r"\bsshpass\s+-p[ \t]*~word~",
        r"\bmysql(?:dump|admin|import|show|pump|check)?\b(?:[ \t]+(?:-[a-oq-zA-Z]\S*|--[a-z-]+(?:=\S+)?|[\w.-]+|\\\r?\n)){0,8}?[ \t]+(?:(?-i:-p)|--password=)~word~",
        r"\b(?:docker|podman|buildah|helm registry|crane auth|oras|az acr|nerdctl)\s+login\s(?:[^\n;|]|\\\n)*?(?:-p[ \t]+|--password[= ])~word~",
        r"\bredis-cli\s(?:[^\n;|]){0,120}?(?:-a|--pass)[ \t]+~word~",
        r"\bldap(?:search|add|modify|delete|passwd|whoami|compare|modrdn)(?:[^\n;|]|\\\n)*?\s-w[ \t]*~word~",
        r#"\bsmbclient\s[^\n;|]*?(?:-U|--user=?)[ \t]*["']?(?<user>[^\s%"']+)%(?<secret>[^\s"'`;|&<>$][^\s"'`;|&<>]*)"#,
        r"\bhtpasswd\s+-[a-zA-Z]*(?-i:b)[a-zA-Z]*\s+\S+\s+(?<user>\S+)\s+~word~",
        r"(?:^|[\s;&|(`'$])(?:mongo|mongosh|mongodump|mongorestore|mongoexport|mongoimport)(?:[^\n;|&]|\\\n)*?(?:\s-p[ \t]*|--password[= ])~word~",
        r"\bPGPASSWORD=~word~",
        r#"\b(?:passin|passout)[ \t]+["']?pass:(?<secret>[^\s"'`;|&<>$]+)"#,
        r"\bsvn\s[^\n;|]*?--password[= ]~word~",
        r"\bmvn\s[^\n;|]*?-Dpassword=~word~",
    ])
});

/// Where something else than a password may stand as well.
static ASKED: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"\b(?:sqlcmd|bcp)\s(?:[^\n;|]|\\\n)*?\s(?-i:-P)[ \t]*~word~",
        r#"\bsqlplus\s+(?:-\w+\s+){0,4}["']?(?<user>[\w$#]{1,64})/(?<secret>[^\s"'@/$<>&%{}`;|]{4,128})@"#,
        r"\becho(?:[ \t]+-[neE]+)*[ \t]+~word~[ \t]*\|[ \t]*sudo[ \t]+(?:-[a-zA-Z]+[ \t]+){0,4}?(?-i:-[a-zA-Z]*S)\b",
        r"\becho(?:[ \t]+-[neE]+)*[ \t]+~word~[ \t]*\|[ \t]*(?:sudo[ \t]+)?(?:docker|podman|helm|nerdctl|buildah)[ \t](?:[^\n;|]|\\\n)*?--password-stdin\b",
        r#"\becho(?:[ \t]+-[neE]+)*[ \t]+["']?(?<user>[a-z_][\w-]{0,31}):(?<secret>[^\s"'`;|&<>$\\{}]{4,128})["']?[ \t]*\|[ \t]*(?:sudo[ \t]+)?(?:/usr/sbin/)?chpasswd\b"#,
        r"\bnet[ \t]+use[ \t]+(?:\w:|\*)[ \t]+\\\\[\w.-]+\\[\w$.\\-]+[ \t]+~word~[ \t]+/user:",
        r"\b(?:xfreerdp|wfreerdp|mstsc)\s[^\n;|]*?/p:~word~",
        r"\bkeytool\s(?:[^\n;|]|\\\n)*?-(?:src|dest)?storepass[ \t]+~word~",
        r"\b(?:un)?zip(?:[^\n;|]|\\\n)*?\s(?:(?-i:-P)|--password)[ \t]*~word~",
        r"\b7z[ar]?\s+[a-z]{1,2}(?:[^\n;|]|\\\n)*?\s(?-i:-p)~word~",
        r"\b(?:rar|unrar)\s+[a-z]{1,2}(?:[^\n;|]|\\\n)*?\s(?-i:-h?p)~word~",
        r"\bopenssl\s+(?:enc|aes-?\d+-\w+|des3|cast5?-cbc)\s(?:[^\n;|]|\\\n)*?(?-i:-k)[ \t]+~word~",
        r"\bgpg2?\s(?:[^\n;|]|\\\n)*?--passphrase[ =]~word~",
        r"\baz[ \t]+login\s(?:[^\n;|]|\\\n)*?(?:-p[ \t]+|--password[= ])~word~",
    ])
});

/// Passwords among the arguments of well-known programs.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let slots = FORMS.find(scene, window).into_iter();
    let passwords = slots.filter(|slot| !is_port(&slot.value)).filter_map(Slot::password);
    let asked = ASKED.find(scene, window).into_iter().filter(|slot| !is_rest_of_option(&slot.value));
    passwords.chain(asked.filter_map(Slot::literal)).collect()
}

/// Whether a value is the rest of `-Password`, as commands of PowerShell call what others call `-P`.
fn is_rest_of_option(value: &[u8]) -> bool {
    value.eq_ignore_ascii_case(b"assword")
}

/// Whether an argument is a port or a mapping of ports, which have the same letter as passwords.
fn is_port(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'/'))
}
