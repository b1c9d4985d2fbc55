use palisade_model::Span;

/// Most bytes of a line, on either side of a match, that an allowlist looks at.
const MAX_LINE: usize = 64 * 1024;

/// A text and the path it lies at.
pub(crate) struct Scene<'a> {
    /// Empty when it is not known.
    pub(crate) path: &'a str,
    /// The same path as Windows writes it.
    windows_path: String,
    pub(crate) text: &'a [u8],
}

impl<'a> Scene<'a> {
    pub(crate) fn new(path: &'a str, text: &'a [u8]) -> Self {
        Self { path, windows_path: path.replace('/', "\\"), text }
    }

    /// The path for a regex, and a second spelling for one whose author thought of Windows.
    pub(crate) fn paths(&self, with_windows: bool) -> impl Iterator<Item = &[u8]> {
        let windows = with_windows.then_some(self.windows_path.as_bytes());
        std::iter::once(self.path.as_bytes()).chain(windows)
    }

    pub(crate) fn get(&self, span: Span) -> &'a [u8] {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The lines that `span` lies on, without the last line feed.
    pub(crate) fn lines(&self, span: Span) -> &'a [u8] {
        let before = self.get(Span::new(span.start.saturating_sub(MAX_LINE), span.start));
        let after = self.get(Span::new(span.end, span.end.saturating_add(MAX_LINE).min(self.text.len())));
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let start = span.start - (before.len() - start);
        let end = span.end + memchr::memchr(b'\n', after).unwrap_or(after.len());
        self.get(Span::new(start, end))
    }
}
