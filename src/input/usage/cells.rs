//! Cells of a bill by the names of their columns.

use crate::input::trace::Zone;
use crate::units::{Money, Price};
use csv::ByteRecord;
use std::collections::HashMap;

/// Where the columns are.
pub(super) struct Columns {
    places: HashMap<String, usize>,
}

impl Columns {
    /// Columns by their names, those of a Cost and Usage Report as its second edition writes them: `lineItem/UsageType` is
    /// `line_item_usage_type`.
    pub(super) fn new(header: &ByteRecord) -> Self {
        let named = |(place, name): (usize, &[u8])| {
            let name = String::from_utf8_lossy(name).trim().trim_start_matches('\u{feff}').to_string();
            (if name.contains('/') { snake_case(&name) } else { name }, place)
        };
        Self { places: header.iter().enumerate().map(named).collect() }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// Refuses a header in which one of these is missing.
    pub(super) fn check(&self, needed: &[&str], notation: &str) -> Result<(), String> {
        match needed.iter().find(|name| !self.has(name)) {
            Some(missing) => Err(format!("there is no column `{missing}`, which {notation} needs")),
            None => Ok(()),
        }
    }
}

/// `lineItem/UsageStartDate` as `line_item_usage_start_date`, `reservation/ReservationARN` as `reservation_reservation_arn`.
pub(super) fn snake_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 8);
    let mut before = '/';
    for letter in name.chars() {
        if letter == '/' {
            text.push('_');
        } else {
            if letter.is_ascii_uppercase() && before != '/' && !before.is_ascii_uppercase() {
                text.push('_');
            }
            text.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    text
}

/// One record.
pub(super) struct Cells<'a> {
    pub(super) columns: &'a Columns,
    pub(super) record: &'a ByteRecord,
}

impl<'a> Cells<'a> {
    /// A cell; empty where the column is missing.
    pub(super) fn text(&self, name: &str) -> Result<&'a str, String> {
        let Some(place) = self.columns.places.get(name) else { return Ok("") };
        let bytes = self.record.get(*place).unwrap_or_default();
        let text = std::str::from_utf8(bytes).map_err(|_| format!("`{name}` is not valid UTF-8"))?.trim();
        Ok(if text.eq_ignore_ascii_case("null") { "" } else { text })
    }

    /// The first of these cells that holds something.
    pub(super) fn first(&self, names: &[&str]) -> Result<&'a str, String> {
        for name in names {
            let text = self.text(name)?;
            if !text.is_empty() {
                return Ok(text);
            }
        }
        Ok("")
    }

    /// Nanoseconds since 1970.
    pub(super) fn instant(&self, name: &str, zone: &Zone) -> Result<i64, String> {
        zone.read(self.text(name)?, None).map_err(|message| format!("`{name}`: {message}"))
    }

    /// A number; 0 where the cell is empty.
    pub(super) fn number(&self, name: &str) -> Result<f64, String> {
        let text = self.text(name)?;
        let number =
            if text.is_empty() { Some(0.0) } else { text.parse().ok().filter(|number: &f64| number.is_finite()) };
        number.ok_or_else(|| format!("`{name}` is {text:?}: a number was expected"))
    }

    /// An amount, exact to the nano-unit where it is written so; 0 where the cell is empty.
    pub(super) fn money(&self, name: &str) -> Result<Money, String> {
        const NANO: f64 = 1e9;
        const MOST: f64 = 1e15;
        let text = self.text(name)?;
        match format!("{text} USD").parse::<Price>() {
            Ok(price) => Ok(price.amount),
            Err(_) => {
                let number = self.number(name)?;
                if number.abs() > MOST {
                    return Err(format!("`{name}` is {text:?}: more money than there is"));
                }
                Ok(Money::from_nano((number * NANO).round_ties_even() as i128))
            }
        }
    }
}

/// The instance type within a kind of usage: `m5.large` of `USW2-BoxUsage:m5.large`, m1.small where none follows.
pub(super) fn type_of_usage(usage: &str) -> Option<&str> {
    let instances = ["BoxUsage", "SpotUsage", "DedicatedUsage", "HeavyUsage", "UnusedBox", "UnusedDed"];
    let instances = instances.iter().any(|kind| usage.contains(kind));
    instances.then(|| usage.split_once(':').map_or("m1.small", |(_, name)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_both_editions_have_one_name() {
        for (first, second) in [
            ("lineItem/UsageStartDate", "line_item_usage_start_date"),
            ("lineItem/LineItemType", "line_item_line_item_type"),
            ("product/instanceType", "product_instance_type"),
            ("reservation/ReservationARN", "reservation_reservation_arn"),
            ("savingsPlan/SavingsPlanEffectiveCost", "savings_plan_savings_plan_effective_cost"),
        ] {
            assert_eq!(snake_case(first), second);
        }
    }

    #[test]
    fn types_follow_the_colon() {
        assert_eq!(type_of_usage("EUC1-BoxUsage:m5.large"), Some("m5.large"));
        assert_eq!(type_of_usage("BoxUsage"), Some("m1.small"));
        assert_eq!(type_of_usage("USE1-SpotUsage:c5.xlarge"), Some("c5.xlarge"));
        assert_eq!(type_of_usage("USE1-EBS:VolumeUsage.gp3"), None);
    }
}
