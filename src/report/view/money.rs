//! Amounts of money in words.

use super::NONE;
use crate::units::Currency;

/// A unit in which amounts are written, and how many decimals it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grain {
    pub(super) unit: f64,
    pub(super) suffix: &'static str,
    pub(super) decimals: usize,
}

impl Grain {
    /// The grain that tells an amount of this size with about three figures.
    pub(super) fn of(amount: f64) -> Self {
        let grain = |unit, suffix, decimals| Grain { unit, suffix, decimals };
        match amount.abs() {
            size if size >= 9.995e8 => grain(1e9, "bn", 2),
            size if size >= 9.9995e5 => grain(1e6, "M", 2),
            size if size >= 9999.5 => grain(1e3, "k", 1),
            size if size >= 99.995 => grain(1.0, "", 0),
            size if size >= 0.9995 || size == 0.0 => grain(1.0, "", 2),
            size if size >= 1e-9 => grain(1.0, "", (2 - size.log10().floor() as i32).clamp(3, 9) as usize),
            _ => grain(1.0, "", 2),
        }
    }

    /// The number without currency or suffix.
    pub(super) fn digits(&self, amount: f64) -> String {
        grouped(&format!("{:.*}", self.decimals, amount.abs() / self.unit))
    }
}

/// Puts a comma between thousands.
pub(super) fn grouped(digits: &str) -> String {
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    fraction.map_or(text.clone(), |fraction| format!("{text}.{fraction}"))
}

/// Sign, currency and digits: `−$12.4k`, `EUR 12.4k`.
pub(super) fn with_currency(negative: bool, digits: &str, suffix: &str, currency: Currency) -> String {
    let sign = if negative { "−" } else { "" };
    if currency == Currency::USD {
        format!("{sign}${digits}{suffix}")
    } else {
        format!("{sign}{currency}\u{a0}{digits}{suffix}")
    }
}

/// An amount: `$12.4k`, `$1,234`, `$0.0423`.
pub fn money(amount: f64, currency: Currency) -> String {
    if !amount.is_finite() {
        return NONE.into();
    }
    if amount == 0.0 {
        return with_currency(false, "0", "", currency);
    }
    let grain = Grain::of(amount);
    with_currency(amount < 0.0, &grain.digits(amount), grain.suffix, currency)
}

/// An amount with its sign, for differences: `+$120`, `−$1,234`.
pub fn signed_money(amount: f64, currency: Currency) -> String {
    if amount > 0.0 { format!("+{}", money(amount, currency)) } else { money(amount, currency) }
}

/// The label of an axis whose marks are `step` apart: no more decimals than the step needs.
pub fn money_tick(amount: f64, step: f64, currency: Currency) -> String {
    let (unit, suffix) = match amount.abs() {
        size if size >= 1e9 => (1e9, "bn"),
        size if size >= 1e6 => (1e6, "M"),
        size if size >= 1e3 && (step >= 100.0 || size >= 1e4) => (1e3, "k"),
        _ => (1.0, ""),
    };
    if amount == 0.0 || !amount.is_finite() {
        return with_currency(false, "0", "", currency);
    }
    let places = if step.is_finite() { -(step / unit).log10() } else { 0.0 };
    let mut decimals = (places - 1e-9).ceil().clamp(0.0, 9.0) as usize;
    // 2.5 needs one decimal more than its power of ten says.
    let coarse = format!("{:.decimals$}", amount / unit).parse().unwrap_or(0.0) * unit;
    if step.is_finite() && (coarse - amount).abs() > step * 0.05 {
        decimals += 1;
    }
    if unit == 1.0 && decimals == 1 {
        decimals = 2;
    }
    with_currency(amount < 0.0, &grouped(&format!("{:.decimals$}", amount.abs() / unit)), suffix, currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_about_three_figures() {
        let usd = |amount| money(amount, Currency::USD);
        assert_eq!(usd(12_431.0), "$12.4k");
        assert_eq!(usd(1_234.4), "$1,234");
        assert_eq!(usd(9_999.7), "$10.0k");
        assert_eq!(usd(812.4), "$812");
        assert_eq!(usd(99.999), "$100");
        assert_eq!(usd(4.5), "$4.50");
        assert_eq!(usd(0.0423), "$0.0423");
        assert_eq!(usd(0.958), "$0.958");
        assert_eq!(usd(0.0), "$0");
        assert_eq!(usd(-2_143_000.0), "−$2.14M");
        assert_eq!(usd(f64::NAN), "–");
        assert_eq!(money(12_431.0, "EUR".parse().unwrap()), "EUR\u{a0}12.4k");
        assert_eq!(signed_money(120.0, Currency::USD), "+$120");
    }

    #[test]
    fn marks_have_the_decimals_of_their_step() {
        let tick = |amount, step| money_tick(amount, step, Currency::USD);
        assert_eq!(tick(2500.0, 500.0), "$2.5k");
        assert_eq!(tick(2500.0, 2500.0), "$2.5k");
        assert_eq!(tick(1_050.0, 50.0), "$1,050");
        assert_eq!(tick(0.25, 0.25), "$0.25");
        assert_eq!(tick(0.5, 0.5), "$0.50");
    }
}
