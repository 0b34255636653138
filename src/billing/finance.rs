//! The cost of capital: what paying early is worth, and when a commitment pays.
//!
//! Doubles, because these are estimates over years; bills are made of exact money. A year has 8760 h and a month 730 h, interest
//! is effective per year, and monthly payments are due at the end of each month.

use super::Offer;
use crate::units::{MONTH_HOURS, Money, Rate};

/// The monthly rate that compounds to `annual` in a year: (1 + i)^(1/12) - 1.
pub fn monthly_rate(annual: f64) -> f64 {
    libm::expm1(libm::log1p(annual) / 12.0)
}

/// What one unit a month for `months` is worth today: (1 - (1 + i_m)^-n) / i_m. A part of a month is paid at its end.
pub fn annuity(annual: f64, months: f64) -> f64 {
    let rate = monthly_rate(annual);
    if rate == 0.0 { months } else { -libm::expm1(-months * libm::log1p(rate)) / rate }
}

/// What an upfront payment and `monthly` payments are worth today.
pub fn net_present_value(upfront: f64, monthly: f64, annual: f64, months: u32) -> f64 {
    upfront + monthly * annuity(annual, f64::from(months))
}

/// The monthly payment that is worth `present` today: the capital recovery factor times it.
pub fn equivalent_monthly(present: f64, annual: f64, months: u32) -> f64 {
    present / annuity(annual, f64::from(months))
}

/// The effective annual rate that paying `upfront` earns by saving `monthly` for `months`; take the upfront offer if it is above
/// the cost of capital. `None` if nothing is paid or nothing saved, or the savings are far below the payment.
pub fn internal_rate_of_return(upfront: f64, monthly: f64, months: u32) -> Option<f64> {
    if !(upfront > 0.0 && monthly > 0.0 && months > 0 && upfront.is_finite() && monthly.is_finite()) {
        return None;
    }
    let worth = |annual: f64| monthly * annuity(annual, f64::from(months)) - upfront;
    let (mut low, mut high) = (-0.999_999, 1e6);
    if worth(low) < 0.0 || worth(high) > 0.0 {
        return None;
    }
    // Worth falls with the rate; 200 halvings leave no doubt within doubles.
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if worth(middle) > 0.0 { low = middle } else { high = middle }
    }
    Some(low + (high - low) / 2.0)
}

impl Offer {
    /// Months of the term.
    pub fn months(&self) -> u32 {
        (self.term.duration().as_hours_f64() / MONTH_HOURS) as u32
    }

    /// What an hour costs with the upfront payment spread over the term, without the cost of capital.
    pub fn effective_hourly(&self) -> f64 {
        self.upfront.to_f64() / self.term.duration().as_hours_f64() + self.hourly.to_f64()
    }

    /// What the offer is worth today at an annual rate.
    pub fn net_present_value(&self, annual: f64) -> f64 {
        net_present_value(self.upfront.to_f64(), self.hourly.to_f64() * MONTH_HOURS, annual, self.months())
    }

    /// What the first `hours` of the term are worth at its beginning, at an annual rate: everything that is paid over the term as equal
    /// monthly payments, of which those count that fall into these hours. Without interest it is the amortised cost.
    pub fn present_value_within(&self, annual: f64, hours: f64) -> f64 {
        let term = self.term.duration().as_hours_f64() / MONTH_HOURS;
        let within = (hours / MONTH_HOURS).min(term);
        self.net_present_value(annual) * annuity(annual, within) / annuity(annual, term)
    }

    /// The share of hours that must be used for the commitment to cost as much as on-demand.
    ///
    /// `None` without an on-demand price.
    pub fn break_even_utilisation(&self, on_demand: Rate) -> Option<f64> {
        (on_demand > Rate::ZERO).then(|| self.effective_hourly() / on_demand.to_f64())
    }

    /// Months after which the upfront payment is earned back, if a share `utilisation` of the hours is used and an hour used
    /// saves the on-demand price. `None` if it never is.
    pub fn break_even_months(&self, on_demand: Rate, utilisation: f64) -> Option<f64> {
        let saved = (on_demand.to_f64() * utilisation - self.hourly.to_f64()) * MONTH_HOURS;
        if self.upfront == Money::ZERO {
            return (saved >= 0.0).then_some(0.0);
        }
        (saved > 0.0).then(|| self.upfront.to_f64() / saved)
    }

    /// The annual return of paying this offer's upfront instead of `other`'s, on the hourly savings over the term.
    pub fn return_over(&self, other: &Offer) -> Option<f64> {
        let paid = (self.upfront - other.upfront).to_f64();
        let saved = (other.hourly.to_f64() - self.hourly.to_f64()) * MONTH_HOURS;
        (self.term == other.term).then(|| internal_rate_of_return(paid, saved, self.months())).flatten()
    }
}

/// The annual return of paying upfront what the offer of the same term with the least upfront would take by the hour.
pub fn return_on_upfront(offer: &Offer, others: impl IntoIterator<Item = Offer>) -> Option<f64> {
    let others = others.into_iter().filter(|other| other.term == offer.term);
    let least = others.min_by_key(|other| (other.upfront, other.hourly))?;
    offer.return_over(&least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Term;

    fn offer(upfront: i128, hourly: &str) -> Offer {
        let upfront = Money::from_nano(upfront * 1_000_000_000);
        Offer { term: Term::OneYear, upfront, hourly: hourly.parse().unwrap() }
    }

    fn near(value: f64, expected: f64, tolerance: f64) -> bool {
        (value - expected).abs() <= tolerance
    }

    /// At 8 % a year the partial upfront offer is worth least although paying all has the lowest sum of payments.
    #[test]
    fn the_cheapest_sticker_is_not_the_cheapest_offer() {
        let (none, partial, all) = (offer(0, "0.063"), offer(270, "0.03"), offer(530, "0"));
        let value = |offer: &Offer| offer.net_present_value(0.08);
        assert!(near(value(&none), 529.48, 0.01) && near(value(&partial), 522.13, 0.01) && value(&all) == 530.0);
        assert!(all.list_value() < none.list_value());
        assert!(near(all.return_over(&none).unwrap(), 0.0780, 0.00005));
        assert!(none.return_over(&all).is_none());
        // The whole term is worth its payments, half of it a little more than half of them.
        assert!(near(partial.present_value_within(0.08, 8760.0), value(&partial), 1e-9));
        assert!(near(partial.present_value_within(0.0, 4380.0), partial.list_value().to_f64() / 2.0, 1e-9));
        let half = partial.present_value_within(0.08, 4380.0) / value(&partial);
        assert!(half > 0.5 && half < 0.52, "{half}");
    }

    #[test]
    fn break_even_by_hand() {
        let (on_demand, partial) = ("0.1".parse().unwrap(), offer(270, "0.03"));
        // 270 / ((0.1 - 0.03) × 730).
        assert!(near(partial.break_even_months(on_demand, 1.0).unwrap(), 5.283_757, 1e-6));
        assert!(partial.break_even_months(on_demand, 0.3).is_none());
        assert!(near(partial.break_even_utilisation(on_demand).unwrap(), (270.0 / 8760.0 + 0.03) / 0.1, 1e-12));
        assert_eq!(offer(0, "0.063").break_even_months(on_demand, 1.0), Some(0.0));
        assert!(partial.break_even_utilisation(Rate::ZERO).is_none());
    }

    #[test]
    fn without_interest_money_is_worth_the_same_at_any_time() {
        assert_eq!(annuity(0.0, 12.0), 12.0);
        assert_eq!(net_present_value(10.0, 2.0, 0.0, 12), 34.0);
        assert!(near(internal_rate_of_return(12.0, 1.0, 12).unwrap(), 0.0, 1e-9));
        assert!(internal_rate_of_return(0.0, 1.0, 12).is_none());
        assert!(near(equivalent_monthly(annuity(0.05, 36.0), 0.05, 36), 1.0, 1e-12));
    }
}
