use palisade_model::{Source, Timestamp};

/// What was scanned, by which version, and when.
#[derive(Debug, Clone, Copy)]
pub struct ScanOrigin<'a> {
    /// The version of Palisade.
    pub version: &'a str,
    /// Where the content comes from.
    pub source: &'a Source,
    /// The image that was scanned, as it was asked for; none when it was no image.
    pub image: Option<&'a str>,
    /// When the scan began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
}

/// `2026-03-10T08:00:00`, in UTC.
pub(crate) fn seconds(time: Timestamp) -> String {
    time.to_string().chars().take(19).collect()
}

/// `2026-03-10`, in UTC.
pub(crate) fn day(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}
