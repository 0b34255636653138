//! Time stamps in the notation of a file: the usual ones, other units since 1970, or a pattern.

use super::stamp::{Zone, outside, shorten};
use jiff::fmt::strtime::BrokenDownTime;

/// A notation of time stamps.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Notation {
    /// `2016-03-07T00:00:00Z`, `2016-03-07 00:00:00` or seconds since 1970.
    Standard,
    /// Whole numbers of this many nanoseconds since 1970.
    Unit(i64),
    /// A pattern of `strptime`.
    Pattern(String),
}

/// Reads the time stamps of a file.
pub(super) struct Stamps {
    zone: Zone,
    notation: Notation,
}

/// Units since 1970 by their names.
pub(super) const UNITS: [(&str, i64); 3] = [("milliseconds", 1_000_000), ("microseconds", 1_000), ("nanoseconds", 1)];

impl Stamps {
    /// Stamps in the usual notations; those without an offset are of the zone with this IANA name.
    pub(super) fn standard(zone: &str) -> Result<Self, String> {
        Self::new(zone, None)
    }

    /// Stamps in a notation by its name or pattern.
    pub(super) fn new(zone: &str, notation: Option<&str>) -> Result<Self, String> {
        let unit = |name: &str| UNITS.iter().find(|(known, _)| *known == name).map(|(_, nanos)| Notation::Unit(*nanos));
        let notation = match notation {
            None | Some("standard" | "seconds") => Notation::Standard,
            Some(pattern) if pattern.contains('%') => Notation::Pattern(pattern.to_string()),
            Some(name) => unit(name).ok_or_else(|| {
                format!(
                    "unknown time format {:?}; write `seconds`, `milliseconds`, `microseconds` or `nanoseconds` (since \
                     1970), or a pattern such as `%d.%m.%Y %H:%M`",
                    shorten(name)
                )
            })?,
        };
        Ok(Self { zone: Zone::named(zone)?, notation })
    }

    /// Nanoseconds since 1970 of a stamp. Of an hour that a clock change repeats, the first that is later than `after`.
    pub(super) fn read(&self, text: &str, after: Option<i64>) -> Result<i64, String> {
        match &self.notation {
            Notation::Standard => self.zone.read(text, after),
            Notation::Unit(nanos) => {
                let whole: i64 = text.parse().map_err(|_| format!("{:?} is not a whole number", shorten(text)))?;
                whole.checked_mul(*nanos).ok_or_else(|| outside(text))
            }
            Notation::Pattern(pattern) => {
                let nanos = self.by_pattern(pattern, text, after)?;
                i64::try_from(nanos).map_err(|_| outside(text))
            }
        }
    }

    fn by_pattern(&self, pattern: &str, text: &str, after: Option<i64>) -> Result<i128, String> {
        let wrong = |error: jiff::Error| format!("{:?} is not a time of the form `{pattern}`: {error}", shorten(text));
        let parts = BrokenDownTime::parse(pattern, text).map_err(wrong)?;
        if parts.offset().is_some() || parts.timestamp().is_some() {
            return Ok(parts.to_timestamp().map_err(wrong)?.as_nanosecond());
        }
        let time = if parts.hour().is_some() { parts.to_time().map_err(wrong)? } else { jiff::civil::Time::midnight() };
        self.zone.civil(parts.to_date().map_err(wrong)?.to_datetime(time), text, after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_means_the_same_instant() {
        let expected = 1_457_308_800_000_000_000;
        for (notation, text) in [
            ("seconds", "1457308800"),
            ("milliseconds", "1457308800000"),
            ("nanoseconds", "1457308800000000000"),
            ("%d.%m.%Y %H:%M", "07.03.2016 00:00"),
            ("%m/%d/%Y %I:%M %p", "03/07/2016 12:00 AM"),
            ("%d/%b/%Y:%H:%M:%S %z", "07/Mar/2016:01:00:00 +0100"),
            ("%Y-%m-%d", "2016-03-07"),
        ] {
            assert_eq!(Stamps::new("UTC", Some(notation)).unwrap().read(text, None), Ok(expected), "{notation}");
        }
        let berlin = Stamps::new("Europe/Berlin", Some("%d.%m.%Y %H:%M")).unwrap();
        assert_eq!(berlin.read("07.03.2016 01:00", None), Ok(expected));
        assert!(berlin.read("27.03.2016 02:30", None).unwrap_err().contains("clocks went forward"));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(Stamps::new("UTC", Some("fortnights")).err().unwrap().contains("unknown time format"));
        let days = Stamps::new("UTC", Some("%d.%m.%Y")).unwrap();
        assert!(days.read("2016-03-07", None).unwrap_err().contains("is not a time of the form"));
        assert!(Stamps::new("UTC", Some("%Q%9")).unwrap().read("x", None).is_err());
        assert!(Stamps::new("UTC", Some("milliseconds")).unwrap().read("99999999999999999", None).is_err());
    }
}
