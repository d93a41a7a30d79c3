//! DynamoDB's numbers: up to 38 significant decimal digits, compared and added exactly.
//!
//! Floats would do almost always, and fail on the one comparison of two millisecond moments that matters.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// DynamoDB's limit of significant digits; an `i128` holds them all.
const MAX_DIGITS: usize = 38;

/// A decimal number, `mantissa × 10^exponent`, without trailing zeros in the mantissa.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    mantissa: i128,
    exponent: i32,
}

impl Number {
    fn normal(mut mantissa: i128, mut exponent: i32) -> Self {
        if mantissa == 0 {
            return Self { mantissa: 0, exponent: 0 };
        }
        while mantissa % 10 == 0 {
            mantissa /= 10;
            exponent += 1;
        }
        Self { mantissa, exponent }
    }

    /// The sum, or `None` where it needs more than 38 digits (DynamoDB refuses it too).
    pub fn plus(self, other: Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let sum = self.scaled_to(exponent)?.checked_add(other.scaled_to(exponent)?)?;
        Some(Self::normal(sum, exponent)).filter(|n| n.digits() <= MAX_DIGITS)
    }

    /// The difference, or `None` where it needs more than 38 digits.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { mantissa: -other.mantissa, ..other })
    }

    fn scaled_to(self, exponent: i32) -> Option<i128> {
        let shift = u32::try_from(self.exponent - exponent).ok()?;
        10i128.checked_pow(shift).and_then(|f| self.mantissa.checked_mul(f))
    }

    /// How many significant digits it has; DynamoDB bills and limits by them.
    pub fn digits(self) -> usize {
        self.mantissa.unsigned_abs().to_string().len()
    }

    /// Its share of an item's size: about half a byte a digit, one more, and one for the sign.
    pub fn size(self) -> usize {
        self.digits().div_ceil(2) + 1 + usize::from(self.mantissa < 0)
    }
}

impl FromStr for Number {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const BAD: &str = "The parameter cannot be converted to a numeric value";
        let (decimal, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| BAD)?),
            None => (text, 0),
        };
        let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
        let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
        let all = || digits.bytes().chain(fraction.bytes());
        if all().next().is_none() || !all().all(|b| b.is_ascii_digit()) {
            return Err(BAD);
        }
        let joined = format!("{digits}{fraction}");
        let significant = joined.trim_start_matches('0').trim_end_matches('0');
        if significant.len() > MAX_DIGITS {
            return Err("Attempting to store more than 38 significant digits in a Number");
        }
        let dropped = joined.len() - joined.trim_end_matches('0').len();
        if significant.is_empty() {
            return Ok(Self::normal(0, 0));
        }
        let size: i128 = significant.parse().map_err(|_| BAD)?;
        let shift = i32::try_from(dropped).map_err(|_| BAD)? - i32::try_from(fraction.len()).map_err(|_| BAD)?;
        let exponent = exponent.checked_add(shift).ok_or(BAD)?;
        if !(-130..=125).contains(&exponent) {
            return Err("Number overflow. Attempting to store a number with magnitude larger than supported range");
        }
        Ok(Self::normal(if whole.starts_with('-') { -size } else { size }, exponent))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mantissa < 0 {
            f.write_str("-")?;
        }
        let digits = self.mantissa.unsigned_abs().to_string();
        let Ok(places) = usize::try_from(-self.exponent) else {
            let zeros = usize::try_from(self.exponent).unwrap_or(0);
            return write!(f, "{digits}{:0<zeros$}", "");
        };
        if places == 0 {
            f.write_str(&digits)
        } else if digits.len() > places {
            let (whole, fraction) = digits.split_at(digits.len() - places);
            write!(f, "{whole}.{fraction}")
        } else {
            write!(f, "0.{digits:0>places$}")
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let exponent = self.exponent.min(other.exponent);
        if let (Some(a), Some(b)) = (self.scaled_to(exponent), other.scaled_to(exponent)) {
            return a.cmp(&b);
        }
        // Too far apart to align: the sign decides, then the magnitude.
        let sign = self.mantissa.signum();
        if sign != other.mantissa.signum() {
            return sign.cmp(&other.mantissa.signum());
        }
        let magnitude = |n: &Self| i64::from(n.exponent) + i64::try_from(n.digits()).unwrap_or(i64::MAX);
        let bigger = magnitude(self).cmp(&magnitude(other));
        if sign < 0 { bigger.reverse() } else { bigger }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_print_as_dynamodb_returns_them() {
        for (given, printed) in [
            ("0", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("100", "100"),
            ("1e3", "1000"),
            ("1.50", "1.5"),
            ("-0.05", "-0.05"),
            ("12345678901234567890", "12345678901234567890"),
            ("1.2e-3", "0.0012"),
        ] {
            assert_eq!(n(given).to_string(), printed, "{given}");
        }
        for bad in ["", "-", "1.2.3", "abc", "1e", "NaN", "1_000", "1e999"] {
            assert!(bad.parse::<Number>().is_err(), "{bad}");
        }
        assert!("123456789012345678901234567890123456789".parse::<Number>().is_err());
    }

    #[test]
    fn numbers_compare_and_add_exactly() {
        assert!(n("9") < n("10") && n("-10") < n("-9") && n("1.5") > n("1.49") && n("-1e100") < n("1e-100"));
        assert!(n("1e100") > n("3") && n("-1e100") < n("-3"));
        assert_eq!(n("1764000000000").plus(n("1")), Some(n("1764000000001")));
        assert_eq!(n("0.1").plus(n("0.2")), Some(n("0.3")));
        assert_eq!(n("5").minus(n("7")), Some(n("-2")));
        assert_eq!(n("1e100").plus(n("1")), None);
    }
}
