//! Lists of several dates in one file, with on-demand prices and the effective price of one year paid upfront.

use super::{Format, Found, Row, effective_offer, find_column, hourly, text};
use crate::scenario::OfferClass;
use crate::units::{Currency, Term};
use csv::ByteRecord;

/// Where the columns are.
pub(super) struct Yearly {
    date: String,
    currency: Currency,
    /// `list_date`, `instance_type`, `linux_on_demand`, `linux_std_1y_allUpfront_effective`.
    columns: [usize; 4],
}

impl Yearly {
    pub(super) fn new(header: &ByteRecord, date: String, currency: Currency) -> Result<Self, String> {
        let names = ["list_date", "instance_type", "linux_on_demand", "linux_std_1y_allUpfront_effective"];
        let mut columns = [0; 4];
        for (place, name) in columns.iter_mut().zip(names) {
            *place = find_column(header, name)?;
        }
        Ok(Self { date, currency, columns })
    }
}

/// A cell in which zero says that something is not offered.
fn offered(cell: &str) -> &str {
    if cell.trim_matches(['0', '.']).is_empty() { "" } else { cell }
}

impl Format for Yearly {
    fn row(&self, record: &ByteRecord) -> Result<Found, String> {
        let [date, instance_type, on_demand, upfront] = self.columns;
        let date = text(record, date)?;
        if date != self.date {
            return Ok(Found::Other([date.to_string(), String::new()]));
        }
        let price = |column| hourly(offered(text(record, column)?), self.currency);
        let Some(on_demand) = price(on_demand)? else { return Ok(Found::Nothing) };
        let offer =
            |hourly| ("1y-all-upfront".to_string(), effective_offer(Term::OneYear, hourly, OfferClass::Standard));
        let offers = price(upfront)?.map(offer).into_iter().collect();
        let instance_type = text(record, instance_type)?.to_string();
        Ok(Found::Row(Row { on_demand: Some(on_demand), offers, ..Row::new(date.to_string(), instance_type) }))
    }
}
