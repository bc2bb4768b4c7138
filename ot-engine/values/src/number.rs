//! Reads decimal numbers exactly, and writes them.
//!
//! Invariant: a number is read only if a double holds its decimal value: its shortest decimal form has the same digits.
//! Source of that test: the shortest form that reads back as the same double is unique (Steele and White, "How to Print
//! Floating-Point Numbers Accurately", 1990), and the formatter of Rust gives it.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::scale::Scaled;
use crate::{Locale, double};

/// From here on, a number is written without an exponent.
const PLAIN_FROM: f64 = 1e-6;
/// Below this, too.
const PLAIN_BELOW: f64 = 1e21;
/// More digits than any double needs: a longer text is no number, and costs nothing.
const DIGITS: usize = 400;
/// Beyond this power of ten no double lies.
const POWER: u32 = 400;

/// The signs of a number; the last one is that of typesetting.
pub(crate) const SIGNS: [char; 3] = ['+', '-', '−'];

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoNumber {
    /// Its form is another one.
    Form,
    /// No double has its value.
    Inexact,
}

/// The number that [`exact`] writes as this text.
pub(crate) fn read_exact(text: &str) -> Option<f64> {
    let begins = text.strip_prefix('-').unwrap_or(text).bytes().next()?.is_ascii_digit();
    if !begins || text.len() > DIGITS {
        return None;
    }
    let number = double::parse(text)?;
    (number.is_finite() && exact(number) == text).then_some(number)
}

/// The number of a text in the form of a locale: a sign, grouped digits, decimals and an exponent.
pub(crate) fn read(text: &str, locale: &Locale) -> Result<f64, NoNumber> {
    read_scaled(text, locale, 0)
}

/// The same, times a power of ten.
pub(crate) fn read_scaled(text: &str, locale: &Locale, times: i32) -> Result<f64, NoNumber> {
    let text = text.trim();
    if text.len() > DIGITS {
        return Err(NoNumber::Form);
    }
    let (negative, text) = sign(text);
    let (mantissa, power) = exponent(text)?;
    let (whole, decimals) = mantissa.split_once(locale.decimal).unwrap_or((mantissa, ""));
    let whole = ungrouped(whole, locale).ok_or(NoNumber::Form)?;
    let is_number = !(whole.is_empty() && decimals.is_empty());
    if !is_number || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NoNumber::Form);
    }
    let decimal = Scaled::new(negative, &whole, decimals, power).times(times);
    decimal.to_double().ok_or(NoNumber::Inexact)
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The part before an exponent, and the exponent.
fn exponent(text: &str) -> Result<(&str, i32), NoNumber> {
    let Some((mantissa, power)) = text.split_once(['e', 'E']) else { return Ok((text, 0)) };
    let power: i32 = power.parse().map_err(|_| NoNumber::Form)?;
    if power.unsigned_abs() > POWER { Err(NoNumber::Inexact) } else { Ok((mantissa, power)) }
}

/// Digits without their group marks; `None` where a mark does not stand before each three digits, and where the first group
/// begins with a zero. Between commas, all groups before the last one may have two digits.
fn ungrouped<'a>(digits: &'a str, locale: &Locale) -> Option<Cow<'a, str>> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Cow::Borrowed(digits));
    }
    let mark = digits.chars().find(|char| !char.is_ascii_digit())?;
    if !locale.groups(mark) {
        return None;
    }
    let groups: Vec<&str> = digits.split(mark).collect();
    let (last, others) = groups.split_last()?;
    let (first, middle) = others.split_first()?;
    let are_digits = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    let are_of = |digits: usize| {
        (1..=digits).contains(&first.len()) && middle.iter().all(|group| group.len() == digits)
    };
    // Lakhs and crores. Two digits between points are a version, an address or a day.
    let are_groups = are_of(3) || (mark == ',' && are_of(2));
    let is_number = are_digits && last.len() == 3 && !first.starts_with('0') && are_groups;
    is_number.then(|| Cow::Owned(groups.concat()))
}

/// The shortest decimal form that reads back as the same number; zero has no sign.
pub(crate) fn exact(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if (PLAIN_FROM..PLAIN_BELOW).contains(&size) {
        double::plain(number)
    } else {
        double::scientific(number)
    }
}

/// The exact form with the decimal mark of a locale.
pub(crate) fn localized(number: f64, locale: &Locale) -> String {
    let mut text = exact(number);
    if locale.decimal != '.'
        && let Some(at) = text.find('.')
    {
        let mut mark = [0; 4];
        text.replace_range(at..=at, locale.decimal.encode_utf8(&mut mark));
    }
    text
}

/// So many decimals, rounded half to even by the exact value, with group marks if wanted.
pub(crate) fn fixed(number: f64, decimals: Option<u8>, grouped: bool, locale: &Locale) -> String {
    let text = match decimals {
        Some(count) if number.abs() < PLAIN_BELOW => double::fixed(number, count),
        _ => exact(number),
    };
    if text.contains('e') {
        return localized(number, locale);
    }
    let (sign, text) = text.strip_prefix('-').map_or(("", &*text), |rest| ("-", rest));
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let mut out = String::from(if is_zero { "" } else { sign });
    for (at, digit) in whole.char_indices() {
        if grouped && at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.extend(locale.group);
        }
        out.push(digit);
    }
    if !decimals.is_empty() {
        let _ = write!(out, "{}{decimals}", locale.decimal);
    }
    out
}

#[cfg(test)]
mod tests;
