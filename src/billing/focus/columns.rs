//! The columns of a FOCUS file and the cells of its rows.

use super::{ChargeCategory, ChargeFrequency, CommitmentStatus, FocusRow, PricingCategory, Quantity};
use crate::units::{Currency, Instant, Money, SimTime};
use jiff::tz::TimeZone;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in the specification; those that begin with `x_` are our own.
    pub name: &'static str,
    /// Whether a cell may be empty.
    pub nullable: bool,
    /// Whether it holds a name that a user chose.
    pub named: bool,
}

const fn column(name: &'static str, nullable: bool) -> Column {
    Column { name, nullable, named: false }
}

const fn named(name: &'static str, nullable: bool) -> Column {
    Column { name, nullable, named: true }
}

/// Number of columns.
const COUNT: usize = 54;

/// The columns in the order of the file: the specification's in alphabetical order, then our own.
pub const COLUMNS: [Column; COUNT] = [
    named("AvailabilityZone", true),
    column("BilledCost", false),
    named("BillingAccountId", false),
    named("BillingAccountName", true),
    column("BillingAccountType", true),
    column("BillingCurrency", false),
    column("BillingPeriodEnd", false),
    column("BillingPeriodStart", false),
    column("CapacityReservationId", true),
    column("CapacityReservationStatus", true),
    column("ChargeCategory", false),
    column("ChargeClass", true),
    named("ChargeDescription", true),
    column("ChargeFrequency", false),
    column("ChargePeriodEnd", false),
    column("ChargePeriodStart", false),
    column("CommitmentDiscountCategory", true),
    named("CommitmentDiscountId", true),
    named("CommitmentDiscountName", true),
    column("CommitmentDiscountQuantity", true),
    column("CommitmentDiscountStatus", true),
    column("CommitmentDiscountType", true),
    column("CommitmentDiscountUnit", true),
    column("ConsumedQuantity", true),
    column("ConsumedUnit", true),
    column("ContractedCost", false),
    column("ContractedUnitPrice", true),
    column("EffectiveCost", false),
    column("InvoiceId", true),
    column("InvoiceIssuerName", false),
    column("ListCost", false),
    column("ListUnitPrice", true),
    column("PricingCategory", true),
    column("PricingQuantity", true),
    column("PricingUnit", true),
    column("ProviderName", false),
    column("PublisherName", false),
    column("RegionId", true),
    column("RegionName", true),
    named("ResourceId", true),
    named("ResourceName", true),
    column("ResourceType", true),
    column("ServiceCategory", false),
    column("ServiceName", false),
    column("ServiceSubcategory", true),
    named("SkuId", true),
    column("SkuMeter", true),
    named("SkuPriceId", true),
    named("SubAccountId", true),
    named("SubAccountName", true),
    column("SubAccountType", true),
    column("Tags", true),
    named("x_Mix", false),
    column("x_Replication", false),
];

/// What all rows of a bill share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Name of the scenario: the billing account.
    pub account: String,
    /// Name of the mix.
    pub mix: String,
    /// The replication.
    pub replication: u32,
    /// Currency of every amount.
    pub currency: Currency,
    /// Start of simulated time.
    pub start: Instant,
}

/// Who sells the simulated instances.
const PROVIDER: &str = "Simulated cloud";

impl FocusRow {
    /// The cells in the order of [`COLUMNS`]; an empty one is null.
    pub fn cells(&self, context: &Context) -> [String; COUNT] {
        let period = billing_period(context.start + self.start.since_start());
        let commitment = self.commitment.as_ref();
        let of_commitment = |text: &dyn Fn(&super::CommitmentColumns) -> String| commitment.map_or(String::new(), text);
        let pricing = self.pricing_quantity;
        let money = |amount: Option<Money>| amount.map_or(String::new(), |amount| amount.to_string());
        let is_instance =
            self.resource.is_some() && commitment.is_none_or(|c| c.status == Some(CommitmentStatus::Used));
        let price = match (self.category, self.pricing) {
            (ChargeCategory::Purchase, _) => "commitment",
            (_, Some(PricingCategory::Dynamic)) => "spot",
            _ if commitment.is_some_and(|c| c.status == Some(CommitmentStatus::Unused)) => "commitment",
            _ => "on-demand",
        };
        let resource = self.resource.clone().unwrap_or_default();
        [
            self.zone.clone(),
            self.billed.to_string(),
            context.account.clone(),
            context.account.clone(),
            "Scenario".into(),
            context.currency.to_string(),
            stamp(period[1], false),
            stamp(period[0], false),
            self.unused_capacity.clone().unwrap_or_default(),
            self.unused_capacity.as_ref().map_or(String::new(), |_| "Unused".into()),
            match self.category {
                ChargeCategory::Usage => "Usage",
                ChargeCategory::Purchase => "Purchase",
                ChargeCategory::Credit => "Credit",
            }
            .into(),
            String::new(),
            self.description.clone(),
            match self.frequency {
                ChargeFrequency::OneTime => "One-Time",
                ChargeFrequency::Recurring => "Recurring",
                ChargeFrequency::UsageBased => "Usage-Based",
            }
            .into(),
            instant(context, self.end, true),
            instant(context, self.start, false),
            of_commitment(&|c| if c.spend { "Spend" } else { "Usage" }.into()),
            of_commitment(&|c| c.id.clone()),
            of_commitment(&|c| c.id.clone()),
            of_commitment(&|c| Money::from_nano(c.quantity).to_string()),
            of_commitment(&|c| match c.status {
                Some(CommitmentStatus::Used) => "Used".into(),
                Some(CommitmentStatus::Unused) => "Unused".into(),
                None => String::new(),
            }),
            of_commitment(&|c| if c.spend { "Savings Plan" } else { "Reserved" }.into()),
            of_commitment(&|c| unit(c.unit, context)),
            self.consumed_hours.map_or(String::new(), |hours| Money::from_nano(hours).to_string()),
            self.consumed_hours.map_or(String::new(), |_| super::HOURS.into()),
            self.contracted.to_string(),
            money(self.contracted_unit_price),
            self.effective.to_string(),
            String::new(),
            PROVIDER.into(),
            self.list.to_string(),
            money(self.list_unit_price),
            match self.pricing {
                Some(PricingCategory::Standard) => "Standard",
                Some(PricingCategory::Committed) => "Committed",
                Some(PricingCategory::Dynamic) => "Dynamic",
                None => "",
            }
            .into(),
            pricing.map_or(String::new(), |Quantity { nano, .. }| Money::from_nano(nano).to_string()),
            pricing.map_or(String::new(), |quantity| unit(quantity.unit, context)),
            PROVIDER.into(),
            PROVIDER.into(),
            String::new(),
            String::new(),
            resource.clone(),
            resource,
            match (&self.resource, is_instance) {
                (None, _) => String::new(),
                (Some(_), true) => "Virtual Machine".into(),
                (Some(_), false) => "Commitment".into(),
            },
            "Compute".into(),
            "Virtual Machines".into(),
            "Virtual Machines".into(),
            self.sku.clone(),
            if self.sku.is_empty() { String::new() } else { "Running time".into() },
            if self.sku.is_empty() { String::new() } else { format!("{}/{price}", self.sku) },
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            context.mix.clone(),
            context.replication.to_string(),
        ]
    }
}

fn unit(unit: &str, context: &Context) -> String {
    if unit.is_empty() { context.currency.to_string() } else { unit.to_string() }
}

/// A moment of the simulation to the second, rounded up for ends, so that no interval is empty.
fn instant(context: &Context, time: SimTime, up: bool) -> String {
    stamp(context.start + time.since_start(), up)
}

/// `2016-03-07T00:00:00Z`, as the specification wants it.
fn stamp(instant: Instant, up: bool) -> String {
    let seconds = instant.unix_nanos().div_euclid(1_000_000_000) as i64;
    let more = i64::from(up && instant.unix_nanos().rem_euclid(1_000_000_000) != 0);
    Instant::from_unix_seconds(seconds + more).unwrap_or(instant).to_string()
}

/// Beginning and end of the calendar month (UTC) of a charge.
fn billing_period(instant: Instant) -> [Instant; 2] {
    let first = instant.timestamp().to_zoned(TimeZone::UTC).date().first_of_month();
    let next = first.last_of_month().tomorrow().unwrap_or(first);
    [first, next]
        .map(|date| date.to_zoned(TimeZone::UTC).map_or(instant, |midnight| Instant::from(midnight.timestamp())))
}
