//! How the texts of a command are read: by which locale, and in which zone.
//!
//! Not the reading: see `value`. Invariant: an option takes precedence over the account, and over this machine.

use clap::Args;
use client::Client;
use gridloom::v1;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use values::{Locale, Misfit, Reading};

use crate::failure::Failure;

/// The word for no language.
const NONE: &str = "none";

/// The options of a command that reads values.
#[derive(Args, Debug, Default)]
pub(crate) struct ReaderArgs {
    /// Read numbers and days as in this language: a tag such as de or en-US, or `none`. The default is that of the column,
    /// else that of the account (`gridctl account --locale`).
    #[arg(long, value_name = "TAG", value_parser = locale)]
    locale: Option<String>,
    /// The zone of a time without one, such as Europe/Berlin, in a column of instants. The default is that of this machine.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    zone: Option<TimeZone>,
}

/// The options of a command whose texts the server reads.
#[derive(Args, Debug, Default)]
pub(crate) struct LocaleArgs {
    /// Read numbers and days as in this language where the column has none: a tag such as de or en-US, or `none`. The
    /// default is that of the account (`gridctl account --locale`), else a decimal point, and days like 2024-05-01.
    #[arg(long, value_name = "TAG", value_parser = locale)]
    locale: Option<String>,
    /// The zone of times without one, such as Europe/Berlin, where they become instants, or instants become days or times.
    /// The default is that of this machine.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    zone: Option<TimeZone>,
}

impl LocaleArgs {
    /// The language tag that was given, else that of the account.
    pub(crate) async fn tag(&self, client: &Client) -> Result<Option<String>, Failure> {
        match &self.locale {
            Some(given) => Ok(Some(given.clone())),
            None => account_tag(client).await,
        }
    }

    /// The name of the zone that was given.
    pub(crate) fn given_zone(&self) -> Option<String> {
        name_of(self.zone.as_ref()?)
    }
}

/// The name of the zone of this machine; `None` where it has none.
pub(crate) fn machine_zone() -> Option<String> {
    name_of(&TimeZone::try_system().ok()?)
}

fn name_of(zone: &TimeZone) -> Option<String> {
    zone.iana_name().map(str::to_owned)
}

/// The language tag of the account.
async fn account_tag(client: &Client) -> Result<Option<String>, Failure> {
    Ok(client.who_am_i().await?.account.and_then(|account| account.locale))
}

/// How typed texts are read.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// The tag of the option.
    given: Option<String>,
    /// The tag of the account.
    account: Option<String>,
    /// `None`: not known.
    zone: Option<TimeZone>,
}

impl ReaderArgs {
    /// With what is not given from the account and this machine.
    pub(crate) async fn reader(&self, client: &Client) -> Result<Reader, Failure> {
        let given = self.locale.clone();
        let account = match given {
            Some(_) => None,
            None => account_tag(client).await?,
        };
        Ok(Reader { given, account, zone: self.zone() })
    }

    /// The language tag that was given.
    pub(crate) fn locale(&self) -> Option<&str> {
        self.locale.as_deref()
    }

    /// The name of the zone that was given, else, where one is needed, of that of this machine; `None` where it has none.
    pub(crate) fn zone_name(&self, is_needed: bool) -> Option<String> {
        let zone = if is_needed { self.zone() } else { self.zone.clone() };
        name_of(&zone?)
    }

    /// The zone that was given, else that of this machine; `None` where neither is known.
    fn zone(&self) -> Option<TimeZone> {
        self.zone.clone().or_else(|| TimeZone::try_system().ok())
    }
}

impl Reader {
    /// By which the texts of a column with this tag are read.
    pub(crate) fn locale(&self, column: Option<&str>) -> Locale {
        Locale::decide(self.given.as_deref().or(column), None, self.account.as_deref())
    }

    /// The decimal mark of a column.
    pub(crate) fn mark(&self, column: &v1::Column) -> char {
        let tag = column.settings.as_ref().map(|settings| &*settings.locale);
        self.locale(tag).decimal
    }

    /// The tag of the account where it may count, and the same reader without it.
    pub(crate) fn without_account(&self) -> Option<(&str, Self)> {
        let tag = self.account.as_deref()?;
        Some((tag, Self { account: None, ..self.clone() }))
    }

    /// A reading with the zone of a time without one.
    pub(crate) fn zoned(&self, reading: Reading) -> Reading {
        match &self.zone {
            Some(zone) => reading.in_zone(|at| ahead(zone, at)),
            None => reading,
        }
    }

    /// The zone whose clocks show the time of a reading twice, by its name.
    pub(crate) fn doubled(&self, reading: &Reading) -> Option<String> {
        let (Some(zone), Some(Misfit::NoZone(local))) = (&self.zone, reading.misfit) else {
            return None;
        };
        let name = || name_of(zone).unwrap_or_else(|| "this machine's zone".to_owned());
        values::is_doubled(local, |at| ahead(zone, at)).then(name)
    }
}

/// The microseconds that a zone is ahead of UTC at an instant.
fn ahead(zone: &TimeZone, at: i64) -> i64 {
    let at = Timestamp::from_microsecond(at).unwrap_or_default();
    i64::from(zone.to_offset(at).seconds()) * 1_000_000
}

/// The tag of an option: `none` is no language.
pub(crate) fn tag_of(typed: &str) -> &str {
    if typed == NONE { Locale::NEUTRAL } else { typed }
}

fn locale(typed: &str) -> Result<String, String> {
    let tag = tag_of(typed);
    match Locale::from_tag(tag).is_some() {
        true => Ok(tag.to_owned()),
        false => {
            Err("give the tag of a language whose marks are known, such as de or en-US, or none"
                .to_owned())
        }
    }
}

fn zone(typed: &str) -> Result<TimeZone, String> {
    TimeZone::get(typed).map_err(|_| "give a zone such as Europe/Berlin, or UTC".to_owned())
}

#[cfg(test)]
impl Reader {
    /// By no language, in UTC.
    pub(crate) fn plain() -> Self {
        Self { given: None, account: None, zone: Some(TimeZone::UTC) }
    }

    /// By the language of an account, in a zone.
    pub(crate) fn of(tag: &str, zone: Option<&str>) -> Self {
        let zone = zone.map(|name| TimeZone::get(name).expect("a zone"));
        Self { given: None, account: Some(tag.to_owned()), zone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_of_this_machine_is_named_only_where_one_is_needed() {
        let args = ReaderArgs::default();
        assert_eq!(args.zone_name(false), None);
        let machine = TimeZone::try_system().ok();
        let name = machine.and_then(|zone| zone.iana_name().map(str::to_owned));
        assert_eq!(args.zone_name(true), name);
        let zone = Some(TimeZone::get("Europe/Berlin").expect("a zone"));
        let given = ReaderArgs { locale: None, zone };
        assert_eq!(given.zone_name(false).as_deref(), Some("Europe/Berlin"));
    }
}
