//! Exact money: integer nano-units of a currency, and hourly rates.

use super::text::{decimal_to_nano, nano_to_decimal, split_number, string_unit};
use super::{Duration, UnitError};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

/// An amount of money in nano-units (10⁻⁹) of the currency of its context.
///
/// Sums are exact. The range is ±1.7·10²⁹ units, beyond any bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i128);

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// An amount of `nano` nano-units.
    pub const fn from_nano(nano: i128) -> Self {
        Self(nano)
    }

    /// The amount in nano-units.
    pub const fn nano(self) -> i128 {
        self.0
    }

    /// The amount in currency units, rounded to the nearest double: for statistics and charts, never for sums.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// `self · numerator / denominator`, rounded half to even to the nano-unit.
    ///
    /// # Panics
    /// If `denominator` is not positive.
    pub fn scaled(self, numerator: i128, denominator: i128) -> Money {
        Money(divide_half_even(self.0 * numerator, denominator))
    }
}

/// `n / d` rounded half to even.
fn divide_half_even(n: i128, d: i128) -> i128 {
    assert!(d > 0, "the divisor must be positive");
    let (quotient, remainder) = (n.div_euclid(d), n.rem_euclid(d));
    match (remainder * 2).cmp(&d) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + (quotient & 1),
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    /// A plain decimal without the currency, e.g. `12.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&nano_to_decimal(self.0))
    }
}

/// A price per hour in nano-units of the currency of its context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(i64);

impl Rate {
    /// A rate of zero.
    pub const ZERO: Rate = Rate(0);

    /// A rate of `nano` nano-units per hour.
    pub const fn from_nano_per_hour(nano: i64) -> Self {
        Self(nano)
    }

    /// The rate in nano-units per hour.
    pub const fn nano_per_hour(self) -> i64 {
        self.0
    }

    /// The rate nearest to `units_per_hour` currency units per hour, `None` if it is not finite or absurdly large.
    pub fn from_f64(units_per_hour: f64) -> Option<Self> {
        let nano = (units_per_hour * 1e9).round_ties_even();
        (nano.abs() < 9e18).then_some(Self(nano as i64))
    }

    /// The rate in currency units per hour: for charts, never for sums.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The charge for `time` at this rate: rate · seconds / 3600, rounded half to even to the nano-unit.
    pub fn charge_for(self, time: Duration) -> Money {
        Money(divide_half_even(i128::from(self.0) * i128::from(time.nanos()), 3_600_000_000_000))
    }

    /// The charge for a quantity in 10⁻⁹ of the unit that this is the price of, rounded half to even to the nano-unit.
    pub fn charge_for_units(self, nano_units: i128) -> Money {
        Money(divide_half_even(i128::from(self.0) * nano_units, 1_000_000_000))
    }

    /// The rate times `numerator / denominator`, rounded half to even; `None` if it would be absurdly large.
    ///
    /// # Panics
    /// If `denominator` is not positive.
    pub fn scaled(self, numerator: i128, denominator: i128) -> Option<Rate> {
        i64::try_from(divide_half_even(i128::from(self.0) * numerator, denominator)).ok().map(Rate)
    }
}

impl FromStr for Rate {
    type Err = UnitError;
    /// Reads a plain decimal of currency units per hour, exactly: `0.0958`.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        decimal_to_nano(text)
            .and_then(|nano| i64::try_from(nano).ok())
            .map(Self)
            .ok_or_else(|| UnitError::new(text, "a price per hour without its unit", "0.0958"))
    }
}

impl fmt::Display for Rate {
    /// A plain decimal of currency units per hour, without the unit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&nano_to_decimal(i128::from(self.0)))
    }
}

/// The three-letter code of a currency, e.g. `USD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// United States dollar.
    pub const USD: Currency = Currency(*b"USD");
}

impl FromStr for Currency {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(UnitError::new(text, "a currency code of three capital letters", "USD")),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).expect("a currency code is ASCII"))
    }
}

string_unit!(Currency, "Currency", "a currency code such as \"USD\"", "^[A-Z]{3}$");

/// An amount with its currency, as written in a scenario: `"4828 USD"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// How much.
    pub amount: Money,
    /// Of what.
    pub currency: Currency,
}

impl FromStr for Price {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let error = || UnitError::new(text, "an amount of money", "4828 USD");
        let (number, rest) = split_number(text.trim());
        let nano = decimal_to_nano(number).ok_or_else(error)?;
        if rest.contains('/') {
            return Err(error().hint("this is a price per time; an amount was expected"));
        }
        Ok(Self { amount: Money(nano), currency: rest.trim().parse().map_err(|_| error())? })
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

string_unit!(Price, "Price", "an amount of money such as \"4828 USD\"", "^[-+]?[0-9]*\\.?[0-9]+ *[A-Z]{3}$");

/// A price per hour with its currency, as written in a scenario: `"0.096 USD/h"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourlyPrice {
    /// How much per hour.
    pub rate: Rate,
    /// Of what.
    pub currency: Currency,
}

impl FromStr for HourlyPrice {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let error = || UnitError::new(text, "a price per hour", "0.096 USD/h");
        let (number, rest) = split_number(text.trim());
        let nano = decimal_to_nano(number).ok_or_else(error)?;
        let Some((currency, unit)) = rest.split_once('/') else {
            return Err(error().hint("the unit \"/h\" is missing"));
        };
        if unit.trim() != "h" {
            return Err(error().hint(format!(
                "prices are per hour, found \"/{}\"",
                unit.trim().chars().take(12).collect::<String>()
            )));
        }
        Ok(Self {
            rate: Rate(i64::try_from(nano).map_err(|_| error().hint("too large"))?),
            currency: currency.trim().parse().map_err(|_| error())?,
        })
    }
}

impl fmt::Display for HourlyPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/h", self.rate, self.currency)
    }
}

string_unit!(
    HourlyPrice,
    "HourlyPrice",
    "a price per hour such as \"0.096 USD/h\"",
    "^[-+]?[0-9]*\\.?[0-9]+ *[A-Z]{3}/h$"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_round_half_to_even_at_the_nano_unit() {
        let second = Duration::from_secs(1);
        // 1 nano/h for half an hour is half a nano: ties go to the even neighbour.
        assert_eq!(Rate(1).charge_for(Duration::from_secs(1800)), Money(0));
        assert_eq!(Rate(3).charge_for(Duration::from_secs(1800)), Money(2));
        assert_eq!(Rate(958_000_000).charge_for(Duration::from_secs(3600)), Money(958_000_000));
        // 0.958 / 3600 = 0.000266111…
        assert_eq!(Rate(958_000_000).charge_for(second), Money(266_111));
    }

    #[test]
    fn prices_are_read_exactly_and_written_back() {
        let price: HourlyPrice = "0.096 USD/h".parse().unwrap();
        assert_eq!(price.rate, Rate(96_000_000));
        assert_eq!(price.to_string(), "0.096 USD/h");
        assert_eq!("4828 USD".parse::<Price>().unwrap().amount, Money(4_828_000_000_000));
        assert_eq!("-1.5 EUR".parse::<Price>().unwrap().to_string(), "-1.5 EUR");
    }

    #[test]
    fn wrong_units_are_named() {
        let error = "0.096 USD/s".parse::<HourlyPrice>().unwrap_err().to_string();
        assert!(error.contains("per hour") && error.contains("\"/s\""), "{error}");
        assert!("0.096 USD".parse::<HourlyPrice>().unwrap_err().to_string().contains("missing"));
        assert!("1 USD/h".parse::<Price>().unwrap_err().to_string().contains("per time"));
        assert!("12".parse::<Price>().is_err());
        assert!("99999999999 USD/h".parse::<HourlyPrice>().is_err());
    }
}
