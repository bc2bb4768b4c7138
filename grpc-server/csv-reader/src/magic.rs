//! The first bytes of files that are no CSV, though people upload them as such.
//!
//! Not markup, which is text: see `sniff`. Invariant: no own export is one of these. Where its first name begins so, it stands
//! in quotes; a form without such a begin has a NUL character, which no text has.

/// The first bytes of a file, and what it is.
const BEGINS: [(&[u8], &str); 11] = [
    (b"\x1f\x8b", "a gzip file"),
    (b"PK\x03\x04", "a zip archive or spreadsheet file"),
    // With the first byte of a page's header, since a name can begin so.
    (b"PAR1\x15", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "a workbook (.xls) or document of an old Office"),
    (b"%PDF-", "a PDF file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
];
/// The first bytes of a bzip2 file; a digit and one of [`BZIP2_BLOCKS`] follow.
const BZIP2: &[u8] = b"BZh";
/// A block of a bzip2 file, and its end.
const BZIP2_BLOCKS: [&[u8]; 2] = [b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"];
/// What a tar archive has behind the name of its first file, and where.
const TAR: (usize, &[u8]) = (257, b"ustar");
/// The first byte of a dBASE file: its version.
const DBASE: [u8; 6] = [0x03, 0x30, 0x31, 0x83, 0x8b, 0xf5];
/// What ends the columns of a dBASE file.
const DBASE_END: u8 = b'\r';
/// Bytes behind the columns of a table that names its database.
const DATABASE_LINK: usize = 263;

/// What a file is that begins with these bytes, unless it is text.
#[must_use]
pub fn other_format(begin: &[u8]) -> Option<&'static str> {
    of(begin)
}

pub(super) fn of(begin: &[u8]) -> Option<&'static str> {
    let named = BEGINS.iter().find(|(magic, _)| begin.starts_with(magic)).map(|(_, what)| *what);
    named
        .or_else(|| is_bzip2(begin).then_some("a bzip2 file"))
        .or_else(|| is_tar(begin).then_some("a tar archive"))
        .or_else(|| is_dbase(begin).then_some("a dBASE table (.dbf)"))
}

fn is_bzip2(begin: &[u8]) -> bool {
    let Some([level, blocks @ ..]) = begin.strip_prefix(BZIP2) else { return false };
    level.is_ascii_digit() && BZIP2_BLOCKS.iter().any(|block| blocks.starts_with(block))
}

fn is_tar(begin: &[u8]) -> bool {
    let Some((name, rest)) = begin.split_at_checked(TAR.0) else { return false };
    // NUL characters fill up the name.
    rest.starts_with(TAR.1) && name.contains(&0)
}

/// Whether bytes begin as the header of a dBASE table: a version, the day of the last change, the size of the header, and zeros.
fn is_dbase(begin: &[u8]) -> bool {
    let [version, _, month, day, _, _, _, _, low, high, _, _, 0, 0, ..] = begin else {
        return false;
    };
    let size = usize::from(u16::from_le_bytes([*low, *high]));
    let ends = [1, 1 + DATABASE_LINK].into_iter().filter_map(|behind| size.checked_sub(behind));
    DBASE.contains(version)
        && (1..=12).contains(month)
        && (1..=31).contains(day)
        && ends.into_iter().any(|end| end >= 32 && begin.get(end) == Some(&DBASE_END))
}
