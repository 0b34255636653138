//! Lists of machine types by region with prices of an hour, and of a month of 730 h under commitments of one and three years.

use super::{Format, Found, Row, effective_offer, find_column, hourly, text};
use crate::scenario::OfferClass;
use crate::units::{Currency, HourlyPrice, Term};
use csv::ByteRecord;

/// Hours of a month.
const MONTH_HOURS: i128 = 730;

/// Where the columns are.
pub(super) struct Gcp {
    region: String,
    currency: Currency,
    /// `commit_time_utc`, `machine_type`, `region`, `hour`, `month_1y`, `month_3y`.
    columns: [usize; 6],
}

impl Gcp {
    pub(super) fn new(header: &ByteRecord, region: String, currency: Currency) -> Result<Self, String> {
        let mut columns = [0; 6];
        let names = ["commit_time_utc", "machine_type", "region", "hour", "month_1y", "month_3y"];
        for (place, name) in columns.iter_mut().zip(names) {
            *place = find_column(header, name)?;
        }
        Ok(Self { region, currency, columns })
    }
}

impl Format for Gcp {
    fn row(&self, record: &ByteRecord) -> Result<Found, String> {
        let [time, machine_type, region, hour, one_year, three_years] = self.columns;
        let region = text(record, region)?;
        if region != self.region {
            return Ok(Found::Other([region.to_string(), String::new()]));
        }
        let Some(on_demand) = hourly(text(record, hour)?, self.currency)? else { return Ok(Found::Nothing) };
        let mut offers = Vec::new();
        for (column, name, term) in
            [(one_year, "1y-committed-use", Term::OneYear), (three_years, "3y-committed-use", Term::ThreeYears)]
        {
            if let Some(month) = hourly(text(record, column)?, self.currency)? {
                let rate = month.rate.scaled(1, MONTH_HOURS).unwrap_or(month.rate);
                let hourly = HourlyPrice { rate, currency: month.currency };
                offers.push((name.to_string(), effective_offer(term, hourly, OfferClass::Standard)));
            }
        }
        // The day of the time stamp.
        let date = text(record, time)?.chars().take(10).collect();
        let instance_type = text(record, machine_type)?.to_string();
        Ok(Found::Row(Row { on_demand: Some(on_demand), offers, ..Row::new(date, instance_type) }))
    }
}
