//! The statuses: each has a reason, a sentence with what to do next, and its details.

use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{DOMAIN, RETRY_AFTER, ServiceError, given_in_part, open, to_wire};
use csv_reader::{ImportError, Problem};
use sheet::open_error::Difference;
use sheet::open_error::OpenError;

#[test]
fn a_bad_request_names_field_rule_and_reason() {
    let status = Status::from(ServiceError::malformed("name", "must not be empty"));
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.message(), "name: must not be empty");
    let details = status.get_error_details();
    let violation = &details.bad_request().expect("it is one").field_violations[0];
    assert_eq!((&*violation.field, &*violation.description), ("name", "must not be empty"));
    let info = details.error_info().expect("all have it");
    assert_eq!((&*info.reason, &*info.domain), ("MALFORMED", DOMAIN));
}

#[test]
fn what_one_of_several_fields_names_is_refused_with_the_field() {
    let alone = Status::from(ServiceError::NotFound("table"));
    let status = Status::from(ServiceError::NotFound("table").about("join.other.table"));
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(status.message(), format!("join.other.table: {}", alone.message()));
    let details = status.get_error_details();
    let info = details.error_info().expect("all have it");
    assert_eq!(info.reason, "NOT_FOUND");
    assert_eq!(info.metadata.get("field").map(String::as_str), Some("join.other.table"));
    assert_eq!(info.metadata.get("what").map(String::as_str), Some("table"));
    let other = ServiceError::ReadOnly.about("join.other.table");
    assert!(matches!(other, ServiceError::ReadOnly));
}

#[test]
fn a_refusal_after_some_sheets_were_given_away_begins_with_their_number() {
    for (given, before) in [
        (0, None),
        (1, Some("1 sheet was given away before this, and stays so; ")),
        (2, Some("2 sheets were given away before this, and stay so; ")),
    ] {
        let alone = Status::from(ServiceError::NotFound("account"));
        let status = Status::from(given_in_part(given, ServiceError::NotFound("account")));
        let message = format!("{}{}", before.unwrap_or_default(), alone.message());
        assert_eq!((status.code(), status.message()), (Code::NotFound, &*message));
        let details = status.get_error_details();
        let known = details.error_info().expect("all have it").metadata.get("given");
        assert_eq!(known.cloned(), before.map(|_| given.to_string()));
    }
}

#[test]
fn what_may_be_retried_says_when() {
    let status = Status::from(ServiceError::Unavailable("Postgres"));
    assert_eq!(status.code(), Code::Unavailable);
    let retry = status.get_error_details().retry_info().and_then(|info| info.retry_delay);
    assert_eq!(retry, Some(RETRY_AFTER));
}

#[test]
fn the_wire_form_carries_the_same_details() {
    let status = Status::from(ServiceError::ImportGap { expected: 7 });
    let wire = to_wire(&status);
    assert_eq!((wire.code, &*wire.message), (9, status.message()));
    assert_eq!(wire.details.len(), 1);
    assert!(wire.details[0].type_url.ends_with("google.rpc.ErrorInfo"));
}

#[test]
fn histories_that_differ_are_the_operators_to_mend() {
    let (journal, committed) = (ot_engine::Revision(7), ot_engine::Revision(5));
    let status = open(OpenError::Split { journal, committed, difference: Difference::Gap });
    assert_eq!(status.code(), Code::FailedPrecondition);
    let details = status.get_error_details();
    assert_eq!(details.error_info().map(|info| &*info.reason), Some("HISTORIES_DIFFER"));
    assert!(details.retry_info().is_none(), "a retry can't succeed");
}

#[test]
fn a_mark_that_contradicts_the_chosen_encoding_names_the_field() {
    let problem = Problem::OtherMark { marked: "UTF-16LE" };
    let error = ServiceError::from(ImportError { line: 1, problem });
    let ServiceError::Malformed { field, rule } = error else {
        panic!("another refusal");
    };
    assert_eq!(field, "encoding");
    assert!(rule.contains("utf-16le"), "{rule}");
}
