//! Converts the settings of a column.
//!
//! The engine keeps them as a text, which the crate `values` reads and writes. Invariant: settings survive the wire
//! unchanged, and those from it keep the rules of a column.

use std::sync::Arc;

use values::{NumberFormat, Settings, Unit};

use super::ConvertError;
use crate::v1;
use crate::v1::column_settings::Unit as WireUnit;

/// The text of settings from the wire; empty where they set nothing. The error names the field `settings`.
///
/// # Errors
/// A setting that breaks a rule.
pub fn settings_from_wire(settings: &v1::ColumnSettings) -> Result<Arc<str>, ConvertError> {
    let read = parts(settings);
    read.check().map_err(|error| ConvertError::new(path(error.setting), &error.rule))?;
    Ok(read.write().into())
}

/// Settings from a server. A later one may send what this release does not know, which is passed over.
pub(super) fn known_settings(settings: &v1::ColumnSettings) -> Arc<str> {
    parts(settings).without_unknown().write().into()
}

fn parts(settings: &v1::ColumnSettings) -> Settings {
    let unit = match &settings.unit {
        None | Some(WireUnit::Percent(false)) => Unit::None,
        Some(WireUnit::Percent(true)) => Unit::Percent,
        Some(WireUnit::Currency(currency)) => Unit::Currency(currency.as_str().into()),
    };
    // A number that no byte holds is too large in any case.
    let decimals = settings.decimals.map(|decimals| u8::try_from(decimals).unwrap_or(u8::MAX));
    Settings {
        options: settings.options.iter().map(|option| option.as_str().into()).collect(),
        format: NumberFormat { decimals, thousands: settings.thousands, unit },
        locale: (!settings.locale.is_empty()).then(|| settings.locale.as_str().into()),
        refuses: settings.refuse,
    }
}

/// Settings for the wire; `None` for an empty text. What another release has written and this one does not know is left out.
#[must_use]
pub fn settings_to_wire(settings: &str) -> Option<v1::ColumnSettings> {
    if settings.is_empty() {
        return None;
    }
    let Settings { options, format, locale, refuses } = Settings::known(settings);
    let unit = match format.unit {
        Unit::None => None,
        Unit::Percent => Some(WireUnit::Percent(true)),
        Unit::Currency(currency) => Some(WireUnit::Currency(currency.to_string())),
    };
    Some(v1::ColumnSettings {
        options: options.iter().map(ToString::to_string).collect(),
        decimals: format.decimals.map(u32::from),
        thousands: format.thousands,
        unit,
        locale: locale.as_deref().unwrap_or_default().to_owned(),
        refuse: refuses,
    })
}

/// The field of a setting; the one of all settings together is `settings`.
fn path(setting: &str) -> String {
    if setting == "settings" { setting.to_owned() } else { format!("settings.{setting}") }
}
