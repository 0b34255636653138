//! The inputs of a case: tolerant of order, strict in meaning.

use super::NoModel;
use crate::units::{Duration, Money, Rate};
use serde_json::{Map, Value};

/// Named inputs, all of which are known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inputs<'a> {
    map: &'a Map<String, Value>,
}

/// Largest number that is read as money or a quantity: far beyond any bill, within what integers hold.
const LARGEST: f64 = 9e9;
/// Most instances or reservations of one kind.
const MOST: u64 = 1_000_000;
/// Longest time in seconds: three years and more.
const LONGEST: f64 = 1e8;
/// Longest list.
const LONGEST_LIST: usize = 64;
/// Longest series of numbers.
const LONGEST_SERIES: usize = 100_000;

impl<'a> Inputs<'a> {
    /// Inputs of which each must be one of `known`.
    pub(super) fn new(map: &'a Map<String, Value>, known: &[&str]) -> Result<Self, NoModel> {
        match map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(NoModel(format!("no model for the input `{key}`"))),
            None => Ok(Self { map }),
        }
    }

    /// The same within a value.
    pub(super) fn of(value: &'a Value, known: &[&str]) -> Result<Self, NoModel> {
        Self::new(value.as_object().ok_or_else(|| NoModel(format!("no model for {value} as an input")))?, known)
    }

    fn get(&self, key: &str) -> Result<&'a Value, NoModel> {
        self.map.get(key).ok_or_else(|| NoModel(format!("no model without the input `{key}`")))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    fn wrong(key: &str, value: &Value) -> NoModel {
        NoModel(format!("no model for `{key}` = {value}"))
    }

    /// A number that is neither negative nor beyond any bill.
    pub(super) fn number(&self, key: &str) -> Result<f64, NoModel> {
        let value = self.get(key)?;
        value.as_f64().filter(|number| (0.0..=LARGEST).contains(number)).ok_or_else(|| Self::wrong(key, value))
    }

    /// A number above 0.
    pub(super) fn positive(&self, key: &str) -> Result<f64, NoModel> {
        let number = self.number(key)?;
        if number > 0.0 { Ok(number) } else { Err(NoModel(format!("no model for `{key}` = {number}"))) }
    }

    pub(super) fn count(&self, key: &str) -> Result<u32, NoModel> {
        let value = self.get(key)?;
        value.as_u64().filter(|count| *count <= MOST).map(|count| count as u32).ok_or_else(|| Self::wrong(key, value))
    }

    /// A count, or what it is unless given.
    pub(super) fn count_or(&self, key: &str, otherwise: u32) -> Result<u32, NoModel> {
        if self.has(key) { self.count(key) } else { Ok(otherwise) }
    }

    /// A count above zero.
    pub(super) fn weight(&self, key: &str) -> Result<u32, NoModel> {
        let count = self.count(key)?;
        if count > 0 { Ok(count) } else { Err(NoModel(format!("no model for `{key}` = 0"))) }
    }

    pub(super) fn counts(&self, keys: &[&str]) -> Result<Vec<u32>, NoModel> {
        keys.iter().map(|key| self.count(key)).collect()
    }

    /// A number of either sign.
    pub(super) fn signed(&self, key: &str) -> Result<f64, NoModel> {
        let value = self.get(key)?;
        signed(value).ok_or_else(|| Self::wrong(key, value))
    }

    pub(super) fn signed_numbers(&self, key: &str) -> Result<Vec<f64>, NoModel> {
        self.list(key)?.iter().map(|value| signed(value).ok_or_else(|| Self::wrong(key, value))).collect()
    }

    /// A list, empty unless given.
    pub(super) fn list_or_none(&self, key: &str) -> Result<&'a [Value], NoModel> {
        if self.is_null(key) { Ok(&[]) } else { self.list(key) }
    }

    /// Whether it is not given, or null.
    pub(super) fn is_null(&self, key: &str) -> bool {
        self.map.get(key).is_none_or(Value::is_null)
    }

    pub(super) fn text(&self, key: &str) -> Result<&'a str, NoModel> {
        let value = self.get(key)?;
        value.as_str().ok_or_else(|| Self::wrong(key, value))
    }

    pub(super) fn flag(&self, key: &str) -> Result<bool, NoModel> {
        let value = self.get(key)?;
        value.as_bool().ok_or_else(|| Self::wrong(key, value))
    }

    pub(super) fn list(&self, key: &str) -> Result<&'a [Value], NoModel> {
        let value = self.get(key)?;
        let list = value.as_array().filter(|list| list.len() <= LONGEST_LIST);
        list.map(Vec::as_slice).ok_or_else(|| Self::wrong(key, value))
    }

    pub(super) fn is_list(&self, key: &str) -> bool {
        self.map.get(key).is_some_and(Value::is_array)
    }

    /// Numbers under names.
    pub(super) fn map(&self, key: &str) -> Result<&'a Map<String, Value>, NoModel> {
        let value = self.get(key)?;
        value.as_object().ok_or_else(|| Self::wrong(key, value))
    }

    pub(super) fn numbers(&self, key: &str) -> Result<Vec<f64>, NoModel> {
        self.list(key)?.iter().map(|value| number(value).ok_or_else(|| Self::wrong(key, value))).collect()
    }

    /// Numbers in order, which may be many.
    pub(super) fn series(&self, key: &str) -> Result<Vec<f64>, NoModel> {
        let value = self.get(key)?;
        let list = value.as_array().filter(|list| list.len() <= LONGEST_SERIES);
        let numbers = list.and_then(|list| list.iter().map(number).collect());
        numbers.ok_or_else(|| NoModel(format!("no model for the series `{key}`")))
    }

    /// Whole numbers in order, each at most `most`.
    pub(super) fn whole_numbers(&self, key: &str, most: u32) -> Result<Vec<u32>, NoModel> {
        let whole = |number: f64| number.fract() == 0.0 && number <= f64::from(most);
        let numbers = self.series(key)?.into_iter().map(|number| whole(number).then_some(number as u32));
        numbers.collect::<Option<_>>().ok_or_else(|| NoModel(format!("no model for the numbers `{key}`")))
    }

    pub(super) fn money(&self, key: &str) -> Result<Money, NoModel> {
        self.number(key).map(money)
    }

    pub(super) fn rate(&self, key: &str) -> Result<Rate, NoModel> {
        let number = self.number(key)?;
        Rate::from_f64(number).ok_or_else(|| NoModel(format!("no model for `{key}` = {number}")))
    }

    pub(super) fn hours(&self, key: &str) -> Result<Duration, NoModel> {
        self.number(key).and_then(|hours| time(hours * 3600.0))
    }

    pub(super) fn seconds(&self, key: &str) -> Result<Duration, NoModel> {
        self.number(key).and_then(time)
    }
}

/// A number that is neither negative nor beyond any bill.
pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| (0.0..=LARGEST).contains(number))
}

fn signed(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| (-LARGEST..=LARGEST).contains(number))
}

pub(super) fn money(amount: f64) -> Money {
    Money::from_nano((amount * 1e9).round_ties_even() as i128)
}

/// A time in seconds.
pub(super) fn time(seconds: f64) -> Result<Duration, NoModel> {
    if seconds <= LONGEST {
        Ok(Duration::from_nanos((seconds * 1e9).round_ties_even() as i64))
    } else {
        Err(NoModel(format!("no model for a time of {seconds} s")))
    }
}

/// Seconds, as whole numbers where they are.
pub(super) fn as_seconds(time: Duration) -> Value {
    as_number(time.as_secs_f64())
}

/// A number, without a fraction where it has none.
pub(super) fn as_number(number: f64) -> Value {
    let whole = number as i64;
    if whole as f64 == number { Value::from(whole) } else { Value::from(number) }
}
