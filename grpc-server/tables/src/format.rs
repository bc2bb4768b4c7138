//! The format of a file, from its first and last bytes.
//!
//! Not its content: a file may begin as its format does and be damaged behind it. Invariant: the name alone decides nothing.

use serde::de::IgnoredAny;

use crate::source::{begin, read_exact_at};
use crate::{Bytes, ReadError};

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines of fields, whatever the character between them.
    Csv,
    /// Objects of JSON, one on each line, or an array of them.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// A workbook of Office Open XML.
    Xlsx,
}

/// First bytes that are looked at.
const BEGIN: usize = 64 * 1024;
/// Last bytes of an archive that are looked at: its directory stands there.
const DIRECTORY: u64 = 1024 * 1024;
const ZIP: &[u8] = b"PK\x03\x04";
const PARQUET: &[u8] = b"PAR1";
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
/// The names in the directory of an archive, and what it is.
const ARCHIVES: [(&[u8], &str); 5] = [
    (b"xl/workbook.bin", "a binary workbook (.xlsb)"),
    (b"word/document.xml", "a Word document"),
    (b"ppt/presentation.xml", "a presentation"),
    (b"content.xml", "an OpenDocument file; save it as XLSX or CSV"),
    (b"", "a zip archive"),
];
/// Ends of names of files with lines of fields: a hint where the first bytes may be an object that is not complete.
const CSV_NAMES: [&str; 3] = [".csv", ".tsv", ".tab"];

/// The format of a file, from its bytes; its name is a hint alone.
///
/// # Errors
/// The file has a format that is not read, or its bytes could not be read.
pub fn format_of(bytes: &dyn Bytes, name: &str) -> Result<Format, ReadError> {
    let head = begin(bytes, BEGIN).map_err(ReadError::Source)?;
    if head.starts_with(PARQUET) && (head.get(4) == Some(&0x15) || ends_as_parquet(bytes)?) {
        return Ok(Format::Parquet);
    }
    if head.starts_with(ZIP) {
        return of_archive(bytes);
    }
    if let Some(what) = csv_reader::other_format(&head) {
        return Err(ReadError::Unknown(what));
    }
    let name = name.to_ascii_lowercase();
    let is_named_csv = CSV_NAMES.iter().any(|end| name.ends_with(end));
    let is_json = is_json(&head).unwrap_or(!is_named_csv);
    Ok(if is_json { Format::JsonLines } else { Format::Csv })
}

fn ends_as_parquet(bytes: &dyn Bytes) -> Result<bool, ReadError> {
    let mut end = [0; 4];
    let Some(at) = bytes.len().checked_sub(end.len() as u64 + 8) else { return Ok(false) };
    read_exact_at(bytes, at + 8, &mut end).map_err(ReadError::Source)?;
    Ok(end == PARQUET)
}

fn of_archive(bytes: &dyn Bytes) -> Result<Format, ReadError> {
    let at = bytes.len().saturating_sub(DIRECTORY);
    let mut end = vec![0; usize::try_from(bytes.len() - at).unwrap_or(0)];
    read_exact_at(bytes, at, &mut end).map_err(ReadError::Source)?;
    let has = |name: &[u8]| name.is_empty() || end.windows(name.len()).any(|part| part == name);
    if has(b"xl/workbook.xml") || has(b"xl/worksheets/") && !has(ARCHIVES[0].0) {
        return Ok(Format::Xlsx);
    }
    let what = ARCHIVES.iter().find(|(name, _)| has(name)).map_or("a zip archive", |it| it.1);
    Err(ReadError::Unknown(what))
}

/// Whether a text begins with an object of JSON, or with an array of such, and `None` where the object does not end in it.
fn is_json(head: &[u8]) -> Option<bool> {
    let text = head.strip_prefix(UTF8_MARK).unwrap_or(head).trim_ascii_start();
    let array = text.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    let object = array.unwrap_or(text);
    if let Some(rest) = object.strip_prefix(b"]") {
        return Some(array.is_some() && rest.trim_ascii().is_empty());
    }
    if !object.starts_with(b"{") {
        return Some(false);
    }
    let mut values = serde_json::Deserializer::from_slice(object).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Err(error)) if error.is_eof() => None,
        Some(Ok(_)) => {
            let rest = object.get(values.byte_offset()..).unwrap_or_default().trim_ascii_start();
            let next = rest.first();
            // Behind an object in a field of CSV stands a delimiter.
            Some(next.is_none_or(|next| match array {
                Some(_) => b",]".contains(next),
                None => *next == b'{',
            }))
        }
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], name: &str) -> Result<Format, ReadError> {
        format_of(&bytes.to_vec(), name)
    }

    #[test]
    fn formats_are_seen_in_their_first_bytes() {
        let json = [&b"{\"a\":1}\n"[..], b"\xef\xbb\xbf [ {\"a\": [1", b"[]\n", b"{}"];
        for text in json {
            assert_eq!(of(text, "x").expect("a format"), Format::JsonLines, "{text:?}");
        }
        let csv =
            [&b"a,b\n1,2\n"[..], b"{a},b\n", b"[1]\n", b"PAR1,b\n1,2\n", b"", b"{\"a\":1},2\n"];
        for text in csv {
            assert_eq!(of(text, "x").expect("a format"), Format::Csv, "{text:?}");
        }
        assert_eq!(of(json[0], "x.csv").expect("a format"), Format::JsonLines);
        assert_eq!(of(b"{\"a,b\n1,2\n", "x.csv").expect("a format"), Format::Csv);
    }

    #[test]
    fn other_formats_are_named() {
        for (bytes, what) in [(&b"%PDF-1.7"[..], "a PDF file"), (b"PK\x03\x04..", "a zip archive")]
        {
            let Err(ReadError::Unknown(found)) = of(bytes, "x.csv") else { panic!("{what}") };
            assert_eq!(found, what);
        }
    }
}
