//! What a statement reads of a cell.
//!
//! Not how it is compared or sorted. Invariant: no stored cell makes a statement fail.

/// A date and time as microseconds since the epoch; null for any other value.
pub(super) fn micros_of(cell: &str) -> String {
    format!(
        "case jsonb_typeof({cell}) when 'object' then coalesce(\
         (extract(epoch from ({cell} ->> 'datetime')::timestamptz) * 1000000)::bigint, \
         ({cell} ->> 'datetime_micros')::bigint) end"
    )
}
