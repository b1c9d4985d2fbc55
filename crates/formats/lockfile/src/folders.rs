//! Paths between folders of a project, and patterns of them.

/// `path` as seen from `folder`, with `.` and `..` resolved; none when it leads out of the tree.
pub(crate) fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether a pattern of folders, where `*` is any part of a name and `**` any number of folders, fits a path.
pub(crate) fn fits(pattern: &str, path: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        text.split('/').filter(|part| !matches!(*part, "" | ".")).map(str::to_owned).collect()
    };
    let (pattern, path) = (parts(pattern), parts(path));
    // Which beginnings of the path fit the part of the pattern that was seen.
    let mut open = vec![false; path.len() + 1];
    if let Some(first) = open.first_mut() {
        *first = true;
    }
    for part in &pattern {
        let mut next = vec![false; path.len() + 1];
        let mut reached = false;
        for (at, slot) in next.iter_mut().enumerate() {
            let before = at.checked_sub(1).and_then(|at| Some((*open.get(at)?, path.get(at)?)));
            reached |= open.get(at).copied().unwrap_or_default();
            *slot = if part == "**" {
                reached
            } else {
                before.is_some_and(|(open, name)| open && name_fits(part, name))
            };
        }
        open = next;
    }
    open.last().copied().unwrap_or_default()
}

fn name_fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut last = None;
    for piece in pieces {
        if let Some(piece) = last.replace(piece) {
            let Some((_, after)) = rest.split_once(piece) else { return false };
            rest = after;
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_ways() {
        let fit = [
            ("packages/*", "packages/a"),
            ("./a", "a"),
            ("**", "a/b"),
            ("a/**/c", "a/c"),
            ("a/**/c", "a/b/b/c"),
            ("a/x-*-y", "a/x-1-y"),
            ("crates/*/*", "crates/a/b"),
        ];
        for (pattern, path) in fit {
            assert!(fits(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in
            [("packages/*", "packages"), ("packages/*", "packages/a/b"), ("a", "b"), ("a-*", "b"), ("", "a")]
        {
            assert!(!fits(pattern, path), "{pattern} {path}");
        }
        assert_eq!(joined("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(joined("a", "../../c"), None);
    }
}
