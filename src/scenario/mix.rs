//! The notation of mixes: `3 reserved + 2 spot(max 0.40 USD/h) + 0..4 on-demand`.

use super::SpotPool;
use crate::units::HourlyPrice;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// How many instances of each purchase option make up the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mix {
    /// Base instances, always running, covered by commitments.
    pub reserved: u32,
    /// Spot instances.
    pub spot: Option<SpotPart>,
    /// On-demand instances.
    pub on_demand: Option<OnDemandPart>,
}

/// The spot part of a mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpotPart {
    /// How many are wanted.
    pub count: u32,
    /// Highest price accepted; the pool's unless given.
    pub max_price: Option<HourlyPrice>,
}

/// The on-demand part of a mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OnDemandPart {
    /// Fewest instances.
    pub min: u32,
    /// Most instances; only the group's limit unless given.
    pub max: Option<u32>,
}

impl Mix {
    /// Wanted spot instances.
    pub fn spot_count(&self) -> u32 {
        self.spot.map_or(0, |spot| spot.count)
    }

    /// The highest price accepted in a market of `pool` whose type costs `on_demand`: the mix's own, else the pool's, else that price
    /// (RULES R8).
    pub fn max_spot_price(&self, pool: &SpotPool, on_demand: HourlyPrice) -> HourlyPrice {
        self.spot.and_then(|part| part.max_price).or(pool.max_price).unwrap_or(on_demand)
    }
}

/// Why a text is not a mix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at column {} of the mix {text:?}", .at + 1)]
pub struct MixError {
    /// The text.
    pub text: String,
    /// Offset in characters of what is wrong.
    pub at: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl FromStr for Mix {
    type Err = MixError;

    fn from_str(text: &str) -> Result<Self, MixError> {
        Parser { text, at: 0 }.mix()
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn mix(mut self) -> Result<Mix, MixError> {
        let mut mix = Mix::default();
        let mut seen: Vec<&str> = Vec::new();
        self.skip_space();
        if self.rest().is_empty() {
            return Err(self.error("a mix is empty; write for example `3 reserved + 2 spot + on-demand`"));
        }
        loop {
            let start = self.at;
            let kind = self.part(&mut mix)?;
            if seen.contains(&kind) {
                self.at = start;
                return Err(self.error(format!("a second {kind:?} part; name each part once")));
            }
            seen.push(kind);
            self.skip_space();
            if self.rest().is_empty() {
                return Ok(mix);
            }
            if !self.eat("+") {
                return Err(self.error("expected `+` or the end"));
            }
            self.skip_space();
        }
    }

    fn part(&mut self, mix: &mut Mix) -> Result<&'static str, MixError> {
        let count_at = self.at;
        let count = self.count()?;
        self.skip_space();
        let kind_at = self.at;
        let word = self.word();
        match (word, count) {
            ("reserved", Some((n, None))) => {
                mix.reserved = n;
                Ok("reserved")
            }
            ("spot", Some((count, None))) => {
                let max_price = self.max_price()?;
                mix.spot = Some(SpotPart { count, max_price });
                Ok("spot")
            }
            ("on-demand", None) => {
                mix.on_demand = Some(OnDemandPart::default());
                Ok("on-demand")
            }
            ("on-demand", Some((min, max))) => {
                mix.on_demand = Some(OnDemandPart { min, max: Some(max.unwrap_or(min)) });
                Ok("on-demand")
            }
            ("reserved" | "spot", None) => {
                self.at = count_at;
                Err(self.error(format!("a number is needed before {word:?}, as in `3 {word}`")))
            }
            ("reserved" | "spot", Some((_, Some(_)))) => {
                self.at = count_at;
                Err(self.error(format!("only on-demand takes a range; give {word:?} one number")))
            }
            _ => {
                self.at = kind_at;
                let found = if word.is_empty() { "nothing".to_string() } else { format!("{word:?}") };
                Err(self.error(format!("expected `reserved`, `spot` or `on-demand`, found {found}")))
            }
        }
    }

    /// `3` or `0..4`, if there is a number.
    fn count(&mut self) -> Result<Option<(u32, Option<u32>)>, MixError> {
        let start = self.at;
        let Some(min) = self.number()? else { return Ok(None) };
        if !self.eat("..") {
            return Ok(Some((min, None)));
        }
        let Some(max) = self.number()? else {
            return Err(self.error("a number is missing after `..`"));
        };
        if max < min {
            self.at = start;
            return Err(self.error(format!("the range {min}..{max} is empty")));
        }
        Ok(Some((min, Some(max))))
    }

    fn number(&mut self) -> Result<Option<u32>, MixError> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Ok(None);
        }
        match self.rest()[..digits].parse() {
            Ok(number) => {
                self.at += digits;
                Ok(Some(number))
            }
            Err(_) => Err(self.error("the number is too large")),
        }
    }

    /// `(max 0.40 USD/h)`, if there is a parenthesis.
    fn max_price(&mut self) -> Result<Option<HourlyPrice>, MixError> {
        if !self.eat("(") {
            return Ok(None);
        }
        self.skip_space();
        if !self.eat("max ") {
            return Err(self.error("expected `max` and a price, as in `(max 0.40 USD/h)`"));
        }
        let Some(length) = self.rest().find(')') else {
            return Err(self.error("the closing `)` is missing"));
        };
        let price = self.rest()[..length].trim().parse().map_err(|e| self.error(format!("{e}")))?;
        self.at += length + 1;
        Ok(Some(price))
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn error(&self, message: impl Into<String>) -> MixError {
        MixError {
            text: self.text.chars().take(200).collect(),
            at: self.text[..self.at].chars().count(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Mix {
    /// The canonical notation; reading it gives the same mix.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.reserved > 0 {
            parts.push(format!("{} reserved", self.reserved));
        }
        match self.spot {
            Some(SpotPart { count, max_price: None }) => parts.push(format!("{count} spot")),
            Some(SpotPart { count, max_price: Some(price) }) => parts.push(format!("{count} spot(max {price})")),
            None => {}
        }
        match self.on_demand {
            Some(OnDemandPart { min: 0, max: None }) => parts.push("on-demand".to_string()),
            Some(OnDemandPart { min, max }) => {
                let max = max.unwrap_or(min);
                if min == max {
                    parts.push(format!("{min} on-demand"));
                } else {
                    parts.push(format!("{min}..{max} on-demand"));
                }
            }
            None => {}
        }
        if parts.is_empty() {
            parts.push("0 reserved".to_string());
        }
        f.write_str(&parts.join(" + "))
    }
}

impl Serialize for Mix {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mix {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Mix;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mix such as \"3 reserved + 2 spot + on-demand\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Mix, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl schemars::JsonSchema for Mix {
    fn schema_name() -> Cow<'static, str> {
        "Mix".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "a mix such as \"3 reserved + 2 spot(max 0.40 USD/h) + 0..4 on-demand\"",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixes_are_read_and_written() {
        for text in [
            "3 reserved + 2 spot + on-demand",
            "7 reserved",
            "on-demand",
            "3 reserved + 2 spot(max 0.4 USD/h) + 0..4 on-demand",
            "2 spot + 2 on-demand",
        ] {
            assert_eq!(text.parse::<Mix>().unwrap().to_string(), text);
        }
        let spaced: Mix = "  3 reserved+2 spot( max 0.40 USD/h )+on-demand ".parse().unwrap();
        assert_eq!(spaced.to_string(), "3 reserved + 2 spot(max 0.4 USD/h) + on-demand");
    }

    #[test]
    fn errors_show_where() {
        let error = |text: &str| text.parse::<Mix>().unwrap_err();
        assert_eq!(error("3 reserved + 2 sport").at, 15);
        assert!(error("3 reserved + 2 sport").to_string().contains("column 16"));
        assert!(error("spot").message.contains("a number is needed"));
        assert!(error("3 reserved + 1 reserved").message.contains("a second"));
        assert!(error("4..2 on-demand").message.contains("empty"));
        assert!(error("2 spot(max 0.4 USD)").message.contains("price per hour"));
        assert!(error("99999999999 spot").message.contains("too large"));
        assert!(error("").message.contains("empty"));
        assert!(error("3 reserved, 2 spot").message.contains("expected `+`"));
    }
}
