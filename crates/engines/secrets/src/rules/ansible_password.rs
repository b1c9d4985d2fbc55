use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"^(?:(?<host>[A-Za-z0-9][A-Za-z0-9._-]*)[ \t][^\n#]*?)?\bansible_(?:ssh_pass|ssh_password|password|become_pass|become_password|sudo_pass|su_pass|winrm_pass|httpapi_pass)=(?<secret>"[^"\n]+"|'[^'\n]+'|[^\s"'#]\S*)(?:[^\n]*?\bansible_(?:ssh_)?user=(?<user>[^\s"']+))?"#,
        r#"^[ \t-]*["']?ansible_(?:ssh_pass|ssh_password|password|become_pass|become_password|sudo_pass|su_pass|winrm_pass|httpapi_pass)["']?~value~"#,
    ])
});

/// Connection passwords of Ansible, in inventories and variables.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords(scene, window)
}
