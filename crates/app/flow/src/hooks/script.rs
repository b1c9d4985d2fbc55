//! The text of the hooks.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::Hook;

/// How every hook of ours begins, whichever version wrote it.
const HEAD: &[u8] = b"#!/bin/sh\n# Palisade hook. ";

const ABOUT: &str = "Written by `palisade hook install`, taken away by `palisade hook uninstall`.\n\
                     # Changes made here are lost with the next `palisade hook install`.\n";

/// Whether `text` is a hook that we wrote.
pub(super) fn is_ours(text: &[u8]) -> bool {
    text.starts_with(HEAD)
}

/// A hook for the POSIX shell that first runs the file `kept` beside it, if there is one, then `program`. Without a program the answer
/// is no.
pub(super) fn text(hook: Hook, kept: &str, program: &Path) -> Vec<u8> {
    let program = quoted(program.as_os_str().as_bytes());
    [HEAD, ABOUT.as_bytes(), b"program=", &program, b"\n", body(hook, kept).as_bytes()].concat()
}

fn body(hook: Hook, kept: &str) -> String {
    let name = hook.name();
    let doing = match hook {
        Hook::PreCommit => "nothing is committed",
        Hook::PrePush => "nothing is pushed",
    };
    let run = match hook {
        Hook::PreCommit => PRE_COMMIT,
        Hook::PrePush => PRE_PUSH,
    };
    format!(
        r#"before=$(CDPATH='' cd -- "${{0%/*}}" && pwd -P)/{kept} || exit
if ! [ -f "$program" ] || ! [ -x "$program" ]; then
    if ! found=$(command -v palisade); then
        printf '%s\n' "error: {name}: palisade is neither at $program nor on PATH: nothing was scanned, so {doing}" \
            "  hint: install palisade, or remove this hook: $0" >&2
        exit 4
    fi
    program=$found
fi
{run}"#
    )
}

/// The one that was there may lead back to ours, as that of the pre-commit framework does when it was installed over ours: then it is
/// not run once more.
const PRE_COMMIT: &str = r#"if [ -x "$before" ] && [ "${PALISADE_HOOK_BEFORE-}" != "$before" ]; then
    PALISADE_HOOK_BEFORE=$before "$before" "$@" || exit
fi
exec "$program" hook run pre-commit
"#;

/// The same; both read the list of what is pushed, so that it is given to each.
const PRE_PUSH: &str = r#"if [ -x "$before" ] && [ "${PALISADE_HOOK_BEFORE-}" != "$before" ]; then
    list=$(cat)
    given() {
        [ -z "$list" ] || printf '%s\n' "$list"
    }
    given | PALISADE_HOOK_BEFORE=$before "$before" "$@" || exit
    given | "$program" hook run pre-push -- "$@"
    exit
fi
exec "$program" hook run pre-push -- "$@"
"#;

/// Bytes as one word of the shell, whatever they are.
fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for byte in bytes {
        match byte {
            b'\'' => word.extend_from_slice(b"'\\''"),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_known_by_its_head() {
        for hook in Hook::ALL {
            assert!(is_ours(&text(hook, "kept", Path::new("/bin/palisade"))));
        }
        assert!(!is_ours(b"#!/bin/sh\nexec palisade hook run pre-commit\n"));
        assert!(!is_ours(b""));
    }

    /// The system's shell is the judge.
    #[test]
    fn any_path_is_one_word_of_the_shell() {
        let odd = b"/opt/it's a \"$HOME\" `path`\n\\x";
        let script = [b"printf %s ", quoted(odd).as_slice()].concat();
        let told = std::process::Command::new("sh")
            .arg("-c")
            .arg(std::ffi::OsStr::from_bytes(&script))
            .output()
            .unwrap();
        assert_eq!(told.stdout, odd);
    }
}
