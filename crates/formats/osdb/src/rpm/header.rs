/// Most index entries and most bytes of data of a header, as rpm itself has it (`hdrchkTags`, `hdrchkData`).
const MAX_ENTRIES: usize = 0xffff;
const MAX_DATA: usize = 256 << 20;

const ENTRY: usize = 16;

/// What an index entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag(u32);

impl Tag {
    pub(super) const NAME: Self = Self(1000);
    pub(super) const VERSION: Self = Self(1001);
    pub(super) const RELEASE: Self = Self(1002);
    pub(super) const EPOCH: Self = Self(1003);
    pub(super) const LICENSE: Self = Self(1014);
    pub(super) const ARCH: Self = Self(1022);
    const OLD_FILE_NAMES: Self = Self(1027);
    pub(super) const SOURCE_RPM: Self = Self(1044);
    pub(super) const PROVIDE_NAME: Self = Self(1047);
    pub(super) const REQUIRE_NAME: Self = Self(1049);
    const DIR_INDEXES: Self = Self(1116);
    const BASE_NAMES: Self = Self(1117);
    const DIR_NAMES: Self = Self(1118);
    pub(super) const MODULARITY_LABEL: Self = Self(5096);
}

const INT32: u32 = 4;
const STRING: u32 = 6;
const STRING_ARRAY: u32 = 8;
const I18N_STRING: u32 = 9;

/// A header as the database holds it: the counts of entries and of bytes, the entries, the data. It has no magic in front.
#[derive(Debug)]
pub(super) struct Header<'a> {
    index: &'a [u8],
    data: &'a [u8],
}

struct Value<'a> {
    kind: u32,
    count: usize,
    /// The data from where the value begins.
    data: &'a [u8],
}

impl<'a> Header<'a> {
    pub(super) fn parse(blob: &'a [u8]) -> Result<Self, String> {
        let count = |at| u32_at(blob, at).and_then(|count| usize::try_from(count).ok());
        let (Some(entries), Some(bytes)) = (count(0), count(4)) else {
            return Err("has a header that is cut short".to_owned());
        };
        if entries == 0 || entries > MAX_ENTRIES || bytes > MAX_DATA {
            return Err("has a header of an impossible size".to_owned());
        }
        let (index, rest) = blob
            .get(8..)
            .unwrap_or_default()
            .split_at_checked(entries * ENTRY)
            .ok_or("has a header that is cut short")?;
        let data = rest.get(..bytes).ok_or("has a header that is cut short")?;
        Ok(Self { index, data })
    }

    /// The first entry of a tag whose data lies in the header.
    fn value(&self, tag: Tag) -> Option<Value<'a>> {
        let entry = self.index.chunks_exact(ENTRY).find(|entry| u32_at(entry, 0) == Some(tag.0))?;
        let at = usize::try_from(u32_at(entry, 8)?).ok()?;
        let count = usize::try_from(u32_at(entry, 12)?).ok()?;
        Some(Value { kind: u32_at(entry, 4)?, count, data: self.data.get(at..)? })
    }

    /// The one string, or the first of several.
    pub(super) fn string(&self, tag: Tag) -> Option<&'a [u8]> {
        self.strings(tag).next()
    }

    /// All strings of a tag, as many as are whole.
    pub(super) fn strings(&self, tag: Tag) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let value = self.value(tag).filter(|value| matches!(value.kind, STRING | STRING_ARRAY | I18N_STRING));
        let (count, mut data) = value.map_or((0, [].as_slice()), |value| (value.count, value.data));
        (0..count).map_while(move |_| {
            let end = data.iter().position(|byte| *byte == 0)?;
            let (string, rest) = data.split_at_checked(end)?;
            data = rest.get(1..).unwrap_or_default();
            Some(string)
        })
    }

    /// The first number of a tag.
    pub(super) fn number(&self, tag: Tag) -> Option<u32> {
        self.numbers(tag).next()
    }

    fn numbers(&self, tag: Tag) -> impl Iterator<Item = u32> + use<'a> {
        let value = self.value(tag).filter(|value| value.kind == INT32);
        let (count, data) = value.map_or((0, [].as_slice()), |value| (value.count, value.data));
        data.as_chunks().0.iter().take(count).map(|bytes| u32::from_be_bytes(*bytes))
    }

    /// The files of the package: folder and name. Old packages name them whole.
    pub(super) fn files(&self) -> Vec<(&'a [u8], &'a [u8])> {
        let folders: Vec<&[u8]> = self.strings(Tag::DIR_NAMES).collect();
        let names = self.numbers(Tag::DIR_INDEXES).zip(self.strings(Tag::BASE_NAMES));
        let split =
            names.filter_map(|(folder, name)| Some((*folders.get(usize::try_from(folder).ok()?)?, name)));
        let whole = self
            .strings(Tag::OLD_FILE_NAMES)
            .map(|path| ([].as_slice(), path.strip_prefix(b"/").unwrap_or(path)));
        split.chain(whole).collect()
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}
