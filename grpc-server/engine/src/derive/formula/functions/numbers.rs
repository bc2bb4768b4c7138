//! Functions of numbers.
//!
//! Invariant: ROUND decides by the digits with which a number is written, half away from zero, as spreadsheets do: 2.675 is
//! rounded to 2.68, although its double is a little less.

use ot_engine::Value;

use super::super::function::Function;
use super::super::row::{Outcome, Row, finite};
use super::super::tree::Expr;
use super::super::trouble::Trouble;

/// Decimals of ROUND on both sides of the point: no double has more.
const DECIMALS: f64 = 400.0;
/// A quotient that is farther from a whole number is not that number.
const NEAR: f64 = 0.25;

/// The value of a function of one or two numbers.
pub(super) fn call(
    row: &Row<'_>,
    function: Function,
    first: &Expr,
    second: Option<&Expr>,
) -> Outcome {
    let Some(number) = row.number(first)? else { return Ok(Value::Empty) };
    let second = match second {
        None => None,
        Some(part) => match row.number(part)? {
            None => return Ok(Value::Empty),
            second => second,
        },
    };
    match function {
        Function::Round => finite(rounded(number, second.unwrap_or(0.0))),
        Function::Floor => stepped(number, second, f64::floor),
        Function::Ceiling => stepped(number, second, f64::ceil),
        Function::Mod => modulo(number, second.unwrap_or(0.0)),
        Function::Sqrt if number < 0.0 => {
            Err(Trouble::rule("the root of a negative number is taken"))
        }
        Function::Sqrt => finite(number.sqrt()),
        _ => finite(number.abs()),
    }
}

/// The number rounded to so many decimals.
fn rounded(number: f64, decimals: f64) -> f64 {
    let decimals = decimals.trunc().clamp(-DECIMALS, DECIMALS) as i32;
    let written = format!("{:e}", number.abs());
    let (mantissa, power) = written.split_once('e').unwrap_or((written.as_str(), "0"));
    let digits: Vec<u8> =
        mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    let kept = power.parse::<i32>().unwrap_or(0) + 1 + decimals;
    let Ok(kept) = usize::try_from(kept) else { return 0.0 };
    let Some(next) = digits.get(kept) else { return number };
    let whole = digits
        .iter()
        .take(kept)
        .fold(0_u64, |whole, digit| whole.saturating_mul(10).saturating_add(u64::from(*digit)));
    let whole = whole.saturating_add(u64::from(*next >= 5));
    let rounded = format!("{whole}e{}", -decimals).parse().unwrap_or(f64::NAN);
    f64::copysign(rounded, number)
}

/// The decimals of a number as it is written.
fn decimals_of(number: f64) -> f64 {
    let written = format!("{:e}", number.abs());
    let (mantissa, power) = written.split_once('e').unwrap_or((written.as_str(), "0"));
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count() as f64;
    (digits - 1.0 - power.parse().unwrap_or(0.0)).max(0.0)
}

/// The multiple of a step that is beside the number. Of a step with decimals, a quotient that only rounding keeps from a whole
/// number is that number.
fn stepped(number: f64, step: Option<f64>, to: fn(f64) -> f64) -> Outcome {
    let Some(step) = step else { return finite(to(number)) };
    if step <= 0.0 {
        return Err(Trouble::rule("a step is not above zero"));
    }
    let quotient = number / step;
    let near = quotient.round();
    let most = (near.abs().max(1.0) * 4.0 * f64::EPSILON).min(NEAR);
    // A whole step is a double, and a quotient by it is as near as it seems.
    let is_near = step.fract() != 0.0 && (quotient - near).abs() <= most;
    let product = (if is_near { near } else { to(quotient) }) * step;
    // As many decimals as the step has: three times 0.1 is 0.3.
    finite(rounded(product, decimals_of(step)))
}

/// The rest of a division, with the sign of the divisor.
fn modulo(number: f64, by: f64) -> Outcome {
    if by == 0.0 {
        return Err(Trouble::rule("a number is divided by zero"));
    }
    let rest = number % by;
    finite(if rest != 0.0 && (rest < 0.0) != (by < 0.0) { rest + by } else { rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_away_from_zero_by_their_digits() {
        for (number, decimals, expected) in [
            (2.675, 2.0, 2.68),
            (-2.5, 0.0, -3.0),
            (0.5, 0.0, 1.0),
            (0.49, 0.0, 0.0),
            (9.995, 2.0, 10.0),
            (1234.5, -2.0, 1200.0),
            (950.0, -2.0, 1000.0),
            (50.0, -2.0, 100.0),
            (49.0, -2.0, 0.0),
            (1.005, 2.0, 1.01),
            (1e300, 2.0, 1e300),
            (5e-324, 3.0, 0.0),
        ] {
            let rounded = rounded(number, decimals);
            assert!((rounded - expected).abs() < f64::EPSILON, "{number} {decimals}: {rounded}");
        }
        assert!(rounded(f64::MAX, -308.0).is_infinite());
    }

    #[test]
    fn steps_are_those_of_decimal_numbers() {
        let value = |outcome: Outcome| outcome.expect("a number");
        assert_eq!(value(stepped(0.3, Some(0.1), f64::floor)), Value::from(0.3));
        assert_eq!(value(stepped(0.35, Some(0.1), f64::ceil)), Value::from(0.4));
        assert_eq!(value(stepped(-1.5, None, f64::floor)), Value::from(-2.0));
        assert_eq!(value(stepped(1e15 + 0.5, Some(1.0), f64::floor)), Value::from(1e15));
        let large = 9_007_199_254_740_991.0;
        assert_eq!(value(stepped(large, Some(1.0), f64::ceil)), Value::from(large));
        assert_eq!([0.1, 12.5, 100.0, 1e-7].map(decimals_of), [1.0, 1.0, 0.0, 7.0]);
        assert_eq!(value(modulo(-7.0, 3.0)), Value::from(2.0));
        assert_eq!(value(modulo(7.0, -3.0)), Value::from(-2.0));
    }
}
