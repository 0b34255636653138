//! Bills in FOCUS, the FinOps Open Cost and Usage Specification, versions 1.0 to 1.2.

use super::cells::{Cells, Columns, type_of_usage};
use super::{Charge, Found, Notation, Paid};
use crate::input::trace::Zone;

pub(super) struct Focus {
    pub(super) zone: Zone,
}

const NEEDED: [&str; 6] =
    ["ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "EffectiveCost", "BillingCurrency", "PricingCategory"];

pub(super) fn check(columns: &Columns) -> Result<(), String> {
    columns.check(&NEEDED, "FOCUS")
}

impl Notation for Focus {
    fn row(&self, cells: &Cells) -> Result<Option<Found>, String> {
        let subcategory = cells.text("ServiceSubcategory")?;
        let about_instances = match subcategory {
            "" => matches!(cells.text("ServiceCategory")?, "" | "Compute"),
            name => name == "Virtual Machines",
        };
        let cost = cells.money("EffectiveCost")?;
        let Some(paid) = paid(cells)?.filter(|_| about_instances) else { return Ok(None) };
        if paid == Paid::Other && cost.nano() == 0 {
            return Ok(None);
        }
        let runs = !matches!(paid, Paid::UnusedCommitment | Paid::UnusedCapacity | Paid::Other);
        let instance_type = instance_type(cells)?;
        if runs && instance_type.is_empty() {
            return Ok(None);
        }
        let charge = Charge {
            start: cells.instant("ChargePeriodStart", &self.zone)?,
            end: cells.instant("ChargePeriodEnd", &self.zone)?,
            paid,
            hours: if runs { hours(cells)? } else { 0.0 },
            instance_type: if runs { instance_type } else { String::new() },
            zone: cells.first(&["AvailabilityZone", "RegionId"])?.to_string(),
            cost,
        };
        Ok(Some(Found {
            charge,
            currency: cells.text("BillingCurrency")?.to_string(),
            region: cells.text("RegionId")?.to_string(),
            mix: cells.text("x_Mix")?.to_string(),
        }))
    }
}

/// How a row was paid; nothing for a purchase, whose money is in the rows of what it covers (RULES R104).
fn paid(cells: &Cells) -> Result<Option<Paid>, String> {
    Ok(match (cells.text("ChargeCategory")?, cells.text("CommitmentDiscountStatus")?) {
        ("Usage", "Unused") => Some(Paid::UnusedCommitment),
        ("Usage", "Used") if cells.text("CommitmentDiscountCategory")? == "Spend" => Some(Paid::SavingsPlan),
        ("Usage", "Used") => Some(Paid::Reserved),
        ("Usage", _) if cells.text("CapacityReservationStatus")? == "Unused" => Some(Paid::UnusedCapacity),
        ("Usage", _) if cells.text("PricingCategory")? == "Dynamic" => Some(Paid::Spot),
        ("Usage", _) => Some(Paid::OnDemand),
        ("Purchase", _) => Some(Paid::Other),
        ("Tax" | "Credit" | "Adjustment", _) => Some(Paid::Other),
        (other, _) => return Err(format!("`ChargeCategory` is {other:?}, which FOCUS does not know")),
    })
}

/// What ran, by the consumed quantity, else by the priced one.
fn hours(cells: &Cells) -> Result<f64, String> {
    for (quantity, unit) in [("ConsumedQuantity", "ConsumedUnit"), ("PricingQuantity", "PricingUnit")] {
        let (amount, name) = (cells.number(quantity)?, cells.text(unit)?.to_lowercase());
        if cells.text(quantity)?.is_empty() {
            continue;
        }
        if name.contains("hour") || name.contains("hrs") {
            return Ok(amount);
        }
        if name.contains("second") {
            return Ok(amount / 3600.0);
        }
    }
    let units = [cells.text("ConsumedUnit")?, cells.text("PricingUnit")?];
    Err(format!("neither `ConsumedUnit` ({:?}) nor `PricingUnit` ({:?}) is a time", units[0], units[1]))
}

/// Providers state the instance type in different places.
fn instance_type(cells: &Cells) -> Result<String, String> {
    let details = cells.text("SkuPriceDetails")?;
    if let Ok(serde_json::Value::Object(details)) = serde_json::from_str(details)
        && let Some(name) = ["InstanceType", "x_InstanceType"].iter().find_map(|key| details.get(*key)?.as_str())
    {
        return Ok(name.to_string());
    }
    let own = cells.first(&["x_InstanceType", "InstanceType"])?;
    if !own.is_empty() {
        return Ok(own.to_string());
    }
    for column in ["SkuMeter", "x_UsageType"] {
        if let Some(name) = type_of_usage(cells.text(column)?) {
            return Ok(name.to_string());
        }
    }
    if let Some(name) = type_in_words(cells.text("ChargeDescription")?) {
        return Ok(name.to_string());
    }
    // A name with a size, as in `m5.large`, or what a simulated bill states.
    let sku = cells.text("SkuId")?;
    let simulated = !cells.text("x_Mix")?.is_empty();
    Ok(if simulated || sku.contains('.') { sku.to_string() } else { String::new() })
}

/// The type in a description: files of version 1.0 state it nowhere else (`$0.34 per On Demand Linux c5.2xlarge Instance Hour`).
fn type_in_words(description: &str) -> Option<&str> {
    const SIZES: [&str; 6] = ["nano", "micro", "small", "medium", "large", "metal"];
    let about_instances = ["Instance Hour", "Spot Instance-hour"].iter().any(|words| description.contains(words));
    let is_type = |word: &&str| {
        let named =
            word.split_once('.').filter(|(family, _)| family.starts_with(|first: char| first.is_ascii_lowercase()));
        named.is_some_and(|(_, size)| SIZES.iter().any(|name| size.contains(name)))
    };
    if about_instances { description.split_whitespace().find(is_type) } else { None }
}
