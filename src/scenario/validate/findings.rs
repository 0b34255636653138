//! The collector of problems, and the checks that every section needs.

use super::{MAX_MEASURED, MAX_TIME};
use crate::scenario::{Empirical, Issue, Law, Scenario, suggestion};
use crate::units::{Currency, Duration, HourlyPrice, Rate};
use std::collections::BTreeMap;

/// Highest price per hour, in currency units: beyond any instance.
const HIGHEST_PRICE: Rate = Rate::from_nano_per_hour(1_000_000 * 1_000_000_000);

/// Problems in the order in which they were found.
#[derive(Default)]
pub(super) struct Findings {
    issues: Vec<Issue>,
}

impl Findings {
    pub(super) fn into_issues(self) -> Vec<Issue> {
        self.issues
    }

    pub(super) fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.issues.push(Issue::new(pointer, message));
    }

    /// Adds the problem unless `right`.
    pub(super) fn require(&mut self, right: bool, pointer: impl Into<String>, message: impl FnOnce() -> String) {
        if !right {
            self.add(pointer, message());
        }
    }

    /// A share: 0 to 1.
    pub(super) fn share(&mut self, pointer: impl Into<String>, value: f64) {
        let right = (0.0..=1.0).contains(&value);
        self.require(right, pointer, || format!("a share must be between 0 and 1, found {value}"));
    }

    /// A probability below 1.
    pub(super) fn share_below_one(&mut self, pointer: impl Into<String>, value: f64) {
        let right = (0.0..1.0).contains(&value);
        self.require(right, pointer, || format!("must be at least 0 and below 1, found {value}"));
    }

    /// A time that may be zero.
    pub(super) fn time(&mut self, pointer: impl Into<String>, time: Duration) {
        if time < Duration::ZERO {
            self.add(pointer, format!("a time must not be negative, found {time}"));
        } else if time > MAX_TIME {
            self.add(pointer, format!("the longest time allowed here is {MAX_TIME}, found {time}"));
        }
    }

    /// A time longer than nothing.
    pub(super) fn positive_time(&mut self, pointer: impl Into<String>, time: Duration) {
        if time == Duration::ZERO {
            self.add(pointer, "must be longer than 0s");
        } else {
            self.time(pointer, time);
        }
    }

    /// A random time; its mean must be positive if `positive`.
    pub(super) fn law(&mut self, pointer: &str, law: &Law, positive: bool) {
        let check = |findings: &mut Self, field: &str, time: Duration, positive: bool| {
            let pointer = format!("{pointer}/{field}");
            if positive { findings.positive_time(pointer, time) } else { findings.time(pointer, time) }
        };
        match *law {
            Law::Empirical(ref empirical) => self.empirical(pointer, empirical, positive),
            Law::Constant(time) => check(self, "constant", time, positive),
            Law::Uniform { min, max } => {
                check(self, "uniform/min", min, false);
                check(self, "uniform/max", max, positive);
                self.require(min <= max, format!("{pointer}/uniform"), || {
                    format!("min must not exceed max, found {min} and {max}")
                });
            }
            Law::Exponential { mean } => check(self, "exponential/mean", mean, true),
            Law::Lognormal { mean, cv } => {
                check(self, "lognormal/mean", mean, true);
                self.cv(format!("{pointer}/lognormal/cv"), cv, 0.0);
            }
            Law::Gamma { mean, cv } => {
                check(self, "gamma/mean", mean, true);
                self.cv(format!("{pointer}/gamma/cv"), cv, 0.0);
            }
            Law::Hyperexponential { mean, cv } => {
                check(self, "hyperexponential/mean", mean, true);
                self.cv(format!("{pointer}/hyperexponential/cv"), cv, 1.0);
            }
        }
    }

    /// A law of what was measured; its mean must be positive if `positive`.
    fn empirical(&mut self, pointer: &str, empirical: &Empirical, positive: bool) {
        let found = self.issues.len();
        let (name, entries) = match empirical {
            Empirical::Values(values) => ("values", values.len()),
            Empirical::Quantiles(points) => ("quantiles", points.len()),
        };
        let pointer = format!("{pointer}/empirical/{name}");
        self.require(entries <= MAX_MEASURED, &pointer, || {
            format!("at most {MAX_MEASURED} {name} are allowed, found {entries}")
        });
        match empirical {
            Empirical::Values(values) => {
                self.require(!values.is_empty(), &pointer, || "at least one value is needed".to_string());
                for (index, time) in values.iter().enumerate() {
                    self.time(format!("{pointer}/{index}"), *time);
                }
            }
            Empirical::Quantiles(points) => self.quantiles(&pointer, points),
        }
        if positive && self.issues.len() == found {
            let right = empirical.mean_seconds() > 0.0;
            self.require(right, pointer, || "at least one time must be longer than 0s".to_string());
        }
    }

    fn quantiles(&mut self, pointer: &str, points: &[(f64, Duration)]) {
        let (Some((first, _)), Some((last, _)), true) = (points.first(), points.last(), points.len() > 1) else {
            return self.add(pointer, "at least the quantiles of 0 (the shortest time) and 1 (the longest) are needed");
        };
        self.require(*first == 0.0, format!("{pointer}/0/0"), || {
            format!("the first quantile must be that of 0, the shortest time, found {first}")
        });
        self.require(*last == 1.0, format!("{pointer}/{}/0", points.len() - 1), || {
            format!("the last quantile must be that of 1, the longest time, found {last}")
        });
        for (index, (_, time)) in points.iter().enumerate() {
            self.time(format!("{pointer}/{index}/1"), *time);
        }
        for (pair, index) in points.windows(2).zip(1..) {
            let ((before, shorter), (probability, longer)) = (pair[0], pair[1]);
            self.require(before < probability, format!("{pointer}/{index}/0"), || {
                format!("probabilities must rise, found {probability} after {before}")
            });
            self.require(shorter <= longer, format!("{pointer}/{index}/1"), || {
                format!("the times of rising probabilities must not fall, found {longer} after {shorter}")
            });
        }
    }

    /// A coefficient of variation above `limit`.
    pub(super) fn cv(&mut self, pointer: impl Into<String>, cv: f64, limit: f64) {
        const LARGEST: f64 = 100.0;
        self.require(cv > limit && cv <= LARGEST, pointer, || {
            format!("a coefficient of variation must be above {limit} and at most {LARGEST} here, found {cv}")
        });
    }

    /// A name that must be defined in `map`.
    pub(super) fn reference<T>(
        &mut self,
        pointer: impl Into<String>,
        what: &str,
        name: &str,
        map: &BTreeMap<String, T>,
    ) -> bool {
        let known = map.contains_key(name);
        self.require(known, pointer, || {
            format!("unknown {what} `{name}`{}", suggestion(name, map.keys().map(String::as_str), "defined"))
        });
        known
    }

    /// A price that must be in the price list's currency, and positive if `positive`, else not negative.
    pub(super) fn hourly_price(
        &mut self,
        pointer: impl Into<String>,
        price: HourlyPrice,
        currency: Currency,
        positive: bool,
    ) {
        let pointer = pointer.into();
        let nano = price.rate.nano_per_hour();
        if nano < 0 {
            self.add(pointer.clone(), format!("a price must not be negative, found {price}"));
        } else if price.rate > HIGHEST_PRICE {
            self.add(pointer.clone(), format!("a price per hour is at most {HIGHEST_PRICE} here, found {price}"));
        } else if positive && nano == 0 {
            self.add(pointer.clone(), format!("a price must be above zero here, found {price}"));
        }
        self.currency(pointer, price.currency, currency);
    }

    /// A highest price that somebody is willing to pay.
    pub(super) fn max_price(&mut self, pointer: impl Into<String>, price: HourlyPrice, scenario: &Scenario) {
        let pointer = pointer.into();
        if price.rate.nano_per_hour() <= 0 {
            self.add(pointer.clone(), format!("with a maximum price of {price} spot would never be bought"));
        }
        self.currency(pointer, price.currency, scenario.prices.currency());
    }

    /// A currency that must be the price list's.
    pub(super) fn currency(&mut self, pointer: impl Into<String>, found: Currency, expected: Currency) {
        self.require(found == expected, pointer, || {
            format!("the price list is in {expected}, found {found}; all prices must be in one currency")
        });
    }
}
