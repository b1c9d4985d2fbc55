//! Names in the dictionary of NIST, compared attribute by attribute (NISTIR 7695 and 7696).

/// Any value, in the formatted string.
const ANY: &str = "*";

/// The attributes of a name: part, vendor, product, version, update, edition, language, software edition, target software, target
/// hardware, other. In lower case and without escapes, but for a value that is any or none.
pub(super) struct Cpe([String; 11]);

/// How a name in a statement stands to that of a package.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CpeMatch {
    /// It names it.
    Same,
    /// It names another version of it: the stated one and the one that is there.
    OtherVersion(String, String),
    /// It names something else.
    Other,
}

impl Cpe {
    /// Reads a formatted string (`cpe:2.3:a:...`) or a URI (`cpe:/a:...`); none when it is neither.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("cpe:2.3:") {
            return <[String; 11]>::try_from(formatted(rest)).ok().map(Self);
        }
        let parts: Vec<String> = text.strip_prefix("cpe:/")?.split(':').map(uri_value).collect();
        let mut values = [const { String::new() }; 11];
        if parts.len() > 7 {
            return None;
        }
        for (value, part) in values.iter_mut().zip(parts) {
            *value = part;
        }
        let mut cpe = Self(values.map(|value| if value.is_empty() { ANY.to_owned() } else { value }));
        cpe.unpack();
        Some(cpe)
    }

    /// The edition of a URI may hold five attributes: `~edition~software~target~hardware~other`.
    fn unpack(&mut self) {
        let [.., edition, _, software, target, hardware, other] = &mut self.0;
        let Some(packed) = edition.strip_prefix('~').map(str::to_owned) else { return };
        let mut parts = packed.split('~');
        for value in [edition, software, target, hardware, other] {
            *value = parts.next().filter(|part| !part.is_empty()).unwrap_or(ANY).to_owned();
        }
    }

    /// The product; none when it may be any, as such a name names nothing.
    pub(super) fn into_product(self) -> Option<String> {
        let [_, _, product, ..] = self.0;
        (product != ANY).then_some(product)
    }

    /// Whether it names `actual`: what it says, `actual` says too. A name of any product names none.
    pub(super) fn names(&self, actual: &Self) -> CpeMatch {
        const VERSION: usize = 3;
        let agrees = |(stated, found): (&String, &String)| stated == ANY || stated == found;
        let mut pairs = self.0.iter().zip(&actual.0).enumerate();
        let has_product = self.0.get(2).is_some_and(|product| product != ANY);
        if !has_product || !pairs.all(|(at, pair)| at == VERSION || agrees(pair)) {
            return CpeMatch::Other;
        }
        match (self.0.get(VERSION), actual.0.get(VERSION)) {
            (Some(stated), Some(found)) if !agrees((stated, found)) => {
                CpeMatch::OtherVersion(stated.clone(), found.clone())
            }
            _ => CpeMatch::Same,
        }
    }
}

/// The values between colons that have no backslash before them. Wildcards within a value stay as they are written, so that they are
/// equal to nothing but themselves.
fn formatted(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let Some(value) = values.last_mut() else { break };
        match letter {
            ':' => values.push(String::new()),
            '\\' => value.extend(letters.next().map(|escaped| escaped.to_ascii_lowercase())),
            letter => value.push(letter.to_ascii_lowercase()),
        }
    }
    values
}

fn uri_value(text: &str) -> String {
    super::cyclonedx::decoded(text).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(stated: &str, actual: &str) -> CpeMatch {
        Cpe::parse(stated).unwrap().names(&Cpe::parse(actual).unwrap())
    }

    #[test]
    fn both_notations_name_the_same() {
        // The example of NISTIR 7695, sections 6.1.2.4 and 6.2.3.2.
        let formatted = "cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:*";
        let uri = "cpe:/a:hp:insight_diagnostics:7.4.0.1570:-:~~online~win2003~x64~";
        assert_eq!(matched(formatted, uri), CpeMatch::Same);
        assert_eq!(matched(uri, formatted), CpeMatch::Same);
        let escaped = "cpe:2.3:a:foo\\\\bar:big\\$money_2010:*:*:*:*:special:ipod_touch:80gb:*";
        assert_eq!(
            matched(escaped, "cpe:/a:foo%5cbar:big%24money_2010:::~~special~ipod_touch~80gb~"),
            CpeMatch::Same
        );
    }

    #[test]
    fn what_is_stated_must_be_there() {
        let actual = "cpe:2.3:a:acme:shop:1.2.3:*:*:*:*:node.js:*:*";
        let version = |version: &str| format!("cpe:2.3:a:acme:shop:{version}:*:*:*:*:*:*:*");
        assert_eq!(matched(&version("*"), actual), CpeMatch::Same);
        assert_eq!(matched(&version("1.2.3"), actual), CpeMatch::Same);
        assert_eq!(
            matched(&version("2"), actual),
            CpeMatch::OtherVersion("2".to_owned(), "1.2.3".to_owned())
        );
        for other in [
            "cpe:2.3:a:acme:shopping:*:*:*:*:*:*:*:*",
            "cpe:2.3:o:acme:shop:*:*:*:*:*:*:*:*",
            "cpe:2.3:a:acme:shop:*:*:*:*:*:python:*:*",
            "cpe:2.3:a:acme:shop:*:*:*:de:*:*:*:*",
            "cpe:2.3:a:acme:*:*:*:*:*:*:*:*:*",
            "cpe:2.3:a:acme:sh*:*:*:*:*:*:*:*:*",
        ] {
            assert_eq!(matched(other, actual), CpeMatch::Other, "{other}");
        }
        for none in
            ["", "cpe:2.3:a:acme", "cpe:2.3:a:b:c:d:e:f:g:h:i:j:k:l", "cpe:/a:b:c:d:e:f:g:h", "pkg:npm/a"]
        {
            assert!(Cpe::parse(none).is_none(), "{none}");
        }
    }
}
