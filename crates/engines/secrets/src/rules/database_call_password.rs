use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"\b(?:mysqli?_p?connect|new[ \t]+\\?mysqli|(?:pymysql|mysqldb|mariadb)\.connect)\(\s*(?:~text~|\$?[\w.>-]{1,64})\s*,\s*(?<user>~text~)\s*,\s*(?<secret>~text~)\s*[,)]"#,
        r#"\bnew[ \t]+\\?PDO\(\s*(?:~text~|\$[\w>-]{1,64})\s*,\s*(?<user>~text~)\s*,\s*(?<secret>~text~)\s*[,)]"#,
        r#"\bgetConnection\(\s*(?:~text~|[\w.]{1,64})\s*,\s*(?<user>"[^"\r\n]{1,64}")\s*,\s*(?<secret>"[^"\r\n$]{1,256}")\s*\)"#,
        r#"["'`](?<user>[\w.$-]{1,64}):(?<secret>[^\s"'`@/$<>%{}()]{1,128})@tcp\((?<host>[\w.\[\]:-]{1,256})\)/"#,
    ])
});

/// Passwords that are passed as literals to a call that opens a database.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.literals(scene, window)
}
