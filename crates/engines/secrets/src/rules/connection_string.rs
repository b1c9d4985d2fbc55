use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

/// What ends a connection string: the quotes it stands in, or the line.
const EDGES: &[&[u8]] = &[b"\"", b"'", b"\n", b"`", b"&quot;", b">", b"<"];

static PAIRS: LazyLock<Forms> = LazyLock::new(|| {
    let server = r#"(?:server|data source|address|addr|network address|host|hostname|user id|userid|uid|user|username|database|initial catalog|driver|provider|dsn|port)"#;
    Forms::new(&[
        // ADO.NET, OLE DB and ODBC: the password after or before another key.
        &format!(
            r#"\b{server}[ \t]*=[^;&"'\r\n<>]{{0,256}};(?:[^"'\r\n<>=;]{{1,40}}=[^;"'\r\n<>]{{0,256}};){{0,16}}?[ \t]*(?:password|pwd)[ \t]*=[ \t]*(?<secret>[^;"'\r\n<>\\]{{1,128}})"#
        ),
        &format!(
            r#"\b(?:password|pwd)[ \t]*=[ \t]*(?<secret>[^;"'\r\n<>&\\\s]{{1,128}});[ \t]*(?:[^"'\r\n<>=;]{{1,40}}=[^;"'\r\n<>]{{0,256}};[ \t]*){{0,16}}?{server}[ \t]*="#
        ),
        // StackExchange.Redis.
        r#"[A-Za-z0-9.-]:\d{2,5},(?:[a-z]{1,32}=[^,"'\s]{1,64},){0,8}?password=(?<secret>[^,;"'\s<>]+)"#,
        // Options of a mount.
        r#"\b(?:user|username)=[^,"'\s]{1,64},(?:[a-z_]{1,32}(?:=[^,"'\s]{1,64})?,){0,8}?(?:password|pass)=(?<secret>[^,;"'\s<>]+)"#,
        // The keywords of libpq.
        r#"\b(?:host|user|dbname|port|hostaddr)=[^\s"';&]+[ \t]+(?:[a-z_]{1,32}=[^\s"';&]+[ \t]+){0,12}?password=(?<secret>[^\s"';,&<>`]+)"#,
        r#"\bpassword=(?<secret>[^\s"';,&<>`]+)[ \t]+(?:[a-z_]{1,32}=[^\s"';&]+[ \t]+){0,12}?(?:host|dbname|hostaddr)="#,
    ])
});
static JDBC: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"\bjdbc:[a-z0-9:+-]{2,40}:(?://)?(?<host>[A-Za-z0-9_.,:\[\]-]+)(?:/(?<database>[\w-]{1,64}))?[^\s"'<>]*?[?&;](?:password|pwd)=(?<secret>[^\s"'`<>&;\\)]+)"#,
        r#"\bjdbc:oracle:(?:thin|oci8?):(?<user>[^\s"'/@$<>]{1,64})/(?<secret>[^\s"'/@$<>]+)@(?://)?(?<host>[A-Za-z0-9_.-]+(?::\d+)?)"#,
    ])
});

/// Passwords in connection strings: ADO.NET, ODBC, OLE DB, libpq, JDBC, Redis clients and mount options.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let jdbc = JDBC.find(scene, window).into_iter();
    let jdbc = jdbc.filter_map(|slot| slot.within(scene, EDGES).password());
    PAIRS.passwords_in(scene, window, EDGES).into_iter().chain(jdbc).collect()
}
