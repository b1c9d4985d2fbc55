//! WordPress: which version is installed, and the plugins and themes beside it, which tell it in the comment that they begin with
//! (Plugin Handbook, "Header Requirements"; Theme Handbook, "Main Stylesheet").

use palisade_model::{PackageEvidence, Purl};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

/// WordPress reads the head of a file only, that many bytes of it.
const HEAD: usize = 8 << 10;

const PLUGINS: &str = "wp-content/plugins/";

/// `wp-includes/version.php`.
pub(crate) fn is_core(path: &str) -> bool {
    path == "wp-includes/version.php" || path.ends_with("/wp-includes/version.php")
}

/// A file that may begin a plugin: in the folder of plugins, or in a folder there.
pub(crate) fn is_plugin(path: &str) -> bool {
    path.ends_with(".php") && place(path, PLUGINS).is_some_and(|rest| rest.matches('/').count() < 2)
}

/// The style sheet of a theme.
pub(crate) fn is_theme(path: &str) -> bool {
    let rest = place(path, "wp-content/themes/").and_then(|rest| rest.strip_suffix("/style.css"));
    rest.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

/// What follows `folder` in a path.
fn place<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder).or_else(|| path.split_once(&format!("/{folder}")).map(|(_, rest)| rest))
}

pub(crate) fn read_core(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("generic", None, PackageEvidence::Installed);
    let text = sheet.decode(bytes);
    let mut in_comment = false;
    for (number, line) in lines(&text) {
        let line = line.trim();
        in_comment |= line.starts_with("/*");
        let value = line.strip_prefix("$wp_version").filter(|_| !in_comment);
        in_comment &= !line.contains("*/");
        let value = value.and_then(|rest| rest.trim_start().strip_prefix('='));
        if let Some(version) = value.and_then(|value| quoted(value).first().copied()) {
            sheet.add(number, "wordpress", Some(version));
            return (sheet.done(), None);
        }
    }
    sheet.problem(0, "does not tell the version of WordPress in plain words");
    (sheet.done(), None)
}

pub(crate) fn read_plugin(path: &str, bytes: &[u8]) -> Parsed {
    let own = place(path, PLUGINS).unwrap_or_default();
    let slug = own.split_once('/').map_or_else(|| own.trim_end_matches(".php"), |(folder, _)| folder);
    read_head(bytes, "wordpress-plugin", "Plugin Name", slug)
}

pub(crate) fn read_theme(path: &str, bytes: &[u8]) -> Parsed {
    let slug = path.rsplit('/').nth(1).unwrap_or_default();
    read_head(bytes, "wordpress-theme", "Theme Name", slug)
}

/// A head is what has a name in it; every other file of a plugin has none.
fn read_head(bytes: &[u8], kind: &'static str, name: &str, slug: &str) -> Parsed {
    let mut sheet = Sheet::new(kind, None, PackageEvidence::Installed);
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let text = String::from_utf8_lossy(head);
    let field = |key: &str| {
        lines(&text).find_map(|(number, line)| {
            let line = line.trim_start_matches([' ', '\t', '/', '*', '#', '@']);
            let (_, value) = line.split_once(':').filter(|(own, _)| own.trim().eq_ignore_ascii_case(key))?;
            let value = value.trim().trim_end_matches("*/").trim_end_matches("?>").trim();
            Some((number, value.to_owned())).filter(|(_, value)| !value.is_empty())
        })
    };
    let Some((line, title)) = field(name) else { return (sheet.done(), None) };
    let version = field("Version").map(|(_, version)| version);
    if version.is_none() {
        sheet.problem(line, "a plugin or theme without a version");
    }
    let purl = Purl::new(kind, None, slug, version.as_deref());
    if let Some(added) = sheet.add_as(line, purl, &title, None) {
        added.package.licences = field("License").map(|(_, licence)| licence).into_iter().collect();
    }
    (sheet.done(), None)
}
