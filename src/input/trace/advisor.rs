//! The feed of the Spot Instance Advisor: bands of interruption and savings by region, system and type (RULES R110).

use super::TextError;
use crate::scenario::InterruptionBand;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the advisor says of one instance type in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvisorEntry {
    /// Region.
    pub region: String,
    /// Operating system.
    pub os: String,
    /// Instance type.
    pub instance_type: String,
    /// Band of interruptions in the trailing month.
    pub band: InterruptionBand,
    /// Saving over on-demand in per cent; some are negative.
    pub saving_percent: i32,
}

#[derive(Deserialize)]
struct Feed {
    spot_advisor: BTreeMap<String, BTreeMap<String, BTreeMap<String, Figures>>>,
}

#[derive(Deserialize)]
struct Figures {
    s: i32,
    r: u8,
}

/// Bands by their number in the feed.
const BANDS: [InterruptionBand; 5] = [
    InterruptionBand::Below5,
    InterruptionBand::From5To10,
    InterruptionBand::From10To15,
    InterruptionBand::From15To20,
    InterruptionBand::Above20,
];

/// Reads the feed; entries in order of region, system and type. `None` if the text is something else.
pub fn parse_advisor(text: &str) -> Option<Result<Vec<AdvisorEntry>, TextError>> {
    (text.trim_start().starts_with('{') && text.contains("\"spot_advisor\"")).then(|| entries(text))
}

fn entries(text: &str) -> Result<Vec<AdvisorEntry>, TextError> {
    let feed: Feed = serde_json::from_str(text).map_err(|error| {
        TextError::at(error.line() as u64, format!("this is no feed of the Spot Instance Advisor: {error}"))
    })?;
    let mut found = Vec::new();
    for (region, systems) in &feed.spot_advisor {
        for (os, types) in systems {
            for (instance_type, figures) in types {
                let band = BANDS.get(usize::from(figures.r)).copied().ok_or_else(|| {
                    TextError::new(format!("{region} {os} {instance_type}: bands are 0 to 4, found {}", figures.r))
                })?;
                let (region, os, instance_type) = (region.clone(), os.clone(), instance_type.clone());
                found.push(AdvisorEntry { region, os, instance_type, band, saving_percent: figures.s });
            }
        }
    }
    if found.is_empty() {
        return Err(TextError::new("there is not a single instance type"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feed_is_read_and_checked() {
        let feed =
            |band: u8| format!(r#"{{"spot_advisor": {{"r": {{"Linux": {{"m5.large": {{"s": 66, "r": {band}}}}}}}}}}}"#);
        let found = parse_advisor(&feed(3)).unwrap().unwrap();
        assert_eq!((found[0].band, found[0].saving_percent), (InterruptionBand::From15To20, 66));
        assert!(parse_advisor(&feed(5)).unwrap().unwrap_err().message.contains("0 to 4"));
        assert!(parse_advisor(r#"{"spot_advisor": {}}"#).unwrap().unwrap_err().message.contains("not a single"));
        assert_eq!(parse_advisor("{\"spot_advisor\":\n 3}").unwrap().unwrap_err().line, Some(2));
        assert!(parse_advisor("{}").is_none());
    }
}
