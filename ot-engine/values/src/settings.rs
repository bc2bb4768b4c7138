//! The settings of a column: what belongs to its kind besides its name, as the text that the engine keeps.
//!
//! One line for each setting: `option Red`, `decimals 2`, `thousands`, `percent`, `currency EUR`, `locale de`, `refuse`.
//! Not what a kind does with them (`rule`). Invariants: [`Settings::write`] has one text for equal settings, an empty one
//! for none; [`Settings::read`] reads it back.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::rule::{Kind, NumberFormat, Rule, Unit};
use crate::{Locale, Options, normal};

/// Options of one column.
pub const OPTIONS_MOST: usize = 500;
/// Bytes of one option.
pub const OPTION_BYTES: usize = 256;
/// Digits after the decimal mark.
pub const DECIMALS_MOST: u8 = 20;
/// Bytes of the text of a column's settings.
pub const SETTINGS_BYTES: usize = 16 * 1024;
/// Bytes of a currency's symbol or code.
pub const CURRENCY_BYTES: usize = 16;

/// The line of a column that refuses values.
const REFUSE: &str = "refuse";

/// What belongs to the kind of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// For columns of one or several options, in the order in which they are offered.
    pub options: Vec<Arc<str>>,
    /// How numbers are shown.
    pub format: NumberFormat,
    /// The language tag of the column's texts, such as `de`; `None` for the one of the reader.
    pub locale: Option<Arc<str>>,
    /// Whether a value that does not fit is refused; else it is kept and marked.
    pub refuses: bool,
}

/// Why settings can't be those of a column: the setting, and the rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {rule}")]
pub struct BadSettings {
    /// The setting.
    pub setting: &'static str,
    /// The rule, as the predicate of a sentence whose subject is the setting.
    pub rule: String,
}

impl Settings {
    /// The settings that a text has.
    ///
    /// # Errors
    /// A line that is no setting, or a setting that breaks a rule.
    pub fn read(text: &str) -> Result<Self, BadSettings> {
        let mut settings = Self::default();
        for line in text.lines() {
            settings.add(line)?;
        }
        settings.check()?;
        Ok(settings)
    }

    /// The settings of a text that another release may have written: what this one does not know is passed over.
    #[must_use]
    pub fn known(text: &str) -> Self {
        let mut settings = Self::default();
        for line in text.lines() {
            // The other lines count.
            let _ = settings.add(line);
        }
        settings.without_unknown()
    }

    /// Without what breaks a rule of this release: another one may have other rules. Options that differ only in the
    /// encoding of their accents stay: an earlier release allowed them, and cells name them.
    #[must_use]
    pub fn without_unknown(mut self) -> Self {
        if self.check_each().is_ok() {
            return self;
        }
        let mut seen = HashSet::new();
        self.options.retain(|option| is_option(option) && seen.insert(Arc::clone(option)));
        self.options.truncate(OPTIONS_MOST);
        self.format.decimals = self.format.decimals.filter(|decimals| *decimals <= DECIMALS_MOST);
        if let Unit::Currency(currency) = &self.format.unit
            && check_currency(currency).is_err()
        {
            self.format.unit = Unit::None;
        }
        self.locale = self.locale.filter(|tag| is_one_line(tag) && Locale::from_tag(tag).is_some());
        if self.check_each().is_err() {
            self.options.clear();
        }
        self
    }

    fn add(&mut self, line: &str) -> Result<(), BadSettings> {
        let (name, content) = line.split_once(' ').unwrap_or((line, ""));
        match name {
            "option" => self.options.push(content.into()),
            "decimals" => {
                let decimals = content.parse().map_err(|_| bad("decimals", "must be a number"))?;
                self.format.decimals = Some(decimals);
            }
            "thousands" => self.format.thousands = true,
            "percent" => self.format.unit = Unit::Percent,
            "currency" => self.format.unit = Unit::Currency(content.into()),
            "locale" => self.locale = Some(content.into()),
            // `text_refuses` looks for this line alone.
            "refuse" if line == REFUSE => self.refuses = true,
            _ => return Err(bad("settings", format!("have no line {name:?}"))),
        }
        Ok(())
    }

    /// Whether the settings of a text refuse values, as [`Self::known`] has it; without reading them.
    #[must_use]
    pub fn text_refuses(text: &str) -> bool {
        text.lines().any(|line| line == REFUSE)
    }

    /// Their text.
    #[must_use]
    pub fn write(&self) -> String {
        let mut lines: Vec<String> =
            self.options.iter().map(|option| format!("option {option}")).collect();
        let NumberFormat { decimals, thousands, unit } = &self.format;
        lines.extend(decimals.map(|decimals| format!("decimals {decimals}")));
        lines.extend(thousands.then(|| "thousands".to_owned()));
        match unit {
            Unit::None => {}
            Unit::Percent => lines.push("percent".to_owned()),
            Unit::Currency(currency) => lines.push(format!("currency {currency}")),
        }
        lines.extend(self.locale.as_ref().map(|locale| format!("locale {locale}")));
        lines.extend(self.refuses.then(|| REFUSE.to_owned()));
        lines.join("\n")
    }

    /// Checks the rules.
    ///
    /// # Errors
    /// The first setting that breaks one.
    pub fn check(&self) -> Result<(), BadSettings> {
        self.check_each()?;
        check_encodings(&self.options)
    }

    /// The rules that also count for settings that are stored.
    fn check_each(&self) -> Result<(), BadSettings> {
        check_options(&self.options)?;
        if self.format.decimals.is_some_and(|decimals| decimals > DECIMALS_MOST) {
            return Err(bad("decimals", format!("must be at most {DECIMALS_MOST}")));
        }
        if let Unit::Currency(currency) = &self.format.unit {
            check_currency(currency)?;
        }
        let bytes = self.write().len();
        if bytes > SETTINGS_BYTES {
            let rule =
                format!("must have at most {SETTINGS_BYTES} bytes together, and have {bytes}");
            return Err(bad("settings", rule));
        }
        match &self.locale {
            Some(tag) if Locale::from_tag(tag).is_none() || !is_one_line(tag) => {
                Err(bad("locale", "must be a language tag, such as de or en-US"))
            }
            _ => Ok(()),
        }
    }

    /// How the column's texts are read and written; `reader` is the locale where the column has none.
    #[must_use]
    pub fn locale(&self, reader: Locale) -> Locale {
        self.locale.as_deref().and_then(Locale::from_tag).unwrap_or(reader)
    }

    /// The rule of a column of this kind with these settings.
    #[must_use]
    pub fn rule(&self, kind: Kind) -> Rule {
        let options = match &self.options[..] {
            [] => Options::default(),
            options => options.to_vec().into(),
        };
        Rule { kind, options, format: self.format.clone() }
    }
}

fn check_currency(currency: &str) -> Result<(), BadSettings> {
    let is_word = !currency.is_empty() && currency.trim() == currency;
    if !is_word || currency.len() > CURRENCY_BYTES || !is_one_line(currency) {
        let rule = format!("must have 1 to {CURRENCY_BYTES} bytes and no space at an end");
        return Err(bad("currency", rule));
    }
    // An apostrophe makes text of what is typed.
    if currency.contains(|char: char| char.is_ascii_digit() || "+-−.,'’".contains(char)) {
        return Err(bad("currency", "must have no digit, sign, point, comma or apostrophe"));
    }
    Ok(())
}

fn is_option(option: &str) -> bool {
    let is_plain = !option.is_empty() && option.trim() == option && is_one_line(option);
    is_plain && option.len() <= OPTION_BYTES
}

fn check_options(options: &[Arc<str>]) -> Result<(), BadSettings> {
    if options.len() > OPTIONS_MOST {
        return Err(bad("options", format!("must be at most {OPTIONS_MOST}")));
    }
    let mut sorted: Vec<&str> = Vec::with_capacity(options.len());
    for option in options {
        if !is_option(option) {
            let rule = format!(
                "must each have 1 to {OPTION_BYTES} bytes in one line, and no space at an end"
            );
            return Err(bad("options", rule));
        }
        sorted.push(option);
    }
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(bad("options", format!("must differ: {:?} is there twice", pair[0]))),
        None => Ok(()),
    }
}

/// Options look the same where they differ only in the encoding of their accents.
fn check_encodings(options: &[Arc<str>]) -> Result<(), BadSettings> {
    let mut seen = HashMap::with_capacity(options.len());
    for option in options {
        if let Some(other) = seen.insert(normal(option), option)
            && other != option
        {
            let rule = format!("must differ: {option:?} is there in two encodings");
            return Err(bad("options", rule));
        }
    }
    Ok(())
}

fn is_one_line(text: &str) -> bool {
    !text.contains(|char: char| char.is_control())
}

fn bad(setting: &'static str, rule: impl Into<String>) -> BadSettings {
    BadSettings { setting, rule: rule.into() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn settings() -> impl Strategy<Value = Settings> {
        let unit = prop_oneof![
            Just(Unit::None),
            Just(Unit::Percent),
            "[A-Z€$]{1,3}".prop_map(|currency| Unit::Currency(currency.into())),
        ];
        let options = prop::collection::btree_set("[a-z, \"]{0,2}[a-zß]", 0..6);
        let locale = prop::option::of(prop_oneof![Just("de"), Just("en-US")]);
        let decimals = prop::option::of(0..=DECIMALS_MOST);
        let parts = (options, decimals, any::<bool>(), unit, locale, any::<bool>());
        parts
            .prop_map(|(options, decimals, thousands, unit, locale, refuses)| Settings {
                options: options.into_iter().map(Into::into).collect(),
                format: NumberFormat { decimals, thousands, unit },
                locale: locale.map(Into::into),
                refuses,
            })
            .prop_filter("options have no space at an end", |settings| settings.check().is_ok())
    }

    proptest! {
        #[test]
        fn settings_are_read_as_they_were_written(settings in settings()) {
            prop_assert_eq!(Settings::text_refuses(&settings.write()), settings.refuses);
            prop_assert_eq!(Settings::read(&settings.write()), Ok(settings));
        }

        #[test]
        fn what_is_read_is_written_as_one_text(text in "(option [a-c]{1,2}|decimals [0-9]|percent|refuse|thousands|\n){0,9}") {
            if let Ok(settings) = Settings::read(&text) {
                let written = settings.write();
                let again = Settings::read(&written).map(|again| again.write());
                prop_assert_eq!(again.as_ref(), Ok(&written));
            }
        }
    }

    proptest! {
        #[test]
        fn of_another_release_the_known_part_counts(
            settings in settings(), at in any::<prop::sample::Index>(),
            unknown in "(color red|option  a|decimals 99|locale xx-Later|currency 1|refuse |refuse later|[a-z]{0,9})",
        ) {
            prop_assert_eq!(Settings::known(&settings.write()), settings.clone());
            let mut lines: Vec<String> = settings.write().lines().map(str::to_owned).collect();
            lines.insert(at.index(lines.len() + 1), unknown.clone());
            let text = lines.join("\n");
            let known = Settings::known(&text);
            prop_assert_eq!(known.check(), Ok(()));
            prop_assert_eq!(Settings::text_refuses(&text), known.refuses);
            if ["color", "option", "refuse "].iter().any(|begin| unknown.starts_with(begin)) {
                prop_assert_eq!(known, settings);
            }
        }
    }

    #[test]
    fn options_differ_in_more_than_the_encoding_of_accents() {
        let text = "option caf\u{e9}\noption cafe\u{301}";
        let error = Settings::read(text).expect_err("they look the same").to_string();
        assert!(error.ends_with("is there in two encodings"), "{error}");
        // As an earlier release has stored them.
        assert_eq!(Settings::known(text).write(), text);
        assert_eq!(Settings::known(&format!("{text}\ncolor red")).write(), text);
    }

    #[test]
    fn settings_that_break_a_rule_are_named() {
        for (text, named) in [
            ("option a\noption a", "options must differ"),
            ("option  a", "no space at an end"),
            ("decimals 21", "decimals must be at most 20"),
            ("decimals x", "decimals must be a number"),
            ("currency 1", "currency must have no digit"),
            ("currency ’", "currency must have no digit"),
            ("currency −", "currency must have no digit"),
            ("currency ", "currency must have 1 to"),
            ("locale german", "locale must be a language tag"),
            ("color red", "settings have no line"),
            ("refuse later", "settings have no line"),
        ] {
            let error = Settings::read(text).expect_err(text).to_string();
            assert!(error.contains(named), "{text:?}: {error}");
        }
        assert_eq!(Settings::default().write(), "");
        let long = (0..100).map(|number| format!("option {number:0>200}\n")).collect::<String>();
        let error = Settings::read(&long).expect_err("too long").to_string();
        assert!(error.contains("settings must have at most 16384 bytes"), "{error}");
    }
}
