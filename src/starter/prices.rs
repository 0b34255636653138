//! Prices of a first scenario: a dated list that comes with the program, less what was negotiated.

use crate::scenario::{InlinePrices, ReservedOffer, TypePrices, suggestion};
use crate::units::{HourlyPrice, Money, Price, Rate};
use std::collections::BTreeMap;
use std::str::FromStr;

/// The list that comes with the program.
const SHIPPED: &str = include_str!("../../scenarios/prices/ec2-us-east-1-linux-2019-04-05.json");

/// A list of prices of common types.
#[derive(Debug, Clone)]
pub struct KnownPrices(InlinePrices);

/// Why there is no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PriceError(String);

impl KnownPrices {
    /// The list that comes with the program.
    ///
    /// # Panics
    /// Never: the list is part of the program, and a test reads it.
    pub fn shipped() -> Self {
        Self(serde_json::from_str(SHIPPED).expect("the shipped list is a price list"))
    }

    /// Prices of one type: those of the list, or only the on-demand price that is given.
    pub fn of(&self, instance_type: &str, given: Option<HourlyPrice>) -> Result<InlinePrices, PriceError> {
        if let Some(on_demand) = given {
            let prices = TypePrices { on_demand, reserved: BTreeMap::new(), savings_plans: BTreeMap::new() };
            return Ok(InlinePrices {
                currency: on_demand.currency,
                date: "not dated".to_string(),
                source: "given to fleetmix init".to_string(),
                types: BTreeMap::from([(instance_type.to_string(), prices)]),
            });
        }
        let Some(prices) = self.0.types.get(instance_type) else {
            let known = suggestion(instance_type, self.0.types.keys().map(String::as_str), "the list has");
            return Err(PriceError(format!("no price of `{instance_type}` is known{known}")));
        };
        let types = BTreeMap::from([(instance_type.to_string(), prices.clone())]);
        Ok(InlinePrices { types, ..self.0.clone() })
    }
}

/// A negotiated discount on every price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discount {
    /// In millionths.
    millionths: u32,
}

impl FromStr for Discount {
    type Err = PriceError;

    /// `12%` or `7.5%`.
    fn from_str(text: &str) -> Result<Self, PriceError> {
        let wrong = || PriceError(format!("{text:?} is not a discount; write it like 12% (0% to 99%)"));
        let number: f64 = text.trim().strip_suffix('%').ok_or_else(wrong)?.trim().parse().map_err(|_| wrong())?;
        if !(0.0..=99.0).contains(&number) {
            return Err(wrong());
        }
        Ok(Self { millionths: (number * 10_000.0).round() as u32 })
    }
}

impl Discount {
    /// The prices with this much less, and a word about it in their source.
    pub fn applied(self, prices: InlinePrices) -> InlinePrices {
        let (left, whole) = (i128::from(1_000_000 - self.millionths), 1_000_000);
        let rate = |rate: Rate| rate.scaled(left, whole).unwrap_or(rate);
        let hourly = |price: HourlyPrice| HourlyPrice { rate: rate(price.rate), ..price };
        let upfront = |amount: Money| amount.scaled(left, whole);
        let offer = |offer: ReservedOffer| ReservedOffer {
            upfront: Price { amount: upfront(offer.upfront.amount), ..offer.upfront },
            hourly: hourly(offer.hourly),
            ..offer
        };
        let of_type = |prices: TypePrices| TypePrices {
            on_demand: hourly(prices.on_demand),
            reserved: prices.reserved.into_iter().map(|(name, terms)| (name, offer(terms))).collect(),
            savings_plans: prices.savings_plans.into_iter().map(|(name, price)| (name, hourly(price))).collect(),
        };
        InlinePrices {
            types: prices.types.into_iter().map(|(name, prices)| (name, of_type(prices))).collect(),
            source: format!("{}; less {} % negotiated", prices.source, f64::from(self.millionths) / 10_000.0),
            ..prices
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_discount_is_taken_from_every_price() {
        let list = KnownPrices::shipped().of("m5.large", None).unwrap();
        let discount: Discount = "12.5%".parse().unwrap();
        let less = discount.applied(list.clone());
        let (before, after) = (&list.types["m5.large"], &less.types["m5.large"]);
        assert_eq!(before.on_demand.to_string(), "0.096 USD/h");
        assert_eq!(after.on_demand.to_string(), "0.084 USD/h");
        let name = "1y-all-upfront";
        assert_eq!(after.reserved[name].upfront.amount, before.reserved[name].upfront.amount.scaled(7, 8));
        assert!(less.source.ends_with("less 12.5 % negotiated"));
        for wrong in ["12", "0.12", "-1%", "100%", "x%", "NaN%"] {
            assert!(wrong.parse::<Discount>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn unknown_types_are_named_with_the_nearest() {
        let error = KnownPrices::shipped().of("m5.larg", None).unwrap_err().to_string();
        assert!(error.contains("did you mean `m5.large`?"), "{error}");
    }
}
