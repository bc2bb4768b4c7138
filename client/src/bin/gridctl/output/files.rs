//! Formats files, uploads and their sizes, as lines, tables or JSON.
//!
//! It reads nothing from the server. Invariants: the line of a file begins with its id, and the JSON keys stay stable.

use std::io::IsTerminal;

use gridloom::v1;
use serde_json::{Value as Json, json};

use super::columns::{Cell, shown};
use super::format::{hex, time};
use super::pages::Pages;
use super::sheet::role_name;

/// Most characters of a name that are shown in a table on a terminal.
const NAME_CHARS_MAX: usize = 48;
/// Units of sizes, each 1,024 of the one before.
const UNITS: [&str; 7] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
/// So many of a unit are one of the next.
const STEP: u128 = 1024;

/// A size for a person, of at most three digits below 1000, rounded to the nearest as on the page.
pub(crate) fn size(bytes: u64) -> String {
    if bytes == 1 {
        return "1 byte".to_owned();
    }
    let bytes = u128::from(bytes);
    let (mut unit, mut place) = (1_u128, 0_usize);
    // A size that would be written as 1024 is one of the next unit.
    while (bytes + unit / 2) / unit >= STEP && place + 1 < UNITS.len() {
        unit *= STEP;
        place += 1;
    }
    let scale = match bytes / unit {
        100.. => 1,
        10.. => 10,
        _ => 100,
    };
    let hundredths = (bytes * scale + unit / 2) / unit * (100 / scale);
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    format!("{} {}", text.trim_end_matches('0').trim_end_matches('.'), UNITS[place])
}

/// A part of a whole in percent, rounded down.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    let hundreds = u128::from(part) * 100;
    u64::try_from(hundreds / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}

/// A time to the minute, in UTC.
pub(crate) fn minute(micros: i64) -> String {
    format!("{:.16}Z", time(micros))
}

/// A file as one line.
pub(crate) fn file_line(file: &v1::File) -> String {
    let (size, made) = (size(file.size_bytes), minute(file.created_at_micros));
    let removed = if file.removed_at_micros == 0 { "" } else { "  (removed)" };
    let tables = if file.original_deleted_at_micros == 0 { "" } else { "  (tables only)" };
    let of = match &*file.owner_name {
        "" => String::new(),
        owner => format!("  ({} of {})", role_name(file.role()), shown(owner, usize::MAX)),
    };
    format!(
        "{}  {size:>10}  {made}  {}{removed}{tables}{of}",
        file.id,
        shown(&file.name, usize::MAX)
    )
}

pub(crate) fn file_json(file: &v1::File) -> Json {
    let set = |micros: i64| (micros != 0).then(|| time(micros));
    json!({
        "id": file.id,
        "name": file.name,
        "bytes": file.size_bytes,
        "digest": hex(&file.digest),
        "made": time(file.created_at_micros),
        "removed": set(file.removed_at_micros),
        "deleted": set(file.deleted_at_micros),
        "role": role_name(file.role()),
        "owner": (!file.owner_name.is_empty()).then_some(&file.owner_name),
        "original_deleted": set(file.original_deleted_at_micros),
        "shared_with": file.shared_with,
    })
}

fn upload_json(upload: &v1::Upload) -> Json {
    json!({
        "id": upload.id,
        "name": upload.name,
        "bytes": upload.size_bytes,
        "received": upload.received_bytes,
        "started": time(upload.started_at_micros),
        "ends": time(upload.ends_at_micros),
    })
}

pub(crate) fn usage_json(usage: &v1::GetFileUsageResponse) -> Json {
    json!({
        "bytes": usage.used_bytes,
        "bytes_limit": usage.most_bytes,
        "removed_bytes": usage.removed_bytes,
        "leaving_bytes": usage.leaving_bytes,
        "file_bytes_limit": usage.file_most_bytes,
        "files": usage.files,
        "files_limit": usage.most_files,
    })
}

/// The usage as lines of a key and a text.
pub(crate) fn usage_lines(usage: &v1::GetFileUsageResponse) -> [String; 5] {
    let (used, most) = (usage.used_bytes, usage.most_bytes);
    [
        format!("used\t{} of {} ({} %)", size(used), size(most), percent(used, most)),
        format!("of removed files\t{}", size(usage.removed_bytes)),
        format!("freed within two hours\t{}", size(usage.leaving_bytes)),
        format!("files\t{} of {}", usage.files, usage.most_files),
        format!("one file\tat most {}", size(usage.file_most_bytes)),
    ]
}

/// A list that is printed to standard output, page by page.
pub(crate) struct FileTable {
    pages: Pages,
    /// Whether the files are removed ones, which have an end.
    removed: bool,
}

impl FileTable {
    pub(crate) fn new(json: bool, removed: bool) -> Self {
        Self { pages: Pages::new(json), removed }
    }

    /// Prints the files of a page, and the head before the first ones.
    pub(crate) fn files(&mut self, files: &[v1::File]) -> std::io::Result<()> {
        let made = if self.removed { "KEPT UNTIL" } else { "MADE" };
        let removed = self.removed;
        let line = |file: &v1::File| {
            let micros = if removed { file.deleted_at_micros } else { file.created_at_micros };
            vec![
                left(&shown(&file.name, name_characters())),
                right(&size(file.size_bytes)),
                left(&minute(micros)),
                left(role_name(file.role())),
                left(&owner(file)),
                left(&file.id),
            ]
        };
        let head = || {
            vec![left("NAME"), right("SIZE"), left(made), left("ROLE"), left("OWNER"), left("ID")]
        };
        self.pages.print(files, head, line, file_json)
    }

    /// Prints uploads.
    pub(crate) fn uploads(&mut self, uploads: &[v1::Upload]) -> std::io::Result<()> {
        let line = |upload: &v1::Upload| {
            let received = percent(upload.received_bytes, upload.size_bytes);
            vec![
                left(&shown(&upload.name, name_characters())),
                right(&size(upload.size_bytes)),
                right(&format!("{received} %")),
                left(&minute(upload.ends_at_micros)),
                left(&upload.id),
            ]
        };
        let head =
            || vec![left("NAME"), right("SIZE"), right("RECEIVED"), left("KEPT UNTIL"), left("ID")];
        self.pages.print(uploads, head, line, upload_json)
    }
}

/// Whose a file is.
fn owner(file: &v1::File) -> String {
    match &*file.owner_name {
        "" => "you".to_owned(),
        name => shown(name, name_characters()),
    }
}

fn name_characters() -> usize {
    if std::io::stdout().is_terminal() { NAME_CHARS_MAX } else { usize::MAX }
}

fn left(text: &str) -> Cell {
    (text.to_owned(), false)
}

fn right(text: &str) -> Cell {
    (text.to_owned(), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_the_unit_in_which_it_is_short() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (1500, "1.46 KiB"),
            ((1 << 20) - 1, "1 MiB"),
            (10 << 20, "10 MiB"),
            (10 * (1 << 20) + (1 << 18), "10.3 MiB"),
            (100 * (1 << 20) + (1 << 19), "101 MiB"),
            (16 << 30, "16 GiB"),
            (5 << 40, "5 TiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn a_part_is_never_rounded_up_to_the_whole() {
        assert_eq!(percent(0, 0), 0);
        assert_eq!(percent(2, 5), 40);
        assert_eq!(percent(999, 1000), 99);
        assert_eq!(percent(u64::MAX, u64::MAX), 100);
    }

    #[test]
    fn the_line_of_a_file_begins_with_its_id() {
        let file = v1::File {
            id: "id".to_owned(),
            name: "a\nb.bin".to_owned(),
            size_bytes: 2048,
            ..v1::File::default()
        };
        assert_eq!(file_line(&file), "id       2 KiB  1970-01-01T00:00Z  a b.bin");
        assert_eq!(file_json(&file)["removed"], Json::Null);
        let role = v1::Role::Viewer.into();
        let shared = v1::File { role, owner_name: "Ada".to_owned(), ..file };
        assert!(file_line(&shared).ends_with("  a b.bin  (viewer of Ada)"));
        assert_eq!(owner(&shared), "Ada");
        assert_eq!(file_json(&shared)["role"], "viewer");
    }
}
