//! What a statement reads of a cell.
//!
//! Not how it is compared or sorted. Invariant: no stored cell makes a statement fail.

/// A time as microseconds since the epoch; null for any other value. A day stands for its beginning, and a time without
/// a zone for the same time in UTC. A time before year 1, which earlier releases have stored, is none: see [`text_of`].
pub(super) fn micros_of(cell: &str) -> String {
    let micros = |key: &str, kind: &str| {
        format!(
            "case when {cell} ->> '{key}' >= '0001' collate \"C\" then \
             (extract(epoch from ({cell} ->> '{key}')::{kind}) * 1000000)::bigint end"
        )
    };
    format!(
        "case jsonb_typeof({cell}) when 'object' then coalesce({}, {}, {}, \
         ({cell} ->> 'datetime_micros')::bigint) end",
        micros("datetime", "timestamptz"),
        micros("date", "timestamp"),
        micros("local", "timestamp"),
    )
}

/// The text of a time that is none to [`micros_of`], as the reader of cells has it.
pub(super) fn text_of_time(cell: &str) -> String {
    format!("coalesce({cell} ->> 'datetime', {cell} ->> 'date', {cell} ->> 'local')")
}

/// The text of a cell whose time is `micros`; null for other values.
pub(super) fn text_of(cell: &str, micros: &str) -> String {
    let of_time = text_of_time(cell);
    format!(
        "(case jsonb_typeof({cell}) when 'string' then {cell} #>> '{{}}' \
         when 'object' then case when {micros} is null then {of_time} end end)"
    )
}
