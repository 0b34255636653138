//! Price lists and billing rules.

use super::{CommitmentScope, OfferClass};
use crate::units::{Currency, Duration, HourlyPrice, Price, Rate, Term};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where on-demand and reserved prices come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Prices {
    /// Prices in the scenario itself.
    Inline(InlinePrices),
    /// Prices in a file of their own.
    List(PriceListRef),
}

impl Prices {
    /// The currency of the list.
    pub fn currency(&self) -> Currency {
        match self {
            Prices::Inline(prices) => prices.currency,
            Prices::List(list) => list.currency,
        }
    }
}

/// Prices by instance type, with their date and source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InlinePrices {
    /// Currency of every price.
    pub currency: Currency,
    /// Date of the list (`2016-04-18`).
    pub date: String,
    /// Where the prices are from.
    pub source: String,
    /// Prices by instance type.
    pub types: BTreeMap<String, TypePrices>,
}

/// Prices of one instance type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypePrices {
    /// On-demand price.
    pub on_demand: HourlyPrice,
    /// Reserved offers by name, e.g. `1y-no-upfront`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reserved: BTreeMap<String, ReservedOffer>,
    /// Prices under savings plans, by the name of the plan's rates, e.g. `compute-1y-no-upfront`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub savings_plans: BTreeMap<String, HourlyPrice>,
}

impl TypePrices {
    /// Prices under savings plans, by the name of the plan's rates.
    pub fn plan_rates(&self) -> impl Iterator<Item = (String, Rate)> {
        self.savings_plans.iter().map(|(name, price)| (name.clone(), price.rate))
    }
}

/// A commitment that can be bought. Its hourly part is due for every hour of the term, used or not (RULES R21).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservedOffer {
    /// Length of the commitment.
    pub term: Term,
    /// Paid at the beginning.
    pub upfront: Price,
    /// Due for every hour of the term.
    pub hourly: HourlyPrice,
    /// Whether it can be exchanged.
    #[serde(default, skip_serializing_if = "is_standard")]
    pub class: OfferClass,
    /// Where it applies; where the reserved pool says unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<CommitmentScope>,
}

fn is_standard(class: &OfferClass) -> bool {
    *class == OfferClass::Standard
}

/// A price list in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceListRef {
    /// Path relative to the scenario file.
    pub file: String,
    /// Format of the file.
    pub format: PriceListFormat,
    /// Currency of the file.
    pub currency: Currency,
    /// Where the prices are from.
    pub source: String,
}

/// Format of a price list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PriceListFormat {
    /// The shape of inline prices in a file of its own: `currency`, `date`, `source` and `types`.
    Json {},
    /// A list of one's own, one row a price: `date, instance_type, kind, name, term, upfront, hourly`, and `class` and `scope` if
    /// wanted. `kind` is `on-demand`, `reserved` or `savings-plan`; `name` is that of the offer, or of the plan's rates; `term` is `1y` or
    /// `3y`, `upfront` an amount and `hourly` a price per hour in the list's currency. `class` is `standard` or `convertible`; `scope` is
    /// `regional`, `fixed-size` or a zone as in `zone:us-east-1b`. Cells that mean nothing for their kind stay empty.
    Csv {},
    /// One row per type, region and operating system: `list_date, instance_type, region, os, on_demand`, and *effective*
    /// hourly prices `std_1y_noUpfront`, `std_1y_partialUpfront`, `std_1y_allUpfront`, the same for 3y, and with `conv_` for
    /// convertible offers. Offers are named `1y-no-upfront`, `convertible-1y-no-upfront`, …; as the list states effective
    /// prices only, the upfront is spread over the term as hourly.
    EffectiveCsv {
        /// Region to take, e.g. `us-east-1`.
        region: String,
        /// Operating system to take, e.g. `linux`.
        os: String,
    },
    /// One row per offer: `list_date, instance_type, region, on_demand_usd_per_hour, offering_class, term_years, payment,
    /// upfront_usd, recurring_usd_per_hour`. Offers are named as in `effective_csv`.
    SplitCsv {
        /// Region to take.
        region: String,
    },
    /// Several dates in one file: `list_date, instance_type, linux_on_demand, linux_std_1y_allUpfront_effective`; zero says that
    /// something is not offered. The offer is named `1y-all-upfront`, its upfront is spread over the term as hourly.
    YearlyCsv {
        /// Date to take, e.g. `2023-08-30`.
        date: String,
    },
    /// One row per machine type and region: `commit_time_utc, machine_type, region, hour, month_1y, month_3y`, months of 730 h.
    /// Offers are named `1y-committed-use` and `3y-committed-use`.
    GcpCsv {
        /// Region to take, e.g. `us-central1`.
        region: String,
    },
}

/// How running time becomes money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Billing {
    /// Rule for on-demand instances.
    pub on_demand: OnDemandBilling,
    /// Rule for spot instances.
    pub spot: SpotBilling,
    /// Discounts for on-demand instances that run long within a calendar month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sustained_use: Option<SustainedUse>,
}

/// Discounts for sustained use (RULES R112): a month is cut into equal parts, each with a multiple of the on-demand price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SustainedUse {
    /// Multiples of the on-demand price, e.g. `[1.0, 0.8, 0.6, 0.4]` for four quarters of the month.
    pub multipliers: Vec<f64>,
}

impl SustainedUse {
    /// The multipliers in 10⁻⁹.
    pub fn nano_multipliers(&self) -> Vec<i64> {
        self.multipliers.iter().map(|multiplier| (multiplier * 1e9).round_ties_even() as i64).collect()
    }
}

/// How on-demand running time is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OnDemandBilling {
    /// Per second, with a minimum at each start (RULES R2).
    PerSecond {
        /// Shortest billed run.
        #[serde(default = "one_minute")]
        minimum: Duration,
    },
    /// Whole hours per run, counted from its start (RULES R4).
    PerHour {},
}

/// How spot running time is billed (RULES R6, R7, R13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SpotBilling {
    /// Whole hours at the price of the hour's start; the broken hour is free when the cloud interrupts.
    #[serde(rename = "bid-2015")]
    Bid2015(Bid2015Billing),
    /// Per second with a minimum; free when the cloud interrupts within the first hour.
    #[serde(rename = "modern")]
    Modern(ModernSpotBilling),
}

/// Settings of the bid-era rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bid2015Billing {
    /// Which price an hour costs.
    #[serde(default)]
    pub price_sampling: PriceSampling,
}

/// Settings of the per-second rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModernSpotBilling {
    /// Shortest billed run.
    #[serde(default = "one_minute")]
    pub minimum: Duration,
    /// Which price applies when.
    #[serde(default)]
    pub price_sampling: PriceSampling,
    /// A run that the cloud interrupts earlier costs nothing; "0s" where every second is billed.
    #[serde(default = "one_hour")]
    pub free_if_interrupted_within: Duration,
}

impl Default for ModernSpotBilling {
    fn default() -> Self {
        Self { minimum: one_minute(), price_sampling: PriceSampling::default(), free_if_interrupted_within: one_hour() }
    }
}

fn one_hour() -> Duration {
    Duration::HOUR
}

fn one_minute() -> Duration {
    Duration::from_secs(60)
}

/// Which market price an interval of running time costs (RULES R7: documented inconsistently, so a setting).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceSampling {
    /// The price at the beginning of each hour since launch.
    #[default]
    InstanceHourStart,
    /// The price of each moment.
    Continuous,
    /// The price at launch, then at the beginning of each clock hour.
    ClockHourStart,
}
