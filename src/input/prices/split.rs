//! Lists with one row an offer: its upfront payment and its hourly part.

use super::{Format, Found, Row, find_column, hourly, hourly_or_zero, text};
use crate::scenario::{OfferClass, ReservedOffer};
use crate::units::{Currency, Price, Term};
use csv::ByteRecord;

const COLUMNS: [&str; 9] = [
    "list_date",
    "instance_type",
    "region",
    "on_demand_usd_per_hour",
    "offering_class",
    "term_years",
    "payment",
    "upfront_usd",
    "recurring_usd_per_hour",
];

/// Where the columns are.
pub(super) struct Split {
    region: String,
    currency: Currency,
    columns: [usize; COLUMNS.len()],
}

impl Split {
    pub(super) fn new(header: &ByteRecord, region: String, currency: Currency) -> Result<Self, String> {
        let mut columns = [0; COLUMNS.len()];
        for (place, name) in columns.iter_mut().zip(COLUMNS) {
            *place = find_column(header, name)?;
        }
        Ok(Self { region, currency, columns })
    }
}

impl Format for Split {
    fn row(&self, record: &ByteRecord) -> Result<Found, String> {
        let mut cells = [""; COLUMNS.len()];
        for (cell, column) in cells.iter_mut().zip(self.columns) {
            *cell = text(record, column)?;
        }
        let [date, instance_type, region, on_demand, class, years, payment, upfront, recurring] = cells;
        if region != self.region {
            return Ok(Found::Other([region.to_string(), String::new()]));
        }
        let Some(on_demand) = hourly(on_demand, self.currency)? else { return Ok(Found::Nothing) };
        let (class, prefix) = match class {
            "standard" => (OfferClass::Standard, ""),
            "convertible" => (OfferClass::Convertible, "convertible-"),
            other => return Err(format!("unknown offering class `{other}`; `standard` or `convertible` was expected")),
        };
        let (term, years) = match years {
            "1" => (Term::OneYear, "1y"),
            "3" => (Term::ThreeYears, "3y"),
            other => return Err(format!("unknown term of `{other}` years; 1 or 3 was expected")),
        };
        let payment = match payment {
            "noUpfront" => "no-upfront",
            "partialUpfront" => "partial-upfront",
            "allUpfront" => "all-upfront",
            other => return Err(format!("unknown payment `{other}`; `noUpfront`, `partialUpfront` or `allUpfront`")),
        };
        let upfront: Price =
            format!("{upfront} {}", self.currency).parse().map_err(|_| format!("{upfront:?} is not an amount"))?;
        let hourly = hourly_or_zero(recurring, self.currency)?;
        let offer = ReservedOffer { term, upfront, hourly, class, scope: None };
        Ok(Found::Row(Row {
            on_demand: Some(on_demand),
            offers: vec![(format!("{prefix}{years}-{payment}"), offer)],
            ..Row::new(date.to_string(), instance_type.to_string())
        }))
    }
}
