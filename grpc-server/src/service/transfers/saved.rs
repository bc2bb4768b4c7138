//! What a file is saved as: its format, for whom it is, and its name.
//!
//! Not the bytes (the crate `tables`). Invariant: a name that passed can be stored, also one that is made of the source's.

use std::time::Duration;

use gridloom::v1;
use serde::{Deserialize, Serialize};

use crate::edge::errors::ServiceError;
use crate::service::files::file_name;
use model::limits::files::NAME_CHARACTERS;
use model::limits::jobs::JOB_NOTICE_AFTER;
use tables::{SavedFor, SavedFormat};

/// Endings of a source that the one of the format replaces.
const ENDINGS: [&str; 10] =
    ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet", "pq", "xlsx", "xlsm"];
/// The name of a file whose source has none.
const UNNAMED: &str = "untitled";

/// What a file is saved as, also in the parameters of a job: the numbers are those of the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct Saved {
    format: i32,
    form: i32,
    /// The name of the file.
    pub(in crate::service) name: String,
    /// The file is made for one download, after which the caller deletes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::service) is_for_download: bool,
}

impl Saved {
    /// That of a request whose rows have this name.
    pub(in crate::service) fn of(
        given: Option<v1::SavedForm>,
        source: &str,
    ) -> Result<Self, ServiceError> {
        let v1::SavedForm { format, form, name, is_for_download } = given.unwrap_or_default();
        let Some(ending) = known_format(format).map(ending) else {
            let rule = "must be a format, such as SAVED_FORMAT_CSV";
            return Err(ServiceError::malformed("saved.format", rule));
        };
        if known_form(form).is_none() {
            let rule = "must be one of the forms that the manual lists";
            return Err(ServiceError::malformed("saved.form", rule));
        }
        let name = match name.as_str() {
            "" => default_name(source, ending),
            given => file_name(given).map_err(within_saved)?,
        };
        Ok(Self { format, form, name, is_for_download })
    }

    /// The same for a request whose form may have no format, which means Parquet.
    pub(in crate::service) fn of_made(
        given: Option<v1::SavedForm>,
        source: &str,
    ) -> Result<Self, ServiceError> {
        let mut given = given.unwrap_or_default();
        if given.format == i32::from(v1::SavedFormat::Unspecified) {
            given.format = v1::SavedFormat::Parquet.into();
        }
        Self::of(Some(given), source)
    }

    /// When a job that makes the file sends a notice; `None`: never, since its file is gone by then.
    pub(in crate::service) fn notice_after(&self) -> Option<Duration> {
        (!self.is_for_download).then_some(JOB_NOTICE_AFTER)
    }

    /// The format and for whom it is. `None`: the parameters are those of another release.
    pub(in crate::service) fn format(&self) -> Option<(SavedFormat, SavedFor)> {
        known_format(self.format).zip(known_form(self.form))
    }
}

/// The same error by the path in the request.
fn within_saved(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Malformed { field, rule } => {
            ServiceError::malformed(format!("saved.{field}"), rule)
        }
        error => error,
    }
}

fn known_format(format: i32) -> Option<SavedFormat> {
    match v1::SavedFormat::try_from(format).ok()? {
        v1::SavedFormat::Unspecified => None,
        v1::SavedFormat::Csv => Some(SavedFormat::Csv),
        v1::SavedFormat::Tsv => Some(SavedFormat::Tsv),
        v1::SavedFormat::JsonLines => Some(SavedFormat::JsonLines),
        v1::SavedFormat::Parquet => Some(SavedFormat::Parquet),
        v1::SavedFormat::Xlsx => Some(SavedFormat::Xlsx),
    }
}

fn known_form(form: i32) -> Option<SavedFor> {
    match v1::ExportForm::try_from(form).ok()? {
        v1::ExportForm::Spreadsheets => Some(SavedFor::Spreadsheets),
        v1::ExportForm::Programs | v1::ExportForm::Unspecified => Some(SavedFor::Programs),
    }
}

const fn ending(format: SavedFormat) -> &'static str {
    match format {
        SavedFormat::Csv => "csv",
        SavedFormat::Tsv => "tsv",
        SavedFormat::JsonLines => "jsonl",
        SavedFormat::Parquet => "parquet",
        SavedFormat::Xlsx => "xlsx",
    }
}

/// What the name has before its ending where it would be that of the source.
const AGAIN: &str = " (2)";

/// The name of the source with another ending.
fn default_name(source: &str, ending: &str) -> String {
    let plain: String = source.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    let room = NAME_CHARACTERS - ending.len() - 1;
    let cut: String = without_ending(plain.trim()).chars().take(room).collect();
    let stem = match cut.trim_end() {
        "" => UNNAMED,
        stem => stem,
    };
    let name = format!("{stem}.{ending}");
    if name != source {
        return name;
    }
    // Two files of one name are hard to tell apart.
    let room = NAME_CHARACTERS - ending.len() - AGAIN.len() - 1;
    let stem: String = stem.chars().take(room).collect();
    format!("{}{AGAIN}.{ending}", stem.trim_end())
}

/// A name without the ending of its format.
pub(in crate::service) fn without_ending(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if ENDINGS.iter().any(|it| it.eq_ignore_ascii_case(ending)) => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(format: v1::SavedFormat, name: &str) -> Option<v1::SavedForm> {
        let name = name.to_owned();
        Some(v1::SavedForm { format: format.into(), name, ..v1::SavedForm::default() })
    }

    fn name_of(source: &str) -> String {
        Saved::of(form(v1::SavedFormat::Parquet, ""), source).expect("is a form").name
    }

    #[test]
    fn a_name_that_is_absent_is_that_of_the_source_with_another_ending() {
        for (source, name) in [
            ("stock.csv", "stock.parquet"),
            ("a.b.XLSX", "a.b.parquet"),
            ("v1.2", "v1.2.parquet"),
            (" a\nb ", "a b.parquet"),
            (".csv", "untitled.parquet"),
            ("", "untitled.parquet"),
            ("stock.parquet", "stock (2).parquet"),
        ] {
            assert_eq!(name_of(source), name, "{source:?}");
        }
        let long = name_of(&"é".repeat(300));
        assert_eq!(long.chars().count(), NAME_CHARACTERS);
        assert!(file_name(&long).is_ok() && long.ends_with("é.parquet"));
    }

    #[test]
    fn a_form_without_a_format_is_parquet_where_that_may_be_absent() {
        for form in [None, form(v1::SavedFormat::Unspecified, "")] {
            let saved = Saved::of_made(form, "stock.csv").expect("is a form");
            assert_eq!(saved.format(), Some((SavedFormat::Parquet, SavedFor::Programs)));
            assert_eq!(saved.name, "stock.parquet");
        }
        let csv = Saved::of_made(form(v1::SavedFormat::Csv, "a"), "x").expect("is a form");
        assert_eq!((csv.format(), &*csv.name), (Some((SavedFormat::Csv, SavedFor::Programs)), "a"));
        assert!(
            Saved::of_made(Some(v1::SavedForm { format: 77, ..Default::default() }), "x").is_err()
        );
    }

    #[test]
    fn a_form_is_kept_as_the_job_has_it_and_a_bad_one_is_refused_by_its_field() {
        let saved = Saved::of(form(v1::SavedFormat::Tsv, " a.txt "), "x").expect("is a form");
        assert_eq!(saved.name, "a.txt");
        assert_eq!(saved.format(), Some((SavedFormat::Tsv, SavedFor::Programs)));
        assert!(saved.notice_after().is_some());
        let given = form(v1::SavedFormat::Csv, "a").unwrap_or_default();
        let given = v1::SavedForm { is_for_download: true, ..given };
        let of_download = Saved::of(Some(given), "x").expect("is a form");
        assert!(of_download.is_for_download && of_download.notice_after().is_none());
        let kept = serde_json::to_value(&saved).expect("has a form");
        assert_eq!(serde_json::from_value::<Saved>(kept).expect("is read"), saved);
        let csv = v1::SavedFormat::Csv;
        for (given, field) in [
            (None, "saved.format"),
            (form(v1::SavedFormat::Unspecified, ""), "saved.format"),
            (Some(v1::SavedForm { format: 77, ..Default::default() }), "saved.format"),
            (Some(v1::SavedForm { form: 77, ..form(csv, "").unwrap_or_default() }), "saved.form"),
            (form(csv, "a\nb"), "saved.name"),
        ] {
            let refused = Saved::of(given, "x").expect_err("is refused");
            assert!(
                matches!(&refused, ServiceError::Malformed { field: at, .. } if at == field),
                "{field}: {refused:?}"
            );
        }
        let (name, is_for_download) = (String::new(), false);
        let unknown = Saved { format: 77, form: 0, name, is_for_download };
        assert_eq!(unknown.format(), None);
    }
}
