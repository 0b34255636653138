//! Lists with one row a type, region and operating system, and effective hourly prices of reserved offers.

use super::{Format, Found, Row, effective_offer, find_column, hourly, text};
use crate::scenario::OfferClass;
use crate::units::{Currency, Term};
use csv::ByteRecord;

/// Prefix of the columns, prefix of the offers' names, class.
const CLASSES: [(&str, &str, OfferClass); 2] =
    [("std", "", OfferClass::Standard), ("conv", "convertible-", OfferClass::Convertible)];
const TERMS: [(&str, Term); 2] = [("1y", Term::OneYear), ("3y", Term::ThreeYears)];
const PAYMENTS: [(&str, &str); 3] =
    [("noUpfront", "no-upfront"), ("partialUpfront", "partial-upfront"), ("allUpfront", "all-upfront")];

/// Where the columns are; those of offers may be absent.
pub(super) struct Effective {
    region: String,
    os: String,
    currency: Currency,
    /// `list_date`, `instance_type`, `region`, `os`, `on_demand`.
    columns: [usize; 5],
    offers: Vec<(usize, String, Term, OfferClass)>,
}

impl Effective {
    pub(super) fn new(header: &ByteRecord, region: String, os: String, currency: Currency) -> Result<Self, String> {
        let mut columns = [0; 5];
        for (place, name) in columns.iter_mut().zip(["list_date", "instance_type", "region", "os", "on_demand"]) {
            *place = find_column(header, name)?;
        }
        let mut offers = Vec::new();
        for (prefix, named, class) in CLASSES {
            for (years, term) in TERMS {
                for (payment, words) in PAYMENTS {
                    if let Ok(column) = find_column(header, &format!("{prefix}_{years}_{payment}")) {
                        offers.push((column, format!("{named}{years}-{words}"), term, class));
                    }
                }
            }
        }
        Ok(Self { region, os, currency, columns, offers })
    }
}

impl Format for Effective {
    fn row(&self, record: &ByteRecord) -> Result<Found, String> {
        let [date, instance_type, region, os, on_demand] = self.columns;
        let (region, os) = (text(record, region)?, text(record, os)?);
        if region != self.region || os != self.os {
            return Ok(Found::Other([region, os].map(String::from)));
        }
        let Some(on_demand) = hourly(text(record, on_demand)?, self.currency)? else { return Ok(Found::Nothing) };
        let mut offers = Vec::new();
        for (column, name, term, class) in &self.offers {
            if let Some(price) = hourly(text(record, *column)?, self.currency)? {
                offers.push((name.clone(), effective_offer(*term, price, *class)));
            }
        }
        let [date, instance_type] = [text(record, date)?, text(record, instance_type)?].map(String::from);
        Ok(Found::Row(Row { on_demand: Some(on_demand), offers, ..Row::new(date, instance_type) }))
    }
}
