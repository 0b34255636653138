//! What can be committed to: terms, payments and where a reservation applies.

use crate::scenario::ReservedOffer;
use crate::units::{Duration, Money, Rate, Term};

/// A reserved offer of one instance type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Length of the commitment.
    pub term: Term,
    /// Paid at the beginning.
    pub upfront: Money,
    /// Due for every hour of the term, used or not (RULES R21).
    pub hourly: Rate,
}

/// How a commitment is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payment {
    /// Everything by the hour.
    NoUpfront,
    /// A part at the beginning, the rest by the hour.
    PartialUpfront,
    /// Everything at the beginning.
    AllUpfront,
}

impl From<&ReservedOffer> for Offer {
    fn from(offer: &ReservedOffer) -> Self {
        Self { term: offer.term, upfront: offer.upfront.amount, hourly: offer.hourly.rate }
    }
}

impl Offer {
    /// How it is paid.
    pub fn payment(&self) -> Payment {
        match (self.upfront, self.hourly) {
            (Money::ZERO, _) => Payment::NoUpfront,
            (_, Rate::ZERO) => Payment::AllUpfront,
            _ => Payment::PartialUpfront,
        }
    }

    /// The upfront payment's share of `time`: evenly over the term (RULES R28).
    pub fn amortised_upfront(&self, time: Duration) -> Money {
        amortised(self.upfront, self.term.duration(), time)
    }

    /// What `time` of the commitment costs in the amortised view: the hourly part and the share of the upfront payment, each
    /// rounded once.
    pub fn amortised(&self, time: Duration) -> Money {
        self.hourly.charge_for(time) + self.amortised_upfront(time)
    }

    /// Everything that is due over the term: upfront and hourly part (RULES R21).
    pub fn list_value(&self) -> Money {
        list_value(self.upfront, self.hourly, self.term.duration())
    }
}

/// The share of `upfront` that falls on `time` of a `term`.
pub fn amortised(upfront: Money, term: Duration, time: Duration) -> Money {
    upfront.scaled(i128::from(time.nanos()), i128::from(term.nanos()))
}

/// Upfront payment and hourly part of a whole `term` (RULES R21).
pub fn list_value(upfront: Money, hourly: Rate, term: Duration) -> Money {
    upfront + hourly.charge_for(term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_value_and_amortisation_are_exact() {
        let nano = |text: &str| Money::from_nano(text.parse::<Rate>().unwrap().nano_per_hour().into());
        // RULES R21: 60 + 0.007 × 8760 = 121.32; RULES R28: 365 paid upfront is 1 a day.
        let offer = Offer { term: Term::OneYear, upfront: nano("60"), hourly: "0.007".parse().unwrap() };
        assert_eq!(offer.list_value(), nano("121.32"));
        assert_eq!(offer.payment(), Payment::PartialUpfront);
        let all = Offer { term: Term::OneYear, upfront: nano("365"), hourly: Rate::ZERO };
        assert_eq!((all.amortised(Duration::DAY), all.payment()), (nano("1"), Payment::AllUpfront));
        let three = Offer { term: Term::ThreeYears, upfront: Money::ZERO, hourly: "0.05".parse().unwrap() };
        assert_eq!((three.amortised(Duration::HOUR), three.payment()), (nano("0.05"), Payment::NoUpfront));
        assert_eq!(three.list_value(), nano("1314"));
    }
}
