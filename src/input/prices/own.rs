//! Price lists of one's own, one row a price.

use super::{Format, Found, Row, find_column, hourly, hourly_or_zero, text};
use crate::scenario::{CommitmentScope, OfferClass, ReservedOffer};
use crate::units::{Currency, Money, Price, Term};
use csv::ByteRecord;

const COLUMNS: [&str; 7] = ["date", "instance_type", "kind", "name", "term", "upfront", "hourly"];

/// Where the columns are; the last two may be absent.
pub(super) struct Own {
    currency: Currency,
    columns: [usize; COLUMNS.len()],
    class: Option<usize>,
    scope: Option<usize>,
}

impl Own {
    pub(super) fn new(header: &ByteRecord, currency: Currency) -> Result<Self, String> {
        let mut columns = [0; COLUMNS.len()];
        for (place, name) in columns.iter_mut().zip(COLUMNS) {
            *place = find_column(header, name)?;
        }
        let [class, scope] = ["class", "scope"].map(|name| find_column(header, name).ok());
        Ok(Self { currency, columns, class, scope })
    }

    fn offer(&self, record: &ByteRecord, [term, upfront, per_hour]: [&str; 3]) -> Result<ReservedOffer, String> {
        let cell = |column: Option<usize>| column.map_or(Ok(""), |column| text(record, column));
        let term = match term {
            "1y" => Term::OneYear,
            "3y" => Term::ThreeYears,
            other => return Err(format!("unknown term {other:?}; `1y` or `3y` was expected")),
        };
        let class = match cell(self.class)? {
            "" | "standard" => OfferClass::Standard,
            "convertible" => OfferClass::Convertible,
            other => return Err(format!("unknown class {other:?}; `standard` or `convertible` was expected")),
        };
        let scope = match cell(self.scope)? {
            "" => None,
            "regional" => Some(CommitmentScope::Regional),
            "fixed-size" => Some(CommitmentScope::RegionalFixedSize),
            other => match other.strip_prefix("zone:").filter(|zone| !zone.is_empty()) {
                Some(zone) => Some(CommitmentScope::Zonal(zone.to_string())),
                None => {
                    return Err(format!(
                        "unknown scope {other:?}; `regional`, `fixed-size` or `zone:NAME` was expected"
                    ));
                }
            },
        };
        let upfront: Price = match upfront {
            "" => Price { amount: Money::ZERO, currency: self.currency },
            amount => {
                let price = format!("{amount} {}", self.currency).parse();
                price.map_err(|_| format!("{amount:?} is not an amount; write a plain decimal such as 134.5"))?
            }
        };
        if upfront.amount < Money::ZERO {
            return Err(format!("an upfront payment must not be negative, found {upfront}"));
        }
        let hourly = hourly_or_zero(per_hour, self.currency)?;
        if upfront.amount == Money::ZERO && hourly.rate.nano_per_hour() == 0 {
            return Err("the offer costs nothing: state `upfront`, `hourly` or both".to_string());
        }
        Ok(ReservedOffer { term, upfront, hourly, class, scope })
    }
}

impl Format for Own {
    fn row(&self, record: &ByteRecord) -> Result<Found, String> {
        let mut cells = [""; COLUMNS.len()];
        for (cell, column) in cells.iter_mut().zip(self.columns) {
            *cell = text(record, column)?;
        }
        let [date, instance_type, kind, name, term, upfront, per_hour] = cells;
        let mut row = Row::new(date.to_string(), instance_type.to_string());
        if instance_type.is_empty() {
            return Err("the instance type is missing".to_string());
        }
        if name.is_empty() && kind != "on-demand" {
            return Err("the name of the offer is missing".to_string());
        }
        let price = || hourly(per_hour, self.currency)?.ok_or_else(|| "the price per hour is missing".to_string());
        match kind {
            "on-demand" => row.on_demand = Some(price()?),
            "savings-plan" => row.plans.push((name.to_string(), price()?)),
            "reserved" => row.offers.push((name.to_string(), self.offer(record, [term, upfront, per_hour])?)),
            other => {
                return Err(format!("unknown kind {other:?}; `on-demand`, `reserved` or `savings-plan` was expected"));
            }
        }
        Ok(Found::Row(row))
    }
}
