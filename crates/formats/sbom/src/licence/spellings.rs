use crate::licence::parse::{self, LicenceError, joined};
use crate::licence::{Licence, Node};

/// The longest text that is looked at for another spelling, in bytes.
const LONGEST: usize = 1024;

/// Spellings of licences, as [`words`] gives them.
const SPELLINGS: [(&str, &str); 88] = [
    ("0bsd", "0BSD"),
    ("academic free 2.1", "AFL-2.1"),
    ("academic free 3", "AFL-3.0"),
    ("al 2", "Apache-2.0"),
    ("apache 1.1", "Apache-1.1"),
    ("apache 2", "Apache-2.0"),
    ("apache2", "Apache-2.0"),
    ("apache software 1.1", "Apache-1.1"),
    ("apache software 2", "Apache-2.0"),
    ("apache foundation 2", "Apache-2.0"),
    ("apache software foundation 2", "Apache-2.0"),
    ("artistic 1", "Artistic-1.0"),
    ("artistic 2", "Artistic-2.0"),
    ("asl 1.1", "Apache-1.1"),
    ("asl 2", "Apache-2.0"),
    ("blue oak 1", "BlueOak-1.0.0"),
    ("boost", "BSL-1.0"),
    ("boost 1", "BSL-1.0"),
    ("boost software", "BSL-1.0"),
    ("boost software 1", "BSL-1.0"),
    ("bouncy castle", "MIT"),
    ("bsd 0 clause", "0BSD"),
    ("bsd 2", "BSD-2-Clause"),
    ("bsd 2 clause", "BSD-2-Clause"),
    ("bsd 2 clause simplified", "BSD-2-Clause"),
    ("bsd 3", "BSD-3-Clause"),
    ("bsd 3 clause", "BSD-3-Clause"),
    ("bsd 3 clause new or revised", "BSD-3-Clause"),
    ("bsd 4 clause", "BSD-4-Clause"),
    ("bsd new", "BSD-3-Clause"),
    ("bsd simplified", "BSD-2-Clause"),
    ("cc by 3", "CC-BY-3.0"),
    ("cc by 4", "CC-BY-4.0"),
    ("cc by sa 3", "CC-BY-SA-3.0"),
    ("cc by sa 4", "CC-BY-SA-4.0"),
    ("cc0", "CC0-1.0"),
    ("cc0 1", "CC0-1.0"),
    ("cc0 1 universal", "CC0-1.0"),
    ("cc0 1 universal public domain dedication", "CC0-1.0"),
    ("cddl 1", "CDDL-1.0"),
    ("cddl 1.1", "CDDL-1.1"),
    ("common development and distribution 1", "CDDL-1.0"),
    ("common development and distribution 1.1", "CDDL-1.1"),
    ("common public 1", "CPL-1.0"),
    ("eclipse distribution 1", "BSD-3-Clause"),
    ("edl 1", "BSD-3-Clause"),
    ("eclipse public 1", "EPL-1.0"),
    ("eclipse public 2", "EPL-2.0"),
    ("epl 1", "EPL-1.0"),
    ("epl 2", "EPL-2.0"),
    ("european union public 1.2", "EUPL-1.2"),
    ("expat", "MIT"),
    ("freebsd", "BSD-2-Clause"),
    ("historical permission notice and disclaimer", "HPND"),
    ("icu", "ICU"),
    ("isc", "ISC"),
    ("iscl", "ISC"),
    ("mit", "MIT"),
    ("mit expat", "MIT"),
    ("mit x", "MIT"),
    ("mit x11", "MIT"),
    ("modified bsd", "BSD-3-Clause"),
    ("mozilla public 1.1", "MPL-1.1"),
    ("mozilla public 2", "MPL-2.0"),
    ("mpl 1.1", "MPL-1.1"),
    ("mpl 2", "MPL-2.0"),
    ("ms pl", "MS-PL"),
    ("new bsd", "BSD-3-Clause"),
    ("no limits", "WTFPL"),
    ("psf", "PSF-2.0"),
    ("psf 2", "PSF-2.0"),
    ("python software foundation", "PSF-2.0"),
    ("revised bsd", "BSD-3-Clause"),
    ("ruby", "Ruby"),
    ("sil open font 1.1", "OFL-1.1"),
    ("simplified bsd", "BSD-2-Clause"),
    ("ofl 1.1", "OFL-1.1"),
    ("unlicense", "Unlicense"),
    ("universal permissive 1", "UPL-1.0"),
    ("upl 1", "UPL-1.0"),
    ("w3c", "W3C"),
    ("wtfpl", "WTFPL"),
    ("wtfpl 2", "WTFPL"),
    ("zlib", "Zlib"),
    ("zlib libpng", "Zlib"),
    ("zope public 2.1", "ZPL-2.1"),
    ("zpl 2.1", "ZPL-2.1"),
    ("2 clause bsd", "BSD-2-Clause"),
];

/// An expression, or what people write in its place.
pub(super) fn expression(text: &str) -> Result<Node, LicenceError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(LicenceError::Empty);
    }
    if let Ok(node) = parse::expression(text) {
        return Ok(node);
    }
    if text.len() > LONGEST {
        return Err(LicenceError::TooLong);
    }
    let unclear = || LicenceError::Unclear(crate::cyclonedx::shortened(text));
    // A classifier of PyPI.
    let last = text.rsplit("::").next().unwrap_or(text).trim();
    declared(last, 0).ok_or_else(unclear)
}

fn declared(text: &str, depth: u32) -> Option<Node> {
    let text = text.trim().trim_end_matches(',');
    if let Ok(node) = parse::expression(text) {
        return Some(node);
    }
    if let Some(licence) = single(text) {
        return Some(Node::Licence(licence));
    }
    if matches!(words(text).join(" ").as_str(), "perl 5" | "perl" | "same as perl" | "artistic or gpl") {
        return parse::expression("Artistic-1.0-Perl OR GPL-1.0-or-later").ok();
    }
    if depth > 3 {
        return None;
    }
    // What stands behind in parentheses says the same again.
    if let Some((before, _)) = text.strip_suffix(')').and_then(|rest| rest.rsplit_once('('))
        && let Some(licence) = single(before)
    {
        return Some(Node::Licence(licence));
    }
    let lower = text.to_ascii_lowercase();
    // R names the file with the notice of the authors.
    if let Some(end) = lower.find("+ file license").or_else(|| lower.find("+ file licence")) {
        return declared(text.get(..end)?, depth + 1);
    }
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    if let Some(node) = inner.and_then(|inner| declared(inner, depth + 1)) {
        return Some(node);
    }
    for (separators, join) in [
        (&[" or ", "||", "|", "/"][..], Node::Any as fn(Vec<Node>) -> Node),
        (&[" and ", "&", ",", ";"][..], Node::All as fn(Vec<Node>) -> Node),
    ] {
        for separator in separators {
            let parts = split(text, &lower, separator);
            if parts.len() > 1 {
                let nodes: Option<Vec<Node>> =
                    parts.into_iter().map(|part| declared(part, depth + 1)).collect();
                if let Some(nodes) = nodes {
                    return Some(joined(nodes, join));
                }
            }
        }
    }
    None
}

/// Cuts at every separator, in any case.
fn split<'a>(text: &'a str, lower: &str, separator: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, found) in lower.match_indices(separator) {
        parts.extend(text.get(from..at));
        from = at + found.len();
    }
    parts.extend(text.get(from..));
    parts
}

/// One licence in other words.
fn single(text: &str) -> Option<Licence> {
    let words = words(text);
    if let Some(id) = gnu(&words) {
        return parse::licence(&id).ok();
    }
    let joined = words.join(" ");
    let known = SPELLINGS.iter().find(|(spelling, _)| *spelling == joined).map(|(_, id)| *id);
    let known = known.or_else(|| (joined == "3 clause bsd").then_some("BSD-3-Clause"));
    known.and_then(|id| parse::licence(id).ok())
}

/// The words that tell: in lower case, without articles, `licence` and `version`; numbers without `v` before and `.0` behind.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase().replace(">=", " or later ");
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+');
    let mut words: Vec<String> = Vec::new();
    for word in lower.split(|c: char| !good(c)).map(|word| word.trim_matches('.')) {
        if matches!(
            word,
            "" | "the"
                | "a"
                | "license"
                | "licence"
                | "licensed"
                | "licenses"
                | "version"
                | "v"
                | "under"
                | "ver"
        ) {
            continue;
        }
        let number = word.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let word = number.unwrap_or(word);
        let number = word.starts_with(|c: char| c.is_ascii_digit());
        let word = if number { word.replace(".0.0", "").replace(".0", "") } else { word.to_owned() };
        words.push(word);
    }
    words
}

/// A licence of the GNU project in any of its spellings; none without a version, as that may be any.
fn gnu(words: &[String]) -> Option<String> {
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let general = has("general") && has("public");
    let mut family = None;
    let mut version = None;
    let mut later = has("later") || has("newer");
    for word in words {
        let word = word.strip_suffix('+').inspect(|_| later = true).unwrap_or(word);
        let short =
            ["agpl", "lgpl", "gpl"].into_iter().find_map(|name| Some((name, word.strip_prefix(name)?)));
        let number = match short {
            Some((name, rest)) => {
                family = Some(name);
                rest.trim_start_matches('v')
            }
            None => word,
        };
        let number = number.strip_suffix(".0").unwrap_or(number);
        if matches!(number, "1" | "2" | "2.1" | "3") {
            // Two numbers mean two licences.
            if version.is_some_and(|known| known != number) {
                return None;
            }
            version = Some(number);
        } else if !number.is_empty() && (short.is_some() || !is_gnu_word(number)) {
            return None;
        }
    }
    let family = match family {
        Some(family) => family,
        None if general && has("affero") => "agpl",
        None if general && (has("lesser") || has("library")) => "lgpl",
        None if general && has("gnu") => "gpl",
        None => return None,
    };
    let version = match (family, version?) {
        (_, "2.1") => "2.1",
        (_, "1") => "1.0",
        (_, "2") => "2.0",
        _ => "3.0",
    };
    Some(format!("{}-{version}-{}", family.to_ascii_uppercase(), if later { "or-later" } else { "only" }))
}

/// Words that do not change which licence of the GNU project is meant.
fn is_gnu_word(word: &str) -> bool {
    [
        "gnu", "general", "public", "lesser", "library", "affero", "or", "any", "later", "newer", "only",
        "at", "your", "option",
    ]
    .contains(&word)
}
