//! `convert`: another kind for a column and its values.
//!
//! The server converts. Invariant: each value that did not convert is counted, and the first of them are shown.

use std::io::Write;

use clap::Args;
use client::Client;
use client::net::ConversionOptions;
use gridloom::v1;
use uuid::Uuid;

use crate::failure::Failure;
use crate::find::find;
use crate::output::say;
use crate::parse::cell::named_column;
use crate::parse::kind::Kind;
use crate::parse::reader::{LocaleArgs, machine_zone};

#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// The sheet's id, or its name.
    sheet: String,
    /// The column's name, its number from 1, or its letters such as B.
    column: String,
    /// The new kind; `auto` keeps the kind, and converts the values that do not fit it.
    #[arg(long, default_value = "auto")]
    kind: Kind,
    /// An option of the column, for the kinds choice and choices; may be given several times. The options take the place of
    /// those that the column has.
    #[arg(long = "option", value_name = "NAME")]
    options: Vec<String>,
    #[command(flatten)]
    locale: LocaleArgs,
    /// Make days of days with a time of day, which is lost.
    #[arg(long)]
    drop_times: bool,
    /// Change the kind alone, and keep all values as they are.
    #[arg(long, conflicts_with_all = ["dry_run", "drop_times", "locale", "zone", "options"])]
    keep_values: bool,
    /// Show what would be done, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn convert(client: &Client, args: Convert) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    let column = named_column(&args.column, &sheet.columns).map_err(Failure::Message)?;
    let (settings, kind) = (column.settings.clone().unwrap_or_default(), column.kind());
    let settings = v1::ColumnSettings { options: args.options, ..settings };
    // By id, so that the column stays the same when others move columns.
    let column = v1::ColumnRef { column: Some(v1::column_ref::Column::Id(column.id.clone())) };
    let request = Uuid::new_v4().to_string();
    if args.keep_values {
        return change_kind(client, &sheet.id, column, args.kind, &request).await;
    }
    let kind = match v1::ColumnKind::from(args.kind) {
        v1::ColumnKind::Unspecified => kind,
        kind => kind,
    };
    let options = ConversionOptions {
        kind: args.kind.into(),
        settings: Some(settings).filter(|settings| !settings.options.is_empty()),
        locale: args.locale.tag(client).await?.unwrap_or_default(),
        time_zone: time_zone(client, &args.locale, kind).await?,
        drop_times: args.drop_times,
        dry_run: args.dry_run,
    };
    let done = client.convert_column(&sheet.id, column, &options, &request).await?;
    let mut out = std::io::stdout().lock();
    report(&done, &mut out)?;
    out.flush()?;
    if args.dry_run {
        say("nothing is changed (--dry-run)");
    } else if done.edits == 0 {
        say("nothing to change");
    } else {
        say(&format!("saved as revision {}; `gridctl undo` undoes it", done.revision));
    }
    match done.stopped.as_str() {
        "" => Ok(()),
        why => Err(Failure::Message(format!("not all values were looked at: {why}"))),
    }
}

/// The zone of times without one: the given one, else that of this machine where the new kind has times.
async fn time_zone(
    client: &Client,
    args: &LocaleArgs,
    kind: v1::ColumnKind,
) -> Result<String, Failure> {
    use v1::ColumnKind::{Date, Datetime, LocalDatetime};
    if let Some(given) = args.given_zone() {
        return Ok(given);
    }
    if !matches!(kind, Date | Datetime | LocalDatetime) {
        return Ok(String::new());
    }
    let machine = machine_zone().unwrap_or_default();
    if !machine.is_empty() && !client.limits().await?.conversion_zone {
        say("the server is of an earlier release, which knows no zones in a conversion");
        return Ok(String::new());
    }
    Ok(machine)
}

async fn change_kind(
    client: &Client,
    sheet: &str,
    column: v1::ColumnRef,
    kind: Kind,
    request: &str,
) -> Result<(), Failure> {
    let kind = v1::ColumnKind::from(kind).into();
    let update = v1::UpdateColumn { column: Some(column), kind, ..v1::UpdateColumn::default() };
    let command = v1::Command { command: Some(v1::command::Command::UpdateColumn(update)) };
    let answer = client.apply(sheet, vec![command], v1::WaitFor::Committed, request).await?;
    say(&format!("saved as revision {}; the values are as they were", answer.revision));
    Ok(())
}

fn report(done: &v1::ConvertColumnResponse, out: &mut impl Write) -> std::io::Result<()> {
    let v1::ConvertColumnResponse { converted, rewritten, fitting, kept, .. } = done;
    writeln!(out, "{converted} converted, {fitting} fitting before, {kept} kept as they are")?;
    if *rewritten > 0 {
        let are = if *rewritten == 1 { "is" } else { "are" };
        writeln!(out, "{rewritten} {are} written in another way now:")?;
    }
    for v1::ConversionExample { row, text, becomes, .. } in &done.rewritten_values {
        writeln!(out, "  row {}: {text:?} is now {becomes:?}", u64::from(*row) + 1)?;
    }
    more(*rewritten, done.rewritten_values.len(), out)?;
    if *kept > 0 {
        let do_not = if *kept == 1 { "does not" } else { "do not" };
        writeln!(out, "{kept} {do_not} fit:")?;
    }
    for v1::ConversionExample { row, text, reason, .. } in &done.kept_values {
        writeln!(out, "  row {}: {text:?}: {reason}", u64::from(*row) + 1)?;
    }
    more(*kept, done.kept_values.len(), out)
}

fn more(count: u64, shown: usize, out: &mut impl Write) -> std::io::Result<()> {
    match count.saturating_sub(shown as u64) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_reported_as_one() {
        let of = |rewritten, kept| {
            let done =
                v1::ConvertColumnResponse { converted: 2, rewritten, kept, ..Default::default() };
            let mut out = Vec::new();
            report(&done, &mut out).expect("is written");
            String::from_utf8(out).expect("is text")
        };
        let one = of(1, 1);
        assert!(
            one.contains("1 is written in another way") && one.contains("1 does not fit"),
            "{one}"
        );
        let two = of(2, 2);
        assert!(
            two.contains("2 are written in another way") && two.contains("2 do not fit"),
            "{two}"
        );
    }
}
